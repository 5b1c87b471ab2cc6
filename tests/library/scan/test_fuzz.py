"""Scans of nonsense, and of folders that change at random: whatever is there, counts are right and a second scan is quiet.

The seed is fixed; SEGUE_TEST_SEED replays another, and SEGUE_TEST_LONG=1 goes on twenty times as long.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bench.tiny_files import flac_file, mp3_file
from segue.core.changes import Change
from segue.core.db import Database
from tests.library.media import bare
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences, portrait

LONG = 20 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
SEED = int(os.environ.get("SEGUE_TEST_SEED", "1977"))
pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900 * LONG)]
FIELDS = (
    "TITLE", "ARTIST", "ALBUM", "ALBUMARTIST", "TRACKNUMBER", "DISCNUMBER", "DATE", "ORIGINALDATE", "GENRE", "COMPOSER",
    "LABEL", "CATALOGNUMBER", "BARCODE", "ISRC", "BPM", "COMMENT", "MUSICBRAINZ_ALBUMID", "MUSICBRAINZ_TRACKID",
    "MUSICBRAINZ_ARTISTID", "COMPILATION", "RELEASETYPE", "REPLAYGAIN_TRACK_GAIN", "LYRICS", "TITLESORT", "ARTISTSORT",
)  # fmt: skip


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found


def garbage(chance: random.Random) -> str:
    """Something that a tag may say."""
    kinds = (
        lambda: "".join(
            chr(chance.choice((chance.randrange(1, 0xD800), chance.randrange(0x20, 0x7F)))) for _ in range(12)
        ),
        lambda: "\x00".join(chance.choice(("a", "", "Ω", " ")) for _ in range(4)),
        lambda: chance.choice(("0", "-1", "99999999999999999999", "1/0", "3/2/1", "1e400", "NaN", "٣", "²", "1,5")),
        lambda: chance.choice(("2023-16-45", "0000", "1977-05", "77", "next year", "1977-02-30T25:61", "9999999")),
        lambda: chance.choice(("; / feat. & ,", "AC/DC", "!!!", "\u202e\u200b\ufeff", "e\u0301" * 5, "İıŞß", "東京")),
        lambda: " " * chance.randrange(5) + "x" * chance.choice((1, 300, 9_000)),
        lambda: "\udce9\udcff broken",
        lambda: "%" * 3 + "'\"\\);--{}",
        lambda: "6f3ac2fd-8c8c-4ee6-8a2e-1a0d5b1cde0" + chance.choice("12"),
    )
    return chance.choice(kinds)()


async def test_garbage_in_every_field_scans_once_and_for_all(home: House) -> None:
    chance = random.Random(SEED)
    sound = bare("flac", 0.1, 1)
    count = 500 * LONG
    for number in range(count):
        folder = home.music / f"f{number % 60}"
        folder.mkdir(exist_ok=True)
        tags = {name: garbage(chance) for name in FIELDS if chance.random() < 0.8}
        (folder / f"{number}.flac").write_bytes(flac_file(sound, tags, None, number))
    result = await home.scan()
    assert (result.files_read, result.state) == (count, "done")
    assert (await home.library()).track_count == count
    assert await differences(home.db) == []
    before, head = await portrait(home.db), await home.head()
    result = await home.scan(full=True)
    assert result.files_read == count
    assert await portrait(home.db) == before
    async with home.db.read() as conn:
        kinds = (await conn.execute(select(Change.kind).where(Change.cursor > head))).scalars().all()
    assert set(kinds) <= {"library"}


async def test_counts_equal_a_recount_whatever_happens_to_the_files(home: House) -> None:
    chance = random.Random(SEED)
    flac, mp3 = bare("flac", 0.1, 1), bare("mp3", 0.1, 1)
    next_number = 0
    paths: dict[Path, int] = {}

    def write(path: Path, number: int) -> None:
        tags = {
            "TITLE": f"T{number}", "ARTIST": chance.choice(("Anna", "Berta", "Cilla", "Anna; Berta")),
            "ALBUM": chance.choice(("One", "Two", "Three", "")), "GENRE": chance.choice(("Rock", "Jazz", "Folk")),
            "ALBUMARTIST": chance.choice(("", "Anna", "Berta")), "LABEL": chance.choice(("", "L1", "L2")),
            "COMPOSER": chance.choice(("", "Anna", "Dora")), "DISCNUMBER": chance.choice(("1", "2", "")),
        }  # fmt: skip
        tags = {name: value for name, value in tags.items() if value}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((flac_file if path.suffix == ".flac" else mp3_file)(
            flac if path.suffix == ".flac" else mp3, tags, None, number
        ))  # fmt: skip
        paths[path] = number

    def place() -> Path:
        return home.music / chance.choice(("A", "B", "B/CD1", "B/CD2", "C/deep/er")) / f"{chance.randrange(60)}"

    for _ in range(8 * LONG):
        for _ in range(chance.randrange(1, 12)):
            act = chance.choice(("add", "add", "add", "retag", "move", "remove", "break"))
            if act == "add" or not paths:
                next_number += 1
                write(place().with_suffix(chance.choice((".flac", ".mp3"))), next_number)
                continue
            path = chance.choice(sorted(paths))
            if act == "retag":
                write(path, paths[path])
            elif act == "break":
                path.write_bytes(b"broken" * chance.randrange(5, 50))
            else:
                number = paths.pop(path)
                path.unlink()
                if act == "move":
                    write(place().with_suffix(path.suffix), number)
        result = await home.scan(accept_missing=True, full=chance.random() < 0.2)
        assert result.state == "done"
        assert await differences(home.db) == []
        assert (await home.library()).file_count == len(paths)
        before = await portrait(home.db)
        await home.scan(full=True)
        assert await portrait(home.db) == before
