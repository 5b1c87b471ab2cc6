"""A file read through its compression, told by its first bytes: xz, gzip, bzip2, Zstandard or none.

What can be read before damage is given; then `read` raises `Broken`, which says how far into the file it came.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import zstandard

from segue.catalog.records import Damage

CHUNK = 1 << 20
_WINDOW = 1 << 31
"""Bytes a Zstandard frame may look back: what `--long=31` makes."""


class Broken(Exception):
    """A file ends too early or is damaged; how far into the file (in bytes) that shows, and why."""

    def __init__(self, path: Path, at: int, why: str) -> None:
        super().__init__(f"{path.name} cannot be read beyond byte {at:,}: {why}")
        self.damage = Damage(str(path), f"byte {at}", why)


class Compressed:
    """The bytes of one file, unpacked. `done` of `size` bytes of the file itself have been read so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self._raw = path.open("rb")
        self._stream = _unpacking(self._raw)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stream.close()
        self._raw.close()

    @property
    def done(self) -> int:
        return self._raw.tell()

    def read(self, most: int = CHUNK) -> bytes:
        """At most so many bytes, and none at the end. Raises Broken."""
        try:
            return self._stream.read1(most)
        except EOFError:
            raise Broken(self.path, self.done, "the file ends in the middle of its compressed data") from None
        except (OSError, lzma.LZMAError, zlib.error, zstandard.ZstdError) as error:
            raise Broken(self.path, self.done, str(error) or type(error).__name__) from None


def _unpacking(raw: BinaryIO) -> io.BufferedIOBase:
    head = raw.read(6)
    raw.seek(0)
    if head.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile(raw)
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    if head.startswith(b"BZh"):
        return bz2.BZ2File(raw)
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        return io.BufferedReader(_Frames(unpacker.stream_reader(raw, read_across_frames=True)), CHUNK)
    return io.BufferedReader(cast(io.RawIOBase, raw), CHUNK)


class _Frames(io.RawIOBase):
    """Zstandard frames as a raw stream."""

    def __init__(self, reader: zstandard.ZstdDecompressionReader) -> None:
        super().__init__()
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._reader.readinto(buffer)
