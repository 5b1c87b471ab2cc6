"""The verbs of similar music: the one door for faces and other domains."""

from __future__ import annotations

from segue.analysis.similar.asking import Asking
from segue.analysis.similar.ballots import Vote
from segue.analysis.similar.charts import Charts, ClusterView, MapView
from segue.analysis.similar.ground import MOST, Like
from segue.analysis.similar.labels import Labels
from segue.analysis.similar.roads import Roads
from segue.analysis.similar.wholes import LikeWhole, Wholes


class SimilarService(Wholes, Roads, Labels, Charts, Asking):
    """Finds what sounds alike; see the parts."""


__all__ = ["MOST", "ClusterView", "Like", "LikeWhole", "MapView", "SimilarService", "Vote"]
