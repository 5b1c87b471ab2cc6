"""Concluding again what recordings are, from what was kept of them: after a person's word, or with better rules."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, cast

from sqlalchemy import Table, select

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.live import bulk
from segue.live.bulk import among
from segue.live.facts import artist_key, facts_of
from segue.live.mirror import known, rows
from segue.live.mirror.kept import kept_item
from segue.live.mirror.known import KnownArtists
from segue.live.mirror.taking_in import mark
from segue.live.models import LiveRecording

BATCH = 200
"""Recordings that are concluded again in one transaction."""
RECORDINGS = cast(Table, LiveRecording.__table__)
_SAID = tuple(name for name in rows.COLUMNS if name not in ("seen_at", "status", "provider", "identifier"))


async def conclude_again(tx: Transaction, ids: Collection[int]) -> list[tuple[int, str]]:
    """Bring the rows of these recordings to what their items, the rules and people say now, and mark their dates, which are
    given back."""
    bands = await known.bands(tx.conn)
    there = list(await tx.execute(select(RECORDINGS).where(among(RECORDINGS.c.id, ids, tx.dialect))))
    words = await known.words_about(tx.conn, [row.identifier for row in there])
    artists = KnownArtists()
    marks: list[tuple[int, str]] = []
    changed: list[tuple[Any, ...]] = []
    for row in there:
        part = "details" if row.details_at is not None else "listed"
        item = await kept_item(tx.conn, row.id, part) or await kept_item(tx.conn, row.id, "listed")
        if item is None:
            continue
        facts = facts_of(item, bands=bands)
        said = words.get(row.identifier)
        if said:
            facts = rows.overridden(facts, said, artist_key)
        numbers = await artists.ids(tx, dict(zip(facts.artist_keys, facts.artist_names, strict=True)))
        artist = numbers.get(facts.artist_keys[0]) if facts.artist_keys else None
        values = dict(zip(rows.COLUMNS, rows.values_of(item, facts, artist, utc_now()), strict=True))
        values |= {name: getattr(row, name) for name in ("rating", "review_count", "downloads")}
        for name in ("venue", "title"):
            if said and isinstance(said.get(name), str):
                values[name] = said[name]
        changed.append((row.id, *(values[name] for name in _SAID)))
        marks += [(number, facts.date) for number in numbers.values()]
        if row.artist_id is not None:
            marks.append((row.artist_id, row.date))
    await bulk.change(tx, RECORDINGS, _SAID, changed)
    await mark(tx, marks)
    tx.all_changed("recording", [row[0] for row in changed])
    return marks


async def bring_up_to_date(db: Database, go_on: Callable[[int], None]) -> int:
    """Conclude again whatever older rules concluded; how many recordings that were. `go_on` is called between two batches with
    how many are done, and may raise to end it there."""
    done = last = 0
    while True:
        older = select(RECORDINGS.c.id).where(RECORDINGS.c.concluded_version < rows.VERSION, RECORDINGS.c.id > last)
        async with db.read() as conn:
            ids = list((await conn.scalars(older.order_by(RECORDINGS.c.id).limit(BATCH))).all())
        if not ids:
            return done
        async with db.write() as tx:
            await conclude_again(tx, ids)
        done, last = done + len(ids), ids[-1]
        go_on(done)
