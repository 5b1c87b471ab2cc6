"""What can be asked of the people on music: by id, by any spelling of their names, by role and by instrument."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_

from segue.library.fields.alike import counted_total, held_in, written_so
from segue.library.fields.roles import ROLE_SPELLINGS, ROLES
from segue.library.search import SPELLINGS, TABLES, title_key
from segue.library.tables import ALBUM_CREDITS, ARTIST_COUNTS, ARTISTS, TRACK_CREDITS, TRACKS
from segue.query import Family, Field, Many, Named, Type, sorted_by
from segue.query.expressions import ascii_lower, plain

_WORDS = TABLES["artist"]
PEOPLE = (
    Named(_WORDS.c.id, _WORDS.c.title_key, held_in(_WORDS)),
    Named(SPELLINGS.c.artist_id, SPELLINGS.c.key, held_in(SPELLINGS)),
)
"""The names of artists, and their other spellings."""
_CREDITS = TRACK_CREDITS.c
_ALBUM_CREDITS = ALBUM_CREDITS.c


def names_of(
    credits: Table,
    owner: ColumnElement[int],
    where: ColumnElement[bool] | None = None,
    key: ColumnElement[int] | None = None,
) -> Many:
    """Every spelling of the people of some credits: their names, their aliases, and as they are credited there."""
    credited = credits.c.credited_key
    spelled = credited.is_not(None) if where is None else and_(where, credited.is_not(None))
    return Many(
        owner, credits.c.artist_id, where, key=key, names=PEOPLE, others=(Many(owner, credited, spelled, key=key),)
    )


def name_field(name: str, meaning: str, many: Many, *aliases: str) -> Field:
    """The names of people, who may be asked for by an article alone where they are credited on tracks."""
    begins = None
    if many.owner is _CREDITS.track_id:
        named = TRACK_CREDITS.join(ARTISTS, ARTISTS.c.id == _CREDITS.artist_id)
        begins = written_so(_CREDITS.track_id, ARTISTS.c.name, TRACKS.c.id, named, many.where)
    return Field(name, Type.TEXT, meaning, many=many, fold=title_key, aliases=aliases, begins=begins)


def credit_fields() -> list[Field]:
    """Those of tracks: who they are by, who is on them, and as what."""
    artist = _CREDITS.role == "artist"
    of_album = Many(_ALBUM_CREDITS.album_id, _ALBUM_CREDITS.artist_id, key=TRACKS.c.album_id)
    return [
        Field(
            "artist",
            Type.ID,
            "An artist the track is by.",
            many=Many(_CREDITS.track_id, _CREDITS.artist_id, artist),
            prefix="ar",
            total=counted_total(ARTIST_COUNTS, "artist_id", "track_count", "artist"),
            sort=sorted_by(TRACKS.c.artist_sort_key, TRACKS.c.sort_key, index="ix_tracks_artist"),
            text="artist.name",
        ),
        name_field(
            "artist.name",
            "The name of an artist the track is by, in any spelling that is known of them or used here.",
            names_of(TRACK_CREDITS, _CREDITS.track_id, artist),
        ),
        name_field(
            "artist_name",
            "The name of anybody credited on the track.",
            names_of(TRACK_CREDITS, _CREDITS.track_id),
        ),
        Field(
            "album_artist",
            Type.ID,
            "An artist the track's album is by.",
            many=of_album,
            prefix="ar",
            text="album_artist.name",
            aliases=("albumartist",),
        ),
        name_field(
            "album_artist.name",
            "The name of an artist the track's album is by.",
            names_of(ALBUM_CREDITS, _ALBUM_CREDITS.album_id, key=TRACKS.c.album_id),
        ),
        Field(
            "credited",
            Type.ID,
            "An artist credited on the track in any role.",
            many=Many(_CREDITS.track_id, _CREDITS.artist_id),
            prefix="ar",
            text="artist_name",
        ),
        *(
            field
            for role in ROLES
            if role not in ("artist", "album_artist")
            for field in role_fields(role, role, *(name for name, known in ROLE_SPELLINGS.items() if known == role))
        ),
        Field(
            "role",
            Type.ENUM,
            "A role somebody is credited in.",
            many=Many(_CREDITS.track_id, _CREDITS.role),
            choices=ROLES,
        ),
        Field(
            "instrument",
            Type.TEXT,
            "What somebody plays or sings on it, as credited: piano, lead vocals …",
            many=Many(_CREDITS.track_id, ascii_lower(_CREDITS.instrument), _CREDITS.instrument.is_not(None)),
            fold=plain,
        ),
    ]


def role_fields(name: str, role: str, *aliases: str) -> tuple[Field, Field]:
    """Who is credited in one role, by id and by name."""
    where, said = _CREDITS.role == role, role.replace("_", " ")
    return (
        Field(
            name,
            Type.ID,
            f"An artist credited on the track as {said}.",
            many=Many(_CREDITS.track_id, _CREDITS.artist_id, where),
            prefix="ar",
            total=counted_total(ARTIST_COUNTS, "artist_id", "track_count", role),
            text=f"{name}.name",
            aliases=aliases,
        ),
        name_field(
            f"{name}.name",
            f"The name of somebody credited on the track as {said}.",
            names_of(TRACK_CREDITS, _CREDITS.track_id, where),
        ),
    )


def _in_role(rest: str) -> Field | None:
    """`role.producer` and `role.producer.name`; what is no role is an instrument, `role.piano`."""
    name, by_name = (rest[: -len(".name")], True) if rest.endswith(".name") else (rest, False)
    if not name or len(name) > 100:
        return None
    role = ROLE_SPELLINGS.get(name, name.replace(" ", "_"))
    if role in ROLES:
        return role_fields(f"role.{name}", role)[by_name]
    plays = ascii_lower(_CREDITS.instrument) == plain(name)
    if by_name:
        meaning = f"The name of somebody credited with {name}."
        return name_field(f"role.{rest}", meaning, names_of(TRACK_CREDITS, _CREDITS.track_id, plays))
    return Field(
        f"role.{name}",
        Type.ID,
        f"An artist credited with {name}.",
        many=Many(_CREDITS.track_id, _CREDITS.artist_id, plays),
        prefix="ar",
        text=f"role.{name}.name",
    )


ROLE_FAMILY = Family("role.", "Somebody credited in this role, or with this instrument.", "role.producer", _in_role)
