"""Tracks that sound like a track, like several and unlike others, or like what a person plays."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from segue.analysis.similar import repository
from segue.analysis.similar.choosing import OF_ONE_ARTIST, Near
from segue.analysis.similar.errors import NoProfile, NotHeard, NothingGiven
from segue.analysis.similar.ground import MOST, Like, SimilarGround
from segue.analysis.similar.keeper import Space
from segue.analysis.similar.repository import TrackRow
from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.ids import TypedId
from segue.query import Node

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

HALF_LIFE_DAYS = 30.0
"""After so many days a play counts half in a person's profile."""
PROFILE_DAYS = 365
VOICES = 4
"""Middles of a person's profile: who plays two kinds of music gets neighbours of both, not of what lies between."""
MOST_SEEDS = 200
"""Tracks of one thing (an artist, an album) that stand for it, evenly chosen."""
LOOKED_AT = 4
"""With chance: so many times what is wanted is drawn from."""


class Neighbours(SimilarGround):
    """The verbs about tracks."""

    async def tracks(
        self,
        actor: Actor,
        track_id: int,
        n: int = 50,
        *,
        where: Node | None = None,
        per_artist: int = OF_ONE_ARTIST,
        weights: Mapping[str, float] | None = None,
    ) -> list[Like]:
        """The tracks most like a track, the most alike first; not itself, nor another copy of it.

        `where` is a filter on tracks; at most `per_artist` of one artist (0: any number); `weights` by group of features in
        place of the usual ones. Raises NothingHeard, NotInLibrary, NotHeard.
        """
        row = await self._track(actor, track_id)
        space = await self._space()
        vectors = await self._vectors(space, [row])
        question = space.scaling.weighted(vectors[0], weights or {})
        near = await self._near(
            actor,
            space,
            question,
            min(n, MOST),
            where=where,
            without=[row],
            without_vectors=vectors,
            per_artist=per_artist,
        )
        return await self._likes(space, near, vectors[0])

    async def blend(
        self,
        actor: Actor,
        more: Sequence[TypedId],
        less: Sequence[TypedId] = (),
        n: int = 50,
        *,
        amount: float = 0.5,
        variety: float = 0.0,
        seed: int = 0,
        where: Node | None = None,
        per_artist: int = OF_ONE_ARTIST,
    ) -> list[Like]:
        """Tracks like all of `more` and unlike `less` (tracks, albums, artists).

        The question is the middle of `more` less `amount` (0 to 1) of the middle of `less`; what is more like `less` than like
        `more` is left out. With `variety` (0 to 1) chance, by `seed`, draws from further around; the same seed draws the same.
        Raises NothingGiven, NothingHeard, NotInLibrary, NotHeard.
        """
        if not more:
            raise NothingGiven
        space = await self._space()
        wanted, unwanted = await self._rows_of(actor, more), await self._rows_of(actor, less)
        named = [row for thing in (*wanted, *unwanted) for row in thing]
        middles = [await self._middle(space, thing) for thing in wanted]
        away = [await self._middle(space, thing) for thing in unwanted]
        toward, apart = await asyncio.to_thread(_mixed, middles, away, amount)
        count = min(MOST, n if variety <= 0 else n * LOOKED_AT)
        spare = count if not away else min(MOST, 2 * count)
        vectors = await self._vectors(space, await self._heard_of(space, named))
        near = await self._near(
            actor, space, toward, spare, where=where, without=await self._heard_of(space, named), without_vectors=vectors,
            per_artist=per_artist,
        )  # fmt: skip
        if apart is not None:
            near = [one for one in near if float(space.rows.vectors[one.place] @ apart) < one.likeness]
        if variety > 0:
            near = await asyncio.to_thread(_drawn, near, n, variety, seed)
        return await self._likes(space, near[:n], toward)

    async def profile(self, actor: Actor, n: int = 50, *, where: Node | None = None) -> list[Like]:
        """Tracks like what a person played lately and did not play: plays count half after 30 days, and several middles stand
        for several tastes. Raises NoProfile, NothingHeard."""
        space = await self._space()
        weights, rows = await self._played(actor)
        places = await self._places(space, [row.sound_id for row in rows])
        known = [(row, int(place)) for row, place in zip(rows, places, strict=True) if place >= 0]
        if not known:
            raise NoProfile
        strength = [weights[row.id] for row, _ in known]
        vectors = await asyncio.to_thread(lambda: space.rows.vectors[[place for _, place in known]].copy())
        voices = await asyncio.to_thread(_voices, vectors, strength)
        found: dict[int, tuple[float, Like]] = {}
        for middle, share in voices:
            near = await self._near(
                actor, space, middle, min(MOST, max(1, round(n * share) + 5)), where=where,
                without=[row for row, _ in known], without_vectors=vectors,
            )  # fmt: skip
            for like in await self._likes(space, near, middle):
                if like.track_id not in found or like.score > found[like.track_id][0]:
                    found[like.track_id] = (like.score, like)
        return [like for _, like in sorted(found.values(), key=lambda one: (-one[0], one[1].track_id))][:n]

    # --- inside ----------------------------------------------------------------------------------------------------------

    async def _played(self, actor: Actor) -> tuple[dict[int, float], list[TrackRow]]:
        if self.plays is None:
            raise NoProfile
        now = utc_now()
        weights: dict[int, float] = defaultdict(float)
        for track, when in await self.plays(actor, now - timedelta(days=PROFILE_DAYS)):
            weights[track] += 0.5 ** (max(0.0, (now - when).total_seconds()) / 86_400 / HALF_LIFE_DAYS)
        most = sorted(weights, key=lambda track: (-weights[track], track))[: 5 * MOST_SEEDS]
        async with self._db.read() as conn:
            rows = await repository.heard_tracks(conn, most, actor.libraries)
        return weights, [rows[track] for track in most if track in rows]

    async def _rows_of(self, actor: Actor, things: Sequence[TypedId]) -> list[list[TrackRow]]:
        """The heard tracks of tracks, albums and artists. Raises NotInLibrary, NotHeard."""
        found: list[list[TrackRow]] = []
        for thing in things:
            if thing.prefix == "tr":
                found.append([await self._track(actor, thing.number)])
                continue
            async with self._db.read() as conn:
                if thing.prefix == "al":
                    rows = await repository.tracks_of_albums(conn, [thing.number], actor.libraries)
                else:
                    rows = await repository.tracks_of_artists(conn, [thing.number], actor.libraries)
            some = rows.get(thing.number, [])
            if not some:
                await self._exists(actor, thing)
                raise NotHeard(str(thing))
            found.append(evenly(some, MOST_SEEDS))
        return found

    async def _exists(self, actor: Actor, thing: TypedId) -> None:
        """Raises NotInLibrary where there is no such thing for this person."""
        if thing.prefix == "al":
            await self._library.album(thing.number, actor)
        else:
            await self._library.artist(thing.number, actor)

    async def _heard_of(self, space: Space, rows: Sequence[TrackRow]) -> list[TrackRow]:
        """Those of `rows` that are in the space."""
        places = await self._places(space, [row.sound_id for row in rows])
        return [row for row, place in zip(rows, places, strict=True) if place >= 0]

    async def _middle(self, space: Space, rows: Sequence[TrackRow]) -> Vectors:
        """The mean direction of some tracks. Raises NotHeard where none is in the space."""
        heard = await self._heard_of(space, rows)
        vectors = await self._vectors(space, heard or rows)
        return await asyncio.to_thread(middle_of, vectors)


