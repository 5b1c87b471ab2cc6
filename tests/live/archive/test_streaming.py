"""A track that is not on this server is played from the archive: the right file, the right bytes, and nothing left open."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from sqlalchemy import update

from segue.core.access import Actor
from segue.core.db import Database
from segue.emulator import Emulator
from segue.emulator.archive import Archive
from segue.live.archive import item_of_metadata
from segue.live.archive.repository import TrackFile, TrackPlace
from segue.live.archive.streaming import KeepHeard, NoSuchTrack, Span, best_file, span_of
from segue.live.models import LiveRecording
from tests.live.archive.faces import faces, kept_item
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio
NAME = "x1999-12-31.1.sbd.flac16"
FLAC = b"fLaC" + bytes(range(256)) * 2000
MP3 = b"ID3\x03" + bytes(range(255, -1, -1)) * 400


async def a_track(db: Database, archive: Archive, *, private: tuple[str, ...] = (), **files: bytes) -> str:
    """The id of a track whose files are `t1.<ending>`."""
    named = {f"t1.{ending}": data for ending, data in (files or {"flac": FLAC, "mp3": MP3}).items()}
    held = archive.add(NAME, named, private=private)
    ids = await kept_item(db, item_of_metadata(held.document()))
    return f"/api/v1/live/tracks/lt-{ids[1]}/stream"


async def test_the_file_that_plays_everywhere_is_passed_on_and_a_lossless_one_where_it_is_wanted(
    db: Database, archive: Archive, url: str
) -> None:
    path = await a_track(db, archive)
    async with faces(db, url) as house:
        small = await house.person.get(path)
        large = await house.person.get(path, params={"prefer": "lossless"})
        head = await house.person.head(path)
    assert (small.status_code, small.content, small.headers["content-type"]) == (200, MP3, "audio/mpeg")
    assert (large.status_code, large.content, large.headers["content-type"]) == (200, FLAC, "audio/flac")
    assert small.headers["x-segue-from"] == "archive" and small.headers["accept-ranges"] == "bytes"
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(MP3)), b"")


@pytest.mark.parametrize(
    ("asked", "expected", "told"),
    [
        ("bytes=1000-", MP3[1000:], f"bytes 1000-{len(MP3) - 1}/{len(MP3)}"),
        ("bytes=0-", MP3, None),
        ("bytes=10-19", MP3[10:20], f"bytes 10-19/{len(MP3)}"),
        ("bytes=-100", MP3[-100:], f"bytes {len(MP3) - 100}-{len(MP3) - 1}/{len(MP3)}"),
    ],
)
async def test_a_listener_who_jumps_gets_what_is_there(
    db: Database, archive: Archive, url: str, asked: str, expected: bytes, told: str | None
) -> None:
    path = await a_track(db, archive)
    async with faces(db, url) as house:
        answer = await house.person.get(path, headers={"Range": asked})
    assert answer.content == expected
    assert answer.headers["content-length"] == str(len(expected))
    assert (answer.status_code, answer.headers.get("content-range")) == ((206, told) if told else (200, None))


async def test_beyond_the_end_is_416_and_another_version_is_the_whole(db: Database, archive: Archive, url: str) -> None:
    path = await a_track(db, archive)
    async with faces(db, url) as house:
        beyond = await house.person.get(path, headers={"Range": f"bytes={len(MP3)}-"})
        whole = await house.person.get(path, headers={"Range": "bytes=10-", "If-Range": '"another"'})
        etag = whole.headers["etag"]
        part = await house.person.get(path, headers={"Range": "bytes=10-", "If-Range": etag})
        unchanged = await house.person.get(path, headers={"If-None-Match": etag})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(MP3)}")
    assert (whole.status_code, part.status_code, unchanged.status_code) == (200, 206, 304)


async def test_an_archive_that_ignores_ranges_is_not_taken_for_one_that_keeps_them(
    db: Database, emulator: Emulator, url: str
) -> None:
    path = await a_track(db, emulator.archive)
    emulator.world.faults.add("ignore_range", service="archive", route="file")
    async with faces(db, url) as house:
        answer = await house.person.get(path, headers={"Range": "bytes=1000-"})
    assert (answer.status_code, answer.content) == (200, MP3) and "content-range" not in answer.headers


async def test_what_ends_too_early_breaks_off_for_the_listener_too(db: Database, emulator: Emulator, url: str) -> None:
    path = await a_track(db, emulator.archive)
    emulator.world.faults.add("cut", service="archive", route="file", bytes=70_000)
    async with faces(db, url) as house:
        with pytest.raises(httpx2.HTTPError):
            await house.person.get(path)


async def test_when_the_listener_leaves_the_archive_is_let_go(db: Database, emulator: Emulator, url: str) -> None:
    path = await a_track(db, emulator.archive, mp3=b"ID3" + bytes(40_000_000))
    emulator.world.faults.add("drip", service="archive", route="file", bytes=65_536, delay_s=0.05)
    async with faces(db, url) as house:
        async with house.person.stream("GET", path) as answer:
            async for _ in answer.aiter_bytes():
                break
        async with asyncio.timeout(PATIENCE_S):
            while emulator.archive.open_now:
                await asyncio.sleep(0.01)
    assert emulator.archive.left == 1


async def test_what_may_only_be_streamed_is_streamed_in_the_form_that_is_given_out(
    db: Database, archive: Archive, url: str
) -> None:
    path = await a_track(db, archive, private=("t1.flac",))
    async with faces(db, url) as house:
        answer = await house.person.get(path, params={"prefer": "lossless"})
    assert (answer.status_code, answer.content) == (200, MP3)


async def test_a_track_without_a_file_to_play_says_why(db: Database, archive: Archive, url: str) -> None:
    path = await a_track(db, archive, shn=b"ajkg", flac=FLAC, private=("t1.flac",))
    async with faces(db, url) as house:
        closed = await house.person.get(path)
        async with db.write() as tx:
            await tx.execute(update(LiveRecording).values(status="gone"))
        gone = await house.person.get(path)
        nothing = await house.person.get("/api/v1/live/tracks/lt-999/stream")
        other = await house.person.get("/api/v1/live/tracks/tr-1/stream")
    assert (closed.status_code, closed.json()["code"]) == (404, "not_playable") and "to itself" in closed.json()[
        "detail"
    ]
    assert (gone.status_code, nothing.status_code, other.status_code) == (404, 404, 422)


async def test_an_archive_that_is_away_is_said_to_be_and_not_the_track(
    db: Database, emulator: Emulator, url: str
) -> None:
    path = await a_track(db, emulator.archive)
    emulator.world.faults.add("status", status=503, retry_after_s=300, service="archive", route="file", times=1)
    async with faces(db, url) as house:
        answer = await house.person.get(path)
    assert (answer.status_code, answer.json()["code"]) == (503, "outside_throttled") and answer.headers["retry-after"]


async def test_a_track_that_is_here_is_played_from_here(db: Database, emulator: Emulator, url: str) -> None:
    path = await a_track(db, emulator.archive)
    async with faces(db, url) as house:
        house.here[int(path.split("-")[1].split("/")[0])] = b"fLaC our own"
        answer = await house.person.get(path)
    assert (answer.content, answer.headers["x-segue-from"]) == (b"fLaC our own", "library")
    assert not emulator.world.calls.of("archive", "file")


async def test_nobody_listens_without_signing_in(db: Database, archive: Archive, url: str) -> None:
    path = await a_track(db, archive)
    async with faces(db, url) as house:
        assert (await house.nobody.get(path)).status_code == 401


async def test_only_what_was_passed_on_whole_is_told_to_those_who_might_keep_it(
    db: Database, archive: Archive, url: str
) -> None:
    path = await a_track(db, archive)
    told: list[str] = []

    async def note(actor: object, place: object, file: TrackFile) -> None:
        told.append(file.name)

    async with faces(db, url) as house:
        house.tracks.heard_whole.append(note)
        await house.person.get(path, headers={"Range": "bytes=1000-"})
        assert told == []
        await house.person.get(path)
    assert told == ["t1.mp3"]


def test_a_range_that_makes_no_sense_is_the_whole() -> None:
    for header in (None, "", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "items=1-2", "bytes=1-2,4-5"):
        assert span_of(header, 100) is None
    assert span_of("bytes=0-", 100) == Span(0, None) and span_of("bytes=-500", 100) == Span(0, None)
    assert span_of("bytes=-5", None) is None


def test_of_several_files_the_preferred_kind_and_then_the_safest_is_played() -> None:
    files = [TrackFile(f"t1.{ending}", "", 1, "", False) for ending in ("shn", "ogg", "flac", "mp3")]
    assert best_file(files, "lossy") == files[3] and best_file(files, "lossless") == files[2]
    assert best_file(files[:1], "lossy") is None and best_file(files[:2], "lossless") == files[1]


async def test_what_was_heard_whole_is_kept_only_where_the_settings_want_it_and_it_may_be() -> None:
    asked: list[tuple[int, str]] = []
    wanted = True

    async def download(actor: Actor, recording: int, name: str) -> None:
        asked.append((recording, name))
        if name == "refused.mp3":
            raise NoSuchTrack("lt-1")

    keep = KeepHeard(lambda: wanted, download)

    async def heard(name: str, *, stream_only: bool = False) -> None:
        place = TrackPlace(1, "Title", 7, "archive", NAME, stream_only, "there", None, ())
        await keep.heard_whole(Actor(1, "anna"), place, TrackFile(name, "VBR MP3", 1, "", False))

    await heard("t1.mp3")
    await heard("t2.mp3", stream_only=True)
    await heard("refused.mp3")
    wanted = False
    await heard("t3.mp3")
    assert asked == [(7, "t1.mp3"), (7, "refused.mp3")]
