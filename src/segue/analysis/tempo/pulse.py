"""All that was heard of the beat, before its level is chosen: plain numbers, no numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Level:
    """A tempo at which one may tap along. `heard` is its log-probability among the levels, by the sound alone."""

    bpm: float
    heard: float


@dataclass(frozen=True, slots=True)
class Pulse:
    """`bpm` is that of the beats as they were followed, None where there is no pulse; `levels` hold it and its relatives."""

    duration_ms: int
    bpm: float | None
    beats_ms: tuple[float, ...] = ()
    levels: tuple[Level, ...] = ()
    agreement: float = 0.0
    """0 to 1, how far there is a pulse at all."""
    steadiness: float = 0.0
    even: bool = False
    """The beats lie on a line: tempo and beats are those of the line."""
    strong_ms: float = 0.0
    """A beat that would be kept if every other were left out."""
    bar: int | None = None
    """Beats a bar, counted in followed beats."""
    bar_ms: float = 0.0
    """A downbeat, where `bar` is known."""
    curve: tuple[tuple[int, float], ...] = ()
    evidence: Mapping[str, float] = field(default_factory=dict)
