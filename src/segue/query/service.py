"""The verbs of the query language: read a query, say what it means, complete it, tell what can be asked.

An engine that knows no domain: app.py hands in what can be asked (`Entities`), which domain declared what, and who knows
the names that complete a value.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false, func, select

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.errors import Invalid
from segue.query.ast import Compare, Node, Text, both
from segue.query.errors import BadQuery, QuerySyntax, nearest
from segue.query.fields import Entities, Entity, Field, Scope, Type
from segue.query.language import Limit, Parsed, names, parse, write
from segue.query.language import complete as completing
from segue.query.language.complete import MAX_COMPLETIONS, Completion, Place
from segue.query.language.cost import cost
from segue.query.language.explain import Condition, conditions
from segue.query.language.shape import from_json
from segue.query.page import Question, Window, count, find
from segue.query.patience import answering
from segue.query.sort import Order, parse_sort

COUNTED = 10_000
"""Rows up to which an explanation counts exactly."""
EXPLAINED = 20
"""Conditions of a query that are counted each by itself."""
EXPLAIN_S = 5.0
"""Seconds that counting for one explanation may take."""
NAMED = 8
"""Names from the library in one completion."""


class Called(Protocol):
    """Who knows what things of some kinds (`artists`) are called."""

    kinds: frozenset[str]

    def __call__(self, kind: str, typed: str, actor: Actor, limit: int, /) -> Awaitable[list[str]]:
        """What things are called that begin with, or hold, what was typed; at most so many, best first."""
        ...


NAMES_AS_WORDS = (("artists", "artist"), ("albums", "album"), ("genres", "genre"), ("own_tags", "tagged"))
"""Kinds of names that complete a bare word, and the field that each becomes a condition of."""


class CalledByKind:
    """Several who know what things are called, each those of its own kinds."""

    def __init__(self, *knowing: Called) -> None:
        self._knowing = {kind: one for one in knowing for kind in one.kinds}
        self.kinds = frozenset(self._knowing)

    async def __call__(self, kind: str, typed: str, actor: Actor, limit: int, /) -> list[str]:
        return await self._knowing[kind](kind, typed, actor, limit)


class UnknownEntity(Invalid):
    """Nothing of this name can be asked about."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        self.suggestions = nearest(name, [*known, *names.ENTITIES]) or known[:3]
        shown = name if len(name) <= 40 else name[:39] + "…"
        super().__init__(
            "unknown_entity", f"There is nothing called {shown!r} to ask about.", hint=f"Known: {', '.join(known)}."
        )
        self.members = {"suggestions": self.suggestions}


@dataclass(frozen=True, slots=True)
class Explained:
    """What a query means. `rows` are as many as were counted, None where that took too long; `more` where there are more."""

    parsed: Parsed
    conditions: list[tuple[Condition, int | None, bool]]
    rows: int | None
    more: bool
    cost: int


