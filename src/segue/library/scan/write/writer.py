"""Write what a scan found: one transaction a batch, a few statements of many rows each, and nothing that is unchanged.

The order inside a transaction follows what points at what: folders, names, albums (as empty rows), files, tracks and what
hangs on them, then the albums' own words and all counts, then what makes things findable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, bindparam, insert, select, update

from segue.core.db import Transaction
from segue.core.text import search_tokens, sort_key
from segue.library import search
from segue.library.edits import scanning as edits
from segue.library.measures.repository import measured
from segue.library.models import (
    File,
    Folder,
    Track,
)
from segue.library.pictures import artists
from segue.library.pictures.scanned import contents_of, write_folders
from segue.library.scan import packing, repository
from segue.library.scan.paths import displayed, name_of, parent_of
from segue.library.scan.plan import FilePlan, StoredFile, Unit
from segue.library.scan.write import large
from segue.library.scan.write.albumbook import AlbumBook
from segue.library.scan.write.bulk import Together
from segue.library.scan.write.covers import PictureBook
from segue.library.scan.write.fresh import FreshAlbums
from segue.library.scan.write.names import NameBook, slices
from segue.library.scan.write.numbers import allocate
from segue.library.scan.write.row_batch import RowBatch
from segue.library.scan.write.rows import track_credits
from segue.library.scan.write.written import Written

if TYPE_CHECKING:
    from segue.library.journal.book import Journal


@dataclass(slots=True)
class Part:
    """Some files of a unit, to be written together; with the last of them its folders are done."""

    unit: Unit
    files: list[FilePlan]
    last: bool


MOST_FOLDERS = 20_000
"""Folders that a scan keeps in mind; beyond that it asks for them again."""


class Writer:
    """Writes for one scan of one library. Its memory of ids is bounded, and dropped when a transaction fails.

    Without `pictures` nothing is said about pictures: all keep those that they have.
    """

    def __init__(self, library_id: int, library_name: str, pictures: PictureBook | None = None) -> None:
        self.library_id = library_id
        self.names = NameBook()
        self.folder_ids: dict[bytes, int] = {}
        self._paths: dict[int, bytes] = {}
        self.albums = AlbumBook(library_id, library_name, self.names, self._paths)
        self._pictures = pictures
        self.journal: Journal | None = None
        """Where a scan notes what it changes."""
        self._fresh = FreshAlbums(library_id, self.names, pictures, self.folder_ids, self.albums)

    def know_folder(self, folder_id: int, path: bytes) -> None:
        """Learn of a folder that has a row."""
        self.folder_ids[path] = folder_id
        self.albums.place(folder_id, path)

    def forget(self) -> None:
        """After a transaction that failed: what it made is not there."""
        self.names.forget()
        self._forget_folders()

    def _forget_folders(self) -> None:
        self.folder_ids.clear()
        self.albums.forget_folders()

    async def write(self, tx: Transaction, parts: Sequence[Part], now: datetime) -> None:
        """Write `parts` and everything that follows from them."""
        if len(self.folder_ids) > MOST_FOLDERS:
            self._forget_folders()
        await self.names.catch_up(tx)
        written = Written(now)
        fresh = await self._fresh.possible(tx, [part.unit for part in parts if part.unit.albums is not None])
        if fresh:
            made = await self._fresh.write(tx, fresh, written)
            for path, folder_id in made.folders.items():
                self.know_folder(folder_id, path)
            if self.journal is not None:
                await self.journal.made(tx, made.files, made.albums, made.tracks)
        ordinary = [part for part in parts if part.unit not in set(fresh)]
        for part in ordinary:
            packing.unpack_unit(part.unit)
        if ordinary:
            await self._write_parts(tx, ordinary, written)
        else:
            await self.index(tx, written)

    async def _write_parts(self, tx: Transaction, parts: Sequence[Part], written: Written) -> None:
        folders = [folder for part in parts for folder in part.unit.folders]
        await self.ensure_folders(tx, [folder.path for folder in folders])
        for folder in folders:
            folder.id = self.folder_ids[folder.path]
        pictured = await self._picture_folders(tx, parts)
        fresh = list(dict.fromkeys(part.unit for part in parts if not part.unit.begun))
        unfinished = await large.unfinished(tx, parts)
        if self.journal is not None:
            await self.journal.before(tx, parts, unfinished)
        await self.albums.resolve(tx, fresh, written)
        for unit in fresh:
            await self._park(tx, unit.parked)
            if any(folder.id in pictured or folder.has_another_cover for folder in unit.folders):
                written.touched.update(unit.prior_albums.values())
        wanted = [(part.unit, dict.fromkeys(file.key.group for file in part.files if file.key)) for part in parts]
        written.touched |= await large.finished(tx, parts)
        await large.begin(tx, written, unfinished, large.tracks_of(file for part in parts for file in part.files))
        await self.albums.make(tx, wanted, written)
        files = [(part.unit, file) for part in parts for file in part.files]
        await edits.apply_to_files(tx, files)
        await self._write_files(tx, files, written)
        await self.albums.refresh(tx, written)
        await artists.settle(tx, self.library_id, folders, written)
        await self.index(tx, written)
        await self._settle_folders(tx, parts, written.now)
        if self.journal is not None:
            await self.journal.after(tx, written)

    async def mark_missing(
        self,
        tx: Transaction,
        files: Sequence[StoredFile],
        now: datetime,
        reason: str | None = None,
        unfinished: Collection[int] = (),
    ) -> None:
        """Mark files and their tracks as missing, for `reason` where they are not simply gone; their albums and all counts
        follow. Of the albums `unfinished`, more is marked next."""
        written = Written(now)
        unfinished = await large.large_ones(tx, unfinished)
        if self.journal is not None:
            await self.journal.before_missing(tx, files, unfinished)
        await large.begin(tx, written, unfinished, {file.track_id for file in files if file.track_id is not None})
        gone = list({file.id for file in files if file.missing_since is None})
        await self._set_missing(tx, gone, now, written, reason)
        await self._set_tracks_missing(
            tx, [(f.track_id, f.album_id) for f in files if f.track_id and not f.track_missing_since], now, written
        )
        await self._shift_folders(
            tx, [(file.folder_id, -1) for file in files if file.track_id and not file.track_missing_since]
        )
        await self.albums.refresh(tx, written)
        await self.index(tx, written)
        if self.journal is not None:
            await self.journal.after(tx, written)

    async def refresh(self, tx: Transaction, albums: Collection[int], now: datetime) -> None:
        """Put albums together anew from what their tracks say."""
        await self.names.catch_up(tx)
        written = Written(now)
        written.touched.update(albums)
        await self.albums.refresh(tx, written)
        await self.index(tx, written)

    # --- folders ------------------------------------------------------------------------------------------------------

    async def ensure_folders(self, tx: Transaction, paths: Iterable[bytes]) -> None:
        """Make rows for folders that have none, and for those above them."""
        missing: dict[bytes, None] = {}
        for path in paths:
            while path not in self.folder_ids and path not in missing:
                missing[path] = None
                if not path:
                    break
                path = parent_of(path)
        for folder in await repository.folders_at(tx.conn, self.library_id, missing):
            self.know_folder(folder.id, folder.path)
            del missing[folder.path]
        rows = []
        if missing:
            ids = await allocate(tx, _table(Folder), len(missing))
            for folder_id, path in zip(
                ids, sorted(missing, key=lambda path: path.count(b"/") + bool(path)), strict=True
            ):
                self.know_folder(folder_id, path)
                name = displayed(name_of(path))
                rows.append(
                    {
                        "id": folder_id,
                        "library_id": self.library_id,
                        "parent_id": self.folder_ids[parent_of(path)] if path else None,
                        "path": path,
                        "name": name,
                        "sort_key": sort_key(name),
                    }
                )
            await tx.execute(insert(Folder), rows)

    async def _picture_folders(self, tx: Transaction, parts: Sequence[Part]) -> set[int]:
        """Give folders their pictures; returns those that have got another one."""
        if self._pictures is None:
            return set()
        wanted = contents_of([folder for part in parts for folder in part.unit.folders])
        wanted |= {sha for part in parts for file in part.files if (sha := file.best_picture)}
        await self._pictures.ensure(tx, wanted)
        folders = [folder for part in parts if not part.unit.begun for folder in part.unit.folders]
        return await write_folders(tx, self.library_id, folders, self._pictures)

    async def _settle_folders(self, tx: Transaction, parts: Sequence[Part], now: datetime) -> None:
        rows = [
            {
                "folder": folder.id,
                "fingerprint": folder.listing.fingerprint if folder.settled else None,
                "mtime_ns": folder.listing.mtime_ns,
                "scanned_at": now,
            }
            for part in parts
            if part.last and part.unit.last
            for folder in part.unit.folders
        ]
        if rows:
            await tx.execute(
                update(Folder)
                .where(Folder.id == bindparam("folder"))
                .values(
                    fingerprint=bindparam("fingerprint"),
                    mtime_ns=bindparam("mtime_ns"),
                    scanned_at=bindparam("scanned_at"),
                    missing_since=None,
                    problem_code=None,
                    problem_params=None,
                ),
                rows,
            )

    async def _shift_folders(self, tx: Transaction, changes: Iterable[tuple[int, int]]) -> None:
        total: dict[int, int] = {}
        for folder_id, change in changes:
            total[folder_id] = total.get(folder_id, 0) + change
        rows = [{"folder": folder, "change": change} for folder, change in sorted(total.items()) if change]
        if rows:
            await tx.execute(
                update(Folder)
                .where(Folder.id == bindparam("folder"))
                .values(track_count=Folder.track_count + bindparam("change")),
                rows,
            )

    # --- files and tracks ---------------------------------------------------------------------------------------------

    async def _park(self, tx: Transaction, file_ids: Sequence[int]) -> None:
        """Take files off their paths that another file is about to have: paths are unique at every moment."""
        if file_ids:
            await tx.execute(
                update(File).where(File.id == bindparam("file")).values(path=bindparam("path")),
                [{"file": file_id, "path": b"\x00moving/%d" % file_id} for file_id in file_ids],
            )

    async def _write_files(self, tx: Transaction, files: Sequence[tuple[Unit, FilePlan]], written: Written) -> None:
        now = written.now
        await self._notice_lost_documents(tx, [file for _, file in files])
        read = [file for _, file in files if self._differs(file)]
        artists = await self.names.artists(
            tx, [credit for file in read if file.tags for credit in track_credits(file.tags)], now
        )
        genres = await self.names.genres(tx, [genre for file in read if file.tags for genre in file.tags.genres])
        fresh = [file for _, file in files if file.stored is None and file.carrier is None]
        file_ids = dict(zip(fresh, await allocate(tx, _table(File), len(fresh)), strict=True))
        new_tracks = [
            file for _, file in files if file.is_track and (file.stored is None or file.stored.track_id is None)
        ]
        track_ids = dict(zip(new_tracks, await allocate(tx, _table(Track), len(new_tracks)), strict=True))
        written_before = [file.stored.track_id for file in read if file.stored and file.stored.track_id]
        measures = await measured(tx.conn, written_before)
        batch = RowBatch(self.library_id, self._pictures, artists, genres, written, measures)
        for unit, file in files:
            album_id = unit.prior_albums[file.key.group] if file.key else None
            batch.add(file, file_ids.get(file.carrier or file), track_ids.get(file), album_id, self._differs(file))
        await batch.write(tx)
        await self._shift_folders(tx, batch.folders)

    async def _notice_lost_documents(self, tx: Transaction, files: Sequence[FilePlan]) -> None:
        """What was read and says nothing new is written all the same where what it said is not kept any more."""
        same = {
            file.stored.id: file
            for file in files
            if file.facts is not None and file.stored is not None and file.carrier is None and not self._differs(file)
        }
        for lost in same.keys() - await repository.with_documents(tx.conn, same):
            same[lost].rewrite = True

    def _differs(self, file: FilePlan) -> bool:
        """Whether what was read says anything new, or the path does, or it is to be written again."""
        if file.facts is None:
            return file.rewrite and file.is_track
        stored = file.stored
        return (
            file.rewrite
            or stored is None
            or stored.tag_hash != file.tag_hash
            or (stored.library_id, stored.path) != (self.library_id, file.path)
            or (file.is_track and stored.track_id is None)
        )

    async def _set_missing(
        self, tx: Transaction, file_ids: list[int], now: datetime, written: Written, reason: str | None
    ) -> None:
        for part in slices(file_ids):
            await tx.execute(update(File).where(File.id.in_(part)).values(missing_since=now, missing_reason=reason))
        delta = written.library(self.library_id)
        delta.file_count -= len(file_ids)
        delta.missing_count += len(file_ids)

    async def _set_tracks_missing(
        self, tx: Transaction, tracks: Sequence[tuple[int, int | None]], now: datetime, written: Written
    ) -> None:
        for part in slices([track for track, _ in tracks]):
            await tx.execute(update(Track).where(Track.id.in_(part)).values(missing_since=now, updated_at=now))
        for track, album in tracks:
            tx.changed("track", track, library_id=self.library_id)
            if album is not None:
                written.touched.add(album)

    # --- search -------------------------------------------------------------------------------------------------------

    async def index(self, tx: Transaction, written: Written) -> None:
        made = sorted(self.names.take_made().items())
        artists = [(number, search.title_key(name), search_tokens(name)) for number, name in made]
        together = Together(tx)
        search.add_rows(tx.dialect, "artist", None, artists, together.insert)
        await together.write()
        await search.learn(tx, {word for artist in artists for word in artist[2]})
        rows = []
        for track, (title, others) in sorted(written.words.items()):
            album = written.titles.get(written.album_of[track])
            words = (*others, album[0]) if album else others
            rows.append(search.SearchRow(track, title, words, self.library_id))
        await search.index_rows(tx, "track", rows)
        await search.index(
            tx, "album", sorted((written.made.keys() | written.renamed | written.reworded) - written.ended)
        )
        await search.remove_rows(tx, "album", sorted(written.ended))
        for part in slices(sorted(written.renamed)):
            tracks = (await tx.execute(select(Track.id).where(Track.album_id.in_(part)))).scalars().all()
            await search.index(tx, "track", [track for track in tracks if track not in written.words])


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table
