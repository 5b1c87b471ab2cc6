"""Taking an import back: its plays, and whatever else it changed and nobody changed since.

When things were first and last heard follows from the plays that are left: those are walked through once at the end, which
costs what the person's history is long, and holds no lock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.core.errors import NotFound
from segue.jobs import JobContext
from segue.listening import annotation_rows
from segue.listening.counting_again import drop_silent_names, take_out
from segue.listening.imports import repository
from segue.listening.imports.bringing import KEPT, source_of
from segue.listening.imports.service import ImportService
from segue.listening.imports.stage import moment, ms
from segue.listening.rollups import Tally

PLAYS_AT_ONCE = 100
MARKS_AT_ONCE = 100
WALKED_AT_ONCE = 5_000
EDGES_AT_ONCE = 200
_MOMENTS = {"starred_at", "rated_at", "hated_at", "last_played_at"}


async def undo(imports: ImportService, job: JobContext, number: int) -> dict[str, Any] | None:
    """The job behind `undo`: to state `undone`. Every step is one that can be done again."""
    async with imports.db.read() as conn:
        row = await repository.get(conn, number)
    if row is None or row.state != "undoing" or row.first_play_id is None:
        return None
    taken = int(job.checkpoint.get("plays", 0))
    taken += await _plays(imports, job, row, taken)
    marks = await _marks(imports, job, number)
    if taken:
        for user_id in sorted({*(row.people or {}).values()}):
            await _edges(imports, job, user_id)
    now = utc_now()
    result = {"plays": taken, "marks": marks}
    async with imports.db.write() as tx:
        await repository.change(tx, number, {"state": "undone", "undone_at": now, "changed_at": now})
        tx.changed("history_import", number, user_id=row.user_id)
        await job.complete(tx, result)
    return result


async def _plays(imports: ImportService, job: JobContext, row: Any, taken: int) -> int:
    """Take the plays away, the newest first; how many these were."""
    source, above, below, done = source_of(row.id), row.first_play_id, None, 0
    async with imports.db.read() as conn:
        total = await repository.count_plays(conn, source, above)
    job.progress(0, total, phase="undo", unit="plays")
    while True:
        job.check()
        async with imports.db.write() as tx:
            await job.guard(tx)
            plays = await repository.plays_of_import(tx.conn, source, above, below, PLAYS_AT_ONCE)
            if not plays:
                return done
            user_id = plays[0].user_id
            less = await take_out(tx, user_id, plays)
            await repository.drop_plays(tx, [play.id for play in plays])
            await _tell(imports, tx, user_id, less)
            done += len(plays)
            await job.save({"plays": taken + done}, tx=tx)
        # those of another person among them come with the next batch
        below = plays[-1].id if len(plays) == PLAYS_AT_ONCE else None
        job.progress(done)


async def _tell(imports: ImportService, tx: Transaction, user_id: int, less: Tally) -> None:
    tx.changed("play", "mine", user_id=user_id)
    for kind in ("track", "album", "artist"):
        counts = less.counts(kind)
        for hook in imports.listening.on_played if counts else ():
            await hook(tx, kind, counts)


async def _marks(imports: ImportService, job: JobContext, number: int) -> int:
    """Put back what is still as the import left it; how much that was."""
    done = 0
    while True:
        job.check()
        async with imports.db.read() as conn:
            rows = await repository.marks(conn, number, MARKS_AT_ONCE)
        if not rows:
            return done
        for row in rows:
            if row.kind == "playlist" and imports.playlists is not None:
                await imports.playlists.forget(await imports.actor_of(row.user_id), row.entity_id)
            elif row.kind == "bookmark":
                await _unmark(imports, row)
        async with imports.db.write() as tx:
            await job.guard(tx)
            for row in rows:
                if row.kind in ("track", "album", "artist"):
                    await _restore(tx, row)
                    tx.changed(row.kind, row.entity_id, user_id=row.user_id)
            await repository.drop_marks(tx, rows)
        done += len(rows)


async def _unmark(imports: ImportService, row: Any) -> None:
    async with imports.db.read() as conn:
        there = await repository.bookmarks_of(conn, row.user_id, [row.entity_id])
    if there.get(row.entity_id) == (row.after or {}).get("position_ms"):
        try:
            await imports.listening.delete_bookmark(await imports.actor_of(row.user_id), row.entity_id)
        except NotFound:
            return


async def _restore(tx: Transaction, row: Any) -> None:
    """Each column that is as the import made it becomes what it was."""
    there = (await annotation_rows.of(tx.conn, row.user_id, row.kind, [row.entity_id])).get(row.entity_id)
    if there is None:
        return
    was, made = row.before or dict.fromkeys(KEPT) | {"plays_elsewhere": 0}, row.after or {}
    values: dict[str, Any] = {}
    for name in KEPT:
        now = ms(getattr(there, name)) if name in _MOMENTS else getattr(there, name)
        if now == made.get(name) and now != was.get(name):
            values[name] = moment(was.get(name)) if name in _MOMENTS else was.get(name)
    if "plays_elsewhere" in values:
        values["plays_elsewhere"] = values["plays_elsewhere"] or 0
        values["play_count"] = max(there.play_count - (there.plays_elsewhere - values["plays_elsewhere"]), 0)
    if values:
        await repository.set_edges(tx, row.user_id, [(row.kind, row.entity_id, values)])


async def _edges(imports: ImportService, job: JobContext, user_id: int) -> None:
    """Say anew when everything was first and last heard, where that is no longer so."""
    edges = await _walked(imports, job, user_id)
    at = ("", 0)
    while True:
        job.check()
        async with imports.db.write() as tx:
            await job.guard(tx)
            rows = await repository.heard_after(tx.conn, user_id, at, EDGES_AT_ONCE)
            changes = []
            for row in rows:
                first, last = edges.get((row.kind, row.entity_id), (None, None))
                values: dict[str, Any] = {} if row.first_played_at == first else {"first_played_at": first}
                if row.plays_elsewhere == 0 and row.last_played_at != last:
                    values["last_played_at"] = last
                if values:
                    changes.append((row.kind, row.entity_id, values))
            await repository.set_edges(tx, user_id, changes)
        if not rows:
            break
        at = (rows[-1].kind, rows[-1].entity_id)
    after = 0
    while True:
        job.check()
        async with imports.db.write() as tx:
            await job.guard(tx)
            names = await repository.names_after(tx.conn, user_id, after, EDGES_AT_ONCE)
            spans = {name: edges.get((name.kind, -name.id), (None, None)) for name in names}
            old = [
                (name.id, *span) for name, span in spans.items() if span != (name.first_played_at, name.last_played_at)
            ]
            await repository.set_name_edges(tx, old)
            await drop_silent_names(tx, user_id, [-name.id for name, span in spans.items() if span == (None, None)])
        if not names:
            return
        after = names[-1].id


async def _walked(
    imports: ImportService, job: JobContext, user_id: int
) -> dict[tuple[str, int], tuple[datetime, datetime]]:
    """By (kind, number), the first and the last of a person's plays."""
    edges: dict[tuple[str, int], tuple[datetime, datetime]] = {}
    after, walked = 0, 0
    job.progress(0, phase="count", unit="plays")
    while True:
        job.check()
        async with imports.db.read() as conn:
            plays = await repository.plays_after(conn, user_id, after, WALKED_AT_ONCE)
        if not plays:
            return edges
        after, walked = plays[-1].id, walked + len(plays)
        for play in plays:
            album, artists, *_ = play.counted or (0, ())
            things = [("track", play.subject), *(("artist", artist) for artist in artists)]
            for thing in [*things, ("album", album)] if album else things:
                first, last = edges.get(thing, (play.played_at, play.played_at))
                edges[thing] = (min(first, play.played_at), max(last, play.played_at))
        job.progress(walked)
