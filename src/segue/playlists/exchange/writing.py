"""Writing lists: the formats, what their files are called, and a ZIP of many."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from segue.core.safe_names import safe_component
from segue.playlists.exchange import jspf, m3u, pls, rekordbox, tables, xspf
from segue.playlists.exchange.outgoing import OutList, OutRow

OutFormat = Literal["m3u8", "pls", "xspf", "jspf", "nsp", "csv", "m3u8-cues", "rekordbox"]
MIXED: frozenset[OutFormat] = frozenset({"m3u8-cues", "rekordbox"})
"""Formats that have a place for beats, keys and the points of a mix."""


@dataclass(frozen=True, slots=True)
class Written:
    """How one format is written: `pieces` gives the text of a file piece by piece."""

    extension: str
    content_type: str
    pieces: Callable[[OutList, Iterable[OutRow]], Iterator[str]]


def _nsp(playlist: OutList, rows: Iterable[OutRow]) -> Iterator[str]:
    yield json.dumps(dict(playlist.document or {}), ensure_ascii=False, indent=2) + "\n"


OUT: dict[OutFormat, Written] = {
    "m3u8": Written(".m3u8", "audio/x-mpegurl; charset=utf-8", m3u.write),
    "pls": Written(".pls", "audio/x-scpls; charset=utf-8", pls.write),
    "xspf": Written(".xspf", "application/xspf+xml", xspf.write),
    "jspf": Written(".jspf", "application/jspf+json", jspf.write),
    "nsp": Written(".nsp", "application/x-nsp+json", _nsp),
    "csv": Written(".csv", "text/csv; charset=utf-8", tables.write),
    "m3u8-cues": Written(".m3u8", "audio/x-mpegurl; charset=utf-8", m3u.write),
    "rekordbox": Written(".xml", "application/xml", rekordbox.write),
}


def encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    """The text as UTF-8; bytes of paths that are no text are written as they are."""
    for piece in pieces:
        yield piece.encode("utf-8", "surrogateescape")


def file_name(name: str, extension: str) -> str:
    """A file's name for a list, that every system takes."""
    return (safe_component(" ".join(name.split()), suffix=extension) or "Playlist") + extension
