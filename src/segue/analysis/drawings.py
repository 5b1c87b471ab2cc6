"""Where waveforms are kept: one object of the storage for each sound, peaks and bands together, compressed.

The object is a fixed head (sample rate, samples a pixel, bytes of peaks), the peaks, the bands. What a player or another
program reads is made of it when it is asked for: see `segue.analysis.waveform`.
"""

from __future__ import annotations

import struct

from zstandard import ZstdCompressor, ZstdDecompressor

from segue.analysis.records import Waveform

FOLDER = "waveforms"
LARGEST = 256 * 2**20
_HEAD = struct.Struct("<4sIII")
_MARK = b"SGW1"


def storage_key(key: bytes) -> str:
    """Where the waveform of the sound with this key is kept."""
    name = key.hex()
    return f"{FOLDER}/{name[:2]}/{name[2:]}.zst"


def kept(waveform: Waveform) -> bytes:
    """A waveform as it is kept."""
    head = _HEAD.pack(_MARK, waveform.sample_rate, waveform.samples_per_pixel, len(waveform.peaks))
    return ZstdCompressor(level=6).compress(head + waveform.peaks + waveform.bands)


def drawn(data: bytes) -> Waveform:
    """What `kept` was given. Raises ValueError, zstandard.ZstdError over what it never made."""
    plain = ZstdDecompressor().decompress(data, max_output_size=LARGEST)
    mark, rate, per_pixel, peaks = _HEAD.unpack_from(plain)
    if mark != _MARK:
        raise ValueError("no waveform of ours")
    body = plain[_HEAD.size :]
    return Waveform(rate, per_pixel, body[:peaks], body[peaks:])
