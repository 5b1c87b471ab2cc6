"""What stands in the way of what somebody asks of analysis. Why a file cannot be heard is in `errors`."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from segue.core.ids import format_id


class AnalysisOff(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "analysis_off", "Music is not listened to on this server.", hint="The setting analysis.enabled turns it on."
        )


class NotHeardYet(NotFound):
    """`state` says why: none, off, pending, running or failed."""

    def __init__(self, track_id: int, state: str) -> None:
        words = {
            "none": "It was not looked at yet.",
            "off": "Music is not listened to on this server.",
            "pending": "It waits to be listened to.",
            "running": "It is being listened to.",
            "failed": "It could not be heard.",
            "done": "That could not be told of it.",
        }
        super().__init__(
            "not_heard", words[state], hint="GET /api/v1/analysis/tracks/{id} says more.",
            id=format_id("tr", track_id), state=state,
        )  # fmt: skip


class NoTempoToScale(Conflict):
    def __init__(self, track_id: int) -> None:
        super().__init__(
            "no_tempo",
            "There is no tempo to halve or double.",
            hint="Tap it: send `bpm`.",
            id=format_id("tr", track_id),
        )


class NothingSaid(Conflict):
    def __init__(self, track_id: int) -> None:
        super().__init__(
            "nothing_said", "Nothing was said of its beats that could be taken back.", id=format_id("tr", track_id)
        )


class BadWord(Invalid):
    """`field` is the member of the body that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("bad_word", message, fields=[FieldProblem(field, "bad_word", message)])


class MayNotSay(Forbidden):
    def __init__(self) -> None:
        super().__init__(
            "editors_only", "This changes what everybody sees, so only administrators and editors may do it."
        )


class RequestNotFound(NotFound):
    def __init__(self, request: int) -> None:
        typed = format_id("an", request)
        super().__init__("request_not_found", f"There is no request {typed}.", id=typed)


class NothingAsked(Invalid):
    def __init__(self, message: str = "Name a track or an address, or send a file.") -> None:
        super().__init__("nothing_asked", message)


class UploadTooLarge(Invalid):
    status = 413

    def __init__(self, limit_mb: int) -> None:
        super().__init__(
            "upload_too_large", f"The file is larger than {limit_mb} MiB.",
            hint="The setting analysis.upload_mb says how large it may be.", limit_mb=limit_mb,
        )  # fmt: skip


class EmptyUpload(Invalid):
    def __init__(self) -> None:
        super().__init__("empty_upload", "The file is empty.")


class TooManyRequests(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(
            "too_many_requests",
            f"{most} of your requests wait already.",
            hint="Wait for one, or delete one.",
            most=most,
        )


class BadAddress(Invalid):
    """An address that is not asked for. `why` is a code: scheme, host, private, redirects, userinfo."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__("bad_address", message, fields=[FieldProblem("url", "bad_address", message)], why=why)
