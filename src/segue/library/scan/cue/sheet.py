"""Read a CUE sheet: which tracks a file holds, where they begin, and what they are called.

The commands are those of CDRWIN's user guide, in the dialects that EAC, XLD, foobar2000 and CUETools write. Times are
minutes, seconds and frames of 1/75 s. A pure function from text to values; what makes no sense is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

FRAMES_A_SECOND = 75
MOST_LINES = 20_000
MOST_TRACKS = 999
MOST_TEXT = 256 * 1024
"""Characters of a sheet that are looked at; one of 99 tracks with everything said about them has 20,000."""

_COMMAND = re.compile(r"\s*(\S+)\s*(.*?)\s*")
_FILE = re.compile(r'(?:"([^"]*)"|(.*?))(?:\s+(\w+))?')
_TIME = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})")


class SheetText(NamedTuple):
    """A sheet beside the music: its name, its text (None where it could not be read), and its encoding if guessed."""

    name: bytes
    text: str | None
    guessed: str | None = None


@dataclass(slots=True)
class SheetTrack:
    """One track; `start` (INDEX 01) and `gap` (INDEX 00) are frames from the beginning of its file."""

    number: int
    start: int | None = None
    gap: int | None = None
    title: str | None = None
    performer: str | None = None
    songwriter: str | None = None
    isrc: str | None = None
    remarks: dict[str, str] = field(default_factory=dict)
    audio: bool = True

    @property
    def start_ms(self) -> int:
        """Where it begins in its file."""
        return round((self.start or 0) * 1000 / FRAMES_A_SECOND)


@dataclass(slots=True)
class SheetFile:
    """A file that a sheet speaks of, by the name it gives it, with the tracks that begin in it."""

    name: str
    tracks: list[SheetTrack] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """A whole sheet. `remarks` are its `REM` lines by their first word in upper case."""

    title: str | None = None
    performer: str | None = None
    songwriter: str | None = None
    catalog: str | None = None
    remarks: dict[str, str] = field(default_factory=dict)
    files: list[SheetFile] = field(default_factory=list)

    @property
    def said(self) -> int:
        """How much it says in words, to choose between two sheets of the same disc."""
        tracks = [track for file in self.files for track in file.tracks]
        return sum(bool(track.title) + bool(track.performer) for track in tracks) + bool(self.title)


def read_sheet(text: str) -> Sheet:
    """The sheet that `text` is; one without files or tracks where it is none."""
    sheet = Sheet()
    track: SheetTrack | None = None
    count = 0
    for line in text[:MOST_TEXT].split("\n")[:MOST_LINES]:
        found = _COMMAND.fullmatch(line)
        if found is None:
            continue
        command, rest = found[1].upper(), found[2]
        match command:
            case "FILE":
                named = _FILE.fullmatch(rest)
                sheet.files.append(SheetFile((named[1] or named[2] or "") if named else rest.strip('"')))
            case "TRACK":
                number, _, kind = rest.partition(" ")
                count += 1
                track = None
                if number.isdigit() and len(number) < 4 and count <= MOST_TRACKS and sheet.files:
                    track = SheetTrack(int(number), audio=kind.strip().upper() in ("AUDIO", ""))
            case "INDEX" if track is not None:
                _index(sheet, track, rest)
            case "TITLE" | "PERFORMER" | "SONGWRITER":
                setattr(track or sheet, command.lower(), _text(rest))
            case "ISRC" if track is not None:
                track.isrc = _text(rest)
            case "CATALOG":
                sheet.catalog = _text(rest)
            case "REM":
                name, _, value = rest.partition(" ")
                (track or sheet).remarks.setdefault(name.upper(), _text(value) or "")
    for file in sheet.files:
        file.tracks.sort(key=lambda each: each.start or 0)
    return sheet


def _index(sheet: Sheet, track: SheetTrack, rest: str) -> None:
    """A track belongs to the file in which its INDEX 01 lies; some sheets put INDEX 00 into the file before."""
    number, _, time = rest.partition(" ")
    found = _TIME.fullmatch(time.strip())
    if found is None or not number.isdigit():
        return
    frames = (int(found[1]) * 60 + int(found[2])) * FRAMES_A_SECOND + int(found[3])
    if int(number) == 0:
        track.gap = frames
    elif int(number) == 1 and track.start is None:
        track.start = frames
        sheet.files[-1].tracks.append(track)


def _text(written: str) -> str | None:
    return written.strip().strip('"').strip() or None
