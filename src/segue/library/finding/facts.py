"""What is known of tracks, albums and artists of the library, for comparing them with what others know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.finding.repository import SLICE, candidates
from segue.library.models import (
    Album,
    AlbumCredit,
    Artist,
    ArtistAlias,
    ArtistCount,
    ExternalIdRow,
    Track,
    TrackCredit,
)
from segue.library.scan.write.names import slices
from segue.match import ArtistFacts, RecordingFacts, ReleaseFacts

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class KnownTrack:
    """A track that is there: where it belongs, who it is by, and what comparing needs."""

    id: int
    library_id: int
    album_id: int
    artist_ids: tuple[int, ...]
    musicbrainz_track_id: str | None
    facts: RecordingFacts


@dataclass(frozen=True, slots=True)
class KnownAlbum:
    """An album that is there; `ids` are those of others, the barcode and MusicBrainz among them apart."""

    id: int
    library_id: int
    artist_ids: tuple[int, ...]
    barcode: str | None
    ids: Pairs
    facts: ReleaseFacts


@dataclass(frozen=True, slots=True)
class KnownArtist:
    """An artist, and what others call them."""

    id: int
    ids: Pairs
    facts: ArtistFacts


async def known_tracks(conn: AsyncConnection, ids: Collection[int]) -> dict[int, KnownTrack]:
    """Those of these tracks that are there, not those that were merged into others."""
    found: dict[int, KnownTrack] = {}
    for part in slices(sorted(set(ids)), SLICE):
        rows = await conn.execute(
            select(Track.id, Track.library_id, Track.album_id, Track.musicbrainz_track_id).where(
                Track.id.in_(part), Track.missing_since.is_(None), Track.merged_into_id.is_(None)
            )
        )
        there = {row.id: row for row in rows}
        people = await _credited(conn, TrackCredit, TrackCredit.track_id, there, "artist")
        facts = await candidates(conn, list(there), None)
        found |= {
            number: KnownTrack(
                number, row.library_id, row.album_id, people[number], row.musicbrainz_track_id, facts[number].facts
            )
            for number, row in there.items()
            if number in facts
        }
    return found


async def known_albums(conn: AsyncConnection, ids: Collection[int]) -> dict[int, KnownAlbum]:
    """Those of these albums that are there."""
    found: dict[int, KnownAlbum] = {}
    for part in slices(sorted(set(ids)), SLICE):
        rows = await conn.execute(
            select(
                Album.id, Album.library_id, Album.title, Album.artist_display, Album.year, Album.track_count,
                Album.barcode, Album.musicbrainz_release_id,
            ).where(Album.id.in_(part), Album.missing_since.is_(None))
        )  # fmt: skip
        there = {row.id: row for row in rows}
        named = await _names(conn, AlbumCredit, AlbumCredit.album_id, there, "album_artist")
        people = await _credited(conn, AlbumCredit, AlbumCredit.album_id, there, "album_artist")
        said = await _external(conn, "album", there)
        for number, row in there.items():
            barcode = row.barcode or next((value for name, value in sorted(said[number]) if name == "upc"), None)
            facts = ReleaseFacts(
                title=row.title,
                artists=tuple(named[number]) or (row.artist_display,),
                year=row.year,
                track_count=row.track_count or None,
                barcode=barcode,
                musicbrainz_id=row.musicbrainz_release_id,
                external_ids=frozenset(said[number]),
            )
            found[number] = KnownAlbum(number, row.library_id, people[number], barcode, frozenset(said[number]), facts)
    return found


async def known_artists(conn: AsyncConnection, ids: Collection[int]) -> dict[int, KnownArtist]:
    """These artists, with their other spellings; the works they are known by are for the caller to add."""
    found: dict[int, KnownArtist] = {}
    for part in slices(sorted(set(ids)), SLICE):
        rows = await conn.execute(select(Artist.id, Artist.name, Artist.musicbrainz_id).where(Artist.id.in_(part)))
        there = {row.id: row for row in rows}
        aliases: dict[int, list[str]] = defaultdict(list)
        for number, name in await conn.execute(
            select(ArtistAlias.artist_id, ArtistAlias.name).where(ArtistAlias.artist_id.in_(list(there)))
        ):
            aliases[number].append(name)
        said = await _external(conn, "artist", there)
        for number, row in there.items():
            facts = ArtistFacts(
                name=row.name,
                aliases=tuple(aliases[number]),
                musicbrainz_id=row.musicbrainz_id,
                external_ids=frozenset(said[number]),
            )
            found[number] = KnownArtist(number, frozenset(said[number]), facts)
    return found


async def tracks_of_albums(conn: AsyncConnection, albums: Collection[int]) -> dict[int, list[int]]:
    """The tracks that are there, by album, in order."""
    found: dict[int, list[int]] = defaultdict(list)
    for part in slices(sorted(set(albums)), SLICE):
        rows = await conn.execute(
            select(Track.album_id, Track.id)
            .where(Track.album_id.in_(part), Track.missing_since.is_(None), Track.merged_into_id.is_(None))
            .order_by(Track.album_id, func.coalesce(Track.disc, 1), Track.position, Track.id)
        )
        for album, track in rows:
            found[album].append(track)
    return found


async def present_after(conn: AsyncConnection, kind: str, after: int, limit: int) -> list[int]:
    """Numbers of albums or tracks that are there, from behind `after` on."""
    model: Any = {"track": Track, "album": Album}[kind]
    there = select(model.id).where(model.id > after, model.missing_since.is_(None)).order_by(model.id).limit(limit)
    return list((await conn.scalars(there)).all())


async def albums_by(conn: AsyncConnection, artist: int, libraries: frozenset[int] | None) -> list[int]:
    """The albums that are by an artist, of those libraries."""
    by = (
        select(AlbumCredit.album_id)
        .join(Album, Album.id == AlbumCredit.album_id)
        .where(AlbumCredit.artist_id == artist, AlbumCredit.role == "album_artist", Album.missing_since.is_(None))
        .distinct()
    )
    if libraries is not None:
        by = by.where(Album.library_id.in_(sorted(libraries)))
    return list((await conn.scalars(by)).all())


async def seen_artist(conn: AsyncConnection, artist: int, libraries: frozenset[int] | None) -> bool:
    """Whether an artist has anything in those libraries."""
    has = select(ArtistCount.artist_id).where(ArtistCount.artist_id == artist)
    if libraries is not None:
        has = has.where(ArtistCount.library_id.in_(sorted(libraries)))
    return await conn.scalar(has.limit(1)) is not None


async def _credited(
    conn: AsyncConnection, model: Any, thing: Any, ids: Collection[int], role: str
) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = select(thing, model.artist_id).where(thing.in_(list(ids)), model.role == role)
    for number, artist in await conn.execute(rows.order_by(thing, model.position)):
        found[number].append(artist)
    return defaultdict(tuple, {number: tuple(dict.fromkeys(people)) for number, people in found.items()})


async def _names(
    conn: AsyncConnection, model: Any, thing: Any, ids: Collection[int], role: str
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = (
        select(thing, Artist.name, model.credited_as)
        .join(Artist, Artist.id == model.artist_id)
        .where(thing.in_(list(ids)), model.role == role)
        .order_by(thing, model.position)
    )
    for number, name, credited_as in await conn.execute(rows):
        found[number].append(credited_as or name)
    return found


async def _external(conn: AsyncConnection, kind: str, ids: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    rows = select(ExternalIdRow.entity_id, ExternalIdRow.namespace, ExternalIdRow.value).where(
        ExternalIdRow.kind == kind, ExternalIdRow.entity_id.in_(list(ids))
    )
    for number, namespace, value in await conn.execute(rows):
        found[number].add((namespace, value))
    return found
