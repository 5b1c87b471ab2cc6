"""Which format a file is, by its content; and what each format's names and content types are."""

from __future__ import annotations

from segue.library.scan.formats.id3 import id3_size
from segue.library.scan.formats.source import Source

EXTENSIONS: dict[str, frozenset[str]] = {
    "mp3": frozenset(("mp3", "mp2", "mp1", "mpga", "mpa")),
    "flac": frozenset(("flac", "fla")),
    "ogg": frozenset(("ogg", "oga", "opus", "spx", "ogx", "ogv")),
    "mp4": frozenset(("m4a", "m4b", "m4p", "m4r", "mp4", "m4v", "mov", "3gp", "3g2", "aac", "alac", "qt")),
    "wav": frozenset(("wav", "wave", "bwf", "rf64", "w64")),
    "aiff": frozenset(("aif", "aiff", "aifc", "afc")),
    "asf": frozenset(("wma", "asf", "wmv")),
    "ape": frozenset(("ape", "mac")),
    "wavpack": frozenset(("wv",)),
    "musepack": frozenset(("mpc", "mp+", "mpp")),
    "dsf": frozenset(("dsf",)),
    "dff": frozenset(("dff",)),
    "tta": frozenset(("tta",)),
    "aac": frozenset(("aac", "adts")),
}
"""The extensions each format may honestly have."""

AUDIO_EXTENSIONS: frozenset[str] = frozenset().union(*EXTENSIONS.values()) - {
    "mov",
    "m4v",
    "wmv",
    "ogv",
    "3gp",
    "3g2",
    "qt",
}
"""Extensions (lower case, no dot) that make a scan look into a file."""

CONTENT_TYPES: dict[str, str] = {
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp4": "audio/mp4",
    "wav": "audio/wav",
    "aiff": "audio/aiff",
    "asf": "audio/x-ms-wma",
    "ape": "audio/x-ape",
    "wavpack": "audio/x-wavpack",
    "musepack": "audio/x-musepack",
    "dsf": "audio/x-dsf",
    "dff": "audio/x-dff",
    "tta": "audio/x-tta",
    "aac": "audio/aac",
}

_SEARCHED_AS_MPEG = EXTENSIONS["mp3"]


def extension(path: bytes) -> str:
    """Return a path's extension in lower case without its dot; empty where there is none."""
    name = path.rpartition(b"/")[2]
    stem, dot, ending = name.rpartition(b".")
    return ending.decode("ascii", "replace").lower() if dot and stem else ""


def detect(source: Source, path: bytes) -> tuple[str | None, int]:
    """Return the format by content, and where its audio container starts (behind an ID3v2 tag in front).

    The format is None for content that is no known audio. The name only decides whether a file without any signature
    is searched for MP3 frames.
    """
    head = source.head
    start = 0
    if head[:3] == b"ID3":
        for _ in range(16):
            size = id3_size(source, start)
            if not size or start + size >= source.size:
                break
            start += size
        head = source.at(start, 64)
        known = _signature(head)
        if known in ("flac", "ape", "wavpack", "musepack", "tta", "aac"):
            return known, start
        return "mp3", 0
    known = _signature(head[:64])
    if known is not None:
        return known, 0
    if extension(path) in _SEARCHED_AS_MPEG:
        return "mp3", 0
    return None, 0


def _signature(head: bytes) -> str | None:
    first = head[:4]
    known = _FIRST_FOUR.get(first)
    if known is not None:
        return known
    if first in (b"RIFF", b"RF64", b"BW64"):
        return "wav" if head[8:12] == b"WAVE" else None
    if first == b"FORM":
        return "aiff" if head[8:12] in (b"AIFF", b"AIFC") else None
    if head[4:8] in _MP4_FIRST_BOXES:
        return "mp4"
    if head[:3] == b"MP+":
        return "musepack"
    if head[:16] == _ASF_HEADER:
        return "asf"
    if len(head) >= 4 and head[0] == 0xFF and head[1] >= 0xE0:
        layer, version = head[1] >> 1 & 3, head[1] >> 3 & 3
        if layer == 0:
            return "aac" if head[1] & 0xF6 == 0xF0 else None
        if version != 1 and head[2] >> 4 != 15 and head[2] >> 2 & 3 != 3:
            return "mp3"
    return None


_FIRST_FOUR = {
    b"fLaC": "flac",
    b"OggS": "ogg",
    b"MAC ": "ape",
    b"wvpk": "wavpack",
    b"MPCK": "musepack",
    b"DSD ": "dsf",
    b"FRM8": "dff",
    b"TTA1": "tta",
}
_MP4_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
