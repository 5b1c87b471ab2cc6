"""How long until an edit is seen, in a library of any size?

    ./dev bench edit                           10,000, 100,000 and a million tracks on SQLite
    ./dev bench edit --postgres URL            on PostgreSQL too (databases of its own there, dropped afterwards)
    ./dev bench edit --sizes 100000 --times 20 smaller
    ./dev bench edit --write                   keep the figures in bench/results/edit.json

Each time is from the call that edits to the end of the call that reads the edited page, through the services that REST
and the command line use. The transaction touches only the rows of what is edited, so it costs the same in every library.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from sqlalchemy import insert, select  # noqa: E402

from bench.browse import database  # noqa: E402
from bench.collection import Collection, fill  # noqa: E402
from segue.core.access import SYSTEM  # noqa: E402
from segue.core.changes import ensure_epoch  # noqa: E402
from segue.core.clock import utc_now  # noqa: E402
from segue.core.database_url import database_target  # noqa: E402
from segue.core.db import Base, Database  # noqa: E402
from segue.jobs import JobService, Registry  # noqa: E402
from segue.library.edits import tasks  # noqa: E402
from segue.library.edits.service import EditService  # noqa: E402
from segue.library.edits.targets import Targets  # noqa: E402
from segue.library.fields import ENTITIES  # noqa: E402
from segue.library.models import RawTags, Track  # noqa: E402
from segue.library.scan import documents  # noqa: E402
from segue.library.scan.again import write_again  # noqa: E402
from segue.library.service import LibraryService  # noqa: E402
from segue.query import Entities  # noqa: E402
from segue.tables import import_models  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "edit.json"
SIZES = (10_000, 100_000, 1_000_000)
LIMIT_MS = 100


async def say_something(db: Database, albums: list[int]) -> None:
    """Give the tracks of some albums what their files said, as a scan would have kept it."""
    async with db.write() as tx:
        rows = (
            await tx.execute(select(Track.file_id, Track.title, Track.album_id).where(Track.album_id.in_(albums)))
        ).all()
        await tx.execute(
            insert(RawTags),
            [
                {
                    "file_id": row.file_id,
                    "document": documents.pack(
                        {"raw": {}, "tags": {"title": row.title, "album": f"Album {row.album_id}", "genres": ["Rock"]}}
                    ),
                    "reader_version": 1,
                    "read_at": utc_now(),
                }
                for row in rows
            ],
        )


async def written_once(db: Database, albums: list[int]) -> None:
    """Let everything say what its files say, as after a scan."""
    async with db.write() as tx:
        files = (await tx.conn.scalars(select(Track.file_id).where(Track.album_id.in_(albums)))).all()
        await write_again(tx, files)


async def measured(times: int, work: Callable[[int], Awaitable[Any]]) -> dict[str, Any]:
    """Median, 95th percentile and longest in milliseconds, after two that do not count."""
    took = []
    for number in range(times + 2):
        began = time.perf_counter()
        await work(number)
        took.append((time.perf_counter() - began) * 1000)
    took = sorted(took[2:])
    return {
        "median_ms": round(statistics.median(took), 1),
        "p95_ms": round(took[min(len(took) - 1, int(len(took) * 0.95))], 1),
        "max_ms": round(took[-1], 1),
        "times": times,
    }


async def measure(db: Database, tracks: int, times: int) -> dict[str, Any]:
    """The figures of one library."""
    import_models()
    async with db.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    await ensure_epoch(db)
    made: Collection = await fill(db, albums=tracks // 10)
    library = LibraryService(db, Entities(ENTITIES))
    edits = EditService(db, library, JobService(db, Registry().add(tasks)))
    await JobService(db, Registry().add(tasks)).declare()
    step = max(1, len(made.albums) // (times + 2))
    albums = [made.albums[place * step] for place in range(times + 2)]
    await say_something(db, albums)
    await written_once(db, albums)
    async with db.read() as conn:
        inside = {album: list(await conn.scalars(select(Track.id).where(Track.album_id == album))) for album in albums}
    artists = [made.artists[-1 - place] for place in range(times + 2)]

    async def track_title(number: int) -> None:
        track = inside[albums[number]][0]
        await edits.edit(SYSTEM, "track", track, set={"title": f"Edited {number}"})
        assert (await library.track(track, SYSTEM)).title == f"Edited {number}"

    async def track_artists(number: int) -> None:
        track = inside[albums[number]][1]
        await edits.edit(SYSTEM, "track", track, set={"artists": [f"Somebody {number}"], "genres": ["Jazz", "Rock"]})
        assert (await library.track(track, SYSTEM)).artist_display == f"Somebody {number}"

    async def album_title(number: int) -> None:
        await edits.edit(SYSTEM, "album", albums[number], set={"title": f"Edited {number}", "date": "1977"})
        assert (await library.album(albums[number], SYSTEM)).album.title == f"Edited {number}"

    async def album_genres(number: int) -> None:
        await edits.edit(SYSTEM, "album", albums[number], set={"genres": ["Folk"]})
        album = await library.album(albums[number], SYSTEM)
        assert "Folk" in [genre.name for genre in album.album.genres]

    async def ten_tracks(number: int) -> None:
        targets = Targets("track", tuple(inside[albums[number]]))
        await edits.edit_many(SYSTEM, targets, set={"comment": f"all {number}"}, add={"genres": ["Live"]})

    async def artist_country(number: int) -> None:
        await edits.edit(SYSTEM, "artist", artists[number], set={"country": "SE", "biography": "Sang."})
        assert (await library.artist(artists[number], SYSTEM)).details["country"] == "SE"

    return {
        name: await measured(times, work)
        for name, work in (
            ("title of a track", track_title),
            ("artists and genres of a track", track_artists),
            ("title and date of an album", album_title),
            ("genres of an album of ten tracks", album_genres),
            ("ten tracks at once", ten_tracks),
            ("country and biography of an artist", artist_country),
        )
    }


async def one(url: str | None, tracks: int, times: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="segue-bench-edit-") as folder:
        target = database_target(url, Path(folder))
        db = target.open()
        try:
            return await measure(db, tracks, times)
        finally:
            await db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--postgres")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    found: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "limit_ms": LIMIT_MS, "sizes": {}}
    for name, server in (("SQLite", None), ("PostgreSQL", options.postgres)):
        if name == "PostgreSQL" and server is None:
            continue
        for tracks in options.sizes:
            load = os.getloadavg()[0]
            with database(server) as url:
                figures = asyncio.run(one(url, tracks, options.times))
            found["sizes"].setdefault(name, {})[str(tracks)] = {"load_average": round(load, 1), **figures}
            print(f"{name}, {tracks:,} tracks (load {load:.1f})")
            for what, row in figures.items():
                over = "  over the limit" if row["p95_ms"] > LIMIT_MS else ""
                print(
                    f"  {what:<40} median {row['median_ms']:>7} ms   p95 {row['p95_ms']:>7} ms   max {row['max_ms']:>7} ms{over}"
                )
    if options.write:
        RESULTS.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
