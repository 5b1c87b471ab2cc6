"""What can be asked of tracks, albums, artists, genres, labels, files and folders.

What a person did with them (stars, ratings, plays) is declared by listening and added by app.py.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Table, Text, cast, func, not_, select, true

from segue.library import models as m
from segue.library.search import TABLES, has_words, title_key
from segue.query import Entity, Field, Many, Scope, Type, declared, sorted_by

TRACKS: Table = m.Track.__table__  # type: ignore[assignment]
ALBUMS: Table = m.Album.__table__  # type: ignore[assignment]
ARTISTS: Table = m.Artist.__table__  # type: ignore[assignment]
FILES: Table = m.File.__table__  # type: ignore[assignment]
FOLDERS: Table = m.Folder.__table__  # type: ignore[assignment]
GENRES: Table = m.Genre.__table__  # type: ignore[assignment]
LABELS: Table = m.Label.__table__  # type: ignore[assignment]
TRACK_CREDITS: Table = m.TrackCredit.__table__  # type: ignore[assignment]
ALBUM_CREDITS: Table = m.AlbumCredit.__table__  # type: ignore[assignment]
PARTICIPANTS: Table = m.AlbumParticipant.__table__  # type: ignore[assignment]
TRACK_GENRES: Table = m.TrackGenre.__table__  # type: ignore[assignment]
ALBUM_GENRES: Table = m.AlbumGenre.__table__  # type: ignore[assignment]
ALBUM_LABELS: Table = m.AlbumLabel.__table__  # type: ignore[assignment]
ARTIST_COUNTS: Table = m.ArtistCount.__table__  # type: ignore[assignment]
GENRE_COUNTS: Table = m.GenreCount.__table__  # type: ignore[assignment]
LABEL_COUNTS: Table = m.LabelCount.__table__  # type: ignore[assignment]

ROLES = (
    *("artist", "album_artist", "composer", "conductor", "performer", "remixer", "producer"),
    *("lyricist", "writer", "arranger", "engineer", "mixer", "dj_mixer", "director"),
)
"""What people do on a record; see `scan.facts.Credit`."""

ROLE_ORDER = {role: place for place, role in enumerate(("album_artist", "artist", *ROLES[2:]))}
"""In which order a page tells of them."""

RELEASE_TYPES = (
    *("album", "single", "ep", "broadcast", "other"),
    *("audiobook", "audio drama", "compilation", "demo", "dj-mix", "field recording", "interview", "live"),
    *("mixtape/street", "remix", "soundtrack", "spokenword"),
)
"""Primary and secondary types of MusicBrainz, in lower case (musicbrainz.org/doc/Release_Group/Type)."""


def _words(kind: Any, row_id: ColumnElement[Any]) -> Any:
    """The folded title of a row, from the table of what can be searched."""
    table = TABLES[kind]
    return lambda scope: scope.join(f"{kind}_words", table.alias, lambda words: words.c.id == row_id).c.title_key


def _search(kind: Any, row_id: ColumnElement[Any]) -> Field:
    return Field(
        "search",
        Type.TEXT,
        "Has all the words, the last one perhaps only begun; in titles and names.",
        words=lambda scope, typed: has_words(kind, row_id, typed, scope.dialect),
    )


def _named(name: str, meaning: str, owner: ColumnElement[Any], artist: ColumnElement[Any], source: Table) -> Field:
    words = TABLES["artist"]
    joined = source.join(words, words.c.id == artist)
    return Field(name, Type.TEXT, meaning, many=Many(owner, words.c.title_key, source=joined), fold=title_key)


def _missing(table: FromClause, meaning: str) -> Field:
    return Field("missing", Type.BOOLEAN, meaning, table.c.missing_since.is_not(None), nullable=False)


def _date(name: str, meaning: str, key: ColumnElement[Any]) -> Field:
    return Field(name, Type.DATE, meaning, key, sort=sorted_by(key, nulls="last"))


def _library(table: FromClause) -> Field:
    return Field("library", Type.ID, "The library it is in.", table.c.library_id, nullable=False, prefix="li")


def _id(prefix: str, table: FromClause) -> Field:
    return Field("id", Type.ID, "Its own id.", table.c.id, nullable=False, prefix=prefix)


def _of_file(name: str) -> Any:
    return lambda scope: scope.join("file", lambda: FILES, lambda files: files.c.id == TRACKS.c.file_id).c[name]


def _of_album(name: str) -> Any:
    return lambda scope: scope.join("album", lambda: ALBUMS, lambda albums: albums.c.id == TRACKS.c.album_id).c[name]


def _role(role: str) -> Field:
    return Field(
        role,
        Type.ID,
        f"An artist credited on the track as {role.replace('_', ' ')}.",
        many=Many(TRACK_CREDITS.c.track_id, TRACK_CREDITS.c.artist_id, TRACK_CREDITS.c.role == role),
        prefix="ar",
    )


_t = TRACKS.c

TRACK = Entity(
    "tracks",
    TRACKS,
    _t.id,
    declared(
        _id("tr", TRACKS),
        Field(
            "title",
            Type.TEXT,
            "Its title; case, accents and a leading article do not count.",
            _words("track", _t.id),
            fold=title_key,
            sort=sorted_by(_t.sort_key, index="ix_tracks_title"),
        ),
        _search("track", _t.id),
        Field(
            "artist",
            Type.ID,
            "An artist the track is by.",
            many=Many(TRACK_CREDITS.c.track_id, TRACK_CREDITS.c.artist_id, TRACK_CREDITS.c.role == "artist"),
            prefix="ar",
            sort=sorted_by(_t.artist_sort_key, _t.sort_key, index="ix_tracks_artist"),
        ),
        _named(
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
                _of_album("sort_key"), _t.album_id, func.coalesce(_t.disc, 0), func.coalesce(_t.position, 0)
            ),
        ),
        Field("album_name", Type.TEXT, "The title of its album.", _words("album", _t.album_id), fold=title_key),
        Field(
            "genre",
            Type.ID,
            "A genre it has.",
            many=Many(TRACK_GENRES.c.track_id, TRACK_GENRES.c.genre_id),
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
        _library(TRACKS),
        Field("folder", Type.ID, "The folder its file lies in.", _of_file("folder_id"), prefix="fo"),
        Field(
            "year",
            Type.INTEGER,
            "The year of its original date where known, else of its date.",
            _t.year,
            sort=sorted_by(_t.year, _t.sort_key, index="ix_tracks_year", nulls="last"),
        ),
        _date("date", "When it came out.", _t.date_key),
        _date("original_date", "When it first came out.", _t.original_date_key),
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
        _missing(TRACKS, "Its file is gone."),
    ),
    "title",
    lambda libraries: _t.library_id.in_(libraries),
    hidden_unless_asked=("missing", "false"),
)


def _release_types(scope: Scope) -> Many:
    albums = ALBUMS.alias()
    if scope.dialect == "sqlite":
        each: Any = func.json_each(albums.c.release_types).table_valued("value")
    else:
        each = func.jsonb_array_elements_text(albums.c.release_types).table_valued("value")
    return Many(albums.c.id, cast(each.c.value, Text), source=albums.join(each, true()))


_a = ALBUMS.c

ALBUM = Entity(
    "albums",
    ALBUMS,
    _a.id,
    declared(
        _id("al", ALBUMS),
        Field(
            "title",
            Type.TEXT,
            "Its title; case, accents and a leading article do not count.",
            _words("album", _a.id),
            fold=title_key,
            sort=sorted_by(_a.sort_key, index="ix_albums_title"),
        ),
        _search("album", _a.id),
        Field(
            "artist",
            Type.ID,
            "An artist the album is by.",
            many=Many(ALBUM_CREDITS.c.album_id, ALBUM_CREDITS.c.artist_id),
            prefix="ar",
            sort=sorted_by(_a.artist_sort_key, _a.sort_key, index="ix_albums_artist"),
        ),
        _named(
            "artist_name",
            "The name of an artist the album is by.",
            ALBUM_CREDITS.c.album_id,
            ALBUM_CREDITS.c.artist_id,
            ALBUM_CREDITS,
        ),
        Field(
            "appears",
            Type.ID,
            "An artist who takes part in any role, also on a single track.",
            many=Many(PARTICIPANTS.c.album_id, PARTICIPANTS.c.artist_id),
            prefix="ar",
        ),
        Field(
            "genre",
            Type.ID,
            "A genre that any of its tracks has.",
            many=Many(ALBUM_GENRES.c.album_id, ALBUM_GENRES.c.genre_id),
            prefix="ge",
        ),
        Field(
            "label",
            Type.ID,
            "A label it came out on.",
            many=Many(ALBUM_LABELS.c.album_id, ALBUM_LABELS.c.label_id),
            prefix="lb",
        ),
        _library(ALBUMS),
        Field("folder", Type.ID, "The folder that holds it.", _a.folder_id, prefix="fo"),
        Field(
            "year",
            Type.INTEGER,
            "The year of its original date where known, else of its date.",
            _a.year,
            sort=sorted_by(_a.year, _a.sort_key, index="ix_albums_year", nulls="last"),
        ),
        _date("date", "When it came out.", _a.date_key),
        _date("original_date", "When it first came out.", _a.original_date_key),
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
            sort=sorted_by(_a.duration_ms),
        ),
        Field(
            "tracks",
            Type.INTEGER,
            "How many tracks are there.",
            _a.track_count,
            nullable=False,
            sort=sorted_by(_a.track_count),
        ),
        Field("discs", Type.INTEGER, "How many discs it has.", _a.disc_count, nullable=False),
        Field(
            "size", Type.INTEGER, "Bytes of its files.", _a.size_bytes, nullable=False, sort=sorted_by(_a.size_bytes)
        ),
        Field(
            "type",
            Type.ENUM,
            "Its release types: album, single, live, compilation …",
            many=_release_types,
            choices=RELEASE_TYPES,
        ),
        Field("compilation", Type.BOOLEAN, "It is a compilation of several artists.", _a.compilation, nullable=False),
        Field("country", Type.TEXT, "The country of its release.", func.lower(_a.country), fold=str.lower),
        Field("barcode", Type.TEXT, "Its barcode.", _a.barcode),
        Field("artwork", Type.ID, "Its cover.", _a.artwork_id, prefix="aw"),
        _missing(ALBUMS, "All its files are gone."),
    ),
    "title",
    lambda libraries: _a.library_id.in_(libraries),
    hidden_unless_asked=("missing", "false"),
)


def _counted(counts: FromClause, owner: str, value: str, row_id: ColumnElement[Any], role: str | None = None) -> Any:
    """What a row has in all libraries together."""
    total = select(func.coalesce(func.sum(counts.c[value]), 0)).where(counts.c[owner] == row_id)
    if role is not None:
        total = total.where(counts.c.role == role)
    return cast(total.scalar_subquery(), Integer)


def _empty(row_id: ColumnElement[Any], owner: ColumnElement[Any]) -> Field:
    return Field(
        "empty", Type.BOOLEAN, "Nothing present belongs to it.", not_(row_id.in_(select(owner))), nullable=False
    )


_p = ARTISTS.c

ARTIST = Entity(
    "artists",
    ARTISTS,
    _p.id,
    declared(
        _id("ar", ARTISTS),
        Field(
            "name",
            Type.TEXT,
            "The name; case, accents and a leading article do not count.",
            _words("artist", _p.id),
            fold=title_key,
            aliases=("title", "artist"),
            sort=sorted_by(_p.sort_key, index="ix_artists_name"),
        ),
        _search("artist", _p.id),
        Field(
            "library",
            Type.ID,
            "A library with music of theirs.",
            many=Many(ARTIST_COUNTS.c.artist_id, ARTIST_COUNTS.c.library_id),
            prefix="li",
        ),
        Field(
            "role",
            Type.ENUM,
            "A role they are credited in anywhere: album_artist, composer …",
            many=Many(ARTIST_COUNTS.c.artist_id, ARTIST_COUNTS.c.role),
            choices=ROLES,
        ),
        Field(
            "genre",
            Type.ID,
            "A genre of a track of theirs.",
            many=Many(
                TRACK_CREDITS.c.artist_id,
                TRACK_GENRES.c.genre_id,
                source=TRACK_CREDITS.join(TRACK_GENRES, TRACK_GENRES.c.track_id == TRACK_CREDITS.c.track_id),
            ),
            prefix="ge",
        ),
        Field(
            "added",
            Type.DATE,
            "When they came into the library.",
            _p.added_at,
            nullable=False,
            sort=sorted_by(_p.added_at),
        ),
        Field(
            "albums",
            Type.INTEGER,
            "How many albums they take part in.",
            _counted(ARTIST_COUNTS, "artist_id", "album_count", _p.id, m.ANY_ROLE),
            nullable=False,
            sort=sorted_by(_counted(ARTIST_COUNTS, "artist_id", "album_count", _p.id, m.ANY_ROLE), _p.sort_key),
        ),
        Field(
            "tracks",
            Type.INTEGER,
            "How many tracks they take part in.",
            _counted(ARTIST_COUNTS, "artist_id", "track_count", _p.id, m.ANY_ROLE),
            nullable=False,
            sort=sorted_by(_counted(ARTIST_COUNTS, "artist_id", "track_count", _p.id, m.ANY_ROLE), _p.sort_key),
        ),
        Field("artwork", Type.ID, "Their picture.", _p.artwork_id, prefix="aw"),
        _empty(_p.id, ARTIST_COUNTS.c.artist_id),
    ),
    "name",
    lambda libraries: _p.id.in_(select(ARTIST_COUNTS.c.artist_id).where(ARTIST_COUNTS.c.library_id.in_(libraries))),
    hidden_unless_asked=("empty", "false"),
)


def _filed(name: str, prefix: str, table: Table, counts: Table, index: str, countable: tuple[str, ...]) -> Entity:
    """Genres and labels: names that things are filed under."""
    c, owner = table.c, counts.c[f"{name[:-1]}_id"]
    return Entity(
        name,
        table,
        c.id,
        declared(
            _id(prefix, table),
            Field(
                "name",
                Type.TEXT,
                "The name, as it is looked up: case and spacing do not count.",
                c.name_key,
                nullable=False,
                fold=str.casefold,
                aliases=("title", "search"),
                sort=sorted_by(c.sort_key, index=index),
            ),
            Field("library", Type.ID, "A library that has it.", many=Many(owner, counts.c.library_id), prefix="li"),
            *(
                Field(
                    what,
                    Type.INTEGER,
                    f"How many {what} have it.",
                    _counted(counts, owner.name, f"{what[:-1]}_count", c.id),
                    nullable=False,
                    sort=sorted_by(_counted(counts, owner.name, f"{what[:-1]}_count", c.id), c.sort_key),
                )
                for what in countable
            ),
            _empty(c.id, owner),
        ),
        "name",
        lambda libraries: c.id.in_(select(owner).where(counts.c.library_id.in_(libraries))),
        hidden_unless_asked=("empty", "false"),
    )


GENRE = _filed("genres", "ge", GENRES, GENRE_COUNTS, "ix_genres_name", ("tracks", "albums"))
LABEL = _filed("labels", "lb", LABELS, LABEL_COUNTS, "ix_labels_name", ("albums",))

_f = FILES.c

FILE = Entity(
    "files",
    FILES,
    _f.id,
    declared(
        _id("fi", FILES),
        Field(
            "path",
            Type.TEXT,
            "Its path inside the library.",
            _f.display_path,
            nullable=False,
            aliases=("search",),
            sort=sorted_by(_f.library_id, _f.path, index="uq_files_library_id_path"),
        ),
        _library(FILES),
        Field("folder", Type.ID, "The folder it lies in.", _f.folder_id, nullable=False, prefix="fo"),
        Field("format", Type.TEXT, "Its container: flac, mp3, ogg …", _f.format, fold=str.lower),
        Field("codec", Type.TEXT, "How its sound is coded: flac, opus, aac …", _f.codec, fold=str.lower),
        Field("size", Type.INTEGER, "Its bytes.", _f.size_bytes, nullable=False, sort=sorted_by(_f.size_bytes)),
        Field("problem", Type.BOOLEAN, "Something is wrong with it.", _f.problem_code.is_not(None), nullable=False),
        Field("problem_code", Type.TEXT, "What is wrong with it, as a code.", _f.problem_code),
        Field(
            "added",
            Type.DATE,
            "When it was first seen.",
            _f.added_at,
            nullable=False,
            sort=sorted_by(_f.added_at),
        ),
        _missing(FILES, "It is gone."),
    ),
    "path",
    lambda libraries: _f.library_id.in_(libraries),
)

_d = FOLDERS.c

FOLDER = Entity(
    "folders",
    FOLDERS,
    _d.id,
    declared(
        _id("fo", FOLDERS),
        Field(
            "name",
            Type.TEXT,
            "Its name.",
            _d.name,
            nullable=False,
            aliases=("title",),
            sort=sorted_by(_d.sort_key),
        ),
        _library(FOLDERS),
        Field("parent", Type.ID, "The folder it lies in; the root of a library has none.", _d.parent_id, prefix="fo"),
        Field("problem", Type.BOOLEAN, "It could not be read.", _d.problem_code.is_not(None), nullable=False),
        _missing(FOLDERS, "It is gone."),
    ),
    "name",
    lambda libraries: _d.library_id.in_(libraries),
    hidden_unless_asked=("missing", "false"),
)

ENTITIES = (TRACK, ALBUM, ARTIST, GENRE, LABEL, FILE, FOLDER)
