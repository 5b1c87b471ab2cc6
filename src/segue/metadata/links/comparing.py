"""The library beside the catalogue: what an album lacks, what an artist made, what might be corrected."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from segue.catalog.asking import resolve, rows
from segue.catalog.documents import named, read_album, read_artist
from segue.catalog.items import Shown
from segue.catalog.records import Kind
from segue.core.access import Actor
from segue.core.rest import BadCursor
from segue.library.finding.facts import KnownAlbum, albums_by, known_albums, known_tracks
from segue.match import compare_releases, take_apart
from segue.match.verdict import REVIEW
from segue.metadata.links import repository, suggestions
from segue.metadata.links.gathering import Gathering, release_facts
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
        """The albums of an artist in the catalogue, newest first, and what of them is here. Raises NotInLibrary, BadCursor."""
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
