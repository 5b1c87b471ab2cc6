"""What was played on each night and who taped it, made from the lines of `archive_bands`: the same each time.

A recording is one or two letters: S soundboard, s soundboard that may only be streamed, A audience, M matrix, F broadcast, B both
shows of a day on one tape, C soundcheck. After it: + a newer transfer of the tape before, = the same transfer once more, m songs
are missing, x filed under a wrong date, h Shorten files, p the second set only, d withdrawn, 🎷 file names that need care.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from segue.emulator.archive_bands import BANDS, Band


@dataclass(frozen=True, slots=True)
class Played:
    """A song of a set; `segue`: it runs into the next."""

    song: str
    segue: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    band: Band
    date: str
    slot: str
    """early, late or empty."""
    venue: str
    place: str
    event: str
    sets: tuple[tuple[str, tuple[Played, ...]], ...]

    @property
    def key(self) -> str:
        return f"{self.band.key}{self.date}{self.slot}"

    @property
    def played(self) -> list[Played]:
        return [one for _, songs in self.sets for one in songs]


@dataclass(frozen=True, slots=True)
class Take:
    """What is heard in a part of a track: song `number` (from 0) of a show; -1 for tuning and applause."""

    show: str
    number: int
    song: str


@dataclass(frozen=True, slots=True)
class Track:
    stem: str
    """Of its file names."""
    title: str
    takes: tuple[Take, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """One item of the archive. `tape` is the same for every transfer of one tape; `speed` is how much too fast it runs."""

    identifier: str
    shows: tuple[Show, ...]
    kind: str
    date: str
    taper: str
    transferrer: str
    source: str
    lineage: str
    shnid: str
    tape: str
    tracks: tuple[Track, ...]
    speed: float
    added: str
    creator: str
    title: str
    collections: tuple[str, ...]
    stars: tuple[int, ...] = ()
    downloads: int = 0
    shorten: bool = False
    stream_only: bool = False
    dark: bool = False
    odd_names: bool = False
    notes: str = ""
    supersedes: str = ""
    described: bool = True
    """Whether its description is the setlist."""
    more: dict[str, str] = field(default_factory=dict)


SOURCES = {
    "S": (
        "SBD > Cassette Master (TDK SA90) > DAT",
        "Nakamichi 300 > Tascam DA-20 > Sound Devices USBPre2 > WAV > FLAC",
    ),
    "A": (
        "AUD: Nakamichi CM-300 > Sony TC-D5M, row 12 center",
        "Cassette master > Nakamichi Dragon > Apogee Mini-Me > FLAC",
    ),
    "M": ("Matrix of soundboard and audience (Schoeps MK4)", "two sources aligned in Sonar > CD Wave > FLAC level 8"),
    "F": ("FM broadcast, Maxell UD reel", "Revox A77 @ 7.5 ips > Tascam DA-3000 > iZotope RX > FLAC"),
    "C": ("soundcheck, audience mics on stage lip", "DAT > CD-R > EAC > FLAC"),
}
WORD = {"S": "sbd", "A": "aud", "M": "mtx", "F": "fm", "C": "soundcheck.aud"}
NOTES = ("Tuning", "Crowd", "Stage Banter")


@cache
def shows() -> tuple[Show, ...]:
    """Every night, in order within each band."""
    return tuple(show for band in BANDS for show, _ in _lines(band))


@cache
def recordings() -> tuple[Recording, ...]:
    """Every item, in order of the nights."""
    found: list[Recording] = []
    for band in BANDS:
        lines = list(_lines(band))
        for show, codes in lines:
            same_day = tuple(other for other, _ in lines if other.date == show.date)
            for code in codes.split():
                found.append(_recording(show, same_day, code, found))
    return tuple(found)


def _lines(band: Band) -> Iterator[tuple[Show, str]]:
    for line in band.shows.strip().splitlines():
        when, venue, place, codes, event = (part.strip() for part in line.split("|"))
        date, _, slot = when.partition(" ")
        yield Show(band, date, slot, venue, place, event, _sets(band, date, slot, event)), codes


def _rng(*words: str) -> random.Random:
    return random.Random(zlib.crc32(" ".join(words).encode()))


def _sets(band: Band, date: str, slot: str, event: str) -> tuple[tuple[str, tuple[Played, ...]], ...]:
    rng = _rng(band.key, date, slot)
    runs = [run for run in band.runs if rng.random() < 0.8]
    in_runs = {song for run in band.runs for song in run}
    encore = rng.choice(band.encores)
    singles = [song for song in band.songs if song not in in_runs and song != encore]
    rng.shuffle(singles)
    short = bool(slot or event)
    blocks: list[tuple[str, ...]] = [*runs, *((song,) for song in singles[: 4 if short else 7])]
    rng.shuffle(blocks)
    half = len(blocks) if short else (len(blocks) + 1) // 2
    named: list[tuple[str, list[tuple[str, ...]]]] = [
        ("Set 1", blocks[:half]),
        ("Set 2", blocks[half:]),
        ("Encore", [(encore,)]),
    ]
    return tuple(
        (name, tuple(Played(song, place < len(block) - 1) for block in these for place, song in enumerate(block)))
        for name, these in named
        if these
    )


def _recording(show: Show, same_day: tuple[Show, ...], code: str, before: list[Recording]) -> Recording:
    letter, marks = code[0], code[1:]
    band = show.band
    rng = _rng(show.key, code, str(sum(1 for one in before if show in one.shows)))
    earlier = next((one for one in reversed(before) if show in one.shows and one.kind == letter.upper()), None)
    if earlier is not None and marks in ("+", "="):
        return _again(earlier, marks, len(before), rng)
    kind = "A" if letter == "B" else letter.upper()
    heard = same_day if letter == "B" else (show,)
    taper = rng.choice(band.tapers)
    transferrer = rng.choice(band.tapers)
    shnid = str(10_000 + 37 * len(before) + rng.randrange(30))
    date = _wrong(show.date) if "x" in marks else show.date
    last = taper.split()[-1].strip(".").lower()
    slot = f".{show.slot}" if show.slot and letter != "B" else ""
    bits = "shnf" if "h" in marks else "flac16"
    old_form = letter == "A" and rng.random() < 0.25
    day = date[2:] if old_form else date
    identifier = f"{band.key}{day}{slot}.{shnid}.{WORD[kind]}.{last}.{bits}"
    source, lineage = SOURCES[kind]
    spelling = band.spellings[rng.randrange(len(band.spellings)) if rng.random() < 0.4 else 0]
    own = (band.collection,) if band.collection else ()
    stars = tuple(rng.choice((3, 4, 4, 5, 5)) for _ in range(rng.choice((0, 1, 3, 6))))
    told_slot = f" ({show.slot} show)" if slot else " (early and late shows)" if letter == "B" else ""
    return Recording(
        identifier=identifier,
        shows=heard,
        kind=kind,
        date=date,
        taper=taper,
        transferrer=transferrer,
        source=source,
        lineage=lineage,
        shnid=shnid,
        tape=f"{show.key}.{shnid}",
        tracks=_tracks(heard, date, letter, marks, rng),
        speed=1.0 if kind in "SF" else round(rng.uniform(0.985, 1.015), 4),
        added=f"{2004 + len(before) % 17}-{1 + len(before) % 12:02}-{1 + len(before) % 28:02}T{len(before) % 24:02}:20:05Z",
        creator=spelling,
        title=f"{band.name} Live at {show.venue} on {date}{told_slot}",
        collections=(*own, "etree", *(("stream_only",) if letter == "s" else ())),
        stars=stars,
        downloads=rng.randrange(40, 9000),
        shorten="h" in marks,
        stream_only=letter == "s",
        dark="d" in marks,
        odd_names="🎷" in marks,
        notes=_notes(letter, marks, show),
        described="x" in marks or rng.random() < 0.7,
    )


def _again(earlier: Recording, mark: str, place: int, rng: random.Random) -> Recording:
    """Another item of the same tape: a newer transfer, or the same one uploaded once more."""
    shnid = str(int(earlier.shnid) + 50_000)
    parts = earlier.identifier.split(".")
    parts = [shnid if part == earlier.shnid else part for part in parts]
    if mark == "+":
        identifier = ".".join([*parts[:-1], f"fix-{earlier.shnid}", parts[-1]])
        notes = f"Replaces shnid {earlier.shnid}: pitch corrected, clicks removed."
    else:
        identifier, notes = ".".join([*parts[:-1], "repost", parts[-1]]), "Seeded again at the request of many."
    return replace(
        earlier,
        identifier=identifier,
        shnid=shnid,
        tape=earlier.tape,
        speed=1.0 if mark == "+" else earlier.speed,
        added=f"{2021 + place % 4}-{1 + place % 12:02}-07T09:00:00Z",
        stars=tuple(rng.choice((4, 5, 5)) for _ in range(2)),
        downloads=rng.randrange(10, 400),
        notes=notes,
        supersedes=earlier.shnid if mark == "+" else "",
        more={"exact": earlier.identifier} if mark == "=" else {},
    )


def _wrong(date: str) -> str:
    """The month before last: what a tape's label made of it."""
    year, month, day = date.split("-")
    return f"{year}-{(int(month) + 9) % 12 + 1:02}-{min(int(day), 28):02}"


