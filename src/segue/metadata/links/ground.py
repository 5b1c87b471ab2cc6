"""What all verbs of links stand on: who may see what, links with what they lead to, and what the verbs give back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.catalog.asking import resolve, rows
from segue.catalog.items import Item, Shown
from segue.catalog.records import Kind
from segue.catalog.service import CatalogService
from segue.catalog.store import Backend
from segue.core.access import Actor
from segue.core.db import Database
from segue.core.errors import SegueError
from segue.jobs import JobService
from segue.library.edits.service import EditService
from segue.library.finding.facts import seen_artist
from segue.library.service import LibraryService, NotInLibrary
from segue.metadata.links import repository
from segue.metadata.links.missing import Line
from segue.metadata.links.suggestions import Suggestion

PREFIXES = {"track": "tr", "album": "al", "artist": "ar"}


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as it is kept (None: it was not looked for yet), and what it leads to (None: nothing, or no longer there)."""

    kind: Kind
    entity_id: int
    row: Any | None
    item: Item | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A link and what it is of: title, artist and album of ours."""

    row: Any
    title: str
    artist: str
    album: str
    item: Item | None


@dataclass(frozen=True, slots=True)
class AlbumBeside:
    """An album beside its release: what every line means is in `tracks` (ours, by id) and `theirs` (by place)."""

    link: LinkView
    lines: list[Line] = field(default_factory=list)
    ours: list[Any] = field(default_factory=list)
    theirs: list[Item] = field(default_factory=list)
    elsewhere: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Discography:
    """Albums of the catalogue, each with what somebody has of it: (album of the library, whether that is sure). Without
    one of the catalogue it is an album that is only here."""

    link: LinkView
    items: list[tuple[Item | None, list[tuple[Any, bool]]]] = field(default_factory=list)
    next: str | None = None
    total: int = 0


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the catalogue would say of a thing."""

    link: LinkView
    source: str = ""
    found: list[Suggestion] = field(default_factory=list)


class LinkGround:
    """The state of the service, and how its parts see things."""

    def __init__(
        self, db: Database, catalog: CatalogService, library: LibraryService, edits: EditService, jobs: JobService
    ) -> None:
        self._db = db
        self._catalog = catalog
        self._library = library
        self._edits = edits
        self._jobs = jobs

    async def link(self, actor: Actor, kind: Kind, number: int) -> LinkView:
        """What a track, album or artist is in the catalogue. Raises NotInLibrary."""
        async with self._db.read() as conn:
            await self._seen(conn, actor, kind, [number])
            row = (await repository.links_of(conn, kind, [number])).get(number)
        async with self._maybe() as backend:
            return LinkView(kind, number, row, await item_of(backend, kind, row))

    async def _seen(
        self, conn: AsyncConnection, actor: Actor, kind: Kind, numbers: Collection[int]
    ) -> list[int | None]:
        """The libraries of things that `actor` may see (None for artists). Raises NotInLibrary."""
        if kind == "artist":
            for number in numbers:
                if not await seen_artist(conn, number, actor.libraries):
                    raise NotInLibrary("artists", number)
            return [None] * len(numbers)
        there = await self._library.remembered(conn, actor, kind, list(numbers))
        for number in numbers:
            if number not in there:
                raise NotInLibrary(f"{kind}s", number)
        return [there[number].library_id for number in numbers]

    @asynccontextmanager
    async def _maybe(self) -> AsyncIterator[Backend | None]:
        """The catalogue where there is one that can be asked, else None."""
        try:
            using = self._catalog.use()
            backend = await using.__aenter__()
        except SegueError:
            yield None
            return
        try:
            yield backend
        finally:
            await using.__aexit__(None, None, None)


async def item_of(backend: Backend | None, kind: Kind, row: Any | None) -> Item | None:
    if backend is None or row is None or row.value is None:
        return None
    return (await items_of(backend, [row])).get(row.id)


async def items_of(backend: Backend | None, links: Sequence[Any]) -> dict[int, Item]:
    """What links lead to, by link; those that lead nowhere (any more) are left out."""
    some = [row for row in links if row.value]
    if backend is None or not some:
        return {}
    found = await resolve(backend, [row.value for row in some])
    shown = Shown(backend.namespace, backend.licence)
    make = {"track": shown.track, "album": shown.album, "artist": shown.artist}
    items: dict[int, Item] = {}
    for kind in make:
        hits = [
            (row.id, hit.ranks[0]) for row, hit in zip(some, found, strict=True) if hit and hit.kind == kind == row.kind
        ]
        documents = await rows(backend, kind, [rank for _, rank in hits])  # type: ignore[arg-type]
        for (number, _), one in zip(hits, documents, strict=True):
            items[number] = make[kind](one.document, one.more)
    return items
