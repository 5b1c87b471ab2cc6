"""Which level is the beat: what was heard and what else is known, added up as log-odds.

A ballad at 70 and dubstep at 140 can have the same drums; the sound alone does not say. So every level keeps its
probability, and knowledge (a tag, the genre, the tracks beside it, the range a person wants, a person's word) is added
to it whenever there is more of it, without listening again.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from segue.analysis.calibration import Knots, apply
from segue.analysis.records import Grid, Knowledge, Tempo, TempoCandidate
from segue.analysis.tempo.knowing import known
from segue.analysis.tempo.pulse import Level, Pulse

NEAR = 0.04
"""Tempos this close are the same (the usual tolerance of tempo evaluation)."""
_HEARD = "heard "
KNOTS: Knots = ((0.0, 0.05), (0.44, 0.49), (0.62, 0.54), (0.78, 0.87), (0.89, 0.9), (0.975, 0.985), (1.0, 0.995))
"""How often the likeliest level was within 4 %, by agreement times probability: isotonic (pools of at least 35) over 414
rendered clips in 60 styles, each weighed by a model that had not seen its style; the ends are drawn out to keep the order."""
_RATIOS = tuple((up, down) for up in range(1, 5) for down in range(1, 5) if math.gcd(up, down) == 1)


def conclude(pulse: Pulse, knowledge: Knowledge | None = None) -> Tempo:
    """The tempo with its candidates, beats and confidence, from what was heard and what is known besides."""
    if pulse.bpm is None or not pulse.levels:
        return Tempo(None, 0.0, steadiness=pulse.steadiness, evidence=dict(pulse.evidence))
    evidence = dict(pulse.evidence)
    evidence |= {"agreement": pulse.agreement, "strong_ms": round(pulse.strong_ms, 1)}
    evidence |= {f"{_HEARD}{level.bpm:.3f}": round(level.heard, 4) for level in pulse.levels}
    if pulse.bar:
        evidence |= {"bar": float(pulse.bar), "bar_ms": round(pulse.bar_ms, 1), "bar_bpm": round(pulse.bpm, 4)}
    heard = Tempo(
        pulse.bpm,
        0.0,
        beats_ms=tuple(round(beat) for beat in pulse.beats_ms),
        grid=Grid(round(pulse.beats_ms[0], 1), round(pulse.bpm, 4)) if pulse.even else None,
        curve=pulse.curve,
        steadiness=pulse.steadiness,
        evidence=evidence,
    )
    return again(heard, knowledge)


def again(tempo: Tempo, knowledge: Knowledge | None = None) -> Tempo:
    """The same sound with other knowledge: candidates are weighed again, beats are left out or put between."""
    levels = [Level(float(name[len(_HEARD) :]), log) for name, log in tempo.evidence.items() if name.startswith(_HEARD)]
    if tempo.bpm is None or not levels:
        said = knowledge.said if knowledge else None
        return tempo if said is None else replace(tempo, bpm=said, confidence=1.0)
    knowledge = knowledge or Knowledge()
    weighed = [(level, level.heard + known(level.bpm, knowledge)) for level in levels]
    highest = max(log for _, log in weighed)
    whole = sum(math.exp(log - highest) for _, log in weighed)
    shares = sorted(((math.exp(log - highest) / whole, level.bpm) for level, log in weighed), reverse=True)
    candidates = tuple(TempoCandidate(round(bpm, 2), round(share, 4)) for share, bpm in shares)
    if knowledge.said is not None:
        return _at(replace(tempo, candidates=candidates), knowledge.said, 1.0)
    share, bpm = shares[0]
    confidence = apply(KNOTS, tempo.evidence.get("agreement", 0.0) * share)
    return _at(replace(tempo, candidates=candidates), bpm, round(confidence, 4))


def _at(tempo: Tempo, bpm: float, confidence: float) -> Tempo:
    """The tempo at another level: beats, downbeats, grid and curve follow."""
    assert tempo.bpm is not None
    base = tempo.grid.bpm if tempo.grid else tempo.bpm
    up, down = min(_RATIOS, key=lambda ratio: abs(math.log(bpm / base * ratio[1] / ratio[0])))
    if abs(bpm / base * down / up - 1) > NEAR:
        return _afresh(replace(tempo, bpm=bpm, confidence=confidence), bpm)
    beats = _beats(tempo.beats_ms, up, down, tempo.evidence.get("strong_ms", 0.0))
    ratio = up / down
    bar = _bar(tempo.evidence, base * ratio)
    bar_ms = tempo.evidence.get("bar_ms", 0.0)
    downbeats = _downbeats(beats, bar, bar_ms)
    grid = None
    if tempo.grid and beats:
        first = beats[downbeats[0]] if downbeats else beats[0]
        exact = _nearest_line(tempo.grid, ratio, first)
        grid = Grid(round(exact, 1), round(base * ratio, 4), bar)
    return replace(
        tempo,
        bpm=round(bpm, 2),
        confidence=confidence,
        beats_ms=beats,
        downbeats=downbeats,
        grid=grid,
        curve=tuple((at, round(value * ratio, 2)) for at, value in tempo.curve),
    )


def _afresh(tempo: Tempo, bpm: float) -> Tempo:
    """A tempo that has nothing to do with the beats that were followed: even beats from a strong one."""
    if not tempo.beats_ms:
        return replace(tempo, grid=None)
    start = tempo.evidence.get("strong_ms", 0.0)
    period = 60_000 / bpm
    first = start - math.floor((start - tempo.beats_ms[0]) / period) * period
    count = max(1, int((tempo.beats_ms[-1] - first) / period) + 1)
    beats = tuple(round(first + period * one) for one in range(count))
    return replace(tempo, beats_ms=beats, downbeats=(), grid=Grid(round(first, 1), bpm), curve=())


def _beats(beats: Sequence[int], up: int, down: int, strong_ms: float) -> tuple[int, ...]:
    """`up` beats for every `down` of the present ones, with a beat where a strong one is."""
    if up == down or len(beats) < 2:
        return tuple(beats)
    strong = _nearest(beats, strong_ms)
    first = strong % down
    whole = [*beats, 2 * beats[-1] - beats[-2]]
    made: list[int] = []
    number = -(first * up // down)
    while True:
        place = first + number * down / up
        number += 1
        if place < 0:
            continue
        at = int(place)
        if at >= len(beats):
            return tuple(made)
        made.append(round(whole[at] + (whole[at + 1] - whole[at]) * (place - at)))


def _bar(evidence: Mapping[str, float], bpm: float) -> int | None:
    """Beats a bar at a tempo: the bar keeps its length."""
    if "bar" not in evidence:
        return None
    beats = evidence["bar"] * bpm / evidence["bar_bpm"]
    whole = round(beats)
    return whole if whole >= 2 and abs(beats - whole) < 0.1 else None


def _downbeats(beats: Sequence[int], bar: int | None, bar_ms: float) -> tuple[int, ...]:
    if not bar or not beats:
        return ()
    return tuple(range(_nearest(beats, bar_ms) % bar, len(beats), bar))


def _nearest(beats: Sequence[int], ms: float) -> int:
    after = bisect.bisect_left(beats, ms)
    near = [one for one in (after - 1, after) if 0 <= one < len(beats)]
    return min(near, key=lambda one: abs(beats[one] - ms))


def _nearest_line(grid: Grid, ratio: float, ms: float) -> float:
    """The line of the finest common grid nearest to a time: beats are kept in whole milliseconds, grids are not."""
    step = 60_000 / grid.bpm / max(1, round(ratio * 12) / math.gcd(round(ratio * 12), 12))
    return grid.first_ms + round((ms - grid.first_ms) / step) * step
