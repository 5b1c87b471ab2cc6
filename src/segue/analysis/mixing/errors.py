"""What stands in the way of a mix."""

from __future__ import annotations

from segue.core.errors import FieldProblem, Invalid


class EmptyPool(Invalid):
    def __init__(self) -> None:
        super().__init__(
            "empty_pool",
            "There is no track to make a set of.",
            hint="Name tracks, a playlist, or a query that finds some.",
        )


class SameTrackTwice(Invalid):
    def __init__(self) -> None:
        message = "A track is not mixed with itself."
        super().__init__("same_track", message, fields=[FieldProblem("to", "same_track", message)])


class NoKeyNoTempo(Invalid):
    def __init__(self) -> None:
        super().__init__(
            "nothing_to_mix_by",
            "Neither tempo nor key of this track is known.",
            hint="Have it analysed, or tap its tempo.",
        )


class PlaceTaken(Invalid):
    """`field` is the member of the body that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("place_taken", message, fields=[FieldProblem(field, "place_taken", message)])
