"""What is known of a file once it is here: its checksums, the MD5 in a FLAC's header, and what .md5 and .ffp files say.

FLAC's STREAMINFO is the first metadata block and holds the MD5 of the unencoded audio in its last 16 of 34 bytes (RFC 9639
§8.2); all zeros mean that the encoder did not say. A .ffp lists these, a .md5 the MD5 of whole files.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from segue.live.downloads.formats import MAGIC_BYTES

READ_BYTES = 1024 * 1024
LARGEST_LIST = 1 << 20
"""Bytes of a .md5 or .ffp that are read."""
_MD5_FIRST = re.compile(r"^\s*([0-9A-Fa-f]{32})\s+\*?(\S.*?)\s*$")
_NAME_FIRST = re.compile(r"^\s*(\S.*?)\s*[:=]\s*([0-9A-Fa-f]{32})\s*$")


@dataclass(frozen=True, slots=True)
class Measured:
    """What was read of a file."""

    size: int
    md5: str
    sha1: str
    start: bytes
    """Its first bytes."""


def measure(path: bytes, go_on: Callable[[], None], *, sha1: bool = False) -> Measured:
    """Read a whole file; `go_on` is called between pieces and may raise. Raises OSError."""
    md5 = hashlib.md5(usedforsecurity=False)
    other = hashlib.sha1(usedforsecurity=False) if sha1 else None
    size, start = 0, b""
    with open(path, "rb") as file:
        while piece := file.read(READ_BYTES):
            go_on()
            if not start:
                start = piece[:MAGIC_BYTES]
            md5.update(piece)
            if other is not None:
                other.update(piece)
            size += len(piece)
    return Measured(size, md5.hexdigest(), other.hexdigest() if other else "", start)


def audio_md5(path: bytes) -> str:
    """The MD5 of a FLAC's audio as its header says it, in hex; empty where it is no FLAC or does not say. Raises OSError."""
    with open(path, "rb") as file:
        start = file.read(10)
        skipped = 0
        if start[:3] == b"ID3" and len(start) == 10:
            skipped = 10 + (start[6] << 21 | start[7] << 14 | start[8] << 7 | start[9])
        file.seek(skipped)
        header = file.read(42)
    if header[:4] != b"fLaC" or len(header) < 42 or header[4] & 0x7F != 0:
        return ""
    found = header[26:42].hex()
    return "" if found == "0" * 32 else found


def header_md5(path: bytes) -> str:
    """`audio_md5`, empty also where the file cannot be read."""
    try:
        return audio_md5(path)
    except OSError:
        return ""


def listed_sums(text: bytes) -> dict[str, str]:
    """What a .md5 or .ffp says: the MD5 by the file's name in lower case, without folders. Lines that say neither are left
    out; so are names that are said twice with different sums."""
    said: dict[str, str] = {}
    twice: set[str] = set()
    for line in text[:LARGEST_LIST].decode("utf-8", "replace").replace("\r", "\n").split("\n"):
        if line.lstrip().startswith((";", "#", "//")):
            continue
        if found := _MD5_FIRST.match(line):
            value, name = found[1], found[2]
        elif found := _NAME_FIRST.match(line):
            name, value = found[1], found[2]
        else:
            continue
        key = name.replace("\\", "/").rpartition("/")[2].casefold()
        if said.setdefault(key, value.lower()) != value.lower():
            twice.add(key)
    return {name: value for name, value in said.items() if name not in twice}


def is_same_file(path: bytes, size: int, mtime_ns: int, inode: int) -> bool:
    """Whether the file at `path` is the one of a receipt, by what costs a look: size, time and inode."""
    try:
        found = os.stat(path)  # noqa: PTH116 - bytes
    except OSError:
        return False
    return (found.st_size, found.st_mtime_ns, signed(found.st_ino)) == (size, mtime_ns, inode)


def signed(inode: int) -> int:
    """An inode number as the database keeps it: some file systems use all 64 bits."""
    return inode - 2**64 if inode >= 2**63 else inode
