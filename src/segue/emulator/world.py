"""What every emulated service has at hand: the clock, the faults, the record of requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import Response

from segue.emulator.calls import Calls
from segue.emulator.clock import Clock
from segue.emulator.faults import Fault, Faults


@dataclass
class World:
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    calls: Calls = field(default_factory=Calls)


@dataclass(frozen=True)
class Asked:
    """A request that a service has recognised: which of its routes, with which parameters, and how it answers it."""

    route: str
    params: dict[str, Any]
    answer: Callable[[], Awaitable[Response]]
    about: str = ""
    """What of the service it is about, which a fault's `match` is looked for in."""


class EmulatedService(Protocol):
    """One service. `understand` reads a request below its name; `error` spells an error of its own."""

    name: str

    async def understand(self, request: Request, path: str) -> Asked: ...

    def error(self, request: Request, code: int | None, status: int | None) -> Response: ...

    def state(self) -> dict[str, Any]:
        """What it knows, for whoever steers it."""
        ...

    def reset(self) -> None: ...


@runtime_checkable
class SpoilingService(Protocol):
    """A service with faults and verbs of its own: `spoiled` answers with a fault; `verbs` are what `/_control/` can have done."""

    async def spoiled(self, request: Request, asked: Asked, fault: Fault) -> Response: ...

    @property
    def verbs(self) -> Mapping[str, Callable[[dict[str, Any]], Any]]: ...


class WindowedLimit:
    """At most `count` in any `period_s` by the emulator's clock, for each key."""

    def __init__(self, clock: Clock, count: int, period_s: float) -> None:
        self._clock = clock
        self.count = count
        self.period_s = period_s
        self._taken: dict[str, list[float]] = {}

    def take(self, key: str) -> tuple[bool, int, float]:
        """Whether this one may go, how many are left, and the seconds until the first of them is forgotten."""
        now = self._clock()
        taken = [moment for moment in self._taken.get(key, []) if moment > now - self.period_s]
        ok = len(taken) < self.count
        if ok:
            taken.append(now)
        self._taken[key] = taken
        return ok, self.count - len(taken), max(0.0, taken[0] + self.period_s - now) if taken else 0.0

    def reset(self) -> None:
        self._taken.clear()
