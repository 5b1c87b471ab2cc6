"""Every statement about rules, their runs and deeds, and about the nights that a plan is made of."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.live.bulk import among
from segue.live.downloads import states
from segue.live.downloads.formats import is_called
from segue.live.downloads.models import LiveDownload
from segue.live.keeping.models import LiveRule, LiveRuleDeed, LiveRuleRun
from segue.live.keeping.planning import Candidate, Copy, Night
from segue.live.models import LiveConcert, LiveConcertRecording, LiveFile, LivePin, LiveRecording, LiveTrack

RULES = cast(Table, LiveRule.__table__)
RUNS = cast(Table, LiveRuleRun.__table__)
DEEDS = cast(Table, LiveRuleDeed.__table__)
_C, _R = cast(Table, LiveConcert.__table__).c, cast(Table, LiveRecording.__table__).c
_H, _F = cast(Table, LiveConcertRecording.__table__).c, cast(Table, LiveFile.__table__).c
_D, _T = cast(Table, LiveDownload.__table__).c, cast(Table, LiveTrack.__table__).c
TOGETHER = 100
"""Concerts that are read in one statement."""
_GIVEN_UP = {states.FAILED: "failed", states.BLOCKED: "failed", states.CANCELLED: "removed"}


# --- rules ------------------------------------------------------------------------------------------------------------


async def add(tx: Transaction, values: Mapping[str, Any]) -> int:
    number = int(await tx.scalar(insert(LiveRule).values(dict(values)).returning(LiveRule.id)))
    tx.changed("live_rule", number, user_id=values["owner_id"] or None)
    return number


async def change(tx: Transaction, rule: Any, values: Mapping[str, Any]) -> None:
    await tx.execute(update(LiveRule).where(LiveRule.id == rule.id).values(dict(values)))
    tx.changed("live_rule", rule.id, user_id=rule.owner_id or None)


async def remove(tx: Transaction, rule: Any) -> None:
    """Take a rule away with its history; what it fetched stays, and belongs to whom it was fetched for."""
    await tx.execute(update(LiveDownload).where(_D.rule_id == rule.id).values(rule_id=None))
    await tx.execute(delete(LiveRule).where(LiveRule.id == rule.id))
    tx.changed("live_rule", rule.id, "delete", user_id=rule.owner_id or None)


async def get(conn: AsyncConnection, number: int) -> Any | None:
    return (await conn.execute(select(RULES).where(RULES.c.id == number))).first()


async def page(conn: AsyncConnection, owner: int | None, after: tuple[str, int] | None, limit: int) -> Sequence[Any]:
    """Rules by name; `owner` None: everybody's."""
    asked = select(RULES).order_by(RULES.c.sort_key, RULES.c.id).limit(limit)
    if owner is not None:
        asked = asked.where(RULES.c.owner_id == owner)
    if after is not None:
        name, number = after
        later = (RULES.c.sort_key > name) | ((RULES.c.sort_key == name) & (RULES.c.id > number))
        asked = asked.where(later)
    return (await conn.execute(asked)).all()


async def enabled(conn: AsyncConnection) -> list[int]:
    return list((await conn.scalars(select(RULES.c.id).where(RULES.c.enabled).order_by(RULES.c.id))).all())


