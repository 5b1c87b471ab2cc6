"""A part of a file as a file of its own, put together while it is sent: new headers, and ranges of the file between them.

For tracks that are slices of a larger file. WAV is cut to the sample, FLAC at the frame in which the track begins (at most
a tenth of a second before it; two neighbours meet exactly). Other formats cannot be cut without encoding them again.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import lru_cache

import anyio.to_thread

from segue.streaming.flac_frames import cut_flac

CHUNK = 256 * 1024
_MOST_CHUNKS = 200


@dataclass(frozen=True, slots=True)
class Span:
    """So many bytes of the file from `start`."""

    start: int
    length: int


class Spliced:
    """The pieces of a part, and its length. Unchanging, so one is kept for the requests of one listener."""

    def __init__(self, pieces: list[bytes | Span]) -> None:
        self.pieces = pieces
        self._starts: list[int] = []
        self.length = 0
        for piece in pieces:
            self._starts.append(self.length)
            self.length += piece.length if isinstance(piece, Span) else len(piece)

    async def read(self, path: bytes, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, piece by piece."""
        descriptor = await anyio.to_thread.run_sync(os.open, path, os.O_RDONLY)
        try:
            while start < end:
                data = await anyio.to_thread.run_sync(self._some, descriptor, start, min(end, start + CHUNK))
                if not data:
                    return
                yield data
                start += len(data)
        finally:
            os.close(descriptor)

    def _some(self, descriptor: int, start: int, end: int) -> bytes:
        found = bytearray()
        number = bisect_right(self._starts, start) - 1
        while start < end and number < len(self.pieces):
            piece, inside = self.pieces[number], start - self._starts[number]
            if isinstance(piece, Span):
                data = os.pread(descriptor, min(piece.length - inside, end - start), piece.start + inside)
                if not data:  # the file was cut short meanwhile
                    break
            else:
                data = piece[inside : inside + end - start]
            found += data
            start += len(data)
            if start >= self._starts[number] + (piece.length if isinstance(piece, Span) else len(piece)):
                number += 1
        return bytes(found)


def splice(path: bytes, start_ms: int, end_ms: int | None) -> Spliced | None:
    """The part of the file between two times, None where its format cannot be cut, or the file is not as it should be.

    Reads as much of a FLAC as the part is long, once; what was found is remembered while the file does not change.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - bytes
        return _splice(path, found.st_mtime_ns, found.st_size, start_ms, end_ms)
    except OSError:
        return None


@lru_cache(maxsize=64)
def _splice(path: bytes, mtime_ns: int, size: int, start_ms: int, end_ms: int | None) -> Spliced | None:
    with open(path, "rb") as file:
        head = file.read(16)
        if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
            pieces = _cut_wav(file.fileno(), size, start_ms, end_ms)
        elif head[:4] == b"fLaC" or head[:3] == b"ID3":
            cut = cut_flac(file.fileno(), size, start_ms, end_ms)
            pieces = None if cut is None else [Span(*piece) if isinstance(piece, tuple) else piece for piece in cut]
        else:
            pieces = None
    return None if pieces is None else Spliced(pieces)


def _cut_wav(descriptor: int, size: int, start_ms: int, end_ms: int | None) -> list[bytes | Span] | None:
    """A header of its own, and the samples between the times, to the sample."""
    form = b""
    for name, start, length in _wav_chunks(descriptor, size):
        if name == b"fmt ":
            form = os.pread(descriptor, min(length, 64), start)
        elif name == b"data" and len(form) >= 16:
            rate, _, block = struct.unpack_from("<IIH", form, 4)
            if not rate or not block or struct.unpack_from("<H", form)[0] not in (1, 3, 0xFFFE):
                return None
            first = min(length // block, round(start_ms * rate / 1000)) * block
            last = (
                length // block * block if end_ms is None else min(length // block, round(end_ms * rate / 1000)) * block
            )
            taken = max(0, last - first)
            if taken >= 0xFFFF0000:
                return None
            header = struct.pack("<4sI4s4sI", b"RIFF", 20 + len(form) + taken, b"WAVE", b"fmt ", len(form))
            return [header + form + struct.pack("<4sI", b"data", taken), Span(start + first, taken)]
    return None


def _wav_chunks(descriptor: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    for _ in range(_MOST_CHUNKS):
        head = os.pread(descriptor, 8, at)
        if len(head) < 8:
            return
        name, length = struct.unpack("<4sI", head)
        if name == b"data":
            length = min(length, size - at - 8)
            if length <= 0 or length >= 0x7FFFF000:
                length = size - at - 8
        yield name, at + 8, length
        at += 8 + length + (length & 1)
