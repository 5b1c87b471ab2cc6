"""Whether the beat keeps one tempo from end to end: then beats lie on a line, found from the whole sound at once.

At the right rate the Fourier transform of the whole envelope adds up; at any other, and where the tempo moves, its windows
turn against each other. The rate is read from the beat's and its harmonics' common peak (to a few thousandths of a per cent
in a song), and how well the windows agree says whether there is a line at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from segue.analysis.tempo.onsets import RATE

_ABOUT = 0.03
_HARMONICS = (1, 2, 3, 4)
_WINDOW_S = 5.0
_TOUCH = 0.004
_LONGEST_S = 3600.0
AGREE = 0.9
"""From this agreement of the windows on there is a line …"""
NEARLY, STILL = 0.82, 0.025
"""… or from this, where rhythms change but the tempo of no window is further than that share from another's."""
_FOLDS = 64
_TRIM = 0.08
_STRONG = 0.2
_CURVE_BEATS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """Beats at `start` + k `period`, in steps of the envelope. `agree`, 0 to 1: how far all windows keep to it."""

    start: float
    period: float
    agree: float


def line_of(force: NDArray[np.float32], bpm: float) -> Line:
    """The line nearest to a tempo, whether or not the beat keeps to it; its `start` is where most onsets lie."""
    count = len(force)
    if count > _LONGEST_S * RATE:
        return Line(0.0, at_rate(bpm), 0.0)
    centred = force - force.mean()
    size = scipy.fft.next_fast_len(2 * count, real=True)
    spectrum = np.abs(scipy.fft.rfft(centred, size))
    middle = size / at_rate(bpm)
    rates = np.arange(middle * (1 - _ABOUT), middle * (1 + _ABOUT), 0.2)
    bins = np.arange(len(spectrum))
    heights = sum(np.square(np.interp(rates * times, bins, spectrum, right=0)) for times in _HARMONICS)
    period = _exact(centred, size / float(rates[int(np.argmax(heights))]))
    return Line(_start(force, period), period, _agreement(_waves(centred, period)))


def _waves(centred: NDArray[np.float32], period: float) -> NDArray[np.complex128]:
    """(harmonics, windows) of some seconds each, all told against one clock."""
    count = len(centred)
    windows = max(1, int(count / (_WINDOW_S * RATE)))
    edges = np.linspace(0, count, windows + 1).astype(np.int64)[:-1]
    turn = (np.arange(count) / period) % 1.0
    wave = np.exp(-2j * np.pi * turn)
    found, power = [], wave
    for _ in _HARMONICS:
        found.append(np.add.reduceat(centred * power, edges))
        power = power * wave
    return np.array(found)


def _exact(centred: NDArray[np.float32], period: float) -> float:
    """The period at which the windows of the strongest harmonic do not turn against each other any more."""
    waves = _waves(centred, period)
    if waves.shape[1] < 3:
        return period
    times = int(np.abs(waves).sum(axis=1).argmax())
    angles = np.unwrap(np.angle(waves[times]))
    slope = float(np.polyfit(np.arange(len(angles)), angles, 1, w=np.abs(waves[times]) + 1e-6)[0])
    turns = slope / (2 * np.pi) / _HARMONICS[times] / (len(centred) / waves.shape[1])
    better = 1 / (1 / period + turns)
    return better if abs(better / period - 1) < _TOUCH else period


def _agreement(waves: NDArray[np.complex128]) -> float:
    """How long the sum of all windows' waves is, by the sum of their lengths."""
    together = float(np.square(np.abs(waves.sum(axis=1))).sum())
    apart = float(np.square(np.abs(waves).sum(axis=1)).sum())
    return float(np.sqrt(together / apart)) if apart > 0 else 0.0


def _start(force: NDArray[np.float32], period: float) -> float:
    place = (np.arange(len(force)) % period) * (_FOLDS / period)
    low = place.astype(np.int64)
    part = place - low
    fold = np.bincount(low % _FOLDS, force * (1 - part), _FOLDS) + np.bincount((low + 1) % _FOLDS, force * part, _FOLDS)
    shape = np.array([0.25, 0.5, 0.25])
    smooth = np.convolve(np.concatenate((fold[-1:], fold, fold[:1])), shape, mode="valid")
    top = int(smooth.argmax())
    before, here, after = smooth[top - 1], smooth[top], smooth[(top + 1) % _FOLDS]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float((top + shift) % _FOLDS * period / _FOLDS)


def beats_on(line: Line, count: int) -> NDArray[np.float64]:
    """All of a line's beats inside `count` steps."""
    return np.arange(line.start % line.period, count - 1, line.period)


def moved(force: NDArray[np.float32], beats: NDArray[np.float64], place: float) -> NDArray[np.float64]:
    """Beats a share of a period later, each at the strongest moment about there."""
    if place == 0.0 or len(beats) < 2:
        return beats
    period = np.diff(beats, append=2 * beats[-1] - beats[-2])
    later = np.concatenate(([beats[0] - (1 - place) * period[0]], beats + place * period))
    later = later[(later >= 2) & (later < len(force) - 3)]
    at = later.round().astype(np.int64)
    around = np.array([force[at + shift] for shift in (-2, -1, 0, 1, 2)])
    best = around.argmax(axis=0) - 2
    return np.asarray(np.where(around.max(axis=0) > 0.5, at + best, later), np.float64)


def without_ends(force: NDArray[np.float32], beats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Beats before the first and after the last that are heard at all are left out."""
    if len(beats) < 3:
        return beats
    at = np.clip(beats.round().astype(np.int64), 2, max(2, len(force) - 3))
    heights = np.max([force[at + shift] for shift in (-2, -1, 0, 1, 2)], axis=0)
    smooth = np.convolve(heights, np.hanning(5)[1:-1] / 2, mode="same")
    heard = np.flatnonzero(smooth > _TRIM * np.sqrt(np.mean(np.square(smooth))))
    return beats[heard[0] : heard[-1] + 1] if len(heard) else beats[:0]


def steadiness(beats: NDArray[np.float64], agree: float, fit: float) -> float:
    """0 to 1: how strong the pulse is (`fit`, the salience of the best tempo, full from `_STRONG` on), whether all of the
    sound keeps to one line (`agree`), and how evenly one beat follows the other."""
    if len(beats) < 3:
        return 0.0
    steps = np.diff(beats)
    jumps = float(np.median(np.abs(np.diff(steps)))) / float(np.median(steps))
    return float(np.sqrt(min(1.0, fit / _STRONG)) * min(1.0, agree) * np.exp(-4 * jumps))


def curve_of(times: NDArray[np.float64]) -> tuple[tuple[int, float], ...]:
    """(ms, BPM) of every four beats, each over eight: where the tempo moves."""
    found = []
    half = _CURVE_BEATS // 2
    for middle in range(0, len(times), half):
        first, last = max(0, middle - half), min(len(times) - 1, middle + half)
        if last > first and times[last] > times[first]:
            bpm = 60_000 * (last - first) / float(times[last] - times[first])
            found.append((round(float(times[middle])), round(bpm, 2)))
    return tuple(found)


def at_rate(bpm: float) -> float:
    """A tempo's period in steps of the envelope."""
    return 60 * RATE / bpm
