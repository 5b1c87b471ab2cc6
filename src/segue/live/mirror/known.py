"""Bands as rows: found by their key, made where they are new, with what is known of their names and collections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.core.text import sort_key
from segue.live import bulk
from segue.live.facts import Bands, artist_key
from segue.live.models import LiveArtist, LiveArtistAlias, LiveOverride

ARTISTS = cast(Table, LiveArtist.__table__)


async def bands(conn: AsyncConnection) -> Bands:
    """What is known of bands: their collections, what names as written mean, and which names are no bands."""
    a, w = LiveArtist, LiveArtistAlias
    collections = {
        str(collection).lower(): name
        for collection, name in await conn.execute(
            select(a.collection, a.name).where(a.collection.is_not(None), a.collection != "")
        )
    }
    aliases: dict[str, str] = {}
    blocked: set[str] = set()
    told = select(w.raw, w.action, a.name).join(a, a.id == w.artist_id, isouter=True).where(w.collection == "")
    for raw, action, name in await conn.execute(told):
        if action == "block":
            blocked.add(artist_key(raw))
        elif name is not None and action in ("match", "create"):
            aliases[artist_key(raw)] = name
    return Bands(collections=collections, aliases=aliases, blocked=frozenset(blocked))


async def words_about(conn: AsyncConnection, identifiers: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What people said of recordings, by identifier: {field: value}."""
    o = LiveOverride
    wanted = set(identifiers)
    found: dict[str, dict[str, Any]] = {}
    for subject, field, value in await conn.execute(select(o.subject, o.field, o.value).where(o.scope == "recording")):
        if subject in wanted:
            found.setdefault(subject, {})[field] = value
    return found


class KnownArtists:
    """Numbers of bands by key, read once and kept over a run; new ones are written as they come."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    async def ids(self, tx: Transaction, named: Mapping[str, str]) -> dict[str, int]:
        """The number of each key of `named` (key to name), new rows included."""
        missing = {key: name for key, name in named.items() if key and key not in self._ids}
        if missing:
            rows = [(key, name, sort_key(name)) for key, name in sorted(missing.items())]
            await bulk.put(tx, ARTISTS, ("key", "name", "sort_name"), rows, key=("key",), changes=())
            found = await bulk.rows_of(
                tx.conn,
                f"SELECT key, id FROM live_artists WHERE {bulk.listed('key', tx.dialect, texts=True)}",
                list(missing),
            )
            self._ids.update((key, number) for key, number in found)
        return {key: self._ids[key] for key in named if key in self._ids}

    def forget(self) -> None:
        """After a transaction that was rolled back: what was new is not there."""
        self._ids.clear()
