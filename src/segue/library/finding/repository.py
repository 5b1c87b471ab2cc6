"""Every query for finding: each asks an index for many at once, and reads only what it found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.finding.whereabouts import Whereabouts
from segue.library.models import (
    Album,
    Artist,
    ArtistAlias,
    ExternalIdRow,
    File,
    Library,
    Track,
    TrackCredit,
)
from segue.library.scan.grouping import name_key
from segue.library.scan.write.names import slices
from segue.library.search.tables import TABLES
from segue.match import RecordingFacts

FEW, COMMON = 40, 400
"""Tracks of one title: up to FEW all are read at once, up to COMMON where nothing else found the right one; beyond, only
those of the wanted people."""
MOST_OF_AN_ARTIST = 3_000
"""Tracks beyond which an artist (`Various Artists`, `Unknown`) says nothing about who made something."""
SLICE = 2_000
_TRACKS, _ARTISTS = TABLES["track"], TABLES["artist"]

Libraries = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A track as far as finding needs it. `stands_for` is its own id, or that of the one it was merged into."""

    stands_for: int
    library_id: int
    missing: bool
    display_path: str
    artist_display: str
    facts: RecordingFacts


@dataclass(frozen=True, slots=True)
class Titled:
    """A track that has a wanted title."""

    id: int
    title_key: str
    artist_display: str


async def by_recording(conn: AsyncConnection, values: Collection[str]) -> dict[str, list[int]]:
    """Tracks by MusicBrainz recording id."""
    return await _by_column(conn, Track.musicbrainz_recording_id, values)


async def by_release_track(conn: AsyncConnection, values: Collection[str]) -> dict[str, list[int]]:
    """Tracks by MusicBrainz track id, which names one place on one release."""
    return await _by_column(conn, Track.musicbrainz_track_id, values)


