"""What search.db and trigram.db hold.

    artist_words, album_words, track_words    FTS5 without content; the rowid is the rank, so what is found first is best
    artist_titles, album_titles, track_titles whole names: bucket of hash -> fingerprints and first ranks (see `buckets`)
    words                                     every word, and in how many names of each kind it is
    begun                                     the best rows by the first letter of any of their words
    deletes                                   for spelling: what a word becomes when a letter is left out -> frequent words
    meta                                      sizes and settings

trigram.db has one FTS5 table of trigrams a kind, over folded names.
"""

from __future__ import annotations

from segue.catalog.records import Kind

SEARCH_FORMAT = 1

PREFIXES: dict[Kind, tuple[int, ...]] = {"track": (4,), "album": (4,), "artist": (4,)}
"""Lengths of beginnings that have lists of their own; others are put together of these (see `beginnings`)."""
COLUMNS: dict[Kind, tuple[str, ...]] = {
    "track": ("name", "artist"),
    "album": ("name", "artist", "label", "genre", "year"),
    "artist": ("name", "genre"),
}
FREE: dict[Kind, str] = {"track": "", "album": "{name artist} : ", "artist": "name : "}
"""Where words without a field are looked for, as FTS5 writes it."""
BEGUN_ROWS = 16_384
"""Of each kind, best first, from which the lists by first letter are made."""
BEGUN = 200
"""Rows of one such list."""
TITLES = 100
"""Of rows that share a name, the best that come before everything else."""
SHORTEST_GRAM = 3


def _words(kind: Kind) -> str:
    lengths = " ".join(map(str, PREFIXES[kind]))
    return (
        f"CREATE VIRTUAL TABLE {kind}_words USING fts5({', '.join(COLUMNS[kind])}, content='', detail=column, "
        f"columnsize=0, tokenize='ascii', prefix='{lengths}')"
    )


KINDS: tuple[Kind, ...] = ("track", "album", "artist")
CREATE = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID",
    "CREATE TABLE words (word TEXT PRIMARY KEY, track INTEGER, album INTEGER, artist INTEGER) WITHOUT ROWID",
    "CREATE TABLE begun (kind TEXT, letter TEXT, ranks BLOB, whole_to INTEGER, PRIMARY KEY (kind, letter)) WITHOUT ROWID",
    "CREATE TABLE spellings (id INTEGER PRIMARY KEY, word TEXT NOT NULL, count INTEGER NOT NULL)",
    "CREATE TABLE deletes (bucket INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    *(f"CREATE TABLE {kind}_titles (bucket INTEGER PRIMARY KEY, data BLOB NOT NULL)" for kind in KINDS),
    *(_words(kind) for kind in KINDS),
)
CREATE_GRAMS = tuple(
    f"CREATE VIRTUAL TABLE {kind}_grams USING fts5(name, content='', detail=none, columnsize=0, "
    "tokenize='trigram case_sensitive 1')"
    for kind in KINDS
)
