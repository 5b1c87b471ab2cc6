"""Putting a playlist file in the place of the one that is there: whole or not at all, whatever ends the process meanwhile."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH101, PTH108, PTH116, PTH120

from __future__ import annotations

import contextlib
import os
import stat
import tempfile

MOST_KEPT = 64 * 2**20


class FileChanged(Exception):
    """The file is not as it was read."""


def replace_file(path: bytes, data: bytes, expected: tuple[int | None, int | None] | None) -> tuple[bytes, int, int]:
    """Write `data` to `path`; what was there before, and size and time of what is there now.

    The new file is written beside the old one, made durable, given its permissions, and renamed over it. `expected` are the
    size and time (ns) that the old one must have. Raises FileChanged, OSError.
    """
    real = os.path.realpath(path)
    with open(real, "rb") as old:
        itself = os.fstat(old.fileno())
        if expected is not None and (itself.st_size, itself.st_mtime_ns) != expected:
            raise FileChanged
        before = old.read(MOST_KEPT)
    folder = os.path.dirname(real)
    handle, beside = tempfile.mkstemp(prefix=b".segue-", dir=folder)
    try:
        with open(handle, "wb") as new:
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
        os.chmod(beside, stat.S_IMODE(itself.st_mode))
        os.replace(beside, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
    with contextlib.suppress(OSError):
        at = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(at)
        finally:
            os.close(at)
    now = os.stat(real)
    return before, now.st_size, now.st_mtime_ns
