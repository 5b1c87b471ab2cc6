"""Changing the rows of manual lists.

Verbs name rows by their keys and places by neighbouring rows, and write only the rows they are about: what two editors do
at the same time both holds, as long as the rows it speaks of are there.
"""

from __future__ import annotations

from collections.abc import Sequence

from segue.core.access import Actor
from segue.playlists import playlist_rows, ranks
from segue.playlists.errors import PlaylistChanged, RowNotFound
from segue.playlists.ground import Ground, check_length, checked_comment, told
from segue.playlists.history import Steps
from segue.playlists.views import NewRow, Place

END = Place()


class Editing(Ground):
    """The verbs for rows."""

    async def add_tracks(
        self,
        actor: Actor,
        playlist_id: int,
        track_ids: Sequence[int],
        *,
        place: Place = END,
        revision: int | None = None,
    ) -> list[int]:
        """Add tracks, which may stand in the list already; the keys of the new rows in order.

        Raises TrackNotFound, RowNotFound, BadPlaylist when it gets too long, PlaylistChanged for another `revision`.
        """
        rows = [NewRow(track_id) for track_id in track_ids]
        return await self.add_rows(actor, playlist_id, rows, place=place, revision=revision)

    async def add_rows(
        self,
        actor: Actor,
        playlist_id: int,
        rows: Sequence[NewRow],
        *,
        place: Place = END,
        revision: int | None = None,
        action: str = "added",
    ) -> list[int]:
        """`add_tracks`, also for rows whose track is not known. Raises as that, BadPlaylist for a row without title."""
        check_length(len(rows))
        await self._seen(actor, playlist_id)
        written = await self._prepared(actor, rows)
        async with self._db.write() as tx:
            row = await self.editable(tx, actor, playlist_id, revision)
            check_length(row.track_count + len(rows))
            if not written:
                return []
            room, moved = await self._room(tx, playlist_id, len(written), place)
            put = [{**one, "rank": rank} for one, rank in zip(written, room, strict=True)]
            _, new = await self._change(tx, actor, row, Steps(put=put, move=moved), action, told(written))
            return new

    async def move_rows(
        self,
        actor: Actor,
        playlist_id: int,
        row_ids: Sequence[int],
        *,
        place: Place = END,
        revision: int | None = None,
    ) -> None:
        """Put rows, in the order given, at another place. Raises RowNotFound, BadPlaylist, PlaylistChanged."""
        wanted = list(dict.fromkeys(row_ids))
        async with self._db.write() as tx:
            row = await self.editable(tx, actor, playlist_id, revision)
            found = await playlist_rows.some_rows(tx.conn, playlist_id, wanted)
            for number in wanted:
                if number not in found:
                    raise RowNotFound(number)
            if not wanted:
                return
            room, moved = await self._room(tx, playlist_id, len(wanted), place, wanted)
            steps = Steps(move={**moved, **dict(zip(wanted, room, strict=True))})
            await self._change(tx, actor, row, steps, "moved", told([found[number] for number in wanted]))

    async def remove_rows(
        self, actor: Actor, playlist_id: int, row_ids: Sequence[int], *, revision: int | None = None
    ) -> int:
        """Remove rows by their keys; how many there were. Rows that are gone already are no error."""
        async with self._db.write() as tx:
            row = await self.editable(tx, actor, playlist_id, revision)
            found = await playlist_rows.some_rows(tx.conn, playlist_id, dict.fromkeys(row_ids))
            if found:
                await self._change(tx, actor, row, Steps(drop=list(found)), "removed", told(list(found.values())))
            return len(found)

    async def remove_places(self, actor: Actor, playlist_id: int, places: Sequence[int]) -> int:
        """Remove rows by their places, counted from 0; places past the end are no error."""
        async with self._db.read() as conn:
            await self.visible(conn, actor, playlist_id)
            ids = await playlist_rows.row_ids(conn, playlist_id)
        doomed = [ids[place] for place in sorted(set(places)) if 0 <= place < len(ids)]
        return await self.remove_rows(actor, playlist_id, doomed)

    async def reorder(
        self, actor: Actor, playlist_id: int, row_ids: Sequence[int], *, revision: int | None = None
    ) -> None:
        """Put the rows in the order of `row_ids`, which must name each exactly once.

        Raises PlaylistChanged where they do not, or where `revision` is not the present one.
        """
        async with self._db.write() as tx:
            row = await self.editable(tx, actor, playlist_id, revision)
            present = await playlist_rows.ranks_of(tx.conn, playlist_id)
            if len(present) != len(row_ids) or set(present) != set(row_ids):
                raise PlaylistChanged
            places = list(present.values())
            if len(set(places)) < len(places):
                places = ranks.spread(len(places))
            steps = Steps(
                move={number: rank for number, rank in zip(row_ids, places, strict=True) if present[number] != rank}
            )
            if steps.move:
                await self._change(tx, actor, row, steps, "ordered", {"count": len(steps.move)})

    async def replace_tracks(
        self, actor: Actor, playlist_id: int, track_ids: Sequence[int], *, revision: int | None = None
    ) -> None:
        """Put these tracks in the place of all rows. Raises TrackNotFound, BadPlaylist, PlaylistChanged."""
        await self.replace_rows(actor, playlist_id, [NewRow(track_id) for track_id in track_ids], revision=revision)

    async def replace_rows(
        self,
        actor: Actor,
        playlist_id: int,
        rows: Sequence[NewRow],
        *,
        revision: int | None = None,
        action: str = "replaced",
    ) -> None:
        """`replace_tracks`, also for rows whose track is not known."""
        check_length(len(rows))
        await self._seen(actor, playlist_id)
        written = await self._prepared(actor, rows)
        async with self._db.write() as tx:
            row = await self.editable(tx, actor, playlist_id, revision)
            doomed = await playlist_rows.row_ids(tx.conn, playlist_id)
            put = [{**one, "rank": rank} for one, rank in zip(written, ranks.spread(len(written)), strict=True)]
            if put or doomed:
                await self._change(tx, actor, row, Steps(drop=doomed, put=put), action, {"count": len(put)})

    async def comment_row(
        self, actor: Actor, playlist_id: int, row_id: int, comment: str, *, revision: int | None = None
    ) -> None:
        """Write a note on a row; an empty one takes it away. Raises RowNotFound, BadPlaylist, PlaylistChanged."""
        cleaned = checked_comment(comment)
        async with self._db.write() as tx:
            row = await self.editable(tx, actor, playlist_id, revision)
            found = await playlist_rows.some_rows(tx.conn, playlist_id, [row_id])
            if row_id not in found:
                raise RowNotFound(row_id)
            if found[row_id]["comment"] != cleaned:
                steps = Steps(alter={row_id: {"comment": cleaned}})
                await self._change(tx, actor, row, steps, "row_commented", told([found[row_id]]))

    async def _seen(self, actor: Actor, playlist_id: int) -> None:
        """Raises PlaylistNotFound for a list that may not be seen, before anything else is said about a change of it."""
        async with self._db.read() as conn:
            await self.visible(conn, actor, playlist_id)
