"""Copies of a snapshot by way of object storage: pushed once, pulled by any number of servers.

    manifest.json             of the newest snapshot; written last
    parts/SHA256/00000 …      each file in pieces, under its checksum: what is there already is never sent again

A server may take the same layout from any web server. A copy that was interrupted goes on with the piece it was at.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx2
import msgspec
from msgspec import Struct

from segue.catalog.build.swapping import building, check_place, put_in_place
from segue.catalog.snapshot.layout import MANIFEST
from segue.catalog.snapshot.manifest import (
    Manifest,
    NoSnapshot,
    Part,
    SnapshotDamaged,
    previous,
    read_manifest,
    write_manifest,
)
from segue.core.errors import SegueError, Unavailable
from segue.core.storage import ObjectNotFound, Storage

PIECE = 64 << 20
"""Bytes that are sent at once; in memory once."""
ATTEMPTS = 5
WAIT_S = 1.0
"""Before the second attempt; twice as long before each further one."""
READ_S = 60.0
_CHUNK = 4 << 20

Progress = Callable[[int, int, str], None]


class NothingPushed(SegueError):
    status = 404

    def __init__(self, where: str) -> None:
        super().__init__(
            "nothing_pushed",
            f"There is no snapshot at {where}.",
            hint="`segue catalog push SNAPSHOT URL` puts one there.",
        )


class CopyDamaged(Unavailable):
    def __init__(self, name: str, where: str) -> None:
        super().__init__(
            "copy_damaged",
            f"What came of {name} from {where} is not what its checksum says.",
            hint="It was thrown away. Pull again; if it stays so, push again.",
        )


class SourceAway(Unavailable):
    def __init__(self, where: str, why: str) -> None:
        super().__init__("copies_away", f"{where} does not answer: {why}", retry_after_s=30)


class Copied(Struct, frozen=True):
    """Which snapshot, how many bytes were sent, and how many were there already."""

    id: str
    sent: int
    there: int


class Copies(Protocol):
    """Where copies lie. `get` raises ObjectNotFound."""

    where: str

    async def get(self, key: str) -> bytes: ...


class WebCopies:
    """Copies on a web server, at http(s)://…; raises SourceAway where it does not answer."""

    def __init__(self, url: str) -> None:
        self.where = url
        self._http = httpx2.AsyncClient(
            base_url=url.rstrip("/") + "/", timeout=httpx2.Timeout(READ_S), follow_redirects=True
        )

    async def get(self, key: str) -> bytes:
        wait_s = WAIT_S
        for attempt in range(1, ATTEMPTS + 1):
            why = ""
            try:
                answer = await self._http.get(key)
                if answer.status_code == 200:
                    return answer.content
                if answer.status_code in (404, 410):
                    raise ObjectNotFound(key)
                why = f"status {answer.status_code}"
            except httpx2.HTTPError as error:
                why = str(error) or type(error).__name__
            if attempt < ATTEMPTS:
                await asyncio.sleep(wait_s)
                wait_s *= 2
        raise SourceAway(self.where, why)

    async def close(self) -> None:
        await self._http.aclose()


