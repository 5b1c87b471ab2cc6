"""Fit the curves that turn raw confidence into how often it is right, on clips that nothing was built on.

    ./dev bench analysis/calibrate CLIPS                      on CLIPS/calibrate (render … --part calibrate): tables, and
                                                              the knots to put into the module, for tempo and key
    ./dev bench analysis/calibrate CLIPS --what tempo --raw agreement_share
                                                              the raw score is this entry of Tempo.evidence

Without `--raw` the confidence as it is now is the raw score. Right is within 4 % for a tempo, and tonic and mode for a key.
Clips without a key have no say about keys. The curve is isotonic (`segue.analysis.calibration`), pools of 12 clips at least.
How well it does is told by ten folds: fitted on nine, judged on the tenth.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.analysis import hearing, metrics  # noqa: E402
from segue.analysis.calibration import Knots, apply, isotonic  # noqa: E402

LEAST = 12
FOLDS = 10


def cases(
    known: list[hearing.Truth], answers: dict[str, Any], what: str, raw: str | None
) -> tuple[list[float], list[bool]]:
    """Raw scores, and whether each was right; answers without a tempo or a key say nothing and are left out."""
    scores, right = [], []
    for truth in known:
        answer = answers[truth["clip"]][what]["ours"]
        if what == "tempo":
            if answer["bpm"] is None:
                continue
            right.append(metrics.within(answer["bpm"], truth["bpm"]))
        else:
            if truth["tonic"] is None or answer["tonic"] is None:
                continue
            right.append((answer["tonic"], answer["mode"]) == (truth["tonic"], truth["mode"]))
        scores.append(float(answer["evidence"][raw] if raw else answer["confidence"]))
    return scores, right


def across(scores: list[float], right: list[bool]) -> list[float]:
    """What the curve says of each case when it was fitted without its fold."""
    order = list(range(len(scores)))
    random.Random(3).shuffle(order)
    said = [0.0] * len(scores)
    for fold in range(FOLDS):
        held = set(order[fold::FOLDS])
        rest = [at for at in order if at not in held]
        knots = isotonic([scores[at] for at in rest], [right[at] for at in rest], least=LEAST)
        for at in held:
            said[at] = apply(knots, scores[at])
    return said


def shown(knots: Knots) -> str:
    inside = ", ".join(f"({raw:.4g}, {share:.3f})" for raw, share in knots)
    return f"({inside},)"


def main() -> None:
    parser = argparse.ArgumentParser(description="Calibrate the confidence of tempo and key.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("--what", choices=["tempo", "key"])
    parser.add_argument("--raw", help="an entry of the tempo's evidence")
    parser.add_argument("--answers", type=Path, help="read (or, if not there, keep) our answers here")
    given = parser.parse_args()
    known = hearing.truths(given.clips, "calibrate")
    if given.answers and given.answers.exists():
        answers = json.loads(given.answers.read_text("utf-8"))
    else:
        answers = hearing.ours(given.clips, "calibrate", known)
        if given.answers:
            given.answers.write_text(json.dumps(answers), "utf-8")
    for what in (given.what,) if given.what else ("tempo", "key"):
        scores, right = cases(known, answers, what, given.raw if what == "tempo" else None)
        said = across(scores, right)
        print(f"{what}: {len(right)} clips, {100 * sum(right) / len(right):.1f} % right")
        for name, of in (("raw", scores), ("calibrated, by folds", said)):
            groups = metrics.quartiles(of, right)
            told = " ".join(f"[{group['mean']:.2f}: {100 * group['right']:.0f} %]" for group in groups)
            print(f"  {name}: {told}, calibration error {metrics.calibration_error(of, right):.3f}")
        print(f"  knots: {shown(isotonic(scores, right, least=LEAST))}")


if __name__ == "__main__":
    main()
