"""Passwords verified lately, so that an app that sends one with each request does not cost 170 ms each time.

What is kept is a keyed hash of name and password, never either; and only under the version of the accounts that it was
verified in, so that any change of an account ends it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

KEPT = 5_000


@dataclass(frozen=True, slots=True)
class _Verdict:
    right: bool
    version: int
    until_s: float


class VerifiedPasswords:
    """Verdicts by keyed hash, good for `keep_s`; and one verification at a time for equal guesses."""

    def __init__(self, monotonic: Callable[[], float], keep_s: float) -> None:
        self._monotonic = monotonic
        self._keep_s = keep_s
        self._verdicts: OrderedDict[str, _Verdict] = OrderedDict()
        self._running: dict[tuple[str, int], asyncio.Future[bool]] = {}

    def verdict(self, guess: str, version: int) -> bool | None:
        """True for right, False for wrong, None where it must be verified."""
        found = self._verdicts.get(guess)
        if found is None or found.version != version or found.until_s <= self._monotonic():
            return None
        return found.right

    async def verify(self, guess: str, version: int, verify: Callable[[], Awaitable[bool]]) -> bool:
        """The verdict of `verify`, which equal guesses at the same time share."""
        running = self._running.get((guess, version))
        if running is None:
            running = asyncio.ensure_future(verify())
            self._running[guess, version] = running
            running.add_done_callback(lambda _: self._running.pop((guess, version), None))
        right = await asyncio.shield(running)
        self._verdicts[guess] = _Verdict(right, version, self._monotonic() + self._keep_s)
        self._verdicts.move_to_end(guess)
        if len(self._verdicts) > KEPT:
            self._verdicts.popitem(last=False)
        return right
