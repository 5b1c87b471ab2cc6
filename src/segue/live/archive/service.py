"""Looking into the archive for people: searches (in what is mirrored, else there and then), items, their files, its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.errors import NotFound
from segue.core.outside.faults import Fault
from segue.live.archive import repository
from segue.live.archive.client import ArchiveClient
from segue.live.archive.documents import Band, CacheFigures, ItemDocument, Standing
from segue.live.archive.items import file_of, is_shorten, item_of_listed, item_of_metadata, sounds
from segue.live.archive.queries import SORTS, Wanted, query_of
from segue.live.facts import facts_of
from segue.live.records import Item, ItemFile
from segue.settings import Settings

From = Literal["auto", "mirrored", "live"]
Category = Literal["lossless", "lossy", "text", "checksums", "pictures", "other"]
CATEGORIES: tuple[Category, ...] = ("lossless", "lossy", "text", "checksums", "pictures", "other")
_LOSSLESS = frozenset(["flac", "shn", "wav", "wave", "aif", "aiff", "ape", "wv", "alac", "tta"])
_CHECKSUMS = frozenset(["md5", "ffp", "st5", "sha1", "sha256", "sfv"])
_TEXTS = frozenset(["txt", "nfo", "html", "htm", "rtf", "pdf", "log", "cue"])
_PICTURES = frozenset(["jpg", "jpeg", "png", "gif", "webp", "tif", "tiff", "bmp"])


class NoSuchItem(NotFound):
    def __init__(self, identifier: str) -> None:
        super().__init__("no_such_item", f"The archive has no item {identifier}.", identifier=identifier)


@dataclass(frozen=True, slots=True)
class FoundItem:
    """A recording that a search found. `recording` is its number, where it is known here."""

    identifier: str
    title: str
    artist: str
    date: str
    precision: str
    venue: str
    location: str
    source_type: str
    source: str
    taper: str
    rating: float | None
    review_count: int
    downloads: int
    size_bytes: int | None
    added_at: str
    stream_only: bool
    formats: tuple[str, ...]
    recording: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search: what it says, whence, and how old it is."""

    items: Sequence[FoundItem]
    total: int
    source: Literal["mirrored", "live"]
    at: datetime

    @property
    def age_s(self) -> int:
        return max(0, int((utc_now() - self.at).total_seconds()))


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item of the archive with its tracks, as it says itself."""

    document: ItemDocument
    item: Item
    recording: int | None


class ArchiveService:
    """Asks for people who look around. Raises Faults where the archive cannot be asked and nothing is kept."""

    def __init__(self, db: Database, client: ArchiveClient, settings: Callable[[], Settings]) -> None:
        self._db = db
        self.client = client
        self._settings = settings

    async def search(self, wanted: Wanted, where: From = "auto") -> Found:
        """Recordings in what is mirrored, where that covers what is looked for; else in the archive itself, and where that
        cannot be asked in what happens to be known here. Raises Faults where that is nothing."""
        collections = self._settings().live.collections
        if where != "live":
            async with self._db.read() as conn:
                covers = await self._covered_since(conn, wanted)
                if where == "mirrored" or covers is not None:
                    return await _of_mirror(conn, wanted, covers)
        try:
            query, sort = query_of(wanted, collections), [SORTS[wanted.sort], "identifier asc"]
            page = await self.client.search(query, page=wanted.page, rows=wanted.limit, sort=sort)
        except Fault:
            async with self._db.read() as conn:
                here = await _of_mirror(conn, wanted, None)
            if where == "live" or not here.items:
                raise
            return here
        items = [item_of_listed(doc) for doc in page.docs]
        async with self._db.read() as conn:
            known = await repository.known_here(conn, [item.identifier for item in items])
        return Found([_live(item, known.get(item.identifier)) for item in items], page.total, "live", page.at)

    async def _covered_since(self, conn: AsyncConnection, wanted: Wanted) -> datetime | None:
        """Since when what is mirrored holds all that could be found; None where it does not."""
        own = [wanted.collection] if wanted.collection else []
        if wanted.artist and not own:
            own = await repository.collections_of(conn, wanted.artist)
        for one in own:
            since = await repository.mirrored_since(conn, [one])
            if since is not None:
                return since
        return await repository.mirrored_since(conn, self.collections)

    async def item(self, identifier: str, *, fresh: bool = False) -> ItemShown:
        """An item with its tracks and files. Raises NoSuchItem, Faults."""
        document = await self.client.metadata(identifier, fresh=fresh)
        if document is None:
            raise NoSuchItem(identifier)
        async with self._db.read() as conn:
            known = await repository.known_here(conn, [identifier])
        return ItemShown(document, item_of_metadata(document), known.get(identifier))

    @property
    def collections(self) -> tuple[str, ...]:
        """Those whose bands are offered."""
        return self._settings().live.collections

    async def bands(self) -> list[Band]:
        """The collections of bands under those of the settings, by title."""
        return await self.client.bands()

    async def standing(self) -> Standing:
        return await self.client.standing()

    async def cache_figures(self) -> CacheFigures:
        return await self.client.cache_figures()

    async def clear_cache(self) -> int:
        return await self.client.clear_cache()


async def _of_mirror(conn: AsyncConnection, wanted: Wanted, since: datetime | None) -> Found:
    """What is known here; as old as the mirror that covers it, or as the oldest part of it."""
    total, rows = await repository.search_mirrored(conn, wanted)
    at = since or min((row.seen_at for row in rows), default=utc_now())
    return Found([_mirrored(row) for row in rows], total, "mirrored", at)


def by_category(shown: ItemShown) -> Mapping[Category, list[ItemFile]]:
    """Every file of an item under what it is for; categories without a file are there too."""
    files = [file for track in shown.item.tracks for file in track.files]
    there = {file.name for file in files}
    others = [file for file in map(file_of, shown.document.files) if file.name and file.name not in there]
    found: dict[Category, list[ItemFile]] = {category: [] for category in CATEGORIES}
    for file in (*files, *others):
        found[category_of(file)].append(file)
    return found


def category_of(file: ItemFile) -> Category:
    ending = file.name.rpartition(".")[2].casefold()
    if sounds(file):
        return "lossless" if ending in _LOSSLESS or is_shorten(file) else "lossy"
    if ending in _CHECKSUMS:
        return "checksums"
    if file.source == "metadata":
        return "other"
    return "text" if ending in _TEXTS else "pictures" if ending in _PICTURES else "other"


def may_be_downloaded(shown: ItemShown, file: ItemFile) -> bool:
    return not (file.private or shown.item.stream_only or shown.item.dark)


def _live(item: Item, recording: int | None) -> FoundItem:
    facts = facts_of(item)
    raw = item.raw.get("format")
    formats = raw if isinstance(raw, list) else [raw] if raw else []
    return FoundItem(
        item.identifier, item.title, facts.artist_names[0], facts.date, facts.precision, item.venue, item.location,
        facts.source_type, item.source, facts.taper, item.rating, item.review_count, item.downloads, item.size_bytes,
        item.added_at, item.stream_only, tuple(str(one) for one in formats), recording,
    )  # fmt: skip


def _mirrored(row: Any) -> FoundItem:
    return FoundItem(
        row.identifier, row.title, row.artist or "", row.date, row.precision, row.venue, row.location, row.source_type,
        row.source, row.taper, row.rating, row.review_count, row.downloads, row.size_bytes, row.added_at,
        row.stream_only, tuple(str(one) for one in row.formats or ()), row.id,
    )  # fmt: skip
