"""The verbs of mixing: what goes with a track, how to go from one to another, and a set out of many.

Tempo, key and points are taken as they are shown: a person's word first. Tracks that were never listened to can be mixed by what
their tags say, without beats.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from segue.analysis import documents, repository, repository_reads
from segue.analysis import words as person
from segue.analysis.mixing import keys, tempo
from segue.analysis.mixing.cues import Cue, cues
from segue.analysis.mixing.curves import NAMED, Curve, CurveName, through
from segue.analysis.mixing.errors import EmptyPool, NoKeyNoTempo, PlaceTaken, SameTrackTwice
from segue.analysis.mixing.records import Key, Manner, Mixable, Transition
from segue.analysis.mixing.transition import plan
from segue.analysis.reading import Reading, shown_of
from segue.analysis.records import Heard
from segue.core.access import Actor
from segue.library.musical_keys import key_of, place_of
from segue.library.views import TrackView
from segue.query import In, Node, Not, Or, Range, Window, both

MOST_POOL = 1_000
"""Tracks that a set is made of; of more, so many by chance, from the same seed the same."""
CANDIDATES = 600
"""Tracks that could follow another, of which the best are told."""
PHRASES = 4

TracksOfPlaylist = Callable[[Actor, int], Awaitable[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Pool:
    """What a set is made of: everything that any of these names."""

    query: str | None = None
    playlist: int | None = None
    tracks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SetWish:
    """What somebody wants of a set. `curve` is a name, or points (place 0 to 1, how lively 0 to 1); `locked` are tracks by
    their place from 0."""

    pool: Pool
    curve: CurveName | tuple[tuple[float, float], ...] = "build"
    tracks: int | None = None
    minutes: float | None = None
    start: int | None = None
    end: int | None = None
    locked: Mapping[int, int] = field(default_factory=dict)
    exclude: frozenset[int] = frozenset()
    apart: int = 3
    seed: int = 0
    manner: Manner = field(default_factory=Manner)


@dataclass(frozen=True, slots=True)
class Placed:
    """A track of a set with the way to the next one; the last has none. `too_soon`: its artist was on shortly before."""

    track: TrackView
    transition: Transition | None
    too_soon: bool = False


@dataclass(frozen=True, slots=True)
class MadeSet:
    """`score` is the mean of its transitions, `duration_ms` how long it plays when it is mixed so."""

    items: tuple[Placed, ...]
    score: float
    duration_ms: int
    pool: int
    """Tracks that it was chosen from."""


class MixingService:
    """`tracks_of_playlist` comes from the domain that has playlists."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._ground = reading.ground
        self.tracks_of_playlist: TracksOfPlaylist | None = None

    async def transition(self, actor: Actor, first: int, second: int, manner: Manner) -> Transition:
        """How to go from the first track to the second. Raises NotInLibrary, SameTrackTwice."""
        if first == second:
            raise SameTrackTwice
        views = [await self._ground.library.track(each, actor) for each in (first, second)]
        ours, theirs = await self.mixables(views)
        return await asyncio.to_thread(plan, ours, theirs, manner)

    async def cues(self, actor: Actor, track: int, phrases: int = PHRASES) -> list[Cue]:
        """The points of a track that a mix can use. Raises NotInLibrary."""
        (mixable,) = await self.mixables([await self._ground.library.track(track, actor)])
        return cues(mixable, phrases)

    async def cues_of(self, actor: Actor, tracks: Sequence[int]) -> dict[int, tuple[Mixable, list[Cue]]]:
        """Tracks as mixing sees them, with their points; what may not be seen is left out."""
        found = await self.mixables(await self._ground.library.tracks_of(list(dict.fromkeys(tracks)), actor))
        return {track.id: (track, cues(track, PHRASES)) for track in found}

    async def mixes_with(
        self, actor: Actor, track: int, manner: Manner, limit: int, *, where: str | None = None
    ) -> list[tuple[TrackView, Transition]]:
        """What goes well after a track, the best first; `where` is a query that they have to meet.

        Raises NotInLibrary, NoKeyNoTempo, BadQuery."""
        view = await self._ground.library.track(track, actor)
        (first,) = await self.mixables([view])
        wanted = both(_near(first, manner), Not(In("id", (first.id,))))
        page = await self._ground.library.list_tracks(
            actor, wanted, q=where, sort=f"random:{first.id}", window=Window(CANDIDATES)
        )
        others = {other.id: other for other in page.items}
        # without beats first, which is quick; those that may be among the best are looked at again with them
        rough = [_light(other) for other in others.values()]
        plain = replace(first, beats_ms=(), downbeats=())
        ranked = sorted(rough, key=lambda other: (-plan(plain, other, manner).score, other.id))[: 2 * limit]
        mixables = await self.mixables([others[other.id] for other in ranked])
        plans = [(others[other.id], plan(first, other, manner)) for other in mixables]
        return sorted(plans, key=lambda each: (-each[1].score, each[0].id))[:limit]

    async def make(
        self, actor: Actor, wish: SetWish, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> MadeSet:
        """A set, in order, with the ways from track to track. Nothing is stored.

        Raises EmptyPool, PlaceTaken, NotInLibrary for a named track, PlaylistNotFound, BadQuery."""
        locked = _checked(wish)
        must = [track for track in dict.fromkeys((wish.start, wish.end, *locked.values())) if track is not None]
        named = {view.id: view for view in [await self._ground.library.track(each, actor) for each in must]}
        views = {view.id: view for view in await self._pool(actor, wish) if view.id not in wish.exclude} | named
        if not views:
            raise EmptyPool
        mixables = await self.mixables(list(views.values()))

        def found() -> tuple[Any, list[Transition]]:
            from segue.analysis.mixing.sets import Wish, choose

            curve = _curve(wish)
            asked = Wish(curve, wish.tracks, wish.minutes, wish.start, wish.end, locked, wish.apart, wish.seed)
            chosen = choose(mixables, asked, wish.manner, progress)
            by_id = {track.id: track for track in mixables}
            order = [by_id[each] for each in chosen.order]
            return chosen, [plan(one, next_one, wish.manner) for one, next_one in pairwise(order)]

        chosen, ways = await asyncio.to_thread(found)
        items = tuple(
            Placed(views[track], ways[place] if place < len(ways) else None, place in chosen.too_soon)
            for place, track in enumerate(chosen.order)
        )
        score = round(sum(way.score for way in ways) / len(ways), 4) if ways else 1.0
        return MadeSet(items, score, _lasts(items, ways), len(mixables))

    # --- tracks as mixing sees them -----------------------------------------------------------------------------------

    async def mixables(self, tracks: Sequence[TrackView]) -> list[Mixable]:
        """Tracks with their beats and points, in their order."""
        numbers = [track.id for track in tracks]
        async with self._ground.db.read() as conn:
            sounds = {track: row.id for track, row in (await repository.sounds_of(conn, numbers)).items()}
            held = await repository.documents_of(conn, set(sounds.values()))
            edited = await repository_reads.edited(conn, numbers)
            said = await repository_reads.words_of(conn, numbers)

        def read() -> list[Mixable]:
            heard = {sound: documents.unpacked(document) for sound, document in held.items()}
            found = []
            for track in tracks:
                words = {name: row.value.get("is") for name, row in said.get(track.id, {}).items()}
                by_hand = edited.get(track.id, set())
                found.append(mixable(track, heard.get(sounds.get(track.id, 0)), by_hand, words))
            return found

        return await asyncio.to_thread(read)

    async def _pool(self, actor: Actor, wish: SetWish) -> list[TrackView]:
        library, pool = self._ground.library, wish.pool
        numbers = list(pool.tracks)
        if pool.playlist is not None and self.tracks_of_playlist is not None:
            numbers += await self.tracks_of_playlist(actor, pool.playlist)
        found = await library.tracks_of(list(dict.fromkeys(numbers))[:MOST_POOL], actor) if numbers else []
        if pool.query is not None and len(found) < MOST_POOL:
            window = Window(MOST_POOL - len(found))
            page = await library.list_tracks(actor, q=pool.query, sort=f"random:{wish.seed}", window=window)
            found += page.items
        return [track for track in found if track.missing_since is None]


def mixable(
    track: TrackView, heard: Heard | None, edited: frozenset[str] | set[str], said: Mapping[str, Any]
) -> Mixable:
    """A track of the library with what was heard of it and what people say."""
    words = {name: value for name, value in said.items() if value is not None}
    light = _light(track)
    if heard is None:
        return light
    bpm, _key = shown_of(track, edited)
    by_hand = bpm.value if bpm.source == "edit" else None
    beat = person.tempo_by(heard.tempo, by_hand, words, heard.duration_ms) if heard.tempo is not None else None
    shape = person.shape_by(heard.shape, words)
    return replace(
        light,
        duration_ms=heard.duration_ms,
        bpm=beat.bpm if beat is not None and beat.bpm is not None and beat.beats_ms else light.bpm,
        energy=light.energy if heard.energy is None else heard.energy.value,
        beats_ms=beat.beats_ms if beat is not None else (),
        downbeats=beat.downbeats if beat is not None else (),
        sound_start_ms=shape.sound_start_ms if shape else 0,
        sound_end_ms=(shape.sound_end_ms or None) if shape else None,
        intro_end_ms=shape.intro_end_ms if shape else None,
        outro_start_ms=shape.outro_start_ms if shape else None,
        fade_out_start_ms=shape.fade_out_start_ms if shape else None,
    )


def _light(track: TrackView) -> Mixable:
    """What a list tells of a track."""
    found = key_of(track.key)
    return Mixable(
        track.id,
        track.duration_ms,
        track.bpm,
        None if found is None else Key(*found),
        track.energy,
        frozenset(credit.artist_id for credit in track.artists),
    )


def _near(first: Mixable, manner: Manner) -> Node:
    """What a track has to meet to go after this one by tempo and, with locked keys, by key; by one of them where the other is not
    known. Raises NoKeyNoTempo."""
    conditions: list[Node] = []
    if first.bpm:
        conditions.append(Or(tuple(Range("bpm", low, high) for low, high in tempo.windows(first.bpm, manner))))
    if first.key is not None and (manner.key_lock or not first.bpm):
        places = tuple(place_of(key.tonic, key.mode) for _, key in keys.compatible(first.key, manner.profile))
        conditions.append(In("camelot", places))
    if not conditions:
        raise NoKeyNoTempo
    return conditions[0] if len(conditions) == 1 else both(*conditions)


def _curve(wish: SetWish) -> Curve:
    return NAMED[wish.curve] if isinstance(wish.curve, str) else through(wish.curve)


def _checked(wish: SetWish) -> dict[int, int]:
    """The locked places. Raises PlaceTaken where two tracks are to be at one place, or one at two."""
    locked = dict(wish.locked)
    last = (wish.tracks or 0) - 1
    for name, place, track in (("start", 0, wish.start), ("end", last, wish.end)):
        if track is None or place < 0:
            continue
        if locked.get(place, track) != track:
            raise PlaceTaken(name, f"Place {place} is locked for another track.")
        if name == "start":
            locked[place] = track
    if len(set(locked.values())) < len(locked) or (wish.start is not None and wish.start == wish.end):
        raise PlaceTaken("locked", "A track cannot be at two places.")
    if wish.exclude & set(locked.values()) or wish.end in wish.exclude:
        raise PlaceTaken("exclude", "A track that is to be in it cannot be left out.")
    return locked


def _lasts(items: Sequence[Placed], ways: Sequence[Transition]) -> int:
    total, begins = 0, 0
    for way in ways:
        total += max(0, way.out_ms - begins)
        begins = way.in_ms
    return total + max(0, items[-1].track.duration_ms - begins) if items else 0
