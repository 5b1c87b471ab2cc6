"""What people ask to have listened to: a track first, a file they send, an address that may be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from segue.analysis.refusals import (
    AnalysisOff,
    BadAddress,
    EmptyUpload,
    RequestNotFound,
    TooManyRequests,
    UploadTooLarge,
)
from segue.analysis.requests import fetching, service
from segue.analysis.requests.sending import BadForm, file_in_form, name_in
from segue.core.access import SYSTEM, Actor
from segue.core.db import Database
from segue.library.scan.read import audio_key_at
from segue.library.service import NotInLibrary
from tests.analysis.store.ground import Studio, studio
from tests.library.media import bare
from tests.waiting import until

pytestmark = pytest.mark.anyio
ANN = Actor(7, "ann", frozenset({"editor"}), libraries=None)
BEN = Actor(8, "ben", frozenset({"user"}), libraries=frozenset())


@pytest.fixture
async def here(db: Database, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(db, tmp_path) as made:
        yield made


async def pieces(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def test_a_track_that_somebody_asks_for_is_heard_first(here: Studio):
    for number in range(4):
        here.home.song(f"{number}/{number}.flac", title=f"Song {number}", seed=number)
    await here.home.scan()
    wanted = await here.track("Song 1")
    asked = await here.analysis.ask(ANN, track_id=wanted)
    assert (asked.state, asked.kind, asked.job is not None) == ("pending", "track", True)
    await here.analysis.after_scan()
    await here.listen()
    done = await here.analysis.requests.get(ANN, asked.id)
    assert done.state == "done" and done.heard.engine == "quick" and here.log[0] == "1.flac"
    with pytest.raises(RequestNotFound):
        await here.analysis.requests.get(BEN, asked.id)
    with pytest.raises(NotInLibrary):
        await here.analysis.ask(BEN, track_id=wanted)
    at_once = await here.analysis.ask(ANN, track_id=wanted)
    assert at_once.state == "done" and len(here.log) == 4


async def test_a_file_that_is_sent_is_heard_and_not_kept(here: Studio):
    asked = await here.analysis.requests.upload(ANN, "song.flac", pieces(bare("flac", seed=3)))
    assert (asked.state, asked.kind, asked.name) == ("pending", "upload", "song.flac")
    assert [item async for item in here.storage.list("analysis")]
    await here.listen()
    done = await here.analysis.requests.get(ANN, asked.id)
    assert done.state == "done" and done.heard.tempo.bpm and done.ended_at
    assert [item async for item in here.storage.list("analysis")] == []
    assert await here.home.tracks() == []


async def test_the_same_audio_as_a_track_is_not_heard_again(here: Studio):
    here.home.song("a.flac", title="One", seed=3)
    await here.scan()
    await here.listen()

    async def key_of(path: Path) -> tuple[str, bytes] | None:
        return audio_key_at(str(path).encode())

    here.analysis.requests.audio_key = key_of
    asked = await here.analysis.requests.upload(ANN, "other name.flac", pieces(bare("flac", seed=3)))
    await here.listen()
    assert (await here.analysis.requests.get(ANN, asked.id)).state == "done" and len(here.log) == 1


async def test_a_file_that_cannot_be_heard_says_why(here: Studio):
    here.use("tests.analysis.store.engines:refusing")
    asked = await here.analysis.requests.upload(ANN, "song.m4p", pieces(b"not music at all"))
    await here.listen()
    failed = await here.analysis.requests.get(ANN, asked.id)
    assert (failed.state, failed.reason["code"], failed.heard) == ("failed", "encrypted", None)
    assert (await here.analysis.status()).failed == {}, "no track of a library failed"


async def test_what_is_sent_has_limits(here: Studio, monkeypatch: pytest.MonkeyPatch):
    here.change(upload_mb=1)
    with pytest.raises(UploadTooLarge):
        await here.analysis.requests.upload(ANN, "big", pieces(bytes(2 * 2**20), 2**18))
    with pytest.raises(EmptyUpload):
        await here.analysis.requests.upload(ANN, "empty", pieces(b""))
    assert [item async for item in here.storage.list("analysis")] == []
    monkeypatch.setattr(service, "MOST_OPEN", 1)
    await here.analysis.requests.upload(ANN, "one", pieces(b"x"))
    with pytest.raises(TooManyRequests):
        await here.analysis.requests.upload(ANN, "two", pieces(b"x"))
    here.change(enabled=False)
    with pytest.raises(AnalysisOff):
        await here.analysis.requests.upload(BEN, "three", pieces(b"x"))


async def test_a_request_that_is_forgotten_takes_its_file_and_its_job(here: Studio):
    asked = await here.analysis.requests.upload(ANN, "song.flac", pieces(b"x"))
    with pytest.raises(RequestNotFound):
        await here.analysis.requests.forget(BEN, asked.id)
    await here.analysis.requests.forget(ANN, asked.id)
    assert (await here.jobs.get(SYSTEM, asked.job)).state == "cancelled"
    assert [item async for item in here.storage.list("analysis")] == []
    assert await here.analysis.requests.page(ANN) == []


async def test_requests_are_forgotten_after_a_while(here: Studio):
    asked = await here.analysis.requests.upload(ANN, "song.flac", pieces(bare("flac", seed=3)))
    await here.listen()
    here.ground.now = lambda: datetime.now(UTC) + timedelta(days=31)
    await here.analysis.look_now(SYSTEM)
    await here.listen()
    with pytest.raises(RequestNotFound):
        await here.analysis.requests.get(ANN, asked.id)


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://music.example/a.mp3", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("http:///a.mp3", "host"),
        ("http://ann:secret@music.example/a.mp3", "userinfo"),
        ("http://127.0.0.1/a.mp3", "private"),
        ("http://[::1]:8080/a.mp3", "private"),
        ("http://localhost/a.mp3", "private"),
        ("http://10.1.2.3/a.mp3", "private"),
        ("http://169.254.169.254/latest/meta-data", "private"),
        ("http://192.168.1.1/", "private"),
        ("http://[::ffff:127.0.0.1]/", "private"),
        ("http://[64:ff9b::7f00:1]/", "private"),
        ("http://[2002:7f00:1::]/", "private"),
        ("http://2130706433/", "private"),
        ("http://0.0.0.0/", "private"),
        ("http://music.example/" + "a" * 3_000, "length"),
    ],
)
async def test_only_public_addresses_are_asked(url: str, why: str, tmp_path: Path):
    with pytest.raises(BadAddress) as refused:
        await fetching.fetch(url, tmp_path / "file", 1000)
    assert refused.value.params["why"] == why


class Elsewhere:
    """A host of the public internet that is in this process: `asked` are the requests that reached it."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.answers: dict[str, bytes] = {}
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head)
        writer.write(
            self.answers.get(head.split(b" ")[1].decode(), b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        )
        await writer.drain()
        writer.close()

    async def address_of(self, host: str, port: int) -> str:
        if host != "music.example":
            return await fetching.public(host, port)
        return "127.0.0.1"

    def url(self, path: str) -> str:
        return f"http://music.example:{self.port}{path}"


@asynccontextmanager
async def elsewhere() -> AsyncIterator[Elsewhere]:
    host = Elsewhere()
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    async with server:
        yield host


def answer(body: bytes, kind: str = "audio/flac", status: str = "200 OK", **more: str) -> bytes:
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), **more}
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_what_is_at_an_address_is_fetched_and_heard(here: Studio):
    async with elsewhere() as host:
        host.answers = {
            "/song.flac": answer(b"", status="302 Found", Location="/really.flac"),
            "/really.flac": answer(bare("flac", seed=3)),
        }
        here.analysis.requests.address_of = host.address_of
        asked = await here.analysis.ask(ANN, url=host.url("/song.flac"))
        assert (asked.kind, asked.name) == ("url", host.url("/song.flac"))
        await here.listen()
        done = await here.analysis.requests.get(ANN, asked.id)
        assert done.state == "done" and done.heard is not None
        assert b"\r\nHost: music.example:" in host.asked[0]