def is_web(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")


async def push(
    snapshot: Path, storage: Storage, progress: Progress = lambda done, total, what: None, *, piece: int = PIECE
) -> Copied:
    """Send what is not there yet, then the manifest. Parts of the snapshot before stay, for those who are pulling it; older
    ones are removed. Raises NoSnapshot, SnapshotDamaged, StorageUnavailable."""
    manifest = read_manifest(snapshot)
    before = await _newest(storage)
    total = sum(part.bytes for part in manifest.parts.values())
    sent = done = 0
    for name, part in manifest.parts.items():
        there = {info.key: info.size async for info in storage.list(f"parts/{part.sha256}")}
        digest = hashlib.sha256()
        with (snapshot / name).open("rb") as file:
            number = 0
            while data := await asyncio.to_thread(file.read, piece):
                digest.update(data)
                key = _key(part, number)
                if there.get(key) != len(data):
                    await storage.put(key, data)
                    sent += len(data)
                done += len(data)
                number += 1
                progress(done, total, name)
        if digest.hexdigest() != part.sha256:
            raise SnapshotDamaged(snapshot / name, "its SHA-256 is not the one that the manifest says")
    await storage.put(_PIECES, msgspec.json.encode({"piece": piece}))
    await storage.put(MANIFEST, msgspec.json.encode(manifest))
    kept = {part.sha256 for one in (manifest, before) if one is not None for part in one.parts.values()}
    for key in [info.key async for info in storage.list("parts")]:
        if key.split("/")[1] not in kept:
            await storage.delete(key)
    return Copied(manifest.id, sent, total - sent)


async def pull(
    copies: Copies, out: Path, progress: Progress = lambda done, total, what: None, *, keep: int = 1
) -> Copied:
    """Make `out` the snapshot that lies there, once every byte of it is checked. Files that did not change are not fetched.

    Raises NothingPushed, CopyDamaged, SourceAway, StorageUnavailable.
    """
    check_place(out)
    manifest = await _newest(copies)
    if manifest is None:
        raise NothingPushed(copies.where)
    total = sum(part.bytes for part in manifest.parts.values())
    if _here(out) == manifest:
        return Copied(manifest.id, 0, total)
    piece = msgspec.json.decode(await copies.get(_PIECES), type=dict[str, int])["piece"]
    folder = building(out)
    wanted = set(manifest.parts) | {_unfinished(part) for part in manifest.parts.values()}
    if folder.exists() and (folder / MANIFEST).exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name not in wanted:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    sent = done = 0
    for name, part in manifest.parts.items():
        if not (folder / name).exists() and not await asyncio.to_thread(_taken_over, out, folder, name, part):
            sent += await _fetch(copies, folder, name, part, piece, partial(_told, progress, done, total, name))
        done += part.bytes
        progress(done, total, f"checking {name}")
        if not await asyncio.to_thread(_is_whole, folder / name, part):
            (folder / name).unlink()
            raise CopyDamaged(name, copies.where)
    write_manifest(folder, manifest)
    put_in_place(out, keep)
    return Copied(manifest.id, sent, total - sent)


_PIECES = "pieces.json"


def _told(progress: Progress, before: int, total: int, name: str, came: int) -> None:
    progress(min(before + came, total), total, name)


def _key(part: Part, number: int) -> str:
    return f"parts/{part.sha256}/{number:05}"


def _unfinished(part: Part) -> str:
    return f"{part.sha256}.part"


async def _newest(copies: Copies) -> Manifest | None:
    try:
        return msgspec.json.decode(await copies.get(MANIFEST), type=Manifest)
    except ObjectNotFound:
        return None
    except msgspec.MsgspecError as error:
        raise CopyDamaged(MANIFEST, copies.where) from error


def _here(out: Path) -> Manifest | None:
    try:
        return read_manifest(out)
    except (NoSnapshot, SnapshotDamaged):
        return None


def _taken_over(out: Path, folder: Path, name: str, part: Part) -> bool:
    """The same file of the snapshot that is here, or of the one before, under a second name: files of snapshots never change."""
    for candidate in (out, previous(out)):
        here = _here(candidate)
        if here is None:
            continue
        same = next((mine for mine, its in here.parts.items() if its == part), None)
        if same is not None and (candidate / same).exists():
            os.link(candidate / same, folder / name)
            if _is_whole(folder / name, part):
                return True
            (folder / name).unlink()
    return False


async def _fetch(copies: Copies, folder: Path, name: str, part: Part, piece: int, told: Callable[[int], None]) -> int:
    """Bytes that came; what had come before is kept as far as its last whole piece."""
    path = folder / _unfinished(part)
    came = 0
    with path.open("ab") as file:
        number = file.tell() // piece
        file.truncate(number * piece)
        while number * piece < part.bytes:
            try:
                data = await copies.get(_key(part, number))
            except ObjectNotFound as error:
                raise CopyDamaged(name, copies.where) from error
            if len(data) != min(piece, part.bytes - number * piece):
                raise CopyDamaged(name, copies.where)
            await asyncio.to_thread(file.write, data)
            came += len(data)
            number += 1
            told(number * piece)
        file.flush()
        os.fsync(file.fileno())
    path.rename(folder / name)
    return came


def _is_whole(path: Path, part: Part) -> bool:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return path.stat().st_size == part.bytes and digest.hexdigest() == part.sha256
