"""Strings that the original of this language refuses, misreads or answers wrongly, asked of a small library.

One test a defect; docs/query.md says what each string means.
"""

from __future__ import annotations

import pytest

from segue.library.fields import ENTITIES
from segue.listening.fields import FIELDS
from segue.query import Entities
from segue.query.ast import And, Compare, Not, Or, Range, Text
from segue.query.language import parse
from tests.query.language.shelf import SONGS, Shelf

pytestmark = pytest.mark.anyio
TRACKS = Entities(ENTITIES).extended(FIELDS)["tracks"]
EVERY = {tags["title"] for tags in SONGS.values()}


async def test_a_list_by_query_has_rows(shelf: Shelf) -> None:
    """The original's smart playlists are always empty."""
    assert await shelf.ask("genre:Jazz rating:>=4 sort:title limit:100") == ["So What"]


async def test_dates_can_be_asked_for(shelf: Shelf) -> None:
    """The original compares dates with a constant."""
    assert await shelf.found("starredAt:>=2000-01-01") == {"Style"}
    assert await shelf.found("lastPlayedAt:>-7d") == {"So What"}
    assert await shelf.found("lastPlayedAt:<-1y") == {"Yesterday"}
    assert await shelf.found("added:<-90d") == {"Yesterday", "Back in Black"}
    assert await shelf.found("added:today OR added:yesterday") == EVERY - {"Yesterday", "Back in Black"}


async def test_tracks_never_played_or_rated_have_0_plays_and_no_rating(shelf: Shelf) -> None:
    assert await shelf.found("plays:0") == EVERY - {"So What", "Yesterday"}
    assert await shelf.found("rating:<3") == EVERY - {"So What"}
    assert await shelf.found("rating:0") == EVERY - {"So What", "Yesterday"}
    assert await shelf.found("duration:0-300 AND plays:0") == EVERY - {"So What", "Yesterday"}


async def test_what_follows_a_range_is_not_swallowed(shelf: Shelf) -> None:
    assert isinstance(parse(TRACKS, "year:1970-1979 OR genre:Jazz").where, Or)
    assert await shelf.found("year:1970-1979 OR genre:Jazz") == {
        "Wish You Were Here",
        "The Great Gig",
        "Street Fighting Man (live)",
        "So What",
    }
    assert await shelf.found("year:1970-1979 NOT title:live") == {"Wish You Were Here", "The Great Gig"}
    assert parse(TRACKS, "(year:1970-1979)").where == Range("year", 1970, 1979)


async def test_a_dash_inside_a_word_is_a_part_of_it(shelf: Shelf) -> None:
    assert await shelf.found("artist:blink-182") == {"All the Small Things"}
    assert await shelf.found("blink-182") == {"All the Small Things"}
    assert await shelf.found("Problems Jay-Z") == {"99 Problems"}


async def test_a_slash_inside_a_word_is_a_part_of_it(shelf: Shelf) -> None:
    assert await shelf.found("AC/DC") == {"Back in Black"}
    assert await shelf.found("artist:AC/DC") == {"Back in Black"}


async def test_phrases_in_quotes_and_numbers_may_stand_alone(shelf: Shelf) -> None:
    assert await shelf.found('"were here"') == {"Wish You Were Here", "The Great Gig"}
    assert await shelf.found("1989") == {"Style"}
    assert await shelf.found('"1989"') == {"Style"}


async def test_there_is_sort_limit_null_role_and_path(shelf: Shelf) -> None:
    assert await shelf.ask("genre:Rock sort:-year,title limit:2") == ["Back in Black", "The Great Gig"]
    assert await shelf.found("is:missing year") == {"Music Is Math (part: one)"}
    assert await shelf.found("NOT has:year") == {"Music Is Math (part: one)"}
    assert await shelf.found("role.producer:Bangalter") == {"One More Time"}
    assert await shelf.found("composer:Waters") == {"Wish You Were Here"}
    assert await shelf.found("path:Geogaddi/") == {"Music Is Math (part: one)"}
    assert await shelf.found("folder:geogad") == {"Music Is Math (part: one)"}
    assert await shelf.found("library:Music title:style") == {"Style"}
    assert await shelf.found("folder:geogad", "albums") == {"Geogaddi"}


