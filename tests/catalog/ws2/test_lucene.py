"""Lucene's syntax as people and programs write it, also where it is broken."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.catalog.ws2.lucene import Group, Range, Term, parsed, plain


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("amber road", [Term(None, "amber"), Term(None, "road")]),
        ('"amber road"~3^2', [Term(None, "amber road", phrase=True)]),
        ("release:amber", [Term("release", "amber")]),
        ("Release:amber", [Term("release", "amber")]),
        ("a AND b", [Term(None, "a", occurs="must"), Term(None, "b", occurs="must")]),
        ("a && b", [Term(None, "a", occurs="must"), Term(None, "b", occurs="must")]),
        ("a OR b || c", [Term(None, "a"), Term(None, "b"), Term(None, "c")]),
        ("+a -b !c NOT d", [Term(None, "a", occurs="must"), *(Term(None, x, occurs="not") for x in "bcd")]),
        ("a AND NOT b", [Term(None, "a", occurs="must"), Term(None, "b", occurs="not")]),
        ("artist:(the lanterns)", [Group((Term(None, "the"), Term(None, "lanterns")), field="artist")]),
        ("lant*", [Term(None, "lant", prefix=True)]),
        ("lan?erns", [Term(None, "lan", prefix=True)]),
        ("lantern~0.7 road^4", [Term(None, "lantern"), Term(None, "road")]),
        ("date:[1970 TO 1979]", [Range("date", "1970", "1979")]),
        ("tracks:{3 TO *]", [Range("tracks", "3", None, with_low=False)]),
        ("date:[1970-01-02 TO 1971}^2", [Range("date", "1970-01-02", "1971", with_high=False)]),
        (r"AC\/DC", [Term(None, "AC/DC")]),
        (r"title\:with", [Term(None, "title:with")]),
        ("rid:5b11f4ce-a62d-471e-81fc-a69a8278c7da", [Term("rid", "5b11f4ce-a62d-471e-81fc-a69a8278c7da")]),
        ("AT&T - live", [Term(None, "AT&T"), Term(None, "-"), Term(None, "live")]),
        ("Wham! !!!", [Term(None, "Wham!"), Term(None, "!!!")]),
        ("ANDROID ORB NOTHING", [Term(None, "ANDROID"), Term(None, "ORB"), Term(None, "NOTHING")]),
        ('"not closed', [Term(None, "not closed", phrase=True)]),
        ("(a b", [Group((Term(None, "a"), Term(None, "b")))]),
        ("a) b", [Term(None, "a"), Term(None, "b")]),
        ("artist:", [Term(None, "artist")]),
        ('""', []),
        ("AND OR NOT", []),
        ("  ", []),
    ],
)
def test_a_query_is_understood(query: str, clauses: list[object]) -> None:
    assert list(parsed(query).clauses) == clauses


def test_plain_words_have_no_signs() -> None:
    assert plain(r'ac\/dc AND "back').clauses == (
        Term(None, "ac/dc"), Term(None, "AND"), Term(None, '"back'),
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='ab "\\():*?~^[]{}+-!&|ANDORTO.1é', max_size=60))
def test_any_text_is_a_query(text: str) -> None:
    assert isinstance(parsed(text), Group)


def test_brackets_without_end_do_not_nest_without_end() -> None:
    assert isinstance(parsed("(" * 3_000 + "a"), Group)
    assert len(parsed("a " * 3_000).clauses) == 100
