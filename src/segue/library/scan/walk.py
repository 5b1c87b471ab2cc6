"""Walk a folder of music: which files are there, how large, how old, and whether anything changed since the last look.

A folder's fingerprint is a hash over the names, sizes and times of the music, pictures and sidecars directly inside it.
Where it equals the stored one there is nothing to read, so a rescan costs one `scandir` a folder and one `stat` a file.

A linked folder is followed where it leads out of the library; what it leads to inside is found where it really is. Every
folder is visited once, told by device and inode, so a symlink loop ends. What cannot be listed is reported, since "we
could not look" must never be taken for "it is gone".
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH116, PTH118

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from struct import pack
from typing import TYPE_CHECKING, NamedTuple

from segue.library.scan.disks import keeps_ctime
from segue.library.scan.formats import detect as formats
from segue.library.scan.paths import is_inside, join, moment

if TYPE_CHECKING:
    from segue.library.scan.ignore import IgnoreBook

AUDIO_EXTENSIONS = frozenset(extension.encode() for extension in formats.AUDIO_EXTENSIONS)
"""Names that end so are read; what they really hold is told by their content."""

IMAGE_EXTENSIONS = frozenset(b"jpg jpeg jfif png webp gif bmp avif tif tiff".split())

SIDECAR_EXTENSIONS = frozenset(b"cue lrc elrc ttml srt vtt txt".split())
"""Part of the fingerprint, so that a new lyrics or CUE sheet is noticed."""

LIST_EXTENSIONS = frozenset(b"m3u m3u8 pls xspf jspf nsp".split())
"""Playlists among the music. No part of the fingerprint, as they say nothing about the music beside them."""

SKIPPED_FOLDERS = frozenset(
    [b"@eaDir", b"#recycle", b"$RECYCLE.BIN", b"System Volume Information", b"lost+found", b"__MACOSX"]
)

IGNORE_FILE = b".segueignore"
"""Says what is left alone; see `ignore`."""

_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""Gone since it was listed, or a link to nowhere, or to itself."""
_SIGNED_LIMIT = 1 << 63


class Entry(NamedTuple):
    """One file in a folder. `inode` is signed, as databases want it; `ctime_ns` is 0 where it cannot be relied on."""

    name: bytes
    size: int
    mtime_ns: int
    device: int
    inode: int
    ctime_ns: int = 0


@dataclass(slots=True)
class Listing:
    """What is directly inside one folder; `path` is relative to the root, which itself is `b""`."""

    path: bytes
    mtime_ns: int
    audio: list[Entry] = field(default_factory=list)
    images: list[Entry] = field(default_factory=list)
    sidecars: list[Entry] = field(default_factory=list)
    """CUE sheets, and what may be lyrics."""
    lists: list[Entry] = field(default_factory=list)
    """Playlists."""
    fingerprint: bytes = b""
    ignored: bool = False
    """A `.segueignore` in it says to leave all of it alone."""


@dataclass(slots=True)
class Unreadable:
    """A folder that is there and cannot be listed, or whose files cannot be looked at."""

    path: bytes
    error: OSError


def extension_of(name: bytes) -> bytes:
    """The extension in lower case without its dot; empty where there is none."""
    return name.rpartition(b".")[2].lower() if b"." in name else b""


def is_hidden(name: bytes) -> bool:
    """Names with one leading dot, and folders that file servers keep for themselves; `...Baby One More Time` is music."""
    return (name[:1] == b"." and name[:2] != b"..") or name in SKIPPED_FOLDERS


