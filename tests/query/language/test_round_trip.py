"""Text to tree to text to tree: a tree has one spelling, and whatever is written is a tree or an error that is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from segue.library.fields import ENTITIES
from segue.listening.fields import FIELDS
from segue.query import And, Compare, Entities, Field, Has, In, Node, Not, Or, Range, Text, Type
from segue.query.ast import normal
from segue.query.compile import condition
from segue.query.errors import QuerySyntax
from segue.query.fields import Scope
from segue.query.language import MAX_LENGTH, parse, write
from segue.query.language.complete import place_of
from segue.query.language.shape import from_json, to_json

ALL = Entities(ENTITIES).extended(FIELDS)
ASKED = ("tracks", "albums", "artists", "genres")
FEW = settings(max_examples=300, deadline=None)

texts = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=0, max_size=12
) | st.sampled_from(
    ["contains", "AND", "or", "NOT", "-", "-x", "a b", 'say "x"', "a,b", "(x)", "x:y", "~8A", "*", "ar-1", "true", "/x/i",
     "back\\slash", "“curly”", "", ">3", "!=x", "1970..1979", "tab\there", "line\nbreak", "愛"]
)  # fmt: skip
dates = st.sampled_from(
    [
        "1977",
        "1977-05",
        "1977-05-08",
        "2024-05-01T12:00:00Z",
        "2024-05-01 12:00:00",
        "today",
        "last-month",
        "-30d",
        "-2w",
    ]
)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    match field.type:
        case Type.INTEGER | Type.ID | Type.DURATION:
            return st.integers(0, 10**6)
        case Type.NUMBER:
            return st.floats(-1000, 1000, allow_nan=False).map(lambda number: round(number, 3) + 0.0)
        case Type.BOOLEAN:
            return st.booleans()
        case Type.ENUM:
            return st.sampled_from(field.choices)
        case Type.DATE:
            return dates
        case _:
            return texts


@st.composite
def leaves(draw: st.DrawFn, kind_of_row: str) -> Node:
    fields = ALL[kind_of_row].fields
    field = fields[draw(st.sampled_from([name for name, each in fields.items() if each.words is None]))]
    kind = draw(st.sampled_from(["has", "one", "many", "between"]))
    if kind == "has":
        return Has(field.name)
    if field.type is Type.TEXT:
        mode = draw(st.sampled_from(["is", "contains", "starts", "ends", "wildcard"]))
        return Text(field.name, mode, draw(texts))
    values = values_of(field)
    ranged = field.type in (Type.INTEGER, Type.NUMBER, Type.DATE, Type.DURATION)
    if kind == "many":
        return In(field.name, tuple(draw(st.lists(values, max_size=4))))
    if kind == "between" and ranged:
        return Range(field.name, draw(st.none() | values), draw(st.none() | values))
    op = draw(st.sampled_from(["=", "<", "<=", ">", ">="])) if ranged else "="
    return Compare(field.name, op, draw(values))


@st.composite
def phrases(draw: st.DrawFn, kind_of_row: str) -> Node:
    """Words without a field."""
    return parse(ALL[kind_of_row], f'"{draw(st.sampled_from(["dark side", "愛", "and", "-x", "a"]))}"').where


def trees(kind_of_row: str) -> st.SearchStrategy[Node]:
    return st.recursive(
        leaves(kind_of_row) | phrases(kind_of_row),
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda parts: And(tuple(parts)))
            | st.lists(inner, max_size=3).map(lambda parts: Or(tuple(parts)))
            | inner.map(Not)
        ),
        max_leaves=8,
    )


TREES = {name: trees(name) for name in ASKED}
asked = st.sampled_from(ASKED).flatmap(lambda name: st.tuples(st.just(name), TREES[name]))


@FEW
@given(asked)
def test_a_tree_is_written_and_read_again_as_the_same_tree(drawn: tuple[str, Node]) -> None:
    entity, tree = ALL[drawn[0]], drawn[1]
    text = write(entity, tree)
    read = parse(entity, text)
    assert read.where == normal(tree)
    assert read.normalized == text


@FEW
@given(asked)
def test_a_tree_goes_through_json_and_stays_the_same(drawn: tuple[str, Node]) -> None:
    entity, tree = ALL[drawn[0]], drawn[1]
    assert from_json(entity, to_json(entity, normal(tree))) == normal(tree)


PIECES = st.sampled_from(
    [*"()\"'-:,*/~<>=!\\ \n\t", " AND ", " OR ", " NOT ", "artist:", "year:", "title:contains ", "1970..1979", "-30d", "sort:",
     "limit:", "has:", "is:missing", "rating:>=", "genre:", "id:", "愛", "Beatles", "''; DROP TABLE tracks;--", "%", "_", "\0",
     "\ud800", "added:last-month", "camelot:~8A", "tag.x:", "role.piano:", "/a+/i", "..", "“", "”"]
)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(ASKED), st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60) | st.binary(max_size=60)
)
@example(ASKED[0], "x" * (MAX_LENGTH + 1))
@example(ASKED[0], "(" * 10_000)
@example(ASKED[0], "NOT " * 2_000)
@example(ASKED[0], "-" * 9_000)
@example(ASKED[0], "/x " * 3_000)
@example(ASKED[0], '"' * 9_999)
@example(ASKED[0], "a:" * 5_000)
@example(ASKED[0], "genre:" + "x," * 4_000)
@example(ASKED[0], "title:/" + "(a+)+" * 1_500 + "$/")
def test_any_text_is_a_query_or_an_error_with_a_place(name: str, text: str | bytes) -> None:
    entity = ALL[name]
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    wrong: QuerySyntax | None = None
    try:
        parsed = parse(entity, text)
    except QuerySyntax as error:
        wrong = error
    if wrong is not None:
        assert 0 <= wrong.start <= wrong.start + wrong.length <= len(text)
        assert wrong.line >= 1
        assert wrong.column >= 1
        assert wrong.message
        assert wrong.code
        return
    again = parse(entity, parsed.normalized)
    assert again.where == parsed.where
    assert again.limit == parsed.limit
    assert again.offset == parsed.offset
    assert (again.order is None) == (parsed.order is None)
    if parsed.order is not None and not parsed.order.drawn:
        assert again.order == parsed.order
    condition(entity, parsed.where, Scope("sqlite", person=1))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=10).map("".join), st.integers(0, 60))
def test_any_place_in_any_text_can_be_completed(text: str, cursor: int) -> None:
    place = place_of(text, cursor)
    assert 0 <= place.start <= min(cursor, len(text))


INJECTIONS = (
    *("'; DROP TABLE tracks;--", '" OR 1=1 --', "') OR ('1'='1", "%' --", "1; SELECT pg_sleep(9)", "\\'; --"),
    "x' UNION SELECT 1--",
)
DIALECTS = (sqlite.dialect(), postgresql.dialect())


@pytest.mark.parametrize("name", ASKED)
def test_sql_in_every_field_is_a_value_and_never_a_part_of_the_statement(name: str) -> None:
    entity = ALL[name]
    for field in entity.fields.values():
        if field.type is not Type.TEXT or field.absent or field.words is not None or field.asked is not None:
            continue
        for mode in ("", "contains ", "startsWith ", "endsWith ", "wildcard "):
            for value in INJECTIONS:
                escaped = value.replace("\\", "\\\\").replace('"', '\\"')
                where = parse(entity, f'{field.name}:{mode}"{escaped}"').where
                for dialect in DIALECTS:
                    made = condition(entity, where, Scope(dialect.name, person=1))  # type: ignore[arg-type]
                    statement = str(made.compile(dialect=dialect)).lower()
                    assert not any(text in statement for text in ("drop table", "pg_sleep", "union select 1", "1=1"))


def test_a_field_is_found_in_any_case_and_with_or_without_underscores() -> None:
    assert parse(ALL["tracks"], "LASTPLAYEDAT:today").where == parse(ALL["tracks"], "last_played:today").where
    assert parse(ALL["tracks"], "Disc_Number:2").where == parse(ALL["tracks"], "discNumber:2").where