async def of_person(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    return (await conn.execute(select(RULES).where(RULES.c.owner_id == user_id))).all()


async def kept_bytes(conn: AsyncConnection, rules: Iterable[int]) -> dict[int, tuple[int, int]]:
    """By rule: how many recordings it keeps or is fetching, and their bytes."""
    asked = (
        select(_D.rule_id, func.count(), func.coalesce(func.sum(func.coalesce(_D.size_bytes, 0)), 0))
        .where(among(_D.rule_id, rules, conn.dialect.name), _standing())
        .group_by(_D.rule_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in await conn.execute(asked)}


def _standing() -> Any:
    """Downloads of whole recordings that are here, or still to come."""
    there = (_D.state == states.DONE) & _D.removed_at.is_(None)
    return (_D.state.in_(states.ACTIVE) | there) & _D.wanted.is_(None)


# --- runs and deeds -----------------------------------------------------------------------------------------------------


async def add_run(tx: Transaction, values: Mapping[str, Any]) -> int:
    return int(await tx.scalar(insert(LiveRuleRun).values(dict(values)).returning(LiveRuleRun.id)))


async def add_deed(tx: Transaction, values: Mapping[str, Any]) -> None:
    await tx.execute(insert(LiveRuleDeed).values(dict(values)))


async def runs(conn: AsyncConnection, rule: int, before: int | None, limit: int) -> Sequence[Any]:
    """What a rule's runs did, the newest first."""
    asked = select(RUNS).where(RUNS.c.rule_id == rule).order_by(RUNS.c.id.desc()).limit(limit)
    return (await conn.execute(asked if before is None else asked.where(RUNS.c.id < before))).all()


async def deeds(conn: AsyncConnection, rule: int, before: int | None, limit: int) -> Sequence[Any]:
    """What a rule fetched, replaced and took away, the newest first, with how its downloads stand."""
    asked = (
        select(DEEDS, _D.state, _D.removed_at, _D.title, _D.artist, _D.date)
        .join_from(LiveRuleDeed, LiveDownload, _D.id == DEEDS.c.download_id, isouter=True)
        .where(DEEDS.c.rule_id == rule)
        .order_by(DEEDS.c.id.desc())
        .limit(limit)
    )
    return (await conn.execute(asked if before is None else asked.where(DEEDS.c.id < before))).all()


async def replacing(conn: AsyncConnection, download: int) -> Sequence[Any]:
    """The deeds by which this download is to take the place of another one that is still here."""
    asked = (
        select(DEEDS)
        .join(LiveDownload, _D.id == DEEDS.c.replaces_id)
        .where(DEEDS.c.download_id == download, DEEDS.c.action == "replace")
        .where(_D.rule_id == DEEDS.c.rule_id, _D.removed_at.is_(None))
    )
    return (await conn.execute(asked)).all()


async def needed_for(conn: AsyncConnection, download: int, but: str) -> bool:
    """Whether a download's recording holds another concert too than the one of this uid."""
    asked = (
        select(_C.id)
        .join_from(LiveConcertRecording, LiveConcert, _C.id == _H.concert_id)
        .join(LiveDownload, _D.recording_id == _H.recording_id)
        .where(_D.id == download, _C.uid != but)
        .limit(1)
    )
    return await conn.scalar(asked) is not None


# --- nights -------------------------------------------------------------------------------------------------------------


async def nights(
    conn: AsyncConnection, concerts: Sequence[int], rule: int, owner: int, formats: Sequence[str]
) -> list[Night]:
    """Concerts with their recordings as a plan needs them, in the order given. `rule` 0: one that is not there yet."""
    found: dict[int, Night] = {}
    for start in range(0, len(concerts), TOGETHER):
        some = concerts[start : start + TOGETHER]
        found |= await _nights(conn, some, rule, owner, formats)
        await asyncio.sleep(0)  # whoever else is answered by this process has a turn
    return [found[number] for number in concerts if number in found]


async def _nights(
    conn: AsyncConnection, concerts: Sequence[int], rule: int, owner: int, formats: Sequence[str]
) -> dict[int, Night]:
    dialect = conn.dialect.name
    uids = dict((await conn.execute(select(_C.id, _C.uid).where(among(_C.id, concerts, dialect)))).all())  # type: ignore[arg-type]
    columns = (
        _H.concert_id, _H.rank, _H.score, _H.completeness, _R.id, _R.provider, _R.identifier, _R.source_type, _R.formats,
        _R.size_bytes, _R.partial, _R.stream_only, _R.status, _R.supersedes, _R.shnid, _R.details_at,
    )  # fmt: skip
    held = (
        await conn.execute(
            select(*columns)
            .join_from(LiveConcertRecording, LiveRecording, _R.id == _H.recording_id)
            .where(among(_H.concert_id, concerts, dialect))
        )
    ).all()
    numbers = sorted({row.id for row in held})
    sizes = await _sizes(conn, numbers, formats)
    copies, gave_up = await _copies(conn, held, rule)
    p = LivePin
    pins = {
        (row.concert_id, row.recording_id)
        for row in await conn.execute(
            select(p.concert_id, p.recording_id).where(
                p.user_id.in_({0, owner}), among(cast(Table, p.__table__).c.concert_id, concerts, dialect)
            )
        )
    }
    by_night: dict[int, list[Any]] = defaultdict(list)
    for row in held:
        by_night[row.concert_id].append(row)
    found = {}
    for number, uid in uids.items():
        rows = by_night.get(number, [])
        named = {name: row.id for row in rows for name in (row.identifier, row.shnid) if name}
        candidates = []
        for row in rows:
            exact = sizes.get(row.id)
            candidates.append(
                Candidate(
                    recording=row.id, identifier=row.identifier, source=row.source_type, formats=tuple(row.formats or ()),
                    rank=row.rank, score=row.score, completeness=row.completeness,
                    bytes=row.size_bytes if exact is None else exact, exact=exact is not None,
                    detailed=row.details_at is not None, partial=row.partial,
                    stream_only=row.stream_only, status="tape" if row.provider != "archive" else row.status,
                    pinned=(number, row.id) in pins,
                    supersedes=frozenset(named[name] for name in row.supersedes or () if name in named),
                    copy=copies.get(row.id), gave_up=gave_up.get(row.id, ""),
                )
            )  # fmt: skip
        found[number] = Night(number, uid, tuple(candidates))
    return found


async def _sizes(conn: AsyncConnection, recordings: Sequence[int], formats: Sequence[str]) -> dict[int, int]:
    """The bytes of each recording's tracks in the first of `formats` that it has, where its files are known."""
    asked = (
        select(_F.recording_id, _F.format, func.sum(_F.size))
        .where(among(_F.recording_id, recordings, conn.dialect.name), _F.number.is_not(None), _F.private.is_(False))
        .group_by(_F.recording_id, _F.format)
    )
    by_format: dict[int, dict[str, int]] = defaultdict(dict)
    for number, format, size in await conn.execute(asked):
        by_format[number][format] = int(size or 0)
    found = {}
    for number, has in by_format.items():
        for wanted in formats:
            size = next((size for format, size in has.items() if is_called(format, wanted)), 0)
            if size:
                found[number] = size
                break
    return found


async def _copies(conn: AsyncConnection, held: Sequence[Any], rule: int) -> tuple[dict[int, Copy], dict[int, Any]]:
    """By recording: what is here or coming, and why the rule gave up on it."""
    dialect = conn.dialect.name
    by_name = {row.identifier: row.id for row in held if row.provider == "archive"}
    numbers = sorted({row.id for row in held})
    copies: dict[int, Copy] = {}
    gave_up: dict[int, Any] = {}
    own_removals = set(
        await conn.scalars(select(DEEDS.c.replaces_id).where(DEEDS.c.rule_id == rule, DEEDS.c.action == "remove"))
    )
    asked = select(
        _D.id, _D.identifier, _D.rule_id, _D.state, _D.removed_at, _D.size_bytes, _D.done_bytes, _D.wanted
    ).where(among(_D.identifier, by_name, dialect))
    for row in await conn.execute(asked.order_by(_D.id)):
        number = by_name[row.identifier]
        if row.wanted is not None:
            continue
        if row.state in states.ACTIVE or (row.state == states.DONE and row.removed_at is None):
            mine = rule > 0 and row.rule_id == rule
            before = copies.get(number)
            if before is None or (before.by == "rule" and not mine):
                here = "here" if row.state == states.DONE else "coming"
                copies[number] = Copy("rule" if mine else "hand", here, row.size_bytes or row.done_bytes or 0, row.id)  # type: ignore[arg-type]
            gave_up.pop(number, None)
        elif row.rule_id == rule and row.id not in own_removals:
            gave_up[number] = "removed" if row.removed_at is not None else _GIVEN_UP.get(row.state, "failed")
    here_anyway = select(_T.recording_id).where(among(_T.recording_id, numbers, dialect), _T.track_id.is_not(None))
    for number in await conn.scalars(here_anyway.distinct()):
        copies.setdefault(number, Copy("hand", "here", 0))
    return copies, gave_up


async def kept_elsewhere(conn: AsyncConnection, rule: int, but: Iterable[int]) -> int:
    """Bytes that a rule keeps of recordings that are none of these."""
    among_these = set(but)
    asked = select(_D.recording_id, _D.size_bytes, _D.done_bytes).where(_D.rule_id == rule, _standing())
    return sum(
        row.size_bytes or row.done_bytes or 0
        for row in await conn.execute(asked)
        if row.recording_id not in among_these
    )


__all__ = [
    "add",
    "add_deed",
    "add_run",
    "change",
    "deeds",
    "enabled",
    "get",
    "kept_bytes",
    "kept_elsewhere",
    "needed_for",
    "nights",
    "of_person",
    "page",
    "remove",
    "replacing",
    "runs",
]
