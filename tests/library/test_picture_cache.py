"""Small pictures: made once for everybody, in the format the client takes, and kept within a limit."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import insert

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.pool import ProcessPool
from segue.core.storage import StorageUnavailable, open_storage
from segue.library.artwork import thumbnail, writes_avif
from segue.library.models import Artwork
from segue.library.pictures.cache import FOLDER, bring_within
from segue.library.scan.errors import ArtworkNotFound
from segue.library.scan.serving import Pictures
from segue.library.scan_routes import best_format
from tests.library.media import jpeg

pytestmark = pytest.mark.anyio


async def stored(db: Database, storage: Any, data: bytes, key: str = "artwork/original/ab/abc") -> int:
    """A picture in storage with its row; its number."""
    await storage.put(key, data)
    row = {
        "sha256": "ab" * 32, "mime": "image/jpeg", "width": 900, "height": 600, "size_bytes": len(data), "color": "#000000",
        "storage_key": key, "source": "folder", "created_at": utc_now(),
    }  # fmt: skip
    async with db.write() as tx:
        return int((await tx.execute(insert(Artwork).values(row).returning(Artwork.id))).scalar_one())


async def test_fifty_who_ask_for_one_cold_cover_have_it_made_once(db: Database, tmp_path: Path) -> None:
    storage = open_storage(None, tmp_path)
    number = await stored(db, storage, jpeg(900, 600))
    async with ProcessPool(1) as pool:
        pictures = Pictures(db, storage, lambda: pool)
        answers = await asyncio.gather(*(pictures.open(SYSTEM, number, 300, "webp") for _ in range(50)))
        again = await pictures.open(SYSTEM, number, 310, "webp")
    assert len({answer.data for answer in answers}) == 1
    assert (pictures.figures.made, again.data) == ({"webp": 1}, answers[0].data)
    assert pictures.figures.found >= 1, "who asked after it was made found it, and so did the last one"
    names = {metric.name for metric in pictures.figures.metrics()}
    assert {"segue_thumbnails_made", "segue_thumbnails_found"} <= names


async def test_a_small_picture_is_shown_even_where_it_cannot_be_kept(db: Database, tmp_path: Path) -> None:
    storage = open_storage(None, tmp_path)
    number = await stored(db, storage, jpeg(900, 600))

    async def full(key: str, data: Any) -> None:
        raise StorageUnavailable("here", "No space left on device.")

    storage.put = full  # type: ignore[method-assign]
    async with ProcessPool(1) as pool:
        assert (await Pictures(db, storage, lambda: pool).open(SYSTEM, number, 128, "jpeg")).data[:2] == b"\xff\xd8"


async def test_a_picture_that_was_damaged_in_storage_is_not_found(db: Database, tmp_path: Path) -> None:
    storage = open_storage(None, tmp_path)
    number = await stored(db, storage, jpeg(900, 600)[:300])
    async with ProcessPool(1) as pool:
        with pytest.raises(ArtworkNotFound):
            await Pictures(db, storage, lambda: pool).open(SYSTEM, number, 128, "webp")


async def test_the_oldest_small_pictures_go_where_they_are_more_than_may_be_kept(tmp_path: Path) -> None:
    storage = open_storage(None, tmp_path)
    await storage.put("artwork/original/ab/abc", b"x" * 5000)
    for age, name in enumerate(("new", "older", "oldest")):
        key = f"{FOLDER}/64/aa/{name}.webp"
        await storage.put(key, b"x" * 1000)
        path = storage.local_path(key)
        assert path is not None
        os.utime(path, (1_700_000_000 - age * 7200,) * 2)
    assert (await bring_within(storage, 3000)).removed == 0
    done = await bring_within(storage, 2300)
    assert (done.removed, done.kept, done.kept_bytes) == (1, 2, 2000)
    left = sorted([info.key async for info in storage.list()])
    assert left == ["artwork/original/ab/abc", f"{FOLDER}/64/aa/new.webp", f"{FOLDER}/64/aa/older.webp"]


async def test_a_process_that_adds_much_asks_for_a_round(db: Database, tmp_path: Path) -> None:
    storage = open_storage(None, tmp_path)
    number = await stored(db, storage, jpeg(900, 600))
    asked = []

    async def grown() -> None:
        asked.append(1)

    async with ProcessPool(1) as pool:
        pictures = Pictures(db, storage, lambda: pool, 1000, grown)
        await pictures.open(SYSTEM, number, 128, "webp")
    assert asked == [1]


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("image/avif,image/webp,*/*", "avif"), ("image/webp,*/*", "webp"), ("*/*", "webp"), ("", "webp"),
        ("image/jpeg, image/png", "jpeg"), ("image/avif", "avif"),
    ],
)  # fmt: skip
def test_a_client_gets_the_best_format_it_says_it_takes(accept: str, format: str) -> None:
    assert best_format(accept) == format


def test_avif_is_written_and_is_smaller_than_jpeg() -> None:
    assert writes_avif()
    data = jpeg(900, 600)
    small = thumbnail(data, 256, "avif")
    assert Image.open(io.BytesIO(small)).format == "AVIF"
    assert len(small) < len(thumbnail(data, 256, "jpeg"))


def test_the_first_frame_of_an_animation_is_shown() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    for kind in ("GIF", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100, lossless=True)
        shown = Image.open(io.BytesIO(thumbnail(out.getvalue(), 64, "png"))).convert("RGB")
        red, green, _ = shown.getpixel((20, 20))  # type: ignore[misc]
        assert red > 200 > 50 > green
