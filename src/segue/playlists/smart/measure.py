"""How much a question finds, and which part of it a limit leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.playlists.repository import slices
from segue.playlists.smart.reading import Asked
from segue.query import Window, count, find, read_offset, write_offset
from segue.query.fields import built
from segue.query.page import measure

COUNTED = 10_000
"""Rows up to which a list is counted exactly; beyond, it holds more than that."""
MOST_WALKED = 100_000
"""Rows that a list limited by minutes or bytes may have."""
STEP = 1_000


@dataclass(frozen=True, slots=True)
class Figures:
    """How many tracks and how long; `more` where that is only as far as was counted."""

    count: int
    duration_ms: int
    more: bool = False
    first: tuple[int, ...] = ()
    """Its first tracks, where they were read."""


async def figures(conn: AsyncConnection, asked: Asked) -> Figures:
    """How much a list holds."""
    if asked.is_whole:
        found, length = await measure(conn, asked.question, asked.scope(), "duration", COUNTED)
        return Figures(min(found, COUNTED), length, found > COUNTED)
    ids = await first_ids(conn, asked, COUNTED + 1)
    length = sum(await _values(conn, asked, ids[:COUNTED], "duration"))
    return Figures(min(len(ids), COUNTED), length, len(ids) > COUNTED)


async def opened(
    conn: AsyncConnection, asked: Asked, limit: int, cursor: str | None
) -> tuple[list[int], str | None, Figures]:
    """One page of a list (`page`) together with how much the list holds (`figures`), nothing asked twice."""
    if asked.is_whole:
        ids, following = await page(conn, asked, limit, cursor)
        if cursor is None and following is None and len(ids) < COUNTED:
            length = sum(await _values(conn, asked, ids, "duration"))
            return ids, None, Figures(len(ids), length)
        return ids, following, await figures(conn, asked)
    ids = await first_ids(conn, asked, COUNTED + 1)
    length = sum(await _values(conn, asked, ids[:COUNTED], "duration"))
    held = Figures(min(len(ids), COUNTED), length, len(ids) > COUNTED)
    start = _start(asked, cursor)
    if start + limit >= COUNTED:
        return *await page(conn, asked, limit, cursor), held
    following = write_offset(start + limit, _mark(asked)) if len(ids) > start + limit else None
    return ids[start : start + limit], following, held


async def page(conn: AsyncConnection, asked: Asked, limit: int, cursor: str | None) -> tuple[list[int], str | None]:
    """The ids of one page of a list in order, and the cursor of the next. Raises BadCursor."""
    if asked.is_whole:
        found = await find(conn, asked.question, Window(limit, cursor), asked.scope())
        return found.ids, found.next
    start = _start(asked, cursor)
    ids = await first_ids(conn, asked, start + limit + 1)
    following = write_offset(start + limit, _mark(asked)) if len(ids) > start + limit else None
    return ids[start : start + limit], following


def _mark(asked: Asked) -> str:
    return f"{asked.question.mark()} {asked.limit} {asked.offset}"


def _start(asked: Asked, cursor: str | None) -> int:
    return 0 if cursor is None else read_offset(cursor, _mark(asked))


async def first_ids(conn: AsyncConnection, asked: Asked, most: int) -> list[int]:
    """The ids of a list in order, `most` at most."""
    limit = asked.limit
    if limit is None:
        return await _window(conn, asked, most)
    match limit.unit:
        case "rows":
            return await _window(conn, asked, min(most, limit.amount))
        case "percent":
            total = await count(conn, asked.question, asked.scope()) or 0
            share = max(1, total * limit.amount // 100) if total else 0
            return await _window(conn, asked, min(most, share))
        case "minutes":
            return await _filled(conn, asked, most, "duration", limit.amount * 60_000)
        case _:
            return await _filled(conn, asked, most, "size", limit.amount)


async def _window(conn: AsyncConnection, asked: Asked, wanted: int) -> list[int]:
    if wanted <= 0:
        return []
    return (await find(conn, asked.question, Window(wanted, offset=asked.offset), asked.scope())).ids


async def _filled(conn: AsyncConnection, asked: Asked, most: int, what: str, room: int) -> list[int]:
    """Rows in order as long as all together they fit into `room`."""
    kept: list[int] = []
    offset = asked.offset
    while len(kept) < min(most, MOST_WALKED):
        ids = (await find(conn, asked.question, Window(STEP, offset=offset), asked.scope())).ids
        for number, size in zip(ids, await _values(conn, asked, ids, what), strict=True):
            room -= size
            if room < 0 or len(kept) >= most:
                return kept
            kept.append(number)
        if len(ids) < STEP:
            break
        offset += STEP
    return kept


async def _values(conn: AsyncConnection, asked: Asked, ids: Sequence[int], name: str) -> list[int]:
    """The stored numbers of a field of these rows, 0 where there is none."""
    entity = asked.question.entity
    scope = asked.scope()
    scope.row_id = entity.id
    declared = entity.field(name).expression
    assert declared is not None
    value: ColumnElement[int] = built(declared, scope)
    source = entity.table
    for joined, (table, on) in scope.joins.items():
        source = source.join(table, on) if joined in scope.always else source.outerjoin(table, on)
    known: dict[int, int] = {}
    for some in slices(ids):
        rows = await conn.execute(select(entity.id, value).select_from(source).where(entity.id.in_(some)))
        known.update((row[0], int(row[1] or 0)) for row in rows)
    return [known.get(number, 0) for number in ids]
