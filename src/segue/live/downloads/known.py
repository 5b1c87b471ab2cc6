"""What is already known of a recording: by the concerts it was grouped into, else by what its item says itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.live.models import LiveArtist, LiveConcert, LiveConcertRecording, LiveRecording, LiveVenue
from segue.live.records import Item

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_UNKNOWN = re.compile(r"-00")


@dataclass(frozen=True, slots=True)
class Known:
    """A recording as it is named here. Empty text: not known."""

    title: str
    artist: str
    date: str
    venue: str
    location: str = ""
    source_type: str = ""
    recording_id: int | None = None
    concert_id: int | None = None
    stream_only: bool = False
    status: str = "there"

    @staticmethod
    def of(item: Item) -> Known:
        """As the item says it, where nothing better is known."""
        found = _DATE.match(item.date)
        date = _UNKNOWN.split(found[0])[0] if found else ""
        return Known(
            item.title, item.creators[0] if item.creators else "", date, item.venue, item.location,
            stream_only=item.stream_only,
        )  # fmt: skip


async def known_recording(conn: AsyncConnection, identifier: str, provider: str = "archive") -> Known | None:
    """The recording with the artist, date and venue of the concert it is of; None where it is not mirrored."""
    return await _known(conn, LiveRecording.identifier == identifier, LiveRecording.provider == provider)


async def recording_numbered(conn: AsyncConnection, number: int) -> tuple[str, str] | None:
    """(provider, identifier) of a recording."""
    statement = select(LiveRecording.provider, LiveRecording.identifier).where(LiveRecording.id == number)
    row = (await conn.execute(statement)).first()
    return None if row is None else (row.provider, row.identifier)


async def _known(conn: AsyncConnection, *where: object) -> Known | None:
    recording = LiveRecording.__table__
    statement = (
        select(
            recording.c.id, recording.c.title, recording.c.date, recording.c.venue, recording.c.location,
            recording.c.source_type, recording.c.stream_only, recording.c.status,
            LiveArtist.name.label("artist"), LiveConcert.id.label("concert"), LiveConcert.date.label("concert_date"),
            LiveVenue.name.label("venue_name"), LiveVenue.city,
        )
        .outerjoin(LiveArtist, LiveArtist.id == LiveRecording.artist_id)
        .outerjoin(LiveConcertRecording, LiveConcertRecording.recording_id == LiveRecording.id)
        .outerjoin(LiveConcert, LiveConcert.id == LiveConcertRecording.concert_id)
        .outerjoin(LiveVenue, LiveVenue.id == LiveConcert.venue_id)
        .where(*where)  # type: ignore[arg-type]
        .order_by(LiveConcertRecording.role.desc(), LiveConcert.id)
        .limit(1)
    )  # fmt: skip
    row = (await conn.execute(statement)).first()
    if row is None:
        return None
    return Known(
        row.title, row.artist or "", row.concert_date or row.date, row.venue_name or row.venue, row.city or row.location,
        row.source_type, row.id, row.concert, row.stream_only, row.status,
    )  # fmt: skip
