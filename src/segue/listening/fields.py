"""What can be asked about what a person did: stars, ratings and plays, added to the library's entities by app.py."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func

from segue.listening.models import Annotation
from segue.query import Field, Scope, Sparse, Type, sorted_by

ANNOTATIONS: Table = Annotation.__table__  # type: ignore[assignment]
KINDS = {"tracks": "track", "albums": "album", "artists": "artist"}


_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)


def _fields(kind: str) -> list[Field]:
    def column(name: str) -> Any:
        def build(scope: Scope) -> ColumnElement[Any]:
            def mine(table: Any) -> ColumnElement[bool]:
                return and_(table.c.user_id == scope.person, table.c.kind == kind, table.c.entity_id == scope.row_id)

            return scope.join("annotation", lambda: ANNOTATIONS.alias(), mine).c[name]

        return build

    starred_at, rating, plays, last = (
        column(name) for name in ("starred_at", "rating", "play_count", "last_played_at")
    )

    row_id = column("entity_id")

    def count(of: Any) -> Any:
        return lambda scope: func.coalesce(of(scope), 0)

    def few(of: Any, zero: int | None = None) -> Sparse:
        return Sparse(of, row_id, _BEFORE_ALL if zero is None else zero, zero)

    return [
        Field(
            "starred",
            Type.BOOLEAN,
            "You have starred it.",
            lambda scope: starred_at(scope).is_not(None),
            nullable=False,
            per_person=True,
        ),
        Field(
            "starred_at",
            Type.DATE,
            "When you starred it.",
            starred_at,
            sort=sorted_by(starred_at, nulls="last", sparse=few(starred_at)),
            per_person=True,
            shown_as="starred_at",
        ),
        Field(
            "rating",
            Type.INTEGER,
            "Your rating, 1 to 5; 0 for none.",
            count(rating),
            nullable=False,
            sort=sorted_by(count(rating), sparse=few(rating, 0)),
            positive=rating,
            per_person=True,
            shown_as="rating",
        ),
        Field(
            "plays",
            Type.INTEGER,
            "How often you have played it.",
            count(plays),
            nullable=False,
            sort=sorted_by(count(plays), sparse=few(plays, 0)),
            positive=plays,
            aliases=("play_count",),
            per_person=True,
            shown_as="play_count",
        ),
        Field(
            "last_played",
            Type.DATE,
            "When you last played it.",
            last,
            sort=sorted_by(last, nulls="last", sparse=few(last)),
            per_person=True,
            shown_as="last_played_at",
        ),
    ]


FIELDS = {entity: _fields(kind) for entity, kind in KINDS.items()}
"""Fields by the name of the entity they are about."""
