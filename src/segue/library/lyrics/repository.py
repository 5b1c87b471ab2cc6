"""Queries of words: all sets of a track, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import anyio.to_thread
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.text import fold, sort_key
from segue.library.lyrics.models import LyricsRow
from segue.library.lyrics.reading import read_all
from segue.library.lyrics.song_words import SongWords, rank, unpack
from segue.library.models import RawTags, Track
from segue.library.scan.documents import tags_of
from segue.library.scan.paths import displayed

_IN_LIST = 1_000


class StoredWords(NamedTuple):
    """A row of words without its document, to compare with what lies on disk."""

    id: int
    track_id: int
    source: str
    name: bytes
    size: int
    mtime_ns: int
    problem_code: str | None


async def words_of(conn: AsyncConnection, actor: Actor, track_id: int) -> list[SongWords]:
    """Every set of words of a track that `actor` may see, best first; none where it has none."""
    statement = select(Track.file_id, Track.start_ms).where(Track.id == track_id, Track.has_lyrics)
    if actor.libraries is not None:
        statement = statement.where(Track.library_id.in_(actor.libraries))
    track = (await conn.execute(statement)).first()
    if track is None:
        return []
    rows = (await conn.execute(select(LyricsRow).where(LyricsRow.track_id == track_id).order_by(LyricsRow.id))).all()
    document = await conn.scalar(select(RawTags.document).where(RawTags.file_id == track.file_id))
    return await anyio.to_thread.run_sync(_read, document, track.start_ms, rows)


def _read(document: bytes | None, start_ms: int | None, rows: Sequence[Row[Any]]) -> list[SongWords]:
    found = [_of_row(row) for row in rows if row.document is not None]
    for one in tags_of(document, start_ms).lyrics if document is not None else ():
        found.extend(read_all(one))
    return sorted(found, key=rank)


def _of_row(row: Row[Any]) -> SongWords:
    about = SongWords(
        row.language, row.synced, (), kind=row.kind, source=row.source, format=row.format,
        name=displayed(row.name) or None,
    )  # fmt: skip
    return unpack(row.document, about)


async def problems_of(conn: AsyncConnection, track_id: int) -> list[tuple[str, dict[str, Any]]]:
    """(code, params) of the files of words beside a track that could not be read."""
    statement = select(LyricsRow.problem_code, LyricsRow.problem_params).where(
        LyricsRow.track_id == track_id, LyricsRow.problem_code.is_not(None), LyricsRow.document.is_(None)
    )
    return [(row[0], row[1] or {}) for row in await conn.execute(statement.order_by(LyricsRow.id))]


async def track_called(conn: AsyncConnection, actor: Actor, artist: str, title: str) -> int | None:
    """The track with words that is called `title` and is by `artist`, both compared without case and marks."""
    statement = select(Track.id, Track.artist_display).where(
        Track.sort_key == sort_key(title), Track.has_lyrics, Track.missing_since.is_(None)
    )
    if actor.libraries is not None:
        statement = statement.where(Track.library_id.in_(actor.libraries))
    wanted = fold(artist)
    for row in await conn.execute(statement.order_by(Track.id).limit(200)):
        if wanted in fold(row.artist_display):
            return int(row.id)
    return None


async def own_words(conn: AsyncConnection, track_id: int, meant: Collection[tuple[str, str]] | None) -> list[int]:
    """The rows that people wrote for a track, of these languages and kinds, or all."""
    statement = select(LyricsRow.id, LyricsRow.language, LyricsRow.kind).where(
        LyricsRow.track_id == track_id, LyricsRow.source == "person"
    )
    return [row[0] for row in await conn.execute(statement) if meant is None or (row[1], row[2]) in meant]


async def has_any(conn: AsyncConnection, track_id: int) -> bool:
    """Whether a track has words, wherever they come from."""
    beside = select(LyricsRow.id).where(LyricsRow.track_id == track_id, LyricsRow.document.is_not(None)).limit(1)
    if (await conn.execute(beside)).first() is not None:
        return True
    said = select(RawTags.document, Track.start_ms).join(Track, Track.file_id == RawTags.file_id)
    row = (await conn.execute(said.where(Track.id == track_id))).first()
    return row is not None and any(read_all(one) for one in tags_of(row[0], row[1]).lyrics)


# --- writing ----------------------------------------------------------------------------------------------------------


async def stored_words(conn: AsyncConnection, tracks: Collection[int]) -> list[StoredWords]:
    """The rows of these tracks."""
    columns = (
        LyricsRow.id, LyricsRow.track_id, LyricsRow.source, LyricsRow.name, LyricsRow.size_bytes, LyricsRow.mtime_ns,
        LyricsRow.problem_code,
    )  # fmt: skip
    found: list[StoredWords] = []
    ordered = sorted(tracks)
    for start in range(0, len(ordered), _IN_LIST):
        part = ordered[start : start + _IN_LIST]
        rows = await conn.execute(select(*columns).where(LyricsRow.track_id.in_(part)).order_by(LyricsRow.id))
        found.extend(StoredWords(*row) for row in rows)
    return found


async def replace_words(tx: Transaction, gone: Collection[int], fresh: Sequence[dict[str, Any]]) -> None:
    """Remove rows, and add others."""
    ordered = sorted(gone)
    for start in range(0, len(ordered), _IN_LIST):
        await tx.execute(delete(LyricsRow).where(LyricsRow.id.in_(ordered[start : start + _IN_LIST])))
    if fresh:
        await tx.execute(insert(LyricsRow), list(fresh))


async def set_has_lyrics(tx: Transaction, tracks: Collection[int], has: bool) -> None:
    """Say of tracks whether there are words."""
    ordered = sorted(tracks)
    for start in range(0, len(ordered), _IN_LIST):
        part = ordered[start : start + _IN_LIST]
        await tx.execute(update(Track).where(Track.id.in_(part)).values(has_lyrics=has))
