"""The verbs of links: what something is in the catalogue, what a person says about that, and what follows from it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.catalog.asking import resolve, rows
from segue.catalog.documents import named, read_album, read_artist
from segue.catalog.items import Item, Shown
from segue.catalog.records import Kind
from segue.catalog.service import CatalogService, NoCatalogue
from segue.catalog.store import Backend
from segue.core.access import Actor
from segue.core.changes import fact
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import SegueError
from segue.core.ids import format_id
from segue.core.rest import BadCursor
from segue.jobs import JobService
from segue.jobs.service import Ticket
from segue.library.edits.errors import MayNotEdit
from segue.library.edits.service import EDITOR, EditService
from segue.library.finding.facts import (
    KnownAlbum,
    albums_by,
    known_albums,
    known_artists,
    known_tracks,
    seen_artist,
)
from segue.library.service import LibraryService, NotInLibrary
from segue.match import compare_releases, take_apart
from segue.match.verdict import REVIEW
from segue.metadata.links import linking, repository, suggestions
from segue.metadata.links.batches import Held, link_albums, link_artists
from segue.metadata.links.choosing import Choice
from segue.metadata.links.errors import BadChoice, LinkNotFound
from segue.metadata.links.gathering import Gathering, release_facts
from segue.metadata.links.mentions import Mentions
from segue.metadata.links.missing import Line, beside

LINK = "metadata.link_catalog"
PREFIXES = {"track": "tr", "album": "al", "artist": "ar"}
STATES = ("linked", "review", "none", "confirmed", "rejected")
MOST_ALBUMS = 5_000
"""Albums of one artist that are looked through where a list is filtered."""


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
    """Albums of the catalogue, each with what somebody has of it: (album of the library, whether that is sure)."""

    link: LinkView
    items: list[tuple[Item, list[tuple[Any, bool]]]] = field(default_factory=list)
    next: str | None = None
    total: int = 0


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the catalogue would say of a thing."""

    link: LinkView
    source: str = ""
    found: list[suggestions.Suggestion] = field(default_factory=list)


