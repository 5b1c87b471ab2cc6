"""What can be asked of tracks."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, func, or_, select

from segue.library.external import external_field
from segue.library.fields.albums import asin, release_types
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
    sparse_text_field,
    text_field,
    words_of,
    written_so,
)
from segue.library.fields.later import LATER
from segue.library.fields.own import TAG_FAMILY, own_field
from segue.library.fields.people import ROLE_FAMILY, credit_fields
from segue.library.fields.people_facts import people_facts
from segue.library.fields.roles import RELEASE_TYPES
from segue.library.fields.sound import key_fields, measured_fields, sound_fields, tempo_fields
from segue.library.fields.through import albums_value, of_album, of_file
from segue.library.models import ExternalIdRow
from segue.library.search import title_key
from segue.library.tables import (
    ALBUM_LABELS,
    ALBUMS,
    DUPLICATES,
    EDITS,
    FILES,
    FOLDERS,
    GENRE_ANCESTORS,
    GENRE_COUNTS,
    LIBRARIES,
    PICTURES,
    TRACK_GENRES,
    TRACKS,
)
from segue.query import Entity, Field, Many, Scope, Type, declared, sorted_by
from segue.query.expressions import ascii_lower, date_number, plain

_t = TRACKS.c
_a = ALBUMS.c
_written = TRACKS.alias().c
_WITHIN = TRACK_GENRES.join(GENRE_ANCESTORS, GENRE_ANCESTORS.c.genre_id == TRACK_GENRES.c.genre_id)
_IN_FOLDERS = FILES.join(FOLDERS, FOLDERS.c.id == FILES.c.folder_id)
_EXTERNAL = ExternalIdRow.__table__.c


def _names() -> list[Field]:
    """What it is called, what it is on, and who made it."""
    return [
        id_field("tr", TRACKS, external=True),
        Field(
            "title",
            Type.TEXT,
            "Its title; case, accents and a leading article do not count.",
            many=words_of("track", _t.id),
            nullable=False,
            fold=title_key,
            begins=written_so(_written.id, _written.title, _t.id),
            sort=sorted_by(_t.sort_key, index="ix_tracks_title"),
        ),
        search_field("track", _t.id),
        text_field("subtitle", "What follows its title in small letters.", _t.subtitle),
        text_field("sort_title", "Its title as it is sorted by, where the tags say one.", _t.sort_title, "sorttitle"),
        *credit_fields(),
        *people_facts(),
        Field(
            "album",
            Type.ID,
            "The album it is on; sorted by the album's title, then disc and position.",
            _t.album_id,
            nullable=False,
            prefix="al",
            text="album_name",
            sort=sorted_by(
                of_album("sort_key", first=True),
                of_album("id", first=True),
                func.coalesce(_t.disc, 0),
                func.coalesce(_t.position, 0),
                walked=True,
            ),
        ),
        Field(
            "album_name",
            Type.TEXT,
            "The title of its album.",
            many=words_of("album", _t.album_id),
            nullable=False,
            fold=title_key,
            begins=written_so(_a.id, _a.title, _t.album_id),
        ),
        Field(
            "sort_album",
            Type.TEXT,
            "The title of its album as it is sorted by, where the tags say one.",
            many=albums_value(_a.sort_title, ascii_lower(_a.sort_title)),
            fold=plain,
            aliases=("sortalbum",),
        ),
    ]


def _filed() -> list[Field]:
    """What it is filed under, and where it lies."""
    return [
        Field(
            "genre",
            Type.ID,
            "A genre it has.",
            many=Many(TRACK_GENRES.c.track_id, TRACK_GENRES.c.genre_id),
            prefix="ge",
            total=counted_total(GENRE_COUNTS, "genre_id", "track_count"),
            text="genre.name",
        ),
        Field(
            "genre.name",
            Type.TEXT,
            "The name of a genre it has.",
            many=genre_names(TRACK_GENRES.c.track_id, TRACK_GENRES.c.genre_id, TRACK_GENRES),
            fold=title_key,
        ),
        Field(
            "genre_within",
            Type.ID,
            "A genre it has, or one that a genre of it is a narrower kind of.",
            many=Many(TRACK_GENRES.c.track_id, GENRE_ANCESTORS.c.ancestor_id, source=_WITHIN),
            prefix="ge",
            text="genre_within.name",
        ),
        Field(
            "genre_within.name",
            Type.TEXT,
            "The name of a genre it has, or of one that a genre of it is a narrower kind of.",
            many=genre_names(TRACK_GENRES.c.track_id, GENRE_ANCESTORS.c.ancestor_id, _WITHIN),
            fold=title_key,
        ),
        Field(
            "label",
            Type.ID,
            "A label its album came out on.",
            many=Many(ALBUM_LABELS.c.album_id, ALBUM_LABELS.c.label_id, key=_t.album_id),
            prefix="lb",
            text="label.name",
            aliases=("recordlabel",),
        ),
        Field(
            "label.name",
            Type.TEXT,
            "The name of a label its album came out on.",
            many=label_names(ALBUM_LABELS.c.album_id, _t.album_id),
            fold=title_key,
        ),
        Field(
            "catalog_number",
            Type.TEXT,
            "The label's number of its album.",
            many=Many(
                ALBUM_LABELS.c.album_id,
                ascii_lower(ALBUM_LABELS.c.catalog_number),
                ALBUM_LABELS.c.catalog_number.is_not(None),
                key=_t.album_id,
            ),
            fold=plain,
            aliases=("catalognumber",),
        ),
        library_field(TRACKS, by_name=True),
        library_name_field(TRACKS),
        Field("folder", Type.ID, "The folder its file lies in.", of_file("folder_id"), prefix="fo", text="folder.name"),
        Field(
            "folder.name",
            Type.TEXT,
            "The name of the folder its file lies in.",
            many=Many(FILES.c.id, ascii_lower(FOLDERS.c.name), source=_IN_FOLDERS, key=_t.file_id),
            fold=plain,
        ),
        sparse_text_field("mood", "Its mood, as tagged.", _t.mood),
        sparse_text_field("grouping", "What it is grouped under, as tagged.", _t.grouping),
        sparse_text_field("comment", "Its comment.", _t.comment),
        text_field("media", "What its disc is: CD, Vinyl, Digital Media …", _t.media),
        text_field("language", "The language of its words, as tagged.", _t.language),
        sparse_text_field("work", "The work it is a part of.", _t.work),
        text_field("movement", "The name of its movement.", _t.movement, "movementname"),
        Field("movement_number", Type.INTEGER, "The number of its movement.", _t.movement_number),
        Field("movement_total", Type.INTEGER, "How many movements its work has.", _t.movement_total),
    ]


def _dates() -> list[Field]:
    return [
        Field(
            "year",
            Type.INTEGER,
            "The year of its original date where known, else of its date.",
            _t.year,
            indexed=True,
            sort=sorted_by(_t.year, _t.sort_key, index="ix_tracks_year", nulls="last"),
        ),
        Field(
            "original_year",
            Type.INTEGER,
            "The year of its original date.",
            _t.original_date_key.op("/")(10_000),
            aliases=("originalyear", "origyear"),
        ),
        Field(
            "release_year",
            Type.INTEGER,
            "The year of the date its album came out in this edition.",
            many=albums_value(_a.release_date, date_number(_a.release_date).op("/")(10_000)),
            aliases=("releaseyear",),
        ),
        date_field("date", "When it came out.", _t.date_key),
        date_field("original_date", "When it first came out.", _t.original_date_key, aliases=("originaldate",)),
        partial_date_field("recording_date", "When it was recorded.", _t.recording_date, "recordingdate"),
        Field(
            "release_date",
            Type.DATE,
            "When its album came out in this edition.",
            many=albums_value(_a.release_date, date_number(_a.release_date)),
            aliases=("releasedate",),
        ),
        Field(
            "added",
            Type.DATE,
            "When it came into the library.",
            _t.added_at,
            indexed=True,
            nullable=False,
            sort=sorted_by(_t.added_at, index="ix_tracks_added"),
            aliases=("dateadded",),
        ),
    ]


def _places() -> list[Field]:
    """How long it is and where it stands on its album, and what its album is."""
    return [
        Field(
            "duration",
            Type.DURATION,
            "How long it plays.",
            _t.duration_ms,
            indexed=True,
            nullable=False,
            sort=sorted_by(_t.duration_ms, index="ix_tracks_duration"),
        ),
        Field("disc", Type.INTEGER, "The number of its disc.", _t.disc, aliases=("discnumber", "disc_number")),
        Field(
            "position",
            Type.INTEGER,
            "Its place on the disc; sorted by disc, then position.",
            _t.position,
            sort=sorted_by(func.coalesce(_t.disc, 0), func.coalesce(_t.position, 0)),
            aliases=("track", "tracknumber", "track_number"),
        ),
        text_field("disc_subtitle", "The title of its disc.", _t.disc_subtitle, "discsubtitle"),
        Field(
            "discs",
            Type.INTEGER,
            "How many discs its album has.",
            many=albums_value(_a.disc_count),
            aliases=("disctotal",),
        ),
        Field(
            "album_tracks",
            Type.INTEGER,
            "How many tracks of its album are there.",
            many=albums_value(_a.track_count),
            aliases=("albumsongcount", "tracktotal"),
        ),
        Field(
            "album_duration",
            Type.DURATION,
            "How long its album plays.",
            many=albums_value(_a.duration_ms),
            aliases=("albumduration",),
        ),
        Field(
            "album_size",
            Type.INTEGER,
            "Bytes of its album's files.",
            many=albums_value(_a.size_bytes),
            aliases=("albumsize",),
        ),
        Field(
            "album_added",
            Type.DATE,
            "When its album came into the library.",
            many=albums_value(_a.added_at),
            aliases=("albumdateadded",),
        ),
        Field(
            "album_modified",
            Type.DATE,
            "When what is shown of its album last changed.",
            many=albums_value(_a.updated_at),
            aliases=("albumdatemodified",),
        ),
        Field(
            "type",
            Type.ENUM,
            "The release types of its album: album, single, live, compilation …",
            many=release_types(_t.album_id),
            choices=RELEASE_TYPES,
            aliases=("release_type", "releasetype", "albumtype"),
        ),
        Field(
            "release_status",
            Type.TEXT,
            "What kind of release its album is: official, bootleg, promotion …",
            many=albums_value(_a.release_status, ascii_lower(_a.release_status)),
            fold=plain,
            aliases=("releasestatus", "status"),
        ),
        Field(
            "country",
            Type.TEXT,
            "The country of its album's release.",
            many=albums_value(_a.country, ascii_lower(_a.country)),
            fold=plain,
            aliases=("releasecountry",),
        ),
        Field("barcode", Type.TEXT, "The barcode of its album.", many=albums_value(_a.barcode)),
        Field("compilation", Type.BOOLEAN, "Its album is a compilation.", of_album("compilation"), nullable=False),
    ]


def _ids() -> list[Field]:
    """What others call it."""
    isrc = (_EXTERNAL.kind == "track") & (_EXTERNAL.namespace == "isrc")
    return [
        Field(
            "isrc",
            Type.TEXT,
            "Its ISRC, without hyphens.",
            many=Many(_EXTERNAL.entity_id, _EXTERNAL.value, isrc),
            fold=lambda text: text.replace("-", "").upper(),
        ),
        Field("asin", Type.TEXT, "Amazon's number of its album.", many=asin(_t.album_id), fold=str.upper),
        _mbid("musicbrainz_recording", "recording", _t.musicbrainz_recording_id, "mbz_recording_id"),
        _mbid("musicbrainz_track", "track", _t.musicbrainz_track_id, "mbz_release_track_id"),
        Field(
            "musicbrainz_release",
            Type.TEXT,
            "The MusicBrainz id of its album.",
            many=albums_value(_a.musicbrainz_release_id),
            fold=str.lower,
            aliases=("mbz_album_id",),
        ),
        Field(
            "musicbrainz_release_group",
            Type.TEXT,
            "The MusicBrainz id of its album's release group.",
            many=albums_value(_a.musicbrainz_release_group_id),
            fold=str.lower,
            aliases=("mbz_release_group_id",),
        ),
        external_field("track", _t.id),
        own_field(_t.id),
    ]


def _mbid(name: str, what: str, column: object, alias: str) -> Field:
    return Field(name, Type.TEXT, f"Its MusicBrainz {what} id.", column, fold=str.lower, aliases=(alias,))  # type: ignore[arg-type]


def _images(scope: Scope) -> ColumnElement[int]:
    folder, own = of_file("folder_id")(scope), _t.artwork_id
    others = select(func.count(PICTURES.c.artwork_id.distinct())).where(
        PICTURES.c.folder_id == folder, or_(own.is_(None), PICTURES.c.artwork_id != own)
    )
    return case((own.is_not(None), 1), else_=0) + others.scalar_subquery()


def _states() -> list[Field]:
    edited = select(EDITS.c.entity_id).where(EDITS.c.kind == "track")
    return [
        Field("lyrics", Type.BOOLEAN, "It has lyrics.", _t.has_lyrics, nullable=False),
        Field("explicit", Type.BOOLEAN, "Marked as explicit.", _t.explicit),
        Field("artwork", Type.ID, "Its picture.", _t.artwork_id, prefix="aw"),
        Field(
            "has_art",
            Type.BOOLEAN,
            "It has a picture.",
            _t.artwork_id.is_not(None),
            nullable=False,
            aliases=("hascoverart",),
        ),
        Field(
            "images",
            Type.INTEGER,
            "How many pictures there are of it: its own, and those in its folder.",
            _images,
            nullable=False,
            aliases=("imagecount", "image_count"),
        ),
        flag_field("edited", "A person edited something of it.", _t.id, edited),
        flag_field("duplicate", "It is there more than once, or may be.", _t.id, select(DUPLICATES.c.track_id)),
        missing_field(TRACKS, "Its file is gone."),
    ]


TRACK = Entity(
    "tracks",
    TRACKS,
    _t.id,
    declared(
        *_names(),
        *_filed(),
        *_dates(),
        *_places(),
        *tempo_fields(),
        *key_fields(),
        *measured_fields(),
        *sound_fields(),
        *_ids(),
        *_states(),
        *LATER,
    ),
    "title",
    lambda libraries: _t.library_id.in_(libraries),
    hidden_unless_asked=("missing", "false"),
    total=kept_total(LIBRARIES.c.track_count),
    families=(ROLE_FAMILY, TAG_FAMILY),
)
