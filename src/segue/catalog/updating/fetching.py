"""Fetches large files over HTTP: a cut connection goes on where it was, and nothing counts before its checksum is right.

What has come lies in `NAME.part`, with what the server calls this version of the file (`NAME.part.version`) beside it; a
part of another version is thrown away by the server's answer to If-Range (RFC 9110, 13.1.5). A server that is busy
(429, 503) is left alone for as long as its Retry-After says.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
from msgspec import Struct

from segue import __version__
from segue.catalog.updating.errors import NoRoomForDump, NoSuchDump, WrongChecksum
from segue.core.clock import utc_now
from segue.core.outside.faults import ProviderBug, Throttled, Transient

PIECE = 1 << 20
READ_S = 60.0
"""How long a server may be silent in the middle of a file."""
FAILURES = 6
"""Attempts in a row that bring nothing, before it is left for another time."""
LONGEST_WAIT_S = 300.0
"""A longer Retry-After is no wait but a Throttled: a job comes back for it."""
MAX_REDIRECTS = 5
SMALL = 1 << 20
"""Bytes of a file that is read into memory: names and checksums."""
_LOOK_EVERY = 256 << 20
"""Bytes between two looks at how much room there is."""

Told = Callable[[int, int, str], None]
Sleep = Callable[[float], Awaitable[None]]


class Wanted(Struct, frozen=True):
    """One file to fetch. `checksum` is in hexadecimal, of the kind that its length says (MD5, SHA-1, SHA-256, SHA-512)."""

    name: str
    url: str
    checksum: str = ""


_HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}


class Fetcher:
    """`title` names the place in faults; at least `floor` bytes of the disk stay free. `check` is called between pieces, and
    what it raises ends the fetching; what has come stays for the next time."""

    def __init__(
        self,
        title: str,
        *,
        contact: str | None = None,
        floor: int = 0,
        told: Told = lambda done, total, what: None,
        check: Callable[[], None] = lambda: None,
        sleep: Sleep = asyncio.sleep,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._title = title
        self._floor = floor
        self._told = told
        self._check = check
        self._sleep = sleep
        self._client = httpx2.AsyncClient(
            headers={"User-Agent": f"Segue/{__version__} ({contact or 'a personal music server'})"},
            timeout=httpx2.Timeout(READ_S, connect=10.0),
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def text(self, url: str) -> str | None:
        """A small file; None where there is none. Raises Throttled, Transient, ProviderBug."""

        async def once() -> str | None:
            async with self._client.stream("GET", url) as response:
                if not self._is_there(response):
                    return None
                found = b""
                async for piece in response.aiter_bytes():
                    found += piece
                    if len(found) > SMALL:
                        raise ProviderBug(self._title, reason="too_large", said=url)
                return found.decode("utf-8", "replace")

        found: str | None = await self._patiently(once)
        return found

    async def version(self, url: str) -> str | None:
        """What tells this version of a file from others, without fetching it; None where there is no such file."""

        async def once() -> str | None:
            response = await self._client.head(url)
            return _version(response) or "?" if self._is_there(response) else None

        found: str | None = await self._patiently(once)
        return found

    async def fetch(self, wanted: Wanted, folder: Path) -> Path:
        """Have a file whole in a folder; one that is there already was whole. Raises NoSuchDump, NoRoomForDump,
        WrongChecksum, Throttled, Transient, ProviderBug, OSError."""
        target = folder / wanted.name
        if target.exists():
            return target
        part = Part(folder, wanted)
        for last in (False, True):
            await self._patiently(lambda: self._more(part, wanted), part)
            got = await asyncio.to_thread(part.checksum, self._check)
            if not wanted.checksum or got == wanted.checksum.lower():
                part.keep(target)
                return target
            part.forget()
            if last:
                raise WrongChecksum(wanted.name, wanted.checksum, got)
        raise AssertionError("a file was neither kept nor refused")

    async def _more(self, part: Part, wanted: Wanted) -> None:
        """Ask for what is missing of a file, and write what comes."""
        have = part.size
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
            if part.version:
                headers["If-Range"] = part.version
        async with self._client.stream("GET", wanted.url, headers=headers) as response:
            if response.status_code == 416:
                if _whole_size(response) != have:
                    part.forget()
                    raise httpx2.RemoteProtocolError("the part is longer than the file")
                return
            if not self._is_there(response):
                raise NoSuchDump(self._title, wanted.name)
            if response.status_code != 206 or _first_byte(response) != have:
                part.forget()
                have = 0
            part.begin(_version(response))
            length = int(response.headers.get("content-length") or 0)
            total = have + length
            self._look(part.path.parent, length)
            since = 0
            with part.path.open("ab") as file:
                async for piece in response.aiter_raw():
                    self._check()
                    file.write(piece)
                    have += len(piece)
                    since += len(piece)
                    self._told(have, total, f"fetching {wanted.name}")
                    if since >= _LOOK_EVERY:
                        self._look(part.path.parent, total - have)
                        since = 0
            if length and have < total:
                raise httpx2.RemoteProtocolError(f"{total - have:,} bytes are missing")

    def _is_there(self, response: httpx2.Response) -> bool:
        """Whether the answer is the file; False where there is none. Raises what a busy or broken server means."""
        status = response.status_code
        if status in (429, 503):
            wait = _retry_after(response)
            if wait is not None:
                raise _Busy(wait)
        if status == 429 or status >= 500:
            raise httpx2.RemoteProtocolError(f"the server answered {status}")
        if status in (404, 410):
            return False
        if status not in (200, 206):
            raise ProviderBug(self._title, reason="refused", said=str(response.url), status_code=status)
        return True

    async def _patiently(self, work: Callable[[], Awaitable[Any]], part: Part | None = None) -> Any:
        """Do it until it succeeds; where several attempts in a row bring nothing, raises Transient or Throttled."""
        failures = 0
        while True:
            before = part.size if part else 0
            try:
                return await work()
            except _Busy as busy:
                failures += 1
                if busy.wait_s > LONGEST_WAIT_S or failures >= FAILURES:
                    raise Throttled(self._title, utc_now() + timedelta(seconds=busy.wait_s)) from None
                await self._sleep(busy.wait_s)
                continue
            except (httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.TooManyRedirects) as error:
                raise ProviderBug(self._title, reason="url", said=str(error)) from None
            except (httpx2.HTTPError, httpx2.StreamError) as error:
                failures = 1 if part and part.size > before else failures + 1
                if failures >= FAILURES:
                    raise Transient(self._title, reason="broken_off", said=str(error)) from error
            self._check()
            await self._sleep(min(60.0, 2.0**failures) * random.uniform(0.5, 1.0))

    def _look(self, folder: Path, needed: int) -> None:
        free = shutil.disk_usage(folder).free
        if free - needed < self._floor:
            raise NoRoomForDump(folder, needed, free, self._floor)


class Part:
    """What has come of a file so far."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{wanted.name}.part"
        self._version_path = folder / f"{wanted.name}.part.version"
        self._hash = _HASHES.get(len(wanted.checksum), "sha256")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def version(self) -> str:
        try:
            return self._version_path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return ""

    def begin(self, version: str) -> None:
        """The bytes that come now are of this version."""
        self._version_path.write_text(version.encode("ascii", "ignore").decode(), encoding="ascii")

    def checksum(self, check: Callable[[], None]) -> str:
        """Of all that has come, in hexadecimal."""
        found = hashlib.new(self._hash)
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                check()
                found.update(piece)
        return found.hexdigest()

    def keep(self, target: Path) -> None:
        """It is whole: give it its name, for good."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        self.path.replace(target)
        self._version_path.unlink(missing_ok=True)

    def forget(self) -> None:
        for path in (self.path, self._version_path):
            with suppress(FileNotFoundError):
                path.unlink()


class _Busy(Exception):
    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


def place_of(url: str) -> str:
    """The host of an address, to name it by."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def _version(response: httpx2.Response) -> str:
    """A strong validator: an ETag that is not weak, else when it was last changed."""
    etag = response.headers.get("etag", "")
    return etag if etag.startswith('"') else response.headers.get("last-modified", "")


def _first_byte(response: httpx2.Response) -> int | None:
    """Of `Content-Range: bytes 100-199/200` the 100."""
    first = response.headers.get("content-range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdigit() else None


def _whole_size(response: httpx2.Response) -> int | None:
    """Of `Content-Range: bytes */200` the 200."""
    size = response.headers.get("content-range", "").rpartition("/")[2]
    return int(size) if size.isdigit() else None


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds, or the time until a date; None where it is not said or cannot be read."""
    said = response.headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
