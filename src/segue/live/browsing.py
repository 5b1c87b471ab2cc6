"""Looking around: lists of concerts and recordings, one concert with all of it, this day, a random evening, search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.text import fold
from segue.live import repository
from segue.live.errors import BadWord
from segue.live.ground import LiveGround
from segue.live.repository_lists import doubts_of, words_of
from segue.live.search import find as searching
from segue.live.search.tables import Kind
from segue.live.views import ConcertDetails, ConcertView, HeldView, SongView, TrackView
from segue.query import EVERYTHING, Compare, Node, Question, Window, both, count, find, parse_filters, parse_sort
from segue.query.ast import fields_of
from segue.query.bounded import Part, page_of
from segue.query.language import parse
from segue.query.patience import answering

T = TypeVar("T")
COUNTED = 1_000
"""Rows up to which a list is counted."""
NARROW = frozenset({"id", "artist", "venue", "date", "year", "day", "concert", "shnid"})
"""Fields whose rows an index leads to: only lists that ask for one of them are counted. Others would be gone through whole."""
CONSIDERED = 60
"""Rows with the words that somebody typed that are put in order."""


@dataclass(slots=True)
class Listing(Generic[T]):
    """One page of a list; `total` where it is cheap."""

    items: list[T]
    next: str | None = None
    total: int | None = None


@dataclass(slots=True)
class Found:
    """What was found by words, by kind."""

    artists: list[Any] = field(default_factory=list)
    concerts: list[Any] = field(default_factory=list)
    venues: list[Any] = field(default_factory=list)
    songs: list[Any] = field(default_factory=list)


class Browsing(LiveGround):
    """The verbs of looking around."""

    def filters(self, kind: str, parameters: Iterable[tuple[str, str]]) -> Node:
        """The tree for filters as REST writes them. Raises BadQuery."""
        return parse_filters(self.entities[kind], parameters)

    async def page(
        self,
        kind: str,
        actor: Actor,
        where: Node = EVERYTHING,
        *,
        q: str | None = None,
        sort: str | None = None,
        window: Window | None = None,
        with_total: bool = True,
    ) -> Listing[Any]:
        """A page of `concerts` or `recordings`. `q` is a query in the language, which must hold beside `where`.

        Raises BadQuery, QuerySyntax and QueryTooSlow.
        """
        entity, window = self.entities[kind], window or Window()
        part: Part | None = None
        order = parse_sort(entity, sort)
        if q is not None and q.strip():
            parsed = parse(entity, q, ZoneInfo(actor.time_zone))
            where = both(where, parsed.where)
            order = parsed.order if parsed.order is not None and not sort else order
            if parsed.limit is not None or parsed.offset:
                question = Question(entity, where, order, None)
                part = Part(question, parsed.limit, parsed.offset, lambda: self._scope(actor))
        question = Question(entity, where, order, None)
        async with answering(self.db) as conn:
            if part is not None:
                page, total = await page_of(conn, part, window), None
            else:
                scope = self._scope(actor)
                page = await find(conn, question, window, scope)
                counting = with_total and window.cursor is None and not fields_of(where).isdisjoint(NARROW)
                total = await count(conn, question, scope, COUNTED) if counting else None
            items = await self._load(conn, kind, page.ids)
        return Listing(repository.ordered(items, page.ids), page.next, total)

    async def concert(self, actor: Actor, number: int) -> ConcertDetails:
        """All of one concert. One that became part of another is answered by that. Raises NoSuchConcert."""
        async with self.db.read() as conn:
            concert = await self._concert(conn, number)
            held = await repository.held(conn, concert.id, actor.person)
            songs = await repository.songs(conn, concert.id)
            tracks = await repository.tracks(conn, [one.recording.id for one in held if one.recording.details_at])
            near = await repository.neighbours(conn, concert)
            others = await repository.beside(conn, concert)
            views = await repository.concerts(conn, [*(one for one in near if one is not None), *others])
            doubts = await doubts_of(conn, [one.recording.id for one in held])
            words = await words_of(conn, "concert", concert.uid)
            listed = await repository.listed_at(conn)
        if held and held[0].pinned == "you":
            concert.best_recording_id = held[0].recording.id
            concert.best_score, concert.best_completeness = held[0].score, held[0].completeness
        play_songs(songs, held, tracks)
        before, after = (views.get(one) if one is not None else None for one in near)
        return ConcertDetails(
            concert, songs, held, doubts, before, after, repository.ordered(views, others), words, listed
        )

    async def by_uid(self, actor: Actor, uid: str) -> int | None:
        """The number of a concert by its lasting name."""
        async with self.db.read() as conn:
            return await repository.concert_by_uid(conn, uid)

    async def concerts(self, ids: Iterable[int]) -> list[ConcertView]:
        """Concerts by number, in the order given."""
        wanted = list(ids)
        async with self.db.read() as conn:
            return repository.ordered(await repository.concerts(conn, wanted), wanted)

    async def recent(self, actor: Actor, window: Window) -> Listing[ConcertView]:
        """Concerts whose newest recording came last to the archive, first."""
        return await self.page("concerts", actor, sort="-added", window=window, with_total=False)

    async def on_this_day(
        self, actor: Actor, date: str | None, where: Node, window: Window, sort: str | None = None
    ) -> Listing[ConcertView]:
        """Concerts of a day of any year: `date` is MM-DD or a whole date, today in the person's zone by default."""
        day = day_of(date or utc_now().astimezone(ZoneInfo(actor.time_zone)).strftime("%m-%d"))
        asked = both(Compare("day", "=", day), where)
        return await self.page("concerts", actor, asked, sort=sort or "date", window=window)

    async def random(self, actor: Actor, where: Node, limit: int = 1) -> list[ConcertView]:
        """Concerts drawn anew at every call, with a recording."""
        asked = both(where, Compare("recordings", ">=", 1))
        found = await self.page("concerts", actor, asked, sort="random", window=Window(limit), with_total=False)
        return found.items

    async def search(self, actor: Actor, typed: str, kinds: Iterable[str], limit: int) -> Found:
        """What was typed, as it is typed: names that are called so first, then those that begin so, then the heavier."""
        found = Found()
        if not searching.terms_of(typed):
            return found
        async with self.db.read() as conn:
            for kind in kinds:
                one: Kind = kind[:-1]  # type: ignore[assignment]
                ids = await repository.called(conn, one, typed)
                ids += await searching.search(conn, one, typed, limit if kind == "concerts" else CONSIDERED)
                ids = list(dict.fromkeys(ids))
                match kind:
                    case "concerts":
                        found.concerts = repository.ordered(await repository.concerts(conn, ids), ids)
                    case "artists":
                        found.artists = _called(
                            typed, repository.ordered(await repository.artists(conn, ids), ids), limit
                        )
                    case "venues":
                        found.venues = _called(
                            typed, repository.ordered(await repository.venues(conn, ids), ids), limit
                        )
                    case _:
                        rows = await repository.named_songs(conn, ids)
                        found.songs = _called(typed, repository.ordered(rows, ids), limit)
        return found


