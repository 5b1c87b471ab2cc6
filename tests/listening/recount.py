"""What plays add up to, counted afresh from the plays themselves in plain Python: what the kept rollups must be equal to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from segue.core.db import Database
from segue.listening.models import Annotation, EntityMove, HeardName, Play, PlayHour, PlayRollup
from segue.listening.rollups import KIND_NUMBERS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Counts:
    """By hour; by (kind, number, period); by (kind, number) with first and last."""

    hours: dict[int, tuple[int, int]]
    rollups: dict[tuple[int, int, int], tuple[int, int]]
    things: dict[tuple[str, int], tuple[int, int, datetime, datetime]]


async def plays_of(db: Database, user: int) -> list[Any]:
    async with db.read() as conn:
        mine = select(Play.__table__).where(Play.user_id == user).order_by(Play.played_at, Play.id)
        return list((await conn.execute(mine)).all())


async def _moves(db: Database) -> dict[tuple[int, int], list[tuple[int, int]]]:
    found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    async with db.read() as conn:
        for row in await conn.execute(select(EntityMove.__table__).order_by(EntityMove.up_to_play)):
            found[row.kind, row.from_id].append((row.up_to_play, row.to_id))
    return found


def local_day(play: Any) -> date:
    local = play.played_at + timedelta(minutes=play.zone_offset_minutes)
    return date(local.year, local.month, local.day)


def heard(play: Any) -> int:
    return int(play.duration_played_ms if play.duration_played_ms is not None else play.duration_ms or 0)


async def counted(db: Database, user: int) -> dict[int, list[tuple[str, int]]]:
    """By play, what it counts for now."""
    moves = await _moves(db)

    def now(kind: str, number: int, play: int) -> int:
        for up_to, to in moves.get((KIND_NUMBERS[kind], number), []):
            if up_to >= play:
                return to
        return number

    found = {}
    for play in await plays_of(db, user):
        album, artists, genres, decade = play.counted
        things = [("track", play.subject)]
        things += [("album", now("album", album, play.id))] if album else []
        things += [("artist", number) for number in dict.fromkeys(now("artist", one, play.id) for one in artists)]
        things += [("genre", number) for number in genres]
        things += [("decade", decade)] if decade is not None else []
        found[play.id] = things
    return found


async def afresh(db: Database, user: int) -> Counts:
    hours: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    rollups: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0])
    things: dict[tuple[str, int], list[Any]] = {}
    what = await counted(db, user)
    for play in await plays_of(db, user):
        local = play.played_at + timedelta(minutes=play.zone_offset_minutes)
        hour = int((local - EPOCH).total_seconds() // 3600)
        assert hour == play.local_hour
        for key, table in ((hour, hours),):
            table[key][0] += 1
            table[key][1] += heard(play)
        day = local_day(play)
        for kind, number in what[play.id]:
            cuts = [day.year] if kind == "track" else [day.year, day.year * 100 + day.month]
            for cut in cuts:
                row = rollups[KIND_NUMBERS[kind], number, cut]
                row[0] += 1
                row[1] += heard(play)
            if kind in ("track", "album", "artist"):
                sums = things.setdefault((kind, number), [0, 0, play.played_at, play.played_at])
                sums[0] += 1
                sums[1] += heard(play)
                sums[2], sums[3] = min(sums[2], play.played_at), max(sums[3], play.played_at)
    return Counts(
        {key: (row[0], row[1]) for key, row in hours.items()},
        {key: (row[0], row[1]) for key, row in rollups.items()},
        {key: (row[0], row[1], row[2], row[3]) for key, row in things.items()},
    )


async def kept(db: Database, user: int) -> Counts:
    async with db.read() as conn:
        hours = {
            row.local_hour: (row.plays, row.heard_ms)
            for row in await conn.execute(select(PlayHour.__table__).where(PlayHour.user_id == user))
        }
        rollups = {
            (row.kind, row.entity_id, row.period): (row.plays, row.heard_ms)
            for row in await conn.execute(select(PlayRollup.__table__).where(PlayRollup.user_id == user))
        }
        things = {}
        for row in await conn.execute(select(Annotation.__table__).where(Annotation.user_id == user)):
            plays = row.play_count - row.plays_elsewhere
            if plays or row.heard_ms:
                things[row.kind, row.entity_id] = (plays, row.heard_ms, row.first_played_at, row.last_played_at)
        for row in await conn.execute(select(HeardName.__table__).where(HeardName.user_id == user)):
            if row.play_count or row.heard_ms:
                things[row.kind, -row.id] = (row.play_count, row.heard_ms, row.first_played_at, row.last_played_at)
    return Counts(hours, rollups, things)


async def check(db: Database, user: int) -> None:
    """Raises AssertionError where what is kept is not what the plays add up to."""
    there, wanted = await kept(db, user), await afresh(db, user)
    for name in ("hours", "rollups", "things"):
        mine, right = getattr(there, name), getattr(wanted, name)
        wrong = {
            key: (mine.get(key), right.get(key))
            for key in mine.keys() | right.keys()
            if mine.get(key) != right.get(key)
        }
        assert not wrong, f"{name}, as (kept, counted afresh): {wrong}"
