"""The tables of what can be searched: words by row, the vocabulary they come from, and the top lists of short prefixes.

Each of tracks, albums, artists, labels and genres has a table of what its rows can be found by: `tokens` are the words
(a track's own, its people's and its album's) and two marks that are no words: the library, and roughly how often it was
played. `title_key` is the title or name alone, folded.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import DDL, Column, Index, Integer, Table, Text, event
from sqlalchemy.dialects import postgresql

from segue.core.db import Base, SortText

Kind = Literal["track", "album", "artist", "label", "genre"]
KINDS: tuple[Kind, ...] = ("track", "album", "artist", "label", "genre")
_TOKENS = Text().with_variant(postgresql.TSVECTOR(), "postgresql")


def _table(kind: Kind) -> Table:
    name = f"search_{kind}s"
    played = Column("plays", Integer, nullable=False, server_default="0")
    return Table(
        name,
        Base.metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("title_key", SortText, nullable=False),
        Column("library_id", Integer),
        played,
        Column("tokens", _TOKENS, nullable=False),
        Index(f"ix_{name}_title", "title_key", "id"),
        Index(f"ix_{name}_played", "title_key", "plays", "id", sqlite_where=played > 0, postgresql_where=played > 0),
    )


TABLES: dict[Kind, Table] = {kind: _table(kind) for kind in KINDS}

WORDS = Table(
    "search_words",
    Base.metadata,
    Column("id", Integer, primary_key=True),
    Column("word", SortText, nullable=False, unique=True),
    Column("grams", _TOKENS, nullable=False),
)
"""Every word that anything was ever found by, with its trigrams: what contains-search looks its words up in."""

SPELLINGS = Table(
    "search_spellings",
    Base.metadata,
    Column("id", Integer, primary_key=True),
    Column("artist_id", Integer, nullable=False),
    Column("key", SortText, nullable=False),
    Index("ix_search_spellings_artist", "artist_id", "key"),
)
"""The aliases of artists, folded as `title_key` is: to be asked for by any of their spellings."""

TOPS = Table(
    "search_tops",
    Base.metadata,
    Column("kind", Text, primary_key=True),
    Column("prefix", SortText, primary_key=True),
    Column("library_id", Integer, primary_key=True, autoincrement=False),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("plays", Integer, nullable=False),
    Index("ix_search_tops_plays", "kind", "prefix", "library_id", "plays", "id"),
    Index("ix_search_tops_row", "kind", "id"),
)
"""What was played most among all whose title begins with one or two characters, by library (0: of no single one)."""

_INDEXED: tuple[tuple[Table, str], ...] = (*((table, "tokens") for table in TABLES.values()), (WORDS, "grams"))
GRAMMED: dict[str, str] = {**{table.name: "title_key" for table in TABLES.values()}, SPELLINGS.name: "key"}
"""By table: the folded text that contains-search looks into; see `search.grams`."""
_WITH_GRAMS = (*TABLES.values(), SPELLINGS)

_MAKE_GRAMS = """
CREATE OR REPLACE FUNCTION segue_grams(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT coalesce(array_agg(DISTINCT substr($1, at, 3)), '{}') FROM generate_series(1, length($1) - 2) AS at $$
""".strip()
"""Every three neighbouring characters of a text, for PostgreSQL."""


def create_statements(dialect: str) -> list[str]:
    """What `create_all` runs beside the tables, for a migration to run as well."""
    words = [statement for table, column in _INDEXED for statement in _create(table, column, dialect)]
    return words + [statement for table in _WITH_GRAMS for statement in create_grams(table.name, dialect)]


def drop_statements(dialect: str) -> list[str]:
    """The reverse of `create_statements`; before the tables are dropped."""
    words = [_drop(table, column, dialect) for table, column in _INDEXED]
    grams = [drop_grams(table.name, dialect) for table in _WITH_GRAMS]
    return words + grams + ([] if dialect == "sqlite" else ["DROP FUNCTION IF EXISTS segue_grams(text)"])


def create_grams(name: str, dialect: str) -> list[str]:
    """The index for contains-search of a table that is there. On SQLite it is empty: see `fill_grams`."""
    if dialect == "sqlite":
        return [
            f"CREATE VIRTUAL TABLE {name}_grams USING fts5({GRAMMED[name]}, content='{name}', content_rowid='id', "
            "tokenize='trigram case_sensitive 1', detail='none', columnsize=0)"
        ]
    return [_MAKE_GRAMS, f"CREATE INDEX ix_{name}_grams ON {name} USING gin (segue_grams({GRAMMED[name]}))"]


def fill_grams(name: str, dialect: str) -> list[str]:
    """Bring the index for contains-search up to what the table holds; PostgreSQL's always is."""
    return [f"INSERT INTO {name}_grams({name}_grams) VALUES ('rebuild')"] if dialect == "sqlite" else []


def drop_grams(name: str, dialect: str) -> str:
    return f"DROP TABLE IF EXISTS {name}_grams" if dialect == "sqlite" else f"DROP INDEX IF EXISTS ix_{name}_grams"


def _create(table: Table, column: str, dialect: str) -> list[str]:
    if dialect == "sqlite":
        # Words are finished, so the plainest tokenizer serves; no ranking by FTS5, so no sizes and no positions.
        return [
            f"CREATE VIRTUAL TABLE {table.name}_fts USING fts5({column}, content='{table.name}', content_rowid='id', "
            "tokenize='ascii', detail='none', columnsize=0)"
        ]
    # With the usual 100 common words known, PostgreSQL takes every other one for far commoner than it is.
    return [
        f"CREATE INDEX ix_{table.name}_{column} ON {table.name} USING gin ({column})",
        f"ALTER TABLE {table.name} ALTER COLUMN {column} SET STATISTICS 1000",
    ]


def _drop(table: Table, column: str, dialect: str) -> str:
    if dialect == "sqlite":
        return f"DROP TABLE IF EXISTS {table.name}_fts"
    return f"DROP INDEX IF EXISTS ix_{table.name}_{column}"


def _attach() -> None:
    for dialect in ("sqlite", "postgresql"):
        for table, column in _INDEXED:
            for statement in _create(table, column, dialect):
                event.listen(table, "after_create", _ddl(statement, dialect))
            event.listen(table, "before_drop", _ddl(_drop(table, column, dialect), dialect))
        for table in _WITH_GRAMS:
            for statement in create_grams(table.name, dialect):
                event.listen(table, "after_create", _ddl(statement, dialect))
            event.listen(table, "before_drop", _ddl(drop_grams(table.name, dialect), dialect))


def _ddl(statement: str, dialect: str) -> Any:
    return DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]


_attach()
