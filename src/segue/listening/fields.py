"""What can be asked about what a person did: stars, ratings, plays and tags of one's own, added to the library's entities by
app.py.

Tracks can be asked by what one did with their album and with the artist they are by (the first one), too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, func, select

from segue.core.text import fold
from segue.listening.models import Annotation, OwnTag, OwnTagged
from segue.listening.own_tags import OWN_TAG_NAMES
from segue.query import Field, Many, Scope, Sparse, Type, sorted_by

ANNOTATIONS: Table = Annotation.__table__  # type: ignore[assignment]
OWN_TAGS: Any = OwnTag.__table__
OWN_TAGGED: Any = OwnTagged.__table__
KINDS = {"tracks": "track", "albums": "album", "artists": "artist"}
Built = Callable[[Scope], ColumnElement[Any]]

_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)


def _same_row(scope: Scope) -> ColumnElement[Any]:
    assert scope.row_id is not None
    return scope.row_id


def _album_of_track(scope: Scope) -> ColumnElement[Any]:
    found: ColumnElement[Any] = _table_of(scope).c.album_id
    return found


def _artist_of_track(scope: Scope) -> ColumnElement[Any]:
    """The first artist that the track is by."""
    tracks = _table_of(scope)
    credits = tracks.metadata.tables["track_credits"]

    def first(table: Any) -> ColumnElement[bool]:
        return and_(table.c.track_id == scope.row_id, table.c.position == 0, table.c.role == "artist")

    found: ColumnElement[Any] = scope.join("first_artist", lambda: credits.alias(), first).c.artist_id
    return found


def _table_of(scope: Scope) -> Any:
    return _same_row(scope).table  # type: ignore[attr-defined]


def _column(kind: str, of: Built) -> Callable[[str], Built]:
    """Columns of the person's annotation of a thing of `kind`, whose number `of` gives."""

    def named(name: str) -> Built:
        def build(scope: Scope) -> ColumnElement[Any]:
            number = of(scope)

            def mine(table: FromClause) -> ColumnElement[bool]:
                of_theirs = and_(table.c.user_id == scope.person, table.c.kind == kind)
                return of_theirs if scope.apart else and_(of_theirs, table.c.entity_id == number)

            join = "annotation" if of is _same_row else f"{kind}_annotation"
            found: ColumnElement[Any] = scope.join(join, lambda: ANNOTATIONS.alias(), mine).c[name]
            return found

        return build

    return named


def _count(of: Built) -> Built:
    return lambda scope: func.coalesce(of(scope), 0)


def _known(of: Built) -> Built:
    return lambda scope: of(scope).is_not(None)


def _fields(kind: str) -> list[Field]:
    column = _column(kind, _same_row)
    starred_at, rating, plays, last = (
        column(name) for name in ("starred_at", "rating", "play_count", "last_played_at")
    )
    rated_at, hated_at, first = column("rated_at"), column("hated_at"), column("first_played_at")
    row_id = column("entity_id")

    def few(of: Built, zero: int | None = None) -> Sparse:
        return Sparse(of, row_id, _BEFORE_ALL if zero is None else zero, zero)

    return [
        Field(
            "starred",
            Type.BOOLEAN,
            "You have starred it.",
            _known(starred_at),
            nullable=False,
            aliases=("loved",),
            per_person=True,
            kept=row_id,
        ),
        Field(
            "starred_at",
            Type.DATE,
            "When you starred it.",
            starred_at,
            sort=sorted_by(starred_at, nulls="last", sparse=few(starred_at)),
            aliases=("starredat",),
            per_person=True,
            kept=row_id,
            shown_as="starred_at",
        ),
        Field(
            "rating",
            Type.INTEGER,
            "Your rating, 1 to 5; 0 for none.",
            _count(rating),
            nullable=False,
            sort=sorted_by(_count(rating), sparse=few(rating, 0)),
            positive=rating,
            per_person=True,
            kept=row_id,
            shown_as="rating",
        ),
        Field(
            "rated_at",
            Type.DATE,
            "When you rated it.",
            rated_at,
            aliases=("ratedat",),
            per_person=True,
            kept=row_id,
        ),
        Field(
            "hated",
            Type.BOOLEAN,
            "You do not want to hear it: mixes and radio leave it out.",
            _known(hated_at),
            nullable=False,
            per_person=True,
            kept=row_id,
        ),
        Field(
            "hated_at",
            Type.DATE,
            "Since when you do not want to hear it.",
            hated_at,
            per_person=True,
            kept=row_id,
            shown_as="hated_at",
        ),
        Field(
            "plays",
            Type.INTEGER,
            "How often you have played it.",
            _count(plays),
            nullable=False,
            sort=sorted_by(_count(plays), sparse=few(plays, 0)),
            positive=plays,
            aliases=("play_count", "playcount"),
            per_person=True,
            kept=row_id,
            shown_as="play_count",
        ),
        Field(
            "last_played",
            Type.DATE,
            "When you last played it.",
            last,
            sort=sorted_by(last, nulls="last", sparse=few(last)),
            aliases=("lastplayedat", "lastplayed"),
            per_person=True,
            kept=row_id,
            shown_as="last_played_at",
        ),
        Field(
            "first_played",
            Type.DATE,
            "When you first played it.",
            first,
            sort=sorted_by(first, nulls="last", sparse=few(first)),
            aliases=("firstplayedat",),
            per_person=True,
            kept=row_id,
        ),
        Field(
            "tagged",
            Type.TEXT,
            "A tag of your own that it bears.",
            many=_tags(kind),
            fold=fold,
            aliases=("my_tag",),
            per_person=True,
            names_of=OWN_TAG_NAMES,
        ),
        Field("average_rating", Type.NUMBER, "What everybody here rates it, on average.", _average(kind)),
    ]


