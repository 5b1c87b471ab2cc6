"""One page of a list: by cursor for people and programs that scroll, by offset for Subsonic.

Only ids and sort keys are read here, from an index where there is one; whoever wants the rows looks them up by id.
A cursor holds the sort keys of the last row given. So a page starts where the last ended, whatever was added or removed
meanwhile: no row comes twice, and none that was there all the time is left out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.query import compile as compiler
from segue.query.ast import Compare, Node, both, fields_of
from segue.query.errors import BadCursor, BadQuery
from segue.query.fields import Entity, Scope, Type
from segue.query.sort import Order, OrderKey, parse_sort

MAX_LIMIT = 1000
DEFAULT_LIMIT = 50


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
        hidden = self.entity.hidden_unless_asked
        if hidden is None or hidden[0] in {self.entity.aliases.get(name, name) for name in fields_of(self.where)}:
            return self.where
        return both(self.where, Compare(hidden[0], "=", _default_value(self.entity, hidden)))

    def mark(self) -> str:
        """What a cursor is bound to: the list, its filter and its order."""
        told = f"{self.entity.name}\n{self.order.text}\n{self.where!r}"
        return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _default_value(entity: Entity, hidden: tuple[str, str]) -> bool | str:
    return hidden[1] == "true" if entity.field(hidden[0]).type is Type.BOOLEAN else hidden[1]


@dataclass(frozen=True, slots=True)
class Found:
    """The ids of one page in order, and the cursor of the next; None on the last page."""

    ids: list[int]
    next: str | None


async def find(conn: AsyncConnection, question: Question, window: Window, scope: Scope) -> Found:
    """The ids of a page. Raises BadCursor for a cursor of another list, sort or filter, and what `condition` raises."""
    if window.cursor is not None and window.offset:
        raise BadQuery("bad_page", "offset", "A page is asked for by cursor or by offset, not by both.")
    question = _with_seed_of(question, window.cursor)
    keys = question.order.keys(question.entity, scope)
    statement = _select(question, scope, [key.expression.label(f"k{at}") for at, key in enumerate(keys)])
    statement = statement.order_by(*(key.clause() for key in keys)).limit(window.limit + 1)
    if window.cursor is not None:
        statement = statement.where(after(keys, _read_cursor(window.cursor, question, len(keys), keys)))
    if window.offset:
        statement = statement.offset(window.offset)
    rows = (await conn.execute(statement)).all()
    more = len(rows) > window.limit
    rows = rows[: window.limit]
    return Found([row[-1] for row in rows], _write_cursor(question, rows[-1]) if more and rows else None)


async def count(conn: AsyncConnection, question: Question, scope: Scope) -> int:
    """How many rows there are in all."""
    return int(await conn.scalar(_select(question, scope, [func.count()])) or 0)


def _select(question: Question, scope: Scope, columns: list[Any]) -> Select[Any]:
    entity = question.entity
    where = compiler.condition(entity, question.filter(), scope)
    source = entity.table
    for table, on in scope.joins.values():
        source = source.outerjoin(table, on)
    statement = select(*columns).select_from(source).where(where)
    if question.libraries is not None:
        statement = statement.where(entity.visible(question.libraries) if question.libraries else false())
    return statement


def after(keys: list[OrderKey], values: list[Any]) -> ColumnElement[bool]:
    """The rows that come after the row with these key values, nulls where the order puts them."""
    bound = [literal(value, key.expression.type) for key, value in zip(keys, values, strict=True)]
    if all(key.nulls == "never" and key.descending == keys[0].descending for key in keys):
        row, last = tuple_(*(key.expression for key in keys)), tuple_(*bound)
        return row < last if keys[0].descending else row > last
    alternatives: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for key, value, parameter in zip(keys, values, bound, strict=True):
        alternatives.append(and_(true(), *same, _beyond(key, value, parameter)))
        same.append(key.expression.is_(None) if value is None else key.expression == parameter)
    lead = keys[0]
    if lead.nulls == "never":  # lets an index begin at the right place
        start = lead.expression <= bound[0] if lead.descending else lead.expression >= bound[0]
        return and_(start, or_(*alternatives))
    return or_(*alternatives)


def _beyond(key: OrderKey, value: Any, parameter: ColumnElement[Any]) -> ColumnElement[bool]:
    if value is None:
        return key.expression.is_not(None) if key.nulls == "first" else false()
    beyond = key.expression < parameter if key.descending else key.expression > parameter
    return or_(beyond, key.expression.is_(None)) if key.nulls == "last" else beyond


def _with_seed_of(question: Question, cursor: str | None) -> Question:
    """A list in random order goes on with the seed it began with, also where the request only said `random`."""
    if cursor is None or not question.order.drawn:
        return question
    begun_with = _payload(cursor).get("s")
    if not isinstance(begun_with, str) or not begun_with.startswith("random:"):
        raise BadCursor("This cursor belongs to another sort.")
    order = parse_sort(question.entity, begun_with)
    return Question(question.entity, question.where, order, question.libraries)


def _write_cursor(question: Question, row: Any) -> str:
    values = [_written(value) for value in row]
    body: dict[str, Any] = {"m": question.mark(), "v": values}
    if question.order.seed is not None:
        body["s"] = question.order.text
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(_seal(text) + text).decode().rstrip("=")


def write_offset(offset: int, mark: str) -> str:
    """A cursor for what is ranked and not sorted: where to go on, bound to `mark`."""
    text = json.dumps({"m": _digest(mark), "o": offset}).encode()
    return base64.urlsafe_b64encode(_seal(text) + text).decode().rstrip("=")


def read_offset(cursor: str, mark: str) -> int:
    """What `write_offset` wrote. Raises BadCursor for a cursor of something else."""
    body = _payload(cursor)
    offset = body.get("o")
    if body.get("m") != _digest(mark) or not isinstance(offset, int) or offset < 0:
        raise BadCursor("This cursor belongs to another search.")
    return offset


def _digest(mark: str) -> str:
    return hashlib.blake2b(mark.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _seal(text: bytes) -> bytes:
    """Tells a damaged or home-made cursor. No secret: its values only ever become parameters of a list one may see."""
    return hashlib.blake2b(text, digest_size=6, key=b"segue cursor 1").digest()


def _payload(cursor: str) -> dict[str, Any]:
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        if _seal(raw[6:]) == raw[:6]:
            body = json.loads(raw[6:])
            if isinstance(body, dict):
                return body
    except (ValueError, binascii.Error, UnicodeError):
        raise BadCursor("This is not a cursor that a list here gave out.") from None
    raise BadCursor("This is not a cursor that a list here gave out.")


def _read_cursor(cursor: str, question: Question, length: int, keys: list[OrderKey]) -> list[Any]:
    body = _payload(cursor)
    if body.get("m") != question.mark() or len(body.get("v", ())) != length:
        raise BadCursor("This cursor belongs to another sort, filter or list.")
    return [_read(value) for value in body["v"]]


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    return {"b": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return datetime.fromisoformat(value["t"]) if "t" in value else base64.b64decode(value["b"])
