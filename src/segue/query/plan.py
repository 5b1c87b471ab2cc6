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
from dataclasses import replace

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
ENOUGH = 1.5
"""Where any rows serve: so many times those that are wanted, by what was drawn, are looked up to find them."""
HEAVY = 3_000
"""Rows that are not passed in the time one statement may take from others; see `core.reading`. To begin in a thread costs
a tenth of a millisecond, to be interrupted and begin again there costs twenty."""
LOOKED_UP = 0.6
"""What it costs to look up a row and put it in order, in rows that are passed while walking: looked up in the order of
their ids, rows lie nearer to one another than in most orders that lists have."""
ENTRY = 0.3
"""What it costs to read an entry of an index with the row that it is of, in the same."""
UNKNOWN = 2
"""Of what so few of the drawn rows meet, or none, it is only known that it is rare: ten or ten thousand rows."""


async def plan(
    conn: AsyncConnection, entity: Entity, where: Node, order: Order | None, scope: Scope, wanted: int
) -> None:
    """Choose how `wanted` rows in `order` (None: in any) are found: `scope.first`, `most_first`, `walked`, `sorted` and
    `heavy`."""
    aim = (where, None if order is None else order.text, wanted)
    if scope.planned == aim:
        return
    scope.planned, scope.row_id = aim, entity.id
    scope.first = scope.most_first = scope.walked = scope.share = None
    scope.heavy = scope.sorted = False
    parts: list[Node] = list(where.parts) if isinstance(where, And) else [where]
    leads = [part for part in parts if compiler.leads(entity, part, scope)]
    walks = order is None or is_walked(order)
    if not leads and (not walks or len(parts) == 1):
        return
    if scope.drawn is None or scope.drawn[0] != where:
        scope.drawn = (where, *await _drawn(conn, entity, parts, scope))
    _, highest, met = scope.drawn
    if highest <= SMALL:
        return
    ordered = [at for at, part in enumerate(parts) if _is_order(entity, part, order)]
    fit = max(0.5, sum(all(each for at, each in enumerate(row) if at not in ordered) for row in met))
    walk = min(float(highest), wanted * len(met) / fit) if walks else float(highest)
    if any(_is_beginning(entity, part, order) for part in parts):
        walk = float(highest)
    best, cost = None, walk
    for part in leads:
        meet = max(0.5, sum(row[parts.index(part)] for row in met))
        rows = highest * meet / max(1, len(met))
        enough = wanted * meet / fit * ENOUGH if order is None else rows
        if min(rows, enough) * LOOKED_UP < cost:
            best, cost = part, min(rows, enough) * LOOKED_UP
            scope.most_first = int(enough) if 2 * enough < rows else None
    together = [part for part in leads if compiler.kept_together(entity, [part])]
    if len(together) > 1:
        at = [parts.index(part) for part in together]
        passed = highest * min(max(0.5, sum(row[each] for row in met)) for each in at) / max(1, len(met))
        rows = highest * max(0.5, sum(all(row[each] for each in at) for row in met)) / max(1, len(met))
        if passed * ENTRY + rows * LOOKED_UP < cost:
            best, cost, scope.most_first = And(tuple(together)), passed * ENTRY + rows * LOOKED_UP, None
    scope.share = sum(all(row) for row in met) / max(1, len(met))
    unknown = best is not None and (best not in parts or sum(row[parts.index(best)] for row in met) <= UNKNOWN)
    unknown = unknown or len(ordered) > 1  # walking where rows have one of these, asking for the others
    through = best is not None and compiler.goes_through(entity, best)
    scope.first, scope.heavy = compiler.with_beside(entity, best, parts), cost > HEAVY or unknown or through
    # far from one another in an order, rows are read one by one from everywhere; in theirs they lie side by side
    scope.sorted = order is not None and walks and best is None and fit < 1 and len(ordered) == 0
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


async def _drawn(
    conn: AsyncConnection, entity: Entity, parts: Sequence[Node], scope: Scope
) -> tuple[int, list[tuple[bool, ...]]]:
    """The highest id, and which conditions each of some rows meets; of a small list none are drawn."""
    highest = int(await conn.scalar(select(func.max(entity.id))) or 0)
    if highest <= SMALL:
        return highest, []
    some = random.Random(highest).sample(range(1, highest + 1), min(DRAWN, highest))
    alone = replace(scope, joins={}, always=set())  # without what the order joins
    met = [compiler.condition(entity, part, alone).label(f"c{at}") for at, part in enumerate(parts)]
    asked = select(*met).select_from(compiler.joined(entity, alone)).where(entity.id.in_(some))
    rows = (await conn.execute(asked)).all()
    return highest, [tuple(bool(each) for each in row) for row in rows]
