"""The verbs of similar music: the one door for faces and other domains."""

from __future__ import annotations

from segue.analysis.similar.ground import MOST, Like
from segue.analysis.similar.neighbours import Neighbours


class SimilarService(Neighbours):
    """Finds what sounds alike; see the parts."""


__all__ = ["MOST", "Like", "SimilarService"]
