"""Where a track may be mixed in and out: points on its beats, counted in phrases.

Dance music is built of phrases of 16 or 32 beats that begin on a downbeat. They are counted from the end of the intro where
one is known, else from the first downbeat, and every point is moved to the nearest beginning of a bar (or of a phrase, where
that is near). A track without beats has the same points where they were heard.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from segue.analysis.mixing.records import Mixable

Name = Literal["mix_in", "intro_end", "outro_start", "mix_out", "phrase"]
PHRASE = 32
HALF_PHRASE = 16
DEFAULT_BAR = 4
NEAR_PHRASE = 4
"""Beats by which a point may be moved to a phrase; further off it stays at its bar."""
LEAST_BARS = 2
"""Before its last beat a track is left at the latest, however late its outro begins."""
WITHOUT_BEATS_MS = 8_000
"""Before the end of a track of which nothing is known, a mix out begins."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A point in a track. `beat` is its index in the track's beats, None where it is on none."""

    name: Name
    at_ms: int
    beat: int | None = None


class Beats:
    """The beats of one track, to be counted in."""

    def __init__(self, track: Mixable) -> None:
        self.at = track.beats_ms
        self.bar = _bar(track.downbeats)
        first = track.downbeats[0] % self.bar if track.downbeats else 0
        self._bar_from = first
        self.phrase_from = first
        if track.intro_end_ms is not None and self.at:
            self.phrase_from = self._nearest(track.intro_end_ms, first, self.bar) % PHRASE

    def __bool__(self) -> bool:
        return len(self.at) > self.bar

    def bar_at(self, at_ms: float) -> int:
        """The index of the beat that begins the bar nearest to a moment, or the phrase where that is near."""
        bar = self._nearest(at_ms, self._bar_from, self.bar)
        phrase = self._nearest(at_ms, self.phrase_from, HALF_PHRASE)
        return phrase if abs(phrase - bar) <= NEAR_PHRASE else bar

    def phrase_before(self, beat: int) -> int:
        """The beginning of the half phrase that a beat is in."""
        return (
            max(self.phrase_from, beat - (beat - self.phrase_from) % HALF_PHRASE) if beat >= self.phrase_from else beat
        )

    def bar_before(self, beat: int) -> int:
        """The beginning of the bar that a beat is in; the first one's for what is before it."""
        return max(self._bar_from, beat - (beat - self._bar_from) % self.bar)

    def phrases(self) -> list[int]:
        """The beginnings of all phrases."""
        return list(range(self.phrase_from, len(self.at), PHRASE))

    def _nearest(self, at_ms: float, start: int, step: int) -> int:
        """Of the beats `start`, `start + step` … the one nearest to a moment."""
        last = start + (len(self.at) - 1 - start) // step * step
        if last < start:
            return max(0, min(start, len(self.at) - 1))
        before = start + (bisect_left(self.at, at_ms) - start) // step * step
        near = [min(max(place, start), last) for place in (before, before + step)]
        return min(near, key=lambda place: abs(self.at[place] - at_ms))


@dataclass(frozen=True, slots=True)
class Points:
    """Where a mix comes in and goes out, in ms and beats. `body_*` is where the intro is over, `leave_*` where the outro or the
    fade begins; `in_*` and `out_*` are the first and the last moment that a mix may use."""

    in_ms: int
    body_ms: int
    leave_ms: int
    out_ms: int
    in_beat: int | None = None
    body_beat: int | None = None
    leave_beat: int | None = None
    out_beat: int | None = None

    @property
    def beats_in(self) -> int:
        """Beats of the intro; 0 where it has none."""
        return self.body_beat - self.in_beat if self.body_beat is not None and self.in_beat is not None else 0

    @property
    def beats_out(self) -> int:
        """Beats from where the track may be left to its end."""
        return self.out_beat - self.leave_beat if self.out_beat is not None and self.leave_beat is not None else 0


def points(track: Mixable) -> Points:
    """Where this track may be mixed."""
    end = track.end_ms
    leaves = [at for at in (track.outro_start_ms, track.fade_out_start_ms) if at is not None]
    leave = min(leaves) if leaves else max(track.sound_start_ms, end - WITHOUT_BEATS_MS)
    body = track.intro_end_ms if track.intro_end_ms is not None else track.sound_start_ms
    beats = Beats(track)
    if not beats:
        return Points(track.sound_start_ms, body, leave, end)
    last = bisect_left(beats.at, end) - 1
    first = beats.bar_at(max(track.sound_start_ms, beats.at[0]))
    body_beat = max(first, beats.bar_at(body)) if track.intro_end_ms is not None else first
    if leaves:
        leave_beat = beats.bar_at(leave)
    else:
        leave_beat = beats.phrase_before(max(0, last - HALF_PHRASE))
    leave_beat = min(leave_beat, beats.bar_before(last - LEAST_BARS * beats.bar))
    leave_beat = max(min(leave_beat, last), min(body_beat + beats.bar, last))
    return Points(
        beats.at[first],
        beats.at[body_beat],
        beats.at[leave_beat],
        end,
        first,
        body_beat,
        leave_beat,
        max(last, leave_beat),
    )


def cues(track: Mixable, phrases: int = 0) -> list[Cue]:
    """The points of a track in order, and the beginnings of up to so many phrases of its body."""
    found = points(track)
    named: list[Cue] = [
        Cue("mix_in", found.in_ms, found.in_beat),
        Cue("outro_start", found.leave_ms, found.leave_beat),
    ]
    if found.body_ms > found.in_ms:
        named.append(Cue("intro_end", found.body_ms, found.body_beat))
    named.append(Cue("mix_out", found.out_ms, found.out_beat))
    beats = Beats(track)
    if beats and phrases:
        inner = [place for place in beats.phrases() if found.body_ms < beats.at[place] < found.leave_ms]
        step = max(1, -(-len(inner) // phrases))
        named += [Cue("phrase", beats.at[place], place) for place in inner[::step]]
    return sorted(named, key=lambda cue: cue.at_ms)


def _bar(downbeats: Sequence[int]) -> int:
    steps = [after - before for before, after in pairwise(downbeats)]
    usual = max(set(steps), key=steps.count) if steps else DEFAULT_BAR
    return usual if 2 <= usual <= 12 else DEFAULT_BAR
