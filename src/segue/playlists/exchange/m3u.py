"""M3U and M3U8: a line a track, with remarks before it. No program keeps to any standard here, so everything is taken.

`#EXTINF` holds length and `Artist - Title`; `#EXTART` and `#EXTALB` say people and album by themselves; `#PLAYLIST` names the
list. We write these, and our ids in a remark of our own, which other programs pass over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from segue.core.plain_text import lines_of
from segue.playlists.exchange.events import MAX_LOCATION, Doubt, Entry, Event, ListHead, milliseconds, short
from segue.playlists.exchange.locations import ids_in
from segue.playlists.exchange.mixes import OutMix
from segue.playlists.exchange.outgoing import OutList, OutRow

_EXTINF = re.compile(r"^\s*(-?\d*(?:\.\d+)?)\s*((?:[\w-]+=(?:\"[^\"]*\"|\S+)\s*)*)\s*,?(.*)$")
_HLS = ("#EXT-X-TARGETDURATION", "#EXT-X-STREAM-INF", "#EXT-X-MEDIA-SEQUENCE")
_OURS = "#SEGUE:"


def read(file: BinaryIO, name: str, encoding: str | None = None) -> Iterator[Event]:
    """The list in an M3U file called `name`."""
    said: dict[str, str] = {}
    named = begun = False
    cut = 0
    for line in lines_of(file, encoding):
        cut += line.is_cut
        text = line.text.strip()
        if not text:
            continue
        if text.startswith(_HLS):
            yield Doubt("hls_stream", {"line": line.number})
            return
        if text.startswith("#"):
            tag, _, value = text.partition(":")
            tag = tag.upper()
            if tag == "#PLAYLIST" and not named and not begun and value.strip():
                named = True
                yield ListHead(0, short(value))
            elif tag in ("#EXTINF", "#EXTART", "#EXTALB", "#EXTM3A") or text.startswith(_OURS):
                said[tag] = value
            continue
        if not named:
            named = True
            yield ListHead(0, name)
        begun = True
        yield _entry(text, said, line.number)
        said = {}
    if not named:
        yield ListHead(0, name)
    if "#EXTINF" in said:
        yield _entry("", said, None)
    if cut:
        yield Doubt("lines_cut", {"count": cut})


def write(playlist: OutList, rows: Iterable[OutRow]) -> Iterator[str]:
    """The file for a list. A row without a track is written where its file would lie, so that it is not lost."""
    yield "#EXTM3U\n#EXTENC:UTF-8\n"
    yield f"#PLAYLIST:{_line(playlist.name)}\n"
    for row in rows:
        seconds = round(row.duration_ms / 1000) if row.duration_ms else -1
        artist, title = _line(row.artist), _line(row.title)
        yield f"#EXTINF:{seconds},{f'{artist} - ' if artist else ''}{title}\n"
        if artist:
            yield f"#EXTART:{artist}\n"
        if row.album:
            yield f"#EXTALB:{_line(row.album)}\n"
        ours: dict[str, object] = {"ids": row.all_ids(), "ms": row.duration_ms, "note": row.comment}
        if row.mix is not None:
            yield from _stops(row.mix)
            ours["mix"] = _mixed(row.mix)
        kept = {key: value for key, value in ours.items() if value}
        location = _line(row.location)
        if not location or location.startswith("#"):
            kept["nowhere"] = True
            location = location.removeprefix("#") or re.sub(r"^#+|[\r\n]", "", f"{artist} - {title}".strip(" -")) or "?"
        if kept:
            yield f"{_OURS}{json.dumps(kept, ensure_ascii=False)}\n"
        yield f"{location}\n"


def _stops(mix: OutMix) -> Iterator[str]:
    """Where VLC begins and ends a track; other players pass it over."""
    if mix.starts_ms:
        yield f"#EXTVLCOPT:start-time={mix.starts_ms / 1000:.3f}\n"
    if mix.stops_ms is not None:
        yield f"#EXTVLCOPT:stop-time={mix.stops_ms / 1000:.3f}\n"


def _mixed(mix: OutMix) -> dict[str, object]:
    return {
        "bpm": None if mix.bpm is None else round(mix.bpm, 3),
        "key": mix.key,
        "cues": [[cue.name, cue.at_ms] for cue in mix.cues],
        "from_ms": mix.starts_ms,
        "to_ms": mix.stops_ms,
    }


def _entry(location: str, said: dict[str, str], line: int | None) -> Event:
    seconds, shown = "", ""
    if found := _EXTINF.match(said.get("#EXTINF", "")):
        seconds, shown = found[1], short(found[3])
    artist, title = short(said.get("#EXTART", "")), shown
    if artist and shown.casefold().startswith(f"{artist} - ".casefold()):
        title = shown[len(artist) + 3 :].strip()
    elif not artist and " - " in shown:
        artist, _, title = (part.strip() for part in shown.partition(" - "))
    ours = _ours(said.get(_OURS.rstrip(":"), ""))
    kept = ours.get("ids")
    ids = {str(key): str(value) for key, value in kept.items()} if isinstance(kept, dict) else ids_in(location)
    unreadable = sum(char < " " or char == "\ufffd" for char in location) * 4 > len(location) > 0
    return Entry(
        title=title,
        artist=artist,
        album=short(said.get("#EXTALB", "")),
        duration_ms=milliseconds(ours.get("ms")) or milliseconds(seconds, seconds=True),
        external_ids=ids,
        location="" if ours.get("nowhere") else short(location, MAX_LOCATION),
        comment=short(ours.get("note", "")),
        problem=("not_text", {"line": line}) if unreadable else ("no_location", {}) if not location else None,
    )


def _ours(text: str) -> dict[str, object]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _line(text: str) -> str:
    return " ".join(text.replace("\x85", " ").split("\r")).replace("\n", " ").strip()
