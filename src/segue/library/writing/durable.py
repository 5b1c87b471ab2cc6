"""The few things done to files on disk, each of them safe to be interrupted: copy, keep, put in place, take away.

A file is never changed where it is. A copy beside it is changed, brought to the disk, and takes its place in one step; the
folder is brought to the disk after that, so that a loss of power leaves the one or the other, whole.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import BinaryIO

_FICLONE = 0x40049409
"""ioctl of Linux (ioctl_ficlone(2)): share the blocks of another file until one of them is written."""
_COPY_BYTES = 8 * 1024 * 1024
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_CANNOT_SHARE = (errno.EOPNOTSUPP, errno.ENOTTY, errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.EBADF)


def create(path: bytes) -> BinaryIO:
    """A new file, open to read and write, that only we may see until it is ready. Raises FileExistsError."""
    return os.fdopen(os.open(path, _NEW, 0o600), "r+b")


def copy_bytes(source: int, target: BinaryIO, start: int, end: int) -> None:
    """Append the bytes `start` … `end` of an opened file to `target`; shared with it where the file system can."""
    whole = start == 0 and target.tell() == 0 and end == os.fstat(source).st_size
    if whole and _clone(source, target.fileno()):
        target.seek(0, os.SEEK_END)
        return
    while start < end:
        copied = _copy_some(source, target, start, min(_COPY_BYTES, end - start))
        if not copied:
            raise OSError(errno.EIO, "the file ended while it was copied")
        start += copied


def _clone(source: int, target: int) -> bool:
    try:
        import fcntl

        fcntl.ioctl(target, _FICLONE, source)
    except (ImportError, OSError):
        return False
    return True


def _copy_some(source: int, target: BinaryIO, start: int, length: int) -> int:
    data = os.pread(source, min(length, 1024 * 1024), start)
    view = memoryview(data)
    while view:
        view = view[target.write(view) or 0 :]
    return len(data)


def keep_look(source: int, target: int, *, times: bool) -> None:
    """Give `target` the mode, owner, extended attributes and, where asked, the times of `source`.

    Raises PermissionError where the owner or group would be another.
    """
    old, new = os.fstat(source), os.fstat(target)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.fchown(target, old.st_uid, old.st_gid)
    os.fchmod(target, stat.S_IMODE(old.st_mode))
    _copy_attributes(source, target)
    if times:
        os.utime(target, ns=(old.st_atime_ns, old.st_mtime_ns))


def _copy_attributes(source: int, target: int) -> None:
    if not hasattr(os, "listxattr"):
        return
    try:
        names = os.listxattr(source)
    except OSError:
        return
    for name in names:
        if not name.startswith(("security.", "trusted.")):
            with contextlib.suppress(OSError):
                os.setxattr(target, name, os.getxattr(source, name))


def sync(file: int) -> None:
    """Bring an opened file to the disk."""
    os.fsync(file)


def sync_folder(path: bytes) -> None:
    """Bring a folder's list of names to the disk, where the file system can be asked to."""
    folder = os.open(path or b".", os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):
            raise
    finally:
        os.close(folder)


def replace(source: bytes, target: bytes) -> None:
    """Put `source` in the place of `target` in one step."""
    os.replace(source, target)


def remove(path: bytes) -> None:
    """Take a file away; nothing where there is none."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - bytes
