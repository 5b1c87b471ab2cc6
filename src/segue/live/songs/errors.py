"""What can go wrong with songs."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Invalid, NotFound


class SongNotFound(NotFound):
    def __init__(self, id: str) -> None:
        super().__init__("not_found", f"There is no song {id}.", id=id)


class SongNameTaken(Conflict):
    """The artist has a song of that name; `other` is its id."""

    def __init__(self, name: str, other: str) -> None:
        super().__init__(
            "song_name_taken",
            f"{name[:80]!r} is another song of this artist.",
            hint=f"Merge the two: say that this one is {other}.",
            name=name,
            other=other,
        )
        self.other = other


class BadSong(Invalid):
    """A name without letters or digits, a song merged with itself or with another artist's."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("bad_song", message, fields=[FieldProblem(field, "bad_song", message)])
