"""iTunes' item list (`ilst`): the tags of MP4 files.

Each item holds `data` boxes with a type (1 UTF-8, 13 JPEG, 14 PNG, 21 integer …); a freeform item (`----`) also names
its owner and itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from segue.library.scan.found import Embedded, Found

if TYPE_CHECKING:
    from segue.library.scan.formats.mp4 import Box

_MAX_VALUES = 1000
_INTEGERS = frozenset(("tmpo", "cpil", "rtng", "©mvi", "©mvc", "stik", "pgap", "pcst", "shwm", "hdvd", "tves", "tvsn"))
_EXPLICIT = {1: "1", 4: "1", 2: "2"}
_TOTALS = {"tracknumber": "tracktotal", "discnumber": "disctotal"}
_MIMES = {13: "image/jpeg", 14: "image/png", 27: "image/bmp", 12: "image/gif"}


def read_item_list(data: bytes, items: Iterable[Box], found: Found, *, want_pictures: bool = True) -> None:
    """Read every item; unknown ones are kept raw."""
    lookup = found.rules.mp4.get
    for item in items:
        name = item.name.decode("latin-1")
        if name == "----":
            name, values = _freeform(data, item)
            field = lookup(f"----:{name.rpartition(':')[2].lower()}")
        else:
            values = _values(data, item.start, item.end)
            field = lookup(name)
        if name == "covr":
            if want_pictures:
                for kind, value in values:
                    found.pictures.append(Embedded(3, _MIMES.get(kind, ""), "", value))
        elif name in ("trkn", "disk"):
            _number_pair(name, values, found)
        elif name == "gnre":
            _old_genre(values, found)
        else:
            _text(name, values, field, found)


def _values(data: bytes, start: int, end: int) -> list[tuple[int, bytes]]:
    out: list[tuple[int, bytes]] = []
    while start + 16 <= end and len(out) < _MAX_VALUES:
        size = int.from_bytes(data[start : start + 4], "big")
        if size < 16 or start + size > end:
            break
        if data[start + 4 : start + 8] == b"data":
            out.append((int.from_bytes(data[start + 9 : start + 12], "big"), data[start + 16 : start + size]))
        start += size
    return out


def _freeform(data: bytes, item: Box) -> tuple[str, list[tuple[int, bytes]]]:
    owner = name = ""
    start = item.start
    while start + 12 <= item.end:
        size = int.from_bytes(data[start : start + 4], "big")
        kind = data[start + 4 : start + 8]
        if size < 12 or start + size > item.end or kind == b"data":
            break
        text = data[start + 12 : start + size].decode("utf-8", "replace")
        if kind == b"mean":
            owner = text
        elif kind == b"name":
            name = text
        start += size
    return f"----:{owner}:{name}", _values(data, start, item.end)


def _text(name: str, values: list[tuple[int, bytes]], field: tuple[str, int] | None, found: Found) -> None:
    for kind, value in values:
        if name in _INTEGERS or kind in (21, 22):
            number = int.from_bytes(value[:8], "big", signed=kind == 21)
            text = str(number)
            if name == "rtng":
                add_advice(number, found)
                found.keep_raw(name, text)
                continue
            if name == "tmpo" and not number:
                continue
        elif kind in (0, 1) or field is not None:
            text = value.decode("utf-16-be" if kind == 2 else "utf-8", "replace")
        else:
            found.keep_raw_bytes(name, value)
            continue
        found.keep_raw(name, text)
        if field is not None:
            found.add(field[0], text, field[1])


def _number_pair(name: str, values: list[tuple[int, bytes]], found: Found) -> None:
    for _, value in values[:1]:
        if len(value) < 6:
            continue
        number, total = int.from_bytes(value[2:4], "big"), int.from_bytes(value[4:6], "big")
        found.keep_raw(name, f"{number}/{total}")
        add_number_pair(name, number, total, found)


def _old_genre(values: list[tuple[int, bytes]], found: Found) -> None:
    for _, value in values:
        number = int.from_bytes(value[:2], "big")
        found.keep_raw("gnre", str(number))
        add_old_genre(number, found)


def add_number_pair(name: str, number: int, total: int, found: Found) -> None:
    """What `trkn` (a track) or `disk` says; 0 says nothing."""
    field = found.rules.mp4.get(name)
    if field is None:
        return
    if number:
        found.add(field[0], str(number), field[1])
    total_field = _TOTALS.get(field[0])
    if total and total_field:
        found.add(total_field, str(total))


def add_old_genre(number: int, found: Found) -> None:
    """What `gnre` says: a genre of ID3v1, counted from 1."""
    from mutagen._constants import GENRES

    field = found.rules.mp4.get("gnre")
    if field is not None and 1 <= number <= len(GENRES):
        found.add(field[0], GENRES[number - 1], field[1])


def add_advice(number: int, found: Found) -> None:
    """What `rtng` says: 1 and 4 explicit, 2 cleaned."""
    if number in _EXPLICIT:
        found.add("explicit", _EXPLICIT[number])
