"""APEv2 tags: at the end of Monkey's Audio, WavPack, Musepack and some MP3 files.

A footer `APETAGEX` states the size and the count of items, each with a length, flags, a name and a value; several
values are separated by NUL. (https://wiki.hydrogenaud.io/index.php?title=APEv2_specification)
"""

from __future__ import annotations

from segue.library.scan.formats.source import Source
from segue.library.scan.found import Embedded, Found
from segue.library.scan.problems import ProblemCode

_MAX_TAG_BYTES = 48 * 1024 * 1024
_MAX_ITEMS = 4096
RANK_AFTER_ID3 = 50
OWN_FORMATS = frozenset(("ape", "wavpack", "musepack"))
"""Formats whose own tags these are; in others their names are kept raw with `APEv2:` before them."""


def read_ape_tag(source: Source, found: Found, *, want_pictures: bool = True) -> None:
    """Read the APEv2 tag at the end of the file (an ID3v1 tag may stand behind it), if there is one.

    What the file's other tags already said is not replaced.
    """
    end = source.size
    for _ in range(4):
        footer = source.at(end - 32, 32)
        if footer[:8] == b"APETAGEX":
            break
        if source.at(end - 128, 3) == b"TAG":
            end -= 128
            continue
        return
    else:
        return
    size = int.from_bytes(footer[12:16], "little")
    count = int.from_bytes(footer[16:20], "little")
    if size > _MAX_TAG_BYTES:
        found.trouble(ProblemCode.TAGS_TOO_LARGE, bytes=size)
        return
    start = end - size
    if size < 32 or start < 0:
        found.trouble(ProblemCode.TAGS_UNREADABLE, error="the APEv2 tag is larger than the file")
        return
    read_ape_items(source.at(start, size - 32), count, found, want_pictures=want_pictures)


def read_ape_items(data: bytes, count: int, found: Found, *, want_pictures: bool = True) -> None:
    """Read the items between header and footer; a claim that does not fit ends the list and marks the file."""
    taken = frozenset(found.fields)
    lookup = found.rules.ape.get
    before = "" if found.format in OWN_FORMATS else "APEv2:"
    position = 0
    for index in range(count):
        if position + 9 > len(data) or index >= _MAX_ITEMS:
            found.trouble(ProblemCode.TAGS_UNREADABLE, error=f"{count} values are claimed, {index} were read")
            return
        length = int.from_bytes(data[position : position + 4], "little")
        kind = data[position + 4] >> 1 & 3
        name_start = position + 8
        name_end = data.find(b"\0", name_start, name_start + 256)
        start = name_end + 1
        position = start + length
        if name_end < 0 or position > len(data):
            found.trouble(ProblemCode.TAGS_UNREADABLE, error="a value is longer than the tags")
            return
        name = data[name_start:name_end].decode("latin-1")
        value = data[start:position]
        known = name.lower()
        if known.startswith("cover art") and kind == 1:
            if want_pictures:
                description, _, picture = value.partition(b"\0")
                front = 3 if "front" in known else 4 if "back" in known else 0
                found.pictures.append(Embedded(front, "", description.decode("utf-8", "replace"), picture))
            continue
        if kind == 1:
            found.keep_raw_bytes(before + name, value)
            continue
        field = lookup(known)
        for text in value.decode("utf-8", "replace").split("\0"):
            found.keep_raw(before + name, text)
            if field is not None and field[0] not in taken:
                found.add(field[0], text, field[1] + RANK_AFTER_ID3)
