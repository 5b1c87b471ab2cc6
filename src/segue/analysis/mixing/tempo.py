"""Whether two tempos can be brought together, and at which speed the second track is played then."""

from __future__ import annotations

from typing import NamedTuple

from segue.analysis.mixing.records import Manner

FACTORS = ((1.0, 1.0), (2.0, 0.85), (0.5, 0.85))
"""Beats of the second on one of the first, and what of the score that leaves: twice as many, half as many."""
ODD_FACTORS = ((1.5, 0.55), (2 / 3, 0.55))
"""Three on two: for the adventurous."""
AT_LIMIT = 0.5
"""What of the score is left where the speed is changed as far as it may be."""
APART = 0.05
UNKNOWN = 0.3


class Match(NamedTuple):
    """`rate` is the speed of the second track (1 is its own), `factor` how many of its beats go on one of the first."""

    rate: float
    factor: float
    score: float
    fits: bool


def match(first_bpm: float | None, second_bpm: float | None, manner: Manner) -> Match:
    """The best way to bring the second tempo to the first; where there is none within the limit, `rate` is 1."""
    if not first_bpm or not second_bpm:
        return Match(1.0, 1.0, UNKNOWN, False)
    best: Match | None = None
    for factor, left in factors(manner):
        rate = first_bpm * factor / second_bpm
        score = left * closeness(rate, manner)
        if abs(rate - 1) <= manner.pitch_limit + 1e-9 and (best is None or score > best.score):
            best = Match(rate, factor, score, True)
    return best or Match(1.0, 1.0, APART, False)


def factors(manner: Manner) -> tuple[tuple[float, float], ...]:
    return FACTORS + ODD_FACTORS if manner.profile == "adventurous" else FACTORS


def closeness(rate: float, manner: Manner) -> float:
    """1 at its own speed, a half at the limit, falling with the square in between."""
    limit = max(manner.pitch_limit, 1e-6)
    return max(0.0, 1 - (1 - AT_LIMIT) * min(1.0, abs(rate - 1) / limit) ** 2)


def windows(bpm: float, manner: Manner) -> list[tuple[float, float]]:
    """Between which tempos a track lies that can follow one of `bpm`: (lowest, highest) for each factor."""
    return [
        (bpm * factor / (1 + manner.pitch_limit), bpm * factor / (1 - manner.pitch_limit))
        for factor, _ in factors(manner)
    ]
