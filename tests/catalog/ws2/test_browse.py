"""Browsing: everything that is linked to something, page by page."""

from __future__ import annotations

import json

import pytest

from segue.catalog.ws2.reading import Ws2
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
    VARIOUS,
    answer,
    ask,
    ask_xml,
    mbid,
)

GROUP = FIRST["release-group"]["id"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"/release?artist={mbid(BAND)}", [FIRST, AGAIN, LIVE]),
        (f"/release?track_artist={mbid(GUEST)}", [FIRST, AGAIN, MANY]),
        (f"/release?label={mbid('Harbour')}", [FIRST]),
        (f"/release?recording={HOME['id']}", [FIRST, AGAIN, LIVE]),
        (f"/release?release-group={GROUP}", [FIRST, AGAIN]),
        (f"/release?release-group={GROUP}&status=bootleg", [AGAIN]),
        (f"/release?artist={mbid(BAND)}&type=live", [LIVE]),
        (f"/release?recording={HYMN['id']}&type=single", [SINGLE]),
        (f"/recording?artist={mbid(BAND)}", [HOME, RAIN]),
        (f"/recording?release={MANY['id']}", [HYMN, RAIN]),
        (f"/release-group?artist={mbid(BAND)}&type=album", [FIRST["release-group"], LIVE["release-group"]]),
        (f"/release-group?artist={mbid(BAND)}&type=live", [LIVE["release-group"]]),
        (f"/release-group?release={AGAIN['id']}", [FIRST["release-group"]]),
        (f"/artist?release={MANY['id']}", [{"id": mbid(VARIOUS)}]),
        (f"/artist?recording={RAIN['id']}", [{"id": mbid(BAND)}, {"id": mbid(GUEST)}]),
        (f"/artist?release-group={GROUP}", [{"id": mbid(BAND)}]),
        (f"/label?release={FIRST['id']}", [{"id": mbid("Harbour")}]),
    ],
)  # fmt: skip
def test_each_is_found_by_what_it_is_linked_to(ws2: Ws2, url: str, found: list[dict[str, str]]) -> None:
    entity = url[1:].partition("?")[0]
    said = ask(ws2, url)
    assert (said[f"{entity}-count"], said[f"{entity}-offset"]) == (len(found), 0)
    assert [one["id"] for one in said[f"{entity}s"]] == sorted(one["id"] for one in found)
    xml = ask_xml(ws2, url)
    assert [one.get("id") for one in xml[0]] == sorted(one["id"] for one in found)
    assert xml[0].get("count") == str(len(found))


def test_pages_hold_everything_once(ws2: Ws2) -> None:
    pages = [ask(ws2, f"/release?artist={mbid(BAND)}&limit=1&offset={at}") for at in range(4)]
    assert [page["release-count"] for page in pages] == [3, 3, 3, 3]
    assert {one["id"] for page in pages for one in page["releases"]} == {FIRST["id"], AGAIN["id"], LIVE["id"]}
    assert [len(page["releases"]) for page in pages] == [1, 1, 1, 0]
    assert ask_xml(ws2, f"/release?artist={mbid(BAND)}&limit=1&offset=2")[0].get("offset") == "2"


def test_a_group_shows_its_official_releases_first_then_by_date(ws2: Ws2) -> None:
    page = ask(ws2, f"/release?release-group={GROUP}&limit=1")
    assert [one["id"] for one in page["releases"]] == [FIRST["id"]]


def test_a_browsed_release_brings_what_picard_asks_for(ws2: Ws2) -> None:
    said = ask(ws2, f"/release?release-group={GROUP}&limit=100&inc=labels+media")
    first = next(one for one in said["releases"] if one["id"] == FIRST["id"])
    assert first["label-info"][0]["catalog-number"] == "SHVL 804"
    assert first["media"] == [
        {
            "title": "",
            "position": 1,
            "format": "CD",
            "format-id": "9712d52a-4509-3d4b-a1a2-67c88c643e31",
            "track-count": 2,
        }
    ]


@pytest.mark.parametrize(
    ("url", "status", "text"),
    [
        ("/release?artist=nope", 400, "Invalid mbid."),
        (f"/release?artist={mbid('nobody')}", 404, "Not Found"),
        ("/release", 400, "The given parameters do not match any available query type for the release resource."),
        ("/label?artist=x", 400, "The given parameters do not match any available query type for the label resource."),
        (f"/release?artist={mbid(BAND)}&limit=-1", 400, "The 'limit' and 'offset' parameters must be positive integers"),
        (f"/release?artist={mbid(BAND)}&type=opera", 400, "opera is not a recognized release-group type."),
        (f"/release?artist={mbid(BAND)}&status=lost", 400, "lost is not a recognized release status."),
        (
            f"/recording?artist={mbid(BAND)}&type=album",
            400,
            "type is not a valid parameter unless releases or release-groups are requested.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_browse_is_told_in_the_real_words(ws2: Ws2, url: str, status: int, text: str) -> None:
    said = answer(ws2, f"{url}{'&' if '?' in url else '?'}fmt=json")
    assert (said.status, json.loads(said.body)["error"]) == (status, text)


def test_limit_is_at_most_a_hundred_and_offsets_beyond_all_are_empty(ws2: Ws2) -> None:
    assert len(ask(ws2, f"/release?artist={mbid(BAND)}&limit=100000")["releases"]) == 3
    assert ask(ws2, f"/release?artist={mbid(BAND)}&offset=99999999999999999999")["releases"] == []
