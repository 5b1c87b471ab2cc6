"""Whether files that a scan does not look at itself are still there: those of other libraries, and of other folders where
only some are scanned. What was moved from there is then recognised at once, and not taken for new.

A file counts as gone only where the disk it was on is plainly there: its library's root is not empty, and the nearest
folder above it that exists is on the device that the file was on. A drive that dropped off gives nothing away.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH116, PTH118, PTH208

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

from segue.core.db import Database
from segue.library.scan import disks, identity_rows
from segue.library.scan.paths import is_inside, parent_of
from segue.library.scan.plan import StoredFile

SOME, ENOUGH = 500, 20
"""Remembered files of a device that are looked for, and how many of them must be found to know what it is called now."""


class Devices:
    """What the device numbers in the tables of one library are called now: a number may change when a disk is mounted anew.

    What was on device 5 is on the device on which other files of 5, which are still there, are found.
    """

    def __init__(self, db: Database, library_id: int, root: bytes) -> None:
        self._db = db
        self._library_id = library_id
        self._root = root
        self._now: dict[int, set[int]] = {}

    async def is_on(self, stored: int, now: int | None) -> bool:
        """Whether the device that is stored as `stored` is plainly the one that is called `now`."""
        if stored == now or now is None:
            return True
        if stored not in self._now:
            async with self._db.read() as conn:
                paths = await identity_rows.paths_on_device(conn, self._library_id, stored, SOME)
            try:
                self._now[stored] = await disks.ask(self._found, paths)
            except disks.DiskSilent:
                return False
        return now in self._now[stored]

    def _found(self, paths: Collection[bytes]) -> set[int]:
        found: set[int] = set()
        seen = 0
        for path in paths:
            try:
                found.add(os.lstat(os.path.join(self._root, path)).st_dev)
            except OSError:
                continue
            seen += 1
            if seen == ENOUGH:
                break
        return found


class Whereabouts:
    """Answers for what lies outside of a scan of `folders` (None: all) of the library `library_id`."""

    def __init__(
        self, db: Database, library_id: int, folders: Collection[bytes] | None, roots: Mapping[int, bytes]
    ) -> None:
        self._library_id = library_id
        self._folders = folders
        self._roots = roots
        self._whole: dict[int, bool] = {}
        self._devices = {number: Devices(db, number, root) for number, root in roots.items()}

    def answers_for(self, file: StoredFile) -> bool:
        """Whether this scan does not look at the file itself."""
        if file.library_id != self._library_id:
            return file.library_id in self._roots
        return self._folders is not None and not any(is_inside(file.path, folder) for folder in self._folders)

    async def gone(self, files: Collection[StoredFile]) -> set[int]:
        """Those of `files` that are plainly not there any more. Of a disk that does not answer nothing is gone."""
        try:
            absent = await disks.ask(self._absent, files)
        except disks.DiskSilent:
            return set()
        return {
            file.id
            for file, device in absent
            if file.device is None or await self._devices[file.library_id].is_on(file.device, device)
        }

    def _absent(self, files: Collection[StoredFile]) -> list[tuple[StoredFile, int]]:
        """Those of `files` that are not where they were, with the device of the nearest folder that is there."""
        whole = [file for file in files if self._is_whole(file.library_id)]
        named = Named()
        return [(file, device) for file in whole if (device := self._left_device(file, named)) is not None]

    def _is_whole(self, library_id: int) -> bool:
        known = self._whole.get(library_id)
        if known is None:
            root = self._roots[library_id]
            try:
                with os.scandir(root) as entries:
                    known = next(iter(entries), None) is not None
            except OSError:
                known = False
            self._whole[library_id] = known
        return known

    def _left_device(self, file: StoredFile, named: Named) -> int | None:
        root = self._roots[file.library_id]
        try:
            found = os.lstat(os.path.join(root, file.path))
            if not named.so(root, file.path, found):
                return found.st_dev
        except (FileNotFoundError, NotADirectoryError):
            return nearest_device(root, parent_of(file.path))
        except OSError:
            return None
        return None


class Named:
    """Whether files are called exactly so. A file system that takes `a` for `A` says of a file renamed to the one that the
    other is still there; what its folders list is the truth. Each folder is read once."""

    def __init__(self) -> None:
        self._names: dict[bytes, frozenset[bytes]] = {}

    def so(self, root: bytes, path: bytes, found: os.stat_result) -> bool:
        """Whether what was found at `path` (relative to the root) bears that name, case and all."""
        if not self._folds(root, path, found):
            return True
        folder = root
        for name in path.split(b"/"):
            if name not in self._listed(folder):
                return False
            folder = os.path.join(folder, name)
        return True

    def _folds(self, root: bytes, path: bytes, found: os.stat_result) -> bool:
        other = path.swapcase()
        if other == path:
            return False
        try:
            twin = os.lstat(os.path.join(root, other))
        except OSError:
            return False
        return (twin.st_dev, twin.st_ino) == (found.st_dev, found.st_ino)

    def _listed(self, folder: bytes) -> frozenset[bytes]:
        if folder not in self._names:
            self._names[folder] = frozenset(os.listdir(folder))
        return self._names[folder]


def nearest_device(root: bytes, folder: bytes) -> int | None:
    """The device of `folder` (relative to the root), or of the nearest folder above it that is there; None where the
    disk does not say."""
    while True:
        try:
            return os.stat(os.path.join(root, folder) if folder else root).st_dev
        except (FileNotFoundError, NotADirectoryError):
            if not folder:
                return None
            folder = parent_of(folder)
        except OSError:
            return None
