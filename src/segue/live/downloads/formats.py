"""Formats as the archive names them: what kind of file each is, and by which first bytes one is known.

Magic numbers: FLAC RFC 9639 §6; ID3v2.4 §3.1 and ISO/IEC 11172-3 §2.4.1.3 (MPEG frame sync); Shorten "ajkg"; Ogg RFC 3533 §6;
RIFF/WAVE; ISO/IEC 14496-12 `ftyp`; ASF header object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Kind = Literal["audio", "text", "checksums", "fingerprints", "other"]

USUAL = ("Flac", "24bit Flac", "Shorten", "VBR MP3")
"""The order of formats where nobody chose another."""
MAGIC_BYTES = 4096
"""How much of a file's beginning is looked at."""

_SIDECARS: dict[str, Kind] = {"text": "text", "checksums": "checksums", "flac fingerprint": "fingerprints"}
_BY_EXTENSION: dict[str, Kind] = {
    "txt": "text", "md5": "checksums", "st5": "checksums", "ffp": "fingerprints",
    "flac": "audio", "mp3": "audio", "shn": "audio", "ogg": "audio", "oga": "audio", "wav": "audio", "m4a": "audio",
    "wma": "audio", "opus": "audio",
}  # fmt: skip
_NAMED = {
    "flac": ("flac", "flac 16", "16bit flac"),
    "24bit flac": ("24bit flac", "flac 24", "flac24"),
    "shorten": ("shorten", "shn"),
    "vbr mp3": ("vbr mp3", "mp3"),
    "ogg vorbis": ("ogg vorbis", "ogg", "vorbis"),
}


def extension_of(name: str) -> str:
    """`flac` of `gd77-05-08d1t01.FLAC`; empty where there is none."""
    stem, dot, extension = name.rpartition("/")[2].rpartition(".")
    return extension.lower() if dot and stem else ""


def kind_of(name: str, format: str) -> Kind:
    """What a file is, by its format, else by its name."""
    by_format = _SIDECARS.get(format.casefold())
    return by_format or _BY_EXTENSION.get(extension_of(name), "other")


def is_called(format: str, wanted: str) -> bool:
    """Whether the archive's `format` is what a person calls `wanted`: `flac` means Flac, `mp3` any MP3."""
    format, wanted = format.casefold().strip(), wanted.casefold().strip()
    if format == wanted or format in _NAMED.get(wanted, ()):
        return True
    for archive, names in _NAMED.items():
        if wanted in names and format == archive:
            return True
    return wanted == "mp3" and format.endswith("mp3")


def _mpeg(start: bytes) -> bool:
    if start[:3] == b"ID3":
        return True
    body = start.lstrip(b"\0")
    return len(body) > 1 and body[0] == 0xFF and body[1] & 0xE0 == 0xE0


_MAGIC: dict[str, Callable[[bytes], bool]] = {
    "flac": lambda start: start[:4] == b"fLaC" or start[:3] == b"ID3",
    "mp3": _mpeg,
    "shn": lambda start: start[:4] == b"ajkg",
    "ogg": lambda start: start[:4] == b"OggS",
    "oga": lambda start: start[:4] == b"OggS",
    "opus": lambda start: start[:4] == b"OggS",
    "wav": lambda start: start[:4] in (b"RIFF", b"RF64") and start[8:12] == b"WAVE",
    "m4a": lambda start: start[4:8] == b"ftyp",
    "wma": lambda start: start[:4] == b"\x30\x26\xb2\x75",
}


def looks_right(name: str, start: bytes) -> bool:
    """Whether a file may begin so: by its format's first bytes, and for text that it is no web page."""
    extension = extension_of(name)
    known = _MAGIC.get(extension)
    if known is not None:
        return known(start)
    if _BY_EXTENSION.get(extension) in ("text", "checksums", "fingerprints"):
        head = start[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return not head.startswith((b"<!doctype html", b"<html", b"<head"))
    return True
