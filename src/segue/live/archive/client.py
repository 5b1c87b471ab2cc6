"""Asking the archive: searches, whole lists, an item's document, the bands, and its files as they come.

Everything goes the way of all outside services (`core/outside`): kept answers, one question for all who want the same, the
breaker, a pace that all processes share. Nobody is asked before a contact is set. See docs/live.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from segue.core.clock import rfc3339
from segue.core.health import Finding
from segue.core.outside import Ask, Kept, Limit, Outside, Service
from segue.core.plain_text import decode_text
from segue.live.archive import listing as lists
from segue.live.archive.checksums import fingerprints_of
from segue.live.archive.documents import Band, CacheFigures, FoundPage, ItemDocument, ListPage, Standing, identifier_of
from segue.live.archive.faults import ContactMissing
from segue.live.archive.items import info_file
from segue.live.archive.opening import OpenFile, opened_file
from segue.live.archive.queries import quoted
from segue.live.archive.shapes import as_count, as_one
from segue.live.archive.wire import DOWNLOADS, LISTED, SERVICE, as_document
from segue.live.records import Item
from segue.settings import LiveSettings, Settings

DAY_S = 86_400.0
NONE_S = 3600.0
"""How long it is believed that there is no such item."""
BANDS_S = DAY_S
BURST = 5
TEXT_BYTES = 1 << 20


class ArchiveClient:
    """One a process. Every verb raises a Fault, and nothing else; None is a definite no."""

    def __init__(self, outside: Outside, settings: Callable[[], Settings]) -> None:
        self._outside = outside
        self._settings = settings
        self._open = 0
        self._slots = asyncio.Condition()

    async def search(
        self, query: str, *, page: int = 1, rows: int = 50, sort: Sequence[str] = (), fields: Sequence[str] = LISTED
    ) -> FoundPage:
        """A page of what the archive finds for a query in its own language, sorted (`date asc`); 10,000 in all at most."""
        asked: dict[str, Any] = {"q": query, "rows": str(rows), "page": str(page), "output": "json"}
        asked["fl[]"], asked["sort[]"] = list(fields), list(sort)
        live = self._live
        kept = Kept(live.search_minutes * 60, none_s=60, stale_s=live.keep_details_days * DAY_S, in_memory=False)
        name = "\n".join((query, str(page), str(rows), *sort, "", *fields))
        ask = Ask("search", "advancedsearch.php", query=asked, read=lists.read_found, kept=kept, name=name)
        found: FoundPage | None = await self._ask(ask)
        return found or FoundPage((), 0)

    async def listing(
        self, collection: str, *, since: str = "", fields: Sequence[str] = LISTED, cursor: str = ""
    ) -> AsyncIterator[ListPage]:
        """All items of a collection, page after page; with `since` (a moment as the archive writes it) those added then or
        later. Each item comes once. `cursor` goes on where an earlier page ended. Raises a Fault between pages."""
        query = f"collection:{quoted(collection)} AND NOT mediatype:collection"
        if since:
            query += f" AND addeddate:[{since} TO 9999-12-31]"
        async for page in lists.pages(self._scrape, query, tuple(fields), cursor):
            yield page

    async def metadata(self, identifier: str, *, fresh: bool = False) -> ItemDocument | None:
        """An item's own document; None where there is no such item. `fresh`: what is kept does not count."""
        live = self._live
        kept = Kept(
            live.details_days * DAY_S,
            none_s=NONE_S,
            stale_s=live.keep_details_days * DAY_S,
            oldest_s=0.0 if fresh else None,
            in_memory=False,
        )
        ask = Ask("metadata", f"metadata/{quote(identifier, safe='')}", read=as_document, kept=kept, name=identifier)
        found: ItemDocument | None = await self._ask(ask)
        return found

    async def bands(self, parent: str | None = None) -> list[Band]:
        """The collections under `parent`, or under all that the settings offer, by title. Kept for a day."""
        fields = ("identifier", "title", "item_count", "item_size", "downloads")
        found: dict[str, Band] = {}
        for one in (parent,) if parent else self._live.collections:
            query = f"collection:{quoted(one)} AND mediatype:collection"
            async for page in lists.pages(self._scrape_kept, query, fields):
                found |= {band.identifier: band for band in map(_band, page.docs) if band.identifier}
        return sorted(found.values(), key=lambda band: (band.title.casefold(), band.identifier))

    @asynccontextmanager
    async def open_file(
        self,
        identifier: str,
        name: str,
        *,
        offset: int = 0,
        end: int | None = None,
        if_range: str = "",
        listener: bool = False,
    ) -> AsyncIterator[OpenFile | None]:
        """A file as it comes, from `offset` to `end` (the first byte that is not wanted); None where there is none.

        With `if_range` (an ETag or a date) a file that changed since comes whole, as a 200. Waits for a place where as many
        are open as the settings allow; a `listener` has a place beside those. Raises a Fault, also while bytes are read.
        """
        async with self._place(listener):
            service = self._service(DOWNLOADS)
            async with opened_file(self._outside, service, identifier, name, offset, end, if_range) as file:
                yield file

    async def text(self, identifier: str, name: str, most: int = TEXT_BYTES) -> str | None:
        """A small text of an item, whatever its encoding; None where there is none. Of a longer one its first `most` bytes."""
        found = b""
        async with self.open_file(identifier, name, listener=True) as file:
            if file is None or file.status != 200:
                return None
            async for chunk in file.chunks():
                found += chunk
                if len(found) >= most:
                    break
        return decode_text(found[:most]).text

    async def with_info(self, item: Item) -> Item:
        """The item with the text of its info file, where it has one that may be read."""
        file = None if item.dark else info_file(item)
        text = None if file is None else await self.text(item.identifier, file.name)
        return item if text is None else replace(item, info_text=text)

    async def fingerprints(self, item: Item) -> dict[str, str]:
        """Name of a FLAC file to the MD5 of its audio, as the item's .ffp files say."""
        found: dict[str, str] = {}
        for file in item.sidecars:
            if file.name.lower().endswith(".ffp") and not (file.private or item.dark):
                found |= fingerprints_of(await self.text(item.identifier, file.name) or "")
        return found

    async def standing(self) -> Standing:
        """How things stand with the archive."""
        service = self._service()
        gate, row = await self._outside.standing(service)
        figures = await self._outside.kept_of(service)
        now = datetime.now(UTC)
        until = {name: _moment(getattr(gate, name)) for name in ("open_until", "blocked_until")}
        state = gate.breaker(now.timestamp())
        blocked = until["blocked_until"] if gate.blocked_until > now.timestamp() else None
        full = self._live.requests_per_second
        return Standing(
            at=service.base_url,
            contact=bool(self._contact),
            enabled=self._settings().outside.enabled,
            breaker=state,
            open_until=until["open_until"] if state == "open" else None,
            blocked_until=blocked,
            blocked_by=gate.blocked_by if blocked else "",
            rate=round(full * gate.pace, 5),
            full_rate=full,
            asked_at=row.changed_at if row else None,
            answered_at=figures.newest,
            last_fault=row.last_fault if row else None,
            downloads=self._open,
            downloads_at_once=self._live.parallel_downloads,
        )

    async def check(self) -> Finding:
        """For /health: whether the archive may be asked."""
        gate, _ = await self._outside.standing(self._service())
        now = datetime.now(UTC).timestamp()
        if gate.breaker(now) == "open":
            return Finding("degraded", f"The archive cannot be asked before {rfc3339(_moment(gate.open_until))}.")
        if gate.blocked_until > now:
            return Finding(
                "degraded", f"The archive wants to be left alone until {rfc3339(_moment(gate.blocked_until))}."
            )
        return Finding(
            "ok", "The archive may be asked." if self._contact else "The archive is not asked: no contact is set."
        )

    async def cache_figures(self) -> CacheFigures:
        """What is kept of the archive's answers."""
        kept = await self._outside.kept_of(SERVICE)
        outcomes = {"cached": 0, "stale": 0, "ok": 0, "none": 0}
        for (kind, outcome), count in kept.outcomes.items():
            if outcome in outcomes and kind in KEPT_KINDS:
                outcomes[outcome] += count
        return CacheFigures(
            hits=outcomes["cached"],
            stale_hits=outcomes["stale"],
            misses=outcomes["ok"] + outcomes["none"],
            entries=sum(kept.by_kind.values()),
            size_bytes=kept.size_bytes,
            oldest=kept.oldest,
            newest=kept.newest,
            by_kind=kept.by_kind,
        )

    async def clear_cache(self) -> int:
        """Forget every kept answer of the archive; how many. What was mirrored stays."""
        return await self._outside.forget(SERVICE)

    @property
    def _live(self) -> LiveSettings:
        return self._settings().live

    @property
    def _contact(self) -> str:
        return (self._outside.contact or "").strip()

    def _service(self, service: Service = SERVICE) -> Service:
        """The service as the settings have it. Raises ContactMissing where asking is no question yet."""
        rate = self._live.requests_per_second
        limits = (Limit(1, 1 / rate, burst=BURST),) if service is SERVICE else service.limits
        return replace(service, base_url=self._live.base_url.rstrip("/"), limits=limits)

    async def _scrape(self, query: str, fields: Sequence[str], count: int, cursor: str) -> lists.Scraped | None:
        return await self._ask(lists.scrape_ask(query, fields, count, cursor))

    async def _scrape_kept(self, query: str, fields: Sequence[str], count: int, cursor: str) -> lists.Scraped | None:
        kept = Kept(BANDS_S, none_s=60, stale_s=self._live.keep_details_days * DAY_S, in_memory=False)
        ask = lists.scrape_ask(query, fields, count, cursor)
        name = "\n".join((query, str(count), cursor, *fields))
        return await self._ask(replace(ask, kind="bands", kept=kept, name=name))

    async def _ask(self, ask: Ask[Any]) -> Any | None:
        service = self._service()
        if not self._contact:
            raise ContactMissing(service.title)
        return await self._outside.ask(service, replace(ask, base_url=service.base_url))

    @asynccontextmanager
    async def _place(self, listener: bool) -> AsyncIterator[None]:
        if not self._contact:
            raise ContactMissing(SERVICE.title)
        if listener:
            yield
            return
        async with self._slots:
            await self._slots.wait_for(lambda: self._open < self._live.parallel_downloads)
            self._open += 1
        try:
            yield
        finally:
            async with self._slots:
                self._open -= 1
                self._slots.notify_all()


KEPT_KINDS = frozenset(("search", "metadata", "bands"))


def _band(doc: Mapping[str, Any]) -> Band:
    identifier = identifier_of(doc)
    return Band(
        identifier,
        as_one(doc.get("title")) or identifier,
        as_count(doc.get("item_count")),
        as_count(doc.get("item_size") or doc.get("collection_size")),
        as_count(doc.get("downloads")),
    )


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
