"""APEv2: Monkey's Audio, WavPack, Musepack, and beside ID3 in some MP3 files."""

from __future__ import annotations

from typing import Any, BinaryIO

from mutagen.apev2 import BINARY, APENoHeaderError, APEv2, APEValue

from segue.library.writing.formats.tagged import Picture, Tagged, digest

_PAIRS = {"tracknumber": 0, "tracktotal": 1, "discnumber": 0, "disctotal": 1}
_PAIRED = {"tracknumber": "Track", "tracktotal": "Track", "discnumber": "Disc", "disctotal": "Disc"}
_FRONT = "Cover Art (Front)"


class ApeTags(Tagged):
    """`beside` another tag system only fields that are in it already are changed, so that both say the same."""

    system = "ape"

    def __init__(self, file: BinaryIO, *, beside: bool = False) -> None:
        super().__init__(file)
        self.beside = beside
        try:
            self.tags: Any = APEv2(file)
        except APENoHeaderError:
            self.tags = APEv2()
            self.empty = True
        else:
            self.empty = False

    def set(self, field: str, names: tuple[str, ...], values: list[str]) -> None:
        if self.beside and not any(name in self.tags for name in (*names, _PAIRED.get(field, names[0]))):
            return
        if field in _PAIRS:
            self._set_pair(field, names, values)
            return
        self._remove(names)
        if values:
            self.tags[names[0]] = values

    def _remove(self, names: tuple[str, ...]) -> None:
        for name in names:
            self.touched.add(name.lower())
            if name in self.tags:
                del self.tags[name]

    def _set_pair(self, field: str, names: tuple[str, ...], values: list[str]) -> None:
        """`Track` is `4` or `4/12`."""
        name = _PAIRED[field]
        self.touched.add(name.lower())
        number, _, total = str(self.tags.get(name, "")).partition("/")
        parts = [number, total]
        if name not in names:
            self._remove(names)
        else:
            self._remove(tuple(other for other in names if other != name))
        parts[_PAIRS[field]] = values[0] if values else ""
        if parts[0] or parts[1]:
            self.tags[name] = f"{parts[0]}/{parts[1]}" if parts[1] else parts[0]
        elif name in self.tags:
            del self.tags[name]

    def set_cover(self, cover: Picture) -> None:
        if self.beside:
            return
        self.touched.add(_FRONT.lower())
        ending = "png" if cover.mime == "image/png" else "jpg"
        self.tags[_FRONT] = APEValue(f"cover.{ending}".encode() + b"\0" + cover.data, BINARY)

    def save(self) -> None:
        if self.empty and not self.tags:
            return
        self.tags.save(self.file)

    def everything(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in self.tags.items():
            name = key.lower()
            found[name] = (value.kind, digest(value.value) if value.kind == BINARY else str(value))
        return found