def evenly(rows: Sequence[Any], most: int) -> list[Any]:
    """At most `most` of `rows`, from the first to the last."""
    if len(rows) <= most:
        return list(rows)
    return [rows[at * len(rows) // most] for at in range(most)]


def middle_of(vectors: Vectors, weights: Sequence[float] | None = None) -> Vectors:
    """The mean direction of vectors, of length 1."""
    import numpy as np

    mean = np.average(vectors, axis=0, weights=weights)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)


def _mixed(middles: Sequence[Vectors], away: Sequence[Vectors], amount: float) -> tuple[Vectors, Vectors | None]:
    """The direction to go in, and the one to stay clear of."""
    import numpy as np

    toward = middle_of(np.stack(middles))
    if not away:
        return toward, None
    apart = middle_of(np.stack(away))
    mixed = toward - min(1.0, max(0.0, amount)) * apart
    length = float(np.linalg.norm(mixed))
    if length < 1e-6:
        return toward, apart
    return np.asarray(mixed / length, np.float32), apart


def _drawn(near: Sequence[Near], n: int, variety: float, seed: int) -> list[Near]:
    """`n` of `near` by chance: the nearer, the likelier, less so with more variety (the Gumbel-max trick)."""
    import numpy as np

    if not near:
        return []
    likeness = np.array([one.likeness for one in near])
    spread = max(float(likeness.std()), 1e-6)
    chance = np.random.default_rng(seed).gumbel(size=len(near)) * variety * 2
    order = np.argsort(-((likeness - likeness.max()) / spread + chance), kind="stable")[:n]
    return [near[at] for at in sorted(order.tolist(), key=lambda at: (-near[at].likeness, near[at].track.id))]


def _voices(vectors: Vectors, strength: Sequence[float]) -> list[tuple[Vectors, float]]:
    """A few weighted middles of vectors and the share of each, the largest first."""
    import numpy as np

    from segue.analysis.similar.clustering import grouped

    weights = np.array(strength)
    count = 1 if len(vectors) < 12 else VOICES
    groups, _ = grouped(vectors, count, weights=weights)
    found = []
    for group in range(int(groups.max()) + 1):
        mine = groups == group
        if mine.any():
            found.append((middle_of(vectors[mine], weights[mine].tolist()), float(weights[mine].sum() / weights.sum())))
    return sorted(found, key=lambda one: -one[1])
