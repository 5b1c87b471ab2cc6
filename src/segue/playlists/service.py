"""Playlists: made by one person, private, shared with some, or public to the house.

A row has a key of its own, so that one of two equal rows can be removed; it keeps its words when its track is gone.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import Conflict, Forbidden, Invalid, NotFound
from segue.core.ids import TypedId, format_id
from segue.core.remembered import Memory, Remembered
from segue.core.text import clean_text, sort_key
from segue.playlists import repository

Visibility = Literal["private", "shared", "public"]
MAX_ROWS = 100_000
MAX_NAME = 500


class PlaylistNotFound(NotFound):
    def __init__(self, playlist_id: int) -> None:
        super().__init__("playlist_not_found", f"There is no playlist {format_id('pl', playlist_id)}.")


class NotYourPlaylist(Forbidden):
    def __init__(self, name: str) -> None:
        super().__init__("not_your_playlist", f"{name!r} belongs to someone else.", name=name)


class BadPlaylist(Invalid):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


class TrackNotFound(NotFound):
    def __init__(self, track_id: int) -> None:
        super().__init__("track_not_found", f"There is no track {TypedId('tr', track_id)}.")


class PlaylistChanged(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "playlist_changed", "The playlist was changed meanwhile.", hint="Fetch it again and repeat the change."
        )


@dataclass(frozen=True, slots=True)
class PlaylistView:
    """A playlist without its rows. `editable`: whether the asking person may change its rows."""

    id: int
    name: str
    comment: str
    owner_id: int
    visibility: Visibility
    kind: str
    track_count: int
    duration_ms: int
    artwork_id: int | None
    revision: int
    created_at: datetime
    changed_at: datetime
    editable: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: its key, its track (None where it is gone or may not be seen), and what it was called when added."""

    id: int
    track_id: int | None
    title: str
    artist: str
    album: str
    duration_ms: int | None
    added_at: datetime


