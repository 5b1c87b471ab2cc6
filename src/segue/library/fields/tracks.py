"""What can be asked of tracks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func

from segue.library.external import external_field
from segue.library.fields.alike import (
    counted_total,
    date_field,
    id_field,
    kept_total,
    library_field,
    missing_field,
    name_field,
    search_field,
    words_of,
)
from segue.library.fields.own import own_field
from segue.library.fields.roles import ROLES
from segue.library.search import title_key
from segue.library.tables import (
    ALBUM_CREDITS,
    ALBUM_LABELS,
    ALBUMS,
    ARTIST_COUNTS,
    FILES,
    GENRE_ANCESTORS,
    GENRE_COUNTS,
    LIBRARIES,
    TRACK_CREDITS,
    TRACK_GENRES,
    TRACKS,
)
from segue.query import Entity, Field, Many, Scope, Type, declared, sorted_by


def _of_file(name: str) -> Any:
    def column(scope: Scope) -> Any:
        return scope.join("file", lambda: FILES, lambda files: files.c.id == TRACKS.c.file_id).c[name]

    return column


def _of_album(name: str, *, first: bool = False) -> Any:
    """A column of the track's album; `first` where the list is walked album by album."""

    def column(scope: Scope) -> Any:
        return scope.join("album", lambda: ALBUMS, lambda albums: albums.c.id == TRACKS.c.album_id, always=first).c[
            name
        ]

    return column


def _role(role: str) -> Field:
    return Field(
        role,
        Type.ID,
        f"An artist credited on the track as {role.replace('_', ' ')}.",
        many=Many(TRACK_CREDITS.c.track_id, TRACK_CREDITS.c.artist_id, TRACK_CREDITS.c.role == role),
        prefix="ar",
        total=counted_total(ARTIST_COUNTS, "artist_id", "track_count", role),
    )


_t = TRACKS.c

