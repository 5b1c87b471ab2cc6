"""Pictures: found by rule, every candidate kept, a person's choice above all, and bad ones refused with a reason."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from segue.core.access import SYSTEM, Actor
from segue.core.changes import Change
from segue.core.db import Database
from segue.core.storage import StorageUnavailable
from segue.library.edits.errors import MayNotEdit
from segue.library.models import Album, Artist, Artwork, Library, Track
from segue.library.pictures.models import ArtworkChoice, FolderPicture
from segue.library.pictures.service import PictureService
from segue.library.pictures.views import NothingChosen, Pictured, PictureRefused
from segue.library.scan.again import write_again
from segue.library.service import LibraryService
from tests.library.media import jpeg, png
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio

RED, GREEN, BLUE, GREY = ((200, 30, 30), (30, 200, 30), (30, 30, 200), (90, 90, 90))


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found
        assert await differences(db) == []


def pictures_of(home: House) -> PictureService:
    return PictureService(home.db, LibraryService(home.db), home.ground.storage, lambda: home.pool)


def picture(colour: tuple[int, int, int], size: int = 64) -> bytes:
    return png(size, size, colour)


def put(home: House, name: str, data: bytes) -> Path:
    path = home.music / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


async def color(home: House, model: Any, number: int = 1) -> str | None:
    """The dominant colour of the picture that a row shows: red, green, blue or grey."""
    async with home.db.read() as conn:
        statement = select(Artwork.color).join(model, model.artwork_id == Artwork.id).where(model.id == number)
        return named(await conn.scalar(statement))


def named(said: str | None) -> str | None:
    if said is None:
        return None
    red, green, blue = (int(said[at : at + 2], 16) for at in (1, 3, 5))
    if max(red, green, blue) - min(red, green, blue) < 30:
        return "grey"
    return {red: "red", green: "green", blue: "blue"}[max(red, green, blue)]


async def candidates(home: House, kind: str = "album", number: int = 1, disc: int = 0) -> Pictured:
    return await pictures_of(home).pictures(SYSTEM, kind, number, disc)


async def order(home: House, *names: str) -> None:
    async with home.db.write() as tx:
        await tx.execute(update(Library).values(options={"artwork_order": list(names)}))


# --- rules ------------------------------------------------------------------------------------------------------------


async def test_covers_follow_the_order_of_sources_and_a_new_order_holds_from_the_next_scan(home: House) -> None:
    home.song("A/1.flac", cover=picture(RED), album="A", title="1")
    put(home, "A/cover.png", picture(GREEN))
    put(home, "A/front.jpg", jpeg(64, 64, BLUE))
    await home.scan()
    assert await color(home, Album) == "red"
    for sources, expected in (
        (("folder", "embedded"), "green"), (("front.*", "embedded", "cover.*"), "blue"),
        (("cover.*",), "green"), (("embedded",), "red"), ((), "red"),
    ):  # fmt: skip
        await order(home, *sources)
        await home.scan()
        assert await color(home, Album) == expected, sources


async def test_every_candidate_is_listed_with_the_one_that_won_and_why(home: House) -> None:
    home.song("A/1.flac", cover=picture(RED), album="A", title="1")
    home.song("A/2.flac", cover=picture(RED), album="A", title="2")
    put(home, "A/cover.png", picture(GREEN))
    put(home, "A/back.png", picture(BLUE))
    await home.scan()
    found = await candidates(home)
    assert found.reason == ("embedded", {"order": "embedded, folder"})
    assert [(one.source, one.name, one.tracks, one.won) for one in found.candidates] == [
        ("embedded", "front", 2, True), ("folder", "back.png", None, False), ("folder", "cover.png", None, False),
    ]  # fmt: skip
    assert found.candidates[1].artwork_id is None, "a back cover is not opened until somebody wants it"
    assert await pictures_of(home).preview(SYSTEM, "album", 1, found.candidates[1].key, 128, "webp")


async def test_discs_have_covers_of_their_own(home: House) -> None:
    for disc in (1, 2):
        home.song(f"A/CD{disc}/1.flac", album="A", title=f"{disc}", discnumber=str(disc), tracknumber="1")
        put(home, f"A/CD{disc}/cover.png", picture((RED, GREEN)[disc - 1]))
    put(home, "A/cover.png", picture(BLUE))
    for disc in (1, 2):
        home.song(f"B/{disc}.flac", album="B", title=f"{disc}", discnumber=str(disc), tracknumber="1")
    put(home, "B/folder.png", picture(BLUE))
    put(home, "B/disc2.png", picture(GREEN))
    await home.scan()
    library = LibraryService(home.db)
    pages = {page.album.title: page for page in [await library.album(number, SYSTEM) for number in (1, 2)]}
    assert [named(disc.artwork and disc.artwork.color) for disc in pages["A"].discs] == ["red", "green"]
    assert [named(disc.artwork and disc.artwork.color) for disc in pages["B"].discs] == [None, "green"]
    assert named(pages["A"].album.artwork and pages["A"].album.artwork.color) == "blue"
    number = pages["B"].album.id
    assert (await candidates(home, number=number, disc=2)).reason[0] == "disc_name"
    chosen = (await candidates(home, number=number, disc=1)).candidates[1].key
    await pictures_of(home).choose(SYSTEM, "album", number, chosen, disc=1)
    assert named((await library.album(number, SYSTEM)).discs[0].artwork.color) is not None  # type: ignore[union-attr]


async def test_an_artist_is_shown_by_the_picture_in_their_folder_or_in_the_folder_of_artists(home: House) -> None:
    home.song("Ann/First/1.flac", album="First", artist="Ann", albumartist="Ann", title="1")
    home.song("Bob & Co/Second/1.flac", album="Second", artist="Bob", albumartist="Bob", title="1")
    put(home, "Ann/artist.png", picture(RED))
    await home.scan()
    people = await home.artists()
    assert (await color(home, Artist, people["Ann"]), await color(home, Artist, people["Bob"])) == ("red", None)
    put(home, "artist-images/Bob.png", picture(GREEN))
    put(home, "artist-images/ann.png", picture(BLUE))
    put(home, "artist-images/Cid.png", picture(BLUE))
    head = await home.head()
    await home.scan()
    assert (await color(home, Artist, people["Ann"]), await color(home, Artist, people["Bob"])) == ("red", "green")
    async with home.db.read() as conn:
        assert ("artist", str(people["Bob"])) in {
            tuple(row) for row in await conn.execute(select(Change.kind, Change.entity).where(Change.cursor > head))
        }
    home.song("Cid/Third/1.flac", album="Third", artist="Cid", albumartist="Cid", title="1")
    (home.music / "Ann/artist.png").unlink()
    await home.scan()
    people = await home.artists()
    assert (await color(home, Artist, people["Ann"]), await color(home, Artist, people["Cid"])) == ("blue", "blue")
    assert (await candidates(home, "artist", people["Cid"])).reason[0] == "artist_images"


async def test_a_changed_cover_is_shown_after_the_next_scan_and_told_in_the_feed(home: House) -> None:
    home.song("A/1.flac", album="A", title="1")
    cover = put(home, "A/cover.png", picture(RED))
    await home.scan()
    for data, expected in ((picture(GREEN, 66), "green"), (None, None)):
        head = await home.head()
        if data is None:
            cover.unlink()
        else:
            cover.write_bytes(data)
        assert (await home.scan()).files_read == 0
        assert await color(home, Album) == expected
        async with home.db.read() as conn:
            changed = await conn.execute(select(Change.kind, Change.entity).where(Change.cursor > head))
            assert ("album", "1") in {tuple(row) for row in changed}


async def test_a_folder_so_large_that_it_is_worked_on_in_parts_has_its_pictures_once(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.library.scan.units.LARGE_FOLDER", 3)
    for number in range(8):
        home.song(f"A/{number}.flac", album="A", artist="Ann", albumartist="Ann", title=str(number), seed=number)
    put(home, "A/cover.png", picture(GREEN))
    put(home, "A/artist.png", picture(RED))
    (home.music / "A/3.lrc").write_text("[00:01]x")
    assert (await home.scan()).state == "done"
    (home.music / "A/cover.png").write_bytes(picture(BLUE, 70))
    assert (await home.scan()).state == "done"
    assert {await color(home, Album, row.id) for row in await home.albums()} == {"blue"}
    assert await color(home, Artist, (await home.artists())["Ann"]) == "red"
    async with home.db.read() as conn:
        names = (await conn.execute(select(FolderPicture.name).order_by(FolderPicture.name))).scalars().all()
    assert names == [b"artist.png", b"cover.png"]


# --- people's choices -------------------------------------------------------------------------------------------------


async def test_a_choice_wins_over_every_rule_and_outlives_scans_moves_and_writing_again(home: House) -> None:
    home.song("A/1.flac", cover=picture(RED), album="A", title="1")
    put(home, "A/cover.png", picture(GREEN))
    put(home, "A/booklet.png", picture(BLUE))
    await home.scan()
    booklet = next(one for one in (await candidates(home)).candidates if one.name == "booklet.png")
    found = await pictures_of(home).choose(SYSTEM, "album", 1, booklet.key)
    assert (found.chosen, found.reason[0]) == (True, "chosen")
    assert await color(home, Album) == "blue"
    await home.scan(full=True)
    home.song("A/1.flac", cover=picture(GREY), album="A", title="Retagged")
    await home.scan()
    (home.music / "A").rename(home.music / "Moved")
    await home.scan()
    async with home.db.write() as tx:
        await write_again(tx, [1], regroup=True)
    (album,) = await home.albums()
    assert await color(home, Album, album.id) == "blue"
    found = await pictures_of(home).give_back(SYSTEM, "album", album.id)
    assert (found.chosen, await color(home, Album, album.id)) == (False, "grey")
    with pytest.raises(NothingChosen):
        await pictures_of(home).give_back(SYSTEM, "album", album.id)


async def test_a_choice_goes_with_the_tracks_when_an_album_ends_in_another(home: House) -> None:
    for number in (1, 2, 3):
        home.song(f"A/{number}.flac", album="A", title=str(number), seed=number)
    await home.scan()
    await pictures_of(home).upload(SYSTEM, "album", 1, picture(BLUE))
    for number in (1, 2, 3):
        home.song(f"A/{number}.flac", album="Another name", title=str(number), seed=number)
    await home.scan()
    (album,) = await home.albums()
    assert (album.title, await color(home, Album, album.id)) == ("Another name", "blue")


async def test_pictures_of_artists_and_tracks_are_chosen_alike(home: House) -> None:
    home.song("A/1.flac", cover=picture(RED), album="A", title="1", artist="Ann", albumartist="Ann")
    await home.scan()
    people = await home.artists()
    service = pictures_of(home)
    await service.upload(SYSTEM, "artist", people["Ann"], jpeg(64, 64, GREEN))
    await service.upload(SYSTEM, "track", 1, picture(BLUE))
    home.song("A/1.flac", cover=picture(GREY), album="A", title="Retagged", artist="Ann", albumartist="Ann")
    put(home, "A/artist.png", picture(RED))
    await home.scan()
    assert (await color(home, Artist, people["Ann"]), await color(home, Track)) == ("green", "blue")
    await service.give_back(SYSTEM, "artist", people["Ann"])
    await service.give_back(SYSTEM, "track", 1)
    assert (await color(home, Artist, people["Ann"]), await color(home, Track)) == ("red", "grey")


async def test_only_who_may_edit_chooses(home: House) -> None:
    home.song("A/1.flac", album="A", title="1")
    await home.scan()
    with pytest.raises(MayNotEdit):
        await pictures_of(home).upload(Actor(user_id=7, name="guest", libraries=None), "album", 1, picture(RED))


# --- bad pictures -----------------------------------------------------------------------------------------------------


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that says it is this large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


BAD = {
    "image_too_large": bomb(30_000, 30_000),
    "image_unreadable": b"<html>not a picture</html>",
    "image_damaged": picture(RED, 300)[:200],
}


@pytest.mark.parametrize("code", BAD)
async def test_a_bad_cover_is_refused_with_its_reason_and_the_next_one_stands_for_the_folder(
    home: House, code: str
) -> None:
    home.song("A/1.flac", album="A", title="1")
    put(home, "A/cover.png", BAD[code])
    put(home, "A/front.png", picture(GREEN))
    assert (await home.scan()).state == "done"
    assert await color(home, Album) == "green"
    bad = next(one for one in (await candidates(home)).candidates if one.name == "cover.png")
    assert bad.problem is not None
    assert bad.problem[0] == code
    with pytest.raises(PictureRefused) as refused:
        await pictures_of(home).choose(SYSTEM, "album", 1, bad.key)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")
    with pytest.raises(PictureRefused):
        await pictures_of(home).upload(SYSTEM, "album", 1, BAD[code])


async def test_a_bad_picture_in_a_file_leaves_the_folders_cover_and_keeps_its_reason(home: House) -> None:
    home.song("A/1.flac", cover=BAD["image_damaged"], album="A", title="1")
    put(home, "A/cover.png", picture(GREEN))
    assert (await home.scan()).state == "done"
    assert await color(home, Album) == "green"
    bad = next(one for one in (await candidates(home)).candidates if one.source == "embedded")
    assert bad.problem is not None
    assert bad.problem[0] == "image_damaged"


async def test_a_picture_with_a_lying_name_is_what_it_is(home: House) -> None:
    home.song("A/1.flac", album="A", title="1")
    put(home, "A/cover.jpg", picture(GREEN))
    await home.scan()
    async with home.db.read() as conn:
        assert await conn.scalar(select(Artwork.mime)) == "image/png"


async def test_a_full_disk_leaves_nothing_half_written_and_the_next_scan_completes(home: House) -> None:
    home.song("A/1.flac", cover=picture(RED), album="A", title="1")
    home.song("B/1.flac", album="B", title="1")
    put(home, "B/cover.png", picture(GREEN))
    storage = home.ground.storage
    whole = storage.put, storage.take

    async def full(*_: Any) -> None:
        raise StorageUnavailable("here", "No space left on device.")

    storage.put = storage.take = full  # type: ignore[method-assign]
    with pytest.raises(StorageUnavailable):
        await home.scan()
    async with home.db.read() as conn:
        assert (await conn.execute(select(Artwork.id))).all() == []
        assert (await conn.execute(select(FolderPicture.id).where(FolderPicture.artwork_id.is_not(None)))).all() == []
    storage.put, storage.take = whole  # type: ignore[method-assign]
    assert (await home.scan()).state == "done"
    colors = {row.title: await color(home, Album, row.id) for row in await home.albums()}
    assert colors == {"A": "red", "B": "green"}
    storage.put = storage.take = full  # type: ignore[method-assign]
    with pytest.raises(StorageUnavailable):
        await pictures_of(home).upload(SYSTEM, "album", 1, picture(BLUE))
    async with home.db.read() as conn:
        assert (await conn.execute(select(ArtworkChoice.kind))).all() == []
    storage.put, storage.take = whole  # type: ignore[method-assign]


async def test_many_choices_at_once_leave_one(home: House) -> None:
    home.song("A/1.flac", album="A", title="1")
    await home.scan()
    service = pictures_of(home)
    await asyncio.gather(*(service.upload(SYSTEM, "album", 1, picture(colour)) for colour in (RED, GREEN, BLUE)))
    async with home.db.read() as conn:
        chosen = (await conn.execute(select(ArtworkChoice.artwork_id))).scalars().all()
        assert len(chosen) == 1
        assert await conn.scalar(select(Album.artwork_id)) == chosen[0]
