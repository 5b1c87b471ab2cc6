"""What a question in the query language means by `similar:`: the nearest tracks of one, of an album, or of an artist."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis.similar import repository
from segue.analysis.similar.ground import SimilarGround
from segue.analysis.similar.neighbours import MOST_SEEDS, evenly, middle_of
from segue.analysis.similar.repository import TrackRow
from segue.core.access import Actor
from segue.core.ids import TypedId
from segue.query import Node, Question, Scope, Text, Window, find, parse_sort

NEAREST = 500
"""Sounds that count as similar where a question does not say how many: its `limit` takes the best of them."""
PREFIXES = ("tr", "al", "ar")


class Asking(SimilarGround):
    """The verb for the query language."""

    async def near_to(self, conn: AsyncConnection, actor: Actor, seeds: Sequence[TypedId | str]) -> list[int]:
        """The tracks nearest to any of `seeds` (ids, or what a track, an artist or an album is called), the nearest first; none
        where nothing of them was heard. Missing tracks and those of other libraries too: the question leaves them out."""
        space = await self.keeper.space()
        if space is None:
            return []
        best: dict[int, float] = {}
        own: set[int] = set()
        for seed in seeds:
            rows = evenly(await self._meant(conn, actor, seed), MOST_SEEDS)
            places = await self._places(space, [row.sound_id for row in rows])
            known = [int(place) for place in places if place >= 0]
            if not known:
                continue
            own.update(row.sound_id for row in rows)

            def nearest(known: Sequence[int] = known) -> list[tuple[int, float]]:
                from segue.analysis.similar import search

                question = middle_of(space.rows.vectors[known])
                places, likeness = search.nearest(space.rows, question, NEAREST + len(known))
                return [(int(space.rows.sounds[at]), float(like)) for at, like in zip(places, likeness, strict=True)]

            for sound, like in await asyncio.to_thread(nearest):
                best[sound] = max(like, best.get(sound, -2.0))
        ordered = sorted((one for one in best if one not in own), key=lambda one: (-best[one], one))[:NEAREST]
        tracks = await repository.tracks_of_sounds(conn, ordered, actor.libraries)
        return [row.id for sound in ordered for row in tracks.get(sound, ())]

    async def _meant(self, conn: AsyncConnection, actor: Actor, seed: TypedId | str) -> list[TrackRow]:
        """The heard tracks of a seed: of one that is named, of all tracks so called, else of the artist, else of the album."""
        if isinstance(seed, str):
            for field in ("title", "artist.name", "album_name"):
                ids = await self._called(conn, actor, Text(field, "is", seed))
                if ids:
                    return list((await repository.heard_tracks(conn, ids, actor.libraries)).values())
            return []
        if seed.prefix == "tr":
            return list((await repository.heard_tracks(conn, [seed.number], actor.libraries)).values())
        if seed.prefix == "al":
            return (await repository.tracks_of_albums(conn, [seed.number], actor.libraries)).get(seed.number, [])
        return (await repository.tracks_of_artists(conn, [seed.number], actor.libraries)).get(seed.number, [])

    async def _called(self, conn: AsyncConnection, actor: Actor, where: Node) -> Any:
        entity = self._library.entities["tracks"]
        question = Question(entity, where, parse_sort(entity, None), actor.libraries)
        return (await find(conn, question, Window(MOST_SEEDS), Scope.of(actor, self._db.dialect))).ids
