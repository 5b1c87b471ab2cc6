"""`City, ST` in all its spellings: which part is the city, which the region, which the country."""

from __future__ import annotations

import re
from dataclasses import dataclass

from segue.core.text import clean_text
from segue.live.places.regions import ALSO_CITIES, plain, regions

_BREAK = re.compile(r"\s*[,;/|]\s*|\s+-\s+")
_BRACKETS = re.compile(r"\s*[(\[]([^)\]]*)[)\]]")
_LAST_CODE = re.compile(r"(.+?)[\s.]+([A-Z]{2}|[A-Z]\.\s?[A-Z])\Z")
_ZIP = re.compile(r"\s+[0-9]{5}(?:-[0-9]{4})?\s*\Z")
_NOTHING = frozenset({"", "unknown", "various", "n/a", "na", "none", "?", "??", "tbd", "unknown location"})


@dataclass(frozen=True, slots=True)
class Location:
    """`city` as written; `region` a code (NJ, ON, NSW) or a country of Britain, `country` ISO 3166-1 alpha-2. Empty: not said."""

    city: str = ""
    region: str = ""
    country: str = ""
    before: str = ""
    """What stands before the city: a venue, a street."""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.city, self.region, self.country) if part)


def read(text: str) -> Location:
    """What a location says. A text without a region or country that is known is a city as a whole."""
    return readings(text)[0]


def readings(text: str) -> list[Location]:
    """Every sense that a location makes, the likeliest first; there is always one."""
    whole = _BRACKETS.sub(r", \1", clean_text(text))
    parts = [_ZIP.sub("", part).strip(" .") for part in _BREAK.split(whole)]
    parts = [part for part in parts if plain(part) not in _NOTHING]
    if not parts:
        return [Location()]
    if len(parts) == 1:
        alone = _LAST_CODE.match(parts[0])
        if alone is None or plain(alone[2]) not in regions():
            return _alone(parts[0])
        parts = [alone[1].strip(" ."), alone[2]]
    meant = regions().get(plain(parts[-1]), ())
    found: list[Location] = []
    for country, region in meant:
        rest = parts[:-1]
        if region:
            found += _of(rest, [(country, region)])
            continue
        inner = (
            [each for each in regions().get(plain(rest[-1]), ()) if each[0] == country and each[1]]
            if len(rest) > 1
            else []
        )
        found += _of(rest[:-1], inner) if inner else []
        found += _of(rest, [(country, "")])
    return found or _of(parts, [("", "")])


def _alone(text: str) -> list[Location]:
    """A single word or name: a region or a country where it is one, else a city."""
    meant = regions().get(plain(text), ())
    city = [Location(text), *_named_last(text)]
    if not meant:
        return city
    regional = [Location("", region, country) for country, region in meant]
    return city + regional if plain(text) in ALSO_CITIES else regional


def _of(parts: list[str], meant: list[tuple[str, str]]) -> list[Location]:
    return [Location(parts[-1], region, country, ", ".join(parts[:-1])) for country, region in meant if parts]


def _named_last(text: str) -> list[Location]:
    """`Ithaca New York`: a region's name at the end, without a comma."""
    words = text.split()
    for count in (3, 2, 1):
        if count < len(words):
            for country, region in regions().get(plain(" ".join(words[-count:])), ()):
                if len(words[-1]) > 2:
                    return [Location(" ".join(words[:-count]), region, country)]
    return []
