"""Which feature is where in the embedding."""

from __future__ import annotations

MFCC = 19
"""Cepstral coefficients 1 to 19; the 0th is loudness and is left out."""
TEXTURE_BANDS = 6
RHYTHM_BANDS = 3
SCALES = 8
LAGS = 16


def _slices() -> dict[str, slice]:
    sizes = {
        "timbre": 3 * MFCC + 2 * TEXTURE_BANDS + 2,
        "rhythm": RHYTHM_BANDS * SCALES + LAGS + 3,
        "harmony": 6 + 6 + 6 + 3,
        "level": 6,
    }
    found, at = {}, 0
    for name, size in sizes.items():
        found[name] = slice(at, at + size)
        at += size
    return found


SLICES = _slices()
"""The groups of features by name, in order: `timbre` (means and deviations of cepstral coefficients and of their steps,
flatness of six bands, centroid), `rhythm` (how rises of three bands repeat, whatever the tempo; how all of them repeat by
distance; onsets), `harmony` (how notes lie to one another, whatever the key) and `level` (how loudness moves)."""
SIZE = SLICES["level"].stop
