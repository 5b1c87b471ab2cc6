"""Queries of journals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.journal.models import ScanJournal, ScanJournalPage
from segue.library.models import Album, File, Library
from segue.library.scan.write.names import slices


async def holders(conn: AsyncConnection, library_id: int, groups: Collection[str]) -> set[int]:
    """The albums of a library that have these keys."""
    found: set[int] = set()
    for part in slices(sorted(groups)):
        statement = select(Album.id).where(Album.library_id == library_id, Album.group_key.in_(part))
        found.update(await conn.scalars(statement))
    return found


async def files_at(conn: AsyncConnection, library_id: int, paths: Collection[bytes]) -> list[int]:
    """The files of a library at these paths."""
    found: list[int] = []
    for part in slices(sorted(paths)):
        statement = select(File.id).where(File.library_id == library_id, File.path.in_(part))
        found.extend(await conn.scalars(statement))
    return found


_SET_COUNTS = update(ScanJournal).where(ScanJournal.id == bindparam("journal")).values(counts=bindparam("counted"))


async def set_counts(tx: Transaction, journal: int, counts: Mapping[str, int]) -> None:
    """Set the counts of a journal."""
    await tx.execute(_SET_COUNTS, {"journal": journal, "counted": dict(counts)})


async def note(tx: Transaction, row: Mapping[str, Any], counts: Mapping[str, int]) -> tuple[int, dict[str, int]]:
    """Add to the counts of the open journal of a scan, which is made where there is none; returns its number and counts."""
    table = ScanJournal.__table__
    open_one = select(table.c.id, table.c.counts).where(
        table.c.library_id == row["library_id"], table.c.state == "open", table.c.started_at == row["started_at"]
    )
    found = (await tx.execute(open_one)).first()
    if found is None:
        values = {**row, "counts": dict(counts)}
        result = await tx.execute(insert(ScanJournal).values(**values).returning(ScanJournal.id))
        return int(result.scalar_one()), dict(counts)
    summed = {name: found.counts.get(name, 0) + count for name, count in counts.items()}
    await tx.execute(update(ScanJournal).where(ScanJournal.id == found.id).values(counts=summed))
    return int(found.id), summed


async def add_page(tx: Transaction, journal: int, library_id: int, document: bytes) -> None:
    """Keep what one transaction changed."""
    row = {"journal_id": journal, "library_id": library_id, "document": document}
    await tx.execute(insert(ScanJournalPage).values(**row))


async def close(tx: Transaction, library_id: int, now: datetime) -> None:
    """The scan has ended: its journal, if it has one, is complete."""
    open_one = (ScanJournal.library_id == library_id, ScanJournal.state == "open")
    await tx.execute(update(ScanJournal).where(*open_one).values(state="done", finished_at=now))


async def latest(conn: AsyncConnection, library_id: int) -> Row[Any] | None:
    """The journal of the last scan of a library that changed something."""
    table = ScanJournal.__table__
    statement = select(table).where(table.c.library_id == library_id).order_by(table.c.id.desc()).limit(1)
    return (await conn.execute(statement)).first()


async def journal(conn: AsyncConnection, number: int) -> Row[Any] | None:
    """One journal, or None."""
    table = ScanJournal.__table__
    return (await conn.execute(select(table).where(table.c.id == number))).first()


async def page(
    conn: AsyncConnection, libraries: Collection[int] | None, before: int, limit: int
) -> tuple[list[Row[Any]], set[int], int]:
    """Journals of some libraries (None: all), the latest first, from before number `before` (0: the first); those that are
    the latest of their library; and how many there are."""
    table = ScanJournal.__table__
    statement = select(table)
    count = select(func.count()).select_from(table)
    newest = select(func.max(table.c.id)).group_by(table.c.library_id)
    if libraries is not None:
        inside = table.c.library_id.in_(sorted(libraries))
        statement, count, newest = statement.where(inside), count.where(inside), newest.where(inside)
    if before:
        statement = statement.where(table.c.id < before)
    rows = (await conn.execute(statement.order_by(table.c.id.desc()).limit(limit))).all()
    return list(rows), set(await conn.scalars(newest)), int(await conn.scalar(count) or 0)


async def set_values(tx: Transaction, number: int, **values: Any) -> None:
    """Change the row of a journal."""
    await tx.execute(update(ScanJournal).where(ScanJournal.id == number).values(**values))


async def last_page(conn: AsyncConnection, number: int) -> tuple[int, bytes] | None:
    """The number and document of the latest page of a journal that is still there, or None."""
    table = ScanJournalPage.__table__
    statement = select(table.c.id, table.c.document).where(table.c.journal_id == number)
    row = (await conn.execute(statement.order_by(table.c.id.desc()).limit(1))).first()
    return None if row is None else (row[0], row[1])


async def count_pages(conn: AsyncConnection, number: int) -> int:
    """How many pages a journal has."""
    statement = select(func.count()).select_from(ScanJournalPage).where(ScanJournalPage.journal_id == number)
    return int(await conn.scalar(statement) or 0)


async def drop_page(tx: Transaction, page: int) -> None:
    """Forget one page."""
    await tx.execute(delete(ScanJournalPage).where(ScanJournalPage.id == page))


async def drop_pages_before(tx: Transaction, library_id: int, journal: int, limit: int) -> int:
    """Forget some pages of journals of a library earlier than `journal`; returns how many."""
    some = (
        select(ScanJournalPage.id)
        .where(ScanJournalPage.library_id == library_id, ScanJournalPage.journal_id < journal)
        .limit(limit)
    )
    ids = list((await tx.execute(some)).scalars())
    if ids:
        await tx.execute(delete(ScanJournalPage).where(ScanJournalPage.id.in_(ids)))
    return len(ids)


async def library_removed(tx: Transaction, library_id: int) -> None:
    """Called in the transaction in which a library goes: its journals go with it, and here their pages."""
    await tx.execute(delete(ScanJournalPage).where(ScanJournalPage.library_id == library_id))


async def drop_old(tx: Transaction, library_id: int, keep: int) -> None:
    """Forget the oldest journals of a library, beyond `keep`."""
    kept = (
        select(ScanJournal.id).where(ScanJournal.library_id == library_id).order_by(ScanJournal.id.desc()).limit(keep)
    )
    oldest = min((await tx.execute(kept)).scalars(), default=0)
    await tx.execute(delete(ScanJournal).where(ScanJournal.library_id == library_id, ScanJournal.id < oldest))


async def hold(tx: Transaction, library_id: int, why: dict[str, Any] | None) -> bool:
    """Keep automatic scans of a library waiting, for a reason; None lets them go on. Says whether that changed anything."""
    held = (await tx.execute(select(Library.held).where(Library.id == library_id))).scalar()
    if held == why:
        return False
    await tx.execute(update(Library).where(Library.id == library_id).values(held=why))
    tx.changed("library", library_id, library_id=library_id)
    return True


async def held(conn: AsyncConnection, libraries: Collection[int] | None) -> dict[int, dict[str, Any]]:
    """Which of these libraries (None: all) are not scanned by themselves, and why."""
    statement = select(Library.id, Library.held).where(Library.held.is_not(None))
    if libraries is not None:
        statement = statement.where(Library.id.in_(sorted(libraries)))
    return {row[0]: row[1] for row in await conn.execute(statement)}
