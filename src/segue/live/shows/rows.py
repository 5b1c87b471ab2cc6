"""Every statement about attended concerts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import Table, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Transaction, upsert_into
from segue.live.models import LiveArtist, LiveArtistAlias, LiveConcert, LivePerformance, LiveSong
from segue.live.shows.models import LiveAttendance
from segue.live.songs.rows import batches

ATTENDED = cast(Table, LiveAttendance.__table__)
CONCERT = cast(Table, LiveConcert.__table__)
ARTIST = cast(Table, LiveArtist.__table__)
ALIAS = cast(Table, LiveArtistAlias.__table__)
PERFORMANCE = cast(Table, LivePerformance.__table__)
SONG = cast(Table, LiveSong.__table__)
_THERE = ATTENDED.outerjoin(CONCERT, CONCERT.c.uid == ATTENDED.c.concert_uid)


async def attend(
    tx: Transaction, person: int, uid: str, artist_key: str, artist: str, date: str, note: str | None
) -> None:
    """Keep that a person was at a concert; said again, the note is that of the last time, where there is one."""
    statement = upsert_into(tx.dialect, LiveAttendance).values(
        user_id=person, concert_uid=uid, artist_key=artist_key, artist=artist, date=date, note=note or "", at=utc_now()
    )
    changed = {name: statement.excluded[name] for name in ("artist_key", "artist", "date")}
    if note is not None:
        changed["note"] = statement.excluded.note
    await tx.execute(statement.on_conflict_do_update(index_elements=["user_id", "concert_uid"], set_=changed))


async def forget(tx: Transaction, person: int, uid: str) -> bool:
    """Take that back; whether it was there."""
    mine = and_(ATTENDED.c.user_id == person, ATTENDED.c.concert_uid == uid)
    return bool((await tx.execute(delete(ATTENDED).where(mine))).rowcount)


async def erase(tx: Transaction, person: int) -> None:
    """Forget everything that a person attended."""
    await tx.execute(delete(ATTENDED).where(ATTENDED.c.user_id == person))


async def attended(
    conn: AsyncConnection, person: int, *, artist: int | None = None, day: int | None = None
) -> list[Any]:
    """What a person attended, the latest first: uid, artist, date, note, at, and concert (its number) where it is known."""
    asked = (
        select(
            ATTENDED.c.concert_uid, ATTENDED.c.artist_key, ATTENDED.c.artist, ATTENDED.c.date, ATTENDED.c.note, ATTENDED.c.at,
            CONCERT.c.id.label("concert"),
        )
        .select_from(_THERE)
        .where(ATTENDED.c.user_id == person)
        .order_by(ATTENDED.c.date.desc(), CONCERT.c.sequence.desc(), ATTENDED.c.id.desc())
    )  # fmt: skip
    if artist is not None:
        key = select(ARTIST.c.key).where(ARTIST.c.id == artist).scalar_subquery()
        asked = asked.where(or_(CONCERT.c.artist_id == artist, ATTENDED.c.artist_key == key))
    if day is not None:
        asked = asked.where(func.substr(ATTENDED.c.date, 6, 5) == f"{day // 100:02}-{day % 100:02}")
    return list(await conn.execute(asked))


async def was_there(conn: AsyncConnection, person: int, concerts: Collection[int]) -> set[int]:
    """Those of these concerts that a person attended."""
    found: set[int] = set()
    for some in batches(concerts):
        asked = select(CONCERT.c.id).select_from(_THERE)
        found |= set((await conn.scalars(asked.where(ATTENDED.c.user_id == person, CONCERT.c.id.in_(some)))).all())
    return found


async def moved(tx: Transaction, ended: int, kept: int) -> None:
    """A concert became a part of another: who was at the one was at the other."""
    uids = {
        row.id: row.uid
        for row in await tx.execute(select(CONCERT.c.id, CONCERT.c.uid).where(CONCERT.c.id.in_((ended, kept))))
    }
    if len(uids) < 2:
        return
    mine = ATTENDED.alias("mine")
    both = select(mine.c.user_id).where(mine.c.concert_uid == uids[kept])
    of_ended = ATTENDED.c.concert_uid == uids[ended]
    await tx.execute(update(ATTENDED).where(of_ended, ATTENDED.c.user_id.not_in(both)).values(concert_uid=uids[kept]))
    await tx.execute(delete(ATTENDED).where(of_ended))


# --- finding ------------------------------------------------------------------------------------------------------------


async def artists_called(conn: AsyncConnection, keys: Collection[str], raws: Collection[str]) -> dict[str, int]:
    """Artists by key, and by other names that people or rules gave a meaning (as written)."""
    found: dict[str, int] = {}
    for some in batches(keys):
        rows = await conn.execute(select(ARTIST.c.key, ARTIST.c.id).where(ARTIST.c.key.in_(some)))
        found |= {row.key: row.id for row in rows}
    for some in batches(raws):
        named = select(ALIAS.c.raw, ALIAS.c.artist_id).where(ALIAS.c.raw.in_(some), ALIAS.c.artist_id.is_not(None))
        for row in await conn.execute(named):
            found.setdefault(row.raw, row.artist_id)
    return found


async def concerts_on(conn: AsyncConnection, artists: Collection[int], dates: Collection[str]) -> list[Any]:
    """Concerts of these artists on these dates: id, uid, artist_id, date, sequence, show_time."""
    found: list[Any] = []
    columns = ("id", "uid", "artist_id", "date", "sequence", "show_time")
    for some in batches(dates):
        asked = select(*(CONCERT.c[name] for name in columns)).where(
            CONCERT.c.artist_id.in_(list(artists)), CONCERT.c.date_sort.in_(some), CONCERT.c.kind == "concert"
        )
        found += await conn.execute(asked.order_by(CONCERT.c.date_sort, CONCERT.c.sequence))
    return found


async def names_of(conn: AsyncConnection, artists: Collection[int]) -> dict[int, Any]:
    """Rows of artists by number."""
    found: dict[int, Any] = {}
    for some in batches(artists):
        asked = select(ARTIST.c.id, ARTIST.c.key, ARTIST.c.name).where(ARTIST.c.id.in_(some))
        found |= {row.id: row for row in await conn.execute(asked)}
    return found


async def played_at(conn: AsyncConnection, concerts: Sequence[int]) -> list[Any]:
    """Which songs were played at these concerts, once each: concert_id, song_id, in no order."""
    found: list[Any] = []
    for some in batches(concerts):
        asked = select(PERFORMANCE.c.concert_id, PERFORMANCE.c.song_id).distinct()
        found += await conn.execute(asked.where(PERFORMANCE.c.concert_id.in_(some), PERFORMANCE.c.set_number > 0))
    return found


async def concerts_of_day(conn: AsyncConnection, day: int, artists: Collection[int], limit: int) -> list[int]:
    """Concerts of these artists on a day of any year (month times 100 plus day), by date."""
    found: list[Any] = []
    for some in batches(artists):
        asked = select(CONCERT.c.date_sort, CONCERT.c.sequence, CONCERT.c.id).where(
            CONCERT.c.day_of_year == day, CONCERT.c.artist_id.in_(some), CONCERT.c.kind == "concert"
        )
        found += await conn.execute(asked)
    return [row.id for row in sorted(found)][:limit]
