"""The token that stops a transfer: looked at with every piece, set by whoever cancels, pauses or ends the worker."""

from __future__ import annotations

from typing import Literal

Why = Literal["cancelled", "paused", "quiet", "stopping", "lost"]
_RANKS: dict[Why, int] = {"quiet": 0, "stopping": 1, "paused": 2, "cancelled": 3, "lost": 4}


class Halted(Exception):
    """A transfer ends here because somebody said so; what came stays for the next time, except where it is cancelled."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class Token:
    """One for each transfer. `check` between two pieces."""

    def __init__(self) -> None:
        self.why: Why | None = None

    def stop(self, why: Why) -> None:
        """End it at its next piece; what weighs more wins: a lost lease over a cancel over a pause."""
        if self.why is None or _RANKS[why] > _RANKS[self.why]:
            self.why = why

    def check(self) -> None:
        """Raises Halted where somebody stopped it."""
        if self.why is not None:
            raise Halted(self.why)
