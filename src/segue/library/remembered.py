"""What tracks, albums and artists are called, for those who keep it beside an id: plays, stars, playlist rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.remembered import Remembered
from segue.library.models import Album, Artist, ArtistCount, ExternalIdRow, Genre, Track, TrackCredit, TrackGenre
from segue.library.scan.grouping import name_key

T = TypeVar("T")
BATCH = 5_000
"""Ids a statement; PostgreSQL's wire protocol takes 32,767 parameters at the most."""
BY_ROLE = "artist"
_IDS: Any = bindparam("ids", expanding=True)


async def remembered(conn: AsyncConnection, actor: Actor, kind: str, ids: Sequence[int]) -> dict[int, Remembered]:
    """Those of `ids` (of `kind` track, album, artist or genre) that exist and that `actor` may see, also where their file is
    missing."""
    found: dict[int, Remembered] = {}
    read = {"track": _tracks, "album": _albums, "artist": _artists, "genre": _genres}[kind]
    for batch in _batches(ids):
        found |= await read(conn, actor, batch)
    return found


async def _tracks(conn: AsyncConnection, actor: Actor, ids: Sequence[int]) -> dict[int, Remembered]:
    asked = {"ids": list(ids)}
    if actor.libraries is None:
        rows = (await conn.execute(_tracks_of(everywhere=True), asked)).all()
    else:
        within = asked | {"libraries": list(actor.libraries)}
        rows = (await conn.execute(_tracks_of(everywhere=False), within)).all()
    artists, genres = defaultdict(list), defaultdict(list)
    for track_id, artist_id in (await conn.execute(_artists_of(), asked)).all():
        artists[track_id].append(artist_id)
    for track_id, genre_id in (await conn.execute(_genres_of(), asked)).all():
        genres[track_id].append(genre_id)
    external = await _external_ids(conn, "track", ids)
    found = {}
    for row in rows:
        names = external.get(row.id, {})
        if row.musicbrainz_recording_id:
            names["musicbrainz:recording"] = row.musicbrainz_recording_id
        found[row.id] = Remembered(
            row.id,
            row.title,
            row.artist_display,
            row.album_title,
            row.duration_ms,
            names,
            row.library_id,
            row.album_id,
            tuple(dict.fromkeys(artists[row.id])),
            row.album_artist,
            tuple(genres[row.id]),
            row.year,
        )
    return found


# made once each: every play asks these, and making them takes longer than answering them


@cache
def _tracks_of(*, everywhere: bool) -> Any:
    columns = (
        Track.id,
        Track.title,
        Track.artist_display,
        Track.duration_ms,
        Track.library_id,
        Track.album_id,
        Track.musicbrainz_recording_id,
        Track.year,
        Album.title.label("album_title"),
        Album.artist_display.label("album_artist"),
    )
    statement = select(*columns).join(Album, Album.id == Track.album_id).where(Track.id.in_(_IDS))
    return statement if everywhere else statement.where(Track.library_id.in_(bindparam("libraries", expanding=True)))


@cache
def _artists_of() -> Any:
    credit = select(TrackCredit.track_id, TrackCredit.artist_id)
    credited = credit.where(TrackCredit.track_id.in_(_IDS), TrackCredit.role == BY_ROLE)
    return credited.order_by(TrackCredit.track_id, TrackCredit.position)


@cache
def _genres_of() -> Any:
    worn = select(TrackGenre.track_id, TrackGenre.genre_id).where(TrackGenre.track_id.in_(_IDS))
    return worn.order_by(TrackGenre.track_id, TrackGenre.position)


@cache
def _named_outside() -> Any:
    named = select(ExternalIdRow.entity_id, ExternalIdRow.namespace, ExternalIdRow.value)
    return named.where(ExternalIdRow.kind == bindparam("kind"), ExternalIdRow.entity_id.in_(_IDS)).order_by(
        ExternalIdRow.id
    )


async def _albums(conn: AsyncConnection, actor: Actor, ids: Sequence[int]) -> dict[int, Remembered]:
    columns = (
        Album.id,
        Album.title,
        Album.artist_display,
        Album.duration_ms,
        Album.library_id,
        Album.musicbrainz_release_id,
        Album.musicbrainz_release_group_id,
    )
    statement = select(*columns).where(Album.id.in_(ids))
    external = await _external_ids(conn, "album", ids)
    found = {}
    for row in await conn.execute(_seen(statement, Album.library_id, actor)):
        names = external.get(row.id, {})
        if row.musicbrainz_release_id:
            names["musicbrainz:release"] = row.musicbrainz_release_id
        if row.musicbrainz_release_group_id:
            names["musicbrainz:release-group"] = row.musicbrainz_release_group_id
        found[row.id] = Remembered(
            row.id, row.title, row.artist_display, "", row.duration_ms, names, row.library_id, row.id
        )
    return found


async def _artists(conn: AsyncConnection, actor: Actor, ids: Sequence[int]) -> dict[int, Remembered]:
    statement = select(Artist.id, Artist.name, Artist.musicbrainz_id).where(Artist.id.in_(ids))
    if actor.libraries is not None:
        here = exists().where(ArtistCount.artist_id == Artist.id, ArtistCount.library_id.in_(actor.libraries))
        statement = statement.where(here)
    external = await _external_ids(conn, "artist", ids)
    found = {}
    for row in await conn.execute(statement):
        names = external.get(row.id, {})
        if row.musicbrainz_id:
            names["musicbrainz:artist"] = row.musicbrainz_id
        found[row.id] = Remembered(row.id, row.name, external_ids=names, artist_ids=(row.id,))
    return found


async def _genres(conn: AsyncConnection, _actor: Actor, ids: Sequence[int]) -> dict[int, Remembered]:
    rows = await conn.execute(select(Genre.id, Genre.name).where(Genre.id.in_(ids)))
    return {row.id: Remembered(row.id, row.name) for row in rows}


async def artists_called(conn: AsyncConnection, names: Sequence[str]) -> dict[str, int]:
    """The numbers of artists by those of `names` that exactly one artist here has."""
    keys = {name: name_key(name) for name in names}
    found: dict[str, list[int]] = defaultdict(list)
    for batch in _batches([*keys.values()]):
        for key, number in await conn.execute(_artists_by_name(), {"keys": list(batch)}):
            found[key].append(number)
    return {name: found[key][0] for name, key in keys.items() if len(found[key]) == 1}


@cache
def _artists_by_name() -> Any:
    return select(Artist.name_key, Artist.id).where(Artist.name_key.in_(bindparam("keys", expanding=True)))


async def _external_ids(conn: AsyncConnection, kind: str, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The first value of every namespace, by entity."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for entity_id, namespace, value in (await conn.execute(_named_outside(), {"kind": kind, "ids": list(ids)})).all():
        found[entity_id].setdefault(namespace, value)
    return found


def _seen(statement: Any, library_id: Any, actor: Actor) -> Any:
    return statement if actor.libraries is None else statement.where(library_id.in_(actor.libraries))


def _batches(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), BATCH):
        yield wanted[start : start + BATCH]