@pytest.mark.parametrize("to", ["http://127.0.0.1:1/", "http://[::1]/", "file:///etc/passwd", "//10.0.0.1/x"])
async def test_a_redirect_is_looked_at_like_an_address(to: str, tmp_path: Path):
    async with elsewhere() as host:
        host.answers = {"/": answer(b"", status="302 Found", Location=to)}
        with pytest.raises(BadAddress):
            await fetching.fetch(host.url("/"), tmp_path / "file", 1000, address_of=host.address_of)
        host.answers = {"/": answer(b"", status="301 Moved", Location="/")}
        with pytest.raises(BadAddress) as refused:
            await fetching.fetch(host.url("/"), tmp_path / "file", 1000, address_of=host.address_of)
        assert refused.value.params["why"] == "redirects" and len(host.asked) == 2 + fetching.MAX_REDIRECTS


async def test_a_name_that_changes_its_mind_gains_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    answers = iter(["93.184.216.34", "127.0.0.1"])
    connected: list[str] = []

    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", (next(answers), port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)

    async def send(_client: Any, request: httpx2.Request, **_: Any) -> httpx2.Response:
        connected.append(request.url.host)
        return httpx2.Response(200, content=b"music", headers={"content-type": "audio/flac"})

    monkeypatch.setattr(httpx2.AsyncClient, "send", send)
    assert await fetching.fetch("https://music.example/a", tmp_path / "file", 1000) == 5
    assert connected == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (answer(b"<html>", "text/html"), "fetch_no_audio"),
        (answer(b"x" * 3000), "fetch_too_large"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" + b"x" * 3000, "fetch_too_large"),
        (answer(b"", status="403 Forbidden"), "fetch_refused"),
        (answer(b""), "fetch_failed"),
        (b"nonsense\r\n\r\n", "fetch_failed"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 900\r\n\r\nxx", "fetch_failed"),
    ],
)
async def test_what_is_no_sound_or_too_much_is_not_fetched(sent: bytes, code: str, tmp_path: Path):
    async with elsewhere() as host:
        host.answers = {"/": sent}
        with pytest.raises(fetching.NotFetched) as refused:
            await fetching.fetch(host.url("/"), tmp_path / "file", 1000, address_of=host.address_of)
        assert refused.value.code == code


