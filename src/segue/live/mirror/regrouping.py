"""Putting recordings into concerts again where something changed, and keeping what people hold on to where it was.

What is wanted is read and concluded without a lock, then written in one transaction for a few thousand recordings at most.
A date that was asked for again meanwhile stays marked, and its turn comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, func, select
from sqlalchemy.exc import IntegrityError

from segue.core.db import Database
from segue.core.inline import InlineWriter
from segue.live import bulk
from segue.live.mirror import writing
from segue.live.mirror.concluding import conclude
from segue.live.mirror.loading import Wanted, load
from segue.live.models import LiveRecording, LiveRegroup
from segue.live.ranking import USUAL, Weights

REGROUP_TABLE = cast(Table, LiveRegroup.__table__)
REGROUPS = REGROUP_TABLE.c
RECORDINGS = cast(Table, LiveRecording.__table__).c
TOGETHER = 2_000
"""Recordings that are put into concerts in one transaction, where they are of several artists."""
MANY = 200
"""Marked dates of one artist from which on all of the artist is done at once."""

SOME = 5
"""The same, of an artist with no more recordings than are done together."""


@dataclass(slots=True)
class Regrouped:
    """What was done: artists looked at, concerts that are new, different, or ended in others."""

    artists: int = 0
    new: int = 0
    changed: int = 0
    ended: int = 0

    def add(self, other: Regrouped) -> None:
        self.artists += other.artists
        self.new += other.new
        self.changed += other.changed
        self.ended += other.ended


async def regroup(
    db: Database, artist_id: int, dates: frozenset[str] | None = None, *, weights: Weights = USUAL
) -> Regrouped:
    """Group and rank an artist's recordings, of these dates or of all."""
    return await regroup_some(db, {artist_id: dates}, weights=weights)


async def regroup_some(
    db: Database,
    wanted: Wanted,
    marks: Mapping[tuple[int, str], int] | None = None,
    *,
    weights: Weights = USUAL,
    writer: InlineWriter | None = None,
) -> Regrouped:
    """The same for several artists at once. `marks` are those that are done by it, with the versions they had; `writer` is
    for who does nothing else meanwhile."""
    for attempt in range(3):
        for _ in range(3):
            async with db.read() as conn:
                loaded = await load(conn, wanted)
            conclusion = conclude(loaded, wanted, weights)
            more = conclusion.elsewhere(wanted)
            if not more:
                break
            wanted = {
                artist: None if dates is None else dates | more.get(artist, set()) for artist, dates in wanted.items()
            }
        try:
            async with (writer or db).write() as tx:
                done = await writing.write(tx, loaded, conclusion, wanted)
                finished = [(artist, date, version) for (artist, date), version in (marks or {}).items()]
                await bulk.drop_rows(tx, REGROUP_TABLE, ("artist_id", "date", "version"), finished)
        except IntegrityError:  # somebody else did the same meanwhile: what they wrote is read then
            if attempt == 2:
                raise
            continue
        return Regrouped(len(wanted), done.new, done.changed, done.ended)
    raise AssertionError


async def regroup_now(db: Database, marks: Iterable[tuple[int, str]], *, weights: Weights = USUAL) -> Regrouped:
    """Do these marks, for somebody who waits for it; others stay."""
    wanted: dict[int, set[str]] = {}
    for artist, date in marks:
        wanted.setdefault(artist, set()).add(date)
    if not wanted:
        return Regrouped()
    async with db.read() as conn:
        mine = select(REGROUPS.artist_id, REGROUPS.date, REGROUPS.version).where(REGROUPS.artist_id.in_(list(wanted)))
        versions = {(row[0], row[1]): row[2] for row in await conn.execute(mine) if row[1] in wanted[row[0]]}
    return await regroup_some(
        db, {artist: frozenset(dates) for artist, dates in wanted.items()}, versions, weights=weights
    )


async def regroup_marked(
    db: Database, go_on: Callable[[int, int], None] | None = None, *, weights: Weights = USUAL
) -> Regrouped:
    """Do all that is marked. `go_on(done, total)` is called between two transactions, and may raise to end it there."""
    total = Regrouped()
    async with db.read() as conn:
        marked: dict[int, dict[str, int]] = {}
        for artist, date, version in await conn.execute(
            select(REGROUPS.artist_id, REGROUPS.date, REGROUPS.version).order_by(REGROUPS.artist_id)
        ):
            marked.setdefault(artist, {})[date] = version
        sizes: dict[int, int] = dict(
            (await conn.execute(select(RECORDINGS.artist_id, func.count()).group_by(RECORDINGS.artist_id))).all()  # type: ignore[arg-type]
        )
    done, every = 0, len(marked)
    writer = InlineWriter(db, bulk=True)
    try:
        for some in _together(marked, sizes):
            if go_on is not None:
                go_on(done, every)
            wanted: dict[int, frozenset[str] | None] = {}
            marks: dict[tuple[int, str], int] = {}
            for artist in some:
                dates = marked[artist]
                wanted[artist] = None if _whole(dates, sizes.get(artist, 0)) else frozenset(dates)
                marks.update(((artist, date), version) for date, version in dates.items())
            total.add(await regroup_some(db, wanted, marks, weights=weights, writer=writer))
            done += len(some)
    finally:
        await writer.close()
    if go_on is not None:
        go_on(done, every)
    return total


def _whole(dates: Collection[str], size: int) -> bool:
    """Whether all of an artist is done at once: it was asked for, or so much is marked that it hardly costs more."""
    return "" in dates or len(dates) > MANY or (len(dates) > SOME and size <= TOGETHER)


def _together(marked: Mapping[int, Any], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Artists in portions of about so many recordings."""
    some: list[int] = []
    weight = 0
    for artist, dates in marked.items():
        size = sizes.get(artist, 0)
        size = size if _whole(dates, size) else min(size, 10 * len(dates))
        if some and weight + size > TOGETHER:
            yield some
            some, weight = [], 0
        some.append(artist)
        weight += size
    if some:
        yield some
