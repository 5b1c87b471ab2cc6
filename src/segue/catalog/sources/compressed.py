"""A file read through its compression, told by its first bytes: xz, gzip, bzip2, Zstandard or none.

What can be read before damage is given; then `read` raises `Broken`, which says how far into the file it came.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import BinaryIO, Self, cast

import zstandard

from segue.catalog.records import Damage

CHUNK = 1 << 20
LEAST = 1 << 18
"""Bytes of a part, but for the last."""
AHEAD = 8
"""Parts that are unpacked before somebody asks for them."""
_WINDOW = 1 << 31
"""Bytes a Zstandard frame may look back: what `--long=31` makes."""


class Broken(Exception):
    """A file ends too early or is damaged; how far into the file (in bytes) that shows, and why."""

    def __init__(self, path: Path, at: int, why: str) -> None:
        super().__init__(f"{path.name} cannot be read beyond byte {at:,}: {why}")
        self.damage = Damage(str(path), f"byte {at}", why)


class Compressed:
    """The bytes of one file, unpacked by a thread that is some parts ahead (unpacking does not hold the interpreter).

    `done` of `size` bytes of the file itself lie behind what was given so far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.done = 0
        self._raw = path.open("rb")
        self._parts: Queue[tuple[bytes, int, Broken | None]] = Queue(AHEAD)
        self._stopped = False
        self._over = False
        self._broken: Broken | None = None
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stopped = True
        if self._thread is not None:
            while self._thread.is_alive():
                with suppress(Empty):
                    self._parts.get_nowait()
                self._thread.join(0.01)
        self._raw.close()

    def read(self) -> bytes:
        """The next part, and nothing at the end. Raises Broken where the file is damaged, once what could be read is given."""
        if self._thread is None:
            self._thread = Thread(target=self._unpack, name=f"unpacking {self.path.name}", daemon=True)
            self._thread.start()
        part = b""
        if not self._over:
            part, self.done, self._broken = self._parts.get()
            self._over = not part
        if self._broken is not None:
            raise self._broken
        return part

    def _unpack(self) -> None:
        """Put parts into the queue until the file ends, or nobody wants more."""
        broken: Broken | None = None
        part = b""
        try:
            stream = _unpacking(self._raw)
            while not self._stopped and (more := stream.read1(CHUNK)):
                part += more
                if len(part) >= LEAST:
                    self._parts.put((part, self._raw.tell(), None))
                    part = b""
        except EOFError:
            broken = Broken(self.path, self._raw.tell(), "the file ends in the middle of its compressed data")
        except (OSError, lzma.LZMAError, zlib.error, zstandard.ZstdError) as error:
            broken = Broken(self.path, self._raw.tell(), str(error) or type(error).__name__)
        except BaseException as error:  # whoever reads is waiting: it is theirs to tell
            broken = Broken(self.path, self._raw.tell(), f"{type(error).__name__}: {error}")
        done = self._raw.tell()
        if part:
            self._parts.put((part, done, None))
        self._parts.put((b"", done, broken))


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
