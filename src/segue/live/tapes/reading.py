"""What the files of a tape say: run in a child process, where a hostile file can do no harm.

Of a FLAC the header alone tells its audio (STREAMINFO, RFC 9639 §8.2). Checksums that texts list are taken as they stand; to
know whole files, the smallest few are read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segue.live.archive.checksums import fingerprints_of, md5s_of
from segue.live.downloads.checks import audio_md5, measure
from segue.live.downloads.formats import kind_of
from segue.live.tapes.folders import MOST_FILES, Folder, printable

READ_WHOLE = 3
"""Audio files of a tape that are read to their end, the smallest ones."""
LARGEST_READ = 512 * 2**20
LARGEST_TEXT = 512 * 1024
FORMATS = {"flac": "Flac", "shn": "Shorten", "mp3": "VBR MP3", "wav": "WAVE", "ogg": "Ogg Vorbis"}


@dataclass(slots=True)
class TapeFile:
    """One audio file; its name is relative to the tape's folder. Empty: not known, or not said."""

    name: str
    path: bytes
    size: int
    format: str
    audio_md5: str = ""
    md5: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    date: str = ""
    number: int | None = None
    disc: int | None = None
    duration_ms: int | None = None


@dataclass(slots=True)
class TapeRead:
    """Everything that was read of one tape. `fingerprints` and `md5s` are what its texts list; `differing` are files whose
    audio is not what its own .ffp says."""

    folder: bytes
    name: str
    parent: str
    files: list[TapeFile] = field(default_factory=list)
    info: str = ""
    fingerprints: list[str] = field(default_factory=list)
    md5s: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    problem: str = ""


def read_tape(folder: Folder) -> TapeRead:
    """Read one tape's headers, tags and texts, and the smallest of its files whole. Never raises for a bad file."""
    found = TapeRead(folder.path, folder.name, printable(folder.path.rstrip(b"/").split(b"/")[-2:][0]))
    if len(folder.audio) > MOST_FILES:
        found.problem = "too_many_files"
        return found
    for name in folder.audio:
        try:
            found.files.append(_file(folder.path, name))
        except OSError:
            found.unreadable.append(printable(name))
    for file in sorted(found.files, key=lambda one: one.size)[:READ_WHOLE]:
        if file.size <= LARGEST_READ:
            try:
                file.md5 = measure(folder.path + b"/" + file.path, _go_on).md5
            except OSError:
                found.unreadable.append(file.name)
    listed: dict[str, str] = {}
    for name in folder.texts:
        text = _text(folder.path + b"/" + name)
        match kind_of(printable(name), ""):
            case "fingerprints":
                listed |= fingerprints_of(text)
            case "checksums":
                found.md5s += md5s_of(text).values()
            case _:
                found.info = found.info or text
                if "flac" in text.lower() and not listed:
                    listed = {n: v for n, v in fingerprints_of(text).items() if n.lower().endswith(".flac")}
    found.fingerprints = list(dict.fromkeys(listed.values()))
    by_name = {name.rpartition("/")[2].rpartition("\\")[2].casefold(): value for name, value in listed.items()}
    for file in found.files:
        said = by_name.get(file.name.rpartition("/")[2].casefold())
        if said and file.audio_md5 and said != file.audio_md5:
            found.differing.append(file.name)
    return found


def _file(folder: bytes, name: bytes) -> TapeFile:
    path = folder + b"/" + name
    shown = printable(name)
    extension = shown.rpartition(".")[2].lower()
    file = TapeFile(shown, name, Path(os.fsdecode(path)).stat().st_size, FORMATS.get(extension, extension))
    if extension == "flac":
        file.audio_md5 = audio_md5(path)
    tags = _tags(path)
    if tags is not None:
        length = getattr(getattr(tags, "info", None), "length", None)
        file.duration_ms = round(length * 1000) if length else None
        file.title, file.artist, file.album, file.date = (
            _first(tags, name) for name in ("title", "artist", "album", "date")
        )
        file.number, file.disc = _number(_first(tags, "tracknumber")), _number(_first(tags, "discnumber"))
    return file


def _tags(path: bytes) -> Any | None:
    import mutagen

    try:
        return mutagen.File(os.fsdecode(path), easy=True)  # type: ignore[attr-defined]
    except Exception:  # mutagen raises whatever a broken file makes of it; then there are no tags
        return None


def _first(tags: Any, name: str) -> str:
    try:
        values = tags.get(name)
    except (KeyError, ValueError):
        return ""
    return str(values[0]).replace("\0", " ").strip()[:1000] if values else ""


def _number(text: str) -> int | None:
    digits = text.partition("/")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 5 else None


def _text(path: bytes) -> str:
    try:
        with open(path, "rb") as file:
            raw = file.read(LARGEST_TEXT)
    except OSError:
        return ""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1").replace("\0", "")


def _go_on() -> None:
    """A child process is ended from outside; there is nothing to look at between pieces."""
