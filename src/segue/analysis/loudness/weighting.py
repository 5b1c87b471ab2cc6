"""K-weighting at any sample rate, and how much each channel counts.

BS.1770-4 gives two biquads at 48 kHz only: a shelf for the head and a high-pass. Other rates need the same analogue curves
taken to the digital side again; their parameters are those that bring the published coefficients back at 48 kHz (as in
libebur128, after Raiden's derivation).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

SHELF_HZ, SHELF_DB, SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
SHELF_SLOPE = 0.4996667741545416
HIGHEST_SHELF = 0.4
"""Of the sample rate."""
HIGH_PASS_HZ, HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773

SURROUND = 1.41
"""BS.1770-4, table 3: channels between 60 and 120 degrees to the side count with + 1.5 dB."""
TO_THE_SIDE = frozenset({"SL", "SR", "WL", "WR", "SDL", "SDR"})
BEHIND = frozenset({"BL", "BR"})
NOT_HEARD = frozenset({"LFE", "LFE2"})

CHANNELS = {
    "mono": "FC",
    "stereo": "FL FR",
    "downmix": "DL DR",
    "2.1": "FL FR LFE",
    "3.0": "FL FR FC",
    "3.0(back)": "FL FR BC",
    "3.1": "FL FR FC LFE",
    "4.0": "FL FR FC BC",
    "4.1": "FL FR FC LFE BC",
    "quad": "FL FR BL BR",
    "quad(side)": "FL FR SL SR",
    "5.0": "FL FR FC BL BR",
    "5.0(side)": "FL FR FC SL SR",
    "5.1": "FL FR FC LFE BL BR",
    "5.1(side)": "FL FR FC LFE SL SR",
    "6.0": "FL FR FC BC SL SR",
    "6.0(front)": "FL FR FLC FRC SL SR",
    "hexagonal": "FL FR FC BL BR BC",
    "6.1": "FL FR FC LFE BC SL SR",
    "6.1(back)": "FL FR FC LFE BL BR BC",
    "6.1(front)": "FL FR LFE FLC FRC SL SR",
    "7.0": "FL FR FC BL BR SL SR",
    "7.0(front)": "FL FR FC FLC FRC SL SR",
    "7.1": "FL FR FC LFE BL BR SL SR",
    "7.1(wide)": "FL FR FC LFE BL BR FLC FRC",
    "7.1(wide-side)": "FL FR FC LFE FLC FRC SL SR",
    "octagonal": "FL FR FC BL BR BC SL SR",
}
"""FFmpeg's names of the orders of channels, and what is in them."""
USUAL = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


def channel_weights(layout: str, channels: int) -> tuple[float, ...]:
    """How much each channel's power counts: 1 in front, 1.41 at the sides, 0 for the LFE.

    The back pair counts as surround where it is the only pair (5.1: ± 110 degrees), and as 1 where there is a side pair
    before it (7.1: ± 135 degrees, BS.1770-4, annex 3). An unknown layout is taken for the usual one of so many channels;
    with no usual one, all count as 1.
    """
    names = CHANNELS.get(layout, "").split()
    if len(names) != channels:
        names = CHANNELS.get(USUAL.get(channels, ""), "").split()
    if len(names) != channels:
        return (1.0,) * channels
    behind = () if TO_THE_SIDE & set(names) else BEHIND
    return tuple(
        0.0 if name in NOT_HEARD else SURROUND if name in TO_THE_SIDE or name in behind else 1.0 for name in names
    )


def k_weighting(rate: int) -> NDArray[np.float64]:
    """Both biquads as second-order sections for `scipy.signal.sosfilt`, shape (2, 6).

    Under 8 kHz, where the shelf would not find room below half the rate, it begins as far up as it can.
    """
    k = math.tan(math.pi * min(SHELF_HZ / rate, HIGHEST_SHELF))
    high = 10 ** (SHELF_DB / 20)
    bend = high**SHELF_SLOPE
    a0 = 1 + k / SHELF_Q + k * k
    shelf = [
        (high + bend * k / SHELF_Q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - bend * k / SHELF_Q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / SHELF_Q + k * k) / a0,
    ]
    k = math.tan(math.pi * HIGH_PASS_HZ / rate)
    a0 = 1 + k / HIGH_PASS_Q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / HIGH_PASS_Q + k * k) / a0]
    return np.array([shelf, high_pass])


class KWeighting:
    """Filters blocks that follow each other. Its own state is all that it keeps."""

    def __init__(self, rate: int, channels: int) -> None:
        self._sections = k_weighting(rate)
        self._state = np.zeros((2, channels, 2))

    def of(self, samples: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """The weighted samples, float64; None where they are nothing but zeros before and after."""
        if not self._state.any() and not samples.any():
            return None
        weighted, self._state = sosfilt(self._sections, samples, axis=1, zi=self._state)
        self._state[np.abs(self._state) < DIES_AWAY] = 0.0
        weighted_block: NDArray[np.float64] = weighted
        return weighted_block


DIES_AWAY = 1e-30
"""A state this small is 600 dB under full scale: kept, it would end in denormal numbers, which are slow."""
