"""Every statement about receipts: what files that were downloaded were when they were verified."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.live.downloads.models import LiveReceipt

MANY = 500


async def keep_receipt(tx: Transaction, values: Mapping[str, Any]) -> None:
    """The receipt of a file, in place of an older one for the same path."""
    statement = upsert_into(tx.dialect, LiveReceipt).values(dict(values))
    changed = {name: statement.excluded[name] for name in values if name != "path"}
    await tx.execute(statement.on_conflict_do_update(index_elements=["path"], set_=changed))


async def receipts_with(conn: AsyncConnection, *, md5: str = "", audio_md5: str = "", limit: int = 5) -> Sequence[Any]:
    """Good receipts of files with this MD5, or whose audio has this one."""
    table = LiveReceipt.__table__
    same = table.c.md5 == md5 if md5 else table.c.audio_md5 == audio_md5
    where = (same, table.c.state == "good")
    return (await conn.execute(select(table).where(*where).order_by(table.c.id).limit(limit))).all()


async def receipts(
    conn: AsyncConnection, *, after: int = 0, paths: Iterable[bytes] | None = None, limit: int = MANY
) -> Sequence[Any]:
    """Receipts by number, or those of these paths."""
    table = LiveReceipt.__table__
    where = [table.c.id > after]
    if paths is not None:
        where.append(table.c.path.in_(list(paths)))
    return (await conn.execute(select(table).where(*where).order_by(table.c.id).limit(limit))).all()


async def set_receipt(tx: Transaction, number: int, **values: Any) -> None:
    await tx.execute(update(LiveReceipt).where(LiveReceipt.id == number).values(**values))


async def receipts_looked_at(tx: Transaction, numbers: Collection[int], now: datetime) -> None:
    """These files are as they were."""
    await tx.execute(update(LiveReceipt).where(LiveReceipt.id.in_(list(numbers))).values(checked_at=now))


async def drop_receipts(tx: Transaction, paths: Collection[bytes]) -> None:
    wanted = list(paths)
    for at in range(0, len(wanted), MANY):
        await tx.execute(delete(LiveReceipt).where(LiveReceipt.path.in_(wanted[at : at + MANY])))


async def receipt_counts(conn: AsyncConnection) -> dict[str, int]:
    """How many files are good, unverified, damaged or missing."""
    table = LiveReceipt.__table__
    rows = await conn.execute(select(table.c.state, func.count()).group_by(table.c.state))
    return {row[0]: row[1] for row in rows}


async def kept_bytes(conn: AsyncConnection) -> int:
    """Bytes of the files that have a receipt and are not missing."""
    table = LiveReceipt.__table__
    return int(await conn.scalar(select(func.sum(table.c.size)).where(table.c.state != "missing")) or 0)
