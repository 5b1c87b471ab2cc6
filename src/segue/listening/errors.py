"""What can be wrong with what somebody asks of listening."""

from __future__ import annotations

from segue.core.errors import Invalid, NotFound
from segue.core.ids import TypedId


class ThingNotFound(NotFound):
    def __init__(self, typed: TypedId | str) -> None:
        super().__init__("not_found", f"There is no {typed}.", id=str(typed))


class CannotAnnotate(Invalid):
    def __init__(self, typed: TypedId) -> None:
        super().__init__("cannot_annotate", f"{typed} is not a track, an album or an artist.", id=str(typed))


class BadRating(Invalid):
    def __init__(self, rating: int) -> None:
        super().__init__("bad_rating", f"A rating is 0 (none) to 5, not {rating}.", rating=rating)


class BadQueue(Invalid):
    def __init__(self, message: str) -> None:
        super().__init__("bad_queue", message)
