"""What was heard of the sound of a piece, before it is put to use. Nothing here needs numpy."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1
"""Of the embedding: what has another one is not compared."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """The embedding (raw features, see `layout.SLICES`) and the figures that energy and danceability rest on."""

    embedding: tuple[float, ...]
    onsets_a_second: float
    """Sudden rises of the whole spectrum."""
    flux: float
    """Mean rise in dB a frame over all bands, each for its share of what sounds."""
    low_flux: float
    """The same under 270 Hz, for its share of what sounds."""
    centroid_octaves: float
    """Where the middle of the spectrum is, in octaves over 100 Hz."""
    low_regularity: float
    """0 to 1: how much the rises under 270 Hz repeat at their own best distance between 0.3 and 1 s."""
    version: int = VERSION
