"""What alignment speaks of: sounds, and where in one of them another is. Without numpy, so that whoever only asks loads none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

VERSION = 1
"""Of the way alignments are found; what an older one found is found again when it is asked for."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A file, or the part of it between two moments in milliseconds."""

    path: bytes
    start_ms: int = 0
    end_ms: int | None = None


class NoSound(ValueError):
    """A file in which there is nothing to hear, or that cannot be read."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the first recording, in milliseconds, in which one offset holds."""

    start_ms: int
    end_ms: int
    offset_ms: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """`position in the second = offset_ms + ratio · position in the first`; `offset_ms` is that of the longest stretch."""

    offset_ms: float
    ratio: float
    stretches: tuple[Stretch, ...]

    def place(self, position_ms: float) -> float | None:
        """Where in the second recording a position of the first is, in milliseconds; None where the second lacks it.

        Before its begin is None too; its end is not known here.
        """
        for stretch in self.stretches:
            if stretch.start_ms <= position_ms < stretch.end_ms:
                place = stretch.offset_ms + self.ratio * position_ms
                return place if place >= 0 else None
        return None

    def inverse(self, end_ms: int) -> Alignment:
        """The same said from the second recording, which lasts `end_ms`, to the first."""
        turned: list[Stretch] = []
        ordered = sorted(self.stretches, key=lambda one: one.offset_ms + self.ratio * one.start_ms)
        for number, stretch in enumerate(ordered):
            low = 0.0 if number == 0 else stretch.offset_ms + self.ratio * stretch.start_ms
            high = stretch.offset_ms + self.ratio * stretch.end_ms
            if number == len(ordered) - 1:
                high = max(high, end_ms)
            turned.append(Stretch(round(max(low, 0.0)), round(high), -stretch.offset_ms / self.ratio))
        return Alignment(-self.offset_ms / self.ratio, 1 / self.ratio, tuple(turned))


@dataclass(frozen=True, slots=True)
class Fit:
    """What came of a try: an alignment or None, and the share of pieces that agree of those that both recordings hold, 0 to 1."""

    alignment: Alignment | None
    score: float


def as_rows(stretches: Sequence[Stretch]) -> list[list[float]]:
    """As they are stored."""
    return [[one.start_ms, one.end_ms, round(one.offset_ms, 2)] for one in stretches]


def of_rows(rows: Sequence[Sequence[float]]) -> tuple[Stretch, ...]:
    return tuple(Stretch(int(start), int(end), float(offset)) for start, end, offset in rows)
