"""Venues as rows, from what recordings and setlists call them: never more than a name and a place, told apart by both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from sqlalchemy import Table, select

from segue.core.db import Transaction
from segue.core.text import fold, sort_key
from segue.live import bulk
from segue.live.bulk import among
from segue.live.models import LiveVenue
from segue.live.places import find
from segue.live.records import Concert

VENUES = cast(Table, LiveVenue.__table__)
_NOT_WORD = re.compile(r"[\W_]+")
_UNKNOWN = frozenset({"", "unknown", "unknown venue", "various", "various locations", "n a", "na", "tba", "venue"})
"""What people write where they do not know a venue."""
_NORTH_AMERICA = re.compile(r"[A-Z]{2}")
_PROVINCES = frozenset(["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"])
"""Two letters that follow a city in Canada (ISO 3166-2:CA); any other two are a state of the USA."""


class Place(NamedTuple):
    """A venue and where it is."""

    name: str
    city: str = ""
    region: str = ""
    country: str = ""

    @property
    def key(self) -> str:
        """The spelling that venues are compared by: words of the name, without a leading article, and the city."""
        return _key(self.name, self.city)


@lru_cache(maxsize=16_384)
def _key(name: str, city: str) -> str:
    words = _NOT_WORD.sub(" ", fold(name).replace("&", " and ").replace("'", "")).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return f"{' '.join(words)}|{' '.join(_NOT_WORD.sub(' ', fold(city)).split())}"


@lru_cache(maxsize=16_384)
def place_of(venue: str, location: str) -> Place | None:
    """What `venue` and `location` (city, region, country as people write them) name; None where the venue is not known."""
    name = " ".join(venue.split())
    if " ".join(_NOT_WORD.sub(" ", fold(name)).split()) in _UNKNOWN:
        return None
    parts = [part for part in (piece.strip() for piece in location.split(",")) if part]
    city, region, country = (*parts[:3], "", "", "")[:3]
    if region and not country:
        if _NORTH_AMERICA.fullmatch(region):
            country = "Canada" if region in _PROVINCES else "USA"
        elif len(parts) == 2:
            region, country = "", region
    return Place(name, city, region, country)


def place_at(concert: Concert) -> Place | None:
    """The venue of a concert: its setlist's word first."""
    setlist = concert.setlist
    if setlist is not None and setlist.venue and setlist.venue == (concert.venue or setlist.venue):
        known = place_of(setlist.venue, "")
        if known is not None:
            return Place(known.name, setlist.city, setlist.state, setlist.country)
    return place_of(concert.venue, concert.location)


async def venues_of(tx: Transaction, concerts: Sequence[Concert]) -> list[int | None]:
    """The number of each concert's venue, made where it is new; None where it is not known."""
    places = [place_at(concert) for concert in concerts]
    named = {place.key: place for place in reversed(places) if place is not None}
    if not named:
        return [None] * len(places)
    known = await _numbers(tx, list(named))
    values = [
        (key, place.name, sort_key(place.name), place.city, place.region, place.country, *_position(place))
        for key, place in sorted(named.items())
        if key not in known
    ]
    columns = ("key", "name", "sort_name", "city", "region", "country", "latitude", "longitude", "placed_by")
    await bulk.put(tx, VENUES, columns, values, key=("key",), changes=())
    if len(known) < len(named):
        known = await _numbers(tx, list(named))
    return [None if place is None else known[place.key] for place in places]


def _position(place: Place) -> tuple[float | None, float | None, str]:
    """Where the venue's city is, and what that rests on."""
    city = find(", ".join(part for part in (place.city, place.region, place.country) if part))
    return (None, None, "") if city is None else (city.latitude, city.longitude, "city")


async def _numbers(tx: Transaction, keys: list[str]) -> dict[str, int]:
    found = select(VENUES.c.key, VENUES.c.id).where(among(VENUES.c.key, keys, tx.dialect))
    return {row.key: row.id for row in await tx.execute(found)}
