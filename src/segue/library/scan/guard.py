"""The mount guard: a scan that finds too much gone stops and says so, and nothing is marked.

A network drive that dropped off looks like an empty folder, a missing one, or another disk where the music was. None of
these may cost anybody a library.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH116, PTH118

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence

from segue.core.errors import SegueError

MOST_GONE_SHARE = 0.10
"""More than this share of a library's files gone at once is taken for a fault of the disk, not for tidying up."""
FEW_FILES = 5
"""So few may always go: in a library of ten files one album is half of it."""
SAMPLE = 50
"""Remembered paths that are looked for when the root is on another device than last time."""


class ScanStopped(SegueError):
    """The scan ended by itself before anything was marked missing."""


class RootMissing(ScanStopped):
    def __init__(self, path: str) -> None:
        super().__init__(
            "root_missing",
            f"The folder {path} is not there.",
            hint="Mount it again, or change the library's path. Nothing was marked missing.",
            path=path,
        )


class RootUnreadable(ScanStopped):
    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            "root_unreadable",
            f"The folder {path} cannot be read: {reason}.",
            hint="Allow Segue's user to read it. Nothing was marked missing.",
            path=path,
            reason=reason,
        )


class RootEmpty(ScanStopped):
    def __init__(self, path: str, files: int) -> None:
        super().__init__(
            "root_empty",
            f"The folder {path} is empty, though {files} files should be there.",
            hint="Is its disk mounted? Nothing was marked missing.",
            path=path,
            files=files,
        )


class RootIsAnotherDevice(ScanStopped):
    def __init__(self, path: str, looked_for: int, found: int) -> None:
        super().__init__(
            "root_is_another_device",
            f"The folder {path} is on another device than before, and of {looked_for} files only {found} are there.",
            hint="Is the right disk mounted? Nothing was marked missing.",
            path=path,
            looked_for=looked_for,
            found=found,
        )


class TooManyMissing(ScanStopped):
    def __init__(self, gone: int, files: int, share: float) -> None:
        super().__init__(
            "too_many_missing",
            f"{gone} of {files} files are gone. That is more than {share:.0%}, so nothing was marked missing.",
            hint="If they are meant to be gone, scan again and accept it.",
            gone=gone,
            files=files,
        )


async def check_root(
    root: bytes, shown: str, device: int | None, files: int, remembered: Callable[[], Awaitable[Sequence[bytes]]]
) -> int:
    """Look at a library's root before it is walked; returns the device it is on.

    `device` and `files` are what the last scan found; `remembered` gives paths that should be there, and is asked where
    the device is another one. Raises ScanStopped.
    """
    present, empty = await asyncio.to_thread(_look, root, shown)
    if empty and files:
        raise RootEmpty(shown, files)
    if device is not None and device != present and files:
        paths = await remembered()
        found = await asyncio.to_thread(_how_many, root, paths)
        if found < len(paths) * (1 - MOST_GONE_SHARE):
            raise RootIsAnotherDevice(shown, len(paths), found)
    return present


def _look(root: bytes, shown: str) -> tuple[int, bool]:
    try:
        device = os.stat(root).st_dev
        with os.scandir(root) as entries:
            return device, next(iter(entries), None) is None
    except (FileNotFoundError, NotADirectoryError):
        raise RootMissing(shown) from None
    except OSError as error:
        raise RootUnreadable(shown, error.strerror or type(error).__name__) from error


def _how_many(root: bytes, paths: Sequence[bytes]) -> int:
    return sum(os.path.lexists(os.path.join(root, path)) for path in paths)


def check_gone(gone: int, files: int, share: float = MOST_GONE_SHARE) -> None:
    """Raises TooManyMissing where `gone` of `files` is more than `share` of them, and more than a few."""
    if gone > FEW_FILES and gone > files * share:
        raise TooManyMissing(gone, files, share)
