"""From a tree, an order and a limit to an .nsp file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from segue.core.clock import utc_now
from segue.query import dates
from segue.query.ast import And, Chain, Compare, Comparison, Has, In, Node, Not, Or, Range, Text, Value, normal
from segue.query.fields import UTC_ZONE, Entity, Type
from segue.query.language.limits import Limit
from segue.query.language.printer import write
from segue.query.nsp import vocabulary
from segue.query.nsp.notes import Note
from segue.query.sort import Order
from segue.query.values import moments

Condition = dict[str, Any]
Named = Callable[[str, int], str | None]
"""What the thing with this id is called, by its prefix (`ar`) and number."""
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class Exported:
    """The list as Navidrome reads it; `notes` tell what is not as it is here."""

    nsp: dict[str, Any]
    notes: tuple[Note, ...] = ()


class _Cannot(Exception):
    """This condition cannot be said in .nsp."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.code)
        self.note = note


def export(
    entity: Entity,
    where: Node,
    order: Order | None = None,
    limit: Limit | None = None,
    offset: int = 0,
    *,
    name: str | None = None,
    comment: str | None = None,
    public: bool | None = None,
    named: Named | None = None,
    zone: ZoneInfo = UTC_ZONE,
    now: datetime | None = None,
) -> Exported:
    """The members of an .nsp file. `named` tells what artists, genres and so on are called whose ids are asked for."""
    writer = _Writer(entity, named, zone, now or utc_now())
    nsp: dict[str, Any] = {}
    about: dict[str, Any] = {"name": name, "comment": comment, "public": public}
    nsp |= {member: value for member, value in about.items() if value is not None}
    nsp |= writer.top(normal(where))
    sort = writer.sort(order)
    if sort:
        nsp["sort"] = sort
    if limit is not None:
        member = {"rows": "limit", "percent": "limitPercent"}.get(limit.unit)
        if member:
            nsp[member] = limit.amount
        else:
            writer.notes.append(Note("limit_not_in_nsp", "limit", {"unit": limit.unit}))
    if offset:
        nsp["offset"] = offset
    return Exported(nsp, tuple(writer.notes))


