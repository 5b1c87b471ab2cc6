"""What a catalogue is in PostgreSQL: a schema of its own, `catalog_<id>`, of which `catalog_current` names the one in force.

Documents are those of the snapshot, byte for byte, in partitions by hash of the rank. Words to search are in buckets of
ranks, from the most popular down, so that a search ends with the bucket that fills its page: a GIN index alone would
gather every row that has a common word before it sorts them.
"""

from __future__ import annotations

import re

from segue.catalog.records import Kind

POINTER = "catalog_current"
DOCUMENT_PARTS: dict[Kind, int] = {"track": 16, "album": 8, "artist": 4}
BUCKET = 1_000_000
"""Ranks of one bucket. A common word is looked for in one bucket within 100 ms (1 million rows, measured)."""
WEIGHTS = {"name": "A", "artist": "B", "label": "C", "genre": "D"}
"""Of the columns of names, as a tsvector tells them apart."""
FREE: dict[Kind, str] = {"track": "AB", "album": "AB", "artist": "A"}
"""Where words without a field are looked for."""

_DOCUMENTS: dict[Kind, str] = {
    "track": "rank int PRIMARY KEY, body bytea NOT NULL, more bytea, album int NOT NULL, artists bytea",
    "album": "rank int PRIMARY KEY, body bytea NOT NULL, more bytea, artists bytea, tracks bytea",
    "artist": "rank int PRIMARY KEY, body bytea NOT NULL, more bytea, albums bytea",
}
_WORDS: dict[Kind, str] = {
    "track": "rank int NOT NULL, words tsvector NOT NULL, album int NOT NULL, artists int[] NOT NULL, folded text",
    "album": "rank int NOT NULL, words tsvector NOT NULL, year int NOT NULL, artists int[] NOT NULL, folded text",
    "artist": "rank int NOT NULL, words tsvector NOT NULL, folded text",
}
_MAPS = {
    **{f"{kind}_id": "key bigint NOT NULL, rank int NOT NULL" for kind in _DOCUMENTS},
    **{f"{kind}_title": "key bigint NOT NULL, rank int NOT NULL" for kind in _DOCUMENTS},
    "isrc": "key bigint NOT NULL, rank int NOT NULL",
    "upc": "key bigint NOT NULL, rank int NOT NULL",
    "external_id": "key bigint NOT NULL, kind int NOT NULL, rank int NOT NULL",
    "deletes": "key bigint NOT NULL, id int NOT NULL",
}
_PLAIN_NAME = re.compile(r"[a-z0-9_-]{1,60}")


def schema_of(id: str) -> str:
    """For the snapshot of that id; a name that needs quotes and nothing else."""
    name = f"catalog_{id.lower()}"
    if not _PLAIN_NAME.fullmatch(name):
        raise ValueError(f"{id!r} cannot name a schema")
    return name


def tables() -> list[str]:
    """The tables that rows are looked up in."""
    return [*_DOCUMENTS, *(f"{kind}_words" for kind in _WORDS), *_MAPS, "words", "spellings"]


def create(schema: str, rows: dict[Kind, int], bucket: int) -> list[str]:
    """Statements for an empty catalogue of so many rows."""
    at = f'"{schema}"'
    made = [
        f"CREATE SCHEMA {at}",
        f"CREATE TABLE {at}.meta (name text PRIMARY KEY, value bytea NOT NULL)",
        f'CREATE TABLE {at}.words (word text COLLATE "C" PRIMARY KEY, track int, album int, artist int)',
        f"CREATE TABLE {at}.spellings (id int PRIMARY KEY, word text NOT NULL, count int NOT NULL)",
    ]
    for kind, columns in _DOCUMENTS.items():
        made.append(f"CREATE TABLE {at}.{kind} ({columns}) PARTITION BY HASH (rank)")
        parts = DOCUMENT_PARTS[kind]
        made += [
            f"CREATE TABLE {at}.{kind}_{one} PARTITION OF {at}.{kind} FOR VALUES WITH (MODULUS {parts}, REMAINDER {one})"
            for one in range(parts)
        ]
        made.append(f"CREATE TABLE {at}.{kind}_words ({_WORDS[kind]}) PARTITION BY RANGE (rank)")
        made += [
            f"CREATE TABLE {at}.{kind}_words_{one} PARTITION OF {at}.{kind}_words "
            f"FOR VALUES FROM ({one * bucket + 1}) TO ({(one + 1) * bucket + 1})"
            for one in range(-(-max(rows[kind], 1) // bucket))
        ]
    for name, columns in _MAPS.items():
        if not name.endswith("_id") or name == "external_id":
            made.append(f"CREATE TABLE {at}.{name} ({columns})")
            continue
        parts = DOCUMENT_PARTS[name.removesuffix("_id")]  # type: ignore[index]
        made.append(f"CREATE TABLE {at}.{name} ({columns}) PARTITION BY HASH (key)")
        made += [
            f"CREATE TABLE {at}.{name}_{one} PARTITION OF {at}.{name} FOR VALUES WITH (MODULUS {parts}, REMAINDER {one})"
            for one in range(parts)
        ]
    return made


def index(schema: str, *, trigram: bool) -> list[str]:
    """Statements for once the rows are there."""
    at = f'"{schema}"'
    made = [f"CREATE INDEX ON {at}.{name} (key)" for name in _MAPS]
    for kind in _WORDS:
        made.append(f"CREATE INDEX ON {at}.{kind}_words USING gin (words)")
        made.append(f"CREATE INDEX ON {at}.{kind}_words (rank)")
        if trigram:
            made.append(f"CREATE INDEX ON {at}.{kind}_words USING gin (folded gin_trgm_ops)")
    return [*made, f"CREATE INDEX ON {at}.track_words (album)"]


def quoted(token: str) -> str:
    """A word as tsvector and tsquery read it."""
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def signed(key: int) -> int:
    """A key of 64 bits as a bigint."""
    return key - (1 << 64) if key >> 63 else key
