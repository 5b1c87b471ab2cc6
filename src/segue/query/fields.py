"""What can be asked: domains declare their fields here, and every list compiles through them.

A `Field` is a name, a type, a SQL expression and a sentence that says what it means. An `Entity` is a kind of row with
its fields. Expressions are built for a `Scope` (who asks, on which database), so that a field may be about one person
(starred, rating) and may come from a domain the entity's own does not know: see `Entity.extended`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.query.ast import Value
from segue.query.errors import NotSortable, UnknownField

UTC_ZONE = ZoneInfo("UTC")
Nulls = Literal["first", "last", "never"]


class Type(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    """A moment (its expression is a datetime), or a partial date (a number yyyymmdd, zeros for what is unknown)."""
    DURATION = "duration"
    """Stored in milliseconds, asked in whole seconds."""
    BOOLEAN = "boolean"
    ID = "id"
    ENUM = "enum"


@dataclass(slots=True)
class Scope:
    """For whom and where a question is compiled. Collects the joins its fields need, each once."""

    dialect: Literal["sqlite", "postgresql"]
    person: int = 0
    zone: ZoneInfo = UTC_ZONE
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    joins: dict[str, tuple[FromClause, ColumnElement[bool]]] = field(default_factory=dict)
    row_id: ColumnElement[int] | None = None
    """The id of the rows that are asked about; fields from other domains join on it."""
    always: set[str] = field(default_factory=set)
    """Names of joins that find a row for every row."""
    first: Any = None
    """The condition (a node) whose rows are looked up first; all others are asked of each row. See `query.plan`."""
    most_first: int | None = None
    """So many of those are looked up at most; None: all."""
    planned: Any = None
    """What this was chosen for."""
    drawn: Any = None
    """Rows drawn at random, and which conditions they meet."""
    share: float | None = None
    """Which share of all rows is thought to meet the conditions, where that was looked at."""
    sorted: bool = False
    """All rows are asked, and put in order afterwards."""
    heavy: bool = False
    """Finding the rows takes longer than a moment."""
    walked: frozenset[str] | None = None
    """Where rows are asked one by one: the fields whose conditions an index may serve nevertheless, as the list is in
    their order. None: any may."""
    apart: bool = False
    """Rows of the one table that is joined are looked up by themselves, whatever row they are about; see `Field.kept`."""
    learned: dict[str, Any] = field(default_factory=dict)
    """What fields read before the question was compiled, by their names; see `Field.learn`."""

    @classmethod
    def of(cls, actor: Actor, dialect: Literal["sqlite", "postgresql"]) -> Scope:
        return cls(dialect, actor.person, ZoneInfo(actor.time_zone))

    def join(
        self,
        name: str,
        target: Callable[[], FromClause],
        on: Callable[[Any], ColumnElement[bool]],
        *,
        always: bool = False,
    ) -> FromClause:
        """The table `target`, joined (outer) once under `name`. Only for tables with at most one row a result.

        `always` says that there is one row for every result, so that the database may begin with that table.
        """
        if always:
            self.always.add(name)
        if name not in self.joins:
            table = target()
            self.joins[name] = (table, on(table))
        return self.joins[name][0]


Learn = Callable[[AsyncConnection, "Entity", Scope, Sequence[Any]], Awaitable[None]]
"""Called with the nodes of a question that are about the field."""
Expression = ColumnElement[Any] | Callable[[Scope], ColumnElement[Any]]


def built(expression: Expression, scope: Scope) -> ColumnElement[Any]:
    """The SQL of an expression: itself, or what it gives for this scope."""
    return expression if isinstance(expression, ColumnElement) else expression(scope)


@dataclass(frozen=True, slots=True)
class Named:
    """Names kept in a table of their own: `id` is what a row points at, `key` the name as it is compared.

    `held` is a condition that an index serves and that all names meet which have this part (folded) inside; None for none.
    """

    id: ColumnElement[Any]
    key: ColumnElement[Any]
    held: Callable[[Scope, str], ColumnElement[bool] | None] | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """A field with any number of values a row, kept in another table: `owner` points to the row, `value` is the value.

    Asked as "the row's id is among the owners of …", which both databases can drive from an index on (value, owner).
    """

    owner: ColumnElement[Any]
    value: ColumnElement[Any]
    where: ColumnElement[bool] | None = None
    source: FromClause | None = None
    """The join to select from, where `owner` and `value` are in different tables."""
    key: ColumnElement[Any] | None = None
    """What of a row the owners are compared with, never null; None: its id. A track is asked for its album's values so."""
    names: tuple[Named, ...] = ()
    """For texts that `value` only points at: where the names are. They are looked up first, being few."""
    held: Callable[[Scope, str], ColumnElement[bool] | None] | None = None
    """For texts in `value` itself: as `Named.held`."""
    others: tuple[Many, ...] = ()
    """Other places that hold values of the same field: a name as it is credited, beside the names of the artist."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One expression to order by."""

    expression: Expression
    nulls: Nulls = "never"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Sparse:
    """A field that few rows have: how those are read in its order from a table of their own.

    `key` is the bare column, `row_id` the row it is about in that table. Rows that have it have more than `least` there
    (None: anything); the others count as `zero` (None: as null), and follow, or go before, in the order of what is left.
    """

    key: Expression
    row_id: Expression
    least: Any = None
    zero: int | None = None


