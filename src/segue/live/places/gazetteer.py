"""Where a city is: a small list of our own, of towns with live music, to hundredths of a degree (about a kilometre)."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from segue.core.text import fold
from segue.live.places.reading import Location, readings

_LIST = Path(__file__).with_name("cities.csv")
_NOT_WORDS = re.compile(r"[^\w]+")
_LONG = {
    "st": "saint",
    "ste": "sainte",
    "ft": "fort",
    "mt": "mount",
    "pt": "point",
    "hts": "heights",
    "spgs": "springs",
}
_DIRECTIONS = {"n": "north", "no": "north", "s": "south", "so": "south", "e": "east", "w": "west"}


@dataclass(frozen=True, slots=True)
class Place:
    """A city: its name, the code of its region, its country (ISO 3166-1 alpha-2), and where its middle is in degrees."""

    city: str
    region: str
    country: str
    latitude: float
    longitude: float


def find(location: str) -> Place | None:
    """The city a location names, however it writes state and country; None where it is not known, or may be several."""
    return locate(location)[1]


def locate(location: str) -> tuple[Location, Place | None]:
    """What a location says and the city it is, in the sense in which that city is known: `Toronto, CA` is in Canada. Where
    none is known, its likeliest sense."""
    senses = readings(location)
    for sense in senses:
        place = find_parts(sense.city, sense.region, sense.country) if sense.city else None
        if place is not None:
            return Location(sense.city, place.region, place.country, sense.before), place
    return senses[0], None


def find_parts(city: str, region: str = "", country: str = "") -> Place | None:
    """The city of this name there; with neither region nor country, the only one of that name. None where it is not known."""
    same = _places().get(city_key(city), ())
    fitting = [place for place in same if _fits(place, region, country)]
    return fitting[0] if len(fitting) == 1 else None


def city_key(city: str) -> str:
    """A city's name as it is compared: `St. Louis` is `saint louis`, `N. Hollywood` is `north hollywood`."""
    words = [word for word in _NOT_WORDS.split(fold(city).replace("'", "")) if word]
    if len(words) > 1:
        words = [_LONG.get(word, word) for word in words]
        words[0] = _DIRECTIONS.get(words[0], words[0])
    return " ".join(words)


def _fits(place: Place, region: str, country: str) -> bool:
    return (not country or place.country == country) and (not region or place.region.casefold() == region.casefold())


@lru_cache(maxsize=1)
def _places() -> dict[str, tuple[Place, ...]]:
    found: dict[str, list[Place]] = {}
    with _LIST.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            place = Place(row["city"], row["region"], row["country"], float(row["latitude"]), float(row["longitude"]))
            for name in (row["city"], *filter(None, row["also"].split("|"))):
                there = found.setdefault(city_key(name), [])
                if place not in there:
                    there.append(place)
    return {key: tuple(places) for key, places in found.items()}
