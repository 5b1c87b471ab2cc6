"""A finished snapshot into its place, in two renames; and those that were served before it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from segue.catalog.build.errors import NotASnapshotFolder
from segue.catalog.snapshot.layout import MANIFEST
from segue.catalog.snapshot.manifest import BUILDING, previous


def building(out: Path) -> Path:
    """The folder in which the snapshot `out` is built."""
    return out.with_name(out.name + BUILDING)


def check_place(out: Path) -> None:
    """Raises NotASnapshotFolder where `out` is something else that a build would push aside."""
    if not out.exists():
        return
    if not out.is_dir() or (not (out / MANIFEST).exists() and any(out.iterdir())):
        raise NotASnapshotFolder(out)


def put_in_place(out: Path, keep: int) -> None:
    """The snapshot in `building(out)` becomes `out`; what was there is `previous(out)` now, of which `keep` stay."""
    if out.exists() and not (out / MANIFEST).exists():
        out.rmdir()
    if out.exists():
        _make_room(out)
        out.rename(previous(out))
    building(out).rename(out)
    sync_folder(out.parent)
    number = keep + 1
    while (old := previous(out, number)).exists():
        shutil.rmtree(old, ignore_errors=True)
        number += 1


def sync_folder(folder: Path) -> None:
    """Renames in it are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_room(out: Path) -> None:
    """Every previous snapshot one number further back."""
    number = 1
    while previous(out, number).exists():
        number += 1
    for one in range(number - 1, 0, -1):
        previous(out, one).rename(previous(out, one + 1))
