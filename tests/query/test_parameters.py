"""What people write into an address, and what it means; what is wrong with it, and what they are told."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from segue.core.errors import Invalid
from segue.query import (
    And,
    BadValue,
    Compare,
    Has,
    In,
    Node,
    Not,
    NotSortable,
    Or,
    Range,
    Text,
    TooBig,
    UnknownField,
    WrongOperation,
    parse_filters,
    parse_sort,
)
from segue.query import Scope as QueryScope
from segue.query.compile import MAX_DEPTH, condition
from segue.query.values import moments, parse
from tests.query.world import SONG


def parsed(text: str) -> Node:
    pairs = [tuple(pair.split("=", 1)) for pair in text.split("&")]
    return parse_filters(SONG, pairs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("year=1970", Compare("year", "=", 1970)),
        ("year=1970..1979", Range("year", 1970, 1979)),
        ("year=1970..", Range("year", 1970, None)),
        ("year=..1979", Range("year", None, 1979)),
        ("year=>=1970", Compare("year", ">=", 1970)),
        ("year=1970,1975,1980..", Or((In("year", (1970, 1975)), Range("year", 1980, None)))),
        ("tag=ge-1,ge-2", In("tag", (1, 2))),
        ("tag=ge-1&tag=ge-2", And((Compare("tag", "=", 1), Compare("tag", "=", 2)))),
        ("medium=cd,-tape", And((Compare("medium", "=", "cd"), Not(Compare("medium", "=", "tape"))))),
        ("medium=CD", Compare("medium", "=", "cd")),
        ("live=true", Compare("live", "=", True)),
        ("live=0", Compare("live", "=", False)),
        ("title=abba", Text("title", "contains", "abba")),
        ('title="AC/DC"', Text("title", "is", "AC/DC")),
        (
            'title="Hello, Goodbye",-"a \\"b\\""',
            And((Text("title", "is", "Hello, Goodbye"), Not(Text("title", "is", 'a "b"')))),
        ),
        ("remark=x", Text("comment", "contains", "x")),
        ("length=3:45", Compare("length", "=", 225)),
        ("length=60..1:00:00", Range("length", 60, 3600)),
        ("added=2024-05", Compare("added", "=", "2024-05")),
        ("released=1977..1978-03", Range("released", "1977", "1978-03")),
        ("tempo=<120.5", Compare("tempo", "<", 120.5)),
        ("has=year,-comment", And((Has("year"), Not(Has("comment"))))),
    ],
)
def test_a_parameter_means(written: str, meant: Node) -> None:
    assert parsed(written) == meant


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("year=abc", "year"),
        ("year=..", "year"),
        ("year=", "year"),
        ("year=1e5", "year"),
        ("year=99999999999999999999", "year"),
        ("live=maybe", "live"),
        ("tag=ar-1", "tag"),
        ("tag=1", "tag"),
        ("medium=dc", "medium"),
        ("added=2024-13", "added"),
        ("added=2024-02-30", "added"),
        ("added=yesterdayish", "added"),
        ("added=9999", "added"),
        ("tempo=nan", "tempo"),
        ("tempo=inf", "tempo"),
        ("length=1:99", "length"),
        ("length=²", "length"),
        ("title=a\x00b", "title"),
        ("title=\ud800", "title"),
        ("title=" + "x" * 501, "title"),
    ],
)
def test_a_wrong_value_is_told_with_its_parameter(written: str, field: str) -> None:
    with pytest.raises(BadValue) as caught:
        parsed(written)
    assert [problem.field for problem in caught.value.fields] == [field]
    assert caught.value.status == 422


def test_an_unknown_parameter_is_told_with_the_nearest_one() -> None:
    with pytest.raises(UnknownField) as caught:
        parsed("yaer=1970")
    assert caught.value.suggestions[0] == "year"
    assert "year" in str(caught.value.hint)
    with pytest.raises(UnknownField) as caught:
        parsed("has=mediun")
    assert caught.value.fields[0].field == "has"
    assert caught.value.suggestions == ["medium"]


def test_an_unknown_sort_is_told_with_the_nearest_one() -> None:
    with pytest.raises(NotSortable) as caught:
        parse_sort(SONG, "-titel")
    assert caught.value.suggestions == ["title"]
    with pytest.raises(NotSortable):
        parse_sort(SONG, "live")


def test_a_wrong_choice_is_told_with_the_nearest_one() -> None:
    with pytest.raises(BadValue) as caught:
        parsed("medium=vynil")
    assert caught.value.suggestions == ["vinyl"]


def test_a_sort_has_one_spelling_however_it_is_written() -> None:
    assert parse_sort(SONG, " -Year, title,year").text == "-year,title"
    assert parse_sort(SONG, None).text == "title"
    assert parse_sort(SONG, "random:monday").text == "random:monday"
    assert parse_sort(SONG, "random").text != parse_sort(SONG, "random").text


@pytest.mark.parametrize("written", ["random:", "random:" + "x" * 101, "random:a,b"])
def test_a_random_order_needs_a_short_word_as_seed(written: str) -> None:
    with pytest.raises(Invalid):
        parse_sort(SONG, written)


@pytest.mark.parametrize(
    "node",
    [
        Compare("live", "<", True),
        Compare("title", "<", "a"),
        Compare("tag", ">", 3),
        Range("medium", "cd", "tape"),
        Text("year", "contains", "19"),
        Text("title", "words", "a"),
    ],
)
def test_what_a_type_cannot_be_asked_is_refused(node: Node) -> None:
    with pytest.raises(WrongOperation):
        condition(SONG, node, QueryScope("sqlite"))


def test_a_bomb_is_refused_before_it_is_compiled() -> None:
    deep: Node = Has("year")
    for _ in range(20_000):
        deep = Not(deep)
    with pytest.raises(TooBig):
        condition(SONG, deep, QueryScope("sqlite"))
    wide = Or(tuple(Compare("year", "=", year) for year in range(10_000)))
    with pytest.raises(TooBig):
        condition(SONG, wide, QueryScope("sqlite"))
    with pytest.raises(TooBig):
        parsed("year=" + ",".join(str(year) for year in range(2_000)))
    with pytest.raises(TooBig):
        parse_filters(SONG, [("year", "1970")] * 500)
    fine: Node = Has("year")
    for _ in range(MAX_DEPTH - 1):
        fine = Not(fine)
    condition(SONG, fine, QueryScope("sqlite"))


def test_a_day_lasts_as_long_as_in_the_zone_of_whoever_asks() -> None:
    field, berlin = SONG.fields["added"], ZoneInfo("Europe/Berlin")
    start, end = moments(field, parse(field, "2024-03-31"), berlin)
    assert (start.isoformat(), end.isoformat()) == ("2024-03-30T23:00:00+00:00", "2024-03-31T22:00:00+00:00")
    start, end = moments(field, parse(field, "2024-10-27T02:30:00+02:00"), berlin)
    assert (end - start).total_seconds() == 1