TRACK = Entity(
    "tracks",
    TRACKS,
    _t.id,
    declared(
        id_field("tr", TRACKS),
        Field(
            "title",
            Type.TEXT,
            "Its title; case, accents and a leading article do not count.",
            words_of("track", _t.id),
            fold=title_key,
            sort=sorted_by(_t.sort_key, index="ix_tracks_title"),
        ),
        search_field("track", _t.id),
        Field(
            "artist",
            Type.ID,
            "An artist the track is by.",
            many=Many(TRACK_CREDITS.c.track_id, TRACK_CREDITS.c.artist_id, TRACK_CREDITS.c.role == "artist"),
            prefix="ar",
            total=counted_total(ARTIST_COUNTS, "artist_id", "track_count", "artist"),
            sort=sorted_by(_t.artist_sort_key, _t.sort_key, index="ix_tracks_artist"),
        ),
        name_field(
            "artist_name",
            "The name of anybody credited on the track.",
            TRACK_CREDITS.c.track_id,
            TRACK_CREDITS.c.artist_id,
            TRACK_CREDITS,
        ),
        Field(
            "album_artist",
            Type.ID,
            "An artist the track's album is by.",
            many=Many(
                _t.id,
                ALBUM_CREDITS.c.artist_id,
                source=TRACKS.join(ALBUM_CREDITS, ALBUM_CREDITS.c.album_id == _t.album_id),
            ),
            prefix="ar",
        ),
        Field(
            "credited",
            Type.ID,
            "An artist credited on the track in any role.",
            many=Many(TRACK_CREDITS.c.track_id, TRACK_CREDITS.c.artist_id),
            prefix="ar",
        ),
        *(_role(role) for role in ROLES if role not in ("artist", "album_artist")),
        Field(
            "role",
            Type.ENUM,
            "A role somebody is credited in.",
            many=Many(TRACK_CREDITS.c.track_id, TRACK_CREDITS.c.role),
            choices=ROLES,
        ),
        Field(
            "album",
            Type.ID,
            "The album it is on; sorted by the album's title, then disc and position.",
            _t.album_id,
            nullable=False,
            prefix="al",
            sort=sorted_by(
                _of_album("sort_key", first=True),
                _of_album("id", first=True),
                func.coalesce(_t.disc, 0),
                func.coalesce(_t.position, 0),
                walked=True,
            ),
        ),
        Field("album_name", Type.TEXT, "The title of its album.", words_of("album", _t.album_id), fold=title_key),
        Field(
            "genre",
            Type.ID,
            "A genre it has.",
            many=Many(TRACK_GENRES.c.track_id, TRACK_GENRES.c.genre_id),
            prefix="ge",
            total=counted_total(GENRE_COUNTS, "genre_id", "track_count"),
        ),
        Field(
            "genre_within",
            Type.ID,
            "A genre it has, or one that a genre of it is a narrower kind of.",
            many=Many(
                TRACK_GENRES.c.track_id,
                GENRE_ANCESTORS.c.ancestor_id,
                source=TRACK_GENRES.join(GENRE_ANCESTORS, GENRE_ANCESTORS.c.genre_id == TRACK_GENRES.c.genre_id),
            ),
            prefix="ge",
        ),
        Field(
            "label",
            Type.ID,
            "A label its album came out on.",
            many=Many(
                _t.id, ALBUM_LABELS.c.label_id, source=TRACKS.join(ALBUM_LABELS, ALBUM_LABELS.c.album_id == _t.album_id)
            ),
            prefix="lb",
        ),
        library_field(TRACKS),
        Field("folder", Type.ID, "The folder its file lies in.", _of_file("folder_id"), prefix="fo"),
        Field(
            "year",
            Type.INTEGER,
            "The year of its original date where known, else of its date.",
            _t.year,
            sort=sorted_by(_t.year, _t.sort_key, index="ix_tracks_year", nulls="last"),
        ),
        date_field("date", "When it came out.", _t.date_key),
        date_field("original_date", "When it first came out.", _t.original_date_key),
        Field(
            "added",
            Type.DATE,
            "When it came into the library.",
            _t.added_at,
            nullable=False,
            sort=sorted_by(_t.added_at, index="ix_tracks_added"),
        ),
        Field(
            "duration",
            Type.DURATION,
            "How long it plays.",
            _t.duration_ms,
            nullable=False,
            sort=sorted_by(_t.duration_ms),
        ),
        Field("disc", Type.INTEGER, "The number of its disc.", _t.disc),
        Field(
            "position",
            Type.INTEGER,
            "Its place on the disc; sorted by disc, then position.",
            _t.position,
            sort=sorted_by(func.coalesce(_t.disc, 0), func.coalesce(_t.position, 0)),
        ),
        Field("bpm", Type.NUMBER, "Its tempo in beats a minute.", _t.bpm, sort=sorted_by(_t.bpm, nulls="last")),
        Field("key", Type.TEXT, "Its musical key as tagged.", _t.musical_key),
        Field("compilation", Type.BOOLEAN, "Its album is a compilation.", _of_album("compilation"), nullable=False),
        Field("format", Type.TEXT, "The container of its file: flac, mp3, ogg …", _of_file("format"), fold=str.lower),
        Field("codec", Type.TEXT, "How its sound is coded: flac, opus, aac …", _of_file("codec"), fold=str.lower),
        Field("lossless", Type.BOOLEAN, "Nothing of the sound was left out.", _of_file("lossless")),
        Field("bitrate", Type.INTEGER, "Kilobits a second.", _of_file("bitrate_kbps")),
        Field("sample_rate", Type.INTEGER, "Samples a second.", _of_file("sample_rate_hz")),
        Field("bit_depth", Type.INTEGER, "Bits a sample, of lossless codecs.", _of_file("bit_depth")),
        Field("channels", Type.INTEGER, "Channels of sound.", _of_file("channels")),
        Field("size", Type.INTEGER, "Bytes of its file.", _of_file("size_bytes")),
        Field("problem", Type.TEXT, "What is wrong with its file, as a code.", _of_file("problem_code")),
        Field("lyrics", Type.BOOLEAN, "It has lyrics.", _t.has_lyrics, nullable=False),
        Field("explicit", Type.BOOLEAN, "Marked as explicit.", _t.explicit),
        Field("artwork", Type.ID, "Its picture.", _t.artwork_id, prefix="aw"),
        external_field("track", _t.id),
        own_field(_t.id),
        missing_field(TRACKS, "Its file is gone."),
    ),
    "title",
    lambda libraries: _t.library_id.in_(libraries),
    hidden_unless_asked=("missing", "false"),
    total=kept_total(LIBRARIES.c.track_count),
)
