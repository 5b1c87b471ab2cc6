"""As many made-up items as a bench wants, as lines of lists and documents without files; the same for the same number."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from segue.emulator.archive_items import Held

_WORDS = (
    "River",
    "Copper",
    "Velvet",
    "Northern",
    "Paper",
    "Iron",
    "Silent",
    "Golden",
    "Hollow",
    "Electric",
    "Blue",
    "Wild",
)
_THINGS = (
    "Saints",
    "Parade",
    "Company",
    "Brothers",
    "Lights",
    "Foxes",
    "Assembly",
    "Union",
    "Orchard",
    "Engine",
    "Tide",
)
_HALLS = ("Theatre", "Ballroom", "Arena", "Field House", "Tavern", "Park", "Auditorium", "Hall")
_TOWNS = ("Boulder, CO", "Ithaca, NY", "Asheville, NC", "Portland, OR", "Madison, WI", "Athens, GA", "Burlington, VT")
_KINDS = (
    ("sbd", "SBD > DAT"),
    ("aud", "AUD: Schoeps MK4 > V3"),
    ("mtx", "Matrix"),
    ("fm", "FM broadcast"),
    ("aud", "AKG 463"),
)


class Bulk:
    """Items `bulk0000000` … of bands, most of which have a collection; shows on days in a row, one to seven tapes each."""

    def __init__(self, count: int, bands: int = 400) -> None:
        self._count = count
        self.bands = bands
        self._made: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return self._count

    def docs(self) -> Iterator[dict[str, Any]]:
        if not self._made:
            self._made = list(self._make())
        yield from self._made

    def item(self, identifier: str) -> Held | None:
        """The document of one of them; it has no files."""
        found = next((doc for doc in self.docs() if doc["identifier"] == identifier), None)
        return None if found is None else Held(identifier, dict(found), dict)

    def _make(self) -> Iterator[dict[str, Any]]:
        rng = random.Random(self._count * 1000 + self.bands)
        made = 0
        names = [self._name(number) for number in range(self.bands)]
        shares = [rng.paretovariate(0.9) for _ in names]
        per_item = self._count / sum(shares)
        for number, (name, share) in enumerate(zip(names, shares, strict=True)):
            wanted = (
                self._count - made if number == self.bands - 1 else min(round(share * per_item), self._count - made)
            )
            for doc in self._of_band(rng, number, name, wanted):
                made += 1
                yield doc

    def _name(self, number: int) -> str:
        word, thing = _WORDS[number % len(_WORDS)], _THINGS[number // len(_WORDS) % len(_THINGS)]
        more = number // (len(_WORDS) * len(_THINGS))
        return f"The {word} {thing}" + (f" {more + 1}" if more else "")

    def _of_band(self, rng: random.Random, number: int, name: str, wanted: int) -> Iterator[dict[str, Any]]:
        collection = "".join(name.split())
        day = 4_000 + 13 * number % 4_000
        left = wanted
        while left > 0:
            day += rng.choice((1, 1, 1, 2, 3, 20))
            year, rest = divmod(day, 336)
            date = f"{1965 + year % 60}-{rest // 28 + 1:02}-{rest % 28 + 1:02}"
            hall, town = rng.choice(_HALLS), rng.choice(_TOWNS)
            for _ in range(min(left, rng.choice((1, 1, 2, 2, 3, 4, 7)))):
                left -= 1
                kind, source = rng.choice(_KINDS)
                shnid = rng.randrange(1, 160_000)
                identifier = f"b{number}x{date}.{shnid}.{kind}.t{rng.randrange(30)}.{wanted - left}.flac16"
                yield {
                    "identifier": identifier,
                    "mediatype": "etree",
                    "collection": [collection, "etree"] if number % 10 else ["etree"],
                    "creator": [name],
                    "title": f"{name} Live at {hall} on {date}",
                    "date": f"{date}T00:00:00Z",
                    "year": int(date[:4]),
                    "venue": f"{town.partition(',')[0]} {hall}",
                    "coverage": town,
                    "source": source,
                    "taper": f"Taper {rng.randrange(300)}",
                    "format": ["Flac", "VBR MP3", "Metadata"],
                    "downloads": rng.randrange(20_000),
                    "item_size": rng.randrange(10**8, 10**9),
                    "num_reviews": rng.randrange(9),
                    "avg_rating": round(rng.uniform(3, 5), 2),
                    "addeddate": f"{2004 + rng.randrange(20)}-{1 + rng.randrange(12):02}-{1 + rng.randrange(28):02}T10:00:00Z",
                    "publicdate": f"{2004 + rng.randrange(20)}-{1 + rng.randrange(12):02}-{1 + rng.randrange(28):02}T10:00:00Z",
                }
