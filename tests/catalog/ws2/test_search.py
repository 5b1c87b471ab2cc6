"""Searching: which hits, in which order, and that nothing a person types breaks it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.catalog.snapshot.layout import WS2
from segue.catalog.ws2.layout import ENTITIES
from segue.catalog.ws2.lucene import parsed
from segue.catalog.ws2.reading import Ws2
from segue.catalog.ws2.searching import Hits, Search
from tests.catalog.ws2.given import (
    AGAIN,
    BAND,
    FIRST,
    GUEST,
    HOME,
    HYMN,
    LIVE,
    MANY,
    RAIN,
    SINGLE,
    answer,
    ask,
    mbid,
    recording,
    release,
    written,
)


def found(ws2: Ws2, entity: str, query: str, more: str = "") -> list[str]:
    return [one["id"] for one in ask(ws2, f"/{entity}?query={quote(query)}{more}")[f"{entity}s"]]


RELEASES: list[tuple[str, list[dict[str, Any]]]] = [
    ("release:amber", [FIRST, AGAIN]),
    ('release:"amber road"', [FIRST, AGAIN]),
    ('release:"road amber"', []),
    ("amber AND glass", []),
    ("road -amber", [LIVE]),
    ("road AND NOT artist:lanterns", []),
    ("release:amber AND artist:(the lanterns)", [FIRST, AGAIN]),
    ("release:(amber road) AND status:official", [FIRST, LIVE]),
    ('release:"amber road" AND status:official', [FIRST]),
    ("status:bootleg", [AGAIN]),
    ("country:us", [AGAIN]),
    ("barcode:0077778823827", [FIRST]),
    ("barcode:77778823827", [FIRST]),
    ("catno:(SHVL 804)", [FIRST]),
    ('catno:"SHVL804"', [FIRST]),
    ("label:harbour", [FIRST]),
    (f"laid:{mbid('Harbour')}", [FIRST]),
    (f"arid:{mbid(BAND)}", [FIRST, AGAIN, LIVE]),
    (f"reid:{FIRST['id']}", [FIRST]),
    (f"reid:{FIRST['id']} OR reid:{LIVE['id']}", [FIRST, LIVE]),
    (f"reid:{FIRST['id']} AND release:amber", [FIRST]),
    (f"reid:{LIVE['id']} AND release:amber", []),
    (f"rgid:{FIRST['release-group']['id']}", [FIRST, AGAIN]),
    ("date:1969", [FIRST]),
    ("date:1969-09", [FIRST]),
    ("date:[1969 TO 1971]", [FIRST, LIVE]),
    ("date:[1969-09-27 TO 1987]", [AGAIN, LIVE]),
    ("date:{1969 TO 1987}", [LIVE]),
    ("date:[1998 TO *]", [MANY, SINGLE]),
    ("tracks:2", [FIRST, AGAIN, MANY]),
    ("tracks:[1 TO 1]", [LIVE, SINGLE]),
    ("tracks:{1 TO *]", [FIRST, AGAIN, MANY]),
    ("primarytype:single", [SINGLE]),
    ("secondarytype:live", [LIVE]),
    ("type:compilation", [MANY]),
    ("asin:B000026GLQ", [FIRST]),
    ("discids:1", [FIRST]),
    ("lang:eng AND script:latn AND format:cd AND quality:normal", [FIRST, AGAIN, LIVE, MANY, SINGLE]),
    ("amb*", [FIRST, AGAIN]),
    ("+road +amber", [FIRST, AGAIN]),
    ("tid:5b11f4ce-a62d-471e-81fc-a69a8278c7da", []),
    ("*:*", [FIRST, AGAIN, LIVE, MANY, SINGLE]),
    ("*:* AND NOT release:amber", [LIVE, MANY, SINGLE]),
    ("*:* -status:official", [AGAIN]),
    ("*:* AND status:bootleg", [AGAIN]),
    (f"amber AND NOT reid:{FIRST['id']}", [AGAIN]),
    ("!!!", []),
    ("nothing", []),
]


@pytest.mark.parametrize(("query", "expected"), RELEASES, ids=[query for query, _ in RELEASES])
def test_a_search_for_releases_finds(ws2: Ws2, query: str, expected: list[dict[str, Any]]) -> None:
    assert set(found(ws2, "release", query)) == {one["id"] for one in expected}


RECORDINGS: list[tuple[str, list[dict[str, Any]]]] = [
    ("recording:home", [HOME]),
    ('"come home" AND artist:lanterns', [HOME]),
    ("track:(rain on glass) artist:(ana rios) AND isrc:GBAYE6900002", [RAIN]),
    ("isrc:GBAYE6900001", [HOME]),
    (f"rid:{HYMN['id']}", [HYMN]),
    (f"arid:{mbid(GUEST)}", [RAIN]),
    (f"reid:{MANY['id']}", [HYMN, RAIN]),
    ("release:amber", [HOME, RAIN]),
    ("video:true", [HYMN]),
    ("dur:[199000 TO 201000]", [HOME, RAIN]),
    ("dur:200000", [HOME, RAIN]),
    ("qdur:100", [HOME, RAIN]),
    ("tnum:2 AND tracks:2", [RAIN]),
    ("number:1 AND primarytype:single", [HYMN]),
    ("status:bootleg", [HOME, RAIN]),
    ("firstreleasedate:1969", [HOME, RAIN, HYMN]),
    ("creditname:ríos", [RAIN]),
    ("comment:live", []),
]


@pytest.mark.parametrize(("query", "expected"), RECORDINGS, ids=[query for query, _ in RECORDINGS])
def test_a_search_for_recordings_finds(ws2: Ws2, query: str, expected: list[dict[str, Any]]) -> None:
    assert set(found(ws2, "recording", query)) == {one["id"] for one in expected}


def test_groups_artists_and_labels_are_found(ws2: Ws2) -> None:
    assert found(ws2, "release-group", "releasegroup:amber AND primarytype:album") == [FIRST["release-group"]["id"]]
    assert found(ws2, "release-group", f"arid:{mbid(GUEST)}") == []
    assert found(ws2, "release-group", f"reid:{AGAIN['id']}") == [FIRST["release-group"]["id"]]
    assert found(ws2, "artist", "lanterns") == [mbid(BAND)]
    assert found(ws2, "artist", "artist:rios") == [mbid(GUEST)]
    assert found(ws2, "artist", f"arid:{mbid(GUEST)}") == [mbid(GUEST)]
    assert found(ws2, "label", "label:harbour AND code:1305") == [mbid("Harbour")]


def test_any_word_is_enough_and_more_words_come_first(ws2: Ws2) -> None:
    said = ask(ws2, "/release?query=amber+road+lanterns")
    assert [one["id"] for one in said["releases"]][:2] == [FIRST["id"], AGAIN["id"]]
    assert said["releases"][0]["score"] == 100
    assert said["releases"][2]["id"] == LIVE["id"]
    assert 0 < said["releases"][2]["score"] < 100
    assert (said["count"], said["offset"]) == (3, 0)
    assert said["created"].endswith("Z")


def test_the_very_name_comes_before_longer_ones_and_before_what_is_on_more_releases(tmp_path: Path) -> None:
    known = [release(f"Home Again {n}", (BAND,), [recording("Home Again", BAND)]) for n in range(60)]
    rare = release("Home", ("Birch",), [recording("Home", "Birch")])
    opened = written(tmp_path, {"release": [*known, rare]})
    said = ask(opened, "/recording?query=recording:home&limit=2")["recordings"]
    assert [one["title"] for one in said] == ["Home", "Home Again"]
    assert said[0]["score"] == 100 > said[1]["score"]
    assert ask(opened, "/release?query=home&limit=1")["releases"][0]["title"] == "Home"


def test_pages_of_a_search_hold_everything_once(tmp_path: Path) -> None:
    many = [release(f"Amber {n}", (BAND,), [HOME], date=f"{1900 + n}") for n in range(70)]
    opened = written(tmp_path, {"release": many})
    pages = [ask(opened, f"/release?query=amber&limit=25&offset={offset}") for offset in (0, 25, 50, 75)]
    assert {page["count"] for page in pages} == {70}
    ids = [one["id"] for page in pages for one in page["releases"]]
    assert len(ids) == len(set(ids)) == 70
    assert pages[3]["releases"] == []
    beyond = ask(opened, "/release?query=amber&offset=99999999999")
    assert (beyond["count"], beyond["releases"]) == (70, [])


def test_plain_words_are_asked_for_with_dismax(ws2: Ws2) -> None:
    assert found(ws2, "release", r"amber\-road \(AND", "&dismax=true")[0] in (FIRST["id"], AGAIN["id"])
    assert found(ws2, "artist", "the lanterns", "&dismax=true") == [mbid(BAND)]


def test_a_hit_says_where_it_stands(ws2: Ws2) -> None:
    (hit,) = ask(ws2, f"/recording?query=rid:{RAIN['id']}")["recordings"]
    assert [part["name"] for part in hit["artist-credit"]] == [BAND, GUEST]
    assert hit["artist-credit"][0]["joinphrase"] == " & "
    assert hit["video"] is None
    on_many = next(one for one in hit["releases"] if one["id"] == MANY["id"])
    assert on_many["media"] == [
        {
            "position": 1, "format": "CD", "track-count": 2, "track-offset": 1,
            "track": [{"id": mbid("track Songs of Glass 1999-01-02 2"), "number": "2", "title": "Rain on Glass",
                       "length": 200_000}],
        }
    ]  # fmt: skip
    assert on_many["artist-credit"][0]["name"] == "Various Artists"
    assert on_many["release-group"]["secondary-types"] == ["Compilation"]


def test_the_script_of_a_name_does_not_hide_it(tmp_path: Path) -> None:
    opened = written(
        tmp_path, {"release": [release("愛の歌", ("椎名林檎",), [HOME]), release("AC/DC Live", ("Ænima",), [RAIN])]}
    )
    assert len(found(opened, "release", "愛の歌")) == 1
    assert len(found(opened, "release", "artist:椎名")) == 1
    assert len(found(opened, "release", r"ac\/dc")) == 1
    assert len(found(opened, "release", "acdc")) == 1
    assert len(found(opened, "release", "artist:aenima")) == 1


@settings(max_examples=120, deadline=None)
@given(
    entity=st.sampled_from(ENTITIES),
    query=st.lists(
        st.sampled_from(
            ["amber", "road", '"', "(", ")", "AND", "OR", "NOT", "+", "-", "artist:", "date:", "[1 TO", "*", "~", "^2", "]",
             "\\", "NEAR", "facts:xstatusofficial", "tracks:", "'", "愛", "%", "rid:x", "\x00", "dur:[5 TO 1]",
             "date:[x TO y]", "{* TO *}"]
        ),
        max_size=8,
    ).map(" ".join),
)  # fmt: skip
def test_nothing_that_is_typed_breaks_a_search(ws2: Ws2, entity: str, query: str) -> None:
    assert answer(ws2, f"/{entity}?query={quote(query)}&fmt=json").status in (200, 400)


def test_a_query_of_ten_thousand_characters_is_cut(ws2: Ws2) -> None:
    assert answer(ws2, f"/release?query={'amber+' * 2_000}&fmt=json").status == 200


def test_common_words_that_never_meet_are_left_when_the_time_is_up(tmp_path: Path) -> None:
    written(tmp_path, {"recording": [recording("Heads", BAND), recording("Tails", BAND)]}).close()
    database = sqlite3.connect(tmp_path / WS2)
    rows = ((n, "heads" if n % 2 else "tails") for n in range(10, 150_000))
    database.executemany("INSERT INTO recording_words (rowid, name) VALUES (?, ?)", rows)
    database.execute("INSERT INTO recording_words (recording_words) VALUES ('optimize')")
    database.commit()
    database.close()
    crowded = Ws2(tmp_path / WS2)
    both = parsed("recording:heads AND recording:tails")
    assert Search(crowded, "recording", both).hits(25, 0) == Hits(0, [])
    assert Search(crowded, "recording", both, deadline_s=0).hits(25, 0).partial
    assert found(crowded, "recording", "heads AND tails") == []
    crowded.close()
