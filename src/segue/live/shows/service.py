"""My shows: which concerts a person was at, what they heard there and what never, where and when; theirs alone."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from segue.core.access import Actor
from segue.core.clock import rfc3339, utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.library.service import LibraryService
from segue.live import grouping, repository
from segue.live.browsing import Listing, day_of
from segue.live.errors import NoSuchConcert, NoSuchThing
from segue.live.facts import artist_key
from segue.live.shows import rows
from segue.live.shows.reading_lists import Line, lines_of
from segue.live.songs import reading
from segue.live.songs.views import SongView
from segue.live.views import ConcertView
from segue.query import Window, read_offset, write_offset

FEED = "attendance"
"""What the change feed calls the list of one's own shows."""
TODAY = 100
"""Concerts of one day that are told."""
LOVED = 1_000
"""Artists that a person loves whose concerts are told of."""
Order = Literal["times", "last", "first", "gap", "name"]
State = Literal["found", "several", "new", "kept", "bad"]


@dataclass(slots=True)
class Attended:
    """A concert a person was at; `concert` is None where nothing is known of it here."""

    uid: str
    artist: str
    date: str
    note: str
    at: datetime
    concert: ConcertView | None


@dataclass(slots=True)
class SeenSong:
    """A song and how often a person heard it. `gap` counts their shows of the artist, with a known setlist, since the last."""

    song: SongView
    times: int
    first: str | None = None
    last: str | None = None
    gap: int | None = None


@dataclass(slots=True)
class Statistics:
    """What a person's shows add up to."""

    shows: int
    known: int
    """Those of them that are known here."""
    with_setlist: int
    songs: int
    """Different songs heard."""
    performances: int
    first: str | None
    last: str | None
    artists: list[tuple[int | None, str, int]]
    """Number, name, shows; the most seen first."""
    years: list[tuple[str, int]]
    venues: list[tuple[int, str, str, int, float | None, float | None]]
    """Number, name, city, shows, latitude, longitude; the most visited first."""
    countries: list[tuple[str, int]]
    most_heard: list[SeenSong] = field(default_factory=list)


@dataclass(slots=True)
class ImportedLine:
    """What became of a line: `found` one concert, `several` to choose from, `new` (not known here, yet kept), `kept` before,
    or `bad`, with the reason in `problem`."""

    line: Line
    state: State
    concerts: list[ConcertView] = field(default_factory=list)
    problem: str = ""


@dataclass(slots=True)
class Today:
    """Concerts of one day of any year: one's own, and those of artists one loves or has seen."""

    mine: list[Attended]
    favourites: list[ConcertView]


