"""What the language adds: relative dates, lists, clauses, limits; and errors that point at the place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segue.library.fields import ENTITIES
from segue.listening.fields import FIELDS
from segue.query import Entities, dates
from segue.query.ast import EVERYTHING, Compare, Has, In, Node, Not, Or, Range, Text, both
from segue.query.errors import QuerySyntax
from segue.query.language import MAX_LENGTH, Limit, parse, parse_limit
from segue.query.values import day_keys, moments

ALL = Entities(ENTITIES).extended(FIELDS)
TRACKS = ALL["tracks"]
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)  # the evening of Tuesday, March 10th in New York


def where(query: str, entity: str = "tracks") -> Node:
    return parse(ALL[entity], query).where


def wrong(query: str, entity: str = "tracks") -> QuerySyntax:
    with pytest.raises(QuerySyntax) as told:
        parse(ALL[entity], query)
    return told.value


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("year:1970", Compare("year", "=", 1970)),
        ('year:"1970"', Compare("year", "=", 1970)),
        ("year:1970,1980", In("year", (1970, 1980))),
        ("year:1970, 1980", In("year", (1970, 1980))),
        ("year:!=1970,1980", Not(In("year", (1970, 1980)))),
        ("year:1970,1980..1989", Or((Compare("year", "=", 1970), Range("year", 1980, 1989)))),
        ("year:1970..", Range("year", 1970, None)),
        ("year:..1979", Range("year", None, 1979)),
        ("year:1970s", Range("year", 1970, 1979)),
        ("date:1970s", Range("date", "1970", "1979")),
        ("year:-5..5", Range("year", -5, 5)),
        ("duration:3:45", Compare("duration", "=", 225)),
        ("duration:<4min", Compare("duration", "<", 240)),
        ("duration:1h30m", Compare("duration", "=", 5400)),
        ("duration:3:00-5:00", Range("duration", 180, 300)),
        ("bpm:128", Compare("bpm", "=", 128.0)),
        ("added:last-month", Compare("added", "=", "last-month")),
        ("added:LAST-MONTH", Compare("added", "=", "last-month")),
        ("added:>-30d", Compare("added", ">", "-30d")),
        ("added:-2w..", Range("added", "-2w", None)),
        ("added:-2w", Range("added", "-2w", None)),
        ("added:2020-2024", Range("added", "2020", "2024")),
        ("added:2024-05", Compare("added", "=", "2024-05")),
        ("added:2024-01-05..yesterday", Range("added", "2024-01-05", "yesterday")),
        ("has:year", Has("year")),
        ("-has:year", Not(Has("year"))),
        ("-year:", Not(Has("year"))),
        ("is:missing year", Not(Has("year"))),
        ("missing:year", Not(Has("year"))),
        ("is:missing", Compare("missing", "=", True)),
        ("is:starred", Compare("starred", "=", True)),
        ("is:year", Has("year")),
        ("artist:ar-81", Compare("artist", "=", 81)),
        ("artist:ar-81,ar-82", In("artist", (81, 82))),
        ('artist:"ar-81"', Text("artist.name", "is", "ar-81")),
        ("id:tr-3", Compare("id", "=", 3)),
        ("id:isrc:USSM15900113", Text("external", "words", "isrc:USSM15900113")),
        ("title:a:b", Text("title", "contains", "a:b")),
        ("title:wildcard *x?", Text("title", "wildcard", "*x?")),
        ('title:endsWith "a b"', Text("title", "ends", "a b")),
        ('title:"say \\"x\\" \\\\"', Text("title", "is", 'say "x" \\')),
        ("title:contains", Text("title", "contains", "contains")),
        ("title:contains AND year:1", both(Text("title", "contains", "contains"), Compare("year", "=", 1))),
        ("title:“curly quotes”", Text("title", "is", "curly quotes")),
        ("path:/music/", Text("path", "contains", "/music/")),
        ("*", EVERYTHING),
        ("sort:title", EVERYTHING),
    ],
)  # fmt: skip
def test_what_is_written_becomes_this_tree(query: str, tree: Node) -> None:
    assert where(query) == tree


def test_a_dash_by_itself_says_nothing_and_before_a_word_it_is_not() -> None:
    assert where("Artist - Title") == where("Artist Title")
    assert where("-live") == where("NOT live")
    assert where('-"live at"') == where('NOT "live at"')
    assert where("-(a OR b)") == where("NOT (a OR b)")


def test_clauses_may_stand_anywhere_outside_of_parentheses() -> None:
    for query in ("sort:-year limit:5 a OR b", "a sort:-year OR b limit:5", "a OR b AND sort:-year limit:5"):
        parsed = parse(TRACKS, query)
        assert parsed.where == where("a OR b")
        assert parsed.order is not None
        assert (parsed.order.text, parsed.limit) == ("-year", Limit("rows", 5))
    random = parse(TRACKS, "sort:random").order
    assert random is not None
    assert random.drawn
    assert parse(TRACKS, "sort:random:monday").normalized == "sort:random:monday"


@pytest.mark.parametrize(
    ("written", "limit", "spelled"),
    [
        ("100", Limit("rows", 100), "100"),
        ("90min", Limit("minutes", 90), "90min"),
        ("2h", Limit("minutes", 120), "120min"),
        ("2gb", Limit("bytes", 2 * 10**9), "2gb"),
        ("1GiB", Limit("bytes", 2**30), "1073741824b"),
        ("700MB", Limit("bytes", 7 * 10**8), "700mb"),
        ("10%", Limit("percent", 10), "10%"),
        ("0", None, ""),
        ("-5", None, ""),
        ("101%", None, ""),
        ("5 apples", None, ""),
        ("9" * 30, None, ""),
    ],
)
def test_a_limit_is_rows_minutes_bytes_or_a_share(written: str, limit: Limit | None, spelled: str) -> None:
    assert parse_limit(written) == limit
    if limit is not None:
        assert str(limit) == spelled
        assert parse_limit(spelled) == limit


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("today", "2026-03-10T04:00Z", "2026-03-11T04:00Z"),
        ("yesterday", "2026-03-09T04:00Z", "2026-03-10T04:00Z"),
        ("this-week", "2026-03-09T04:00Z", "2026-03-16T04:00Z"),
        ("last-week", "2026-03-02T05:00Z", "2026-03-09T04:00Z"),
        ("this-month", "2026-03-01T05:00Z", "2026-04-01T04:00Z"),
        ("last-month", "2026-02-01T05:00Z", "2026-03-01T05:00Z"),
        ("last-year", "2025-01-01T05:00Z", "2026-01-01T05:00Z"),
        ("-12h", "2026-03-10T14:30Z", "2026-03-10T14:30:01Z"),
        ("-3d", "2026-03-08T03:30Z", None),
        ("-1w", "2026-03-04T03:30Z", None),
        ("-1m", "2026-02-11T03:30Z", None),
        ("-1y", "2025-03-11T02:30Z", None),
    ],
)
def test_dates_that_move_are_days_weeks_and_months_of_the_asker(written: str, start: str, end: str | None) -> None:
    found = moments(TRACKS.field("added"), written, NEW_YORK, NOW)
    assert found[0] == datetime.fromisoformat(start)
    if end is not None:
        assert found[1] == datetime.fromisoformat(end)


def test_dates_that_move_are_partial_dates_as_well() -> None:
    date = TRACKS.field("date")
    assert day_keys(date, "last-month", NEW_YORK, NOW) == (20260200, 20260300)
    assert day_keys(date, "this-year", NEW_YORK, NOW) == (20260000, 20270000)
    assert day_keys(date, "today", NEW_YORK, NOW) == (20260310, 20260311)
    assert day_keys(date, "-1d", NEW_YORK, NOW) == (20260309, 20260310)
    with pytest.raises(ValueError, match="out of range"):
        dates.span("-999999y", NEW_YORK, NOW)


WRONG: list[tuple[str, str, int, int]] = [
    ("yaer:1970", "unknown_field", 0, 4),
    ("love yaer:1970", "unknown_field", 5, 4),
    ("year:abc", "bad_value", 5, 3),
    ("year:1970..abc", "bad_value", 11, 3),
    ("year:..", "bad_value", 5, 2),
    ("added:2024-13", "bad_value", 6, 7),
    ("rating:x,5", "bad_value", 7, 1),
    ("starred:perhaps", "bad_value", 8, 7),
    ("title:>5", "wrong_operation", 0, 8),
    ("year:contains 19", "wrong_operation", 14, 2),
    ("year:>1970,1980", "wrong_operation", 11, 4),
    ("artist:", "value_expected", 0, 7),
    ("artist: AND year:1", "value_expected", 0, 7),
    ("genre:Rock,", "value_expected", 10, 1),
    ("genre: artist:x", "value_expected", 0, 6),
    ("a AND", "term_expected", 2, 3),
    ("a OR OR b", "term_expected", 2, 2),
    ("OR a", "term_expected", 0, 2),
    ("AND a", "term_expected", 0, 3),
    ("a NOT", "term_expected", 2, 3),
    ("()", "term_expected", 0, 2),
    ("(a", "unbalanced_parenthesis", 0, 1),
    ("a)", "unbalanced_parenthesis", 1, 1),
    (":a", "unexpected", 0, 1),
    ("title:/a.*b/i", "pattern_refused", 6, 7),
    ("/a.*b/", "pattern_refused", 0, 6),
    ("sort:nothing", "unknown_sort", 5, 7),
    ("sort:year,nothing", "unknown_sort", 10, 7),
    ("limit:many", "bad_value", 6, 4),
    ("offset:-1", "bad_value", 7, 2),
    ("sort:year sort:title", "clause_twice", 10, 4),
    ("(limit:5)", "clause_misplaced", 1, 5),
    ("NOT limit:5", "clause_misplaced", 4, 5),
    ("has:nothing", "unknown_field", 4, 7),
    ("id:spotify", "bad_value", 3, 7),
    ("", "empty_query", 0, 0),
    ("   ", "empty_query", 0, 3),
]


@pytest.mark.parametrize(("query", "code", "start", "length"), WRONG)
def test_errors_point_at_the_place(query: str, code: str, start: int, length: int) -> None:
    told = wrong(query)
    assert (told.code, told.start, told.length) == (code, start, length)
    assert told.column == start + 1
    assert told.message.endswith(".")


def test_people_are_written_by_their_role() -> None:
    assert parse(TRACKS, "role.piano:Evans").normalized == "role.piano:Evans"
    assert parse(TRACKS, "composer.name:Waters").normalized == "composer:Waters"


def test_the_nearest_right_words_are_offered() -> None:
    assert wrong("yaer:1970").suggestions[0] == "year"
    assert wrong("artsit:x").suggestions[0] == "artist"
    assert wrong("type:albun", "albums").suggestions[0] == "album"
    assert wrong("sort:yaer").suggestions[0] == "year"
    assert wrong("last_playde:today").suggestions[0] == "last_played"


def bomb(query: str) -> Any:
    told = wrong(query)
    return told.code


def test_bombs_end_at_once_in_an_error_that_is_told() -> None:
    assert bomb("(" * 9_000) == "query_too_deep"
    assert bomb("NOT " * 2_000 + "a") == "query_too_deep"
    assert bomb("-" * 9_000 + "a") == "query_too_deep"
    assert bomb("a " * 4_000) == "query_too_big"
    assert bomb("genre:" + "x," * 3_000 + "x") == "query_too_big"
    assert bomb("title:wildcard *a*b " * 200) == "query_too_dear"
    assert bomb("x" * (MAX_LENGTH + 1)) == "query_too_long"
    assert bomb("love " * 200_000) == "query_too_long"
    assert bomb("title:/" + "(a+)+" * 1_000 + "$/") == "pattern_refused"


def test_what_is_right_and_worth_telling_is_a_warning() -> None:
    assert [one.code for one in parse(TRACKS, "valence:>0.5").warnings] == ["no_data_yet"]
    assert [one.code for one in parse(TRACKS, 'title:"open').warnings] == ["unclosed_quote"]
    assert [one.code for one in parse(TRACKS, "year:1990..1980").warnings] == ["empty_range"]
