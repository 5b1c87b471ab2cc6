"""The whole library row by row, for who takes all of it: artists, albums and tracks that are there, by rising number.

Each verb gives some rows from behind a number on, so that a reader that stopped can go on; nothing is kept in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.models import (
    ANY_ROLE,
    Album,
    AlbumCredit,
    AlbumGenre,
    AlbumLabel,
    AlbumParticipant,
    Artist,
    ArtistAlias,
    ArtistCount,
    ExternalIdRow,
    Genre,
    Label,
    Track,
    TrackCredit,
    TrackGenre,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One artist, album or track: its columns by name, and what belongs to it. `credits` are (artist, name as written, what
    stands behind it); `ids` are (namespace, value)."""

    id: int
    columns: Any
    ids: tuple[tuple[str, str], ...] = ()
    genres: tuple[str, ...] = ()
    credits: tuple[tuple[int, str, str], ...] = ()
    names: tuple[str, ...] = ()
    """Other spellings of an artist; labels of an album."""
    others: tuple[int, ...] = field(default=())
    """Artists that are on an album without being credited for it."""


async def totals(conn: AsyncConnection) -> tuple[int, int, int]:
    """How many tracks, albums and artists there are."""
    tracks = await conn.scalar(select(func.count()).select_from(Track).where(*_there(Track)))
    albums = await conn.scalar(select(func.count()).select_from(Album).where(Album.missing_since.is_(None)))
    artists = await conn.scalar(select(func.count(ArtistCount.artist_id.distinct())))
    return int(tracks or 0), int(albums or 0), int(artists or 0)


async def artists_after(conn: AsyncConnection, after: int, limit: int) -> list[Row]:
    """Artists who have anything: id, name, sort_name, musicbrainz_id."""
    has = select(ArtistCount.artist_id).where(ArtistCount.artist_id == Artist.id).exists()
    rows = await conn.execute(
        select(Artist.id, Artist.name, Artist.sort_name, Artist.musicbrainz_id)
        .where(Artist.id > after, has)
        .order_by(Artist.id)
        .limit(limit)
    )
    there = {row.id: row for row in rows}
    aliases: dict[int, list[str]] = defaultdict(list)
    spelled = select(ArtistAlias.artist_id, ArtistAlias.name).where(ArtistAlias.artist_id.in_(list(there)))
    for number, name in await conn.execute(spelled.order_by(ArtistAlias.id)):
        aliases[number].append(name)
    ids = await _ids(conn, "artist", there)
    return [
        Row(number, row, tuple(ids[number]), names=tuple(dict.fromkeys(aliases[number])))
        for number, row in there.items()
    ]


async def albums_after(conn: AsyncConnection, after: int, limit: int) -> list[Row]:
    """Albums that are there: id, title, date, original_date, release_type, barcode, musicbrainz_release_id,
    musicbrainz_release_group_id, track_count."""
    rows = await conn.execute(
        select(
            Album.id, Album.title, Album.date, Album.original_date, Album.release_type, Album.compilation, Album.barcode,
            Album.musicbrainz_release_id, Album.musicbrainz_release_group_id, Album.track_count,
        )
        .where(Album.id > after, Album.missing_since.is_(None))
        .order_by(Album.id)
        .limit(limit)
    )  # fmt: skip
    there = {row.id: row for row in rows}
    credits = await _credits(conn, AlbumCredit, AlbumCredit.album_id, there, "album_artist")
    labels: dict[int, list[str]] = defaultdict(list)
    named = (
        select(AlbumLabel.album_id, Label.name)
        .join(Label, Label.id == AlbumLabel.label_id)
        .where(AlbumLabel.album_id.in_(list(there)))
        .order_by(AlbumLabel.album_id, AlbumLabel.position)
    )
    for number, name in await conn.execute(named):
        labels[number].append(name)
    on_it: dict[int, list[int]] = defaultdict(list)
    part = select(AlbumParticipant.album_id, AlbumParticipant.artist_id).where(
        AlbumParticipant.album_id.in_(list(there)), AlbumParticipant.role == ANY_ROLE
    )
    for number, artist in await conn.execute(part.order_by(AlbumParticipant.album_id, AlbumParticipant.artist_id)):
        if all(artist != by for by, _, _ in credits[number]):
            on_it[number].append(artist)
    genres = await _genres(conn, AlbumGenre, AlbumGenre.album_id, AlbumGenre.track_count.desc(), there)
    ids = await _ids(conn, "album", there)
    return [
        Row(
            number,
            row,
            tuple(ids[number]),
            tuple(genres[number]),
            tuple(credits[number]),
            tuple(labels[number]),
            tuple(on_it[number]),
        )
        for number, row in there.items()
    ]


async def tracks_after(conn: AsyncConnection, after: int, limit: int) -> list[Row]:
    """Tracks that are there: id, title, subtitle, album_id, disc, position, duration_ms, musicbrainz_recording_id,
    musicbrainz_track_id."""
    rows = await conn.execute(
        select(
            Track.id, Track.title, Track.subtitle, Track.album_id, Track.disc, Track.position, Track.duration_ms,
            Track.musicbrainz_recording_id, Track.musicbrainz_track_id,
        )
        .where(Track.id > after, *_there(Track))
        .order_by(Track.id)
        .limit(limit)
    )  # fmt: skip
    there = {row.id: row for row in rows}
    credits = await _credits(conn, TrackCredit, TrackCredit.track_id, there, "artist")
    genres = await _genres(conn, TrackGenre, TrackGenre.track_id, TrackGenre.position, there)
    ids = await _ids(conn, "track", there)
    return [
        Row(number, row, tuple(ids[number]), tuple(genres[number]), tuple(credits[number]))
        for number, row in there.items()
    ]


def _there(model: Any) -> tuple[Any, ...]:
    return model.missing_since.is_(None), model.merged_into_id.is_(None)


async def _credits(
    conn: AsyncConnection, model: Any, thing: Any, ids: Collection[int], role: str
) -> dict[int, list[tuple[int, str, str]]]:
    found: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    rows = (
        select(thing, model.artist_id, Artist.name, model.credited_as, model.join_phrase)
        .join(Artist, Artist.id == model.artist_id)
        .where(thing.in_(list(ids)), model.role == role)
        .order_by(thing, model.position)
    )
    for number, artist, name, credited_as, join in await conn.execute(rows):
        found[number].append((artist, credited_as or name, join))
    return found


async def _genres(
    conn: AsyncConnection, model: Any, thing: Any, order: Any, ids: Collection[int]
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = (
        select(thing, Genre.name)
        .join(Genre, Genre.id == model.genre_id)
        .where(thing.in_(list(ids)))
        .order_by(thing, order, Genre.id)
    )
    for number, name in await conn.execute(rows):
        found[number].append(name)
    return found


async def _ids(conn: AsyncConnection, kind: str, ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = select(ExternalIdRow.entity_id, ExternalIdRow.namespace, ExternalIdRow.value).where(
        ExternalIdRow.kind == kind, ExternalIdRow.entity_id.in_(list(ids))
    )
    for number, namespace, value in await conn.execute(rows.order_by(ExternalIdRow.id)):
        found[number].append((namespace, value))
    return found
