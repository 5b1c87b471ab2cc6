"""What is read of analyses: words, counts, failures, and rows for lists."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis.ground import WAITING
from segue.analysis.models import AnalysisWord
from segue.analysis.repository import MEMBERS, SOUNDS, slices
from segue.core.db import Transaction, upsert_into
from segue.library.tables import ALBUMS, EDITS, FILES, TRACKS

WORDS = cast(Table, AnalysisWord.__table__)
Libraries = frozenset[int] | None


async def edited(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, set[str]]:
    """Which of tempo and key people have edited, by track: `bpm`, `key`."""
    e = EDITS.c
    found: dict[int, set[str]] = {}
    for some in slices(tracks):
        statement = select(e.entity_id, e.field).where(
            e.kind == "track", e.entity_id.in_(some), e.field.in_(("bpm", "key"))
        )
        for row in await conn.execute(statement):
            found.setdefault(row.entity_id, set()).add(row.field)
    return found


async def words_of(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, dict[str, Any]]:
    """What people say of the beats of tracks: rows with field, value, user_id, said_at, by track and field."""
    found: dict[int, dict[str, Any]] = {}
    for some in slices(tracks):
        for row in await conn.execute(select(WORDS).where(WORDS.c.track_id.in_(some))):
            found.setdefault(row.track_id, {})[row.field] = row
    return found


async def put_word(tx: Transaction, values: Mapping[str, Any]) -> None:
    insert = upsert_into(tx.dialect, WORDS).values(**values)
    names = ("value", "user_id", "said_at")
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=[WORDS.c.track_id, WORDS.c.field], set_={name: insert.excluded[name] for name in names}
        )
    )


async def drop_word(tx: Transaction, track: int, field: str) -> None:
    await tx.execute(delete(WORDS).where(WORDS.c.track_id == track, WORDS.c.field == field))


async def move_words(tx: Transaction, merged: int, kept: int) -> None:
    """What was said of a track is said of the one that it was merged into, where that has no word of its own."""
    there = select(WORDS.c.field).where(WORDS.c.track_id == kept).scalar_subquery()
    await tx.execute(update(WORDS).where(WORDS.c.track_id == merged, WORDS.c.field.not_in(there)).values(track_id=kept))


async def words_by(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    """All that a person said: rows with track_id, field, value, said_at."""
    return (await conn.execute(select(WORDS).where(WORDS.c.user_id == user_id).order_by(WORDS.c.id))).all()


async def forget_speaker(tx: Transaction, user_id: int) -> None:
    """What a person said holds on, and nobody knows whose word it was."""
    await tx.execute(update(WORDS).where(WORDS.c.user_id == user_id).values(user_id=None))


# --- how far it is ----------------------------------------------------------------------------------------------------


async def states(conn: AsyncConnection) -> dict[str, int]:
    """How many sounds are in each state. What failed counts while some track is it: a file that somebody sent does not."""
    counted = or_(SOUNDS.c.state != "failed", _of_a_track())
    rows = await conn.execute(select(SOUNDS.c.state, func.count().label("n")).where(counted).group_by(SOUNDS.c.state))
    return {row.state: row.n for row in rows}


async def count_away(conn: AsyncConnection) -> int:
    """Sounds that wait for their files."""
    s = SOUNDS.c
    statement = select(func.count()).select_from(SOUNDS).where(s.state == "pending", s.priority <= WAITING)
    return int(await conn.scalar(statement) or 0)


async def count_outdated(conn: AsyncConnection, engine: str, version: int) -> int:
    return int(await conn.scalar(select(func.count()).select_from(SOUNDS).where(outdated(engine, version))) or 0)


def outdated(engine: str, version: int) -> Any:
    """Of those that were heard: by another engine, or another version of it."""
    s = SOUNDS.c
    return and_(s.state == "done", or_(s.version != version, s.engine != engine))


async def spent(conn: AsyncConnection) -> tuple[float, int]:
    """Seconds of processor time that listening took, and milliseconds that were listened to."""
    s = SOUNDS.c
    row = (
        await conn.execute(
            select(func.coalesce(func.sum(s.seconds), 0.0), func.coalesce(func.sum(s.duration_ms), 0)).where(
                s.analyzed_at.is_not(None)
            )
        )
    ).one()
    return float(row[0]), int(row[1])


async def failures(
    conn: AsyncConnection, libraries: Libraries, *, code: str | None = None, after: int = 0, limit: int = 50
) -> Sequence[Any]:
    """Tracks that could not be heard, by number: rows with id, title, artist_display, album, path, error, at, code."""
    s, t = SOUNDS.c, TRACKS.c
    statement = (
        select(
            t.id, t.title, t.artist_display, ALBUMS.c.title.label("album"), FILES.c.display_path, s.error, s.asked_at
        )
        .join(MEMBERS, MEMBERS.c.track_id == t.id)
        .join(SOUNDS, s.id == MEMBERS.c.sound_id)
        .join(ALBUMS, ALBUMS.c.id == t.album_id)
        .join(FILES, FILES.c.id == t.file_id)
        .where(s.state == "failed", t.missing_since.is_(None), t.id > after)
        .order_by(t.id)
        .limit(limit)
    )
    if code is not None:
        statement = statement.where(s.error["code"].as_string() == code)
    if libraries is not None:
        statement = statement.where(t.library_id.in_(libraries))
    return (await conn.execute(statement)).all()


async def failed_codes(conn: AsyncConnection) -> dict[str, int]:
    """How many sounds of tracks failed for each reason."""
    code = SOUNDS.c.error["code"].as_string()
    statement = select(code.label("code"), func.count().label("n")).where(SOUNDS.c.state == "failed", _of_a_track())
    return {row.code or "unknown": row.n for row in await conn.execute(statement.group_by(code))}


def _of_a_track() -> ColumnElement[bool]:
    return exists().where(MEMBERS.c.sound_id == SOUNDS.c.id)


async def to_do_again(
    conn: AsyncConnection, after: int, limit: int, *, failed: bool, code: str | None, other_than: tuple[str, int] | None
) -> list[int]:
    """The next sounds that are to be listened to again: those that failed (for `code`), those that not this engine and
    version heard, or all that were heard."""
    s = SOUNDS.c
    statement = select(s.id).where(s.id > after).order_by(s.id).limit(limit)
    if failed:
        statement = statement.where(s.state == "failed")
        if code is not None:
            statement = statement.where(s.error["code"].as_string() == code)
    elif other_than is not None:
        statement = statement.where(outdated(*other_than))
    else:
        statement = statement.where(s.state == "done")
    return list(await conn.scalars(statement))


async def do_again(tx: Transaction, sounds: Collection[int], priority: int, now: datetime) -> None:
    """Have sounds listened to again; what was heard of them is shown until then."""
    for some in slices(sounds):
        await tx.execute(
            update(SOUNDS)
            .where(SOUNDS.c.id.in_(some), SOUNDS.c.state.in_(("done", "failed", "pending")))
            .values(state="pending", priority=priority, attempts=0, error=None, asked_at=now)
        )


async def libraries_of(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, int]:
    """The library that each of these tracks is in."""
    found: dict[int, int] = {}
    for some in slices(tracks):
        rows = await conn.execute(select(TRACKS.c.id, TRACKS.c.library_id).where(TRACKS.c.id.in_(some)))
        found |= {row.id: row.library_id for row in rows}
    return found
