"""The history of a list: who changed what and when, taking the newest change back, bringing an older state back."""

from __future__ import annotations

from typing import Any

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.playlists import history, playlist_rows, revision_rows
from segue.playlists.errors import NothingToUndo, NotYourPlaylist, PlaylistChanged, RevisionNotFound
from segue.playlists.ground import REMEMBERED_VALUES, Ground
from segue.playlists.history import Steps
from segue.playlists.views import RevisionView


class Past(Ground):
    """The verbs for history."""

    async def history(
        self, actor: Actor, playlist_id: int, *, before: int | None = None, limit: int = 50
    ) -> list[RevisionView]:
        """Changes of a list, newest first, for whoever may change it. Raises PlaylistNotFound, NotYourPlaylist."""
        async with self._db.read() as conn:
            row = await self.visible(conn, actor, playlist_id)
            if await self._role(conn, actor, row) not in ("owner", "editor"):
                raise NotYourPlaylist(row.name)
            found = await revision_rows.latest(conn, playlist_id, before=before, limit=limit)
        names = await self.names({one.user_id for one in found if one.user_id is not None})
        return [
            RevisionView(
                revision=one.revision,
                at=one.at,
                user_id=one.user_id,
                user_name=names.get(one.user_id, ""),
                action=one.action,
                params=one.params,
                undone_by=one.undone_by,
                can_undo=one.has_back and one.undone_by is None and one.action not in ("undone", "created", "imported"),
            )
            for one in found
        ]

    async def undo(self, actor: Actor, playlist_id: int, *, revision: int | None = None) -> int:
        """Take the newest change back that is not taken back yet; its revision.

        Raises NothingToUndo, NotYourPlaylist, PlaylistChanged where `revision` is not the present one.
        """
        async with self._db.write() as tx:
            row = await self._mine_to_turn(tx, actor, playlist_id, revision)
            found = await revision_rows.to_undo(tx.conn, playlist_id)
            if found is None:
                raise NothingToUndo
            made = await self._turn(tx, actor, row, [found.back], "undone", {"revision": found.revision})
            await revision_rows.mark_undone(tx, playlist_id, found.revision, made)
            return int(found.revision)

    async def restore(self, actor: Actor, playlist_id: int, to: int, *, revision: int | None = None) -> None:
        """Make a list what it was after change `to`. Raises RevisionNotFound, NotYourPlaylist, PlaylistChanged."""
        async with self._db.write() as tx:
            row = await self._mine_to_turn(tx, actor, playlist_id, revision)
            if not await revision_rows.is_remembered(tx.conn, playlist_id, to):
                raise RevisionNotFound(to)
            later = await revision_rows.after(tx.conn, playlist_id, to)
            backs = [one.back for one in later if one.back is not None]
            if backs:
                await self._turn(tx, actor, row, backs, "restored", {"revision": to})

    async def _mine_to_turn(self, tx: Transaction, actor: Actor, playlist_id: int, revision: int | None) -> Any:
        row = await self.visible(tx.conn, actor, playlist_id, lock=True)
        if await self._role(tx.conn, actor, row) not in ("owner", "editor"):
            raise NotYourPlaylist(row.name)
        if revision is not None and revision != row.revision:
            raise PlaylistChanged
        return row

    async def _turn(
        self, tx: Transaction, actor: Actor, row: Any, backs: list[bytes], action: str, params: dict[str, Any]
    ) -> int:
        """Take packed steps, newest first, as one change; its revision."""
        chain: list[Steps] = [history.unpack(back) for back in backs]
        spoken_of = set().union(*(steps.rows() for steps in chain))
        rows = await playlist_rows.some_rows(tx.conn, row.id, spoken_of)
        values = {name: getattr(row, name) for name in (*REMEMBERED_VALUES, "track_count", "duration_ms")}
        steps = history.folded(chain, rows, values)
        if steps.values.get("kind") is None:  # counts go with the rows, unless the list changes its kind
            steps.values.pop("track_count", None)
            steps.values.pop("duration_ms", None)
        made, _ = await self._change(tx, actor, row, steps, action, params)
        return made
