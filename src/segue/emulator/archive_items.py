"""Items of the archive for tests as the archive shows them: the document, the line in a list, the sidecars."""

from __future__ import annotations

import html
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segue.emulator.archive_audio import Made, about, length_of, made
from segue.emulator.archive_shows import Recording, Show

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000000000200015e221bc40000000049454e44ae426082"
)
UNIX_2010 = 1_262_304_000


@dataclass(slots=True)
class Stored:
    """A file: what is said of it and where its bytes are."""

    made: Made
    source: str
    private: bool = False
    path: Path | None = None
    data: bytes = b""

    def read(self) -> bytes:
        return self.path.read_bytes() if self.path is not None else self.data


@dataclass(slots=True)
class Held:
    """One item. `claims` are wrong things that its document says of a file; `load` gives its files, made when wanted."""

    identifier: str
    metadata: dict[str, Any]
    load: Callable[[], dict[str, Stored]]
    reviews: list[dict[str, Any]] = field(default_factory=list)
    size_guess: int = 0
    formats: tuple[str, ...] = ()
    downloads: int = 0
    dark: bool = False
    broken: str = ""
    """`error` that its document is answered with."""
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: int = 0
    _files: dict[str, Stored] | None = None

    @property
    def files(self) -> dict[str, Stored]:
        if self._files is None:
            self._files = self.load()
        return self._files

    def listed(self) -> dict[str, Any]:
        """The item as the search index has it: every list a list, every date a moment, no files."""
        said = {
            name: value
            for name, value in self.metadata.items()
            if name not in ("md5s", "uploader", "discs", "shndiscs")
        }
        for name in ("collection", "creator", "subject"):
            if name in said:
                said[name] = said[name] if isinstance(said[name], list) else str(said[name]).split(";")
        if len(str(said.get("date", ""))) == 10:
            said["date"] = f"{said['date']}T00:00:00Z"
        if str(said.get("year", "")).isdigit():
            said["year"] = int(said["year"])
        stars = [int(one["stars"]) for one in self.reviews]
        if stars:
            said |= {"num_reviews": len(stars), "avg_rating": round(sum(stars) / len(stars), 2)}
        said |= {"downloads": self.downloads, "item_size": self.size_guess, "format": list(self.formats)}
        said["addeddate"] = said["publicdate"] = str(said.get("addeddate", "")).replace(" ", "T").rstrip("Z") + "Z"
        return said

    def document(self) -> dict[str, Any]:
        """What `/metadata/` answers."""
        if self.broken:
            return {"error": self.broken}
        place = f"/{zlib.crc32(self.identifier.encode()) % 30}/items/{self.identifier}"
        server = f"ia{601500 + zlib.crc32(self.identifier.encode()) % 400}.us.archive.org"
        if self.dark:
            return {"dir": place, "is_dark": True, "metadata": {"identifier": self.identifier}, "server": server}
        files = [self._file(stored) for stored in self.files.values()]
        changed = UNIX_2010 + zlib.crc32(self.identifier.encode()) % 400_000_000 + self.changes
        document = {
            "created": changed + 1000,
            "d1": server,
            "d2": server.replace("ia6", "ia8"),
            "dir": place,
            "files": files,
            "files_count": len(files),
            "item_last_updated": changed,
            "item_size": sum(stored.made.size for stored in self.files.values()),
            "metadata": self.metadata,
            "server": server,
            "uniq": zlib.crc32(f"{self.identifier} {self.changes}".encode()),
            "workable_servers": [server, server.replace("ia6", "ia8")],
        }
        if self.reviews:
            document["reviews"] = self.reviews
        return document

    def _file(self, stored: Stored) -> dict[str, Any]:
        one = stored.made
        said: dict[str, Any] = {"name": one.name, "source": stored.source, "format": one.format}
        if one.original:
            said["original"] = one.original
        said |= {"mtime": str(UNIX_2010 + self.changes), "size": str(one.size), "md5": one.md5}
        said |= {"crc32": one.crc32, "sha1": one.sha1}
        if one.name.endswith("_files.xml"):
            said = {"name": one.name, "source": "metadata", "format": "Metadata", "md5": one.md5, "summation": "md5"}
        if one.length_s:
            lossy = stored.source == "derivative"
            said["length"] = (
                f"{int(one.length_s) // 60:02}:{int(one.length_s) % 60:02}" if lossy else f"{one.length_s:g}"
            )
        if one.title:
            said |= {"title": one.title, "track": one.track, "creator": self.metadata.get("creator", "")}
        if one.bitrate:
            said["bitrate"] = one.bitrate
        if stored.private:
            said["private"] = "true"
        return said | self.claims.get(one.name, {})


