"""What can be asked of albums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, select, true

from segue.library.external import external_field
from segue.library.fields.alike import (
    counted_total,
    date_field,
    flag_field,
    genre_names,
    id_field,
    kept_total,
    label_names,
    library_field,
    library_name_field,
    missing_field,
    partial_date_field,
    search_field,
    text_field,
    words_of,
    written_so,
)
from segue.library.fields.people import PEOPLE, name_field, names_of
from segue.library.fields.roles import RELEASE_TYPES
from segue.library.models import ANY_ROLE, ExternalIdRow
from segue.library.search import title_key
from segue.library.tables import (
    ALBUM_CREDITS,
    ALBUM_GENRES,
    ALBUM_LABELS,
    ALBUMS,
    ARTIST_COUNTS,
    EDITS,
    FOLDERS,
    GENRE_ANCESTORS,
    GENRE_COUNTS,
    LABEL_COUNTS,
    LIBRARIES,
    PARTICIPANTS,
    TRACKS,
)
from segue.query import Entity, Field, Many, Scope, Type, declared, sorted_by
from segue.query.expressions import ascii_lower, plain


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


def asin(key: ColumnElement[int]) -> Many:
    """Amazon's number of the album `key`."""
    external = ExternalIdRow.__table__.c
    called = (external.kind == "album") & (external.namespace == "asin")
    return Many(external.entity_id, external.value, called, key=key)


_a = ALBUMS.c
_written = ALBUMS.alias().c
_HELD = ALBUMS.alias()
_WITHIN = ALBUM_GENRES.join(GENRE_ANCESTORS, GENRE_ANCESTORS.c.genre_id == ALBUM_GENRES.c.genre_id)
_EDITED = select(EDITS.c.entity_id).where(EDITS.c.kind == "album")

