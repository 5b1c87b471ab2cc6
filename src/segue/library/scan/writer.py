"""Write what a scan found: one transaction a batch, a few statements of many rows each, and nothing that is unchanged.

The order inside a transaction follows what points at what: folders, names, albums (as empty rows), files, tracks and what
hangs on them, then the albums' own words and all counts, then what makes things findable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select, update

from segue.core.db import Transaction
from segue.core.text import sort_key
from segue.library import search
from segue.library.models import (
    ExternalIdRow,
    File,
    Folder,
    RawTags,
    Track,
    TrackCredit,
    TrackGenre,
)
from segue.library.scan import statements
from segue.library.scan.albumbook import AlbumBook, MemberRow, Written
from segue.library.scan.covers import PictureBook
from segue.library.scan.names import ArtistIds, NameBook, slices
from segue.library.scan.numbers import allocate
from segue.library.scan.plan import FilePlan, FolderPlan, StoredFile, Unit
from segue.library.scan.rows import file_row, track_credits, track_external_ids, track_row
from segue.library.scan.walk import displayed, name_of, parent_of

READER_VERSION = 1
"""Grows when reading a file anew would tell more; kept with each file."""


@dataclass(slots=True)
class Part:
    """Some files of a unit, to be written together; with the last of them its folders are done."""

    unit: Unit
    files: list[FilePlan]
    last: bool


class Writer:
    """Writes for one scan of one library. Its memory of ids is bounded, and dropped when a transaction fails."""

    def __init__(self, library_id: int, library_name: str, pictures: PictureBook) -> None:
        self.library_id = library_id
        self.names = NameBook()
        self.folder_ids: dict[bytes, int] = {}
        self._paths: dict[int, bytes] = {}
        self.albums = AlbumBook(library_id, library_name, self.names, self._paths)
        self._pictures = pictures

    def know_folder(self, folder_id: int, path: bytes) -> None:
        """Learn of a folder that has a row."""
        self.folder_ids[path] = folder_id
        self.albums.place(folder_id, path)

    def forget(self) -> None:
        """After a transaction that failed: what it made is not there."""
        self.names.forget()

    async def write(self, tx: Transaction, parts: Sequence[Part], now: datetime) -> None:
        """Write `parts` and everything that follows from them."""
        written = Written(now)
        await self._ensure_folders(tx, [folder for part in parts for folder in part.unit.folders], now)
        pictured = await self._picture_folders(tx, parts)
        fresh = list(dict.fromkeys(part.unit for part in parts if not part.unit.begun))
        await self.albums.resolve(tx, fresh, written)
        for unit in fresh:
            await self._park(tx, unit.parked)
            if any(folder.id in pictured for folder in unit.folders):
                written.touched.update(unit.prior_albums.values())
        wanted = [(part.unit, dict.fromkeys(file.key.group for file in part.files if file.key)) for part in parts]
        await self.albums.make(tx, wanted, written)
        files = [(part.unit, file) for part in parts for file in part.files]
        await self._write_files(tx, files, written)
        await self.albums.refresh(tx, written)
        await self._index(tx, written)
        await self._settle_folders(tx, parts, now)

    async def mark_missing(self, tx: Transaction, files: Sequence[StoredFile], now: datetime) -> None:
        """Mark files and their tracks as missing; their albums and all counts follow."""
        written = Written(now)
        await self._set_missing(tx, [file.id for file in files if file.missing_since is None], now, written)
        await self._set_tracks_missing(
            tx, [(f.track_id, f.album_id) for f in files if f.track_id and not f.track_missing_since], now, written
        )
        await self._shift_folders(
            tx, [(file.folder_id, -1) for file in files if file.track_id and not file.track_missing_since]
        )
        await self.albums.refresh(tx, written)
        await self._index(tx, written)

    # --- folders ------------------------------------------------------------------------------------------------------

    async def _ensure_folders(self, tx: Transaction, folders: Iterable[FolderPlan], now: datetime) -> None:
        missing: dict[bytes, None] = {}
        for folder in folders:
            path = folder.path
            while path not in self.folder_ids and path not in missing:
                missing[path] = None
                if not path:
                    break
                path = parent_of(path)
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
        for folder in folders:
            folder.id = self.folder_ids[folder.path]

    async def _picture_folders(self, tx: Transaction, parts: Sequence[Part]) -> set[int]:
        """Give folders their pictures; returns those that have got another one."""
        wanted = {sha for part in parts for folder in part.unit.folders if (sha := folder.picture)}
        wanted |= {sha for part in parts for file in part.files if (sha := file.best_picture)}
        await self._pictures.ensure(tx, wanted)
        pictures = {
            folder.id: self._pictures.id_of(folder.picture)
            for part in parts
            if not part.unit.begun
            for folder in part.unit.folders
        }
        if not pictures:
            return set()
        known = select(Folder.id, Folder.artwork_id).where(Folder.id.in_(pictures))
        changed = [row.id for row in await tx.execute(known) if pictures[row.id] != row.artwork_id]
        if changed:
            await tx.execute(
                update(Folder).where(Folder.id == bindparam("folder")).values(artwork_id=bindparam("artwork")),
                [{"folder": folder, "artwork": pictures[folder]} for folder in changed],
            )
        return set(changed)

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
        read = [file for _, file in files if file.facts is not None and self._differs(file)]
        artists = await self.names.artists(
            tx, [credit for file in read if file.tags for credit in track_credits(file.tags)], now
        )
        genres = await self.names.genres(tx, [genre for file in read if file.tags for genre in file.tags.genres])
        fresh = [file for _, file in files if file.stored is None]
        file_ids = dict(zip(fresh, await allocate(tx, _table(File), len(fresh)), strict=True))
        new_tracks = [
            file for _, file in files if file.is_track and (file.stored is None or file.stored.track_id is None)
        ]
        track_ids = dict(zip(new_tracks, await allocate(tx, _table(Track), len(new_tracks)), strict=True))
        batch = _Rows(self.library_id, self._pictures, artists, genres, written)
        for unit, file in files:
            album_id = unit.prior_albums[file.key.group] if file.key else None
            batch.add(file, file_ids.get(file), track_ids.get(file), album_id, self._differs(file))
        await batch.write(tx)
        await self._shift_folders(tx, batch.folders)

    def _differs(self, file: FilePlan) -> bool:
        """Whether what was read says anything new, or the path does."""
        if file.facts is None:
            return False
        stored = file.stored
        return (
            stored is None
            or stored.tag_hash != file.tag_hash
            or (stored.library_id, stored.path) != (self.library_id, file.path)
            or (file.is_track and stored.track_id is None)
        )

    async def _set_missing(self, tx: Transaction, file_ids: list[int], now: datetime, written: Written) -> None:
        for part in slices(file_ids):
            await tx.execute(update(File).where(File.id.in_(part)).values(missing_since=now))
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

    async def _index(self, tx: Transaction, written: Written) -> None:
        await search.index_rows(
            tx, "artist", [search.SearchRow(number, name) for number, name in sorted(self.names.take_made().items())]
        )
        rows = []
        for track, (title, others) in sorted(written.words.items()):
            album = written.titles.get(written.album_of[track])
            rows.append(search.SearchRow(track, title, (*others, album[0]) if album else others))
        await search.index_rows(tx, "track", rows)
        await search.index(tx, "album", sorted((written.made.keys() | written.renamed) - written.ended))
        await search.remove_rows(tx, "album", sorted(written.ended))
        for part in slices(sorted(written.renamed)):
            tracks = (await tx.execute(select(Track.id).where(Track.album_id.in_(part)))).scalars().all()
            await search.index(tx, "track", [track for track in tracks if track not in written.words])


class _Rows:
    """The rows of one batch, by what is done with them."""

    def __init__(
        self,
        library_id: int,
        pictures: PictureBook,
        artists: ArtistIds,
        genres: dict[str, int],
        written: Written,
    ) -> None:
        self._library_id = library_id
        self._pictures = pictures
        self._artists = artists
        self._genres = genres
        self._written = written
        self.new_files: list[dict[str, Any]] = []
        self.read_files: list[dict[str, Any]] = []
        self.seen_files: list[dict[str, Any]] = []
        self.documents: list[dict[str, Any]] = []
        self.new_tracks: list[dict[str, Any]] = []
        self.read_tracks: list[dict[str, Any]] = []
        self.moved_tracks: list[dict[str, Any]] = []
        self.lost_tracks: list[int] = []
        self.stale: list[int] = []
        self.credits: list[dict[str, Any]] = []
        self.genre_rows: list[dict[str, Any]] = []
        self.ids: list[dict[str, Any]] = []
        self.folders: list[tuple[int, int]] = []
        self.changed: list[int] = []

    def add(
        self, file: FilePlan, new_file: int | None, new_track: int | None, album_id: int | None, differs: bool
    ) -> None:
        """Work out what becomes of one file: `new_file` and `new_track` are the ids of rows to be made."""
        written = self._written
        stored = file.stored
        file_id = new_file if stored is None else stored.id
        assert file_id is not None
        assert file.folder.id is not None
        self._count_file(file, stored)
        self._file(file, file_id, stored)
        if file.facts is not None and differs and file.document is not None:
            self.documents.append(
                {
                    "file_id": file_id,
                    "document": file.document,
                    "reader_version": READER_VERSION,
                    "read_at": written.now,
                }
            )
        was_present = stored is not None and stored.track_id is not None and stored.track_missing_since is None
        if was_present and stored is not None:
            self.folders.append((stored.folder_id, -1))
        if not file.is_track:
            if was_present and stored is not None and stored.track_id is not None:
                self.lost_tracks.append(stored.track_id)
                self.changed.append(stored.track_id)
                self._touch(stored.album_id)
            return
        self.folders.append((file.folder.id, 1))
        track_id = new_track if stored is None or stored.track_id is None else stored.track_id
        assert track_id is not None
        assert album_id is not None
        assert file.tags is not None
        written.tags[track_id] = file.tags
        self._track(file, file_id, track_id, album_id, stored, new_track is not None, differs)

    def _count_file(self, file: FilePlan, stored: StoredFile | None) -> None:
        delta = self._written.library(self._library_id)
        if stored is None:
            delta.file_count += 1
            return
        was = self._written.library(stored.library_id)
        if stored.missing_since is not None:
            was.missing_count -= 1
            delta.file_count += 1
        elif was is not delta:
            was.file_count -= 1
            delta.file_count += 1

    def _file(self, file: FilePlan, file_id: int, stored: StoredFile | None) -> None:
        place = {
            "library_id": self._library_id,
            "folder_id": file.folder.id,
            "path": file.path,
            "display_path": displayed(file.path),
            "device": file.entry.device,
            "inode": file.entry.inode,
            "missing_since": None,
        }
        if file.facts is not None:
            row = place | file_row(file.facts, self._written.now)
            row |= {
                "size_bytes": file.facts.size,
                "mtime_ns": file.facts.mtime_ns,
                "tag_hash": file.tag_hash,
                "reader_version": READER_VERSION,
            }
            if stored is None:
                self.new_files.append({"id": file_id, **row, "added_at": self._written.now})
            else:
                self.read_files.append({"file": file_id} | {f"v_{name}": value for name, value in row.items()})
        elif stored is not None and (stored.path != file.path or stored.missing_since is not None):
            self.seen_files.append({"file": file_id} | {f"v_{name}": value for name, value in place.items()})

    def _track(
        self,
        file: FilePlan,
        file_id: int,
        track_id: int,
        album_id: int,
        stored: StoredFile | None,
        is_new: bool,
        differs: bool,
    ) -> None:
        written, now = self._written, self._written.now
        tags, facts = file.tags, file.facts
        assert tags is not None
        if facts is None or not differs:
            assert stored is not None
            if stored.album_id != album_id or stored.track_missing_since is not None:
                self.moved_tracks.append({"track": track_id, "v_album": album_id, "v_now": now})
                written.members.pop(album_id, None)
                self._moved(stored.album_id, album_id)
                self.changed.append(track_id)
            elif stored.size != file.entry.size:
                self._touch(album_id)
            return
        row = track_row(tags, facts.duration_ms, file.path)
        row |= {
            "library_id": self._library_id,
            "file_id": file_id,
            "album_id": album_id,
            "artwork_id": self._pictures.id_of(file.best_picture),
            "missing_since": None,
            "updated_at": now,
        }
        if is_new:
            self.new_tracks.append({"id": track_id, **row, "added_at": now})
            self._touch(album_id)
        else:
            assert stored is not None
            self.read_tracks.append({"track": track_id} | {f"v_{name}": value for name, value in row.items()})
            self.stale.append(track_id)
            self._moved(stored.album_id, album_id)
        self.changed.append(track_id)
        credits = [self._artists.row(credit, place) for place, credit in enumerate(track_credits(tags))]
        genres = list(dict.fromkeys(self._genres[genre] for genre in tags.genres))
        self.credits += [{"track_id": track_id, **credit} for credit in credits]
        self.genre_rows += [
            {"track_id": track_id, "genre_id": genre, "position": place} for place, genre in enumerate(genres)
        ]
        self.ids += [
            {"kind": "track", "entity_id": track_id, "namespace": namespace, "value": value}
            for namespace, value in track_external_ids(tags)
        ]
        people = [name for credit in track_credits(tags) for name in (credit.name, credit.credited_as) if name]
        written.words[track_id] = (row["title"], (row["subtitle"] or "", row["artist_display"], *dict.fromkeys(people)))
        written.album_of[track_id] = album_id
        if not is_new:
            written.members.pop(album_id, None)
        elif album_id in written.members:
            written.credits[track_id], written.genres[track_id] = credits, genres
            written.members[album_id].append(
                MemberRow(
                    track_id, album_id, file_id, row["disc"], row["position"], row["duration_ms"], facts.size, False,
                    row["artwork_id"], file.folder.id or 0,
                )
            )  # fmt: skip

    def _moved(self, old: int | None, new: int) -> None:
        self._touch(new)
        if old is not None and old != new:
            self._touch(old)
            self._written.moved.setdefault(old, Counter())[new] += 1

    def _touch(self, album_id: int | None) -> None:
        if album_id is not None:
            self._written.touched.add(album_id)

    async def write(self, tx: Transaction) -> None:
        """Everything that was worked out, in an order that never points at what is not there."""
        await _put(tx, File, self.read_files, "file")
        await _put(tx, File, self.seen_files, "file")
        if self.new_files:
            await tx.execute(insert(File), self.new_files)
        if self.documents:
            said = ("document", "reader_version", "read_at")
            await tx.execute(statements.put_or_replace(tx.dialect, RawTags, ("file_id",), said), self.documents)
        await _put(tx, Track, self.read_tracks, "track")
        if self.moved_tracks:
            await tx.execute(
                update(Track)
                .where(Track.id == bindparam("track"))
                .values(album_id=bindparam("v_album"), missing_since=None, updated_at=bindparam("v_now")),
                self.moved_tracks,
            )
        for part in slices(self.lost_tracks):
            await tx.execute(update(Track).where(Track.id.in_(part)).values(missing_since=self._written.now))
        for part in slices(self.stale):
            await tx.execute(delete(TrackCredit).where(TrackCredit.track_id.in_(part)))
            await tx.execute(delete(TrackGenre).where(TrackGenre.track_id.in_(part)))
            await tx.execute(
                delete(ExternalIdRow).where(ExternalIdRow.kind == "track", ExternalIdRow.entity_id.in_(part))
            )
        for model, rows in (
            (Track, self.new_tracks),
            (TrackCredit, self.credits),
            (TrackGenre, self.genre_rows),
            (ExternalIdRow, self.ids),
        ):
            if rows:
                await tx.execute(insert(model), rows)
        for track in self.changed:
            tx.changed("track", track, library_id=self._library_id)


async def _put(tx: Transaction, model: Any, rows: list[dict[str, Any]], key: str) -> None:
    """Set the columns `v_…` of the rows named by `key`."""
    if rows:
        columns = tuple(name.removeprefix("v_") for name in rows[0] if name != key)
        await tx.execute(statements.put(model, columns, key), rows)


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table
