"""How fast is a scan, and how much memory does it take? Full, nothing changed, one file changed; at several sizes.

    ./dev bench scan                    1,000, 10,000 and 50,000 files
    ./dev bench scan --sizes 1000       only these
    ./dev bench scan --large 1000       also 1,000 files of a few megabytes, for the bytes read of each

Each size is scanned in a process of its own, so that memory is that of one scan: the highest PSS of the whole process tree,
looked at four times a second. A plain loop of `mutagen.File(path)` over the same files, warm, is timed before and after
each scan; `ratio_to_mutagen` compares files a second, `cpu_to_mutagen` the processor time of all processes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

RESULTS = Path(__file__).resolve().parent / "results" / "scan.json"
ROUNDS = 3
"""Scans of each size, each between two loops of mutagen over the same files; the middle one counts."""


def tree() -> set[int]:
    """This process and all its descendants (Linux)."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            parents[int(entry)] = int(stat.rpartition(")")[2].split()[1])
    wanted = {os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in wanted} - wanted
        wanted |= more
        grown = bool(more)
    return wanted


def tree_cpu_s() -> float:
    """Processor seconds that the living processes of the tree have used."""
    ticks = 0
    for pid in tree():
        try:
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def tree_pss_bytes() -> int:
    """Proportional set size of the tree."""
    total = 0
    for pid in tree():
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            continue
    return total


class Peak:
    """The highest memory while the block runs, in bytes."""

    def __enter__(self) -> Peak:
        self.bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(0.25):
            self.bytes = max(self.bytes, tree_pss_bytes())

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


async def empty_database(url: str, folder: Path) -> tuple[Any, int]:
    """A database at `url` with empty tables and one library over `folder`; and that library's number."""
    from sqlalchemy import insert

    from segue.core.changes import ensure_epoch
    from segue.core.clock import utc_now
    from segue.core.db import Base, Database
    from segue.library.models import Library
    from segue.tables import import_models

    import_models()
    db = Database.open(url)
    async with db.write() as tx:
        await tx.conn.run_sync(Base.metadata.drop_all)
        await tx.conn.run_sync(Base.metadata.create_all)
    await ensure_epoch(db)
    async with db.write() as tx:
        row = {"name": "Bench", "root": bytes(folder), "display_root": str(folder), "created_at": utc_now()}
        library_id = (await tx.execute(insert(Library).values(row).returning(Library.id))).scalar_one()
    return db, library_id


async def measure(folder: Path, files: int, database: str | None) -> dict[str, Any]:
    """Scan `folder` four times over a fresh database and say how long each took."""
    from sqlalchemy import text

    from segue.core import heap
    from segue.core.clock import utc_now
    from segue.core.pool import ProcessPool
    from segue.core.storage import open_storage
    from segue.library.scan import repository
    from segue.library.scan.control import Alone
    from segue.library.scan.pipeline import Ground, Scan
    from segue.library.scan.repository import Wanted

    with tempfile.TemporaryDirectory(prefix="segue-bench-") as data:
        db, library_id = await empty_database(database or f"sqlite:///{data}/segue.db", folder)
        heap.settle()  # as the worker does
        spool = Path(data) / "spool"
        spool.mkdir()

        async with ProcessPool(min(os.cpu_count() or 2, 8)) as pool:
            ground = Ground(db, pool, open_storage(None, Path(data)), spool)

            async def scan(full: bool = False) -> tuple[float, Any]:
                async with db.read() as conn:
                    library = await repository.library(conn, library_id)
                began = time.perf_counter()
                result = await Scan(ground, library, Wanted((), full, False, None), Alone(), utc_now()).run()
                return time.perf_counter() - began, result

            found: dict[str, Any] = {"files": files}
            with Peak() as peak:
                cpu = tree_cpu_s()
                seconds, result = await scan()
                cpu = tree_cpu_s() - cpu
            assert result.files_read == files, result
            found["full_s"] = round(seconds, 2)
            found["full_files_per_s"] = round(files / seconds)
            found["full_cpu_s"] = round(cpu, 2)
            found["peak_pss_mb"] = round(peak.bytes / 2**20)
            times = []
            for _ in range(3):
                seconds, result = await scan()
                assert result.files_read == 0, result
                times.append(seconds)
            found["no_change_s"] = round(statistics.median(times), 3)
            found["no_change_files_per_s"] = round(files / statistics.median(times))
            one = next(folder.rglob("*.flac"))
            data_before = one.read_bytes()
            one.write_bytes(data_before + b"\0")
            seconds, result = await scan()
            assert result.files_read == 1, result
            found["one_changed_s"] = round(seconds, 3)
            if db.dialect == "sqlite":
                async with db.read() as conn:
                    pages = int(await conn.scalar(text("PRAGMA page_count")) or 0)
                found["database_mb"] = round(pages * 4096 / 2**20, 1)
        await db.close()
    return found


