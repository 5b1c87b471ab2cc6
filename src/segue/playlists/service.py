"""Playlists: made by one person, private, shared with some, or public to the house; put together by hand or by a query.

A row has a key of its own, so that one of two equal rows can be removed; it keeps its words when its track is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segue.core.access import Actor
from segue.core.changes import ChangeFeed, ChangeItem
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.remembered import Memory
from segue.core.text import sort_key
from segue.playlists import playlist_rows, ranks, repository, revision_rows
from segue.playlists.editing import Editing
from segue.playlists.errors import (
    BadPlaylist,
    NotYourPlaylist,
    PlaylistChanged,
    PlaylistCycle,
    PlaylistNotFound,
    RowNotFound,
    TrackNotFound,
)
from segue.playlists.filling import Filling
from segue.playlists.folders import Folders
from segue.playlists.ground import check_length, checked_comment, checked_name
from segue.playlists.history import Steps
from segue.playlists.past import Past
from segue.playlists.sharing import Sharing
from segue.playlists.smart.remembered import FiguresKept
from segue.playlists.smart.touched import touched
from segue.playlists.views import NewRow, Place, PlaylistView, RowView, Visibility
from segue.query import Entities

__all__ = [
    "BadPlaylist",
    "NewRow",
    "NotYourPlaylist",
    "Place",
    "PlaylistChanged",
    "PlaylistCycle",
    "PlaylistNotFound",
    "PlaylistService",
    "PlaylistView",
    "RowNotFound",
    "RowView",
    "TrackNotFound",
    "Visibility",
]


class PlaylistService(Filling, Editing, Sharing, Past, Folders):
    """The only door to playlists. `music` knows what tracks are called, `entities` what smart lists can ask."""

    def __init__(self, db: Database, music: Memory, entities: Entities | None = None) -> None:
        super().__init__(db, music, entities)
        self._kept = FiguresKept(ChangeFeed(db))

    async def create(
        self,
        actor: Actor,
        name: str,
        track_ids: Sequence[int] = (),
        *,
        comment: str = "",
        visibility: Visibility = "private",
        query: str | None = None,
        folder_id: int | None = None,
    ) -> int:
        """A new playlist; its id. With a `query` it fills itself. Two lists may bear one name.

        Raises BadPlaylist, TrackNotFound, FolderNotFound, and for the query BadQuery and PlaylistCycle.
        """
        if query is not None and track_ids:
            raise BadPlaylist("smart_playlist", "A playlist that fills itself takes no tracks.", field="tracks")
        rows = [NewRow(track_id) for track_id in track_ids]
        number = await self.create_with_rows(actor, name, rows, comment=comment, visibility=visibility, query=query)
        if folder_id is not None:
            await self.keep_in(actor, number, folder_id)
        return number

    async def create_with_rows(
        self,
        actor: Actor,
        name: str,
        rows: Sequence[NewRow] = (),
        *,
        comment: str = "",
        visibility: Visibility = "private",
        query: str | None = None,
        action: str = "created",
    ) -> int:
        """`create`, also of rows whose track is not known (yet)."""
        name, comment = checked_name(name), checked_comment(comment)
        check_length(len(rows))
        saved = None if query is None else await self.checked(actor, query, name=name)
        now = utc_now()
        values: dict[str, Any] = {
            "owner_id": actor.person,
            "name": name,
            "sort_key": sort_key(name),
            "comment": comment,
            "visibility": visibility,
            "kind": "manual",
            "revision": 1,
            "created_at": now,
            "changed_at": now,
        }
        if saved is not None:
            found = saved.figures
            values |= {**saved.values(), "track_count": found.count, "duration_ms": found.duration_ms}
        written = await self._prepared(actor, rows)
        if saved is None:
            length = sum(row["duration_ms"] or 0 for row in written)
            values |= {"track_count": len(written), "duration_ms": length}
        async with self._db.write() as tx:
            number = await repository.add_playlist(tx, values)
            put = [{**row, "rank": rank} for row, rank in zip(written, ranks.spread(len(written)), strict=True)]
            await playlist_rows.take(tx, number, Steps(put=put))
            first = {"revision": 1, "user_id": actor.user_id, "at": now, "action": action, "back": None}
            await revision_rows.keep(tx, number, {**first, "params": {"count": len(written)}})
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
        revision: int | None = None,
    ) -> None:
        """Change what a playlist is called and who may see it; None leaves a thing as it is. Owners only.

        Raises NotYourPlaylist, BadPlaylist, PlaylistChanged.
        """
        values: dict[str, Any] = {}
        if name is not None:
            values |= {"name": checked_name(name), "sort_key": sort_key(checked_name(name))}
        if comment is not None:
            values["comment"] = checked_comment(comment)
        async with self._db.write() as tx:
            row = await self.owned(tx, actor, playlist_id)
            if revision is not None and revision != row.revision:
                raise PlaylistChanged
            before = await self._readers(tx.conn, row)
            if shared_with is not None:
                await repository.replace_shares(tx, playlist_id, shared_with)
            columns = {} if visibility is None else {"visibility": visibility}
            what = [one for one in ("name", "comment") if one in values and values[one] != getattr(row, one)]
            sharing = shared_with is not None or (visibility is not None and visibility != row.visibility)
            action, params = ("changed", {"what": what}) if what or not sharing else ("sharing", {})
            await self._change(
                tx,
                actor,
                row,
                Steps(values=values),
                action,
                params,
                can_undo=bool(what),
                columns=columns,
                lost=before,
            )

    async def delete(self, actor: Actor, playlist_id: int) -> None:
        """Delete a playlist. Its owner may; an administrator may where it is public."""
        async with self._db.write() as tx:
            row = await self.owned(tx, actor, playlist_id)
            readers = await self._readers(tx.conn, row)
            await repository.delete_playlist(tx, playlist_id)
            for reader in readers:
                tx.changed("playlist", playlist_id, "delete", user_id=reader)

    # --- what others tell --------------------------------------------------------------------------------------------

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        for number in await repository.erase_person(tx, user_id):
            tx.changed("playlist", number, "delete")

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called inside the transaction that makes one track of two: its places go to the one that is kept."""
        for number in await playlist_rows.replace_track(tx, merged, kept):
            await self._announce(tx, number)

    async def touched(self, conn: Any, actor: Actor, since: int, until: int) -> list[ChangeItem]:
        """The smart lists that changes of the feed touched, for the feed to tell."""
        return await touched(conn, actor, since, until)
