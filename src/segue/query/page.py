"""One page of a list: by cursor for people and programs that scroll, by offset for Subsonic.

Only ids and sort keys are read here, from an index where there is one; whoever wants the rows looks them up by id.
A cursor holds the sort keys of the last row given. So a page starts where the last ended, whatever was added or removed
meanwhile: no row comes twice, and none that was there all the time is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.query import compile as compiler
from segue.query import cursor as cursors
from segue.query.ast import EVERYTHING, And, Compare, Node, Not, Or, both, fields_of, walk
from segue.query.deep import DEEP, Deep
from segue.query.errors import BadQuery
from segue.query.fields import Entity, Learn, Scope, Sparse, Type, built
from segue.query.plan import plan
from segue.query.shuffle import Shuffle
from segue.query.sort import Order, OrderKey, parse_sort

MAX_LIMIT = 1000
DEFAULT_LIMIT = 50
FEW, MOST_READ = 3_000, 20_000
"""Rows that are put in a random order all at once: the more, the more places would be walked to find a page of them."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: `limit` rows after `cursor`, or from `offset`. Faces allow 1 to 1000 rows."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A list somebody wants: of what, which rows, in which order, seen by whom (None: every library)."""

    entity: Entity
    where: Node
    order: Order
    libraries: frozenset[int] | None

    def filter(self) -> Node:
        """The filter with the entity's own, which holds as long as the question does not speak of it."""
        where = self.where if self.entity.always is None else both(self.where, self.entity.always)
        hidden = self.entity.hidden_unless_asked
        if hidden is None or hidden[0] in {self.entity.aliases.get(name, name) for name in fields_of(self.where)}:
            return where
        return both(where, Compare(hidden[0], "=", _default_value(self.entity, hidden)))

    def mark(self) -> str:
        """What a cursor is bound to: the list, its filter and its order."""
        return cursors.digest(f"{self.entity.name}\n{self.order.text}\n{self.where!r}")


def _default_value(entity: Entity, hidden: tuple[str, str]) -> bool | str:
    return hidden[1] == "true" if entity.field(hidden[0]).type is Type.BOOLEAN else hidden[1]


@dataclass(frozen=True, slots=True)
class Found:
    """The ids of one page in order, and the cursor of the next; None on the last page."""

    ids: list[int]
    next: str | None


async def find(
    conn: AsyncConnection, question: Question, window: Window, scope: Scope, deep: Deep | None = None
) -> Found:
    """The ids of a page. Raises BadCursor for a cursor of another list, sort or filter, and what `condition` raises.

    `deep` remembers what comes after a far offset for those who read a long list page by page.
    """
    if window.cursor is not None and window.offset:
        raise BadQuery("bad_page", "offset", "A page is asked for by cursor or by offset, not by both.")
    question = _with_seed_of(question, window.cursor)
    await learn(conn, question, scope)
    if question.order.seed is not None:
        return await _shuffled(conn, question, window, scope)
    if deep is not None and window.offset >= DEEP:
        return await _deep(conn, question, window, scope, deep)
    keys = question.order.keys(question.entity, scope)
    given = None if window.cursor is None else cursors.read_values(window.cursor, question.mark(), len(keys))
    await plan(conn, question.entity, question.filter(), question.order, scope, window.limit + window.offset)
    sparse = _sparse(question, keys)
    if sparse is None:
        rows = await _rows(conn, question, scope, keys, given, window.limit + 1, window.offset)
    else:
        rows = await _sparse_rows(conn, question, scope, sparse, keys, given, window.limit + 1, window.offset)
    more = len(rows) > window.limit
    rows = rows[: window.limit]
    following = cursors.write_values(question.mark(), list(rows[-1]), None) if more and rows else None
    return Found([row[-1] for row in rows], following)


