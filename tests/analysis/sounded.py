"""Sound made up for a test, handed to a part as the decoder would."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from segue.analysis.parts import MONO_RATE, Block

Samples = NDArray[np.float32]


def heard(part: Any, samples: Any, rate: int, layout: str = "", sizes: list[int] | None = None) -> Any:
    """What the part finds in samples of shape (channels, n) or (n,), given in blocks of these sizes (the last repeats; ten
    seconds where none are given)."""
    samples = np.atleast_2d(np.asarray(samples, dtype=np.float32))
    sizes = list(sizes or [10 * rate])
    mono = soxr.ResampleStream(rate, MONO_RATE, 1, dtype="float32")
    start = 0
    while start < samples.shape[1] or start == 0:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        piece = samples[:, start : start + size]
        start += size
        mixed = np.ascontiguousarray(piece.mean(axis=0)) if piece.size else np.zeros(0, np.float32)
        part.hear(Block(piece, rate, mono.resample_chunk(mixed, last=start >= samples.shape[1]), layout))
    return part.found()


def sine(hz: float, seconds: float, dbfs: float, rate: int, phase: float = 0.0) -> Samples:
    """A sine whose peaks are at `dbfs`."""
    at = np.arange(round(seconds * rate)) / rate
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * at + phase)).astype(np.float32)


def noise(seconds: float, rate: int, channels: int = 2, level: float = 0.1, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((channels, round(seconds * rate)))).astype(np.float32)
