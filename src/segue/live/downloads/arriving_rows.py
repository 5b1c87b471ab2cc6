"""The statements of arriving: a recording's tracks, which of them are here, and how many recordings of a concert are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import distinct, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.live.downloads.models import LiveDownloadFile
from segue.live.models import LiveConcert, LiveConcertRecording, LiveTrack


async def pieces(conn: AsyncConnection, recording_id: int) -> dict[int, Any]:
    """The tracks of a recording by their numbers: title, heard, set_name."""
    table = LiveTrack.__table__
    statement = select(table.c.number, table.c.title, table.c.heard, table.c.set_name)
    return {row.number: row for row in await conn.execute(statement.where(table.c.recording_id == recording_id))}


async def link(tx: Transaction, recording_id: int, tracks: Mapping[int, int]) -> None:
    """Say which library tracks a recording's tracks are, by number."""
    for number, track in tracks.items():
        where = (LiveTrack.recording_id == recording_id, LiveTrack.number == number)
        await tx.execute(update(LiveTrack).where(*where).values(track_id=track))
    tx.changed("recording", recording_id)


async def unlink(tx: Transaction, recording_id: int, tracks: Collection[int]) -> None:
    """These library tracks are no longer here."""
    where = (LiveTrack.recording_id == recording_id, LiveTrack.track_id.in_(list(tracks)))
    await tx.execute(update(LiveTrack).where(*where).values(track_id=None))
    tx.changed("recording", recording_id)


async def follow(tx: Transaction, merged: int, kept: int) -> None:
    """A library track became part of another."""
    for table in (LiveTrack, LiveDownloadFile):
        await tx.execute(update(table).where(table.track_id == merged).values(track_id=kept))


async def count_kept(tx: Transaction, recording_id: int) -> None:
    """Write anew how many recordings are here, with tracks in the library, of every concert that this one is of."""
    mine = select(LiveConcertRecording.concert_id).where(LiveConcertRecording.recording_id == recording_id)
    linked = select(LiveTrack.recording_id).where(LiveTrack.track_id.is_not(None))
    for concert in (await tx.execute(mine)).scalars().all():
        counted = select(func.count(distinct(LiveConcertRecording.recording_id))).where(
            LiveConcertRecording.concert_id == concert, LiveConcertRecording.recording_id.in_(linked)
        )
        kept = int(await tx.scalar(counted) or 0)
        changed = update(LiveConcert).where(LiveConcert.id == concert, LiveConcert.kept != kept)
        if (await tx.execute(changed.values(kept=kept, changed_at=utc_now()))).rowcount:
            tx.changed("concert", concert)
