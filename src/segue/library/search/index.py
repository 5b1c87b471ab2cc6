"""Making rows findable: called by whoever writes rows, in the transaction that changes them.

`index_rows` takes the texts, `index` reads them from the tables. `played` keeps up how often things were played here,
which results are ordered by; a row keeps its plays whatever it is called and wherever its file goes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    delete,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import DialectName, Transaction
from segue.core.inline import run_one
from segue.core.text import search_tokens
from segue.library.found_by import number_spellings
from segue.library.models import (
    Album,
    AlbumCredit,
    AlbumLabel,
    Artist,
    ArtistAlias,
    Genre,
    Label,
    Track,
    TrackCredit,
)
from segue.library.search import tops, vocabulary
from segue.library.search.keys import library_mark, plays_mark, title_key
from segue.library.search.tables import SPELLINGS, TABLES, Kind

BATCH = 500
MODELS: dict[Kind, Any] = {"track": Track, "album": Album, "artist": Artist, "label": Label, "genre": Genre}
_AMONG = "id IN (SELECT value FROM json_each(:ids))"


@dataclass(frozen=True, slots=True)
class SearchRow:
    """What one row can be found by: its title or name, and other texts (people, album, labels, aliases, numbers)."""

    id: int
    title: str
    others: tuple[str, ...] = ()
    library_id: int | None = None
    """The library of a track or an album; None for what belongs to several."""
    aliases: tuple[str, ...] = ()
    """Of `others`, those that are names of an artist as well."""


def tokens_of(row: SearchRow, plays: int) -> list[str]:
    """The words of a row, each once, and behind them its marks."""
    words = dict.fromkeys(token for words in (row.title, *row.others) if words for token in search_tokens(words))
    return [*words, library_mark(row.library_id or 0), plays_mark(plays)]


def written(tokens: Sequence[str], dialect: str) -> str:
    """Tokens as the column of this database takes them."""
    return " ".join(tokens) if dialect == "sqlite" else " ".join(f"'{token}'" for token in tokens)


async def index_rows(tx: Transaction, kind: Kind, rows: Iterable[SearchRow]) -> None:
    """Make these rows findable by these texts, in place of what they were found by before."""
    rows = list(rows)
    for start in range(0, len(rows), BATCH):
        await _index_batch(tx, kind, rows[start : start + BATCH])


async def _index_batch(tx: Transaction, kind: Kind, rows: Sequence[SearchRow]) -> None:
    table = TABLES[kind]
    ids = [row.id for row in rows]
    there = await _known(tx.conn, table, ids)
    plays = {number: count for number, (count, _) in there.items()}
    values: list[dict[str, Any]] = []
    words: set[str] = set()
    for row in rows:
        tokens = tokens_of(row, plays.get(row.id, 0))
        words.update(tokens[:-2])
        values.append(
            {
                "id": row.id,
                "title_key": title_key(row.title),
                "library_id": row.library_id,
                "tokens": written(tokens, tx.dialect),
            }
        )
    if tx.dialect == "sqlite":
        renamed = [v["id"] for v in values if v["id"] not in there or there[v["id"]][1] != v["title_key"]]
        if there:
            await _forget(tx, table, "fts", "tokens", list(there))
            await _forget(tx, table, "grams", "title_key", [number for number in renamed if number in there])
        insert_now = sqlite.insert(table)
        changed = {name: insert_now.excluded[name] for name in ("title_key", "library_id", "tokens")}
        await tx.execute(insert_now.on_conflict_do_update(index_elements=["id"], set_=changed), values)
        await _learn(tx, table, "fts", "tokens", ids)
        await _learn(tx, table, "grams", "title_key", renamed)
    else:
        inserted = postgresql.insert(table).values(
            id=bindparam("id"),
            title_key=bindparam("title_key"),
            library_id=bindparam("library_id"),
            tokens=cast(bindparam("tokens", type_=Text), postgresql.TSVECTOR),
        )
        changed = {name: inserted.excluded[name] for name in ("title_key", "library_id", "tokens")}
        await tx.execute(inserted.on_conflict_do_update(index_elements=["id"], set_=changed), values)
    if kind == "artist":
        await _spell(tx, rows)
    await vocabulary.learn(tx, words)
    liked = [value for value in values if plays.get(value["id"])]
    if liked:
        await tops.remove(tx, kind, [value["id"] for value in liked])
        await tops.put(tx, kind, [(v["id"], v["title_key"], v["library_id"] or 0, plays[v["id"]]) for v in liked])


async def _spell(tx: Transaction, artists: Sequence[SearchRow]) -> None:
    """Keep up the folded aliases of artists."""
    theirs = SPELLINGS.c.artist_id.in_([row.id for row in artists])
    if tx.dialect == "sqlite":
        await _forget(tx, SPELLINGS, "grams", "key", list(await tx.conn.scalars(select(SPELLINGS.c.id).where(theirs))))
    await tx.execute(delete(SPELLINGS).where(theirs))
    spelled = {(row.id, key) for row in artists for alias in row.aliases if (key := title_key(alias))}
    if spelled:
        await tx.execute(SPELLINGS.insert(), [{"artist_id": artist, "key": key} for artist, key in sorted(spelled)])
        if tx.dialect == "sqlite":
            made = list(await tx.conn.scalars(select(SPELLINGS.c.id).where(theirs)))
            await _learn(tx, SPELLINGS, "grams", "key", made)


def add_rows(
    dialect: DialectName,
    kind: Kind,
    library_id: int | None,
    rows: Sequence[tuple[int, str, Sequence[str]]],
    insert: Callable[[Table, tuple[str, ...], Sequence[tuple[Any, ...]]], None],
) -> None:
    """Make rows of one library findable that never were: (id, title key, words) of each. Their words are to be given to
    `vocabulary.learn` as well. The rows that follow are handed to `insert`, to be written with others."""
    table = TABLES[kind]
    marks = (library_mark(library_id or 0), plays_mark(0))
    values = [(number, key, library_id, 0, written((*words, *marks), dialect)) for number, key, words in rows]
    insert(table, ("id", "title_key", "library_id", "plays", "tokens"), values)
    if dialect == "sqlite":
        insert(_beside(table.name, "fts", "tokens"), ("rowid", "tokens"), [(value[0], value[4]) for value in values])
        grams = _beside(table.name, "grams", "title_key")
        insert(grams, ("rowid", "title_key"), [(value[0], value[1]) for value in values])


@cache
def _beside(name: str, index: str, column: str) -> Table:
    """A full-text table of SQLite beside a table of ours, as far as inserting needs it."""
    return Table(f"{name}_{index}", MetaData(), Column("rowid", BigInteger), Column(column, Text))


async def remove_rows(tx: Transaction, kind: Kind, ids: Sequence[int]) -> None:
    """Make these rows unfindable; before or after the rows themselves are deleted."""
    if not ids:
        return
    table = TABLES[kind]
    if tx.dialect == "sqlite":
        await _forget(tx, table, "fts", "tokens", ids)
        await _forget(tx, table, "grams", "title_key", ids)
        await tx.execute(text(f"DELETE FROM {table.name} WHERE {_AMONG}"), {"ids": json.dumps(list(ids))})
    else:
        await tx.execute(delete(table).where(_among(table, ids)))
    if kind == "artist":
        await _spell(tx, [SearchRow(number, "") for number in ids])
    await tops.remove(tx, kind, ids)


async def played(tx: Transaction, kind: Kind, plays: Mapping[int, int]) -> None:
    """Add to how often these rows were played, by anybody; rows that cannot be found are passed over.

    Called in the transaction that writes the plays. A negative number takes plays away (a merge that is undone).
    """
    table = TABLES[kind]
    for number, more in sorted(plays.items()):
        if tx.dialect == "sqlite":
            rows = await run_one(tx.conn, _PLAYED_MORE.format(table.name), (more, number))
        else:
            rows = [tuple(row) for row in await tx.execute(_played_more(kind), {"number": number, "more": more})]
        for key, library, count in rows:
            await _mark(tx, table, number, plays_mark(max(count - more, 0)), plays_mark(count))
            await tops.put(tx, kind, [(number, key, library or 0, count)])


_PLAYED_MORE = "UPDATE {} SET plays = max(plays + ?, 0) WHERE id = ? RETURNING title_key, library_id, plays"


@cache
def _played_more(kind: Kind) -> Any:
    """Made once, since every play does this three times."""
    table, more = TABLES[kind], bindparam("more", type_=Integer)
    changed = update(table).where(table.c.id == bindparam("number", type_=BigInteger))
    counted = changed.values(plays=func.greatest(table.c.plays + more, 0))
    return counted.returning(table.c.title_key, table.c.library_id, table.c.plays)


async def set_plays(tx: Transaction, kind: Kind, plays: Mapping[int, int]) -> None:
    """Set how often these rows were played, by anybody: for an index that is made anew."""
    there = await _known(tx.conn, TABLES[kind], list(plays))
    now = {number: count for number, (count, _) in there.items()}
    await played(
        tx, kind, {number: count - now[number] for number, count in plays.items() if now.get(number, count) != count}
    )


async def move_plays(tx: Transaction, kind: Kind, old: int, new: int) -> None:
    """Give `new` what `old` was played, as when `old` is merged into it."""
    table = TABLES[kind]
    count = await tx.scalar(select(table.c.plays).where(table.c.id == old))
    if count:
        await played(tx, kind, {old: -count, new: count})


async def _mark(tx: Transaction, table: Table, number: int, old: str, new: str) -> None:
    if old == new:
        return
    if tx.dialect == "sqlite":
        await _forget(tx, table, "fts", "tokens", [number])
        swap = func.replace(table.c.tokens, f" {old}", f" {new}")
        await tx.execute(update(table).where(table.c.id == number).values(tokens=swap))
        await _learn(tx, table, "fts", "tokens", [number])
        return
    added = cast(literal(f"'{new}'", Text), postgresql.TSVECTOR)
    marked = func.ts_delete(table.c.tokens, literal(old, Text)).op("||")(added)
    await tx.execute(update(table).where(table.c.id == number).values(tokens=marked))


def _among(table: Table, ids: Sequence[int]) -> Any:
    return table.c.id == any_(literal(list(ids), postgresql.ARRAY(BigInteger)))


async def _known(conn: AsyncConnection, table: Table, ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """How often these rows were played, and their title keys, of those that are there."""
    if conn.dialect.name == "sqlite":
        ask = f"SELECT id, plays, title_key FROM {table.name} WHERE {_AMONG}"
        found = await conn.execute(text(ask), {"ids": json.dumps(list(ids))})
    else:
        found = await conn.execute(select(table.c.id, table.c.plays, table.c.title_key).where(_among(table, ids)))
    return {row[0]: (row[1], row[2]) for row in found}


async def _forget(tx: Transaction, table: Table, index: str, column: str, ids: Sequence[int]) -> None:
    """FTS5 with outside content must be told the words it is to forget, while they are still written there."""
    if ids:
        name = f"{table.name}_{index}"
        forget = f"INSERT INTO {name}({name}, rowid, {column}) SELECT 'delete', id, {column} FROM {table.name}"
        await tx.execute(text(f"{forget} WHERE {_AMONG}"), {"ids": json.dumps(list(ids))})


async def _learn(tx: Transaction, table: Table, index: str, column: str, ids: Sequence[int]) -> None:
    if ids:
        add = f"INSERT INTO {table.name}_{index}(rowid, {column}) SELECT id, {column} FROM {table.name} WHERE {_AMONG}"
        await tx.execute(text(add), {"ids": json.dumps(list(ids))})


# --- what the tables say ----------------------------------------------------------------------------------------------


async def index(tx: Transaction, kind: Kind, ids: Sequence[int]) -> None:
    """Make these rows findable by what the tables now say of them: names, credits, album, labels, aliases, numbers."""
    for start in range(0, len(ids), BATCH):
        batch = list(ids[start : start + BATCH])
        await _index_batch(tx, kind, await _READERS[kind](tx.conn, batch))


async def ids_after(conn: AsyncConnection, kind: Kind, after: int, limit: int) -> list[int]:
    """The next rows of a kind, to be indexed."""
    number = MODELS[kind].id
    return list((await conn.scalars(select(number).where(number > after).order_by(number).limit(limit))).all())


async def rebuild(tx: Transaction) -> None:
    """Index everything anew in one transaction; for tests and small libraries. The job does it by parts."""
    for kind, table in TABLES.items():
        row_id = MODELS[kind].id
        there = set((await tx.conn.scalars(select(row_id))).all())
        gone = set((await tx.conn.scalars(select(table.c.id))).all()) - there
        await remove_rows(tx, kind, sorted(gone))
        await index(tx, kind, sorted(there))


async def _track_rows(conn: AsyncConnection, ids: list[int]) -> list[SearchRow]:
    statement = (
        select(Track.id, Track.title, Track.subtitle, Track.artist_display, Album.title, Track.library_id)
        .join(Album, Album.id == Track.album_id)
        .where(Track.id.in_(ids))
    )
    people = await _names(conn, TrackCredit.track_id, TrackCredit.artist_id, TrackCredit.credited_as, ids)
    return [
        SearchRow(row[0], row[1], (row[2] or "", row[3], *people[row[0]], row[4]), row[5])
        for row in await conn.execute(statement)
    ]


async def _album_rows(conn: AsyncConnection, ids: list[int]) -> list[SearchRow]:
    people = await _names(conn, AlbumCredit.album_id, AlbumCredit.artist_id, AlbumCredit.credited_as, ids)
    labels: dict[int, list[str]] = defaultdict(list)
    issued = select(AlbumLabel.album_id, Label.name, AlbumLabel.catalog_number).join(
        Label, Label.id == AlbumLabel.label_id
    )
    for album, name, number in await conn.execute(issued.where(AlbumLabel.album_id.in_(ids))):
        labels[album] += [name, *number_spellings(number)]
    statement = select(Album.id, Album.title, Album.artist_display, Album.barcode, Album.library_id)
    return [
        SearchRow(row[0], row[1], (row[2], *people[row[0]], *labels[row[0]], *number_spellings(row[3])), row[4])
        for row in await conn.execute(statement.where(Album.id.in_(ids)))
    ]


async def _artist_rows(conn: AsyncConnection, ids: list[int]) -> list[SearchRow]:
    aliases: dict[int, list[str]] = defaultdict(list)
    spelled = select(ArtistAlias.artist_id, ArtistAlias.name).where(ArtistAlias.artist_id.in_(ids))
    for artist, name in await conn.execute(spelled):
        aliases[artist].append(name)
    statement = select(Artist.id, Artist.name, Artist.sort_name).where(Artist.id.in_(ids))
    rows = await conn.execute(statement)
    return [SearchRow(row[0], row[1], (row[2] or "", *aliases[row[0]]), None, tuple(aliases[row[0]])) for row in rows]


async def _label_rows(conn: AsyncConnection, ids: list[int]) -> list[SearchRow]:
    return [SearchRow(*row) for row in await conn.execute(select(Label.id, Label.name).where(Label.id.in_(ids)))]


async def _genre_rows(conn: AsyncConnection, ids: list[int]) -> list[SearchRow]:
    return [SearchRow(*row) for row in await conn.execute(select(Genre.id, Genre.name).where(Genre.id.in_(ids)))]


async def _names(conn: AsyncConnection, owner: Any, artist: Any, credited: Any, ids: list[int]) -> dict[int, list[str]]:
    people: dict[int, list[str]] = defaultdict(list)
    statement = select(owner, Artist.name, credited).join(Artist, Artist.id == artist).where(owner.in_(ids))
    for row_id, name, credited_as in await conn.execute(statement):
        people[row_id].append(name)
        if credited_as:
            people[row_id].append(credited_as)
    return people


_READERS: dict[Kind, Callable[..., Any]] = {
    "track": _track_rows,
    "album": _album_rows,
    "artist": _artist_rows,
    "label": _label_rows,
    "genre": _genre_rows,
}
