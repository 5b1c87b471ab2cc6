"""From a tree to SQL: parameterised SQLAlchemy Core that answers alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Integer,
    Select,
    String,
    and_,
    any_,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from segue.core.db import SortText
from segue.query import values
from segue.query.ast import And, Chain, Compare, Comparison, Has, In, Node, Not, Or, Range, Text, Value, walk
from segue.query.errors import TooBig, WrongOperation
from segue.query.expressions import is_moment, of_each, unindexed
from segue.query.fields import Entity, Field, Many, Named, Scope, Type, built
from segue.query.wildcards import looks_like

LAST = "\U0010ffff"
"""Sorts behind every other character."""
MAX_DEPTH = 32
MAX_NODES = 300
MAX_VALUES = 1000
"""Values in all lists of one question together."""

_ORDERED = (Type.INTEGER, Type.NUMBER, Type.DATE, Type.DURATION)


def check_size(node: Node, *, parameter: str = "filter") -> None:
    """Raises TooBig where the tree is deeper or larger than a question may be."""
    listed = 0
    for nodes, (part, depth) in enumerate(walk(node), 1):
        if isinstance(part, In):
            listed += len(part.values)
        if depth > MAX_DEPTH:
            raise TooBig(parameter, "levels", MAX_DEPTH)
        if nodes > MAX_NODES:
            raise TooBig(parameter, "conditions", MAX_NODES)
        if listed > MAX_VALUES:
            raise TooBig(parameter, "values", MAX_VALUES)


def condition(entity: Entity, node: Node, scope: Scope) -> ColumnElement[bool]:
    """The WHERE clause of `node`. Joins that its fields need are left in `scope`.

    Raises UnknownField, WrongOperation and TooBig.
    """
    check_size(node)
    scope.row_id = entity.id
    return _compiled(entity, node, scope, inside_not=False)


def _compiled(entity: Entity, node: Node, scope: Scope, *, inside_not: bool) -> ColumnElement[bool]:
    if node is scope.first:
        found = ids_of(entity, node, scope)
        return among(entity.id, found if scope.most_first is None else found.limit(scope.most_first), scope)
    if isinstance(node, And):
        parts = sorted(_with_first(node, scope.first), key=lambda part: _weight(entity, part))
        return and_(true(), *(_compiled(entity, part, scope, inside_not=inside_not) for part in parts))
    if isinstance(node, Or):
        parts = sorted(node.parts, key=lambda part: _weight(entity, part))
        return or_(false(), *(_compiled(entity, part, scope, inside_not=inside_not) for part in parts))
    if isinstance(node, Not):
        return not_(_compiled(entity, node.part, scope, inside_not=True))
    return _leaf(entity, entity.field(node.field), node, scope, inside_not)


def _with_first(node: And, first: Any) -> Sequence[Node]:
    """The parts of a node; those that `first` joins, as that one."""
    if not isinstance(first, And) or not all(any(part is each for each in node.parts) for part in first.parts):
        return node.parts
    return [first, *(part for part in node.parts if not any(part is each for each in first.parts))]


def _weight(entity: Entity, node: Node) -> int:
    """What asking one row costs, roughly, so that what is cheap is asked first."""
    if isinstance(node, And | Or):
        return sum(_weight(entity, part) for part in node.parts)
    if isinstance(node, Not):
        return _weight(entity, node.part)
    field = entity.field(node.field)
    if field.many is None:
        return 2 if field.words is not None or field.asked is not None else 0
    return 2 if callable(field.many) else 1 + bool(field.many.names) + len(field.many.others)


def _leaf(entity: Entity, field: Field, node: Node, scope: Scope, inside_not: bool) -> ColumnElement[bool]:
    answer = _answer(entity, field, node, scope, inside_not)
    if field.begins is not None and isinstance(node, Text) and node.mode == "starts":
        also = field.begins(scope, node.value)
        return answer if also is None else or_(answer, also)
    return answer


def _answer(entity: Entity, field: Field, node: Node, scope: Scope, inside_not: bool) -> ColumnElement[bool]:
    if field.absent:
        return false()
    if field.asked is not None:
        return field.asked(scope, node)
    if field.words is not None:
        if not isinstance(node, Text) or node.mode != "words":
            raise WrongOperation(field.name, _operation(node), "a search by words")
        return (field.words_in or field.words)(scope, node.value)
    if field.many is not None:
        if isinstance(node, Has) and not field.nullable:
            return true()
        many = field.many if isinstance(field.many, Many) else field.many(scope)
        owned = [
            (_owners(field, each, node, scope, by_row=True), each.owner == _key(entity, each)) for each in _places(many)
        ]
        asked = (owners.where(mine).correlate(entity.table) for owners, mine in owned)
        if scope.walked is not None and scope.dialect == "postgresql":  # it would ask all rows at once, to be quicker
            return or_(*(exists(owners.offset(0)) for owners in asked))
        return or_(*(exists(owners) for owners in asked))
    if field.expression is None:
        raise TypeError(f"{entity.name}.{field.name} has nothing that answers it")
    expression = _passed(field, built(field.expression, scope), scope)
    if isinstance(node, Has):
        return _has(field, expression, scope)
    if inside_not and field.positive is not None:  # the bare column is unknown where nothing is kept
        field = replace(field, positive=None)
    answer = _predicate(field, expression, node, scope)
    # NOT over SQL's unknown is unknown; a row without a value must count as "not that value".
    return and_(answer, expression.is_not(None)) if inside_not and field.nullable else answer


def _passed(field: Field, value: ColumnElement[Any], scope: Scope) -> ColumnElement[Any]:
    """A value as it is asked of one row after the other, where a list is walked: nothing but the order leads to rows."""
    if scope.walked is None or field.name in scope.walked:
        return value
    return of_each(value) if field.per_person else unindexed(value)


def _has(field: Field, expression: ColumnElement[Any], scope: Scope) -> ColumnElement[bool]:
    """Whether a row has a value: what is 0 where nothing is kept has one when it is more, what is always known when it is so."""
    if field.positive is not None:
        kept = _passed(field, built(field.positive, scope), scope)
        return and_(kept.is_not(None), kept > 0)
    if field.nullable:
        return expression.is_not(None)
    return expression if field.type is Type.BOOLEAN else true()


def among(row_id: ColumnElement[Any], ids: Any, scope: Scope) -> ColumnElement[bool]:
    """The condition that a row is one of these, few, which are looked up first.

    PostgreSQL is told so by an array; its estimate of a person's 2,000 tracks among a million is sometimes far off.
    """
    if scope.dialect == "sqlite":
        return row_id.in_(ids)
    return row_id == any_(func.array(ids.scalar_subquery(), type_=ARRAY(BigInteger)))


def _key(entity: Entity, many: Many) -> ColumnElement[Any]:
    """What of a row the owners are compared with."""
    return entity.id if many.key is None else many.key


def _places(many: Many) -> tuple[Many, ...]:
    """All places that hold values of a field."""
    return (many, *many.others)


def _owners(field: Field, many: Many, node: Node, scope: Scope, *, by_row: bool = False) -> Select[Any]:
    """The ids of the rows that have such a value in one place; `by_row` where they will be asked for one row's only."""
    value = unindexed(many.value) if by_row else many.value
    owners = select(many.owner)
    if many.source is not None:
        owners = owners.select_from(many.source)
    if many.where is not None:
        owners = owners.where(many.where)
    if isinstance(node, Has):
        return owners
    if many.names:
        named = [_named(field, each, node, scope) for each in many.names]
        found: Any = union_all(*named) if len(named) > 1 else named[0]
        numbered = isinstance(many.value.type, Integer)
        return owners.where(among(value, found, scope) if numbered else value.in_(found))
    held = None if by_row else _held(field, many.held, node, scope)
    owners = owners if held is None else owners.where(held)
    return owners.where(_predicate(field, value, node, scope))


