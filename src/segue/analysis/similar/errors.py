"""What can go wrong when asking for what sounds alike."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Invalid, NotFound


class NotHeard(Conflict):
    """Of this thing nothing has been heard, so nothing can be told to sound like it."""

    def __init__(self, thing: str) -> None:
        super().__init__(
            "not_heard",
            f"{thing} has not been analysed yet, so it cannot be said what sounds like it.",
            hint="Its analysis can be asked for: POST /api/v1/analysis.",
            id=thing,
        )


class NothingHeard(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "nothing_heard",
            "No music has been analysed yet, so nothing can be compared.",
            hint="Tracks are analysed in the background after a scan.",
        )


class NoProfile(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "no_profile",
            "None of what you played lately has been analysed, so there is nothing to go by.",
            hint="Play some music that has been analysed.",
        )


class NoMap(Conflict):
    def __init__(self, state: str) -> None:
        super().__init__(
            "no_map",
            "There is no map of your music yet.",
            hint="POST /api/v1/analysis/similar/map has one made.",
            state=state,
        )


class NoSuchCluster(NotFound):
    def __init__(self, cluster: str) -> None:
        super().__init__("not_found", f"There is no group {cluster}.", id=cluster)


class TwoEndsNeeded(Invalid):
    def __init__(self) -> None:
        message = "A path leads from one track to another; these two are the same, or the same sound."
        super().__init__("same_track", message, fields=[FieldProblem("to", "same_track", message)])


class NothingGiven(Invalid):
    def __init__(self) -> None:
        message = "Name at least one track, album or artist to have more of."
        super().__init__("nothing_given", message, fields=[FieldProblem("more", "nothing_given", message)])
