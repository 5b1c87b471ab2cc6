"""What can be asked of albums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, true

from segue.library.external import external_field
from segue.library.fields.alike import (
    counted_total,
    date_field,
    id_field,
    kept_total,
    library_field,
    missing_field,
    search_field,
    words_of,
)
from segue.library.fields.people import name_field, names_of
from segue.library.fields.roles import RELEASE_TYPES
from segue.library.models import ANY_ROLE
from segue.library.search import title_key
from segue.library.tables import (
    ALBUM_CREDITS,
    ALBUM_GENRES,
    ALBUM_LABELS,
    ALBUMS,
    ARTIST_COUNTS,
    GENRE_ANCESTORS,
    GENRE_COUNTS,
    LABEL_COUNTS,
    LIBRARIES,
    PARTICIPANTS,
)
from segue.query import Entity, Field, Many, Scope, Type, declared, sorted_by


def release_types(key: ColumnElement[int] | None = None) -> Callable[[Scope], Many]:
    """The release types of an album; of a track's, where `key` is that."""

    def types(scope: Scope) -> Many:
        albums = ALBUMS.alias()
        if scope.dialect == "sqlite":
            each: Any = func.json_each(albums.c.release_types).table_valued("value")
        else:
            each = func.jsonb_array_elements_text(albums.c.release_types).table_valued("value")
        return Many(albums.c.id, cast(each.c.value, Text), source=albums.join(each, true()), key=key)

    return types


_a = ALBUMS.c

ALBUM = Entity(
    "albums",
    ALBUMS,
    _a.id,
    declared(
        id_field("al", ALBUMS),
        Field(
            "title",
            Type.TEXT,
            "Its title; case, accents and a leading article do not count.",
            many=words_of("album", _a.id),
            nullable=False,
            fold=title_key,
            sort=sorted_by(_a.sort_key, index="ix_albums_title"),
        ),
        search_field("album", _a.id),
        Field(
            "artist",
            Type.ID,
            "An artist the album is by.",
            many=Many(ALBUM_CREDITS.c.album_id, ALBUM_CREDITS.c.artist_id),
            prefix="ar",
            total=counted_total(ARTIST_COUNTS, "artist_id", "album_count", "album_artist"),
            sort=sorted_by(_a.artist_sort_key, _a.sort_key, index="ix_albums_artist"),
        ),
        name_field(
            "artist_name",
            "The name of an artist the album is by.",
            names_of(ALBUM_CREDITS, ALBUM_CREDITS.c.album_id),
        ),
        Field(
            "appears",
            Type.ID,
            "An artist who takes part in any role, also on a single track.",
            many=Many(PARTICIPANTS.c.album_id, PARTICIPANTS.c.artist_id),
            prefix="ar",
            total=counted_total(ARTIST_COUNTS, "artist_id", "album_count", ANY_ROLE),
        ),
        Field(
            "genre",
            Type.ID,
            "A genre that any of its tracks has.",
            many=Many(ALBUM_GENRES.c.album_id, ALBUM_GENRES.c.genre_id),
            prefix="ge",
            total=counted_total(GENRE_COUNTS, "genre_id", "album_count"),
        ),
        Field(
            "genre_within",
            Type.ID,
            "A genre it has, or one that a genre of it is a narrower kind of.",
            many=Many(
                ALBUM_GENRES.c.album_id,
                GENRE_ANCESTORS.c.ancestor_id,
                source=ALBUM_GENRES.join(GENRE_ANCESTORS, GENRE_ANCESTORS.c.genre_id == ALBUM_GENRES.c.genre_id),
            ),
            prefix="ge",
        ),
        Field(
            "label",
            Type.ID,
            "A label it came out on.",
            many=Many(ALBUM_LABELS.c.album_id, ALBUM_LABELS.c.label_id),
            prefix="lb",
            total=counted_total(LABEL_COUNTS, "label_id", "album_count"),
        ),
        library_field(ALBUMS),
        Field("folder", Type.ID, "The folder that holds it.", _a.folder_id, prefix="fo"),
        Field(
            "year",
            Type.INTEGER,
            "The year of its original date where known, else of its date.",
            _a.year,
            sort=sorted_by(_a.year, _a.sort_key, index="ix_albums_year", nulls="last"),
        ),
        date_field("date", "When it came out.", _a.date_key, "ix_albums_date"),
        date_field("original_date", "When it first came out.", _a.original_date_key, "ix_albums_original_date"),
        Field(
            "added",
            Type.DATE,
            "When it came into the library.",
            _a.added_at,
            nullable=False,
            sort=sorted_by(_a.added_at, index="ix_albums_added"),
        ),
        Field(
            "duration",
            Type.DURATION,
            "How long it plays.",
            _a.duration_ms,
            nullable=False,
            sort=sorted_by(_a.duration_ms, index="ix_albums_duration"),
        ),
        Field(
            "tracks",
            Type.INTEGER,
            "How many tracks are there.",
            _a.track_count,
            nullable=False,
            sort=sorted_by(_a.track_count, index="ix_albums_tracks"),
        ),
        Field("discs", Type.INTEGER, "How many discs it has.", _a.disc_count, nullable=False),
        Field(
            "size",
            Type.INTEGER,
            "Bytes of its files.",
            _a.size_bytes,
            nullable=False,
            sort=sorted_by(_a.size_bytes, index="ix_albums_size"),
        ),
        Field(
            "type",
            Type.ENUM,
            "Its release types: album, single, live, compilation …",
            many=release_types(),
            choices=RELEASE_TYPES,
        ),
        Field("compilation", Type.BOOLEAN, "It is a compilation of several artists.", _a.compilation, nullable=False),
        Field("country", Type.TEXT, "The country of its release.", func.lower(_a.country), fold=str.lower),
        Field("barcode", Type.TEXT, "Its barcode.", _a.barcode),
        Field("artwork", Type.ID, "Its cover.", _a.artwork_id, prefix="aw"),
        external_field("album", _a.id),
        missing_field(ALBUMS, "All its files are gone."),
    ),
    "title",
    lambda libraries: _a.library_id.in_(libraries),
    hidden_unless_asked=("missing", "false"),
    total=kept_total(LIBRARIES.c.album_count),
)
