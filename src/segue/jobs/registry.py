"""What this program can do in the background: kinds of jobs, the queues they wait in, the schedules that make them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from segue.core.errors import FieldProblem
from segue.jobs.backoff import RetryPolicy
from segue.jobs.cron import check_cron
from segue.jobs.errors import BadJobParams, ScheduleNotFound, UnknownJobKind, UnknownQueue

if TYPE_CHECKING:
    from segue.jobs.context import JobContext

Result = dict[str, Any] | None
Work = Callable[["JobContext", Any], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs that share limits. `concurrency` counts over all workers (None: as many as they have slots); at most
    `rate_limit` jobs start in any `rate_period_s` seconds (None: no limit)."""

    name: str
    concurrency: int | None = None
    rate_limit: int | None = None
    rate_period_s: float | None = None

    def __post_init__(self) -> None:
        if self.concurrency is not None and self.concurrency < 1:
            raise ValueError(f"queue {self.name}: concurrency must be at least 1")
        if (self.rate_limit is None) != (self.rate_period_s is None):
            raise ValueError(f"queue {self.name}: a rate limit needs a period, and a period a limit")


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job and the function that does it. `timeout_s` ends one start; None lets it take its time."""

    name: str
    work: Work
    queue: str = "default"
    priority: int = 0
    max_attempts: int = 5
    timeout_s: float | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    final_errors: tuple[type[BaseException], ...] = ()
    params_model: type[BaseModel] | None = None

    def check_params(self, params: BaseModel | Mapping[str, Any] | None) -> dict[str, Any]:
        """`params` as JSON for the table. Raises BadJobParams naming each wrong member, where the kind has a model."""
        if self.params_model is None:
            return params.model_dump(mode="json") if isinstance(params, BaseModel) else dict(params or {})
        return self._read(params).model_dump(mode="json")

    def read_params(self, params: dict[str, Any]) -> Any:
        """What the function gets as its second argument: the kind's model where it has one, else the plain dict."""
        return params if self.params_model is None else self._read(params)

    def _read(self, params: BaseModel | Mapping[str, Any] | None) -> BaseModel:
        assert self.params_model is not None
        given = params.model_dump(mode="json") if isinstance(params, BaseModel) else params or {}
        try:
            return self.params_model.model_validate(given)
        except ValidationError as error:
            problems = [
                FieldProblem(".".join(map(str, item["loc"])) or "params", item["type"], item["msg"])
                for item in error.errors()
            ]
            raise BadJobParams(self.name, problems) from None


def job(
    name: str,
    *,
    queue: str = "default",
    priority: int = 0,
    max_attempts: int = 5,
    timeout: timedelta | None = None,
    retry: RetryPolicy | None = None,
    final_errors: Iterable[type[BaseException]] = (),
    params: type[BaseModel] | None = None,
) -> Callable[[Work], JobKind]:
    """Make an async function `work(job: JobContext, params)` a kind of job called `name`.

    The function gets a dict; with a pydantic model as `params`, what is enqueued is checked by it and arrives as it.
    What it returns (a dict or None) is kept as the job's result. After `max_attempts` starts that failed or died the
    job is failed; `final_errors` are not tried again, nor is `Failed`. `timeout` ends one start, which counts as failed.
    """
    if max_attempts < 1:
        raise ValueError(f"job {name}: max_attempts must be at least 1")

    def declare(work: Work) -> JobKind:
        if not inspect.iscoroutinefunction(work) or len(inspect.signature(work).parameters) != 2:
            raise TypeError(f"job {name}: it must be an async function of (job, params)")
        return JobKind(
            name=name,
            work=work,
            queue=queue,
            priority=priority,
            max_attempts=max_attempts,
            timeout_s=timeout.total_seconds() if timeout else None,
            retry=retry or RetryPolicy(),
            final_errors=tuple(final_errors),
            params_model=params,
        )

    return declare


@dataclass(frozen=True, slots=True)
class Schedule:
    """`cron` (five fields, in the server's zone) enqueues a job of `kind`. Runs missed while nothing ran become one."""

    name: str
    kind: str
    cron: str
    params: dict[str, Any] = field(default_factory=dict)
    enabled: bool = True


class Wakeups:
    """Who wants to know at once that this process put a job in a queue: a worker in the same process, or the supervisor
    of one in another. Everybody else finds it by looking."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def add(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def remove(self, listener: Callable[[], None]) -> None:
        self._listeners.remove(listener)

    def ring(self) -> None:
        for listener in list(self._listeners):
            listener()


class Registry:
    """The kinds, queues and schedules that app.py puts together, alike in every process that enqueues or works."""

    def __init__(self) -> None:
        self.wakeups = Wakeups()
        self.kinds: dict[str, JobKind] = {}
        self.queues: dict[str, Queue] = {"default": Queue("default")}
        self.schedules: dict[str, Schedule] = {}

    def add(self, *declared: JobKind | Queue | Schedule | ModuleType) -> Registry:
        """Take in kinds, queues and schedules; of a module (`library.tasks`), all that it holds. Returns itself."""
        for item in declared:
            match item:
                case JobKind():
                    self._add_kind(item)
                case Queue():
                    self.queues[item.name] = item
                case Schedule():
                    check_cron(item.cron)
                    self.schedules[item.name] = item
                case ModuleType():
                    held = [value for value in vars(item).values() if isinstance(value, JobKind | Queue | Schedule)]
                    self.add(*held)
        return self

    def _add_kind(self, kind: JobKind) -> None:
        known = self.kinds.get(kind.name)
        if known is not None and known is not kind:
            raise ValueError(f"two jobs are called {kind.name}")
        self.kinds[kind.name] = kind
        self.queues.setdefault(kind.queue, Queue(kind.queue))

    def kind(self, name: str) -> JobKind:
        """The kind called `name`. Raises UnknownJobKind."""
        try:
            return self.kinds[name]
        except KeyError:
            raise UnknownJobKind(name) from None

    def queue(self, name: str) -> Queue:
        """The queue called `name`. Raises UnknownQueue."""
        try:
            return self.queues[name]
        except KeyError:
            raise UnknownQueue(name) from None

    def schedule(self, name: str) -> Schedule:
        """The schedule called `name`. Raises ScheduleNotFound."""
        try:
            return self.schedules[name]
        except KeyError:
            raise ScheduleNotFound(name) from None
