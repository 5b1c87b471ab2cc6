"""Where in one recording the other one is: a line through both onset curves, found without any tag.

    position in the second = offset + ratio · position in the first

Pieces of the first curve, stretched by each speed within ±4 %, are looked for in the whole second one (FFT
cross-correlation); the line that most of what was found lies on is refined with all pieces, each placed to a fraction of a
frame. A tape that was turned over, or a part that one of them lacks, moves the line: then there are several stretches with
one ratio, each with an offset of its own. Where too few pieces agree, nothing is claimed. Figures: bench/live/alignment.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from segue.live.alignment.onsets import FRAMES_A_SECOND, Curve
from segue.live.alignment.records import Alignment, Fit, Stretch

MOST_SPEED_ERROR = 0.04
"""Decks that run further off than this exist, but nobody transfers from them without noticing."""
SPEED_STEP = 0.003
PIECE_S = 16.0
SHORTEST_PIECE_S = 4.0
PROBES = 10
"""Pieces that the whole second curve is searched for, at every speed."""
PEAKS = 3
"""Best places kept of each probe at each speed."""
NEAR_S = 0.05
"""How far from the line a piece may lie that agrees with it."""
SPEED_LEEWAY = 0.01
"""How far the speed at which a probe was found may be from the slope of the line it is said to lie on."""
FARTHEST_S = 600.0
"""How far from the line a stretch of its own is looked for."""
USUAL = 0.85
"""A place on the line is taken for a piece where it is so nearly as good as the best one anywhere."""
RIVAL_S = 0.25
"""Places farther apart than this are different ones: about half a beat."""
LEAST_CONTRAST = 1.2
"""How much more alike pieces have to be where they were found than at the best other place. Between two nights of a song, which
share a beat, it was at most 1.07; between tapes of one performance at least 1.37 (bench/live/alignment.py)."""
LEAST_STRETCH = 3
"""Neighbouring pieces that have to agree with one another to be a stretch apart from the line."""
LEAST_SCORE = 0.5
"""Under this share of agreeing pieces nothing is claimed."""
DOUBT = 2.0
"""Pieces that are taken to disagree before any is looked at, so that a few that agree by chance prove nothing."""
FAINT = 0.2
"""A piece with so little of the usual rhythm, or its place, is silence or a gap, and counts for nothing."""

Floats = npt.NDArray[np.floating[Any]]
Indexes = npt.NDArray[np.integer[Any]]


NOTHING = Fit(None, 0.0)


def align(first: Curve, second: Curve) -> Fit:
    """Line up two onset curves. The cost grows with the length of both; ten minutes take about two seconds."""
    size = int(min(PIECE_S, len(first) / FRAMES_A_SECOND / 4, len(second) / FRAMES_A_SECOND / 4) * FRAMES_A_SECOND)
    if size < SHORTEST_PIECE_S * FRAMES_A_SECOND:
        return NOTHING
    line = _rough(first, second, size)
    return NOTHING if line is None else _Refining(first, second, size).fit(*line)


# --- the rough line ---------------------------------------------------------------------------------------------------


def _rough(first: Curve, second: Curve, size: int) -> tuple[float, float] | None:
    """Offset in frames and ratio of the line that most finds of the probes lie on."""
    searched = _Searched(second, int(size * (1 + 2 * MOST_SPEED_ERROR)))
    found = []
    for number, start in enumerate(_spread(len(first) - size, PROBES)):
        piece = first[start : start + size]
        for speed in np.arange(1 - MOST_SPEED_ERROR, 1 + MOST_SPEED_ERROR + SPEED_STEP / 2, SPEED_STEP):
            likeness = searched.likeness(_stretched(piece, speed))
            for place in _peaks(likeness):
                middle = place - searched.before + speed * size / 2
                found.append((number, speed, start + size / 2, middle, likeness[place]))
    return _agreed(np.array(found))


def _agreed(found: Floats) -> tuple[float, float] | None:
    """The line through finds of two probes that the most weight lies near, each probe counting once."""
    if len(found) < 2:
        return None
    number, speed, here, there, weight = found[np.argsort(-found[:, 4])[:300]].T
    low, high = np.triu_indices(len(here), 1)
    apart = number[low] != number[high]
    low, high = low[apart], high[apart]
    slopes = (there[high] - there[low]) / (here[high] - here[low])
    fitting = (np.abs(slopes - 1) <= MOST_SPEED_ERROR * 1.05) & (np.abs(slopes - speed[low]) <= SPEED_LEEWAY)
    low, slopes = low[fitting], slopes[fitting]
    offsets = there[low] - slopes * here[low]
    probes = [np.flatnonzero(number == probe) for probe in np.unique(number)]
    best, best_weight = None, 0.0
    for at in range(0, len(low), 512):
        slope, offset = slopes[at : at + 512, None], offsets[at : at + 512, None]
        close = np.abs(offset + slope * here - there) <= NEAR_S * FRAMES_A_SECOND * 1.5
        close &= np.abs(slope - speed) <= SPEED_LEEWAY
        counted = np.where(close, weight, 0.0)
        total = sum(counted[:, mine].max(axis=1) for mine in probes)
        top = int(np.argmax(total))
        if total[top] > best_weight:
            best, best_weight = (float(offset[top, 0]), float(slope[top, 0])), float(total[top])
    return best


# --- the fine line ----------------------------------------------------------------------------------------------------


class _Places(NamedTuple):
    """Of each piece: where its middle was found, how alike it is there, and how alike the best other place."""

    middle: Floats
    likeness: Floats
    rival: Floats


class _Refining:
    """The line and its stretches with every piece placed exactly; everything in frames."""

    def __init__(self, first: Curve, second: Curve, size: int) -> None:
        self._first, self._second, self._size = first, second, size
        self._starts = _spread(len(first) - size, max(PROBES, 2 * len(first) // size))
        self._middles = self._starts + size / 2
        self._near = NEAR_S * FRAMES_A_SECOND

    def fit(self, offset: float, ratio: float) -> Fit:
        for reach_s in (0.6, 0.3):
            places = self._places(offset, ratio, reach_s).middle
            good = np.abs(places - offset - ratio * self._middles) <= self._near * 2
            if good.sum() >= 2:
                ratio, offset = _line(self._middles[good], places[good])
        groups, shifts = self._stretches(offset, ratio)
        if not groups:
            return NOTHING
        ratio = self._joint_ratio(groups, shifts, ratio)
        exact = self._places(offset, ratio, 0.3, shifts).middle - ratio * self._middles
        shifts = np.where(np.isnan(exact), shifts, exact)
        score = self._score(groups, shifts, ratio)
        if score < LEAST_SCORE or sum(map(len, groups)) < LEAST_STRETCH:
            return Fit(None, score)
        return Fit(self._alignment(groups, shifts, ratio), score)

    def _places(self, offset: float, ratio: float, reach_s: float, shifts: Floats | None = None) -> _Places:
        """Where each piece is found within `reach_s` of the line, or of its own shift."""
        expected = ratio * self._middles + (offset if shifts is None else np.where(np.isnan(shifts), offset, shifts))
        reach = int(reach_s * FRAMES_A_SECOND)
        found = [self._placed(start, ratio, at, reach) for start, at in zip(self._starts, expected, strict=True)]
        return _Places(*np.array(found).T)

    def _placed(self, start: int, ratio: float, expected: float, reach: int) -> tuple[float, float, float]:
        piece = _stretched(self._first[start : start + self._size], ratio)
        half = ratio * self._size / 2
        low = max(0, int(expected - half) - reach)
        high = min(len(self._second), int(expected + half) + reach + 2)
        if high - low < len(piece) // 2:
            return float("nan"), 0.0, 0.0
        searched = _Searched(self._second[low:high], len(piece))
        likeness = searched.likeness(piece)
        begin = max(0, int(expected - half) - reach - low + searched.before)
        inside = likeness[begin : begin + 2 * reach + 3]
        if not len(inside):
            return float("nan"), 0.0, 0.0
        top = begin + int(np.argmax(inside))
        beat = int(RIVAL_S * FRAMES_A_SECOND)
        others = np.concatenate([likeness[begin : max(begin, top - beat)], likeness[top + beat : begin + len(inside)]])
        rival = float(others.max()) if len(others) else 0.0
        return low + top + _vertex(likeness, top) - searched.before + half, float(likeness[top]), rival

    def _stretches(self, offset: float, ratio: float) -> tuple[list[Indexes], Floats]:
        """Groups of pieces that share a shift, in order, and the shift of each piece; a piece without its group has NaN."""
        near, far = self._places(offset, ratio, 0.3), self._places(offset, ratio, FARTHEST_S)
        usual = near.likeness >= USUAL * far.likeness
        shifts = np.where(usual, near.middle, far.middle) - ratio * self._middles
        on_line = np.abs(shifts - offset) <= self._near
        taken = [np.flatnonzero(on_line)] if on_line.any() else []
        run: list[int] = []
        for index in range(len(shifts) + 1):
            free = index < len(shifts) and not on_line[index] and not np.isnan(shifts[index])
            if run and (not free or abs(shifts[index] - shifts[run[-1]]) > self._near):
                if len(run) >= LEAST_STRETCH:
                    taken.append(np.array(run))
                run = []
            if free:
                run.append(index)
        rival = np.where(np.abs(near.middle - far.middle) <= RIVAL_S * FRAMES_A_SECOND, far.rival, far.likeness)
        rival = np.where(usual, rival, far.rival)
        likeness = np.where(usual, near.likeness, far.likeness)
        taken = [group for group in taken if likeness[group].mean() >= LEAST_CONTRAST * rival[group].mean()]
        groups = [part for group in taken for part in self._unbroken(group, taken)]
        kept = np.full(len(shifts), np.nan)
        for group in groups:
            kept[group] = shifts[group]
        return sorted(groups, key=lambda group: int(group[0])), kept

    def _unbroken(self, group: Indexes, all_groups: Sequence[Indexes]) -> list[Indexes]:
        """The group in as many parts as other groups lie between its pieces."""
        others = np.sort(np.concatenate([other for other in all_groups if other is not group] or [np.zeros(0, int)]))
        between = np.searchsorted(others, group)
        return [group[between == value] for value in np.unique(between)]

    def _joint_ratio(self, groups: list[Indexes], shifts: Floats, ratio: float) -> float:
        """One slope for all stretches, each with its own offset (least squares)."""
        over, under = 0.0, 0.0
        for group in groups:
            here = self._middles[group] - self._middles[group].mean()
            over += float(here @ (shifts[group] - shifts[group].mean()))
            under += float(here @ here)
        return ratio + over / under if under else ratio

    def _score(self, groups: list[Indexes], shifts: Floats, ratio: float) -> float:
        """The share of pieces that agree, of those that both recordings hold."""
        strength = np.array([_loudness(self._first[start : start + self._size]) for start in self._starts])
        usual = float(np.median(strength))
        medians = [float(np.median(shifts[group])) for group in groups]
        agreeing = sum(map(len, groups))
        lost = 0.0
        half, step = ratio * self._size / 2, float(np.diff(self._starts).mean())
        for number in range(len(groups) + 1):
            low = int(groups[number - 1][-1]) + 1 if number else 0
            high = int(groups[number][0]) if number < len(groups) else len(self._starts)
            apart = 0.0
            if 0 < number < len(groups):
                apart = medians[number - 1] - medians[number]
            at = medians[min(number, len(groups) - 1)] + ratio * self._middles[low:high]
            there = np.array([_loudness(self._second[max(0, int(a - half)) : max(0, int(a + half))]) for a in at])
            held = (at - half >= -self._near) & (at + half <= len(self._second) + self._near)
            held &= (strength[low:high] >= FAINT * usual) & (there >= FAINT * usual)
            straddling = self._size / step if apart else 0.0
            lost += max(0.0, float(held.sum()) - max(apart, 0.0) / step - straddling)
        return agreeing / (agreeing + lost + DOUBT)

    def _alignment(self, groups: list[Indexes], shifts: Floats, ratio: float) -> Alignment:
        unit = 1000 / FRAMES_A_SECOND
        offsets = [float(np.mean(_without_outliers(shifts[group]))) for group in groups]
        begins, ends = [0.0], []
        for index in range(1, len(groups)):
            low = float(self._middles[groups[index - 1][-1]])
            high = float(self._middles[groups[index][0]])
            end, begin = self._break(low, high, offsets[index - 1], offsets[index], ratio)
            ends.append(end)
            begins.append(begin)
        ends.append(float(len(self._first)))
        stretches = tuple(
            Stretch(round(begin * unit), round(end * unit), offset * unit)
            for begin, end, offset in zip(begins, ends, offsets, strict=True)
        )
        longest = max(range(len(groups)), key=lambda index: len(groups[index]))
        return Alignment(offsets[longest] * unit, ratio, stretches)

    def _break(self, low: float, high: float, before: float, after: float, ratio: float) -> tuple[float, float]:
        """Where one stretch ends and the next begins, somewhere from `low` to `high` or half a piece beyond: the split at which
        what is heard fits best. What the second recording lacks lies between the two."""
        half = self._size // 2
        frames = np.arange(max(0, int(low) - half), min(len(self._first), int(high) + half))
        fits = []
        for shift in (before, after):
            there = _at(self._second, ratio * frames + shift)
            fits.append(np.cumsum((self._first[frames] * there).sum(axis=1)))
        lacking = min(max(0, round((before - after) / ratio)), len(frames) - 1)
        taken = fits[0][: len(frames) - lacking] + fits[1][-1] - fits[1][lacking:]
        at = int(np.argmax(taken))
        return float(frames[at]), float(frames[at + lacking])


# --- likeness ---------------------------------------------------------------------------------------------------------


class _Searched:
    """A curve in which pieces are looked for; `before` is how far ahead of its begin a piece may lie."""

    def __init__(self, curve: Curve, longest: int) -> None:
        self.before = longest
        self._count = len(curve) + longest
        self._width = _fast_length(len(curve) + 2 * longest)
        padded = np.zeros((self._width, curve.shape[1]), np.float32)
        padded[longest : longest + len(curve)] = curve
        self._spectrum = np.fft.rfft(padded, axis=0)
        self._energy = np.concatenate([[0.0], np.cumsum((padded.astype(np.float64) ** 2).sum(axis=1))])

    def likeness(self, piece: Curve) -> Floats:
        """The correlation, -1 to 1, of `piece` with the curve from each frame on; frame `before` is the curve's first."""
        product = (self._spectrum * np.conj(np.fft.rfft(piece, self._width, axis=0))).sum(axis=1)
        raw = np.fft.irfft(product, self._width)[: self._count]
        ends = np.minimum(np.arange(self._count) + len(piece), self._width)
        own = float((piece * piece).sum())
        there = np.maximum(self._energy[ends] - self._energy[: self._count], own * 0.25)
        return np.asarray(raw / np.sqrt(max(own, 1e-9) * np.maximum(there, 1e-9)))


