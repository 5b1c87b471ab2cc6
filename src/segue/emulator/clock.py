"""The emulator's own time: the real one, moved at will."""

from __future__ import annotations

import time


class Clock:
    """Seconds since 1970, plus what was advanced."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        self._ahead_s += seconds

    def set(self, moment: float) -> None:
        self._ahead_s = moment - time.time()

    def reset(self) -> None:
        self._ahead_s = 0.0
