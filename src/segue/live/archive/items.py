"""From what the archive says of an item to an `Item`: pure, and nothing concluded that the item does not say.

The tracks are the originals that sound, in order, each with what was derived from it. A Shorten file's length is the size of
its compressed bytes and is not believed; its derivative's is taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from segue.live.archive.documents import ItemDocument
from segue.live.archive.shapes import (
    as_count,
    as_last,
    as_list,
    as_ms,
    as_number,
    as_one,
    as_text,
    as_true,
)
from segue.live.records import Item, ItemFile, ItemTrack

AUDIO = frozenset(
    (
        *("flac", "shn", "mp3", "ogg", "oga", "opus", "m4a", "aac", "wav", "wave", "aif", "aiff", "ape", "wv", "wma"),
        *("ra", "rm", "alac", "tta", "mka", "mp2", "au", "dsf", "dff"),
    )
)
"""Endings of files that sound."""
_VIDEO_FORMATS = re.compile(r"mpeg4$|video|h\.264|cinepack|mpeg2|ogg video", re.IGNORECASE)
SHORTEN = "shorten"
_NOISE = frozenset(
    ("metadata", "archive bittorrent", "item tile", "columbia peaks", "spectrogram", "png", "jpeg thumb")
)
_MIDNIGHT = re.compile(r"T00:00:00(?:\.0+)?Z$")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|\+00:?00)?")
_TRACK = re.compile(r"(\d{1,4})(?:\s*/\s*\d{1,4})?")
_INFO_BYTES = 512 * 1024
_NO_INFO = re.compile(
    r"md5|ffp|finger|checksum|shntool|st5|sha1|sha256|len(gth)?s?\b|auCDtect|spek|eac|log\b|cue\b", re.IGNORECASE
)

DurationSource = Literal["original", "derivative", ""]


def item_of_listed(doc: Mapping[str, Any]) -> Item:
    """An item as a list or a search gives it: without files. Its date is the index's, which writes a year as its first day."""
    return _item(doc, doc, (), review_count=as_count(doc.get("num_reviews")), rating=as_number(doc.get("avg_rating")))


def item_of_metadata(document: ItemDocument | Mapping[str, Any]) -> Item:
    """An item with its tracks and sidecars, of its own document. A withdrawn one has its name and `dark`."""
    if not isinstance(document, ItemDocument):
        metadata = document.get("metadata")
        name = as_one(metadata.get("identifier")) if isinstance(metadata, Mapping) else ""
        document = ItemDocument(name, document)
    files = [one for one in map(file_of, document.files) if one.name]
    stars = [number for number in (as_number(one.get("stars")) for one in document.reviews) if number is not None]
    said = {**document.metadata, "item_size": document.said.get("item_size")}
    item = _item(
        said,
        document.said,
        files,
        review_count=len(document.reviews) or as_count(document.metadata.get("num_reviews")),
        rating=sum(stars) / len(stars) if stars else as_number(document.metadata.get("avg_rating")),
    )
    return replace(
        item,
        identifier=item.identifier or document.identifier,
        dark=document.dark,
        stream_only=document.stream_only,
        updated_at=item.updated_at or _of_seconds(as_number(document.said.get("item_last_updated"))),
    )


def with_info(item: Item, text: str) -> Item:
    """The item with the text of its info file."""
    return replace(item, info_text=text)


def info_file(item: Item) -> ItemFile | None:
    """The sidecar in which the uploader describes the recording; None where none looks like it."""

    def fits(one: ItemFile) -> tuple[int, int]:
        stem = one.name.rpartition("/")[2].rpartition(".")[0].casefold()
        named = stem in item.identifier.casefold() or item.identifier.casefold() in stem or "info" in stem
        return (0 if named else 1, -(one.size or 0))

    texts = [
        one
        for one in item.sidecars
        if one.name.lower().endswith(".txt")
        and not one.private
        and (one.size or 0) <= _INFO_BYTES
        and not _NO_INFO.search(one.name.rpartition("/")[2].replace(item.identifier, ""))
    ]
    return min(texts, key=fits, default=None)


def file_of(said: Mapping[str, Any]) -> ItemFile:
    """One file as the archive lists it."""
    return ItemFile(
        name=as_one(said.get("name")),
        format=as_one(said.get("format")),
        source=as_one(said.get("source")),
        original=as_one(said.get("original")),
        size=as_count(said.get("size")),
        md5=as_one(said.get("md5")).lower(),
        sha1=as_one(said.get("sha1")).lower(),
        crc32=as_one(said.get("crc32")).lower(),
        length_ms=as_ms(said.get("length")),
        title=as_text(said.get("title")),
        track=as_one(said.get("track")),
        bitrate=as_one(said.get("bitrate")),
        private=as_true(said.get("private")),
    )


def sounds(file: ItemFile) -> bool:
    """Whether it is audio, by its ending; a picture of a waveform is not, whatever it was made from."""
    ending = file.name.rpartition(".")[2].casefold()
    return ending in AUDIO and not (ending == "ogg" and _VIDEO_FORMATS.search(file.format))