def day_of(text: str) -> int:
    """Month times 100 plus day of `MM-DD` or `YYYY-MM-DD`. Raises BadWord."""
    month, _, day = text[-5:].partition("-")
    if not (month.isdigit() and day.isdigit() and 1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        raise BadWord("date", f"{text[:40]!r} is no day; write 05-08 or 1977-05-08.")
    return int(month) * 100 + int(day)


def _called(typed: str, views: list[Any], limit: int) -> list[Any]:
    """Views by how their names begin; what was heavier stays before within that."""
    wanted = fold(typed).strip()

    def place(view: Any) -> int:
        name = fold(view.name)
        return 0 if name == wanted else 1 if name.startswith(wanted) else 2

    return sorted(views, key=place)[:limit]


def play_songs(songs: list[SongView], held: list[HeldView], tracks: dict[int, list[TrackView]]) -> None:
    """Give each song of a setlist the track that plays it, in the best recording that has it, and all recordings that do.

    A song that was played twice takes the tracks in order.
    """
    places: dict[int, dict[int, list[TrackView]]] = {}
    for one in held:
        of_song = places.setdefault(one.recording.id, {})
        for track in tracks.get(one.recording.id, ()):
            for said in track.heard:
                if said and said[0] is not None:
                    of_song.setdefault(said[0], []).append(track)
    seen: dict[int, int] = {}
    for song in songs:
        nth = seen.get(song.song_id, 0)
        seen[song.song_id] = nth + 1
        for one in held:
            having = list(dict.fromkeys(track.id for track in places[one.recording.id].get(song.song_id, ())))
            if not having:
                continue
            song.recordings.append(one.recording.id)
            if song.play is None:
                wanted = having[min(nth, len(having) - 1)]
                song.play = next(track for track in tracks[one.recording.id] if track.id == wanted)
