"""Opens the two files as a catalogue that answers at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from segue.catalog.local import THREADS, LocalBackend
from segue.catalog.mount.searcher import MountSearcher
from segue.catalog.mount.store import MountStore


def open_mount(
    main: Path, files: Path | None = None, features: Path | None = None, *, threads: int = THREADS
) -> LocalBackend:
    """The files as they are. Without `files`, tracks are shown without lyrics, languages, roles and titles of versions.

    Raises NotADatabase and WrongSchema, which name the file and the tables, columns and indexes it lacks.
    """
    return LocalBackend(
        partial(MountStore, main, files, features), partial(MountSearcher, main), substring=True, threads=threads
    )