async def test_ranges_may_be_open_and_of_dates(shelf: Shelf) -> None:
    assert await shelf.found("year:..1965") == {"Yesterday", "So What"}
    assert await shelf.found("year:2008..") == {"Style", "ポリリズム", "初恋"}
    assert await shelf.found("date:1965-08..1970") == {"Yesterday", "Street Fighting Man (live)"}
    assert await shelf.found("added:-7d..") == EVERY - {"Yesterday", "Back in Black"}


async def test_parentheses_and_colons_in_quotes_are_text(shelf: Shelf) -> None:
    assert await shelf.found('title:"Street Fighting Man (live)"') == {"Street Fighting Man (live)"}
    assert await shelf.found('"part: one"') == {"Music Is Math (part: one)"}
    assert await shelf.found('title:contains "(part: one)"') == {"Music Is Math (part: one)"}


async def test_japanese_is_found_by_any_part(shelf: Shelf) -> None:
    """The original turns it into Base64."""
    assert await shelf.found("リズム") == {"ポリリズム"}
    assert await shelf.found("title:恋") == {"初恋"}
    assert await shelf.found("artist:宇多田") == {"初恋"}
    assert await shelf.found("artist:宇多田ヒカル title:初恋") == {"初恋"}


DOCUMENTED = {
    'artist:"Pink Floyd" AND year:>=1970': {"Wish You Were Here", "The Great Gig"},
    "genre:Jazz rating:>=4": {"So What"},
    "duration:180-300 AND plays:0": set(),
    '(artist:Beatles OR artist:"Rolling Stones") NOT title:live': {"Yesterday"},
    "bpm:>120 AND (genre:Electronic OR genre:Dance)": {"One More Time"},
    "disc:2 AND track:>=5": set(),
    "disc:1 AND track:>=5": {"Yesterday"},
    "artist:Beatles year:>=1965": {"Yesterday"},
    "(genre:Rock OR genre:Metal) AND NOT title:live": {"Wish You Were Here", "The Great Gig", "Back in Black"},
    "title:contains live": {"Street Fighting Man (live)"},
    "title:startsWith Street": {"Street Fighting Man (live)"},
    "title:endsWith Time": {"One More Time"},
    "title:startsWith The": {"The Great Gig"},
    "artist:startsWith The": {"Yesterday", "Street Fighting Man (live)"},
    "album:startsWith The": {"99 Problems"},
    "title:wildcard *great*": {"The Great Gig"},
    "title:wildcard *small*": {"All the Small Things"},
    "title:wildcard s?yle": {"Style"},
    "starred:true": {"Style"},
    "year:=1959": {"So What"},
    "genre:Pop year:!=1965": {"Style", "ポリリズム", "初恋"},
    "bpm:<=122": {"Wish You Were Here"},
    "composer:\"Roger Waters\"": {"Wish You Were Here"},
    "mood:Loud": {"Back in Black"},
    "comment:favourite": {"Yesterday"},
    "discNumber:1 trackNumber:13": {"Yesterday"},
    "artist : Beatles": {"Yesterday"},
}  # fmt: skip


async def test_every_documented_string_has_its_documented_meaning(shelf: Shelf) -> None:
    wrong = {query: found for query, wanted in DOCUMENTED.items() if (found := await shelf.found(query)) != wanted}
    assert wrong == {}
    assert await shelf.found("songCount:>=2", "albums") == {"Wish You Were Here"}
    assert await shelf.found("albumCount:>=1 songCount:2", "artists") == {"Pink Floyd"}


async def test_keywords_in_any_case_and_their_precedence(shelf: Shelf) -> None:
    tree = parse(TRACKS, "year:1 or year:2 and not year:3").where
    assert tree == Or((Compare("year", "=", 1), And((Compare("year", "=", 2), Not(Compare("year", "=", 3))))))
    assert parse(TRACKS, "title:a title:b").where == And(
        (Text("title", "contains", "a"), Text("title", "contains", "b"))
    )
