"""How fast are questions? Fifty queries of bench/queries.txt, asked of a large collection with very many plays.

    ./dev bench query                                   a million tracks, five million plays, on SQLite (half an hour)
    ./dev bench query --tracks 100000 --plays 500000    a smaller one
    ./dev bench query --data FILE                       the collection in that SQLite file; made there where it is absent
    ./dev bench query --postgres URL                    in that PostgreSQL database as well, which is empty or was filled by this

For each query: the first hundred rows, and the live count (exact to 10,000, then "more"). And a smart list of 10,000 tracks:
its first hundred rows and its total. Time by the clock and of the processor, as medians and as what 95 of 100 stay under.
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
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from bench.collection import _Sink, fill  # noqa: E402
from segue.core.access import Actor  # noqa: E402
from segue.core.db import Base, Database  # noqa: E402
from segue.library import models as m  # noqa: E402
from segue.library import search  # noqa: E402
from segue.library.fields import ENTITIES  # noqa: E402
from segue.library.musical_keys import camelot_of  # noqa: E402
from segue.listening.fields import FIELDS  # noqa: E402
from segue.listening.models import Annotation, Play  # noqa: E402
from segue.query import Entities, Question, Scope, Window, count, find, parse_sort  # noqa: E402
from segue.query.language import Parsed, parse  # noqa: E402
from segue.tables import import_models  # noqa: E402

RESULTS = HERE / "results" / "query.json"
QUERIES = HERE / "queries.txt"
LIMIT, COUNTED = 100, 10_000
SMART = "duration:300..302"
"""A smart list of about 10,000 of a million tracks."""
START = datetime(2015, 1, 1, tzinfo=UTC)
KEYS = ("Am", "C", "8A", "F#m", "Gm", "D", "Em", "5B", "Bb minor")


@dataclass(frozen=True)
class Asked:
    """One line of bench/queries.txt."""

    entity: str
    text: str
    parsed: Parsed


def asked(entities: Entities) -> Iterator[Asked]:
    for line in QUERIES.read_text("utf-8").splitlines():
        entity, _, text = line.partition(" ")
        if text and entity != "#":
            yield Asked(entity, text, parse(entities[entity], text))


# --- the collection --------------------------------------------------------------------------------------------------


@asynccontextmanager
async def collection(db: Database, tracks: int, plays: int) -> AsyncIterator[int]:
    """The number of tracks in a database; made where there are none."""
    async with db.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    await unanalysed(db)
    async with db.read() as conn:
        there = int(await conn.scalar(select(func.max(m.Track.id))) or 0)
    if not there:
        started = time.monotonic()
        await fill(db, albums=tracks // 10, libraries=3, artists=tracks * 6 // 100, marked=0.0)
        await listen(db, tracks, plays)
        await vary(db)
        print(f"made in {time.monotonic() - started:.0f} s", file=sys.stderr)
        there = tracks
    yield there


async def unanalysed(db: Database) -> None:
    """Forget what a file was found to hold: Segue never has SQLite count, so its plans are what they are without."""
    if db.dialect == "sqlite":
        async with db.exclusive() as conn:
            await conn.exec_driver_sql("ANALYZE sqlite_master")  # so that there is a table of it
            await conn.exec_driver_sql("DELETE FROM sqlite_stat1")


async def listen(db: Database, tracks: int, plays: int) -> None:
    """Plays of ten years by four people, six of ten by the first; a third of the tracks is ever played, few often."""
    chance = random.Random(5)
    heard: dict[tuple[int, int], list[Any]] = {}
    step = 10 * 365 * 86_400 / plays

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(plays):
            person = 1 if number % 10 < 6 else 2 + number % 3
            track = int(tracks // 3 * chance.random() ** 3) * 3 + 1
            when = START + timedelta(seconds=int(number * step))
            known = heard.setdefault((person, track), [0, when, when])
            known[0] += 1
            known[2] = when
            yield {
                "user_id": person, "track_id": track, "subject": track, "played_at": when, "zone_offset_minutes": 0,
                "local_hour": int(when.timestamp() // 3600), "client": "bench", "title": f"Title {track}",
                "artist": "", "album": "",
            }  # fmt: skip

    made = rows()
    async with _Sink(db).open() as sink, sink.without_indexes():
        while batch := list(islice(made, 50_000)):
            await sink.write(Play.__table__, batch)  # type: ignore[arg-type]
        marks = (_mark(person, "track", track, *known) for (person, track), known in heard.items())
        while batch := list(islice(marks, 50_000)):
            await sink.write(Annotation.__table__, batch)  # type: ignore[arg-type]
        albums: dict[tuple[int, int], list[Any]] = {}
        for (person, track), (number, first, last) in heard.items():
            known = albums.setdefault((person, (track - 1) // 10 + 1), [0, first, last])
            known[0] += number
            known[1], known[2] = min(known[1], first), max(known[2], last)
        others = (_mark(person, "album", album, *known) for (person, album), known in albums.items())
        while batch := list(islice(others, 50_000)):
            await sink.write(Annotation.__table__, batch)  # type: ignore[arg-type]


def _mark(person: int, kind: str, number: int, plays: int, first: datetime, last: datetime) -> dict[str, Any]:
    return {
        "user_id": person, "kind": kind, "entity_id": number, "play_count": plays, "first_played_at": first,
        "last_played_at": last, "starred_at": last if number % 11 == 0 else None,
        "hated_at": last if number % 1009 == 0 else None, "rated_at": last if number % 7 == 0 else None,
        "rating": number // 7 % 5 + 1 if number % 7 == 0 else None, "text": "",
    }  # fmt: skip


async def vary(db: Database) -> None:
    """Other formats, keys, moods, spellings: what a plain collection has none of."""
    files, tracks = m.File.__table__, m.Track.__table__
    mp3 = {"format": "mp3", "codec": "mp3", "lossless": False, "bitrate_kbps": 320, "bit_depth": None}
    aac = {"format": "mp4", "codec": "aac", "lossless": False, "bitrate_kbps": 256, "bit_depth": None}
    async with db.write() as tx:
        for rest, of, values in (
            (0, 3, mp3),
            (1, 50, aac),
            (2, 40, {"sample_rate_hz": 96_000, "bit_depth": 24}),
            (2, 5000, {"format": "ape", "codec": "ape"}),
        ):
            await tx.execute(update(files).where(files.c.id % of == rest).values(values))
        for rest, key in enumerate(KEYS):
            keyed = update(tracks).where(tracks.c.id % 20 == rest)
            await tx.execute(keyed.values(musical_key=key, camelot=camelot_of(key)))
        await tx.execute(update(tracks).where(tracks.c.id % 9 == 0).values(mood="Happy"))
        await tx.execute(update(tracks).where(tracks.c.id % 31 == 0).values(mood="Sad", comment="Ripped by Tom"))
        named = await tx.execute(select(m.Artist.id, m.Artist.name).where(m.Artist.id % 50 == 0))
        aliases = [
            {
                "artist_id": row[0],
                "name": row[1][::-1],
                "name_key": row[1][::-1].casefold(),
                "sort_key": "",
                "source": "person",
            }
            for row in named
        ]
        await tx.execute(insert(m.ArtistAlias), aliases)
        await search.index(tx, "artist", [alias["artist_id"] for alias in aliases])
    if db.dialect == "postgresql":  # which does so by itself after a while; nobody analyses a SQLite file
        async with db.exclusive() as conn:
            await conn.exec_driver_sql("ANALYZE")


# --- asking ----------------------------------------------------------------------------------------------------------


class Clock:
    """What each of some questions took, in milliseconds by the clock and of the processor."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall.append((time.perf_counter() - wall) * 1000)
        self.cpu.append((time.process_time() - cpu) * 1000)

    def told(self) -> dict[str, float]:
        return {
            "median_ms": round(statistics.median(self.wall), 1),
            "worst_ms": round(max(self.wall), 1),
            "best_ms": round(min(self.wall), 1),
            "cpu_ms": round(statistics.median(self.cpu), 1),
        }


