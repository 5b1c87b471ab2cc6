"""Rekordbox XML: a list with beat grids, keys and cue points, as Rekordbox takes it in (File > Import).

The format is the one that its makers publish ("XML format list", version 1.0.0): a collection of tracks, each with TEMPO
nodes (`Inizio` seconds, `Bpm`, `Battito` the beat of the bar) and POSITION_MARKs (`Num` 0 to 7 a hot cue, -1 a memory cue),
and a tree of playlists. Rows whose file is not known are left out: it knows tracks by their files alone.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from segue.playlists.exchange.locations import is_address
from segue.playlists.exchange.mixes import CUE_NAMES, OutMix
from segue.playlists.exchange.outgoing import OutList, OutRow

HOT = ("mix_in", "intro_end", "outro_start")
"""Hot cues A to C; these and the phrases are memory cues too."""
KINDS = {
    ".mp3": "MP3 File", ".m4a": "M4A File", ".aac": "M4A File", ".flac": "FLAC File", ".wav": "WAV File",
    ".aif": "AIFF File", ".aiff": "AIFF File", ".ogg": "OGG File", ".opus": "OPUS File",
}  # fmt: skip


def write(playlist: OutList, rows: Iterable[OutRow]) -> Iterator[str]:
    """The file for a list. A track that is in it twice is in the collection once."""
    numbers: dict[str, int] = {}
    order: list[int] = []
    tracks: list[OutRow] = []
    for row in rows:
        if not row.location:
            continue
        if row.location not in numbers:
            numbers[row.location] = row.track_id or -(len(numbers) + 1)
            tracks.append(row)
        order.append(numbers[row.location])
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<DJ_PLAYLISTS Version="1.0.0">\n'
    yield '  <PRODUCT Name="Segue" Version="1" Company="Segue"/>\n'
    yield f'  <COLLECTION Entries="{len(tracks)}">\n'
    for row in tracks:
        yield _track(row, numbers[row.location])
    yield '  </COLLECTION>\n  <PLAYLISTS>\n    <NODE Type="0" Name="ROOT" Count="1">\n'
    named = _attributes({"Name": playlist.name, "Type": "1", "KeyType": "0", "Entries": str(len(order))})
    yield f"      <NODE{named}>\n"
    for number in order:
        yield f'        <TRACK Key="{number}"/>\n'
    yield "      </NODE>\n    </NODE>\n  </PLAYLISTS>\n</DJ_PLAYLISTS>\n"


def as_location(location: str) -> str:
    """A path as Rekordbox has it: `file://localhost/C:/Music/a.mp3`."""
    if is_address(location):
        return location
    path = location.replace("\\", "/") if "\\" in location and not location.startswith("/") else location
    return "file://localhost/" + quote(path.lstrip("/").encode("utf-8", "surrogateescape"), safe="/:")


def _track(row: OutRow, number: int) -> str:
    mix = row.mix
    said = {
        "TrackID": str(number),
        "Name": row.title,
        "Artist": row.artist,
        "Album": row.album,
        "Kind": KINDS.get(posixpath.splitext(row.location)[1].lower(), ""),
        "TotalTime": str(round(row.duration_ms / 1000)) if row.duration_ms else "",
        "DiscNumber": str(row.disc or ""),
        "TrackNumber": str(row.position or ""),
        "AverageBpm": f"{mix.bpm:.2f}" if mix and mix.bpm else "",
        "Tonality": (mix.key or "") if mix else "",
        "Comments": row.comment,
        "Location": as_location(row.location),
    }
    inner = _beats(mix) + _marks(mix) if mix else ""
    head = f"    <TRACK{_attributes(said)}"
    return f"{head}>\n{inner}    </TRACK>\n" if inner else f"{head}/>\n"


def _beats(mix: OutMix) -> str:
    return "".join(
        f'      <TEMPO Inizio="{stretch.at_ms / 1000:.3f}" Bpm="{stretch.bpm:.2f}" Metro="{mix.bar}/4"'
        f' Battito="{stretch.beat}"/>\n'
        for stretch in mix.beats
    )


def _marks(mix: OutMix) -> str:
    lines = []
    for cue in mix.cues:
        named = _attributes({"Name": CUE_NAMES[cue.name], "Type": "0", "Start": f"{cue.at_ms / 1000:.3f}"})
        if cue.name in HOT:
            lines.append(f'      <POSITION_MARK{named} Num="{HOT.index(cue.name)}"/>\n')
        if cue.name != "mix_out":
            lines.append(f'      <POSITION_MARK{named} Num="-1"/>\n')
    return "".join(lines)


def _attributes(values: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(_plain(value))}" for name, value in values.items() if value)


def _plain(text: str) -> str:
    """Without characters that XML cannot carry, on one line."""
    kept = (char for char in text if char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff")
    return " ".join("".join(kept).split())
