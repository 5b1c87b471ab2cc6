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


def under_load(found: dict[str, Any]) -> str:
    """What to add where other work took much of the processors meanwhile."""
    load = found.get("load_average", found.get("machine", {}).get("load_1m", 0))
    cores = found.get("cores", found.get("machine", {}).get("cores", 1))
    return f" (load average {load:.0f} on {cores} cores)" if load > cores else ""


def scan() -> Iterator[tuple[str, str]]:
    rows = results("scan").get("rows", [])
    small = {row["files"]: row for row in rows if "reading" not in row and row.get("database", "SQLite") == "SQLite"}
    for files, row in small.items():
        if "full_files_per_s" not in row:
            continue
        yield f"full scan of {files:,} small files", f"{row['full_files_per_s']:,.0f} files/s"
        yield f"the same again, nothing changed ({files:,})", f"{row['no_change_files_per_s']:,.0f} files/s"
    if small and "peak_pss_mb" in small[max(small)]:
        yield f"peak memory at {max(small):,} files, all processes", f"{small[max(small)]['peak_pss_mb']:,.0f} MB"
    for row in rows:
        if "reading" in row:
            read = row["reading"]
            yield (
                f"read of each of {read['files']:,} files of {read['median_file_kib'] / 1024:.0f} MiB, median",
                f"{read['median_read_kib']:.0f} KiB",
            )


def browse() -> Iterator[tuple[str, str]]:
    found = results("browse")
    load = under_load(found)
    for name, row in found.get("databases", {}).items():
        for state, said in (("idle", "idle"), ("during_a_scan", "during a full scan")):
            one = row[state]
            yield (
                f"pages, {found['clients']} clients, {found['albums']:,} albums, {name}, {said}",
                f"p50 {one['p50_ms']} ms, p99 {one['p99_ms']} ms, {one['requests_per_s']} requests/s{load}",
            )
        yield f"album list of 500, {name}", f"p50 {row['album_list_of_500']['p50_ms']} ms{load}"


def start() -> Iterator[tuple[str, str]]:
    measured = results("start")
    found, load = measured.get("figures", {}), under_load(measured)
    for name, said in (("ready_s", "ready, on an existing database"), ("help_cpu_s", "`segue --help`, processor time")):
        if name in found:
            yield said, f"{found[name]['median']:.2f} s{load}"


def jobs() -> Iterator[tuple[str, str]]:
    for name, row in results("jobs").items():
        if isinstance(row, dict) and "jobs/s through one worker" in row:
            yield f"background jobs through one worker, {name}", f"{row['jobs/s through one worker']:,.0f} jobs/s"


def table() -> str:
    """The figures as a table in Markdown."""
    rows = [*scan(), *browse(), *start(), *jobs()]
    return "\n".join(["| | |", "|---|---|", *(f"| {what} | {how_much} |" for what, how_much in rows)])


def main() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text("utf-8")
    made = re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n\n{table()}\n\n{END}", text, flags=re.DOTALL)
    readme.write_text(made, "utf-8")
    print(table())


if __name__ == "__main__":
    main()
