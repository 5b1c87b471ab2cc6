"""What can go wrong with jobs: for whoever asks about them, and for the work itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from segue.core.errors import Conflict, FieldProblem, Invalid, NotFound, SegueError
from segue.core.ids import format_id


class JobNotFound(NotFound):
    def __init__(self, job_id: int) -> None:
        text = format_id("jo", job_id)
        super().__init__("job_not_found", f"There is no job {text}; finished ones are forgotten in time.", id=text)


class UnknownJobKind(Invalid):
    def __init__(self, kind: str) -> None:
        super().__init__("unknown_job_kind", f"There is no kind of job called {kind!r}.", kind=kind)


class UnknownQueue(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__("unknown_queue", f"There is no queue called {name!r}.", name=name)


class ScheduleNotFound(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__("schedule_not_found", f"There is no schedule called {name!r}.", name=name)


class BadCron(Invalid):
    """A cron line that cannot be read, or whose moment never comes."""

    def __init__(self, line: str, reason: str) -> None:
        shown = line if len(line) <= 60 else line[:59] + "…"
        super().__init__(
            "bad_cron",
            f"{shown!r} is not a cron line: {reason}.",
            hint="Five fields: minute, hour, day of month, month, day of week. `30 4 * * 1` is Mondays at 4:30.",
            fields=[FieldProblem("cron", "bad_cron", reason)],
            line=shown,
            reason=reason,
        )


class BadJobParams(Invalid):
    def __init__(self, kind: str, fields: list[FieldProblem]) -> None:
        names = ", ".join(f"{field.field}: {field.message}" for field in fields)
        super().__init__("bad_job_params", f"A job of kind {kind} cannot take this: {names}.", fields=fields, kind=kind)


class BadQueueLimit(Invalid):
    def __init__(self, field: str, message: str) -> None:
        super().__init__("bad_queue_limit", message, fields=[FieldProblem(field, "out_of_range", message)])


class NotRetryable(Conflict):
    """Only what failed or was cancelled can be tried again."""

    def __init__(self, job_id: int, state: str) -> None:
        text = format_id("jo", job_id)
        message = f"Job {text} is {state}; only a failed or cancelled one can be retried."
        super().__init__("job_not_retryable", message, state=state)


class NotCancellable(Conflict):
    """It has already ended."""

    def __init__(self, job_id: int, state: str) -> None:
        text = format_id("jo", job_id)
        super().__init__("job_not_cancellable", f"Job {text} is already {state}.", state=state)


class AlreadyActive(Conflict):
    """Equal work is waiting or running already."""

    def __init__(self, job_id: int, active_id: int) -> None:
        active = format_id("jo", active_id)
        super().__init__(
            "job_already_active",
            f"Job {active} already does the same work.",
            id=format_id("jo", job_id),
            active=active,
        )


class Failed(SegueError):
    """Raised by a job's own code: this cannot succeed, do not try again. Code and sentence are kept with the job."""


class Interruption(BaseException):
    """Raised inside a job to end its start. Not an Exception, so that `except Exception` in a job does not eat it."""


class LeaseLost(Interruption):
    """This start may no longer write: its lease ran out and the job belongs to another worker, or has ended."""

    def __init__(self, job_id: int, token: int) -> None:
        super().__init__(f"job {format_id('jo', job_id)} no longer belongs to lease {token}")
        self.job_id = job_id
        self.token = token


class Cancelled(Interruption):
    """Somebody cancelled this job."""


class Stopping(Interruption):
    """The worker is going down; the job goes on elsewhere from its last checkpoint."""


class RetryLater(Interruption):
    """Wait until `at` without holding a slot. `reason` is a code, `params` its facts."""

    def __init__(self, at: datetime, reason: str, params: dict[str, Any]) -> None:
        super().__init__(reason)
        self.at = at
        self.reason = reason
        self.params = params
