"""From beats to seconds: steady, drifting, speeding up, or as a pianist bends it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP = 1 / 32


@dataclass(frozen=True)
class Clock:
    """Seconds at every `STEP` of a beat from zero on; before zero the first tempo holds."""

    seconds: NDArray[np.float64]

    def at(self, beat: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds at one or many beats; beyond the end the last tempo goes on."""
        asked = np.asarray(beat, dtype=np.float64) / STEP
        last = len(self.seconds) - 1
        first_slope, last_slope = self.seconds[1] - self.seconds[0], self.seconds[-1] - self.seconds[-2]
        inside = np.interp(asked, np.arange(last + 1), self.seconds)
        early = np.minimum(asked, 0) * first_slope
        late = np.maximum(asked - last, 0) * last_slope
        result: NDArray[np.float64] = inside + early + late
        return result


def clock(bpm: float, beats: float, manner: str, lead_s: float, rng: np.random.Generator) -> Clock:
    """A clock for so many beats. Manners: steady, drift (a band without a click, 2 to 4 % either way), ramp (8 to 14 % faster
    or slower over the clip), rubato (phrases that breathe by up to 18 %, each beat by some 3 %)."""
    count = int(beats / STEP) + 2
    at = np.arange(count) * STEP
    tempo = np.ones(count)
    if manner == "drift":
        for cycles in (0.7, 1.6, 3.1):
            tempo += rng.uniform(0.006, 0.02) * np.sin(2 * np.pi * (cycles * at / beats + rng.random()))
    elif manner == "ramp":
        change = rng.uniform(0.08, 0.14) * rng.choice([-1, 1])
        tempo *= 1 + change * (at / beats - 0.5)
    elif manner == "rubato":
        phrase = float(rng.choice([4, 6, 8]))
        tempo += rng.uniform(0.09, 0.16) * np.sin(2 * np.pi * at / phrase - rng.uniform(0.5, 1.5))
        jitter = rng.normal(0, 0.03, int(beats) + 3)
        tempo *= 1 + np.interp(at, np.arange(len(jitter)), jitter)
    lengths = 60 / (bpm * tempo) * STEP
    return Clock(lead_s + np.concatenate(([0.0], np.cumsum(lengths[:-1]))))
