"""The scores of all pairs of a pool at once: what `transition.plan` would say of each, as a matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segue.analysis.mixing import scoring, tempo
from segue.analysis.mixing.cues import Beats, points
from segue.analysis.mixing.keys import IN_TUNE_CENTS, fit
from segue.analysis.mixing.records import Key, Manner, Mixable

Scores = NDArray[np.float64]
NO_KEY = 24


def pair_scores(tracks: Sequence[Mixable], manner: Manner) -> Scores:
    """Scores from 0 to 1, shape (n, n): of going from the track of the row to that of the column."""
    rate, tempos = _tempos(tracks, manner)
    with_beats = np.array([bool(Beats(track)) for track in tracks])
    rate = np.where(with_beats[:, np.newaxis] & with_beats[np.newaxis, :], rate, 1.0)
    return np.asarray(
        _keys(tracks, rate, manner) ** scoring.KEY
        * tempos**scoring.TEMPO
        * _energies(tracks) ** scoring.ENERGY
        * _rooms(tracks) ** scoring.ROOM
    )


def _tempos(tracks: Sequence[Mixable], manner: Manner) -> tuple[Scores, Scores]:
    """The rate of each second track, and what its tempo is worth."""
    bpm = np.array([track.bpm or np.nan for track in tracks])
    ratio = bpm[:, np.newaxis] / bpm[np.newaxis, :]
    rate, score = np.ones_like(ratio), np.where(np.isnan(ratio), tempo.UNKNOWN, tempo.APART)
    for factor, left in tempo.factors(manner):
        off = np.abs(ratio * factor - 1)
        near = off / max(manner.pitch_limit, 1e-6)
        worth = left * np.maximum(0.0, 1 - (1 - tempo.AT_LIMIT) * np.minimum(1.0, near) ** 2)
        better = (off <= manner.pitch_limit + 1e-9) & (worth > score)
        rate, score = np.where(better, ratio * factor, rate), np.where(better, worth, score)
    return rate, score


def _keys(tracks: Sequence[Mixable], rate: Scores, manner: Manner) -> Scores:
    locked = Manner(manner.profile, manner.pitch_limit)
    every = [Key(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]  # type: ignore[arg-type]
    table = np.array([[fit(first, second, 1.0, locked).score for second in (*every, None)] for first in (*every, None)])
    numbers = np.array([NO_KEY if track.key is None else every.index(track.key) for track in tracks])
    first, second = np.broadcast_arrays(numbers[:, np.newaxis], numbers[np.newaxis, :])
    if manner.key_lock:
        return np.asarray(table[first, second])
    semitones = 12 * np.log2(rate)
    whole = np.rint(semitones)
    moved = (second % 12 + whole.astype(np.int64)) % 12 + second // 12 * 12
    cents = np.minimum(np.abs(100 * (semitones - whole)), 50)
    in_tune = 1 - np.maximum(0.0, cents - IN_TUNE_CENTS) / (50 - IN_TUNE_CENTS) * 2 / 3
    unknown = (first == NO_KEY) | (second == NO_KEY)
    return np.asarray(np.where(unknown, table[first, second], table[first, np.where(unknown, 0, moved)] * in_tune))


def _energies(tracks: Sequence[Mixable]) -> Scores:
    energy = np.array([np.nan if track.energy is None else track.energy for track in tracks])
    step = np.abs(energy[:, np.newaxis] - energy[np.newaxis, :])
    worth = np.maximum(scoring.WORST, 1 - step / scoring.ENERGY_STEP * (1 - scoring.WORST))
    return np.where(np.isnan(step), scoring.ENERGY_UNKNOWN, worth)


def _rooms(tracks: Sequence[Mixable]) -> Scores:
    found = [points(track) for track in tracks]
    out = np.array([each.beats_out for each in found])
    into = np.array([each.beats_in for each in found])
    share = np.minimum(np.minimum(out[:, np.newaxis], into[np.newaxis, :]), scoring.ROOM_BEATS) / scoring.ROOM_BEATS
    return np.asarray(scoring.LEAST_ROOM + (1 - scoring.LEAST_ROOM) * np.maximum(0.0, share))
