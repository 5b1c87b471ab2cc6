"""Chapters: read from every format that has them, and shown with a beginning and an end."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path

import av
import pytest
from mutagen import id3
from mutagen.mp3 import MP3

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.library.chapters import with_ends
from segue.library.scan.facts import Chapter
from segue.library.scan.read import read_file
from segue.library.service import LibraryService
from tests.library.scan.ground import House, house

pytestmark = pytest.mark.anyio


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found


def audiobook() -> bytes:
    """An MP4 with a track of chapter titles and Nero's list, as encoders write them."""
    out = io.BytesIO()
    with av.open(out, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=44100, layout="mono")
        starts = [(0, 1000, "Opening"), (1000, 2500, "Größe")]
        container.set_chapters(
            [
                {"id": at, "start": start, "end": end, "time_base": Fraction(1, 1000), "metadata": {"title": title}}
                for at, (start, end, title) in enumerate(starts)
            ]
        )
        for at in range(0, 110_250, 1024):
            frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            frame.rate, frame.pts = 44100, at
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def test_a_track_of_texts_in_an_mp4_is_its_chapters(tmp_path: Path) -> None:
    data = audiobook()
    (tmp_path / "nero.m4b").write_bytes(data)
    (tmp_path / "text.m4b").write_bytes(data.replace(b"chpl", b"free"))
    assert [chapter.title for chapter in read_file(bytes(tmp_path), b"nero.m4b").chapters] == ["Opening", "Größe"]
    assert read_file(bytes(tmp_path), b"text.m4b").chapters == (
        Chapter(0, 1000, "Opening"), Chapter(1000, 2500, "Größe"),
    )  # fmt: skip


def test_a_track_of_texts_that_is_damaged_harms_nothing(tmp_path: Path) -> None:
    data = audiobook().replace(b"chpl", b"free")
    for name in (b"stts", b"stsz", b"stsc", b"stco", b"text"):
        at = data.rfind(name)
        (tmp_path / "x.m4b").write_bytes(data[: at + 4] + b"\xff" * 16 + data[at + 20 :])
        assert read_file(bytes(tmp_path), b"x.m4b").duration_ms > 0


def test_a_chapter_without_an_end_lasts_until_the_next_or_until_the_end() -> None:
    assert with_ends((Chapter(5, None, "b"), Chapter(0, None, "a")), 9) == [Chapter(0, 5, "a"), Chapter(5, 9, "b")]


async def test_chapters_of_a_track_are_shown(home: House) -> None:
    path = home.song("Book/book.mp3", title="Book", seconds=3)
    audio = MP3(path)
    audio.tags.add(
        id3.CHAP(
            element_id="1", start_time=0, end_time=1500, start_offset=0xFFFFFFFF, end_offset=0xFFFFFFFF,
            sub_frames=[id3.TIT2(encoding=3, text=["One"])],
        )
    )  # fmt: skip
    audio.save()
    await home.scan()
    assert await LibraryService(home.db).chapters(1, SYSTEM) == [Chapter(0, 1500, "One")]


async def test_the_tracks_of_a_sheet_are_chapters_of_a_file_that_is_not_lossless(home: House) -> None:
    path = home.song("Mix/mix.mp3", title="The Mix", seconds=3)
    (path.parent / "mix.cue").write_text(
        'FILE "mix.mp3" MP3\n TRACK 01 AUDIO\n  TITLE "One"\n  INDEX 01 00:00:00\n'
        ' TRACK 02 AUDIO\n  TITLE "Two"\n  INDEX 01 00:01:00\n'
    )
    await home.scan()
    (track,) = await home.tracks()
    chapters = await LibraryService(home.db).chapters(track.id, SYSTEM)
    assert (track.title, chapters[0]) == ("The Mix", Chapter(0, 1000, "One"))
    assert (chapters[1].title, chapters[1].end_ms) == ("Two", track.duration_ms)