def mutagen_loop(folder: Path) -> tuple[float, float]:
    """Files a second that `mutagen.File(path)` opens in a plain loop, warm, and the processor seconds it takes."""
    import mutagen

    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".flac", ".mp3"))
    for path in paths:
        path.read_bytes()
    began, cpu = time.perf_counter(), time.process_time()
    for path in paths:
        mutagen.File(path)  # type: ignore[attr-defined]
    return len(paths) / (time.perf_counter() - began), time.process_time() - cpu


def bytes_read(folder: Path) -> dict[str, Any]:
    """How much of each file a read takes."""
    from segue.library.scan.read import read_file

    spool = Path(tempfile.mkdtemp(prefix="segue-bench-"))
    root = bytes(folder)
    paths = [bytes(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in (".flac", ".mp3")]
    facts = [read_file(root, path, spool=bytes(spool)) for path in paths]
    shutil.rmtree(spool)
    read = [fact.bytes_read for fact in facts]
    return {
        "files": len(facts),
        "median_file_kib": round(statistics.median(fact.size for fact in facts) / 1024),
        "median_read_kib": round(statistics.median(read) / 1024, 1),
        "largest_read_kib": round(max(read) / 1024, 1),
    }


def one_size(files: int, padding: int, keep: Path, database: str | None) -> dict[str, Any]:
    """Everything about one size, done in this process."""
    from bench.tiny_files import make_library

    folder = keep / f"files-{files}-{padding}"
    if not folder.exists():
        folder.mkdir(parents=True)
        make_library(folder, files, padding=padding)
    load = os.getloadavg()[0]
    loops, scans = [mutagen_loop(folder)], []
    for _ in range(1 if padding else ROUNDS):
        scans.append(asyncio.run(measure(folder, files, database)))
        loops.append(mutagen_loop(folder))
    found = sorted(scans, key=lambda one: one["full_s"])[len(scans) // 2]
    found["load_before"] = round(load, 1)
    found["rounds"] = len(scans)
    found["mutagen_files_per_s"] = round(statistics.median(speed for speed, _ in loops))
    found["mutagen_cpu_s"] = round(statistics.median(cpu for _, cpu in loops), 2)
    found["ratio_to_mutagen"] = round(found["full_files_per_s"] / found["mutagen_files_per_s"], 2)
    found["cpu_to_mutagen"] = round(found["full_cpu_s"] / found["mutagen_cpu_s"], 2)
    if padding:
        found["reading"] = bytes_read(folder)
    return found


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 50_000])
    given.add_argument("--large", type=int, default=0, help="so many files of about 4 MB as well")
    given.add_argument("--database", help="URL of an empty database; a new SQLite file by default")
    given.add_argument("--keep", type=Path, help="where to keep the generated files for the next run")
    given.add_argument("--one", type=int, nargs=2, metavar=("FILES", "PADDING"), help=argparse.SUPPRESS)
    given.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = given.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    if options.one:
        print(json.dumps(one_size(*options.one, options.keep, options.database)))
        return
    keep = options.keep or Path(tempfile.mkdtemp(prefix="segue-bench-files-"))
    rows = []
    wanted = [(size, 0) for size in options.sizes] + ([(options.large, 4 * 2**20)] if options.large else [])
    for files, padding in wanted:
        command = [sys.executable, __file__, "--one", str(files), str(padding), "--keep", str(keep)]
        command += ["--database", options.database] if options.database else []
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        rows.append(json.loads(answer.splitlines()[-1]))
        row = rows[-1]
        print(
            f"{row['files']:>7} files{' of 4 MB' if padding else ''}: full {row['full_files_per_s']}/s"
            f" (mutagen loop {row['mutagen_files_per_s']}/s, ratio {row['ratio_to_mutagen']}),"
            f" CPU {row['full_cpu_s']} s, mutagen {row['mutagen_cpu_s']} s,"
            f" peak {row['peak_pss_mb']} MB, no change {row['no_change_files_per_s']}/s,"
            f" one changed {row['one_changed_s']} s, load before {row['load_before']} {row.get('reading', '')}"
        )
    if not options.keep:
        shutil.rmtree(keep)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        answer = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count(), "rows": rows}
        RESULTS.write_text(json.dumps(answer, indent=2) + "\n")


if __name__ == "__main__":
    main()
