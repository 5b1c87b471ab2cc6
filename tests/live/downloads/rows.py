"""Rows of live music as the mirror writes them, for tests of downloads: one recording of one concert."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.live.models import LiveArtist, LiveConcert, LiveConcertRecording, LiveRecording, LiveTrack, LiveVenue


async def recording(db: Database, identifier: str, tracks: tuple[dict[str, Any], ...] = (), **values: Any) -> int:
    """A recording of the concert at Barton Hall on 8 May 1977, with these tracks; returns its number."""
    async with db.write() as tx:
        artist = await tx.scalar(
            insert(LiveArtist)
            .values(key="grateful dead", name="Grateful Dead", sort_name="grateful dead")
            .returning(LiveArtist.id)
        )
        venue = await tx.scalar(
            insert(LiveVenue)
            .values(key="barton hall", name="Barton Hall", sort_name="barton hall", city="Ithaca")
            .returning(LiveVenue.id)
        )
        concert = await tx.scalar(
            insert(LiveConcert)
            .values(
                uid=f"uid-{identifier}", artist_id=artist, date="1977-05-08", date_sort="1977-05-08", precision="day",
                venue_id=venue, changed_at=utc_now(),
            )
            .returning(LiveConcert.id)
        )  # fmt: skip
        row = {
            "identifier": identifier, "artist_id": artist, "title": "a tape", "date": "1977-05-08",
            "date_sort": "1977-05-08", "precision": "day", "kind": "concert", "source_type": "SBD", "seen_at": utc_now(),
        }  # fmt: skip
        number = int(await tx.scalar(insert(LiveRecording).values({**row, **values}).returning(LiveRecording.id)))
        await tx.execute(insert(LiveConcertRecording).values(concert_id=concert, recording_id=number))
        for track in tracks:
            await tx.execute(insert(LiveTrack).values(recording_id=number, **track))
    return number
