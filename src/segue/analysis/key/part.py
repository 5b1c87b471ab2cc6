"""The part of our engine that hears the key."""

from __future__ import annotations

import numpy as np

from segue.analysis.key.pitches import STEPS, Pitches
from segue.analysis.key.profiles import BGATE, of_all_keys
from segue.analysis.parts import Block
from segue.analysis.records import Key, KeySegment, Mode

LEAST_CORRELATION = 0.4


class KeyPart:
    """Hears blocks; `found` is None where nothing has a key: silence, noise, drums alone."""

    def __init__(self) -> None:
        self._pitches = Pitches()

    def hear(self, block: Block) -> None:
        self._pitches.hear(block.mono)

    def found(self) -> Key | None:
        rows = self._pitches.rows()
        if not rows.any():
            return None
        fine = rows.sum(axis=0).reshape(-1, STEPS).astype(np.float64)
        turns = np.exp(2j * np.pi * np.arange(STEPS) / STEPS)
        shift = float(np.angle(fine.sum(axis=0) @ turns) / (2 * np.pi))
        cents = shift * 100
        whole = fine.ravel()
        at = np.arange(0, len(whole) - STEPS, STEPS)[1:]
        chroma = np.zeros(12)
        for step in range(-2, 3):
            place = at + shift * STEPS + step
            np.add.at(chroma, (at // STEPS + 9) % 12, np.interp(place, np.arange(len(whole)), whole))
        chroma -= chroma.mean()
        norm = np.linalg.norm(chroma)
        if norm == 0:
            return None
        scores = of_all_keys(BGATE) @ (chroma / norm)
        order = np.argsort(-scores)
        best = int(order[0])
        if scores[best] < LEAST_CORRELATION:
            return None
        margin = float(scores[best] - scores[order[1]])
        confidence = min(1.0, 0.4 + 4 * margin)
        mode: Mode = "major" if best < 12 else "minor"
        end = round(len(rows) * self._pitches.row_s * 1_000)
        return Key(
            tonic=best % 12,
            mode=mode,
            confidence=confidence,
            tuning_cents=cents,
            segments=(KeySegment(0, end, best % 12, mode, confidence),),
            scores=tuple(float(score) for score in scores),
        )
