"""REST of the query language: read a query, explain it, complete it, write it, and what can be asked.

docs/query.md is the language's manual. A query that is wrong is a good answer here (200 with `valid: false`); in `?q=` of
a list it is 422.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from segue.core.rest import Access, Body, CurrentActor, Router, service
from segue.query.errors import QuerySyntax
from segue.query.fields import Entity
from segue.query.fields import Field as Declared
from segue.query.language import MAX_LENGTH, Parsed
from segue.query.language.complete import operators
from segue.query.language.shape import to_json
from segue.query.service import QueryService

router = Router(prefix="/query", tags=["query"])
Queries = Annotated[QueryService, service(QueryService)]
EntityName = Annotated[
    str,
    Field(
        description="What is asked about: tracks (or songs), albums, artists, playlists, genres, labels, files, folders, "
        "concerts, recordings.",
        max_length=100,
        examples=["tracks"],
    ),
]
MOST = 2_000_000
"""Characters of a query that are taken to be told that they are too many."""


class AskedQuery(Body):
    entity: EntityName = "tracks"
    query: str = Field(description="The query.", max_length=MOST, examples=["artist:Beatles year:1965..1970"])


class AskedCompletion(AskedQuery):
    cursor: int | None = Field(
        default=None, ge=0, description="Where somebody is writing, in characters; the end without it."
    )
    limit: int = Field(default=20, ge=1, le=50, description="How many completions at most.")


class WrittenTree(Body):
    entity: EntityName = "tracks"
    ast: dict[str, Any] = Field(description="A tree like the `ast` of a query that was read.")
    sort: str | None = Field(default=None, max_length=200, description="Fields to sort by.", examples=["-rating,title"])
    limit: str | None = Field(default=None, max_length=40, description="How much.", examples=["100", "90min", "2gb"])
    offset: int = Field(default=0, ge=0, le=1_000_000, description="How many rows to leave out at the beginning.")


class Position(BaseModel):
    """A place in a query, in characters (Unicode code points). `line` and `column` count from 1."""

    start: int
    length: int
    line: int
    column: int


class QueryProblem(BaseModel):
    """What is wrong, where, what could stand there, and the nearest right words."""

    code: str
    message: str
    position: Position
    expected: str | None = None
    hint: str | None = None
    suggestions: list[str]


class QueryWarning(BaseModel):
    """Something that is right and yet worth telling; `start` and `length` are 0 where it is about the whole."""

    code: str
    message: str
    start: int
    length: int
    params: dict[str, Any]


class QueryAnswer(BaseModel):
    """A query that was read. `normalized` is its one spelling; with `valid: false` only `error` says something."""

    valid: bool
    entity: str
    normalized: str | None = None
    ast: dict[str, Any] | None = Field(
        default=None,
        description="The tree: {kind: and | or | not | phrase | compare | range | in | text | has | chain, …}.",
    )
    sort: str | None = None
    limit: str | None = None
    offset: int = 0
    warnings: list[QueryWarning] = Field(default_factory=list)
    error: QueryProblem | None = None


class CompletionItem(BaseModel):
    """`text` takes the place of `length` characters from `start`; `label` is to be shown, `detail` says what it means."""

    kind: Literal["field", "operator", "value", "keyword", "clause"]
    text: str
    label: str
    detail: str
    start: int
    length: int


class CompletionsAnswer(BaseModel):
    items: list[CompletionItem]


class ConditionItem(BaseModel):
    """One condition. `rows` is how many rows it finds by itself, null where that was not counted; `more` where there are more
    than that. `params` hold what the sentence is made of."""

    text: str
    code: str
    params: dict[str, Any]
    sentence: str
    negated: bool
    rows: int | None
    more: bool


class ExplanationAnswer(QueryAnswer):
    """A query with what it means. `cost` compares queries: 2 for a condition that an index answers, 6 and more for texts that
    are looked at inside."""

    conditions: list[ConditionItem] = Field(default_factory=list)
    rows: int | None = None
    more: bool = False
    cost: int = 0


class OperatorItem(BaseModel):
    text: str
    meaning: str


class QueryFieldItem(BaseModel):
    """Something that can be asked. `completes` is the list whose names complete a value; `absent` where nothing here knows
    it yet; `person` where it is about whoever asks."""

    name: str
    type: str
    meaning: str
    aliases: list[str]
    operators: list[OperatorItem]
    choices: list[str]
    sortable: bool
    domain: str
    completes: str | None
    text: str | None
    person: bool
    nullable: bool
    absent: bool


class FamilyItem(BaseModel):
    """Fields of which there is no end, by what stands after `prefix`."""

    prefix: str
    meaning: str
    example: str


class FieldsAnswer(BaseModel):
    entity: str
    items: list[QueryFieldItem]
    families: list[FamilyItem]
    phrase: list[str] = Field(description="The texts that words without a field are looked for in.")


@router.post("/parse", access=Access.signed_in, operation_id="query_parse", summary="Read a query")
async def parse_query(body: AskedQuery, actor: CurrentActor, queries: Queries) -> QueryAnswer:
    """Always 200: `valid` says whether it can be asked, `error` what is wrong, where, and what was perhaps meant."""
    entity = queries.entity(body.entity)
    try:
        return _answer(entity, queries.parse(body.entity, body.query, actor))
    except QuerySyntax as error:
        return QueryAnswer(valid=False, entity=entity.name, error=_problem(error))


@router.post("/suggest", access=Access.signed_in, operation_id="query_suggest", summary="Complete a query")
async def suggest(body: AskedCompletion, actor: CurrentActor, queries: Queries) -> CompletionsAnswer:
    """Fields, operators and values for the place somebody is writing at; names only of music they may see."""
    if len(body.query) > MAX_LENGTH:
        return CompletionsAnswer(items=[])
    found = await queries.suggest(body.entity, body.query, body.cursor, actor)
    return CompletionsAnswer(
        items=[
            CompletionItem(
                kind=one.kind, text=one.text, label=one.label, detail=one.detail, start=one.start, length=one.length
            )
            for one in found[: body.limit]
        ]
    )


@router.post("/explain", access=Access.signed_in, operation_id="query_explain", summary="Explain a query")
async def explain(body: AskedQuery, actor: CurrentActor, queries: Queries) -> ExplanationAnswer:
    """What each condition means, and how many rows it finds by itself: exactly up to 10,000."""
    entity = queries.entity(body.entity)
    try:
        found = await queries.explain(body.entity, body.query, actor)
    except QuerySyntax as error:
        return ExplanationAnswer(valid=False, entity=entity.name, error=_problem(error))
    return ExplanationAnswer(
        **_answer(entity, found.parsed).model_dump(),
        conditions=[
            ConditionItem(
                text=each.text,
                code=each.code,
                params=each.params,
                sentence=each.sentence,
                negated=each.negated,
                rows=rows,
                more=more,
            )
            for each, rows, more in found.conditions
        ],
        rows=found.rows,
        more=found.more,
        cost=found.cost,
    )


@router.post("/write", access=Access.signed_in, operation_id="query_write", summary="Write a query from its tree")
async def write_query(body: WrittenTree, actor: CurrentActor, queries: Queries) -> QueryAnswer:
    """The text of a tree, for editors that show a query as a form. 422 where the tree is none."""
    entity = queries.entity(body.entity)
    parsed = queries.write(body.entity, body.ast, sort=body.sort, limit=body.limit, offset=body.offset)
    return _answer(entity, parsed)


@router.get("/fields", access=Access.signed_in, operation_id="query_fields", summary="What can be asked")
async def fields(
    actor: CurrentActor,
    queries: Queries,
    entity: Annotated[str, Query(description="tracks, albums, artists, playlists …", max_length=100)] = "tracks",
) -> FieldsAnswer:
    """Every field with its meaning, its operators and, where they are few, its values."""
    asked = queries.entity(entity)
    return FieldsAnswer(
        entity=asked.name,
        items=[_field(queries, asked, field) for field in asked.fields.values()],
        families=[FamilyItem(prefix=one.prefix, meaning=one.meaning, example=one.example) for one in asked.families],
        phrase=list(queries.phrase(asked)),
    )


def _field(queries: QueryService, entity: Entity, field: Declared) -> QueryFieldItem:
    return QueryFieldItem(
        name=field.name,
        type=field.type.value,
        meaning=field.meaning,
        aliases=list(field.aliases),
        operators=[OperatorItem(text=text.strip(), meaning=meaning) for text, meaning in operators(field)],
        choices=list(field.choices),
        sortable=field.sort is not None,
        domain=queries.domain(entity, field),
        completes=queries.completes(field),
        text=field.text,
        person=field.per_person,
        nullable=field.nullable,
        absent=field.absent,
    )


def _answer(entity: Entity, parsed: Parsed) -> QueryAnswer:
    order = parsed.order
    return QueryAnswer(
        valid=True,
        entity=entity.name,
        normalized=parsed.normalized,
        ast=to_json(entity, parsed.where),
        sort=None if order is None else "random" if order.drawn else order.text,
        limit=None if parsed.limit is None else str(parsed.limit),
        offset=parsed.offset,
        warnings=[
            QueryWarning(code=one.code, message=one.message, start=one.start, length=one.length, params=one.params)
            for one in parsed.warnings
        ],
    )


def _problem(error: QuerySyntax) -> QueryProblem:
    return QueryProblem(
        code=error.code,
        message=error.message,
        position=Position(**error.position),
        expected=error.expected,
        hint=error.hint,
        suggestions=error.suggestions,
    )
