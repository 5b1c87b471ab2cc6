"""Bands, venues, tapers and years: the lists beside the concerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from segue.core.access import Actor
from segue.core.ids import format_id
from segue.live import repository, repository_lists
from segue.live.browsing import Listing
from segue.live.errors import NoSuchThing
from segue.live.ground import LiveGround
from segue.live.mirror.rows import taper_key
from segue.live.views import ArtistView, VenueView
from segue.query.cursor import digest, read_values, write_values


@dataclass(slots=True)
class ArtistDetails:
    """A band with its years, tours and names."""

    artist: ArtistView
    years: list[Any]
    tours: list[Any]
    aliases: list[str] = field(default_factory=list)
    words: list[Any] = field(default_factory=list)
    listed_at: Any = None


class PlacesAround(LiveGround):
    """The verbs about what is around concerts."""

    async def artists(
        self, actor: Actor, *, order: str = "name", cursor: str | None = None, limit: int = 50
    ) -> Listing[ArtistView]:
        """A page of bands: by name, or (order `concerts`) those with most concerts first. Raises BadCursor."""
        mark = digest(f"live artists {order}")
        async with self.db.read() as conn:
            found = await repository_lists.artist_ids(conn, after=_after(cursor, mark), limit=limit + 1, order=order)
            views = await repository.artists(conn, [number for _, number in found[:limit]])
            total = await repository_lists.artist_count(conn) if cursor is None else None
        return Listing([views[number] for _, number in found[:limit]], _next(found, limit, mark), total)

    async def artist(self, actor: Actor, number: int) -> ArtistDetails:
        """A band with its years and tours. Raises NoSuchThing."""
        async with self.db.read() as conn:
            found = await repository.artists(conn, [number])
            if number not in found:
                raise NoSuchThing("band", format_id("ba", number))
            return ArtistDetails(
                found[number],
                await repository_lists.years_of(conn, number),
                await repository_lists.tours_of(conn, number),
                await repository_lists.aliases_of(conn, number),
                await repository_lists.words_of(conn, "artist", found[number].key),
                await repository.listed_at(conn),
            )

    async def venues(
        self,
        actor: Actor,
        *,
        order: str = "name",
        artist: int | None = None,
        box: tuple[float, float, float, float] | None = None,
        placed: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Listing[VenueView]:
        """A page of venues; `box` is south, west, north, east in degrees. Raises BadCursor."""
        mark = digest(f"live venues {order} {artist} {box} {placed}")
        async with self.db.read() as conn:
            found = await repository_lists.venue_ids(
                conn, after=_after(cursor, mark), limit=limit + 1, order=order, artist=artist, box=box, placed=placed
            )
            views = await repository.venues(conn, [number for _, number in found[:limit]])
        return Listing([views[number] for _, number in found[:limit]], _next(found, limit, mark))

    async def venue(self, actor: Actor, number: int) -> VenueView:
        """Raises NoSuchThing."""
        async with self.db.read() as conn:
            found = await repository.venues(conn, [number])
        if number not in found:
            raise NoSuchThing("venue", format_id("ve", number))
        return found[number]

    async def tapers(
        self, actor: Actor, *, artist: int | None = None, typed: str = "", cursor: str | None = None, limit: int = 50
    ) -> Listing[Any]:
        """A page of tapers, those with most recordings first. Raises BadCursor."""
        mark = digest(f"live tapers {artist} {typed}")
        after = _after(cursor, mark)
        async with self.db.read() as conn:
            rows = await repository_lists.tapers(
                conn, artist=artist, typed=taper_key(typed), after=after, limit=limit + 1
            )
        following = (
            write_values(mark, [rows[limit - 1].recordings, rows[limit - 1].key], None) if len(rows) > limit else None
        )
        return Listing(rows[:limit], following)

    async def taper(self, actor: Actor, key: str) -> dict[str, Any]:
        """What is known of somebody who records. Raises NoSuchThing."""
        async with self.db.read() as conn:
            found = await repository_lists.taper(conn, taper_key(key))
        if found is None:
            raise NoSuchThing("taper", key[:100])
        return found

    async def years(self, actor: Actor) -> list[Any]:
        """Every year with concerts."""
        async with self.db.read() as conn:
            return await repository_lists.all_years(conn)

    async def days(self, actor: Actor, year: int, artist: int | None = None) -> list[Any]:
        """The days of a year on which there were concerts."""
        async with self.db.read() as conn:
            return await repository_lists.days_of(conn, year, artist)


def _after(cursor: str | None, mark: str) -> Any:
    return None if cursor is None else tuple(read_values(cursor, mark, 2))


def _next(found: list[tuple[Any, int]], limit: int, mark: str) -> str | None:
    return write_values(mark, list(found[limit - 1]), None) if len(found) > limit else None