def is_shorten(file: ItemFile) -> bool:
    return file.format.casefold() == SHORTEN or file.name.casefold().endswith(".shn")


def duration_of(files: Sequence[ItemFile]) -> tuple[int | None, DurationSource]:
    """How long a track is in milliseconds, and whose word that is. A Shorten file's own length is no length."""
    for file in files:
        if file.length_ms and not is_shorten(file):
            return file.length_ms, "derivative" if file.source == "derivative" else "original"
    return None, ""


def tracks_of(files: Sequence[ItemFile]) -> tuple[ItemTrack, ...]:
    """What sounds, in order: by track number where every original has its own, else by name as people count."""
    by_name = {file.name: file for file in files}
    groups: dict[str, list[ItemFile]] = {}
    for file in files:
        if sounds(file):
            groups.setdefault(_stem(_root(file, by_name)), []).append(file)
    for members in groups.values():
        members.sort(key=lambda one: (one.source == "derivative", _quality(one), one.name))
    places = [_place(members) for members in groups.values()]
    numbered = None not in places and len(set(places)) == len(places)
    keys = list(groups)
    order = dict(zip(keys, places, strict=True))
    ordered = sorted(keys, key=(lambda key: (order[key] or 0, natural(key))) if numbered else natural)
    return tuple(_track(number, groups[key]) for number, key in enumerate(ordered, 1))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Names as people order them: the numbers in them by their value."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return tuple((0, int(part[:18]), part) if part.isdigit() and part.isascii() else (1, 0, part) for part in parts)


def moment(value: Any) -> str:
    """A moment of the archive's in RFC 3339: it writes `2004-07-13 15:00:31` in one place and with T and Z in another."""
    found = _MOMENT.match(as_last(value))
    return f"{found[1]}T{found[2]}Z" if found else ""


def _of_seconds(seconds: float | None) -> str:
    """Seconds since 1970 as a moment; empty where there are none."""
    if not seconds or not 0 < seconds < 1e11:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _item(
    said: Mapping[str, Any],
    raw: Mapping[str, Any],
    files: Sequence[ItemFile],
    *,
    review_count: int | None,
    rating: float | None,
) -> Item:
    collections = as_list(said.get("collection"))
    restricted = as_true(said.get("access-restricted-item"))
    return Item(
        identifier=as_one(said.get("identifier")),
        title=as_one(said.get("title")),
        creators=as_list(said.get("creator")),
        collections=collections,
        date=_MIDNIGHT.sub("", as_one(said.get("date"))),
        venue=as_one(said.get("venue")),
        location=as_one(said.get("coverage")),
        source=as_text(said.get("source")),
        lineage=as_text(said.get("lineage")),
        taper=as_text(said.get("taper")),
        transferrer=as_text(said.get("transferer") or said.get("transferrer")),
        notes=as_text(said.get("notes"), "\n"),
        description=as_text(said.get("description"), "\n"),
        subjects=as_list(said.get("subject"), split=";"),
        runtime=as_one(said.get("runtime")),
        rating=rating if rating and 0 < rating <= 5 else None,
        review_count=review_count or 0,
        downloads=as_count(said.get("downloads")) or 0,
        added_at=moment(said.get("addeddate")) or moment(said.get("publicdate")),
        updated_at=moment(said.get("updatedate")),
        size_bytes=as_count(said.get("item_size")),
        stream_only=restricted or any(name.casefold() == "stream_only" for name in collections),
        tracks=tracks_of(files),
        sidecars=tuple(file for file in files if not sounds(file) and not _is_noise(file)),
        raw=raw,
    )


def _is_noise(file: ItemFile) -> bool:
    return file.source == "metadata" or file.format.casefold() in _NOISE or file.name.endswith("_archive.torrent")


def _root(file: ItemFile, by_name: Mapping[str, ItemFile]) -> str:
    """The name of the original that a file comes from in the end."""
    name, steps = file.name, 0
    while file.original and steps < 8:
        name, steps = file.original, steps + 1
        if file.original not in by_name or file.original == file.name:
            break
        file = by_name[file.original]
    return name


def _stem(name: str) -> str:
    head, dot, ending = name.rpartition(".")
    return head if dot and ending.casefold() in AUDIO else name


def _quality(file: ItemFile) -> int:
    order = ("flac", "shn", "wav", "aiff", "aif", "mp3", "ogg", "opus", "m4a")
    ending = file.name.rpartition(".")[2].casefold()
    return order.index(ending) if ending in order else len(order)


def _place(members: Sequence[ItemFile]) -> int | None:
    for file in members:
        found = _TRACK.fullmatch(file.track)
        if found:
            return int(found[1])
    return None


def _track(number: int, members: Sequence[ItemFile]) -> ItemTrack:
    titles = Counter(file.title for file in members if file.title)
    chosen = next((file.title for file in members if file.title), "")
    others = tuple(title for title in titles if title != chosen)
    return ItemTrack(number, chosen, duration_of(members)[0], others, tuple(members))
