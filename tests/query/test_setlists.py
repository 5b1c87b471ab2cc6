"""Questions on setlists against a plain Python evaluator: random evenings, random questions, on both databases; and how such
questions are written, explained, completed and refused."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from segue.core.access import Actor
from segue.core.db import Database
from segue.live.fields import CONCERT
from segue.live.models import LivePerformance
from segue.query import (
    And,
    Compare,
    Entities,
    Has,
    In,
    Node,
    Not,
    Or,
    Question,
    Range,
    Scope,
    Text,
    Window,
    find,
    parse_sort,
)
from segue.query.ast import Chain, any_part, normal
from segue.query.errors import QuerySyntax
from segue.query.language import parse, write
from segue.query.language.chains import MAX_CHAIN
from segue.query.language.complete import place_of
from segue.query.language.explain import conditions
from segue.query.language.shape import BadTree, from_json, to_json
from segue.query.service import QueryService
from tests.live.songs.ground import Played, Show, play, worked_out

pytestmark = pytest.mark.anyio
ANN = Actor(1, "ann", libraries=None)
SONGS = ("Bertha", "Ripple", "Dark Star", "The Other One", "100% Loose", "Not_Fade")
SEED = 6
FIELDS = ("song", "opener", "closer", "encore", "debut", "set1", "set2", "set2.opener", "set1.closer")
GENTLE = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)


# --- in plain Python ----------------------------------------------------------------------------------------------------


def _key(name: str) -> str:
    words = list("".join(char if char.isalnum() else " " for char in name.lower()).split())
    return "".join(words[1:] if len(words) > 1 and words[0] in ("the", "a", "an") else words)


def called(name: str, part: Text) -> bool:
    key, wanted = _key(name), _key(part.value)
    match part.mode:
        case "is":
            return key == wanted
        case "contains":
            return bool(wanted) and wanted in key
        case "starts":
            return bool(wanted) and key.startswith(wanted)
        case "ends":
            return bool(wanted) and key.endswith(wanted)
    return True  # any song


def stands(field: str, one: Played) -> bool:
    if not one.set_number:
        return False
    match field:
        case "song":
            return True
        case "debut":
            return one.gap is None
        case "encore":
            return one.encore
        case "opener":
            return one.place in ("opener", "both") and not one.encore
        case "closer":
            return one.place in ("closer", "both") and not one.encore
    number, _, place = field[3:].partition(".")
    here = one.set_number == int(number) and not one.encore
    return here and (not place or one.place in (place, "both"))


def follows(before: Played, after: Played, link: str) -> bool:
    if not (before.set_number and after.set_number):
        return False
    if link == "later":
        return after.position > before.position
    at_once = after.position == before.position + 1 and after.set_number == before.set_number
    return at_once and (link == "next" or before.segue)


def holds(node: Node, rows: Sequence[Played]) -> bool:
    match node:
        case And(parts):
            return all(holds(part, rows) for part in parts)
        case Or(parts):
            return any(holds(part, rows) for part in parts)
        case Not(part):
            return not holds(part, rows)
        case Compare("gap", op, value):
            return any(_compares(one.gap, op, value) for one in rows if one.gap is not None)
        case Range("gap", low, high):
            return any(
                (low is None or one.gap >= low) and (high is None or one.gap <= high)
                for one in rows
                if one.gap is not None
            )
        case Compare("songs", op, value):
            return _compares(len({one.name for one in rows if one.set_number}), op, value)
        case Has("gap"):
            return any(one.gap is not None for one in rows)
        case Has(field):
            return any(stands(field, one) for one in rows)
        case Text(field):
            return any(stands(field, one) and called(one.name, node) for one in rows)
        case In(field, values):
            return any(
                stands(field, one) and any(called(one.name, Text(field, "is", v)) for v in values) for one in rows
            )
        case Chain(field, parts, links):
            return any(
                stands(field, some[0])
                and all(called(one.name, part) for one, part in zip(some, parts, strict=True))
                and all(follows(some[at], some[at + 1], link) for at, link in enumerate(links))
                for some in product(rows, repeat=len(parts))
            )
    raise AssertionError(node)


def _compares(one: int, op: str, other: Any) -> bool:
    return {"=": one == other, "<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[op]


# --- at random ------------------------------------------------------------------------------------------------------------


def evenings(chance: random.Random) -> list[Show]:
    def a_set() -> str:
        runs = [" > ".join(chance.choices(SONGS, k=chance.randint(1, 3))) for _ in range(chance.randint(1, 2))]
        return ", ".join(runs)

    shows = []
    for at in range(24):
        kinds = chance.choice([("",), ("", ""), ("", "", "E:"), ("S:", "", "E:"), ()])
        sets = tuple(prefix + a_set() for prefix in kinds)
        shows.append(Show(f"1977-{1 + at % 12:02}-{1 + at // 12:02}", sets))
    return shows


names = st.sampled_from(SONGS)
pieces = st.sampled_from(["star", "Other", "100%", "_fade", "r", "?", "e"])


def song_texts(field: str) -> st.SearchStrategy[Text]:
    return st.one_of(
        names.map(lambda name: Text(field, "is", name)),
        st.tuples(st.sampled_from(["contains", "starts", "ends"]), pieces).map(lambda two: Text(field, *two)),  # type: ignore[arg-type]
    )


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    field = draw(st.sampled_from(FIELDS))
    words = st.sampled_from(["star", "other", "ripple", "b"]).map(lambda word: Text(field, "contains", word))
    exact = names.map(lambda name: Text(field, "is", name))
    parts = draw(st.lists(st.one_of(exact, words, st.just(any_part(field))), min_size=2, max_size=3))
    if all(part == any_part(field) for part in parts):
        parts[0] = draw(exact)
    links = draw(
        st.lists(st.sampled_from(["segue", "next", "later"]), min_size=len(parts) - 1, max_size=len(parts) - 1)
    )
    return Chain(field, tuple(parts), tuple(links))  # type: ignore[arg-type]


@st.composite
def leaves(draw: st.DrawFn) -> Node:
    match draw(st.sampled_from(["chain", "text", "text", "in", "has", "gap", "range", "songs"])):
        case "chain":
            return draw(chains())
        case "text":
            return draw(song_texts(draw(st.sampled_from(FIELDS))))
        case "in":
            return In(draw(st.sampled_from(FIELDS)), tuple(draw(st.lists(names, min_size=2, max_size=3, unique=True))))
        case "has":
            return Has(draw(st.sampled_from([*FIELDS, "gap"])))
        case "gap":
            return Compare("gap", draw(st.sampled_from(["=", "<", "<=", ">", ">="])), draw(st.integers(0, 6)))
        case "range":
            return Range("gap", draw(st.none() | st.integers(0, 3)), draw(st.integers(2, 8)))
    return Compare("songs", draw(st.sampled_from(["=", "<", ">="])), draw(st.integers(0, 6)))


nodes = st.recursive(
    leaves(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: Or(tuple(parts)))
        | inner.map(Not)
    ),
    max_leaves=5,
)


@pytest.fixture
async def hall(db: Database) -> tuple[Database, dict[int, list[Played]]]:
    shows = evenings(random.Random(SEED))
    _, concerts = await play(db, shows)
    right = worked_out(shows)
    return db, {number: right[show] for show, number in concerts.items()}


@given(node=nodes)
@GENTLE
async def test_every_question_on_setlists_gives_the_evenings_that_plain_python_gives(
    hall: tuple[Database, dict[int, list[Played]]], node: Node
) -> None:
    db, evenings_ = hall
    question = Question(CONCERT, node, parse_sort(CONCERT, None), None)
    async with db.read() as conn:
        found = await find(conn, question, Window(1000), Scope.of(ANN, db.dialect))
    assert sorted(found.ids) == sorted(number for number, rows in evenings_.items() if holds(node, rows))


@given(node=nodes)
@GENTLE
def test_every_question_on_setlists_is_read_back_from_what_is_written(node: Node) -> None:
    tree = normal(node)
    text = write(CONCERT, tree)
    again = parse(CONCERT, text)
    assert again.normalized == write(CONCERT, again.where) == write(CONCERT, parse(CONCERT, again.normalized).where)
    assert from_json(CONCERT, to_json(CONCERT, again.where)) == again.where
    assert all(one.sentence for one in conditions(CONCERT, again.where))


@given(chain=chains())
@GENTLE
def test_a_chain_is_the_same_chain_when_it_is_read_again(chain: Chain) -> None:
    assert parse(CONCERT, write(CONCERT, chain)).where == chain


async def test_a_segue_that_only_a_recording_marks_is_one(db: Database) -> None:
    show = Show("1977-05-08", ("Bertha, Ripple",))
    _, concerts = await play(db, [show])
    asked = parse(CONCERT, "bertha > ripple").where
    question = Question(CONCERT, asked, parse_sort(CONCERT, None), None)

    async def found() -> list[int]:
        async with db.read() as conn:
            return (await find(conn, question, Window(9), Scope.of(ANN, db.dialect))).ids

    assert await found() == []
    async with db.write() as tx:
        await tx.execute(update(LivePerformance).where(LivePerformance.position == 1).values(segue_heard=True))
    assert await found() == [concerts[show]]


# --- how it is written ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ('"Scarlet Begonias" > "Fire on the Mountain"', '"Scarlet Begonias" > "Fire on the Mountain"'),
        ('"Scarlet Begonias"->"Fire on the Mountain"', '"Scarlet Begonias" > "Fire on the Mountain"'),
        ("“Scarlet Begonias” → fire", '"Scarlet Begonias" > fire'),
        ('scarlet --> fire >> "Estimated Prophet" >>> *', 'scarlet > fire >> "Estimated Prophet" >>> *'),
        ('opener:"Bertha" > greatest year:1972', 'opener:"Bertha" > greatest year:1972'),
        ('-"A" > "B" OR set2.closer:ripple', 'NOT "A" > "B" OR set2.closer:ripple'),
        ('song:"A","B" -song:C gap:>100 songs:20..', 'song:"A","B" NOT song:C gap:>100 songs:20..'),
        ("winterland dark > stephen", "winterland dark > stephen"),
    ],
)
def test_arrows_of_all_kinds_have_one_spelling(text: str, normalized: str) -> None:
    assert parse(CONCERT, text).normalized == normalized


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('> "Ripple"', "term_expected", ">"),
        ('"Ripple" >', "term_expected", ">"),
        ('"Ripple" > > "Bertha"', "term_expected", "> >"),
        ('year:1977 > "Ripple"', "term_expected", ">"),
        ('("A" OR "B") > "C"', "term_expected", ">"),
        ('"A" > and "B"', "term_expected", ">"),
        ('"A" > ("B" OR "C")', "term_expected", ">"),
        ('"A" > artist:"B"', "unexpected", "artist"),
        ('"A" > b,c', "bad_value", "b,c"),
        ("* > *", "bad_value", "* > *"),
        ("* > " * MAX_CHAIN + '"A"', "query_too_big", "* > " * MAX_CHAIN + '"A"'),
        ("set0:Bertha", "unknown_field", "set0"),
        ("gap:often", "bad_value", "often"),
        ("opener:>Bertha", "wrong_operation", "opener:>Bertha"),
    ],
)
def test_what_is_wrong_with_a_setlist_question_is_told_at_its_place(text: str, code: str, place: str) -> None:
    with pytest.raises(QuerySyntax) as told:
        parse(CONCERT, text)
    assert told.value.code == code
    assert text[told.value.start : told.value.start + told.value.length] == place


@pytest.mark.parametrize(
    "tree",
    [
        {"kind": "chain", "field": "song", "parts": [{"mode": "is", "value": "A"}], "links": []},
        {"kind": "chain", "field": "song", "parts": [{"mode": "is", "value": "A"}] * 2, "links": ["soon"]},
        {"kind": "chain", "field": "song", "parts": [{"mode": "contains", "value": "a b"}] * 2, "links": ["next"]},
        {"kind": "chain", "field": "song", "parts": [{"mode": "wildcard", "value": "*"}] * 2, "links": ["next"]},
        {"kind": "chain", "field": "year", "parts": [{"mode": "is", "value": "1977"}] * 2, "links": ["next"]},
        {"kind": "chain", "field": "song", "parts": "AB", "links": ["next"]},
    ],
)
def test_a_tree_that_is_no_chain_is_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(BadTree):
        from_json(CONCERT, tree)


def test_an_explanation_says_how_songs_follow() -> None:
    (one,) = conditions(CONCERT, parse(CONCERT, '"A" > * >> b >>> "C"').where)
    assert one.sentence == "song: “A”, straight into anything, then “b”, later “C”."


# --- completing -------------------------------------------------------------------------------------------------------


class Names:
    kinds = frozenset({"live_songs"})

    async def __call__(self, kind: str, typed: str, actor: Actor, limit: int, /) -> list[str]:
        return [name for name in SONGS if typed.lower() in name.lower()][:limit]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"Dark Star" > ', ['"Bertha"', '"Ripple"']),
        ('"Dark Star" > "Bert', ['"Bertha"']),
        ("star >> rip", ['"Ripple"']),
        ("opener:Ber", ['"Bertha"']),
        ('set2:"Dark', ['"Dark Star"']),
        ('opener:"Bertha" -> rip', ['"Ripple"']),
        ('"Berth', ['"Bertha"']),
        ('"Dark Star" ', ["> ", ">> ", ">>> "]),
    ],
)
async def test_songs_and_arrows_are_completed(db: Database, text: str, wanted: list[str]) -> None:
    service = QueryService(db, Entities([CONCERT]), Names())
    found = [one.text for one in await service.suggest("concerts", text, None, ANN)]
    assert [each for each in found if each in wanted] == wanted


def test_after_an_arrow_comes_a_song() -> None:
    assert place_of('"A" > ri', 8, chained=True).arrow
    assert not place_of('"A" > ri', 8).arrow
    assert not place_of('"A" > ripple ', 13, chained=True).arrow
