"""What was asked, so that a test can say how often and with what."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 20_000


@dataclass
class Call:
    """One request. `params` are those of query and form, or the JSON body; `fault` is what was made to go wrong with it."""

    service: str
    route: str
    method: str
    at: float
    params: dict[str, Any]
    authorization: str = ""
    status: int | None = None
    fault: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Calls:
    """The last 20,000 requests, and the number of all."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()
        """By `service/route`."""

    def add(self, call: Call) -> Call:
        self._calls.append(call)
        self.counts[f"{call.service}/{call.route}"] += 1
        return call

    def of(self, service: str = "", route: str = "") -> list[Call]:
        return [one for one in self._calls if service in ("", one.service) and route in ("", one.route)]

    def clear(self) -> None:
        self._calls.clear()
        self.counts.clear()
