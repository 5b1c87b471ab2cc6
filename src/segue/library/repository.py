"""Reading the library's rows, whole pages at a time: one statement a kind of thing, never one a row.

Everything here takes ids and gives views by id. Ids go to the database as one parameter, so that a statement is the same
whatever their number, and is prepared once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, any_, bindparam, func, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library import models as m
from segue.library import tables as f
from segue.library.views import (
    AlbumLabelView,
    AlbumView,
    ArtistView,
    Credit,
    FileView,
    FolderView,
    GenreView,
    LabelView,
    LibraryView,
    Named,
    Picture,
    columns_before,
)
from segue.query import Entity, Scope
from segue.query.fields import built

LIBRARIES = m.Library.__table__.c
ARTWORKS = m.Artwork.__table__
EXTERNAL = m.ExternalIdRow.__table__.c
REDIRECTS = m.Redirect.__table__.c
PICTURE = ("id", "color", "blurhash", "width", "height")
ALBUM_COLUMNS = columns_before(AlbumView, "library")
ARTIST_COLUMNS = columns_before(ArtistView, "artwork")
FILE_COLUMNS = columns_before(FileView, "library")
MAX_HOPS = 8
_TYPES_AT = ALBUM_COLUMNS.index("release_types")


def chosen(column: ColumnElement[Any], dialect: str, name: str = "ids") -> ColumnElement[bool]:
    """The condition that `column` is among the ids of parameter `name`; give that with `ids_for`."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(bindparam(name, type_=ARRAY(BigInteger)))


def ids_for(conn: AsyncConnection, ids: Collection[int], name: str = "ids") -> dict[str, Any]:
    """The parameter for `chosen`."""
    return {name: json.dumps(list(ids)) if conn.dialect.name == "sqlite" else list(ids)}


async def rows(conn: AsyncConnection, statement: Callable[[str], Select[Any]], ids: Collection[int]) -> Sequence[Any]:
    """The rows of a statement made for this dialect, for these ids; none, and no question, where there are no ids."""
    if not ids:
        return ()
    found: Sequence[Any] = (await conn.execute(statement(conn.dialect.name), ids_for(conn, ids))).all()
    return found


def picture(columns: Sequence[Any]) -> Picture | None:
    """The artwork in these five columns, None where the outer join found none."""
    return None if columns[0] is None else Picture(*columns)


async def pictures(conn: AsyncConnection, ids: Collection[int]) -> dict[int, Picture]:
    """Pictures by their numbers."""
    if not ids:
        return {}
    statement = select(*picture_columns()).where(ARTWORKS.c.id.in_(sorted(ids)))
    return {row[0]: Picture(*row) for row in await conn.execute(statement)}


def picture_columns() -> list[ColumnElement[Any]]:
    return [ARTWORKS.c[name] for name in PICTURE]


# --- albums ----------------------------------------------------------------------------------------------------------


@cache
def _albums(dialect: str) -> Select[Any]:
    source = f.ALBUMS.join(m.Library.__table__, LIBRARIES.id == f.ALBUMS.c.library_id).outerjoin(
        ARTWORKS, ARTWORKS.c.id == f.ALBUMS.c.artwork_id
    )
    columns: list[ColumnElement[Any]] = [f.ALBUMS.c[name] for name in ALBUM_COLUMNS]
    if dialect == "sqlite":  # as the JSON that is written, to be read once and not once a row; asyncpg reads by itself
        columns[_TYPES_AT] = type_coerce(columns[_TYPES_AT], Text)
    return (
        select(*columns, LIBRARIES.name, *picture_columns()).select_from(source).where(chosen(f.ALBUMS.c.id, dialect))
    )


@lru_cache(maxsize=1024)
def _release_types(written: str) -> list[str]:
    """The types of a release from their JSON; albums have few combinations of them, and share these lists."""
    types: list[str] = json.loads(written)
    return types


@cache
def _album_credits(dialect: str) -> Select[Any]:
    return _credits(f.ALBUM_CREDITS, "album_id", dialect)


