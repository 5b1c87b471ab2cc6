"""Finding what somebody typed among concerts, bands, venues and songs: the heavier first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, cast, column, literal, literal_column, select, table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.text import SearchTerm, fts5_match, search_query, tsquery_literal
from segue.live.search.tables import SEARCH, STEP, WEIGHTS, Kind, kind_mark, weight_mark

MOST_TERMS = 16
"""Words of what was typed that count."""
FEW = 200
"""Rows that are read whole and ordered here."""
_FTS: Any = table("live_search_fts", column("rowid", Integer))


def terms_of(typed: str) -> list[SearchTerm]:
    """The words of what was typed, as far as they count; none asks for everything."""
    return search_query(typed)[:MOST_TERMS]


def rows_with(kind: Kind, typed: str, dialect: str) -> Select[Any]:
    """The ids of all rows of a kind that have these words, the last one perhaps only begun."""
    number = _number(dialect)
    own = number.op("/")(STEP)
    return select(own.label("id")).where(_matches([SearchTerm(kind_mark(kind)), *terms_of(typed)], dialect))


def has_words(kind: Kind, row_id: ColumnElement[int], typed: str, dialect: str) -> ColumnElement[bool]:
    """The condition that a row has all the words of what was typed."""
    return row_id.in_(rows_with(kind, typed, dialect))


async def search(conn: AsyncConnection, kind: Kind, typed: str, limit: int) -> list[int]:
    """The ids of what was typed, the heaviest first, then the newest. At most `limit`.

    What few rows answer is read whole and ordered here; what very many answer is asked for by weight, from the heaviest on.
    """
    dialect = conn.dialect.name
    if dialect == "postgresql":
        # It takes comparing a row with many words for as cheap as with one, and so would rather read the whole table.
        await conn.execute(text("SET LOCAL enable_seqscan = off"))
    terms = terms_of(typed)
    number = _number(dialect)
    few = select(number.label("id")).where(_matches([SearchTerm(kind_mark(kind)), *terms], dialect)).limit(FEW + 1)
    listed = few.subquery()
    weighed = select(SEARCH.c.id, SEARCH.c.weight).join(listed, listed.c.id == SEARCH.c.id)
    rows = (await conn.execute(weighed)).all()
    if len(rows) <= FEW:
        return [row[0] // STEP for row in sorted(rows, key=lambda row: (-row[1], -row[0]))[:limit]]
    found: list[int] = []
    for weight in range(WEIGHTS - 1, -1, -1):
        marked = _matches([SearchTerm(weight_mark(kind, weight)), *terms], dialect)
        asked = select(number).where(marked).order_by(number.desc()).limit(limit - len(found))
        found += [each // STEP for each in await conn.scalars(asked)]
        if len(found) >= limit:
            break
    return found


def _number(dialect: str) -> Any:
    return _FTS.c.rowid if dialect == "sqlite" else SEARCH.c.id


def _matches(terms: list[SearchTerm], dialect: str) -> ColumnElement[bool]:
    if dialect == "sqlite":
        return literal_column("live_search_fts").op("MATCH")(literal(fts5_match(terms), Text))
    return SEARCH.c.tokens.bool_op("@@")(cast(literal(tsquery_literal(terms), Text), postgresql.TSQUERY))
