"""How right an answer is: the field's own measures, each with its source, on plain numbers.

- Accuracy1, Accuracy2 (Gouyon et al., An experimental comparison of audio tempo induction algorithms, IEEE TASLP 14(5), 2006):
  within 4 % of the truth; Accuracy2 also forgives a factor of 2, 3, 1/2 or 1/3.
- Weighted key score (MIREX Audio Key Detection): 1 for the key, .5 a perfect fifth away, .3 relative, .2 parallel.
- Beat F-measure (Dixon, JNMR 36(1), 2007): hits within 70 ms, each truth and each answer used once, the first 5 s left out on
  both sides, as in mir_eval (Raffel et al., ISMIR 2014).
- Ranges: percentile bootstrap over clips; of a difference, paired: the same clips drawn for both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

OCTAVES = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)
FIRST_MS = 5_000
NEAR_MS = 70.0
DRAWS = 4_000


def within(bpm: float | None, truth: float, share: float = 0.04) -> bool:
    """Whether a tempo is within a share of the truth; no answer is wrong."""
    return bpm is not None and bpm > 0 and abs(bpm - truth) <= share * truth + 1e-9


def octave_within(bpm: float | None, truth: float, share: float = 0.04) -> bool:
    """The same, where twice, three times, half and a third of the truth are right too."""
    return any(within(bpm, truth * factor, share) for factor in OCTAVES)


def ratio(bpm: float | None, truth: float) -> str:
    """How an answer misses: `1`, `2`, `1/2`, `3`, `1/3`, `3/2`, `2/3`, `4/3`, `3/4`, `other` or `none`."""
    if bpm is None or bpm <= 0:
        return "none"
    named = {"1": 1, "2": 2, "1/2": 0.5, "3": 3, "1/3": 1 / 3, "3/2": 1.5, "2/3": 2 / 3, "4/3": 4 / 3, "3/4": 0.75}
    return next((name for name, factor in named.items() if within(bpm, truth * factor)), "other")


def key_relation(tonic: int | None, mode: str | None, true_tonic: int, true_mode: str) -> str:
    """`exact`, `fifth`, `relative`, `parallel`, `other` or `none`."""
    if tonic is None or mode is None:
        return "none"
    if mode == true_mode:
        away = (tonic - true_tonic) % 12
        return {0: "exact", 7: "fifth", 5: "fifth"}.get(away, "other")
    if tonic == true_tonic:
        return "parallel"
    relative = (true_tonic + (9 if true_mode == "major" else 3)) % 12
    return "relative" if tonic == relative else "other"


KEY_WEIGHTS = {"exact": 1.0, "fifth": 0.5, "relative": 0.3, "parallel": 0.2, "other": 0.0, "none": 0.0}


def key_score(tonic: int | None, mode: str | None, true_tonic: int, true_mode: str) -> float:
    """0 to 1, as MIREX weighs it. A fifth counts above and below, as at MIREX; mir_eval by default counts only the one above."""
    return KEY_WEIGHTS[key_relation(tonic, mode, true_tonic, true_mode)]


def beat_f(found_ms: Sequence[float], truth_ms: Sequence[float]) -> float:
    """0 to 1: the harmonic mean of how many beats found are true and how many true ones were found; 0 where there are none."""
    found = sorted(beat for beat in found_ms if beat >= FIRST_MS)
    truth = sorted(beat for beat in truth_ms if beat >= FIRST_MS)
    if not found or not truth:
        return 0.0
    hits, at = 0, 0
    for beat in truth:
        while at < len(found) and found[at] < beat - NEAR_MS:
            at += 1
        if at < len(found) and abs(found[at] - beat) <= NEAR_MS:
            hits += 1
            at += 1
    return 2 * hits / (len(found) + len(truth))


def bootstrap(values: Sequence[float], draws: int = DRAWS, seed: int = 7) -> tuple[float, float]:
    """The 2.5 and 97.5 percentiles of the mean over clips drawn with replacement."""
    data: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    if not len(data):
        return (float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    means = data[rng.integers(len(data), size=(draws, len(data)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def margin(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    """(mean of ours minus theirs on the same clips, and its range)."""
    apart = [one - other for one, other in zip(ours, theirs, strict=True)]
    return (float(np.mean(apart)) if apart else float("nan"), *bootstrap(apart))


def quartiles(confidences: Sequence[float], right: Sequence[bool]) -> list[dict[str, float]]:
    """Four groups of equal size by confidence, lowest first: how sure they were and how often they were right. Equal
    confidences are not split by chance: they are ordered as given."""
    order = sorted(range(len(right)), key=lambda at: confidences[at])
    found = []
    for group in np.array_split(np.array(order, dtype=int), 4):
        if len(group):
            sure = [confidences[at] for at in group]
            share = float(np.mean([right[at] for at in group]))
            found.append(
                {"from": min(sure), "to": max(sure), "mean": float(np.mean(sure)), "right": share, "count": len(group)}
            )
    return found


def calibration_error(confidences: Sequence[float], right: Sequence[bool], groups: int = 10) -> float:
    """The expected calibration error (Naeini et al., AAAI 2015) over groups of equal size."""
    order = np.argsort(np.asarray(confidences), kind="stable")
    total = 0.0
    for group in np.array_split(order, groups):
        if len(group):
            total += len(group) * abs(np.mean([confidences[at] for at in group]) - np.mean([right[at] for at in group]))
    return float(total / max(1, len(right)))
