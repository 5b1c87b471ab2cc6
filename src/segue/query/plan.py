"""Which of a question's conditions is looked up first, and whether any is.

A list can be read in two ways: along an index in the order that was asked for, asking each row whether it fits, or by looking
up the rows that meet one condition and putting those in order. The first costs what lies between two rows that fit, the
second all rows of that condition; between them lie factors of a thousand, and no database guesses well across words, people
and folders. So some rows drawn at random are asked first which conditions they meet, which takes a few milliseconds; what
none of them meets is rare, and is counted up to a bound.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.query import compile as compiler
from segue.query.ast import And, Node, Text
from segue.query.fields import Entity, Scope
from segue.query.sort import Order

SMALL = 3_000
"""Rows of a list that is read either way in no time."""
DRAWN = 400
"""Rows that are asked first."""
HEAVY = 8_000
"""Rows that are not passed in the time one statement may take from others; see `core.reading`."""
LOOKED_UP = 2.0
"""What it costs to look up a row and put it in order, in rows that are passed while walking."""


async def plan(
    conn: AsyncConnection, entity: Entity, where: Node, order: Order | None, scope: Scope, wanted: int
) -> None:
    """Choose how `wanted` rows in `order` (None: in any) are found: sets `scope.first`, `scope.walked` and `scope.heavy`."""
    if scope.planned:
        return
    scope.planned = True
    scope.row_id = entity.id
    parts: list[Node] = list(where.parts) if isinstance(where, And) else [where]
    leads = [part for part in parts if compiler.leads(entity, part, scope)]
    walks = order is None or is_walked(order)
    if not leads and (not walks or len(parts) == 1):
        return
    highest = int(await conn.scalar(select(func.max(entity.id))) or 0)
    if highest <= SMALL:
        return
    met = await _met(conn, entity, parts, scope, highest)
    ordered = [at for at, part in enumerate(parts) if _is_order(entity, part, order)]
    fit = sum(all(each for at, each in enumerate(row) if at not in ordered) for row in met)
    walk = min(float(highest), wanted * len(met) / max(fit, 0.5)) if walks else float(highest)
    if any(_is_beginning(entity, part, order) for part in parts):
        walk = float(highest)
    best, cost = None, walk
    for part in leads:
        at = parts.index(part)
        rows = highest * max(sum(row[at] for row in met), 0.5) / max(1, len(met))
        if rows * LOOKED_UP < cost:
            best, cost = part, rows * LOOKED_UP
    scope.first, scope.heavy = best, cost > HEAVY
    if best is not None or walks:
        scope.walked = frozenset(entity.field(parts[at].field).name for at in ordered)  # type: ignore[union-attr]


def is_walked(order: Order) -> bool:
    """Whether there is an index in this order."""
    return any(sort.index or sort.sparse or sort.walked for sort, _ in order.terms[:1])


def _is_order(entity: Entity, part: Node, order: Order | None) -> bool:
    """Whether a condition is about what the list is ordered by, so that walking it begins where the condition is met."""
    name = getattr(part, "field", None)
    if order is None or not order.terms or name is None:
        return False
    field, sort = entity.field(name), order.terms[0][0]
    return (field.indexed and field.sort is sort) or (sort.sparse is not None and field.per_person)


def _is_beginning(entity: Entity, part: Node, order: Order | None) -> bool:
    """Whether all rows that meet a condition stand together somewhere in the order, where walking may find none for long."""
    if order is None or not order.terms or not isinstance(part, Text) or part.mode not in ("starts", "is"):
        return False
    return entity.field(part.field).sort is order.terms[0][0]


async def _met(
    conn: AsyncConnection, entity: Entity, parts: Sequence[Node], scope: Scope, highest: int
) -> list[tuple[bool, ...]]:
    """Which conditions each of some rows meets."""
    drawn = random.Random(highest).sample(range(1, highest + 1), min(DRAWN, highest))
    met = [compiler.condition(entity, part, scope).label(f"c{at}") for at, part in enumerate(parts)]
    asked = select(*met).select_from(compiler.joined(entity, scope)).where(entity.id.in_(drawn))
    rows = (await conn.execute(asked)).all()
    return [tuple(bool(each) for each in row) for row in rows]
