"""Decoded frames put together to blocks of float32 samples at full scale 1, whatever format the decoder gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SampleFormat:
    """How a decoder writes samples: one plane a channel or all interleaved, and what makes them full scale 1."""

    dtype: np.dtype[Any]
    planar: bool
    zero: float
    scale: float

    @property
    def may_be_broken(self) -> bool:
        """Only floats can be what is no number."""
        return self.dtype.kind == "f"


def _formats() -> dict[str, SampleFormat]:
    kinds = {
        "u8": (np.uint8, 128.0, 1 / 128),
        "s16": (np.int16, 0.0, 1 / 2**15),
        "s32": (np.int32, 0.0, 1 / 2**31),
        "s64": (np.int64, 0.0, 1 / 2**63),
        "flt": (np.float32, 0.0, 1.0),
        "dbl": (np.float64, 0.0, 1.0),
    }
    return {
        name + ("p" if planar else ""): SampleFormat(np.dtype(dtype), planar, zero, scale)
        for name, (dtype, zero, scale) in kinds.items()
        for planar in (False, True)
    }


FORMATS = _formats()
"""By FFmpeg's names."""

LOUDEST = 1e6
"""120 dB above full scale: a float beyond it is no sound but a broken number; squares of less stay finite in float32."""


class Filling:
    """Room for `size` samples a channel, filled frame by frame."""

    def __init__(self, channels: int, size: int) -> None:
        self.samples: Samples = np.empty((channels, size), np.float32)
        self.size = size
        self.filled = 0

    @property
    def room(self) -> int:
        return self.size - self.filled

    def take(self, frame: Any, form: SampleFormat, skip: int, count: int) -> None:
        """`count` samples of a frame from the one at `skip` on; there must be room for them."""
        out, at = self.samples, self.filled
        end = at + count
        if form.planar:
            for channel, plane in enumerate(frame.planes):
                out[channel, at:end] = np.frombuffer(plane, form.dtype, skip + count)[skip:]
        else:
            channels = len(out)
            values = np.frombuffer(frame.planes[0], form.dtype, (skip + count) * channels)
            out[:, at:end] = values.reshape(-1, channels)[skip:].T
        if form.scale != 1.0:
            here = out[:, at:end]
            if form.zero:
                here -= form.zero
            here *= form.scale
        self.filled = end

    def silence(self, count: int) -> None:
        self.samples[:, self.filled : self.filled + count] = 0
        self.filled += count

    def whole(self) -> Samples:
        """What was filled in."""
        return self.samples if self.filled == self.size else self.samples[:, : self.filled]


def mend(samples: Samples) -> int:
    """Put 0 for what is no number, infinite or beyond LOUDEST, in place. Returns how many samples that were."""
    if not samples.size:
        return 0
    if float(samples.max()) <= LOUDEST and float(samples.min()) >= -LOUDEST:  # a NaN is neither
        return 0
    with np.errstate(invalid="ignore"):
        broken = ~(np.abs(samples) <= LOUDEST)
    samples[broken] = 0
    return int(np.count_nonzero(broken))


def mixed_down(samples: Samples) -> Samples:
    """The mean of the channels; of one channel, itself."""
    if len(samples) == 1:
        only: Samples = samples[0]
        return only
    if len(samples) == 2:
        half: Samples = np.add(samples[0], samples[1])
        half *= np.float32(0.5)
        return half
    mean: Samples = samples.mean(axis=0, dtype=np.float32)
    return mean
