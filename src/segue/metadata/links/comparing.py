"""The library beside the catalogue: what an album lacks, what an artist made, what might be corrected."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from segue.catalog.asking import Row, resolve, rows
from segue.catalog.documents import read_album, read_artist
from segue.catalog.items import Shown
from segue.catalog.records import Kind
from segue.catalog.store import Backend
from segue.core.access import Actor
from segue.core.rest import BadCursor
from segue.library.finding.facts import KnownAlbum, albums_by, known_albums, known_tracks
from segue.metadata.links import repository, suggestions
from segue.metadata.links.discography import Entry, with_only_here
from segue.metadata.links.discography import have as of_ours
from segue.metadata.links.gathering import Gathering
from segue.metadata.links.ground import AlbumBeside, Discography, LinkGround, LinkView, Suggested, item_of
from segue.metadata.links.missing import beside

MOST_ALBUMS = 5_000
"""Albums of one artist that are looked through where a list is filtered."""


class Comparing(LinkGround):
    """The verbs that lay both sides beside each other."""

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
            item = await item_of(backend, "album", row)
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
        """The albums of an artist, newest first: those of the catalogue, and what of them is here, and those that are only
        here. Raises NotInLibrary, BadCursor."""
        start = _offset(cursor)
        async with self._db.read() as conn:
            await self._seen(conn, actor, "artist", [number])
            row = (await repository.links_of(conn, "artist", [number])).get(number)
            mine = await known_albums(conn, await albums_by(conn, number, actor.libraries))
            links = await repository.links_of(conn, "album", list(mine))
        async with self._maybe() as backend:
            item = await item_of(backend, "artist", row)
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
            if type is None and have is None and not loose and await _all_among(backend, list(by_value), set(ranks)):
                total, some = len(ranks), ranks[start : start + limit]
                found = await rows(backend, "album", some)
                part = await asyncio.to_thread(_entries, backend.namespace, found, by_value, loose)
            else:
                every = await rows(backend, "album", ranks[:MOST_ALBUMS])
                entries = await asyncio.to_thread(_entries, backend.namespace, every, by_value, loose)
                present = {album for entry in entries for album, _ in entry.here}
                others = await self._library.albums_of([album for album in mine if album not in present], actor)
                types = {view.id: (view.release_type or "").lower() for view in others}
                dates = {view.id: view.date or str(view.year or "") for view in others}
                entries = await asyncio.to_thread(with_only_here, entries, own_id, dates)
                kept = [
                    entry
                    for entry in entries
                    if (have is None or bool(entry.here) == have) and (type is None or type == _type_of(entry, types))
                ]
                total, part = len(kept), kept[start : start + limit]
            following = start + limit if start + limit < total else None
            shown = Shown(backend.namespace, backend.licence)
            items = await asyncio.to_thread(
                lambda: [
                    None if one.row is None else shown.album(one.row.document, one.row.more, of_artist=own_id)
                    for one in part
                ]
            )
        wanted = {album for entry in part for album, _ in entry.here}
        views = {view.id: view for view in await self._library.albums_of(list(wanted), actor)}
        pairs = [
            (item, [(views[album], sure) for album, sure in entry.here if album in views])
            for item, entry in zip(items, part, strict=True)
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


def _entries(
    namespace: str, found: Sequence[Row], by_value: Mapping[str, list[int]], loose: Sequence[KnownAlbum]
) -> list[Entry]:
    return [Entry(row, here) for row, here in zip(found, of_ours(namespace, found, by_value, loose), strict=True)]


def _type_of(entry: Entry, own: Mapping[int, str]) -> str:
    return own[entry.here[0][0]] if entry.row is None else read_album(entry.row.document).type


async def _all_among(backend: Backend, values: Sequence[str], ranks: set[int]) -> bool:
    """Whether all of these links lead to one of those albums."""
    return all(one is not None and one.ranks[0] in ranks for one in await resolve(backend, values, "album"))


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise BadCursor
    return int(cursor)
