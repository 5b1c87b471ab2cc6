"""Faults on demand: which requests go wrong, and how.

| kind | what the client sees |
|---|---|
| status | the HTTP status `status`, with an empty body |
| error | the service's own error `code`, with its usual status or `status` (200: an error that looks like a success) |
| timeout | nothing, for `delay_s` (an hour) |
| slow | the right answer, after `delay_s` |
| reset | the connection is reset before anything is done |
| lost | everything is done, then the connection is reset: the answer is lost |
| truncated | half of the right answer |
| html | a web page with status 200, as of a hotel's network |
| nonsense | JSON of another shape |
| empty | status 200 and nothing |
| huge | 32 MB of zeros |
| refuse | single rows are refused with `code`: those whose track contains `match` |

Of the archive's files: `cut` after `bytes`, `flip` one bit of byte `bytes`, `drip` (`bytes` at a time, with `delay_s` between),
`ignore_range` (200 to a Range), `wrong_range` (a Content-Range of another place), `no_range` (416). Of its lists:
`stuck_cursor`, `overlap` (each page begins in the middle of the one before).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

KINDS = frozenset(
    (
        *(
            "status",
            "error",
            "timeout",
            "slow",
            "reset",
            "lost",
            "truncated",
            "html",
            "nonsense",
            "empty",
            "huge",
            "refuse",
        ),
        *("cut", "flip", "drip", "ignore_range", "wrong_range", "no_range", "stuck_cursor", "overlap"),
    )
)


@dataclass
class Fault:
    """One rule. It holds for `route` of `service` (empty: all), `times` (None: for ever), until `until` by the emulator's
    clock, for a share `probability` of requests (from `seed`), and where `match` is in what the request is about."""

    kind: str
    service: str = ""
    route: str = ""
    times: int | None = None
    until: float | None = None
    probability: float = 1.0
    seed: int = 0
    status: int | None = None
    code: int | None = None
    delay_s: float | None = None
    match: str = ""
    bytes: int | None = None
    retry_after_s: float | None = None
    """With `status`: the Retry-After that is told."""
    id: int = field(default_factory=count(1).__next__)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault {self.kind!r}; there are {', '.join(sorted(KINDS))}")
        self._rng = random.Random(self.seed)

    def holds(self, service: str, route: str, now: float, about: str = "") -> bool:
        if self.service not in ("", service) or self.route not in ("", route):
            return False
        if self.kind != "refuse" and self.match not in about:
            return False
        if self.times == 0 or (self.until is not None and now >= self.until):
            return False
        if self.probability < 1.0 and self._rng.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The rules, in the order in which they were made; the first that holds decides."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(self, kind: str, **how: Any) -> Fault:
        rule = Fault(kind, **how)
        self._rules.append(rule)
        return rule

    def clear(self) -> None:
        self._rules.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._rules)

    def find(self, service: str, route: str, now: float, about: str = "") -> Fault | None:
        """What goes wrong with this request; rows that are refused are no matter of the whole request."""
        return next((r for r in self._rules if r.kind != "refuse" and r.holds(service, route, now, about)), None)

    def refused(self, service: str, route: str, track: str, now: float) -> int | None:
        """The code with which this row is refused, or None."""
        for rule in self._rules:
            if rule.kind == "refuse" and rule.match in track and rule.holds(service, route, now):
                return rule.code or 1
        return None