async def measured(db: Database, entities: Entities, times: int, only: str) -> dict[str, Any]:
    """Every query `times` times, and each count."""
    actor = Actor(1, "bench")
    rows: list[dict[str, Any]] = []
    for each in asked(entities):
        if only not in each.text:
            continue
        pages, counts, found, total = Clock(), Clock(), 0, None
        for _ in range(times):
            question = _question(entities, each.parsed)
            async with db.read() as conn:
                with pages.running():
                    found = len((await find(conn, question, Window(LIMIT), Scope.of(actor, db.dialect))).ids)
            async with db.read() as conn:
                with counts.running():
                    total = await count(conn, question, Scope.of(actor, db.dialect), COUNTED)
        told = {"entity": each.entity, "query": each.text, "rows": found, "total": total}
        rows.append(told | {"page": pages.told(), "count": counts.told()})
        _say(rows[-1])
    return {"queries": rows, "smart": await _smart(db, entities, times)}


def _question(entities: Entities, parsed: Parsed) -> Question:
    entity = entities[parsed.entity]
    return Question(entity, parsed.where, parsed.order or parse_sort(entity, None), None)


async def _smart(db: Database, entities: Entities, times: int) -> dict[str, Any]:
    """A smart list of some 10,000 tracks is opened: the first hundred rows, and how many there are."""
    question = _question(entities, parse(entities["tracks"], SMART))
    took, total = Clock(), None
    for _ in range(times):
        scope = Scope.of(Actor(1, "bench"), db.dialect)
        async with db.read() as conn:
            with took.running():
                await find(conn, question, Window(LIMIT), scope)
                total = await count(conn, question, scope)
    return {"query": SMART, "total": total, **took.told()}


