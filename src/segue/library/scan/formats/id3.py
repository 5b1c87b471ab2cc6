"""ID3 tags, v1 to v2.4: of MP3 files, and of the formats that carry one inside (WAV, AIFF, DSF, TTA, ADTS).

Plain tags take the quick way (`id3_quick`); of all others mutagen parses the frames and brings older versions up to 2.4,
and this module maps them to our fields.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from typing import Any

from segue.library.scan.facts import Chapter, Lyrics
from segue.library.scan.formats.apev2 import OWN_FORMATS as APE_FORMATS
from segue.library.scan.formats.id3_quick import read_quickly
from segue.library.scan.formats.source import Source
from segue.library.scan.found import Embedded, Found
from segue.library.scan.problems import ProblemCode

MAX_TAG_BYTES = 48 * 1024 * 1024
"""A tag larger than this is not read; the largest seen in the wild held a 30 MB cover."""


def id3_size(source: Source, at: int) -> int:
    """Return the whole size in bytes of the ID3v2 tag at `at`, header and footer included; 0 where there is none."""
    header = source.at(at, 10)
    if len(header) < 10 or header[:3] != b"ID3" or header[3] == 0xFF or header[4] == 0xFF:
        return 0
    size = header[6:10]
    if max(size) >= 0x80:
        return 0
    length = size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]
    return length + (20 if header[5] & 0x10 else 10)


def read_id3(source: Source, at: int, found: Found, *, want_pictures: bool = True) -> None:
    """Read the ID3v2 tag at `at` of the file; a damaged or huge one marks the file."""
    size = id3_size(source, at)
    if size > MAX_TAG_BYTES:
        found.trouble(ProblemCode.TAGS_TOO_LARGE, bytes=size)
        return
    data = source.at(at, size)
    if len(data) < size:
        found.trouble(ProblemCode.TAGS_UNREADABLE, error="the tag is longer than the file")
        data += bytes(min(size - len(data), 1 << 16))
    read_id3_bytes(data, found, want_pictures=want_pictures)


def read_id3_bytes(data: bytes, found: Found, *, want_pictures: bool = True) -> None:
    """Read an ID3v2 tag from its bytes, header first. In a format with tags of its own, names are kept raw with `ID3v2:`."""
    if found.format in APE_FORMATS:
        own, found.raw = found.raw, {}
        _read_bytes(data, found, want_pictures)
        found.raw = own | {f"ID3v2:{name}": texts for name, texts in found.raw.items()}
        return
    _read_bytes(data, found, want_pictures)


def _read_bytes(data: bytes, found: Found, want_pictures: bool) -> None:
    if read_quickly(data, found, want_pictures=want_pictures):
        return
    read_id3_fully(data, found, want_pictures=want_pictures)


def read_id3_fully(data: bytes, found: Found, *, want_pictures: bool = True) -> None:
    """Read an ID3v2 tag of any version and kind with mutagen."""
    from mutagen import MutagenError
    from mutagen.id3 import ID3

    try:
        tag: Any = ID3(io.BytesIO(data), load_v1=False)  # type: ignore[no-untyped-call]
    except MutagenError as error:
        found.trouble(ProblemCode.TAGS_UNREADABLE, error=type(error).__name__)
        return
    except Exception as error:  # whatever a damaged tag provokes in the parser is the tag's fault
        found.trouble(ProblemCode.TAGS_UNREADABLE, error=type(error).__name__)
        return
    for key, frame in tag.items():
        handler = _HANDLERS.get(frame.FrameID)
        if handler is not None:
            handler(key, frame, found, want_pictures)
        elif key[0] == "T" or key[0] == "M" or key[0] == "G":
            _text(key, frame, found, want_pictures)


def _text(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    values = getattr(frame, "text", None)
    if values is None:
        return
    field = found.rules.id3.get(frame.FrameID)
    for value in values:
        text = str(value)
        found.keep_raw(key, text)
        if field is not None:
            found.add(field[0], text, field[1])


def _free_text(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    field = found.rules.id3.get(key.lower())
    for text in frame.text:
        found.keep_raw(key, text)
        if field is not None:
            found.add(field[0], text, field[1])
        elif key[5:].lower().startswith("performer:"):
            found.performers.append(("performer", text, key[15:].strip() or None))


def _genre(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    for text in frame.text:
        found.keep_raw(key, text)
    field = found.rules.id3.get("TCON")
    if field is not None:
        for genre in frame.genres:
            found.add(field[0], genre, field[1])


def _owner(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    field = found.rules.id3.get(key)
    if field is None or len(frame.data) > 64:
        found.keep_raw_bytes(key, frame.data)
        return
    text = frame.data.decode("latin-1")
    found.keep_raw(key, text)
    found.add(field[0], text, field[1])


def _comment(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    field = found.rules.id3.get(f"COMM:{frame.desc}".lower() if frame.desc else "COMM")
    for text in frame.text:
        found.keep_raw(key, text)
        if field is not None:
            found.add(field[0], text, field[1])


def _people(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    for pair in frame.people:
        if len(pair) != 2:
            continue
        role, name = pair
        found.keep_raw(key, f"{role}: {name}")
        known = found.rules.involved.get(role.strip().lower())
        found.performers.append((known, name, None) if known else ("performer", name, role.strip() or None))


def _picture(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    if want_pictures:
        found.pictures.append(Embedded(int(frame.type), frame.mime, frame.desc, frame.data))


def _lyrics(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    found.keep_raw(key, frame.text)
    language = frame.lang if frame.lang.strip("\0 ") not in ("", "XXX", "xxx") else None
    found.lyrics.append(Lyrics(frame.text, language, frame.desc or None, bool(_TIMED.search(frame.text))))


_TIMED = re.compile(r"^\[\d+:\d\d", re.MULTILINE)


def _timed_lyrics(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    if frame.format != 2 or frame.type not in (1, 2):
        return
    lines = []
    for text, at in frame.text:
        seconds, milliseconds = divmod(at, 1000)
        lines.append(f"[{seconds // 60:02}:{seconds % 60:02}.{milliseconds // 10:02}]{text.strip()}")
    found.keep_raw(key, "\n".join(lines))
    found.lyrics.append(Lyrics("\n".join(lines), frame.lang or None, frame.desc or None, synced=True))


def _chapter(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    titles = frame.sub_frames.getall("TIT2")
    title = str(titles[0].text[0]).strip() if titles and titles[0].text else None
    found.chapters.append(Chapter(frame.start_time, frame.end_time, title or None))
    found.keep_raw(key, f"{frame.start_time} {frame.end_time} {title or ''}")


def _private(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    found.keep_raw_bytes(key[:80], frame.data)


def _rating(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    found.keep_raw(key, f"{frame.rating}")


def _link(key: str, frame: Any, found: Found, want_pictures: bool) -> None:
    found.keep_raw(key[:80], frame.url)


_HANDLERS = {
    "TXXX": _free_text,
    "TCON": _genre,
    "UFID": _owner,
    "COMM": _comment,
    "TIPL": _people,
    "TMCL": _people,
    "IPLS": _people,
    "APIC": _picture,
    "USLT": _lyrics,
    "SYLT": _timed_lyrics,
    "CHAP": _chapter,
    "PRIV": _private,
    "GEOB": _private,
    "POPM": _rating,
    "WXXX": _link,
    "WOAR": _link,
    "WOAF": _link,
    "WCOP": _link,
}


def read_id3v1(source: Source, found: Found) -> None:
    """Read an ID3v1 tag at the file's end, for what no better tag says."""
    block = source.at(source.size - 128, 128)
    if block[:3] != b"TAG":
        return
    fields = {
        "title": block[3:33],
        "artist": block[33:63],
        "album": block[63:93],
        "date": block[93:97],
        "comment": block[97:125] if block[125] == 0 and block[126] else block[97:127],
    }
    said = {field: value.split(b"\0", 1)[0].decode("latin-1").strip() for field, value in fields.items()}
    if block[125] == 0 and block[126]:
        said["tracknumber"] = str(block[126])
    if block[127] < len(_genres()):
        said["genre"] = _genres()[block[127]]
    add_id3v1({field: text for field, text in said.items() if text}, found)


def add_id3v1(said: dict[str, str], found: Found) -> None:
    """What an ID3v1 tag says, by our names, for what no better tag says."""
    for field, text in said.items():
        found.keep_raw(f"ID3v1:{field}", text)
        if field not in found.fields and not (field == "comment" and "title" in found.fields):
            found.add(field, text, _LAST_RANK)


_LAST_RANK = 90


@lru_cache(maxsize=1)
def _genres() -> tuple[str, ...]:
    from mutagen._constants import GENRES

    return tuple(GENRES)
