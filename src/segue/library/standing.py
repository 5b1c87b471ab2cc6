"""What stands in the tables because of how this version, or this server's settings, look at the music.

Two things are made of rows and kept: what rows can be found by, and what they are sorted by. When the way to make them
changes (a new version, another list of articles) a job makes them anew, some rows at a time, while everything goes on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core import articles
from segue.core.changes import fact, set_fact
from segue.core.db import Database, Transaction
from segue.core.settings_store import SettingsService
from segue.jobs import JobContext, JobService
from segue.library import search, sort_rows

log = structlog.get_logger("segue.library")

INDEX = "library.index"
SORT = "library.sort"
INDEXED_AS = "3"
"""Grows when rows are to be found by other words than before."""
ROWS_AT_ONCE = 50
"""Rows that are indexed in one transaction: about 10 ms of the write lock on SQLite."""
SORTED_AT_ONCE = 200

Plays = Callable[[AsyncConnection, str, Sequence[int]], Awaitable[dict[int, int]]]


class StandingService:
    """Keeps up what rows are found and sorted by."""

    def __init__(self, db: Database, jobs: JobService, settings: SettingsService[Any]) -> None:
        self._db = db
        self._jobs = jobs
        self._settings = settings
        self.plays: Plays | None = None
        """How often things were played by anybody, told by listening; None where nobody counts."""

    async def check(self) -> None:
        """Ask for what is not as this version and these settings make it. Called at the start and after a change."""
        wanted = articles.written(self._settings.current.library.articles)
        async with self._db.read() as conn:
            indexed, sorted_by = await fact(conn, "indexed_as"), await fact(conn, "articles")
            empty = not await sort_rows.ids_after(conn, sort_rows.TABLES[-1], 0, 1)
        if (indexed, sorted_by) == (INDEXED_AS, wanted):
            return
        async with self._db.write() as tx:
            if empty:
                await set_fact(tx, "indexed_as", INDEXED_AS)
                await set_fact(tx, "articles", wanted)
                return
            if indexed != INDEXED_AS:
                await self._jobs.enqueue(tx, INDEX, dedup_key=INDEX)
            if sorted_by is None:
                await set_fact(tx, "articles", articles.written(articles.DEFAULT_LISTS))
            if (sorted_by or articles.written(articles.DEFAULT_LISTS)) != wanted:
                await self._jobs.enqueue(tx, SORT, dedup_key=SORT)

    async def index(self, job: JobContext) -> dict[str, Any]:
        """Make everything findable anew; a row keeps its plays, or gets what listening knows of it."""
        done = dict(job.checkpoint)
        rows = int(done.get("rows", 0))
        job.progress(rows, phase="index", unit="rows")
        kinds = list(search.KINDS)
        for kind in kinds[kinds.index(done.get("kind", kinds[0])) :]:
            after = int(done.get("after", 0)) if kind == done.get("kind") else 0
            while True:
                job.check()
                async with self._db.write() as tx:
                    await job.guard(tx)
                    ids = await search.ids_after(tx.conn, kind, after, ROWS_AT_ONCE)
                    if ids:
                        await search.index(tx, kind, ids)
                        await self._recount(tx, kind, ids)
                        after, rows = ids[-1], rows + len(ids)
                        await job.save({"kind": kind, "after": after, "rows": rows}, tx=tx)
                if not ids:
                    break
                job.progress(rows)
        async with self._db.write() as tx:
            await job.guard(tx)
            await set_fact(tx, "indexed_as", INDEXED_AS)
        return {"rows": rows}

    async def _recount(self, tx: Transaction, kind: search.Kind, ids: Sequence[int]) -> None:
        if self.plays is not None and kind in ("track", "album", "artist"):
            await search.set_plays(tx, kind, await self.plays(tx.conn, kind, ids))

    async def sort(self, job: JobContext) -> dict[str, Any]:
        """Make stored sort keys by the lists of articles that are set now."""
        lists = (await self._settings.load()).library.articles
        new = articles.parsed(lists)
        done = dict(job.checkpoint)
        if done.get("lists") not in (None, articles.written(lists)):
            done = {}  # the setting changed again: rows that were sorted in between are sorted once more
        async with self._db.read() as conn:
            old = articles.read(await fact(conn, "articles") or "")
        rows, changed = int(done.get("rows", 0)), int(done.get("changed", 0))
        first = int(done.get("table", 0))
        for place, table in enumerate(sort_rows.TABLES[first:], first):
            after = int(done.get("after", 0)) if place == done.get("table") else 0
            while True:
                job.check()
                async with self._db.write() as tx:
                    await job.guard(tx)
                    ids = await sort_rows.ids_after(tx.conn, table, after, SORTED_AT_ONCE)
                    if ids:
                        changed += await sort_rows.sort_again(tx, table, ids, old, new)
                        after, rows = ids[-1], rows + len(ids)
                        state = {"table": place, "after": after, "rows": rows, "changed": changed}
                        await job.save(state | {"lists": articles.written(lists)}, tx=tx)
                if not ids:
                    break
                job.progress(rows, phase="sort", unit="rows")
        async with self._db.write() as tx:
            await job.guard(tx)
            await set_fact(tx, "articles", articles.written(lists))
        if (await self._settings.load()).library.articles != lists:  # changed meanwhile
            return await self.sort(job)
        return {"rows": rows, "changed": changed}

    async def played(self, tx: Transaction, kind: str, more: Mapping[int, int]) -> None:
        """A hook of listening's: these were played so many times more (below zero: less) by somebody, in this transaction."""
        await search.played(tx, kind, more)  # type: ignore[arg-type]

    async def tell_plays(self, tx: Transaction, kind: str, plays: Mapping[int, int]) -> None:
        """A hook of listening's: these were played so often by all people together."""
        await search.set_plays(tx, kind, plays)  # type: ignore[arg-type]

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called inside the transaction that makes one track of two: the plays go on with the one that is kept."""
        await search.move_plays(tx, "track", merged, kept)

    async def on_artist_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Like `on_track_merged`, for artists."""
        await search.move_plays(tx, "artist", merged, kept)

    async def on_album_ended(self, tx: Transaction, ended: int, kept: int) -> None:
        """Like `on_track_merged`, for an album that ends; the one that goes on may have been made just now."""
        await search.index(tx, "album", [kept])
        await search.move_plays(tx, "album", ended, kept)
