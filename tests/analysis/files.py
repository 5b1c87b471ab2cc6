"""Audio files made for a test: WAV by hand, everything else through the encoders that PyAV carries."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.analysis.sounded import sine

RATE = 44_100


def tone(seconds: float = 1.0, rate: int = RATE, channels: int = 2, hz: float = 440.0, dbfs: float = -6.0) -> Any:
    """(channels, n): the same sine on all of them."""
    return np.tile(sine(hz, seconds, dbfs, rate), (channels, 1))


def wav(path: Path, samples: Any, rate: int = RATE, kind: str = "s16") -> Path:
    """A WAV file of s16, s24, s32, u8, flt or dbl samples, (channels, n) at full scale 1."""
    sound = np.atleast_2d(np.asarray(samples)).T
    codes = {"u8": (1, 8), "s16": (1, 16), "s24": (1, 24), "s32": (1, 32), "flt": (3, 32), "dbl": (3, 64)}
    code, bits = codes[kind]
    body = _pcm(sound, kind)
    channels = sound.shape[1]
    form = struct.pack("<HHIIHH", code, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(body)) + body
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)
    return path


def _pcm(sound: NDArray[Any], kind: str) -> bytes:
    if kind in ("flt", "dbl"):
        return sound.astype("<f4" if kind == "flt" else "<f8").tobytes()
    if kind == "u8":
        return np.clip(np.round(sound * 128 + 128), 0, 255).astype(np.uint8).tobytes()
    bits = int(kind[1:])
    whole = np.clip(np.round(sound * 2.0 ** (bits - 1)), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1).astype("<i4")
    if kind == "s24":
        return whole.reshape(-1, 1).view(np.uint8)[:, :3].tobytes()
    return whole.astype("<i2" if kind == "s16" else "<i4").tobytes()


def dsf(path: Path, bits: NDArray[np.uint8], rate: int = 2_822_400) -> Path:
    """A DSF file of one-bit samples, (channels, n) of 0 and 1, in blocks of 4,096 bytes a channel."""
    channels, count = bits.shape
    padded = np.pad(bits, ((0, 0), (0, -count % 32_768)))
    packed = np.packbits(padded, axis=1, bitorder="little").reshape(channels, -1, 4096)
    body = packed.transpose(1, 0, 2).tobytes()
    form = struct.pack("<IIIIIIQII", 1, 0, 2, channels, rate, 1, count, 4096, 0)
    data = b"data" + struct.pack("<Q", 12 + len(body)) + body
    whole = b"fmt " + struct.pack("<Q", 12 + len(form)) + form + data
    path.write_bytes(b"DSD " + struct.pack("<QQQ", 28, 28 + len(whole), 0) + whole)
    return path


def coded(path: Path, samples: Any, rate: int = RATE, codec: str = "", **options: str) -> Path:
    """A file in the format of its ending: mp3, flac, opus in ogg, m4a, mka …"""
    import av

    names = {
        ".mp3": "libmp3lame",
        ".flac": "flac",
        ".ogg": "libopus",
        ".opus": "libopus",
        ".m4a": "aac",
        ".mka": "flac",
    }
    sound = np.atleast_2d(np.asarray(samples, np.float32))
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[len(sound)]
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec or names[path.suffix], rate=rate, layout=layout)
        stream.bit_rate = 192_000
        planar = np.ascontiguousarray(sound)
        for start in range(0, planar.shape[1], 4096):
            piece = np.ascontiguousarray(planar[:, start : start + 4096])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=layout)
            frame.rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def video(path: Path, samples: Any | None, rate: int = RATE) -> Path:
    """Half a second of moving pictures, with `samples` as its sound if there are any."""
    import av

    with av.open(str(path), "w") as container:
        pictures = container.add_stream("mpeg4", rate=10)
        pictures.width = pictures.height = 32
        sound = None if samples is None else container.add_stream("aac", rate=rate, layout="stereo")
        for number in range(5):
            picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), number * 40, np.uint8), format="rgb24")
            picture.pts = number
            container.mux(pictures.encode(picture))
        container.mux(pictures.encode(None))
        if sound is not None and samples is not None:
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples, np.float32), format="fltp", layout="stereo"
            )
            frame.rate, frame.pts = rate, 0
            container.mux(sound.encode(frame))
            container.mux(sound.encode(None))
    return path
