"""What stands in the way of lining up two tracks."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Invalid, NotFound


class LiveTrackNotFound(NotFound):
    def __init__(self, id: str) -> None:
        super().__init__("live_track_not_found", f"There is no track {id}.", id=id)


class NotHere(Conflict):
    def __init__(self, id: str) -> None:
        super().__init__(
            "not_here", f"{id} is not on this server.", hint="Download its recording, then line them up.", id=id
        )


class SameTrack(Invalid):
    def __init__(self) -> None:
        message = "A track is not lined up with itself."
        super().__init__("same_track", message, fields=[FieldProblem("to", "same_track", message)])


class NotAligned(NotFound):
    """`state` says why: none, working, apart or failed."""

    def __init__(self, state: str) -> None:
        words = {
            "none": "They were not lined up yet.",
            "working": "They are being lined up.",
            "apart": "They do not agree: nothing is claimed about where one is in the other.",
            "failed": "They could not be lined up.",
        }
        super().__init__("not_aligned", words[state], hint="POST /api/v1/live/alignments lines them up.", state=state)
