"""The same waveform with longer pixels: the least minimum, the greatest maximum, the strongest of each band.

Made coarser twice it is what it is made coarser once by both factors together, to the byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from segue.analysis.records import Waveform

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BANDS = 3


def length(waveform: Waveform) -> int:
    """How many pixels it has."""
    return len(waveform.peaks) // 2


def coarser(waveform: Waveform, factor: int) -> Waveform:
    """`factor` pixels become one; the last may stand for fewer. Raises ValueError for a factor below 1."""
    if factor < 1:
        raise ValueError("a waveform is not made finer")
    if factor == 1 or not waveform.peaks:
        return Waveform(waveform.sample_rate, waveform.samples_per_pixel * factor, waveform.peaks, waveform.bands)
    import numpy as np

    pairs = np.frombuffer(waveform.peaks, dtype=np.int8).reshape(-1, 2)
    bands = np.frombuffer(waveform.bands, dtype=np.uint8).reshape(-1, BANDS)
    peaks, strengths = joined(pairs, bands, factor)
    return Waveform(waveform.sample_rate, waveform.samples_per_pixel * factor, peaks.tobytes(), strengths.tobytes())


def joined(
    pairs: NDArray[np.int8], bands: NDArray[np.uint8], factor: int
) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    """Pairs (n, 2) and bands (n, 3) with every `factor` of them made one."""
    import numpy as np

    starts = np.arange(0, len(pairs), factor)
    wide = np.empty((len(starts), 2), dtype=np.int8)
    np.minimum.reduceat(pairs[:, 0], starts, out=wide[:, 0])
    np.maximum.reduceat(pairs[:, 1], starts, out=wide[:, 1])
    strengths = np.maximum.reduceat(bands, starts[starts < len(bands)], axis=0) if len(bands) else bands
    return wide, strengths


def zoomed(waveform: Waveform, samples_per_pixel: int) -> Waveform:
    """With pixels of `samples_per_pixel` or the nearest longer ones there are: whole multiples of its own."""
    return coarser(waveform, max(1, -(-samples_per_pixel // waveform.samples_per_pixel)))


def overview(waveform: Waveform, points: int) -> list[float]:
    """The whole track as `points` heights from 0 to 1 (fewer where it has fewer pixels), for a scrubber."""
    pixels = length(waveform)
    if not pixels or points < 1:
        return []
    import numpy as np

    pairs = np.frombuffer(waveform.peaks, dtype=np.int8).reshape(-1, 2).astype(np.int16)
    heights = np.minimum(np.abs(pairs).max(axis=1), 127)
    starts = np.unique(np.arange(min(points, pixels)) * pixels // min(points, pixels))
    return [round(float(height) / 127, 3) for height in np.maximum.reduceat(heights, starts)]
