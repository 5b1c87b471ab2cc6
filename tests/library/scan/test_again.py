"""Tracks that are written again from what is stored: nothing changes where nothing changed, and no file is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from segue.core.db import Database, Transaction
from segue.library.models import File, Track
from segue.library.scan import documents, repository
from segue.library.scan.again import refresh_albums, write_again, write_all_again
from segue.library.scan.control import Alone
from tests.library.media import jpeg
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences, portrait

pytestmark = pytest.mark.anyio


async def some_albums(home: House) -> None:
    for disc in (1, 2):
        for number in (1, 2):
            home.song(
                f"Double/CD{disc}/{number}.flac", title=f"{disc}-{number}", album="Double", artist="Ann & Bob",
                albumartist="Ann", genre=["Rock", "Pop"], tracknumber=str(number), cover=jpeg(64, 64), seed=disc * 10 + number,
                label="Warp", catalognumber="W1",
            )  # fmt: skip
    home.song("Plain/a.mp3", seed=5)
    home.song("Plain/b.mp3", seed=6)
    home.song("Single/one.ogg", title="One", album="Single", artist="Bob", seed=7)


async def all_files(home: House) -> list[int]:
    return [row.id for row in await home.files()]


@pytest.mark.parametrize("regroup", [False, True])
async def test_writing_everything_again_changes_nothing(db: Database, tmp_path: Path, regroup: bool) -> None:
    async with house(db, tmp_path) as home:
        await some_albums(home)
        await home.scan()
        before, albums = await portrait(db), await home.rows(Track, Track.id, Track.album_id, Track.artwork_id)
        for path in sorted(home.music.rglob("*.*")):
            path.unlink()
        async with db.write() as tx:
            assert await write_again(tx, await all_files(home), regroup=regroup) == 7
        assert await portrait(db) == before
        assert await home.rows(Track, Track.id, Track.album_id, Track.artwork_id) == albums
        assert await differences(db) == []


async def test_missing_files_keep_their_mark(db: Database, tmp_path: Path) -> None:
    async with house(db, tmp_path) as home:
        await some_albums(home)
        await home.scan()
        (home.music / "Double/CD1/1.flac").unlink()
        (home.music / "Single/one.ogg").unlink()
        await home.scan(accept_missing=True)
        before = await portrait(db)
        for regroup in (False, True):
            async with db.write() as tx:
                await write_again(tx, await all_files(home), regroup=regroup)
            assert await portrait(db) == before
            assert await differences(db) == []


async def test_a_changed_document_changes_its_track_and_album(db: Database, tmp_path: Path) -> None:
    async with house(db, tmp_path) as home:
        await some_albums(home)
        await home.scan()
        async with db.read() as conn:
            file_id = await conn.scalar(select(File.id).where(File.path == b"Single/one.ogg"))
            body = documents.decode((await repository.documents(conn, [file_id]))[file_id])
        body["tags"] |= {"title": "Two", "album": "Double", "album_artists": [["Ann", "album_artist"]]}
        async with db.write() as tx:
            await write_again(tx, [file_id], remade={file_id: documents.pack(body)})
        tracks = {row.title: row for row in await home.tracks()}
        albums = {row.id: row for row in await home.albums()}
        assert albums[tracks["Two"].album_id].title == "Double"
        assert len(albums) == 3
        assert await differences(db) == []


async def test_regrouping_takes_the_neighbours_along(db: Database, tmp_path: Path) -> None:
    """Where one file of a folder says another album from now on, only regrouping moves it, as a scan would."""
    async with house(db, tmp_path) as home:
        await some_albums(home)
        await home.scan()
        async with db.read() as conn:
            file_id = await conn.scalar(select(File.id).where(File.path == b"Plain/a.mp3"))
            body = documents.decode((await repository.documents(conn, [file_id]))[file_id])
        body["tags"] = {"album": "Named", "title": "A"}
        async with db.write() as tx:
            await write_again(tx, [file_id], regroup=True, remade={file_id: documents.pack(body)})
        titles = sorted(row.title for row in await home.albums())
        assert titles == ["Double", "Named", "Single"]
        tracks = await home.rows(Track, Track.album_id, Track.file_id)
        assert len({row.album_id for row in tracks}) == 3
        assert await differences(db) == []


@pytest.mark.parametrize("regroup", [False, True])
async def test_a_job_that_writes_everything_again_goes_on_where_it_was(
    db: Database, tmp_path: Path, regroup: bool
) -> None:
    class Killed(Exception):
        pass

    async with house(db, tmp_path) as home:
        for album in range(6):
            for number in (1, 2, 3):
                home.song(
                    f"{album}/{number}.mp3", title=f"{album}.{number}", album=f"Album {album}", seed=album * 9 + number
                )
        await home.scan()
        before = await portrait(db)
        async with db.write() as tx:
            await tx.execute(update(Track).values(title="spoilt"))
        saved: list[int] = []

        async def save(tx: Transaction, after: int) -> None:
            tx.after_commit(lambda: saved.append(after))

        class Interrupted(Alone):
            def check(self) -> None:
                if saved:
                    raise Killed

        with pytest.raises(Killed):
            await write_all_again(db, Interrupted(), regroup=regroup, save=save)
        await write_all_again(db, Alone(), after=saved[-1], regroup=regroup, save=save)
        assert await portrait(db) == before
        assert await differences(db) == []


async def test_albums_can_be_put_together_again_alone(db: Database, tmp_path: Path) -> None:
    async with house(db, tmp_path) as home:
        await some_albums(home)
        await home.scan()
        before = await portrait(db)
        async with db.write() as tx:
            await refresh_albums(tx, [row.id for row in await home.albums()])
        assert await portrait(db) == before
