"""How long does it take to read a query? The fifty of bench/queries.txt, and texts that are meant to hurt.

    ./dev bench query_parse            a table
    ./dev bench query_parse --write    and bench/results/query_parse.json

Processor time of one core: of each query the median of many readings, of what hurts the longest of three.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from segue.library.fields import ENTITIES
from segue.listening.fields import FIELDS
from segue.query import BadQuery, Entities
from segue.query.language import parse

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "query_parse.json"
QUERIES = HERE / "queries.txt"
ROUNDS = 40
BOMBS: dict[str, str] = {
    "10,000 parentheses": "(" * 5_000 + "a" + ")" * 4_999,
    "100,000 parentheses": "(" * 100_000,
    "NOT NOT NOT …": "NOT " * 2_499 + "a",
    "1 MB of text": "love " * 200_000,
    "10,000 characters of words": "ab " * 3_333,
    "a pattern that backtracks": "title:/" + "(a+)+" * 1_900 + "$/",
    "slashes": "/x " * 3_333,
    "quotes": '"' * 9_999,
    "a list of 4,000 values": "genre:" + "x," * 4_000 + "y",
    "white space": "a" + " " * 9_998 + "b",
}


def timed(work: Callable[[], Any], rounds: int) -> list[float]:
    """Milliseconds of processor time of each round."""
    found: list[float] = []
    for _ in range(rounds):
        start = time.process_time()
        with contextlib.suppress(BadQuery):
            work()
        found.append((time.process_time() - start) * 1000)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures in bench/results")
    given = parser.parse_args()
    entities = Entities(ENTITIES).extended(FIELDS)
    lines = [line for line in QUERIES.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    ordinary: dict[str, float] = {}
    for line in lines:
        name, _, query = line.partition(" ")
        try:
            parse(entities[name], query)
        except BadQuery as error:
            print(f"{query}: {error.message}")
            continue
        ordinary[line] = statistics.median(timed(lambda n=name, q=query: parse(entities[n], q), ROUNDS))  # type: ignore[misc]
    hurting = {name: max(timed(lambda q=query: parse(entities["tracks"], q), 3)) for name, query in BOMBS.items()}  # type: ignore[misc]
    worst = max(ordinary.items(), key=lambda each: each[1])
    summary = {
        "queries": len(ordinary),
        "median_ms": round(statistics.median(ordinary.values()), 3),
        "worst_ms": round(worst[1], 3),
        "worst": worst[0],
        "bombs_ms": {name: round(each, 1) for name, each in hurting.items()},
        "load_before": round(os.getloadavg()[0], 1),
    }
    print(
        f"{len(ordinary)} queries: median {summary['median_ms']} ms, the longest {summary['worst_ms']} ms ({worst[0]})"
    )
    for name, each in hurting.items():
        print(f"  {name}: refused or read in {each:.1f} ms")
    if given.write:
        RESULTS.write_text(json.dumps(summary, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
