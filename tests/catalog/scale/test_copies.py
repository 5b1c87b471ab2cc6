"""A snapshot travels through object storage or a web server: only what changed, and nothing unchecked."""

from __future__ import annotations

import asyncio
import http.server
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from segue.catalog.build.verifying import verify
from segue.catalog.scale.copies import CopyDamaged, NothingPushed, WebCopies, pull, push
from segue.catalog.snapshot.layout import CATALOG, SEARCH
from segue.catalog.snapshot.manifest import SnapshotDamaged, previous, read_manifest, write_manifest
from segue.core.storage import Storage, open_storage
from tests.catalog.dropin.test_process import serving
from tests.e2e.running import wait_until

pytestmark = pytest.mark.anyio

PIECE = 100_000


class Counted:
    """Says what was fetched, and fails when told to."""

    def __init__(self, storage: Storage, *, fail_after: int = 1 << 30) -> None:
        self.where = storage.where
        self.fetched: list[str] = []
        self._storage = storage
        self._left = fail_after

    async def get(self, key: str) -> bytes:
        if self._left == 0:
            raise ConnectionError("the line was cut")
        self._left -= 1
        self.fetched.append(key)
        return await self._storage.get(key)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return open_storage(str(tmp_path / "bucket"), tmp_path)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "bucket").mkdir(exist_ok=True)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "bucket"))
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def renamed(built: Path, folder: Path, id: str) -> Path:
    """The same files as another snapshot, whose search.db has one page more."""
    shutil.copytree(built, folder)
    import hashlib
    import sqlite3

    db = sqlite3.connect(folder / SEARCH)
    db.execute("CREATE TABLE more (text)")
    db.commit()
    db.close()
    manifest = read_manifest(folder)
    data = (folder / SEARCH).read_bytes()
    part = type(manifest.parts[SEARCH])(len(data), hashlib.sha256(data).hexdigest())
    write_manifest(folder, msgspec.structs.replace(manifest, id=id, parts={**manifest.parts, SEARCH: part}))
    return folder


async def test_what_was_pushed_is_pulled_whole_and_a_second_time_costs_nothing(
    built: Path, storage: Storage, tmp_path: Path
) -> None:
    total = sum(part.bytes for part in read_manifest(built).parts.values())
    with pytest.raises(NothingPushed):
        await pull(storage, tmp_path / "here")
    assert (await push(built, storage, piece=PIECE)).sent == total
    assert (await push(built, storage, piece=PIECE)).sent == 0
    assert (await pull(storage, tmp_path / "here")).sent == total
    assert not verify(tmp_path / "here").damaged
    assert (await pull(storage, tmp_path / "here")).sent == 0


async def test_a_pull_that_was_cut_goes_on_with_the_piece_it_was_at(
    built: Path, storage: Storage, tmp_path: Path
) -> None:
    await push(built, storage, piece=PIECE)
    cut = Counted(storage, fail_after=6)
    with pytest.raises(ConnectionError):
        await pull(cut, tmp_path / "here")
    assert not (tmp_path / "here").exists()
    again = Counted(storage)
    await pull(again, tmp_path / "here")
    pieces = [key for key in cut.fetched + again.fetched if key.startswith("parts/")]
    assert len(pieces) == len(set(pieces))
    assert not verify(tmp_path / "here").damaged


async def test_only_files_that_changed_are_fetched_and_a_server_takes_the_new_snapshot(
    built: Path, storage: Storage, tmp_path: Path
) -> None:
    await push(built, storage, piece=PIECE)
    here = tmp_path / "here"
    await pull(storage, here)
    after = renamed(built, tmp_path / "after", "next-one")
    with serving(tmp_path / "out", here) as running:
        sent = await push(after, storage, piece=PIECE)
        assert 0 < sent.sent <= read_manifest(after).parts[SEARCH].bytes
        copied = await pull(storage, here)
        assert copied.sent == read_manifest(after).parts[SEARCH].bytes
        await asyncio.to_thread(wait_until, lambda: running.served() == "next-one")
    assert read_manifest(previous(here)).id == read_manifest(built).id
    assert not verify(here).damaged


async def test_parts_of_two_snapshots_ago_are_removed_from_storage(
    built: Path, storage: Storage, tmp_path: Path
) -> None:
    snapshots = [built, renamed(built, tmp_path / "second", "second"), renamed(built, tmp_path / "third", "third")]
    for snapshot in (*snapshots, snapshots[2]):
        await push(snapshot, storage, piece=PIECE)
    kept = {info.key.split("/")[1] async for info in storage.list("parts")}
    assert kept == {part.sha256 for part in read_manifest(snapshots[2]).parts.values()}


async def test_a_damaged_copy_is_thrown_away_and_what_is_served_stays(
    built: Path, storage: Storage, tmp_path: Path
) -> None:
    await push(built, storage, piece=PIECE)
    here = tmp_path / "here"
    await pull(storage, here)
    after = renamed(built, tmp_path / "after", "damaged-on-the-way")
    await push(after, storage, piece=PIECE)
    sha256 = read_manifest(after).parts[SEARCH].sha256
    piece = f"parts/{sha256}/00000"
    whole = await storage.get(piece)
    await storage.put(piece, b"x" + whole[1:])
    with pytest.raises(CopyDamaged, match=SEARCH):
        await pull(storage, here)
    assert read_manifest(here).id == read_manifest(built).id
    await storage.put(piece, whole)
    await pull(storage, here)
    assert read_manifest(here).id == "damaged-on-the-way"


async def test_a_damaged_snapshot_is_not_pushed(built: Path, storage: Storage, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "damaged")
    with (tmp_path / "damaged" / CATALOG).open("r+b") as file:
        file.seek(50_000)
        file.write(b"damage")
    with pytest.raises(SnapshotDamaged):
        await push(tmp_path / "damaged", storage)
    assert not await storage.exists("manifest.json")


async def test_any_web_server_will_do_to_pull_from(built: Path, storage: Storage, web: str, tmp_path: Path) -> None:
    await push(built, storage, piece=PIECE)
    copies = WebCopies(web)
    await pull(copies, tmp_path / "here")
    await copies.close()
    assert not verify(tmp_path / "here").damaged
