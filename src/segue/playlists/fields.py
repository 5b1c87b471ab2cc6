"""What can be asked of playlists, and of tracks about the playlists they stand in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, true

from segue.core.text import fold
from segue.playlists.models import Playlist
from segue.playlists.repository import visible_to
from segue.playlists.smart.inside import learner, member, members
from segue.playlists.smart.reading import IN_LIST, IN_NAMED
from segue.playlists.views import People
from segue.query import Compare, Entity, Field, Scope, Type, declared, sorted_by
from segue.query.expressions import ascii_lower, plain

PLAYLISTS = cast(Table, Playlist.__table__)
_p = PLAYLISTS.c


def _visible(scope: Scope) -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", visible_to(scope.person))


def _own(scope: Scope) -> ColumnElement[bool]:
    return _p.owner_id == scope.person


PLAYLIST = Entity(
    "playlists",
    PLAYLISTS,
    _p.id,
    declared(
        Field("id", Type.ID, "Its own id.", _p.id, nullable=False, prefix="pl"),
        Field(
            "name",
            Type.TEXT,
            "What it is called; case does not count.",
            ascii_lower(_p.name),
            fold=plain,
            nullable=False,
            sort=sorted_by(_p.sort_key),
            aliases=("title",),
        ),
        Field(
            "comment",
            Type.TEXT,
            "What is written about it.",
            ascii_lower(_p.comment),
            fold=plain,
            nullable=False,
            aliases=("description",),
        ),
        Field("owner", Type.ID, "Whose it is.", _p.owner_id, nullable=False, prefix="us"),
        Field("mine", Type.BOOLEAN, "It is yours.", _own, nullable=False, per_person=True, aliases=("own",)),
        Field(
            "kind",
            Type.ENUM,
            "Put together by hand, or filled by a query.",
            _p.kind,
            nullable=False,
            choices=("manual", "smart"),
            sort=sorted_by(_p.kind, _p.sort_key),
        ),
        Field("smart", Type.BOOLEAN, "A query fills it.", _p.kind == "smart", nullable=False),
        Field(
            "visibility",
            Type.ENUM,
            "Who may see it.",
            _p.visibility,
            nullable=False,
            choices=("private", "shared", "public"),
        ),
        Field("public", Type.BOOLEAN, "Everybody here may see it.", _p.visibility == "public", nullable=False),
        Field(
            "tracks",
            Type.INTEGER,
            "How many tracks it has; of a smart list, when it was last saved.",
            _p.track_count,
            nullable=False,
            sort=sorted_by(_p.track_count),
            aliases=("track_count", "songs", "songcount"),
        ),
        Field(
            "duration",
            Type.DURATION,
            "How long it plays; of a smart list, when it was last saved.",
            _p.duration_ms,
            nullable=False,
            sort=sorted_by(_p.duration_ms),
            aliases=("length",),
        ),
        Field("query", Type.TEXT, "What fills it, of a smart list.", ascii_lower(_p.query), fold=plain),
        Field(
            "created",
            Type.DATE,
            "When it was made.",
            _p.created_at,
            nullable=False,
            sort=sorted_by(_p.created_at),
            aliases=("added",),
        ),
        Field(
            "changed",
            Type.DATE,
            "When it was last changed.",
            _p.changed_at,
            nullable=False,
            sort=sorted_by(_p.changed_at),
            aliases=("updated",),
        ),
        Field("visible", Type.BOOLEAN, "You may see it: all that are told.", _visible, nullable=False, per_person=True),
    ),
    "name",
    lambda libraries: true(),
    phrase=("name",),
    always=Compare("visible", "=", True),
    called=_p.name,
)
"""Playlists. What a person may see does not go by libraries here."""


def track_fields(people: Callable[[], People]) -> list[Field]:
    """Fields of tracks: the playlists they stand in. `people` tells with whose eyes a smart list is filled."""
    learn: Any = learner(people)
    return [
        Field(
            IN_LIST,
            Type.ID,
            "A playlist it stands in, by its id or its name; a smart list as it is filled now.",
            asked=member,
            found=members,
            learn=learn,
            nullable=False,
            prefix="pl",
            text=IN_NAMED,
            aliases=("in",),
        ),
        Field(
            IN_NAMED,
            Type.TEXT,
            "The name of a playlist it stands in.",
            asked=member,
            found=members,
            learn=learn,
            nullable=False,
            fold=fold,
        ),
    ]
