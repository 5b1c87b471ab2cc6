"""Albums that sound like an album, artists like an artist: sets of tracks, compared piece by piece.

How like two sets are is the mean, over the pieces of either, of the likeness of the nearest piece of the other (a modified
Hausdorff distance: M.-P. Dubuisson and A. K. Jain, 1994, with means of both directions). A mean vector would make an album of
ballads and noise like one of neither.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from segue.analysis.similar import repository
from segue.analysis.similar.errors import NotHeard
from segue.analysis.similar.ground import MOST, score
from segue.analysis.similar.keeper import Space
from segue.analysis.similar.neighbours import Neighbours, evenly
from segue.analysis.similar.repository import TrackRow
from segue.core.access import Actor
from segue.core.ids import format_id
from segue.query import Node

if TYPE_CHECKING:
    from segue.analysis.similar.neighbours import Vectors

PIECES = 32
"""Tracks that stand for an album or an artist at most, evenly chosen."""
AROUND = 80
"""Neighbours of each of them whose albums or artists are compared."""
COMPARED = 6
"""So many times what is wanted is compared as a whole."""


@dataclass(frozen=True, slots=True)
class LikeWhole:
    """An album or an artist (`id`) that is like another. `pairs` are its nearest tracks: (theirs, ours, likeness)."""

    id: int
    score: float
    pairs: tuple[tuple[int, int, float], ...] = field(default=())


class Wholes(Neighbours):
    """The verbs about albums and artists."""

    async def albums(
        self, actor: Actor, album_id: int, n: int = 20, *, where: Node | None = None, per_artist: int = 3
    ) -> list[LikeWhole]:
        """The albums most like an album, at most `per_artist` of one artist (0: any number). `where` is a filter on tracks.
        Raises NothingHeard, NotInLibrary, NotHeard."""
        async with self._db.read() as conn:
            mine = (await repository.tracks_of_albums(conn, [album_id], actor.libraries)).get(album_id, [])
        if not mine:
            view = (await self._library.album(album_id, actor)).album
            if view.id != album_id:
                return await self.albums(actor, view.id, n, where=where, per_artist=per_artist)
            raise NotHeard(format_id("al", album_id))
        space = await self._space()
        near = await self._neighbours(actor, space, mine, where)
        counted: Counter[int] = Counter()
        for row, weight in near:
            counted[row.album_id] += weight  # type: ignore[assignment]
        counted.pop(album_id, None)
        chosen = [album for album, _ in counted.most_common(COMPARED * n)]
        async with self._db.read() as conn:
            theirs = await repository.tracks_of_albums(conn, chosen, actor.libraries)
        found = await self._compared(space, mine, theirs)
        artists = {album: rows[0].artist for album, rows in theirs.items()}
        taken: Counter[str] = Counter()
        kept = []
        for one in found:
            if not per_artist or taken[artists[one.id]] < per_artist:
                taken[artists[one.id]] += 1
                kept.append(one)
        return kept[: min(n, MOST)]

    async def artists(self, actor: Actor, artist_id: int, n: int = 20, *, where: Node | None = None) -> list[LikeWhole]:
        """The artists most like an artist, by the tracks that are by them. Raises NothingHeard, NotInLibrary, NotHeard."""
        async with self._db.read() as conn:
            mine = (await repository.tracks_of_artists(conn, [artist_id], actor.libraries)).get(artist_id, [])
        if not mine:
            view = await self._library.artist(artist_id, actor)
            if view.artist.id != artist_id:
                return await self.artists(actor, view.artist.id, n, where=where)
            raise NotHeard(format_id("ar", artist_id))
        space = await self._space()
        near = await self._neighbours(actor, space, mine, where)
        async with self._db.read() as conn:
            by = await repository.artists_of_tracks(conn, [row.id for row, _ in near])
        counted: dict[int, float] = defaultdict(float)
        for row, weight in near:
            for artist in by.get(row.id, ()):
                counted[artist] += weight
        counted.pop(artist_id, None)
        chosen = sorted(counted, key=lambda artist: (-counted[artist], artist))[: COMPARED * n]
        async with self._db.read() as conn:
            theirs = await repository.tracks_of_artists(conn, chosen, actor.libraries)
        return (await self._compared(space, mine, theirs))[: min(n, MOST)]

    # --- inside ----------------------------------------------------------------------------------------------------------

    async def _neighbours(
        self, actor: Actor, space: Space, mine: Sequence[TrackRow], where: Node | None
    ) -> list[tuple[TrackRow, float]]:
        """Tracks near any of `mine` and how near, once each."""
        from segue.analysis.similar import search

        some = await self._heard_of(space, evenly(mine, PIECES))
        vectors = await self._vectors(space, some or mine[:1])

        def nearest() -> dict[int, float]:
            found: dict[int, float] = defaultdict(float)
            for vector in vectors:
                for place, like in zip(*search.nearest(space.rows, vector, AROUND + len(mine)), strict=True):
                    found[int(space.rows.sounds[place])] += max(0.0, float(like)) ** 4
            return found

        weights = await asyncio.to_thread(nearest)
        own = {row.sound_id for row in mine}
        allowed = await self._allowed(actor, [sound for sound in weights if sound not in own], where)
        return [(row, weights[sound]) for sound, rows in allowed.items() for row in rows]

    async def _compared(
        self, space: Space, mine: Sequence[TrackRow], theirs: Mapping[int, Sequence[TrackRow]]
    ) -> list[LikeWhole]:
        """All of `theirs` against `mine`, the most alike first."""
        ours = await self._heard_of(space, evenly(mine, PIECES))
        vectors = await self._vectors(space, ours)
        sets = {number: evenly(rows, PIECES) for number, rows in theirs.items()}
        flat = [row for rows in sets.values() for row in rows]
        places = await self._places(space, [row.sound_id for row in flat])
        place_of = {row.id: int(place) for row, place in zip(flat, places, strict=True)}

        def compare() -> list[LikeWhole]:
            found = []
            for number, rows in sets.items():
                known = [row for row in rows if place_of[row.id] >= 0]
                if known:
                    like, pairs = _alike(vectors, space.rows.vectors[[place_of[row.id] for row in known]])
                    told = tuple((known[b].id, ours[a].id, score(value)) for a, b, value in pairs)
                    found.append(LikeWhole(number, score(like), told))
            return sorted(found, key=lambda one: (-one.score, one.id))

        return await asyncio.to_thread(compare)


def _alike(one: Vectors, other: Vectors, pairs: int = 3) -> tuple[float, list[tuple[Any, Any, float]]]:
    """How like two sets are, and the pairs that are most alike, each piece once."""
    import numpy as np

    found = one @ other.T
    like = float((found.max(axis=0).mean() + found.max(axis=1).mean()) / 2)
    best: list[tuple[Any, Any, float]] = []
    left = found.copy()
    for _ in range(min(pairs, *found.shape)):
        a, b = np.unravel_index(int(left.argmax()), left.shape)
        best.append((int(a), int(b), float(found[a, b])))
        left[a, :], left[:, b] = -2, -2
    return like, best
