"""Asking the archive for the fingerprints of recordings that a tape may be, so that the same audio is known for certain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from sqlalchemy import select

from segue.core.db import Database
from segue.core.outside.faults import Fault
from segue.live.archive import ArchiveClient
from segue.live.downloads.known_prints import keep_fingerprints
from segue.live.mirror.kept import kept_item
from segue.live.models import LiveConcertRecording, LiveFile, LiveFingerprint, LiveRecording

MOST = 40
"""Recordings of one concert that are asked for; the archive has 38 of some nights."""

Details = Callable[[int], Awaitable[Any]]
"""Sees to it that the files of a recording are known: `LiveService.details`."""


class Asking:
    """Learns fingerprints from the archive, each once. It being away is no error: what is known has to do."""

    def __init__(self, db: Database, archive: ArchiveClient, details: Details) -> None:
        self._db = db
        self._archive = archive
        self._details = details
        self._asked: set[int] = set()

    async def learn(self, concerts: Collection[int]) -> bool:
        """Ask for the fingerprints of these concerts' recordings; whether any is known now that was not."""
        async with self._db.read() as conn:
            known = select(LiveFingerprint.recording_id)
            held = LiveConcertRecording
            asked = (
                select(held.recording_id)
                .join(LiveRecording, LiveRecording.id == held.recording_id)
                .where(
                    held.concert_id.in_(list(concerts)), LiveRecording.provider == "archive", LiveRecording.status == "there",
                    held.recording_id.not_in(known),
                )
                .order_by(held.rank)
                .limit(MOST)
            )  # fmt: skip
            wanted = [number for number in await conn.scalars(asked) if number not in self._asked]
        learnt = False
        for number in wanted:
            self._asked.add(number)
            try:
                learnt |= await self._one(number)
            except Fault:
                return learnt
        return learnt

    async def _one(self, number: int) -> bool:
        """Ask for one recording's: whether it has any, or files whose checksums can be compared."""
        async with self._db.read() as conn:
            had = await conn.scalar(select(LiveFile.id).where(LiveFile.recording_id == number).limit(1))
        _, away = await self._details(number)
        if away is not None:
            return False
        async with self._db.read() as conn:
            item = await kept_item(conn, number, "details")
        if item is None:
            return False
        prints = await self._archive.fingerprints(item)
        if prints:
            async with self._db.write() as tx:
                await keep_fingerprints(tx, number, prints)
        return bool(prints) or had is None