def _credits(credits: Any, owner: str, dialect: str) -> Select[Any]:
    c = credits.c
    return (
        select(c[owner], c.artist_id, f.ARTISTS.c.name, c.role, c.instrument, c.credited_as, c.join_phrase)
        .join(f.ARTISTS, f.ARTISTS.c.id == c.artist_id)
        .where(chosen(c[owner], dialect))
        .order_by(c[owner], c.position)
    )


@cache
def _album_genres(dialect: str) -> Select[Any]:
    c = f.ALBUM_GENRES.c
    return (
        select(c.album_id, c.genre_id, f.GENRES.c.name)
        .join(f.GENRES, f.GENRES.c.id == c.genre_id)
        .where(chosen(c.album_id, dialect))
        .order_by(c.album_id, c.track_count.desc(), f.GENRES.c.sort_key)
    )


async def albums(conn: AsyncConnection, ids: Collection[int]) -> dict[int, AlbumView]:
    """The albums of these ids with credits, genres and artwork; those that do not exist are left out."""
    found: dict[int, AlbumView] = {}
    after = len(ALBUM_COLUMNS)
    for row in await rows(conn, _albums, ids):
        own = list(row[:after])
        if isinstance(own[_TYPES_AT], str):
            own[_TYPES_AT] = _release_types(own[_TYPES_AT])
        found[row[0]] = AlbumView(*[*own, Named(row[1], row[after]), picture(row[after + 1 :])])
    for album_id, people in (await album_credits(conn, found)).items():
        found[album_id].artists = people
    for album_id, genre_id, name in await rows(conn, _album_genres, found):
        found[album_id].genres.append(Named(genre_id, name))
    return found


async def album_credits(conn: AsyncConnection, ids: Collection[int]) -> dict[int, list[Credit]]:
    """Whom the albums are by, in order."""
    people: dict[int, list[Credit]] = defaultdict(list)
    for row in await rows(conn, _album_credits, ids):
        people[row[0]].append(Credit(*row[1:]))
    return people


async def album_rule(conn: AsyncConnection, album_id: int) -> tuple[str, dict[str, Any]]:
    """The rule that made this an album, and its facts."""
    statement = select(f.ALBUMS.c.rule, f.ALBUMS.c.rule_params).where(f.ALBUMS.c.id == album_id)
    rule, params = (await conn.execute(statement)).one()
    return rule, params


async def album_labels(conn: AsyncConnection, album_id: int) -> list[AlbumLabelView]:
    c = f.ALBUM_LABELS.c
    statement = select(f.LABELS.c.id, f.LABELS.c.name, c.catalog_number).join(f.LABELS, f.LABELS.c.id == c.label_id)
    found = await conn.execute(statement.where(c.album_id == album_id).order_by(c.position))
    return [AlbumLabelView(*row) for row in found]


async def album_track_ids(conn: AsyncConnection, album_ids: Collection[int]) -> list[int]:
    """The tracks of these albums in the order of discs and positions, missing ones too."""
    t = f.TRACKS.c
    statement = select(t.id).where(chosen(t.album_id, conn.dialect.name))
    ordered = statement.order_by(t.album_id, func.coalesce(t.disc, 0), func.coalesce(t.position, 0), t.sort_key, t.id)
    return list((await conn.scalars(ordered, ids_for(conn, album_ids))).all())


async def artist_albums(conn: AsyncConnection, artist_id: int) -> list[tuple[str, int]]:
    """(role, album) of everything an artist takes part in and that is present, by year and title."""
    c, a = f.PARTICIPANTS.c, f.ALBUMS.c
    statement = (
        select(c.role, c.album_id)
        .join(f.ALBUMS, a.id == c.album_id)
        .where(c.artist_id == artist_id, c.role != m.ANY_ROLE, a.missing_since.is_(None))
        .order_by(a.year.nulls_last(), a.sort_key, a.id)
    )
    return [(role, album_id) for role, album_id in await conn.execute(statement)]


