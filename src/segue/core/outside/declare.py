"""What a service is, declared beside its adapter, and one question to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from segue.core.outside.answer import Answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` questions in any `period_s` seconds, evenly spread; `burst` of them may go at once.

    (`count` + `burst` - 1 is the most that any window of `period_s` can hold.)
    """

    count: int
    period_s: float
    burst: int = 1

    @property
    def interval_s(self) -> float:
        return self.period_s / self.count


@dataclass(frozen=True, slots=True)
class Terms:
    """What the service asks of those who use it. `max_store_s` None: answers may be kept; `commercial` None: not said."""

    licence: str
    attribution: str = ""
    commercial: bool | None = None
    max_store_s: float | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """How long an answer counts. For `fresh_s` nobody asks again; a definite no counts for `none_s`; where the service
    fails, an answer of up to `stale_s` is given rather than the fault."""

    fresh_s: float
    none_s: float = 3600.0
    stale_s: float = 0.0
    oldest_s: float | None = None
    """Set where this once only a newer answer counts (0: none that is kept); what then comes is kept as long as any."""
    in_memory: bool = True
    """Whether each process also holds it in the cache; off for what is large, or must be forgotten everywhere at once."""


@dataclass(frozen=True, slots=True)
class Service:
    """One outside service: how it is reached, how often it may be asked, and how its answers are understood.

    `classify` makes of an answer its value, None for a definite no, or raises a Fault; `by_status` is the usual way.
    `pause_s` reads from an answer, good or bad, how long everybody should wait before the next question.
    """

    name: str
    title: str
    base_url: str
    terms: Terms
    limits: tuple[Limit, ...] = ()
    classify: Callable[[Answer], Any | None] | None = None
    pause_s: Callable[[Answer], float | None] | None = None
    timeout_s: float = 20.0
    max_bytes: int = 4 * 2**20
    max_wait_s: float = 30.0
    """A turn that is further away is no wait but a Throttled: a job comes back for it."""
    redirect_hosts: frozenset[str] = frozenset()
    """Hosts, besides its own, that a redirect may lead to; `.example.org` stands for that host and all under it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    adapts: bool = False
    """Whether it is asked half as often after each sign that it has too much to do, and slowly more often again (AIMD)."""


def as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """One question. `kind` names it (`track.scrobble`) in counts and logs; parameters and bodies are never logged.

    `read` makes our model of the classified value: a pure function, so that what is kept can be read again by a better
    one. What it trips over is the service's bug. `name` tells this question from others of its kind, without secrets,
    where answers are `kept`; `base_url` asks another place that speaks the same.
    """

    kind: str
    path: str = ""
    method: str = "GET"
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[Any], T] = as_it_is
    kept: Kept | None = None
    name: str = ""
    base_url: str | None = None
    max_wait_s: float | None = None
    timeout_s: float | None = None
    public_only: bool = False
    """Only addresses of the public internet may be connected to: the base URL is somebody's who may not look into ours."""