def _say(row: dict[str, Any]) -> None:
    total = "10,000+" if row["total"] is None else f"{row['total']:,}"
    page, counted = row["page"], row["count"]
    print(
        f"{row['entity']:8}{row['query'][:58]:60}{total:>9}"
        f"{page['median_ms']:>9}{page['best_ms']:>8}{page['cpu_ms']:>8}   "
        f"{counted['median_ms']:>9}{counted['best_ms']:>8}{counted['cpu_ms']:>8}",
        flush=True,
    )


def summary(result: dict[str, Any]) -> dict[str, Any]:
    """What 95 of 100 queries stay under, of all times that were measured."""
    rows = result["queries"]

    def spread(what: str, how: str) -> float:
        return _p95([row[what][how] for row in rows])

    return {
        "page_p95_ms": spread("page", "median_ms"),
        "page_best_p95_ms": spread("page", "best_ms"),
        "count_p95_ms": spread("count", "median_ms"),
        "count_best_p95_ms": spread("count", "best_ms"),
        "smart_ms": result["smart"]["median_ms"],
        "smart_best_ms": result["smart"]["best_ms"],
        "smart_total": result["smart"]["total"],
        "over_50_ms": [f"{row['entity']} {row['query']}" for row in rows if row["page"]["median_ms"] > 50],
    }


def _p95(times: list[float]) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


async def run(db: Database, options: argparse.Namespace) -> dict[str, Any]:
    entities = Entities(ENTITIES).extended(FIELDS)
    async with collection(db, options.tracks, options.plays) as tracks:
        print(f"\n{db.dialect}, {tracks:,} tracks{'':44}rows     page ms  best     CPU       count ms   best")
        load = round(os.getloadavg()[0], 1)
        result = await measured(db, entities, options.times, options.only)
    told = {"tracks": tracks, "load_average": load, **summary(result)} if result["queries"] else {}
    for name, value in told.items():
        print(f"{name:20}{value}")
    return told | result


async def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--tracks", type=int, default=1_000_000)
    given.add_argument("--plays", type=int, default=5_000_000)
    given.add_argument("--times", type=int, default=7, help="how often each query is asked")
    given.add_argument("--data", type=Path, help="the SQLite file that keeps the collection")
    given.add_argument("--postgres", help="URL of a PostgreSQL database that is empty, or was filled by this")
    given.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    given.add_argument("--only", default="", help="only queries with this in them")
    given.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = given.parse_args()
    import_models()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="segue-bench-query-") as folder:
        path = options.data or Path(folder) / "segue.db"
        urls = {"SQLite": f"sqlite:///{path}", "PostgreSQL": options.postgres}
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