def _tags(kind: str) -> Callable[[Scope], Many]:
    def mine(scope: Scope) -> Many:
        bears = and_(OWN_TAGGED.c.user_id == scope.person, OWN_TAGGED.c.kind == kind)
        both = OWN_TAGGED.join(OWN_TAGS, OWN_TAGS.c.id == OWN_TAGGED.c.tag_id)
        return Many(OWN_TAGGED.c.entity_id, OWN_TAGS.c.name_key, bears, both)

    return mine


def _average(kind: str) -> Built:
    def build(scope: Scope) -> ColumnElement[Any]:
        everybodys = ANNOTATIONS.alias()
        of_it = and_(everybodys.c.kind == kind, everybodys.c.entity_id == _same_row(scope))
        return select(func.avg(everybodys.c.rating)).where(of_it).scalar_subquery()

    return build


def _beside(kind: str, of: Built, what: str) -> list[Field]:
    """What one did with a track's album, or with its artist, asked of the track."""
    column = _column(kind, of)
    rating, plays, last = column("rating"), column("play_count"), column("last_played_at")
    starred_at, rated_at, hated_at = column("starred_at"), column("rated_at"), column("hated_at")
    flag = {"nullable": False, "per_person": True}
    return [
        Field(f"{kind}_starred", Type.BOOLEAN, f"You have starred {what}.", _known(starred_at), **flag),  # type: ignore[arg-type]
        Field(f"{kind}_starred_at", Type.DATE, f"When you starred {what}.", starred_at, per_person=True),
        Field(
            f"{kind}_rating",
            Type.INTEGER,
            f"Your rating of {what}, 1 to 5; 0 for none.",
            _count(rating),
            nullable=False,
            positive=rating,
            sort=sorted_by(_count(rating)),
            per_person=True,
        ),
        Field(f"{kind}_rated_at", Type.DATE, f"When you rated {what}.", rated_at, per_person=True),
        Field(f"{kind}_hated", Type.BOOLEAN, f"You do not want to hear {what}.", _known(hated_at), **flag),  # type: ignore[arg-type]
        Field(
            f"{kind}_plays",
            Type.INTEGER,
            f"How often you have played {what}.",
            _count(plays),
            nullable=False,
            positive=plays,
            sort=sorted_by(_count(plays)),
            aliases=(f"{kind}_play_count",),
            per_person=True,
        ),
        Field(
            f"{kind}_last_played",
            Type.DATE,
            f"When you last played {what}.",
            last,
            sort=sorted_by(last, nulls="last"),
            per_person=True,
        ),
    ]


FIELDS = {entity: _fields(kind) for entity, kind in KINDS.items()}
"""Fields by the name of the entity they are about."""
FIELDS["tracks"] += _beside("album", _album_of_track, "its album")
FIELDS["tracks"] += _beside("artist", _artist_of_track, "the artist it is by")