# --- people ----------------------------------------------------------------------------------------------------------


@cache
def _artists(dialect: str) -> Select[Any]:
    p = f.ARTISTS.c
    columns = [p[name] for name in ARTIST_COLUMNS]
    source = f.ARTISTS.outerjoin(ARTWORKS, ARTWORKS.c.id == p.artwork_id)
    return select(*columns, *picture_columns()).select_from(source).where(chosen(p.id, dialect))


@cache
def _artist_counts(dialect: str) -> Select[Any]:
    c = f.ARTIST_COUNTS.c
    return select(c.artist_id, c.library_id, c.role, c.album_count, c.track_count).where(chosen(c.artist_id, dialect))


async def artists(
    conn: AsyncConnection, ids: Collection[int], libraries: frozenset[int] | None
) -> dict[int, ArtistView]:
    """The artists of these ids, counting what is in `libraries` (None: all)."""
    after = len(ARTIST_COLUMNS)
    found = {row[0]: ArtistView(*[*row[:after], picture(row[after:])]) for row in await rows(conn, _artists, ids)}
    for artist_id, library_id, role, album_count, track_count in await rows(conn, _artist_counts, found):
        if libraries is not None and library_id not in libraries:
            continue
        artist = found[artist_id]
        if role == m.ANY_ROLE:
            artist.album_count += album_count
            artist.track_count += track_count
        else:
            albums_before, tracks_before = artist.roles.get(role, (0, 0))
            artist.roles[role] = (albums_before + album_count, tracks_before + track_count)
    return found


async def artists_with(conn: AsyncConnection, libraries: frozenset[int] | None, role: str | None) -> list[int]:
    """Everybody who is credited in this role (None: in any) in these libraries (None: all), in no order."""
    c = f.ARTIST_COUNTS.c
    statement = select(c.artist_id).where(c.role == (role or m.ANY_ROLE)).distinct()
    if libraries is not None:
        statement = statement.where(c.library_id.in_(libraries))
    return list((await conn.scalars(statement)).all())


async def artist_aliases(conn: AsyncConnection, artist_id: int) -> list[str]:
    c = m.ArtistAlias.__table__.c
    return list((await conn.scalars(select(c.name).where(c.artist_id == artist_id).order_by(c.sort_key, c.id))).all())


