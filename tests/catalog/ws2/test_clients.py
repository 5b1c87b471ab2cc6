"""Programs that speak to MusicBrainz, with nothing but another address: what they send, byte for byte, to a real server.

The dump is built and served by the commands of docs/catalog.md.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from lxml import etree

from tests.catalog.ws2.given import AGAIN, BAND, DISC, FIRST, HOME, LIVE, MANY, RAIN, SMALL, Json, mbid
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mirror")
    dump, snapshot = folder / "dumps" / "mbdump", folder / "snapshot"
    dump.mkdir(parents=True)
    (dump / "release").write_text("".join(json.dumps(one) + "\n" for one in SMALL["release"]))
    command = [sys.executable, "-m", "segue", "catalog"]
    subprocess.run(
        [*command, "build", "--musicbrainz", str(dump.parent), "--out", str(snapshot)], check=True, capture_output=True
    )
    process = subprocess.Popen(
        [*command, "serve", str(snapshot), "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert found is not None
        yield found[0]
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def get(address: str, **headers: str) -> bytes:
    with urlopen(
        Request(address, headers={"User-Agent": "test/1 ( test@example.org )", **headers}), timeout=PATIENCE_S
    ) as answer:
        body: bytes = answer.read()
        return body


def get_json(address: str) -> Json:
    said: Json = json.loads(get(address, Accept="application/json"))
    return said


def test_picard_tags_an_album(served: str) -> None:
    """It clusters files, searches with what their tags say, loads the release, and lists the other ones of its group."""
    query = "artist%3A%28the+lanterns%29+release%3A%28amber+road%29+tracks%3A%282%29"
    found = get_json(f"{served}/ws/2/release?limit=25&query={query}")["releases"]
    assert {one["id"] for one in found[:2]} == {FIRST["id"], AGAIN["id"]}
    assert (found[0]["score"], found[0]["track-count"], found[0]["media"][0]["format"]) == (100, 2, "CD")
    inc = (
        "aliases+artist-credits+artist-rels+artists+collections+discids+isrcs+labels+media+recording-level-rels+recording-rels"
        "+recordings+release-group-level-rels+release-groups+release-rels+series-rels+url-rels+work-level-rels+work-rels"
    )
    release = get_json(f"{served}/ws/2/release/{FIRST['id']}?inc={inc}")
    assert release["label-info"][0]["label"]["name"] == "Harbour"
    tracks = release["media"][0]["tracks"]
    assert [track["recording"]["isrcs"] for track in tracks] == [["GBAYE6900001"], ["GBAYE6900002"]]
    assert [part["name"] for part in tracks[1]["artist-credit"]] == [BAND, "Ana Ríos"]
    assert release["media"][0]["discs"][0]["id"] == DISC
    group = release["release-group"]["id"]
    others = get_json(f"{served}/ws/2/release?release-group={group}&limit=100&inc=labels+media")
    assert others["release-count"] == 2
    plain = get_json(f"{served}/ws/2/release?dismax=true&limit=25&query=amber%20road")["releases"]
    assert plain[0]["title"] == "Amber Road"


def test_picard_looks_up_a_disc_and_a_single_track(served: str) -> None:
    disc = get_json(f"{served}/ws/2/discid/{DISC}?cdstubs=no&inc=artist-credits+labels")
    assert [one["id"] for one in disc["releases"]] == [FIRST["id"]]
    query = (
        "artist%3A%28the+lanterns%29+isrc%3A%28GBAYE6900001%29+qdur%3A%28100%29+release%3A%28road+home%29+tnum%3A%281%29"
        "+track%3A%28come+home%29"
    )
    found = get_json(f"{served}/ws/2/recording?limit=25&query={query}")["recordings"]
    assert (found[0]["id"], found[0]["score"]) == (HOME["id"], 100)
    assert {one["id"] for one in found[0]["releases"]} == {FIRST["id"], AGAIN["id"], LIVE["id"]}
    inc = "aliases+artist-credits+artists+isrcs+releases+release-groups+media"
    single = get_json(f"{served}/ws/2/recording/{HOME['id']}?inc={inc}")
    assert len(single["releases"]) == 3


def test_beets_finds_an_album_over_xml(served: str) -> None:
    """Up to 2.5 it asks through python-musicbrainzngs: a slash before the query, XML, commas that are encoded."""
    space = "{http://musicbrainz.org/ns/mmd-2.0#}"
    query = "release%3A%28amber+road%29+artist%3A%28the+lanterns%29+tracks%3A%282%29"
    found = etree.fromstring(get(f"{served}/ws/2/release/?query={query}&limit=5"))
    releases = found.findall(f"{space}release-list/{space}release")
    assert {one.get("id") for one in releases[:2]} == {FIRST["id"], AGAIN["id"]}
    assert releases[0].get("{http://musicbrainz.org/ns/ext#-2.0}score") == "100"
    inc = (
        "artists+media+recordings+release-groups+labels+artist-credits+aliases+recording-level-rels+work-rels"
        "+work-level-rels+artist-rels+isrcs+url-rels+release-rels+tags"
    )
    (release,) = etree.fromstring(get(f"{served}/ws/2/release/{FIRST['id']}?inc={inc}"))
    assert release.findtext(f"{space}artist-credit/{space}name-credit/{space}artist/{space}name") == BAND
    assert release.findtext(f"{space}release-group/{space}primary-type") == "Album"
    (medium,) = release.findall(f"{space}medium-list/{space}medium")
    (tracks,) = medium.findall(f"{space}track-list")
    assert (tracks.get("count"), tracks.get("offset")) == ("2", "0")
    assert [track.findtext(f"{space}recording/{space}title") for track in tracks] == ["Come Home", "Rain on Glass"]
    assert [track.findtext(f"{space}position") for track in tracks] == ["1", "2"]
    names = tracks[1].findall(f"{space}recording/{space}artist-credit/{space}name-credit")
    assert [name.get("joinphrase") for name in names] == [" & ", None]


def test_beets_finds_an_album_over_json(served: str) -> None:
    query = "artist%3A%22the+lanterns%22+AND+release%3A%22amber+road%22"
    found = get_json(f"{served}/ws/2/release?query={query}&limit=5&fmt=json")
    assert {one["id"] for one in found["releases"]} == {FIRST["id"], AGAIN["id"]}
    page = "limit=100&offset=0&inc=artist-credits+artist-rels"
    browsed = get_json(f"{served}/ws/2/recording?release={MANY['id']}&{page}&fmt=json")
    assert browsed["recording-count"] == 2


def test_others_ask_for_discographies_and_isrcs(served: str) -> None:
    artist = get_json(f"{served}/ws/2/artist?query=artist:%22The%20Lanterns%22&fmt=json")["artists"][0]
    assert artist["id"] == mbid(BAND)
    groups = get_json(f"{served}/ws/2/release-group?artist={artist['id']}&type=album&limit=100&fmt=json")
    assert groups["release-group-count"] == 2
    assert get_json(f"{served}/ws/2/isrc/GBAYE6900002?fmt=json&inc=artist-credits")["recordings"][0]["id"] == RAIN["id"]


def test_an_unchanged_answer_is_not_sent_again(served: str) -> None:
    address = f"{served}/ws/2/release/{FIRST['id']}?fmt=json"
    with urlopen(address, timeout=PATIENCE_S) as answer:
        tag = answer.headers["ETag"]
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    request = Request(address, headers={"If-None-Match": tag})
    with pytest.raises(OSError, match="304"):
        urlopen(request, timeout=PATIENCE_S)
