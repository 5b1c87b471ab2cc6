"""One build of a snapshot at a time: a lock beside it that ends with its process, whatever way that goes."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segue.catalog.build.errors import AlreadyBuilding
from segue.catalog.snapshot.manifest import BUILDING
from segue.core.clock import utc_now


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Nobody else builds `out` during the block. Raises AlreadyBuilding, which says who does."""
    path = out.with_name(f"{out.name}{BUILDING}.lock")
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 200, 0).decode(errors="replace").strip() or "it has only just begun"
            os.close(file)
            raise AlreadyBuilding(out, holder) from None
        if _is_still(path, file):
            break
        os.close(file)  # another build ended and took the file away meanwhile
    try:
        os.ftruncate(file, 0)
        os.pwrite(
            file, f"process {os.getpid()} on {socket.gethostname()} since {utc_now():%Y-%m-%d %H:%M:%SZ}\n".encode(), 0
        )
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


def _is_still(path: Path, file: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file).st_ino
    except FileNotFoundError:
        return False
