"""What is silent, with hysteresis: sound begins above -60 dBFS and has ended once it stays under -66 dBFS."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.analysis.shape.levels import FRAMES_A_SECOND, Levels

BEGINS_DB, ENDS_DB = -60.0, -66.0
SHORTEST_SILENCE_S = 2.0
FRAME_MS = 1000 // FRAMES_A_SECOND


def sounding(levels: Levels) -> NDArray[np.int64]:
    """Stretches of sound as (first frame, frame after the last), shape (n, 2): at no frame under -66 dBFS, and at least at
    one above -60 dBFS."""
    heard = np.pad((levels >= ENDS_DB).view(np.int8), 1)
    edges = np.flatnonzero(np.diff(heard))
    stretches = edges.reshape(-1, 2)
    if not len(stretches):
        return stretches
    loud = np.append(levels >= BEGINS_DB, False)
    return np.asarray(stretches[np.logical_or.reduceat(loud, stretches.ravel())[::2]])


def silences(stretches: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    """Between these stretches of sound, in ms: what lasts two seconds or longer."""
    gaps = zip(stretches[:-1, 1], stretches[1:, 0], strict=True)
    return tuple(
        (int(start) * FRAME_MS, int(end) * FRAME_MS)
        for start, end in gaps
        if end - start >= SHORTEST_SILENCE_S * FRAMES_A_SECOND
    )
