"""The mount guard: a scan that finds too much gone stops and says so, and nothing is marked.

A network drive that dropped off looks like an empty folder, a missing one, or another disk where the music was. None of
these may cost anybody a library.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH112, PTH116, PTH118

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from segue.core.errors import SegueError
from segue.library.scan import disks
from segue.library.scan.paths import displayed, parent_of
from segue.library.scan.whereabouts import Devices, nearest_device

T = TypeVar("T")

MOST_GONE_SHARE = 0.10
"""More than this share of a library's files gone at once is taken for a fault of the disk, not for tidying up."""
FEW_FILES = 5
"""So few may always go: in a library of ten files one album is half of it."""
SAMPLE = 50
"""Remembered paths that are looked for before a scan."""
RECENTLY = timedelta(hours=1)
"""What scans of single folders marked in this time counts too, so that a library is not nibbled away folder by folder."""


class Gone(NamedTuple):
    """A file that is not where it was; `device` is what it was on."""

    path: bytes
    device: int | None


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


class SampleMissing(ScanStopped):
    def __init__(self, path: str, looked_for: int, found: int, files: int, expected: int) -> None:
        super().__init__(
            "sample_missing",
            f"Of {looked_for} remembered files below {path} only {found} are there, and there are {files} files where "
            f"{expected} should be.",
            hint="Is something else mounted there? Nothing was marked missing.",
            path=path,
            looked_for=looked_for,
            found=found,
            files=files,
            expected=expected,
        )


class MountMissing(ScanStopped):
    def __init__(self, folder: str, gone: int) -> None:
        super().__init__(
            "mount_missing",
            f"{gone} files are gone with the folder {folder}, which was on a disk of its own.",
            hint="Is that disk mounted? Nothing was marked missing. If it is meant to be gone, scan again and accept it.",
            folder=folder,
            gone=gone,
        )


class FolderEmpty(ScanStopped):
    def __init__(self, folder: str, gone: int) -> None:
        super().__init__(
            "folder_empty",
            f"The folder {folder} is empty, though {gone} files in several folders should be in it.",
            hint="Is its disk mounted? Nothing was marked missing. If they are meant to be gone, scan again and accept it.",
            folder=folder,
            gone=gone,
        )


class DiskDoesNotAnswer(ScanStopped):
    def __init__(self, path: str, seconds: float) -> None:
        super().__init__(
            "disk_does_not_answer",
            f"The disk of {path} has not answered for {seconds:g} seconds.",
            hint="A network drive that dropped off does so. Nothing was marked missing.",
            path=path,
            seconds=seconds,
        )


@dataclass(frozen=True, slots=True)
class Root:
    """What a look at a library's root gave."""

    device: int
    looked_for: int = 0
    """Remembered files that were looked for."""
    found: int = 0

    @property
    def looks_whole(self) -> bool:
        """Whether nearly all of the remembered files are where they were."""
        return self.found >= self.looked_for * (1 - MOST_GONE_SHARE)

    @property
    def looks_strange(self) -> bool:
        """Whether hardly any of the remembered files is where it was."""
        return self.looked_for > 0 and self.found <= self.looked_for * MOST_GONE_SHARE


async def check_root(
    root: bytes, shown: str, device: int | None, files: int, remembered: Callable[[], Awaitable[Sequence[bytes]]]
) -> Root:
    """Look at a library's root before it is walked.

    `device` and `files` are what the last scan found; `remembered` gives paths that should be there. Raises ScanStopped.
    """
    present, empty = await _asked(shown, _look, root, shown)
    if empty and files:
        raise RootEmpty(shown, files)
    if not files:
        return Root(present)
    paths = await remembered()
    seen = Root(present, len(paths), await _asked(shown, _how_many, root, paths))
    if device is not None and device != present and not seen.looks_whole:
        raise RootIsAnotherDevice(shown, seen.looked_for, seen.found)
    return seen


def check_walked(root: Root, shown: str, files: int, expected: int, share: float) -> None:
    """After a walk of the whole library: where hardly any remembered file is there, and there are not nearly as many others
    instead, it is not this library that lies there. Raises SampleMissing."""
    if root.looks_strange and expected - files > max(FEW_FILES, expected * share):
        raise SampleMissing(shown, root.looked_for, root.found, files, expected)


async def check_places(root: bytes, gone: Sequence[Gone], devices: Devices) -> None:
    """See whether the places where files are gone are still on their disks: a drive that was mounted inside of the library
    takes its device with it, or leaves an empty folder behind. Raises ScanStopped."""
    places = await _asked(displayed(root), _places, root, gone)
    emptied: dict[bytes, list[int]] = {}
    for place in places:
        elsewhere = [number for number in place.devices if not await devices.is_on(number, place.device)]
        if place.device is not None and elsewhere and len(elsewhere) == len(place.devices):
            raise MountMissing(displayed(place.nearest or place.folder), place.files)
        if place.nearest != place.folder and place.nearest:
            emptied.setdefault(place.nearest, []).append(place.files)
    for folder, counts in emptied.items():
        several = len(counts) > 1 and sum(counts) > FEW_FILES
        if several and await _asked(displayed(root), _is_empty, os.path.join(root, folder)):
            raise FolderEmpty(displayed(folder), sum(counts))


@dataclass(slots=True)
class _Place:
    """A folder that lost files: the devices they were on, the nearest folder that is there, and the device that is on."""

    folder: bytes
    devices: set[int]
    files: int
    nearest: bytes = b""
    device: int | None = None


def _places(root: bytes, gone: Sequence[Gone]) -> list[_Place]:
    places: dict[bytes, _Place] = {}
    for file in gone:
        place = places.setdefault(parent_of(file.path), _Place(parent_of(file.path), set(), 0))
        place.files += 1
        if file.device is not None:
            place.devices.add(file.device)
    for place in places.values():
        place.nearest = place.folder
        while place.nearest and not os.path.isdir(os.path.join(root, place.nearest)):
            place.nearest = parent_of(place.nearest)
        place.device = nearest_device(root, place.nearest)
    return list(places.values())


def _is_empty(path: bytes) -> bool:
    try:
        with os.scandir(path) as entries:
            return next(iter(entries), None) is None
    except OSError:
        return False


async def _asked(shown: str, look: Callable[..., T], *args: Any) -> T:
    try:
        return await disks.ask(look, *args)
    except disks.DiskSilent as silent:
        raise DiskDoesNotAnswer(shown, silent.seconds) from None


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
