"""How a snapshot lies on disk. The build writes it, the store reads it; nothing else knows.

    SNAPSHOT/manifest.json   what it is and what belongs to it (written last: without it there is no snapshot)
             track.bodies    documents by rank, and track.index where each begins; so of albums and artists (see `bodies`)
             catalog.db      the maps from ids to ranks, who belongs to whom, and what few documents have besides
             search.db       words, exact titles and spelling (see catalog/search)
             trigram.db      for substrings; only where the build was asked for it
             ws2.db          MusicBrainz documents; only from that source

Documents are JSON fragments in the drop-in's shape, each compressed by itself with a dictionary that was trained on its
kind. A track's document carries neither its album nor its artists: those are spliced in as bytes when it is read. Documents
lie by rank, so that the most asked lie together.

The compressed frames have no magic number, no dictionary's id and no checksum (eight bytes of some eighty); read and write
them by `decompressor` and `compressor`. A track whose album is in no source has the album 0.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from hashlib import blake2b
from sys import byteorder

import zstandard

from segue.catalog.records import Kind

FORMAT = 2
MANIFEST = "manifest.json"
CATALOG = "catalog.db"
SEARCH = "search.db"
TRIGRAM = "trigram.db"
WS2 = "ws2.db"

PAGE_SIZE = 8192

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE artist (rank INTEGER PRIMARY KEY, more BLOB, albums BLOB);
CREATE TABLE album (rank INTEGER PRIMARY KEY, more BLOB, tracks BLOB);
CREATE TABLE track (rank INTEGER PRIMARY KEY, more BLOB NOT NULL);
"""
"""What is not asked for with every document; a row only where there is something. Beside it lie the maps from ids to ranks
(see `maps`). `meta` holds `format`, the dictionaries `zstd.track`, `zstd.album`, `zstd.artist` and `zstd.more`, and of each
map how many bits number its buckets. `albums` and `tracks` are ranks as `packed`; the albums of an artist are newest first,
its own before those it only appears on. An external id that a document bears is verified against `more.ids` after it was
found, and an own id against the document's `id`."""

LEVEL = 3
"""Of compression: lower is larger, higher takes three times as long for nothing (with dictionaries, measured on tracks)."""

KINDS: tuple[Kind, ...] = ("track", "album", "artist")


def compressor(dictionary: bytes) -> zstandard.ZstdCompressor:
    """Of documents, each by itself, with the dictionary that `meta` holds (any bytes will do as one, none as well)."""
    trained = zstandard.ZstdCompressionDict(dictionary)
    trained.precompute_compress(level=LEVEL)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL,
        format=zstandard.FORMAT_ZSTD1_MAGICLESS,
        write_content_size=True,
        write_checksum=False,
        write_dict_id=False,
    )
    return zstandard.ZstdCompressor(dict_data=trained, compression_params=parameters)


def decompressor(dictionary: bytes) -> zstandard.ZstdDecompressor:
    """Of what `compressor` wrote with the same dictionary. Not for two threads at once."""
    trained = zstandard.ZstdCompressionDict(dictionary)
    return zstandard.ZstdDecompressor(dict_data=trained, format=zstandard.FORMAT_ZSTD1_MAGICLESS)


def packed(ranks: Sequence[int]) -> bytes | None:
    """Ranks as unsigned 32-bit numbers, little-endian; None where there are none."""
    if not ranks:
        return None
    numbers = array("I", ranks)
    if byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpacked(data: bytes | None) -> Sequence[int]:
    """The ranks that `packed` wrote."""
    if not data:
        return ()
    return struct.unpack(f"<{len(data) // 4}I", data)


def hash_of(text: str) -> int:
    """A 64-bit number that stands for an id; two ids may share one, so what is found by it is verified."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def isrc_code(isrc: str) -> int | None:
    """An ISRC as a number (base 36, reversible); None where it is none. Hyphens, blanks and case do not count."""
    text = isrc.replace("-", "").replace(" ", "")
    if len(text) != 12 or not text.isascii() or not text.isalnum():
        return None
    return int(text, 36)


def gtin(upc: str) -> int | None:
    """A UPC, EAN or GTIN as a number, so that leading zeros do not count; None where it is none."""
    text = upc.replace("-", "").replace(" ", "")
    if not 6 <= len(text) <= 14 or not text.isascii() or not text.isdigit():
        return None
    return int(text)
