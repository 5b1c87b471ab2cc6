"""How fast the nearest are found, how many of them, and what it takes to make space, lists and map.

    python -m bench.analysis.similar                     # 100,000 to 1,000,000 pieces; minutes
    python -m bench.analysis.similar --sizes 20000       # a quick look

Embeddings are made by chance: 2,000 kinds of music, each around a middle with a width of its own along a few directions, and a
tenth of all that belongs to no kind. Times are processor time of one thread. Recall is the share of the true fifty nearest
that are among the fifty found.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from itertools import chain
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from segue.analysis.similar import lists, plane, rows, scaling, search, walking
from segue.analysis.timbre.layout import SIZE, SLICES

RESULTS = Path(__file__).parents[1] / "results" / "analysis_similar.json"
KINDS = 2_000
ASKED = 200
NEAREST = 50
BLOCK = 20_000


def library(count: int, seed: int) -> Any:
    """Blocks of raw embeddings, `count` in all."""
    random = np.random.default_rng(seed)
    middles = random.normal(size=(KINDS, SIZE)).astype(np.float32)
    directions = random.normal(size=(24, SIZE)).astype(np.float32)
    widths = random.uniform(0.3, 1.0, KINDS).astype(np.float32)
    for start in range(0, count, BLOCK):
        some = min(BLOCK, count - start)
        kind = random.integers(0, KINDS, some)
        raw = middles[kind] + random.normal(size=(some, SIZE)).astype(np.float32) * widths[kind, None] * 0.6
        raw += random.normal(size=(some, 24)).astype(np.float32) @ directions * 0.25
        alone = random.random(some) < 0.1
        raw[alone] = random.normal(size=(int(alone.sum()), SIZE)) * 1.3
        yield raw.astype(np.float32)


def spent(since: float) -> float:
    return round(time.process_time() - since, 4)


def measure(count: int, folder: Path, with_map: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"pieces": count}
    blocks = library(count, 1)
    first = next(blocks)
    start = time.process_time()
    learnt = scaling.learn(first, SLICES)
    found["learn_s"], found["dimensions"] = spent(start), learnt.dimensions
    space = rows.generation(folder, 1, 1)
    scaled, at = 0.0, 0
    for block in chain([first], blocks):
        start = time.process_time()
        vectors = learnt.of(block)
        rows.append(space, np.arange(at + 1, at + 1 + len(block)), vectors)
        scaled, at = scaled + time.process_time() - start, at + len(block)
    found["scale_and_write_s"] = round(scaled, 3)
    start = time.process_time()
    held = rows.Rows.open(space, learnt.dimensions)
    found["open_s"] = spent(start)
    found["file_mb"] = round(count * learnt.dimensions * 4 / 2**20, 1)
    random = np.random.default_rng(9)
    asked = random.integers(0, count, ASKED)
    questions = np.array(held.vectors[asked])
    exact: list[set[int]] = []
    took = []
    for question in questions[: ASKED if count <= 200_000 else 60]:
        start = time.process_time()
        places, _ = search.nearest(held, question, NEAREST, exact=True)
        took.append(time.process_time() - start)
        exact.append({int(held.sounds[place]) for place in places})
    found["exact_ms"] = quantiles(took)
    start = time.process_time()
    made, order = lists.built(held.vectors, lists.count_for(count))
    found["lists"] = {"count": len(made.centers), "build_s": spent(start), "read": []}
    start = time.process_time()
    listed = rows.generation(folder, 1, 2)
    rows.rewrite(listed, held, order, made)
    found["lists"]["write_s"] = spent(start)
    held = rows.Rows.open(listed, learnt.dimensions)
    usual = search.READ
    for read in (0.04, 0.08, 0.16, 0.2, 0.25):
        search.READ = read
        hits, took, seen = 0, [], 0
        for number, question in enumerate(questions[: len(exact)]):
            start = time.process_time()
            places, _ = search.nearest(held, question, NEAREST)
            took.append(time.process_time() - start)
            hits += len(exact[number] & {int(held.sounds[place]) for place in places})
            seen += sum(end - begin for begin, end in made.spans(question, round(read * len(made.centers))))
        found["lists"]["read"].append(
            {
                "share_of_lists": read, "recall_at_50": round(hits / NEAREST / len(exact), 4), "ms": quantiles(took),
                "share_of_rows": round(seen / len(exact) / count, 4), "used": read == usual,
            }
        )  # fmt: skip
    search.READ = usual
    start = time.process_time()
    pool = np.array(held.vectors[random.integers(0, count, 1_000)])
    pieces = [walking.Piece(number, f"artist {number % 300}", str(number)) for number in range(1_000)]
    found["path"] = {"tracks": len(walking.walk(questions[0], questions[1], pieces, pool, 23)) + 2, "s": spent(start)}
    if with_map:
        found["map"] = drawn(np.array(held.vectors[: in_a_map(count)]))
    found["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def in_a_map(count: int) -> int:
    return min(count, 100_000)


def drawn(vectors: NDArray[np.float32]) -> dict[str, Any]:
    start = time.process_time()
    near, like = plane.neighbours(vectors)
    found: dict[str, Any] = {"points": len(vectors), "neighbours_s": spent(start)}
    sample = np.random.default_rng(2).integers(0, len(vectors), 200)
    truth = vectors[sample] @ vectors.T
    truth[np.arange(200), sample] = -2
    best = np.argpartition(-truth, near.shape[1], axis=1)[:, : near.shape[1]]
    hits = sum(len(set(one.tolist()) & set(near[at].tolist())) for one, at in zip(best, sample, strict=True))
    found["neighbours_recall"] = round(hits / best.size, 4)
    start = time.process_time()
    graph = plane.graph(near, like)
    found["graph_s"] = spent(start)
    start = time.process_time()
    places = plane.refine(plane.beginning(vectors, 1), graph, 0, plane.ROUNDS, plane.ROUNDS, 1)
    found["rounds_s"], found["rounds"] = spent(start), plane.ROUNDS
    found["near_in_truth"] = near_in_truth(vectors, places)
    found["near_in_truth_on_two_axes"] = near_in_truth(vectors, plane.beginning(vectors, 1))
    return found


def near_in_truth(vectors: NDArray[np.float32], places: NDArray[np.float32]) -> float:
    """The share of the 15 nearest on the map, of 300 points, that are of the nearest hundredth in the space; 0.01 by chance."""
    chosen = np.random.default_rng(3).choice(len(vectors), 300, replace=False)
    hits = 0
    for at in chosen:
        like = vectors @ vectors[at]
        away = ((places - places[at]) ** 2).sum(axis=1)
        away[at] = np.inf
        near = np.argpartition(away, 15)[:15]
        hits += int((like[near] >= np.partition(like, -len(like) // 100)[-len(like) // 100]).sum())
    return round(hits / 15 / 300, 4)


def quantiles(seconds: list[float]) -> dict[str, float]:
    sorted_ms = np.sort(np.array(seconds)) * 1000
    return {"median": round(float(np.median(sorted_ms)), 2), "p95": round(float(np.percentile(sorted_ms, 95)), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--folder", type=Path, help="Where the files are made; a temporary folder without it.")
    parser.add_argument("--no-map", action="store_true")
    parser.add_argument("--print", action="store_true", help="Only print, and keep no results.")
    given = parser.parse_args()
    runs = []
    for size in given.sizes:
        folder = Path(tempfile.mkdtemp(prefix="similar-", dir=given.folder))
        try:
            runs.append(measure(size, folder, not given.no_map and size <= 100_000))
        finally:
            shutil.rmtree(folder)
        print(json.dumps(runs[-1], indent=1))
    if not given.print:
        RESULTS.write_text(json.dumps({"nearest": NEAREST, "runs": runs}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