def _named(field: Field, names: Named, node: Node, scope: Scope) -> Select[Any]:
    """What rows point at whose name meets a condition."""
    found = select(names.id).where(_predicate(field, names.key, node, scope))
    held = _held(field, names.held, node, scope)
    return (found if held is None else found.where(held)).correlate(None)


def _held(field: Field, held: Any, node: Node, scope: Scope) -> ColumnElement[bool] | None:
    """What an index narrows a condition on a text down with."""
    if held is None or not isinstance(node, Text) or node.mode not in ("contains", "starts", "ends"):
        return None
    found: ColumnElement[bool] | None = held(scope, field.fold(node.value) if field.fold else node.value)
    return found


def leads(entity: Entity, node: Node, scope: Scope) -> bool:
    """Whether the rows that meet a condition can be looked up without going through all."""
    if isinstance(node, Or):
        return bool(node.parts) and all(leads(entity, part, scope) for part in node.parts)
    if isinstance(node, And):
        return any(leads(entity, part, scope) for part in node.parts)
    if isinstance(node, Not):
        return False
    field = entity.field(node.field)
    if field.asked is not None:
        return field.found is not None and field.found(scope, node) is not None
    if field.absent or _begins_otherwise(field, node, scope):
        return field.absent
    if field.words is not None:
        return True
    if field.many is not None:
        return field.nullable or not isinstance(node, Has)
    return field.indexed or (field.per_person and _says_something(field, node))


