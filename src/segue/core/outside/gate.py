"""Whether a service may be asked now: its limits, its own "wait", and the breaker. Pure; kept for all processes in a row.

Pacing is GCRA (ITU-T I.371, "virtual scheduling"): for every limit one moment is kept, the theoretical arrival time of
the next question. A turn is taken by moving that moment on, so whoever waits holds nothing while waiting.

The breaker opens after five faults in a row, for 30 s, and twice as long each time it opens again, at most 15 min. Then one
question goes through; what becomes of it decides.

A service that adapts has a pace besides, a share of what its limits allow: halved by each sign of trouble, raised by a
twentieth of the whole by each good answer (AIMD: Chiu and Jain, 1989), so that the limits are the most and never the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from segue.core.outside.declare import Limit

FAILURES = 5
FIRST_OPEN_S = 30.0
LONGEST_OPEN_S = 900.0
SLOWEST = 1 / 32
FASTER = 1 / 20
PROBE_S = 30.0
"""How long the one question that tries an open breaker is waited for before another may."""

Why = Literal["", "throttled", "quota", "breaker"]
BreakerState = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class Gate:
    """What is known of one service at one address; moments are seconds since 1970."""

    turns: tuple[float, ...] = ()
    failures: int = 0
    opened: int = 0
    open_until: float = 0.0
    blocked_until: float = 0.0
    blocked_by: Why = ""
    pace: float = 1.0

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Gate:
        """As it was kept; anything unreadable is forgotten."""
        known = {name: value for name, value in (kept or {}).items() if name in cls.__slots__}
        try:
            pace = min(1.0, max(SLOWEST, float(known.get("pace", 1.0))))
            return cls(**{**known, "turns": tuple(float(turn) for turn in known.get("turns", ())), "pace": pace})
        except (TypeError, ValueError):
            return cls()

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if name == "turns" else value for name, value in self._items()}

    def _items(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self.__slots__]

    def breaker(self, now: float) -> BreakerState:
        if self.opened == 0:
            return "closed"
        return "open" if self.open_until > now else "half_open"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Go, after `wait_s`."""

    gate: Gate
    wait_s: float


@dataclass(frozen=True, slots=True)
class Held:
    """Not before `until` (seconds since 1970)."""

    until: float
    why: Why


def admit(gate: Gate, limits: Sequence[Limit], now: float, max_wait_s: float) -> Admitted | Held:
    """Take a turn: how long to wait for it, or why there is none within `max_wait_s`."""
    if gate.blocked_until > now:
        wait = gate.blocked_until - now
        if wait > max_wait_s or gate.blocked_by == "quota":
            return Held(gate.blocked_until, gate.blocked_by or "throttled")
        start = gate.blocked_until
    else:
        start = now
    state = gate.breaker(now)
    if state == "open":
        return Held(gate.open_until, "breaker")
    turns = [turn for turn, _ in zip(gate.turns, limits, strict=False)]
    turns += [0.0] * (len(limits) - len(turns))
    bursts = [limit.burst - 1 if gate.pace == 1.0 else 0 for limit in limits]
    intervals = [limit.interval_s / gate.pace for limit in limits]
    at = max([start, *(turn - more * step for turn, more, step in zip(turns, bursts, intervals, strict=True))])
    if at - now > max_wait_s:
        return Held(at, "throttled")
    moved = tuple(max(turn, at) + step for turn, step in zip(turns, intervals, strict=True))
    open_until = at + PROBE_S if state == "half_open" else gate.open_until
    return Admitted(replace(gate, turns=moved, open_until=open_until), at - now)


def answered(gate: Gate) -> Gate:
    """It answers, whatever it said: the breaker closes."""
    return replace(gate, failures=0, opened=0, open_until=0.0)


def failed(gate: Gate, now: float) -> Gate:
    """It did not answer, or answered nonsense."""
    failures = gate.failures + 1
    if failures < FAILURES:
        return replace(gate, failures=failures)
    open_s = min(FIRST_OPEN_S * 2.0 ** min(gate.opened, 30), LONGEST_OPEN_S)
    return replace(gate, failures=failures, opened=gate.opened + 1, open_until=now + open_s)


def told_to_wait(gate: Gate, until: float, why: Why) -> Gate:
    """It answered that it wants to be left alone until then."""
    gate = answered(gate)
    if until <= gate.blocked_until:
        return gate
    return replace(gate, blocked_until=until, blocked_by=why)


def slower(gate: Gate) -> Gate:
    """It has too much to do: half as often from now on."""
    return replace(gate, pace=max(SLOWEST, gate.pace / 2))


def faster(gate: Gate) -> Gate:
    """It answered well: a little more often from now on."""
    return replace(gate, pace=min(1.0, gate.pace + FASTER))