def _stretched(piece: Curve, speed: float) -> Curve:
    """The piece as it would be where time goes by `speed` times as far."""
    count = round(len(piece) * speed)
    return _at(piece, np.arange(count) / speed)


def _at(curve: Curve, places: Floats) -> Curve:
    """The curve between its frames; zero outside."""
    frames = np.arange(len(curve))
    voices = [np.interp(places, frames, voice, left=0, right=0) for voice in curve.T]
    return np.stack(voices, axis=1).astype(np.float32)


def _peaks(likeness: Floats) -> list[int]:
    """Frames of the PEAKS highest values that are not beside one another."""
    left = likeness.copy()
    found = []
    for _ in range(PEAKS):
        top = int(np.argmax(left))
        found.append(top)
        left[max(0, top - 10) : top + 11] = -1
    return found


def _vertex(values: Floats, top: int) -> float:
    """How far from `top` the vertex of the parabola through it and its neighbours lies, -0.5 to 0.5."""
    if not 0 < top < len(values) - 1:
        return 0.0
    low, middle, high = values[top - 1 : top + 2]
    bend = low - 2 * middle + high
    return float(np.clip(0.5 * (low - high) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _line(here: Floats, there: Floats) -> tuple[float, float]:
    """Slope and offset of the line through points, of the half that lie nearest to it."""
    slope, offset = np.polyfit(here, there, 1)
    away = np.abs(there - offset - slope * here)
    keep = away <= max(np.median(away) * 3, 0.3)
    if keep.sum() >= 2:
        slope, offset = np.polyfit(here[keep], there[keep], 1)
    return float(slope), float(offset)


def _without_outliers(values: Floats) -> Floats:
    away = np.abs(values - np.median(values))
    near: Floats = values[away <= max(float(np.median(away)) * 3, 0.3)]
    return near


def _loudness(curve: Curve) -> float:
    return float(np.mean(curve.astype(np.float64) ** 2)) if len(curve) else 0.0


def _spread(last: int, count: int) -> Indexes:
    """`count` frames from 0 to `last`, evenly."""
    return np.unique(np.linspace(0, max(last, 0), count).astype(int))


def _fast_length(least: int) -> int:
    """The next length whose only factors are 2, 3 and 5, which transforms quickly."""
    best = 1 << (least - 1).bit_length()
    for three in (1, 3, 9):
        for five in (1, 5, 25):
            base = three * five
            length = base << max(0, (-(-least // base) - 1).bit_length())
            if least <= length < best:
                best = length
    return best
