"""Ways through the library: from one track to another, each step a little further."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from segue.analysis.similar.choosing import SAME_SOUND, Near
from segue.analysis.similar.errors import TwoEndsNeeded
from segue.analysis.similar.ground import Like, SimilarGround, score
from segue.core.access import Actor
from segue.query import Node

if TYPE_CHECKING:
    from segue.analysis.similar.keeper import Space
    from segue.analysis.similar.neighbours import Vectors

LONGEST = 200
AROUND = 40
"""Neighbours of each point that a way may lead over."""
MOST_AROUND = 1_500
OF_ONE_ARTIST = 2


class Roads(SimilarGround):
    """The verbs about ways."""

    async def path(
        self,
        actor: Actor,
        first: int,
        last: int,
        length: int = 25,
        *,
        where: Node | None = None,
        per_artist: int = OF_ONE_ARTIST,
    ) -> list[Like]:
        """At most `length` tracks (2 to 200) from track `first` to track `last`, both included. `score` says how like the first
        each is. Between them no track twice, at most `per_artist` of one artist; fewer tracks where the library has nothing
        that leads on. Raises TwoEndsNeeded, NothingHeard, NotInLibrary, NotHeard."""
        from segue.analysis.similar import walking

        ends = await self._tracks_named(actor, [first, last])
        if ends[0].sound_id == ends[1].sound_id:
            raise TwoEndsNeeded
        space = await self._space()
        vectors = await self._vectors(space, ends)
        between = max(0, min(length, LONGEST) - 2)
        near = await self._around(actor, space, vectors, between, where) if between else []
        near = [
            one
            for one in near
            if one.track.sound_id not in {end.sound_id for end in ends}
            and not any(
                one.track.title == end.title and float(space.rows.vectors[one.place] @ vector) >= SAME_SOUND
                for end, vector in zip(ends, vectors, strict=True)
            )
        ]

        def walked() -> tuple[list[int], Any]:
            there = space.rows.vectors[[one.place for one in near]].copy()
            pieces = [walking.Piece(one.track.id, one.track.artist, one.track.title) for one in near]
            chosen = walking.walk(vectors[0], vectors[1], pieces, there, between, per_artist=per_artist)
            return chosen, there[chosen] @ vectors[0]

        chosen, likeness = await asyncio.to_thread(walked) if near else ([], [])
        on_the_way = [
            Near(near[at].track, near[at].place, float(like)) for at, like in zip(chosen, likeness, strict=True)
        ]
        found = await self._likes(space, on_the_way, vectors[0])
        to_end = score(float(vectors[0] @ vectors[1]))
        groups = await asyncio.to_thread(space.scaling.alike, vectors[0], vectors)
        told = [{name: round(float(part[at]), 3) for name, part in groups.items()} for at in (0, 1)]
        return [Like(ends[0].id, 1.0, told[0]), *found, Like(ends[1].id, to_end, told[1])]

    async def _around(self, actor: Actor, space: Space, ends: Vectors, between: int, where: Node | None) -> list[Near]:
        """Tracks near any point of the arc, each sound once."""
        from segue.analysis.similar import search, walking

        few = await self._few(actor, where)
        if few is not None:
            found: list[Near] = []
            middle = (ends[0] + ends[1]) / 2
            return await self._near(actor, space, middle, MOST_AROUND, where=where, per_artist=0) or found

        def nearest() -> list[int]:
            count = max(AROUND, min(4 * AROUND, MOST_AROUND // between))
            places: dict[int, None] = {}
            for point in walking.points(ends[0], ends[1], between + 2)[1:-1]:
                places.update(dict.fromkeys(search.nearest(space.rows, point, count)[0].tolist()))
            return list(places)

        places = await asyncio.to_thread(nearest)
        sounds = {int(space.rows.sounds[place]): place for place in places}
        allowed = await self._allowed(actor, list(sounds), where)
        return [Near(allowed[sound][0], place, 0.0) for sound, place in sounds.items() if sound in allowed]
