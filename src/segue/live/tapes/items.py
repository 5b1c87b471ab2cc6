"""A tape as an item, so that dates, artists, sources and titles are read off it as off any recording."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import replace

from segue.live.facts import Bands, facts_of
from segue.live.records import Facts, Item, ItemFile, ItemTrack
from segue.live.tapes.reading import TapeFile, TapeRead
from segue.live.titles.texts import track_titles

PROVIDER = "tape"
_NO_TITLE = re.compile(
    r"\A(?:[a-z&_-]{0,8}\d{2,4}[-._]\d{2}[-._]\d{2}\S*|track ?\d+|\d{1,3}|(?:d|cd|disc)\d+ ?t\d+|audio ?track ?\d+)\Z",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\A\s*(?:(?:d|cd|disc|s|set)\d{1,2}[ _-]*)?(?:t|tr|track)?[ _]*\d{1,3}\s*[-._) ]+\s*", re.IGNORECASE
)


def tape_id(read: TapeRead) -> str:
    """What a tape is called for ever: by its audio where FLAC says it, else by the names and sizes of its files; a folder that
    is moved or renamed keeps it."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(read.files, key=lambda one: one.name):
        digest.update((file.audio_md5 or f"{file.name.rpartition('/')[2]}\t{file.size}").encode() + b"\n")
    return f"tape:{digest.hexdigest()}"


def item_of(read: TapeRead) -> Item:
    """The item of a tape. Its identifier is the folder's name, since that is where a date and a source stand."""
    artists = Counter(file.artist for file in read.files if file.artist)
    albums = Counter(file.album for file in read.files if file.album)
    artist = artists.most_common(1)[0][0] if artists and artists.most_common(1)[0][1] * 2 > len(read.files) else ""
    album = albums.most_common(1)[0][0] if albums else ""
    dates = Counter(file.date for file in read.files if file.date)
    listed = track_titles(read.info) if read.info else []
    tracks = []
    for number, file in enumerate(ordered(read.files), 1):
        title = title_of(file)
        others = (listed[number - 1],) if len(listed) == len(read.files) and listed[number - 1] != title else ()
        if not title and others:
            title, others = others[0], ()
        stem = file.name.rpartition("/")[2].rpartition(".")[0]
        held = ItemFile(
            file.name, file.format, "original", size=file.size, md5=file.md5, length_ms=file.duration_ms, title=file.title
        )  # fmt: skip
        tracks.append(ItemTrack(number, title or stem, file.duration_ms, others, (held,)))
    exact_date = next(
        (date for date, count in dates.most_common(1) if len(date) >= 10 and count * 2 > len(read.files)), ""
    )
    return Item(
        identifier=read.name, provider=PROVIDER, title=album or read.name, creators=(artist,) if artist else (), date=exact_date,
        source=_line(read.info, "source") or read.name, lineage=_line(read.info, "lineage", "transfer"),
        taper=_line(read.info, "taper", "taped by", "recorded by"), venue=_line(read.info, "venue"),
        location=_line(read.info, "location", "city"), info_text=read.info[:100_000],
        size_bytes=sum(file.size for file in read.files), tracks=tuple(tracks),
    )  # fmt: skip


def facts_of_tape(read: TapeRead, bands: Bands | None = None) -> tuple[Item, Facts]:
    """The item with its facts; where the tape's own folder names no artist, the folder above may."""
    item = item_of(read)
    facts = facts_of(item, bands=bands)
    if not any(facts.artist_keys) and read.parent:
        above = facts_of(replace(item, creators=(read.parent,)), bands=bands)
        facts = replace(facts, artist_keys=above.artist_keys, artist_names=above.artist_names)
    if not facts.date and read.parent:
        dated = facts_of(replace(item, title=f"{read.parent} {item.title}"), bands=bands)
        facts = replace(facts, date=dated.date, precision=dated.precision)
    return item, facts


def ordered(files: list[TapeFile]) -> list[TapeFile]:
    """Files in the order in which they are played: by their numbers where all have one and no two the same, else by name."""
    numbers = [(file.disc or 1, file.number) for file in files]
    if all(number is not None for _, number in numbers) and len(set(numbers)) == len(files):
        return sorted(files, key=lambda one: (one.disc or 1, one.number or 0))
    return sorted(files, key=lambda one: one.name.casefold())


def title_of(file: TapeFile) -> str:
    """What a file is called: its tag, else its name without a number; empty where that is only a number or a date."""
    if file.title and not _NO_TITLE.match(file.title):
        return file.title
    stem = file.name.rpartition("/")[2].rpartition(".")[0].replace("_", " ").strip()
    bare = _NUMBER.sub("", stem)
    return "" if not bare or _NO_TITLE.match(stem) or _NO_TITLE.match(bare) else bare


def _line(text: str, *names: str) -> str:
    """What an info text says behind `Source:` and the like, on the line where it says it."""
    for name in names:
        if found := re.search(rf"^[ \t]*{name}[ \t]*[:=][ \t]*(\S[^\n]*)", text, re.IGNORECASE | re.MULTILINE):
            return found[1].strip()[:500]
    return ""
