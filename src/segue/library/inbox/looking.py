"""What lies in an inbox: the folders of albums, each with its music and what goes along with it."""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH116, PTH118

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from hashlib import blake2b
from struct import pack
from typing import Any

from segue.library.scan.documents import encode
from segue.library.scan.grouping import album_folder
from segue.library.scan.paths import is_inside, join, parent_of
from segue.library.scan.problems import Problem
from segue.library.scan.read import read_file
from segue.library.scan.tags.rules import Rules
from segue.library.scan.walk import AUDIO_EXTENSIONS, extension_of, is_hidden

LEFT = frozenset((b"thumbs.db", b"desktop.ini"))
"""What systems leave in folders, in small letters; it stays where it is."""
IMAGES = frozenset(b"jpg jpeg jfif png webp gif bmp avif tif tiff".split())
MOST_FILES = 5_000
"""Files of one album's folder; what is more is no album."""


@dataclass(slots=True)
class Lying:
    """A file in an inbox."""

    path: bytes
    audio: bool
    size: int
    mtime_ns: int
    changed_ns: int


@dataclass(slots=True)
class Album:
    """One album's folder; `links` are those in it, which are never followed."""

    folder: bytes
    files: list[Lying] = field(default_factory=list)
    links: list[bytes] = field(default_factory=list)

    @property
    def newest_ns(self) -> int:
        """When anything in it last changed."""
        return max((max(file.mtime_ns, file.changed_ns) for file in self.files), default=0)

    @property
    def fingerprint(self) -> bytes:
        """16 bytes over names, sizes and times."""
        digest = blake2b(digest_size=16)
        for file in sorted(self.files, key=lambda each: each.path):
            digest.update(pack("<Hqq", len(file.path), file.size, file.mtime_ns) + file.path)
        return digest.digest()


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What reading one file of an inbox gave."""

    document: bytes | None
    facts: dict[str, Any]
    audio_key: bytes | None
    problem: Problem | None


def albums_in(root: bytes) -> list[Album]:
    """The albums below `root`, by folder. Folders without music go with the album they are in. Raises OSError where the
    inbox itself cannot be listed."""
    os.stat(root)
    inside: dict[bytes, Album] = {}
    stack = [b""]
    first = True
    while stack:
        path = stack.pop()
        try:
            entries = sorted(os.scandir(os.path.join(root, path) if path else root), key=lambda entry: entry.name)
        except OSError:
            if first:
                raise
            continue
        first = False
        here = Album(path)
        for entry in entries:
            if is_hidden(entry.name) or entry.name.lower() in LEFT:
                continue
            relative = join(path, entry.name)
            if entry.is_symlink():
                here.links.append(relative)
                continue
            if entry.is_dir(follow_symlinks=False):
                stack.append(relative)
                continue
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(found.st_mode):
                audio = extension_of(entry.name) in AUDIO_EXTENSIONS
                here.files.append(Lying(relative, audio, found.st_size, found.st_mtime_ns, found.st_ctime_ns))
        inside[path] = here
    return _together(inside)


def _together(inside: dict[bytes, Album]) -> list[Album]:
    albums: dict[bytes, Album] = {}
    for path, here in sorted(inside.items()):
        if any(file.audio for file in here.files):
            base = album_folder(path)
            album = albums.setdefault(base, Album(base))
            album.files += here.files
            album.links += here.links
    for path, here in sorted(inside.items()):
        if any(file.audio for file in here.files) or not (here.files or here.links):
            continue
        holder = path
        while holder not in albums and holder:
            holder = parent_of(holder)
        if holder in albums and holder and is_inside(path, holder):
            albums[holder].files += here.files
            albums[holder].links += here.links
    return [album for _, album in sorted(albums.items()) if len(album.files) <= MOST_FILES]


def read_one(root: bytes, path: bytes, rules: Rules | None) -> ReadFile:
    """Read one file of music; in a child process."""
    facts = read_file(root, path, rules=rules)
    return ReadFile(
        document=encode(facts) if facts.tags is not None else None,
        facts={
            "format": facts.format,
            "codec": facts.codec,
            "lossless": facts.lossless,
            "duration_ms": facts.duration_ms,
            "bit_depth": facts.bit_depth,
            "sample_rate_hz": facts.sample_rate_hz,
            "bitrate_kbps": facts.bitrate_kbps,
            "pictures": len(facts.pictures),
        },
        audio_key=facts.audio_key,
        problem=facts.problem,
    )
