"""Reading tracks with all that is shown of them: file, album, people, genres, artwork. Four statements a page."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library import models as m
from segue.library import repository
from segue.library import tables as f
from segue.library.measures import repository as measures
from segue.library.measures.shown import MEASURED_TOO
from segue.library.repository import ARTWORKS, EXTERNAL, FILE_COLUMNS, LIBRARIES, chosen, picture, picture_columns, rows
from segue.library.views import Credit, FileView, Named, TrackDetails, TrackView, columns_before

_RENAMED = {
    "key": "musical_key",
    "track_gain_db": "replaygain_track_gain_db",
    "track_peak": "replaygain_track_peak",
    "album_gain_db": "replaygain_album_gain_db",
    "album_peak": "replaygain_album_peak",
}
_OWN = columns_before(TrackView, "album")
_FILE_AT = len(_OWN)
_ALBUM_AT = _FILE_AT + len(FILE_COLUMNS)


@cache
def _tracks(dialect: str) -> Select[Any]:
    t, a = f.TRACKS.c, f.ALBUMS.c
    own = [t[_RENAMED.get(name, name)] for name in _OWN]
    file = [f.FILES.c.display_path if name == "path" else f.FILES.c[name] for name in FILE_COLUMNS]
    album = (a.id, a.title, a.artist_display, a.compilation, LIBRARIES.name)
    source = (
        f.TRACKS.join(f.FILES, f.FILES.c.id == t.file_id)
        .join(f.ALBUMS, a.id == t.album_id)
        .join(m.Library.__table__, LIBRARIES.id == t.library_id)
        .outerjoin(ARTWORKS, ARTWORKS.c.id == func.coalesce(t.artwork_id, a.artwork_id))
    )
    return select(*own, *file, *album, *picture_columns()).select_from(source).where(chosen(t.id, dialect))


@cache
def _track_credits(dialect: str) -> Select[Any]:
    c = f.TRACK_CREDITS.c
    return (
        select(c.track_id, c.artist_id, f.ARTISTS.c.name, c.role, c.instrument, c.credited_as, c.join_phrase)
        .join(f.ARTISTS, f.ARTISTS.c.id == c.artist_id)
        .where(chosen(c.track_id, dialect))
        .order_by(c.track_id, c.position)
    )


@cache
def _track_genres(dialect: str) -> Select[Any]:
    c = f.TRACK_GENRES.c
    return (
        select(c.track_id, c.genre_id, f.GENRES.c.name)
        .join(f.GENRES, f.GENRES.c.id == c.genre_id)
        .where(chosen(c.track_id, dialect))
        .order_by(c.track_id, c.position)
    )


@cache
def _isrcs(dialect: str) -> Select[Any]:
    wanted = (EXTERNAL.kind == "track") & (EXTERNAL.namespace == "isrc")
    return (
        select(EXTERNAL.entity_id, EXTERNAL.value)
        .where(wanted, chosen(EXTERNAL.entity_id, dialect))
        .order_by(EXTERNAL.entity_id, EXTERNAL.value)
    )


_edited = select(f.EDITS.c.field).where(f.EDITS.c.kind == "track", f.EDITS.c.field.in_(sorted(MEASURED_TOO)))


async def details(conn: AsyncConnection, track_id: int) -> TrackDetails | None:
    """What a track's page shows beside its row in lists; None where there is no such track."""
    t, a = f.TRACKS.c, f.ALBUMS.c
    columns = (
        t.recording_date, a.release_date, t.moods, t.mood, t.groupings, t.grouping, t.movement_number,
        t.movement_total, t.musicbrainz_track_id, a.musicbrainz_release_id, a.musicbrainz_release_group_id,
        t.gain_from_r128, t.album_id,
    )  # fmt: skip
    row = (await conn.execute(select(*columns).join(f.ALBUMS, a.id == t.album_id).where(t.id == track_id))).first()
    if row is None:
        return None
    own = m.TrackField.__table__.c
    fields = await conn.execute(select(own.name, own.value).where(own.track_id == track_id).order_by(own.position))
    return TrackDetails(
        recording_date=row.recording_date,
        release_date=row.release_date,
        moods=row.moods or ([row.mood] if row.mood else []),
        groupings=row.groupings or ([row.grouping] if row.grouping else []),
        movement_number=row.movement_number,
        movement_total=row.movement_total,
        musicbrainz_track_id=row.musicbrainz_track_id,
        musicbrainz_release_id=row.musicbrainz_release_id,
        musicbrainz_release_group_id=row.musicbrainz_release_group_id,
        gain_from_r128=row.gain_from_r128,
        edited=frozenset(await conn.scalars(_edited.where(f.EDITS.c.entity_id == track_id))),
        measure=(await measures.of_tracks(conn, [track_id])).get(track_id),
        external_ids=await repository.external_ids(conn, "track", track_id),
        labels=await repository.album_labels(conn, row.album_id),
        own=[(name, value) for name, value in fields],
    )


async def tracks(conn: AsyncConnection, ids: Collection[int]) -> dict[int, TrackView]:
    """The tracks of these ids; those that do not exist are left out."""
    found: dict[int, TrackView] = {}
    for row in await rows(conn, _tracks, ids):
        album_id, album_title, album_artist, compilation, library_name = row[_ALBUM_AT : _ALBUM_AT + 5]
        library = Named(row[1], library_name)
        file = FileView(*[*row[_FILE_AT:_ALBUM_AT], library])
        file.track_ids.append(row[0])
        album = (Named(album_id, album_title), album_artist, compilation)
        found[row[0]] = TrackView(*[*row[:_FILE_AT], *album, file, picture(row[_ALBUM_AT + 5 :])])
    for track_id, *credit in await rows(conn, _track_credits, found):
        person = Credit(*credit)
        track = found[track_id]
        (track.artists if person.role == "artist" else track.credits).append(person)
    for track_id, genre_id, name in await rows(conn, _track_genres, found):
        found[track_id].genres.append(Named(genre_id, name))
    for track_id, value in await rows(conn, _isrcs, found):
        found[track_id].isrcs.append(value)
    album_artists = await repository.album_credits(conn, {track.album.id for track in found.values()})
    for track in found.values():
        track.album_artists = album_artists.get(track.album.id, [])
    return found