def goes_through(entity: Entity, part: Node) -> bool:
    """Whether looking up the rows that meet a condition goes through all values there are."""
    if isinstance(part, And | Or):
        return any(goes_through(entity, each) for each in part.parts)
    if isinstance(part, Not):
        return False
    field = entity.field(part.field)
    if field.present is not None:
        return True
    many = field.many
    if not isinstance(part, Text) or part.mode in ("is", "words") or not isinstance(many, Many) or many.names:
        return False
    return many.held is None or len(part.value) < 3


def _begins_otherwise(field: Field, node: Node, scope: Scope) -> bool:
    """Whether rows meet a condition by more than the field's own values (see `Field.begins`)."""
    if field.begins is None or not isinstance(node, Text) or node.mode != "starts":
        return False
    return field.begins(scope, node.value) is not None


def _says_something(field: Field, node: Node) -> bool:
    """Whether only rows that a person did something with meet a condition."""
    match node:
        case Has():
            return field.nullable or field.positive is not None
        case Compare():
            if field.type is Type.BOOLEAN:
                return bool(node.value)
            return field.nullable or (
                node.op in ("=", ">", ">=") and not isinstance(node.value, str) and node.value > 0
            )
        case Range():
            return field.nullable or (isinstance(node.low, int | float) and node.low > 0)
        case In():
            return all(field.nullable or (not isinstance(value, str) and value > 0) for value in node.values)
        case _:
            return False


def ids_of(entity: Entity, node: Node, scope: Scope) -> Any:
    """The ids of the rows that meet a condition which `leads`; a row may come several times."""
    found = _ids(entity, node, scope)
    return found[0] if len(found) == 1 else union_all(*found)


def _ids(entity: Entity, node: Node, scope: Scope) -> list[Select[Any]]:
    """The same in parts."""
    if isinstance(node, Or):
        parts = sorted(node.parts, key=lambda part: goes_through(entity, part))  # others may be enough
        return [ids for part in parts for ids in _ids(entity, part, scope)]
    inner = replace(scope, joins={}, always=set(), first=None, most_first=None, walked=None)
    if isinstance(node, And):
        if kept_together(entity, node.parts):
            return [_kept_ids(entity, node.parts, inner)]
        if in_one_index(entity, node.parts):
            return [_select_ids(entity, node, replace(inner, walked=frozenset((_lead(entity, node),))))]
        inner.first = next(part for part in node.parts if leads(entity, part, scope))
        return [_select_ids(entity, node, inner)]
    assert not isinstance(node, Not)
    field = entity.field(node.field)
    if field.found is not None:
        found = field.found(scope, node)
        assert found is not None
        return [found.correlate(None)]
    if field.words is not None and isinstance(node, Text):
        if field.words_found is not None:
            return [field.words_found(scope, node.value)]
        return [select(entity.id).where(field.words(scope, node.value)).correlate(None)]
    if field.many is None:
        if field.kept is not None:
            return [_kept_ids(entity, [node], inner)]
        rows = _select_ids(entity, node, inner)
        return [rows if field.present is None else rows.where(field.present)]
    many = field.many if isinstance(field.many, Many) else field.many(scope)
    owners = [_owners(field, each, node, scope) for each in _places(many)]
    if many.key is None or many.key is entity.id:
        return owners
    every = owners[0] if len(owners) == 1 else union_all(*owners)
    if scope.most_first is not None:
        every = every.limit(scope.most_first)
    return [select(entity.id).where(among(many.key, every, scope)).correlate(None)]


