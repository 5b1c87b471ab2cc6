"""How often one address may ask: a leaky bucket a address (GCRA), in memory that does not grow with who asks."""

from __future__ import annotations

import mmap
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Protocol

from segue.core.errors import Invalid

ADDRESSES = 50_000
"""Of each generation: about 6 MB in all. Who is forgotten begins with a full bucket."""


SHARED_PLACES = 1 << 19
"""4 MiB."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` requests for as long as one likes, and `burst` at once."""

    per_second: float
    burst: int

    @classmethod
    def read(cls, text: str) -> Rate | None:
        """`100/200` is 100 a second and 200 at once, `100` the same with as many at once; None for `off`. Raises WrongRate."""
        if text.strip().lower() == "off":
            return None
        per_second, _, burst = text.partition("/")
        try:
            rate = cls(float(per_second), int(burst or max(1, float(per_second))))
        except (ValueError, OverflowError):
            raise WrongRate(text) from None
        if not 0 < rate.per_second <= 1_000_000 or not 1 <= rate.burst <= 1_000_000:
            raise WrongRate(text)
        return rate


class WrongRate(Invalid):
    def __init__(self, text: str) -> None:
        super().__init__(
            "wrong_rate",
            f"{text!r} is no rate.",
            hint="Write requests a second and how many at once, such as 100/200, or off.",
        )


class Limits(Protocol):
    """What both have in common. `take` is one request of `address` (without a port; an IPv6 host counts with its whole /64):
    0 where it may be answered, else after how many seconds the next one may. `len` is how many addresses are remembered."""

    def take(self, address: str) -> float: ...

    def __len__(self) -> int: ...


class Limiter:
    """Remembers for each address when its bucket will be empty again (the generic cell rate algorithm).

    Two generations of addresses: when the younger is full it becomes the older, and what was the older is forgotten.
    """

    def __init__(self, rate: Rate, *, addresses: int = ADDRESSES, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / rate.per_second
        self._tolerance = (rate.burst - 1) * self._interval
        self._most = addresses
        self._clock = clock
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    def take(self, address: str) -> float:
        if ":" in address:
            address = _network(address)
        now = self._clock()
        young = self._young
        empty_at = young.get(address)
        if empty_at is None:
            if len(young) >= self._most:
                self._old, self._young = young, {}
                young = self._young
            empty_at = self._old.get(address, now)
        if empty_at < now:
            empty_at = now
        wait = empty_at - now - self._tolerance
        # a billionth of a second: what sums of floating numbers may be off by
        if wait > 1e-9:
            return wait
        young[address] = empty_at + self._interval
        return 0.0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)


class SharedLimiter:
    """The same for processes that were forked after it was made: one table of times in memory that they share.

    An address has the place that its hash names, so two may share one (with 1,000 addresses one in 500 does).
    """

    def __init__(self, rate: Rate, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / rate.per_second
        self._tolerance = (rate.burst - 1) * self._interval
        self._clock = clock
        self._table = memoryview(mmap.mmap(-1, SHARED_PLACES * 8)).cast("d")

    def take(self, address: str) -> float:
        if ":" in address:
            address = _network(address)
        place = hash(address) % SHARED_PLACES
        now = self._clock()
        empty_at = max(self._table[place], now)
        wait = empty_at - now - self._tolerance
        if wait > 1e-9:
            return wait
        self._table[place] = empty_at + self._interval
        return 0.0

    def __len__(self) -> int:
        now = self._clock()
        return sum(empty_at > now for empty_at in self._table)


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return parsed.packed[:8].hex()
