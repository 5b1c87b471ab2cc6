"""ID3v2.3 and v2.4: MP3, AAC, TTA, WAV, AIFF, DSF, DSDIFF. The version a file has is kept; new tags are v2.4, v2.2 becomes it.

What v2.3 has no frame for goes where its readers look for it: the year of a date in TYER and its day in TDAT, people in
IPLS (https://id3.org/id3v2.3.0). Several values are separated by NUL in both versions, as most programs do.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.dsdiff import DSDIFF
from mutagen.dsf import DSF
from mutagen.id3 import ID3, ID3NoHeaderError
from mutagen.wave import WAVE

from segue.library.scan.tags.values import partial_date
from segue.library.writing.formats.tagged import COVER, Picture, Said, Tagged

_CONTAINERS: dict[str, Any] = {"wav": WAVE, "aiff": AIFF, "dsf": DSF, "dff": DSDIFF}
_FRONT = 3
_PAIRS = {"tracknumber": ("TRCK", 0), "tracktotal": ("TRCK", 1), "discnumber": ("TPOS", 0), "disctotal": ("TPOS", 1)}
_INVOLVED = {
    "arranger": "arranger", "engineer": "engineer", "producer": "producer", "mixer": "mix", "djmixer": "DJ-mix",
}  # fmt: skip
"""Roles that Picard keeps in the list of involved people, by the word it uses there."""
_SPELLED = {"mix": ("mix", "mixer"), "DJ-mix": ("dj-mix", "dj-mixer")}
_NOT_IN_23 = {"TMOO": "TXXX:MOOD", "TDRL": "TXXX:RELEASEDATE"}
_COMMENTS = ("", "comment", "description", "id3v1 comment")


class Id3Tags(Tagged):
    system = "id3"

    def __init__(self, file: BinaryIO, kind: str) -> None:
        super().__init__(file)
        self.tags, self.container = _load(file, kind, translate=False)
        if self.tags.version[1] < 3 and len(self.tags):
            if self.tags.unknown_frames:
                raise ValueError("its ID3v2.2 tag has frames of unknown kinds, which no newer version can keep")
            self.tags, self.container = _load(file, kind, translate=True)
        self.minor = 3 if self.tags.version[1] == 3 and (self.tags or self.tags.unknown_frames) else 4
        self.encoding = 1 if self.minor == 3 else 3

    def set(self, field: str, names: tuple[str, ...], values: list[str]) -> None:
        if field in _INVOLVED:
            self._set_involved(field, names, values)
            return
        if field == "performer":
            self._set_performers(names, values)
            return
        if field in _PAIRS:
            self._remove_all(tuple(name for name in names if name not in ("TRCK", "TPOS")))
            self._set_pair(field, values)
            return
        kept_language = self._language("COMM" if field == "comment" else "USLT")
        self._remove_all(names)
        if self.minor == 3 and field in ("date", "originaldate"):
            self._set_date_23(field, values)
        elif values:
            name = _NOT_IN_23.get(names[0], names[0]) if self.minor == 3 else names[0]
            self._add(name, values, kept_language)

    def _add(self, name: str, values: list[str], language: str) -> None:
        kind, _, rest = name.partition(":")
        if kind == "TXXX":
            frame: Any = id3.TXXX(encoding=self.encoding, desc=rest, text=values)
        elif kind == "UFID":
            frame = id3.UFID(owner=rest, data=values[0].encode("ascii", "replace"))
        elif kind == "COMM":
            frame = id3.COMM(encoding=self.encoding, lang=language, desc=rest, text=values)
        elif kind == "USLT":
            frame = id3.USLT(encoding=self.encoding, lang=language, desc=rest, text="\n\n".join(values))
        else:
            frame = getattr(id3, kind)(encoding=self.encoding, text=values)
        self.touched.add(frame.HashKey.lower())
        self.tags.add(frame)

    def _remove_all(self, names: tuple[str, ...]) -> None:
        for name in names:
            kind, _, rest = name.partition(":")
            for key, frame in list(self.tags.items()):
                if frame.FrameID == kind and self._is_meant(kind, rest, key, frame):
                    self._drop(key)

    @staticmethod
    def _is_meant(kind: str, rest: str, key: str, frame: Any) -> bool:
        if kind == "TXXX":
            return bool(frame.desc.lower() == rest.lower())
        if kind == "COMM":
            return bool(frame.desc.lower() in _COMMENTS)
        if kind == "USLT":
            return not frame.desc
        return key == f"{kind}:{rest}" if kind == "UFID" else True

    def _drop(self, key: str) -> None:
        self.touched.add(key.lower())
        del self.tags[key]

    def _language(self, kind: str) -> str:
        """The language that the file's comments or lyrics have; English for comments, `XXX` (unknown) for lyrics."""
        frames = [frame for frame in self.tags.values() if frame.FrameID == kind and not frame.desc]
        return str(frames[0].lang) if frames else ("eng" if kind == "COMM" else "XXX")

    def _set_pair(self, field: str, values: list[str]) -> None:
        name, place = _PAIRS[field]
        parts = ["", ""]
        if name in self.tags:
            number, _, total = str(self.tags[name].text[0]).partition("/")
            parts = [number, total]
        self.touched.add(name.lower())
        parts[place] = values[0] if values else ""
        if not any(parts):
            self.tags.pop(name, None)
            return
        text = f"{parts[0] or 0}/{parts[1]}" if parts[1] else parts[0]
        self.tags.add(getattr(id3, name)(encoding=self.encoding, text=[text]))

    def _set_date_23(self, field: str, values: list[str]) -> None:
        for name in ("TYER", "TDAT", "TIME") if field == "date" else ("TORY",):
            self.touched.add(name.lower())
            self.tags.pop(name, None)
        date = partial_date(values[0]).text if values else None
        if date is None:
            return
        if field == "originaldate":
            self.tags.add(id3.TORY(encoding=self.encoding, text=[date[:4]]))
        else:
            self.tags.add(id3.TYER(encoding=self.encoding, text=[date[:4]]))
            if len(date) == 10:
                self.tags.add(id3.TDAT(encoding=self.encoding, text=[date[8:10] + date[5:7]]))
        if len(date) > 4 and not (field == "date" and len(date) == 10):
            self.said.append(Said("year_only", field))

    # --- people -------------------------------------------------------------------------------------------------------

    def _set_involved(self, field: str, names: tuple[str, ...], values: list[str]) -> None:
        self._remove_all(tuple(name for name in names if name.startswith("TXXX")))
        word = _INVOLVED[field]
        spelled = _SPELLED.get(word, (word,))
        self._people("IPLS" if self.minor == 3 else "TIPL", lambda role: role in spelled, [[word, v] for v in values])

    def _set_performers(self, names: tuple[str, ...], values: list[str]) -> None:
        self._remove_all(tuple(name for name in names if name.startswith("TXXX")))
        for key, frame in list(self.tags.items()):
            if frame.FrameID == "TXXX" and frame.desc.lower().startswith("performer:"):
                self._drop(key)
        pairs = []
        for text in values:
            name, _, instrument = text.removesuffix(")").rpartition(" (") if text.endswith(")") else (text, "", "")
            pairs.append([instrument or "performer", name or text])
        if self.minor == 4:
            self._people("TMCL", lambda role: True, pairs)
            self._people("TIPL", lambda role: role not in _NOT_INSTRUMENTS, [])
        else:
            self._people("IPLS", lambda role: role not in _NOT_INSTRUMENTS, pairs)

    def _people(self, name: str, replaced: Any, pairs: list[list[str]]) -> None:
        self.touched.add(name.lower())
        there = [list(pair) for pair in self.tags[name].people] if name in self.tags else []
        kept = [pair for pair in there if len(pair) != 2 or not replaced(pair[0].strip().lower())]
        self.tags.pop(name, None)
        if kept or pairs:
            self.tags.add(getattr(id3, name)(encoding=self.encoding, people=kept + pairs))

    # --- the rest -----------------------------------------------------------------------------------------------------

    def set_cover(self, cover: Picture) -> None:
        self.touched.add(COVER)
        for key, frame in list(self.tags.items()):
            if frame.FrameID == "APIC" and int(frame.type) == _FRONT:
                del self.tags[key]
        self.tags.add(id3.APIC(encoding=0, mime=cover.mime, type=_FRONT, desc="", data=cover.data))

    def save(self) -> None:
        if self.container is not None:
            self.container.save(self.file, v2_version=self.minor, v23_sep=None)
        else:
            self.tags.save(self.file, v1=1, v2_version=self.minor, v23_sep=None)

    def everything(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, frame in self.tags.items():
            is_front = frame.FrameID == "APIC" and int(frame.type) == _FRONT
            found.setdefault(COVER if is_front else key.lower(), []).append(frame)
        found["#unknown"] = sorted(bytes(data) for data in self.tags.unknown_frames if len(data) > 10)
        return found


_NOT_INSTRUMENTS = frozenset(
    ("arranger", "engineer", "producer", "mix", "mixer", "dj-mix", "dj-mixer", "director", "composer", "conductor",
     "lyricist", "remixer", "writer")
)  # fmt: skip


def _load(file: BinaryIO, kind: str, *, translate: bool) -> tuple[Any, Any]:
    """The tags of a file, and the container that saves them; None where they stand by themselves at its beginning."""
    file.seek(0)
    if kind in _CONTAINERS:
        container = _CONTAINERS[kind](file, translate=translate)
        if container.tags is None:
            container.add_tags()
        return container.tags, container
    try:
        return ID3(file, translate=translate, load_v1=False), None
    except ID3NoHeaderError:
        return ID3(), None
