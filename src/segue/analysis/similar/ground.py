"""What every verb about similar music stands on: the space, who may see what, and the nearest tracks of a question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis.similar import repository
from segue.analysis.similar.choosing import OF_ONE_ARTIST, Choosing, Near
from segue.analysis.similar.errors import NotHeard, NothingHeard
from segue.analysis.similar.keeper import Space, SpaceKeeper
from segue.analysis.similar.repository import TrackRow
from segue.core.access import Actor
from segue.core.db import Database
from segue.core.ids import format_id
from segue.library.service import LibraryService, NotInLibrary
from segue.query import In, Node, Question, Scope, Window, both, find
from segue.query.sort import Order

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

MOST = 500
"""Neighbours of one answer."""
FEW = 20_000
"""Tracks of a filter that are compared one by one, instead of looking for neighbours that meet it."""
FIRST_LOOK = 4
"""So many times what is wanted is looked at first."""
_BY_NUMBER = Order("id")


@dataclass(frozen=True, slots=True)
class Like:
    """A track that is like what was asked about. `score` is 0 to 1; `groups` says in what, -1 to 1 each."""

    track_id: int
    score: float
    groups: Mapping[str, float] = field(default_factory=dict)


Plays = Callable[[Actor, datetime], Awaitable[Sequence[tuple[int, datetime]]]]
"""What a person played since a moment: (track, when), in any order."""
OwnLabels = Callable[[AsyncConnection, Actor, Sequence[int]], Awaitable[Mapping[int, Sequence[str]]]]
"""What a person calls tracks: words of their own, by track."""


class SimilarGround:
    """`passed_over` is what is never suggested to somebody (a filter on tracks that knows the person), `plays` what they
    played, `own_labels` their own words; all three come from other domains."""

    def __init__(self, db: Database, library: LibraryService, keeper: SpaceKeeper) -> None:
        self._db = db
        self._library = library
        self.keeper = keeper
        self.passed_over: Node | None = None
        self.plays: Plays | None = None
        self.own_labels: OwnLabels | None = None

    async def close(self) -> None:
        await self.keeper.close()

    async def about_space(self) -> dict[str, Any]:
        """The space as it is now: {id, sounds, learnt_on, dimensions, groups, index}."""
        space = await self.keeper.space()
        if space is None:
            return {"id": None, "sounds": 0, "learnt_on": 0, "dimensions": 0, "groups": {}, "index": "exact"}
        return {
            "id": f"{space.version}.{space.id}",
            "sounds": space.rows.alive,
            "learnt_on": space.learnt_on,
            "dimensions": space.scaling.dimensions,
            "groups": {group.name: round(group.weight, 3) for group in space.scaling.groups},
            "index": "exact" if space.rows.lists is None else "lists",
        }

    # --- what is asked about ---------------------------------------------------------------------------------------------

    async def _space(self) -> Space:
        """Raises NothingHeard."""
        space = await self.keeper.space()
        if space is None:
            raise NothingHeard
        return space

    async def _track(self, actor: Actor, track_id: int) -> TrackRow:
        """Raises NotInLibrary, NotHeard."""
        return (await self._tracks_named(actor, [track_id]))[0]

    async def _tracks_named(self, actor: Actor, tracks: Sequence[int]) -> list[TrackRow]:
        """The rows of these tracks in their order. Raises NotInLibrary for one that may not be seen, NotHeard for one that was
        not heard."""
        async with self._db.read() as conn:
            found = await repository.heard_tracks(conn, tracks, actor.libraries)
        for track in tracks:
            if track not in found:
                view = await self._library.track(track, actor)
                if view.id in found:
                    found[track] = found[view.id]
                    continue
                if view.id != track:
                    found[track] = await self._track(actor, view.id)
                    continue
                raise NotHeard(format_id("tr", track))
        return [found[track] for track in tracks]

    async def _vectors(self, space: Space, rows: Sequence[TrackRow]) -> Vectors:
        """The vectors of tracks in their order. Raises NotHeard for one whose sound has none."""
        places = await self._places(space, [row.sound_id for row in rows])
        for row, place in zip(rows, places, strict=True):
            if place < 0:
                raise NotHeard(format_id("tr", row.id))
        return await asyncio.to_thread(lambda: space.rows.vectors[places].copy())

    @staticmethod
    async def _places(space: Space, sounds: Sequence[int]) -> Any:
        def places() -> Any:
            import numpy as np

            return space.rows.places(np.array(list(sounds), np.int64))

        return await asyncio.to_thread(places)

    # --- the nearest -----------------------------------------------------------------------------------------------------

    async def _near(
        self,
        actor: Actor,
        space: Space,
        question: Vectors,
        wanted: int,
        *,
        where: Node | None = None,
        without: Sequence[TrackRow] = (),
        without_vectors: Any = (),
        per_artist: int = OF_ONE_ARTIST,
    ) -> list[Near]:
        """The `wanted` tracks nearest to a question that `actor` may see and does not pass over, the nearest first.

        None of `without`, nor a copy of them. `where` is a filter on tracks.
        """
        from segue.analysis.similar import search

        chosen = Choosing(wanted, per_artist)
        for row, vector in zip(without, without_vectors, strict=True):
            chosen.leave_out(row, vector)
        few = await self._few(actor, where)
        if few is not None:
            await self._among(actor, space, question, few, chosen)
            return chosen.taken
        looked, count = 0, FIRST_LOOK * wanted + len(without) + 16
        while not chosen.full:
            places, likeness = await asyncio.to_thread(search.nearest, space.rows, question, count)
            sounds = [int(space.rows.sounds[place]) for place in places[looked:]]
            tracks = await self._allowed(actor, sounds, where)
            self._take(space, chosen, zip(places[looked:], likeness[looked:], sounds, strict=True), tracks)
            if len(places) < count or count >= len(space.rows):
                break
            looked, count = len(places), count * 4
        return chosen.taken

    async def _among(
        self, actor: Actor, space: Space, question: Vectors, tracks: Sequence[int], chosen: Choosing
    ) -> None:
        """Compare these tracks with the question and choose of them."""
        async with self._db.read() as conn:
            rows = await repository.heard_tracks(conn, tracks, actor.libraries)
        by_sound: dict[int, list[TrackRow]] = {}
        for row in sorted(rows.values(), key=lambda row: row.id):
            by_sound.setdefault(row.sound_id, []).append(row)

        def compared() -> tuple[Any, Any]:
            import numpy as np

            places = space.rows.places(np.array(sorted(by_sound), np.int64))
            places = places[places >= 0]
            likeness = space.rows.vectors[places] @ question
            order = np.lexsort((space.rows.sounds[places], -likeness))
            return places[order], likeness[order]

        places, likeness = await asyncio.to_thread(compared)
        sounds = [int(space.rows.sounds[place]) for place in places]
        self._take(space, chosen, zip(places, likeness, sounds, strict=True), by_sound)

    @staticmethod
    def _take(space: Space, chosen: Choosing, found: Any, tracks: Mapping[int, Sequence[TrackRow]]) -> None:
        for place, likeness, sound in found:
            if chosen.full:
                return
            if rows := tracks.get(sound):
                chosen.take(Near(rows[0], int(place), float(likeness)), space.rows.vectors[place])

    # --- who may see what ------------------------------------------------------------------------------------------------

    async def _few(self, actor: Actor, where: Node | None) -> list[int] | None:
        """The tracks that meet a filter and are not passed over, where they are few; None where there is no filter, or many."""
        if where is None:
            return None
        found = await self._matching(actor, both(where, self.passed_over), FEW + 1)
        return found if len(found) <= FEW else None

    async def _allowed(
        self, actor: Actor, sounds: Sequence[int], where: Node | None = None
    ) -> dict[int, list[TrackRow]]:
        """The tracks of sounds that are there, may be seen, meet the filter and are not passed over."""
        async with self._db.read() as conn:
            found = await repository.tracks_of_sounds(conn, sounds, actor.libraries)
        wanted = where if self.passed_over is None else both(where, self.passed_over)
        if wanted is None or not found:
            return found
        ids = [row.id for rows in found.values() for row in rows]
        kept: set[int] = set()
        for some in repository.slices(ids):
            kept.update(await self._matching(actor, both(In("id", tuple(some)), wanted), len(some)))
        left = {sound: [row for row in rows if row.id in kept] for sound, rows in found.items()}
        return {sound: rows for sound, rows in left.items() if rows}

    async def _matching(self, actor: Actor, where: Node, most: int) -> list[int]:
        entity = self._library.entities["tracks"]
        question = Question(entity, where, _BY_NUMBER, actor.libraries)
        async with self._db.read() as conn:
            found = await find(conn, question, Window(most), Scope.of(actor, self._db.dialect))
        return found.ids

    async def _likes(self, space: Space, near: Sequence[Near], question: Vectors) -> list[Like]:
        """What was found with what it is like in: the groups against `question`, a vector of the space."""

        def groups() -> dict[str, Any]:
            return space.scaling.alike(question, space.rows.vectors[[one.place for one in near]])

        alike = await asyncio.to_thread(groups) if near else {}
        return [
            Like(one.track.id, score(one.likeness), {name: round(float(part[at]), 3) for name, part in alike.items()})
            for at, one in enumerate(near)
        ]


def score(likeness: float) -> float:
    """A cosine as it is told: 0 where nothing is alike, 1 where all is."""
    return round(min(1.0, max(0.0, likeness)), 4)


def tracks_of(found: Collection[Like]) -> list[int]:
    return [one.track_id for one in found]


__all__ = ["MOST", "Like", "NotInLibrary", "SimilarGround", "score", "tracks_of"]
