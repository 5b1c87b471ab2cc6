"""How long a file says it is, where that is stated rather than estimated: what was cut off is known by it."""

from __future__ import annotations

import os
from typing import Any

STATED = {
    "flac",
    "wav",
    "w64",
    "aiff",
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "wv",
    "tta",
    "ape",
    "dsf",
    "caf",
    "iff",
}
"""Formats whose header says it."""
_PEEK = 8192
_OGG_TAIL = 65_536 + 282
_OGG_LAST = 4


def declared_ms(container: Any, stream: Any, fd: int) -> int | None:
    """Its stated length, or None where there is only an estimate from its size or nothing at all."""
    name = container.format.name
    if name in STATED or (name == "mp3" and _mp3_states_frames(fd)):
        if stream.duration is not None and stream.time_base is not None:
            return int(stream.duration * stream.time_base * 1000)
        if container.duration is not None:
            return int(container.duration // 1000)
    return None


def lacks_end(container: Any, fd: int) -> bool:
    """Whether it is an Ogg file whose last page is not marked as the end (RFC 3533, 6: header type 4)."""
    if container.format.name != "ogg":
        return False
    size = os.fstat(fd).st_size
    tail = os.pread(fd, _OGG_TAIL, max(0, size - _OGG_TAIL))
    at = tail.rfind(b"OggS")
    return 0 <= at < len(tail) - 5 and not tail[at + 5] & _OGG_LAST


def unstated(container: Any, fd: int) -> bool:
    """Whether it is a WAV file whose length was not known when its head was written, as programs leave it that write to a pipe:
    its last packet is never full."""
    if container.format.name != "wav":
        return False
    head = os.pread(fd, _PEEK, 0)
    at = head.find(b"data")
    return at >= 0 and head[at + 4 : at + 8] in (
        b"\xff\xff\xff\xff",
        bytes(4),
        b"\x00\x00\x00\x80",
        b"\xff\xff\xff\x7f",
    )


def _mp3_states_frames(fd: int) -> bool:
    """Whether its first frame is a Xing, Info or VBRI header."""
    head = os.pread(fd, 10, 0)
    at = 0
    if head[:3] == b"ID3" and len(head) == 10:
        at = 10 + ((head[6] & 127) << 21 | (head[7] & 127) << 14 | (head[8] & 127) << 7 | head[9] & 127)
    frame = os.pread(fd, _PEEK, at)
    return any(mark in frame for mark in (b"Xing", b"Info", b"VBRI"))
