"""Vorbis comments: FLAC, and Vorbis, Opus, FLAC and Speex in Ogg."""

from __future__ import annotations

import base64
import binascii
from typing import Any, BinaryIO

from mutagen.flac import FLAC, Padding, VCFLACDict
from mutagen.flac import Picture as FlacPicture
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis

from segue.library.writing.formats.tagged import COVER, Picture, Tagged, digest

_INLINE = "metadata_block_picture"
_FRONT = 3


class VorbisTags(Tagged):
    system = "vorbis"

    def __init__(self, file: BinaryIO, codec: str, *, in_ogg: bool) -> None:
        super().__init__(file)
        kinds: dict[str, Any] = {"vorbis": OggVorbis, "opus": OggOpus, "speex": OggSpeex, "flac": OggFLAC}
        self.audio: Any = kinds[codec](file) if in_ogg else FLAC(file)
        if self.audio.tags is None:
            self.audio.add_tags()

    def set(self, field: str, names: tuple[str, ...], values: list[str]) -> None:
        for name in names:
            self.touched.add(name.lower())
            if name in self.audio.tags:
                del self.audio.tags[name]
        if values:
            self.audio.tags[names[0]] = values

    def set_cover(self, cover: Picture) -> None:
        self.touched.add(COVER)
        picture = FlacPicture()
        picture.type, picture.mime, picture.data = _FRONT, cover.mime, cover.data
        picture.width, picture.height, picture.depth = cover.width, cover.height, 24
        if isinstance(self.audio, FLAC):
            blocks = self.audio.metadata_blocks
            blocks[:] = [b for b in blocks if not (isinstance(b, FlacPicture) and b.type == _FRONT)]
            self.audio.add_picture(picture)
            return
        kept = [text for text in self.audio.tags.get(_INLINE, []) if not _is_front(text)]
        self.audio.tags[_INLINE] = [base64.b64encode(picture.write()).decode("ascii"), *kept]

    def save(self) -> None:
        self.audio.save(self.file)

    def everything(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in self.audio.tags:
            key = name.lower()
            if key == _INLINE:
                key = COVER if _is_front(value) else "#pictures"
                value = digest(value.encode())
            found.setdefault(key, []).append(value)
        for block in getattr(self.audio, "metadata_blocks", ()):
            if isinstance(block, Padding | VCFLACDict):
                continue
            front = isinstance(block, FlacPicture) and block.type == _FRONT
            found.setdefault(COVER if front else f"#block {block.code}", []).append(digest(block.write()))
        return found


def _is_front(text: str) -> bool:
    try:
        return int.from_bytes(base64.b64decode(text[:8])[:4], "big") == _FRONT
    except (binascii.Error, ValueError):
        return False
