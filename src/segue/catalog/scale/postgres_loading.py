"""From a snapshot into PostgreSQL, by COPY into a schema that nobody reads yet; then it takes the place of the one before."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from segue.catalog.records import Counts, Kind
from segue.catalog.scale.postgres_tables import (
    BUCKET,
    POINTER,
    WEIGHTS,
    create,
    index,
    quoted,
    schema_of,
    signed,
    tables,
)
from segue.catalog.search.links import opened
from segue.catalog.search.spelling import keys_of
from segue.catalog.search.words import artist_key, folded, hash_of_key, indexed, key
from segue.catalog.snapshot.bodies import Bodies
from segue.catalog.snapshot.layout import CATALOG, KINDS, SEARCH, TRIGRAM, decompressor, hash_of, unpacked
from segue.catalog.snapshot.manifest import read_manifest
from segue.core.errors import SegueError

if TYPE_CHECKING:
    import asyncpg

Progress = Callable[[int, int, str], None]
Row = tuple[Any, ...]

_AT_ONCE = 10_000
_TOKEN = re.compile(r"[A-Za-z0-9\x80-\U0010ffff]+").findall
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
_MARK = 48


class NoSearchToLoad(SegueError):
    def __init__(self, snapshot: Path) -> None:
        super().__init__(
            "no_search",
            f"{snapshot} has no {SEARCH}.",
            hint="Load a whole snapshot, as `segue catalog build` makes it.",
        )


class Loaded(msgspec.Struct, frozen=True):
    """What is in PostgreSQL now, in which schema."""

    id: str
    schema: str
    counts: Counts


async def load(
    snapshot: Path,
    url: str,
    progress: Progress = lambda done, total, what: None,
    *,
    bucket: int = BUCKET,
    keep: int = 1,
) -> Loaded:
    """`keep` catalogues from before stay in the database. Raises NoSearchToLoad, and what asyncpg says of the database."""
    import asyncpg

    manifest = read_manifest(snapshot)
    if SEARCH not in manifest.parts or manifest.share is not None:
        raise NoSearchToLoad(snapshot)
    schema = schema_of(manifest.id)
    loading = f"{schema}_loading"
    counts = manifest.counts
    rows: dict[Kind, int] = {"track": counts.tracks, "album": counts.albums, "artist": counts.artists}
    connection = await asyncpg.connect(url)
    try:
        trigram = TRIGRAM in manifest.parts and await _has_trigrams(connection)
        await connection.execute(f'DROP SCHEMA IF EXISTS "{loading}" CASCADE')
        for statement in create(loading, rows, bucket):
            await connection.execute(statement)
        reading = _Reading(snapshot, trigram=trigram)
        for kind in KINDS:
            done = 0
            for chunk in reading.chunks(kind):
                for table, some in chunk.items():
                    await _copy(connection, loading, table, some)
                done += len(chunk[kind])
                progress(done, rows[kind], f"{kind}s")
        for table, every in reading.others():
            progress(0, 0, table)
            while some := list(islice(every, _AT_ONCE)):
                await _copy(connection, loading, table, some)
        facts = {
            "id": manifest.id,
            "namespace": manifest.namespace,
            "licence": manifest.licence,
            "counts": counts,
            "bucket": bucket,
            "trigram": trigram,
        }
        await _copy(connection, loading, "meta", [("facts", msgspec.json.encode(facts))])
        for statement in index(loading, trigram=trigram):
            progress(0, 0, "indexes")
            await connection.execute(statement)
        for table in tables():
            await connection.execute(f'ANALYZE "{loading}".{table}')
        await _put_in_place(connection, loading, schema, keep)
    finally:
        await connection.close()
    return Loaded(manifest.id, schema, counts)


async def _has_trigrams(connection: asyncpg.Connection) -> bool:
    import asyncpg

    try:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except asyncpg.PostgresError:
        return False
    return True


async def _put_in_place(connection: asyncpg.Connection, loading: str, schema: str, keep: int) -> None:
    """In one transaction: rename, and say which schema is in force."""
    async with connection.transaction():
        await connection.execute(
            f"CREATE TABLE IF NOT EXISTS {POINTER} (number bigserial PRIMARY KEY, schema text NOT NULL)"
        )
        await connection.execute(f"LOCK TABLE {POINTER}")
        await connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        await connection.execute(f'ALTER SCHEMA "{loading}" RENAME TO "{schema}"')
        await connection.execute(f"DELETE FROM {POINTER} WHERE schema = $1", schema)
        await connection.execute(f"INSERT INTO {POINTER} (schema) VALUES ($1)", schema)
        old = await connection.fetch(f"SELECT schema FROM {POINTER} ORDER BY number DESC OFFSET $1", keep + 1)
        for (name,) in old:
            await connection.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
            await connection.execute(f"DELETE FROM {POINTER} WHERE schema = $1", name)


class _Document(msgspec.Struct):
    id: str
    name: str
    label: str = ""
    release_date: str = ""
    genres: list[str] = []


class _More(msgspec.Struct):
    ids: list[str] = []
    genres: list[str] = []
    aliases: list[str] = []


class _Reading:
    """Rows for each table, from the files of a snapshot."""

    def __init__(self, snapshot: Path, *, trigram: bool) -> None:
        self._catalog = opened(snapshot / CATALOG)
        self._search = opened(snapshot / SEARCH)
        self._trigram = trigram
        self._meta = dict(self._catalog.execute("SELECT name, value FROM meta"))
        self._plain = {kind: decompressor(self._meta[f"zstd.{kind}"]).decompress for kind in KINDS}
        self._bodies = {kind: Bodies(snapshot, kind, self._meta[f"zstd.{kind}"]) for kind in KINDS}
        self._plain_more = decompressor(self._meta["zstd.more"]).decompress
        self._document = msgspec.json.Decoder(_Document).decode
        self._more = msgspec.json.Decoder(_More).decode
        self._names: dict[int, str] = {}

    def chunks(self, kind: Kind) -> Iterator[dict[str, list[Row]]]:
        rows = self._rows(kind)
        while some := list(islice(rows, _AT_ONCE)):
            yield self._chunk(kind, some)

    def _rows(self, kind: Kind) -> Iterator[Row]:
        """What the table of this kind holds: documents, and what stands besides them in catalog.db."""
        lists = {"track": "NULL", "album": "tracks", "artist": "albums"}[kind]
        besides = iter(self._catalog.execute(f"SELECT rank, more, {lists} FROM {kind} ORDER BY rank"))
        beside = next(besides, None)
        for rank, frame, album, artists in self._bodies[kind].packed():
            more = ranks = None
            if beside is not None and beside[0] == rank:
                _, more, ranks = beside
                beside = next(besides, None)
            if kind == "track":
                yield rank, frame, more, album, artists or None
            elif kind == "album":
                yield rank, frame, more, artists or None, ranks
            else:
                yield rank, frame, more, ranks

    def _chunk(self, kind: Kind, rows: list[Row]) -> dict[str, list[Row]]:
        ids: list[Row] = []
        words: list[Row] = []
        titles: list[Row] = []
        external: list[Row] = []
        for row in rows:
            rank: int = row[0]
            document = self._document(self._plain[kind](row[1]))
            more = self._more(self._plain_more(row[2])) if row[2] else _More()
            name = document.name
            ids.append((signed(hash_of(document.id)), rank))
            external += [(signed(hash_of(id)), KINDS.index(kind), rank) for id in dict.fromkeys(more.ids)]
            plain = " ".join(folded(name).split()) if self._trigram else None
            if kind == "artist":
                every = [name, *more.aliases]
                titles += [(hash_of_key(artist_key(one)), rank) for one in every]
                words.append((rank, _vector(name=every, genre=document.genres), plain))
                continue
            titles.append((hash_of_key(key(name)), rank))
            artists = unpacked(row[4] if kind == "track" else row[3])
            by = [self._artist(one) for one in artists]
            if kind == "track":
                words.append((rank, _vector(name=[name], artist=by), row[3], _array(artists), plain))
            else:
                year = document.release_date[:4]
                vector = _vector(name=[name], artist=by, label=[document.label], genre=more.genres)
                number = int(year) if year.isascii() and year.isdigit() else 0
                words.append((rank, vector, number, _array(artists), plain))
        return {kind: rows, f"{kind}_id": ids, f"{kind}_words": words, f"{kind}_title": titles, "external_id": external}

    def others(self) -> Iterator[tuple[str, Iterator[Row]]]:
        zstd = ((name, value) for name, value in self._meta.items() if name.startswith("zstd."))
        yield "meta", zstd
        for name in ("isrc", "upc"):
            yield name, self._map(name)
        yield "words", iter(self._search.execute("SELECT word, track, album, artist FROM words"))
        yield "spellings", iter(self._search.execute("SELECT id, word, count FROM spellings"))
        learnt = self._search.execute("SELECT id, word FROM spellings")
        yield "deletes", ((hash_of_key(one), id) for id, word in learnt for one in sorted(keys_of(word)))

    def _map(self, name: str) -> Iterator[Row]:
        """Whole keys with their ranks: the marks of these maps have all bits that the number of a bucket has not."""
        bits = int(self._meta[f"bits.{name}"])
        rows: sqlite3.Cursor = self._catalog.execute(f"SELECT bucket, entries FROM {name}")
        for bucket, entries in rows:
            count = len(entries) // 10
            ranks = unpacked(entries[6 * count :])
            for place, rank in enumerate(ranks):
                mark = int.from_bytes(entries[6 * place : 6 * place + 6], "little")
                yield signed(bucket << (64 - bits) | mark & ((1 << min(_MARK, 64 - bits)) - 1)), rank

    def _artist(self, rank: int) -> str:
        name = self._names.get(rank)
        if name is None:
            if len(self._names) > 100_000:
                self._names.clear()
            row = self._bodies["artist"].row(rank)
            name = self._names[rank] = self._document(row.document).name if row else ""
        return name


def tokens(text: str) -> list[str]:
    """The words of an indexed text, as FTS5's `ascii` tokenizer takes them apart."""
    return [token.lower() for token in _TOKEN(text)]


def _vector(**names: Iterable[str]) -> str:
    """A tsvector of the words of all columns; where in a name a word stands is not kept."""
    found: dict[str, set[str]] = {}
    for column, texts in names.items():
        for text in texts:
            for token in tokens(indexed(text)):
                found.setdefault(token, set()).add(WEIGHTS[column])
    return " ".join(
        f"{quoted(token)}:{','.join(f'{place}{weight}' for place, weight in enumerate(sorted(weights), 1))}"
        for token, weights in found.items()
    )


def _array(numbers: Sequence[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


async def _copy(connection: asyncpg.Connection, schema: str, table: str, rows: Iterable[Row]) -> None:
    lines = "".join("\t".join(map(_text, row)) + "\n" for row in rows).encode()
    if not lines:
        return

    async def source() -> AsyncIterator[bytes]:
        yield lines

    await connection.copy_to_table(table, schema_name=schema, source=source(), format="text")


def _text(value: Any) -> str:
    """A value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return value.translate(_ESCAPED) if isinstance(value, str) else str(value)
