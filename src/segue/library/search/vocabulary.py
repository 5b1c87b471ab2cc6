"""The vocabulary: every word that something can be found by, with its trigrams, for searching inside words.

A million titles have few hundred thousand words, so this is small, is written to only by words that were never seen
before, and serves every kind of row and every field alike. What `oudy` is in (cloudy) is looked up here; the rows that
have those words are then looked up as for any other word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from weakref import WeakKeyDictionary

from sqlalchemy import Integer, Text, any_, bindparam, cast, column, func, literal, select, table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.core.text import SearchTerm
from segue.library.search.tables import WORDS

SHORTEST = 3
"""Letters that searching inside words needs at least."""
MOST_WORDS = 64
"""Words that one search inside words follows, the shortest first; `ing` is in thousands."""
FEW_WORDS = 40
"""Words that are sooner looked up one by one than as a beginning."""
_LAST = "\U0010ffff"
_DIGIT = re.compile("[0-9]")
_REMEMBERED = 100_000
_known: WeakKeyDictionary[object, set[str]] = WeakKeyDictionary()
"""By database engine: words that are surely there, so that a scan does not ask for each again. Words are never taken out."""


def grams(word: str) -> list[str]:
    """Every three neighbouring letters of a word, each once."""
    return list(dict.fromkeys(word[at : at + SHORTEST] for at in range(len(word) - SHORTEST + 1)))


@lru_cache(maxsize=32_768)
def kept(word: str) -> str | None:
    """What is kept of a word: itself where it is long enough; of one with a number in it, of which there is no end, what
    stands before the number and a `0` that means "and a number"; None of others."""
    number = _DIGIT.search(word)
    if number:
        return f"{word[: number.start()]}0" if number.start() >= SHORTEST else None
    return word if len(word) > SHORTEST else None


def _term(word: str) -> SearchTerm:
    return SearchTerm(word[:-1], prefix=True) if word.endswith("0") else SearchTerm(word)


async def learn(tx: Transaction, words: Iterable[str]) -> None:
    """Add those of these words that are new and kept."""
    known = _known.setdefault(tx.conn.dialect, set())
    wanted = sorted({part for word in words if (part := kept(word)) is not None and part not in known})
    if not wanted:
        return
    rows = [{"word": word, "grams": _written(grams(word), tx.dialect)} for word in wanted]
    if tx.dialect == "sqlite":
        there = {"words": json.dumps(wanted)}
        ask = "SELECT word FROM search_words WHERE word IN (SELECT value FROM json_each(:words))"
        old = {row[0] for row in await tx.execute(text(ask), there)}
        fresh = [row for row in rows if row["word"] not in old]
        if fresh:
            newest = int(await tx.scalar(select(func.coalesce(func.max(WORDS.c.id), 0))))
            await tx.execute(sqlite.insert(WORDS), fresh)
            add = "INSERT INTO search_words_fts(rowid, grams) SELECT id, grams FROM search_words WHERE id > :newest"
            await tx.execute(text(add), {"newest": newest})
    else:
        old = set(
            (
                await tx.conn.scalars(
                    select(WORDS.c.word).where(WORDS.c.word == any_(literal(wanted, postgresql.ARRAY(Text))))
                )
            ).all()
        )
        fresh = [row for row in rows if row["word"] not in old]
        if fresh:  # in order, so that two writers who learn the same words do not wait for each other in a circle
            insert = postgresql.insert(WORDS).values(
                word=bindparam("word"), grams=cast(bindparam("grams", type_=Text), postgresql.TSVECTOR)
            )
            await tx.execute(insert.on_conflict_do_nothing(index_elements=["word"]), fresh)

    def remember() -> None:
        if len(known) > _REMEMBERED:
            known.clear()
        known.update(wanted)

    tx.after_commit(remember)


async def words_from(conn: AsyncConnection, part: str) -> list[SearchTerm] | None:
    """The words that begin with `part` and are longer, where they are at most `FEW_WORDS`; None where they are more.

    None as well for what a number can begin with, or a word of three letters: those are not kept.
    """
    if len(part) < SHORTEST or _DIGIT.search(part):
        return None
    statement = select(WORDS.c.word).where(WORDS.c.word > part, WORDS.c.word < part + _LAST).limit(FEW_WORDS + 1)
    words = list((await conn.scalars(statement)).all())
    return None if len(words) > FEW_WORDS else [_term(word) for word in words]


async def words_with(conn: AsyncConnection, part: str) -> list[SearchTerm]:
    """The words that have `part` inside or at their beginning, the shortest first, at most `MOST_WORDS`."""
    if len(part) < SHORTEST or _DIGIT.search(part):
        return []
    has = func.instr(WORDS.c.word, part) if conn.dialect.name == "sqlite" else func.strpos(WORDS.c.word, part)
    statement = select(WORDS.c.word).where(has > 0)
    if conn.dialect.name == "sqlite":
        fts = table("search_words_fts", column("rowid", Integer))
        wanted = " AND ".join(f'"{gram}"' for gram in grams(part))
        matching = select(fts.c.rowid).where(text("search_words_fts MATCH :grams").bindparams(grams=wanted))
        statement = statement.where(WORDS.c.id.in_(matching))
    else:
        wanted = " & ".join(f"'{gram}'" for gram in grams(part))
        statement = statement.where(WORDS.c.grams.bool_op("@@")(cast(literal(wanted, Text), postgresql.TSQUERY)))
    ordered = statement.order_by(func.length(WORDS.c.word), WORDS.c.word).limit(MOST_WORDS)
    return [_term(word) for word in (await conn.scalars(ordered)).all()]


def _written(parts: list[str], dialect: str) -> str:
    return " ".join(parts) if dialect == "sqlite" else " ".join(f"'{part}'" for part in parts)
