"""Is a snapshot what its manifest says? All of it is read: sizes, checksums, SQLite's own check, and documents put together."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from segue.catalog.documents import named
from segue.catalog.records import Kind
from segue.catalog.scale.shares import of_id
from segue.catalog.snapshot.bodies import BODIES, FILES
from segue.catalog.snapshot.layout import CATALOG
from segue.catalog.snapshot.manifest import Manifest, Part, Share, SnapshotDamaged, read_manifest
from segue.catalog.snapshot.store import SnapshotStore

Progress = Callable[[int, int, str], None]

SAMPLE = 200
"""Rows of each kind that are read whole, spread over all ranks."""
_CHUNK = 4 << 20
_MOST_TOLD = 5


class Damaged(Struct, frozen=True):
    file: str
    why: str


class Verified(Struct, frozen=True):
    """What was looked at, and what is damaged: nothing, where `damaged` is empty."""

    snapshot: str
    id: str
    bytes: int
    rows: int
    damaged: tuple[Damaged, ...]


def verify(folder: Path, progress: Progress = lambda done, total, what: None) -> Verified:
    """Look at every file of the snapshot. Raises NoSnapshot, OtherFormat, SnapshotDamaged (the manifest itself)."""
    manifest = read_manifest(folder)
    total = sum(part.bytes for part in manifest.parts.values())
    damaged: list[Damaged] = []
    done = 0
    for name, part in manifest.parts.items():
        why = _differs(folder / name, part, lambda more, name=name, done=done: progress(done + more, total, name))  # type: ignore[misc]
        if why is None:
            progress(done, total, f"{name}, by SQLite's own check")
            why = _unsound(folder / name) if name.endswith(".db") else None
        if why is not None:
            damaged.append(Damaged(name, why))
        done += part.bytes
    rows = 0
    if not {CATALOG, *FILES} & {one.file for one in damaged}:
        progress(0, 0, "documents")
        found = list(_documents(folder, manifest))
        rows = len(found)
        damaged += [Damaged(file, why) for file, why in found if why][:_MOST_TOLD]
    return Verified(str(folder), manifest.id, total, rows, tuple(damaged))


def _differs(path: Path, part: Part, told: Callable[[int], None]) -> str | None:
    digest = hashlib.sha256()
    read = 0
    try:
        with path.open("rb", buffering=0) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                read += len(chunk)
                told(read)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    if read != part.bytes:
        return f"it has {read:,} bytes, the manifest says {part.bytes:,}"
    return None if digest.hexdigest() == part.sha256 else "its SHA-256 is not the one that the manifest says"


def _unsound(path: Path) -> str | None:
    try:
        connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)
        try:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if said == "ok" else str(said).replace("\n", " ")


def _documents(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str | None]]:
    """For each document that was read the file it is in, and what is wrong with it (None: nothing)."""
    counts = manifest.counts
    most: dict[Kind, int] = {"track": counts.tracks, "album": counts.albums, "artist": counts.artists}
    try:
        store = SnapshotStore(folder, manifest)
    except SnapshotDamaged as error:
        yield error.file.name, error.why
        return
    try:
        for kind, last in most.items():
            first = 1
            if kind == "track" and manifest.share is not None:
                first, last = manifest.share.first, manifest.share.last
            some = {first + (last - first + 1) * step // SAMPLE for step in range(SAMPLE)} if last else set()
            for rank in sorted(some):
                yield BODIES[kind], _wrong(store, kind, rank, manifest.share)
    finally:
        store.close()


def _wrong(store: SnapshotStore, kind: Kind, rank: int, share: Share | None) -> str | None:
    reading: dict[Kind, Callable[[list[int]], list[bytes]]] = {
        "track": store.tracks,
        "album": store.albums,
        "artist": store.artists,
    }
    try:
        found: dict[str, Any] = msgspec.json.decode(reading[kind]([rank])[0])
        store.more(kind, [rank])
        if kind == "track" and share is not None and of_id(found["id"], share.of) != share.number - 1:
            return None  # its id is on another shard
        if store.ranks(kind, [found["id"]]) != [rank]:
            return f"the id of {kind} {rank} does not lead to it"
        if store.external([named(store.namespace, kind, found["id"])]) != [(kind, rank)]:
            return f"the whole id of {kind} {rank} does not lead to it"
    except SnapshotDamaged as error:
        return error.why
    except (msgspec.DecodeError, KeyError) as error:
        return f"the document of {kind} {rank} cannot be read ({error})"
    return None
