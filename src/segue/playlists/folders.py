"""Folders: each person keeps playlists, their own and others', in a tree of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.core.text import sort_key
from segue.playlists import folder_rows
from segue.playlists.errors import BadPlaylist, FolderNotFound
from segue.playlists.ground import Ground, checked_name
from segue.playlists.views import FolderView

MOST_FOLDERS = 1_000
DEEPEST = 10


class Folders(Ground):
    """The verbs for folders."""

    async def folders(self, actor: Actor) -> list[FolderView]:
        """All folders of `actor`'s by name; the tree is told by `parent_id`."""
        async with self._db.read() as conn:
            rows = await folder_rows.folders_of(conn, actor.person)
            counts = await folder_rows.counts(conn, actor.person)
        return [FolderView(row.id, row.name, row.parent_id, counts.get(row.id, 0)) for row in rows]

    async def add_folder(self, actor: Actor, name: str, parent_id: int | None = None) -> int:
        """A new folder; its number. Raises FolderNotFound, BadPlaylist."""
        name = checked_name(name)
        async with self._db.write() as tx:
            rows = await folder_rows.folders_of(tx.conn, actor.person)
            if len(rows) >= MOST_FOLDERS:
                raise BadPlaylist("too_many_folders", f"You may have {MOST_FOLDERS} folders.")
            _check_place(rows, None, parent_id)
            values = {"name": name, "sort_key": sort_key(name), "parent_id": parent_id}
            number = await folder_rows.add(tx, {**values, "owner_id": actor.person, "created_at": utc_now()})
            self._say(tx, actor, number)
            return number

    async def change_folder(
        self,
        actor: Actor,
        folder_id: int,
        *,
        name: str | None = None,
        parent_id: int | None = None,
        move: bool = False,
    ) -> None:
        """Rename a folder, or (`move`) put it into another, None for the top. Raises FolderNotFound, BadPlaylist."""
        values: dict[str, Any] = {}
        if name is not None:
            values |= {"name": checked_name(name), "sort_key": sort_key(checked_name(name))}
        async with self._db.write() as tx:
            rows = await folder_rows.folders_of(tx.conn, actor.person)
            _mine(rows, folder_id)
            if move:
                _check_place(rows, folder_id, parent_id)
                values["parent_id"] = parent_id
            if values:
                await folder_rows.change(tx, folder_id, values)
                self._say(tx, actor, folder_id)

    async def remove_folder(self, actor: Actor, folder_id: int) -> None:
        """Remove a folder; lists and folders in it go to the one above. Raises FolderNotFound."""
        async with self._db.write() as tx:
            folder = _mine(await folder_rows.folders_of(tx.conn, actor.person), folder_id)
            await folder_rows.remove(tx, folder_id, folder.parent_id)
            tx.changed("playlist_folder", folder_id, "delete", user_id=actor.person)

    async def keep_in(self, actor: Actor, playlist_id: int, folder_id: int | None) -> None:
        """Keep a list that `actor` may see in a folder of theirs; None: in none. Raises PlaylistNotFound, FolderNotFound."""
        async with self._db.write() as tx:
            await self.visible(tx.conn, actor, playlist_id)
            if folder_id is not None:
                _mine(await folder_rows.folders_of(tx.conn, actor.person), folder_id)
            await folder_rows.place(tx, actor.person, playlist_id, folder_id)
            tx.changed("playlist", playlist_id, user_id=actor.person)

    @staticmethod
    def _say(tx: Transaction, actor: Actor, number: int) -> None:
        tx.changed("playlist_folder", number, user_id=actor.person)


def _mine(rows: Sequence[Any], folder_id: int) -> Any:
    found = next((row for row in rows if row.id == folder_id), None)
    if found is None:
        raise FolderNotFound(folder_id)
    return found


def _check_place(rows: Sequence[Any], folder_id: int | None, parent_id: int | None) -> None:
    """Raises FolderNotFound, or BadPlaylist where a folder would lie in itself or too deep."""
    parents = {row.id: row.parent_id for row in rows}
    above, depth = parent_id, 1
    while above is not None:
        if above not in parents:
            raise FolderNotFound(above)
        if above == folder_id:
            raise BadPlaylist("folder_in_itself", "A folder cannot lie in itself.", field="parent_id")
        above, depth = parents[above], depth + 1
    inside = _depth_of(parents, folder_id) if folder_id is not None else 0
    if depth + inside > DEEPEST:
        raise BadPlaylist("folders_too_deep", f"Folders lie in one another at most {DEEPEST} deep.", field="parent_id")


def _depth_of(parents: dict[int, int | None], folder_id: int) -> int:
    """How many levels of folders lie in a folder."""
    deepest = 0
    for number in parents:
        above, levels = parents[number], 1
        while above is not None and above != folder_id:
            above, levels = parents[above], levels + 1
        if above == folder_id:
            deepest = max(deepest, levels)
    return deepest
