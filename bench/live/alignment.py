"""How exactly are two recordings of one performance lined up, and is nothing claimed about two that are none?

    ./dev bench live/alignment               sixteen performances a kind of tape; a table
    ./dev bench live/alignment --write       keeps the figures in bench/results/live_alignment.json

Performances are rendered from seeds (bench/live/performance.py) and recorded by two tapes each: a good one, and one of the
kinds below, whose truth is known exactly. The error of the offset is the largest at three moments of every stretch that was
found; of the ratio, its distance from the true one. Other nights are performances of one song by one band with one tempo and
one arrangement: nothing may be claimed about them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.live.performance import RATE, Samples, Tape, perform, write  # noqa: E402
from segue.live.alignment.fitting import align  # noqa: E402
from segue.live.alignment.onsets import Curve, onset_curve  # noqa: E402
from segue.live.alignment.pairs import align_pair  # noqa: E402
from segue.live.alignment.records import Fit, Sound  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "live_alignment.json"
KINDS = ("speed", "noise", "room and crowd", "cut at both ends", "turned over", "silence", "everything")


def tape(kind: str, rng: np.random.Generator, seconds: float, seed: int) -> Tape:
    """A tape of this kind, drawn by `rng`."""
    speed = float(rng.uniform(0.962, 1.038))
    at = float(rng.uniform(0.3, 0.6) * seconds)
    given: dict[str, dict[str, Any]] = {
        "speed": {},
        "noise": {"noise_db": float(rng.uniform(-10, 3))},
        "room and crowd": {"room_s": float(rng.uniform(0.3, 0.8)), "crowd": True, "tilt": float(rng.uniform(-4, 4))},
        "cut at both ends": {"start_s": float(rng.uniform(5, 50)), "end_s": float(rng.uniform(5, 50))},
        "turned over": {"gap_at_s": at, "gap_s": float(rng.uniform(2, 40))},
        "silence": {"gap_at_s": at, "gap_s": float(rng.uniform(2, 30)), "silent": True},
        "everything": {
            "noise_db": float(rng.uniform(-12, -3)), "room_s": float(rng.uniform(0.2, 0.5)), "crowd": True, "gap_at_s": at,
            "tilt": float(rng.uniform(-3, 3)), "start_s": float(rng.uniform(2, 30)), "gap_s": float(rng.uniform(2, 20)),
        },
    }  # fmt: skip
    return Tape(speed=speed, seed=seed, **given[kind])


def curve(samples: Samples) -> Curve:
    halved = ((samples[:-1:2] + samples[1::2]) / 2).astype(np.float32)
    return onset_curve(iter([halved]))


def errors(fit: Fit, other: Tape) -> tuple[float, float] | None:
    """The largest error of a place in milliseconds and that of the ratio in percent; None where nothing was claimed."""
    said = fit.alignment
    if said is None:
        return None
    worst = 0.0
    for stretch in said.stretches:
        for share in (0.25, 0.5, 0.75):
            moment = stretch.start_ms + share * (stretch.end_ms - stretch.start_ms)
            truth, place = other.place(moment / 1000), said.place(moment)
            if truth is not None and place is not None:
                worst = max(worst, abs(place - truth * 1000))
    return worst, abs(said.ratio * other.speed - 1) * 100


def kind_figures(kind: str, count: int, seconds: float) -> dict[str, Any]:
    found, spent = [], 0.0
    for seed in range(count):
        music = perform(seed, seconds)
        other = tape(kind, np.random.default_rng([seed, KINDS.index(kind)]), seconds, seed)
        one = curve(Tape(noise_db=-30, seed=99).record(music))
        two = curve(other.record(music))
        begun = time.process_time()
        found.append(errors(align(one, two), other))
        spent += time.process_time() - begun
    right = [one for one in found if one is not None]
    good = sum(offset <= 20 and ratio <= 0.05 for offset, ratio in right)
    return {
        "pairs": count,
        "within_20_ms_and_0.05_percent": good,
        "nothing_claimed": count - len(right),
        "offset_error_ms": _spread([offset for offset, _ in right]),
        "ratio_error_percent": _spread([ratio for _, ratio in right], 5),
        "cpu_s_a_pair": round(spent / count, 3),
    }


def nights(count: int, seconds: float) -> dict[str, Any]:
    """Pairs about which nothing may be claimed: other nights of a song, and other songs."""
    figures: dict[str, Any] = {}
    for kind in ("other night", "other song"):
        scores = []
        for seed in range(count):
            one = curve(perform(seed, seconds, arrangement=seed))
            two = curve(perform(seed + 500, seconds, arrangement=seed if kind == "other night" else seed + 500))
            scores.append(align(one, two))
        figures[kind] = {
            "pairs": count,
            "claimed": sum(fit.alignment is not None for fit in scores),
            "highest_score": round(max(fit.score for fit in scores), 3),
        }
    return figures


def files(folder: Path, seconds: float) -> dict[str, Any]:
    """A long pair from files: a FLAC and an MP3, decoded as the job does."""
    music = perform(77, seconds)
    other = Tape(speed=0.991, start_s=21, noise_db=-8, tilt=3, seed=3)
    one = write(music, folder / "one.flac")
    two = write(other.record(music), folder / "two.mp3")
    begun = time.process_time()
    fit = align_pair((Sound(str(one).encode()), Sound(str(two).encode())))
    spent = time.process_time() - begun
    found = errors(fit, other)
    assert found is not None
    return {"minutes": seconds / 60, "offset_error_ms": round(found[0], 2), "ratio_error_percent": round(found[1], 5),
            "cpu_s": round(spent, 2)}  # fmt: skip


def _spread(values: list[float], digits: int = 2) -> dict[str, float]:
    if not values:
        return {}
    return {
        "median": round(float(np.median(values)), digits),
        "p95": round(float(np.quantile(values, 0.95)), digits),
        "worst": round(max(values), digits),
    }


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--count", type=int, default=16)
    given.add_argument("--seconds", type=float, default=200.0)
    given.add_argument("--write", action="store_true")
    args = given.parse_args()
    figures: dict[str, Any] = {"seconds": args.seconds, "sampling_rate": RATE, "kinds": {}}
    for kind in KINDS:
        figures["kinds"][kind] = found = kind_figures(kind, args.count, args.seconds)
        print(f"{kind:18} {json.dumps(found)}")
    figures["nothing_in_common"] = nights(args.count, args.seconds)
    print(json.dumps(figures["nothing_in_common"]))
    with tempfile.TemporaryDirectory() as folder:
        figures["from_files"] = files(Path(folder), 600.0)
    print(json.dumps(figures["from_files"]))
    if args.write:
        RESULTS.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
