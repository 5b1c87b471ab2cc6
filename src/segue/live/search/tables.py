"""The table of what concerts, bands, venues, songs and tapers can be found by: finished words, the same on both databases.

One table serves every kind: a row's number is its own number times 8 plus that of its kind, so that the words alone lead to
what was found. Two words of a row are marks: its kind, and its kind with how much it weighs among others with the same words.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import DDL, BigInteger, Column, Integer, SmallInteger, Table, Text, event
from sqlalchemy.dialects import postgresql

from segue.core.db import Base

Kind = Literal["concert", "artist", "venue", "song"]
NUMBERS: dict[Kind, int] = {"concert": 0, "artist": 1, "venue": 2, "song": 3}
STEP = 8
WEIGHTS = 6
"""Marks of weight, from 0 to one less than this; the heavier come first."""

SEARCH = Table(
    "live_search",
    Base.metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("weight", SmallInteger, nullable=False, server_default="0"),
    Column("tokens", Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
)


def number_of(kind: Kind, row_id: int) -> int:
    """The number here of a row of a kind."""
    return row_id * STEP + NUMBERS[kind]


def kind_mark(kind: Kind) -> str:
    """The word that says of what kind a row is; no person's word is ever spelled so (`core.text` spells symbols `qx`)."""
    return f"qk{NUMBERS[kind]}"


def weight_mark(kind: Kind, weight: int) -> str:
    """The word that says of what kind a row is and what it weighs."""
    return f"{kind_mark(kind)}w{max(0, min(weight, WEIGHTS - 1))}"


def create_statements(dialect: str) -> list[str]:
    """What is made beside the table, for a migration to run as well."""
    if dialect == "sqlite":
        return [
            "CREATE VIRTUAL TABLE live_search_fts USING fts5(tokens, content='live_search', content_rowid='id', "
            "tokenize='ascii', prefix='1 2 3 4 5 6', detail='none', columnsize=0)"
        ]
    return [
        "CREATE INDEX ix_live_search_tokens ON live_search USING gin (tokens)",
        "ALTER TABLE live_search ALTER COLUMN tokens SET STATISTICS 1000",
    ]


def drop_statements(dialect: str) -> list[str]:
    """The reverse of `create_statements`; before the table is dropped."""
    return [
        "DROP TABLE IF EXISTS live_search_fts" if dialect == "sqlite" else "DROP INDEX IF EXISTS ix_live_search_tokens"
    ]


def _ddl(statement: str, dialect: str) -> Any:
    return DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]


for _dialect in ("sqlite", "postgresql"):
    for _statement in create_statements(_dialect):
        event.listen(SEARCH, "after_create", _ddl(_statement, _dialect))
    for _statement in drop_statements(_dialect):
        event.listen(SEARCH, "before_drop", _ddl(_statement, _dialect))
