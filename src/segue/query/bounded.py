"""Lists of which only a part is wanted: `limit:100`, `limit:90min`, `limit:2gb`, `limit:10%`, `offset:20`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.query.compile import joined
from segue.query.cursor import read_offset, write_offset
from segue.query.errors import BadQuery
from segue.query.fields import Scope, built
from segue.query.language.limits import Limit, Unit
from segue.query.page import Found, Question, Window, count, find

FIRST_STEP, STEP = 64, 1_000
"""Rows that are read at once where they are added up: few at first, since most lists by minutes are short."""
MOST = 100_000
"""Rows that a list limited by minutes or bytes may have."""
MEASURED: dict[Unit, tuple[str, int]] = {"minutes": ("duration", 60_000), "bytes": ("size", 1)}
"""By unit: the field that is added up, and what one of the unit is in how that is stored."""


@dataclass(frozen=True, slots=True)
class Part:
    """What `limit` and `offset` leave of a question's list. `scope` gives a fresh one for each statement."""

    question: Question
    limit: Limit | None
    offset: int
    scope: Callable[[], Scope]

    @property
    def is_whole(self) -> bool:
        return self.limit is None and not self.offset

    def mark(self) -> str:
        """What a cursor is bound to."""
        return f"{self.question.mark()} {self.limit} {self.offset}"

    def start(self, cursor: str | None) -> int:
        """Where the page of a cursor begins. Raises BadCursor for one of another list."""
        return read_offset(cursor, self.mark()) if cursor else 0


async def page_of(conn: AsyncConnection, part: Part, window: Window) -> Found:
    """One page of a part. Raises BadCursor, and BadQuery where it cannot be measured."""
    start = part.start(window.cursor) + window.offset
    ids = await ids_of(conn, part, window.limit + 1, start)
    following = write_offset(start + window.limit, part.mark()) if len(ids) > window.limit else None
    return Found(ids[: window.limit], following)


async def ids_of(conn: AsyncConnection, part: Part, most: int, start: int = 0) -> list[int]:
    """The ids of a part in order from its row `start`, `most` at most."""
    limit = part.limit
    if limit is None:
        return await _ids(conn, part, start, most)
    if limit.unit == "rows":
        return await _ids(conn, part, start, min(most, limit.amount - start))
    if limit.unit == "percent":
        total = await count(conn, part.question, part.scope()) or 0
        share = max(1, total * limit.amount // 100) if total else 0
        return await _ids(conn, part, start, min(most, share - start))
    return (await _measured(conn, part, limit, start + most))[start:]


async def values_of(conn: AsyncConnection, part: Part, ids: Sequence[int], name: str) -> list[int]:
    """The stored numbers of a field of these rows, in their order; 0 where there is none."""
    entity, scope = part.question.entity, part.scope()
    scope.row_id = entity.id
    expression = entity.field(name).expression
    assert expression is not None
    value = built(expression, scope)
    source = joined(entity, scope)
    found: dict[int, int] = {}
    for at in range(0, len(ids), 500):
        some = select(entity.id, value).select_from(source).where(entity.id.in_(ids[at : at + 500]))
        found |= {row[0]: int(row[1] or 0) for row in (await conn.execute(some)).all()}
    return [found.get(number, 0) for number in ids]


async def _ids(conn: AsyncConnection, part: Part, start: int, wanted: int) -> list[int]:
    if wanted <= 0:
        return []
    return (await find(conn, part.question, Window(wanted, offset=part.offset + start), part.scope())).ids


async def _measured(conn: AsyncConnection, part: Part, limit: Limit, wanted: int) -> list[int]:
    """The first rows that together are no more than the limit; what is larger than what is left ends the list."""
    name, size = MEASURED[limit.unit]
    entity = part.question.entity
    field = entity.fields.get(name)
    if field is None or field.expression is None:
        raise BadQuery("bad_limit", "limit", f"{entity.name.capitalize()} cannot be limited by {limit.unit}.")
    left, kept, step = limit.amount * size, list[int](), FIRST_STEP
    while len(kept) < min(wanted, MOST):
        ids = await _ids(conn, part, len(kept), step)
        for number, each in zip(ids, await values_of(conn, part, ids, name), strict=True):
            left -= each
            if left < 0 or len(kept) >= wanted:
                return kept
            kept.append(number)
        if len(ids) < step:
            break
        step = min(4 * step, STEP)
    return kept