async def _by_column(conn: AsyncConnection, column: Any, values: Collection[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for part in slices(sorted(values), SLICE):
        for value, track in await conn.execute(select(column, Track.id).where(column.in_(part)).order_by(Track.id)):
            found[value].append(track)
    return found


async def by_external_id(conn: AsyncConnection, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[int]]:
    """Tracks by what the rest of the world calls them."""
    values: dict[str, list[str]] = defaultdict(list)
    for namespace, value in sorted(set(pairs)):
        values[namespace].append(value)
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for namespace, all_values in values.items():
        for part in slices(all_values, SLICE):
            statement = select(ExternalIdRow.value, ExternalIdRow.entity_id).where(
                ExternalIdRow.namespace == namespace, ExternalIdRow.value.in_(part), ExternalIdRow.kind == "track"
            )
            for value, track in await conn.execute(statement.order_by(ExternalIdRow.entity_id)):
                found[namespace, value].append(track)
    return found


async def roots(conn: AsyncConnection, libraries: Libraries) -> dict[int, bytes]:
    """Where the libraries lie."""
    rows = await conn.execute(select(Library.id, Library.root))
    return {row.id: row.root for row in rows if libraries is None or row.id in libraries}


async def by_path(
    conn: AsyncConnection, paths: Collection[bytes], libraries: Collection[int]
) -> dict[bytes, list[tuple[int, int]]]:
    """Tracks by the path of their file inside its library: (library, track), a CUE sheet's tracks in order."""
    found: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for part in slices(sorted(paths), SLICE):
        statement = (
            select(File.path, File.library_id, Track.id)
            .join(Track, Track.file_id == File.id)
            .where(File.library_id.in_(sorted(libraries)), File.path.in_(part))
            .order_by(File.library_id, Track.start_ms, Track.id)
        )
        for path, library, track in await conn.execute(statement):
            found[path].append((library, track))
    return found


async def by_title(
    conn: AsyncConnection, keys: Collection[str], libraries: Libraries, most: int
) -> tuple[list[Titled], set[str]]:
    """Tracks of these title keys, and the keys that more than `most` tracks have, of which none is read."""
    found: list[Titled] = []
    common: set[str] = set()
    for part in slices(sorted(keys), SLICE):
        counted = (
            select(_TRACKS.c.title_key)
            .where(_TRACKS.c.title_key.in_(part))
            .group_by(_TRACKS.c.title_key)
            .having(func.count() > most)
        )
        some = set((await conn.scalars(counted)).all())
        common |= some
        rare = [key for key in part if key not in some]
        if not rare:
            continue
        statement = (
            select(_TRACKS.c.id, _TRACKS.c.title_key, Track.artist_display)
            .join(Track, Track.id == _TRACKS.c.id)
            .where(_TRACKS.c.title_key.in_(rare))
        )
        if libraries is not None:
            statement = statement.where(_TRACKS.c.library_id.in_(sorted(libraries)))
        found += [Titled(*row) for row in await conn.execute(statement)]
    return found, common


async def artists_named(conn: AsyncConnection, keys: dict[str, str]) -> dict[str, set[int]]:
    """Artists by search key; `keys` are {search key: name}. Other spellings that are known count as well."""
    found: dict[str, set[int]] = defaultdict(set)
    for part in slices(sorted(keys), SLICE):
        statement = select(_ARTISTS.c.title_key, _ARTISTS.c.id).where(_ARTISTS.c.title_key.in_(part))
        for key, artist in await conn.execute(statement):
            found[key].add(artist)
        names: dict[str, set[str]] = defaultdict(set)
        for key in part:
            names[name_key(keys[key])].add(key)
        aliases = select(ArtistAlias.name_key, ArtistAlias.artist_id).where(ArtistAlias.name_key.in_(sorted(names)))
        for name, artist in await conn.execute(aliases):
            for key in names[name]:
                found[key].add(artist)
    return found


async def titles_by(conn: AsyncConnection, artists: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """(track, title key) of what these artists made; nothing for one who made too much to say anything."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for part in slices(sorted(artists), SLICE):
        counted = (
            select(TrackCredit.artist_id)
            .where(TrackCredit.artist_id.in_(part), TrackCredit.role == "artist")
            .group_by(TrackCredit.artist_id)
            .having(func.count() > MOST_OF_AN_ARTIST)
        )
        too_many = set((await conn.scalars(counted)).all())
        statement = (
            select(TrackCredit.artist_id, _TRACKS.c.id, _TRACKS.c.title_key)
            .join(_TRACKS, _TRACKS.c.id == TrackCredit.track_id)
            .where(
                TrackCredit.artist_id.in_([one for one in part if one not in too_many]), TrackCredit.role == "artist"
            )
        )
        for artist, track, key in await conn.execute(statement):
            found[artist].append((track, key))
    return found


async def aliases_of(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, list[str]]:
    """Other names of the people of some tracks, by track."""
    found: dict[int, list[str]] = defaultdict(list)
    for part in slices(sorted(tracks), SLICE):
        statement = (
            select(TrackCredit.track_id, ArtistAlias.name)
            .join(ArtistAlias, ArtistAlias.artist_id == TrackCredit.artist_id)
            .where(TrackCredit.track_id.in_(part), TrackCredit.role == "artist")
        )
        for track, name in await conn.execute(statement):
            found[track].append(name)
    return found


async def candidates(conn: AsyncConnection, ids: Collection[int], libraries: Libraries) -> dict[int, Candidate]:
    """What comparing needs of those of `ids` that may be seen; of one that was merged, what it was merged into."""
    found: dict[int, Candidate] = {}
    merged: dict[int, int] = {}
    for part in slices(sorted(ids), SLICE):
        rows = await _rows(conn, part, libraries)
        merged |= {row.id: row.merged_into_id for row in rows if row.merged_into_id is not None}
        rows = [row for row in rows if row.merged_into_id is None]
        found |= await _with_people(conn, rows)
    kept = set(merged.values()) - found.keys()
    if kept:
        found |= await candidates(conn, kept, libraries)
    found |= {old: found[new] for old, new in merged.items() if new in found}
    return found


async def _rows(conn: AsyncConnection, ids: Sequence[int], libraries: Libraries) -> list[Any]:
    statement = (
        select(
            Track.id, Track.library_id, Track.title, Track.subtitle, Track.duration_ms, Track.disc, Track.position,
            Track.musicbrainz_recording_id, Track.musicbrainz_track_id, Track.artist_display,
            Track.missing_since.is_not(None).label("missing"),
            Track.merged_into_id, Album.title.label("album"), File.display_path,
        )
        .join(Album, Album.id == Track.album_id)
        .join(File, File.id == Track.file_id)
        .where(Track.id.in_(ids))
    )  # fmt: skip
    if libraries is not None:
        statement = statement.where(Track.library_id.in_(sorted(libraries)))
    return list((await conn.execute(statement)).all())


async def _with_people(conn: AsyncConnection, rows: Iterable[Any]) -> dict[int, Candidate]:
    rows = list(rows)
    ids = [row.id for row in rows]
    people: dict[int, list[str]] = defaultdict(list)
    credited = (
        select(TrackCredit.track_id, Artist.name, TrackCredit.credited_as)
        .join(Artist, Artist.id == TrackCredit.artist_id)
        .where(TrackCredit.track_id.in_(ids), TrackCredit.role == "artist")
        .order_by(TrackCredit.track_id, TrackCredit.position)
    )
    for track, name, credited_as in await conn.execute(credited):
        people[track].append(credited_as or name)
    codes: dict[int, set[tuple[str, str]]] = defaultdict(set)
    said = select(ExternalIdRow.entity_id, ExternalIdRow.namespace, ExternalIdRow.value)
    for track, namespace, value in await conn.execute(
        said.where(ExternalIdRow.kind == "track", ExternalIdRow.entity_id.in_(ids))
    ):
        codes[track].add((namespace, value))
    return {row.id: _candidate(row, tuple(people[row.id]), codes[row.id]) for row in rows}


def _candidate(row: Any, people: tuple[str, ...], codes: set[tuple[str, str]]) -> Candidate:
    if row.musicbrainz_track_id:
        codes.add(("musicbrainz:track", row.musicbrainz_track_id))
    return Candidate(
        row.id,
        row.library_id,
        bool(row.missing),
        row.display_path,
        row.artist_display,
        RecordingFacts(
            title=f"{row.title} ({row.subtitle})" if row.subtitle else row.title,
            artists=people or (row.artist_display,),
            duration_ms=row.duration_ms or None,
            album=row.album,
            disc=row.disc,
            position=row.position,
            musicbrainz_id=row.musicbrainz_recording_id,
            isrcs=frozenset(value for name, value in codes if name == "isrc"),
            acoustids=frozenset(value for name, value in codes if name == "acoustid"),
            external_ids=frozenset(pair for pair in codes if pair[0] not in ("isrc", "acoustid")),
        ),
    )


async def whereabouts(conn: AsyncConnection, ids: Collection[int]) -> dict[int, Whereabouts]:
    """Where these tracks lie, whoever may see them."""
    found: dict[int, Whereabouts] = {}
    for part in slices(sorted(set(ids)), SLICE):
        statement = (
            select(
                Track.id, Track.library_id, Track.disc, Track.position, File.path, Library.root, Album.artist_display
            )
            .join(File, File.id == Track.file_id)
            .join(Library, Library.id == Track.library_id)
            .join(Album, Album.id == Track.album_id)
            .where(Track.id.in_(part))
        )
        for row in await conn.execute(statement):
            relative = row.path.decode("utf-8", "surrogateescape")
            root = row.root.decode("utf-8", "surrogateescape").rstrip("/")
            found[row.id] = Whereabouts(
                row.library_id, relative, f"{root}/{relative}", row.artist_display, row.disc, row.position
            )
    return found


async def called(conn: AsyncConnection, ids: Collection[int]) -> dict[int, Any]:
    """Rows (id, title, musicbrainz_recording_id, musicbrainz_track_id, display_path) of tracks that are there."""
    found: dict[int, Any] = {}
    for part in slices(sorted(ids), SLICE):
        statement = (
            select(Track.id, Track.title, Track.musicbrainz_recording_id, Track.musicbrainz_track_id, File.display_path)
            .join(File, File.id == Track.file_id)
            .where(Track.id.in_(part), Track.missing_since.is_(None))
        )
        found |= {row.id: row for row in await conn.execute(statement)}
    return found


async def there(conn: AsyncConnection, ids: Collection[int]) -> set[int]:
    """Those of these tracks that have a row, missing ones and merged ones among them."""
    found: set[int] = set()
    for part in slices(sorted(ids), SLICE):
        found |= set((await conn.scalars(select(Track.id).where(Track.id.in_(part)))).all())
    return found


async def external_ids_of(conn: AsyncConnection, ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """(namespace, value) by track."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for part in slices(sorted(ids), SLICE):
        statement = select(ExternalIdRow.entity_id, ExternalIdRow.namespace, ExternalIdRow.value).where(
            ExternalIdRow.kind == "track", ExternalIdRow.entity_id.in_(part)
        )
        for track, namespace, value in await conn.execute(statement):
            found[track].append((namespace, value))
    return found
