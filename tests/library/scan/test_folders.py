"""Folders as they are on disk, browsed page by page; and nobody sees a library that is not theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from segue.core.access import SYSTEM, Actor
from segue.core.changes import ChangeFeed
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.library.feed import SHARED_KINDS
from segue.library.models import Folder, Library
from segue.library.scan import repository
from segue.library.scan.serving import source_of
from segue.library.service import LibraryService, NotInLibrary
from segue.query import Compare, Window
from tests.library.media import jpeg
from tests.library.scan.ground import House, house

pytestmark = pytest.mark.anyio


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as made:
        yield made


async def number_of(home: House, path: bytes) -> int:
    async with home.db.read() as conn:
        statement = select(Folder.id).where(Folder.path == path, Folder.library_id == home.library_id)
        return int(await conn.scalar(statement))


async def test_a_folder_shows_what_is_in_it_where_it_is_and_how_much_is_below(home: House) -> None:
    for folder, count in (("Rock/A", 2), ("Rock/A/Live", 1), ("Rock/A B", 1), ("Rock", 1), ("Jazz", 3)):
        for number in range(count):
            home.song(f"{folder}/{number}.mp3", title=f"{folder} {number}", artist="A", album=folder)
    await home.scan()
    music = LibraryService(home.db)
    (root,) = await music.root_folders(SYSTEM)
    page = await music.folder(root.id, SYSTEM)
    assert ([folder.name for folder in page.folders], page.tracks) == (["Jazz", "Rock"], [])
    assert (page.total_folders, page.total_tracks) == (5, 8)
    rock = await music.folder(await number_of(home, b"Rock"), SYSTEM)
    assert [(folder.name, folder.track_count, folder.folder_count) for folder in rock.folders] == [
        ("A", 2, 1),
        ("A B", 1, 0),
    ]
    assert (rock.total_folders, rock.total_tracks, len(rock.tracks)) == (3, 5, 1)
    live = await music.folder(await number_of(home, b"Rock/A/Live"), SYSTEM)
    assert [parent.path for parent in live.parents] == ["", "Rock", "Rock/A"]
    assert (live.total_folders, live.total_tracks) == (0, 1)
    where = Compare("folder", "=", await number_of(home, b"Rock/A"))
    assert [album.title for album in (await music.list_albums(SYSTEM, where)).items] == ["Rock/A"]
    assert len((await music.list_files(SYSTEM, where)).items) == 2


async def test_a_large_folder_is_listed_page_by_page_and_nothing_is_left_out(home: House) -> None:
    for number in range(25):
        home.song(f"Big/{number:02}.mp3", title=f"T{number}", artist="A", album="Big", seed=number)
    await home.scan()
    music = LibraryService(home.db)
    where = Compare("folder", "=", await number_of(home, b"Big"))
    for listing in (music.list_tracks, music.list_files):
        seen: list[int] = []
        cursor = None
        while True:
            page = await listing(SYSTEM, where, window=Window(10, cursor))
            seen += [item.id for item in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 25
    short = await music.folder(await number_of(home, b"Big"), SYSTEM, limit=10)
    assert (len(short.tracks), short.total_tracks) == (10, 25)


async def test_a_library_that_is_not_theirs_is_nowhere_for_somebody(home: House) -> None:
    """In lists, by id, in search, folders, artwork, files, the feed and the status of scans."""
    home.song("A/1.flac", title="Mine", artist="Anna", album="Mine", cover=jpeg(64, 64), genre="Rock")
    await home.scan()
    music_of_others = home.music.with_name("others")
    music_of_others.mkdir()
    async with home.db.write() as tx:
        row = {
            "name": "Others", "root": bytes(music_of_others), "display_root": str(music_of_others), "created_at": utc_now(),
        }  # fmt: skip
        number = await tx.scalar(insert(Library).values(row).returning(Library.id))
    others = replace(home, music=music_of_others, library_id=number)
    others.song("B/1.flac", title="Theirs", artist="Berta", album="Theirs", genre="Jazz", cover=jpeg(80, 80), seed=5)
    others.song("B/2.flac", title="Also", artist="Berta", album="Theirs", genre="Jazz", seed=6)
    await others.scan()
    ben = Actor(2, "ben", libraries=frozenset({number}))
    music = LibraryService(home.db)
    for kind in ("tracks", "albums", "artists", "genres", "files", "folders"):
        shown = (await music.page(kind, ben)).items
        names = {str(getattr(item, name, "")) for item in shown for name in ("title", "name", "path")} - {""}
        assert not names & {"Mine", "Anna", "Rock", "A", "A/1.flac"}, kind
        assert names, kind
    assert [view.id for view in await music.libraries(ben)] == [number]
    for find, mine in ((music.track, 1), (music.album, 1), (music.artist, 1), (music.file, 1), (music.folder, 1)):
        with pytest.raises(NotInLibrary):
            await find(mine, ben)
    found = await music.search("mine", ben, artists=Window(5), albums=Window(5), tracks=Window(5))
    assert (found.artists, found.albums, found.tracks) == ([], [], [])
    assert await source_of(home.db, ben, 1) is None
    assert [folder.library_id for folder in await music.root_folders(ben)] == [number]
    async with home.db.read() as conn:
        assert (await repository.scan_summary(conn, ben.libraries))[0] == 2
        assert (await repository.totals(conn, ben.libraries))[0] == 2
    feed = ChangeFeed(home.db)
    for kind, seen in SHARED_KINDS.items():
        feed.limit(kind, seen)
    told = {item.id for item in (await feed.since(0, ben, limit=1000)).items}
    assert not told & {"tr-1", "al-1", "ar-1", "li-1"}
    assert {"tr-2", "al-2"} <= told
