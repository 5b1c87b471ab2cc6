"""What speaks for each of the 24 keys in what was heard of the pitch classes.

Four kinds of evidence: how well the notes fit the published profiles; which chords sound, by their degrees in the key (a piece
in A minor has E major where one in C major has G); how chords follow one another (dominant to tonic); and what sounds at the
beginning, at the end and in the bass. Turned by a number of semitones, the evidence is the same for the turned key.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.analysis.key.pitches import FRAMES_A_SECOND
from segue.analysis.key.profiles import ALBRECHT, BGATE, TEMPERLEY, of_all_keys

Floats = NDArray[np.float64]

QUIET = 0.1
"""Frames under this share of the mean strength are no music, at the ends and within."""
SHARPNESS = 12.0
"""How sure a fit of a triad makes that it sounds."""
FOLLOWS = round(0.75 * FRAMES_A_SECOND)
"""Frames after which another chord is looked for."""
ENDS = int(2.5 * FRAMES_A_SECOND)
"""Frames that count as beginning and as end."""

FITS = ("temperley", "bgate", "temperley_even", "albrecht_even")
CHORDS = ("dominant", "subdominant", "subtonic", "first_chord", "last_chord")
BASS = ("bass", "bass_fifth", "first_bass", "last_bass")
NAMES = (*FITS, "minor", *CHORDS, *BASS)
SIZE = len(NAMES) + 48
"""The named ones, then the chords by degree: 24 that count in major keys, 24 that count in minor ones, each the major triads from
the tonic up, then the minor ones."""

_TEMPERLEY, _BGATE, _ALBRECHT = (of_all_keys(profile) for profile in (TEMPERLEY, BGATE, ALBRECHT))
_TRIADS = of_all_keys(
    ((1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0), (1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0)),
)
_FROM = (np.arange(12)[:, None] + np.arange(12)) % 12
"""[tonic, degree] to pitch class."""


def music(heard: NDArray[np.float16]) -> NDArray[np.float32]:
    """(frames, 2, 12) without the quiet ends, every frame as strong as the next; what is quiet in between is 0."""
    strength = heard[:, 0].sum(axis=1, dtype=np.float32)
    loud = strength > QUIET * strength.mean() if len(strength) else np.zeros(0, bool)
    if not loud.any():
        return heard[:0].astype(np.float32)
    ends = np.flatnonzero(loud)
    kept = slice(int(ends[0]), int(ends[-1]) + 1)
    even = np.where(loud, 1 / np.maximum(strength, 1e-12), 0).astype(np.float32)
    return heard[kept] * even[kept, None, None]


def fits(chroma: NDArray[np.floating]) -> Floats:
    """(n, 24): the correlation of each chroma vector with the profile of each key (Kostka-Payne corpus)."""
    return _centred(np.asarray(chroma, np.float64)) @ _TEMPERLEY.T


def of_keys(even: NDArray[np.float32]) -> Floats:
    """(24, 62): the evidence for each key, C major to B major, then C minor to B minor, from what `music` gives."""
    chroma, bass = even[:, 0].astype(np.float64), even[:, 1].astype(np.float64)
    total = chroma.sum(axis=0)
    chords, weight = _chords(chroma)
    often = (chords * weight[:, None]).sum(axis=0)
    root = np.sqrt(total)
    minor = np.repeat([0.0, 1.0], 12)
    named = [
        _TEMPERLEY @ _centred(total), _BGATE @ _centred(total), _TEMPERLEY @ _centred(root), _ALBRECHT @ _centred(root),
        minor,
        np.concatenate([_follow(chords, weight, 7, 0, quality) for quality in (0, 1)]),
        np.concatenate([_follow(chords, weight, 5, quality, quality) for quality in (0, 1)]),
        np.concatenate([_follow(chords, weight, 10, 0, quality) for quality in (0, 1)]),
        _weighed(chords[:ENDS], weight[:ENDS]), _weighed(chords[-ENDS:], weight[-ENDS:]),
        _share(bass.sum(axis=0), 0), _share(bass.sum(axis=0), 7),
        _share(bass[:ENDS].sum(axis=0), 0), _share(bass[-ENDS:].sum(axis=0), 0),
    ]  # fmt: skip
    degrees = np.concatenate([often[:12][_FROM], often[12:][_FROM]], axis=1)
    nothing = np.zeros_like(degrees)
    by_mode = np.block([[degrees, nothing], [nothing, degrees]])
    return np.concatenate([np.array(named).T, by_mode], axis=1)


def _chords(chroma: Floats) -> tuple[Floats, Floats]:
    """(n, 24) how sure each triad is in every frame, and (n,) how much each frame counts, together 1."""
    around = np.pad(chroma, ((1, 1), (0, 0)))
    smooth = (around[:-2] + around[1:-1] + around[2:]) / 3
    sure = np.exp(SHARPNESS * (_centred(smooth) @ _TRIADS.T))
    weight = smooth.sum(axis=1)
    return np.asarray(sure / sure.sum(axis=1, keepdims=True)), weight / max(float(weight.sum()), 1e-12)


def _follow(chords: Floats, weight: Floats, degree: int, quality: int, then: int) -> Floats:
    """(12,): for each tonic how much the chord on that degree is followed by the tonic's."""
    if len(chords) <= FOLLOWS:
        return np.zeros(12)
    first = np.roll(chords[:, 12 * quality : 12 * quality + 12], -degree, axis=1)[:-FOLLOWS]
    second = chords[:, 12 * then : 12 * then + 12][FOLLOWS:]
    return np.asarray((first * second * weight[FOLLOWS:, None]).sum(axis=0))


def _weighed(chords: Floats, weight: Floats) -> Floats:
    return np.asarray((chords * weight[:, None]).sum(axis=0) / max(float(weight.sum()), 1e-12))


def _share(strength: Floats, degree: int) -> Floats:
    """(24,): the share that the pitch class on a degree of each key has."""
    shares = strength[(np.arange(12) + degree) % 12] / max(float(strength.sum()), 1e-12)
    return np.concatenate([shares, shares])


def _centred(chroma: Floats) -> Floats:
    apart = chroma - chroma.mean(axis=-1, keepdims=True)
    return np.asarray(apart / (np.linalg.norm(apart, axis=-1, keepdims=True) + 1e-12))
