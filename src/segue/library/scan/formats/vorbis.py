"""Vorbis comments: the tags of FLAC, Ogg Vorbis, Opus, Speex and Ogg FLAC, and FLAC's picture block within them.

A comment header is a vendor string and a counted list of `NAME=value`. Counts and lengths are claims: what does not
fit in the bytes that are there ends the list. (https://xiph.org/vorbis/doc/v-comment.html, RFC 9639 section 8.)
"""

from __future__ import annotations

import base64
import binascii
import struct
from functools import lru_cache

from segue.library.scan.facts import Chapter
from segue.library.scan.found import Embedded, Found
from segue.library.scan.problems import ProblemCode

_MAX_COMMENTS = 10_000
_U32 = struct.Struct("<I").unpack_from


def read_comments(data: bytes, found: Found, *, want_pictures: bool = True) -> None:
    """Read a comment header from the vendor's length on; marks the file where the list ends early."""
    end = len(data)
    if end < 8:
        found.trouble(ProblemCode.TAGS_UNREADABLE, error="no comment list")
        return
    position = 4 + _U32(data, 0)[0]
    if position + 4 > end:
        found.trouble(ProblemCode.TAGS_UNREADABLE, error="the vendor's name is longer than the tags")
        return
    count = _U32(data, position)[0]
    position += 4
    lookup = found.rules.vorbis.get
    for index in range(count):
        if position + 4 > end or index >= _MAX_COMMENTS:
            found.trouble(ProblemCode.TAGS_UNREADABLE, error=f"{count} values are claimed, {index} were read")
            break
        start = position + 4
        position = start + _U32(data, position)[0]
        if position > end:
            found.trouble(ProblemCode.TAGS_UNREADABLE, error="a value is longer than the tags")
            break
        comment = data[start:position]
        name, known, value = _short(comment) if len(comment) < _SHORT else _parts(comment)
        if name is None:
            continue
        if known in _PICTURES:
            if want_pictures:
                _read_inline_picture(known, comment.partition(b"=")[2], found)
            continue
        found.keep_raw(name, value)
        field = lookup(known)
        if field is not None:
            found.add(field[0], value, field[1])
        elif known.startswith("chapter"):
            _read_chapter(known, value, found)


_SHORT = 200


def _parts(comment: bytes) -> tuple[str | None, str, str]:
    """Name as it is spelled and in lower case, and value; None for no name where there is none."""
    name_bytes, equals, value_bytes = comment.partition(b"=")
    if not equals:
        return None, "", ""
    name = name_bytes.decode("utf-8", "replace")
    known = name.lower()
    return name, known, "" if known in _PICTURES else value_bytes.decode("utf-8", "replace")


_short = lru_cache(maxsize=2_048)(_parts)
"""The files of an album say most things alike."""
_PICTURES = frozenset(("metadata_block_picture", "coverart"))


def _read_inline_picture(name: str, value: bytes, found: Found) -> None:
    try:
        data = base64.b64decode(value)
    except (binascii.Error, ValueError):
        found.trouble(ProblemCode.PICTURE_UNREADABLE)
        return
    found.keep_raw_bytes(name.upper(), data)
    if name == "coverart":
        found.pictures.append(Embedded(3, "", "", data))
    else:
        read_picture_block(data, found)


def read_picture_block(data: bytes, found: Found) -> None:
    """Read a FLAC picture block (RFC 9639 section 8.8): type, MIME, description, four numbers, bytes."""
    try:
        kind, length = struct.unpack_from(">II", data, 0)
        position = 8 + length
        mime = data[8:position].decode("latin-1")
        (length,) = struct.unpack_from(">I", data, position)
        position += 4
        description = data[position : position + length].decode("utf-8", "replace")
        position += length + 16
        (length,) = struct.unpack_from(">I", data, position)
    except struct.error:
        found.trouble(ProblemCode.PICTURE_UNREADABLE)
        return
    picture = data[position + 4 : position + 4 + length]
    found.pictures.append(Embedded(kind, mime, description, picture))


def _read_chapter(name: str, value: str, found: Found) -> None:
    """`CHAPTER001=00:01:02.500` and `CHAPTER001NAME=…` (https://wiki.xiph.org/Chapter_Extension)."""
    number = name[7:10]
    if not number.isdigit() or len(found.chapters) > 999:
        return
    if name[10:] == "":
        hours, _, rest = value.partition(":")
        minutes, _, seconds = rest.partition(":")
        try:
            start = int((int(hours) * 60 + int(minutes)) * 60_000 + float(seconds) * 1000)
        except (ValueError, OverflowError):
            return
        found.chapters.append(Chapter(start, None, None))
    elif name[10:] == "name" and found.chapters and found.chapters[-1].title is None:
        found.chapters[-1] = found.chapters[-1]._replace(title=value.strip() or None)
