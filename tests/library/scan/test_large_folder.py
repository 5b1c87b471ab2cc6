"""A folder of very many files: what it costs grows with its files, and every transaction leaves the counts right."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bench.tiny_files import flac_file
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.jobs import JobService, Registry
from segue.library.journal import tasks
from segue.library.journal.service import JournalService
from segue.library.models import Album, Track
from segue.library.scan import again, libraries, pipeline, purge, reading
from segue.library.scan.again import write_all_again
from segue.library.scan.control import Alone
from segue.library.scan.write import large
from tests.library.media import bare
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences, portrait
from tests.library.scan.test_undo import Undoing

pytestmark = pytest.mark.anyio
SMALL, LARGE = 56, 224


class Killed(Exception):
    """The process ends here."""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 16 files, and albums that are large from 40 tracks on, so that a few hundred files are very many."""
    for owner in (pipeline, again):
        monkeypatch.setattr(owner, "FEWEST", 16)
        monkeypatch.setattr(owner, "MOST", 16)
    monkeypatch.setattr(purge, "AT_ONCE", 16)
    monkeypatch.setattr(libraries, "FILES_AT_ONCE", 16)
    monkeypatch.setattr(reading, "MOST_TOGETHER", 16)
    monkeypatch.setattr(large, "LARGE", 40)


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as made:
        yield made


def fill(home: House, count: int, folder: str = "All", start: int = 0, **tags: str) -> None:
    """So many files in one folder; `%d` in their tags is their number."""
    sound = bare("flac", 0.02, 1)
    place = home.music / folder
    place.mkdir(exist_ok=True)
    for number in range(start, start + count):
        said = {name.upper(): value.replace("%d", str(number)) for name, value in tags.items()}
        (place / f"{number:06}.flac").write_bytes(flac_file(sound, said, None, number))


class Work:
    """What the writer has asked of the tables, and how many rows it was answered."""

    def __init__(self) -> None:
        self.statements = 0
        self.rows = 0


class Counted:
    """An answer whose rows are counted as they are taken."""

    def __init__(self, answer: Any, work: Work) -> None:
        self._answer, self._work = answer, work

    def __iter__(self) -> Iterator[Any]:
        for row in self._answer:
            self._work.rows += 1
            yield row

    def all(self) -> Any:
        rows = self._answer.all()
        self._work.rows += len(rows)
        return rows

    def scalars(self) -> Any:
        return Counted(self._answer.scalars(), self._work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answer, name)


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    work, execute = Work(), Transaction.execute

    async def counted(self: Transaction, statement: Any, params: Any = None) -> Any:
        work.statements += 1
        return Counted(await execute(self, statement, params), work)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "execute", counted)
        yield work


async def cost(home: House, monkeypatch: pytest.MonkeyPatch, act: Any) -> Work:
    with counting(monkeypatch) as work:
        await act()
    assert await differences(home.db) == []
    return work


def is_linear(small: Work, large: Work) -> bool:
    """Whether four times as many files cost about four times as much."""
    return large.rows < small.rows * 6 and large.statements < small.statements * 6


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"title": "T%d", "album": "Everything", "albumartist": "Me", "artist": "Me", "genre": "Rock"},
        {"title": "T%d", "album": "Singles", "albumartist": "By %d", "artist": "By %d", "tracknumber": "1"},
    ],
    ids=["untagged", "one artist and genre", "an artist each"],
)
async def test_a_folder_four_times_as_large_costs_four_times_as_much(
    home: House, monkeypatch: pytest.MonkeyPatch, tags: dict[str, str]
) -> None:
    fill(home, SMALL, "Small", **tags)
    small = await cost(home, monkeypatch, home.scan)
    fill(home, LARGE, "Large", start=SMALL, **tags)
    assert is_linear(small, await cost(home, monkeypatch, home.scan))


async def test_so_it_is_when_it_is_retagged_written_again_gone_and_forgotten(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, list[Work]] = {}

    async def note(what: str, act: Any) -> None:
        found.setdefault(what, []).append(await cost(home, monkeypatch, act))

    async def saved(tx: Transaction, after: int) -> None: ...

    for count in (SMALL, LARGE):
        fill(home, count)
        await home.scan()
        fill(home, count, title="T%d", genre="Pop", artist="Somebody", tracknumber="%d")
        await note("retagged", home.scan)
        await note("written again", lambda: write_all_again(home.db, Alone(), save=saved))
        (home.music / "All").rename(home.music.parent / f"away {count}")
        home.song("Other/one.flac", title="One", seed=count)
        await note("gone", lambda: home.scan(accept_missing=True))
        await note("forgotten", lambda: purge.run(home.db, home.library_id, utc_now(), Alone()))
        assert [row.title for row in await home.albums()] == ["Other"]
    assert {what: is_linear(*both) for what, both in found.items()} == dict.fromkeys(found, True)


