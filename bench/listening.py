"""What does a listening history cost? Recording a play, importing many, and statistics over millions of plays.

    python -m bench.listening                                   a million tracks, five million plays, on SQLite (an hour)
    python -m bench.listening --tracks 100000 --plays 500000    a smaller one
    python -m bench.listening --data FILE                       the collection in that SQLite file; made there where absent
    python -m bench.listening --postgres URL                    on a PostgreSQL server as well, in a database of its own

The plays are ten years of four people, six of ten by the first, and are imported the way any history is, which is measured.
Everything else is asked as the first person. Time by the clock and of the processor of this process, as medians.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from bench.collection import fill
from segue.core.access import Actor
from segue.core.db import Base, Database
from segue.jobs import JobService, Registry
from segue.library import models as m
from segue.library import search
from segue.library.fields import ENTITIES
from segue.library.service import LibraryService
from segue.listening import tasks
from segue.listening.fields import FIELDS
from segue.listening.models import Play
from segue.listening.service import IMPORT_BATCH, Listen, ListeningService, Sought
from segue.listening.statistics.charts import Bucket
from segue.listening.statistics.ranges import Period, Range, range_of, year
from segue.listening.statistics.service import StatisticsService
from segue.query import Entities
from segue.tables import import_models

RESULTS = Path(__file__).parent / "results" / "listening.json"
START = datetime(2015, 1, 1, tzinfo=UTC)
YEARS = 10
ANN = Actor(1, "ann", libraries=None, time_zone="Europe/Berlin")


def services(db: Database) -> tuple[ListeningService, StatisticsService]:
    library = LibraryService(db, Entities(ENTITIES).extended(FIELDS))
    listening = ListeningService(db, library, JobService(db, Registry().add(tasks)))

    async def played(tx: Any, kind: Any, more: Any) -> None:
        await search.played(tx, kind, more)

    listening.on_played.append(played)
    return listening, StatisticsService(db, library)


async def collection(db: Database, tracks: int) -> int:
    """How many tracks there are; made where there are none."""
    async with db.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    async with db.read() as conn:
        there = int(await conn.scalar(select(func.max(m.Track.id))) or 0)
    if not there:
        await fill(db, albums=tracks // 10, libraries=3, artists=tracks * 6 // 100, marked=0.0)
        async with db.read() as conn:
            there = int(await conn.scalar(select(func.max(m.Track.id))) or 0)
    return there


async def imported(db: Database, listening: ListeningService, tracks: int, plays: int) -> dict[str, Any] | None:
    """Ten years of plays, imported; None where they are there."""
    async with db.read() as conn:
        if await conn.scalar(select(Play.id).limit(1)) is not None:
            return None
    chance, step = random.Random(5), YEARS * 365 * 86_400 / plays
    batches: dict[int, list[Listen]] = {person: [] for person in (1, 2, 3, 4)}
    held: list[float] = []
    started, cpu = time.monotonic(), time.process_time()

    async def write(person: int) -> None:
        async with db.write() as tx:
            begun = time.perf_counter()
            await listening.import_plays(tx, person, batches[person], time_zone=ANN.time_zone)
            held.append(time.perf_counter() - begun)
        batches[person] = []

    for number in range(plays):
        person = 1 if number % 10 < 6 else 2 + number % 3
        at = START + timedelta(seconds=int(number * step))
        track = int(tracks // 3 * chance.random() ** 3) * 3 + 1
        batches[person].append(Listen(at, track_id=track, source="import:bench", client="bench"))
        if len(batches[person]) >= IMPORT_BATCH:
            await write(person)
        if number % 250_000 == 249_999:
            print(f"  {number + 1:,} in {time.monotonic() - started:.0f} s", file=sys.stderr)
    for person in batches:
        await write(person)
    async with db.exclusive() as conn:
        await conn.execute(text("ANALYZE"))
    took = time.monotonic() - started
    return {
        "plays": plays,
        "seconds": round(took, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "seconds_a_million": round(took / plays * 1e6, 1),
        "transaction_ms": {"median": _ms(statistics.median(held)), "p99": _ms(_share(held, 0.99))},
    }


async def recorded(db: Database, listening: ListeningService, tracks: int, times: int) -> dict[str, Any]:
    """Single plays with nothing else going on: of tracks that were played, and of ones that never were."""
    chance, took = random.Random(7), []
    at = START + timedelta(days=YEARS * 365 + 1)
    async with db.read() as conn:
        newest = await conn.scalar(select(func.max(Play.played_at)))
    at = max(at, newest + timedelta(minutes=5))
    cpu = time.process_time()
    for number in range(times):
        track = int(tracks // 3 * chance.random() ** 3) * 3 + 1 + (number % 5 == 0)
        begun = time.perf_counter()
        await listening.play(ANN, track, played_at=at + timedelta(minutes=number), client="bench")
        took.append(time.perf_counter() - begun)
    return {
        "times": times,
        "p50_ms": _ms(statistics.median(took)),
        "p95_ms": _ms(_share(took, 0.95)),
        "p99_ms": _ms(_share(took, 0.99)),
        "cpu_ms": _ms((time.process_time() - cpu) / times),
    }


def questions(listening: ListeningService, statistics_of: StatisticsService) -> dict[str, Callable[[], Awaitable[Any]]]:
    whole, everything = year(2021), Range(Period.all)
    rolling = Range(Period.free, date(2021, 3, 18), date(2022, 3, 17))
    month, long = range_of(Period.month, date(2021, 5, 5)), Range(Period.free, date(2017, 2, 3), date(2023, 9, 9))
    asked: dict[str, Callable[[], Awaitable[Any]]] = {}
    for kind in ("track", "album", "artist", "genre"):
        asked[f"top 100 {kind}s of a year"] = lambda kind=kind: statistics_of.top(ANN, kind, whole, limit=100)
    for kind in ("track", "artist"):
        asked |= {
            f"top 100 {kind}s of a year by time": lambda kind=kind: statistics_of.top(
                ANN, kind, whole, by="time", limit=100
            ),
            f"top 100 {kind}s of a year, compared": lambda kind=kind: statistics_of.top(
                ANN, kind, whole, limit=100, compared=True
            ),
            f"top 100 {kind}s of a month": lambda kind=kind: statistics_of.top(ANN, kind, month, limit=100),
            f"top 100 {kind}s of any 365 days": lambda kind=kind: statistics_of.top(ANN, kind, rolling, limit=100),
            f"top 100 {kind}s of any six years": lambda kind=kind: statistics_of.top(ANN, kind, long, limit=100),
            f"top 100 {kind}s of everything": lambda kind=kind: statistics_of.top(ANN, kind, everything, limit=100),
        }
    return asked | {
        "totals of a year": lambda: statistics_of.totals(ANN, whole),
        "totals of everything": lambda: statistics_of.totals(ANN, everything),
        "a calendar of a year": lambda: statistics_of.over_time(ANN, Bucket.day, whole),
        "months of everything": lambda: statistics_of.over_time(ANN, Bucket.month, everything),
        "the clock of a year": lambda: statistics_of.clock(ANN, whole),
        "streaks": lambda: statistics_of.streaks(ANN),
        "discoveries of a year": lambda: statistics_of.discoveries(ANN, "artist", whole, limit=100),
        "a year in music": lambda: statistics_of.year_in_music(ANN, 2021),
        "first page of the history": lambda: listening.history(ANN, limit=100),
        "history, searched": lambda: listening.history(ANN, limit=100, sought=Sought("love")),
        "history, a word nobody heard": lambda: listening.history(ANN, limit=100, sought=Sought("xqzj")),
    }


async def measured(asked: dict[str, Callable[[], Awaitable[Any]]], times: int) -> dict[str, Any]:
    found = {}
    for name, ask in asked.items():
        took, cpu = [], time.process_time()
        for _ in range(times):
            begun = time.perf_counter()
            await ask()
            took.append(time.perf_counter() - begun)
        spent = (time.process_time() - cpu) / times
        found[name] = {"median_ms": _ms(statistics.median(took)), "best_ms": _ms(min(took)), "cpu_ms": _ms(spent)}
        print(f"{name:42}{_ms(statistics.median(took)):>10}{_ms(min(took)):>10}{_ms(spent):>10}")
    return found


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _share(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def run(db: Database, options: argparse.Namespace) -> dict[str, Any]:
    listening, statistics_of = services(db)
    tracks = await collection(db, options.tracks)
    result: dict[str, Any] = {"tracks": tracks, "load_average": round(os.getloadavg()[0], 1)}
    if (brought := await imported(db, listening, tracks, options.plays)) is not None:
        result["import"] = brought
        print(json.dumps(brought))
    result["record"] = await recorded(db, listening, tracks, options.records)
    print(f"recording a play: {result['record']}")
    print(f"\n{db.dialect:42}{'median ms':>10}{'best':>10}{'CPU':>10}")
    result["asked"] = await measured(questions(listening, statistics_of), options.times)
    return result


async def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--tracks", type=int, default=1_000_000)
    given.add_argument("--plays", type=int, default=5_000_000)
    given.add_argument("--times", type=int, default=5, help="how often each question is asked")
    given.add_argument("--records", type=int, default=500, help="how many single plays are recorded")
    given.add_argument("--data", type=Path, help="the SQLite file that keeps the collection")
    given.add_argument("--postgres", help="URL of a PostgreSQL database that is empty, or was filled by this")
    given.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    given.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = given.parse_args()
    import_models()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="segue-bench-listening-") as folder:
        urls = {"SQLite": f"sqlite:///{options.data or Path(folder) / 'segue.db'}", "PostgreSQL": options.postgres}
        for name, url in urls.items():
            if url and options.database in (None, name.lower()):
                db = Database.open(url)
                try:
                    results[name] = await run(db, options)
                finally:
                    await db.close()
    if options.write:
        kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count(), "times": options.times}
        RESULTS.write_text(json.dumps(kept | about | results, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
