"""The archive for tests speaks as the real one does, its tapes are real and the same each time, and it fails as it is told."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import mutagen
import pytest

from segue.emulator import Emulator
from segue.emulator.archive_audio import made
from segue.emulator.archive_query import Unreadable, compiled
from segue.emulator.archive_setlists import nights, setlists
from segue.emulator.archive_shows import Recording, recordings, shows

BODY = bytes(range(256)) * 100


def ask(url: str, path: str, **params: Any) -> httpx2.Response:
    return httpx2.get(f"{url}/archive/{path}", params=params, follow_redirects=True)


def control(url: str, verb: str, **given: Any) -> httpx2.Response:
    return httpx2.post(f"{url}/_control/{verb}", json=given)


@pytest.fixture
def item(emulator: Emulator) -> str:
    emulator.archive.add("x1", {"t1.flac": BODY, "a #1%?.flac": b"odd"})
    return "x1"


# What it speaks


def test_answers_have_the_keys_of_recorded_ones(emulator: Emulator, url: str, reference: Path) -> None:
    folder = reference / "live" / "raw_ia"

    def recorded(name: str) -> Any:
        return json.loads((folder / name).read_text("utf-8"))

    search = ask(url, "advancedsearch.php", q="collection:etree AND mediatype:etree", rows="3", output="json").json()
    real = recorded("ia-tests.advanced_search_response.json")
    assert search.keys() == real.keys() and search["responseHeader"].keys() == real["responseHeader"].keys()
    assert search["response"].keys() <= real["response"].keys() and len(search["response"]["docs"]) == 3
    for doc in search["response"]["docs"]:
        assert isinstance(doc["collection"], list) and doc["date"].endswith("T00:00:00Z")
    emulator.archive.bulk(200)
    scrape = ask(url, "services/search/v1/scrape", q="collection:etree", fields="identifier", count="100").json()
    assert scrape.keys() == recorded("ia-tests.scrape_response.json").keys()
    assert scrape["items"][0].keys() == {"identifier"}
    name = next(name for name in emulator.archive.items if name.startswith("lp1978-07-08") and ".sbd." in name)
    document, real = ask(url, f"metadata/{name}").json(), recorded("metadata.gd1990-04-03.158672.stream_only.json")
    assert document.keys() - {"reviews"} <= real.keys()
    known = {key for one in real["files"] for key in one} | {"summation"}
    assert {key for one in document["files"] for key in one} <= known
    assert all(isinstance(one.get("size", ""), str) for one in document["files"])


def test_there_is_no_such_item_is_200_with_nothing_and_parts_of_one_can_be_asked_for(url: str, item: str) -> None:
    assert ask(url, "metadata/nobody").json() == {}
    assert ask(url, f"metadata/{item}/metadata/identifier").json() == {"result": item}
    assert ask(url, f"metadata/{item}/files/0/name").json() == {"result": "t1.flac"}
    assert "error" in ask(url, f"metadata/{item}/nothing").json()


def test_a_download_leads_to_a_data_host_and_keeps_to_ranges(url: str, item: str) -> None:
    first = httpx2.get(f"{url}/archive/download/{item}/t1.flac")
    assert first.status_code == 302 and "/data/ia" in first.headers["location"]
    got = ask(url, f"download/{item}/t1.flac")
    assert got.content == BODY and got.headers["etag"] == f'"{hashlib.md5(BODY).hexdigest()}"'

    def ranged(value: str, **headers: str) -> httpx2.Response:
        return httpx2.get(first.headers["location"], headers={"Range": value, **headers})

    part = ranged("bytes=10-19")
    assert (part.status_code, part.content, part.headers["content-range"]) == (
        206,
        BODY[10:20],
        f"bytes 10-19/{len(BODY)}",
    )
    assert ranged("bytes=-5").content == BODY[-5:]
    assert (ranged("bytes=99999-").status_code, ranged("bytes=5-", **{"If-Range": '"x"'}).status_code) == (416, 200)
    head = httpx2.head(first.headers["location"])
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(BODY)), b"")
    assert httpx2.get(f"{url}/archive/download/{item}/a%20%231%25%3F.flac", follow_redirects=True).content == b"odd"
    assert ask(url, f"download/{item}/nothing").status_code == 404


def test_lists_are_paged_by_a_cursor_and_searches_reach_10_000(emulator: Emulator, url: str) -> None:
    emulator.archive.bulk(10_100, bands=5)
    names: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(
            url, "services/search/v1/scrape", q="mediatype:etree", fields="identifier", count="4000", **cursor
        ).json()
        names += [doc["identifier"] for doc in page["items"]]
        if "cursor" not in page:
            break
        cursor = {"cursor": page["cursor"]}
    assert len(names) == len(set(names)) == page["total"] > 10_000
    few = ask(url, "services/search/v1/scrape", q="*:*", count="10")
    deep = ask(url, "advancedsearch.php", q="mediatype:etree", rows="100", page="101")
    assert few.status_code == deep.status_code == 400 and "error" in few.json() and "error" in deep.json()
    counted = ask(url, "services/search/v1/scrape", q="mediatype:etree", total_only="true").json()
    assert counted["items"] == [] and counted["total"] == page["total"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("creator:lantern", True),
        ('creator:"Lantern Parade" AND year:1977', True),
        ("collection:(nasa OR etree) AND -mediatype:collection", True),
        ("date:[1977-01-01 TO 1977-12-31]", True),
        ("date:[1978-01-01 TO *]", False),
        ("lantern NOT year:1977", False),
        ('title:"of 5"', False),
        ("ident*", False),
        ("identifier:lp*", True),
        ("*:*", True),
    ],
)
def test_queries_find_what_they_say(query: str, found: bool) -> None:
    doc = {"identifier": "lp1977", "creator": ["The Lantern Parade"], "collection": ["x", "etree"], "mediatype": "etree",
           "year": 1977, "date": "1977-05-08T00:00:00Z", "title": "Live"}  # fmt: skip
    assert compiled(query)(doc) is found


@pytest.mark.parametrize("query", ["(a", "a)", "a AND", "NOT", "a OR OR b"])
def test_a_query_that_cannot_be_read_is_refused(url: str, query: str) -> None:
    with pytest.raises(Unreadable):
        compiled(query)
    assert ask(url, "services/search/v1/scrape", q=query, count="100").status_code == 400


# The tapes


def test_there_is_everything_that_makes_live_music_hard() -> None:
    tapes, when = recordings(), {show.key: show for show in shows()}
    assert len({one.identifier for one in tapes}) == len(tapes) >= 80 and len(when) == 40
    assert {one.kind for one in tapes} == {"S", "A", "M", "F", "C"}
    assert any(len(one.shows) == 2 for one in tapes) and {show.slot for show in when.values()} == {"", "early", "late"}
    assert any(one.date != one.shows[0].date for one in tapes) and any(show.event for show in when.values())
    assert any(one.supersedes for one in tapes) and any(one.more.get("exact") for one in tapes)
    assert (
        any(one.stream_only for one in tapes) and any(one.dark for one in tapes) and any(one.shorten for one in tapes)
    )
    told = setlists()
    assert {one["show_id"] for one in told} == set(when) == {night for held in nights().values() for night in held}
    assert all(one["setlist"] and one["setlist"][-1]["set_name"] == "Encore" for one in told)


def test_the_same_tape_is_the_same_each_time_and_flac_says_its_own_fingerprint(tmp_path: Path) -> None:
    tape = next(one for one in recordings() if one.kind == "C")
    place, first = made(tape, tmp_path / "one")
    _, second = made(tape, tmp_path / "two")
    assert first == second and {one.format for one in first} == {"Flac", "VBR MP3"}
    for one in first:
        data = (place / one.name).read_bytes()
        assert (len(data), hashlib.md5(data).hexdigest(), hashlib.sha1(data).hexdigest()) == (
            one.size,
            one.md5,
            one.sha1,
        )
        heard = mutagen.File(place / one.name)  # type: ignore[attr-defined]
        assert heard.info.length == pytest.approx(one.length_s, abs=0.15)
        if one.fingerprint:
            assert f"{heard.info.md5_signature:032x}" == one.fingerprint and heard["title"] == [one.title]


def test_a_tape_uploaded_twice_sounds_the_same_and_a_new_transfer_does_not(tmp_path: Path) -> None:
    tapes = {one.identifier: one for one in recordings()}
    twice = next(one for one in tapes.values() if one.more.get("exact"))
    better = next(one for one in tapes.values() if one.supersedes and one.kind == "A")
    before = next(one for one in tapes.values() if one.shnid == better.supersedes)

    def prints(tape: Recording) -> list[str]:
        return [one.fingerprint for one in made(replace(tape, tracks=tape.tracks[:2]), tmp_path)[1] if one.fingerprint]

    assert prints(twice) == prints(tapes[twice.more["exact"]])
    assert not set(prints(better)) & set(prints(before))


# Faults and verbs


def test_items_change_and_go_as_they_are_told(url: str, item: str) -> None:
    before = ask(url, f"metadata/{item}").json()
    control(url, "archive/change", identifier=item, name="t1.flac")
    after = ask(url, f"metadata/{item}").json()
    assert (
        after["files"][0]["md5"] != before["files"][0]["md5"]
        and after["item_last_updated"] > before["item_last_updated"]
    )
    control(url, "archive/claim", identifier=item, name="t1.flac", claims={"size": "5000000000"})
    assert ask(url, f"metadata/{item}").json()["files"][0]["size"] == "5000000000"
    control(url, "archive/break", identifier=item)
    assert ask(url, f"metadata/{item}").json().keys() == {"error"}
    added = control(url, "archive/add", identifier="y1", files={"../e.flac": base64.b64encode(b"x").decode()}).json()
    assert added == {"done": "y1"} and ask(url, "metadata/y1").json()["files"][0]["name"] == "../e.flac"
    control(url, "archive/darken", identifier="y1")
    assert ask(url, "metadata/y1").json()["is_dark"] and ask(url, "download/y1/e.flac").status_code == 404
    control(url, "archive/vanish", identifier="y1")
    assert ask(url, "metadata/y1").json() == {}
    assert control(url, "archive/vanish", identifier="y1").status_code == 422
    assert control(url, "archive/nothing").status_code == 404
    control(url, "archive/add_many_files", identifier="big", count=10_000)
    assert ask(url, "metadata/big").json()["files_count"] == 10_000


def test_files_go_wrong_on_demand(emulator: Emulator, url: str, item: str) -> None:
    faults = emulator.world.faults

    def with_fault(kind: str, start: int | None = None, **how: Any) -> httpx2.Response:
        faults.clear()
        faults.add(kind, service="archive", route="file", match="x1/t1", **how)
        headers = {} if start is None else {"Range": f"bytes={start}-"}
        return httpx2.get(f"{url}/archive/download/{item}/t1.flac", headers=headers, follow_redirects=True)

    flipped = with_fault("flip", bytes=7).content
    assert [place for place in range(len(BODY)) if flipped[place] != BODY[place]] == [7]
    assert (with_fault("ignore_range", 10).status_code, with_fault("no_range", 10).status_code) == (200, 416)
    wrong = with_fault("wrong_range", 2000)
    assert wrong.status_code == 206 and not wrong.headers["content-range"].startswith("bytes 2000-")
    busy = with_fault("status", status=503, retry_after_s=9)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "9")
    assert with_fault("html").headers["content-type"].startswith("text/html")
    assert with_fault("drip", bytes=20_000, delay_s=0.01).content == BODY
    for kind in ("cut", "reset"):
        with pytest.raises(httpx2.HTTPError):
            with_fault(kind, bytes=5000)
    faults.clear()
    faults.add("status", service="archive", route="file", match="another", status=500)
    assert ask(url, f"download/{item}/t1.flac").content == BODY


def test_the_state_tells_how_many_files_were_open(emulator: Emulator, url: str, item: str) -> None:
    ask(url, f"download/{item}/t1.flac")
    state = httpx2.get(f"{url}/_control/state").json()["archive"]
    assert (state["most_open"], state["open_now"], state["left"]) == (1, 0, 0)
    control(url, "reset")
    assert ask(url, f"metadata/{item}").json() == {}
