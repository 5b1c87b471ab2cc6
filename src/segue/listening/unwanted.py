"""What somebody does not want to hear, as a condition on tracks: whatever is chosen for them leaves it out."""

from __future__ import annotations

from segue.query import Compare, Node, Not, Or, both

_HATED: tuple[Node, ...] = (
    Compare("hated", "=", True),
    Compare("album_hated", "=", True),
    Compare("artist_hated", "=", True),
)
_UNWANTED: tuple[Node, ...] = (*_HATED, Compare("rating", "=", 1))

NOT_HATED: Node = both(*(Not(one) for one in _HATED))
"""Tracks of which the person hates neither the track nor its album nor the artist it is by: what is drawn at random."""
UNWANTED: Node = Or(_UNWANTED)
"""What is in no mix: tracks that are hated, by themselves or with their album or artist, or rated with one star."""
WANTED: Node = both(*(Not(one) for one in _UNWANTED))
"""Everything else."""
