"""A Store over the two files as they are. A rank is a row's own number there.

Whatever is asked for is asked as a set: one track, or a thousand mixed ids with all that hangs on them, take the same few
statements (at most nine for a whole batch). What was read on the way to a rank is kept for the question that follows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from segue.catalog.build import fragments
from segue.catalog.documents import own
from segue.catalog.mount import questions
from segue.catalog.mount.errors import MountDamaged, NotIndexed
from segue.catalog.records import Album, Counts, Image, Kind
from segue.catalog.snapshot.layout import gtin, isrc_code
from segue.catalog.sources import two_file_rows as layout
from segue.catalog.sources.columns import check, has_index

F = TypeVar("F", bound=Callable[..., Any])
Row = tuple[Any, ...]

PAGE_CACHE_KIB = 16_384
KEPT = 4_096
"""Tracks, albums and artists of each kind that are kept; all are dropped when there are more."""
_json = msgspec.json.Encoder().encode
_NO_FILE: Row = (None,) * len(layout.FILE)


def _naming_damage(read: F) -> F:
    @wraps(read)
    def told(self: MountStore, *args: Any, **kwargs: Any) -> Any:
        try:
            return read(self, *args, **kwargs)
        except sqlite3.DatabaseError as error:
            raise MountDamaged(self.path, str(error)) from error

    return cast("F", told)


class MountStore:
    """Over `main`, and where they are given `files` and `features`. Raises NotADatabase and WrongSchema, which say what is
    missing where, and MountDamaged where a page cannot be read."""

    namespace = layout.NAMESPACE
    licence = layout.LICENCE

    def __init__(self, main: Path, files: Path | None = None, features: Path | None = None) -> None:
        self.path = main
        self._database = layout.opened(main, files, features, cache_kib=PAGE_CACHE_KIB)
        self.id = layout.identity([file for file in (main, files, features) if file is not None])
        try:
            check(self._database, "main", main, layout.MAIN_COLUMNS, layout.LOOKED_UP_BY)
            if files is not None:
                check(self._database, "files", files, layout.FILES_COLUMNS, layout.FILES_BY)
            if features is not None:
                check(self._database, "features", features, layout.FEATURES_COLUMNS, layout.FEATURES_BY)
            self._by_upc = has_index(self._database, "main", "albums", "external_id_upc")
        except BaseException:
            self._database.close()
            raise
        self._files, self._features = files is not None, features is not None
        self._track_sides = questions.track_sides(self._files)
        self._tracks: dict[int, Row] = {}
        self._albums: dict[int, Album] = {}
        self._artists: dict[int, bytes] = {}

    @_naming_damage
    def counts(self) -> Counts:
        """The highest rowids: exact where no row was deleted, and known at once."""
        highest = (self._ask(f"SELECT max(rowid) FROM main.{table}")[0][0] for table in ("tracks", "albums", "artists"))
        return Counts(*(number or 0 for number in highest))

    @_naming_damage
    def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]:
        wanted = [id for id in dict.fromkeys(ids) if id.isascii() or _has_bytes(id)]
        found: dict[str, int] = {}
        if wanted:
            if kind == "track":
                rows = self._ask(questions.TRACKS["id"], _json(wanted))
                found = {row[1]: row[0] for row in rows}
                self._keep(self._tracks, {row[0]: row for row in rows})
            elif kind == "album":
                found = {album.id: album.key for album in self._read_albums("id", wanted).values()}
            else:
                found = {id: key for key, (id, _) in self._read_artists("id", wanted).items()}
        return [found.get(id) for id in ids]

    @_naming_damage
    def isrcs(self, codes: Sequence[str]) -> list[list[int]]:
        """Also of codes that the files hold in lower case or with hyphens."""
        numbers = [isrc_code(code) for code in codes]
        spelled = [
            way for code, number in zip(codes, numbers, strict=True) if number is not None for way in _isrcs(code)
        ]
        found: dict[int | None, list[tuple[int, int, int]]] = {}
        if spelled:
            rows = self._ask(questions.TRACKS_BY_ISRC, _json(list(dict.fromkeys(spelled))))
            self._keep(self._tracks, {row[1]: row[1:] for row in rows})
            popularity, isrc = 1 + layout.TRACK.index("popularity"), 1 + layout.TRACK.index("external_id_isrc")
            for row in rows:
                found.setdefault(isrc_code(row[isrc]), []).append((-row[popularity], -(row[0] or 0), row[1]))
        found.pop(None, None)
        return [[rank for _, _, rank in sorted(set(found.get(number, ())))] for number in numbers]

    @_naming_damage
    def upcs(self, codes: Sequence[str]) -> list[list[int]]:
        """Raises NotIndexed: the layout has no index of UPCs. Where somebody added one to the file, it is used."""
        if not self._by_upc:
            raise NotIndexed("UPCs")
        numbers = [gtin(code) for code in codes]
        spelled = [f"{number:0{width}}" for number in numbers if number is not None for width in range(1, 15)]
        found: dict[int | None, list[tuple[int, int]]] = {}
        for code, rank, popularity in self._ask(questions.ALBUMS_BY_UPC, _json(list(dict.fromkeys(spelled)))):
            found.setdefault(gtin(code), []).append((-popularity, rank))
        return [[rank for _, rank in sorted(found.get(number, ()))] for number in numbers]

    @_naming_damage
    def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]:
        ours = [own(self.namespace, id) for id in ids]
        found: dict[tuple[Kind, str], int | None] = {}
        for kind in cast("tuple[Kind, ...]", ("track", "album", "artist")):
            wanted = [one[1] for one in ours if one is not None and one[0] == kind]
            if wanted:
                found |= {(kind, id): rank for id, rank in zip(wanted, self.ranks(kind, wanted), strict=True)}
        return [(one[0], rank) if one is not None and (rank := found[one]) is not None else None for one in ours]

    @_naming_damage
    def tracks(self, ranks: Sequence[int], *, album: bool = True) -> list[bytes]:
        rows = self._track_rows(ranks)
        credits: dict[int, list[tuple[int, int]]] = {}
        beside: dict[int, Row] = {}
        pairs = [(key, row[1]) for key, row in rows.items()] if self._files else []
        for tag, track, *rest in self._ask(
            self._track_sides, _json(list(rows)), *([_json(pairs)] if self._files else [])
        ):
            if tag == questions.CREDIT:
                credits.setdefault(track, []).append((rest[0], rest[1]))
            else:
                beside[track] = tuple(rest)
        albums = self._album_records({row[3] for row in rows.values()}) if album else {}
        named = {artist for made in credits.values() for _, artist in made}
        artists = self._artist_fragments(named.union(*(one.artists for one in albums.values())))
        whole = {key: _credited(fragments.album_document(one), one.artists, artists) for key, one in albums.items()}
        made = {}
        for key, row in rows.items():
            keys = tuple(artist for _, artist in sorted(credits.get(key, ())))
            record = layout.track_record((*row, *beside.get(key, _NO_FILE)), keys, _ignored)
            body = fragments.track_document(record)
            if row[3] in whole:
                body = b'%s,"album":%s}' % (body[:-1], whole[row[3]])
            made[key] = _credited(body, keys, artists)
        return [made[rank] for rank in ranks]

    @_naming_damage
    def albums(self, ranks: Sequence[int]) -> list[bytes]:
        records = self._album_records(ranks)
        artists = self._artist_fragments({artist for one in records.values() for artist in one.artists})
        return [_credited(fragments.album_document(records[rank]), records[rank].artists, artists) for rank in ranks]

    @_naming_damage
    def artists(self, ranks: Sequence[int]) -> list[bytes]:
        made = self._artist_fragments(ranks)
        return [made[rank] for rank in ranks]

    @_naming_damage
    def album_tracks(self, rank: int) -> list[int]:
        return [row[0] for row in self._ask(questions.ALBUM_TRACKS, rank)]

    @_naming_damage
    def artist_albums(self, rank: int) -> list[int]:
        return [row[0] for row in self._ask(questions.ARTIST_ALBUMS, rank)]

    @_naming_damage
    def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]:
        """Of tracks their audio features, of albums ids of others."""
        found: dict[int, dict[str, Any]] = {}
        if kind == "track" and self._features:
            for row in self._ask(questions.FEATURES, _json(list(ranks))):
                features = layout.features_of(row[1:])
                if features is not None:
                    found[row[0]] = {"features": features}
        elif kind == "album":
            found = {key: fragments.album_more(one) for key, one in self._album_records(ranks).items()}
        return [found.get(rank, {}) for rank in ranks]

    def close(self) -> None:
        self._database.close()

    def _ask(self, question: str, *parameters: Any) -> list[Row]:
        try:
            return self._database.execute(question, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if "UTF-8" not in str(error) or self._database.text_factory is not str:
                raise
            self._database.text_factory = layout.as_far_as_it_is_text
            return self._database.execute(question, parameters).fetchall()

    def _track_rows(self, ranks: Iterable[int]) -> dict[int, Row]:
        rows = {rank: row for rank in ranks if (row := self._tracks.get(rank)) is not None}
        absent = [rank for rank in dict.fromkeys(ranks) if rank not in rows]
        if absent:
            rows |= {row[0]: row for row in self._ask(questions.TRACKS["rowid"], _json(absent))}
        return rows

    def _album_records(self, keys: Iterable[int]) -> dict[int, Album]:
        """Without those that are not there."""
        found = {key: one for key in keys if (one := self._albums.get(key)) is not None}
        absent = [key for key in dict.fromkeys(keys) if key not in found]
        if absent:
            found |= self._read_albums("rowid", absent)
        return found

    def _artist_fragments(self, keys: Iterable[int]) -> dict[int, bytes]:
        """Without those that are not there."""
        found = {key: one for key in keys if (one := self._artists.get(key)) is not None}
        absent = [key for key in dict.fromkeys(keys) if key not in found]
        if absent:
            found |= {key: body for key, (_, body) in self._read_artists("rowid", absent).items()}
        return found

    def _read_albums(self, by: str, wanted: Sequence[Any]) -> dict[int, Album]:
        rows: list[Row] = []
        images: dict[int, list[Row]] = {}
        credits: dict[int, list[tuple[int, int]]] = {}
        for tag, *values in self._ask(questions.ALBUMS[by], _json(wanted)):
            row = tuple(values)
            if tag == questions.ROW:
                rows.append(row)
            elif tag == questions.IMAGE:
                images.setdefault(row[0], []).append(row[1:5])
            else:
                credits.setdefault(row[0], []).append((row[1], row[2]))
        found = {
            row[0]: layout.album_record(
                row, _images(images.get(row[0])), tuple(artist for _, artist in sorted(credits.get(row[0], ())))
            )
            for row in rows
        }
        self._keep(self._albums, found)
        return found

    def _read_artists(self, by: str, wanted: Sequence[Any]) -> dict[int, tuple[str, bytes]]:
        """Their own ids and documents."""
        rows: list[Row] = []
        genres: dict[int, list[tuple[int, str]]] = {}
        images: dict[int, list[Row]] = {}
        for tag, *values in self._ask(questions.ARTISTS[by], _json(wanted)):
            row = tuple(values)
            if tag == questions.ROW:
                rows.append(row)
            elif tag == questions.GENRE:
                genres.setdefault(row[0], []).append((row[1], row[2]))
            else:
                images.setdefault(row[0], []).append(row[1:5])
        found = {}
        for row in rows:
            styles = tuple(genre for _, genre in sorted(genres.get(row[0], ())))
            record = layout.artist_record(row, styles, _images(images.get(row[0])))
            found[row[0]] = (record.id, fragments.artist_document(record))
        self._keep(self._artists, {key: body for key, (_, body) in found.items()})
        return found

    def _keep(self, kept: dict[int, Any], new: dict[int, Any]) -> None:
        if len(kept) + len(new) > KEPT:
            kept.clear()
        kept |= new


def _has_bytes(text: str) -> bool:
    """Not so where it holds halves of characters."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _credited(body: bytes, keys: Sequence[int], artists: dict[int, bytes]) -> bytes:
    """A document with who is credited, as far as they are there."""
    there = [artists[key] for key in keys if key in artists]
    return b'%s,"artists":[%s]}' % (body[:-1], b",".join(there)) if there else body


def _images(rows: list[Row] | None) -> tuple[Image, ...]:
    """In the order in which they were written; `rows` are rowid, url, width, height."""
    if not rows:
        return ()
    return tuple(Image(url, width, height) for _, url, width, height in sorted(rows))


def _isrcs(code: str) -> tuple[str, ...]:
    """The ways in which a code may be written."""
    plain = code.replace("-", "").replace(" ", "").upper()
    parted = f"{plain[:2]}-{plain[2:5]}-{plain[5:7]}-{plain[7:]}"
    return plain, plain.lower(), parted, parted.lower()


def _ignored(place: str, why: str) -> None:
    """What is odd about a row is told by builds; here the rest of it is shown."""
