"""Engines work in children: what kills one is told of one file, and no other file is lost."""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.analysis.engines import ENGINES, InChildren, Places, engine_named
from segue.analysis.engines.essentia_child import missing as essentia_missing
from segue.analysis.engines.interface import listen_by_name
from segue.analysis.errors import EngineAbsent, EngineFailed, NotAudio
from segue.analysis.lines import heard_of, line
from segue.analysis.ours.child import POOL, warm
from segue.analysis.records import Heard
from segue.core.pool import ChildCrashed, DeadlineExceeded, ProcessPool
from tests.analysis.engines.test_ours import music
from tests.analysis.files import tone, wav

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[ProcessPool]:
    async with ProcessPool(1, warm, **POOL) as children:
        yield children


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return os.fsencode(wav(tmp_path_factory.mktemp("song") / "song.wav", music(6)))


def dies(path: bytes, **_: Any) -> Heard:
    """An engine that ends its process, as Essentia's loader does on Opus."""
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def hangs(path: bytes, **_: Any) -> Heard:
    signal.pause()
    raise AssertionError


async def test_ours_listens_in_a_child(pool: ProcessPool, song: bytes) -> None:
    heard = await engine_named("ours", pool).listen(song, 1000)
    assert heard.duration_ms == 6000
    assert heard.key is not None
    assert os.nice(0) < POOL["nice"]


async def test_a_reason_travels_out_of_the_child(pool: ProcessPool, tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_text("words " * 100)
    with pytest.raises(NotAudio) as raised:
        await engine_named("ours", pool).listen(os.fsencode(tmp_path / "a.mp3"), 600)
    assert raised.value.code == "not_audio"


async def test_an_engine_that_dies_takes_one_file_with_it(pool: ProcessPool, song: bytes) -> None:
    deadly = InChildren("deadly", 1, f"{__name__}:dies", pool)
    with pytest.raises(ChildCrashed) as raised:
        await deadly.listen(song, 1000)
    assert raised.value.params == {"cause": "SIGSEGV"}
    assert (await engine_named("ours", pool).listen(song, 1000)).duration_ms == 6000


async def test_an_engine_that_hangs_is_ended(pool: ProcessPool, song: bytes) -> None:
    with pytest.raises(DeadlineExceeded):
        await pool.run(listen_by_name, f"{__name__}:hangs", song, None, None, None, {}, deadline_s=0.5)


async def test_there_is_no_engine_of_another_name(pool: ProcessPool) -> None:
    assert set(ENGINES) == {"ours", "essentia", "service"}
    with pytest.raises(EngineAbsent):
        engine_named("guess", pool)
    assert engine_named("ours", pool).missing() is None
    assert "analysis.service_url" in (engine_named("service", pool).missing() or "")
    assert "no address" in (engine_named("service", pool, Places(service_url="file:///x")).missing() or "")


# --- Essentia ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def python(tmp_path: Path) -> Any:
    """An interpreter that stands for one with Essentia: `answer` is what it does with the samples."""

    def made(answer: str) -> str:
        path = tmp_path / "python"
        path.write_text(
            f"#!{sys.executable}\nimport json, os, signal, sys\n"
            "if sys.argv[1] == '-c': sys.exit(0)\n"
            f"samples = len(sys.stdin.buffer.read()) // 4\n{answer}\n"
        )
        path.chmod(0o755)
        return str(path)

    return made


async def test_essentia_hears_what_we_decode(pool: ProcessPool, song: bytes, python: Any) -> None:
    said = "{'version': 1, 'bpm': 120.0, 'beats_ms': [10, 510], 'tempo_confidence': 0.5, 'key': {'tonic': 9, 'mode': 'minor'}}"
    places = Places(essentia_python=Path(python(f"assert samples == 6 * 44100, samples\nprint(json.dumps({said}))")))
    heard = await engine_named("essentia", pool, places).listen(song, 1000)
    assert (heard.engine, heard.duration_ms) == ("essentia", 6000)
    assert heard.tempo is not None
    assert (heard.tempo.bpm, heard.tempo.beats_ms) == (120.0, (10, 510))
    assert heard.key is not None
    assert (heard.key.tonic, heard.key.mode) == (9, "minor")
    assert heard.loudness is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("sys.exit('RuntimeError: In RhythmExtractor2013')", "In RhythmExtractor2013"),
        ("print('no JSON')", "Expecting value"),
        ("print(json.dumps({'bpm': 1e9}))", "bpm is 1000000000.0"),
        ("print(json.dumps({'key': {'tonic': 12, 'mode': 'minor'}}))", "no key 12"),
    ],
)
async def test_whatever_essentia_does_is_told_of_one_file(
    pool: ProcessPool, song: bytes, python: Any, answer: str, words: str
) -> None:
    engine = engine_named("essentia", pool, Places(essentia_python=Path(python(answer))))
    with pytest.raises(EngineFailed) as raised:
        await engine.listen(song, 1000)
    assert words in raised.value.params["reason"]