class _Writer:
    def __init__(self, entity: Entity, named: Named | None, zone: ZoneInfo, now: datetime) -> None:
        self.entity = entity
        self.named = named
        self.zone = zone
        self.now = now
        self.notes: list[Note] = []

    def top(self, where: Node) -> Condition:
        made = self._kept(where, "")
        if made is None:
            return {"all": []}
        return made if set(made) <= {"all", "any"} else {"all": [made]}

    def sort(self, order: Order | None) -> str | None:
        if order is None:
            return None
        if order.seed is not None:
            return "random"
        kept = []
        for part in order.text.split(","):
            there = vocabulary.there(part.lstrip("-"))
            if there is None:
                self.notes.append(Note("sort_not_in_nsp", "sort", {"field": part.lstrip("-")}))
            else:
                kept.append(("-" if part.startswith("-") else "") + there)
        return ",".join(kept) or None

    def _kept(self, node: Node, place: str) -> Condition | None:
        """The condition; None where it cannot be said, which is then told."""
        try:
            return self._node(node, place, negated=False)
        except _Cannot as error:
            self.notes.append(error.note)
            return None

    def _node(self, node: Node, place: str, *, negated: bool) -> Condition:
        match node:
            case Not(part):
                return self._node(part, place, negated=not negated)
            case And(parts) | Or(parts):
                kind = "all" if isinstance(node, And) != negated else "any"
                return self._group(kind, parts, place, negated=negated)
            case _:
                return self._leaf(node, place, negated=negated)

    def _group(self, kind: str, parts: tuple[Node, ...], place: str, *, negated: bool) -> Condition:
        inner: list[Condition] = []
        for at, part in enumerate(parts):
            inside = f"{place}.{kind}.{at}".lstrip(".")
            try:
                inner.append(self._node(part, inside, negated=negated))
            except _Cannot as error:
                self.notes.append(error.note)
        return {kind: inner}

    # --- one condition --------------------------------------------------------------------------------------------------

    def _leaf(self, node: Compare | Range | In | Text | Has | Chain, place: str, *, negated: bool) -> Condition:
        field = self.entity.field(node.field)
        if self._is_playlist(field.name):
            return self._playlist(node, place, negated)
        there = vocabulary.there(field.name)
        if there is None or isinstance(node, Chain):
            raise self._cannot(node, place)
        match node:
            case Has():
                return {"isMissing" if negated else "isPresent": {there: True}}
            case Text(_, mode, value):
                return self._text(node, there, mode, value, place, negated)
            case In(_, wanted):
                each = [self._leaf(Compare(node.field, "=", value), place, negated=negated) for value in wanted]
                return {"all" if negated else "any": each}
            case Compare(_, "=", value):
                return {"isNot" if negated else "is": {there: self._value(node, value, place)}}
            case Compare(_, op, value):
                return self._compared(node, there, op, value, place, negated)
            case Range(_, low, high):
                return self._range(node, there, low, high, place, negated)

    def _text(self, node: Node, there: str, mode: str, value: str, place: str, negated: bool) -> Condition:
        names = {("is", False): "is", ("is", True): "isNot", ("contains", False): "contains"}
        names |= {("contains", True): "notContains", ("starts", False): "startsWith", ("ends", False): "endsWith"}
        operator = names.get((mode, negated))
        if operator is None:
            raise self._cannot(node, place)
        return {operator: {there: value}}

    def _compared(self, node: Compare, there: str, op: str, value: Value, place: str, negated: bool) -> Condition:
        field = self.entity.field(node.field)
        if field.type is Type.DATE and dates.is_amount(str(value)):
            since = op in (">", ">=")
            return self._last(there, str(value), place, negated=since == negated)
        if negated:
            op = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[op]
        strict = "gt" if op.startswith(">") else "lt"
        bound = self._bound(node, value, op, place)
        if field.type is Type.DATE:
            made: Condition = {"after" if strict == "gt" else "before": {there: bound}}
        elif op.endswith("=") and field.type is Type.NUMBER:
            made = {"any": [{strict: {there: value}}, {"is": {there: value}}]}
        else:
            made = {strict: {there: bound}}
        return {"any": [made, {"isMissing": {there: True}}]} if negated and field.nullable else made

    def _bound(self, node: Compare, value: Value, op: str, place: str) -> Any:
        """The value that the strict comparison of .nsp needs for `op`."""
        field = self.entity.field(node.field)
        if field.type is Type.DATE:
            first, last = self._days(node, str(value), place)
            edges = {">": last, ">=": first - timedelta(days=1), "<": first, "<=": last + timedelta(days=1)}
            return edges[op].strftime("%Y-%m-%d")
        if field.type in (Type.INTEGER, Type.DURATION):
            return int(value) + {">=": -1, "<=": 1}.get(op, 0)
        return value

    def _range(
        self, node: Range, there: str, low: Value | None, high: Value | None, place: str, negated: bool
    ) -> Condition:
        field = self.entity.field(node.field)
        if high is None and field.type is Type.DATE and dates.is_amount(str(low)):
            return self._last(there, str(low), place, negated=negated)
        if low is None or high is None:
            op: Comparison = "<=" if low is None else ">="
            end = high if low is None else low
            assert end is not None
            return self._compared(Compare(node.field, op, end), there, op, end, place, negated)
        if not negated:
            if field.type is Type.DATE:
                first = self._days(node, str(low), place)[0]
                last = self._days(node, str(high), place)[1]
                return {"inTheRange": {there: [first.strftime("%Y-%m-%d"), last.strftime("%Y-%m-%d")]}}
            return {"inTheRange": {there: [low, high]}}
        below = self._compared(Compare(node.field, "<", low), there, "<", low, place, False)
        above = self._compared(Compare(node.field, ">", high), there, ">", high, place, False)
        return {"any": [below, above, *([{"isMissing": {there: True}}] if field.nullable else [])]}

    def _last(self, there: str, value: str, place: str, *, negated: bool) -> Condition:
        """In the last days; months and years are about so many days."""
        many, unit = dates.amount(value) or (0, "d")
        if unit == "h":
            days = max(1, round(many / 24))
        else:
            days = many * _DAYS[unit]
        if unit in "hmy":
            self.notes.append(Note("about_days", place, {"value": value, "days": days}))
        return {"notInTheLast" if negated else "inTheLast": {there: days}}

    def _days(self, node: Node, text: str, place: str) -> tuple[datetime, datetime]:
        """The first and the last day that a written date means."""
        if dates.is_relative(text):
            self.notes.append(Note("date_fixed", place, {"value": text}))
        field = self.entity.field(node.field)  # type: ignore[union-attr]
        start, end = (each.astimezone(self.zone) for each in moments(field, text, self.zone, self.now))
        return start, end - timedelta(seconds=1)

    def _value(self, node: Compare, value: Value, place: str) -> Any:
        field = self.entity.field(node.field)
        if field.type is Type.ID:
            called = self.named(field.prefix or "", int(value)) if self.named else None
            if field.name == "library":
                return int(value)
            if called is None:
                shown = write(self.entity, node).partition(":")[2]
                raise _Cannot(Note("name_unknown", place, {"value": shown, "condition": write(self.entity, node)}))
            return called
        if field.type is Type.DATE:
            return self._days(node, str(value), place)[0].strftime("%Y-%m-%d")
        if field.name == "explicit":
            return "e" if value else "c"
        return value

    def _is_playlist(self, name: str) -> bool:
        asked = self.entity.aliases.get("in")
        return asked is not None and name in (asked, self.entity.fields[asked].text)

    def _playlist(self, node: Node, place: str, negated: bool) -> Condition:
        match node:
            case Compare(_, "=", value):
                named: Condition = {"id": f"pl-{value}"}
            case Text(_, "is" | "contains", value):
                named = {"path": f"{value}.nsp"}
            case In(field, wanted):
                each = [self._playlist(Compare(field, "=", value), place, negated) for value in wanted]
                return {"all" if negated else "any": each}
            case _:
                raise self._cannot(node, place)
        return {"notInPlaylist" if negated else "inPlaylist": named}

    def _cannot(self, node: Node, place: str) -> _Cannot:
        return _Cannot(Note("not_in_nsp", place, {"condition": write(self.entity, node)}))