class ShowsService:
    """The verbs of attended concerts. `library` knows which artists a person loves."""

    def __init__(self, db: Database, library: LibraryService | None = None) -> None:
        self.db = db
        self._library = library

    # --- saying so --------------------------------------------------------------------------------------------------------

    async def attend(self, actor: Actor, concert: int, note: str | None = None) -> Attended:
        """Say that one was at a concert; without a `note`, one that was there stays. Raises NoSuchConcert."""
        async with self.db.write() as tx:
            view = await self._concert(tx, concert)
            key = (await rows.names_of(tx.conn, [view.artist_id]))[view.artist_id].key
            await rows.attend(tx, actor.person, view.uid, key, view.artist, view.date, note)
            tx.changed(FEED, "mine", user_id=actor.person)
            kept = next(
                row
                for row in await rows.attended(tx.conn, actor.person, artist=view.artist_id)
                if row.concert_uid == view.uid
            )
        return Attended(view.uid, view.artist, view.date, kept.note, kept.at, view)

    async def forget(self, actor: Actor, uid: str) -> None:
        """Take that back, by the concert's lasting name. Raises NoSuchThing."""
        async with self.db.write() as tx:
            if not await rows.forget(tx, actor.person, uid):
                raise NoSuchThing("attended concert", uid)
            tx.changed(FEED, "mine", user_id=actor.person)

    async def forget_concert(self, actor: Actor, concert: int) -> None:
        """Take that back. Raises NoSuchConcert, NoSuchThing."""
        async with self.db.write() as tx:
            view = await self._concert(tx, concert)
            if not await rows.forget(tx, actor.person, view.uid):
                raise NoSuchThing("attended concert", format_id("co", concert))
            tx.changed(FEED, "mine", user_id=actor.person)

    async def bring(self, actor: Actor, text: str, *, artist: str = "", dry_run: bool = False) -> list[ImportedLine]:
        """Take over a list of shows, a date and an artist a line; with `dry_run` only tell what would be.

        A show that is not known here is kept by artist and date, and found when its concert comes to be known.
        """
        lines = list(lines_of(text, artist))
        good = [line for line in lines if not line.problem]
        names = {line.artist for line in good}
        async with self.db.write() as tx:
            called = await rows.artists_called(tx.conn, {artist_key(name) for name in names}, names)
            known = await rows.names_of(tx.conn, set(called.values()))
            concerts: dict[tuple[int, str], list[Any]] = defaultdict(list)
            for row in await rows.concerts_on(tx.conn, set(called.values()), {line.date for line in good}):
                concerts[row.artist_id, row.date].append(row)
            views = await repository.concerts(tx.conn, [row.id for some in concerts.values() for row in some])
            had = {row.concert_uid for row in await rows.attended(tx.conn, actor.person)}
            found: list[ImportedLine] = []
            for line in lines:
                if line.problem:
                    found.append(ImportedLine(line, "bad", problem=line.problem))
                    continue
                number = called.get(artist_key(line.artist), called.get(line.artist))
                there = concerts.get((number, line.date), []) if number is not None else []
                shown = [views[row.id] for row in there]
                uid = there[0].uid if there else _uid_of(line)
                if len(there) > 1:
                    attended = any(row.uid in had for row in there)
                    found.append(ImportedLine(line, "kept" if attended else "several", shown))
                    continue
                found.append(ImportedLine(line, "kept" if uid in had else "found" if there else "new", shown))
                if not dry_run and uid not in had:
                    key = known[number].key if number is not None else artist_key(line.artist)
                    name = known[number].name if number is not None else line.artist
                    await rows.attend(tx, actor.person, uid, key, name, line.date, line.note or None)
                    tx.changed(FEED, "mine", user_id=actor.person)
                had.add(uid)
        return found

    # --- looking at it ------------------------------------------------------------------------------------------------------

    async def shows(
        self, actor: Actor, *, artist: int | None = None, year: str = "", window: Window | None = None
    ) -> Listing[Attended]:
        """The shows a person was at, the latest first. Raises BadCursor."""
        window = window or Window()
        mark = f"shows:{artist}:{year}"
        start = read_offset(window.cursor, mark) if window.cursor else window.offset
        async with self.db.read() as conn:
            every = await rows.attended(conn, actor.person, artist=artist)
            every = [row for row in every if row.date.startswith(year)]
            end = start + window.limit
            items = await self._views(conn, every[start:end])
        return Listing(items, write_offset(end, mark) if end < len(every) else None, len(every))

    async def was_there(self, actor: Actor, concerts: Collection[int]) -> set[int]:
        """Those of these concerts that a person attended."""
        async with self.db.read() as conn:
            return await rows.was_there(conn, actor.person, concerts)

    async def songs(
        self,
        actor: Actor,
        *,
        seen: bool = True,
        artist: int | None = None,
        order: Order = "times",
        window: Window | None = None,
    ) -> Listing[SeenSong]:
        """Songs that a person heard, or (not `seen`) never heard of the artists they saw. Raises BadCursor.

        `times` begins with the most heard, `gap` with the longest since; songs never heard with those most often played.
        """
        window = window or Window()
        mark = f"seen:{seen}:{artist}:{order}"
        start = read_offset(window.cursor, mark) if window.cursor else window.offset
        async with self.db.read() as conn:
            every = await self._seen(conn, actor, artist)
        chosen = [one for one in every if bool(one.times) == seen]
        ordered = _ordered(chosen, order)
        end = start + window.limit
        return Listing(ordered[start:end], write_offset(end, mark) if end < len(ordered) else None, len(ordered))

    async def statistics(self, actor: Actor) -> Statistics:
        """What a person's shows add up to."""
        async with self.db.read() as conn:
            every = await self._views(conn, await rows.attended(conn, actor.person))
            known = [one.concert for one in every if one.concert is not None]
            played = await rows.played_at(conn, [view.id for view in known])
            seen = await self._seen(conn, actor, None)
        numbers = {view.artist: view.artist_id for view in known}
        artists = Counter(one.artist for one in every)
        venues = Counter(view.venue.id for view in known if view.venue is not None)
        places = {view.venue.id: view.venue for view in known if view.venue is not None}
        countries = Counter(view.venue.country for view in known if view.venue is not None and view.venue.country)
        dates = sorted(one.date for one in every)
        heard = [one for one in seen if one.times]
        return Statistics(
            shows=len(every),
            known=len(known),
            with_setlist=len({row.concert_id for row in played}),
            songs=len(heard),
            performances=len(played),
            first=dates[0] if dates else None,
            last=dates[-1] if dates else None,
            artists=[(numbers.get(name), name, many) for name, many in artists.most_common()],
            years=sorted(Counter(date[:4] for date in dates).items()),
            venues=[
                (
                    number,
                    places[number].name,
                    places[number].city,
                    many,
                    places[number].latitude,
                    places[number].longitude,
                )
                for number, many in venues.most_common()
            ],
            countries=countries.most_common(),
            most_heard=_ordered(heard, "times")[:10],
        )

    async def today(self, actor: Actor, date: str | None = None) -> Today:
        """Concerts of a day of any year (MM-DD or a whole date; today in the person's zone by default): those the person was
        at, and those of artists they love or have seen. Raises BadWord."""
        day = day_of(date or utc_now().astimezone(ZoneInfo(actor.time_zone)).strftime("%m-%d"))
        loved = await self._loved(actor)
        async with self.db.read() as conn:
            mine = await self._views(conn, await rows.attended(conn, actor.person, day=day))
            keys = loved | {row.artist_key for row in await rows.attended(conn, actor.person)}
            artists = set((await rows.artists_called(conn, keys, ())).values())
            own = {one.concert.id for one in mine if one.concert is not None}
            ids = [number for number in await rows.concerts_of_day(conn, day, artists, TODAY) if number not in own]
            views = await repository.concerts(conn, ids)
        return Today(mine, repository.ordered(views, ids))

    async def export(self, actor: Actor) -> AsyncIterator[str]:
        """All attended concerts as CSV: date, artist, venue, city, note, uid; `bring` reads it again."""
        async with self.db.read() as conn:
            every = await self._views(conn, await rows.attended(conn, actor.person))
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["date", "artist", "note", "venue", "city", "said_at", "uid"])
        for one in every:
            venue = one.concert.venue if one.concert is not None else None
            where = ("", "") if venue is None else (venue.name, venue.city)
            writer.writerow([one.date, one.artist, one.note, *where, rfc3339(one.at), one.uid])
            yield text.getvalue()
            text.seek(0)
            text.truncate()
        if text.getvalue():
            yield text.getvalue()

    # --- what happens elsewhere -----------------------------------------------------------------------------------------

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        await rows.erase(tx, user_id)

    async def on_concert_ended(self, tx: Transaction, ended: int, kept: int) -> None:
        """Called inside the transaction in which a concert became a part of another."""
        await rows.moved(tx, ended, kept)

    # --- within -------------------------------------------------------------------------------------------------------------

    async def _concert(self, tx: Transaction, number: int) -> ConcertView:
        found = await repository.concerts(tx.conn, [number])
        if not found and (became := await repository.redirected(tx.conn, number)) is not None:
            found = await repository.concerts(tx.conn, [became])
        for view in found.values():
            return view
        raise NoSuchConcert(format_id("co", number))

    async def _loved(self, actor: Actor) -> set[str]:
        """Keys of the artists that a person starred in the library."""
        if self._library is None:
            return set()
        starred = await self._library.page("artists", actor, q="starred:true", window=Window(LOVED))
        return {artist_key(view.name) for view in starred.items}

    async def _views(self, conn: Any, every: Collection[Any]) -> list[Attended]:
        views = await repository.concerts(conn, [row.concert for row in every if row.concert is not None])
        return [
            Attended(row.concert_uid, row.artist, row.date, row.note, row.at, views.get(row.concert)) for row in every
        ]

    async def _seen(self, conn: Any, actor: Actor, artist: int | None) -> list[SeenSong]:
        """Every song of the artists a person saw, heard or not."""
        every = await rows.attended(conn, actor.person, artist=artist)
        concerts = {row.concert: row.date for row in every if row.concert is not None}
        views = await repository.concerts(conn, list(concerts))
        heard: dict[int, list[str]] = defaultdict(list)
        with_setlist: dict[int, set[tuple[str, int]]] = defaultdict(set)
        for row in await rows.played_at(conn, list(concerts)):
            heard[row.song_id].append(concerts[row.concert_id])
            view = views[row.concert_id]
            with_setlist[view.artist_id].add((view.date, view.id))
        nights = {number: sorted(date for date, _ in some) for number, some in with_setlist.items()}
        found: list[SeenSong] = []
        for number in {view.artist_id for view in views.values()} if artist is None else {artist}:
            for song in await reading.songs(conn, artist_id=number):
                dates = sorted(heard.get(song.id, ()))
                gap = sum(1 for date in nights.get(number, ()) if date > dates[-1]) if dates else None
                found.append(SeenSong(song, len(dates), dates[0] if dates else None, dates[-1] if dates else None, gap))
        return found


def _uid_of(line: Line) -> str:
    """The lasting name that the concert will have when it comes to be known."""
    return grouping.concert_uid(grouping.concert_key(artist_key(line.artist), line.date, 1))


def _ordered(songs: Collection[SeenSong], order: Order) -> list[SeenSong]:
    by_name = sorted(songs, key=lambda one: (one.song.name.casefold(), one.song.id))
    match order:
        case "name":
            return by_name
        case "times":
            return sorted(by_name, key=lambda one: (-one.times, -one.song.times))
        case "gap":
            return sorted(by_name, key=lambda one: -(one.gap if one.gap is not None else -1))
        case "last":
            return sorted(by_name, key=lambda one: one.last or "", reverse=True)
    return sorted(by_name, key=lambda one: one.first or "9")