def list_folder(
    root: bytes, path: bytes, ignored: IgnoreBook | None = None
) -> tuple[Listing, list[tuple[bytes, bool]]]:
    """What is inside the folder `path` of `root`, and its subfolders as (relative path, is a symlink), all sorted.

    What `ignored` says to leave alone is left out. Raises OSError where the folder cannot be listed, or a file in it
    cannot be looked at though it is there.
    """
    folder = os.path.join(root, path) if path else root
    itself = os.stat(folder)
    listing = Listing(path, moment(itself.st_mtime_ns))
    subfolders: list[tuple[bytes, bool]] = []
    seen: list[Entry] = []
    with_ctime = keeps_ctime(itself.st_dev)
    has_ignore_file = False
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if is_hidden(name):
                has_ignore_file |= name == IGNORE_FILE
                continue
            try:
                if entry.is_dir():
                    subfolders.append((join(path, name), entry.is_symlink()))
                    continue
                kind = extension_of(name)
                if kind in AUDIO_EXTENSIONS:
                    wanted: list[Entry] = listing.audio
                elif kind in IMAGE_EXTENSIONS:
                    wanted = listing.images
                elif kind in SIDECAR_EXTENSIONS:
                    wanted = listing.sidecars
                elif kind in LIST_EXTENSIONS:
                    wanted = listing.lists
                else:
                    continue
                found = entry.stat()
            except OSError as error:
                if error.errno in _NOTHING_THERE:
                    continue
                raise
            inode = found.st_ino
            item = Entry(
                name,
                found.st_size,
                moment(found.st_mtime_ns),
                found.st_dev,
                inode if inode < _SIGNED_LIMIT else inode - 2 * _SIGNED_LIMIT,
                moment(found.st_ctime_ns) if with_ctime else 0,
            )
            if wanted is not listing.lists:
                seen.append(item)
            wanted.append(item)
    if ignored is not None and ignored.learn(path, has_ignore_file):
        if ignored.leaves_alone(path):
            return Listing(path, listing.mtime_ns, ignored=True), []
        hidden = {item.name for item in (*seen, *listing.lists) if ignored.hides(join(path, item.name), False)}
        for items in (seen, listing.audio, listing.images, listing.sidecars, listing.lists):
            items[:] = [item for item in items if item.name not in hidden]
        subfolders = [item for item in subfolders if not ignored.hides(item[0], True)]
    seen.sort()
    subfolders.sort()
    listing.audio.sort()
    listing.images.sort()
    listing.sidecars.sort()
    listing.fingerprint = fingerprint_of(seen)
    return listing, subfolders


def fingerprint_of(entries: Collection[Entry]) -> bytes:
    """16 bytes that change when a name, size or time among `entries` (sorted by name) does."""
    digest = blake2b(digest_size=16)
    for name, size, mtime_ns, _, _, ctime_ns in entries:
        digest.update(pack("<HQqq", len(name), size, mtime_ns, ctime_ns))
        digest.update(name)
    return digest.digest()


def walk(
    root: bytes, start: Collection[bytes] = (b"",), ignored: IgnoreBook | None = None
) -> Iterator[Listing | Unreadable]:
    """Every folder at and below each of `start`, depth first in byte order; linked folders after all real ones.

    A start folder that is not there gives nothing, nor does one that is `ignored`. Folders are visited once even where
    `start` overlaps.
    """
    real_root = os.path.realpath(root)
    visited: set[tuple[int, int]] = set()
    linked: deque[bytes] = deque()
    stack = sorted((path for path in start if ignored is None or not ignored.hides_all_of(path)), reverse=True)
    while stack or linked:
        path = stack.pop() if stack else linked.popleft()
        try:
            found = os.stat(os.path.join(root, path) if path else root)
            if not stat.S_ISDIR(found.st_mode) or (found.st_dev, found.st_ino) in visited:
                continue
            visited.add((found.st_dev, found.st_ino))
            listing, subfolders = list_folder(root, path, ignored)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            yield Unreadable(path, error)
            continue
        if listing.ignored:
            continue
        yield listing
        for subfolder, is_link in subfolders:
            if is_link and not is_inside(os.path.realpath(os.path.join(root, subfolder)), real_root):
                linked.append(subfolder)
        stack.extend(path for path, is_link in reversed(subfolders) if not is_link)
