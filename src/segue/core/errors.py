"""What can go wrong, as types.

A domain's errors are small classes built on these, each with its sentence in its constructor. Only a face (REST, Subsonic,
gRPC, CLI) turns them into a status or an exit code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class SegueError(Exception):
    """Something a person can be told: a stable code, one sentence, and where it helps what to do.

    `params` are the facts behind the sentence (kept so that it can be told in another language).
    """

    status = 500

    def __init__(self, code: str, message: str, *, hint: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.params = params


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one parameter or one member of a body. `field` is its name as the caller wrote it."""

    field: str
    code: str
    message: str


class Invalid(SegueError):
    """The request is understood but wrong. `fields` says which parts of it."""

    status = 422

    def __init__(
        self, code: str, message: str, *, hint: str | None = None, fields: Sequence[FieldProblem] = (), **params: Any
    ) -> None:
        super().__init__(code, message, hint=hint, **params)
        self.fields = tuple(fields)
        self.members: dict[str, Any] = {}
        """What else a caller is told: members of the problem beside the usual ones."""


class Unauthorized(SegueError):
    """Nobody is signed in, or the credentials are wrong."""

    status = 401


class Forbidden(SegueError):
    """Signed in, but not allowed to do this."""

    status = 403


class NotFound(SegueError):
    """No such thing, or none that this person may see."""

    status = 404


class Conflict(SegueError):
    """The thing's present state does not allow it."""

    status = 409


class Gone(SegueError):
    """It was here once and cannot be given any more."""

    status = 410


class TooMany(SegueError):
    """Asked too often. `retry_after_s` is when to ask again, in seconds."""

    status = 429

    def __init__(
        self, code: str, message: str, *, retry_after_s: float, hint: str | None = None, **params: Any
    ) -> None:
        super().__init__(code, message, hint=hint, **params)
        self.retry_after_s = retry_after_s


class Unavailable(SegueError):
    """Not possible just now; trying again later may help."""

    status = 503

    def __init__(
        self, code: str, message: str, *, retry_after_s: float | None = None, hint: str | None = None, **params: Any
    ) -> None:
        super().__init__(code, message, hint=hint, **params)
        self.retry_after_s = retry_after_s
