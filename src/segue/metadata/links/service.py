"""The verbs of links: what something is in the catalogue, what a person says about that, and what follows from it.

`LinkService` has the verbs of its parts as well: Comparing lays the library beside the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.catalog.asking import resolve, rows
from segue.catalog.items import Shown
from segue.catalog.records import Kind
from segue.catalog.service import CatalogService
from segue.catalog.store import Backend
from segue.core.access import Actor
from segue.core.changes import fact
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.jobs import JobService
from segue.jobs.service import Ticket
from segue.library.edits.errors import MayNotEdit
from segue.library.edits.service import EDITOR, EditService
from segue.library.finding.facts import known_albums, known_artists, known_tracks
from segue.library.service import LibraryService
from segue.metadata.links import linking, repository
from segue.metadata.links.batches import Held, link_albums, link_artists
from segue.metadata.links.choosing import Choice
from segue.metadata.links.comparing import Comparing
from segue.metadata.links.errors import BadChoice, LinkNotFound
from segue.metadata.links.ground import PREFIXES, AlbumBeside, LinkView, Waiting, items_of
from segue.metadata.links.mentions import Mentions

LINK = "metadata.link_catalog"
STATES = ("linked", "review", "none", "confirmed", "rejected")


class LinkService(Comparing):
    """The door to links. `mentions` are what texts mean that mean nothing in the library."""

    def __init__(
        self, db: Database, catalog: CatalogService, library: LibraryService, edits: EditService, jobs: JobService
    ) -> None:
        super().__init__(db, catalog, library, edits, jobs)
        self.mentions = Mentions(db, catalog)

    # --- what is in doubt -------------------------------------------------------------------------------------------------

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
            items = await items_of(backend, some)
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


__all__ = ["LINK", "PREFIXES", "AlbumBeside", "LinkService", "LinkView"]
