"""The first phase of a scan: walk, compare fingerprints, and note what to look at and what is gone.

Nothing is written here. On a library where nothing changed this is all there is to a scan.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from segue.core.db import Database
from segue.library.scan import disks, repository
from segue.library.scan.control import Control
from segue.library.scan.ignore import IgnoreBook
from segue.library.scan.paths import is_inside, join
from segue.library.scan.plan import is_done_since
from segue.library.scan.repository import StoredFolder
from segue.library.scan.walk import Listing, Unreadable, walk

SLICE_S = 0.1
"""How long the walk goes on before it looks whether it should stop."""


@dataclass(slots=True)
class Look:
    """What a walk found."""

    folders: int = 0
    files: int = 0
    todo: list[bytes] = field(default_factory=list)
    """Folders in which something may have changed, in the order of the walk."""
    todo_files: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    vanished: list[Known] = field(default_factory=list)
    """Folders that have a row and are not there, though we could look."""
    gone: dict[int, int] = field(default_factory=dict)
    """Files that are not where they were, not marked missing so far: id to folder."""

    lists: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """Playlist files by path: size and time."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to be written: everything is as it was."""
        return not (self.todo or self.gone or self.vanished or self.unreadable)


class Known(NamedTuple):
    """What is remembered of a folder until the walk comes to it: there may be a hundred thousand of them."""

    id: int
    fingerprint: bytes | None
    """None where it is to be looked at whatever it is."""
    missing: bool


class Walker:
    """Walks one library. `everything_since` is the beginning of a full scan: folders done since then are not done again.
    What `ignored` says to leave alone is not there for it."""

    def __init__(
        self,
        db: Database,
        library_id: int,
        root: bytes,
        control: Control,
        everything_since: datetime | None,
        ignored: IgnoreBook | None = None,
    ) -> None:
        self._db = db
        self._library_id = library_id
        self._root = root
        self._control = control
        self._since = everything_since
        self._ignored = ignored

    async def look(self, start: Collection[bytes]) -> Look:
        """Walk at and below each of `start`. Raises disks.DiskSilent."""
        found = Look()
        async with self._db.read_through() as conn:
            unseen = {
                folder.path: Known(folder.id, folder.fingerprint if self._may_be_done(folder) else None, folder.missing)
                for beginning in start
                async for folder in repository.folders(conn, self._library_id, beginning)
            }
        steps = walk(self._root, start, self._ignored)
        self._control.progress(0, phase="walk", unit="files")
        more = True
        while more:
            self._control.check()
            names: dict[int, set[bytes]] = {}
            more = await disks.ask(self._step, steps, found, unseen, names)
            if names:
                await self._compare(names, found)
            self._control.progress(found.files, phase="walk", unit="files")
        blind = [item.path for item in found.unreadable]
        found.vanished = [
            folder for path, folder in unseen.items() if not any(is_inside(path, hidden) for hidden in blind)
        ]
        del unseen
        async with self._db.read() as conn:
            lost = await repository.present_paths(conn, [folder.id for folder in found.vanished])
        found.gone.update((file_id, folder_id) for folder_id, file_id, _ in lost)
        return found

    def _step(
        self,
        steps: Iterator[Listing | Unreadable],
        found: Look,
        unseen: dict[bytes, Known],
        names: dict[int, set[bytes]],
    ) -> bool:
        """Go on for a moment; runs in a thread. False at the end. `names` collects the files of changed folders."""
        end = time.monotonic() + SLICE_S
        for item in steps:
            stored = unseen.pop(item.path, None)
            if isinstance(item, Unreadable):
                found.unreadable.append(item)
                continue
            found.folders += 1
            found.files += len(item.audio)
            for entry in item.lists:
                found.lists[join(item.path, entry.name)] = (entry.size, entry.mtime_ns)
            if stored is None or stored.fingerprint is None or stored.fingerprint != item.fingerprint:
                found.todo.append(item.path)
                found.todo_files += len(item.audio)
                if stored is not None:
                    names[stored.id] = {join(item.path, entry.name) for entry in item.audio}
            if time.monotonic() > end:
                return True
        return False

    def _may_be_done(self, stored: StoredFolder) -> bool:
        return not stored.missing and (self._since is None or is_done_since(self._since, stored.scanned_at))

    async def _compare(self, names: dict[int, set[bytes]], found: Look) -> None:
        async with self._db.read() as conn:
            for folder_id, file_id, path in await repository.present_paths(conn, names):
                if path not in names[folder_id]:
                    found.gone[file_id] = folder_id
