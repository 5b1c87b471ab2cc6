"""Contains-search: which folded texts have a part inside, from an index of every three neighbouring characters.

SQLite has FTS5's trigram tokenizer over the column; PostgreSQL a GIN index over what our own function `segue_grams` makes of
it, so that no extension is needed. Both only narrow down: whoever asks compares the texts themselves as well. One or two
characters of a script without spaces are words of the word index; of other scripts they are in no index.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from segue.core.text import search_query
from segue.library.search.tables import GRAMMED, TABLES

SHORTEST = 3
MOST = 8
"""Trigrams of one text that are looked for: enough to leave only few others, and cheap."""
_UNSPACED_ALONE = re.compile("[\u3041-\u30fa\u3131-\u318e\u4e00-\u9fff\uac00-\ud7a3]{1,2}\\Z")
_ARRAY: TypeEngine[Any] = postgresql.ARRAY(Text)


def trigrams(part: str) -> list[str]:
    """At most `MOST` of the trigrams of a text, spread over its length."""
    every = list(dict.fromkeys(part[at : at + SHORTEST] for at in range(len(part) - SHORTEST + 1)))
    if len(every) <= MOST:
        return every
    step = (len(every) - 1) / (MOST - 1)
    return [every[round(at * step)] for at in range(MOST)]


def may_contain(texts: Table, part: str, dialect: str) -> ColumnElement[bool] | None:
    """The condition, served by an index, that every row of `texts` meets whose text has `part` (folded) inside; None
    where no index helps."""
    if len(part) >= SHORTEST:
        return _has_trigrams(texts, trigrams(part), dialect)
    if _UNSPACED_ALONE.match(part) and texts in TABLES.values():
        return _has_words(texts, part, dialect)
    return None


def _has_trigrams(texts: Table, grams: list[str], dialect: str) -> ColumnElement[bool]:
    if dialect == "sqlite":
        name = f"{texts.name}_grams"
        sought = " AND ".join('"{}"'.format(gram.replace('"', '""')) for gram in grams)
        return texts.c.id.in_(_matching(texts, name, sought))
    made = func.segue_grams(texts.c[GRAMMED[texts.name]], type_=_ARRAY)
    return made.bool_op("@>")(literal(grams, _ARRAY))


def _has_words(texts: Table, part: str, dialect: str) -> ColumnElement[bool] | None:
    terms = search_query(part)
    if len(terms) != 1:
        return None
    token = terms[0].token
    if dialect == "sqlite":
        return texts.c.id.in_(_matching(texts, f"{texts.name}_fts", f'"{token}"*'))
    return texts.c.tokens.bool_op("@@")(func.to_tsquery("simple", f"'{token}':*"))


def _matching(texts: Table, name: str, sought: str) -> Select[Any]:
    in_schema = table(name, column("rowid", Integer), schema=texts.schema)
    return select(in_schema.c.rowid).where(literal_column(name).op("MATCH")(literal(sought, Text)))
