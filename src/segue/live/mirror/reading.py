"""Reading a list of the archive to its end: page after page taken in, going on after a break where it stopped.

A list read whole tells what is gone. It is believed only where few are missing: an archive that suddenly lacks many items is
more likely broken than emptied, so then nothing is marked, the mirror is blocked, and a person looks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, and_, func, select, update

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.inline import InlineWriter
from segue.live import repository_writes
from segue.live.archive.client import ArchiveClient
from segue.live.archive.items import item_of_listed
from segue.live.bulk import among
from segue.live.mirror.taking_in import Intake, TakenIn
from segue.live.models import LiveMirror, LiveRecording
from segue.live.records import Item

RECORDINGS = cast(Table, LiveRecording.__table__)
MIRRORS = cast(Table, LiveMirror.__table__)
FEW_GONE = 5
SHARE_GONE = 0.02
"""More than this many items, and more than this share of a list, do not vanish between two readings."""
OVERLAP = timedelta(days=2)
"""How far before the newest item an increment begins: the archive's index is up to a day behind, and not in order."""
AT_ONCE = 500
"""Items that are taken in by one transaction."""

Step = Callable[[Transaction, dict[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Reading:
    """Where a reading of one list is; kept as a job's checkpoint."""

    mirror: int
    whole: bool
    began: datetime
    cursor: str = ""
    pages: int = 0
    items: int = 0
    done: TakenIn = field(default_factory=TakenIn)
    gone: int = 0
    newest: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "mirror": self.mirror, "whole": self.whole, "began": self.began.isoformat(), "cursor": self.cursor,
            "pages": self.pages, "items": self.items, "newest": self.newest, "gone": self.gone,
            "done": [self.done.new, self.done.changed, self.done.same, self.done.dates],
        }  # fmt: skip

    @classmethod
    def of_json(cls, said: dict[str, Any]) -> Reading:
        began = datetime.fromisoformat(said["began"])
        return cls(
            said["mirror"], said["whole"], began, said["cursor"], said["pages"], said["items"], TakenIn(*said["done"]),
            said["gone"], said["newest"],
        )  # fmt: skip


class ListSuddenlyShort(Exception):
    """A whole list lacks more of what is here than is likely. `missing` of `known` would be marked gone."""

    def __init__(self, missing: int, known: int) -> None:
        super().__init__(missing, known)
        self.missing, self.known = missing, known


async def read_list(
    db: Database,
    archive: ArchiveClient,
    collection: str,
    reading: Reading,
    step: Step,
    *,
    anyway: bool = False,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Reading:
    """Take in a list, from `reading.cursor` on. `step` is called with every transaction that took something in and the
    checkpoint that goes with it; `told(done, total)` after each page. Raises a Fault, and ListSuddenlyShort at the end of a
    whole list, unless `anyway`."""
    intake = Intake()
    since = "" if reading.whole else since_of(reading.newest)
    missing = 0
    writer = InlineWriter(db, bulk=True)
    try:
        async for page in archive.listing(collection, since=since, cursor=reading.cursor):
            items = [item_of_listed(doc) for doc in page.docs]
            for start in range(0, len(items), AT_ONCE):
                some = items[start : start + AT_ONCE]
                async with writer.write() as tx:
                    reading.done.add(await intake.take_in(tx, some, "listed", at=reading.began))
                    await seen(tx, some, reading.began)
                    reading.items += len(some)
                    reading.newest = max((reading.newest, *(item.added_at for item in some)))
                    last = start + AT_ONCE >= len(items)
                    reading.cursor = page.cursor if last else reading.cursor
                    await step(tx, reading.as_json())
            reading.pages += 1
            missing = page.missing
            told(reading.items, page.total)
    finally:
        await writer.close()
    if reading.whole and not missing:
        await mark_missing(db, collection, reading, anyway=anyway)
    return reading


def since_of(newest: str) -> str:
    """Where an increment begins, as the archive writes moments; empty for the beginning."""
    if len(newest) < 10:
        return ""
    day = datetime.fromisoformat(newest[:10]) - OVERLAP
    return day.strftime("%Y-%m-%dT00:00:00Z")


async def seen(tx: Transaction, items: list[Item], at: datetime) -> None:
    """Note that a list had these items."""
    names = [item.identifier for item in items]
    there = RECORDINGS.c.identifier, names
    had = update(RECORDINGS).where(among(*there, tx.dialect), RECORDINGS.c.provider == "archive")
    await tx.execute(had.where(RECORDINGS.c.seen_at < at).values(seen_at=at))


async def mark_missing(db: Database, collection: str, reading: Reading, *, anyway: bool) -> None:
    """Mark what a whole list no longer has as gone. Raises ListSuddenlyShort."""
    r = RECORDINGS.c
    of_list = and_(
        r.provider == "archive", r.status == "there", r.collections.contains(f" {collection} ", autoescape=True)
    )
    async with db.read() as conn:
        known = int(await conn.scalar(select(func.count()).select_from(LiveRecording).where(of_list)) or 0)
        asked = select(r.id).where(of_list, r.seen_at < reading.began)
        missing = list((await conn.scalars(asked)).all())
    if not anyway and len(missing) > FEW_GONE and len(missing) > SHARE_GONE * known:
        raise ListSuddenlyShort(len(missing), known)
    for start in range(0, len(missing), 1_000):
        async with db.write() as tx:
            await repository_writes.mark_gone(tx, missing[start : start + 1_000])
    reading.gone = len(missing)


async def ended(tx: Transaction, reading: Reading, *, collection: str) -> None:
    """Note that a list was read to its end."""
    r = RECORDINGS.c
    count = select(func.count()).where(
        r.provider == "archive", r.status == "there", r.collections.contains(f" {collection} ", autoescape=True)
    )
    values: dict[str, Any] = {"state": "whole", "newest": reading.newest, "listed_at": utc_now(), "error": None}
    values["item_count"] = int(await tx.scalar(count) or 0)
    await repository_writes.change_mirror(tx, reading.mirror, **values)
    tx.changed("live_mirror", reading.mirror)


__all__ = ["ListSuddenlyShort", "Reading", "ended", "read_list"]