class LinkService:
    """The door to links. `mentions` are what texts mean that mean nothing in the library."""

    def __init__(
        self, db: Database, catalog: CatalogService, library: LibraryService, edits: EditService, jobs: JobService
    ) -> None:
        self._db = db
        self._catalog = catalog
        self._library = library
        self._edits = edits
        self._jobs = jobs
        self.mentions = Mentions(db, catalog)

    # --- asking -----------------------------------------------------------------------------------------------------------

    async def link(self, actor: Actor, kind: Kind, number: int) -> LinkView:
        """What a track, album or artist is in the catalogue. Raises NotInLibrary."""
        async with self._db.read() as conn:
            await self._seen(conn, actor, kind, [number])
            row = (await repository.links_of(conn, kind, [number])).get(number)
        async with self._maybe() as backend:
            return LinkView(kind, number, row, await _item(backend, kind, row))

    async def page(
        self, actor: Actor, *, kinds: Sequence[Kind], states: Sequence[str], after: int = 0, limit: int = 50
    ) -> tuple[list[Waiting], int | None]:
        """Links of these kinds in these states, and where to go on: what is in doubt, for a person to look at."""
        async with self._db.read() as conn:
            found = await repository.page(
                conn, actor.libraries, kinds=kinds, states=states, after=after, limit=limit + 1
            )
            some = found[:limit]
            words = {
                kind: await self._library.remembered(
                    conn, actor, kind, [row.entity_id for row in some if row.kind == kind]
                )
                for kind in {row.kind for row in some}
            }
        async with self._maybe() as backend:
            items = await _items(backend, some)
        waiting = []
        for row in some:
            ours = words[row.kind].get(row.entity_id)
            if ours is not None:
                waiting.append(Waiting(row, ours.title, ours.artist, ours.album, items.get(row.id)))
        return waiting, some[-1].id if len(found) > limit else None

    async def counts(self, actor: Actor) -> dict[str, dict[str, int]]:
        """How many links there are, by kind and state."""
        async with self._db.read() as conn:
            counted = await repository.counts(conn, actor.libraries)
        return {kind: {state: counted.get((kind, state), 0) for state in STATES} for kind in PREFIXES}

    async def beside(self, actor: Actor, number: int) -> AlbumBeside:
        """An album beside its release in the catalogue: what is lacking, what is on both. Raises NotInLibrary."""
        page = await self._library.album(number, actor)
        views = [track for disc in page.discs for track in disc.tracks]
        number = page.album.id
        async with self._db.read() as conn:
            row = (await repository.links_of(conn, "album", [number])).get(number)
            known = await known_tracks(conn, [view.id for view in views])
            links = await repository.links_of(conn, "track", list(known))
        async with self._maybe() as backend:
            item = await _item(backend, "album", row)
            link = LinkView("album", number, row, item)
            if backend is None or item is None:
                return AlbumBeside(link)
            candidates = await Gathering(backend).tracks_of(row.value)  # type: ignore[union-attr]
            (of,) = await resolve(backend, [row.value], "album")  # type: ignore[union-attr]
            assert of is not None
            theirs = await rows(backend, "track", await backend.album_tracks(of.ranks[0]), album=False)
            shown = Shown(backend.namespace, backend.licence)
            items = await asyncio.to_thread(lambda: [shown.track(one.document, one.more) for one in theirs])
        ours = [known[view.id] for view in views if view.id in known]
        values = {track: one.value for track, one in links.items() if one.state in ("linked", "confirmed")}
        lines = await asyncio.to_thread(beside, ours, values, candidates)
        lacking = [candidates[line.theirs].value for line in lines if line.state == "lack" and line.theirs is not None]
        async with self._db.read() as conn:
            elsewhere = await repository.with_values(conn, "track", lacking, actor.libraries)
        present = {view.id: view for view in views}
        return AlbumBeside(link, lines, [present[one.id] for one in ours], items, elsewhere)

    async def discography(
        self,
        actor: Actor,
        number: int,
        *,
        type: str | None = None,
        have: bool | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Discography:
        """The albums of an artist in the catalogue, newest first, and what of them is here. Raises NotInLibrary, BadCursor."""
        start = _offset(cursor)
        async with self._db.read() as conn:
            await self._seen(conn, actor, "artist", [number])
            row = (await repository.links_of(conn, "artist", [number])).get(number)
            mine = await known_albums(conn, await albums_by(conn, number, actor.libraries))
            links = await repository.links_of(conn, "album", list(mine))
        async with self._maybe() as backend:
            item = await _item(backend, "artist", row)
            link = LinkView("artist", number, row, item)
            if backend is None or item is None:
                return Discography(link)
            (of,) = await resolve(backend, [row.value], "artist")  # type: ignore[union-attr]
            assert of is not None
            ranks = await backend.artist_albums(of.ranks[0])
            (document,) = await backend.artists(of.ranks[:1])
            own_id = read_artist(document).id
            by_value: dict[str, list[int]] = {}
            for album, one in links.items():
                if one.value and one.state in ("linked", "confirmed"):
                    by_value.setdefault(one.value, []).append(album)
            linked = {album for some in by_value.values() for album in some}
            loose = [album for album in mine.values() if album.id not in linked]
            if type is None and have is None:
                total, some = len(ranks), ranks[start : start + limit]
                found = await rows(backend, "album", some)
                here = await asyncio.to_thread(_have, backend.namespace, found, by_value, loose)
                following = start + limit if start + limit < total else None
            else:
                every = await rows(backend, "album", ranks[:MOST_ALBUMS])
                has = await asyncio.to_thread(_have, backend.namespace, every, by_value, loose)
                kept = [
                    (one, its)
                    for one, its in zip(every, has, strict=True)
                    if (have is None or bool(its) == have) and (type is None or read_album(one.document).type == type)
                ]
                total, part = len(kept), kept[start : start + limit]
                found, here = [one for one, _ in part], [its for _, its in part]
                following = start + limit if start + limit < total else None
            shown = Shown(backend.namespace, backend.licence)
            items = await asyncio.to_thread(
                lambda: [shown.album(one.document, one.more, of_artist=own_id) for one in found]
            )
        wanted = {album for its in here for album, _ in its}
        views = {view.id: view for view in await self._library.albums_of(list(wanted), actor)}
        pairs = [
            (item, [(views[album], sure) for album, sure in its if album in views])
            for item, its in zip(items, here, strict=True)
        ]
        return Discography(link, pairs, None if following is None else str(following), total)

    async def suggestions(self, actor: Actor, kind: Kind, number: int) -> Suggested:
        """What the catalogue would say in place of what a track or album says. Raises NotInLibrary."""
        state = await self._edits.state(actor, kind, number)
        link = await self.link(actor, kind, state.id)
        facts = self._catalog.facts
        if link.item is None or facts is None or link.row.state not in ("linked", "confirmed"):  # type: ignore[union-attr]
            return Suggested(link)
        now = {name: one.value for name, one in state.fields.items()}
        suggest = suggestions.for_track if kind == "track" else suggestions.for_album
        return Suggested(link, facts.manifest.source, suggest(link.item, now))

    # --- deciding ---------------------------------------------------------------------------------------------------------

    async def decide(self, actor: Actor, kind: Kind, number: int, value: str | None) -> LinkView:
        """Say what a thing is in the catalogue, for good; None: nothing there. Raises MayNotEdit, NotInLibrary, BadChoice,
        NoCatalogue."""
        _check_right(actor)
        async with self._catalog.use() as backend:
            if value is not None:
                value = await _own_value(backend, kind, value)
            async with self._db.write() as tx:
                (library,) = await self._seen(tx.conn, actor, kind, [number])
                now = utc_now()
                values = {
                    "library_id": library, "state": "rejected" if value is None else "confirmed", "value": value,
                    "score": None, "method": "chosen", "reasons": [["chosen", {}, 1.0]], "others": None,
                    "snapshot": backend.id, "looked_at": now, "decided_by": actor.user_id, "decided_at": now,
                }  # fmt: skip
                await linking.announce(tx, [await repository.decide(tx, kind, number, values)])
        return await self.link(actor, kind, number)

    async def undecide(self, actor: Actor, kind: Kind, number: int) -> LinkView:
        """Take back what a person said about a thing, and look for it anew. Raises MayNotEdit, NotInLibrary, LinkNotFound."""
        return await self._anew(actor, kind, number, refuse=None, forget=True)

    async def refuse(self, actor: Actor, kind: Kind, number: int, value: str) -> LinkView:
        """Say that a thing is not this row of the catalogue; what else it may be is looked for. Raises as `undecide`."""
        return await self._anew(actor, kind, number, refuse=value, forget=False)

    async def _anew(self, actor: Actor, kind: Kind, number: int, *, refuse: str | None, forget: bool) -> LinkView:
        async with self._db.write() as tx:
            await self._seen(tx.conn, actor, kind, [number])
            _check_right(actor)
            row = (await repository.links_of(tx.conn, kind, [number])).get(number)
            if row is None:
                raise LinkNotFound(format_id(PREFIXES[kind], number))
            refused = [] if forget else sorted({*(row.refused or ()), *([refuse] if refuse else ())})
            values = {"refused": refused or None, "decided_by": None, "decided_at": None}
            await linking.announce(tx, [await repository.decide(tx, kind, number, {**_kept(row), **values})])
        async with self._catalog.use() as backend:
            async with self._db.read() as conn:
                choice = await self._choice(conn, backend, kind, number)
            async with self._db.write() as tx:
                found = {
                    "entity_id": number, "library_id": row.library_id, "snapshot": backend.id, "looked_at": utc_now(),
                    **choice.as_row(),
                }  # fmt: skip
                await linking.announce(tx, await repository.put(tx, kind, [found]))
        return await self.link(actor, kind, number)

    async def _choice(self, conn: AsyncConnection, backend: Backend, kind: Kind, number: int) -> Choice:
        """What one thing is, as the job would find."""
        refused = {number: (await repository.links_of(conn, kind, [number]))[number].refused or ()}
        if kind == "artist":
            works = await repository.works_of(conn, [number])
            artists = await known_artists(conn, [number])
            return (await link_artists(backend, artists, works, refused))[number]
        if kind == "album":
            albums = await known_albums(conn, [number])
            held = Held({}, await repository.links_of(conn, "album", [number]))
            return (await link_albums(backend, albums, [], held)).albums[number]
        tracks = await known_tracks(conn, [number])
        albums = await known_albums(conn, [tracks[number].album_id])
        held = Held(
            await repository.links_of(conn, "track", [number]),
            await repository.links_of(conn, "album", list(albums)),
        )
        return (await link_albums(backend, albums, list(tracks.values()), held)).tracks[number]

    # --- the job ----------------------------------------------------------------------------------------------------------

    async def request(self, actor: Actor, *, anew: bool = False) -> Ticket:
        """Have the job look now; with `anew` at everything."""
        key = f"{LINK}.anew" if anew else LINK
        return await self._jobs.enqueue_now(LINK, {"anew": anew}, dedup_key=key, created_by=actor.user_id)

    async def after_scan(self) -> None:
        """Look at what a scan changed; nothing is asked for where there is no catalogue."""
        if self._catalog.facts is not None:
            await self._jobs.enqueue_now(LINK, {}, dedup_key=LINK, priority=-5)

    async def after_change(self, snapshot: str) -> None:
        """Another catalogue is served: look in it, unless that was done."""
        async with self._db.read() as conn:
            if await fact(conn, linking.SNAPSHOT) == snapshot:
                return
        await self._jobs.enqueue_now(LINK, {}, dedup_key=LINK, priority=-5)

    async def texts_came(self, tx: Transaction) -> None:
        """Called in the transaction in which texts came that mean nothing in the library."""
        if self._catalog.facts is not None:
            await self._jobs.enqueue(tx, LINK, {}, dedup_key=LINK, priority=-5)

    # --- what others tell -------------------------------------------------------------------------------------------------

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called inside the transaction that makes one track of two; so are the two below."""
        await repository.move(tx, "track", merged, kept)

    async def on_artist_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        await repository.move(tx, "artist", merged, kept)

    async def on_album_ended(self, tx: Transaction, ended: int, kept: int) -> None:
        await repository.move(tx, "album", ended, kept)

    async def library_removed(self, tx: Transaction, library: int) -> None:
        """Called inside the transaction in which a library goes."""
        await repository.drop_library(tx, library)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        await repository.forget_person(tx, user_id)

    # --- ground -----------------------------------------------------------------------------------------------------------

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
    async def _maybe(self) -> Any:
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


def _check_right(actor: Actor) -> None:
    if not actor.is_admin and EDITOR not in actor.roles:
        raise MayNotEdit


def _kept(row: Any) -> dict[str, Any]:
    names = ("library_id", "state", "value", "score", "method", "reasons", "others", "snapshot", "looked_at")
    return {name: getattr(row, name) for name in names}


async def _own_value(backend: Backend, kind: Kind, text: str) -> str:
    """The id in the catalogue of what `text` names. Raises BadChoice."""
    (found,) = await resolve(backend, [text], kind)
    if found is None or found.kind != kind:
        raise BadChoice(kind, text)
    (row,) = await rows(backend, kind, found.ranks[:1])
    shown = Shown(backend.namespace, backend.licence)
    make = {"track": shown.track, "album": shown.album, "artist": shown.artist}[kind]
    return str(make(row.document, row.more)["id"])


async def _item(backend: Backend | None, kind: Kind, row: Any | None) -> Item | None:
    if backend is None or row is None or row.value is None:
        return None
    return (await _items(backend, [row])).get(row.id)


async def _items(backend: Backend | None, links: Sequence[Any]) -> dict[int, Item]:
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


def _have(
    namespace: str, albums: Sequence[Any], by_value: Mapping[str, list[int]], loose: Sequence[KnownAlbum]
) -> list[list[tuple[int, bool]]]:
    """For each album of the catalogue what of ours it is: by links, else by what is not linked and reads alike."""
    by_title: dict[str, list[KnownAlbum]] = {}
    for album in loose:
        by_title.setdefault(take_apart(album.facts.title).core, []).append(album)
    found = []
    for row in albums:
        document = read_album(row.document)
        here = [(number, True) for number in by_value.get(named(namespace, "album", document.id), ())]
        if not here and by_title:
            facts = release_facts(document)
            for album in by_title.get(take_apart(facts.title).core, ()):
                if compare_releases(album.facts, facts).score >= REVIEW:
                    here.append((album.id, False))
        found.append(here)
    return found


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise BadCursor
    return int(cursor)


__all__ = ["LINK", "LinkService", "NoCatalogue"]
