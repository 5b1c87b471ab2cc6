"""What the tests of the archive's client share: a client over the emulator's archive, whose waits cost no time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from segue.core.cache import open_cache
from segue.core.db import Database
from segue.core.outside import Outside
from segue.live.archive import ArchiveClient
from segue.settings import LiveSettings, Settings
from tests.core.outside.ground import Moved

CONTACT = "keeper@segue.example"


@asynccontextmanager
async def a_client(
    db: Database, url: str, *, clock: Moved | None = None, contact: str | None = CONTACT, **live: Any
) -> AsyncIterator[ArchiveClient]:
    """A client of the archive at the emulator's `url`; `live` are settings."""
    clock = clock or Moved()
    outside = Outside(db, open_cache(None), contact=contact, clock=clock, sleep=clock.sleep)
    settings = Settings(live=LiveSettings(base_url=f"{url}/archive", **live))
    try:
        yield ArchiveClient(outside, lambda: settings)
    finally:
        await outside.close()


async def read(client: ArchiveClient, identifier: str, name: str, **how: Any) -> bytes:
    """All bytes that come of a file."""
    async with client.open_file(identifier, name, **how) as file:
        assert file is not None
        return b"".join([chunk async for chunk in file.chunks()])
