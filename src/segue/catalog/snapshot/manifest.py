"""The manifest: what a snapshot is, and which files with which sizes and checksums belong to it.

It is written last and renamed into place, so a folder without one is no snapshot (or one whose build was interrupted).
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from segue.catalog.records import Counts
from segue.catalog.snapshot.layout import FORMAT, MANIFEST
from segue.core.errors import SegueError, Unavailable

BUILDING = ".building"
PREVIOUS = ".previous"
"""Behind the snapshot's own name: the folder it is built in, and the one that was served before (`.previous.2` before that)."""

_MOST_BYTES = 1 << 20


class Part(Struct, frozen=True):
    """A file of the snapshot: its size in bytes, and its SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


class Problem(Struct, frozen=True):
    """Something of the source that could not be taken as it was: how often, and the first of them as examples."""

    count: int
    examples: tuple[str, ...] = ()


class Share(Struct, frozen=True, kw_only=True):
    """What a shard has of the snapshot `whole` (its id): it is number `number` (from 1) of `of`, and searches the tracks
    from rank `first` to `last`."""

    number: int
    of: int
    whole: str
    first: int
    last: int


class Manifest(Struct, kw_only=True):
    """`made` is RFC 3339; `identity` is that of the source (Source.identity); `parts` are by file name; `problems` are by
    what they are (`duplicate_track`, `orphan_album` …); `build` says what it cost: seconds, cpu_seconds, peak_bytes. Of a
    shard, `share` says what it has; its `counts` are those of the whole."""

    format: int
    id: str
    made: str
    source: str
    namespace: str
    licence: str
    identity: str
    counts: Counts
    parts: dict[str, Part]
    problems: dict[str, Problem] = {}
    build: dict[str, float] = {}
    share: Share | None = None


class NoSnapshot(SegueError):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            "no_snapshot",
            f"{folder} is no catalogue: there is no {MANIFEST} in it.",
            hint="`segue catalog build … --out SNAPSHOT` makes one.",
        )


class SnapshotDamaged(Unavailable):
    """A file of a snapshot is not as its manifest says."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(
            "snapshot_damaged",
            f"{file} is damaged: {why}.",
            hint="`segue catalog verify` looks at all of it; copy the snapshot again, or build it again.",
        )
        self.file = file
        self.why = why


class OtherFormat(SegueError):
    """Of a newer Segue, or of an older one."""

    def __init__(self, folder: Path, found: int) -> None:
        super().__init__(
            "newer_snapshot" if found > FORMAT else "older_snapshot",
            f"{folder} has the format {found}; this Segue reads {FORMAT}.",
            hint="Build it again with this Segue, or serve it with the Segue that built it.",
        )


def previous(folder: Path, number: int = 1) -> Path:
    """Where the snapshot lies that was served before; the `number`th before this one."""
    return folder.with_name(f"{folder.name}{PREVIOUS}{f'.{number}' if number > 1 else ''}")


def read_manifest(folder: Path) -> Manifest:
    """Raises NoSnapshot, SnapshotDamaged, OtherFormat."""
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        raise NoSnapshot(folder) from None
    except OSError as error:
        raise SnapshotDamaged(path, error.strerror or str(error)) from None
    try:
        found = msgspec.json.decode(text, type=_Version).format
        if found != FORMAT:
            raise OtherFormat(folder, found)
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.MsgspecError as error:
        raise SnapshotDamaged(path, f"it does not read as a manifest ({error})") from None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Into place in one step, once it is on the disk."""
    path = folder / MANIFEST
    beside = path.with_name(f".{MANIFEST}.new")
    with beside.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Version(Struct):
    format: int
