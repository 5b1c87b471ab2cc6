"""Documents and catalog.db from staged records: one stage a kind. Its tables are one transaction, its documents are on the
disk before that ends; a killed stage is done again from its beginning."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from segue.catalog.build import order
from segue.catalog.build.pairs import Grouped, PairSorter
from segue.catalog.build.ranking import Ranked, unpack_artist
from segue.catalog.build.runs import Chunk
from segue.catalog.build.staging import unpack_track
from segue.catalog.records import Kind
from segue.catalog.snapshot import maps
from segue.catalog.snapshot.bodies import BodyWriter
from segue.catalog.snapshot.layout import FORMAT, PAGE_SIZE, TABLES, hash_of, isrc_code

Told = Callable[[int], None]

CACHE_KIB = 65_536

AlbumRest = tuple[str, str, str, tuple[str, ...], tuple[str, ...], bytes]
"""name, label, year, genres, ids, the packed ranks of artists that appear on it"""
unpack_album = msgspec.msgpack.Decoder(AlbumRest).decode

_CREATE = {line.split()[2]: line for line in (TABLES + maps.TABLES).strip().splitlines()}


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=16)
    try:
        for pragma in (
            f"page_size = {PAGE_SIZE}",
            "journal_mode = DELETE",
            "synchronous = NORMAL",
            "locking_mode = EXCLUSIVE",
            f"cache_size = -{CACHE_KIB}",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        yield connection
    finally:
        connection.close()


@contextmanager
def tables(connection: sqlite3.Connection, *names: str) -> Iterator[None]:
    """These tables empty and in one transaction, whatever a build before left in them."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name in names:
            connection.execute(f"DROP TABLE IF EXISTS {name}")
            connection.execute(_CREATE[name])
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def write_meta(connection: sqlite3.Connection, dictionaries: dict[str, bytes]) -> None:
    with tables(connection, "meta"):
        rows: list[tuple[str, Any]] = [("format", FORMAT)]
        rows += [(f"zstd.{name}", dictionary) for name, dictionary in dictionaries.items()]
        connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)


def write_tracks(
    connection: sqlite3.Connection, folder: Path, work: Path, tracks: Ranked, further: bool, told: Told
) -> None:
    """`further`: some tracks have more ISRCs than one."""
    ids = PairSorter(work / "track.ids")
    isrcs = PairSorter(work / "track.isrcs")
    with tables(connection, "track", "track_id", "isrc"), BodyWriter(folder, "track") as bodies:
        for chunk in tracks.chunks():
            ranks = chunk.ranks()
            bodies.add(ranks, chunk.parts("document"), _or_none(chunk, "refs"), chunk.heads["parent"])
            connection.executemany("INSERT INTO track VALUES (?, ?)", _with_more(chunk))
            ids.add(chunk.heads["hash"], ranks)
            codes, theirs = _isrcs(chunk, further)
            isrcs.add(maps.spread_all(codes), theirs)
            told(len(chunk))
        _write_map(connection, "track_id", ids)
        _write_map(connection, "isrc", isrcs)


def write_albums(
    connection: sqlite3.Connection, folder: Path, work: Path, albums: Ranked, tracks: Ranked, told: Told
) -> None:
    ids = PairSorter(work / "album.ids")
    upcs = PairSorter(work / "album.upcs")
    tracks_of = PairSorter(work / "album.tracks")
    for chunk in tracks.chunks(bodies=False):
        placed = chunk.heads["parent"] > 0
        owner = chunk.heads["parent"][placed].astype(np.uint64) << np.uint64(32)
        tracks_of.add(owner | chunk.heads["place"][placed], chunk.ranks()[placed])
        told(0)
    grouped = Grouped(tracks_of)
    with tables(connection, "album", "album_id", "upc"), BodyWriter(folder, "album") as bodies:
        for chunk in albums.chunks():
            ranks = chunk.ranks()
            bodies.add(ranks, chunk.parts("document"), _or_none(chunk, "refs"))
            lists = grouped.take(chunk.first_rank, len(chunk))
            connection.executemany("INSERT INTO album VALUES (?, ?, ?)", _with_lists(chunk, lists))
            ids.add(chunk.heads["hash"], ranks)
            known = chunk.heads["code"] > 0
            upcs.add(maps.spread_all(chunk.heads["code"][known]), ranks[known])
            told(len(chunk))
        _write_map(connection, "album_id", ids)
        _write_map(connection, "upc", upcs)
    tracks_of.close()


