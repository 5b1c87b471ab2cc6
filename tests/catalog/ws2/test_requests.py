"""What the API refuses, and in which format it answers."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from segue.catalog.ws2.asked import LOOKUP
from segue.catalog.ws2.reading import Ws2
from tests.catalog.ws2.given import BAND, FIRST, answer, mbid

RELEASE = f"/release/{FIRST['id']}"


@pytest.mark.parametrize(
    ("url", "status", "text"),
    [
        (f"{RELEASE}?inc=nonsense", 400, "nonsense is not a valid inc parameter for the release resource."),
        (
            f"/artist/{mbid(BAND)}?inc=isrcs",
            400,
            "isrcs is not a valid option for the inc parameter for the artist resource unless you specify one of the"
            " following other inc parameters: recordings",
        ),
        (
            f"{RELEASE}?inc=media&inc=labels",
            400,
            "Inc arguments must be combined with a space, but you provided multiple parameters",
        ),
        (
            f"/artist/{mbid(BAND)}?type=album",
            400,
            "type is not a valid parameter unless releases or release-groups are requested.",
        ),
        (f"/artist/{mbid(BAND)}?inc=releases&status=x", 400, "x is not a recognized release status."),
        ("/release/123", 400, "Invalid mbid."),
        (f"/release/{mbid('nothing')}", 404, "Not Found"),
        ("/nonsense", 404, "Not Found"),
        (f"{RELEASE}/more", 404, "Not Found"),
        ("/", 404, "Not Found"),
        ("/" + "work" + f"/{mbid('work')}", 501, "This hasn't been implemented yet."),
        ("/isrc", 400, "The given parameters do not match any available query type for the isrc resource."),
        ("/release?query=", 400, "The given parameters do not match any available query type for the release resource."),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_is_told_in_the_real_words(ws2: Ws2, url: str, status: int, text: str) -> None:
    said = answer(ws2, url, accept="application/json")
    assert (said.status, json.loads(said.body)) == (
        status, {"error": text, "help": "For usage, please see: https://musicbrainz.org/development/mmd"},
    )  # fmt: skip
    xml = answer(ws2, url)
    assert xml.status == status
    assert [one.text for one in etree.fromstring(xml.body)] == [
        text, "For usage, please see: https://musicbrainz.org/development/mmd",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(ws2: Ws2, method: str) -> None:
    said = answer(ws2, f"{RELEASE}?fmt=json", method=method)
    assert (said.status, json.loads(said.body)["error"]) == (405, f"{method} is not allowed on this endpoint.")


@pytest.mark.parametrize(
    ("url", "accept", "format"),
    [
        (RELEASE, "", "xml"),
        (RELEASE, "*/*", "xml"),
        (RELEASE, "application/json", "json"),
        (RELEASE, "text/html, application/json;q=0.9", "json"),
        (RELEASE, "application/xml, application/json", "xml"),
        (f"{RELEASE}?fmt=json", "application/xml", "json"),
        (f"{RELEASE}?fmt=xml", "application/json", "xml"),
    ],
)
def test_the_format_is_that_which_is_asked_for_and_xml_where_nothing_is_said(
    ws2: Ws2, url: str, accept: str, format: str
) -> None:
    assert answer(ws2, url, accept=accept).format == format


def test_another_format_is_not_acceptable(ws2: Ws2) -> None:
    said = answer(ws2, f"{RELEASE}?fmt=yaml")
    assert said.status == 406
    assert b"Invalid format." in said.body


def test_every_value_that_the_real_api_takes_is_taken(ws2: Ws2) -> None:
    for value in LOOKUP["release"] | {"artist-rels", "place-rels", "series-rels", "work-rels"}:
        assert answer(ws2, f"{RELEASE}?inc={value}&fmt=json").status == 200
    said = json.loads(answer(ws2, f"{RELEASE}?inc=collections+user-tags+user-genres+work-rels&fmt=json").body)
    assert (said["collections"], said["user-tags"], said["user-genres"], said["relations"]) == ([], [], [], [])


def test_mbids_are_the_same_in_any_case_and_after_a_slash(ws2: Ws2) -> None:
    assert answer(ws2, f"/release/{FIRST['id'].upper()}?fmt=json").status == 200
    assert answer(ws2, "/release/?query=amber&fmt=json").status == 200