def _notes(letter: str, marks: str, show: Show) -> str:
    if "m" in marks:
        return "The taper ran out of tape; some songs are missing."
    if "p" in marks:
        return "Second set only."
    if letter == "C":
        return "Afternoon soundcheck."
    return show.event and f"Part of the {show.event}."


def _tracks(heard: tuple[Show, ...], date: str, letter: str, marks: str, rng: random.Random) -> tuple[Track, ...]:
    style = rng.choice(("plain", "arrows", "numbered", "nicknames", "encores"))
    abbr = f"{heard[0].band.key}{date[2:]}"
    found: list[Track] = []
    for show in heard:
        nick = dict(show.band.nicknames) if style == "nicknames" else {}
        number = -1
        for disc, (name, songs) in enumerate(show.sets, 1):
            if letter == "C" and disc > 1:
                break
            if "p" in marks and name == "Set 1":
                number += len(songs)
                continue
            place = 0
            pending: list[tuple[Take, str]] = []
            if rng.random() < 0.5 and letter != "C":
                found.append(_noise(show, abbr, disc, rng))
            for played in songs[:3] if letter == "C" else songs:
                number += 1
                if "m" in marks and rng.random() < 0.35:
                    continue
                title = nick.get(played.song, played.song)
                pending.append((Take(show.key, number, played.song), title))
                merged = played.segue and style == "nicknames" and len(pending) < 2
                if merged and "m" not in marks:
                    continue
                place += 1
                found.append(_track(pending, abbr, disc, place, style, name, played.segue))
                pending = []
            if pending:
                found.append(_track(pending, abbr, disc, place + 1, style, name, False))
    if "🎷" in marks:
        found = [replace(one, stem=_odd(place, one.title)) for place, one in enumerate(found, 1)]
    elif style == "numbered":
        named = enumerate(found, 1)
        found = [replace(one, stem=f"{place:02} {_words(one.title)}") for place, one in named]
    else:
        named = enumerate(found, 1)
        found = [replace(one, stem=f"{one.stem.partition('t')[0]}t{place:02}") for place, one in named]
    return tuple(replace(one, stem=one.stem.replace("/", "-")) for one in found)


def _track(
    takes: list[tuple[Take, str]], abbr: str, disc: int, place: int, style: str, set_name: str, segue: bool
) -> Track:
    title = " > ".join(name for _, name in takes)
    if style == "arrows" and segue:
        title += " ->"
    elif style != "plain" and segue:
        title += " >"
    if style == "encores" and set_name == "Encore":
        title = f"E: {title}"
    if style == "numbered":
        title = f"{disc}{place:02} - {title}"
    return Track(f"{abbr}d{disc}t{place:02}", title, tuple(take for take, _ in takes))


def _noise(show: Show, abbr: str, disc: int, rng: random.Random) -> Track:
    return Track(f"{abbr}d{disc}t00", rng.choice(NOTES), (Take(show.key, -1, ""),))


def _words(title: str) -> str:
    """A title as it stands in a file name."""
    return re.sub(r"\s*[>/:]\s*", " ", title.partition(" - ")[2] or title).strip()


def _odd(place: int, title: str) -> str:
    """A name that every careless client stumbles over."""
    decoration = ("#1 100% live?", "🎷 solo", "a;b&c=d", "naïve + ünïcode", "über %2F [sbd]")[place % 5]
    return f"{place:02} {_words(title)} {decoration}"
