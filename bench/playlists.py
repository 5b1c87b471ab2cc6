"""How fast are playlists? Smart ones opened and counted, long manual ones edited, mixes made, over a large collection.

    ./dev bench playlists                                   a million tracks, five million plays (made first: half an hour)
    ./dev bench playlists --tracks 100000 --plays 500000    a smaller one
    ./dev bench playlists --data FILE                       the collection in that SQLite file (see bench/query.py); lists are
                                                                added to it, and deleted at the end
    ./dev bench playlists --postgres URL                    on a PostgreSQL database instead

Time by the clock and of the processor: the median of some runs, and the best, which a busy machine spoils least.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.query import Clock, collection
from segue.core.access import Actor
from segue.core.changes import ensure_epoch
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.library.fields import ENTITIES
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS
from segue.listening.statistics.service import StatisticsService
from segue.playlists.fields import PLAYLIST, track_fields
from segue.playlists.generators.making import Making
from segue.playlists.service import Place, PlaylistService
from segue.query import Entities
from segue.tables import import_models

RESULTS = Path(__file__).parent / "results" / "playlists.json"
ANNA = Actor(1, "anna", libraries=None)
OPENED = {
    "10,000 tracks": "duration:300..306",
    "10,000 tracks, sorted by plays": "duration:300..306 sort:-plays,title",
    "of another list": "in:pl-{first} year:1970..",
    "limit:100 of everything by date": "* sort:-added limit:100",
    "favourites": "is:starred rating:>=3 sort:-last_played",
    "an hour, at random": "year:1980..1989 sort:random limit:60min",
}
WRITTEN = (
    "duration:300..306",
    "is:starred",
    "plays:0",
    "year:1970..1979 rating:>=4",
    "format:flac NOT is:starred",
    "lov",
    'title:contains "12" OR plays:>10',
    "last_played:..2015-06-01 plays:>=2",
)
"""Queries on their way of being written: each is counted live."""
ROWS = 10_000


class Here:
    """The only person there is."""

    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]:
        return {ANNA.person: ANNA} if ANNA.person in user_ids else {}

    async def actor_called(self, name: str) -> Actor | None:
        return ANNA if name == ANNA.name else None


async def timed(times: int, work: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    """What `work` takes, and what it gave the last time."""
    clock, found = Clock(), None
    for _ in range(times):
        with clock.running():
            found = await work()
    return {**clock.told(), "found": found}


async def run(db: Database, options: argparse.Namespace) -> dict[str, Any]:
    async with collection(db, options.tracks, options.plays) as tracks:
        await ensure_epoch(db)
        entities = Entities((*ENTITIES, PLAYLIST)).extended(FIELDS).extended({"tracks": track_fields(Here)})
        library = LibraryService(db, entities)
        playlists = PlaylistService(db, library, entities)
        playlists.people = Here()
        made: list[int] = []
        try:
            print(f"{db.dialect}, {tracks:,} tracks, load {os.getloadavg()[0]:.1f}{'':35}median    best     CPU")
            result = {
                "opened": await opened(playlists, made, options.times),
                "live_count": await counted(playlists, options.times),
                "lists": await listed(playlists, made, options.times),
                "edited": await edited(playlists, made, tracks, options.times),
                "mixes": await mixed(library, StatisticsService(db, library)),
            }
        finally:
            for number in made:
                await playlists.delete(ANNA, number)
    return {"tracks": tracks, "load_average": round(os.getloadavg()[0], 1), **result}


async def opened(playlists: PlaylistService, made: list[int], times: int) -> dict[str, Any]:
    """A smart list's page: its first hundred rows, how many there are and how long they play."""
    result = {}
    for name, query in OPENED.items():
        number = await playlists.create(ANNA, name, query=query.format(first=made[0] if made else 0))
        made.append(number)

        async def opens(number: int = number) -> str:
            view, page = await playlists.rows(ANNA, number, limit=100)
            return f"{view.track_count:,}{'+' if view.more else ''}, {len(page.rows)} shown"

        result[name] = told("opened: " + name, await timed(times, opens))
    return result


