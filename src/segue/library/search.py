"""Search as you type, over titles and names: the same answers from SQLite's FTS5 and PostgreSQL's text search.

Words come finished from `core.text`; the databases only look them up. Each of tracks, albums and artists has a table of
what can be found: `tokens` are the words (a track's own, its artists' and its album's), `title_key` is the title alone,
folded, so that an exact title comes first, then titles that begin so, then everything else that has the words.

The writer calls `index` (or `index_rows`) and `remove_rows` in the transaction that changes the rows.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    event,
    func,
    literal,
    literal_column,
    not_,
    select,
    text,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Base, SortText, Transaction
from segue.core.text import (
    DEFAULT_ARTICLES,
    fold,
    fts5_match,
    search_query,
    search_tokens,
    tsquery_literal,
    tsvector_literal,
)
from segue.library.models import Album, AlbumCredit, Artist, ArtistAlias, Track, TrackCredit

Kind = Literal["track", "album", "artist"]
_MODELS: dict[Kind, type[Track] | type[Album] | type[Artist]] = {"track": Track, "album": Album, "artist": Artist}
MAX_TITLE_KEY = 160
"""Characters: at most 640 bytes, well inside the 2,704 bytes of a PostgreSQL index row."""
_LAST = "\U0010ffff"
_ARTICLES = frozenset(article.rstrip("'") for article in DEFAULT_ARTICLES)
_NOT_WORDS = re.compile(r"[\W_]+")


def _table(kind: Kind) -> Table:
    name = f"search_{kind}s"
    return Table(
        name,
        Base.metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("title_key", SortText, nullable=False),
        Column("tokens", Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        Index(f"ix_{name}_title", "title_key", "id"),
    )


TABLES: dict[Kind, Table] = {kind: _table(kind) for kind in _MODELS}


def create_statements(dialect: str) -> list[str]:
    """What `create_all` runs beside the tables, for a migration to run as well."""
    made = []
    for table in TABLES.values():
        if dialect == "sqlite":
            # Words are finished, so the plainest tokenizer serves; no ranking by FTS5, so no sizes and no positions.
            made.append(
                f"CREATE VIRTUAL TABLE {table.name}_fts USING fts5(tokens, content='{table.name}', content_rowid='id', "
                "tokenize='ascii', detail='none', columnsize=0, prefix='1 2')"
            )
        else:
            made.append(f"CREATE INDEX ix_{table.name}_tokens ON {table.name} USING gin (tokens)")
    return made


def drop_statements(dialect: str) -> list[str]:
    """The reverse of `create_statements`; before the tables are dropped."""
    if dialect == "sqlite":
        return [f"DROP TABLE IF EXISTS {table.name}_fts" for table in TABLES.values()]
    return [f"DROP INDEX IF EXISTS ix_{table.name}_tokens" for table in TABLES.values()]


def _attach() -> None:
    for dialect in ("sqlite", "postgresql"):
        pairs = zip(TABLES.values(), create_statements(dialect), drop_statements(dialect), strict=True)
        for table, create, drop in pairs:
            event.listen(table, "after_create", _ddl(create, dialect))
            event.listen(table, "before_drop", _ddl(drop, dialect))


def _ddl(statement: str, dialect: str) -> Any:
    return DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]


_attach()


# --- what is indexed -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SearchRow:
    """What one row can be found by: its title or name, and other texts (artists, album, aliases)."""

    id: int
    title: str
    others: tuple[str, ...] = ()


def title_key(title: str) -> str:
    """A title as it is compared: folded words without a leading article; its symbols where it has no words."""
    folded = fold(title.replace("\0", " "))
    words = _NOT_WORDS.sub(" ", folded).split()
    if len(words) > 1 and words[0] in _ARTICLES:
        del words[0]
    return (" ".join(words) or " ".join(folded.split()))[:MAX_TITLE_KEY]


async def index_rows(tx: Transaction, kind: Kind, rows: Iterable[SearchRow]) -> None:
    """Make these rows findable by these texts, in place of what they were found by before."""
    values: list[dict[str, Any]] = []
    for row in rows:
        tokens = list(dict.fromkeys(token for words in (row.title, *row.others) for token in search_tokens(words)))
        written = " ".join(tokens) if tx.dialect == "sqlite" else tsvector_literal(tokens)
        values.append({"id": row.id, "title_key": title_key(row.title), "tokens": written})
    if not values:
        return
    table = TABLES[kind]
    ids = [value["id"] for value in values]
    if tx.dialect == "sqlite":
        await _forget(tx, table, ids)
        written_now = sqlite.insert(table)
        changed = {"title_key": written_now.excluded.title_key, "tokens": written_now.excluded.tokens}
        await tx.execute(written_now.on_conflict_do_update(index_elements=["id"], set_=changed), values)
        add = f"INSERT INTO {table.name}_fts(rowid, tokens) SELECT id, tokens FROM {table.name} WHERE {_AMONG}"
        await tx.execute(text(add), {"ids": json.dumps(ids)})
    else:
        tokens_now = cast(bindparam("tokens", type_=Text), postgresql.TSVECTOR)
        inserted = postgresql.insert(table).values(
            id=bindparam("id"), title_key=bindparam("title_key"), tokens=tokens_now
        )
        changed = {"title_key": inserted.excluded.title_key, "tokens": inserted.excluded.tokens}
        await tx.execute(inserted.on_conflict_do_update(index_elements=["id"], set_=changed), values)


async def remove_rows(tx: Transaction, kind: Kind, ids: Sequence[int]) -> None:
    """Make these rows unfindable; before or after the rows themselves are deleted."""
    if not ids:
        return
    table = TABLES[kind]
    if tx.dialect == "sqlite":
        await _forget(tx, table, ids)
        await tx.execute(text(f"DELETE FROM {table.name} WHERE {_AMONG}"), {"ids": json.dumps(list(ids))})
    else:
        await tx.execute(delete(table).where(table.c.id == any_(literal(list(ids), postgresql.ARRAY(BigInteger)))))


_AMONG = "id IN (SELECT value FROM json_each(:ids))"


async def _forget(tx: Transaction, table: Table, ids: Sequence[int]) -> None:
    """FTS5 with outside content must be told the words it is to forget, while they are still written there."""
    forget = (
        f"INSERT INTO {table.name}_fts({table.name}_fts, rowid, tokens) SELECT 'delete', id, tokens FROM {table.name}"
    )
    await tx.execute(text(f"{forget} WHERE {_AMONG}"), {"ids": json.dumps(list(ids))})


async def index(tx: Transaction, kind: Kind, ids: Sequence[int]) -> None:
    """Make these rows findable by what the tables now say of them: names, credits, album, aliases."""
    for start in range(0, len(ids), 500):
        batch = list(ids[start : start + 500])
        await index_rows(tx, kind, await _READERS[kind](tx.conn, batch))


async def rebuild(tx: Transaction) -> None:
    """Index everything anew; needed when `core.text` makes other words than it did."""
    for kind, table in TABLES.items():
        if tx.dialect == "sqlite":
            await tx.execute(text(f"INSERT INTO {table.name}_fts({table.name}_fts) VALUES ('delete-all')"))
        await tx.execute(delete(table))
        row_id = _MODELS[kind].id
        await index(tx, kind, list((await tx.conn.scalars(select(row_id).order_by(row_id))).all()))


async def _track_rows(conn: AsyncConnection, ids: list[int]) -> list[SearchRow]:
    statement = (
        select(Track.id, Track.title, Track.subtitle, Track.artist_display, Album.title)
        .join(Album, Album.id == Track.album_id)
        .where(Track.id.in_(ids))
    )
    people = await _names(conn, TrackCredit.track_id, TrackCredit.artist_id, TrackCredit.credited_as, ids)
    return [
        SearchRow(row[0], row[1], (row[2] or "", row[3], *people[row[0]], row[4]))
        for row in await conn.execute(statement)
    ]


async def _album_rows(conn: AsyncConnection, ids: list[int]) -> list[SearchRow]:
    people = await _names(conn, AlbumCredit.album_id, AlbumCredit.artist_id, AlbumCredit.credited_as, ids)
    statement = select(Album.id, Album.title, Album.artist_display).where(Album.id.in_(ids))
    return [SearchRow(row[0], row[1], (row[2], *people[row[0]])) for row in await conn.execute(statement)]


async def _artist_rows(conn: AsyncConnection, ids: list[int]) -> list[SearchRow]:
    aliases: dict[int, list[str]] = defaultdict(list)
    spelled = select(ArtistAlias.artist_id, ArtistAlias.name).where(ArtistAlias.artist_id.in_(ids))
    for artist, name in await conn.execute(spelled):
        aliases[artist].append(name)
    statement = select(Artist.id, Artist.name, Artist.sort_name).where(Artist.id.in_(ids))
    return [SearchRow(row[0], row[1], (row[2] or "", *aliases[row[0]])) for row in await conn.execute(statement)]


async def _names(conn: AsyncConnection, owner: Any, artist: Any, credited: Any, ids: list[int]) -> dict[int, list[str]]:
    people: dict[int, list[str]] = defaultdict(list)
    statement = select(owner, Artist.name, credited).join(Artist, Artist.id == artist).where(owner.in_(ids))
    for row_id, name, credited_as in await conn.execute(statement):
        people[row_id].append(name)
        if credited_as:
            people[row_id].append(credited_as)
    return people


_READERS = {"track": _track_rows, "album": _album_rows, "artist": _artist_rows}


# --- what is found ---------------------------------------------------------------------------------------------------


def has_words(kind: Kind, row_id: ColumnElement[int], typed: str, dialect: str) -> ColumnElement[bool]:
    """The condition that a row has all the words of what was typed, the last one perhaps only begun."""
    if not search_query(typed):
        return true()
    return row_id.in_(_matching(kind, typed, dialect))


def _matching(kind: Kind, typed: str, dialect: str) -> Select[tuple[int]]:
    terms = search_query(typed)
    table = TABLES[kind]
    if dialect == "sqlite":
        fts = f"{table.name}_fts"
        found: Select[Any] = select(literal_column(f"{fts}.rowid", Integer).label("found")).select_from(text(fts))
        return found.where(literal_column(fts).op("MATCH")(literal(fts5_match(terms), Text)))
    wanted = cast(literal(tsquery_literal(terms), Text), postgresql.TSQUERY)
    return select(table.c.id.label("found")).where(table.c.tokens.bool_op("@@")(wanted))


async def search(
    conn: AsyncConnection,
    kind: Kind,
    typed: str,
    visible: ColumnElement[bool],
    *,
    limit: int,
    offset: int,
    dialect: str,
) -> list[int]:
    """The ids of what has the words typed: exact titles, then titles that begin so, then the others by age.

    `visible` is a condition on the kind's own table. `typed` must hold a word (see `core.text.search_query`).
    """
    model = _MODELS[kind]
    table = TABLES[kind]
    wanted = title_key(typed)
    begins = and_(table.c.title_key >= wanted, table.c.title_key < wanted + _LAST)
    first = select(table.c.id).join(model, model.id == table.c.id).where(begins, visible)
    ordered = first.order_by(table.c.title_key, table.c.id).limit(limit).offset(offset)
    ids = list((await conn.scalars(ordered)).all())
    if len(ids) == limit:
        return ids
    if offset and not ids:
        before = int(await conn.scalar(first.with_only_columns(func.count())) or 0)
    else:
        before = offset + len(ids)
    found = _matching(kind, typed, dialect).subquery()
    found_id = found.c.found
    others = (
        select(found_id)
        .join(table, table.c.id == found_id)
        .join(model, model.id == found_id)
        .where(not_(begins), visible)
        .order_by(found_id)
        .limit(limit - len(ids))
        .offset(max(0, offset - before))
    )
    return ids + list((await conn.scalars(others)).all())
