"""How long do a quarter of a million recordings take to become concerts? Facts and grouping, band after band.

    ./dev bench live/grouping            a table
    ./dev bench live/grouping --write    and bench/results/live_grouping.json

Processor time of one core, without the making of the recordings. Once as item lists have them (no tracks), once with the
titles of every track known. And the cost of one more recording: the largest band grouped whole, and only the day concerned.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import generated

from segue.live.facts import facts_of
from segue.live.grouping import concerts_of

RESULTS = Path(__file__).parent.parent / "results" / "live_grouping.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=generated.RECORDINGS)
    parser.add_argument("--write", action="store_true", help="keep the figures in bench/results")
    given = parser.parse_args()
    rows = []
    for titles in (False, True):
        rows.append(measured(given.recordings, titles=titles))
        print(json.dumps(rows[-1]), flush=True)
    if given.write:
        RESULTS.write_text(json.dumps({"load": os.getloadavg()[0], "rows": rows}, indent=1) + "\n", "utf-8")


def measured(recordings: int, *, titles: bool) -> dict[str, Any]:
    """All bands once: seconds of facts and of grouping, and what came out."""
    facts_s = grouping_s = largest_s = day_s = 0.0
    items = concerts = doubts = 0
    for number, made in enumerate(generated.bands(recordings=recordings, titles=titles)):
        start = time.process_time()
        facts = {item.identifier: facts_of(item) for item in made.items}
        between = time.process_time()
        grouping = concerts_of(made.items, facts, made.setlists, made.heard)
        end = time.process_time()
        facts_s += between - start
        grouping_s += end - between
        items += len(made.items)
        concerts += len(grouping.concerts)
        doubts += sum(map(len, grouping.doubts.values()))
        if number == 0:
            largest_s = end - between
            day = made.items[len(made.items) // 2].date
            some = [item for item in made.items if item.date == day]
            lists = [setlist for setlist in made.setlists if setlist.date == day]
            start = time.process_time()
            concerts_of(some, facts, lists, made.heard)
            day_s = time.process_time() - start
    return {
        "titles": titles,
        "recordings": items,
        "concerts": concerts,
        "doubts": doubts,
        "facts_s": round(facts_s, 2),
        "grouping_s": round(grouping_s, 2),
        "largest_band_s": round(largest_s, 3),
        "one_day_ms": round(day_s * 1000, 2),
    }


if __name__ == "__main__":
    main()