async def counted(playlists: PlaylistService, times: int) -> dict[str, Any]:
    """The live count, with length and the first twenty rows."""
    result = {}
    for query in WRITTEN:

        async def previews(query: str = query) -> str:
            found = await playlists.preview(ANNA, query, limit=20)
            return f"{found.count:,}{'+' if found.more else ''}"

        result[query] = told("counted: " + query, await timed(times, previews))
    return result


async def listed(playlists: PlaylistService, made: list[int], times: int) -> dict[str, Any]:
    """A page of fifty lists, most of them smart: the first time, and while nothing changes."""
    for number in range(44):
        made.append(await playlists.create(ANNA, f"List {number}", query=f"year:{1970 + number} is:starred"))

    async def lists() -> int:
        return len((await playlists.page(ANNA)).items)

    first = told("fifty lists, the first time", await timed(1, lists))
    return {"first": first, "again": told("fifty lists, again", await timed(times, lists))}


async def edited(playlists: PlaylistService, made: list[int], tracks: int, times: int) -> dict[str, Any]:
    """Changes in a manual list of 10,000 rows."""
    number = 0

    async def creates() -> str:
        nonlocal number
        number = await playlists.create(ANNA, "Long", [1 + at * 7 % tracks for at in range(ROWS)])
        made.append(number)
        return f"{ROWS:,} rows"

    result = {"create": told("a list of 10,000 rows is made", await timed(1, creates))}
    _, page = await playlists.rows(ANNA, number, limit=1_000)
    keys = [row.id or 0 for row in page.rows]
    step = iter(range(10, 900))

    async def moves() -> None:
        at = next(step)
        await playlists.move_rows(ANNA, number, [keys[at]], place=Place(before=keys[5]))

    async def adds() -> None:
        await playlists.add_tracks(ANNA, number, [next(step)], place=Place(after=keys[500]))

    async def undoes() -> None:
        await playlists.undo(ANNA, number)

    async def reads() -> int:
        return len((await playlists.rows(ANNA, number, limit=100))[1].rows)

    for name, work in {"move": moves, "add": adds, "undo": undoes, "read": reads}.items():
        result[name] = told(f"in a list of 10,000 rows: {name}", await timed(times, work))
    return result


async def mixed(library: LibraryService, statistics: StatisticsService) -> dict[str, Any]:
    """All mixes of a day."""

    async def mixes() -> str:
        found = await Making(library, statistics, ANNA, utc_now().date()).everything()
        return ", ".join(f"{mix.kind} {len(mix.tracks)}" for mix in found)

    return told("the mixes of a day", await timed(1, mixes))


def told(name: str, took: dict[str, Any]) -> dict[str, Any]:
    found = f"  ({took['found']})" if took["found"] is not None else ""
    print(f"{name[:70]:72}{took['median_ms']:>9}{took['best_ms']:>8}{took['cpu_ms']:>8}{found}")
    return took


async def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--tracks", type=int, default=1_000_000)
    given.add_argument("--plays", type=int, default=5_000_000)
    given.add_argument("--times", type=int, default=7)
    given.add_argument("--data", type=Path, help="the SQLite file that keeps the collection")
    given.add_argument("--postgres", help="URL of a PostgreSQL database that is empty, or was filled by bench.query")
    given.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = given.parse_args()
    import_models()
    with tempfile.TemporaryDirectory(prefix="segue-bench-playlists-") as folder:
        path = options.data or Path(folder) / "segue.db"
        db = Database.open(options.postgres or f"sqlite:///{path}")
        try:
            result = await run(db, options)
        finally:
            await db.close()
    if options.write:
        kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count()}
        RESULTS.write_text(json.dumps(kept | about | {db.dialect: result}, indent=1) + "\n")
        print(f"written to {RESULTS}", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main())
