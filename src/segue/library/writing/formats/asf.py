"""ASF (WMA): attributes by name, each of a type."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

from mutagen.asf import ASF, ASFByteArrayAttribute  # type: ignore[attr-defined]

from segue.library.writing.formats.tagged import COVER, Picture, Tagged, digest

_PICTURE = "WM/Picture"
_FRONT = 3


class AsfTags(Tagged):
    system = "asf"

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.audio: Any = ASF(file)

    def set(self, field: str, names: tuple[str, ...], values: list[str]) -> None:
        wanted = {name.lower() for name in names}
        self.touched |= wanted
        for key in [key for key in self.audio.tags.keys() if key.lower() in wanted]:  # noqa: SIM118 - not a dict
            del self.audio.tags[key]
        if values:
            self.audio.tags[names[0]] = values

    def set_cover(self, cover: Picture) -> None:
        self.touched.add(COVER)
        header = struct.pack("<bI", _FRONT, len(cover.data)) + cover.mime.encode("utf-16-le") + b"\0\0\0\0"
        kept = [value for value in self.audio.tags.get(_PICTURE, []) if value.value[:1] != bytes([_FRONT])]
        self.audio.tags[_PICTURE] = [ASFByteArrayAttribute(header + cover.data), *kept]

    def save(self) -> None:
        self.audio.save(self.file)

    def everything(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in self.audio.tags:
            content = value.value
            name = key.lower()
            if isinstance(content, bytes):
                front = key == _PICTURE and content[:1] == bytes([_FRONT])
                name, content = (COVER if front else name), digest(content)
            found.setdefault(name, []).append(content)
        return found
