"""The second phase's input: folders to look at, as units of files that are grouped together.

A unit is an album folder with the folders of its discs. What is unchanged in it is remembered rather than read again,
since the album is put together from all of its files.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from segue.core.db import Database
from segue.library.scan import disks, documents, repository
from segue.library.scan.cue import divide
from segue.library.scan.grouping import album_folder, disc_of_folder
from segue.library.scan.ignore import IgnoreBook
from segue.library.scan.paths import join, name_of
from segue.library.scan.plan import LARGE_FOLDER, FilePlan, FolderPlan, StoredFile, Unit
from segue.library.scan.walk import Listing, Unreadable, list_folder

if TYPE_CHECKING:
    from segue.library.scan.write.writer import Writer

AT_ONCE = 64
"""Units that are planned together: one look at the tables for all of them."""


@dataclass(slots=True)
class Sketch:
    """A unit's folders as they are on disk."""

    base: bytes
    listings: list[Listing] = field(default_factory=list)


class Planner:
    """Turns folders to look at into units, and tells `writer` which of them and of those above have rows. Folders in
    `open_folders` keep no fingerprint, since a file of theirs is gone and not settled yet."""

    def __init__(
        self,
        db: Database,
        library_id: int,
        root: bytes,
        writer: Writer,
        open_folders: Collection[int],
        everything_since: datetime | None,
        ignored: IgnoreBook | None = None,
    ) -> None:
        self._db = db
        self._library_id = library_id
        self._root = root
        self._writer = writer
        self._open = open_folders
        self._since = everything_since
        self._ignored = ignored
        self.unreadable: list[Unreadable] = []

    async def units(self, todo: Sequence[bytes]) -> AsyncIterator[Unit]:
        """The units of the folders in `todo`, in its order."""
        bases = list(dict.fromkeys(album_folder(path) for path in todo))
        wanted = set(todo)
        for start in range(0, len(bases), AT_ONCE):
            sketches = await disks.ask(self._sketch, bases[start : start + AT_ONCE], wanted)
            folders: dict[bytes, int] = {}
            stored = await self._stored(sketches, folders)
            units = [unit for sketch in sketches for unit in self._divide(sketch, stored, folders)]
            await self._remember(units)
            for unit in units:
                yield unit

    def _sketch(self, bases: Iterable[bytes], wanted: set[bytes]) -> list[Sketch]:
        sketches = []
        for base in bases:
            sketch = Sketch(base)
            try:
                listing, subfolders = list_folder(self._root, base, self._ignored)
            except FileNotFoundError:
                continue
            except OSError as error:
                self.unreadable.append(Unreadable(base, error))
                continue
            sketch.listings.append(listing)
            for path, _ in subfolders:
                if disc_of_folder(name_of(path)) is None or album_folder(path) != base:
                    continue
                try:
                    sketch.listings.append(list_folder(self._root, path, self._ignored)[0])
                except FileNotFoundError:
                    continue
                except OSError as error:
                    self.unreadable.append(Unreadable(path, error))
            sketches.append(sketch)
        return sketches

    async def _stored(self, sketches: list[Sketch], folders: dict[bytes, int]) -> dict[bytes, StoredFile]:
        await self._learn(folders, [listing.path for sketch in sketches for listing in sketch.listings])
        ids = list(folders.values())
        if not ids:
            return {}
        async with self._db.read() as conn:
            return _by_path(await repository.files_of_folders(conn, ids))

    async def _learn(self, folders: dict[bytes, int], paths: Sequence[bytes]) -> None:
        """Put those of these folders that have rows into `folders`."""
        known = self._writer.folder_ids
        folders.update((path, known[path]) for path in paths if path in known)
        if unknown := [path for path in paths if path not in folders]:
            async with self._db.read() as conn:
                for folder in await repository.folders_at(conn, self._library_id, unknown):
                    folders[folder.path] = folder.id
                    self._writer.know_folder(folder.id, folder.path)

    def _divide(self, sketch: Sketch, stored: dict[bytes, StoredFile], known: dict[bytes, int]) -> list[Unit]:
        folders = []
        files: list[FilePlan] = []
        for listing in sketch.listings:
            folder = FolderPlan(listing.path, listing, known.get(listing.path))
            folder.settled = folder.id not in self._open
            folders.append(folder)
            for entry in listing.audio:
                path = join(listing.path, entry.name)
                files.append(FilePlan(folder, path, entry, stored.get(path)))
        if len(files) <= LARGE_FOLDER:
            return [Unit(sketch.base, folders, files)]
        return [
            Unit(
                sketch.base,
                folders,
                files[start : start + LARGE_FOLDER],
                last=start + LARGE_FOLDER >= len(files),
                whole=False,
            )
            for start in range(0, len(files), LARGE_FOLDER)
        ]

    async def _remember(self, units: list[Unit]) -> None:
        """Decide what must be read, and fetch what the others said."""
        unchanged: list[FilePlan] = []
        for unit in units:
            for file in unit.files:
                file.wanted = file.stored is None or file.stored.must_be_read(file.entry, self._since)
                if not file.wanted and file.stored is not None and file.stored.track_id is not None:
                    unchanged.append(file)
        if unchanged:
            async with self._db.read() as conn:
                said = await repository.documents(conn, [file.stored.id for file in unchanged if file.stored])
            for file in unchanged:
                document = said.get(file.stored.id) if file.stored else None
                if document is None:
                    file.wanted = True
                    continue
                body = documents.decode(document)
                if divide.concerns(file, body):
                    file.wanted = True
                elif "tags" in body:
                    file.tags = documents.tags_from_json(body["tags"])
        for unit in units:
            unit.unread = sum(file.wanted for file in unit.files)


def _by_path(rows: Iterable[StoredFile]) -> dict[bytes, StoredFile]:
    """The row of each path; of a file with several tracks one that is present."""
    found: dict[bytes, StoredFile] = {}
    for row in rows:
        known = found.get(row.path)
        if known is None or (known.track_missing_since is not None and row.track_missing_since is None):
            found[row.path] = row
    return found
