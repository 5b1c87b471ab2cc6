"""What all verbs of playlists stand on: who may do what, how a change is written, remembered and announced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.remembered import Memory, Remembered
from segue.core.text import clean_text
from segue.playlists import folder_rows, history, playlist_rows, ranks, repository, revision_rows
from segue.playlists.errors import (
    BadPlaylist,
    NotYourPlaylist,
    PlaylistChanged,
    PlaylistNotFound,
    RowNotFound,
    TrackNotFound,
)
from segue.playlists.history import Steps
from segue.playlists.smart.lists import SmartLists
from segue.playlists.views import Catalogued, NewRow, Nobody, People, Place, PlaylistView, Role
from segue.query import Entities

MAX_ROWS = 100_000
MAX_NAME = 500
MAX_COMMENT = 10_000
TITLES_TOLD = 3
"""Titles that a line of the history names."""
REMEMBERED_VALUES = (
    "name",
    "sort_key",
    "comment",
    "kind",
    "query",
    "normalized",
    "personal",
    "cover",
    "cover_album_id",
    "artwork_id",
)
"""What of a list itself history brings back. Who may see it is not among them: undoing must publish nothing."""


class Ground:
    """The shared base of PlaylistService's parts."""

    def __init__(self, db: Database, music: Memory, entities: Entities | None = None) -> None:
        self._db = db
        self._music = music
        self.people: People = Nobody()
        self.catalog: Catalogued | None = None
        """None where nobody knows what is not here."""
        self.smart = SmartLists(db, entities, self)
        self.on_changed: list[Callable[[Transaction, int], Awaitable[None]]] = []
        """Called in the transaction in which somebody changed a list."""
        self.on_awaiting: list[Callable[[Transaction], Awaitable[None]]] = []
        """Called in the transaction in which rows came that await a track."""

    # --- who may ------------------------------------------------------------------------------------------------------

    async def visible(self, conn: AsyncConnection, actor: Actor, playlist_id: int, *, lock: bool = False) -> Any:
        """The row of a list that `actor` may see. Raises PlaylistNotFound."""
        row = await repository.playlist(conn, playlist_id, actor.person, lock=lock)
        if row is None:
            raise PlaylistNotFound(playlist_id)
        return row

    async def owned(self, tx: Transaction, actor: Actor, playlist_id: int) -> Any:
        """The row of a list that is `actor`'s, or public and `actor` an administrator. Raises NotYourPlaylist."""
        row = await self.visible(tx.conn, actor, playlist_id, lock=True)
        if row.owner_id != actor.person and not (actor.is_admin and row.visibility == "public"):
            raise NotYourPlaylist(row.name)
        return row

    async def editable(self, tx: Transaction, actor: Actor, playlist_id: int, revision: int | None = None) -> Any:
        """The row of a manual list whose rows `actor` may change. Raises NotYourPlaylist, BadPlaylist, and PlaylistChanged
        where `revision` is not the present one."""
        row = await self.visible(tx.conn, actor, playlist_id, lock=True)
        if await self._role(tx.conn, actor, row) not in ("owner", "editor"):
            raise NotYourPlaylist(row.name)
        if row.kind != "manual":
            raise BadPlaylist(
                "smart_playlist",
                f"{row.name!r} fills itself; its rows cannot be changed by hand.",
                hint="Change its query, or freeze it first.",
            )
        if revision is not None and revision != row.revision:
            raise PlaylistChanged
        return row

    async def _role(self, conn: AsyncConnection, actor: Actor, row: Any) -> Role | None:
        if row.owner_id == actor.person:
            return "owner"
        shared = await repository.shares_with(conn, actor.person, [row.id])
        return None if row.id not in shared or row.visibility == "private" else "editor" if shared[row.id] else "viewer"

    # --- changing -----------------------------------------------------------------------------------------------------

    async def _change(
        self,
        tx: Transaction,
        actor: Actor,
        row: Any,
        steps: Steps,
        action: str,
        params: dict[str, Any],
        *,
        figures: tuple[int, int] | None = None,
        can_undo: bool = True,
        columns: dict[str, Any] | None = None,
        lost: Set[int | None] = frozenset(),
    ) -> tuple[int, list[int]]:
        """Take `steps` on a list, remember what leads back, announce it; the new revision and the ids of new rows.

        `figures` are the count and length of a list that is counted otherwise; `columns` more columns, which history
        does not bring back.
        """
        taken = await playlist_rows.take(tx, row.id, steps)
        before = {name: getattr(row, name) for name in REMEMBERED_VALUES}
        back = replace(taken.back, values={name: before[name] for name in steps.values if name in before})
        count, length = figures or (row.track_count + taken.count, row.duration_ms + taken.duration_ms)
        if row.kind != steps.values.get("kind", row.kind) and figures is None:
            back.values |= {"track_count": row.track_count, "duration_ms": row.duration_ms}
            count = steps.values.get("track_count", taken.count)
            length = steps.values.get("duration_ms", taken.duration_ms)
        now = utc_now()
        values = {**steps.values, **(columns or {}), "changed_at": now, "track_count": count, "duration_ms": length}
        await repository.change_playlist(tx, row.id, values)
        revision = row.revision + 1
        kept = {"revision": revision, "user_id": actor.user_id, "at": now, "action": action, "params": params}
        await revision_rows.keep(tx, row.id, {**kept, "back": history.pack(back) if can_undo else None})
        await self._announce(tx, row.id, lost)
        for follow in self.on_changed:
            await follow(tx, row.id)
        return revision, taken.put

    async def _room(
        self, tx: Transaction, playlist_id: int, count: int, place: Place, moving: Collection[int] = ()
    ) -> tuple[list[str], dict[int, str]]:
        """`count` ranks at a place, and new ranks for the rows that are there where those have grown too long.

        Raises RowNotFound where the row named by `place` is not in the list, BadPlaylist where it is itself moved.
        """
        anchor = place.before if place.before is not None else place.after
        at: tuple[str, int] | None = None
        low: str | None
        high: str | None
        if anchor is not None:
            found = await playlist_rows.some_rows(tx.conn, playlist_id, [anchor])
            if anchor not in found:
                raise RowNotFound(anchor)
            if anchor in moving:
                raise BadPlaylist("row_beside_itself", "A row cannot be moved before or behind itself.")
            at = (found[anchor]["rank"], anchor)

        async def beside(forwards: bool) -> str | None:
            return await playlist_rows.neighbour(tx.conn, playlist_id, at, moving, forwards=forwards)

        if at is not None and place.before is not None:
            low, high = await beside(False), at[0]
        elif at is not None:
            low, high = at[0], await beside(True)
        elif place.start:
            low, high = None, await beside(True)
        else:
            low, high = await beside(False), None
        if low is None or high is None or low < high:
            room = ranks.spread(count, low, high)
            if not ranks.too_long(room):
                return room, {}
        return await self._anew(tx, playlist_id, count, place, anchor, set(moving))

    async def _anew(
        self, tx: Transaction, playlist_id: int, count: int, place: Place, anchor: int | None, moving: set[int]
    ) -> tuple[list[str], dict[int, str]]:
        """New ranks for a whole list, with room for `count` rows at a place."""
        present = await playlist_rows.ranks_of(tx.conn, playlist_id)
        others = [number for number in present if number not in moving]
        if anchor is not None:
            at = others.index(anchor) + (1 if place.before is None else 0)
        else:
            at = 0 if place.start else len(others)
        fresh = ranks.spread(len(others) + count)
        room = fresh[at : at + count]
        ranked = dict(zip(others, fresh[:at] + fresh[at + count :], strict=True))
        return room, {number: rank for number, rank in ranked.items() if present[number] != rank}

    async def _prepared(self, actor: Actor, rows: Sequence[NewRow]) -> list[dict[str, Any]]:
        """`_new_rows`, read before anything is locked: for very many rows."""
        async with self._db.read() as conn:
            return await self._rows_to_write(conn, actor, rows)

    async def _new_rows(self, tx: Transaction, actor: Actor, rows: Sequence[NewRow]) -> list[dict[str, Any]]:
        """What to write for rows to add, without their ranks. Raises TrackNotFound, BadPlaylist."""
        return await self._rows_to_write(tx.conn, actor, rows)

    async def _rows_to_write(self, conn: AsyncConnection, actor: Actor, rows: Sequence[NewRow]) -> list[dict[str, Any]]:
        wanted = list(dict.fromkeys(row.track_id for row in rows if row.track_id is not None))
        known = await self._music.remembered(conn, actor, "track", wanted)
        now = utc_now()
        return [self._new_row(actor, row, known, now) for row in rows]

    def _new_row(self, actor: Actor, row: NewRow, known: dict[int, Remembered], now: datetime) -> dict[str, Any]:
        written: dict[str, Any] = {
            "track_id": row.track_id,
            "title": clean_text(row.title),
            "artist": clean_text(row.artist),
            "album": clean_text(row.album),
            "duration_ms": row.duration_ms,
            "external_ids": row.external_ids or None,
            "comment": _comment(row.comment),
            "location": row.location,
            "match_score": row.match_score,
            "match_reasons": row.match_reasons,
            "match_state": row.match_state or ("none" if row.track_id is None else None),
            "match_method": row.match_method,
            "match_track_id": row.match_track_id,
            "origin": row.origin,
            "added_at": now,
            "added_by": actor.person,
        }
        if row.track_id is None:
            if not written["title"]:
                raise BadPlaylist("row_without_title", "A row without a track needs a title.", field="rows")
            return written
        track = known.get(row.track_id)
        if track is None:
            raise TrackNotFound(row.track_id)
        words = {"title": track.title, "artist": track.artist, "album": track.album}
        if row.title:  # what was imported keeps the words it came with
            words = {name: written[name] or word for name, word in words.items()}
        external = {**track.external_ids, **(row.external_ids or {})}
        return {**written, **words, "duration_ms": track.duration_ms, "external_ids": external or None}

    # --- telling ------------------------------------------------------------------------------------------------------

    async def _readers(self, conn: AsyncConnection, row: Any) -> set[int | None]:
        """Who can know of the playlist: None stands for everybody."""
        if row.visibility == "public":
            return {None}
        if row.visibility == "private":
            return {row.owner_id}
        return {row.owner_id, *(share.user_id for share in await repository.shares_of(conn, row.id))}

    async def _announce(self, tx: Transaction, playlist_id: int, lost: Set[int | None] = frozenset()) -> None:
        row = await repository.any_playlist(tx.conn, playlist_id)
        assert row is not None
        readers = await self._readers(tx.conn, row)
        for reader in lost - readers:
            tx.changed("playlist", playlist_id, "delete", user_id=reader)
        for reader in readers:
            tx.changed("playlist", playlist_id, user_id=reader)

    async def names(self, user_ids: Collection[int]) -> dict[int, str]:
        """What these people are called; those whose account is closed are left out."""
        return {number: actor.name for number, actor in (await self.people.actors(set(user_ids))).items()}

    async def views(self, conn: AsyncConnection, actor: Actor, rows: Sequence[Any]) -> list[PlaylistView]:
        """Rows of lists as `actor` is given them, a query for all together."""
        ids = [row.id for row in rows]
        shared = await repository.shares_with(conn, actor.person, ids)
        folders = await folder_rows.placements(conn, actor.person, ids)
        names = await self.names({row.owner_id for row in rows})
        made = []
        for row in rows:
            role: Role | None = None
            if row.owner_id == actor.person:
                role = "owner"
            elif row.id in shared and row.visibility != "private":
                role = "editor" if shared[row.id] else "viewer"
            made.append(
                PlaylistView(
                    id=row.id,
                    name=row.name,
                    comment=row.comment,
                    owner_id=row.owner_id,
                    visibility=row.visibility,
                    kind=row.kind,
                    track_count=row.track_count,
                    duration_ms=row.duration_ms,
                    artwork_id=row.artwork_id if row.cover == "upload" else None,
                    revision=row.revision,
                    created_at=row.created_at,
                    changed_at=row.changed_at,
                    editable=role in ("owner", "editor") and row.kind == "manual",
                    owner_name=names.get(row.owner_id, ""),
                    role=role,
                    query=row.query,
                    normalized=row.normalized,
                    personal=row.personal,
                    cover=row.cover,
                    cover_album_id=row.cover_album_id,
                    folder_id=folders.get(row.id),
                )
            )
        return made


def checked_name(name: str) -> str:
    """A name as it is kept. Raises BadPlaylist where there is none, or too much of it."""
    cleaned = clean_text(name)
    if not cleaned:
        raise BadPlaylist("playlist_without_name", "A playlist needs a name.", field="name")
    if len(cleaned) > MAX_NAME:
        raise BadPlaylist("playlist_name_too_long", f"A playlist's name may have {MAX_NAME} characters.", field="name")
    return cleaned


def _comment(text: str) -> str:
    cleaned = clean_text(text)
    if len(cleaned) > MAX_COMMENT:
        raise BadPlaylist("comment_too_long", f"A comment may have {MAX_COMMENT} characters.", field="comment")
    return cleaned


checked_comment = _comment


def check_length(count: int) -> None:
    """Raises BadPlaylist for a list of more rows than one may have."""
    if count > MAX_ROWS:
        raise BadPlaylist("playlist_too_long", f"A playlist holds at most {MAX_ROWS} tracks.")


def told(rows: Sequence[Any]) -> dict[str, Any]:
    """How many rows, and what the first are called, for a line of the history."""
    titles = [row["title"] for row in rows[:TITLES_TOLD]]
    return {"count": len(rows), "titles": titles}
