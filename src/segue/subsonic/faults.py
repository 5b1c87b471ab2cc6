"""The protocol's errors: a code clients act upon, a sentence people read, and where help is.

Codes and their meaning are the specification's (https://opensubsonic.netlify.app/docs/responses/error/).
"""

from __future__ import annotations

from enum import IntEnum

from segue.core.errors import Forbidden, Invalid, NotFound, SegueError, TooMany, Unauthorized


class Code(IntEnum):
    """What went wrong, in the protocol's numbers."""

    GENERIC = 0
    MISSING_PARAMETER = 10
    CLIENT_TOO_OLD = 20
    SERVER_TOO_OLD = 30
    WRONG_CREDENTIALS = 40
    TOKEN_UNSUPPORTED = 41
    MECHANISM_UNSUPPORTED = 42
    CONFLICTING_MECHANISMS = 43
    INVALID_API_KEY = 44
    NOT_AUTHORIZED = 50
    TRIAL_OVER = 60
    NOT_FOUND = 70


class Fault(Exception):
    """A failed answer.

    `status` is the HTTP status: 200, as the protocol wants, but for too many requests (429) and bodies too large (413).
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        help_url: str | None = None,
        status: int = 200,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help_url = help_url
        self.status = status
        self.retry_after_s = retry_after_s


class MissingParameter(Fault):
    """A parameter that the method cannot do without was not sent."""

    def __init__(self, name: str) -> None:
        super().__init__(Code.MISSING_PARAMETER, f"Required parameter '{name}' is missing.")


class WrongParameter(Fault):
    """A parameter was sent with a value that makes no sense. `wanted` completes the sentence "It must be …"."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        shown = value if len(value) <= 60 else value[:59] + "…"
        super().__init__(Code.GENERIC, f"Parameter '{name}' is {shown!r}; it must be {wanted}.")


class NotHere(Fault):
    """There is no such thing, or none that this person may see."""

    def __init__(self, what: str, id_text: str) -> None:
        shown = id_text if len(id_text) <= 60 else id_text[:59] + "…"
        super().__init__(Code.NOT_FOUND, f"There is no {what} with the id {shown!r}.")


def fault_of(error: SegueError) -> Fault:
    """A service's error in the protocol's terms. Errors of signing in know their code themselves."""
    hint = error.hint if error.hint and error.hint not in error.message else None
    message = f"{error.message} {hint}" if hint else error.message
    match error:
        case Unauthorized():
            return Fault(Code(getattr(error, "subsonic_code", Code.WRONG_CREDENTIALS)), message)
        case Forbidden():
            return Fault(Code.NOT_AUTHORIZED, message)
        case NotFound():
            return Fault(Code.NOT_FOUND, message)
        case Invalid() if error.fields and error.fields[0].message not in message:
            return Fault(Code.GENERIC, f"{message} {error.fields[0].message}")
        case TooMany():
            return Fault(Code.GENERIC, message, status=429, retry_after_s=error.retry_after_s)
        case _:
            return Fault(Code.GENERIC, message)