def kept_together(entity: Entity, parts: Sequence[Node]) -> bool:
    """Whether conditions are all about what is kept of rows in one other table (see `Field.kept`), which leads to them."""
    fields = [None if isinstance(part, And | Or | Not) else entity.field(part.field) for part in parts]
    if any(field is None or field.kept is None for field in fields):
        return False
    return all(_says_something(field, part) for field, part in zip(fields, parts, strict=True) if field is not None)


def with_beside(entity: Entity, first: Node | None, parts: Sequence[Node]) -> Node | None:
    """What is looked up first, together with those of `parts` that the same index answers (see `Field.beside`)."""
    if first is None or not any(first is part for part in parts) or isinstance(first, And | Or | Not):
        return first
    also = [part for part in parts if part is not first and in_one_index(entity, (first, part))]
    return And((first, *also)) if also else first


def in_one_index(entity: Entity, parts: Sequence[Node]) -> bool:
    """Whether one index answers conditions: that of the first, which holds the fields of the others beside its own."""
    if not all(isinstance(part, Compare | Range | In) for part in parts):
        return False
    first, *others = (entity.field(part.field) for part in parts)  # type: ignore[union-attr]
    return bool(others) and all(other.name in first.beside for other in others)


def _lead(entity: Entity, node: And) -> str:
    """The name of the field whose index leads."""
    return entity.field(node.parts[0].field).name  # type: ignore[union-attr]


def _kept_ids(entity: Entity, parts: Sequence[Node], scope: Scope) -> Select[Any]:
    """The ids of the rows that meet conditions on what is kept about them in one other table, read from that alone."""
    scope.apart = True
    answers: list[ColumnElement[bool]] = []
    row_id: ColumnElement[Any] | None = None
    for part in parts:
        assert not isinstance(part, And | Or | Not)
        field = entity.field(part.field)
        assert field.kept is not None
        assert field.expression is not None
        row_id, expression = built(field.kept, scope), built(field.expression, scope)
        has = isinstance(part, Has)
        answers.append(_has(field, expression, scope) if has else _predicate(field, expression, part, scope))
    assert row_id is not None
    ((table, theirs),) = scope.joins.values()
    return select(row_id).select_from(table).where(theirs, *answers).correlate(None)


def _select_ids(entity: Entity, node: Node, scope: Scope) -> Select[Any]:
    where = _compiled(entity, node, scope, inside_not=False)
    return select(entity.id).select_from(joined(entity, scope)).where(where).correlate(None)


def joined(entity: Entity, scope: Scope) -> Any:
    """The entity's table with all joins that its fields left in `scope`."""
    source: Any = entity.table
    for name, (table, on) in scope.joins.items():
        if name not in scope.always:
            source = source.outerjoin(table, on)
        elif scope.first is None:  # the list is in that table's order
            source = source.join(table, unindexed(on.left) == on.right)  # type: ignore[attr-defined]
        else:
            source = source.join(table, on)
    return source


def _predicate(field: Field, expression: ColumnElement[Any], node: Node, scope: Scope) -> ColumnElement[bool]:
    if isinstance(node, Text):
        if field.type is not Type.TEXT or node.mode == "words":
            raise WrongOperation(field.name, _operation(node), values.TYPE_NAMES[field.type])
        return _text(field, expression, node.mode, node.value)
    if isinstance(node, Compare):
        return _compare(field, expression, node.op, node.value, scope)
    if isinstance(node, In):
        return _any_of(field, expression, node.values, scope)
    if isinstance(node, Range):
        if field.type not in _ORDERED:
            raise WrongOperation(field.name, _operation(node), values.TYPE_NAMES[field.type])
        ends = [
            _compare(field, expression, op, value, scope)
            for op, value in ((">=", node.low), ("<=", node.high))
            if value is not None
        ]
        return and_(*ends) if ends else expression.is_not(None)
    raise WrongOperation(field.name, _operation(node), values.TYPE_NAMES[field.type])


