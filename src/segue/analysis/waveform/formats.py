"""audiowaveform's own formats (github.com/bbc/audiowaveform, doc/DataFormat.md), written and read.

A .dat file of version 2 is little endian: int32 version, uint32 flags (bit 0: 8-bit values), int32 sample rate, int32
samples a pixel, uint32 length in pixels, int32 channels, then minimum and maximum of every pixel. Version 1 lacks the
channels. The JSON form has the same names, and our `bands` beside `data`, which players of the format pass over.
"""

from __future__ import annotations

import struct
from typing import Any

from segue.analysis.records import Waveform
from segue.analysis.waveform.errors import NotAWaveform
from segue.analysis.waveform.zoom import length, zoomed

VERSION = 2
EIGHT_BITS = 1
_HEAD = struct.Struct("<iIiiI")
_CHANNELS = struct.Struct("<i")
WIDER = 256
"""A 16-bit value is an 8-bit one times this, as audiowaveform has it."""
MOST_CHANNELS = 24
"""What audiowaveform itself would write."""


def dat(waveform: Waveform, samples_per_pixel: int | None = None, bits: int = 8) -> bytes:
    """A .dat file, version 2, one channel. `samples_per_pixel` as for `zoomed`; `bits` 8 or 16. The bands are not in it.

    Raises NotAWaveform for other `bits`.
    """
    wide = _checked(bits)
    if samples_per_pixel is not None:
        waveform = zoomed(waveform, samples_per_pixel)
    flags = 0 if wide else EIGHT_BITS
    head = _HEAD.pack(VERSION, flags, waveform.sample_rate, waveform.samples_per_pixel, length(waveform))
    return head + _CHANNELS.pack(1) + (_wider(waveform.peaks) if wide else waveform.peaks)


def as_json(
    waveform: Waveform, samples_per_pixel: int | None = None, bits: int = 8, *, bands: bool = True
) -> dict[str, Any]:
    """The JSON form: `data` is minimum and maximum of every pixel; `bands` low, mid and high (0 to 255) of every pixel."""
    wide = _checked(bits)
    if samples_per_pixel is not None:
        waveform = zoomed(waveform, samples_per_pixel)
    times = WIDER if wide else 1
    document: dict[str, Any] = {
        "version": VERSION,
        "channels": 1,
        "sample_rate": waveform.sample_rate,
        "samples_per_pixel": waveform.samples_per_pixel,
        "bits": bits,
        "length": length(waveform),
        "data": [value * times for value in memoryview(waveform.peaks).cast("b")],
    }
    if bands:
        document["bands"] = list(waveform.bands)
    return document


def read(data: bytes) -> Waveform:
    """What a .dat file of version 1 or 2 says, without bands. Of several channels the widest pair counts.

    16-bit values are brought to 8 bits, away from zero never further than they are. Raises NotAWaveform.
    """
    if len(data) < _HEAD.size:
        raise NotAWaveform("short")
    version, flags, rate, per_pixel, pixels = _HEAD.unpack_from(data)
    start, channels = _HEAD.size, 1
    if version == VERSION:
        if len(data) < start + _CHANNELS.size:
            raise NotAWaveform("short")
        (channels,) = _CHANNELS.unpack_from(data, start)
        start += _CHANNELS.size
    elif version != 1:
        raise NotAWaveform("version")
    if not 1 <= channels <= MOST_CHANNELS:
        raise NotAWaveform("channels")
    if rate < 1 or per_pixel < 1:
        raise NotAWaveform("zoom")
    size = pixels * channels * 2 * (1 if flags & EIGHT_BITS else 2)
    if len(data) - start < size:
        raise NotAWaveform("length")
    body = data[start : start + size]
    return Waveform(rate, per_pixel, _peaks(body, channels, bool(flags & EIGHT_BITS)), b"")


def _peaks(body: bytes, channels: int, narrow: bool) -> bytes:
    if narrow and channels == 1:
        return body
    import numpy as np

    values = np.frombuffer(body, dtype=np.int8 if narrow else np.dtype("<i2")).reshape(-1, channels, 2).astype(np.int16)
    pairs = np.stack([values[:, :, 0].min(axis=1), values[:, :, 1].max(axis=1)], axis=1)
    if not narrow:
        pairs = np.sign(pairs) * (np.abs(pairs.astype(np.int32)) // WIDER)
    return pairs.astype(np.int8).tobytes()


def _wider(peaks: bytes) -> bytes:
    import numpy as np

    return (np.frombuffer(peaks, dtype=np.int8).astype(np.int16) * WIDER).astype("<i2").tobytes()


def _checked(bits: int) -> bool:
    """Whether values are 16 bits wide."""
    if bits not in (8, 16):
        raise NotAWaveform("bits")
    return bits == 16
