"""Queries over a person's list of plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.listening.models import Play
from segue.listening.plays import hour_of_day

PLAY: Any = Play.__table__
LOOKED_THROUGH = 20_000
"""Plays that one page looks through for what is sought: some tens of milliseconds."""
RECENT = 5_000
Place = tuple[datetime, int]
"""Where a page ends: the moment and the number of its last play."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which plays: with these words in title, artist or album; of these days; told by this source, client, device; of this
    track; with a track, or without one."""

    words: str = ""
    first: date | None = None
    last: date | None = None
    source: str | None = None
    client: str | None = None
    device: str | None = None
    track_id: int | None = None
    matched: bool | None = None

    @property
    def looks_through(self) -> bool:
        """Whether plays have to be looked at one by one."""
        return bool(self.words) or any(
            value is not None for value in (self.source, self.client, self.device, self.matched)
        )


async def page(
    conn: AsyncConnection, user_id: int, before: Place | None, limit: int, sought: Sought
) -> tuple[Sequence[Any], Place | None]:
    """Plays newest first, and where to go on; None at the end."""
    asked = _asked(user_id, before, sought)
    if not sought.looks_through:
        rows = (await conn.execute(_newest_first(select(PLAY).where(asked)).limit(limit + 1))).all()
        return rows[:limit], _place(rows[limit - 1]) if len(rows) > limit else None
    window = _newest_first(select(PLAY).where(asked)).limit(LOOKED_THROUGH).subquery()
    wanted = select(window).where(_matches(window.c, sought))
    ordered = wanted.order_by(window.c.played_at.desc(), window.c.id.desc()).limit(limit + 1)
    rows = (await conn.execute(ordered)).all()
    if len(rows) > limit:
        return rows[:limit], _place(rows[limit - 1])
    last = _newest_first(select(PLAY.c.played_at, PLAY.c.id).where(asked)).offset(LOOKED_THROUGH - 1).limit(1)
    end = (await conn.execute(last)).first()
    return rows, _place(end) if end is not None else None


async def sources(conn: AsyncConnection, user_id: int) -> list[tuple[str, str, str]]:
    """(source, client, device) of the last plays, the most frequent first."""
    columns = (PLAY.c.source, PLAY.c.client, PLAY.c.device)
    recent = _newest_first(select(*columns).where(PLAY.c.user_id == user_id)).limit(RECENT).subquery()
    found = select(recent).group_by(*recent.c).order_by(func.count().desc(), *recent.c)
    return [(row[0], row[1], row[2]) for row in await conn.execute(found)]


async def tracks_since(conn: AsyncConnection, user_id: int, since: datetime, limit: int) -> list[tuple[int, datetime]]:
    """What a person played since then of what is here: (track, when), the newest first."""
    mine = (PLAY.c.user_id == user_id, PLAY.c.played_at >= since, PLAY.c.track_id.is_not(None))
    asked = select(PLAY.c.track_id, PLAY.c.played_at).where(*mine)
    rows = await conn.execute(asked.order_by(PLAY.c.played_at.desc(), PLAY.c.id.desc()).limit(limit))
    return [(int(row.track_id), row.played_at) for row in rows]


async def oldest_first(conn: AsyncConnection, user_id: int, after: Place | None, limit: int) -> Sequence[Any]:
    """Plays from after `after`, oldest first: for exports."""
    mine = select(PLAY).where(PLAY.c.user_id == user_id)
    if after is not None:
        at, number = after
        mine = mine.where(or_(PLAY.c.played_at > at, and_(PLAY.c.played_at == at, PLAY.c.id > number)))
    return (await conn.execute(mine.order_by(PLAY.c.played_at, PLAY.c.id).limit(limit))).all()


def _asked(user_id: int, before: Place | None, sought: Sought) -> Any:
    asked = [PLAY.c.user_id == user_id]
    if sought.track_id is not None:
        asked.append(PLAY.c.subject == sought.track_id)
    if before is not None:
        at, number = before
        # the first part bounds the walk through the index on both databases
        asked += [PLAY.c.played_at <= at, or_(PLAY.c.played_at < at, PLAY.c.id < number)]
    # a day by the person's clock lies within these moments wherever they were; the local hour says which exactly
    if sought.first is not None:
        asked.append(PLAY.c.played_at >= _moment(sought.first) - timedelta(hours=15))
        asked.append(PLAY.c.local_hour >= hour_of_day(sought.first))
    if sought.last is not None:
        asked.append(PLAY.c.played_at < _moment(sought.last) + timedelta(hours=39))
        asked.append(PLAY.c.local_hour < hour_of_day(sought.last) + 24)
    return and_(*asked)


def _matches(columns: Any, sought: Sought) -> Any:
    asked = []
    for word in sought.words.split():
        like = [columns[name].ilike(f"%{_escaped(word)}%", escape="\\") for name in ("title", "artist", "album")]
        asked.append(or_(*like))
    for name in ("source", "client", "device"):
        if (value := getattr(sought, name)) is not None:
            asked.append(columns[name] == value)
    if sought.matched is not None:
        asked.append(columns.track_id.is_not(None) if sought.matched else columns.track_id.is_(None))
    return and_(*asked)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _newest_first(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(PLAY.c.played_at.desc(), PLAY.c.id.desc())


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _place(row: Any) -> Place:
    return row.played_at, row.id
