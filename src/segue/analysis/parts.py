"""How an engine of ours is put together: the decoder hands one block after another to every part, and each part says at
the end what it heard. A part keeps sums, not samples: memory does not grow with the length but for a few bytes a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MONO_RATE = 22_050
"""Samples a second of the mono mix that tempo, key and similarity hear."""

Found = TypeVar("Found", covariant=True)


@dataclass(frozen=True, slots=True)
class Block:
    """Some seconds of sound, twice: as it is, and mixed down.

    Every sample is finite. `samples` are float32 at the file's own rate in the shape (channels, n), full scale at 1; blocks
    follow each other without a gap, and only the last may be empty. `mono` is the mean of the channels at `MONO_RATE`,
    delayed by the resampler's own few samples: its blocks are as long as what came out so far.
    """

    samples: NDArray[np.float32]
    rate: int
    mono: NDArray[np.float32]
    layout: str = ""
    """FFmpeg's name of the channels' order: `stereo`, `5.1`, `7.1` …; empty where it is not known."""


class Part(Protocol[Found]):
    """Hears blocks in order. `hear` is called at least once; `found` once, at the end."""

    def hear(self, block: Block) -> None: ...

    def found(self) -> Found: ...
