"""Statements of what is held back and what is asked for: pauses, requests, options, how a library is watched."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.models import File, Folder, Library, ScanRequest


async def is_paused(conn: AsyncConnection, library_id: int) -> bool:
    """Whether the scans of a library are held back."""
    return await conn.scalar(select(Library.paused_at).where(Library.id == library_id)) is not None


async def set_paused(tx: Transaction, library_id: int, moment: datetime | None) -> bool:
    """Hold the scans of a library back since `moment`, or no longer; whether that changed anything."""
    other = Library.paused_at.is_not(None) if moment is None else Library.paused_at.is_(None)
    statement = update(Library).where(Library.id == library_id, other).values(paused_at=moment)
    changed = bool((await tx.execute(statement)).rowcount)
    if changed:
        tx.changed("library", library_id, library_id=library_id)
    return changed


async def forget_requests(tx: Transaction, library_id: int) -> None:
    """Nobody waits for a scan of this library any more."""
    await tx.execute(delete(ScanRequest).where(ScanRequest.library_id == library_id))


async def set_options(tx: Transaction, library_id: int, options: Mapping[str, Any]) -> None:
    """Keep what was chosen for a library."""
    await tx.execute(update(Library).where(Library.id == library_id).values(options=dict(options) or None))
    tx.changed("library", library_id, library_id=library_id)


async def set_watching(tx: Transaction, library_id: int, state: Mapping[str, Any]) -> None:
    """Note how a library is watched."""
    await tx.execute(update(Library).where(Library.id == library_id).values(watching=dict(state)))
    tx.changed("library", library_id, library_id=library_id)


async def problem_count(conn: AsyncConnection, library_id: int) -> int:
    """How many files of a library that are there have a problem."""
    statement = select(func.count()).where(
        File.library_id == library_id, File.problem_code.is_not(None), File.missing_since.is_(None)
    )
    return int(await conn.scalar(statement) or 0)


async def folder_paths(conn: AsyncConnection, folder_ids: Collection[int]) -> dict[int, tuple[int, bytes]]:
    """(library, path) of folders by their ids."""
    rows = await conn.execute(select(Folder.id, Folder.library_id, Folder.path).where(Folder.id.in_(folder_ids)))
    return {row[0]: (row[1], row[2]) for row in rows}
