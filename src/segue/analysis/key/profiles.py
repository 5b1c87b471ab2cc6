"""How often each degree of the scale sounds in a major and in a minor piece, as published; index 0 is the tonic.

`BGATE` are the profiles for electronic music of Á. Faraldo and others ("A Multi-Profile Method for Key Estimation in EDM",
2017); `TEMPERLEY` the counts of the Kostka-Payne corpus (D. Temperley, "Music and Probability", 2007); `ALBRECHT` those of
J. Albrecht and D. Shanahan ("The Use of Large Corpora to Train a New Type of Key-Finding Algorithm", 2013); `KRUMHANSL` the
probe-tone ratings of C. Krumhansl and E. Kessler (1982); `SHAATH` I. Sha'ath's for KeyFinder (2011).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Profile = tuple[tuple[float, ...], tuple[float, ...]]

BGATE: Profile = (
    (1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30),
    (1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23),
)
TEMPERLEY: Profile = (
    (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
)
ALBRECHT: Profile = (
    (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
)
KRUMHANSL: Profile = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
SHAATH: Profile = (
    (6.6, 2.0, 3.5, 2.3, 4.6, 4.0, 2.5, 5.2, 2.4, 3.7, 2.3, 3.4),
    (6.5, 2.7, 3.5, 5.4, 2.6, 3.5, 2.5, 5.2, 4.0, 2.7, 4.3, 3.2),
)


def of_all_keys(profile: Profile) -> NDArray[np.float64]:
    """(24, 12): the profile of each key over the pitch classes, C major to B major, then C minor to B minor; every row has
    the mean 0 and the length 1, so that a product with a chroma vector treated alike is their correlation."""
    rows = np.array([np.roll(mode, tonic) for mode in profile for tonic in range(12)], dtype=np.float64)
    rows -= rows.mean(axis=1, keepdims=True)
    found: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found