async def test_a_server_that_says_nothing_is_left(tmp_path: Path):
    async def silent(_reader: Any, writer: asyncio.StreamWriter) -> None:
        await until(lambda: _closed(writer))

    async def _closed(writer: asyncio.StreamWriter) -> bool:
        return writer.is_closing() or writer.transport.is_closing() or _reader_ended(writer)

    def _reader_ended(writer: asyncio.StreamWriter) -> bool:
        return writer._protocol._stream_reader.at_eof()  # type: ignore[attr-defined]

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def address_of(_host: str, _port: int) -> str:
        return "127.0.0.1"

    with pytest.raises(fetching.NotFetched) as refused:
        await fetching.fetch(f"http://music.example:{port}/", tmp_path / "f", 10, address_of=address_of, whole_s=0.05)
    server.close()
    assert refused.value.code == "fetch_timeout"


async def test_an_address_that_fails_leaves_its_reason_with_the_request(here: Studio):
    async with elsewhere() as host:
        host.answers = {"/": answer(b"<html>", "text/html")}
        here.analysis.requests.address_of = host.address_of
        asked = await here.analysis.ask(ANN, url=host.url("/"))
        await here.listen()
        failed = await here.analysis.requests.get(ANN, asked.id)
        assert (failed.state, failed.reason) == ("failed", {"code": "fetch_no_audio", "params": {"type": "text/html"}})


# --- forms ------------------------------------------------------------------------------------------------------------

FORM = (
    b'--mark\r\nContent-Disposition: form-data; name="comment"\r\n\r\nhello\r\n'
    b'--mark\r\nContent-Disposition: form-data; name="file"; filename="a b.flac"\r\nContent-Type: audio/flac\r\n\r\n'
    b"the music\r\n--mar\r\nis here\r\n--mark--\r\n"
)


@pytest.mark.parametrize("size", [1, 2, 7, 30, 1000])
async def test_a_form_is_read_piece_by_piece(size: int):
    sent = await file_in_form('multipart/form-data; boundary="mark"', pieces(FORM, size))
    assert sent.name == "a b.flac"
    assert b"".join([part async for part in sent.parts]) == b"the music\r\n--mar\r\nis here"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", FORM),
        ("multipart/form-data; boundary=other", FORM),
        (
            "multipart/form-data; boundary=mark",
            b'--mark\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--mark--',
        ),
        ("multipart/form-data; boundary=mark", FORM[:100]),
        ("multipart/form-data; boundary=mark", b"--mark\r\n" + b"x" * 40_000),
        ("multipart/form-data; boundary=mark", FORM[:-20]),
    ],
)
async def test_a_form_without_a_whole_file_is_refused(kind: str, body: bytes):
    with pytest.raises(BadForm):
        sent = await file_in_form(kind, pieces(body, 50))
        async for _ in sent.parts:
            pass


def test_a_file_name_is_read_in_every_spelling():
    assert name_in('attachment; filename="a \\"b\\".mp3"') == 'a "b".mp3'
    assert name_in("attachment; filename*=UTF-8''n%C3%A9.mp3; filename=ne.mp3") == "né.mp3"
    assert name_in("inline; filename=plain.mp3") == "plain.mp3" and name_in("inline") == ""
