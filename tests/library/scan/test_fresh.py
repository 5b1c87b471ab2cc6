"""Albums that are new in all their parts take a short way into the tables; it must leave what the ordinary way leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from segue.core.clock import utc_now
from segue.core.db import Base, Database
from segue.library.models import Album, Library
from segue.library.scan import reading
from segue.library.scan.pipeline import Scan
from segue.library.scan.write.fresh import FreshAlbums, Made
from tests.library.media import jpeg
from tests.library.scan import hostile
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences, portrait

pytestmark = pytest.mark.anyio
RELEASE = "6f3ac2fd-8c8c-4ee6-8a2e-1a0d5b1cde01"
ARTIST = "5b11f4ce-a62d-471e-81fc-a69a8278c7da"


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found


def collection(home: House) -> None:
    """Music of every kind that the short way takes, and some that it must leave to the ordinary one."""
    song = home.song
    for disc in (1, 2):
        for number in (2, 1, 10):
            song(
                f"Band/Set/CD{disc}/{number:02}.flac", title=f"Part {number}", artist="The Band", album="Set",
                albumartist="The Band", tracknumber=str(number), genre=["Rock", "Folk", "rock"], date="1977-05",
                label=["Small Label", "Other"], catalognumber=["SL 1", "O 2"], composer=["A. Writer", "B. Writer"],
                isrc=f"GBAYE69{disc}00{number:02}", barcode="0077774644129", discnumber=str(disc),
            )  # fmt: skip
    (home.music / "Band" / "Set" / "cover.jpg").write_bytes(jpeg(60, 60))
    for number, who in enumerate(("One", "Two", "Three"), 1):
        song(
            f"Various/{number}.mp3",
            title=f"T{number}",
            artist=who,
            album="Hits",
            tracknumber=str(number),
            compilation="1",
        )
    song("Duo/a.flac", title="A", artist="X & Y", artists=["X", "Y"], album="Duets", cover=jpeg(50, 40))
    song("Duo/b.flac", title="B", artist="X", album="Duets", musicbrainz_artistid=ARTIST, cover=jpeg(50, 40))
    song("Duo/c.flac", title="C", artist="Q", album="Another", lyrics="La la", comment="said")
    for place in ("Here", "There"):
        song(f"{place}/1.flac", title=place, artist="Z", album="One Release", musicbrainz_albumid=RELEASE)
    song("bare.flac")
    song("Untagged/01 - Name.flac")
    (home.music / "Broken").mkdir()
    (home.music / "Broken" / "broken.flac").write_bytes(b"fLaC" + bytes(20))
    (home.music / "Broken" / "empty.mp3").write_bytes(b"")
    song("Broken/fine.flac", title="Fine", artist="F", album="B")
    (home.music / "Nothing" / "Inside").mkdir(parents=True)
    song("Words/song.flac", title="Song", artist="W", album="W")
    (home.music / "Words" / "song.lrc").write_text("[00:01.00]Hello\n")


async def empty(home: House) -> None:
    """All tables as they were before the first scan."""
    async with home.db.write() as tx:
        await tx.conn.run_sync(Base.metadata.drop_all)
        await tx.conn.run_sync(Base.metadata.create_all)
    async with home.db.write() as tx:
        row = {"name": "Music", "root": bytes(home.music), "display_root": str(home.music), "created_at": utc_now()}
        home.library_id = (await tx.execute(insert(Library).values(row).returning(Library.id))).scalar_one()


async def test_the_short_way_leaves_the_rows_that_the_ordinary_way_leaves(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection(home)
    short: list[int] = []
    write = FreshAlbums.write

    async def counted(self: FreshAlbums, tx: object, units: list[object], written: object) -> Made:
        short.append(len(units))
        return await write(self, tx, units, written)  # type: ignore[arg-type]

    monkeypatch.setattr(FreshAlbums, "write", counted)
    assert (await home.scan()).state == "done"
    assert sum(short) >= 8
    assert await differences(home.db) == []
    found = await portrait(home.db)
    await empty(home)
    monkeypatch.setattr(Scan, "by_readers", False)
    taken = sum(short)
    assert (await home.scan()).state == "done"
    assert sum(short) == taken
    assert await differences(home.db) == []
    assert await portrait(home.db) == found


async def test_a_second_full_scan_has_nothing_to_add_to_what_the_short_way_wrote(home: House) -> None:
    collection(home)
    await home.scan()
    found, head = await portrait(home.db), await home.head()
    result = await home.scan(full=True)
    assert result.files_read == result.files
    assert await portrait(home.db) == found
    async with home.db.read() as conn:
        from segue.core.changes import Change

        kinds = (await conn.execute(select(Change.kind).where(Change.cursor > head))).scalars().all()
    assert set(kinds) <= {"library"}


async def test_a_new_folder_joins_the_release_that_is_there(home: House) -> None:
    home.song("Here/1.flac", title="Here", artist="Z", album="One Release", musicbrainz_albumid=RELEASE)
    await home.scan()
    home.song("There/2.flac", title="There", artist="Z", album="One Release", musicbrainz_albumid=RELEASE)
    await home.scan()
    (album,) = await home.rows(Album)
    assert album.track_count == 2
    assert await differences(home.db) == []


async def test_a_file_that_kills_its_reader_costs_no_other_file_of_its_album(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("1-fine", "2-die", "3-fine"):
        home.song(f"A/{name}.flac", title=name, artist="A", album="X")
    home.song("B/other.flac", title="Other", artist="B", album="Y")
    monkeypatch.setattr(reading, "read", hostile.read)
    assert (await home.scan()).state == "done"
    problems = {row.display_path: row.problem_code for row in await home.files()}
    assert problems == {
        "A/1-fine.flac": None, "A/2-die.flac": "worker_died", "A/3-fine.flac": None, "B/other.flac": None,
    }  # fmt: skip
    assert sorted(album.track_count for album in await home.albums()) == [1, 2]
    assert await differences(home.db) == []
