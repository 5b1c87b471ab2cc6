"""Direct play over a real server: every byte asked for, none more, and never a path from a request."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI, Request

from segue.core.access import Actor
from segue.core.rest import Services, install_problem_handlers
from segue.streaming.routes import router
from segue.streaming.service import Playable, StreamingService
from tests.waiting import PATIENCE_S

BYTES = random.Random(7).randbytes(300_001)
NAME = os.fsdecode(b"Gr\xfc\xdfe \xe2\x80\x93 01.flac")


class Folder:
    """Plays file number 1, and 2, which is gone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def playable(self, actor: Actor, number: int) -> Playable | None:
        if number not in (1, 2):
            return None
        path = os.fsencode(self.folder / (NAME if number == 1 else "gone.flac"))
        return Playable(path, "audio/flac", "Grüße – 01.flac", 0)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx2.Client]:
    (tmp_path / NAME).write_bytes(BYTES)
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router)

    async def authenticate(request: Request) -> Actor | None:
        return Actor(1, "anna", libraries=None) if request.headers.get("authorization") else None

    app.state.segue = Services(authenticate)
    streaming = app.state.segue.add(StreamingService())
    streaming.register("tr", Folder(tmp_path))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": "Bearer x"}) as made:
        yield made
    server.should_exit = True
    thread.join(PATIENCE_S)


def test_the_whole_file_comes_with_its_type_and_length(client: httpx2.Client) -> None:
    answer = client.get("/tracks/tr-1/stream")
    assert answer.status_code == 200
    assert answer.content == BYTES
    assert answer.headers["content-type"] == "audio/flac"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("0-0", 0, 1),
        ("0-99", 0, 100),
        ("299999-", 299_999, 300_001),
        ("-5", 299_996, 300_001),
        ("5-999999999", 5, 300_001),
    ],
)
def test_a_range_gives_exactly_those_bytes(client: httpx2.Client, asked: str, start: int, end: int) -> None:
    answer = client.get("/tracks/tr-1/stream", headers={"Range": f"bytes={asked}"})
    assert answer.status_code == 206
    assert answer.content == BYTES[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BYTES)}"


def test_several_ranges_come_as_multipart(client: httpx2.Client) -> None:
    answer = client.get("/tracks/tr-1/stream", headers={"Range": "bytes=0-9,100-109"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges; boundary=")
    assert BYTES[:10] in answer.content
    assert BYTES[100:110] in answer.content
    assert answer.content.count(b"Content-Range: bytes ") == 2


@pytest.mark.parametrize("asked", ["300001-", "999999-1000000"])
def test_a_range_past_the_end_is_416_and_says_the_size(client: httpx2.Client, asked: str) -> None:
    answer = client.get("/tracks/tr-1/stream", headers={"Range": f"bytes={asked}"})
    assert answer.status_code == 416
    assert answer.headers["content-range"].endswith(f"*/{len(BYTES)}")


def test_if_range_gives_the_part_only_while_the_file_is_the_same(client: httpx2.Client) -> None:
    etag = client.head("/tracks/tr-1/stream").headers["etag"]
    same = client.get("/tracks/tr-1/stream", headers={"Range": "bytes=0-9", "If-Range": etag})
    other = client.get("/tracks/tr-1/stream", headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (same.status_code, other.status_code) == (206, 200)
    assert other.content == BYTES


def test_who_has_the_file_already_is_not_sent_it_again(client: httpx2.Client) -> None:
    etag = client.head("/tracks/tr-1/stream").headers["etag"]
    same = client.get("/tracks/tr-1/stream", headers={"If-None-Match": etag})
    other = client.get("/tracks/tr-1/stream", headers={"If-None-Match": '"another"'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert (other.status_code, other.content) == (200, BYTES)


def test_a_file_that_may_not_be_read_is_said_before_anything_is_sent(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    answer = client.get("/tracks/tr-1/stream")
    assert (answer.status_code, answer.json()["code"]) == (503, "file_not_readable")


def test_head_tells_without_sending(client: httpx2.Client) -> None:
    answer = client.head("/tracks/tr-1/stream")
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(len(BYTES))
    assert answer.content == b""


def test_a_download_is_saved_under_its_own_name(client: httpx2.Client) -> None:
    answer = client.head("/tracks/tr-1/stream", params={"download": "true"})
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "Gr%C3%BC%C3%9Fe" in answer.headers["content-disposition"]


@pytest.mark.parametrize("id", ["tr-3", "tr-2", "al-1", "..%2F..%2Fetc%2Fpasswd", "tr-1%00", "tr-1%2F..%2F2"])
def test_nothing_but_a_known_id_is_ever_opened(client: httpx2.Client, id: str) -> None:
    answer = client.get(f"/tracks/{id}/stream")
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_vanished_file_says_what_to_do(client: httpx2.Client) -> None:
    answer = client.get("/tracks/tr-2/stream")
    assert answer.status_code == 404
    assert answer.json()["code"] == "file_gone"
    assert "mounted" in answer.json()["hint"]


def test_nobody_plays_without_signing_in(client: httpx2.Client) -> None:
    del client.headers["Authorization"]
    assert client.get("/tracks/tr-1/stream").status_code == 401
