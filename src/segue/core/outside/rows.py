"""Every statement about gates, totals and kept answers of outside services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import zstandard
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Transaction, upsert_into
from segue.core.outside.answer import Answer
from segue.core.outside.gate import Gate
from segue.core.outside.models import OutsideAnswer, OutsideGate, OutsideTotal


@dataclass(frozen=True, slots=True)
class KeptFigures:
    """Kept answers of one service: how many by kind, their bytes as they lie there, the oldest and newest; and how many
    questions of it came to what."""

    by_kind: Mapping[str, int]
    size_bytes: int
    oldest: datetime | None
    newest: datetime | None
    outcomes: Mapping[tuple[str, str], int]
    """By kind and outcome."""


TotalKey = tuple[str, str, str]
"""Service, kind, outcome."""
PRUNED_AT_ONCE = 500


async def gate_for_update(tx: Transaction, key: str, service: str) -> Gate:
    """The gate, held still until `tx` ends; made where there is none."""
    stored = select(OutsideGate.state).where(OutsideGate.key == key).with_for_update()
    state = await tx.scalar(stored)
    if state is None:
        fresh = {"key": key, "service": service, "state": Gate().as_json(), "changed_at": utc_now()}
        await tx.execute(upsert_into(tx.dialect, OutsideGate).values(fresh).on_conflict_do_nothing())
        state = await tx.scalar(stored)
    return Gate.of(state)


async def save_gate(tx: Transaction, key: str, gate: Gate, last_fault: Mapping[str, Any] | None = None) -> None:
    values: dict[str, Any] = {"state": gate.as_json(), "changed_at": utc_now()}
    if last_fault is not None:
        values["last_fault"] = dict(last_fault)
    await tx.execute(update(OutsideGate).where(OutsideGate.key == key).values(values))


async def gate(conn: AsyncConnection, key: str) -> Gate:
    """The gate as it is just now."""
    return Gate.of(await conn.scalar(select(OutsideGate.state).where(OutsideGate.key == key)))


async def gate_row(conn: AsyncConnection, key: str) -> Any | None:
    """One gate: key, service, state, last_fault, changed_at."""
    return (await conn.execute(select(OutsideGate.__table__).where(OutsideGate.key == key))).first()


async def gates(conn: AsyncConnection) -> Sequence[Any]:
    """Every gate: key, service, state, last_fault, changed_at; by key."""
    return (await conn.execute(select(OutsideGate.__table__).order_by(OutsideGate.key))).all()


async def add_totals(tx: Transaction, totals: Mapping[TotalKey, tuple[int, float, float]]) -> None:
    """Add counts, seconds and waits."""
    if not totals:
        return
    statement = upsert_into(tx.dialect, OutsideTotal)
    more = statement.excluded
    summed = {
        "count": OutsideTotal.count + more.count,
        "seconds": OutsideTotal.seconds + more.seconds,
        "waited_s": OutsideTotal.waited_s + more.waited_s,
    }
    rows = [
        dict(zip(("service", "kind", "outcome", "count", "seconds", "waited_s"), (*key, *figures), strict=True))
        for key, figures in sorted(totals.items())
    ]
    await tx.execute(statement.on_conflict_do_update(index_elements=["service", "kind", "outcome"], set_=summed), rows)


async def totals(conn: AsyncConnection) -> Sequence[Any]:
    order = (OutsideTotal.service, OutsideTotal.kind, OutsideTotal.outcome)
    return (await conn.execute(select(OutsideTotal.__table__).order_by(*order))).all()


async def kept_answer(conn: AsyncConnection, key: str, title: str) -> tuple[Answer, bool, datetime] | None:
    """What was answered, whether it was a definite no, and until when it is fresh."""
    row = (await conn.execute(select(OutsideAnswer.__table__).where(OutsideAnswer.key == key))).first()
    if row is None:
        return None
    body = zstandard.ZstdDecompressor().decompress(row.body)
    return Answer(title, row.status, body, {}, row.at), row.is_none, row.fresh_until


async def keep_answer(
    tx: Transaction,
    key: str,
    answer: Answer,
    question: Mapping[str, str],
    *,
    is_none: bool,
    fresh_s: float,
    keep_s: float,
) -> None:
    """Keep what was said to `question` (service, kind, name)."""
    values = {
        "key": key,
        **question,
        "at": answer.at,
        "fresh_until": answer.at + timedelta(seconds=fresh_s),
        "keep_until": answer.at + timedelta(seconds=max(fresh_s, keep_s)),
        "is_none": is_none,
        "status": answer.status,
        "body": zstandard.ZstdCompressor().compress(answer.body),
    }
    statement = upsert_into(tx.dialect, OutsideAnswer).values(values)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["key"], set_={name: statement.excluded[name] for name in values if name != "key"}
        )
    )


async def prune_answers(tx: Transaction, now: datetime) -> int:
    """Forget at most 500 answers that are past even being stale; how many."""
    old = select(OutsideAnswer.key).where(OutsideAnswer.keep_until < now).limit(PRUNED_AT_ONCE)
    return (await tx.execute(delete(OutsideAnswer).where(OutsideAnswer.key.in_(old)))).rowcount


async def count_answers(conn: AsyncConnection) -> dict[str, int]:
    """Kept answers by service."""
    rows = await conn.execute(select(OutsideAnswer.service, func.count()).group_by(OutsideAnswer.service))
    return {row[0]: row[1] for row in rows}


async def kept_figures(conn: AsyncConnection, service: str) -> KeptFigures:
    """What is kept of one service's answers, and what its questions came to."""
    columns = (
        OutsideAnswer.kind,
        func.count(),
        func.sum(func.length(OutsideAnswer.body)),
        func.min(OutsideAnswer.at),
        func.max(OutsideAnswer.at),
    )
    of_it = select(*columns).where(OutsideAnswer.service == service).group_by(OutsideAnswer.kind)
    kept = (await conn.execute(of_it)).all()
    counted = await conn.execute(select(OutsideTotal.__table__).where(OutsideTotal.service == service))
    return KeptFigures(
        {row[0]: row[1] for row in kept},
        sum(int(row[2] or 0) for row in kept),
        min((row[3] for row in kept), default=None),
        max((row[4] for row in kept), default=None),
        {(row.kind, row.outcome): int(row._mapping["count"]) for row in counted},
    )


async def forget_answers(tx: Transaction, service: str, kind: str | None) -> int:
    """Forget at most 500 answers of a service; how many."""
    of_it = OutsideAnswer.service == service
    if kind is not None:
        of_it &= OutsideAnswer.kind == kind
    some = select(OutsideAnswer.key).where(of_it).limit(PRUNED_AT_ONCE)
    return (await tx.execute(delete(OutsideAnswer).where(OutsideAnswer.key.in_(some)))).rowcount
