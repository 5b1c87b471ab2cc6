"""From one snapshot to several shards of it, each a snapshot of its own, by copying; nothing is compressed anew."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from segue.catalog.build.swapping import building, check_place, put_in_place
from segue.catalog.records import Counts
from segue.catalog.scale.shares import buckets, of_key, shares
from segue.catalog.scale.splitting_search import split_search
from segue.catalog.snapshot import maps
from segue.catalog.snapshot.bodies import BODIES, FILES, INDEX, Bodies, BodyWriter, Packed
from segue.catalog.snapshot.layout import CATALOG, PAGE_SIZE, SEARCH, TABLES, TRIGRAM
from segue.catalog.snapshot.manifest import Manifest, Part, Share, read_manifest, write_manifest
from segue.catalog.snapshot.maps import KIND_SHIFT, MARK_BYTES

Progress = Callable[[int, int, str], None]

_AT_ONCE = 5_000
_CHUNK = 4 << 20
_WHOLE = ("artist", "album", "artist_id", "album_id", "upc", "meta")
"""Tables that every shard has."""


class Split(Struct, frozen=True):
    """The shards' folders, in order, and how large each is in bytes."""

    id: str
    counts: Counts
    shards: dict[str, int]


def split(
    snapshot: Path, number: int, out: Path, progress: Progress = lambda done, total, what: None, *, keep: int = 1
) -> Split:
    """Make `out`/shard-1 to -`number`; what lay there is kept as `keep` previous snapshots. Raises WrongNumber.

    Takes a byte of memory a track. MusicBrainz's own API (ws2.db) stays with the whole snapshot.
    """
    manifest = read_manifest(snapshot)
    parts = shares(manifest.id, manifest.counts.tracks, number)
    folders = [out / f"shard-{share.number}" for share in parts]
    for folder in folders:
        check_place(folder)
        shutil.rmtree(building(folder), ignore_errors=True)
        building(folder).mkdir(parents=True)
    _split_documents(snapshot, manifest, parts, [building(folder) for folder in folders], progress)
    for share, folder in zip(parts, folders, strict=True):
        if SEARCH in manifest.parts:
            progress(share.number, number, "search")
            split_search(snapshot, building(folder), share, trigram=TRIGRAM in manifest.parts)
    sizes = {}
    for share, folder in zip(parts, folders, strict=True):
        names = [name for name in (CATALOG, *FILES, SEARCH, TRIGRAM) if name in manifest.parts]
        found = {name: _part(building(folder) / name) for name in names}
        id = f"{manifest.id}-{share.number}of{number}"
        write_manifest(building(folder), msgspec.structs.replace(manifest, id=id, parts=found, share=share))
        sizes[str(folder)] = sum(part.bytes for part in found.values())
    for folder in folders:
        put_in_place(folder, keep)
    return Split(manifest.id, manifest.counts, sizes)


def _split_documents(
    snapshot: Path, manifest: Manifest, parts: list[Share], folders: list[Path], progress: Progress
) -> None:
    whole = sqlite3.connect(_read_only(snapshot / CATALOG), uri=True)
    meta = dict(whole.execute("SELECT name, value FROM meta"))
    bits = {name: int(meta[f"bits.{name}"]) for name in MARK_BYTES}
    by_id = _by_id(whole, bits["track_id"], manifest.counts.tracks, len(parts))
    made = [_new(folder / CATALOG, snapshot / CATALOG) for folder in folders]
    try:
        for number, db in enumerate(made):
            progress(number, len(made), "albums, artists and maps")
            for table in _WHOLE:
                db.execute(f"INSERT OR REPLACE INTO main.{table} SELECT * FROM whole.{table}")
            _copy_maps(whole, db, bits, by_id, parts[number])
        _copy_more(whole, made, by_id, parts)
        for db in made:
            db.execute("COMMIT")
        tracks = Bodies(snapshot, "track", meta["zstd.track"])
        try:
            _copy_tracks(tracks, folders, by_id, parts, manifest.counts.tracks, progress)
        finally:
            tracks.close()
        for folder in folders:
            for name in (BODIES["artist"], INDEX["artist"], BODIES["album"], INDEX["album"]):
                shutil.copyfile(snapshot / name, folder / name)
    finally:
        whole.close()
        for db in made:
            db.close()


def _by_id(whole: sqlite3.Connection, bits: int, tracks: int, shards: int) -> NDArray[np.uint8]:
    """Of each rank the shard of its id."""
    found = np.zeros(tracks + 1, np.uint8)
    for bucket, entries in whole.execute("SELECT bucket, entries FROM track_id"):
        _, ranks = _entries("track_id", entries)
        found[ranks] = of_key(bucket << (64 - bits), shards)
    return found


