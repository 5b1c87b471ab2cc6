"""Parts of a file as files of their own: to the sample in WAV, at frames in FLAC, and meeting each other exactly."""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import av
import httpx2
import pytest
import uvicorn
from fastapi import FastAPI, Request

from segue.core.access import Actor
from segue.core.rest import Services, install_problem_handlers
from segue.library.scan.read import read_file
from segue.streaming.flac_frames import _coded, _crc16, _shifted
from segue.streaming.routes import router
from segue.streaming.service import Playable, StreamingService
from segue.streaming.spliced import Spliced, splice
from tests.library.media import make_audio
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


async def whole(part: Spliced, path: Path) -> bytes:
    return b"".join([data async for data in part.read(bytes(path), 0, part.length)])


def samples(data: bytes) -> bytes:
    """The music of a file, decoded."""
    with av.open(io.BytesIO(data)) as container:
        return b"".join(frame.to_ndarray().tobytes() for frame in container.decode(audio=0))


async def test_a_wav_is_cut_to_the_sample_and_its_parts_make_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    make_audio(path, "wav", seconds=3)
    music = b""
    for start, end in ((0, 1000), (1000, 2333), (2333, None)):
        part = splice(bytes(path), start, end)
        assert part is not None
        data = await whole(part, path)
        assert len(data) == part.length
        with wave.open(io.BytesIO(data)) as one:
            if end is not None:
                assert one.getnframes() == round(end * 44.1) - round(start * 44.1)
            music += one.readframes(one.getnframes())
    with wave.open(str(path)) as all_of_it:
        assert music == all_of_it.readframes(all_of_it.getnframes())


async def test_a_flac_is_cut_at_frames_and_its_parts_make_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    make_audio(path, "flac", seconds=40, tags={"title": "All"})
    music, length = b"", 0
    for start, end in ((0, 7000), (7000, 23_456), (23_456, None)):
        part = splice(bytes(path), start, end)
        assert part is not None
        data = await whole(part, path)
        (tmp_path / "part.flac").write_bytes(data)
        facts = read_file(bytes(tmp_path), b"part.flac")
        assert facts.problem is None
        if end is not None:
            assert abs(facts.duration_ms - (end - start)) < 200
        length += facts.duration_ms
        music += samples(data)
    assert music == samples(path.read_bytes())
    assert abs(length - read_file(bytes(tmp_path), b"x.flac").duration_ms) <= 3


async def test_any_range_of_a_part_is_that_range_of_the_whole_part(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    make_audio(path, "flac", seconds=10)
    part = splice(bytes(path), 3000, 8000)
    assert part is not None
    data = await whole(part, path)
    for start, end in ((0, 1), (5, 400), (41, 60), (1000, 20_000), (part.length - 3, part.length)):
        assert b"".join([piece async for piece in part.read(bytes(path), start, end)]) == data[start:end]


@pytest.mark.parametrize("fmt", ["ape", "wavpack", "mp3", "wma"])
async def test_other_formats_are_not_cut(tmp_path: Path, fmt: str) -> None:
    path = tmp_path / "x"
    make_audio(path, fmt, seconds=2)
    assert splice(bytes(path), 500, 1000) is None


async def test_a_damaged_flac_is_not_cut_but_harms_nobody(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    make_audio(path, "flac", seconds=10)
    data = path.read_bytes()
    for number, broken in enumerate((data[:200], data[:-500], data[:4] + b"\xff" * 500, b"fLaC")):
        bad = tmp_path / f"bad{number}.flac"
        bad.write_bytes(broken)
        assert splice(bytes(bad), 5000, None) is None
    assert splice(bytes(path), 50_000, None) is None
    assert splice(b"/nowhere/at/all.flac", 0, 1) is None


def test_a_checksum_shifted_is_the_checksum_of_what_is_followed_by_zeros() -> None:
    for length in (0, 1, 2, 17, 4096, 100_003):
        assert _shifted(_crc16(b"segue"), length) == _crc16(b"segue" + bytes(length))


def test_numbers_are_coded_like_utf_8() -> None:
    for number in (0, 127, 128, 2047, 2048, 65_535, 65_536, 1_114_111):
        if not 0xD800 <= number <= 0xDFFF:
            assert _coded(number) == chr(number).encode()
    assert len(_coded(2**31)) == 7


class Disc:
    """Plays parts of a WAV (1), an APE (2)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def playable(self, actor: Actor, number: int) -> Playable | None:
        name, kind = ("x.wav", "audio/wav") if number == 1 else ("x.ape", "audio/x-ape")
        return Playable(bytes(self.folder / name), kind, name, 0, 500, 1500)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx2.Client]:
    make_audio(tmp_path / "x.wav", "wav", seconds=2)
    make_audio(tmp_path / "x.ape", "ape", seconds=2)
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router)

    async def authenticate(request: Request) -> Actor | None:
        return Actor(1, "anna", libraries=None)

    app.state.segue = Services(authenticate)
    app.state.segue.add(StreamingService()).register("tr", Disc(tmp_path))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as made:
        yield made
    server.should_exit = True
    thread.join(PATIENCE_S)


def test_a_part_is_streamed_with_ranges_and_says_what_it_is(client: httpx2.Client) -> None:
    all_of_it = client.get("/tracks/tr-1/stream")
    assert (all_of_it.status_code, all_of_it.headers["x-segue-part"]) == (200, "cut; start_ms=500; end_ms=1500")
    with wave.open(io.BytesIO(all_of_it.content)) as one:
        assert one.getnframes() == 44_100
    size = len(all_of_it.content)
    assert all_of_it.headers["content-length"] == str(size)
    for asked, start, end in (("0-0", 0, 1), ("40-99", 40, 100), ("-5", size - 5, size), ("100-", 100, size)):
        answer = client.get("/tracks/tr-1/stream", headers={"Range": f"bytes={asked}"})
        assert (answer.status_code, answer.content) == (206, all_of_it.content[start:end])
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    assert client.get("/tracks/tr-1/stream", headers={"Range": f"bytes={size}-"}).status_code == 416
    etag = all_of_it.headers["etag"]
    assert client.get("/tracks/tr-1/stream", headers={"If-None-Match": etag}).status_code == 304
    head = client.head("/tracks/tr-1/stream")
    assert (head.headers["content-length"], head.content) == (str(size), b"")
    stale = client.get("/tracks/tr-1/stream", headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (stale.status_code, len(stale.content)) == (200, size)
    saved = client.get("/tracks/tr-1/stream", params={"download": True}).headers["content-disposition"]
    assert saved == "attachment; filename*=utf-8''x%2000.00.wav"


def test_a_part_that_cannot_be_cut_comes_whole_and_says_so(client: httpx2.Client, tmp_path: Path) -> None:
    answer = client.get("/tracks/tr-2/stream")
    assert answer.headers["x-segue-part"] == "whole; start_ms=500; end_ms=1500"
    assert answer.content == (tmp_path / "x.ape").read_bytes()
