"""Lists that fill themselves: trying a query, freezing a smart list into rows, making a manual one smart."""

from __future__ import annotations

from segue.core.access import Actor
from segue.playlists import playlist_rows, ranks
from segue.playlists.browsing import Browsing, smart_row
from segue.playlists.errors import BadPlaylist, NotYourPlaylist, PlaylistChanged
from segue.playlists.ground import MAX_ROWS
from segue.playlists.history import Steps
from segue.playlists.smart.lists import Saved
from segue.playlists.smart.reading import is_personal
from segue.playlists.views import NewRow, Preview
from segue.query.patience import answering

MOST_PREVIEWED = 100


class Filling(Browsing):
    """The verbs for smart lists."""

    async def preview(self, actor: Actor, query: str, *, limit: int = 20, playlist_id: int | None = None) -> Preview:
        """What a smart list with this query would hold right now: how much, and the first rows.

        `playlist_id` is the list that is being written, which must not be filled from itself. Raises BadQuery,
        PlaylistCycle.
        """
        asked = self.smart.written(actor, query)
        async with answering(self._db) as conn:
            name = ""
            if playlist_id is not None:
                name = (await self.visible(conn, actor, playlist_id)).name
            first = min(limit, MOST_PREVIEWED)
            saved = await self.smart.check(conn, actor, query, playlist_id=playlist_id, name=name, first=first)
            ids = saved.figures.first
            there = await self._music.remembered(conn, actor, "track", ids)
        rows = [smart_row(there[number], None) for number in ids if number in there]
        found = saved.figures
        return Preview(
            found.count,
            found.more,
            found.duration_ms,
            saved.normalized,
            is_personal(asked),
            rows,
            list(asked.parsed.warnings),
        )

    async def checked(self, actor: Actor, query: str, *, playlist_id: int | None = None, name: str = "") -> Saved:
        """What to keep of a query. Raises BadQuery, PlaylistCycle, TooDeep."""
        async with answering(self._db) as conn:
            return await self.smart.check(conn, actor, query, playlist_id=playlist_id, name=name)

    async def set_query(self, actor: Actor, playlist_id: int, query: str, *, revision: int | None = None) -> None:
        """Let a query fill a list from now on; a manual list's rows go, and come back by undo. Owners only.

        Raises BadQuery, PlaylistCycle, NotYourPlaylist, PlaylistChanged.
        """
        async with answering(self._db) as conn:
            row = await self.visible(conn, actor, playlist_id)
            if row.owner_id != actor.person:
                raise NotYourPlaylist(row.name)
            saved = await self.smart.check(conn, actor, query, playlist_id=playlist_id, name=row.name)
        async with self._db.write() as tx:
            row = await self.visible(tx.conn, actor, playlist_id, lock=True)
            if row.owner_id != actor.person:
                raise NotYourPlaylist(row.name)
            if revision is not None and revision != row.revision:
                raise PlaylistChanged
            if row.kind == "smart" and row.query == saved.query:
                return
            doomed = [] if row.kind == "smart" else await playlist_rows.row_ids(tx.conn, playlist_id)
            steps = Steps(drop=doomed, values=saved.values())
            figures = (saved.figures.count, saved.figures.duration_ms)
            if row.kind == "smart":
                await self._change(
                    tx, actor, row, steps, "changed", {"what": ["query"], "query": saved.query}, figures=figures
                )
            else:
                steps.values |= {"track_count": figures[0], "duration_ms": figures[1]}
                await self._change(tx, actor, row, steps, "made_smart", {"query": saved.query})

    async def freeze(self, actor: Actor, playlist_id: int, *, revision: int | None = None) -> None:
        """Make a smart list a manual one with the rows that it holds now; undo makes it smart again. Owners only.

        Raises NotYourPlaylist, BadPlaylist where it is none or holds more than a list may, PlaylistChanged.
        """
        rows = await self.frozen_rows(actor, playlist_id, owned=True)
        written = await self._prepared(actor, rows)
        async with self._db.write() as tx:
            row = await self.visible(tx.conn, actor, playlist_id, lock=True)
            if row.owner_id != actor.person:
                raise NotYourPlaylist(row.name)
            if row.kind != "smart" or (revision is not None and revision != row.revision):
                raise PlaylistChanged
            put = [{**one, "rank": rank} for one, rank in zip(written, ranks.spread(len(written)), strict=True)]
            length = sum(one["duration_ms"] or 0 for one in written)
            values = {"kind": "manual", "query": None, "normalized": None, "personal": False}
            steps = Steps(put=put, values={**values, "track_count": len(put), "duration_ms": length})
            await self._change(tx, actor, row, steps, "frozen", {"count": len(put)})

    async def frozen_rows(self, actor: Actor, playlist_id: int, *, owned: bool = False) -> list[NewRow]:
        """The rows that a smart list holds now, to be kept. Raises as `freeze`."""
        async with answering(self._db) as conn:
            row = await self.visible(conn, actor, playlist_id)
            if owned and row.owner_id != actor.person:
                raise NotYourPlaylist(row.name)
            if row.kind != "smart":
                raise BadPlaylist("not_smart", f"{row.name!r} does not fill itself.")
            ids = await self.smart.ids(conn, await self.smart.asked(actor, row), MAX_ROWS + 1)
            if len(ids) > MAX_ROWS:
                raise BadPlaylist("playlist_too_long", f"A playlist holds at most {MAX_ROWS} tracks.")
            there = await self._music.remembered(conn, actor, "track", ids)
        return [NewRow(number) for number in ids if number in there]
