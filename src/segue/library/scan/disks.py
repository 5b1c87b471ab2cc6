"""What kind of file system something lies on, and whether it answers at all.

A network drive that went away does not say so: a look at it can hang for hours, in a thread that nobody can end. So what
touches a disk for the whole scan runs in a thread of its own that may be left behind, with a deadline.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

DEADLINE_S = 120.0
"""So long one look at the disk may take: far more than a folder of 50,000 files on a slow network drive."""

LOCAL = frozenset(
    ["ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "tmpfs", "overlay", "ramfs"]
)
"""Linux file systems that set the change time themselves whenever a file is written, and keep it."""
REMOTE = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "ceph",
        "glusterfs",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.glusterfs",
        "afs",
        "davfs",
    ]
)
"""File systems whose other users' changes the kernel does not tell of."""

_MOUNTS = Path("/proc/self/mountinfo")


class DiskSilent(Exception):
    """A disk has not answered for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer for {seconds:g} s")
        self.seconds = seconds


async def ask(look: Callable[..., T], *args: Any, deadline_s: float | None = None) -> T:
    """What `look(*args)` gives, from a thread of its own. Raises DiskSilent after `deadline_s`, and what it raises.

    A thread that hangs is left behind; it is a daemon, so that the process can end.
    """
    limit = DEADLINE_S if deadline_s is None else deadline_s
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(error: BaseException | None, value: Any) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(value)
        else:
            answer.set_exception(error)

    def work() -> None:
        try:
            value, error = look(*args), None
        except BaseException as raised:  # handed on to who asked
            value, error = None, raised
        try:
            loop.call_soon_threadsafe(settle, error, value)
        except RuntimeError:  # the loop has ended meanwhile: nobody waits any more
            return

    threading.Thread(target=work, name="segue-disk", daemon=True).start()
    try:
        async with asyncio.timeout(limit):
            return await answer
    except TimeoutError:
        if answer.done() and not answer.cancelled():
            raise
        raise DiskSilent(limit) from None


@lru_cache(maxsize=256)
def keeps_ctime(device: int) -> bool:
    """Whether the change time of files on this device (`st_dev`) tells that they were written, and nothing else moves it.

    Remembered; `look_again` forgets it, for a device's number may be another disk's later.
    """
    return _kind(device, _mounts()) in LOCAL


def look_again() -> None:
    """Forget what is mounted: a scan begins so."""
    keeps_ctime.cache_clear()


def is_remote(path: bytes) -> bool:
    """Whether a folder is on a network drive, where changes made elsewhere are not told."""
    try:
        return _kind(os.stat(path).st_dev, _mounts()) in REMOTE  # noqa: PTH116 - bytes
    except OSError:
        return False


def watch_limit() -> int | None:
    """How many folders this machine lets a user watch (Linux); None where that is not known."""
    try:
        return int(Path("/proc/sys/fs/inotify/max_user_watches").read_text())
    except (OSError, ValueError):
        return None


def _mounts() -> str:
    try:
        return _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _kind(device: int, mounts: str) -> str | None:
    """The type of the file system with this device number, by the lines of mountinfo(5)."""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 2 and fields[2] == number:
            return after.split(" ", 1)[0]
    return None