async def count(conn: AsyncConnection, question: Question, scope: Scope, most: int | None = None) -> int | None:
    """How many rows there are in all; None where it is more than `most` and not simply known."""
    known = _known_total(question)
    if known is not None:
        return int(await conn.scalar(known) or 0)
    await learn(conn, question, scope)
    if most is None:
        await plan(conn, question.entity, question.filter(), None, scope, 2**40)
        return int((await _read(conn, _select(question, scope, [func.count()]), scope))[0][0])
    await plan(conn, question.entity, question.filter(), None, scope, most + 1)
    found = await _counted(conn, question, scope, most)
    if found <= most and scope.most_first is not None:
        scope.most_first = None
        found = await _counted(conn, question, scope, most)
    return None if found > most else found


async def _counted(conn: AsyncConnection, question: Question, scope: Scope, most: int) -> int:
    """How many rows there are, up to one more than `most`."""
    some = _select(question, scope, [question.entity.id]).limit(most + 1).subquery()
    return int((await _read(conn, select(func.count()).select_from(some), scope))[0][0])


async def measure(conn: AsyncConnection, question: Question, scope: Scope, name: str, most: int) -> tuple[int, int]:
    """How many rows there are and what the field `name` adds up to over them, as it is stored; over `most` rows at most.

    Where there are more, the number told is one more than `most`.
    """
    await learn(conn, question, scope)
    await plan(conn, question.entity, question.filter(), None, scope, most + 1)
    found, total = await _measured(conn, question, scope, name, most)
    if found <= most and scope.most_first is not None:
        scope.most_first = None
        found, total = await _measured(conn, question, scope, name, most)
    return found, total


async def _measured(conn: AsyncConnection, question: Question, scope: Scope, name: str, most: int) -> tuple[int, int]:
    scope.row_id = question.entity.id
    declared = question.entity.field(name).expression
    if declared is None:
        raise TypeError(f"{name} cannot be added up")
    value = built(declared, scope).label("value")
    some = _select(question, scope, [question.entity.id, value]).limit(most + 1).subquery()
    sums = select(func.count(), func.coalesce(func.sum(some.c.value), 0)).select_from(some)
    row = (await _read(conn, sums, scope))[0]
    return int(row[0]), int(row[1])


def matching(question: Question, scope: Scope) -> Select[Any]:
    """The ids of all rows, as a part of another statement; `learn` comes before."""
    return _select(question, scope, [question.entity.id])


async def learn(conn: AsyncConnection, question: Question, scope: Scope) -> None:
    """Let fields read what they must know before the question is compiled; once a scope."""
    by_field: dict[str, list[Node]] = {}
    for part, _ in walk(question.where):
        if not isinstance(part, And | Or | Not):
            by_field.setdefault(part.field, []).append(part)
    learners: dict[Learn, list[Node]] = {}
    for name, nodes in by_field.items():
        reads = question.entity.field(name).learn
        if reads is not None:
            learners.setdefault(reads, []).extend(nodes)
    for reads, nodes in learners.items():
        if reads not in scope.learned.setdefault("fields", []):
            scope.learned["fields"].append(reads)
            await reads(conn, question.entity, scope, nodes)


def _known_total(question: Question) -> Select[Any] | None:
    """The total of a list without filters, or of whole libraries, from the counts that are kept."""
    if question.entity.total is None:
        return None
    where, libraries = question.where, question.libraries
    if isinstance(where, Compare) and where.op == "=":
        field = question.entity.field(where.field)
        if field.name == "library":
            chosen = frozenset({int(where.value)})
            return question.entity.total(chosen if libraries is None else libraries & chosen)
        return field.total(where.value, libraries) if field.total else None
    return question.entity.total(libraries) if where == EVERYTHING else None


# --- rows in order ----------------------------------------------------------------------------------------------------


async def _rows(
    conn: AsyncConnection,
    question: Question,
    scope: Scope,
    keys: Sequence[OrderKey],
    given: list[Any] | None,
    limit: int,
    offset: int,
    also: ColumnElement[bool] | None = None,
    lead: Any = None,
) -> list[Any]:
    """Rows of key values, the id last, after the row with the values `given`. `lead` stands before each."""
    columns = [key.expression.label(f"k{at}") for at, key in enumerate(keys)]
    statement = _select(question, scope, columns if lead is None else [lead, *columns])
    if also is not None:
        statement = statement.where(also)
    if given is not None:
        statement = statement.where(after(keys, given))
    statement = statement.order_by(*(key.clause(afterwards=scope.sorted) for key in keys)).limit(limit)
    return await _read(conn, statement.offset(offset) if offset else statement, scope)


