"""Which collections of the archive are one band's: asked of the archive itself before a list is read, since a collection says
better than any spelling whose concert it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import structlog
from sqlalchemy import Table, select, update

from segue.core.db import Database
from segue.core.outside.faults import Fault
from segue.core.text import sort_key
from segue.live import bulk
from segue.live.archive import ArchiveClient, Band
from segue.live.facts import artist_key
from segue.live.models import LiveArtist

log = structlog.get_logger("segue.live")
ARTISTS = cast(Table, LiveArtist.__table__)
AT_ONCE = 2_000


async def learn_collections(db: Database, archive: ArchiveClient) -> int:
    """Have a row for every band with a collection of its own; how many came or got their collection. Where the archive cannot
    be asked, what is known stays, and spellings have to do."""
    try:
        bands = await archive.bands()
    except Fault as fault:
        log.info("live_bands_not_asked", code=fault.code, reason=fault.reason)
        return 0
    return await take_in_bands(db, bands)


async def take_in_bands(db: Database, bands: Iterable[Band]) -> int:
    """Keep bands with their collections; a collection that is known to be somebody's stays theirs."""
    a = ARTISTS.c
    async with db.read() as conn:
        rows = (await conn.execute(select(a.key, a.collection))).all()
    known = {row.key: row.collection for row in rows}
    taken = {row.collection for row in rows if row.collection}
    new: list[tuple[str, str, str, str]] = []
    named: dict[str, str] = {}
    for band in bands:
        key = artist_key(band.title)
        if not key or band.identifier in taken or known.get(key):
            continue
        taken.add(band.identifier)
        if key in known:
            named[key] = band.identifier
        else:
            new.append((key, band.title, sort_key(band.title), band.identifier))
        known[key] = band.identifier
    for start in range(0, len(new), AT_ONCE):
        async with db.write() as tx:
            columns = ("key", "name", "sort_name", "collection")
            await bulk.put(tx, ARTISTS, columns, new[start : start + AT_ONCE], key=("key",), changes=())
    if named:
        async with db.write() as tx:
            for key, collection in named.items():
                await tx.execute(update(LiveArtist).where(a.key == key).values(collection=collection))
    return len(new) + len(named)
