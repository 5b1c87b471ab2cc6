"""What can be asked of artists, genres and labels: names that music is filed under."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Table, select

from segue.library import models as m
from segue.library.external import external_field
from segue.library.fields.alike import (
    counted,
    empty_field,
    flag_field,
    genre_names,
    held_in,
    id_field,
    partial_date_field,
    search_field,
    seen_in,
    text_field,
    words_of,
    written_so,
)
from segue.library.fields.roles import ROLES
from segue.library.search import SPELLINGS, title_key
from segue.library.tables import (
    ARTIST_COUNTS,
    ARTISTS,
    EDITS,
    GENRE_COUNTS,
    GENRES,
    LABEL_COUNTS,
    LABELS,
    LIBRARIES,
    TRACK_CREDITS,
    TRACK_GENRES,
)
from segue.query import Entity, Field, Many, Type, declared, sorted_by
from segue.query.expressions import ascii_lower, plain

_p = ARTISTS.c
_written = ARTISTS.alias().c
_ALIASES = Many(SPELLINGS.c.artist_id, SPELLINGS.c.key, held=held_in(SPELLINGS))
_GENRES = TRACK_CREDITS.join(TRACK_GENRES, TRACK_GENRES.c.track_id == TRACK_CREDITS.c.track_id)
_EDITED = select(EDITS.c.entity_id).where(EDITS.c.kind == "artist")

ARTIST = Entity(
    "artists",
    ARTISTS,
    _p.id,
    declared(
        id_field("ar", ARTISTS, external=True),
        Field(
            "name",
            Type.TEXT,
            "The name in any spelling that is known; case, accents and a leading article do not count.",
            many=replace(words_of("artist", _p.id), others=(_ALIASES,)),
            nullable=False,
            fold=title_key,
            begins=written_so(_written.id, _written.name, _p.id),
            aliases=("title", "artist"),
            sort=sorted_by(_p.sort_key, index="ix_artists_name"),
        ),
        search_field("artist", _p.id),
        Field(
            "library",
            Type.ID,
            "A library with music of theirs.",
            many=Many(ARTIST_COUNTS.c.artist_id, ARTIST_COUNTS.c.library_id),
            prefix="li",
            text="library.name",
        ),
        Field(
            "library.name",
            Type.TEXT,
            "The name of a library with music of theirs.",
            many=Many(
                ARTIST_COUNTS.c.artist_id,
                ascii_lower(LIBRARIES.c.name),
                source=ARTIST_COUNTS.join(LIBRARIES, LIBRARIES.c.id == ARTIST_COUNTS.c.library_id),
            ),
            fold=plain,
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
            many=Many(TRACK_CREDITS.c.artist_id, TRACK_GENRES.c.genre_id, source=_GENRES),
            prefix="ge",
            text="genre.name",
        ),
        Field(
            "genre.name",
            Type.TEXT,
            "The name of a genre of a track of theirs.",
            many=genre_names(TRACK_CREDITS.c.artist_id, TRACK_GENRES.c.genre_id, _GENRES),
            fold=title_key,
        ),
        Field(
            "added",
            Type.DATE,
            "When they came into the library.",
            _p.added_at,
            nullable=False,
            sort=sorted_by(_p.added_at, index="ix_artists_added"),
            aliases=("dateadded",),
        ),
        Field(
            "albums",
            Type.INTEGER,
            "How many albums they take part in.",
            counted(ARTIST_COUNTS, "artist_id", "album_count", _p.id, m.ANY_ROLE),
            nullable=False,
            sort=sorted_by(counted(ARTIST_COUNTS, "artist_id", "album_count", _p.id, m.ANY_ROLE), _p.sort_key),
            aliases=("albumcount", "album_count"),
        ),
        Field(
            "tracks",
            Type.INTEGER,
            "How many tracks they take part in.",
            counted(ARTIST_COUNTS, "artist_id", "track_count", _p.id, m.ANY_ROLE),
            nullable=False,
            sort=sorted_by(counted(ARTIST_COUNTS, "artist_id", "track_count", _p.id, m.ANY_ROLE), _p.sort_key),
            aliases=("songcount", "song_count", "trackcount", "track_count"),
        ),
        text_field("sort_name", "The name as it is sorted by, where somebody says one.", _p.sort_name, "sortname"),
        text_field("disambiguation", "What tells them from others of the same name.", _p.disambiguation),
        text_field("type", "What they are: person, group, orchestra, choir …", _p.type),
        text_field("country", "Where they are from.", _p.country),
        partial_date_field("begin_date", "When they were born or founded.", _p.begin_date),
        partial_date_field("end_date", "When they died or parted.", _p.end_date),
        Field("artwork", Type.ID, "Their picture.", _p.artwork_id, prefix="aw"),
        Field("has_art", Type.BOOLEAN, "There is a picture of them.", _p.artwork_id.is_not(None), nullable=False),
        Field(
            "musicbrainz",
            Type.TEXT,
            "Their MusicBrainz id.",
            _p.musicbrainz_id,
            fold=str.lower,
            aliases=("mbz_artist_id",),
        ),
        flag_field("edited", "A person edited something of them.", _p.id, _EDITED),
        external_field("artist", _p.id),
        empty_field(_p.id, ARTIST_COUNTS.c.artist_id),
    ),
    "name",
    seen_in(_p.id, ARTIST_COUNTS.c.artist_id, ARTIST_COUNTS.c.library_id),
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
            id_field(prefix, table),
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
                    counted(counts, owner.name, f"{what[:-1]}_count", c.id),
                    nullable=False,
                    sort=sorted_by(counted(counts, owner.name, f"{what[:-1]}_count", c.id), c.sort_key),
                    aliases=(f"{what[:-1]}_count", f"{what[:-1]}count"),
                )
                for what in countable
            ),
            *((external_field("label", c.id),) if name == "labels" else ()),
            empty_field(c.id, owner),
        ),
        "name",
        seen_in(c.id, owner, counts.c.library_id),
        hidden_unless_asked=("empty", "false"),
    )


GENRE = _filed("genres", "ge", GENRES, GENRE_COUNTS, "ix_genres_name", ("tracks", "albums"))
LABEL = _filed("labels", "lb", LABELS, LABEL_COUNTS, "ix_labels_name", ("albums",))
