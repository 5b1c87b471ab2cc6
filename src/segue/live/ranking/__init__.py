"""Which recording of a concert is the one to hear, and why: every reason is a term with its value and its weight."""

from segue.live.ranking.completeness import Completeness, completeness_of
from segue.live.ranking.ranks import rank
from segue.live.ranking.weights import USUAL, Weights

__all__ = ["USUAL", "Completeness", "Weights", "completeness_of", "rank"]
