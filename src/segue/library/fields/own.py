"""What can be asked of the fields that a person added in the rules for tags, and of tags that no rule knows."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from segue.library.models import TrackField
from segue.query import Family, Field, Many, Type
from segue.query.expressions import ascii_lower, plain


def own_field(track_id: ColumnElement[int]) -> Field:
    """The filter `own=taper:Tom`, or `own=taper` for any value."""
    return Field(
        "own",
        Type.TEXT,
        "A field of your own, from the rules for tags: taper:Tom, or taper for any value.",
        words=lambda _scope, typed: _has(track_id, typed),
    )


def _has(track_id: ColumnElement[int], typed: str) -> ColumnElement[bool]:
    name, colon, value = typed.partition(":")
    wanted = select(TrackField.track_id).where(TrackField.name == name.strip().lower())
    if colon and value.strip():
        wanted = wanted.where(func.lower(TrackField.value) == func.lower(value.strip()))
    return track_id.in_(wanted)


def _tag(name: str) -> Field | None:
    if not name or len(name) > 200:
        return None
    own = TrackField.__table__.c
    return Field(
        f"tag.{name}",
        Type.TEXT,
        f"What its tag {name} says.",
        many=Many(own.track_id, ascii_lower(own.value), own.name == name),
        fold=plain,
    )


TAG_FAMILY = Family("tag.", "A tag of this name, or a field of your own.", "tag.mixedby", _tag)
