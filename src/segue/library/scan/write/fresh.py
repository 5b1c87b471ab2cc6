"""Write albums that are new in all their parts: the common case of a first scan, and of every album that is added later.

Nothing is asked of the tables about them. The readers have made the values of their columns (see `packing`); here names
become ids and tuples become rows, in the order in which they point at one another. What is not new in all its parts takes
the ordinary way through `row_batch` and `albumbook`, and both leave the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table

from segue.core.db import Transaction
from segue.core.text import sort_key
from segue.library import search
from segue.library.models import (
    ANY_ROLE,
    Album,
    AlbumCredit,
    AlbumLabel,
    ExternalIdRow,
    File,
    Folder,
    RawTags,
    Track,
    TrackCredit,
    TrackGenre,
)
from segue.library.pictures import artists
from segue.library.pictures.rules import FolderCover, cover_of
from segue.library.pictures.scanned import contents_of, write_folders
from segue.library.scan import repository
from segue.library.scan.facts import Credit
from segue.library.scan.packing import ALBUM_COLUMNS, FILE_COLUMNS, TRACK_COLUMNS, PackedAlbum, PackedFile, PackedTrack
from segue.library.scan.paths import displayed, name_of, parent_of
from segue.library.scan.plan import FolderPlan, Unit
from segue.library.scan.write import counts
from segue.library.scan.write.albumbook import AlbumBook
from segue.library.scan.write.albums import most
from segue.library.scan.write.bulk import Together, moment
from segue.library.scan.write.counts import LibraryDelta, Tally
from segue.library.scan.write.covers import PictureBook
from segue.library.scan.write.names import ArtistIds, NameBook
from segue.library.scan.write.numbers import allocate, reserve
from segue.library.scan.write.row_batch import READER_VERSION
from segue.library.scan.write.written import Written

_FOLDER = (
    "id", "library_id", "parent_id", "path", "name", "sort_key", "fingerprint", "mtime_ns", "track_count", "artwork_id",
    "artwork_rank", "scanned_at",
)  # fmt: skip
_FILE = (
    "id", "library_id", "folder_id", "path", "display_path", "size_bytes", "mtime_ns", "device", "inode", "ctime_ns",
    "tag_hash", "reader_version", "added_at", "read_at", *FILE_COLUMNS,
)  # fmt: skip
_TRACK = ("id", "library_id", "file_id", "album_id", "artwork_id", "added_at", "updated_at", *TRACK_COLUMNS)
_ALBUM = (
    "id", "library_id", "group_key", "rule", "rule_params", "artwork_id", "folder_id", "disc_count", "track_count",
    "missing_count", "duration_ms", "size_bytes", "added_at", "updated_at", *ALBUM_COLUMNS,
)  # fmt: skip
_CREDIT = ("position", "artist_id", "role", "instrument", "credited_as", "credited_key", "join_phrase")
_ID = ("kind", "entity_id", "namespace", "value")
_TITLE, _ARTIST = ALBUM_COLUMNS.index("title"), ALBUM_COLUMNS.index("artist_display")


class People:
    """Who is meant by the credits of one batch: their rows, less what they are credits on, once for each list of them."""

    def __init__(self, ids: ArtistIds) -> None:
        self._ids = ids
        self._rows: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}

    def rows(self, credits: tuple[tuple[Any, ...], ...]) -> list[tuple[Any, ...]]:
        """The values of _CREDIT for each of `credits`."""
        found = self._rows.get(credits)
        if found is None:
            rows = [self._ids.row(Credit._make(credit), place) for place, credit in enumerate(credits)]
            found = self._rows[credits] = [tuple([row[name] for name in _CREDIT]) for row in rows]
        return found


class Made(NamedTuple):
    """What was made: folders by path, files, albums, and how many tracks."""

    folders: dict[bytes, int]
    files: list[int]
    albums: list[int]
    tracks: int


class FreshAlbums:
    """Writes albums, all of whose files and folders are new, for one scan of one library."""

    def __init__(
        self,
        library_id: int,
        names: NameBook,
        pictures: PictureBook | None,
        folder_ids: dict[bytes, int],
        albums: AlbumBook,
    ) -> None:
        self._library_id = library_id
        self._names = names
        self._pictures = pictures
        self._folder_ids = folder_ids
        self._albums = albums

    async def possible(self, tx: Transaction, units: Iterable[Unit]) -> list[Unit]:
        """Those of `units` that this can write: none of their albums is there, nor in another of them."""
        candidates = [unit for unit in units if unit.albums is not None]
        groups = Counter(album.group for unit in candidates for album in unit.albums or ())
        if not groups:
            return candidates
        taken = await repository.groups_taken(tx.conn, self._library_id, groups)
        taken |= {group for group, count in groups.items() if count > 1}
        return [unit for unit in candidates if not any(album.group in taken for album in unit.albums or ())]

    async def write(self, tx: Transaction, units: Sequence[Unit], written: Written) -> Made:
        """Write all of `units`."""
        now = moment(written.now, tx.dialect)
        people, genres, labels = await self._resolve(tx, units, written)
        albums = [(unit, album) for unit in units for album in unit.albums or ()]
        files = [(unit, file) for unit in units for file in unit.files]
        together = Together(tx)
        track_count = sum(len(album.tracks) for _, album in albums)
        missing = await self._missing_folders(tx, units)
        counted = ((Folder, missing), (Album, albums), (File, files))
        ahead = {model.__tablename__: len(rows) for model, rows in counted}
        await reserve(tx, {**ahead, Track.__tablename__: track_count})
        made = await self._folders(tx, units, missing, now, together)
        album_ids = await allocate(tx, Album.__table__, len(albums))  # type: ignore[arg-type]
        file_ids = await allocate(tx, File.__table__, len(files))  # type: ignore[arg-type]
        track_ids = iter(await allocate(tx, Track.__table__, track_count))  # type: ignore[arg-type]
        batch = _Batch(self._library_id, now, people, genres)
        of_unit: dict[Unit, list[int]] = {}
        for file_id, (unit, file) in zip(file_ids, files, strict=True):
            of_unit.setdefault(unit, []).append(file_id)
            assert file.packed is not None
            batch.add_file(file_id, self._folder_ids[file.folder.path], file.path, file.entry, file.packed)
        tallies: dict[int, Tally] = {}
        for album_id, (unit, album) in zip(album_ids, albums, strict=True):
            tallies[album_id] = self._album(batch, album_id, unit, album, of_unit[unit], track_ids, labels)
        batch.add_to(tx, together)
        delta = {self._library_id: LibraryDelta(file_count=len(files))}
        await counts.apply(tx, {}, tallies, delta, together)
        await batch.learn(tx)
        if made and self._pictures is not None:
            folders = list({folder.path: folder for unit in units for folder in unit.folders}.values())
            await write_folders(tx, self._library_id, folders, self._pictures, new=True)
        done = Written(written.now)
        done.touched.update(tallies)
        await artists.settle(tx, self._library_id, [folder for unit in units for folder in unit.folders], done)
        return Made(made, file_ids, album_ids, track_count)

    async def _resolve(
        self, tx: Transaction, units: Sequence[Unit], written: Written
    ) -> tuple[People, dict[str, int], dict[str, int]]:
        """The ids of all names, made where they are new, and those of pictures."""
        lists: dict[tuple[Any, ...], None] = {}
        genres: dict[str, None] = {}
        labels: dict[str, None] = {}
        pictures = contents_of([folder for unit in units for folder in unit.folders])
        for unit in units:
            for album in unit.albums or ():
                lists[album.credits] = None
                labels.update((label[0], None) for label in album.labels)
            for file in unit.files:
                if file.packed is not None and file.packed.track is not None:
                    lists[file.packed.track[1]] = None
                    genres.update(dict.fromkeys(file.packed.track[2]))
                if file.packed is not None and file.packed.picture:
                    pictures.add(file.packed.picture)
        credits = [Credit._make(credit) for each in lists for credit in each]
        artists = await self._names.artists(tx, credits, written.now)
        if self._pictures is not None:
            await self._pictures.ensure(tx, pictures)
        return People(artists), await self._names.genres(tx, genres), await self._names.labels(tx, labels)

    async def _missing_folders(self, tx: Transaction, units: Sequence[Unit]) -> list[bytes]:
        """The folders of `units` and those above them that have no row, from the top."""
        missing: dict[bytes, None] = {}
        for path in [folder.path for unit in units for folder in unit.folders]:
            while path not in self._folder_ids and path not in missing:
                missing[path] = None
                if not path:
                    break
                path = parent_of(path)
        for folder in await repository.folders_at(tx.conn, self._library_id, missing):
            self._folder_ids[folder.path] = folder.id
            self._albums.place(folder.id, folder.path)
            del missing[folder.path]
        return sorted(missing, key=lambda path: path.count(b"/") + bool(path))

    async def _folders(
        self, tx: Transaction, units: Sequence[Unit], missing: Sequence[bytes], now: Any, together: Together
    ) -> dict[bytes, int]:
        """Rows for the folders `missing`, those of `units` complete."""
        if not missing:
            return {}
        plans = {folder.path: folder for unit in units for folder in unit.folders}
        tracks = Counter(
            file.folder.path for unit in units for file in unit.files if file.packed and file.packed.track is not None
        )
        ids = await allocate(tx, Folder.__table__, len(missing))  # type: ignore[arg-type]
        made = dict(zip(missing, ids, strict=True))
        self._folder_ids.update(made)
        rows = []
        for path, folder_id in made.items():
            name = displayed(name_of(path))
            parent = self._folder_ids[parent_of(path)] if path else None
            done: tuple[Any, ...] = (None, None, 0, None, None, None)
            if path in plans:
                folder = plans[path]
                fingerprint = folder.listing.fingerprint if folder.settled else None
                folder.id = folder_id
                cover = self._cover(folder)
                shown = (None, folder.pictures and folder.pictures.rank) if cover is None else tuple(cover)
                done = (fingerprint, folder.listing.mtime_ns, tracks[path], *shown, now)
            rows.append((folder_id, self._library_id, parent, path, name, sort_key(name), *done))
        together.insert(_table(Folder), _FOLDER, rows)
        return made

    def _picture(self, sha256: str | None) -> int | None:
        return None if self._pictures is None else self._pictures.id_of(sha256)

    def _cover(self, folder: FolderPlan) -> FolderCover | None:
        """The picture that stands for a folder."""
        found = folder.pictures and self._picture(folder.pictures.cover)
        return FolderCover(found, folder.pictures.rank or 0) if found and folder.pictures else None

    def _album(
        self,
        batch: _Batch,
        album_id: int,
        unit: Unit,
        album: PackedAlbum,
        file_ids: list[int],
        track_ids: Iterator[int],
        labels: dict[str, int],
    ) -> Tally:
        """Add one album with its tracks to the batch; what it counts for."""
        files = [unit.files[place] for place in album.tracks]
        tracks = [PackedTrack._make(file.packed.track) for file in files if file.packed and file.packed.track]
        tally = Tally(self._library_id, len(tracks), 0, album.duration_ms, album.size_bytes)
        participants: Counter[tuple[int, str]] = Counter()
        genres: Counter[int] = Counter()
        pictures = [self._picture(file.best_picture) for file in files]
        # in the order of the files, as the ordinary way numbers them
        for place, track, picture in sorted(zip(album.tracks, tracks, pictures, strict=True), key=_place):
            track_id = next(track_ids)
            credited, own = batch.add_track(track_id, file_ids[place], album_id, picture, track, album)
            participants.update(credited)
            genres.update(own)
        home = self._folder_ids[unit.base]
        embedded = self._picture(album.picture) or most(pictures)
        base = next((self._cover(folder) for folder in unit.folders if folder.path == unit.base), None)
        inside = next((cover for file in files if (cover := self._cover(file.folder))), None)
        picture = cover_of(self._albums.order, embedded, base, inside).artwork
        batch.add_album(album_id, album, home, picture, len(tracks), labels)
        tally.participants = dict(participants)
        for credit in batch.people.rows(album.credits):
            counts.add_album_artist(tally.participants, credit[1], len(tracks))
        tally.genres = dict(genres)
        tally.labels = {labels[label[0]] for label in album.labels}
        return tally


def _place(item: tuple[Any, ...]) -> int:
    place: int = item[0]
    return place


class _Batch:
    """The rows of one batch."""

    def __init__(self, library_id: int, now: Any, people: People, genres: dict[str, int]) -> None:
        self._library_id = library_id
        self._now = now
        self.people = people
        self._genres = genres
        self._distinct: dict[int, list[tuple[int, str]]] = {}
        self.files: list[tuple[Any, ...]] = []
        self.documents: list[tuple[Any, ...]] = []
        self.albums: list[tuple[Any, ...]] = []
        self.tracks: list[tuple[Any, ...]] = []
        self.credits: list[tuple[Any, ...]] = []
        self.genres: list[tuple[Any, ...]] = []
        self.ids: list[tuple[Any, ...]] = []
        self.album_credits: list[tuple[Any, ...]] = []
        self.album_labels: list[tuple[Any, ...]] = []
        self.track_words: list[tuple[int, str, tuple[str, ...]]] = []
        self.album_words: list[tuple[int, str, tuple[str, ...]]] = []

    def add_file(self, file_id: int, folder_id: int, path: bytes, entry: Any, packed: PackedFile) -> None:
        size, mtime_ns, _problem, values, document, tag_hash, *_ = packed
        now = self._now
        self.files.append(
            (
                file_id, self._library_id, folder_id, path, displayed(path), size, mtime_ns, entry.device, entry.inode,
                entry.ctime_ns or None, tag_hash, READER_VERSION, now, now, *values,
            )
        )  # fmt: skip
        self.documents.append((file_id, document, READER_VERSION, now))

    def add_track(
        self, track_id: int, file_id: int, album_id: int, picture: int | None, track: PackedTrack, album: PackedAlbum
    ) -> tuple[list[tuple[int, str]], list[int]]:
        """Returns who takes part, each in each role once and in any, and the genres."""
        values, credits, genres, ids, title, words = track
        now = self._now
        self.tracks.append((track_id, self._library_id, file_id, album_id, picture, now, now, *values))
        rows = self.people.rows(credits)
        self.credits += [(track_id, *row) for row in rows]
        own = list(dict.fromkeys([self._genres[name] for name in genres]))
        for place, genre in enumerate(own):
            self.genres.append((track_id, genre, place))
        for namespace, value in ids:
            self.ids.append(("track", track_id, namespace, value))
        self.track_words.append((track_id, title, tuple(dict.fromkeys(words + album.words))))
        credited = self._distinct.get(id(rows))
        if credited is None:
            said = dict.fromkeys([(row[1], row[2]) for row in rows])
            said.update(dict.fromkeys([(artist, ANY_ROLE) for artist, _ in said]))
            credited = self._distinct[id(rows)] = list(said)
        return credited, own

    def add_album(
        self,
        album_id: int,
        album: PackedAlbum,
        home: int,
        picture: int | None,
        count: int,
        labels: dict[str, int],
    ) -> None:
        now = self._now
        self.albums.append(
            (
                album_id, self._library_id, album.group, album.rule, album.params, picture, home, album.discs, count, 0,
                album.duration_ms, album.size_bytes, now, now, *album.values,
            )
        )  # fmt: skip
        self.album_credits += [(album_id, *row) for row in self.people.rows(album.credits)]
        for place, (name, number) in enumerate(album.labels):
            self.album_labels.append((album_id, place, labels[name], number))
        for namespace, value in album.ids:
            self.ids.append(("album", album_id, namespace, value))
        self.album_words.append((album_id, album.title_key, album.found_by))

    def add_to(self, tx: Transaction, together: Together) -> None:
        """All rows, in an order that never points at what is not there, and what makes them findable and heard of."""
        for model, columns, rows in (
            (Album, _ALBUM, self.albums),
            (File, _FILE, self.files),
            (RawTags, ("file_id", "document", "reader_version", "read_at"), self.documents),
            (Track, _TRACK, self.tracks),
            (TrackCredit, ("track_id", *_CREDIT), self.credits),
            (TrackGenre, ("track_id", "genre_id", "position"), self.genres),
            (ExternalIdRow, _ID, self.ids),
            (AlbumCredit, ("album_id", *_CREDIT), self.album_credits),
            (AlbumLabel, ("album_id", "position", "label_id", "catalog_number"), self.album_labels),
        ):
            together.insert(_table(model), columns, rows)
        search.add_rows(tx.dialect, "track", self._library_id, self.track_words, together.insert)
        search.add_rows(tx.dialect, "album", self._library_id, self.album_words, together.insert)
        tx.all_changed("track", [row[0] for row in self.tracks], library_id=self._library_id)
        tx.all_changed("album", [row[0] for row in self.albums], library_id=self._library_id)

    async def learn(self, tx: Transaction) -> None:
        """Have the words known that these rows can be found by."""
        words = {word for row in self.track_words for word in row[2]}
        await search.learn(tx, words.union(*[row[2] for row in self.album_words]))


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table
