"""Copies of a SQLite database that are known to be whole."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from segue.core.errors import SegueError

PAGES_A_STEP = 4096


class BackupFailed(SegueError):
    def __init__(self, path: Path, why: str) -> None:
        super().__init__("backup_failed", f"The backup {path} could not be made: {why}.", path=str(path), why=why)


def copy_sqlite(source: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Copy the database `source` to `target` while it may be in use, and check the copy; half a copy never stays.

    `progress(done, total)` counts pages. Raises BackupFailed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(unfinished)) as copy:
            original.execute("PRAGMA busy_timeout=30000")
            original.backup(
                copy,
                pages=PAGES_A_STEP,
                progress=(lambda _status, left, total: progress(total - left, total)) if progress else None,
            )
            copy.execute("PRAGMA journal_mode=DELETE")
            verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if verdict != "ok":
                raise BackupFailed(target, f"the copy is damaged ({verdict})")
        _to_disk(unfinished)
        os.replace(unfinished, target)
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(target, str(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)


def keep_newest(folder: Path, pattern: str, keep: int) -> list[Path]:
    """Delete all but the `keep` newest files matching `pattern`; which were deleted."""
    found = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[keep:]:
        path.unlink(missing_ok=True)
    return found[keep:]


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
