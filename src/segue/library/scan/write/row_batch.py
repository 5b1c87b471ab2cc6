"""The rows of one batch of files, sorted by what is to be done with them, and written in an order that always holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import bindparam, case, delete, insert, update

from segue.core.db import Transaction
from segue.library.lyrics.words_plan import WordsBatch, has_words
from segue.library.measures.repository import NOTHING_MEASURED, Measured
from segue.library.measures.shown import said_by
from segue.library.models import ExternalIdRow, File, RawTags, Track, TrackCredit, TrackField, TrackGenre
from segue.library.pictures import choices
from segue.library.scan.facts import FileFacts
from segue.library.scan.paths import displayed
from segue.library.scan.plan import FilePlan, StoredFile
from segue.library.scan.write import statements
from segue.library.scan.write.covers import PictureBook
from segue.library.scan.write.names import ArtistIds, slices
from segue.library.scan.write.rows import file_row, track_credits, track_external_ids, track_row
from segue.library.scan.write.written import MemberRow, Written

SEEN_AGAIN = case((Track.merged_into_id.is_not(None), Track.missing_since), else_=None)
"""A track that is there again is seen, unless a person made it part of another."""
READER_VERSION = 2
"""Grows when reading a file anew would tell more; kept with each file."""


class RowBatch:
    """The rows of one batch, by what is done with them."""

    def __init__(
        self,
        library_id: int,
        pictures: PictureBook | None,
        artists: ArtistIds,
        genres: dict[str, int],
        written: Written,
        measures: Measured = NOTHING_MEASURED,
    ) -> None:
        self._library_id = library_id
        self._pictures = pictures
        self._artists = artists
        self._genres = genres
        self._written = written
        self._measures = measures
        self.new_files: list[dict[str, Any]] = []
        self.read_files: list[dict[str, Any]] = []
        self.seen_files: list[dict[str, Any]] = []
        self.recognised: list[dict[str, Any]] = []
        self.documents: list[dict[str, Any]] = []
        self.new_tracks: list[dict[str, Any]] = []
        self.read_tracks: list[dict[str, Any]] = []
        self.moved_tracks: list[dict[str, Any]] = []
        self.lost_tracks: list[int] = []
        self.stale: list[int] = []
        self.credits: list[dict[str, Any]] = []
        self.genre_rows: list[dict[str, Any]] = []
        self.ids: list[dict[str, Any]] = []
        self.own_fields: list[dict[str, Any]] = []
        self.folders: list[tuple[int, int]] = []
        self.changed: list[int] = []
        self.left: list[tuple[int, int]] = []
        """Tracks that come from another library, and that library."""
        self.words = WordsBatch()

    def add(
        self, file: FilePlan, new_file: int | None, new_track: int | None, album_id: int | None, differs: bool
    ) -> None:
        """Work out what becomes of one file: `new_file` and `new_track` are the ids of rows to be made."""
        written = self._written
        stored = file.stored
        file_id = new_file if stored is None else stored.id
        assert file_id is not None
        assert file.folder.id is not None
        if file.carrier is None:
            self._leave(file.former)
        if not file.missing and file.carrier is None:
            self._count_file(file, stored)
            self._file(file, file_id, stored)
        if differs and file.document is not None:
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
        if not file.is_hidden:
            self.folders.append((file.folder.id, 1))
        track_id = new_track if stored is None or stored.track_id is None else stored.track_id
        assert track_id is not None
        assert album_id is not None
        assert file.tags is not None
        written.tags[track_id] = file.tags
        self.words.add(track_id, file)
        self._track(file, file_id, track_id, album_id, stored, new_track is not None, differs)

    def _leave(self, former: list[StoredFile]) -> None:
        """Tracks that a file no longer has, since its CUE sheet is another one, are missing."""
        for row in former:
            if row.track_id is not None and row.track_missing_since is None:
                self.folders.append((row.folder_id, -1))
                self.lost_tracks.append(row.track_id)
                self.changed.append(row.track_id)
                self._touch(row.album_id)

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
            "ctime_ns": file.entry.ctime_ns or None,
            "missing_since": None,
            "missing_reason": None,
        }
        if file.recognised is not None and stored is not None:
            reason, params = file.recognised
            self.recognised.append({"file": file_id, "v_identity_reason": reason, "v_identity_params": params})
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
        if not differs:
            assert stored is not None
            if stored.album_id != album_id or (stored.track_missing_since is not None and not file.is_hidden):
                self.moved_tracks.append({"track": track_id, "v_album": album_id, "v_now": now})
                written.members.pop(album_id, None)
                self._moved(stored.album_id, album_id)
                self.changed.append(track_id)
            elif stored.size != file.entry.size:
                self._touch(album_id)
            return
        row = track_row(tags, file.piece.duration_ms if file.piece else _duration(facts, stored), file.path)
        row |= _place_in_file(file) | {
            "has_lyrics": has_words(file),
            "library_id": self._library_id,
            "file_id": file_id,
            "album_id": album_id,
            "artwork_id": self._picture(file),
            "missing_since": stored.track_missing_since if file.is_hidden and stored else None,
            "updated_at": now,
        }
        if is_new:
            self.new_tracks.append({"id": track_id, **row, "added_at": now})
            self._touch(album_id)
        else:
            assert stored is not None
            row |= self._measures.shown(track_id, said_by(tags, file.edited))
            self.read_tracks.append({"track": track_id} | {f"v_{name}": value for name, value in row.items()})
            self.stale.append(track_id)
            self._moved(stored.album_id, album_id)
            if stored.library_id != self._library_id:
                self.left.append((track_id, stored.library_id))
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
        self.own_fields += [
            {"track_id": track_id, "position": place, "name": name, "value": value}
            for place, (name, value) in enumerate(tags.own)
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
                    track_id, album_id, file_id, row["disc"], row["position"], row["duration_ms"], _size(file), False,
                    row["artwork_id"], file.folder.id or 0, row["start_ms"],
                )
            )  # fmt: skip

    def _picture(self, file: FilePlan) -> int | None:
        """The picture of its own: the one just read, else the one it has."""
        if file.facts is not None and self._pictures is not None:
            return self._pictures.id_of(file.best_picture)
        return file.stored.artwork_id if file.stored else None

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
        await _put(tx, File, self.recognised, "file")
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
                .values(album_id=bindparam("v_album"), missing_since=SEEN_AGAIN, updated_at=bindparam("v_now")),
                self.moved_tracks,
            )
        for part in slices(self.lost_tracks):
            await tx.execute(update(Track).where(Track.id.in_(part)).values(missing_since=self._written.now))
        for part in slices(self.stale):
            await tx.execute(delete(TrackCredit).where(TrackCredit.track_id.in_(part)))
            await tx.execute(delete(TrackGenre).where(TrackGenre.track_id.in_(part)))
            await tx.execute(delete(TrackField).where(TrackField.track_id.in_(part)))
            await tx.execute(
                delete(ExternalIdRow).where(ExternalIdRow.kind == "track", ExternalIdRow.entity_id.in_(part))
            )
        for model, rows in (
            (Track, self.new_tracks),
            (TrackCredit, self.credits),
            (TrackGenre, self.genre_rows),
            (TrackField, self.own_fields),
            (ExternalIdRow, self.ids),
        ):
            if rows:
                await tx.execute(insert(model), rows)
        await choices.keep_tracks(tx, self.stale)
        await self.words.write(tx, self._library_id, self._written.now)
        for track in self.changed:
            tx.changed("track", track, library_id=self._library_id)
        for track, library in self.left:
            tx.left("track", track, library_id=library)


def _place_in_file(file: FilePlan) -> dict[str, int | None]:
    """The part of its file that a track is: as a CUE sheet says now, else as it was."""
    if file.facts is None and file.stored is not None:
        return {"start_ms": file.stored.start_ms, "end_ms": file.stored.end_ms}
    return {"start_ms": file.piece and file.piece.start_ms, "end_ms": file.piece and file.piece.end_ms}


def _size(file: FilePlan) -> int:
    return file.entry.size if file.facts is None else file.facts.size


def _duration(facts: FileFacts | None, stored: StoredFile | None) -> int:
    """In milliseconds: as it was read just now, else as the track has it."""
    if facts is not None:
        return facts.duration_ms
    return (stored.duration_ms if stored else None) or 0


async def _put(tx: Transaction, model: Any, rows: list[dict[str, Any]], key: str) -> None:
    """Set the columns `v_…` of the rows named by `key`."""
    if rows:
        columns = tuple(name.removeprefix("v_") for name in rows[0] if name != key)
        await tx.execute(statements.put(model, columns, key), rows)
