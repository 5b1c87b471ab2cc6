"""Listens for the beat: onsets as the sound goes by, everything else at its end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.analysis.parts import MONO_RATE, Block
from segue.analysis.tempo.hearing import pulse_of
from segue.analysis.tempo.onsets import Onsets
from segue.analysis.tempo.pulse import Pulse


class TempoPart:
    """Give every block to `hear` and the shared frames of every block to `hear_frames`; `found` is what was heard."""

    def __init__(self) -> None:
        self._onsets = Onsets()
        self._samples = 0

    def hear(self, block: Block) -> None:
        self._samples += len(block.mono)
        self._onsets.hear(block.mono)

    def hear_frames(self, power: NDArray[np.float32]) -> None:
        """`power` (n, 1025) as `frames.Frames` makes it."""
        self._onsets.hear_frames(power)

    def found(self) -> Pulse:
        """Everything about the beat but which of its levels is counted: see `tempo.conclude`."""
        return pulse_of(self._onsets.found(), round(self._samples * 1000 / MONO_RATE))
