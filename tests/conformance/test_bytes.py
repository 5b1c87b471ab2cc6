"""Streams, downloads and covers over the protocol: exact bytes, ranges, and pictures by any id."""

from __future__ import annotations

import io

import httpx2
import pytest
from PIL import Image

from tests.conformance.house import Face

pytestmark = pytest.mark.anyio

SIGNED = "u=ann&p=listen%20to%20this&v=1.16.1&c=test&f=json"


async def fetch(face: Face, method: str, query: str, verb: str = "GET", **headers: str) -> httpx2.Response:
    written = query.format_map(face.ids)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await face.client.request(verb, f"/{method}?{SIGNED}&{written}", headers=named)


async def test_a_stream_is_the_file_itself(face: Face) -> None:
    song = (await face.ok("getSong", "id={song}"))["song"]
    original = (face.music / song["path"]).read_bytes()
    for query in ("id={song}", "id={song}&format=mp3&maxBitRate=128", "id={song}&format=raw&timeOffset=0"):
        response = await fetch(face, "stream", query)
        assert response.status_code == 200
        assert response.content == original
        assert response.headers["content-type"] == song["contentType"]
        assert response.headers["accept-ranges"] == "bytes"


async def test_a_stream_answers_ranges_exactly(face: Face) -> None:
    whole = (await fetch(face, "stream", "id={song}")).content
    part = await fetch(face, "stream", "id={song}", range="bytes=100-199")
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    tail = await fetch(face, "stream", "id={song}", range="bytes=-10")
    assert (tail.status_code, tail.content) == (206, whole[-10:])
    beyond = await fetch(face, "stream", "id={song}", range=f"bytes={len(whole)}-")
    assert beyond.status_code == 416


async def test_head_says_what_get_would_send(face: Face) -> None:
    head = await fetch(face, "stream", "id={song}", "HEAD")
    whole = await fetch(face, "stream", "id={song}")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole.content)))


async def test_a_download_is_saved_under_the_files_own_name(face: Face) -> None:
    response = await fetch(face, "download", "id={song}")
    assert response.headers["content-disposition"].startswith("attachment")
    assert "01%20Song%201.flac" in response.headers["content-disposition"]


async def test_playing_counts_no_play(face: Face) -> None:
    before = (await face.ok("getSong", "id={classical}"))["song"]["playCount"]
    await fetch(face, "stream", "id={classical}")
    assert (await face.ok("getSong", "id={classical}"))["song"]["playCount"] == before


async def test_a_file_that_is_gone_is_a_sentence(face: Face) -> None:
    song = (await face.ok("getSong", "id={classical}"))["song"]
    file = face.music / song["path"]
    kept = file.read_bytes()
    file.unlink()
    try:
        error = (await fetch(face, "stream", "id={classical}")).json()["subsonic-response"]["error"]
    finally:
        file.write_bytes(kept)
    assert error["code"] == 70
    assert "not where it was" in error["message"]


@pytest.mark.parametrize("query", ["id={song}", "id={album}", "id={artist}", "id={playlist}"])
async def test_a_cover_is_found_by_any_id(query: str, face: Face) -> None:
    response = await fetch(face, "getCoverArt", query)
    assert response.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(response.content)).size == (64, 64)


async def test_a_cover_by_its_own_id_may_be_kept_for_ever(face: Face) -> None:
    cover = (await face.ok("getAlbum", "id={album}"))["album"]["coverArt"]
    assert cover.startswith("aw-")
    response = await fetch(face, "getCoverArt", f"id={cover}")
    assert "immutable" in response.headers["cache-control"]
    again = await fetch(face, "getCoverArt", f"id={cover}", if_none_match=response.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    by_song = await fetch(face, "getCoverArt", "id={song}")
    assert "immutable" not in by_song.headers["cache-control"]


async def test_a_cover_is_made_small_in_a_format_that_is_understood(face: Face) -> None:
    for accept, media_type in (("image/webp,*/*", "image/webp"), ("*/*", "image/jpeg")):
        response = await fetch(face, "getCoverArt", "id={two_discs}&size=32", accept=accept)
        assert response.headers["content-type"] == media_type
        assert max(Image.open(io.BytesIO(response.content)).size) <= 64


async def test_a_thing_without_a_picture_is_not_found(face: Face) -> None:
    for query in ("id={classical}", "id={composer}", "id=aw-9999", "id=cover.jpg", "id=../../etc/passwd"):
        response = await fetch(face, "getCoverArt", query)
        assert response.json()["subsonic-response"]["error"]["code"] == 70, query
