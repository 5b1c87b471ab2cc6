"""What does a listening history cost? Recording a play, importing many, and statistics over millions of plays.

    ./dev bench listening                                   a million tracks, five million plays, on SQLite (an hour)
    ./dev bench listening --tracks 100000 --plays 500000    a smaller one
    ./dev bench listening --data FILE                       the collection in that SQLite file; made there where absent
    ./dev bench listening --postgres URL                    on a PostgreSQL server as well, in a database of its own

The plays are ten years of four people, six of ten by the first, written straight to the tables. Then some more are imported the
way any history is, single plays are recorded, and questions are asked, all as the first person. Time by the clock and of the
processor of this process, as medians.
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
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from bench.collection import _Sink, fill
from bench.tiny_files import make_tiny
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
from segue.listening.plays import hour_of_day, local_hour
from segue.listening.recording import offset_minutes
from segue.listening.service import IMPORT_BATCH, Listen, ListeningService, Sought
from segue.listening.statistics.charts import Bucket
from segue.listening.statistics.ranges import Period, Range, range_of, year
from segue.listening.statistics.service import StatisticsService
from segue.query import Entities
from segue.tables import import_models

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "listening.json"
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


async def heard(db: Database, tracks: int, plays: int) -> None:
    """Ten years of plays with all they add up to, written straight to the tables; nothing where they are there."""
    async with db.read() as conn:
        if await conn.scalar(select(Play.id).limit(1)) is not None:
            return
    started = time.monotonic()
    counted = await _counted(db)
    chance, step = random.Random(5), YEARS * 365 * 86_400 / plays
    zone, offsets = ZoneInfo(ANN.time_zone), dict[date, int]()

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(plays):
            at = START + timedelta(seconds=int(number * step))
            offset = offsets.setdefault(at.date(), offset_minutes(zone, at))
            track = int(tracks // 3 * chance.random() ** 3) * 3 + 1
            yield {
                "user_id": 1 if number % 10 < 6 else 2 + number % 3,
                "track_id": track,
                "subject": track,
                "played_at": at,
                "zone_offset_minutes": offset,
                "local_hour": local_hour(at, offset),
                "source": "import:bench",
                "client": "bench",
                "device": "bench",
                "title": f"Title {track}",
                "artist": f"Artist {track % 60_000}",
                "album": f"Album {track // 10}",
                "album_artist": "",
                "duration_ms": 200_000,
                "counted": counted[track],
            }

    made = rows()
    async with _Sink(db).open() as sink:
        dropped = await _without(sink.conn, db.dialect)
        while batch := list(islice(made, 50_000)):
            await sink.write(Play.__table__, batch)  # type: ignore[arg-type]
        print(f"  {plays:,} plays in {time.monotonic() - started:.0f} s", file=sys.stderr)
        days = (date(2014, 12, 1) + timedelta(days=n) for n in range((YEARS + 1) * 366))
        await sink.conn.execute(
            text("CREATE TABLE bench_days (first_hour INTEGER PRIMARY KEY, year INTEGER, month INTEGER)")
        )
        values = [{"hour": hour_of_day(day), "year": day.year, "month": day.year * 100 + day.month} for day in days]
        await sink.conn.execute(text("INSERT INTO bench_days VALUES (:hour, :year, :month)"), values)
        for statement in _added_up():
            await sink.conn.execute(text(statement))
            print(f"  {statement[:60]} … {time.monotonic() - started:.0f} s", file=sys.stderr)
        await sink.conn.execute(text("DROP TABLE bench_days"))
        for create in dropped:
            await sink.conn.execute(text(create))
        await sink.analyse()
    print(f"  everything in {time.monotonic() - started:.0f} s", file=sys.stderr)


async def _counted(db: Database) -> dict[int, list[Any]]:
    """What a play of each track counts for."""
    found: dict[int, list[Any]] = {}
    async with db.read() as conn:
        for row in await conn.execute(select(m.Track.id, m.Track.album_id, m.Track.year)):
            found[row.id] = [row.album_id, [], [], row.year // 10 * 10 if row.year else None]
        credits = select(m.TrackCredit.track_id, m.TrackCredit.artist_id).where(m.TrackCredit.role == "artist")
        for track, artist in await conn.execute(credits.order_by(m.TrackCredit.track_id, m.TrackCredit.position)):
            if artist not in found[track][1]:
                found[track][1].append(artist)
        for track, genre in await conn.execute(select(m.TrackGenre.track_id, m.TrackGenre.genre_id)):
            found[track][2].append(genre)
    return found


async def _without(conn: Any, dialect: str) -> list[str]:
    """Take the plain indexes off the tables of listening; how they are made."""
    tables = "('plays', 'play_rollups', 'annotations')"
    found = {
        "sqlite": f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN {tables}",
        "postgresql": "SELECT i.indexname, i.indexdef FROM pg_indexes i LEFT JOIN pg_constraint c ON c.conname = i.indexname "
        f"WHERE i.schemaname = current_schema() AND c.conname IS NULL AND i.tablename IN {tables}",
    }
    indexes = (await conn.execute(text(found[dialect]))).all()
    for name, _ in indexes:
        await conn.execute(text(f'DROP INDEX "{name}"'))
    return [create for _, create in indexes]


def _added_up() -> list[str]:
    """Statements that make rollups and counts of plays."""
    per_track = (
        "CREATE TABLE bench_tracks AS SELECT p.user_id, p.subject AS track_id, d.year, d.month, count(*) AS plays, "
        "sum(p.duration_ms) AS heard, min(p.played_at) AS first, max(p.played_at) AS last FROM plays p "
        "JOIN bench_days d ON d.first_hour = p.local_hour - p.local_hour % 24 GROUP BY 1, 2, 3, 4"
    )
    things = {
        2: ("t.album_id", "JOIN tracks t ON t.id = b.track_id"),
        3: ("c.artist_id", "JOIN track_credits c ON c.track_id = b.track_id AND c.role = 'artist'"),
        4: ("g.genre_id", "JOIN track_genres g ON g.track_id = b.track_id"),
        5: ("t.year / 10 * 10", "JOIN tracks t ON t.id = b.track_id AND t.year IS NOT NULL"),
    }
    rollups = [
        f"INSERT INTO play_rollups SELECT b.user_id, {kind}, {number}, b.{cut}, sum(b.plays), sum(b.heard) "
        f"FROM bench_tracks b {join} GROUP BY b.user_id, {number}, b.{cut}"
        for kind, (number, join) in things.items()
        for cut in ("year", "month")
    ]
    columns = "user_id, kind, entity_id, play_count, plays_elsewhere, heard_ms, first_played_at, last_played_at, text"
    counts = [
        f"INSERT INTO annotations ({columns}) SELECT b.user_id, '{name}', {number}, sum(b.plays), 0, sum(b.heard), "
        f"min(b.first), max(b.last), '' FROM bench_tracks b {join} GROUP BY b.user_id, {number}"
        for name, number, join in (
            ("track", "b.track_id", ""),
            ("album", *things[2]),
            ("artist", *things[3]),
        )
    ]
    return [
        "INSERT INTO play_hours SELECT user_id, local_hour, count(*), sum(duration_ms) FROM plays GROUP BY 1, 2",
        per_track,
        "INSERT INTO play_rollups SELECT user_id, 1, track_id, year, sum(plays), sum(heard) FROM bench_tracks GROUP BY 1, 3, 4",
        *rollups,
        *counts,
        "DROP TABLE bench_tracks",
    ]


async def imported(db: Database, listening: ListeningService, tracks: int, listens: int) -> dict[str, Any]:
    """More plays of the first person, in order of time, brought in the way any history is."""
    chance = random.Random(listens)
    async with db.read() as conn:
        newest = await conn.scalar(select(func.max(Play.played_at)))
    held: list[float] = []
    started, cpu = time.monotonic(), time.process_time()
    for first in range(0, listens, IMPORT_BATCH):
        batch = [
            Listen(
                newest + timedelta(minutes=3 * number + 3),
                track_id=int(tracks // 3 * chance.random() ** 3) * 3 + 1,
                source="import:bench",
                client="bench",
            )
            for number in range(first, min(first + IMPORT_BATCH, listens))
        ]
        async with db.write() as tx:
            begun = time.perf_counter()
            await listening.import_plays(tx, 1, batch, time_zone=ANN.time_zone)
            held.append(time.perf_counter() - begun)
    took, spent = time.monotonic() - started, time.process_time() - cpu
    return {
        "listens": listens,
        "seconds": round(took, 1),
        "seconds_a_million": round(took / listens * 1e6, 1),
        "cpu_seconds_a_million": round(spent / listens * 1e6, 1),
        "batch_ms": {"median": _ms(statistics.median(held)), "p95": _ms(_share(held, 0.95))},
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


async def beside_a_scan(
    db: Database, url: str, listening: ListeningService, tracks: int, albums: int
) -> dict[str, Any]:
    """Single plays, twenty a second, as long as another process scans new files into the same database.

    The files' library stays in it, with a folder that is gone.
    """
    chance, took, number = random.Random(11), list[float](), 0
    async with db.read() as conn:
        newest = await conn.scalar(select(func.max(Play.played_at)))
    with tempfile.TemporaryDirectory(prefix="segue-bench-music-") as music:
        make_tiny(Path(music), range(30_000_000, 30_000_000 + albums))
        scanner = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.scan_beside", url, music, stdout=asyncio.subprocess.PIPE, cwd=HERE.parent
        )
        assert scanner.stdout is not None
        await scanner.stdout.readline()
        ended = asyncio.create_task(scanner.wait())
        while not ended.done():
            number += 1
            track = int(tracks // 3 * chance.random() ** 3) * 3 + 1
            begun = time.perf_counter()
            await listening.play(ANN, track, played_at=newest + timedelta(minutes=number), client="bench")
            took.append(time.perf_counter() - begun)
            await asyncio.sleep(0.05)
        rate = (await scanner.stdout.read()).split()
    return {
        "times": len(took),
        "p50_ms": _ms(statistics.median(took)),
        "p95_ms": _ms(_share(took, 0.95)),
        "p99_ms": _ms(_share(took, 0.99)),
        "files": albums * 12,
        "files_per_s": int(rate[-1]) if rate else None,
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


async def run(db: Database, url: str, options: argparse.Namespace) -> dict[str, Any]:
    listening, statistics_of = services(db)
    tracks = await collection(db, options.tracks)
    result: dict[str, Any] = {"tracks": tracks, "load_average": round(os.getloadavg()[0], 1)}
    await heard(db, tracks, options.plays)
    result["import"] = await imported(db, listening, tracks, options.listens)
    print(f"importing: {result['import']}")
    result["record"] = await recorded(db, listening, tracks, options.records)
    print(f"recording a play: {result['record']}")
    if options.scanned:
        result["beside_a_scan"] = await beside_a_scan(db, url, listening, tracks, options.scanned)
        print(f"recording a play during a scan: {result['beside_a_scan']}")
    print(f"\n{db.dialect:42}{'median ms':>10}{'best':>10}{'CPU':>10}")
    result["asked"] = await measured(questions(listening, statistics_of), options.times)
    return result


async def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--tracks", type=int, default=1_000_000)
    given.add_argument("--plays", type=int, default=5_000_000)
    given.add_argument("--listens", type=int, default=20_000, help="how many more are imported, to measure it")
    given.add_argument("--times", type=int, default=5, help="how often each question is asked")
    given.add_argument("--records", type=int, default=500, help="how many single plays are recorded")
    given.add_argument(
        "--scanned", type=int, default=500, help="albums of twelve files that are scanned meanwhile; 0: none"
    )
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
                    results[name] = await run(db, url, options)
                finally:
                    await db.close()
    if options.write:
        kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count(), "times": options.times}
        RESULTS.write_text(json.dumps(kept | about | results, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
