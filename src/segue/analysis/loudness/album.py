"""The loudness of several tracks as if they were one programme."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

OFFSET = -0.691
"""What BS.1770 adds to ten times the logarithm of the weighted mean square."""
ABSOLUTE_GATE = -70.0
RELATIVE_GATE = -10.0


def album(histograms: Iterable[Sequence[tuple[int, int]]]) -> float | None:
    """Integrated loudness in LUFS of all gating blocks together, gated as one: not the mean of the tracks' loudness.

    `histograms` are those of `records.Loudness`. Each block counts with the middle of its tenth of a LUFS, so the answer is
    within 0.05 LU of what the blocks themselves say, and as much again where the relative gate cuts through a crowd. None
    where nothing is above the absolute gate.
    """
    counts: dict[int, int] = {}
    for histogram in histograms:
        for tenth, count in histogram:
            counts[tenth] = counts.get(tenth, 0) + count
    gate = _loudness(counts)
    if gate is None:
        return None
    return _loudness({tenth: count for tenth, count in counts.items() if middle(tenth) > gate + RELATIVE_GATE})


def middle(tenth: int) -> float:
    """The LUFS that the blocks of one tenth count with."""
    return (tenth + 0.5) / 10


def _loudness(counts: dict[int, int]) -> float | None:
    blocks = sum(counts.values())
    if not blocks:
        return None
    power = sum(count * 10 ** ((middle(tenth) - OFFSET) / 10) for tenth, count in counts.items())
    return OFFSET + 10 * math.log10(power / blocks)
