"""Songs and setlists: what was played, how often, after what; questions on setlists; and people's word on all of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

from segue.core.access import Actor
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.jobs import JobService
from segue.live import repository
from segue.live.browsing import COUNTED, Listing
from segue.live.errors import NoSuchThing
from segue.live.ground import check_right
from segue.live.mirrors import REGROUP
from segue.live.songs import adding_up, correcting, matching, reading, rows
from segue.live.songs.errors import SongNotFound
from segue.live.songs.reading import Order
from segue.live.songs.views import ArtistSongs, Match, PerformanceView, SongDetails, SongView
from segue.live.titles import song_key
from segue.live.views import ConcertView
from segue.query import (
    Entities,
    Node,
    Question,
    Scope,
    Window,
    both,
    count,
    find,
    parse_sort,
    read_offset,
    write_offset,
)
from segue.query.bounded import Part, page_of
from segue.query.language import parse
from segue.query.patience import answering

BUST_OUT = 50
"""Concerts that a song was away for, so that its return is told of."""
RARE = 3
"""A song that was played so often at most is a rarity."""
TOLD = 25
"""Songs of each kind in the statistics of an artist."""
RETURNS = 500
"""Songs that came back that are told of, the longest gaps first."""
PerformanceOrder = Literal["date", "gap", "duration", "rating", "completeness"]
Searched = Callable[[Actor, str, str, int | None], Awaitable[object]]
"""Called as (actor, box, query, results) when somebody searched."""


@dataclass(slots=True)
class FoundSetlist:
    """A concert with the songs that made it be found."""

    concert: ConcertView
    matches: list[Match]


class SongService:
    """The verbs of songs. `on_searched` hears of questions on setlists, for people's search history."""

    def __init__(self, db: Database, entities: Entities, jobs: JobService) -> None:
        self.db = db
        self.entities = entities
        self.jobs = jobs
        self.on_searched: list[Searched] = []

    # --- songs ------------------------------------------------------------------------------------------------------------

    async def songs(
        self,
        actor: Actor,
        *,
        artist: int | None = None,
        typed: str = "",
        order: Order = "plays",
        descending: bool | None = None,
        window: Window | None = None,
    ) -> Listing[SongView]:
        """Songs of an artist, or of all, in order; with what was `typed` in their names. Plays and gaps begin with the most
        unless `descending` says otherwise. Raises BadCursor, and NoSuchThing for an artist that is not there."""
        window = window or Window()
        down = descending if descending is not None else order in ("plays", "gap")
        mark = f"songs:{artist}:{song_key(typed)}:{order}:{down}"
        start = read_offset(window.cursor, mark) if window.cursor else window.offset
        async with self.db.read() as conn:
            if artist is not None and await reading.artist(conn, artist) is None:
                raise NoSuchThing("artist", format_id("ba", artist))
            every = await reading.songs(conn, artist_id=artist, key=song_key(typed))
        ordered = reading.in_order(every, order, descending=down)
        end = start + window.limit
        return Listing(ordered[start:end], write_offset(end, mark) if end < len(ordered) else None, len(ordered))

    async def song(self, actor: Actor, number: int) -> SongDetails:
        """All that setlists say of a song; of one that was merged, what they say of the other. Raises SongNotFound."""
        async with self.db.read() as conn:
            view = await self._song(conn, number)
            played = await reading.performances(conn, view.id)
            together = await reading.together(conn, view.id, TOLD)
            years = await reading.concerts_by_year(conn, view.artist_id)
            since = await reading.concerts_since(conn, view.artist_id, view.first)
            said = await rows.aliases(conn, view.artist_id, song_id=view.id)
        return adding_up.details(view, played, years, since, together, [row.title or row.key for row in said])

    async def performances(
        self,
        actor: Actor,
        number: int,
        *,
        order: PerformanceOrder = "date",
        descending: bool = False,
        window: Window | None = None,
    ) -> Listing[PerformanceView]:
        """Every time a song was played, with the track to play where one is known. Raises SongNotFound, BadCursor."""
        window = window or Window()
        mark = f"performances:{number}:{order}:{descending}"
        start = read_offset(window.cursor, mark) if window.cursor else window.offset
        async with self.db.read() as conn:
            view = await self._song(conn, number)
            every = adding_up.of_song(await reading.performances(conn, view.id))
            end = start + window.limit
            shown = every if order not in ("date", "gap") else _ordered(every, order, descending)[start:end]
            shown = adding_up.with_plays(shown, await reading.playables(conn, {one.evening.id for one in shown}))
        if order not in ("date", "gap"):
            shown = _ordered(shown, order, descending)[start:end]
        return Listing(shown, write_offset(end, mark) if end < len(every) else None, len(every))

    async def of_artist(self, actor: Actor, artist: int, *, least_gap: int = BUST_OUT) -> ArtistSongs:
        """What the setlists of an artist add up to. Raises NoSuchThing."""
        async with self.db.read() as conn:
            row = await reading.artist(conn, artist)
            if row is None:
                raise NoSuchThing("artist", format_id("ba", artist))
            concerts, songs, performances, segues = await reading.totals(conn, artist)
            every = {view.id: view for view in await reading.songs(conn, artist_id=artist)}
            debuts = await reading.debuts(conn, artist)
            returns = await reading.bust_outs(conn, artist, least_gap, RETURNS)
            openers = await reading.in_place(conn, artist, "opener", TOLD)
            closers = await reading.in_place(conn, artist, "closer", TOLD)
            encores = await reading.in_place(conn, artist, "encore", TOLD)
            pairs = await reading.transitions(conn, artist, TOLD)
        rare = [view for view in every.values() if view.times <= RARE]
        rare.sort(key=lambda view: (view.times, -(view.gap or 0), view.name))
        return ArtistSongs(
            artist_id=artist,
            artist=row.name,
            concerts=concerts,
            songs=songs,
            performances=performances,
            segue_share=segues / performances if performances else None,
            rarities=rare[:TOLD],
            debuts=_by_year([(every[song], evening) for song, evening in debuts], lambda one: one[1].date),
            bust_outs=_by_year(returns, lambda one: one.evening.date),
            openers=openers,
            closers=closers,
            encores=encores,
            transitions=pairs,
        )

    # --- setlists ---------------------------------------------------------------------------------------------------------

    async def setlists(
        self, actor: Actor, q: str, *, sort: str | None = None, window: Window | None = None, noted: bool = False
    ) -> Listing[FoundSetlist]:
        """Concerts that a question finds, each with the songs that meet it. `noted`: somebody searched for it.

        Raises QuerySyntax, BadQuery and QueryTooSlow.
        """
        window = window or Window()
        entity = self.entities["concerts"]
        parsed = parse(entity, q, ZoneInfo(actor.time_zone))
        order = parse_sort(entity, sort) if sort or parsed.order is None else parsed.order
        question = Question(entity, parsed.where, order, None)
        async with answering(self.db) as conn:
            if parsed.limit is not None or parsed.offset:
                part = Part(question, parsed.limit, parsed.offset, lambda: self._scope(actor))
                page, total = await page_of(conn, part, window), None
            else:
                scope = self._scope(actor)
                page = await find(conn, question, window, scope)
                total = await count(conn, question, scope, COUNTED) if window.cursor is None else None
            views = await repository.concerts(conn, page.ids)
            why = await matching.matches(conn, entity, parsed.where, page.ids)
        if noted and window.cursor is None:
            for hook in self.on_searched:
                await hook(actor, "live", q, total)
        found = [FoundSetlist(view, why.get(view.id, [])) for view in repository.ordered(views, page.ids)]
        return Listing(found, page.next, total)

    async def matches(self, where: Node, concerts: Sequence[int]) -> dict[int, list[Match]]:
        """Why these concerts meet a question, by concert; see `matching.matches`."""
        async with self.db.read() as conn:
            return await matching.matches(conn, self.entities["concerts"], both(where), concerts)

    # --- people's word ----------------------------------------------------------------------------------------------------

    async def rename(self, actor: Actor, number: int, name: str) -> int:
        """Call a song so. Raises MayNotDecide, SongNotFound, BadSong, SongNameTaken."""
        check_right(actor)
        async with self.db.write() as tx:
            kept = await correcting.rename(tx, number, name, actor.user_id)
            await self._read_again(tx)
        return kept

    async def merge(self, actor: Actor, number: int, into: int) -> int:
        """Say that a song is another; the id of that. Raises MayNotDecide, SongNotFound, BadSong."""
        check_right(actor)
        async with self.db.write() as tx:
            kept = await correcting.merge(tx, number, into, actor.user_id)
            await self._read_again(tx)
        return kept

    async def no_song(self, actor: Actor, number: int) -> None:
        """Say that this is no song. Raises MayNotDecide, SongNotFound."""
        check_right(actor)
        async with self.db.write() as tx:
            await correcting.no_song(tx, number, actor.user_id)
            await self._read_again(tx)

    async def call(self, actor: Actor, artist: int, title: str, song: int | None) -> None:
        """Say which song of an artist a title means, or (None) that it is none. Raises MayNotDecide, SongNotFound, BadSong."""
        check_right(actor)
        async with self.db.write() as tx:
            if await reading.artist(tx.conn, artist) is None:
                raise NoSuchThing("artist", format_id("ba", artist))
            await correcting.call(tx, artist, title, song, actor.user_id)
            await self._read_again(tx)

    async def forget(self, actor: Actor, artist: int, title: str) -> None:
        """Take back what was said of a title. Raises MayNotDecide, NoSuchThing."""
        check_right(actor)
        async with self.db.write() as tx:
            if not await correcting.forget(tx, artist, title):
                raise NoSuchThing("title", title[:80])
            await self._read_again(tx)

    async def titles(self, artist: int) -> list[Any]:
        """What people and the data say titles of an artist mean: rows with title, song, song_id and decided_by."""
        async with self.db.read() as conn:
            return await rows.aliases(conn, artist)

    # --- within -----------------------------------------------------------------------------------------------------------

    async def _read_again(self, tx: Transaction) -> None:
        """Have recordings and setlists read with what is said now, in the background."""
        await self.jobs.enqueue(tx, REGROUP, dedup_key=REGROUP)

    def _scope(self, actor: Actor) -> Scope:
        return Scope.of(actor, self.db.dialect)

    async def _song(self, conn: Any, number: int) -> SongView:
        row = await rows.standing(conn, number)
        found = [] if row is None else await reading.songs(conn, ids=[row.id])
        if not found:
            raise SongNotFound(format_id("so", number))
        return found[0]


def _ordered(views: list[PerformanceView], order: PerformanceOrder, descending: bool) -> list[PerformanceView]:
    """Performances by date, or by what is asked; those without it come last."""
    if order == "date":
        return views[::-1] if descending else views

    def value(view: PerformanceView) -> Any:
        if order == "gap":
            return view.gap
        if view.play is None:
            return None
        if order == "duration":
            return None if view.play.shared else view.play.duration_ms
        return view.play.rating if order == "rating" else view.play.completeness

    there = sorted((view for view in views if value(view) is not None), key=value, reverse=descending)
    return [*there, *(view for view in views if value(view) is None)]


def _by_year(found: list[Any], date: Callable[[Any], str]) -> list[tuple[str, list[Any]]]:
    years: dict[str, list[Any]] = {}
    for one in found:
        years.setdefault(date(one)[:4], []).append(one)
    return sorted(years.items(), reverse=True)
