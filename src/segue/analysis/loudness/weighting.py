"""K-weighting at any sample rate, and how much each channel counts.

BS.1770-4 gives two biquads at 48 kHz only: a shelf for the head and a high-pass. Other rates need the same analogue curves
taken to the digital side again; their parameters are those that bring the published coefficients back at 48 kHz (as in
libebur128, after Raiden's derivation).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

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
    """Both biquads as second-order sections (b0, b1, b2, a0, a1, a2), shape (2, 6).

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
    """Filters blocks that follow each other. Its own state is all that it keeps.

    Both biquads are one linear system with four states. What it makes of CELL samples, and what these leave in the states, is a
    product with a fixed matrix; the states at the beginnings of cells follow from one another in the same way, GROUP cells at a
    time. So no loop runs over samples, and it takes 0.6 times as long as `scipy.signal.sosfilt`, whose import alone takes half a
    second and 50 MB.
    """

    def __init__(self, rate: int, channels: int) -> None:
        kind = np.float32 if rate <= HIGHEST_SINGLE_RATE else np.float64
        self._step, self._given, self._read, self._through = _system(k_weighting(rate))
        powers = [np.linalg.matrix_power(self._step, number) for number in range(CELL + 1)]
        answer = [self._through, *(self._read @ power @ self._given for power in powers[: CELL - 1])]
        later = np.subtract.outer(-np.arange(CELL), -np.arange(CELL))
        direct = np.where(later >= 0, np.array(answer)[np.maximum(later, 0)], 0.0)
        left = np.stack([power @ self._given for power in reversed(powers[:CELL])])
        self._cell = np.concatenate([direct, left], axis=1).astype(kind)
        """(CELL, CELL + 4): from samples to what comes out, and to what is left in the states."""
        self._from_states = np.stack([self._read @ power for power in powers[:CELL]], axis=1).astype(kind)
        self._over_cells = [np.linalg.matrix_power(powers[CELL], number).T for number in range(GROUP + 1)]
        self._over_group = np.concatenate(self._over_cells[:GROUP], axis=1)
        self._states = np.zeros((channels, 4))

    def of(self, samples: NDArray[np.float32]) -> NDArray[np.floating] | None:
        """The weighted samples; None where they are nothing but zeros before and after."""
        if not self._states.any() and not samples.any():
            return None
        channels, length = samples.shape
        cells = length // CELL
        whole = cells * CELL
        weighted = np.empty(samples.shape, self._cell.dtype)
        found = np.empty((channels, cells, CELL + 4), self._cell.dtype)
        for channel, given in enumerate(samples):
            np.matmul(given[:whole].reshape(cells, CELL), self._cell, out=found[channel])
        begins = self._scan(found[:, :, CELL:])
        for channel in range(channels):
            inner = weighted[channel, :whole].reshape(cells, CELL)
            np.matmul(begins[channel], self._from_states, out=inner)
            inner += found[channel, :, :CELL]
        for place in range(whole, length):
            weighted[:, place] = self._states @ self._read + self._through * samples[:, place]
            self._states = self._states @ self._step.T + samples[:, place, None] * self._given
        self._states[np.abs(self._states) < DIES_AWAY] = 0.0
        return weighted

    def _scan(self, left: NDArray[np.floating]) -> NDArray[np.floating]:
        """The states at the beginning of every cell (channels, cells, 4), from what each leaves; keeps those at the end."""
        channels, cells, _ = left.shape
        groups = -(-cells // GROUP)
        given = np.zeros((channels, groups * GROUP, 4))
        given[:, :cells] = left
        given = np.ascontiguousarray(given.reshape(channels * groups, GROUP, 4).transpose(1, 0, 2))
        inside = np.zeros((GROUP + 1, channels * groups, 4))
        for cell in range(GROUP):
            np.matmul(inside[cell], self._over_cells[1], out=inside[cell + 1])
            inside[cell + 1] += given[cell]
        ends = inside.reshape(GROUP + 1, channels, groups, 4)
        first = np.empty((channels, groups, 4))
        for group in range(groups):
            first[:, group] = self._states
            here = min(GROUP, cells - group * GROUP)
            self._states = self._states @ self._over_cells[here] + ends[here, :, group]
        begins = (first.reshape(-1, 4) @ self._over_group).reshape(-1, GROUP, 4)
        begins += inside[:GROUP].transpose(1, 0, 2)
        narrowed: NDArray[np.floating] = begins.reshape(channels, -1, 4)[:, :cells].astype(self._cell.dtype)
        return narrowed


CELL, GROUP = 32, 96
HIGHEST_SINGLE_RATE = 100_000
"""Up to here single precision leaves an error of 80 dB under the signal; above it the high-pass is too close to 0 Hz."""
DIES_AWAY = 1e-30
"""A state this small is 600 dB under full scale: kept, it would end in denormal numbers, which are slow."""


def _system(
    sections: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    """The sections in a row as one system: s' = step · s + given · x, y = read · s + through · x."""

    def once(states: NDArray[np.float64], sample: float) -> tuple[NDArray[np.float64], float]:
        after = np.zeros(4)
        for number, (b0, b1, b2, _, a1, a2) in enumerate(sections):
            out = b0 * sample + states[2 * number]
            after[2 * number] = b1 * sample - a1 * out + states[2 * number + 1]
            after[2 * number + 1] = b2 * sample - a2 * out
            sample = out
        return after, float(sample)

    given, through = once(np.zeros(4), 1.0)
    columns = [once(unit, 0.0) for unit in np.eye(4)]
    return np.stack([after for after, _ in columns], axis=1), given, np.array([out for _, out in columns]), through
