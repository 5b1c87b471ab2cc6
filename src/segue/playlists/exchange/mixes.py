"""What a list says beside its tracks when it goes to a DJ program: beats, key, and the points of a mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segue.analysis.key import names
from segue.analysis.mixing.cues import Cue
from segue.analysis.mixing.records import Mixable, Transition

UNEVEN_MS = 15.0
"""Beats further than this from an even grid are written piece by piece."""
PIECE_BEATS = 16
CUE_NAMES = {
    "mix_in": "Mix in",
    "intro_end": "Intro end",
    "outro_start": "Outro",
    "mix_out": "Mix out",
    "phrase": "Phrase",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Beats at equal distances from `at_ms` on; `beat` is which of the bar the first is, from 1."""

    at_ms: int
    bpm: float
    beat: int


@dataclass(frozen=True, slots=True)
class OutMix:
    """What is known of a row's track for a mix. `starts_ms` and `stops_ms` are where it is mixed in and out beside its
    neighbours."""

    bpm: float | None
    key: str | None
    bar: int
    beats: tuple[Stretch, ...]
    cues: tuple[Cue, ...]
    starts_ms: int | None = None
    stops_ms: int | None = None


def mix_of(
    track: Mixable, cues: Sequence[Cue], before: Transition | None = None, after: Transition | None = None
) -> OutMix:
    """A track between the transition that brings it in and the one that takes it out."""
    bar = _bar(track)
    return OutMix(
        bpm=track.bpm,
        key=None if track.key is None else names(track.key.tonic, track.key.mode).preferred,
        bar=bar,
        beats=stretches(track, bar),
        cues=tuple(cues),
        starts_ms=None if before is None else before.in_ms,
        stops_ms=None if after is None else after.out_ms + after.length_ms,
    )


def stretches(track: Mixable, bar: int) -> tuple[Stretch, ...]:
    """Its beats as stretches of one tempo each: one where they are even, else one every 16 beats."""
    beats = track.beats_ms
    if len(beats) < 2:
        return ()
    first = track.downbeats[0] if track.downbeats else 0
    step = (beats[-1] - beats[0]) / (len(beats) - 1)
    even = all(abs(at - (beats[0] + number * step)) <= UNEVEN_MS for number, at in enumerate(beats))
    starts = [0] if even else list(range(0, len(beats) - 1, PIECE_BEATS))
    found = []
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else len(beats) - 1
        span = beats[end] - beats[start]
        if span > 0:
            found.append(Stretch(beats[start], 60_000 * (end - start) / span, (start - first) % bar + 1))
    return tuple(found)


def _bar(track: Mixable) -> int:
    if len(track.downbeats) > 1 and 2 <= (bar := track.downbeats[1] - track.downbeats[0]) <= 12:
        return bar
    return 4