ALBUM = Entity(
    "albums",
    ALBUMS,
    _a.id,
    declared(
        id_field("al", ALBUMS, external=True),
        Field(
            "title",
            Type.TEXT,
            "Its title; case, accents and a leading article do not count.",
            many=words_of("album", _a.id),
            nullable=False,
            fold=title_key,
            begins=written_so(_written.id, _written.title, _a.id),
            sort=sorted_by(_a.sort_key, index="ix_albums_title"),
            aliases=("name", "album"),
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
            text="artist_name",
            aliases=("album_artist", "albumartist"),
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
            text="appears.name",
            total=counted_total(ARTIST_COUNTS, "artist_id", "album_count", ANY_ROLE),
        ),
        name_field(
            "appears.name",
            "The name of an artist who takes part in any role, also on a single track.",
            Many(
                PARTICIPANTS.c.album_id,
                PARTICIPANTS.c.artist_id,
                PARTICIPANTS.c.role == ANY_ROLE,
                names=PEOPLE,
            ),
        ),
        Field(
            "genre",
            Type.ID,
            "A genre that any of its tracks has.",
            many=Many(ALBUM_GENRES.c.album_id, ALBUM_GENRES.c.genre_id),
            prefix="ge",
            total=counted_total(GENRE_COUNTS, "genre_id", "album_count"),
            text="genre.name",
        ),
        Field(
            "genre.name",
            Type.TEXT,
            "The name of a genre that any of its tracks has.",
            many=genre_names(ALBUM_GENRES.c.album_id, ALBUM_GENRES.c.genre_id, ALBUM_GENRES),
            fold=title_key,
        ),
        Field(
            "genre_within",
            Type.ID,
            "A genre it has, or one that a genre of it is a narrower kind of.",
            many=Many(ALBUM_GENRES.c.album_id, GENRE_ANCESTORS.c.ancestor_id, source=_WITHIN),
            prefix="ge",
            text="genre_within.name",
        ),
        Field(
            "genre_within.name",
            Type.TEXT,
            "The name of a genre it has, or of one that a genre of it is a narrower kind of.",
            many=genre_names(ALBUM_GENRES.c.album_id, GENRE_ANCESTORS.c.ancestor_id, _WITHIN),
            fold=title_key,
        ),
        Field(
            "label",
            Type.ID,
            "A label it came out on.",
            many=Many(ALBUM_LABELS.c.album_id, ALBUM_LABELS.c.label_id),
            prefix="lb",
            total=counted_total(LABEL_COUNTS, "label_id", "album_count"),
            text="label.name",
            aliases=("recordlabel",),
        ),
        Field(
            "label.name",
            Type.TEXT,
            "The name of a label it came out on.",
            many=label_names(ALBUM_LABELS.c.album_id),
            fold=title_key,
        ),
        Field(
            "catalog_number",
            Type.TEXT,
            "The label's number of it.",
            many=Many(
                ALBUM_LABELS.c.album_id,
                ascii_lower(ALBUM_LABELS.c.catalog_number),
                ALBUM_LABELS.c.catalog_number.is_not(None),
            ),
            fold=plain,
            aliases=("catalognumber",),
        ),
        Field(
            "mood",
            Type.TEXT,
            "The mood of any of its tracks, as tagged.",
            many=Many(TRACKS.c.album_id, ascii_lower(TRACKS.c.mood), TRACKS.c.mood.is_not(None)),
            fold=plain,
        ),
        Field("asin", Type.TEXT, "Amazon's number of it.", many=asin(_a.id), fold=str.upper),
        library_field(ALBUMS, by_name=True),
        library_name_field(ALBUMS),
        Field("folder", Type.ID, "The folder that holds it.", _a.folder_id, prefix="fo", text="folder.name"),
        Field(
            "folder.name",
            Type.TEXT,
            "The name of the folder that holds it.",
            many=Many(
                _HELD.c.id, ascii_lower(FOLDERS.c.name), source=_HELD.join(FOLDERS, FOLDERS.c.id == _HELD.c.folder_id)
            ),
            fold=plain,
        ),
        Field(
            "year",
            Type.INTEGER,
            "The year of its original date where known, else of its date.",
            _a.year,
            indexed=True,
            sort=sorted_by(_a.year, _a.sort_key, index="ix_albums_year", nulls="last"),
        ),
        date_field("date", "When it came out.", _a.date_key, "ix_albums_date"),
        date_field(
            "original_date",
            "When it first came out.",
            _a.original_date_key,
            "ix_albums_original_date",
            ("originaldate",),
        ),
        partial_date_field("release_date", "When it came out in this edition.", _a.release_date, "releasedate"),
        Field(
            "original_year",
            Type.INTEGER,
            "The year of its original date.",
            _a.original_date_key.op("/")(10_000),
            aliases=("originalyear", "origyear"),
        ),
        Field(
            "added",
            Type.DATE,
            "When it came into the library.",
            _a.added_at,
            indexed=True,
            nullable=False,
            sort=sorted_by(_a.added_at, index="ix_albums_added"),
            aliases=("dateadded",),
        ),
        Field(
            "duration",
            Type.DURATION,
            "How long it plays.",
            _a.duration_ms,
            indexed=True,
            nullable=False,
            sort=sorted_by(_a.duration_ms, index="ix_albums_duration"),
        ),
        Field(
            "tracks",
            Type.INTEGER,
            "How many tracks are there.",
            _a.track_count,
            indexed=True,
            nullable=False,
            sort=sorted_by(_a.track_count, index="ix_albums_tracks"),
            aliases=("songcount", "trackcount", "track_count", "song_count"),
        ),
        Field("discs", Type.INTEGER, "How many discs it has.", _a.disc_count, nullable=False),
        Field(
            "size",
            Type.INTEGER,
            "Bytes of its files.",
            _a.size_bytes,
            indexed=True,
            nullable=False,
            sort=sorted_by(_a.size_bytes, index="ix_albums_size"),
        ),
        Field(
            "type",
            Type.ENUM,
            "Its release types: album, single, live, compilation …",
            many=release_types(),
            choices=RELEASE_TYPES,
            aliases=("release_type", "releasetype", "albumtype"),
        ),
        text_field(
            "release_status", "What kind of release it is: official, bootleg …", _a.release_status, "releasestatus"
        ),
        text_field("media", "What its discs are: CD, Vinyl, Digital Media …", _a.media),
        text_field("sort_title", "Its title as it is sorted by, where the tags say one.", _a.sort_title, "sorttitle"),
        Field("compilation", Type.BOOLEAN, "It is a compilation of several artists.", _a.compilation, nullable=False),
        Field("country", Type.TEXT, "The country of its release.", func.lower(_a.country), fold=str.lower),
        Field("barcode", Type.TEXT, "Its barcode.", _a.barcode),
        Field("artwork", Type.ID, "Its cover.", _a.artwork_id, prefix="aw"),
        Field("has_art", Type.BOOLEAN, "It has a cover.", _a.artwork_id.is_not(None), nullable=False),
        Field(
            "musicbrainz_release",
            Type.TEXT,
            "Its MusicBrainz release id.",
            _a.musicbrainz_release_id,
            fold=str.lower,
            aliases=("mbz_album_id",),
        ),
        Field(
            "musicbrainz_release_group",
            Type.TEXT,
            "The MusicBrainz id of its release group.",
            _a.musicbrainz_release_group_id,
            fold=str.lower,
            aliases=("mbz_release_group_id",),
        ),
        flag_field("edited", "A person edited something of it.", _a.id, _EDITED),
        external_field("album", _a.id),
        missing_field(ALBUMS, "All its files are gone."),
    ),
    "title",
    lambda libraries: _a.library_id.in_(libraries),
    hidden_unless_asked=("missing", "false"),
    total=kept_total(LIBRARIES.c.album_count),
)
