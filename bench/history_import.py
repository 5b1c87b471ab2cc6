"""How long does it take to bring a listening history in, from the upload to the last play?

    ./dev bench history_import                                     a million listens over a million tracks, on SQLite
    ./dev bench history_import --listens 100000 --tracks 100000    smaller
    ./dev bench history_import --data FILE                         the library in that SQLite file; made there where absent
    ./dev bench history_import --postgres URL                      in a PostgreSQL database, empty or filled by this
    ./dev bench history_import --undo                              and take it back
    ./dev bench history_import --write                             keep the figures in bench/results/history_import.json

The export is ListenBrainz' zip: ten years of one person, of some 80,000 different tracks, a few of them often; one in seven is
not in the library. Everything is done as in earnest, by the jobs of a worker in this process: read, matched, shown, brought in.
Seconds by the clock and of the processor.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.collection import fill
from segue.core.access import Actor
from segue.core.db import Base, Database
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry
from segue.jobs.worker import run_worker
from segue.library import models as m
from segue.library.fields import ENTITIES
from segue.library.finding import FindingService
from segue.library.service import LibraryService
from segue.listening import tasks as listening_tasks
from segue.listening.fields import FIELDS
from segue.listening.imports import tasks
from segue.listening.imports.service import ImportService
from segue.listening.service import ListeningService
from segue.query import Entities
from segue.tables import import_models

RESULTS = Path(__file__).parent / "results" / "history_import.json"
ANN = Actor(1, "ann", roles=frozenset({"admin"}), libraries=None, time_zone="Europe/Berlin")
START, YEARS = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp()), 10
DIFFERENT, UNKNOWN = 80_000, 7
"""Different tracks that were heard, and one of how many is in no library."""


class Alone:
    """There is only Ann."""

    async def actor_for(self, user: int | str) -> Actor:
        return ANN


async def library(db: Database, tracks: int) -> int:
    """How many tracks there are; made where there are none."""
    async with db.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    async with db.read() as conn:
        there = int(await conn.scalar(select(func.max(m.Track.id))) or 0)
    if not there:
        print(f"filling a library of {tracks:,} tracks", file=sys.stderr)
        await fill(db, albums=max(tracks // 10, 1), marked=0)
        there = tracks
    return there


async def export(db: Database, target: Path, tracks: int, listens: int) -> None:
    """A zip of listens, month by month."""
    chance = random.Random(5)
    numbers = chance.sample(range(1, tracks + 1), min(DIFFERENT, tracks))
    known: list[tuple[str, str, str, int | None]] = []
    async with db.read() as conn:
        for start in range(0, len(numbers), 500):
            rows = select(m.Track.title, m.Track.artist_display, m.Album.title, m.Track.duration_ms).join(
                m.Album, m.Album.id == m.Track.album_id
            )
            known += [
                tuple(row) for row in await conn.execute(rows.where(m.Track.id.in_(numbers[start : start + 500])))
            ]
    said = [
        ("Far " + title, "Somebody " + artist, album, length)
        if place % UNKNOWN == 0
        else (title, artist, album, length)
        for place, (title, artist, album, length) in enumerate(known)
    ]
    step = YEARS * 365 * 86_400 / listens
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for month in range(120):
            lines = []
            for number in range(month * listens // 120, (month + 1) * listens // 120):
                title, artist, album, length = said[int(len(said) * chance.random() ** 2.5)]
                info = {"submission_client": "navidrome", "duration_ms": length, "recording_msid": f"{number:032x}"}
                meta = {"track_name": title, "artist_name": artist, "release_name": album, "additional_info": info}
                lines.append(json.dumps({"listened_at": int(START + number * step), "track_metadata": meta}))
            archive.writestr(f"listens/{2015 + month // 12}/{month % 12 + 1}.jsonl", "\n".join(lines) + "\n")


async def parts(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while part := source.read(1 << 20):
            yield part


async def ended(imports: ImportService, number: int, phases: dict[str, float]) -> Any:
    """The import once nothing works on it, with how long each phase took by the clock."""
    since, phase = time.perf_counter(), ""
    while (view := await imports.get(ANN, number)).state in ("reading", "running", "undoing"):
        now = (view.progress or {}).get("phase") or ""
        if now != phase:
            phases[phase] = phases.get(phase, 0) + time.perf_counter() - since
            since, phase = time.perf_counter(), now
        await asyncio.sleep(0.5)
    phases[phase] = phases.get(phase, 0) + time.perf_counter() - since
    return view


async def run(db: Database, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Upload, bring in, perhaps take back; how long each took."""
    tracks = await library(db, options.tracks)
    file = folder / "listens.zip"
    await export(db, file, tracks, options.listens)
    music = LibraryService(db, Entities(ENTITIES).extended(FIELDS))
    jobs = JobService(db, Registry().add(listening_tasks, tasks))
    listening = ListeningService(db, music, jobs)
    storage: Any = open_storage(None, folder)
    imports = ImportService(db, jobs, listening, music, FindingService(db), storage, None, folder / "work")  # type: ignore[arg-type]
    imports.people = Alone()
    services: dict[type, Any] = {ImportService: imports, ListeningService: listening, JobService: jobs}
    await jobs.declare()
    stop = asyncio.Event()
    worker = asyncio.create_task(
        run_worker(db, jobs.registry, stop=stop, queues=["imports"], resolve=services.__getitem__, service=jobs)
    )
    result: dict[str, Any] = {"tracks": tracks, "listens": options.listens, "bytes": file.stat().st_size}
    try:
        view = await imports.upload(ANN, "listens.zip", parts(file))
        steps = {"read": None, "bring": imports.start, **({"undo": imports.undo} if options.undo else {})}
        for name, begin in steps.items():
            phases: dict[str, float] = {}
            clock, cpu = time.perf_counter(), time.process_time()
            if begin is not None:
                await begin(ANN, view.id)
            view = await ended(imports, view.id, phases)
            assert view.state in ("ready", "done", "undone"), (view.state, view.code)
            result[name] = {
                "seconds": round(time.perf_counter() - clock, 1),
                "cpu_seconds": round(time.process_time() - cpu, 1),
                "phases": {phase or "waiting": round(took, 1) for phase, took in phases.items()},
            }
            print(f"{db.dialect} {name}: {result[name]}", flush=True)
    finally:
        stop.set()
        await worker
    result["things"] = view.preview["things"]
    result["result"] = view.result
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return result


async def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--tracks", type=int, default=1_000_000)
    given.add_argument("--listens", type=int, default=1_000_000)
    given.add_argument("--data", type=Path, help="the SQLite file that keeps the library")
    given.add_argument("--postgres", help="URL of a PostgreSQL database that is empty, or was filled by this")
    given.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    given.add_argument("--undo", action="store_true", help="take it back as well")
    given.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = given.parse_args()
    import_models()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="segue-bench-import-") as made:
        urls = {"SQLite": f"sqlite:///{options.data or Path(made) / 'segue.db'}", "PostgreSQL": options.postgres}
        for name, url in urls.items():
            if url and options.database in (None, name.lower()):
                folder = Path(made) / name
                folder.mkdir()
                db = Database.open(url)
                try:
                    results[name] = await run(db, folder, options)
                finally:
                    await db.close()
    print(json.dumps(results, indent=1))
    if options.write:
        about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count()}
        RESULTS.write_text(json.dumps(about | results, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
