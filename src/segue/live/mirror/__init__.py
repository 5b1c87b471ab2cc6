"""Lists of the archive kept here: items taken in, put into concerts, kept up to date."""

from segue.live.mirror.regrouping import Regrouped, regroup, regroup_marked, regroup_now, regroup_some
from segue.live.mirror.taking_in import Intake, TakenIn, mark, take_in

__all__ = [
    "Intake",
    "Regrouped",
    "TakenIn",
    "mark",
    "regroup",
    "regroup_marked",
    "regroup_now",
    "regroup_some",
    "take_in",
]
