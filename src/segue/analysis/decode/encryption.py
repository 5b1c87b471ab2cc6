"""Whether a file says of itself that its sound is encrypted, before a decoder turns it into noise.

MPEG-4 files say so in the sample description (ISO/IEC 14496-12: `enca`; `drms` of Apple's FairPlay, `aavd` and `aavx` of
Audible), ASF files by an object in their header (ASF Specification, 3.14 and 3.15).
"""

from __future__ import annotations

import os
import struct

SAMPLE_ENTRIES = (b"drms", b"enca", b"aavd", b"aavx")
_WAY = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_ENCRYPTIONS = (
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a2922264c17b935dae07ee9289c"),
)
_HEADER = 16
_MOST_BOXES = 4096
_MOST_BYTES = 64 * 1024


def encryption(fd: int) -> str | None:
    """The scheme's name (drms, enca, aavd, aavx, asf), or None. Reads a few kilobytes; moves no file position."""
    head = os.pread(fd, _MOST_BYTES, 0)
    if head.startswith(_ASF):
        return "asf" if any(guid in head for guid in _ASF_ENCRYPTIONS) else None
    if head[4:8] in (b"ftyp", b"moov", b"wide", b"mdat", b"free", b"skip"):
        found = _entries(fd, 0, os.fstat(fd).st_size, _WAY, [_MOST_BOXES])
        return next((entry.decode("ascii") for entry in found if entry in SAMPLE_ENTRIES), None)
    return None


def _entries(fd: int, at: int, end: int, way: tuple[bytes, ...], left: list[int]) -> list[bytes]:
    """The formats of all sample entries between two offsets; `left` is how many boxes may still be looked at."""
    found: list[bytes] = []
    while at + 8 <= end and left[0] > 0:
        left[0] -= 1
        head = os.pread(fd, _HEADER, at)
        if len(head) < 8:
            break
        size, kind = struct.unpack(">I4s", head[:8])
        body = 8
        if size == 1 and len(head) == _HEADER:
            (size,) = struct.unpack(">Q", head[8:])
            body = 16
        elif size == 0:
            size = end - at
        if size < body:
            break
        if not way:
            found.append(kind)
        elif kind == way[0]:
            inner = at + body + (8 if kind == b"stsd" else 0)  # version, flags and the number of entries come first
            found += _entries(fd, inner, min(at + size, end), way[1:], left)
        at += size
    return found
