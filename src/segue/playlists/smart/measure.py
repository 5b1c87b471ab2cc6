"""How much a question finds, and which part of it a limit leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.playlists.smart.reading import Asked
from segue.query import Window, find, write_offset
from segue.query.bounded import ids_of, page_of, values_of
from segue.query.page import measure

COUNTED = 10_000
"""Rows up to which a list is counted exactly; beyond, it holds more than that."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many tracks and how long; `more` where that is only as far as was counted."""

    count: int
    duration_ms: int
    more: bool = False
    first: tuple[int, ...] = ()
    """Its first tracks, where they were read."""


async def figures(conn: AsyncConnection, asked: Asked, drawn: Any = None) -> Figures:
    """How much a list holds. `drawn` is what another scope drew for the same question."""
    if asked.is_whole:
        scope = asked.scope()
        scope.drawn = drawn
        found, length = await measure(conn, asked.question, scope, "duration", COUNTED)
        return Figures(min(found, COUNTED), length, found > COUNTED)
    return await _held(conn, asked, await first_ids(conn, asked, COUNTED + 1))


async def opened(
    conn: AsyncConnection, asked: Asked, limit: int, cursor: str | None
) -> tuple[list[int], str | None, Figures]:
    """One page of a list (`page`) together with how much the list holds (`figures`), nothing asked twice."""
    if asked.is_whole:
        scope = asked.scope()
        found = await find(conn, asked.question, Window(limit, cursor), scope)
        if cursor is None and found.next is None and len(found.ids) < COUNTED:
            return found.ids, None, await _held(conn, asked, found.ids)
        return found.ids, found.next, await figures(conn, asked, scope.drawn)
    part = asked.part()
    ids = await ids_of(conn, part, COUNTED + 1)
    held = await _held(conn, asked, ids)
    start = part.start(cursor)
    if start + limit >= COUNTED:
        return *await page(conn, asked, limit, cursor), held
    following = write_offset(start + limit, part.mark()) if len(ids) > start + limit else None
    return ids[start : start + limit], following, held


async def page(conn: AsyncConnection, asked: Asked, limit: int, cursor: str | None) -> tuple[list[int], str | None]:
    """The ids of one page of a list in order, and the cursor of the next. Raises BadCursor."""
    window = Window(limit, cursor)
    if asked.is_whole:
        found = await find(conn, asked.question, window, asked.scope())
    else:
        found = await page_of(conn, asked.part(), window)
    return found.ids, found.next


async def first_ids(conn: AsyncConnection, asked: Asked, most: int) -> list[int]:
    """The ids of a list in order, `most` at most."""
    return await ids_of(conn, asked.part(), most)


async def _held(conn: AsyncConnection, asked: Asked, ids: list[int]) -> Figures:
    """How much these tracks are: a list's first, one more than are counted at most."""
    length = sum(await values_of(conn, asked.part(), ids[:COUNTED], "duration"))
    return Figures(min(len(ids), COUNTED), length, len(ids) > COUNTED)
