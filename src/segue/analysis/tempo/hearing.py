"""From onsets to a pulse: which tempos, where the beats, how steady."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segue.analysis.tempo.bars import bar_of
from segue.analysis.tempo.beats import track
from segue.analysis.tempo.evidence import candidates_of, family_of, hits, strength_of
from segue.analysis.tempo.lines import (
    AGREE,
    NEARLY,
    STILL,
    at_rate,
    beats_on,
    curve_of,
    line_of,
    moved,
    steadiness,
    without_ends,
)
from segue.analysis.tempo.octave import clarity, weighed
from segue.analysis.tempo.onsets import RATE, Envelopes
from segue.analysis.tempo.phase import place_of
from segue.analysis.tempo.pulse import Level, Pulse

_SHORTEST_S = 2.0
_LONG_S = 3600.0
_EXCERPTS = 60
_FEWEST = 4
"""Onsets, and beats: two clicks are no pulse."""
_LEAST, _FAINT = 0.005, 0.008
"""Salience under which there is no pulse (noise, rain and random clicks stay under it), and under which there is one only if
most of the sound keeps to it (`_TOGETHER`), as bursts like those of speech do not."""
_TOGETHER = 0.7
_BEAT_WEIGHTS = (1.5, 1.0, 1.0, 0.7, 1.0)
"""Of low, body, mid, high and pitch, where a beat is to lie: bass and kick stand on it, hats as often between."""


def pulse_of(heard: Envelopes, duration_ms: int) -> Pulse:
    """What pulse is in these onsets; `bpm` None where there is none."""
    count = heard.steps.shape[1]
    if count > _LONG_S * RATE:
        return _of_long(heard, duration_ms)
    nothing = Pulse(duration_ms, None)
    if count < _SHORTEST_S * RATE:
        return nothing
    strength = strength_of(heard)
    if hits(strength) * count / RATE < _FEWEST:
        return nothing
    family = family_of(heard, strength)
    fit = float(family.whole.max())
    candidates = candidates_of(family)
    if not candidates or fit < _LEAST:
        return replace(nothing, evidence={"fit": round(fit, 4)})
    levels = weighed(family, candidates)
    best = levels[0].bpm
    force = strength_of(heard, _BEAT_WEIGHTS)
    line = line_of(force, best)
    if fit < _FAINT and line.agree < _TOGETHER:
        return replace(nothing, evidence={"fit": round(fit, 4)})
    even = line.agree >= AGREE or (line.agree >= NEARLY and float(np.ptp(family.moves)) < STILL)
    if even:
        beats = beats_on(line, count)
        beats = beats_on(replace(line, start=line.start + place_of(heard, beats) * line.period), count)
        bpm = 60 * RATE / line.period
    else:
        moves = np.interp(np.arange(count), np.arange(len(family.moves)) * family.grams["all"].hop, family.moves)
        beats = track(force, np.asarray(at_rate(best) / moves, np.float32))
        beats = moved(force, beats, place_of(heard, beats))
        bpm = 60 * RATE / float(np.median(np.diff(beats))) if len(beats) > 1 else best
    beats = without_ends(force, beats)
    if len(beats) < _FEWEST:
        return nothing
    bar, first = bar_of(heard, beats)
    times = np.clip(beats * (1000 / RATE), 0, duration_ms)
    steady = steadiness(beats, line.agree, fit)
    evidence = {"line": round(line.agree, 4), "fit": round(fit, 4)}
    return Pulse(
        duration_ms,
        bpm,
        tuple(float(one) for one in times),
        tuple(Level(level.bpm * bpm / best, level.heard) for level in levels),
        agreement=clarity(fit),
        steadiness=steady,
        even=even,
        strong_ms=float(times[first]),
        bar=bar,
        bar_ms=float(times[first]),
        curve=() if even else curve_of(times),
        evidence=evidence,
    )


def _of_long(heard: Envelopes, duration_ms: int) -> Pulse:
    """Of more than an hour, such as a radio show or a night's recording: the levels by sixty excerpts of half a minute, the
    beats hour by hour about their tempo, so that no more than an hour is unpacked at once. There is no line and no bar."""
    count = heard.steps.shape[1]
    long = int(30 * RATE)
    starts = np.linspace(0, count - long, _EXCERPTS).astype(np.int64)
    some = [heard.between(int(start), int(start) + long) for start in starts]
    steps, chroma = (
        np.concatenate(parts, axis) for parts, axis in (([e.steps for e in some], 1), ([e.chroma for e in some], 0))
    )
    brief = pulse_of(Envelopes(steps, chroma, heard.chroma_rate), duration_ms)
    if brief.bpm is None:
        return brief
    best = brief.levels[0].bpm
    times: list[float] = []
    hour = int(_LONG_S * RATE)
    for start in range(0, count, hour):
        part = heard.between(start, min(count, start + hour))
        beats = _followed(part, best) + start
        least = times[-1] + 30_000 / best if times else 0.0
        times += [float(one) for one in beats * (1000 / RATE) if one * (1000 / RATE) >= least]
    if len(times) < _FEWEST:
        return replace(brief, bpm=None)
    placed = np.clip(np.asarray(times), 0, duration_ms)
    return replace(
        brief,
        beats_ms=tuple(float(one) for one in placed),
        even=False,
        strong_ms=times[0],
        bar=None,
        bar_ms=0.0,
        curve=curve_of(placed),
    )


def _followed(heard: Envelopes, bpm: float) -> NDArray[np.float64]:
    """Beats about a tempo, as indices; none where there is nothing to follow."""
    count = heard.steps.shape[1]
    if count < _SHORTEST_S * RATE:
        return np.empty(0)
    family = family_of(heard, strength_of(heard), bpm)
    if float(family.whole.max()) < _LEAST:
        return np.empty(0)
    force = strength_of(heard, _BEAT_WEIGHTS)
    moves = np.interp(np.arange(count), np.arange(len(family.moves)) * family.grams["all"].hop, family.moves)
    beats = track(force, np.asarray(at_rate(family.base) / moves, np.float32))
    return without_ends(force, moved(force, beats, place_of(heard, beats)))
