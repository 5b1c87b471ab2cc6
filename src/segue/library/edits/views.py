"""What editing tells: plain values for faces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Made:
    """An edit that was made, or is being made by `job`. `count` is how many things it changed, or is to change."""

    batch: int
    count: int
    job: int | None
    revision: int


@dataclass(frozen=True, slots=True)
class FieldState:
    """One field: what it says, what it would say without an edit, and who edited it when."""

    value: Any
    own: Any
    edited: bool
    edited_by: int | None
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """All fields of one thing. `revision` grows with each edit."""

    kind: str
    id: int
    revision: int
    fields: dict[str, FieldState]


@dataclass(frozen=True, slots=True)
class Would:
    """What would change of one thing: by field, from what to what."""

    kind: str
    id: int
    name: str
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit of many would do."""

    count: int
    first: list[Would]
    is_job: bool
    revision: int


@dataclass(frozen=True, slots=True)
class BatchView:
    """One act of editing."""

    id: int
    action: str
    params: dict[str, Any] | None
    made_by: int | None
    made_at: datetime
    job: int | None
    undone_by: int | None
    count: int
    """Fields of things that it changed."""

    @classmethod
    def of(cls, row: Any, count: int) -> BatchView:
        return cls(row.id, row.action, row.params, row.made_by, row.made_at, row.job_id, row.undone_by, count)


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One field that a batch changed. `before` and `after` are {"is": value}, or None where it was or is not edited."""

    id: int
    kind: str
    entity_id: int
    field: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    name: str | None
    """What the thing is called now; None where it is gone."""

    @classmethod
    def of(cls, row: Any, name: str | None) -> LoggedChange:
        return cls(row.id, row.kind, row.entity_id, row.field, row.before, row.after, name)