async def search_texts(conn: AsyncConnection, kind: str, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """(field, text) by id of what is searched and no view has: the labels of albums, the other spellings of artists."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    if kind == "albums":
        for album_id, name, number in await rows(conn, _labels_of_albums, ids):
            found[album_id] += [("label", name), ("catalog_number", number or "")]
    if kind == "artists":
        for artist_id, name in await rows(conn, _aliases_of_artists, ids):
            found[artist_id].append(("alias", name))
    return found


@cache
def _labels_of_albums(dialect: str) -> Select[Any]:
    c = f.ALBUM_LABELS.c
    named = select(c.album_id, f.LABELS.c.name, c.catalog_number).join(f.LABELS, f.LABELS.c.id == c.label_id)
    return named.where(chosen(c.album_id, dialect)).order_by(c.album_id, c.position)


@cache
def _aliases_of_artists(dialect: str) -> Select[Any]:
    c = m.ArtistAlias.__table__.c
    return select(c.artist_id, c.name).where(chosen(c.artist_id, dialect)).order_by(c.artist_id, c.sort_key, c.id)


# --- genres, labels, libraries ---------------------------------------------------------------------------------------


@cache
def _genres(dialect: str) -> Select[Any]:
    g = f.GENRES.c
    return select(g.id, g.name, g.parent_id).where(chosen(g.id, dialect))


@cache
def _genre_counts(dialect: str) -> Select[Any]:
    c = f.GENRE_COUNTS.c
    return select(c.genre_id, c.library_id, c.track_count, c.album_count).where(chosen(c.genre_id, dialect))


async def genres(conn: AsyncConnection, ids: Collection[int], libraries: frozenset[int] | None) -> dict[int, GenreView]:
    """The genres of these ids, counting what is in `libraries` (None: all)."""
    found = {row[0]: GenreView(*row) for row in await rows(conn, _genres, ids)}
    for genre_id, library_id, track_count, album_count in await rows(conn, _genre_counts, found):
        if libraries is None or library_id in libraries:
            found[genre_id].track_count += track_count
            found[genre_id].album_count += album_count
    return found


@cache
def _labels(dialect: str) -> Select[Any]:
    return select(f.LABELS.c.id, f.LABELS.c.name).where(chosen(f.LABELS.c.id, dialect))


@cache
def _label_counts(dialect: str) -> Select[Any]:
    c = f.LABEL_COUNTS.c
    return select(c.label_id, c.library_id, c.album_count).where(chosen(c.label_id, dialect))


async def labels(conn: AsyncConnection, ids: Collection[int], libraries: frozenset[int] | None) -> dict[int, LabelView]:
    """The labels of these ids, counting what is in `libraries` (None: all)."""
    found = {row[0]: LabelView(*row) for row in await rows(conn, _labels, ids)}
    for label_id, library_id, album_count in await rows(conn, _label_counts, found):
        if libraries is None or library_id in libraries:
            found[label_id].album_count += album_count
    return found


async def libraries(conn: AsyncConnection, visible: frozenset[int] | None) -> list[LibraryView]:
    """The libraries that may be seen (None: all), by name."""
    c = LIBRARIES
    counts = (c.track_count, c.album_count, c.file_count, c.missing_count, c.duration_ms, c.size_bytes)
    statement = select(c.id, c.name, c.display_root, *counts, c.scan_started_at, c.scan_finished_at)
    if visible is not None:
        statement = statement.where(c.id.in_(visible))
    return [LibraryView(*row) for row in await conn.execute(statement.order_by(c.name, c.id))]


# --- files and folders -----------------------------------------------------------------------------------------------


@cache
def _files(dialect: str) -> Select[Any]:
    columns = [f.FILES.c.display_path if name == "path" else f.FILES.c[name] for name in FILE_COLUMNS]
    source = f.FILES.join(m.Library.__table__, LIBRARIES.id == f.FILES.c.library_id)
    return select(*columns, LIBRARIES.name).select_from(source).where(chosen(f.FILES.c.id, dialect))


@cache
def _tracks_of_files(dialect: str) -> Select[Any]:
    t = f.TRACKS.c
    return select(t.file_id, t.id).where(chosen(t.file_id, dialect)).order_by(t.file_id, t.start_ms, t.id)


async def files(conn: AsyncConnection, ids: Collection[int]) -> dict[int, FileView]:
    """The files of these ids with the tracks in them."""
    found = {row[0]: FileView(*[*row[:-1], Named(row[1], row[-1])]) for row in await rows(conn, _files, ids)}
    for file_id, track_id in await rows(conn, _tracks_of_files, found):
        found[file_id].track_ids.append(track_id)
    return found


@cache
def _folders(dialect: str) -> Select[Any]:
    d = f.FOLDERS.c
    columns = (d.id, d.library_id, d.parent_id, d.name, d.path, d.track_count)
    state = (d.problem_code, d.problem_params, d.missing_since)
    source = f.FOLDERS.join(m.Library.__table__, LIBRARIES.id == d.library_id).outerjoin(
        ARTWORKS, ARTWORKS.c.id == d.artwork_id
    )
    return select(*columns, *state, LIBRARIES.name, *picture_columns()).select_from(source).where(chosen(d.id, dialect))


@cache
def _inside_folders(dialect: str) -> Select[Any]:
    d = f.FOLDERS.c
    present = chosen(d.parent_id, dialect) & d.missing_since.is_(None)
    return select(d.parent_id, func.count()).where(present).group_by(d.parent_id)


@cache
def _files_in_folders(dialect: str) -> Select[Any]:
    c = f.FILES.c
    present = chosen(c.folder_id, dialect) & c.missing_since.is_(None)
    return select(c.folder_id, func.count()).where(present).group_by(c.folder_id)


async def folders(conn: AsyncConnection, ids: Collection[int]) -> dict[int, FolderView]:
    """The folders of these ids, with how much is directly inside."""
    found: dict[int, FolderView] = {}
    for row in await rows(conn, _folders, ids):
        path = row[4].decode("utf-8", "replace")
        name = row[3] if row[2] is not None else row[9]
        library = Named(row[1], row[9])
        found[row[0]] = FolderView(*[*row[:3], name, path, *row[5:9], library, picture(row[10:])])
    for folder_id, number in await rows(conn, _inside_folders, found):
        found[folder_id].folder_count = number
    for folder_id, number in await rows(conn, _files_in_folders, found):
        found[folder_id].file_count = number
    return found


async def folder_totals(conn: AsyncConnection, folder_id: int) -> tuple[int, int]:
    """(folders, tracks) that are present below a folder, however deep; its own tracks count."""
    d = f.FOLDERS.c
    row = (await conn.execute(select(d.library_id, d.path).where(d.id == folder_id))).one()
    below: ColumnElement[bool] = d.path != b""
    if row.path:  # what begins with `path/`, which is what lies between it and `path0`, the next character
        below = (d.path > row.path + b"/") & (d.path < row.path + b"0")
    counted = select(func.count(), func.coalesce(func.sum(d.track_count), 0)).where(
        d.library_id == row.library_id, d.missing_since.is_(None), below
    )
    folders, tracks = (await conn.execute(counted)).one()
    own = await conn.scalar(select(d.track_count).where(d.id == folder_id))
    return int(folders), int(tracks) + int(own or 0)


# --- all kinds -------------------------------------------------------------------------------------------------------


async def personal(
    conn: AsyncConnection, entity: Entity, ids: Collection[int], actor_id: int
) -> dict[int, dict[str, Any]]:
    """What other domains say of these rows for this person, by the names they show it under."""
    if not ids or not actor_id:
        return {}
    names, statement = _personal(entity, conn.dialect.name)
    if not names:
        return {}
    found = await conn.execute(statement, ids_for(conn, ids) | {"person": actor_id})
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def _personal(entity: Entity, dialect: Any) -> tuple[list[str], Select[Any]]:
    """The names and the statement of what is shown, made once an entity; the person is a parameter."""
    key = (id(entity), dialect)
    if key not in _personal_statements:
        scope = Scope(dialect, person=bindparam("person", type_=BigInteger), row_id=entity.id)  # type: ignore[arg-type]
        shown = [field for field in entity.shown() if field.expression is not None]
        columns = [built(field.expression, scope) for field in shown if field.expression is not None]
        source = entity.table
        for table, on in scope.joins.values():
            source = source.outerjoin(table, on)
        statement = select(entity.id, *columns).select_from(source).where(chosen(entity.id, dialect))
        _personal_statements[key] = entity, [field.shown_as or "" for field in shown], statement
    return _personal_statements[key][1:]


_personal_statements: dict[tuple[int, str], tuple[Entity, list[str], Select[Any]]] = {}


async def external_ids(conn: AsyncConnection, kind: str, entity_id: int) -> list[tuple[str, str]]:
    """(namespace, value) of everything the rest of the world calls this row."""
    statement = select(EXTERNAL.namespace, EXTERNAL.value).where(EXTERNAL.kind == kind, EXTERNAL.entity_id == entity_id)
    return [(name, value) for name, value in await conn.execute(statement.order_by(EXTERNAL.namespace, EXTERNAL.value))]


async def redirected(conn: AsyncConnection, kind: str, old_id: int) -> int | None:
    """Where a row went that was merged into another, followed to its end; None where it went nowhere."""
    current, hops = old_id, 0
    while hops < MAX_HOPS:
        after = await conn.scalar(select(REDIRECTS.new_id).where(REDIRECTS.kind == kind, REDIRECTS.old_id == current))
        if after is None:
            break
        current, hops = int(after), hops + 1
    return current if hops else None
