"""The prefix table: for every one and two characters a title can begin with, what was played most of all that begin so.

One or two letters begin tens of thousands of titles; the ones a person means are nearly always among those played. The
lists are kept up by each play, hold at most `MOST` rows a prefix and library, and are answered from one index. A row
that has dropped out comes back with its next play.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, any_, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql

from segue.core.db import DialectName, Transaction, upsert_into
from segue.core.inline import run_one
from segue.library.search.tables import TOPS, Kind

LONGEST = 2
"""Characters of the longest prefix that has a list."""
MOST = 200
"""Rows of one list."""


def prefixes(title_key: str) -> list[str]:
    """The one and two characters that a title begins with."""
    return list(dict.fromkeys(title_key[:length] for length in range(1, LONGEST + 1) if title_key[:length].strip()))


async def put(tx: Transaction, kind: Kind, rows: Iterable[tuple[int, str, int, int]]) -> None:
    """Keep up the lists for rows (id, title key, library or 0, plays)."""
    for number, title_key, library, plays in rows:
        begun = prefixes(title_key)
        if not plays:
            await remove(tx, kind, [number])
        elif begun and not await _stands(tx, kind, begun, library, number, plays):
            values = [
                {"kind": kind, "prefix": prefix, "library_id": library, "id": number, "plays": plays}
                for prefix in begun
            ]
            await tx.execute(_put_one(tx.dialect), values)
            await _trim(tx, kind, begun, library)


async def _stands(tx: Transaction, kind: Kind, begun: Sequence[str], library: int, number: int, plays: int) -> bool:
    """Say how often a row was played, in its lists; whether it stands in all of them, so that none grows."""
    if tx.dialect != "sqlite":
        said = {"new_plays": plays, "lists_of": kind, "library": library, "number": number, "begun": list(begun)}
        return len((await tx.execute(_say_plays(), said)).all()) == len(begun)
    marks = ", ".join("?" * len(begun))
    there = f"kind = ? AND library_id = ? AND id = ? AND prefix IN ({marks})"
    say = f"UPDATE search_tops SET plays = ? WHERE {there} RETURNING 1"
    return len(await run_one(tx.conn, say, (plays, kind, library, number, *begun))) == len(begun)


@cache
def _say_plays() -> Any:
    here = TOPS.c.kind == bindparam("lists_of"), TOPS.c.library_id == bindparam("library")
    one = TOPS.c.id == bindparam("number", type_=BigInteger), TOPS.c.prefix.in_(bindparam("begun", expanding=True))
    return update(TOPS).where(*here, *one).values(plays=bindparam("new_plays")).returning(TOPS.c.prefix)


@cache
def _put_one(dialect: DialectName) -> Any:
    """Made once: SQLAlchemy takes longer to make it than a database to do it."""
    statement = upsert_into(dialect, TOPS)
    keys = ["kind", "prefix", "library_id", "id"]
    return statement.on_conflict_do_update(index_elements=keys, set_={"plays": statement.excluded.plays})


async def _trim(tx: Transaction, kind: Kind, begun: Sequence[str], library: int) -> None:
    """Take the least played off lists that have become twice as long as they may be."""
    asked = {"lists_of": kind, "begun": list(begun), "library": library, "most": 2 * MOST}
    for prefix in (await tx.conn.scalars(_too_long(), asked)).all():
        here = (TOPS.c.kind == kind, TOPS.c.prefix == prefix, TOPS.c.library_id == library)
        keep = select(TOPS.c.id).where(*here).order_by(TOPS.c.plays.desc(), TOPS.c.id).limit(MOST)
        await tx.execute(delete(TOPS).where(*here, TOPS.c.id.not_in(keep.scalar_subquery())))


@cache
def _too_long() -> Any:
    here = TOPS.c.kind == bindparam("lists_of"), TOPS.c.library_id == bindparam("library")
    begun = TOPS.c.prefix.in_(bindparam("begun", expanding=True))
    return select(TOPS.c.prefix).where(*here, begun).group_by(TOPS.c.prefix).having(func.count() > bindparam("most"))


async def remove(tx: Transaction, kind: Kind, ids: Sequence[int]) -> None:
    """Take rows off all lists."""
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        among = (
            TOPS.c.id.in_(part)
            if tx.dialect == "sqlite"
            else TOPS.c.id == any_(literal(part, postgresql.ARRAY(BigInteger)))
        )
        await tx.execute(delete(TOPS).where(TOPS.c.kind == kind, among))