async def _read(conn: AsyncConnection, statement: Select[Any], scope: Scope) -> list[Any]:
    """All rows of a statement; one that is known to take long does not try to be quick first."""
    if scope.heavy:
        return await conn.run_sync(lambda sync: list(sync.execute(statement).all()))
    return list((await conn.execute(statement)).all())


def _sparse(question: Question, keys: Sequence[OrderKey]) -> Sparse | None:
    """How a list is read in two parts, where its first key is one that not every row has."""
    if not question.order.terms:
        return None
    sort = question.order.terms[0][0]
    if sort.sparse is None and sort.index and keys[0].nulls == "last":
        return Sparse(keys[0].expression, question.entity.id)
    return sort.sparse


async def _sparse_rows(
    conn: AsyncConnection,
    question: Question,
    scope: Scope,
    sparse: Sparse,
    keys: list[OrderKey],
    given: list[Any] | None,
    limit: int,
    offset: int,
) -> list[Any]:
    """Rows in the order of what few of them have: those from their own index, the others in the order of what is left."""
    lead = keys[0]
    value, row_id = built(sparse.key, scope), built(sparse.row_id, scope)
    own = [OrderKey(value, lead.descending, "never"), *keys[1:-1], OrderKey(row_id, keys[-1].descending, "never")]
    has = value.is_not(None) if sparse.least is None else value > literal(sparse.least, value.type)
    without = value.is_(None) if sparse.zero is None else or_(value.is_(None), value <= literal(sparse.zero))
    absent = literal(None) if sparse.zero is None else literal(sparse.zero)
    in_absent = given is not None and given[0] == sparse.zero

    async def with_value(limit: int, offset: int) -> list[Any]:
        return await _rows(conn, question, scope, own, None if in_absent else given, limit, offset, has)

    async def without_value(limit: int, offset: int) -> list[Any]:
        later = given[1:] if given is not None and in_absent else None
        return await _rows(conn, question, scope, keys[1:], later, limit, offset, without, absent.label("k"))

    first_with = lead.nulls == "last" or (lead.nulls == "never" and lead.descending)
    parts = [with_value, without_value] if first_with else [without_value, with_value]
    if given is not None and in_absent == first_with:
        parts = parts[1:]
    rows: list[Any] = []
    for at, part in enumerate(parts):
        got = await part(limit - len(rows), offset)
        if at + 1 < len(parts) and offset:
            before = offset + len(got)
            if not got:
                there = _select(question, scope, [func.count()]).where(has if part is with_value else without)
                before = int(await conn.scalar(there) or 0)
            offset = max(0, offset - before)
        rows += got
        if len(rows) >= limit:
            break
    return rows


def _select(question: Question, scope: Scope, columns: list[Any]) -> Select[Any]:
    entity = question.entity
    where = compiler.condition(entity, question.filter(), scope)
    statement = select(*columns).select_from(compiler.joined(entity, scope)).where(where)
    if question.libraries is not None:
        statement = statement.where(entity.visible(question.libraries) if question.libraries else false())
    return statement


def after(keys: Sequence[OrderKey], values: list[Any]) -> ColumnElement[bool]:
    """The rows that come after the row with these key values, nulls where the order puts them."""
    bound = [literal(value, key.expression.type) for key, value in zip(keys, values, strict=True)]
    if all(key.nulls == "never" and key.descending == keys[0].descending for key in keys):
        row, last = tuple_(*(key.expression for key in keys)), tuple_(*bound)
        beyond = row < last if keys[0].descending else row > last
        if len({table for key in keys for table in key.expression._from_objects}) < 2:
            return beyond
        lead = keys[0].expression  # no index serves a row of several tables; one may serve its first column
        return and_(lead <= bound[0] if keys[0].descending else lead >= bound[0], beyond)
    alternatives: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for key, value, parameter in zip(keys, values, bound, strict=True):
        alternatives.append(and_(true(), *same, _beyond(key, value, parameter)))
        same.append(key.expression.is_(None) if value is None else key.expression == parameter)
    first = keys[0]
    if first.nulls == "never":  # lets an index begin at the right place
        start = first.expression <= bound[0] if first.descending else first.expression >= bound[0]
        return and_(start, or_(*alternatives))
    return or_(*alternatives)


