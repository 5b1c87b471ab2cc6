"""Making mixes: what goes into each for a person on a day of theirs, and why.

The same person and day give the same mix from the same plays: chance comes from a seed of both. What somebody does not want
to hear (hated, or rated with one star) is never in.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from segue.analysis.similar.errors import NotHeard, NothingHeard, TwoEndsNeeded
from segue.analysis.similar.service import Like, SimilarService
from segue.core.access import Actor
from segue.core.text import fold
from segue.library.service import LibraryService
from segue.library.views import AlbumView, TrackView
from segue.listening.statistics.ranges import Period, Range, range_of
from segue.listening.statistics.service import StatisticsService
from segue.listening.unwanted import UNWANTED, WANTED
from segue.playlists.generators.kinds import DAILY, Made, Picked
from segue.query import Compare, In, Node, Not, Or, Window, both
from segue.query import Range as Between

LENGTH = 50
"""Tracks of a mix at the most."""
LATELY = 40
"""Artists lately played most that daily mixes are made around."""
SAMPLED = 400
"""Tracks of those artists that are looked at for their genres."""
OF_ONE_ARTIST = 6
HALF_YEAR = timedelta(days=180)
NEW = timedelta(days=60)
EARLIEST_YEAR = 1900
ALBUMS_OF_THE_DAY = 8
TRACKS_OF_AN_ALBUM = 3
ALBUMS_LOOKED_AT = 8
"""Albums to come back to, of which the first one is taken that holds something the person wants to hear."""
SEEDS = 30
"""Tracks lately played most, of which one is what others sound like."""
PATH = 25
"""Tracks of a way from one to another."""
ENOUGH_PLAYS = 5
"""Plays from which on an album is one to come back to."""


@dataclass(frozen=True, slots=True)
class _Artist:
    id: int
    name: str
    plays: int


class Making:
    """Makes one person's mixes for one day."""

    def __init__(
        self,
        library: LibraryService,
        statistics: StatisticsService,
        actor: Actor,
        day: date,
        similar: SimilarService | None = None,
    ) -> None:
        self._library = library
        self._statistics = statistics
        self._actor = actor
        self._day = day
        self._similar = similar

    async def everything(self) -> list[Made]:
        """All mixes of the day, in the order of `KINDS`."""
        return [
            *await self.daily(),
            await self.on_this_day(),
            await self.forgotten_favourites(),
            await self.most_played_lately(),
            await self.new_unheard(),
            await self.rediscover_album(),
            *await self._sounding(),
        ]

    # --- daily mixes ---------------------------------------------------------------------------------------------------

    async def daily(self) -> list[Made]:
        """A mix for each neighbourhood of artists lately played: those that share their main genre, and others of it."""
        artists = await self._artists()
        if not artists:
            return [Made(DAILY[0], "nothing_played_yet")]
        made: list[Made] = []
        for genre, around in await self._neighbourhoods(artists):
            mix = await self._daily(DAILY[len(made)], genre, around)
            if mix.tracks:
                made.append(mix)
            if len(made) == len(DAILY):
                break
        return made or [Made(DAILY[0], "nothing_found")]

    async def _artists(self) -> list[_Artist]:
        found: dict[int, _Artist] = {}
        for stretch in (range_of(Period.last_90_days, self._day), Range(Period.all)):
            for one in await self._statistics.top(self._actor, "artist", stretch, limit=LATELY):
                if one.thing.is_here and one.thing.number > 0:
                    found.setdefault(one.thing.number, _Artist(one.thing.number, one.thing.title, one.plays))
            if len(found) >= LATELY // 2:
                break
        return list(found.values())[:LATELY]

    async def _neighbourhoods(self, artists: Sequence[_Artist]) -> list[tuple[tuple[int, str] | None, list[_Artist]]]:
        """Artists by their main genre (id, name), the most played genre first; those without one at the end."""
        of_artist: dict[int, Counter[tuple[int, str]]] = defaultdict(Counter)
        wanted = {artist.id for artist in artists}
        where = both(In("artist", tuple(sorted(wanted))), WANTED)
        for track in await self._tracks(where, f"random:{self._seed('genres')}", SAMPLED):
            for credit in track.artists:
                if credit.artist_id in wanted:
                    of_artist[credit.artist_id].update((genre.id, genre.name) for genre in track.genres)
        plays: Counter[tuple[int, str] | None] = Counter()
        groups: dict[tuple[int, str] | None, list[_Artist]] = defaultdict(list)
        for artist in artists:
            genres = of_artist.get(artist.id)
            main = min(genres, key=lambda genre: (-genres[genre], genre[1])) if genres else None
            groups[main].append(artist)
            plays[main] += artist.plays
        return sorted(groups.items(), key=lambda group: (group[0] is None, -plays[group[0]], str(group[0])))

    async def _daily(self, kind: str, genre: tuple[int, str] | None, around: Sequence[_Artist]) -> Made:
        by_id = {artist.id: artist for artist in around}
        not_today = Not(Between("last_played", (self._day - timedelta(days=1)).isoformat(), None))
        theirs = both(In("artist", tuple(by_id)), WANTED, not_today)
        own: list[Picked] = []
        counted: Counter[int] = Counter()
        for track in await self._tracks(theirs, f"random:{self._seed(kind)}", LENGTH * 4):
            artist = next((by_id[one.artist_id] for one in track.artists if one.artist_id in by_id), None)
            if artist is not None and counted[artist.id] < max(OF_ONE_ARTIST, LENGTH // len(around)):
                counted[artist.id] += 1
                params = {"artist": artist.name, "count": artist.plays}
                own.append(Picked(track.id, "often_played_artist", params))
        others: list[Picked] = []
        if genre is not None:
            new = both(Compare("genre", "=", genre[0]), Not(In("artist", tuple(by_id))), WANTED, not_today)
            for track in await self._tracks(new, f"random:{self._seed(kind + ' others')}", LENGTH // 2):
                others.append(Picked(track.id, "same_genre", {"genre": genre[1], "artist": around[0].name}))
        own = own[: LENGTH - min(len(others), LENGTH * 2 // 5)]
        others = others[: LENGTH - len(own)]
        names = [artist.name for artist in around[:3]]
        code, params = ("daily_artists", {"names": names})
        if genre is not None:
            code, params = "daily", {"names": names, "genre": genre[1]}
        return Made(kind, code, params, tuple(_interleaved(own, others)))

    # --- the others ----------------------------------------------------------------------------------------------------

    async def on_this_day(self) -> Made:
        """What was played on this day of earlier years, and tracks of albums that came out on it."""
        years: dict[int, list[int]] = defaultdict(list)
        for number, _plays, _heard in reversed(await self._statistics.years(self._actor)):
            then = self._in_year(number)
            if number >= self._day.year or then is None:
                continue
            for one in await self._statistics.top(self._actor, "track", Range(Period.day, then, then), limit=20):
                if one.thing.is_here and one.thing.number > 0:
                    years[one.thing.number].append(number)
        unwanted = await self._unwanted(years)
        picked = [
            Picked(track, "played_on_day", {"years": sorted(then)})
            for track, then in years.items()
            if track not in unwanted
        ]
        seen = set(years)
        for album in await self._albums_of_the_day():
            where = both(Compare("album", "=", album.id), WANTED)
            year = int(str(album.original_date or album.date or album.year)[:4])
            for track in await self._tracks(where, "-plays,position", TRACKS_OF_AN_ALBUM):
                if track.id not in seen:
                    picked.append(Picked(track.id, "released_on_day", {"album": album.title, "year": year}))
        return _made("on-this-day", "on_this_day", picked)

    async def forgotten_favourites(self) -> Made:
        """Starred or rated with four and more, not played for half a year, and not starred just now."""
        since = (self._day - HALF_YEAR).isoformat()
        where = both(
            Or((Compare("starred", "=", True), Compare("rating", ">=", 4))),
            Not(Between("last_played", since, None)),
            Not(Between("starred_at", since, None)),
            Not(Between("rated_at", since, None)),
            WANTED,
        )
        picked = []
        for track in await self._tracks(where, f"random:{self._seed('favourites')}", LENGTH):
            last = track.personal.get("last_played_at")
            if last is None:
                picked.append(Picked(track.id, "favourite_never_played"))
            else:
                picked.append(Picked(track.id, "favourite_last_played", {"date": last.date().isoformat()}))
        return _made("forgotten-favourites", "forgotten_favourites", picked)

    async def most_played_lately(self) -> Made:
        """The most played tracks of the last 30 days."""
        top = await self._statistics.top(
            self._actor, "track", range_of(Period.last_30_days, self._day), limit=LENGTH * 2
        )
        here = {one.thing.number: one.plays for one in top if one.thing.is_here and one.thing.number > 0}
        unwanted = await self._unwanted(here)
        picked = [
            Picked(track, "played_lately", {"count": plays}) for track, plays in here.items() if track not in unwanted
        ]
        return _made("most-played-lately", "most_played_lately", picked)

    async def new_unheard(self) -> Made:
        """What came in the last 60 days and was never played, the newest first."""
        since = (self._day - NEW).isoformat()
        where = both(Between("added", since, None), Compare("plays", "=", 0), WANTED)
        picked = [
            Picked(track.id, "added_unheard", {"date": track.added_at.date().isoformat()})
            for track in await self._tracks(where, "-added", LENGTH)
        ]
        return _made("new-unheard", "new_unheard", picked)

    async def rediscover_album(self) -> Made:
        """An album that was played often and not for half a year, from beginning to end."""
        where = both(
            Compare("plays", ">=", ENOUGH_PLAYS),
            Not(Between("last_played", (self._day - HALF_YEAR).isoformat(), None)),
            Not(Compare("hated", "=", True)),
        )
        found = await self._library.list_albums(
            self._actor, where, sort=f"random:{self._seed('album')}", window=Window(ALBUMS_LOOKED_AT)
        )
        for album in found.items:
            tracks = await self._library.album_tracks(album.id, self._actor)
            unwanted = await self._unwanted(track.id for track in tracks)
            wanted = [track.id for track in tracks if track.id not in unwanted][: LENGTH * 4]
            if wanted:
                break
        else:
            return Made("rediscover-album", "nothing_found")
        last = album.personal["last_played_at"]
        params = {"album": album.title, "count": album.personal["play_count"], "date": last.date().isoformat()}
        picked = tuple(Picked(track, "on_album_again", params) for track in wanted)
        return Made("rediscover-album", "rediscover_album", {**params, "artist": album.artist_display}, picked)

    # --- by how it sounds ------------------------------------------------------------------------------------------------

    async def _sounding(self) -> list[Made]:
        """What sounds like a track that was played lately, and a way from that one to another."""
        similar, path = "similar", "sonic-path"
        if self._similar is None:
            return [Made(similar, "analysis_missing"), Made(path, "analysis_missing")]
        played = await self._played_lately()
        if not played:
            return [Made(similar, "nothing_played_yet"), Made(path, "nothing_played_yet")]
        try:
            seed, alike = await self._first_heard(self._similar, played)
        except NothingHeard:
            return [Made(similar, "analysis_missing"), Made(path, "analysis_missing")]
        if seed is None:
            return [Made(similar, "analysis_missing"), Made(path, "analysis_missing")]
        named = {"title": seed.title, "artist": seed.artist_display}
        picked = tuple(Picked(one.track_id, "sounds_like", named) for one in alike)
        made = Made(similar, "similar", named, picked) if picked else Made(similar, "nothing_found")
        return [made, await self._way(self._similar, seed, [track for track in played if track.id != seed.id])]

    async def _played_lately(self) -> list[TrackView]:
        """Tracks played most in the last 30 days, else ever, in an order by chance of the day."""
        for stretch in (range_of(Period.last_30_days, self._day), Range(Period.all)):
            top = await self._statistics.top(self._actor, "track", stretch, limit=SEEDS)
            here = [one.thing.number for one in top if one.thing.is_here and one.thing.number > 0]
            unwanted = await self._unwanted(here)
            tracks = await self._library.tracks_of([one for one in here if one not in unwanted], self._actor)
            if tracks:
                chance = random.Random(self._seed("sounding"))
                return chance.sample(tracks, len(tracks))
        return []

    async def _first_heard(
        self, similar: SimilarService, tracks: Sequence[TrackView]
    ) -> tuple[TrackView | None, list[Like]]:
        """The first of the tracks that was analysed, and what sounds like it. Raises NothingHeard."""
        for track in tracks:
            try:
                return track, await similar.tracks(self._actor, track.id, LENGTH, where=WANTED)
            except NotHeard:
                continue
        return None, []

    async def _way(self, similar: SimilarService, first: TrackView, others: Sequence[TrackView]) -> Made:
        for last in others:
            try:
                path = await similar.path(self._actor, first.id, last.id, PATH, where=WANTED)
            except (NotHeard, TwoEndsNeeded):
                continue
            if len(path) > 2:
                named = {"first": first.title, "last": last.title}
                return Made(
                    "sonic-path", "sonic_path", named, tuple(Picked(one.track_id, "on_the_way", named) for one in path)
                )
        return Made("sonic-path", "nothing_found")

    # --- inside --------------------------------------------------------------------------------------------------------

    def _seed(self, what: str) -> str:
        return f"{self._actor.person} {self._day} {what}"

    def _in_year(self, number: int) -> date | None:
        """The same day in another year; None for February 29th where there was none."""
        try:
            return self._day.replace(year=number)
        except ValueError:
            return None

    async def _tracks(self, where: Node, sort: str, limit: int) -> list[TrackView]:
        """Tracks, of copies that are called alike and by the same artists the first alone."""
        found = await self._library.list_tracks(self._actor, where, sort=sort, window=Window(limit))
        once: dict[tuple[str, str], TrackView] = {}
        for track in found.items:
            once.setdefault((fold(track.title), fold(track.artist_display)), track)
        return list(once.values())

    async def _albums_of_the_day(self) -> list[AlbumView]:
        days = (self._in_year(year) for year in range(EARLIEST_YEAR, self._day.year))
        dates = tuple(day.isoformat() for day in days if day is not None)
        found = await self._library.list_albums(
            self._actor, In("original_date", dates), sort="-plays", window=Window(ALBUMS_OF_THE_DAY)
        )
        return list(found.items)

    async def _unwanted(self, tracks: Iterable[int]) -> set[int]:
        """Those of these tracks that the person does not want to hear."""
        numbers = tuple(tracks)[:1_000]
        if not numbers:
            return set()
        where = both(In("id", numbers), UNWANTED)
        found = await self._library.list_tracks(self._actor, where, sort="title", window=Window(len(numbers)))
        return {track.id for track in found.items}


def _made(kind: str, code: str, picked: Sequence[Picked]) -> Made:
    if not picked:
        return Made(kind, "nothing_found")
    return Made(kind, code, {}, tuple(picked[:LENGTH]))


def _interleaved(own: Sequence[Picked], others: Sequence[Picked]) -> list[Picked]:
    """Both in their order, the fewer spread evenly among the more."""
    total = len(own) + len(others)
    placed = [
        ((place + 0.5) * total / max(1, len(part)), picked)
        for part in (own, others)
        for place, picked in enumerate(part)
    ]
    return [picked for _, picked in sorted(placed, key=lambda each: each[0])]