def write_artists(
    connection: sqlite3.Connection, folder: Path, work: Path, artists: Ranked, albums: Ranked, told: Told
) -> None:
    ids = PairSorter(work / "artist.ids")
    albums_of = PairSorter(work / "artist.albums")
    for chunk in albums.chunks():
        ranks = chunk.ranks()
        newest = order.newest_first(chunk.heads["place"] >> np.uint32(7))
        credited = chunk.parts("refs")
        appears = [unpack_album(rest)[5] for rest in chunk.parts("rest")]
        for refs, after in ((credited, 0), (appears, 1 << 18)):
            counts = np.fromiter(map(len, refs), np.int64, len(refs)) // 4
            owners = np.frombuffer(b"".join(refs), "<u4").astype(np.uint64) << np.uint64(32)
            albums_of.add(owners | np.repeat(newest, counts) | np.uint64(after), np.repeat(ranks, counts))
        told(0)
    grouped = Grouped(albums_of)
    with tables(connection, "artist", "artist_id"), BodyWriter(folder, "artist") as bodies:
        for chunk in artists.chunks():
            ranks = chunk.ranks()
            bodies.add(ranks, chunk.parts("document"), repeat(None))
            lists = grouped.take(chunk.first_rank, len(chunk))
            connection.executemany("INSERT INTO artist VALUES (?, ?, ?)", _with_lists(chunk, lists))
            ids.add(chunk.heads["hash"], ranks)
            told(len(chunk))
        _write_map(connection, "artist_id", ids)
    albums_of.close()


def write_external_ids(connection: sqlite3.Connection, work: Path, bearing: dict[Kind, Ranked], told: Told) -> None:
    """Of the kinds whose records bear ids of others."""
    ids_of: dict[str, Callable[[bytes], Sequence[str]]] = {
        "track": lambda rest: unpack_track(rest)[2],
        "album": lambda rest: unpack_album(rest)[4],
        "artist": lambda rest: unpack_artist(rest)[3],
    }
    sorter = PairSorter(work / "external.ids")
    for kind, ranked in bearing.items():
        ids = ids_of[kind]
        for chunk in ranked.chunks():
            pairs = [
                (hash_of(id), maps.with_kind(kind, rank))
                for rank, rest in enumerate(chunk.parts("rest"), chunk.first_rank)
                for id in dict.fromkeys(ids(rest))
            ]
            if pairs:
                hashes, values = zip(*pairs, strict=True)
                sorter.add(np.array(hashes, np.uint64), np.array(values, np.uint32))
            told(len(chunk))
    with tables(connection, "external_id"):
        _write_map(connection, "external_id", sorter)


def _write_map(connection: sqlite3.Connection, name: str, sorter: PairSorter) -> None:
    maps.write(connection, name, len(sorter), sorter.chunks())
    sorter.close()


def _isrcs(chunk: Chunk, further: bool) -> tuple[Any, Any]:
    """Codes, and the ranks of the tracks that have them, rising."""
    known = chunk.heads["code"] > 0
    codes, ranks = chunk.heads["code"][known], chunk.ranks()[known]
    if not further:
        return codes, ranks
    first = chunk.heads["code"].tolist()
    pairs = [
        (code, chunk.first_rank + place)
        for place, rest in enumerate(chunk.parts("rest"))
        for code in {isrc_code(text) for text in unpack_track(rest)[1]} - {first[place], 0, None}
    ]
    more = np.array(pairs, np.uint64).reshape(-1, 2)
    codes, ranks = np.concatenate([codes, more[:, 0]]), np.concatenate([ranks, more[:, 1].astype(np.uint32)])
    rising = np.argsort(ranks, kind="stable")
    return codes[rising], ranks[rising]


def _with_more(chunk: Chunk) -> Iterator[tuple[int, bytes]]:
    if not chunk.heads["more"].any():
        return iter(())
    return ((rank, more) for rank, more in enumerate(chunk.parts("more"), chunk.first_rank) if more)


def _with_lists(chunk: Chunk, lists: Iterable[bytes | None]) -> Iterator[tuple[int, bytes | None, bytes | None]]:
    rows = enumerate(zip(_or_none(chunk, "more"), lists, strict=False), chunk.first_rank)
    return ((rank, more, ranks) for rank, (more, ranks) in rows if more or ranks)


def _or_none(chunk: Chunk, part: str) -> Iterable[bytes | None]:
    if not chunk.heads[part].any():
        return repeat(None)
    return [piece or None for piece in chunk.parts(part)]
