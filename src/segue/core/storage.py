"""Where made files live: artwork, waveforms, exports; a local folder by default, S3 or a bucket like it when many serve.

A key is a relative path of plain characters (`artwork/ab/cd.webp`). A write is whole or not there at all, on a disk too.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from segue.core.errors import Invalid, NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

MAX_KEY = 512
SMALL_BYTES = 256 * 1024
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


class ObjectNotFound(NotFound):
    def __init__(self, key: str) -> None:
        super().__init__("object_not_found", f"Nothing is stored under {key}.", key=key)


class BadObjectKey(Invalid):
    def __init__(self, key: str) -> None:
        super().__init__("bad_object_key", f"{key[:100]!r} cannot be the key of a stored file.", key=key[:100])


class StorageUnavailable(Unavailable):
    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            "storage_unavailable",
            f"The storage at {where} cannot be used: {reason}",
            retry_after_s=10,
            hint="Look at storage.* in the settings, and at free space and permissions.",
            where=where,
        )


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is stored under a key. `etag` changes with the content and is unquoted."""

    key: str
    size: int
    modified_at: datetime
    etag: str | None


class Storage:
    """One place for made files. Make it with `open_storage`."""

    def __init__(self, store: ObjectStore, where: str, folder: Path | None = None) -> None:
        self._store: Any = store
        self.where = where
        self._folder = folder

    async def put(self, key: str, data: bytes | AsyncIterable[bytes]) -> None:
        """Store `data` under `key`, in place of what was there. Readers see the old or the new, never a part."""
        with _Told(self.where):
            await self._store.put_async(_checked(key), data)

    async def take(self, files: Mapping[str, bytes]) -> None:
        """Store files by key, each in place of what was there. They are moved, not copied, where storage is a folder of the
        same disk; elsewhere they stay where they are."""
        wanted = {_checked(key): path for key, path in files.items()}
        with _Told(self.where):
            if self._folder is not None:
                wanted = await asyncio.to_thread(_moved, self._folder, wanted)
            for key, path in wanted.items():
                await self.put(key, await asyncio.to_thread(Path(os.fsdecode(path)).read_bytes))

    async def get(self, key: str) -> bytes:
        """What is stored under `key`. Raises ObjectNotFound."""
        with self._told(key):
            if self._folder is not None:
                return await _file_bytes(self._folder / _checked(key))
            result = await self._store.get_async(_checked(key))
            return bytes(await result.bytes_async())

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`, fewer (or none) where the object ends before. Raises ObjectNotFound."""
        size = (await self.info(key)).size
        length = min(length, size - start)
        if start < 0 or length <= 0:
            return b""
        with self._told(key):
            return bytes(await self._store.get_range_async(_checked(key), start=start, length=length))

    async def stream(self, key: str, chunk_bytes: int = 256 * 1024) -> AsyncIterator[bytes]:
        """What is stored under `key`, piece by piece. Raises ObjectNotFound."""
        with self._told(key):
            result = await self._store.get_async(_checked(key))
            async for chunk in result.stream(min_chunk_size=chunk_bytes):
                yield bytes(chunk)

    async def info(self, key: str) -> ObjectInfo:
        """Size, time and etag. Raises ObjectNotFound."""
        with self._told(key):
            return _info(await self._store.head_async(_checked(key)))

    async def exists(self, key: str) -> bool:
        try:
            await self.info(key)
        except ObjectNotFound:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove what is under `key`; nothing there is fine."""
        try:
            with self._told(key):
                await self._store.delete_async(_checked(key))
        except ObjectNotFound:
            return

    async def list(self, folder: str = "") -> AsyncIterator[ObjectInfo]:
        """Everything below `folder` (`artwork/ab`), or everything; in no order."""
        with self._told(folder):
            async for batch in self._store.list(_checked(folder) if folder else None):
                for meta in batch:
                    yield _info(meta)

    def local_path(self, key: str) -> Path | None:
        """The file behind `key` where storage is a local folder, for serving it without a copy; else None."""
        return None if self._folder is None else self._folder / _checked(key)

    async def check(self) -> None:
        """Write, read and remove a small object. Raises StorageUnavailable."""
        key = "health/probe"
        await self.put(key, b"segue")
        if await self.get(key) != b"segue":
            raise StorageUnavailable(self.where, "what was written reads back differently.")
        await self.delete(key)

    def _told(self, key: str) -> _Told:
        return _Told(self.where, key)


def _moved(folder: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Move files to where they are stored; returns those that lie on another disk. Raises OSError."""
    elsewhere = {}
    for key, path in files.items():
        target = folder / key
        try:
            try:
                os.replace(path, target)
            except FileNotFoundError:
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            elsewhere[key] = path
    return elsewhere


async def _file_bytes(path: Path) -> bytes:
    """What is in a file. A small one, such as a cover, is read where it is asked for: while others are served, each turn
    over a thread costs a round of the event loop (measured with two busy tasks: 11 ms so, 48 ms with the store's own)."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size <= SMALL_BYTES:
                return file.read()
    except (IsADirectoryError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    return await asyncio.to_thread(path.read_bytes)


class _Told:
    """Turns the library's errors into ours."""

    def __init__(self, where: str, key: str | None = None) -> None:
        self._where = where
        self._key = key

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(error, (asyncio.CancelledError, GeneratorExit, NotFound, Invalid, Unavailable)):
            return
        from obstore.exceptions import BaseError, NotFoundError

        if "<Code>NoSuchBucket" in str(error):
            raise StorageUnavailable(self._where, "there is no such bucket.") from None
        if self._key is not None and isinstance(error, (FileNotFoundError, NotFoundError)):
            raise ObjectNotFound(self._key) from None
        if isinstance(error, (BaseError, OSError)):
            raise StorageUnavailable(self._where, _first_line(error)) from error


def open_storage(
    url: str | None,
    data_dir: Path,
    *,
    endpoint: str | None = None,
    region: str = "us-east-1",
    access_key: str | None = None,
    secret_key: str | None = None,
) -> Storage:
    """The storage at `url`: a folder, `file:///folder`, `s3://bucket/prefix` or `memory://`; None is `store` in `data_dir`.

    Connects when first used. Raises StorageUnavailable where a folder cannot be made.
    """
    from obstore.store import LocalStore, MemoryStore, S3Store

    parts = urlsplit(url or str(data_dir / "store"))
    if parts.scheme == "memory":
        return Storage(MemoryStore(), "memory")
    if parts.scheme == "s3":
        options: dict[str, Any] = {"region": region}
        if endpoint:
            options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        if access_key:
            options |= {"access_key_id": access_key, "secret_access_key": secret_key or ""}
        store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=cast(Any, options),
            client_options={"allow_http": bool(endpoint and endpoint.startswith("http://"))},
        )
        return Storage(store, f"s3://{parts.netloc}{parts.path}")
    folder = (
        Path(unquote(parts.path) if parts.scheme == "file" else str(url or data_dir / "store")).expanduser().absolute()
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Storage(LocalStore(folder), str(folder), folder)
    except OSError as error:
        raise StorageUnavailable(str(folder), f"{error.strerror or error}.") from None


def _checked(key: str) -> str:
    if len(key) > MAX_KEY or not _KEY.fullmatch(key):
        raise BadObjectKey(key)
    return key


def _info(meta: Any) -> ObjectInfo:
    etag = meta.get("e_tag")
    return ObjectInfo(meta["path"], meta["size"], meta["last_modified"], etag.strip('"') if etag else None)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
