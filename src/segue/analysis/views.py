"""What the service of analysis gives back: a track's analysis as it stands, lists of them, and how far all of it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from segue.analysis.records import Heard, Shape, Tempo

State = Literal["none", "off", "pending", "running", "done", "failed"]
Source = Literal["edit", "tag", "analysis"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What everybody sees of a tempo or a key, and who says so; None where nobody says anything."""

    value: Any
    source: Source | None


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said about a track's beats or points; `was` is what was said before."""

    value: Any
    was: Any
    user_id: int | None
    said_at: datetime


@dataclass(frozen=True, slots=True)
class TrackAnalysis:
    """All that is known of one track. `heard` is None until it was listened to; a newer analysis that is pending leaves what
    an older one heard. `tempo` and `shape` are as people say, else as heard."""

    track_id: int
    state: State
    reason: dict[str, Any] | None
    """{code, params}: why it failed, or what it waits for."""
    sound_id: int | None
    key: bytes | None
    analyzed_at: datetime | None
    heard: Heard | None
    tempo: Tempo | None
    shape: Shape | None
    bpm: Shown
    musical_key: Shown
    words: Mapping[str, Word] = field(default_factory=dict)
    drawing: str | None = None
    """A name of its waveform that changes when that does."""


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """What a list shows of one track: `row` holds the measured columns, None where there are none."""

    track_id: int
    state: State
    reason: dict[str, Any] | None
    row: Any | None
    bpm: Shown
    musical_key: Shown


@dataclass(frozen=True, slots=True)
class Failure:
    """A track that could not be heard, in words, and why."""

    track_id: int
    title: str
    artist: str
    album: str
    path: str
    reason: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """How far listening is. `rate` is sounds a minute now, `eta_s` when nothing will wait any more."""

    enabled: bool
    engine: str
    version: int
    missing: str | None
    """Why the engine cannot listen here, as a sentence."""
    states: Mapping[str, int]
    waiting_for_files: int
    outdated: int
    """Sounds that another engine, or another version of it, has heard."""
    failed: Mapping[str, int]
    """By reason."""
    seconds: float
    """Processor time that was spent on what is done."""
    duration_ms: int
    """Of what is done."""
    job: int | None
    rate: float | None
    eta_s: float | None
    quiet_until: datetime | None