def _compare(
    field: Field, expression: ColumnElement[Any], op: Comparison | str, value: Value, scope: Scope
) -> ColumnElement[bool]:
    if field.type is Type.TEXT:
        if op != "=":
            raise WrongOperation(field.name, op, values.TYPE_NAMES[field.type])
        return _text(field, expression, "is", str(value))
    if field.type is Type.BOOLEAN:
        if op != "=":
            raise WrongOperation(field.name, op, values.TYPE_NAMES[field.type])
        return expression if value else not_(expression)
    if op != "=" and field.type not in _ORDERED:
        raise WrongOperation(field.name, op, values.TYPE_NAMES[field.type])
    low, high = _bounds(field, expression, value, scope)
    if field.positive is not None and op in ("=", ">", ">=") and isinstance(value, int | float) and value > 0:
        expression = _passed(field, built(field.positive, scope), scope)
    match op:
        case "<":
            return expression < low
        case ">=":
            return expression >= low
        case "<=":
            return expression <= low if high is None else expression < high
        case ">":
            return expression > low if high is None else expression >= high
        case _:
            return expression == low if high is None else and_(expression >= low, expression < high)


def _bounds(
    field: Field, expression: ColumnElement[Any], value: Value, scope: Scope
) -> tuple[ColumnElement[Any], ColumnElement[Any] | None]:
    """The value as SQL; for what is written coarser than it is stored, its start and its (excluded) end."""
    match field.type:
        case Type.DURATION:
            first, after = values.millis(value)
            return literal(first, BigInteger), literal(after, BigInteger)
        case Type.DATE if is_moment(expression):
            begin, end = values.moments(field, value, scope.zone, scope.now)
            return literal(begin, expression.type), literal(end, expression.type)
        case Type.DATE:
            first, after = values.day_keys(field, value, scope.zone, scope.now)
            return literal(first, BigInteger), literal(after, BigInteger)
        case Type.NUMBER:
            return literal(float(value), Double), None
        case Type.INTEGER | Type.ID:
            return literal(int(value), BigInteger), None
        case _:
            return literal(str(value), String), None


def _any_of(
    field: Field, expression: ColumnElement[Any], wanted: tuple[Value, ...], scope: Scope
) -> ColumnElement[bool]:
    if field.type is Type.ENUM:
        return expression.in_([str(value) for value in wanted])
    if field.type in (Type.INTEGER, Type.ID):
        return type_coerce(expression, BigInteger).in_([int(value) for value in wanted])
    return or_(false(), *(_compare(field, expression, "=", value, scope) for value in wanted))


def _text(field: Field, expression: ColumnElement[Any], mode: str, value: str) -> ColumnElement[bool]:
    if mode == "wildcard":
        return looks_like(expression, value, field.fold)
    wanted = field.fold(value) if field.fold else value
    sought = literal(wanted, String)
    length = len(wanted)
    if not wanted and mode != "is":
        return expression.is_not(None)
    match mode:
        case "is":
            return expression == sought
        case "contains":
            return _position(expression, sought) > 0
        case "starts":
            begins = func.substr(expression, 1, length) == sought
            if not isinstance(expression.type, SortText):
                return begins
            # an index that is in this order is entered where they begin
            return and_(expression >= sought, expression < literal(wanted + LAST, expression.type), begins)
        case _:
            return and_(
                func.length(expression) >= length,
                func.substr(expression, func.length(expression) - (length - 1)) == sought,
            )


class _position(FunctionElement[int]):
    """Where the second text begins in the first, from 1; 0 where it does not. Exact about case on both databases."""

    type = Integer()
    inherit_cache = True


@compiles(_position, "sqlite")
def _position_on_sqlite(element: _position, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(_position, "postgresql")
def _position_on_postgresql(element: _position, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


def _operation(node: Node) -> str:
    match node:
        case Compare():
            return node.op
        case Range():
            return "a range"
        case In():
            return "a list"
        case Text():
            return node.mode
        case Chain():
            return "arrows"
        case _:
            return "has"
