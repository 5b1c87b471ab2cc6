"""Pictures to choose from, as faces are given them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from segue.core.errors import FieldProblem, Invalid, NotFound

KINDS = {"albums": "album", "artists": "artist", "tracks": "track"}


@dataclass(slots=True)
class Candidate:
    """A picture that could stand for something. `key` names it in requests; `artwork_id` is set once it was looked at."""

    key: str
    source: str
    """embedded, folder, upload."""
    name: str
    """The kind of an embedded picture (front, back …), the name of a file."""
    role: str
    artwork_id: int | None
    mime: str | None
    width: int | None
    height: int | None
    size_bytes: int | None
    color: str | None = None
    blurhash: str | None = None
    tracks: int | None = None
    """How many files hold it, of an embedded picture."""
    problem: tuple[str, dict[str, Any]] | None = None
    won: bool = False
    sha256: str | None = None
    place: tuple[bytes, bytes] | None = None
    """(root, relative path) of the file that it is, or is in."""


@dataclass(slots=True)
class Pictured:
    """The picture that stands for something and why, and what else there is; `chosen` is true where a person chose it."""

    kind: str
    entity_id: int
    library_id: int | None
    disc: int
    artwork_id: int | None
    chosen: bool
    reason: tuple[str, dict[str, Any]]
    candidates: list[Candidate] = field(default_factory=list)


class CandidateNotFound(NotFound):
    def __init__(self, key: str) -> None:
        super().__init__("candidate_not_found", f"There is no picture {key[:80]!r} to choose here.", candidate=key[:80])


class PictureRefused(Invalid):
    """A picture that cannot be shown; `code` says why."""

    def __init__(self, code: str, sentence: str, params: dict[str, Any]) -> None:
        super().__init__(code, sentence, fields=[FieldProblem("picture", code, sentence)], **params)


class NothingChosen(NotFound):
    def __init__(self, typed: str) -> None:
        super().__init__("nothing_chosen", f"Nobody chose a picture for {typed}.", id=typed)


class NoSuchDisc(NotFound):
    def __init__(self, typed: str, disc: int) -> None:
        super().__init__("no_such_disc", f"{typed} has no disc {disc}.", id=typed, disc=disc)