async def test_essentia_is_missing_where_it_is_not_installed(tmp_path: Path) -> None:
    assert "cannot be run" in (essentia_missing(str(tmp_path / "nothing")) or "")
    (tmp_path / "python").write_text(f"#!{sys.executable}\nimport sys; sys.exit(1)\n")
    (tmp_path / "python").chmod(0o755)
    assert "segue[essentia]" in (essentia_missing(str(tmp_path / "python")) or "")


# --- a service --------------------------------------------------------------------------------------------------------


class Service(http.server.BaseHTTPRequestHandler):
    status = 200
    body = b"{}"
    got: tuple[dict[str, str], int] | None = None

    def do_POST(self) -> None:
        size = 0
        if self.headers.get("Transfer-Encoding") == "chunked":
            while length := int(self.rfile.readline(), 16):
                size += len(self.rfile.read(length))
                self.rfile.readline()
            self.rfile.readline()
        type(self).got = (dict(self.headers), size)
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Service.status, Service.body, Service.got = 200, b"{}", None
    yield f"http://127.0.0.1:{server.server_port}/listen"
    server.shutdown()
    server.server_close()


async def test_a_service_gets_the_file_and_its_answer_is_taken(pool: ProcessPool, song: bytes, service: str) -> None:
    ours = await engine_named("ours", pool).listen(song, 1000)
    Service.body = json.dumps(line("song.wav", ours)).encode()
    heard = await engine_named("service", pool, Places(service_url=service)).listen(song, 1000, start_ms=500)
    headers, size = Service.got or ({}, 0)
    assert size == Path(os.fsdecode(song)).stat().st_size
    assert headers["X-Start-Ms"] == "500"
    assert heard.engine == "service"
    assert heard.key is not None
    assert ours.key is not None
    assert (heard.key.tonic, heard.key.mode) == (ours.key.tonic, ours.key.mode)
    assert heard.tempo is not None
    assert ours.tempo is not None
    assert heard.tempo.beats_ms == ours.tempo.beats_ms


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, b"", "status 500"),
        (302, b"", "status 302"),
        (200, b"<html>", "Expecting value"),
        (200, b"[]", "no object"),
        (200, b'{"bpm": "fast"}', "could not convert"),
        (200, b'{"beats_ms": 3, "bpm": 120}', "not iterable"),
        (200, b'{"error": {"code": "x", "message": "too noisy"}}', "too noisy"),
    ],
)
async def test_an_answer_that_is_none_is_told(
    pool: ProcessPool, song: bytes, service: str, status: int, body: bytes, words: str
) -> None:
    Service.status, Service.body = status, body
    with pytest.raises(EngineFailed) as raised:
        await engine_named("service", pool, Places(service_url=service)).listen(song, 1000)
    assert words in raised.value.params["reason"]


async def test_a_service_that_is_away_is_told(pool: ProcessPool, song: bytes) -> None:
    with pytest.raises(EngineFailed):
        await engine_named("service", pool, Places(service_url="http://127.0.0.1:9/")).listen(song, 1000)


async def test_a_line_is_read_back_as_what_it_says(pool: ProcessPool, song: bytes) -> None:
    heard = await engine_named("ours", pool).listen(song, 1000)
    told = json.loads(json.dumps(line("a", heard)))
    again = line("a", heard_of(told, engine=heard.engine))
    assert again == {**told, "key_segments": again["key_segments"]}


async def test_two_children_listen_at_once(tmp_path: Path) -> None:
    paths = [os.fsencode(wav(tmp_path / f"{number}.wav", tone(1))) for number in range(4)]
    async with ProcessPool(2, warm, **POOL) as children:
        engine = engine_named("ours", children)
        heard = await asyncio.gather(*(engine.listen(path, 1000) for path in paths))
    assert [one.duration_ms for one in heard] == [1000] * 4
