"""Bringing the tables to the form this program wants: one process at a time, and never without a way back.

A SQLite database is copied, and the copy checked, before anything is changed. A database that a newer Segue has written
is left alone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, inspect, text

import segue
from segue.core.backup import copy_sqlite, keep_newest
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.errors import SegueError

if TYPE_CHECKING:
    from alembic.config import Config

ADVISORY_LOCK = 0x5E60E
KEPT_BACKUPS = 5
LOCK_LOOK_S = 0.1

Report = Callable[[str, int, int], None]
"""Told what is going on: a phase (`backup`, `migrate`), how much is done, how much there is."""


class DatabaseTooNew(SegueError):
    def __init__(self, revision: str) -> None:
        super().__init__(
            "database_too_new",
            f"The database was written by a newer Segue (its revision {revision} is unknown here).",
            hint="Install that version again, or go back to a backup in the folder `backups`.",
            revision=revision,
        )


class UnknownRevision(SegueError):
    def __init__(self, revision: str) -> None:
        super().__init__("unknown_revision", f"There is no migration {revision!r}; `segue db history` lists them.")


@dataclass(frozen=True, slots=True)
class Revision:
    """One migration. `applied`: the database has it."""

    id: str
    summary: str
    applied: bool


def scripts_folder() -> Path:
    """Where the migrations are: inside the installed package, or beside `src` in a clone."""
    package = Path(segue.__file__).parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent.parent / "migrations"


def revisions() -> dict[str, str]:
    """Every migration, oldest first: its revision, which its file's name begins with, and what it does."""
    files = sorted((scripts_folder() / "versions").glob("[0-9]*_*.py"))
    return {file.name.partition("_")[0]: file.stem.partition("_")[2].replace("_", " ").capitalize() for file in files}


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration over our scripts, on a connection of ours."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("script_location", str(scripts_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


class Migrations:
    """The migrations of one database. `backups` is where copies of a SQLite file go, of which `keep` are kept."""

    def __init__(self, db: Database, backups: Path, *, keep: int = KEPT_BACKUPS) -> None:
        self._db = db
        self._backups = backups
        self._keep = keep
        self._revisions = revisions()

    @property
    def newest(self) -> str:
        """The revision that this program wants."""
        return list(self._revisions)[-1]

    async def current(self) -> str | None:
        """The revision of the database, or None for an empty one. Raises DatabaseTooNew for one unknown here."""
        async with self._db.exclusive() as conn:
            if not await conn.run_sync(lambda c: inspect(c).has_table("alembic_version")):
                return None
            revision: str | None = await conn.scalar(text("SELECT version_num FROM alembic_version"))
        if revision is not None and revision not in self._revisions:
            raise DatabaseTooNew(revision)
        return revision

    async def history(self) -> list[Revision]:
        """Every migration, oldest first."""
        current = await self.current() or ""
        return [Revision(one, summary, one <= current) for one, summary in self._revisions.items()]

    async def upgrade(self, report: Report | None = None, *, to: str = "head") -> bool:
        """Bring the database to revision `to`; False where it was there already.

        Other processes wait. Raises DatabaseTooNew, UnknownRevision, BackupFailed; then nothing was changed.
        """
        async with self._alone():
            current = await self.current()
            if current == (self.newest if to == "head" else to):
                return False
            await self._move("upgrade", current, to, report)
            return True

    async def downgrade(self, to: str, report: Report | None = None) -> None:
        """Go back to revision `to` (`base`: before the first). A SQLite file is copied first, as on the way up."""
        async with self._alone():
            await self._move("downgrade", await self.current(), to, report)

    async def _move(
        self, way: Literal["upgrade", "downgrade"], current: str | None, to: str, report: Report | None
    ) -> None:
        from alembic import command  # half of a second that a start without migrations does not need

        say = report or (lambda _phase, _done, _total: None)
        if to not in ("head", "base") and to not in self._revisions:
            raise UnknownRevision(to)
        if current is not None and self._db.path is not None:
            stamp = utc_now().strftime("%Y%m%dT%H%M%S%f")
            target = self._backups / f"segue-{current}-{stamp}.db"
            await asyncio.to_thread(copy_sqlite, self._db.path, target, lambda done, total: say("backup", done, total))
            await asyncio.to_thread(keep_newest, self._backups, "segue-*.db", self._keep)
        say("migrate", 0, 1)
        async with self._db.migrating() as conn:
            await conn.run_sync(lambda c: getattr(command, way)(alembic_config(c), to))
        say("migrate", 1, 1)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if self._db.path is None:
            async with self._db.exclusive() as conn:
                await conn.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
                try:
                    yield
                finally:
                    await conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})
            return
        handle = os.open(f"{self._db.path}.migrating", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not _lock(handle):
                await asyncio.sleep(LOCK_LOOK_S)
            yield
        finally:
            os.close(handle)


def _lock(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:  # without flock SQLite's own lock must do
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