class QueryService:
    """Reads queries for somebody. `domains` says by entity and field which domain declared it; else it is the library."""

    def __init__(
        self,
        db: Database,
        entities: Entities,
        called: Called | None = None,
        domains: Mapping[str, Mapping[str, Iterable[Field]]] | None = None,
    ) -> None:
        self.db = db
        self.entities = entities
        self._called = called
        self._domains = {
            (entity, field.name): domain
            for domain, by_entity in (domains or {}).items()
            for entity, fields in by_entity.items()
            for field in fields
        }
        self._by_prefix = {
            field.prefix: entity.name
            for entity in entities
            if (field := entity.fields.get("id")) is not None and field.prefix
        }
        if called is not None and "libraries" in called.kinds:
            self._by_prefix["li"] = "libraries"

    def entity(self, name: str) -> Entity:
        """What is asked about: `tracks` (or `songs`), `albums`, `artists`, `playlists` … Raises UnknownEntity."""
        lower = name.strip().lower()
        known = {entity.name for entity in self.entities}
        found = lower if lower in known else names.ENTITIES.get(lower, "")
        if found not in known:
            raise UnknownEntity(name, known)
        return self.entities[found]

    def parse(self, entity: str, text: str, actor: Actor) -> Parsed:
        """What `text` asks. Raises UnknownEntity and QuerySyntax."""
        return parse(self.entity(entity), text, ZoneInfo(actor.time_zone))

    def write(
        self, entity: str, tree: Any, *, sort: str | None = None, limit: str | None = None, offset: int = 0
    ) -> Parsed:
        """The query that a tree in JSON stands for, as its text and read again. Raises BadQuery."""
        asked = self.entity(entity)
        order = parse_sort(asked, sort) if sort else None
        text = write(asked, from_json(asked, tree), order, None, offset)
        return parse(asked, f"{text} limit:{limit}" if limit else text)

    def domain(self, entity: Entity, field: Field) -> str:
        """The domain that knows a field: library, listening, playlists; `later` where none does yet."""
        return "later" if field.absent else self._domains.get((entity.name, field.name), "library")

    def completes(self, field: Field) -> str | None:
        """The list whose names complete a value of this field."""
        return self._by_prefix.get(field.prefix) if field.prefix else None

    def phrase(self, entity: Entity) -> tuple[str, ...]:
        """The texts that words without a field are looked for in."""
        return names.phrase_of(entity)

    # --- explaining ----------------------------------------------------------------------------------------------------

    async def explain(self, entity: str, text: str, actor: Actor) -> Explained:
        """What each condition means and how many rows it finds alone. Raises QuerySyntax, and QueryTooSlow never:
        what could not be counted in time stays uncounted."""
        asked = self.entity(entity)
        parsed = parse(asked, text, ZoneInfo(actor.time_zone))
        found = conditions(asked, parsed.where)
        counts: dict[str, tuple[int | None, bool]] = {}
        total: tuple[int | None, bool] = (None, False)
        try:
            async with answering(self.db, EXPLAIN_S) as conn:
                total = await self._counted(conn, asked, parsed.where, actor)
                for condition in found[:EXPLAINED]:
                    if condition.text not in counts:
                        counts[condition.text] = await self._counted(conn, asked, condition.node, actor)
        except Invalid as error:
            if error.code != "query_too_slow":
                raise
        told = [(condition, *counts.get(condition.text, (None, False))) for condition in found]
        return Explained(parsed, told, *total, cost(parsed.where))

    async def _counted(self, conn: Any, entity: Entity, where: Node, actor: Actor) -> tuple[int | None, bool]:
        question = Question(entity, both(where, _seen(entity)), parse_sort(entity, None), actor.libraries)
        rows = await count(conn, question, Scope.of(actor, self.db.dialect), COUNTED)
        return (COUNTED, True) if rows is None else (rows, False)

    # --- completing ----------------------------------------------------------------------------------------------------

    async def suggest(self, entity: str, text: str, cursor: int | None, actor: Actor) -> list[Completion]:
        """What may come at `cursor` (None: at the end), best first; names only from what `actor` may see."""
        asked = self.entity(entity)
        chained = asked.chained is not None
        place = completing.place_of(text, len(text) if cursor is None else cursor, chained=chained)
        if place.name is None:
            songs = await self._chained(asked, place, actor)
            if place.arrow:
                return songs
            found = list(completing.arrows(place)) if chained and place.after_song else []
            found += list(completing.words(asked, place))[:MAX_COMPLETIONS]
            return [*found, *songs, *await self._names_as_words(asked, place, actor)][: MAX_COMPLETIONS + NAMED]
        return (await self._values(asked, place, actor))[: MAX_COMPLETIONS + NAMED]

    async def _values(self, entity: Entity, place: Place, actor: Actor) -> list[Completion]:
        name = (place.name or "").lower()
        if name in ("has", "is", "sort"):
            return list(_field_names(entity, place, name))
        if name == "limit":
            texts = ("100", "90min", "2gb", "10%")
            return [Completion("value", text, text, "", place.start, len(place.typed)) for text in texts]
        field = names.find(entity, place.name or "")
        if field is None:
            return []
        found = list(completing.values(field, place))
        if field.type is Type.INTEGER and field.name.endswith("year"):
            found = [*await self._decades(entity, field, place, actor), *found]
        kind = field.names_of
        if kind is None:
            kind = self._list_named_by(entity, field) if field.text is None else self.completes(field)
        if kind is not None:
            called = await self._names(kind, place.typed, actor, NAMED)
            found = [completing.value(place, each, kind) for each in called] + found
        return found

    async def _chained(self, entity: Entity, place: Place, actor: Actor) -> list[Completion]:
        """Names of songs that what was typed may become, where arrows join songs."""
        field = None if entity.chained is None else entity.field(entity.chained)
        enough = place.arrow or place.quoted or len(place.typed.strip()) > 1
        if field is None or field.names_of is None or not enough:
            return []
        called = await self._names(field.names_of, place.typed, actor, NAMED)
        return [completing.value(place, each, field.names_of) for each in called]

    async def _decades(self, entity: Entity, field: Field, place: Place, actor: Actor) -> list[Completion]:
        """The decades that there is music of, the latest first."""
        if not isinstance(field.expression, ColumnElement):
            return []
        statement = select(func.min(field.expression), func.max(field.expression)).select_from(entity.table)
        if actor.libraries is not None:
            statement = statement.where(entity.visible(actor.libraries) if actor.libraries else false())
        async with answering(self.db, EXPLAIN_S) as conn:
            first, last = (await conn.execute(statement)).one()
        if first is None or not 0 < last < 10_000:
            return []
        decades = range(last - last % 10, max(first, last - 200) - 10, -10)
        texts = (f"{decade}..{decade + 9}" for decade in decades if str(decade).startswith(place.typed))
        return [Completion("value", text, text, "", place.start, len(place.typed)) for text in texts][:MAX_COMPLETIONS]

    async def _names(self, kind: str, typed: str, actor: Actor, limit: int) -> list[str]:
        if self._called is not None and kind in self._called.kinds:
            return await self._called(kind, typed, actor, limit)
        entity = next((each for each in self.entities if each.name == kind), None)
        if entity is None or entity.called is None:
            return []
        where = both(Text(names.phrase_of(entity)[0], "contains", typed), _seen(entity))
        question = Question(entity, where, parse_sort(entity, None), actor.libraries)
        async with answering(self.db, EXPLAIN_S) as conn:
            page = await find(conn, question, Window(limit), Scope.of(actor, self.db.dialect))
            rows = await conn.execute(select(entity.id, entity.called).where(entity.id.in_(page.ids)))
            called = {row[0]: row[1] for row in rows.all()}
        return list(dict.fromkeys(called[number] for number in page.ids if number in called))

    def _list_named_by(self, entity: Entity, field: Field) -> str | None:
        """The list whose names a text field holds: that of the field that asks it in its place."""
        if field.type is not Type.TEXT:
            return None
        by_id = next((each for each in entity.fields.values() if each.text == field.name), None)
        if by_id is not None:
            return self.completes(by_id)
        return entity.name if field.name == names.phrase_of(entity)[0] else None

    async def _names_as_words(self, entity: Entity, place: Place, actor: Actor) -> list[Completion]:
        """Names from the library that hold what was typed, as conditions: `artist:"The Beatles"`."""
        if len(place.typed.strip()) < 2:
            return []
        found: list[Completion] = []
        for kind, name in NAMES_AS_WORDS:
            field = names.find(entity, name)
            if field is None or entity.name == kind:
                continue
            for each in await self._names(kind, place.typed, actor, 3):
                one = completing.value(place, each, kind)
                found.append(replace(one, text=f"{name}:{one.text}"))
        return found


def _seen(entity: Entity) -> Node | None:
    """What limits rows to those the asking person may see, where that does not go by libraries."""
    return Compare("visible", "=", True) if "visible" in entity.fields else None


def _field_names(entity: Entity, place: Place, clause: str) -> Iterable[Completion]:
    typed = place.typed.lstrip("+-")
    start = place.start + len(place.typed) - len(typed)
    for name, field in sorted(entity.fields.items()):
        fits = {"has": True, "is": field.type is Type.BOOLEAN, "sort": field.sort is not None}[clause]
        if fits and name.startswith(typed.lower()):
            yield Completion("value", name, name, field.meaning, start, len(typed))
    if clause == "is" and "missing".startswith(typed.lower()) and "missing" not in entity.fields:
        yield Completion("value", "missing ", "missing", "Has no value of the field that follows.", start, len(typed))
    if clause == "sort" and "random".startswith(typed.lower()):
        yield Completion("value", "random", "random", "In no order.", start, len(typed))


__all__ = ["BadQuery", "CalledByKind", "Explained", "Limit", "Order", "QueryService", "QuerySyntax", "UnknownEntity"]
