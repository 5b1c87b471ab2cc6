"""MP4's item list as iTunes writes it, with freeform items for what it has no name for."""

from __future__ import annotations

from typing import Any, BinaryIO

from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm

from segue.library.writing.formats.tagged import COVER, Picture, Said, Tagged, digest

_OWNER = "com.apple.iTunes"
_PAIRS = {"tracknumber": ("trkn", 0), "tracktotal": ("trkn", 1), "discnumber": ("disk", 0), "disctotal": ("disk", 1)}
_INTEGERS = frozenset(("tmpo", "©mvi", "©mvc"))


class Mp4Tags(Tagged):
    system = "mp4"

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.audio: Any = MP4(file)
        if self.audio.tags is None:
            self.audio.add_tags()

    def set(self, field: str, names: tuple[str, ...], values: list[str]) -> None:
        for name in names:
            if name not in ("trkn", "disk"):
                self._remove(name)
        if field in _PAIRS:
            self._set_number(field, values)
        elif field == "explicit":
            self.touched.add("rtng")
            self.audio.tags["rtng"] = [{"1": 1, "2": 2}.get(values[0], 0)] if values else [0]
        elif values:
            self._put(field, names[0], values)

    def _put(self, field: str, name: str, values: list[str]) -> None:
        if name.startswith("----:"):
            key = f"----:{_OWNER}:{name[5:]}"
            self.touched.add(key.lower())
            self.audio.tags[key] = [MP4FreeForm(value.encode()) for value in values]
        elif name == "cpil":
            self.audio.tags[name] = values[0] not in ("", "0")
        elif name in _INTEGERS:
            number = round(float(values[0]))
            if str(number) != values[0]:
                self.said.append(Said("whole_number", field))
            self.audio.tags[name] = [number]
        else:
            self.audio.tags[name] = values

    def _remove(self, name: str) -> None:
        if not name.startswith("----:"):
            self.touched.add(name)
            self.audio.tags.pop(name, None)
            return
        label = name[5:].lower()
        for key in [key for key in self.audio.tags if key.startswith("----:")]:
            if key.rpartition(":")[2].lower() == label:
                self.touched.add(key.lower())
                del self.audio.tags[key]

    def _set_number(self, field: str, values: list[str]) -> None:
        item, place = _PAIRS[field]
        self.touched.add(item)
        pair = list((self.audio.tags.get(item) or [(0, 0)])[0])
        text = values[0] if values else "0"
        if not text.isdecimal() or int(text) > 65535:
            self.said.append(Said("whole_number", field))
            return
        pair[place] = int(text)
        if any(pair):
            self.audio.tags[item] = [tuple(pair)]
        else:
            self.audio.tags.pop(item, None)

    def set_cover(self, cover: Picture) -> None:
        self.touched.add(COVER)
        kind = MP4Cover.FORMAT_PNG if cover.mime == "image/png" else MP4Cover.FORMAT_JPEG
        others = list(self.audio.tags.get("covr", []))[1:]
        self.audio.tags["covr"] = [MP4Cover(cover.data, kind), *others]

    def save(self) -> None:
        self.audio.save(self.file)

    def everything(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in self.audio.tags.items():
            if key == "covr":
                found[COVER] = [digest(bytes(picture)) for picture in value[:1]]
                found["#pictures"] = [digest(bytes(picture)) for picture in value[1:]]
            elif key.startswith("----:"):
                found[key.lower()] = [bytes(item) for item in value]
            else:
                found[key] = value
        for key, items in getattr(self.audio.tags, "_failed_atoms", {}).items():
            found[f"#unread {key}"] = [digest(data) for data in items]
        return found
