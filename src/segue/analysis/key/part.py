"""The part of our engine that hears the key."""

from __future__ import annotations

from segue.analysis.key.judging import judge
from segue.analysis.key.pitches import Pitches
from segue.analysis.parts import MONO_RATE, Block
from segue.analysis.records import Key


class KeyPart:
    """Hears blocks; `found` is None where nothing has a key: silence, noise, drums alone, less than two seconds.

    It keeps 48 bytes a window of 0.19 s, twelve hours in 11 MB.
    """

    def __init__(self) -> None:
        self._pitches = Pitches()
        self._samples = 0

    def hear(self, block: Block) -> None:
        self._samples += len(block.mono)
        self._pitches.hear(block.mono)

    def found(self) -> Key | None:
        return judge(self._pitches.heard(), round(self._samples / MONO_RATE * 1_000))
