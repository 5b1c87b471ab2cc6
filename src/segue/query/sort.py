"""The order of a list: `-added,title` or `random:seed`, always ending in the row's id so that no two rows are equal."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from segue.query.errors import BadQuery, TooBig
from segue.query.expressions import unindexed
from segue.query.fields import Entity, Nulls, Scope, Sort, built

MAX_SORTS = 6


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One expression to order by, ready for SQL."""

    expression: ColumnElement[Any]
    descending: bool
    nulls: Nulls

    def clause(self, *, afterwards: bool = False) -> ColumnElement[Any]:
        """For ORDER BY; `afterwards` where no index is to be walked for it."""
        expression = unindexed(self.expression) if afterwards else self.expression
        ordered = expression.desc() if self.descending else expression.asc()
        if self.nulls == "never":
            return ordered
        return ordered.nulls_last() if self.nulls == "last" else ordered.nulls_first()


@dataclass(frozen=True, slots=True)
class Order:
    """A parsed sort. `text` is its one spelling, which cursors are bound to."""

    text: str
    terms: tuple[tuple[Sort, bool], ...] = ()
    seed: str | None = None
    drawn: bool = False
    """The seed was drawn here, since the request named none."""

    def keys(self, entity: Entity, scope: Scope) -> list[OrderKey]:
        """What to order by; the row's id comes last, in the direction of the key before it, so one index serves."""
        scope.row_id = entity.id
        usual = entity.sort(entity.default_sort).keys[0].expression
        keys: list[OrderKey] = []
        for place, (sort, reverse) in enumerate(self.terms, 1):
            for at, key in enumerate(sort.keys):
                if at and place < len(self.terms) and key.expression is usual:
                    continue  # the list's own order decides last: `-year,title` is by title within a year
                keys.append(OrderKey(built(key.expression, scope), key.descending != reverse, key.nulls))
        last_direction = keys[-1].descending if keys else False
        return [*keys, OrderKey(entity.id, last_direction, "never")]


def parse_sort(entity: Entity, text: str | None) -> Order:
    """The order that `text` asks for; the entity's own where it is None or empty.

    `random` without a seed gets one, which the cursor then carries. Raises NotSortable, BadQuery and TooBig.
    """
    wanted = (text or entity.default_sort).strip()
    name, colon, seed = wanted.partition(":")
    if name.lower() == "random":
        if (colon and not seed) or len(seed) > 100 or "," in seed:
            raise BadQuery("bad_sort", "sort", "A random order is written random, or random:seed with a word as seed.")
        drawn = not seed
        seed = seed or secrets.token_hex(4)
        return Order(f"random:{seed}", seed=seed, drawn=drawn)
    terms: list[tuple[Sort, bool]] = []
    names: list[str] = []
    for part in wanted.split(","):
        part = part.strip()
        name = part.lstrip("+-")
        sort = entity.sort(name)
        known = entity.aliases[name.lower()]
        if known in names:
            continue
        names.append(known)
        terms.append((sort, part.startswith("-")))
    if len(terms) > MAX_SORTS:
        raise TooBig("sort", "sorts", MAX_SORTS)
    spelled = ",".join(("-" if reverse else "") + name for name, (_, reverse) in zip(names, terms, strict=True))
    return Order(spelled, tuple(terms))
