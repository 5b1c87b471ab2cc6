"""What does a scan of a large library cost where little or nothing changed? 10,000, 100,000 and 1,000,000 real files.

    ./dev bench scan_curve --sizes 10000 100000 1000000 [--database URL] [--keep FOLDER]

For each size: the first scan; a scan that finds nothing to do; 1,000 new files found by a scan of their folder, and 1,000
more by a walk over everything. Cost should follow what changed; what a walk costs is the price of looking.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scan import Peak, empty_database

RESULTS = Path(__file__).resolve().parent / "results" / "scan_curve.json"
TRACKS = 12
NEW_ALBUMS = 84
"""Albums of twelve tracks: 1,008 files."""


async def measure(folder: Path, files: int, database: str | None, data: Path) -> dict[str, Any]:
    from bench.tiny_files import make_tiny
    from segue.core.clock import utc_now
    from segue.core.pool import ProcessPool
    from segue.core.storage import open_storage
    from segue.library.scan import repository
    from segue.library.scan.control import Alone
    from segue.library.scan.pipeline import Ground, Scan
    from segue.library.scan.repository import Wanted

    db, library_id = await empty_database(database or f"sqlite:///{data}/segue.db", folder)
    spool = data / "spool"
    spool.mkdir()
    found: dict[str, Any] = {
        "files": files, "database": "SQLite" if db.dialect == "sqlite" else "PostgreSQL", "load_before": os.getloadavg()[0],
    }  # fmt: skip
    albums = files // TRACKS
    async with ProcessPool(min(os.cpu_count() or 2, 8)) as pool:
        ground = Ground(db, pool, open_storage(None, data), spool)

        async def scan(name: str, folders: tuple[bytes, ...] | None = None) -> int:
            async with db.read() as conn:
                library = await repository.library(conn, library_id)
            with Peak() as peak:
                began = time.perf_counter()
                started = utc_now()
                scan = Scan(ground, library, Wanted((), False, False, folders), Alone(), started)
                result = await scan.run()
                seconds = time.perf_counter() - began
            async with db.write() as tx:
                await repository.finish_library(tx, library_id, scan.device, started, utc_now(), result.as_json())
            found[f"{name}_s"] = round(seconds, 2)
            found[f"{name}_peak_pss_mb"] = round(peak.bytes / 2**20)
            assert result.state == "done", result
            return result.files_read

        assert await scan("first") == albums * TRACKS
        found["first_files_per_s"] = round(albums * TRACKS / found["first_s"])
        assert await scan("no_change") == 0
        assert await scan("no_change_again") == 0
        new = folder / "new"
        make_tiny(new, range(10_000_000, 10_000_000 + NEW_ALBUMS))
        assert await scan("new_by_folder", (b"new",)) == NEW_ALBUMS * TRACKS
        make_tiny(folder / "newer", range(20_000_000, 20_000_000 + NEW_ALBUMS))
        assert await scan("new_by_walk") == NEW_ALBUMS * TRACKS
        shutil.rmtree(new)
        shutil.rmtree(folder / "newer")
    found["load_after"] = os.getloadavg()[0]
    if db.dialect == "sqlite":
        found["database_mb"] = round(sum(file.stat().st_size for file in data.glob("segue*.db")) / 2**20)
    await db.close()
    return found


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    given.add_argument("--database", help="URL of an empty database; a new SQLite file by default")
    given.add_argument("--keep", type=Path, help="where the generated files stay for the next run")
    given.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given.add_argument("--write", action="store_true", help=f"put the rows into {RESULTS.name}")
    options = given.parse_args()
    from bench.tiny_files import make_tiny

    keep = options.keep or Path(tempfile.mkdtemp(prefix="segue-bench-files-"))
    if options.one:
        folder = keep / f"tiny-{options.one}"
        if not folder.exists():
            make_tiny(folder, range(options.one // TRACKS))
        with tempfile.TemporaryDirectory(prefix="segue-bench-", dir=keep) as data:
            print(json.dumps(asyncio.run(measure(folder, options.one, options.database, Path(data)))))
        return
    rows = []
    for size in options.sizes:
        command = [sys.executable, __file__, "--one", str(size), "--keep", str(keep)]
        command += ["--database", options.database] if options.database else []
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        rows.append(json.loads(answer.splitlines()[-1]))
        print(json.dumps(rows[-1]), flush=True)
    if not options.keep:
        shutil.rmtree(keep)
    if options.write:
        kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"rows": []}
        new = {(row["files"], row["database"]) for row in rows}
        old = [row for row in kept["rows"] if (row["files"], row["database"]) not in new]
        answer = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count(), "rows": old + rows}
        RESULTS.write_text(json.dumps(answer, indent=2) + "\n")


if __name__ == "__main__":
    main()
