"""The two-file layout as a source: `main_database.sqlite3`, `track_files.sqlite3` and, where there is one, audio features.

Rows come in the order of their rowids, some thousands at once. What belongs to several rows (credits, pictures, genres) is
read by a range of the index on their owner, in the order in which it was written, which is the order of credit. What a
track has in the other files is found by its id; where those are larger than the memory, they are brought into the order of
the tracks first (`beside`).

A damaged page does not end a stream: around it rows are read one by one; what cannot be read is left out and named in
`damage`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from segue.catalog.records import Album, Artist, Counts, Damage, Image, Track
from segue.catalog.sources import two_file_rows as layout
from segue.catalog.sources.beside import Beside, Told
from segue.catalog.sources.careful import Careful, Row, Types, mended, sound
from segue.catalog.sources.columns import check

R = TypeVar("R", Artist, Album, Track)
Ask = Callable[[str, tuple[Any, ...], str], list[Row]]
"""A question, its parameters, and the place to name where it cannot be answered."""
Made = Callable[[Sequence[Row], int, int, Ask], list[R]]
"""Records of rows whose rowids are above the first number, and at most the second."""

AT_ONCE = 4_096
"""Rows of one read."""
MAPPED_BYTES = 384 << 20
"""Of each file: what is mapped counts as memory of the process that reads, and a build is to stay within bounds."""
MOST_DAMAGE = 1_000
"""Places of damage that are kept; beyond, they are only counted."""


class _Kind(Struct, frozen=True):
    """How the rows of one table are read: many behind a rowid, or the next one from a rowid on."""

    table: str
    columns: tuple[str, ...]
    types: Types
    many: str
    next: str


class TwoFileSource:
    """A Source over the files. Raises NotADatabase, CutOff and WrongSchema, which name the file and what it lacks.

    With `rest`, files that are cut off give what there is of them (nothing, where the list of their tables is in what is
    missing). `scratch` is a folder of its own, where the other files may be brought into the order of the tracks; that is done
    where they are larger than half of the memory, or as `gather` says.

    For one thread at a time. `position` is that of the stream that was read last.
    """

    name = "two-file"
    namespace = layout.NAMESPACE
    licence = layout.LICENCE

    def __init__(
        self,
        main: Path,
        files: Path | None = None,
        features: Path | None = None,
        *,
        rest: bool = False,
        scratch: Path | None = None,
        gather: bool | None = None,
    ) -> None:
        self._paths = (main, files, features)
        self._rest = rest
        self._database = layout.opened(*self._paths, mapped_bytes=MAPPED_BYTES, rest=rest)
        try:
            check(self._database, "main", main, layout.MAIN_COLUMNS, layout.STREAMED_BY)
            if files is not None:
                check(self._database, "files", files, layout.FILES_COLUMNS, layout.FILES_BY)
            if features is not None:
                check(self._database, "features", features, layout.FEATURES_COLUMNS, layout.FEATURES_BY)
        except BaseException:
            self._database.close()
            raise
        self.damage: list[Damage] = []
        self.damaged = 0
        """Places of damage, also those beyond the MOST_DAMAGE that are kept."""
        self._last = 0
        self._track = _tracks(files is not None, features is not None)
        self._beside: list[Beside] = []
        self._gathered = False
        if scratch is not None and (gather or (gather is None and _larger_than_memory(files, features))):
            self._beside = self._to_gather(scratch)

    @property
    def position(self) -> str:
        return str(self._last)

    def identity(self) -> str:
        return layout.identity([file for file in self._paths if file is not None])

    def counts(self) -> Counts:
        """The highest rowids: exact where no row was deleted, and known at once."""
        return Counts(*(self._highest(table) for table in ("tracks", "albums", "artists")))

    def artists(self, after: str = "") -> Iterator[Artist]:
        return self._stream(_ARTIST, _artists, after)

    def albums(self, after: str = "") -> Iterator[Album]:
        return self._stream(_ALBUM, _albums, after)

    def tracks(self, after: str = "") -> Iterator[Track]:
        self.prepare()
        if not self._gathered:
            return self._stream(self._track, self._tracks, after)
        return self._stream(_tracks_alone(self._track), self._tracks, after)

    def prepare(self, told: Told = lambda done, total, what: None) -> None:
        """Bring the other files into the order of the tracks, where that is to be done. Raises OSError (a full disk)."""
        if not self._beside or self._gathered:
            return
        try:
            for one in self._beside:
                one.gather(self._database, told)
            self._gathered = True
        except sqlite3.DatabaseError as error:
            self._hurt("while it was read from end to end; each row is looked up instead", str(error), self._paths[1])
            self._beside = []

    def close(self) -> None:
        """Forget what was gathered as well."""
        self._database.close()
        for one in self._beside:
            one.forget()

    def __enter__(self) -> TwoFileSource:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _stream(self, kind: _Kind, made: Made[R], after: str) -> Iterator[R]:
        last = int(after or 0)
        while True:
            try:
                rows = self._database.execute(kind.many, (last, AT_ONCE)).fetchall()
                if not rows:
                    return
                end = rows[-1][0]
                if self._gathered and kind.table == "tracks":
                    rows = self._with_gathered(rows)
                if not sound(rows, kind.types):
                    rows = self._mended(kind, rows)
                records = made(rows, last, end, self._ask)
            except sqlite3.DatabaseError:
                records, end = self._carefully(kind, made, last)
            for record in records:
                self._last = record.key
                yield record
            if end <= last:
                return
            last = end

    def _carefully(self, kind: _Kind, made: Made[R], last: int) -> tuple[list[R], int]:
        """The next records, row by row, and the rowid they end with: `last` again where nothing follows."""
        records: list[R] = []
        careful = Careful(layout.opened(*self._paths, rest=self._rest), self._hurt)
        try:
            for _ in range(AT_ONCE):
                row = careful.next(kind.next, last, kind.table)
                if row is None:
                    break
                if kind.table == "tracks":
                    row = self._with_files(row, careful)
                before, last = last, row[0]
                for good in self._mended(kind, [row]):
                    records += made([good], before, last, careful.ask)
        finally:
            careful.close()
        return records, last

    def _to_gather(self, scratch: Path) -> list[Beside]:
        identity, features = self.identity(), self._paths[2]
        tables: list[tuple[str, tuple[str, ...]]] = (
            [("files.track_files", layout.FILE)] if self._paths[1] is not None else []
        )
        if features is not None:
            tables.append(("features.track_audio_features", ("null_response", *layout.FEATURE)))
        if not all(Beside.possible(self._database, table) for table, _ in tables):
            return []
        return [Beside(scratch / table, identity, table, columns) for table, columns in tables]

    def _with_gathered(self, rows: list[Row]) -> list[Row]:
        keys = [row[0] for row in rows]
        files, features = self._paths[1:]
        found = iter(self._beside)
        parts = [next(found).rows(keys) if files is not None else [None] * len(keys)]
        empty: list[Row] = [(None,) * len(layout.FILE)]
        if features is not None:
            parts.append(next(found).rows(keys))
            empty.append((None,) * (len(layout.FEATURE) + 1))
        made = rows
        for part, nothing in zip(parts, empty, strict=True):
            made = [(*row, *(beside or nothing)) for row, beside in zip(made, part, strict=True)]
        return made

    def _with_files(self, row: Row, careful: Careful) -> Row:
        _, files, features = self._paths
        width = len(layout.FILE)
        place = f"the row of {row[1]} (the track with rowid {row[0]})"
        beside: list[Any] = [None] * width
        if files is not None:
            found = careful.ask(_ONE_FILE, (row[1],), place, partial(self._hurt, file=files))
            beside = [*found[0]] if found else beside
        if features is not None:
            found = careful.ask(_ONE_FEATURE, (row[1],), place, partial(self._hurt, file=features))
            beside += found[0] if found else [None] * (len(layout.FEATURE) + 1)
        return (*row, *beside)

    def _tracks(self, rows: Sequence[Row], last: int, end: int, ask: Ask) -> list[Track]:
        credits: dict[int, tuple[int, ...]] = {}
        for track, artist in ask(_CREDITS, (last, end), f"track_artists of {last + 1} to {end}"):
            credits[track] = (*credits[track], artist) if track in credits else (artist,)
        width = len(layout.TRACK) + len(layout.FILE)
        record = layout.track_record
        if self._paths[2] is None:
            return [record(row, credits.get(row[0], ()), self._odd) for row in rows]
        return [
            record(row[:width], credits.get(row[0], ()), self._odd, layout.features_of(row[width:])) for row in rows
        ]

    def _ask(self, question: str, parameters: tuple[Any, ...], place: str) -> list[Row]:
        return self._database.execute(question, parameters).fetchall()

    def _mended(self, kind: _Kind, rows: Sequence[Row]) -> list[Row]:
        def hurt(place: str, why: str) -> None:
            self._hurt(f"{kind.table} {place}", why)

        every = (mended(row, kind.types, kind.columns, hurt) for row in rows)
        return [row for row in every if row is not None]

    def _odd(self, place: str, why: str) -> None:
        self._hurt(place, why, self._paths[1])

    def _hurt(self, place: str, why: str, file: Path | None = None) -> None:
        self.damaged += 1
        if len(self.damage) < MOST_DAMAGE:
            self.damage.append(Damage((file or self._paths[0]).name, place, why))

    def _highest(self, table: str) -> int:
        try:
            (highest,) = self._database.execute(f"SELECT max(rowid) FROM main.{table}").fetchone()
        except sqlite3.DatabaseError:
            return 0
        return highest or 0


def _artists(rows: Sequence[Row], last: int, end: int, ask: Ask) -> list[Artist]:
    place = f"of {last + 1} to {end}"
    genres = grouped(ask(_GENRES, (last, end), f"artist_genres {place}"))
    images = grouped_images(ask(_ARTIST_IMAGES, (last, end), f"artist_images {place}"))
    return [layout.artist_record(row, genres.get(row[0], ()), images.get(row[0], ())) for row in rows]


def _albums(rows: Sequence[Row], last: int, end: int, ask: Ask) -> list[Album]:
    place = f"of {last + 1} to {end}"
    images = grouped_images(ask(_ALBUM_IMAGES, (last, end), f"album_images {place}"))
    credited: dict[int, list[tuple[int, int]]] = {}
    seen: dict[int, list[int]] = {}
    for album, artist, index in ask(_ALBUM_ARTISTS, (last, end), f"artist_albums {place}"):
        if index is None:
            seen.setdefault(album, []).append(artist)
        else:
            credited.setdefault(album, []).append((index, artist))
    return [
        layout.album_record(
            row,
            images.get(row[0], ()),
            tuple(artist for _, artist in sorted(credited.get(row[0], ()), key=_first)),
            tuple(seen.get(row[0], ())),
        )
        for row in rows
    ]


def _first(pair: tuple[int, int]) -> int:
    return pair[0]


def grouped(pairs: Sequence[Row]) -> dict[int, tuple[Any, ...]]:
    """Owner → what it has, in order."""
    found: dict[int, tuple[Any, ...]] = {}
    for owner, value in pairs:
        found[owner] = (*found[owner], value) if owner in found else (value,)
    return found


def grouped_images(rows: Sequence[Row]) -> dict[int, tuple[Image, ...]]:
    """Owner → its pictures, in order; `rows` are owner, url, width, height."""
    return grouped([(owner, Image(url, width, height)) for owner, url, width, height in rows])


def _kind(table: str, columns: tuple[str, ...], types: Types, also: str = "", joined: str = "") -> _Kind:
    own = ", ".join(f"o.{name}" for name in columns)
    return _Kind(
        table,
        columns,
        types,
        f"SELECT {own}{also} FROM main.{table} o {joined} WHERE o.rowid > ? ORDER BY o.rowid LIMIT ?",
        f"SELECT {own} FROM main.{table} o WHERE o.rowid >= ? ORDER BY o.rowid LIMIT 1",
    )


def _tracks(files: bool, features: bool) -> _Kind:
    """Tracks with what the other files have; NULLs stand for a file that is not given."""
    also = "".join(f", {f'f.{name}' if files else 'NULL'}" for name in layout.FILE)
    joined = "LEFT JOIN files.track_files f ON f.track_id = o.id" if files else ""
    columns: tuple[str, ...] = (*layout.TRACK, *layout.FILE)
    types: Types = (*layout.TRACK_TYPES, *layout.FILE_TYPES)
    if features:
        also += ", a.null_response" + "".join(f", a.{name}" for name in layout.FEATURE)
        joined += " LEFT JOIN features.track_audio_features a ON a.track_id = o.id"
        columns, types = (*columns, "null_response", *layout.FEATURE), (*types, *layout.FEATURE_TYPES)
    made = _kind("tracks", layout.TRACK, types, also, joined)
    return _Kind(made.table, columns, types, made.many, made.next)


def _tracks_alone(whole: _Kind) -> _Kind:
    """Tracks without what the other files have, which is put beside them."""
    made = _kind("tracks", layout.TRACK, layout.TRACK_TYPES)
    return _Kind(whole.table, whole.columns, whole.types, made.many, made.next)


def _larger_than_memory(*files: Path | None) -> bool:
    """Whether a random read of these is one of the disk: they do not fit into half of the memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return sum(file.stat().st_size for file in files if file is not None) > memory // 2


def _of(columns: str, table: str, owner: str) -> str:
    return f"SELECT {owner}, {columns} FROM main.{table} WHERE {owner} > ? AND {owner} <= ? ORDER BY {owner}, rowid"


_ARTIST = _kind("artists", layout.ARTIST, layout.ARTIST_TYPES)
_ALBUM = _kind("albums", layout.ALBUM, layout.ALBUM_TYPES)
_GENRES = _of("genre", "artist_genres", "artist_rowid")
_ARTIST_IMAGES = _of("url, width, height", "artist_images", "artist_rowid")
_ALBUM_IMAGES = _of("url, width, height", "album_images", "album_rowid")
_ALBUM_ARTISTS = _of("artist_rowid, index_in_album", "artist_albums", "album_rowid")
_CREDITS = _of("artist_rowid", "track_artists", "track_rowid")
_ONE_FILE = f"SELECT {', '.join(layout.FILE)} FROM files.track_files WHERE track_id = ?"
_ONE_FEATURE = (
    f"SELECT null_response, {', '.join(layout.FEATURE)} FROM features.track_audio_features WHERE track_id = ?"
)