def of_recording(recording: Recording, folder: Path) -> Held:
    """The item of a recording, whose audio is made in `folder` when somebody looks."""
    shows = recording.shows
    show = shows[0]
    odd = zlib.crc32(recording.identifier.encode()) % 4
    collections: Any = list(recording.collections)
    subjects = ["Live concert", show.band.name, *([show.event] if show.event else [])]
    seconds = sum(length_of(track, recording) for track in recording.tracks)
    metadata: dict[str, Any] = {
        "identifier": recording.identifier,
        "mediatype": "etree",
        "collection": collections[0] if len(collections) == 1 else collections,
        "creator": [recording.creator] if odd == 3 else recording.creator,
        "title": recording.title,
        "date": recording.date,
        "year": recording.date[:4],
        "venue": show.venue,
        "coverage": show.place,
        "source": recording.source,
        "lineage": recording.lineage,
        "taper": recording.taper,
        "transferer": recording.transferrer,
        "runtime": f"{int(seconds) // 60}:{seconds % 60:05.2f}",
        "subject": subjects if odd == 1 else ";".join(subjects),
        "type": "sound",
        "has_mp3": "1",
        "uploader": "seeds@taper.example",
        "addeddate": recording.added.replace("T", " ").rstrip("Z") if odd < 2 else recording.added,
        "publicdate": recording.added.replace("T", " ").rstrip("Z"),
    }
    if recording.notes:
        metadata["notes"] = recording.notes
    if recording.described:
        metadata["description"] = description(shows, odd)
    if odd == 2:
        metadata["updater"] = ["Seeds", "Curator"]
        metadata["updatedate"] = ["2011-02-24 02:05:28", "2014-07-01 12:00:00"]
    if recording.stream_only:
        metadata["access-restricted-item"] = "true"
    reviews = [
        {
            "reviewtitle": f"Review {number}",
            "reviewbody": "I was there. Row 12. <b>Great</b> night.",
            "reviewer": f"listener{number}",
            "stars": str(stars),
            "reviewdate": f"2015-0{number % 9 + 1}-11 10:00:00",
            "createdate": f"2015-0{number % 9 + 1}-11 10:00:00",
        }
        for number, stars in enumerate(recording.stars)
    ]
    return Held(
        recording.identifier,
        metadata,
        lambda: _files(recording, metadata, folder),
        reviews,
        size_guess=int(seconds * 130_000),
        formats=("Shorten" if recording.shorten else "Flac", "VBR MP3", "Text", "Checksums", "Metadata"),
        downloads=recording.downloads,
        dark=recording.dark,
    )


def description(shows: tuple[Show, ...], form: int) -> str:
    """The setlist as an uploader types it: with headers, as one line, as HTML, or numbered."""
    parts = []
    for show in shows:
        slot = f"{show.slot.title()} show\n" if len(shows) > 1 else ""
        lines = []
        for name, songs in show.sets:
            if form == 3:
                listed = "\n".join(
                    f"{place:02}. {one.song}{' ->' if one.segue else ''}" for place, one in enumerate(songs, 1)
                )
            else:
                listed = "".join(one.song + (" > " if one.segue else ", ") for one in songs).rstrip(", >")
            lines.append(f"{name}:\n{listed}" if name != "Encore" or form == 0 else f"E: {listed}")
        parts.append(slot + "\n\n".join(lines))
    text = "\n\n".join(parts)
    return "".join(f"<div>{html.escape(line)}</div>" for line in text.splitlines()) if form == 2 else text


