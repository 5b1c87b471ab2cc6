"""Slow down guessing, without locking the owner out.

Wrong guesses are counted for one account from one address, so that a stranger elsewhere cannot keep the owner from signing
in. The first few are free; each further one doubles the wait. The same wrong guess again counts once: a phone with an old
password that tries all night is not guessing. Kept in memory: a restart forgives.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from segue.accounts.errors import TooManyAttempts

KEPT_GUESSES = 64


@dataclass(slots=True)
class _Record:
    failures: int = 0
    wait_until_s: float = 0.0
    last_s: float = 0.0
    guesses: OrderedDict[str, None] = field(default_factory=OrderedDict)


class Attempts:
    """Counts wrong guesses a key. `free` of them cost nothing; after that 1, 2, 4 … seconds, at most `longest_s`.

    Guesses are forgotten `forget_s` after the last one, and at most `size` keys are kept, oldest first out.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        free: int,
        longest_s: float = 300.0,
        forget_s: float = 900.0,
        size: int = 10_000,
    ) -> None:
        self._monotonic = monotonic
        self._free = free
        self._longest_s = longest_s
        self._forget_s = forget_s
        self._size = size
        self._records: OrderedDict[tuple[str, ...], _Record] = OrderedDict()

    def check(self, key: tuple[str, ...]) -> None:
        """Raise TooManyAttempts when `key` must still wait."""
        record = self._records.get(key)
        now = self._monotonic()
        if record and record.wait_until_s > now:
            raise TooManyAttempts(record.wait_until_s - now)

    def count(self, key: tuple[str, ...], guess: str) -> None:
        """Count `guess` (a keyed hash, never the secret) as wrong, until `forgive` says otherwise."""
        now = self._monotonic()
        record = self._records.get(key)
        if record is None or now - record.last_s > self._forget_s:
            record = self._records[key] = _Record()
        self._records.move_to_end(key)
        record.last_s = now
        if guess in record.guesses:
            return
        record.guesses[guess] = None
        if len(record.guesses) > KEPT_GUESSES:
            record.guesses.popitem(last=False)
        record.failures += 1
        over = record.failures - self._free
        if over > 0:
            record.wait_until_s = now + min(self._longest_s, 2.0 ** min(over - 1, 30))
        while len(self._records) > self._size:
            self._records.popitem(last=False)

    def forgive(self, key: tuple[str, ...], guess: str | None = None) -> None:
        """Forget everything about `key`, or only that `guess` was counted: it was right."""
        if guess is None:
            self._records.pop(key, None)
            return
        record = self._records.get(key)
        if record and guess in record.guesses:
            del record.guesses[guess]
            record.failures -= 1
            if record.failures <= self._free:
                record.wait_until_s = 0.0


def network(address: str | None) -> str:
    """What counts as one place: an IPv4 address, or the /64 that one household's IPv6 addresses share."""
    if not address:
        return ""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)
