"""What does building a catalogue cost? Tracks per processor-second, memory, bytes, by made-up two-file layouts of several sizes.

    ./dev bench catalog/build                                half a million tracks (two minutes)
    ./dev bench catalog/build --tracks 500000 5000000        more sizes; 20000000 takes an hour and 60 GB of disk
    ./dev bench catalog/build --main F --files F             files that are there
    ./dev bench catalog/build --write                        keep the figures in bench/results/catalog_build.json

The build runs in a process of its own, as `segue catalog build` does it, search index and checks included. `memory` is the
highest resident size of that process, mapped files included.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RESULTS = HERE.parent / "results" / "catalog_build.json"
MAIN, FILES = "main_database.sqlite3", "track_files.sqlite3"
GOALS = {"tracks_per_cpu_s": 25_000, "memory_mib": 2_048, "disk_percent": 36.0}


def segue(*words: str) -> str:
    """What `segue catalog …` writes to stdout."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "segue", "catalog", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def measure(main: Path, files: Path | None, out: Path) -> dict[str, Any]:
    before = os.getloadavg()[0]
    source = ["--main", str(main), *(["--files", str(files)] if files else [])]
    built = json.loads(segue("build", *source, "--out", str(out), "--keep", "0", "--json").splitlines()[-1])
    tracks = built["counts"]["tracks"]
    source_bytes = main.stat().st_size + (files.stat().st_size if files else 0)
    size = sum(built["bytes"].values())
    return {
        "tracks": tracks,
        "cpu_s": built["cpu_seconds"],
        "seconds": built["seconds"],
        "tracks_per_cpu_s": round(tracks / built["cpu_seconds"]),
        "memory_mib": built["peak_bytes"] >> 20,
        "source_bytes": source_bytes,
        "bytes": built["bytes"],
        "bytes_per_track": round(size / tracks, 1),
        "disk_percent": round(100 * size / source_bytes, 1),
        "us_per_track_by_stage": {name: round(1e6 * cpu / tracks, 2) for name, cpu in built["stages"].items()},
        "load_before": round(before, 2),
        "load_after": round(os.getloadavg()[0], 2),
    }


def show(row: dict[str, Any]) -> None:
    print(
        f"{row['tracks']:>12,} tracks: {row['tracks_per_cpu_s']:>7,} tracks/CPU-s ({row['cpu_s']:,.0f} s of processor time, "
        f"{row['seconds']:,.0f} s), {row['memory_mib']:,} MiB, {row['bytes_per_track']} bytes a track, "
        f"{row['disk_percent']} % of its source; load {row['load_before']} to {row['load_after']}"
    )
    for stage, cost in row["us_per_track_by_stage"].items():
        print(f"{'':>14}{stage:<16}{cost:>7.2f} µs a track")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=int, nargs="+", default=[500_000])
    parser.add_argument("--main", type=Path)
    parser.add_argument("--files", type=Path)
    parser.add_argument("--folder", type=Path, help="where files and snapshots are made; a temporary one otherwise")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = []
    folder = given.folder or Path(tempfile.mkdtemp(prefix="segue-catalog-build-"))
    try:
        if given.main:
            rows.append(measure(given.main, given.files, folder / "snapshot"))
            show(rows[-1])
        for tracks in () if given.main else given.tracks:
            source = folder / f"{tracks}"
            segue("synth", "--tracks", str(tracks), "--out", str(source))
            rows.append(measure(source / MAIN, source / FILES, folder / f"{tracks}.snapshot"))
            show(rows[-1])
            if given.folder is None:
                shutil.rmtree(source)
                shutil.rmtree(folder / f"{tracks}.snapshot")
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    if given.write:
        kept = json.loads(RESULTS.read_text("utf-8"))["rows"] if RESULTS.exists() else []
        again = {row["tracks"] for row in rows}
        every = sorted([*(row for row in kept if row["tracks"] not in again), *rows], key=lambda row: row["tracks"])
        RESULTS.write_text(json.dumps({"goals": GOALS, "rows": every}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