def info_text(recording: Recording) -> str:
    """The text file that comes with a recording."""
    show = recording.shows[0]
    lines = [show.band.name, recording.date, f"{show.venue}, {show.place}", ""]
    lines += [f"Source: {recording.source}", f"Lineage: {recording.lineage}", f"Taper: {recording.taper}"]
    lines += [f"Transferred by {recording.transferrer}", f"shnid {recording.shnid}", ""]
    at = 0.0
    for number, track in enumerate(recording.tracks, 1):
        seconds = length_of(track, recording)
        at += seconds
        lines.append(f"{number:02} {track.title} [{int(seconds) // 60}:{int(seconds) % 60:02}]")
    lines += ["", f"Total {int(at) // 60}:{int(at) % 60:02}", "", recording.notes]
    return "\r\n".join(lines)


def own(identifier: str, files: Mapping[str, bytes], metadata: Mapping[str, Any], private: frozenset[str]) -> Held:
    """An item that a test brings: its files' bytes by name."""

    def load() -> dict[str, Stored]:
        return {
            name: Stored(about(name, _format(name), data), "original", name in private, data=data)
            for name, data in files.items()
        }

    said = {"identifier": identifier, "mediatype": "etree", "collection": ["etree"], "title": identifier, **metadata}
    said.setdefault("addeddate", "2020-01-01 00:00:00")
    return Held(identifier, said, load, size_guess=sum(map(len, files.values())), formats=("Flac",))


def _format(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    known = {"flac": "Flac", "mp3": "VBR MP3", "ogg": "Ogg Vorbis", "shn": "Shorten", "txt": "Text"}
    return known.get(ending) or {"ffp": "Flac FingerPrint", "md5": "Checksums", "st5": "Checksums"}.get(
        ending, "Unknown"
    )


def _files(recording: Recording, metadata: dict[str, Any], folder: Path) -> dict[str, Stored]:
    place, audio = made(recording, folder)
    closed = recording.stream_only
    found = []
    for one in audio:
        derived = bool(one.original)
        found.append(Stored(one, "derivative" if derived else "original", closed and not derived, place / one.name))
        if derived:
            found.append(
                Stored(about(f"{one.name[:-4]}.png", "PNG", PIXEL, original=one.original), "derivative", data=PIXEL)
            )
    lossless = [one for one in audio if not one.original]
    md5s = "\r\n".join(f"{one.md5} *{one.name}" for one in lossless)
    metadata["md5s"] = md5s
    stem = recording.identifier.partition(".")[0]
    sidecars = [
        (f"{recording.identifier}.txt", "Text", info_text(recording).encode()),
        (f"{stem}.md5", "Checksums", (md5s + "\r\n").encode()),
    ]
    if not recording.shorten:
        prints = "".join(f"{one.name}:{one.fingerprint}\r\n" for one in lossless)
        sidecars.append((f"{stem}.ffp", "Flac FingerPrint", prints.encode()))
    found += [Stored(about(name, format, data), "original", data=data) for name, format, data in sidecars]
    for ending in ("_meta.xml", "_files.xml", "_reviews.xml"):
        data = f'<?xml version="1.0"?><!-- {recording.identifier} -->'.encode()
        found.append(Stored(about(recording.identifier + ending, "Metadata", data), "metadata", data=data))
    torrent = b"d8:announce0:e"
    name = f"{recording.identifier}_archive.torrent"
    found.append(Stored(about(name, "Archive BitTorrent", torrent), "metadata", closed, data=torrent))
    return {stored.made.name: stored for stored in found}
