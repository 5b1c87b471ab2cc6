"""What was measured of one track, and what else is said of the same things, as plain records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from segue.library.musical_keys import Mode
from segue.library.scan.facts import ReplayGain

From = Literal["tags", "analysis"]
"""Whose tempo and key are shown where a tag and a measure say different things; a person's edit comes before both."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What listening measured of one track; None is what it could not say. `version` is the engine's."""

    version: int
    measured_at: datetime
    bpm: float | None = None
    bpm_confidence: float | None = None
    tonic: int | None = None
    """0 to 11, C = 0; None together with `mode`."""
    mode: Mode | None = None
    key_confidence: float | None = None
    energy: float | None = None
    danceability: float | None = None
    loudness_lufs: float | None = None
    loudness_range_lu: float | None = None
    true_peak: float | None = None
    """Linear, 1 is full scale."""
    album_loudness_lufs: float | None = None
    album_true_peak: float | None = None
    """Of its album, gated as one; None until all its tracks are measured."""


class AlbumLoudness(NamedTuple):
    """How loud an album is, all its tracks gated as one; None where nothing can be said yet."""

    loudness_lufs: float | None
    true_peak: float | None
    """Linear, 1 is full scale."""


class Said(NamedTuple):
    """What a track's tags say of the things that are measured too, with a person's edits laid over them."""

    bpm: float | None = None
    key: str | None = None
    gain: ReplayGain | None = None
    edited: frozenset[str] = frozenset()
    """Which of `bpm` and `key` a person said."""
