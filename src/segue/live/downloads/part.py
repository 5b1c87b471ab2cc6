"""A file that is on its way: `name.part` with the bytes so far, and `name.part.json` with what they are the beginning of.

After a kill -9 what was written is still there: the system has it, though it may not be on the disk yet. After a loss of power
only what was brought to the disk counts. So the small file says how far that is (`offset`) and in which run of the machine it
was written; in the same run the part's own length is believed.

A lock on the part keeps two processes from writing one file: one that was thought dead, and the one that goes on for it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from segue.live.downloads.checks import READ_BYTES
from segue.live.downloads.errors import Trouble
from segue.live.downloads.formats import MAGIC_BYTES

PART, NOTE, BAD = b".part", b".part.json", b".bad"
ENDINGS = (PART, NOTE, BAD)
SYNC_BYTES = 8 * 2**20
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EACCES)


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


class Part:
    """The beginning of one file. `open` it, `append`, `keep` from time to time, then `place` or `drop`; always `close`."""

    def __init__(self, path: bytes, size: int | None, md5: str) -> None:
        self.path = path
        """Where the whole file will be."""
        self._size = size
        self._md5_wanted = md5
        self._file: BinaryIO | None = None
        self._note: dict[str, Any] = {}
        self._unsynced = 0
        self.length = 0
        self.start = b""
        """Its first bytes."""
        self.etag = ""
        self.last_modified = ""
        self._hash = hashlib.md5(usedforsecurity=False)

    @property
    def md5(self) -> str:
        """Of what is there so far."""
        return self._hash.hexdigest()

    @property
    def validator(self) -> str:
        """What If-Range may say: a strong ETag, or the time it was changed; empty where neither is known."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified

    def open(self, go_on: Callable[[], None]) -> None:
        """Take up what is there, reading it once; `go_on` is called meanwhile and may raise. Raises OSError, Trouble where
        another process writes it."""
        folder = self.path.rpartition(b"/")[0]
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - bytes
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._file = os.fdopen(os.open(self.path + PART, flags, 0o644), "r+b", buffering=0)
        self._lock()
        there = os.fstat(self._file.fileno()).st_size
        self._note = self._read_note()
        usable = there if self._note.get("boot") and self._note["boot"] == _boot() else self._note.get("offset", 0)
        usable = usable if isinstance(usable, int) else 0
        same = self._note.get("size") == self._size and self._note.get("md5", "") == self._md5_wanted
        too_long = self._size is not None and there > self._size
        if not self._note or not same or too_long or usable > there:
            self.begin_again()
            return
        self.etag, self.last_modified = str(self._note.get("etag", "")), str(self._note.get("last_modified", ""))
        self._file.truncate(usable)
        self._file.seek(0)
        while piece := self._file.read(READ_BYTES):
            go_on()
            self._took(piece)

    def describe(self, etag: str, last_modified: str) -> None:
        """What the server calls the bytes that come now; kept beside them before the first one is."""
        self.etag, self.last_modified = etag, last_modified
        self._write_note(offset=min(int(self._note.get("offset", 0) or 0), self.length))

    def append(self, piece: bytes) -> None:
        """Raises OSError."""
        assert self._file is not None
        view = memoryview(piece)
        while view:
            view = view[self._file.write(view) or 0 :]
        self._took(piece)
        self._unsynced += len(piece)

    @property
    def wants_sync(self) -> bool:
        return self._unsynced >= SYNC_BYTES

    def keep(self) -> None:
        """Bring what is there to the disk, and say so. Raises OSError."""
        assert self._file is not None
        if self._unsynced:
            os.fsync(self._file.fileno())
            self._unsynced = 0
            self._write_note(offset=self.length)

    def begin_again(self) -> None:
        """Nothing of what is there is of use."""
        assert self._file is not None
        self._file.truncate(0)
        self._file.seek(0)
        self.length, self.start, self.etag, self.last_modified = 0, b"", "", ""
        self._hash = hashlib.md5(usedforsecurity=False)
        self._write_note(offset=0)

    def place(self) -> None:
        """Give the whole file its name, if that is free: nothing is ever replaced. Raises FileExistsError, OSError."""
        self.keep()
        part = self.path + PART
        try:
            os.link(part, self.path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(self.path):
                raise FileExistsError(errno.EEXIST, "there is a file of this name", self.path) from error
            os.rename(part, self.path)  # noqa: PTH104 - bytes
        else:
            os.unlink(part)  # noqa: PTH108 - bytes
        remove(self.path + NOTE)
        _sync_folder(self.path)

    def move_to(self, path: bytes) -> None:
        """Go on under another name."""
        os.rename(self.path + PART, path + PART)  # noqa: PTH104 - bytes
        os.replace(self.path + NOTE, path + NOTE)
        self.path = path

    def quarantine(self) -> None:
        """Keep what came as `.bad`, for a person to look at."""
        os.replace(self.path + PART, self.path + BAD)
        remove(self.path + NOTE)

    def drop(self) -> None:
        """Take away what came."""
        remove(self.path + PART)
        remove(self.path + NOTE)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _took(self, piece: bytes) -> None:
        if len(self.start) < MAGIC_BYTES:
            self.start += piece[: MAGIC_BYTES - len(self.start)]
        self._hash.update(piece)
        self.length += len(piece)

    def _lock(self) -> None:
        assert self._file is not None
        try:
            import fcntl
        except ImportError:
            return
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise Trouble("disk", reason="locked") from None
        except OSError:  # a file system without locks
            return

    def _read_note(self) -> dict[str, Any]:
        try:
            with open(self.path + NOTE, "rb") as file:
                note = json.loads(file.read(65536))
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def _write_note(self, *, offset: int) -> None:
        self._note = {
            "etag": self.etag, "last_modified": self.last_modified, "size": self._size, "md5": self._md5_wanted,
            "offset": offset, "boot": _boot(),
        }  # fmt: skip
        new = self.path + NOTE + b"~"
        with open(new, "wb") as file:
            file.write(json.dumps(self._note).encode())
        os.replace(new, self.path + NOTE)


def remove(path: bytes) -> None:
    """Take a file away; nothing where there is none."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - bytes


def leavings(path: bytes) -> None:
    """Take away what an unfinished transfer to `path` left."""
    for ending in (PART, NOTE, NOTE + b"~"):
        remove(path + ending)


def _sync_folder(path: bytes) -> None:
    folder = os.open(path.rpartition(b"/")[0] or b".", os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        with contextlib.suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)
