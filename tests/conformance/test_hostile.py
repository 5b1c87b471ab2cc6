"""Whatever is sent, the answer is an envelope: no parameter makes Segue fail."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.subsonic.methods import METHODS
from tests.conformance.house import Face

pytestmark = pytest.mark.anyio

SIGNED = "u=ann&p=listen%20to%20this&v=1.16.1&c=test&f=json"
FORM = {"content-type": "application/x-www-form-urlencoded"}
NAMES = (
    *("id", "albumId", "artistId", "songId", "playlistId", "musicFolderId", "query", "type", "size", "count", "offset"),
    *("fromYear", "toYear", "genre", "artistCount", "songOffset", "albumOffset", "rating", "time", "submission"),
    *("position", "current", "currentIndex", "name", "comment", "public", "songIndexToRemove", "songIdToAdd", "artist"),
    *("title", "username", "ifModifiedSince", "any", "maxBitRate", "format", "timeOffset", "fullScan", "callback"),
)
HOSTILE = (
    *(b"", b"\x00", b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80", b"-1", b"0", b"99999999999999999999", b"1e9", b"NaN"),
    *(b"tr-1", b"al-1", b"ar-1", b"pl-1", b"aw-1", b"fo-1", b"li-1", b"tr-9223372036854775807", b"tr--1", b"tr-"),
    *(b"tr-1'; DROP TABLE tracks--", b"../../etc/passwd", b"%", b"_", b'"', b"'", b"\\", b"*", b"a" * 5000, b"NEAR("),
    *("愛".encode(), "Ω" * 200, "\u202e\ufeff".encode(), b"true", b"random", b"byYear", b"1..2", b"<a>&amp;", b"\r\n"),
)
QUERIES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from([v if isinstance(v, bytes) else v.encode() for v in HOSTILE])),
    max_size=6,
)


def written(pairs: list[tuple[str, bytes]]) -> str:
    return "&".join(f"{name}={quote_from_bytes(value)}" for name, value in pairs)


@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"startScan"}))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=QUERIES)
async def test_no_parameters_make_a_method_fail(method: str, on_each: Face, pairs: list[tuple[str, bytes]]) -> None:
    response = await on_each.client.get(f"/{method}?{SIGNED}&{written(pairs)}")
    assert response.status_code == 200, (pairs, response.text)
    if response.headers["content-type"] == "application/json":
        assert response.json()["subsonic-response"]["status"] in ("ok", "failed")


async def raw_query(face: Face, path: str, query: bytes) -> int:
    """The status that a query of these very bytes gets; no client library would send them."""
    statuses: list[int] = []

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path, "query_string": query,
        "root_path": "", "headers": [(b"host", b"segue")], "server": ("segue", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await face.app(scope, receive, send)
    return statuses[0]


@pytest.mark.parametrize("method", ["getAlbumList2", "search3", "getSong", "star", "createPlaylist", "ping"])
async def test_bytes_that_are_no_utf8_are_read_as_well_as_can_be(method: str, face: Face) -> None:
    for raw in (b"\xff\xfe=\xff", b"%ff%fe=%ff", b"&&==&=", b"id=%zz", "ö=ü".encode("latin-1"), b"\x00=\x00"):
        response = await face.client.post(f"/{method}?{SIGNED}", content=raw, headers=FORM)
        assert response.status_code == 200, raw
        assert (await raw_query(face, f"/rest/{method}", f"{SIGNED}&".encode() + raw)) == 200, raw


async def test_a_form_of_ten_megabytes_is_refused(face: Face) -> None:
    for content in (b"id=" + b"a" * 10_000_000, b"id=tr-1&" * 1_250_000):
        response = await face.client.post(f"/star?{SIGNED}", content=content, headers=FORM)
        assert response.status_code == 413
        assert response.json()["subsonic-response"]["status"] == "failed"


async def test_a_form_of_very_many_parameters_is_refused(face: Face) -> None:
    response = await face.client.post(f"/star?{SIGNED}", content=b"a&" * 300_000, headers=FORM)
    assert response.json()["subsonic-response"]["error"]["code"] == 0


async def test_a_body_that_is_no_form_is_left_alone(face: Face) -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain", ""):
        response = await face.client.post(f"/ping?{SIGNED}", content=b"\x00{", headers={"content-type": kind})
        assert response.json()["subsonic-response"]["status"] == "ok"


async def test_a_long_playlist_can_be_made_and_read(face: Face) -> None:
    song = face.ids["song"]
    content = "name=Long&" + "&".join([f"songId={song}"] * 3_000)
    made = (await face.client.post(f"/createPlaylist?{SIGNED}", content=content, headers=FORM)).json()
    playlist = made["subsonic-response"]["playlist"]
    assert playlist["songCount"] == len(playlist["entry"]) == 3_000
    await face.ok("deletePlaylist", f"id={playlist['id']}")


@pytest.mark.parametrize("number", ["0", "2147483648", "9223372036854775807"])
async def test_an_id_of_any_size_is_only_not_found(number: str, on_each: Face) -> None:
    """Columns of 32 bits are no reason to fail; PostgreSQL would refuse the parameter itself."""
    for method in sorted(METHODS.keys() - {"startScan"}):
        for prefix in ("tr", "al", "ar", "pl", "aw", "fo", "li"):
            query = "&".join(f"{name}={prefix}-{number}" for name in NAMES if "id" in name.lower() or name == "current")
            more = "rating=3&position=1&currentIndex=0&query=x&type=newest&genre=x&name=x"
            response = await on_each.client.get(f"/{method}?{SIGNED}&{query}&{more}")
            assert response.status_code == 200, (method, prefix, response.text)
