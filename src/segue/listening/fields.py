"""What can be asked about what a person did: stars, ratings and plays of tracks, albums and artists.

Handed to the query core by app.py, which adds these fields to the library's own. Each is about the person who asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func

from segue.listening.models import Annotation
from segue.query import Field, Scope, Type, sorted_by

ANNOTATIONS: Table = Annotation.__table__  # type: ignore[assignment]


def _of(kind: str, name: str) -> Any:
    def column(scope: Scope) -> ColumnElement[Any]:
        marks = scope.join(
            "annotation",
            ANNOTATIONS.alias,
            lambda row: and_(row.c.user_id == scope.person, row.c.kind == kind, row.c.entity_id == scope.row_id),
        )
        return marks.c[name]

    return column


def _fields(kind: str) -> list[Field]:
    starred_at, last_played = _of(kind, "starred_at"), _of(kind, "last_played_at")

    def starred(scope: Scope) -> ColumnElement[Any]:
        return starred_at(scope).is_not(None)

    def rating(scope: Scope) -> ColumnElement[Any]:
        return func.coalesce(_of(kind, "rating")(scope), 0)

    def plays(scope: Scope) -> ColumnElement[Any]:
        return func.coalesce(_of(kind, "play_count")(scope), 0)

    return [
        Field(
            "starred",
            Type.BOOLEAN,
            "You starred it; sorted by when.",
            starred,
            nullable=False,
            per_person=True,
            sort=sorted_by(starred_at, nulls="last"),
        ),
        Field("starred_at", Type.DATE, "When you starred it.", starred_at, per_person=True, shown_as="starred_at"),
        Field(
            "rating",
            Type.INTEGER,
            "Your rating, 1 to 5; 0 for none.",
            rating,
            nullable=False,
            per_person=True,
            sort=sorted_by(rating),
            shown_as="rating",
        ),
        Field(
            "plays",
            Type.INTEGER,
            "How often you played it; 0 for never.",
            plays,
            nullable=False,
            per_person=True,
            sort=sorted_by(plays),
            shown_as="play_count",
        ),
        Field(
            "last_played",
            Type.DATE,
            "When you last played it.",
            last_played,
            per_person=True,
            sort=sorted_by(last_played, nulls="last"),
            shown_as="last_played_at",
        ),
    ]


FIELDS: Mapping[str, list[Field]] = {f"{kind}s": _fields(kind) for kind in ("track", "album", "artist")}
"""By the entity they are added to."""
