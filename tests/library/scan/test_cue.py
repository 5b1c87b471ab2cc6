"""CUE sheets: one large file of a whole disc is its tracks, wherever the sheet lies and whoever wrote it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from segue.core.db import Database
from segue.library.models import Track
from segue.library.scan.again import write_again
from segue.library.scan.cue.sheet import read_sheet
from segue.library.scan.cue.slices import Cue, cut
from segue.library.scan.problems import Problem, sentence
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio

SHEET = """REM GENRE "Space Rock"
REM DATE 1977
CATALOG 0077774601023
PERFORMER "The Band"
TITLE "Long Disc"
FILE "disc.flac" WAVE
  TRACK 01 AUDIO
    TITLE "One"
    ISRC GBAYE7700001
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Two"
    PERFORMER "The Guest"
    INDEX 00 00:00:70
    INDEX 01 00:01:00
  TRACK 03 AUDIO
    TITLE "Three"
    INDEX 01 00:02:37
"""


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found
        assert await differences(db) == []


async def shown(home: House) -> list[tuple[Any, ...]]:
    """The present tracks: title, artist, position, start, end, length."""
    statement = select(
        Track.title, Track.artist_display, Track.position, Track.start_ms, Track.end_ms, Track.duration_ms
    ).where(Track.missing_since.is_(None))
    async with home.db.read() as conn:
        rows = (await conn.execute(statement)).all()
    return sorted((tuple(row) for row in rows), key=lambda row: (row[3] or 0, row[0]))


async def ids(home: House) -> dict[str, int]:
    """The present tracks by title."""
    return {row.title: row.id for row in await home.tracks() if row.missing_since is None}


def test_times_are_minutes_seconds_and_frames_of_a_75th() -> None:
    sheet = read_sheet(SHEET)
    assert [track.start_ms for track in sheet.files[0].tracks] == [0, 1000, 2493]
    assert (sheet.title, sheet.performer, sheet.remarks["DATE"], sheet.catalog) == (
        "Long Disc", "The Band", "1977", "0077774601023",
    )  # fmt: skip


def test_a_track_lies_in_the_file_of_its_first_index_where_its_gap_lies_in_the_one_before() -> None:
    sheet = read_sheet(
        'FILE "a.wav" WAVE\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\n TRACK 02 AUDIO\n  INDEX 00 00:03:00\n'
        'FILE "b.wav" WAVE\n  INDEX 01 00:00:00\n'
    )
    assert [[track.number for track in file.tracks] for file in sheet.files] == [[1], [2]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\0\0",
        "TRACK 01 AUDIO\nINDEX 01 00:00:00",
        "FILE\nTRACK\nINDEX\nREM\nTITLE",
        'FILE "x" WAVE\nTRACK 1 AUDIO\n' * 5000,
    ],
)
def test_what_is_no_sheet_gives_no_tracks(text: str) -> None:
    assert not any(file.tracks for file in read_sheet(text).files)


def test_a_sheet_that_goes_beyond_the_music_divides_nothing() -> None:
    assert cut(Cue("x.cue", SHEET, 0), 2_400).refused
    assert len(cut(Cue("x.cue", SHEET, 0), 2_600).slices) == 3


@pytest.mark.parametrize("fmt", ["flac", "wav", "ape", "wavpack"])
async def test_a_single_file_with_a_sheet_beside_it_is_its_tracks(home: House, fmt: str) -> None:
    path = home.song(f"Disc/disc.{'wv' if fmt == 'wavpack' else fmt}", fmt, seconds=3.5)
    (path.parent / "disc.cue").write_text(SHEET)
    await home.scan()
    (file,) = await home.files()
    length = file.duration_ms
    assert await shown(home) == [
        ("One", "The Band", 1, 0, 1000, 1000),
        ("Two", "The Guest", 2, 1000, 2493, 1493),
        ("Three", "The Band", 3, 2493, None, length - 2493),
    ]
    (album,) = await home.albums()
    assert (album.title, album.artist_display, album.year, album.track_count, album.barcode) == (
        "Long Disc", "The Band", 1977, 3, "0077774601023",
    )  # fmt: skip
    assert album.duration_ms == length
    assert album.size_bytes == path.stat().st_size


async def test_a_sheet_inside_the_file_divides_it_and_one_beside_comes_first(home: House) -> None:
    path = home.song("Disc/disc.flac", seconds=3.5, album="Tagged", date="1978")
    from mutagen.flac import FLAC

    audio = FLAC(path)
    audio["cuesheet"] = SHEET
    audio.save()
    await home.scan()
    assert [row[0] for row in await shown(home)] == ["One", "Two", "Three"]
    (album,) = await home.albums()
    assert (album.title, album.year) == ("Tagged", 1978), "the file's own tags say what the album is called"
    before = await ids(home)
    (path.parent / "other name.cue").write_text(SHEET.replace('"Two"', '"Zwei"'))
    await home.scan()
    assert [row[0] for row in await shown(home)] == ["One", "Zwei", "Three"]
    assert (await ids(home))["Zwei"] == before["Two"]


async def test_an_unchanged_disc_is_written_once(home: House) -> None:
    path = home.song("Disc/disc.flac", seconds=3.5)
    (path.parent / "disc.cue").write_text(SHEET)
    await home.scan()
    head = await home.head()
    assert (await home.scan()).files_read == 0
    await home.scan(full=True)
    async with home.db.read() as conn:
        from segue.core.changes import Change

        rows = (await conn.execute(select(Change.kind).where(Change.cursor > head))).scalars().all()
    assert not {"track", "album"} & set(rows)


async def test_slices_keep_their_ids_when_the_disc_moves(home: House) -> None:
    path = home.song("Disc/disc.flac", seconds=3.5)
    (path.parent / "disc.cue").write_text(SHEET)
    await home.scan()
    before = await ids(home)
    path.parent.rename(home.music / "Moved")
    await home.scan()
    assert await ids(home) == before
    assert len(await home.tracks()) == 3


async def test_a_disc_that_comes_back_is_whole(home: House) -> None:
    path = home.song("Disc/disc.flac", seconds=3.5)
    home.song("Else/a.flac", title="A")
    (path.parent / "disc.cue").write_text(SHEET)
    await home.scan()
    before = await ids(home)
    path.parent.rename(home.music.parent / "away")
    await home.scan(accept_missing=True)
    assert list(await ids(home)) == ["A"]
    assert await differences(home.db) == []
    (home.music.parent / "away").rename(path.parent)
    await home.scan()
    assert await ids(home) == before


async def test_an_edited_sheet_keeps_the_tracks_it_still_has(home: House) -> None:
    path = home.song("Disc/disc.flac", seconds=3.5)
    sheet = path.parent / "disc.cue"
    sheet.write_text(SHEET)
    await home.scan()
    before = await ids(home)
    sheet.write_text(SHEET.replace('"One"', '"First"').replace("INDEX 01 00:01:00", "INDEX 01 00:01:10"))
    await home.scan()
    after = await ids(home)
    assert after == {"First": before["One"], "Two": before["Two"], "Three": before["Three"]}
    sheet.write_text(SHEET.partition("  TRACK 03")[0])
    await home.scan()
    assert await ids(home) == {"One": before["One"], "Two": before["Two"]}
    assert await differences(home.db) == []
    sheet.write_text(SHEET)
    await home.scan()
    assert await ids(home) == before


async def test_a_removed_sheet_leaves_one_track_and_its_return_brings_back_the_others(home: House) -> None:
    path = home.song("Disc/disc.flac", seconds=3.5, title="All of it")
    sheet = path.parent / "disc.cue"
    sheet.write_text(SHEET)
    await home.scan()
    before = await ids(home)
    sheet.unlink()
    await home.scan()
    whole = await ids(home)
    assert list(whole) == ["All of it"]
    assert await differences(home.db) == []
    sheet.write_text(SHEET)
    await home.scan()
    assert await ids(home) == before
    sheet.unlink()
    await home.scan()
    assert await ids(home) == whole


async def test_a_sheet_over_files_of_their_own_only_fills_what_their_tags_do_not_say(home: House) -> None:
    home.song("Disc/01.flac", title="Kept")
    home.song("Disc/02.flac")
    (home.music / "Disc/all.cue").write_text(
        'PERFORMER "The Band"\nTITLE "Disc"\nFILE "01.wav" WAVE\n TRACK 01 AUDIO\n  TITLE "Not this"\n'
        '  INDEX 01 00:00:00\nFILE "02.wav" WAVE\n TRACK 02 AUDIO\n  TITLE "From the sheet"\n  INDEX 01 00:00:00\n'
    )
    await home.scan()
    found = await shown(home)
    assert sorted((row[0], row[1], row[2], row[3]) for row in found) == [
        ("From the sheet", "The Band", 2, None), ("Kept", "The Band", 1, None),
    ]  # fmt: skip
    (album,) = await home.albums()
    assert album.title == "Disc"


async def test_a_sheet_may_call_the_file_otherwise_and_be_in_another_encoding(home: House) -> None:
    path = home.song("Disc/music.flac", seconds=3.5)
    text = SHEET.replace("disc.flac", "C:\\Rips\\whatever.wav").replace('"Two"', '"Zwölf"')
    (path.parent / "sheet.cue").write_bytes(text.encode("cp1252"))
    await home.scan()
    assert [row[0] for row in await shown(home)] == ["One", "Zwölf", "Three"]
    (file,) = await home.files()
    said = {code: sentence(Problem(code, params)) for code, params in file.doubts}
    assert said["encoding_guessed"] == "sheet.cue does not say how it is encoded; it was read as cp1252."
    assert "cue_other_name" in said


async def test_music_before_the_first_track_is_told(home: House) -> None:
    path = home.song("Disc/disc.flac", seconds=8)
    text = SHEET.replace("00:02:37", "00:07:00").replace("INDEX 01 00:01:00", "INDEX 01 00:06:00")
    (path.parent / "disc.cue").write_text(text.replace("INDEX 01 00:00:00", "INDEX 00 00:00:00\n    INDEX 01 00:05:00"))
    await home.scan()
    (file,) = await home.files()
    assert ["cue_hidden", {"seconds": 5}] in file.doubts


async def test_a_sheet_that_does_not_fit_leaves_the_file_whole_and_says_so(home: House) -> None:
    path = home.song("Disc/disc.flac", seconds=1)
    (path.parent / "disc.cue").write_text(SHEET)
    await home.scan()
    assert len(await shown(home)) == 1
    (file,) = await home.files()
    assert [code for code, _ in file.doubts] == ["cue_does_not_fit"]


async def test_tracks_of_a_sheet_written_again_stay_what_they_are(home: House) -> None:
    path = home.song("Disc/disc.flac", seconds=3.5)
    (path.parent / "disc.cue").write_text(SHEET)
    await home.scan()
    before, known = await shown(home), await ids(home)
    (file,) = await home.files()
    async with home.db.write() as tx:
        await write_again(tx, [file.id])
    assert (await shown(home), await ids(home)) == (before, known)
    async with home.db.write() as tx:
        await write_again(tx, [file.id], regroup=True)
    assert (await shown(home), await ids(home)) == (before, known)
