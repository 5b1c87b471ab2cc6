"""Take one file from one place to another, on the same disk or another, so that it is never lost and replaces nothing.

The order is always: the new place is complete, then the old one is taken away. On one disk the new place is a second name of
the same file; else a copy, brought to the disk and compared. Killed anywhere, `found_in` says how far it came.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH102, PTH106, PTH112, PTH116, PTH120

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from typing import Literal

from segue.library.writing import durable
from segue.library.writing.reasons import Refused
from segue.library.writing.rewriting import Stat, signed, stat_of

_READ_BYTES = 1024 * 1024
_NO_SECOND_NAME = (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EACCES, errno.EINVAL)


@dataclass(frozen=True, slots=True)
class Move:
    """From `source` to `target`, both absolute. `stat` is the source's when it was decided; `keep` leaves the source."""

    source: bytes
    target: bytes
    temporary: bytes
    stat: Stat
    digest: bytes | None = None
    keep: bool = False


Came = Literal["here", "there", "both", "nowhere"]


def needs_copy(source: bytes, target: bytes, *, keep: bool) -> bool:
    """Whether the file has to be copied: to another disk, or because it stays where it is."""
    if keep:
        return True
    folder = os.path.dirname(target)
    while folder and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    try:
        return os.lstat(source).st_dev != os.stat(folder or b"/").st_dev
    except OSError:
        return True


def digest_of(path: bytes) -> bytes:
    """16 bytes over a whole file. Raises OSError."""
    digest = hashlib.blake2b(digest_size=16)
    with open(path, "rb", buffering=0) as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
    return digest.digest()


def make_folders(path: bytes, root: bytes) -> list[bytes]:
    """Make the folder `path` and those above it below `root`; returns those that are new. Raises OSError."""
    missing = []
    while not os.path.isdir(path) and path.startswith(root.rstrip(b"/") + b"/"):
        missing.append(path)
        path = os.path.dirname(path)
    made = []
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder)
            made.append(folder)
            durable.sync_folder(os.path.dirname(folder))
    return made


def remove_empty(folders: list[bytes]) -> None:
    """Take away those of the folders that are empty, the deepest first."""
    for folder in sorted(set(folders), key=lambda path: path.count(b"/"), reverse=True):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def put(move: Move) -> Refused | None:
    """Make the new place complete. `taken` where there is a file of that name, which stays as it is; `no_link` where the disk
    cannot give a file a second name and a digest is needed for a copy."""
    try:
        if stat_of(move.source) != move.stat:
            return Refused("changed")
        if move.digest is None:
            try:
                os.link(move.source, move.target, follow_symlinks=False)
            except OSError as error:
                if error.errno == errno.EXDEV or error.errno in _NO_SECOND_NAME:
                    return Refused("no_link")
                raise
        else:
            _copy(move)
        durable.sync_folder(os.path.dirname(move.target))
    except FileExistsError:
        durable.remove(move.temporary)
        return Refused("taken")
    except OSError as error:
        with contextlib.suppress(OSError):
            durable.remove(move.temporary)
        return why(error)
    return None


def take_away(move: Move) -> None:
    """Remove the old place, if it is still the file that was moved. Raises OSError."""
    if not move.keep and stat_of(move.source) == move.stat:
        durable.remove(move.source)
        durable.sync_folder(os.path.dirname(move.source))


def found_in(move: Move) -> Came:
    """Where the file is, after an interruption: in its old place, in the new one, or (of a move half done) in both."""
    there = stat_of(move.target)
    ours = there is not None and (
        (there.device, there.inode) == (move.stat.device, move.stat.inode)
        or (move.digest is not None and there.size == move.stat.size and digest_of(move.target) == move.digest)
    )
    here = stat_of(move.source) == move.stat
    if ours:
        return "both" if here else "there"
    return "here" if here else "nowhere"


def why(error: OSError) -> Refused:
    """An error of the operating system as a reason."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return Refused("no_space")
        case errno.EROFS:
            return Refused("read_only_disk")
        case errno.EACCES | errno.EPERM:
            return Refused("not_permitted")
        case errno.ENAMETOOLONG:
            return Refused("name_too_long")
        case errno.ENOENT:
            return Refused("gone")
        case _:
            return Refused("io", {"error": error.strerror or type(error).__name__})


def regular(path: bytes) -> Stat | None:
    """The stat of an ordinary file, signed as the journal keeps it; None for anything else."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stat(found.st_size, found.st_mtime_ns, signed(found.st_dev), signed(found.st_ino))


def _copy(move: Move) -> None:
    durable.remove(move.temporary)
    source = os.open(move.source, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        with durable.create(move.temporary) as file:
            durable.copy_bytes(source, file, 0, os.fstat(source).st_size)
            file.flush()
            with contextlib.suppress(PermissionError):
                durable.keep_look(source, file.fileno(), times=True)
            os.utime(file.fileno(), ns=(move.stat.mtime_ns, move.stat.mtime_ns))
            durable.sync(file.fileno())
    finally:
        os.close(source)
    if digest_of(move.temporary) != move.digest:
        raise OSError(errno.EIO, "the copy differs from the file")
    try:
        os.link(move.temporary, move.target)
    except OSError as error:
        if error.errno not in _NO_SECOND_NAME:
            raise
        os.close(os.open(move.target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        durable.replace(move.temporary, move.target)
        return
    durable.remove(move.temporary)