@dataclass(frozen=True, slots=True)
class Sort:
    """How a field is sorted by: its keys in turn, then the row's id. `index` names the index that is in this order.

    `walked` says that there is one which is not of this table alone.
    """

    keys: tuple[SortKey, ...]
    index: str | None = None
    sparse: Sparse | None = None
    walked: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be asked of an entity.

    Exactly one of `expression`, `many`, `words` and `asked` answers it, unless it is `absent`. `meaning` is one sentence, for
    documentation and completion.
    """

    name: str
    type: Type
    meaning: str
    expression: Expression | None = None
    many: Many | Callable[[Scope], Many] | None = None
    words: Callable[[Scope, str], ColumnElement[bool]] | None = None
    """For text that is asked by its words through a search index."""
    words_in: Callable[[Scope, str], ColumnElement[bool]] | None = None
    """The same, asked of one row at a time: for words that very many rows have."""
    words_found: Callable[[Scope, str], Select[Any]] | None = None
    """The ids of the rows that have the words."""
    total: Callable[[Value, frozenset[int] | None], Select[Any]] | None = None
    """How many rows with this value there are in these libraries (None: all), from counts that are kept."""
    positive: Expression | None = None
    """For numbers that are 0 where nothing is kept: the bare column, to ask for more than 0 with."""
    kept: Expression | None = None
    """For values that are kept in a table joined by `Scope.join`: the column there that names the row they are about. Where
    `Scope.apart` is so, that table is joined without saying which row, and is read by itself."""
    present: ColumnElement[bool] | None = None
    """For texts that many rows have none of: what an index that holds only the others says of them."""
    indexed: bool = False
    """An index begins with its expression, so that the rows with a value are found without looking at others."""
    beside: tuple[str, ...] = ()
    """Fields that this index holds as well, behind: conditions on them are asked of its entries, before any row is read."""
    nullable: bool = True
    fold: Callable[[str], str] | None = None
    """How a text is brought into the form that `expression` has (case, accents)."""
    prefix: str | None = None
    """For ids: the prefix outside, `ar` for `ar-81`."""
    choices: tuple[str, ...] = ()
    """For enums: the values there are."""
    sort: Sort | None = None
    aliases: tuple[str, ...] = ()
    per_person: bool = False
    shown_as: str | None = None
    """The member of an item that holds this field's value; only needed by fields from outside the entity's domain."""
    begins: Callable[[Scope, str], ColumnElement[bool] | None] | None = None
    """For texts that are kept without a leading article: the rows whose text as it is written begins with this, where that
    is nothing but an article; None where it is more."""
    text: str | None = None
    """The field that is asked in its place where the value is no id (or no yes or no): `artist:Beatles` asks `artist.name`."""
    asked: Callable[[Scope, Any], ColumnElement[bool]] | None = None
    """The condition for a whole node, for what is answered neither by a value of the row nor by one kept elsewhere."""
    found: Callable[[Scope, Any], Select[Any] | None] | None = None
    """The ids of the rows that meet such a condition; None where they cannot be looked up."""
    learn: Learn | None = None
    """Reads what the field must know before a question is compiled, and leaves it in `Scope.learned`."""
    absent: bool = False
    """Nothing here knows it yet: it answers no rows, and whoever asks is told so."""
    chained: bool = False
    """Its values stand in an order, so that arrows may join them (a `Chain`); `asked` answers those."""
    names_of: str | None = None
    """The kind of things whose names complete its value, where no list of that name does."""


def sorted_by(
    *expressions: Expression,
    index: str | None = None,
    nulls: Nulls = "never",
    sparse: Sparse | None = None,
    walked: bool = False,
) -> Sort:
    """Ascending by the expressions in turn; `nulls` says where rows without the first stand, in either direction."""
    first, *others = expressions
    return Sort((SortKey(first, nulls), *(SortKey(other) for other in others)), index, sparse, walked)


@dataclass(frozen=True, slots=True)
class Family:
    """Fields of which there is no end, by what stands after `prefix`: `tag.` makes `tag.mixedby`, `role.` `role.piano`.

    `field` gives None for a name that cannot be one. `example` is a name that can, for completion and documentation.
    """

    prefix: str
    meaning: str
    example: str
    field: Callable[[str], Field | None]


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of row that can be listed.

    `visible` limits rows to the libraries of whoever asks. `hidden_unless_asked` is a filter (a field name and the
    value rows must have) that holds as long as the question does not mention that field: missing music, for one.
    """

    name: str
    table: FromClause
    id: ColumnElement[int]
    fields: Mapping[str, Field]
    default_sort: str
    visible: Callable[[frozenset[int]], ColumnElement[bool]]
    hidden_unless_asked: tuple[str, str] | None = None
    total: Callable[[frozenset[int] | None], Select[Any]] | None = None
    """How many rows there are in these libraries (None: all), from counts that are kept."""
    families: tuple[Family, ...] = ()
    phrase: tuple[str, ...] = ()
    """The texts that words without a field are looked for in: any of them contains the words."""
    always: Any = None
    """A filter (a tree) that holds for every question: what a person may see, where that does not go by libraries."""
    called: ColumnElement[Any] | None = None
    """What a row is called, as it is shown: to complete what somebody writes."""
    chained: str | None = None
    """The field whose values words are that arrows join: `"Scarlet Begonias" > "Fire on the Mountain"`."""
    aliases: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        aliases: dict[str, str] = {}
        for name, declared in self.fields.items():
            for spelling in (name, *declared.aliases):
                if spelling in aliases or (spelling != name and spelling in self.fields):
                    raise ValueError(f"{self.name}: two fields are called {spelling}")
                aliases[spelling] = name
        object.__setattr__(self, "aliases", aliases)

    def field(self, name: str, *, parameter: str | None = None) -> Field:
        """The field called `name`, in any case, by an alias or as one of a family. Raises UnknownField with the nearest."""
        lower = name.lower()
        found = self.aliases.get(name) or self.aliases.get(lower)
        if found is not None:
            return self.fields[found]
        for family in self.families:
            if lower.startswith(family.prefix) and (made := family.field(lower[len(family.prefix) :])) is not None:
                return made
        raise UnknownField(name, self.name, self.fields, parameter=parameter)

    def sortable(self) -> list[str]:
        return [name for name, declared in self.fields.items() if declared.sort]

    def sort(self, name: str) -> Sort:
        """How rows are sorted by `name`. Raises NotSortable with the nearest names."""
        found = self.fields.get(self.aliases.get(name.lower(), ""))
        if found is None or found.sort is None:
            raise NotSortable(name, self.name, [*self.sortable(), "random"])
        return found.sort

    def shown(self) -> list[Field]:
        """The fields from outside that every item shows."""
        return [declared for declared in self.fields.values() if declared.shown_as]

    def extended(self, more: Iterable[Field]) -> Entity:
        """The same entity with fields of other domains added. Raises ValueError where a name is taken."""
        fields = dict(self.fields)
        for declared in more:
            if declared.name in fields:
                raise ValueError(f"{self.name}: two fields are called {declared.name}")
            fields[declared.name] = declared
        return replace(self, fields=fields)


def declared(*fields: Field) -> dict[str, Field]:
    """The fields by name. Raises ValueError where two have one name."""
    by_name = {each.name: each for each in fields}
    if len(by_name) != len(fields):
        raise ValueError("two fields have the same name")
    return by_name


class Entities:
    """All that can be asked about, by name (`tracks`, `albums` …). app.py puts it together from the domains."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._by_name = {entity.name: entity for entity in entities}

    def __getitem__(self, name: str) -> Entity:
        return self._by_name[name]

    def __iter__(self) -> Any:
        return iter(self._by_name.values())

    def extended(self, more: Mapping[str, Iterable[Field]]) -> Entities:
        """The same entities, those named in `more` with these fields added."""
        for name in more:
            self._by_name[name]
        return Entities(
            entity.extended(more[entity.name]) if entity.name in more else entity for entity in self._by_name.values()
        )