def _beyond(key: OrderKey, value: Any, parameter: ColumnElement[Any]) -> ColumnElement[bool]:
    if value is None:
        return key.expression.is_not(None) if key.nulls == "first" else false()
    beyond = key.expression < parameter if key.descending else key.expression > parameter
    return or_(beyond, key.expression.is_(None)) if key.nulls == "last" else beyond


# --- far into a list --------------------------------------------------------------------------------------------------


async def _deep(conn: AsyncConnection, question: Question, window: Window, scope: Scope, deep: Deep) -> Found:
    key = (question.mark(), question.libraries, scope.person, str(scope.zone))
    ids = deep.recall(key, window.offset, window.limit)
    if ids is None:
        ahead = replace(window, limit=max(window.limit, deep.ahead))
        read = (await find(conn, question, ahead, scope)).ids
        deep.remember(key, window.offset, read, ended=len(read) < ahead.limit)
        ids = read[: window.limit]
    return Found(ids, None)


# --- random order -----------------------------------------------------------------------------------------------------


def _with_seed_of(question: Question, cursor: str | None) -> Question:
    """A list in random order goes on with the seed it began with, also where the request only said `random`."""
    if cursor is None or not question.order.drawn:
        return question
    return replace(question, order=parse_sort(question.entity, cursors.order_of(cursor)))


async def _some(conn: AsyncConnection, question: Question, scope: Scope, most: int) -> list[int] | None:
    """All ids, where they are no more than `most`."""

    async def read() -> list[int]:
        rows = await _read(conn, _select(question, scope, [question.entity.id]).limit(most + 1), scope)
        return [row[0] for row in rows]

    some = await read()
    if len(some) <= most and scope.most_first is not None:
        scope.most_first = None
        some = await read()
    return some if len(some) <= most else None


async def _shuffled(conn: AsyncConnection, question: Question, window: Window, scope: Scope) -> Found:
    """A page of a random order; see `query.shuffle`. The cursor holds the place after the last row given."""
    entity, seed = question.entity, question.order.seed or ""
    if window.cursor is not None:
        place, bits = cursors.read_values(window.cursor, question.mark(), 2)
        shuffle = Shuffle(seed, int(bits))
    else:
        place, shuffle = 0, Shuffle.over(seed, int(await conn.scalar(select(func.max(entity.id))) or 0))
    skip = 0 if question.order.drawn else window.offset
    wanted = window.limit + 1
    few = min(MOST_READ, max(FEW, math.isqrt(2 * (wanted + skip) << shuffle.bits)))
    await plan(conn, entity, question.filter(), None, scope, few + 1)
    many = scope.share is not None and scope.share * shuffle.size > 1.5 * few
    some = None if many else await _some(conn, question, scope, few)
    taken: list[tuple[int, int]] = []
    if some is not None:
        places = shuffle.places(number for number in some if number < shuffle.size)
        taken = sorted(each for each in places if each[0] >= place)[skip : skip + wanted]
    else:
        scope.first, scope.heavy = None, False
        step = max(64, 2 * wanted)
        while place < shuffle.size and len(taken) < wanted + skip:
            numbers = {shuffle.at(at): at for at in range(place, min(place + step, shuffle.size))}
            statement = _select(question, scope, [entity.id]).where(entity.id.in_(list(numbers)))
            there = (await conn.scalars(statement)).all()
            taken += sorted((numbers[number], number) for number in there)
            place += step
            step = min(step * 2, 4096)
        taken = taken[skip : skip + wanted]
    following = None
    if len(taken) > window.limit:
        taken = taken[: window.limit]
        values = [taken[-1][0] + 1, shuffle.bits]
        following = cursors.write_values(question.mark(), values, question.order.text)
    return Found([number for _, number in taken], following)
