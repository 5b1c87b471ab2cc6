"""Put what was measured where people read it: the table of figures in README.md, made from bench/results.

    ./dev bench figures

Says only what a results file says; a figure whose file is not there is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def results(name: str) -> dict[str, Any]:
    """The contents of a results file; empty where it is not there."""
    path = RESULTS / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


Row = tuple[str, str, float | None]
"""What was measured, how much it was, and the machine's load average meanwhile."""


def scan() -> Iterator[Row]:
    rows = results("scan").get("rows", [])
    small = {row["files"]: row for row in rows if "reading" not in row and row.get("database", "SQLite") == "SQLite"}
    for files, row in small.items():
        load = row.get("load_before")
        said = f"{row['full_files_per_s']:,.0f} files/s"
        if "ratio_to_mutagen" in row:
            said += f", {row['ratio_to_mutagen']} of a plain loop of mutagen"
        yield f"full scan of {files:,} small files", said, load
        yield f"the same again, nothing changed ({files:,})", f"{row['no_change_files_per_s']:,.0f} files/s", load
    if small:
        row = small[max(small)]
        said = f"peak memory at {max(small):,} files, all processes"
        yield said, f"{row['peak_pss_mb']:,.0f} MB", row.get("load_before")
    for row in rows:
        if "reading" in row:
            read = row["reading"]
            said = f"read of each of {read['files']:,} files of {read['median_file_kib'] / 1024:.0f} MiB, median"
            yield said, f"{read['median_read_kib']:.0f} KiB", row.get("load_before")


def curve() -> Iterator[Row]:
    for row in results("scan_curve").get("rows", []):
        size = f"{row['files']:,} files, {row['database']}"
        load = row.get("load_before")
        yield (
            f"scan that finds nothing to do, {size}",
            f"{row['no_change_s']:.1f} s, {row['no_change_peak_pss_mb']} MB",
            load,
        )
        yield f"1,008 new files, by a scan of their folder, {size}", f"{row['new_by_folder_s']:.1f} s", load
        yield f"1,008 new files, by a walk over everything, {size}", f"{row['new_by_walk_s']:.1f} s", load


def browse() -> Iterator[Row]:
    found = results("browse")
    load = found.get("load_average")
    for name, row in found.get("databases", {}).items():
        for state, said in (("idle", "idle"), ("during_a_scan", "during a full scan")):
            one = row[state]
            yield (
                f"pages, {found['clients']} clients, {found['albums']:,} albums, {name}, {said}",
                f"p50 {one['p50_ms']} ms, p99 {one['p99_ms']} ms, {one['requests_per_s']} requests/s",
                load,
            )
        yield f"album list of 500, {name}", f"p50 {row['album_list_of_500']['p50_ms']} ms", load


def million() -> Iterator[Row]:
    """By database and size: the slowest of each group, 95 times of 100, and how many pages take longer than 50 ms."""
    for database, sizes in results("million").get("databases", {}).items():
        for size, found in sizes.items():
            for group, rows in found["groups"].items():
                pages = [row for row in rows.values() if "p95_ms" in row]
                if pages:
                    late = sum(row["p95_ms"] > 50 for row in pages)
                    worst = max(row["p95_ms"] for row in pages)
                    middle = sorted(row["median_ms"] for row in pages)[len(pages) // 2]
                    said = f"{group}, {int(size):,} tracks, {database}"
                    how = f"median {middle} ms, p95 at most {worst} ms, {late} of {len(pages)} over 50 ms"
                    yield said, how, found.get("load_average")


def start() -> Iterator[Row]:
    found = results("start")
    for name, said in (("ready_s", "ready, on an existing database"), ("help_cpu_s", "`segue --help`, processor time")):
        if name in found.get("figures", {}):
            yield said, f"{found['figures'][name]['median']:.2f} s", found.get("machine", {}).get("load_1m")


def jobs() -> Iterator[Row]:
    found = results("jobs")
    for name, row in found.items():
        if isinstance(row, dict) and "jobs/s through one worker" in row:
            said = f"background jobs through one worker, {name}"
            yield said, f"{row['jobs/s through one worker']:,.0f} jobs/s", found.get("load_average")


def analysis() -> Iterator[Row]:
    """How right and how fast listening is, on the part of the evaluation set that was opened only to report."""
    found = results("analysis_accuracy")
    if found:
        tempo, key = found["tempo_by_kind"]["all"], found["key_by_kind"]["all"]
        for what, of, name in (("tempo within 4 %", tempo, "acc1"), ("key, MIREX score", key, "mirex")):
            rivals = [one[name] for tool, one in of.items() if tool.startswith("essentia") and name in one]
            beside = f", Essentia's best {100 * max(rivals):.1f} %" if rivals else ""
            yield f"{what}, {of['clips']} rendered clips", f"{100 * of['ours'][name]:.1f} %{beside}", None
    speed = results("analysis_speed")
    for row in speed.get("rows", []):
        if row["format"] == "mp3 320k" and "cpu_s" in row:
            said = f"{row['times_real_time']} times real time a core, {row['peak_rss_mb']:.0f} MB"
            yield f"listening to a four-minute MP3, {row['engine']}", said, speed["load_before"]


def table() -> str:
    """The figures as a table in Markdown."""
    rows = [*scan(), *curve(), *browse(), *start(), *jobs(), *analysis()]
    lines = (f"| {what} | {how_much} | {'' if load is None else f'{load:.0f}'} |" for what, how_much, load in rows)
    return "\n".join(["| what | how much | load |", "|---|---|---|", *lines])


def main() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text("utf-8")
    made = re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n\n{table()}\n\n{END}", text, flags=re.DOTALL)
    readme.write_text(made, "utf-8")
    print(table())


if __name__ == "__main__":
    main()
