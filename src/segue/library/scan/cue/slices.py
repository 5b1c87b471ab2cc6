"""What a CUE sheet makes of a file: its slices, and the tags of each. Pure functions.

What the tags of the file say about the album holds; what a sheet says about a track is said of that track alone, so it
comes before the file's title and artist, which mean the whole disc.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any, NamedTuple

from segue.library.scan.cue.sheet import Sheet, SheetFile, SheetTrack, read_sheet
from segue.library.scan.facts import Chapter, TrackTags
from segue.library.scan.found import Found
from segue.library.scan.tags.track_tags import track_tags

HIDDEN_MS = 4_000
"""Music before the first track that is worth a word; ordinary discs have two seconds of silence there."""

_OF_THE_ALBUM = (
    "album", "album_sort", "genres", "labels", "catalog_numbers", "barcode", "date", "original_date", "recording_date",
    "disc_number", "disc_total", "disc_subtitle", "release_types", "release_status", "release_country", "media",
    "language", "script", "release_mbid", "release_group_mbid", "disc_id", "copyright", "external_ids", "credits",
    "moods", "grouping",
)  # fmt: skip
_OF_THE_TRACK = (*_OF_THE_ALBUM, "title", "track_number", "track_total", "isrcs", "replay_gain")


class Cue(NamedTuple):
    """The sheet in force for one file: its name (None for one inside the file), its text, and which of its files."""

    name: str | None
    text: str
    file: int

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "text": self.text, "file": self.file}


class Slice(NamedTuple):
    """One track of a larger file, from `start_ms` until `end_ms` (None: the file's end)."""

    number: int
    start_ms: int
    end_ms: int | None
    duration_ms: int


class Cut(NamedTuple):
    """What a sheet makes of a file's length. `refused` is true where the sheet does not fit the music."""

    slices: tuple[Slice, ...] = ()
    hidden_ms: int = 0
    refused: bool = False


@lru_cache(maxsize=16)
def sheet_of(text: str) -> Sheet:
    """`read_sheet`, remembered for the tracks that ask one after the other; not to be changed."""
    return read_sheet(text)


def file_of(cue: Cue) -> SheetFile | None:
    """The part of the sheet that speaks of the file."""
    files = sheet_of(cue.text).files
    return files[cue.file] if 0 <= cue.file < len(files) else None


def cut(cue: Cue, duration_ms: int) -> Cut:
    """The slices of a file of this length; none where the sheet knows one track in it, or does not fit."""
    part = file_of(cue)
    tracks = [track for track in part.tracks if track.start is not None] if part else []
    if sum(track.audio for track in tracks) < 2:
        return Cut()
    starts = [track.start_ms for track in tracks]
    if any(second <= first for first, second in itertools.pairwise(starts)) or starts[-1] >= duration_ms:
        return Cut(refused=True)
    slices = []
    for track, end in zip(tracks, [*starts[1:], None], strict=True):
        if track.audio:
            length = (duration_ms if end is None else end) - track.start_ms
            slices.append(Slice(track.number, track.start_ms, end, length))
    return Cut(tuple(slices), starts[0] if tracks[0].number == 1 and starts[0] >= HIDDEN_MS else 0)


def chapters(cue: Cue) -> tuple[Chapter, ...]:
    """The tracks of a sheet as chapters of the file, for a file that is not divided."""
    part = file_of(cue)
    if part is None or len(part.tracks) < 2:
        return ()
    ends: list[int | None] = [track.start_ms for track in part.tracks[1:]]
    return tuple(
        Chapter(track.start_ms, end, track.title) for track, end in zip(part.tracks, [*ends, None], strict=True)
    )


def tags_for(tags: TrackTags, cue: Cue | None, start_ms: int | None) -> TrackTags:
    """The tags of the track that begins at `start_ms` of a file (None: the whole file) with these `tags` of its own."""
    part = file_of(cue) if cue else None
    if cue is None or part is None:
        return tags
    sheet = sheet_of(cue.text)
    if start_ms is None:
        return _filled(tags, sheet, part) if len(part.tracks) == 1 else tags
    track = next((track for track in part.tracks if track.start_ms == start_ms and track.audio), None)
    return tags if track is None else _of_slice(tags, sheet, track)


def _of_slice(tags: TrackTags, sheet: Sheet, track: SheetTrack) -> TrackTags:
    said = _said(sheet, track)
    given = {name: value for name in _OF_THE_ALBUM if (value := getattr(tags, name))}
    if not (given.get("album") or said.album) and tags.title:
        given["album"] = tags.title
    if tags.replay_gain and not said.replay_gain:
        given["replay_gain"] = tags.replay_gain._replace(track_gain=None, track_peak=None)
    whole = _credited(tags, "album_artists", "album_artist_display") or _album_artists_of(tags)
    people = _credited(said, "artists", "artist_display") or _credited(tags, "artists", "artist_display")
    people = people or _as_artists(said)
    made = said._replace(**given, **(whole or {}), **(people or {}), compilation=tags.compilation)
    return made if made.title else made._replace(title=f"Track {track.number}")


def _filled(tags: TrackTags, sheet: Sheet, part: SheetFile) -> TrackTags:
    """The tags of a file of its own, with what only the sheet says."""
    said = _said(sheet, part.tracks[0])
    given = {name: value for name in _OF_THE_TRACK if not getattr(tags, name) and (value := getattr(said, name))}
    people = {} if tags.artists else (_credited(said, "artists", "artist_display") or _as_artists(said) or {})
    whole = {} if tags.album_artists else _credited(said, "album_artists", "album_artist_display") or {}
    return tags._replace(**given, **people, **whole)


def _said(sheet: Sheet, track: SheetTrack) -> TrackTags:
    """What the sheet alone says about a track, cleaned and checked like the tags of a file."""
    found = Found("cue")
    remarks = sheet.remarks | track.remarks
    catalog = sheet.catalog if sheet.catalog and sheet.catalog.strip("0") else None
    pairs = (
        ("title", track.title), ("artist", track.performer), ("album", sheet.title), ("albumartist", sheet.performer),
        ("writer", track.songwriter or sheet.songwriter), ("composer", remarks.get("COMPOSER")),
        ("genre", remarks.get("GENRE")), ("date", remarks.get("DATE")), ("isrc", track.isrc), ("barcode", catalog),
        ("discnumber", remarks.get("DISCNUMBER")), ("disctotal", remarks.get("TOTALDISCS")),
        ("tracknumber", str(track.number)), ("tracktotal", str(_most_tracks(sheet))),
        ("replaygain_track_gain", track.remarks.get("REPLAYGAIN_TRACK_GAIN")),
        ("replaygain_track_peak", track.remarks.get("REPLAYGAIN_TRACK_PEAK")),
        ("replaygain_album_gain", remarks.get("REPLAYGAIN_ALBUM_GAIN")),
        ("replaygain_album_peak", remarks.get("REPLAYGAIN_ALBUM_PEAK")),
    )  # fmt: skip
    for name, value in pairs:
        if value:
            found.add(name, value)
    return track_tags(found)


def _most_tracks(sheet: Sheet) -> int:
    return max((track.number for file in sheet.files for track in file.tracks), default=0)


def _credited(tags: TrackTags, credits: str, display: str) -> dict[str, Any] | None:
    people = getattr(tags, credits)
    return {credits: people, display: getattr(tags, display)} if people else None


def _album_artists_of(tags: TrackTags) -> dict[str, Any] | None:
    """The artist of a file of a whole disc is who the album is by."""
    people = tuple(credit._replace(role="album_artist") for credit in tags.artists)
    return {"album_artists": people, "album_artist_display": tags.artist_display} if people else None


def _as_artists(said: TrackTags) -> dict[str, Any] | None:
    people = tuple(credit._replace(role="artist") for credit in said.album_artists)
    return {"artists": people, "artist_display": said.album_artist_display} if people else None
