"""Chapters: the named stretches of one file, as the file or its CUE sheet states them. They are shown, never edited."""

from __future__ import annotations

import anyio.to_thread
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.models import RawTags, Track
from segue.library.scan.documents import chapters_of
from segue.library.scan.facts import Chapter


async def track_chapters(conn: AsyncConnection, track_id: int) -> list[Chapter]:
    """The chapters of a track in order, every one with its end; none for a track that is itself a slice of a file."""
    statement = (
        select(RawTags.document, Track.duration_ms)
        .join(Track, Track.file_id == RawTags.file_id)
        .where(Track.id == track_id, Track.start_ms.is_(None))
    )
    row = (await conn.execute(statement)).first()
    if row is None:
        return []
    return with_ends(await anyio.to_thread.run_sync(chapters_of, row.document), row.duration_ms)


def with_ends(chapters: tuple[Chapter, ...], duration_ms: int) -> list[Chapter]:
    """Chapters in order; where the source does not say an end, it is the next one's beginning, or the track's end."""
    ordered = sorted(chapters, key=lambda chapter: chapter.start_ms)
    found = []
    for place, chapter in enumerate(ordered):
        following = ordered[place + 1].start_ms if place + 1 < len(ordered) else max(duration_ms, chapter.start_ms)
        end = following if chapter.end_ms is None or chapter.end_ms < chapter.start_ms else chapter.end_ms
        found.append(chapter._replace(end_ms=end))
    return found
