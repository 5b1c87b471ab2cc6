"""One opened file to read from: never blocking, never past its end, counting what it costs.

`Source.at(offset, length)` answers what is there, cut at the end of the file, so that a format that claims gigabytes
cannot make anything allocate them. Small files are read whole at once; of larger ones the first 64 KiB are kept, and
one moving window besides.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from typing import Any

from segue.library.scan.paths import moment
from segue.library.scan.problems import Problem, ProblemCode

HEAD_BYTES = 64 * 1024
WHOLE_BYTES = 128 * 1024
_WINDOW_BYTES = 16 * 1024
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
_FLAGS |= getattr(os, "O_BINARY", 0)


class CannotOpen(Exception):
    """The file could not be opened or read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Source:
    """A regular file opened for reading.

    `size` and `mtime_ns` are taken from the opened file. `bytes_read` counts what was asked of the operating system.
    """

    __slots__ = ("_window", "_window_at", "bytes_read", "fd", "head", "mtime_ns", "size")

    def __init__(self, path: bytes) -> None:
        """Open `path`; raises CannotOpen for what is gone, forbidden, special or failing."""
        try:
            fd = os.open(path, _FLAGS)
        except OSError as error:
            raise CannotOpen(_problem(error)) from error
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise CannotOpen(Problem(ProblemCode.NOT_A_FILE, {"what": _kind(status.st_mode)}))
            self.fd = fd
            self.size = status.st_size
            self.mtime_ns = moment(status.st_mtime_ns)
            self.head = os.read(fd, self.size if self.size <= WHOLE_BYTES else HEAD_BYTES)
        except OSError as error:
            os.close(fd)
            raise CannotOpen(_problem(error)) from error
        except BaseException:
            os.close(fd)
            raise
        self.bytes_read = len(self.head)
        self._window = b""
        self._window_at = 0

    def close(self) -> None:
        os.close(self.fd)

    def at(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`; fewer (or none) at the end of the file."""
        head = self.head
        end = offset + length
        if end <= len(head):
            return head[offset:end]
        if end > self.size:
            end = self.size
            length = end - offset
            if length <= 0:
                return b""
            if end <= len(head):
                return head[offset:end]
        start = self._window_at
        if start <= offset and end <= start + len(self._window):
            return self._window[offset - start : end - start]
        if length >= _WINDOW_BYTES:
            known = head[offset:] if offset < len(head) else b""
            return known + self._pread(length - len(known), offset + len(known))
        # Near the end the window lies before what was asked for: trailers are read backwards.
        start = max(0, min(offset, self.size - _WINDOW_BYTES))
        self._window = self._pread(_WINDOW_BYTES, start)
        self._window_at = start
        return self._window[offset - start : end - start]

    def _pread(self, length: int, offset: int) -> bytes:
        parts = []
        while length > 0:
            try:
                part = os.pread(self.fd, length, offset)
            except OSError as error:
                raise CannotOpen(_problem(error)) from error
            if not part:
                break
            self.bytes_read += len(part)
            parts.append(part)
            offset += len(part)
            length -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def changed(self) -> bool:
        """Say whether the file's size or time is no longer what it was when it was opened."""
        try:
            status = os.fstat(self.fd)
        except OSError:
            return True
        return status.st_size != self.size or moment(status.st_mtime_ns) != self.mtime_ns

    def file(self) -> Any:
        """Return the whole as a binary file object, for readers that want one."""
        if self.size <= len(self.head):
            return io.BytesIO(self.head)
        return _SourceFile(self)


class _SourceFile:
    """As much of a file object as mutagen's readers use."""

    __slots__ = ("_position", "_source")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._position = 0

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        position = offset + (0, self._position, self._source.size)[whence]
        if position < 0:
            raise OSError(errno.EINVAL, "seek before the beginning")
        self._position = position
        return position

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            size = max(0, self._source.size - self._position)
        data = self._source.at(self._position, size)
        self._position += len(data)
        return data


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"))
    return next((name for test, name in kinds if test(mode)), "device")


def _problem(error: OSError) -> Problem:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Problem(ProblemCode.GONE)
    if error.errno in (errno.EACCES, errno.EPERM):
        return Problem(ProblemCode.NOT_PERMITTED)
    if error.errno == errno.ELOOP:
        return Problem(ProblemCode.NOT_A_FILE, {"what": "link in a circle"})
    if error.errno == errno.EISDIR:
        return Problem(ProblemCode.NOT_A_FILE, {"what": "folder"})
    if error.errno == errno.ENXIO:
        return Problem(ProblemCode.NOT_A_FILE, {"what": "socket"})
    return Problem(ProblemCode.READ_FAILED, {"error": error.strerror or type(error).__name__})
