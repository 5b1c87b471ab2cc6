"""Keeping plays: what is a play already known, what a new one counts for, and everything that is written with it.

One way for one play and for a million: listens are kept some at a time, and what they add up to is written once for all.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.inline import run_many, run_one
from segue.core.remembered import Memory, Remembered
from segue.listening.counting import FOLDED_WITHIN
from segue.listening.models import Play, PlayChange
from segue.listening.names import counted_by_names, slices
from segue.listening.plays import Listen, Outcome, PlayRow, heard_ms, local_hour
from segue.listening.rollups import Tally, as_sqlite, counted_for, names_from

PLAY: Any = Play.__table__
ONE_WRITER = text("SELECT pg_advisory_xact_lock(7316836, :person)")


@dataclass(slots=True)
class Recorded:
    """What `record` did: see `Outcome`; `tally` is what the new plays add up to."""

    outcome: Outcome
    tally: Tally


@dataclass(slots=True)
class _Report:
    """One listen on its way to being a play."""

    listen: Listen
    subject: int
    counted: list[Any]
    track: Remembered | None
    device: str
    heard_ms: int | None = None
    """Where a later report of the same play knew better."""


@dataclass(slots=True)
class _There:
    """A play that is there: its row where it is kept already, its report where it is new."""

    played_at: datetime
    device: str
    report: _Report | None = None
    row: Any = None


@dataclass(slots=True)
class _Timeline:
    """The plays of one subject in order of time."""

    moments: list[datetime] = field(default_factory=list)
    plays: list[_There] = field(default_factory=list)

    def put(self, there: _There) -> None:
        place = bisect_left(self.moments, there.played_at)
        self.moments.insert(place, there.played_at)
        self.plays.insert(place, there)

    def near(self, at: datetime, device: str | None) -> _There | None:
        """The play nearest to `at` among those within the time in which reports fold; of `device` where one is given."""
        first = bisect_left(self.moments, at - FOLDED_WITHIN)
        best: _There | None = None
        for there in self.plays[first:]:
            if there.played_at > at + FOLDED_WITHIN:
                break
            if device is not None and there.device != device:
                continue
            if best is None or abs(there.played_at - at) < abs(best.played_at - at):
                best = there
        return best


async def one_at_a_time(tx: Transaction, user_id: int) -> None:
    """Let no other transaction write plays of this person until this one ends; on SQLite there is only one anyway."""
    if tx.dialect == "postgresql":
        await tx.execute(ONE_WRITER, {"person": user_id})


async def record(
    tx: Transaction,
    music: Memory,
    actor: Actor,
    listens: Sequence[Listen],
    *,
    zone: ZoneInfo,
    by_device: bool,
    tell: bool,
    tracks: Mapping[int, Remembered] | None = None,
) -> Recorded:
    """Keep `listens` of `actor` as plays, in the person's `zone` where they do not say their own offset.

    `tracks` are theirs, where they are known already.

    With `by_device` reports of different devices never fold into one; without, the same track at the same time is the
    same play wherever it was told from. With `tell` the outcome holds the new plays.
    """
    person = actor.person
    await one_at_a_time(tx, person)
    outcome, tally = Outcome(), Tally()
    if tracks is None:
        wanted = list(dict.fromkeys(listen.track_id for listen in listens if listen.track_id is not None))
        tracks = await music.remembered(tx.conn, actor, "track", wanted) if wanted else {}
    reports = await _understood(tx, music, actor, listens, tracks)
    timelines = await _timelines(tx.conn, person, reports)
    gone = set() if by_device else await _taken_away(tx.conn, person, reports)
    fresh: list[_Report] = []
    longer: dict[int, tuple[Any, int]] = {}
    for report in sorted(reports, key=lambda one: one.listen.played_at):
        at = report.listen.played_at
        there = timelines[report.subject].near(at, report.device if by_device else None)
        if there is not None:
            outcome.folded += 1
            _hear_longer(there, report, longer)
        elif (report.subject, at) in gone:
            outcome.refused += 1
        else:
            timelines[report.subject].put(_There(at, report.device, report))
            fresh.append(report)
    rows = [_row(person, report, zone) for report in fresh]
    numbers = await _insert(tx, rows, tell)
    for row, report in zip(rows, fresh, strict=True):
        heard = heard_ms(row["duration_played_ms"], row["duration_ms"])
        tally.collect(row["local_hour"], heard, row["played_at"], report.subject, report.counted)
        outcome.unmatched += report.subject < 0
    tally.collected()
    outcome.added = len(rows)
    if tell:
        outcome.plays = [PlayRow.of({**row, "id": number}) for row, number in zip(rows, numbers, strict=True)]
    if rows:
        await tally.write(tx, person, names_from(tx, music, actor, tracks))
    await _write_longer(tx, person, longer)
    return Recorded(outcome, tally)


async def _understood(
    tx: Transaction, music: Memory, actor: Actor, listens: Sequence[Listen], tracks: Mapping[int, Remembered]
) -> list[_Report]:
    """What each listen is of, and what it counts for."""
    nameless = {place: listen for place, listen in enumerate(listens) if listen.track_id not in tracks}
    named = await counted_by_names(tx, music, actor.person, nameless) if nameless else {}
    counts = {track.id: counted_for(track) for track in tracks.values()}
    reports = []
    for place, listen in enumerate(listens):
        track = tracks.get(listen.track_id) if listen.track_id is not None else None
        device = listen.device or listen.client
        if track is not None:
            reports.append(_Report(listen, track.id, counts[track.id], track, device))
        else:
            subject, counted = named[place]
            reports.append(_Report(listen, subject, counted, None, device))
    return reports


async def _timelines(conn: AsyncConnection, person: int, reports: Sequence[_Report]) -> defaultdict[int, _Timeline]:
    """The plays of what was reported, around the time of the reports."""
    found: defaultdict[int, _Timeline] = defaultdict(_Timeline)
    if not reports:
        return found
    first = min(report.listen.played_at for report in reports) - FOLDED_WITHIN
    last = max(report.listen.played_at for report in reports) + FOLDED_WITHIN
    for some in slices(sorted({report.subject for report in reports})):
        asked = {"person": person, "subjects": some, "first": first, "last": last}
        for row in await conn.execute(_near(), asked):
            found[row.subject].put(_There(row.played_at, row.device, row=row))
    return found


@cache
def _near() -> Any:
    """Made once: every play asks it."""
    names = ("id", "subject", "played_at", "device", "duration_played_ms", "duration_ms", "local_hour", "counted")
    moment = PLAY.c.played_at.type
    return select(*(PLAY.c[name] for name in names)).where(
        PLAY.c.user_id == bindparam("person"),
        PLAY.c.subject.in_(bindparam("subjects", expanding=True)),
        PLAY.c.played_at.between(bindparam("first", type_=moment), bindparam("last", type_=moment)),
    )


async def _taken_away(conn: AsyncConnection, person: int, reports: Sequence[_Report]) -> set[tuple[int, datetime]]:
    """What of this the person took away, and what they said is something else: it is not to come back."""
    found = set()
    for some in slices(sorted({report.subject for report in reports})):
        gone = select(PlayChange.subject, PlayChange.played_at).where(
            PlayChange.user_id == person, PlayChange.subject.in_(some), PlayChange.undone_at.is_(None)
        )
        found |= {(row.subject, row.played_at) for row in await conn.execute(gone)}
    return found


def _hear_longer(there: _There, report: _Report, longer: dict[int, tuple[Any, int]]) -> None:
    """A later report of the same play may know that more of it was heard."""
    heard = report.listen.duration_played_ms
    if heard is None:
        return
    if there.row is not None:
        known = longer[there.row.id][1] if there.row.id in longer else there.row.duration_played_ms
        if known is None or heard > known:
            longer[there.row.id] = (there.row, heard)
    elif there.report is not None and heard > (there.report.listen.duration_played_ms or 0):
        there.report.heard_ms = heard


def _row(person: int, report: _Report, zone: ZoneInfo) -> dict[str, Any]:
    listen, track = report.listen, report.track
    offset = listen.zone_offset_minutes
    if offset is None:
        offset = offset_minutes(zone, listen.played_at)
    external = dict(listen.external_ids)
    if track is not None:
        external = {**track.external_ids, **external}
    return {
        "user_id": person,
        "track_id": track.id if track is not None else None,
        "subject": report.subject,
        "played_at": listen.played_at,
        "zone_offset_minutes": offset,
        "local_hour": local_hour(listen.played_at, offset),
        "duration_played_ms": report.heard_ms if report.heard_ms is not None else listen.duration_played_ms,
        "source": listen.source,
        "client": listen.client,
        "device": report.device,
        "title": listen.title or (track.title if track is not None else ""),
        "artist": listen.artist or (track.artist if track is not None else ""),
        "album": listen.album or (track.album if track is not None else ""),
        "album_artist": listen.album_artist or (track.album_artist if track is not None else ""),
        "duration_ms": listen.duration_ms or (track.duration_ms if track is not None else None),
        "external_ids": external or None,
        "counted": report.counted,
    }


async def _insert(tx: Transaction, rows: Sequence[Mapping[str, Any]], numbered: bool) -> list[int]:
    """Write plays; their numbers, where they are wanted."""
    if not rows:
        return []
    if tx.dialect == "sqlite":
        # past SQLAlchemy, whose own work on each row is more than the database's
        written = _as_tuples(rows)
        if numbered:
            return [(await run_one(tx.conn, f"{_INSERT} RETURNING id", row))[0][0] for row in written]
        await run_many(tx.conn, _INSERT, written)
        return []
    if not numbered:
        await tx.execute(insert(PLAY), rows)
        return []
    statement = insert(PLAY).returning(PLAY.c.id, sort_by_parameter_order=True)
    return [int(row[0]) for row in (await tx.execute(statement, rows)).all()]


_AS_THEY_ARE = tuple(c.name for c in PLAY.columns if c.name not in ("id", "played_at", "external_ids", "counted"))
_COLUMNS = (*_AS_THEY_ARE, "played_at", "external_ids", "counted")
_INSERT = f"INSERT INTO plays ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_plain: Any = itemgetter(*_AS_THEY_ARE)


def _as_tuples(rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Rows as SQLite's driver takes them. What many plays have alike is written as JSON once."""
    said: dict[int, str] = {}
    written = []
    for row in rows:
        external, counted = row["external_ids"], row["counted"]
        as_json = said.get(id(counted))
        if as_json is None:
            as_json = said[id(counted)] = json.dumps(counted)
        others = None if external is None else json.dumps(external)
        written.append((*_plain(row), as_sqlite(row["played_at"]), others, as_json))
    return written


async def _write_longer(tx: Transaction, person: int, longer: Mapping[int, tuple[Any, int]]) -> None:
    """Let plays that are there have been heard for longer than was known."""
    if not longer:
        return
    more = Tally()
    for number, (row, heard) in longer.items():
        await tx.execute(update(PLAY).where(PLAY.c.id == number).values(duration_played_ms=heard))
        if row.counted is not None:
            gain = heard - heard_ms(row.duration_played_ms, row.duration_ms)
            more.add(row.local_hour, gain, row.played_at, row.subject, row.counted, plays=0)
    await more.write(tx, person)


def offset_minutes(zone: ZoneInfo, moment: datetime) -> int:
    """Minutes by which clocks in `zone` are ahead of UTC at `moment`."""
    offset = moment.astimezone(zone).utcoffset()
    return int(cast(Any, offset).total_seconds() // 60) if offset else 0
