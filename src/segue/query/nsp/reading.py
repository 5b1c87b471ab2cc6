"""From an .nsp file to a tree, an order and a limit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from segue.query import dates, values
from segue.query.ast import EVERYTHING, And, Compare, Has, Mode, Node, Not, Or, Range, Text, Value, normal
from segue.query.compile import MAX_DEPTH, MAX_NODES
from segue.query.errors import BadQuery, BadValue, UnknownField
from segue.query.fields import Entity, Field, Type
from segue.query.language.limits import MOST_ROWS, Limit
from segue.query.language.printer import write
from segue.query.nsp import vocabulary
from segue.query.nsp.notes import BadNsp, Note
from segue.query.sort import Order, parse_sort

MAX_BYTES = 1_000_000
Lists = Callable[[str], int | None]
"""The number of the one playlist here that is meant by a name, or by what another server calls it; None where none is, or
several are."""
_MODES: dict[str, tuple[Mode, bool]] = {
    "contains": ("contains", False),
    "notcontains": ("contains", True),
    "startswith": ("starts", False),
    "endswith": ("ends", False),
}
_KNOWN = {"all", "any", "name", "comment", "public", "sort", "order", "limit", "limitpercent", "offset"}
_RANGED = (Type.INTEGER, Type.NUMBER, Type.DATE, Type.DURATION)


@dataclass(frozen=True, slots=True)
class Imported:
    """A smart playlist as it is here. `query` is its text in the language; `notes` tell what is not as it was."""

    where: Node
    order: Order | None
    limit: Limit | None
    offset: int
    query: str
    name: str | None = None
    comment: str | None = None
    public: bool | None = None
    notes: tuple[Note, ...] = field(default=())


def read(entity: Entity, given: bytes | str | dict[str, Any], *, lists: Lists | None = None) -> Imported:
    """The list that an .nsp file describes; `lists` knows the playlists that it may name. Raises BadNsp where it is none."""
    data = given if isinstance(given, dict) else _loaded(given)
    return _Reader(entity, lists).list(data)


def _loaded(given: bytes | str) -> dict[str, Any]:
    if len(given) > MAX_BYTES:
        raise BadNsp("", f"A smart playlist has at most {MAX_BYTES:,} bytes.")
    try:
        text = given.decode("utf-8-sig") if isinstance(given, bytes) else given
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadNsp("", "This is no JSON.") from None
    if not isinstance(data, dict):
        raise BadNsp("", "A smart playlist is an object.")
    return data


class _Reader:
    def __init__(self, entity: Entity, lists: Lists | None) -> None:
        self.entity = entity
        self.lists = lists
        self.notes: list[Note] = []
        self._conditions = 0

    def list(self, data: dict[str, Any]) -> Imported:
        members = {str(name).lower(): value for name, value in data.items()}
        if "all" in members and "any" in members:
            raise BadNsp("any", "A smart playlist has either all or any, not both.")
        where: Node = EVERYTHING
        for name in ("all", "any"):
            if name in members:
                where = self._group(name, members[name], name, 1)
        self._odd(members)
        order = self._order(members)
        limit = self._limit(members)
        offset = self._number(members, "offset", 0, 10**6) or 0
        where = normal(where)
        return Imported(
            where,
            order,
            limit,
            offset,
            write(self.entity, where, order, limit, offset),
            _text(members.get("name")),
            _text(members.get("comment")),
            _truth(members.get("public")),
            tuple(self.notes),
        )

    def _odd(self, members: dict[str, Any]) -> None:
        for name in members:
            if name == "refreshdelay":
                self._note("refreshed_on_change", name, member="refreshDelay")
            elif name not in _KNOWN:
                self._note("unknown_member", name[:60], member=name[:60])

    # --- conditions ---------------------------------------------------------------------------------------------------

    def _group(self, kind: str, given: Any, place: str, depth: int) -> Node:
        if not isinstance(given, list):
            raise BadNsp(place, f"{kind} holds a list of conditions.")
        if depth >= MAX_DEPTH:
            raise BadNsp(place, f"Conditions are nested too deeply; the limit is {MAX_DEPTH}.")
        parts: list[Node] = []
        for at, each in enumerate(given):
            part = self._condition(each, f"{place}.{at}", depth)
            if part is not None:
                parts.append(part)
        if given and not parts:
            return EVERYTHING
        return And(tuple(parts)) if kind == "all" else Or(tuple(parts))

    def _condition(self, given: Any, place: str, depth: int) -> Node | None:
        if not isinstance(given, dict) or len(given) != 1:
            raise BadNsp(place, "A condition is an object with one member, its operator.")
        ((operator, body),) = given.items()
        lower = str(operator).lower()
        if lower in ("all", "any"):
            return self._group(lower, body, f"{place}.{lower}", depth + 1)
        self._conditions += 1
        if self._conditions > MAX_NODES:
            raise BadNsp(place, f"There are too many conditions; the limit is {MAX_NODES}.")
        if lower in ("inplaylist", "notinplaylist"):
            return self._playlist(lower, body, place)
        if not isinstance(body, dict) or not body:
            raise BadNsp(place, f"{str(operator)[:40]} needs a field and a value.")
        nodes = [self._leaf(str(operator), str(name), value, place) for name, value in body.items()]
        kept = [node for node in nodes if node is not None]
        return And(tuple(kept)) if kept else None

    def _leaf(self, operator: str, name: str, value: Any, place: str) -> Node | None:
        field, as_tag = vocabulary.here(self.entity, name)
        if field is None:
            return self._without("unknown_field", place, field=name[:80])
        if as_tag:
            self._note("as_tag", place, field=name, as_field=field.name)
        try:
            return self._made(field, operator, name, value, place)
        except BadValue as error:
            return self._without("bad_value", place, field=name, value=str(value)[:80], wanted=error.wanted)

    def _made(self, field: Field, operator: str, name: str, value: Any, place: str) -> Node | None:
        text = self._texts(field)
        match operator.lower():
            case "is" | "isnot":
                node = self._equal(field, name, value, place)
                return Not(node) if operator.lower() == "isnot" else node
            case "gt" | "after" if field.type in _RANGED:
                return Compare(field.name, ">", _parsed(field, value))
            case "lt" | "before" if field.type in _RANGED:
                return Compare(field.name, "<", _parsed(field, value))
            case "contains" | "notcontains" | "startswith" | "endswith" if text is not None:
                mode, negated = _MODES[operator.lower()]
                found = Text(text.name, mode, str(_parsed(text, value)))
                return Not(found) if negated else found
            case "intherange" if field.type in _RANGED:
                if not isinstance(value, list) or len(value) != 2:
                    raise BadValue(name, str(value), "a list of two values")
                return Range(field.name, _parsed(field, value[0]), _parsed(field, value[1]))
            case "inthelast" | "notinthelast" if field.type is Type.DATE:
                days = _days(name, value)
                node = Range(field.name, f"-{days}d", None)
                return Not(node) if operator.lower() == "notinthelast" else node
            case "ismissing" | "ispresent":
                truth = _truth(value)
                if truth is None:
                    raise BadValue(name, str(value), "true or false")
                present = truth == (operator.lower() == "ispresent")
                return Has(field.name) if present else Not(Has(field.name))
            case "gt" | "lt" | "after" | "before" | "contains" | "notcontains" | "startswith" | "endswith":
                return self._without("wrong_operation", place, field=name, operator=operator)
            case "intherange" | "inthelast" | "notinthelast":
                return self._without("wrong_operation", place, field=name, operator=operator)
            case _:
                return self._without("unknown_operator", place, operator=operator[:40])

    def _equal(self, field: Field, name: str, value: Any, place: str) -> Node:
        if name.lower() == "explicitstatus":
            return Compare(field.name, "=", str(value).strip().lower() in ("e", "explicit", "1", "true"))
        if name.lower() == "library_id":
            self._note("id_of_another_server", place, value=str(value)[:40])
            return Compare(field.name, "=", _whole(name, value))
        if field.type is Type.BOOLEAN:
            truth = _truth(value)
            if truth is None:
                raise BadValue(name, str(value), "true or false")
            return Compare(field.name, "=", truth)
        text = self._texts(field)
        if text is not None:
            return Text(text.name, "is", str(_parsed(text, value)))
        return Compare(field.name, "=", _parsed(field, value))

    def _texts(self, field: Field) -> Field | None:
        """The field that answers texts for this one; None where it holds none."""
        if field.type is Type.TEXT:
            return field
        return self.entity.field(field.text) if field.text else None

    def _playlist(self, operator: str, body: Any, place: str) -> Node | None:
        members = {str(name).lower(): value for name, value in body.items()} if isinstance(body, dict) else {}
        named = next((members[name] for name in ("id", "path", "name") if members.get(name)), None)
        if not isinstance(named, str):
            raise BadNsp(place, "A playlist is named by its id, its path or its name.")
        try:
            field = self.entity.field("in")
        except UnknownField:
            return self._without("unknown_field", place, field="playlist")
        node = self._list_meant(field, named, place)
        if node is None:
            return self._without("unknown_field", place, field="playlist")
        return Not(node) if operator == "notinplaylist" else node

    def _list_meant(self, field: Field, named: str, place: str) -> Node | None:
        """A playlist by our own id, by the one list that is called so, else by its name, which may be given to one later."""
        try:
            return Compare(field.name, "=", values.parse(field, named))
        except BadValue:
            asked = self._texts(field)
        called = named.replace("\\", "/").rsplit("/", 1)[-1]
        stem = called.rsplit(".", 1)[0] if "." in called[1:] else called
        known = None
        if self.lists is not None:
            known = next((one for one in map(self.lists, (named, called, stem)) if one is not None), None)
        if known is not None:
            self._note("playlist_here", place, value=stem)
            return Compare(field.name, "=", known)
        if asked is None:
            return None
        self._note("playlist_by_name" if self.lists is None else "playlist_not_here", place, value=stem)
        return Text(asked.name, "is", stem)

    # --- order and limit ----------------------------------------------------------------------------------------------

    def _order(self, members: dict[str, Any]) -> Order | None:
        written = members.get("sort")
        if not isinstance(written, str) or not written.strip():
            return None
        turned = str(members.get("order", "asc")).lower() == "desc"
        terms: list[str] = []
        for part in written.split(","):
            name = part.strip().lstrip("+-")
            reverse = part.strip().startswith("-") != turned
            if name.lower() == "random":
                return parse_sort(self.entity, "random")
            field, _ = vocabulary.here(self.entity, name)
            if field is None or (field.sort is None and not self._sortable_text(field)):
                self._note("unknown_sort", "sort", field=name[:80])
                continue
            terms.append(("-" if reverse else "") + field.name)
        if not terms:
            return None
        try:
            return parse_sort(self.entity, ",".join(terms))
        except BadQuery as error:
            self._note("unknown_sort", "sort", field=error.message)
            return None

    def _sortable_text(self, field: Field) -> bool:
        return field.name in self.entity.sortable()

    def _limit(self, members: dict[str, Any]) -> Limit | None:
        rows = self._number(members, "limit", 0, MOST_ROWS)
        if rows:
            return Limit("rows", rows)
        share = self._number(members, "limitpercent", 0, 100)
        return Limit("percent", share) if share else None

    def _number(self, members: dict[str, Any], name: str, least: int, most: int) -> int | None:
        value = members.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise BadNsp(name, f"{name} is a number from {least} to {most:,}.")
        return int(value)

    def _without(self, code: str, place: str, **params: Any) -> Node | None:
        """No condition, which is told."""
        self._note(code, place, **params)
        return None

    def _note(self, code: str, place: str, **params: Any) -> None:
        self.notes.append(Note(code, place, params))


def _parsed(field: Field, value: Any) -> Value:
    """A value of JSON for a field. Raises BadValue."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadValue(field.name, json.dumps(value)[:80], values.TYPE_NAMES[field.type])
    written = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if field.type is Type.DURATION and isinstance(value, float):
        written = str(int(value))
    return values.parse(field, written if field.type is Type.TEXT else written.strip())


def _whole(name: str, value: Any) -> int:
    text = str(value).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadValue(name, text, "a whole number")
    return int(text)


def _days(name: str, value: Any) -> int:
    days = _whole(name, int(value) if isinstance(value, float) and value.is_integer() else value)
    if not dates.is_amount(f"-{days}d"):
        raise BadValue(name, str(value), "a number of days")
    return days


def _truth(value: Any) -> bool | None:
    """Booleans as Navidrome takes them: true, "true", 1."""
    text = str(value).strip().lower()
    return True if text in ("true", "1", "1.0") else False if text in ("false", "0", "0.0") else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