async def test_every_transaction_leaves_the_counts_right_and_what_is_killed_ends_as_undisturbed(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = pipeline.Scan._write
    written = 0

    async def watched(self: Any, parts: Any) -> None:
        nonlocal written
        await write(self, parts)
        written += 1
        assert await differences(home.db) == []
        if written == 9:
            raise Killed

    fill(home, 200, title="T%d", artist="By %d", genre="Rock")
    sound = bare("flac", 0.02, 1)
    for number in range(200):  # later files come first in the album, and say other things of it
        said = {"ALBUM": f"No {number // 190}", "DISCNUMBER": str(number % 3 + 1), "TRACKNUMBER": str(200 - number)}
        said |= {"ARTIST": f"By {number % 7}", "ALBUMARTIST": "All of Us", "GENRE": "Rock", "LABEL": "L"}
        (home.music / "All" / f"{number:06}.flac").write_bytes(flac_file(sound, said, None, number))
    monkeypatch.setattr(pipeline.Scan, "_write", watched)
    with pytest.raises(Killed):
        await home.scan()
    await home.scan()
    after = await portrait(home.db)
    assert sorted((row.title, row.track_count, row.disc_count) for row in await home.albums()) == [
        ("No 0", 190, 3), ("No 1", 10, 3),
    ]  # fmt: skip
    monkeypatch.setattr(pipeline.Scan, "_write", write)
    async with home.db.write() as tx:
        await tx.execute(update(Album).values(title="wrong"))
        await again.refresh_albums(tx, [row.id for row in await home.albums()], now=utc_now())
    assert (await portrait(home.db))["albums"] == after["albums"]


async def test_a_large_album_whose_tracks_go_elsewhere_and_come_back_is_what_it_was(home: House) -> None:
    tags = {"title": "T%d", "albumartist": "Me", "artist": "By %d", "genre": "G", "tracknumber": "%d"}
    fill(home, 120, **tags, album="One")
    await home.scan()
    before = await portrait(home.db)
    fill(home, 90, **tags, album="Two")
    await home.scan()
    assert await differences(home.db) == []
    assert sorted((row.title, row.track_count) for row in await home.albums()) == [("One", 30), ("Two", 90)]
    fill(home, 120, **tags, album="One")
    await home.scan()
    assert await differences(home.db) == []
    again = await portrait(home.db)
    assert {row["title"]: (row["track_count"], row["people"]) for row in again["albums"].values()} == {
        row["title"]: (row["track_count"], row["people"]) for row in before["albums"].values()
    }


async def test_undoing_a_scan_of_a_large_folder_costs_what_it_changed(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = JobService(home.db, Registry().add(tasks))
    await jobs.declare()
    undo = Undoing(home, JournalService(home.db, jobs), jobs)
    found = []
    for count in (SMALL // 2, LARGE // 2):
        fill(home, count, title="T%d", artist="A")
        await home.scan()
        fill(home, count, title="U%d", artist="By %d", genre="Pop")
        await home.scan()
        found.append(await cost(home, monkeypatch, undo.last))
        assert {row.title[0] for row in await home.tracks()} == {"T"}
        await undo.journals.go_on(home.library_id)
    assert is_linear(*found), [(work.statements, work.rows) for work in found]


async def test_a_library_of_one_large_folder_is_removed(home: House) -> None:
    fill(home, 150, title="T%d", artist="By %d", genre="G")
    await home.scan()
    assert await libraries.remove(home.db, home.library_id, Alone()) == 150
    assert (await home.tracks(), await home.albums(), await home.files()) == ([], [], [])
    assert await differences(home.db) == []


async def test_an_edit_of_one_track_of_a_large_album_shows_at_once(home: House) -> None:
    fill(home, 100, title="T%d", album="One", albumartist="Me", artist="Me", tracknumber="%d")
    await home.scan()
    async with home.db.write() as tx:
        (track,) = (await tx.execute(select(Track.file_id).limit(1))).scalars()
        await again.write_again(tx, [track])
    assert await differences(home.db) == []
    assert os.listdir(home.music) == ["All"]
