"""Fit the weights of the key's evidence (`segue.analysis.key.weights`), and say how well they do on clips left out.

    ./dev bench analysis/key_weights CLIPS                    on CLIPS/build (render … --part build)
    ./dev bench analysis/key_weights CLIPS --also MORE.jsonl  and on other recordings: lines of {"file", "tonic", "mode"}

A multinomial logistic regression over the 24 keys: the score of a key is the weighted sum of its evidence. The ridge is on
standardised evidence. Five folds: fitted on four, judged on the fifth. The weights come out as the module has them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.analysis import hearing  # noqa: E402
from segue.analysis.decode import blocks  # noqa: E402
from segue.analysis.key import evidence  # noqa: E402
from segue.analysis.key.pitches import Pitches  # noqa: E402

RIDGE = 10.0
FOLDS = 5

Floats = NDArray[np.float64]


def speaking(path: Path) -> Floats:
    """(24, 62): the evidence in one file."""
    pitches = Pitches()
    with blocks(path) as decoded:
        for block in decoded:
            pitches.hear(block.mono)
    return evidence.of_keys(evidence.music(pitches.heard().classes))


def fitted(known: Floats, right: NDArray[np.int64]) -> Floats:
    """The weights for evidence (clips, 24, 62) whose keys are `right`."""
    spread = known.reshape(-1, known.shape[2]).std(axis=0) + 1e-9
    scaled, rows = known / spread, np.arange(len(right))

    def cost(weights: Floats) -> tuple[float, Floats]:
        scores = scaled @ weights
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        missed = -np.log(chances[rows, right] + 1e-12).mean() + RIDGE / len(right) * weights @ weights
        slope = ((chances[:, :, None] * scaled).sum(axis=1) - scaled[rows, right]).mean(axis=0)
        return float(missed), slope + 2 * RIDGE / len(right) * weights

    found: Any = minimize(cost, np.zeros(known.shape[2]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / spread)


def left_out(known: Floats, right: NDArray[np.int64]) -> float:
    """The share of clips whose key is right when they are left out of the fit."""
    fold = np.random.default_rng(0).permutation(len(right)) % FOLDS
    hits = 0
    for number in range(FOLDS):
        weights = fitted(known[fold != number], right[fold != number])
        hits += int((np.argmax(known[fold == number] @ weights, axis=1) == right[fold == number]).sum())
    return hits / len(right)


def shown(weights: Floats) -> str:
    named = "".join(f'    "{name}": {weight:.3f},\n' for name, weight in zip(evidence.NAMES, weights, strict=False))
    by_degree = []
    for name, first in (("IN_MAJOR", len(evidence.NAMES)), ("IN_MINOR", len(evidence.NAMES) + 24)):
        rows = (weights[first + at : first + at + 12] for at in (0, 12))
        lines = "".join("    " + ", ".join(f"{weight:.2f}" for weight in row) + ",\n" for row in rows)
        by_degree.append(f"{name} = (\n{lines})  # fmt: skip")
    return f"NAMED = {{\n{named}}}\n" + "\n".join(by_degree)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the weights of the key's evidence.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("--also", type=Path, action="append", default=[])
    given = parser.parse_args()
    pieces = [
        (given.clips / "build" / f"{clip['clip']}.flac", clip)
        for clip in hearing.truths(given.clips, "build")
        if clip["tonic"] is not None
    ]
    for more in given.also:
        lines = more.read_text("utf-8").splitlines()
        pieces += [(more.parent / piece["file"], piece) for piece in map(json.loads, lines)]
    known = np.array([speaking(path) for path, _ in pieces])
    right = np.array([piece["tonic"] + (12 if piece["mode"] == "minor" else 0) for _, piece in pieces])
    print(f"{len(right)} pieces; left out a {FOLDS}th at a time, {100 * left_out(known, right):.1f} % right")
    print(shown(fitted(known, right)))


if __name__ == "__main__":
    main()
