"""What comes after a far offset, remembered for a moment for those who read a long list page by page.

Counting 90,000 rows off is the price of an offset, and an app that copies the library pays it for every page. So the page
that is far in reads ahead, and the pages after it are answered from that. For seconds they may therefore show the order of
a moment ago; rows that are gone are left out as ever. Lists that are read from their beginning never come from here.
"""

from __future__ import annotations

import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable

DEEP = 2_000
"""Offset from which on a list is remembered."""
AHEAD = 5_000
FRESH_S = 20.0
MOST_LISTS = 32
"""Lists that are remembered at once: at most 32 × 5,000 ids of 8 bytes."""


class Deep:
    """Bounded and short-lived; one a process."""

    def __init__(
        self, *, ahead: int = AHEAD, fresh_s: float = FRESH_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.ahead = ahead
        self._fresh_s = fresh_s
        self._clock = clock
        self._lists: OrderedDict[Hashable, tuple[float, int, array[int], bool]] = OrderedDict()

    def recall(self, key: Hashable, offset: int, limit: int) -> list[int] | None:
        """The ids of a page; None where they are not remembered, or no more."""
        known = self._lists.get(key)
        if known is None:
            return None
        until, start, ids, ended = known
        if self._clock() > until:
            del self._lists[key]
            return None
        at = offset - start
        if at < 0 or (at + limit > len(ids) and not ended):
            return None
        return list(ids[at : at + limit])

    def remember(self, key: Hashable, offset: int, ids: list[int], *, ended: bool) -> None:
        """Keep the ids from `offset` on; `ended` where nothing comes after them."""
        self._lists[key] = (self._clock() + self._fresh_s, offset, array("q", ids), ended)
        self._lists.move_to_end(key)
        while len(self._lists) > MOST_LISTS:
            self._lists.popitem(last=False)
