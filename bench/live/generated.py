"""Recordings and shows of many bands, made up: as many and as unequal as the archive's, from a seed.

Names, venues, songs and tapers are drawn from syllables, so nothing here is anybody's. Proportions follow what is known of
the archive's collection of concerts: 4,230 bands with 210,283 shows in 284,858 recordings, the largest band with 17,900 of
them; some dates with an early and a late show, a few partial and wrong dates, some transfers of one tape in 16 and 24 bit.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from segue.live.records import Heard, Item, ItemFile, ItemTrack, Setlist, SetlistSet, SetlistSong, ShowTime

ARTISTS, RECORDINGS, LARGEST = 4_230, 284_858, 17_900
_SYLLABLES = [consonant + vowel for consonant in "bdklmnrt" for vowel in "aeiou"]
_SOURCES = (
    ("sbd", "Soundboard > DAT > CDR > EAC > SHN"),
    ("aud", "AKG 451E > Sony TC-152 > cassette master > DAT"),
    ("schoeps", "Schoeps MK4 > D5, FOB, 10 feet behind the SBD"),
    ("mtx", "Matrix: SBD (60%) and AUD (40%)"),
    ("fm", "FM > reel > DAT"),
    ("", "CDR > EAC > FLAC"),
)
_FORMATS = ("Flac", "24bit Flac", "Shorten")


@dataclass(frozen=True, slots=True)
class Made:
    """One band: its recordings, its shows' setlists, and what its recordings' titles say."""

    name: str
    items: list[Item]
    setlists: list[Setlist]
    heard: dict[str, list[Heard]]


def sizes(artists: int = ARTISTS, recordings: int = RECORDINGS) -> list[int]:
    """Recordings of each band, largest first: the n-th has a share of the first that falls with n."""
    weights = [1 / (place + 9) for place in range(artists)]
    scale = recordings / sum(weights)
    found = [max(1, round(weight * scale)) for weight in weights]
    most = LARGEST * recordings // RECORDINGS
    found[0] = max(found[0], most)
    while sum(found) > recordings:
        over = sum(found) - recordings
        for place in range(1, artists):
            if over and found[place] > 1:
                found[place] -= 1
                over -= 1
    return found


def bands(
    artists: int = ARTISTS, recordings: int = RECORDINGS, *, seed: int = 1, titles: bool = True
) -> Iterator[Made]:
    """The bands one after the other; without `titles` as an item list has them, with no tracks and nothing heard."""
    for number, size in enumerate(sizes(artists, recordings)):
        yield _band(random.Random(seed * 1_000_003 + number), number, size, titles)


def _band(rng: random.Random, number: int, size: int, titles: bool) -> Made:
    name = f"{_word(rng).capitalize()} {_word(rng).capitalize()} {number}"
    short = f"{''.join(word[0] for word in name.split()).lower()}{_word(rng, 1)}"
    songs = [f"{_word(rng).capitalize()} {_word(rng)} {place}" for place in range(30 + min(size, 150))]
    venues = [f"{_word(rng).capitalize()} {rng.choice(('Hall', 'Theatre', 'Arena', 'Club'))}" for _ in range(12)]
    made = Made(name, [], [], {})
    day = date(1968, 1, 1) + timedelta(days=rng.randrange(3_000))
    pause = max(2, min(9, 30_000 // size))
    while len(made.items) < size:
        day += timedelta(days=rng.randrange(1, pause))
        twice = rng.random() < 0.02
        for time in ("early", "late") if twice else (None,):
            _night(rng, made, name, short, day, time, rng.sample(songs, 20), rng.choice(venues), size, titles)
    return made


def _night(
    rng: random.Random, made: Made, name: str, short: str, day: date, time: ShowTime | None, played: list[str], venue: str,
    size: int, titles: bool,
) -> None:  # fmt: skip
    sets = tuple(
        SetlistSet(label, tuple(SetlistSong(song, segue=place % 5 == 0) for place, song in enumerate(part)))
        for label, part in (("Set 1", played[:9]), ("Set 2", played[9:18]), ("Encore", played[18:]))
    )
    made.setlists.append(Setlist(name, day.isoformat(), f"{day}-{time}", time, venue, sets=sets))
    for _ in range(min(1 + int(rng.expovariate(1.3)), size - len(made.items))):
        token, source = rng.choice(_SOURCES)
        shnid = str(rng.randrange(100, 180_000))
        parts = [f"{short}{day}", shnid, *((time,) if time else ()), token, _word(rng), f"flac{rng.choice((16, 24))}"]
        identifier = ".".join(part for part in parts if part)
        if identifier in made.heard:
            continue
        text = day.isoformat()
        if rng.random() < 0.01:
            text = rng.choice(
                (f"{day.year}-{day.month:02}-00", f"{day.year}-00-00", f"{day.year}-{day.day:02}-{day.month:02}", "")
            )
        held = played if rng.random() < 0.8 else played[: rng.randrange(4, 18)]
        tracks = tuple(
            ItemTrack(place, song, rng.randrange(120_000, 900_000), (), (_file(f"{short}{day}t{place:02}.flac", rng),))
            for place, song in enumerate(held if titles else (), 1)
        )
        made.items.append(
            Item(
                identifier,
                title=f"{name} Live at {venue} on {text}",
                creators=(name,),
                collections=("etree", name.replace(" ", "")),
                date=text,
                venue=venue if rng.random() < 0.7 else f"The {venue}, {_word(rng)}",
                source=source,
                rating=rng.choice((None, 4.0, 4.5)),
                review_count=rng.randrange(9),
                tracks=tracks,
            )
        )
        made.heard[identifier] = (
            [Heard(song, song, "song", track=place) for place, song in enumerate(held, 1)] if titles else []
        )


def _file(name: str, rng: random.Random) -> ItemFile:
    return ItemFile(name, rng.choice(_FORMATS))


def _word(rng: random.Random, syllables: int = 3) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(syllables))