class PlaylistService:
    """The only door to playlists."""

    def __init__(self, db: Database, music: Memory) -> None:
        self._db = db
        self._music = music

    async def playlists(
        self, actor: Actor, *, after: tuple[str, int] | None = None, limit: int | None = None
    ) -> list[tuple[str, PlaylistView]]:
        """What `actor` may see, by name, each with its sort key: one's own, shared with one, and public ones."""
        async with self._db.read() as conn:
            rows = await repository.playlists_of(conn, actor.person, after=after, limit=limit)
            return [(row.sort_key, await self._view(conn, actor, row)) for row in rows]

    async def playlist(self, actor: Actor, playlist_id: int) -> tuple[PlaylistView, list[RowView]]:
        """One playlist and its rows in order. Raises PlaylistNotFound, also where it may not be seen."""
        async with self._db.read() as conn:
            row = await self._visible(conn, actor, playlist_id)
            rows = await repository.rows_of(conn, playlist_id)
            ids = list(dict.fromkeys(one.track_id for one in rows if one.track_id is not None))
            there = await self._music.remembered(conn, actor, "track", ids)
            views = [
                RowView(
                    one.id,
                    one.track_id if one.track_id in there else None,
                    one.title,
                    one.artist,
                    one.album,
                    one.duration_ms,
                    one.added_at,
                )
                for one in rows
            ]
            return await self._view(conn, actor, row), views

    async def create(
        self,
        actor: Actor,
        name: str,
        track_ids: Sequence[int] = (),
        *,
        comment: str = "",
        visibility: Visibility = "private",
    ) -> int:
        """A new playlist; its id. Two lists may bear one name. Raises BadPlaylist, TrackNotFound."""
        name = _name(name)
        now = utc_now()
        async with self._db.write() as tx:
            rows = await self._new_rows(tx, actor, track_ids)
            number = await repository.add_playlist(
                tx,
                {
                    "owner_id": actor.person,
                    "name": name,
                    "sort_key": sort_key(name),
                    "comment": clean_text(comment),
                    "visibility": visibility,
                    "kind": "manual",
                    "track_count": 0,
                    "duration_ms": 0,
                    "revision": 1,
                    "created_at": now,
                    "changed_at": now,
                },
            )
            await repository.append_rows(tx, number, rows)
            await repository.recount(tx, number, now)
            await self._announce(tx, number)
            return number

    async def change(
        self,
        actor: Actor,
        playlist_id: int,
        *,
        name: str | None = None,
        comment: str | None = None,
        visibility: Visibility | None = None,
        shared_with: dict[int, bool] | None = None,
    ) -> None:
        """Change what a playlist is called and who may see it; None leaves a thing as it is. Owners only."""
        values: dict[str, Any] = {"changed_at": utc_now()}
        if name is not None:
            values |= {"name": _name(name), "sort_key": sort_key(_name(name))}
        if comment is not None:
            values["comment"] = clean_text(comment)
        if visibility is not None:
            values["visibility"] = visibility
        async with self._db.write() as tx:
            row = await self._owned(tx, actor, playlist_id)
            before = await self._readers(tx, row)
            await repository.change_playlist(tx, playlist_id, values)
            if shared_with is not None:
                await repository.replace_shares(tx, playlist_id, shared_with)
            await self._announce(tx, playlist_id, lost=before)

    async def delete(self, actor: Actor, playlist_id: int) -> None:
        """Delete a playlist. Its owner may; an administrator may where it is public."""
        async with self._db.write() as tx:
            row = await self._owned(tx, actor, playlist_id)
            readers = await self._readers(tx, row)
            await repository.delete_playlist(tx, playlist_id)
            for reader in readers:
                tx.changed("playlist", playlist_id, "delete", user_id=reader)

    async def add_tracks(self, actor: Actor, playlist_id: int, track_ids: Sequence[int]) -> None:
        """Append tracks, which may stand in the list already. Raises TrackNotFound, BadPlaylist when it gets too long."""
        async with self._db.write() as tx:
            row = await self._editable(tx, actor, playlist_id)
            if row.track_count + len(track_ids) > MAX_ROWS:
                raise BadPlaylist("playlist_too_long", f"A playlist holds at most {MAX_ROWS} tracks.")
            await repository.append_rows(tx, playlist_id, await self._new_rows(tx, actor, track_ids))
            await repository.recount(tx, playlist_id, utc_now())
            await self._announce(tx, playlist_id)

    async def remove_rows(self, actor: Actor, playlist_id: int, row_ids: Sequence[int]) -> int:
        """Remove rows by their keys; how many there were."""
        async with self._db.write() as tx:
            await self._editable(tx, actor, playlist_id)
            removed = await repository.remove_rows(tx, playlist_id, row_ids)
            await self._close_gaps(tx, playlist_id)
            return removed

    async def remove_places(self, actor: Actor, playlist_id: int, places: Sequence[int]) -> int:
        """Remove rows by their places, counted from 0; places past the end are no error."""
        async with self._db.write() as tx:
            await self._editable(tx, actor, playlist_id)
            ids = await repository.row_ids(tx.conn, playlist_id)
            doomed = [ids[place] for place in set(places) if 0 <= place < len(ids)]
            removed = await repository.remove_rows(tx, playlist_id, doomed)
            await self._close_gaps(tx, playlist_id)
            return removed

    async def reorder(
        self, actor: Actor, playlist_id: int, row_ids: Sequence[int], *, revision: int | None = None
    ) -> None:
        """Put the rows in the order of `row_ids`, which must name each exactly once.

        Raises PlaylistChanged where they do not, or where `revision` is not the present one.
        """
        async with self._db.write() as tx:
            row = await self._editable(tx, actor, playlist_id)
            present = await repository.row_ids(tx.conn, playlist_id)
            if sorted(present) != sorted(row_ids) or (revision is not None and revision != row.revision):
                raise PlaylistChanged
            await repository.place_rows(tx, row_ids)
            await repository.change_playlist(tx, playlist_id, {"changed_at": utc_now()})
            await self._announce(tx, playlist_id)

    async def replace_tracks(self, actor: Actor, playlist_id: int, track_ids: Sequence[int]) -> None:
        """Put these tracks in the place of all rows."""
        async with self._db.write() as tx:
            await self._editable(tx, actor, playlist_id)
            rows = await self._new_rows(tx, actor, track_ids)
            await repository.clear_rows(tx, playlist_id)
            await repository.append_rows(tx, playlist_id, rows)
            await repository.recount(tx, playlist_id, utc_now())
            await self._announce(tx, playlist_id)

    async def shares(self, actor: Actor, playlist_id: int) -> dict[int, bool]:
        """With whom it is shared, and whether they may edit its rows. Owners only."""
        async with self._db.read() as conn:
            row = await self._visible(conn, actor, playlist_id)
            if row.owner_id != actor.person:
                raise NotYourPlaylist(row.name)
            return {share.user_id: share.may_edit for share in await repository.shares_of(conn, playlist_id)}

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        for number in await repository.erase_person(tx, user_id):
            tx.changed("playlist", number, "delete")

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called inside the transaction that makes one track of two: its places go to the one that is kept."""
        for number in await repository.replace_track(tx, merged, kept):
            await repository.recount(tx, number, utc_now())
            await self._announce(tx, number)

    async def _new_rows(self, tx: Transaction, actor: Actor, track_ids: Sequence[int]) -> list[dict[str, Any]]:
        if len(track_ids) > MAX_ROWS:
            raise BadPlaylist("playlist_too_long", f"A playlist holds at most {MAX_ROWS} tracks.")
        known = await self._music.remembered(tx.conn, actor, "track", list(dict.fromkeys(track_ids)))
        now = utc_now()
        rows = []
        for track_id in track_ids:
            track: Remembered | None = known.get(track_id)
            if track is None:
                raise TrackNotFound(track_id)
            rows.append(
                {
                    "track_id": track.id,
                    "title": track.title,
                    "artist": track.artist,
                    "album": track.album,
                    "duration_ms": track.duration_ms,
                    "external_ids": track.external_ids or None,
                    "added_at": now,
                    "added_by": actor.person,
                }
            )
        return rows

    async def _close_gaps(self, tx: Transaction, playlist_id: int) -> None:
        await repository.place_rows(tx, await repository.row_ids(tx.conn, playlist_id))
        await repository.recount(tx, playlist_id, utc_now())
        await self._announce(tx, playlist_id)

    async def _visible(self, conn: Any, actor: Actor, playlist_id: int, *, everything: bool = False) -> Any:
        row = await repository.playlist(conn, playlist_id, actor.person, everything=everything)
        if row is None:
            raise PlaylistNotFound(playlist_id)
        return row

    async def _owned(self, tx: Transaction, actor: Actor, playlist_id: int) -> Any:
        row = await self._visible(tx.conn, actor, playlist_id)
        if row.owner_id != actor.person and not (actor.is_admin and row.visibility == "public"):
            raise NotYourPlaylist(row.name)
        return row

    async def _editable(self, tx: Transaction, actor: Actor, playlist_id: int) -> Any:
        row = await self._visible(tx.conn, actor, playlist_id)
        if row.owner_id != actor.person and not await repository.may_edit_rows(tx.conn, playlist_id, actor.person):
            raise NotYourPlaylist(row.name)
        if row.kind != "manual":
            raise BadPlaylist("smart_playlist", f"{row.name!r} fills itself; its rows cannot be changed by hand.")
        return row

    async def _view(self, conn: Any, actor: Actor, row: Any) -> PlaylistView:
        mine = row.owner_id == actor.person
        return PlaylistView(
            id=row.id,
            name=row.name,
            comment=row.comment,
            owner_id=row.owner_id,
            visibility=row.visibility,
            kind=row.kind,
            track_count=row.track_count,
            duration_ms=row.duration_ms,
            artwork_id=row.artwork_id,
            revision=row.revision,
            created_at=row.created_at,
            changed_at=row.changed_at,
            editable=mine
            or (row.visibility != "private" and await repository.may_edit_rows(conn, row.id, actor.person)),
        )

    async def _readers(self, tx: Transaction, row: Any) -> set[int | None]:
        """Who can know of the playlist: None stands for everybody."""
        if row.visibility == "public":
            return {None}
        if row.visibility == "private":
            return {row.owner_id}
        return {row.owner_id, *(share.user_id for share in await repository.shares_of(tx.conn, row.id))}

    async def _announce(self, tx: Transaction, playlist_id: int, lost: Set[int | None] = frozenset()) -> None:
        row = await repository.playlist(tx.conn, playlist_id, 0, everything=True)
        assert row is not None
        readers = await self._readers(tx, row)
        for reader in lost - readers:
            tx.changed("playlist", playlist_id, "delete", user_id=reader)
        for reader in readers:
            tx.changed("playlist", playlist_id, user_id=reader)


def _name(name: str) -> str:
    cleaned = clean_text(name)
    if not cleaned:
        raise BadPlaylist("playlist_without_name", "A playlist needs a name.")
    if len(cleaned) > MAX_NAME:
        raise BadPlaylist("playlist_name_too_long", f"A playlist's name may have {MAX_NAME} characters.")
    return cleaned
