"""What does a lookup cost in this process? By id, by ISRC and 400 at once, from a snapshot; against the seven queries.

    ./dev bench catalog/lookup SNAPSHOT --data DIR             DIR has the two files that the snapshot was built of
    ./dev bench catalog/lookup SNAPSHOT --data DIR --write     writes bench/results/catalog_lookup.json

Ids are drawn from all tracks alike, so that hardly any album is asked for twice. Designs take turns, 200 lookups each, and
of each the median turn and the cheapest quarter are told: on a machine that does other things, what a lookup costs shows in
the cheaper ones. Answers of both designs are compared before anything is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "src"), str(HERE)]

from seven_queries import SevenQueries, sampled  # noqa: E402

from segue.catalog.snapshot.manifest import read_manifest  # noqa: E402
from segue.catalog.snapshot.store import SnapshotStore  # noqa: E402
from segue.core import heap  # noqa: E402

RESULTS = HERE.parent / "results" / "catalog_lookup.json"
TURN = 200
BATCH = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of the two files")
    parser.add_argument("--lookups", type=int, default=20_000)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args()
    main_file, files = asked.data / "main_database.sqlite3", asked.data / "track_files.sqlite3"
    ids = sampled(main_file, asked.lookups)
    codes = isrcs(main_file, ids)
    store = SnapshotStore(asked.snapshot, read_manifest(asked.snapshot))
    seven = SevenQueries(main_file, files)
    heap.settle()

    def by_id(id: str) -> bytes:
        (rank,) = store.ranks("track", (id,))
        assert rank is not None
        return store.tracks((rank,))[0]

    def by_isrc(code: str) -> list[bytes]:
        return store.tracks(store.isrcs((code,))[0])

    def batch(wanted: Sequence[str]) -> list[bytes]:
        return store.tracks([rank for rank in store.ranks("track", wanted) if rank is not None])

    for id in ids[:50]:
        assert json.loads(by_id(id)) == json.loads(seven.track(id) or b""), id
    batches = [ids[start : start + BATCH] for start in range(0, len(ids) - BATCH, BATCH)]
    rows = {
        "by id": {"snapshot": turns(by_id, ids), "seven queries": turns(seven.track, ids[: len(ids) // 4])},
        "by ISRC": {"snapshot": turns(by_isrc, codes), "seven queries": turns(seven.isrc, codes[: len(codes) // 4])},
        "batch of 400": {
            "snapshot": turns(batch, batches, each=1, unit=1e3),
            "seven queries": turns(seven.batch, batches[:10], each=1, unit=1e3),
        },
    }
    for name, designs in rows.items():
        unit = "ms" if name.startswith("batch") else "us"
        ours, theirs = designs["snapshot"], designs["seven queries"]
        print(
            f"{name:13} snapshot {ours['median']:7.1f} {unit} (cheapest quarter {ours['quarter']:.1f})   "
            f"seven queries {theirs['median']:7.1f} {unit}   {theirs['median'] / ours['median']:.1f} times"
        )
    result = {
        "tracks": store.counts().tracks,
        "lookups": len(ids),
        "load": round(os.getloadavg()[0], 1),
        "document_bytes": round(sum(len(by_id(id)) for id in ids[:1000]) / 1000),
        "cpu_us_or_ms": rows,
    }
    if asked.write:
        RESULTS.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


def turns(
    work: Callable[[Any], object], wanted: Sequence[Any], *, each: int = TURN, unit: float = 1e6
) -> dict[str, float]:
    """Processor time of one `work`, in 1/`unit` seconds: the median of all turns, and what the cheapest quarter stays under."""
    for one in wanted[: max(1, len(wanted) // 10)]:
        work(one)
    spent = []
    for start in range(0, len(wanted) - each + 1, each):
        before = time.process_time_ns()
        for one in wanted[start : start + each]:
            work(one)
        spent.append((time.process_time_ns() - before) / 1e9 / each * unit)
    spent.sort()
    return {"median": round(spent[len(spent) // 2], 2), "quarter": round(spent[len(spent) // 4], 2)}


def isrcs(main_file: Path, ids: Sequence[str]) -> list[str]:
    """The codes of those tracks that have one."""
    database = sqlite3.connect(f"file:{main_file}?mode=ro&immutable=1", uri=True)
    rows = (database.execute("SELECT external_id_isrc FROM tracks WHERE id = ?", (id,)).fetchone() for id in ids)
    found = [row[0] for row in rows if row and row[0]]
    database.close()
    return found


if __name__ == "__main__":
    main()
