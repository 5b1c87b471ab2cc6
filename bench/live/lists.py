"""A list of the archive of any size, made from a seed: bands, tours, tapers and tapes that never were, in the form of its lists.

The proportions are those that the archive's live collection has: 4,230 bands with 284,858 recordings, a few bands with
thousands and most with under twenty; a soundboard on every fourth night; a date that is not whole now and then.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

ITEMS, BANDS = 285_000, 4_230
FIRST = (
    "Silver",
    "Paper",
    "Hollow",
    "Northern",
    "Electric",
    "Slow",
    "Golden",
    "Broken",
    "Quiet",
    "Crooked",
    "Blue",
    "Long",
)
SECOND = (
    "River", "Lantern", "Union", "Orchard", "Engine", "Harbor", "Coyote", "Parade", "Signal", "Meadow", "Kettle", "Anchor",
    "Canyon", "Almanac", "Foxes", "Tides", "Railway", "Cedars", "Mirror", "Compass",
)  # fmt: skip
THIRD = ("Band", "Revival", "Trio", "Collective", "Orchestra", "Project", "", "", "", "")
HALLS = (
    "Theatre",
    "Ballroom",
    "Hall",
    "Arena",
    "Pavilion",
    "Amphitheater",
    "Club",
    "Fairgrounds",
    "Auditorium",
    "Tavern",
)
CITIES = (
    "Springfield, OR", "Riverside, CA", "Franklin, TN", "Clinton, NY", "Madison, WI", "Salem, MA", "Georgetown, TX",
    "Arlington, VA", "Ashland, NC", "Dover, DE", "Hudson, OH", "Milton, ON", "Oxford, England", "Newport, RI", "Kingston, PA",
)  # fmt: skip
NAMES = (
    "Alder",
    "Birch",
    "Cedar",
    "Dunn",
    "Ellis",
    "Frost",
    "Grant",
    "Hale",
    "Irwin",
    "Joyce",
    "Keane",
    "Lowe",
    "Marsh",
    "Nash",
)
GIVEN = ("Ann", "Ben", "Cal", "Dot", "Eve", "Fay", "Gil", "Hal", "Ida", "Jon", "Kit", "Lou", "May", "Ned")
MICS = ("Schoeps mk4", "AKG 414", "Neumann km184", "DPA 4061", "Nakamichi 300", "AT 853")
DECKS = ("Tascam DR-680", "Sony D5M", "Sound Devices 722", "Zoom F8", "Sony D8")
FORMATS = ["Flac", "VBR MP3", "Ogg Vorbis", "Text", "Flac FingerPrint", "Checksums"]
SERIES = ("sbd", "mtx", "aud", "fm")


def sizes(items: int, bands: int) -> list[int]:
    """How many recordings each band has: the n-th about 1/n of the first (Zipf), the first about 6 % of all."""
    shares = [1 / (n + 1.6) ** 0.92 for n in range(bands)]
    whole = sum(shares)
    counts = [max(1, int(items * share / whole)) for share in shares]
    counts[0] += items - sum(counts)
    return counts


def docs(items: int = ITEMS, bands: int | None = None, seed: int = 6) -> Iterator[dict[str, Any]]:
    """The items of the list, band after band."""
    bands = bands or max(1, items * BANDS // ITEMS)
    made = random.Random(seed)
    tapers = [f"{made.choice(GIVEN)} {made.choice(NAMES)} {number}" for number in range(max(5, items // 120))]
    halls = max(10, items // 25)
    venues = [(f"{made.choice(FIRST)} {made.choice(HALLS)} {number}", made.choice(CITIES)) for number in range(halls)]
    for number, count in enumerate(sizes(items, bands)):
        yield from _of_band(number, count, random.Random(seed * 1_000_003 + number), tapers, venues)


def _of_band(
    number: int, count: int, made: random.Random, tapers: list[str], venues: list[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    parts = (made.choice(FIRST), made.choice(SECOND), made.choice(THIRD), str(number))
    name = " ".join(part for part in parts if part)
    short, collection = f"b{number}n", "".join(name.split())
    popular = count >= 3_000
    left, year, span, serial = count, 1968 + made.randrange(50), max(1, min(40, count // 60)), 0
    while left:
        month, day = 1 + made.randrange(12), 1 + made.randrange(28)
        date = f"{min(2025, year + made.randrange(span)):04}-{month:02}-{day:02}"
        venue, city = made.choice(venues)
        tapes = 1 + (int(made.expovariate(0.2)) if popular else int(made.random() < 0.35))
        for _ in range(min(left, tapes)):
            serial, left = serial + 1, left - 1
            yield _item(made, name, short, collection, date, venue, city, made.choice(tapers), serial)


def _item(
    made: random.Random,
    name: str,
    short: str,
    collection: str,
    date: str,
    venue: str,
    city: str,
    taper: str,
    serial: int,
) -> dict[str, Any]:
    kind = made.choices(SERIES, (24, 6, 66, 4))[0]
    mic, deck = made.choice(MICS), made.choice(DECKS)
    source = {
        "sbd": f"SBD > {deck}", "mtx": f"Matrix: SBD + {mic} > {deck}", "aud": f"{mic} > {deck} (DFC, 24/48)",
        "fm": f"FM broadcast > {deck}",
    }[kind]  # fmt: skip
    month, day, hour = 1 + made.randrange(12), 1 + made.randrange(28), made.randrange(24)
    added = f"{2003 + made.randrange(22)}-{month:02}-{day:02}T{hour:02}:00:00Z"
    doc: dict[str, Any] = {
        "identifier": f"{short}{date}.{kind}.{taper.split()[1].lower()}.{serial}.flac16",
        "title": f"{name} Live at {venue} on {date}",
        "creator": name,
        "date": f"{date}T00:00:00Z",
        "collection": [collection, "etree", "live_music"],
        "venue": venue if made.random() < 0.9 else venue.replace("Theatre", "Theater").upper(),
        "coverage": city,
        "source": source,
        "lineage": f"{deck} > WAV > FLAC16",
        "taper": taper,
        "transferer": taper,
        "format": FORMATS,
        "subject": ["Live concert", name],
        "addeddate": added,
        "publicdate": added,
        "downloads": made.randrange(5_000),
        "item_size": made.randrange(200_000_000, 2_000_000_000),
        "type": "sound",
    }
    if made.random() < 0.45:
        doc["avg_rating"] = round(3 + 2 * made.random(), 2)
        doc["num_reviews"] = 1 + made.randrange(12)
    if made.random() < 0.004:
        doc["date"] = f"{date[:4]}-01-01T00:00:00Z"
        doc["identifier"] = doc["identifier"].replace(date, f"{date[:4]}-xx-xx")
        doc["title"] = doc["title"].replace(date, f"{date[:4]}-XX-XX")
    return doc