def _copy_maps(
    whole: sqlite3.Connection, db: sqlite3.Connection, bits: dict[str, int], by_id: NDArray[np.uint8], share: Share
) -> None:
    """Of ids and ISRCs the shard's own buckets; besides, what leads to documents that lie here."""
    number = share.number - 1
    first, end = buckets(number, share.of, bits["track_id"])
    db.execute("INSERT INTO main.track_id SELECT * FROM whole.track_id WHERE bucket >= ? AND bucket < ?", (first, end))
    first, end = buckets(number, share.of, bits["isrc"])
    db.execute("INSERT INTO main.isrc SELECT * FROM whole.isrc WHERE bucket >= ? AND bucket < ?", (first, end))
    others = whole.execute("SELECT bucket, entries FROM isrc WHERE bucket < ? OR bucket >= ?", (first, end))
    db.executemany("INSERT INTO main.isrc VALUES (?, ?)", _kept("isrc", others, lambda ranks: _searched(ranks, share)))

    def here(values: NDArray[Any]) -> NDArray[np.bool_]:
        ranks = values & np.uint32((1 << KIND_SHIFT) - 1)
        of_tracks = (values >> np.uint32(KIND_SHIFT)) == 0
        on_hash = by_id[np.where(of_tracks, ranks, 0)] == number
        kept: NDArray[np.bool_] = ~of_tracks | on_hash | _searched(ranks, share)
        return kept

    every = whole.execute("SELECT bucket, entries FROM external_id")
    db.executemany("INSERT INTO main.external_id VALUES (?, ?)", _kept("external_id", every, here))


def _copy_more(
    whole: sqlite3.Connection, made: list[sqlite3.Connection], by_id: NDArray[np.uint8], parts: list[Share]
) -> None:
    lasts = [share.last for share in parts]
    for row in whole.execute("SELECT rank, more FROM track ORDER BY rank"):
        for number in {int(by_id[row[0]]), bisect_left(lasts, row[0])}:
            made[number].execute("INSERT INTO main.track VALUES (?, ?)", row)


def _copy_tracks(
    whole: Bodies, folders: list[Path], by_id: NDArray[np.uint8], parts: list[Share], tracks: int, progress: Progress
) -> None:
    lasts = [share.last for share in parts]
    rows: list[list[Packed]] = [[] for _ in folders]
    with ExitStack() as opened:
        writers = [opened.enter_context(BodyWriter(folder, "track")) for folder in folders]

        def write(number: int) -> None:
            some = rows[number]
            ranks, albums = np.array([row.rank for row in some], np.int64), np.array([row.album for row in some])
            writers[number].add(ranks, [row.frame for row in some], [row.artists for row in some], albums)
            some.clear()

        for row in whole.packed():
            for number in {int(by_id[row.rank]), bisect_left(lasts, row.rank)}:
                rows[number].append(row)
                if len(rows[number]) >= _AT_ONCE:
                    write(number)
                    progress(row.rank, tracks, "tracks")
        for number in range(len(folders)):
            write(number)


def _entries(name: str, entries: bytes) -> tuple[bytes, NDArray[Any]]:
    """The marks of a bucket, and the values behind them."""
    size = MARK_BYTES[name]
    marks = len(entries) // (size + 4) * size
    return entries[:marks], np.frombuffer(entries, "<u4", offset=marks)


def _kept(
    name: str, rows: Iterator[tuple[int, bytes]], wanted: Callable[[NDArray[Any]], NDArray[np.bool_]]
) -> Iterator[tuple[int, bytes]]:
    """Buckets with those of their entries whose values are wanted; none that would be empty."""
    for bucket, entries in rows:
        marks, values = _entries(name, entries)
        kept = wanted(values)
        if kept.any():
            width = np.frombuffer(marks, np.uint8).reshape(-1, MARK_BYTES[name])
            yield bucket, width[kept].tobytes() + values[kept].tobytes()


def _searched(ranks: NDArray[Any], share: Share) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (ranks >= share.first) & (ranks <= share.last)
    return found


def _new(path: Path, whole: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"file:{quote(str(path.absolute()))}", uri=True, isolation_level=None)
    for pragma in (f"page_size = {PAGE_SIZE}", "journal_mode = OFF", "synchronous = OFF"):
        db.execute(f"PRAGMA {pragma}")
    db.executescript(TABLES + maps.TABLES)
    db.execute("ATTACH ? AS whole", (_read_only(whole),))
    db.execute("BEGIN")
    return db


def _read_only(path: Path) -> str:
    return f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"


def _part(path: Path) -> Part:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return Part(path.stat().st_size, digest.hexdigest())
