"""Lists of which only a part is wanted: `limit:100`, `limit:90min`, `limit:2gb`, `limit:10%`, `offset:20`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.query.cursor import read_offset, write_offset
from segue.query.errors import BadQuery
from segue.query.fields import Scope, built
from segue.query.language.limits import Limit, Unit
from segue.query.page import Found, Question, Window, count, find

STEP = 1_000
MOST = 100_000
"""Rows that a list limited by minutes or bytes may have."""
_MEASURED: dict[Unit, tuple[str, int]] = {"minutes": ("duration", 60_000), "bytes": ("size", 1)}
"""By unit: the field that is added up, and what one of the unit is in how that is stored."""


async def bounded(
    conn: AsyncConnection, question: Question, scope: Scope, limit: Limit | None, offset: int, window: Window
) -> Found:
    """One page of the part that `limit` and `offset` leave. Raises BadCursor, and BadQuery where it cannot be measured."""
    mark = f"{question.mark()} {limit} {offset}"
    start = (read_offset(window.cursor, mark) if window.cursor else 0) + window.offset
    wanted = window.limit + 1
    most = await _most(conn, question, scope, limit)
    if most is not None:
        wanted = max(0, min(wanted, most - start))
        ids = await _ids(conn, question, scope, offset + start, wanted)
    else:
        assert limit is not None
        ids = (await _measured(conn, question, scope, limit, offset, start + wanted))[start:]
    more = len(ids) > window.limit
    following = write_offset(start + window.limit, mark) if more else None
    return Found(ids[: window.limit], following)


async def _most(conn: AsyncConnection, question: Question, scope: Scope, limit: Limit | None) -> int | None:
    """How many rows may come; None where that must be measured."""
    if limit is None:
        return 2**62
    if limit.unit == "rows":
        return limit.amount
    if limit.unit == "percent":
        total = await count(conn, question, scope) or 0
        return max(1, total * limit.amount // 100) if total else 0
    return None


async def _ids(conn: AsyncConnection, question: Question, scope: Scope, offset: int, wanted: int) -> list[int]:
    if not wanted:
        return []
    return (await find(conn, question, Window(wanted, offset=offset), scope)).ids


async def _measured(
    conn: AsyncConnection, question: Question, scope: Scope, limit: Limit, offset: int, wanted: int
) -> list[int]:
    """The first rows that together are no more than the limit; what is larger than what is left ends the list."""
    name, size = _MEASURED[limit.unit]
    field = question.entity.fields.get(name)
    if field is None or field.expression is None:
        raise BadQuery("bad_limit", "limit", f"{question.entity.name.capitalize()} cannot be limited by {limit.unit}.")
    left, kept = limit.amount * size, list[int]()
    while len(kept) < min(wanted, MOST):
        ids = await _ids(conn, question, scope, offset + len(kept), STEP)
        for number, each in zip(ids, await _values(conn, question, scope, name, ids), strict=True):
            left -= each
            if left < 0:
                return kept
            kept.append(number)
        if len(ids) < STEP:
            break
    return kept


async def _values(conn: AsyncConnection, question: Question, scope: Scope, name: str, ids: Sequence[int]) -> list[int]:
    """What a field says of these rows, in their order; 0 where it says nothing."""
    entity = question.entity
    fresh = Scope(scope.dialect, scope.person, scope.zone, scope.now, row_id=entity.id)
    expression = entity.fields[name].expression
    assert expression is not None
    value = built(expression, fresh)
    source = entity.table
    for table, on in fresh.joins.values():
        source = source.outerjoin(table, on)
    found: dict[int, int] = {}
    for at in range(0, len(ids), 500):
        some = select(entity.id, value).select_from(source).where(entity.id.in_(ids[at : at + 500]))
        found |= {row[0]: int(row[1] or 0) for row in (await conn.execute(some)).all()}
    return [found.get(number, 0) for number in ids]
