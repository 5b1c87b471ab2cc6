"""What a query asks, condition by condition, as codes with parameters and as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from segue.query.ast import And, Chain, Compare, Has, In, Node, Not, Or, Range, Text
from segue.query.fields import Entity, Type
from segue.query.language import chains, names
from segue.query.language.printer import write
from segue.query.language.shape import with_phrases

SENTENCES = {
    "everything": "Everything.",
    "phrase": "{fields} has “{value}” inside.",
    "is": "{field} is {value}.",
    "contains": "{field} has “{value}” inside.",
    "starts": "{field} begins with “{value}”.",
    "ends": "{field} ends with “{value}”.",
    "wildcard": "{field} looks like “{value}”.",
    "words": "{field} has the words “{value}”.",
    "true": "{field}: yes.",
    "false": "{field}: no.",
    "less": "{field} is less than {value}.",
    "at_most": "{field} is at most {value}.",
    "more": "{field} is more than {value}.",
    "at_least": "{field} is at least {value}.",
    "before": "{field} is before {value}.",
    "until": "{field} is {value} or before.",
    "after": "{field} is after {value}.",
    "since": "{field} is {value} or later.",
    "between": "{field} is from {low} to {high}.",
    "any_of": "{field} is any of {value}.",
    "has": "{field} is known.",
    "chain": "{field}: {value}.",
}
NEGATED = "Not so: {sentence}"
_NUMBERS = {"<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
_DATES = {"<": "before", "<=": "until", ">": "after", ">=": "since"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: where it stands in the tree, what it means, and the part of the tree it is."""

    text: str
    code: str
    params: dict[str, Any]
    negated: bool
    node: Node
    fields: tuple[str, ...] = field(default=())

    @property
    def sentence(self) -> str:
        said = SENTENCES[self.code].format_map(self.params)
        return NEGATED.format(sentence=said) if self.negated else said


def conditions(entity: Entity, where: Node) -> list[Condition]:
    """Every condition of the tree, in the order it is written."""
    return list(_walk(entity, where, negated=False))


def _walk(entity: Entity, node: Node, *, negated: bool) -> Iterator[Condition]:
    match node:
        case And(parts):
            for part in parts:
                yield from _walk(entity, part, negated=negated)
        case Or(parts):
            for each in with_phrases(entity, parts):
                if isinstance(each, str):
                    yield _phrase(entity, each, negated)
                else:
                    yield from _walk(entity, each, negated=negated)
        case Not(part):
            yield from _walk(entity, part, negated=not negated)
        case Text(name, "contains", value) if names.phrase_of(entity) == (name,):
            yield _phrase(entity, value, negated)
        case _:
            code, params = _meaning(entity, node)
            shown = entity.field(node.field)
            said = {"field": shown.name, "meaning": shown.meaning, **params}
            yield Condition(write(entity, node), code, said, negated, node, (shown.name,))


def _phrase(entity: Entity, value: str, negated: bool) -> Condition:
    asked = names.phrase_of(entity)
    node: Node = Or(tuple(Text(name, "contains", value) for name in asked))
    params = {"fields": " or ".join(asked), "value": value}
    return Condition(write(entity, node), "phrase", params, negated, node, asked)


def _meaning(entity: Entity, node: Compare | Range | In | Text | Has | Chain) -> tuple[str, dict[str, Any]]:
    declared = entity.field(node.field)
    match node:
        case Text(_, mode, value):
            return ("is", {"value": f"“{value}”"}) if mode == "is" else (mode, {"value": value})
        case Has():
            return "has", {}
        case Chain():
            return "chain", {"value": chains.said(node)}
        case In():
            return "any_of", {"value": _said(entity, node)}
        case Range(_, low, high):
            dated = declared.type is Type.DATE
            if low is None or high is None:
                op = "<=" if low is None else ">="
                one = Compare(node.field, "=", high if low is None else low)  # type: ignore[arg-type]
                return (_DATES if dated else _NUMBERS)[op], {"value": _said(entity, one)}
            ends = (_said(entity, Compare(node.field, "=", end)) for end in (low, high))
            return "between", dict(zip(("low", "high"), ends, strict=True))
        case Compare(_, op, value):
            if declared.type is Type.BOOLEAN:
                return ("true" if value else "false"), {}
            said = {"value": _said(entity, Compare(node.field, "=", value))}
            return ("is" if op == "=" else (_DATES if declared.type is Type.DATE else _NUMBERS)[op]), said


def _said(entity: Entity, node: Node) -> str:
    """The value of a condition as it is written."""
    return write(entity, node).partition(":")[2].removeprefix("=")
