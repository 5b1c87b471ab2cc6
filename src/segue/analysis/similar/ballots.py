"""What neighbours' labels say of a track: a vote, with those who voted. Nothing here invents a label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SHARPNESS = 6.0
"""The power of its likeness that a neighbour's vote counts with."""
LEAST_VOTERS = 2
LEAST_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Vote:
    """A label that neighbours have. `share` is their part of the votes of all neighbours that have any label of the kind;
    `voters` are (track, likeness), the nearest first; `said` where the track's own tags or the person say so already."""

    kind: str
    label: str
    share: float
    voters: tuple[tuple[int, float], ...]
    of: int
    """Neighbours that have a label of this kind at all."""
    said: bool = False


def counted(
    kind: str, neighbours: Sequence[tuple[int, float]], labels: Mapping[int, Sequence[str]], own: Sequence[str] = ()
) -> list[Vote]:
    """The votes of neighbours (track, likeness) for the labels they have, the largest share first."""
    weights: dict[str, float] = defaultdict(float)
    voters: dict[str, list[tuple[int, float]]] = defaultdict(list)
    total, having = 0.0, 0
    for track, likeness in neighbours:
        theirs = list(dict.fromkeys(labels.get(track, ())))
        if not theirs:
            continue
        weight = max(0.0, likeness) ** SHARPNESS
        total, having = total + weight, having + 1
        for label in theirs:
            weights[label] += weight
            voters[label].append((track, round(likeness, 4)))
    if total <= 0:
        return []
    mine = set(own)
    found = [
        Vote(kind, label, round(weight / total, 3), tuple(voters[label]), having, label in mine)
        for label, weight in weights.items()
        if len(voters[label]) >= LEAST_VOTERS and weight / total >= LEAST_SHARE
    ]
    return sorted(found, key=lambda vote: (-vote.share, vote.label))
