"""The journal that a scan keeps while it writes: for each transaction, what it changed as it was before, and what it made.

A scan that changes nothing writes nothing here. The first scan of a library is noted with its counts, but not kept: taking
it back would be forgetting the library. What is kept goes with the transaction it is about, so that a scan that is killed
leaves a journal that fits the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from segue.core.db import Transaction
from segue.library.journal import images, repository
from segue.library.scan.control import Control
from segue.library.scan.plan import FilePlan, StoredFile
from segue.library.scan.repository import Wanted
from segue.library.scan.write.written import Written

if TYPE_CHECKING:
    from segue.library.scan.write.writer import Part

FILES_OF_PAGE = 12
ALBUMS_OF_PAGE = 6
"""Few enough to be put back in one short transaction. The albums of a transaction are in pages of their own, the last, so that
they are put back first: files and tracks point at them."""
COUNTS = ("added", "changed", "moved", "came_back", "missing", "albums_added", "split", "merged")


@dataclass(slots=True)
class Before:
    """What one transaction is about to change, as it is."""

    files: list[dict[str, Any]] = field(default_factory=list)
    albums: dict[int, dict[str, Any]] = field(default_factory=dict)
    folders: list[dict[str, Any]] = field(default_factory=list)
    new: list[FilePlan] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Journal:
    """The journal of one scan of one library; `job` and `requested_by` say whose."""

    def __init__(
        self,
        library_id: int,
        *,
        first: bool,
        full: bool = False,
        started_at: datetime,
        job: int | None = None,
        requested_by: int | None = None,
    ) -> None:
        self._library_id = library_id
        self._first = first
        self._row = {
            "library_id": library_id,
            "job_id": job,
            "requested_by": requested_by,
            "full": full,
            "first": first,
            "state": "open",
            "started_at": started_at,
        }
        self._before = Before()
        self._noted: tuple[int, dict[str, int]] | None = None
        """The journal's number and counts, as they were committed last."""

    async def _note(self, tx: Transaction, counts: Mapping[str, int]) -> int:
        """Add to the counts; returns the journal's number. Its row is asked for once, since only this scan writes to it."""
        if self._noted is None:
            number, summed = await repository.note(tx, self._row, counts)
        else:
            number, known = self._noted
            summed = {name: known.get(name, 0) + counts[name] for name in COUNTS}
            await repository.set_counts(tx, number, summed)

        def remember() -> None:
            self._noted = number, summed

        tx.after_commit(remember)
        return number

    async def before(self, tx: Transaction, parts: Sequence[Part], unfinished: Collection[int] = ()) -> None:
        """Look at what writing `parts` is about to change. The rows of albums that are `unfinished`, as large ones are until
        the last of their files is written, change by no more than counts."""
        before = self._before = Before()
        files = [file for part in parts for file in part.files]
        fresh = [part.unit for part in parts if not part.unit.begun]
        changed = {number for unit in fresh for number in unit.parked}
        for file in files:
            self._count(file, before.counts)
            if file.stored is None:
                before.new.append(file)
            elif self._changes(file, file.stored):
                changed.add(file.stored.id)
            changed.update(row.id for row in file.former)
        if self._first:
            return
        albums = {file.stored.album_id for file in files if file.stored and file.stored.album_id is not None}
        groups = {file.key.group for file in files if file.key}
        before.files = await images.files(tx.conn, changed)
        albums |= {track["row"]["album_id"] for file in before.files for track in file["tracks"]}
        albums |= await repository.holders(tx.conn, self._library_id, groups)
        before.albums = await images.albums(tx.conn, albums - set(unfinished))
        before.folders = await images.folders(
            tx.conn, {folder.id for unit in fresh for folder in unit.folders if folder.id}
        )

    def _count(self, file: FilePlan, counts: Counter[str]) -> None:
        stored = file.stored
        if stored is None or (stored.track_id is None and file.is_track):
            counts["added"] += file.is_track
        elif stored.missing_since is not None:
            counts["came_back"] += 1
        elif (stored.library_id, stored.path) != (self._library_id, file.path):
            counts["moved"] += 1
        elif file.facts is not None and stored.tag_hash != file.tag_hash:
            counts["changed"] += 1

    def _changes(self, file: FilePlan, stored: StoredFile) -> bool:
        """Whether the row of the file, or of its track, is about to be another."""
        place = (stored.library_id, stored.path, stored.missing_since) != (self._library_id, file.path, None)
        if place or file.rewrite or (file.document is not None and file.facts is None):
            return True
        if file.facts is None:
            return file.is_track and stored.track_missing_since is not None
        told = (stored.size, stored.mtime_ns, stored.tag_hash)
        return told != (file.facts.size, file.facts.mtime_ns, file.tag_hash) or file.is_track != (
            stored.track_id is not None and stored.track_missing_since is None
        )

    async def made(self, tx: Transaction, files: Sequence[int], albums: Sequence[int], tracks: int) -> None:
        """Keep that these files, with so many tracks, and albums were made, and nothing changed by that."""
        if not tracks and not files:
            return
        number = await self._note(tx, dict.fromkeys(COUNTS, 0) | {"added": tracks, "albums_added": len(albums)})
        if not self._first:
            image: images.Image = {
                "files": [], "albums": [], "folders": [], "made": {"files": sorted(files), "albums": sorted(albums)},
            }  # fmt: skip
            await repository.add_page(tx, number, self._library_id, images.pack(image))

    async def before_missing(
        self, tx: Transaction, files: Sequence[StoredFile], unfinished: Collection[int] = ()
    ) -> None:
        """Look at files that are about to be marked missing; see `before`."""
        before = self._before = Before()
        before.counts["missing"] = len({file.id for file in files if file.missing_since is None})
        if not self._first:
            before.files = await images.files(tx.conn, {file.id for file in files})
            albums = {file.album_id for file in files if file.album_id} - set(unfinished)
            before.albums = await images.albums(tx.conn, albums)

    async def after(self, tx: Transaction, written: Written) -> None:
        """Keep what was looked at, as far as it changed, in the same transaction."""
        before, self._before = self._before, Before()
        counts = before.counts
        counts["albums_added"] += len(written.made)
        counts["merged"] += len(written.ended)
        counts["split"] += sum(
            1 for album, went in written.moved.items() if album not in written.ended and any(went[one] for one in went)
        )
        if not +counts and not before.files and not written.moved:
            return
        number = await self._note(tx, {name: counts[name] for name in COUNTS})
        if self._first:
            return
        new = await repository.files_at(tx.conn, self._library_id, [file.path for file in before.new])
        touched = written.touched | written.ended | written.renamed
        for start in range(0, len(before.files), FILES_OF_PAGE):
            some = images.empty() | {"files": before.files[start : start + FILES_OF_PAGE]}
            await repository.add_page(tx, number, self._library_id, images.pack(some))
        for start in range(FILES_OF_PAGE, len(new), FILES_OF_PAGE):
            some = images.empty() | {"made": {"files": new[start : start + FILES_OF_PAGE], "albums": []}}
            await repository.add_page(tx, number, self._library_id, images.pack(some))
        albums = [album for one, album in sorted(before.albums.items()) if one in touched]
        for start in range(ALBUMS_OF_PAGE, len(albums), ALBUMS_OF_PAGE):
            some = images.empty() | {"albums": albums[start : start + ALBUMS_OF_PAGE]}
            await repository.add_page(tx, number, self._library_id, images.pack(some))
        rest: images.Image = images.empty() | {
            "albums": albums[:ALBUMS_OF_PAGE],
            "folders": before.folders,
            "made": {"files": new[:FILES_OF_PAGE], "albums": sorted(written.made.keys() - written.ended)},
        }
        if rest["albums"] or rest["folders"] or any(rest["made"].values()):
            await repository.add_page(tx, number, self._library_id, images.pack(rest))


def journal_of(library: Any, wanted: Wanted, control: Control, started_at: datetime) -> Journal:
    """The journal of a scan that is about to begin; `control` is its job, where it has one."""
    return Journal(
        library.id,
        first=library.scan_finished_at is None,
        full=wanted.full,
        started_at=started_at,
        job=getattr(control, "id", None),
        requested_by=getattr(control, "created_by", None),
    )
