"""CSV and its kin: a table whose columns are guessed by their headers, as a dozen programs and services write them.

Known are those of Exportify, TuneMyMusic, Soundiiz, Google's Takeout (YouTube and YouTube Music), our own, and whatever
calls its columns title, artist and so on in English, German, French or Spanish. One table may hold several lists, named in
a column. Where there are no headers, two or three columns are taken for title, artist and album.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import BinaryIO

from segue.core.clock import rfc3339
from segue.core.plain_text import MAX_LINE, lines_of
from segue.playlists.exchange.events import (
    MAX_LOCATION,
    Doubt,
    Entry,
    Event,
    ListHead,
    milliseconds,
    number,
    short,
)
from segue.playlists.exchange.locations import OWN, ids_in
from segue.playlists.exchange.outgoing import OutList, OutRow

COLUMNS: dict[str, tuple[str, ...]] = {
    "title": (
        "title", "track name", "track title", "song title", "song", "song name", "track", "name", "titel", "titre",
        "título", "titulo",
    ),
    "artist": (
        "artist", "artist name", "artist name(s)", "artists", "artist names", "artist(s)", "track artist", "creator",
        "performer", "interpret", "künstler", "artiste", "artista", "channel", "channel title",
    ),
    "album": ("album", "album name", "album title", "release", "release name", "álbum"),
    "album_artist": ("album artist", "album artist name(s)", "albumartist", "albumkünstler"),
    "milliseconds": ("duration (ms)", "track duration (ms)", "duration_ms", "duration ms", "length (ms)"),
    "seconds": ("duration", "length", "time", "duration (s)", "track duration", "dauer", "durée"),
    "isrc": ("isrc", "isrc code"),
    "disc": ("disc number", "disc", "disc no"),
    "position": ("track number", "track no", "tracknumber"),
    "address": (
        "spotify uri", "track uri", "spotify - id", "spotify id", "uri", "url", "link", "track url", "song url", "video url",
        "spotify track id",
    ),
    "video": ("video id", "videoid", "youtube - id", "youtube id"),
    "recording": ("musicbrainz recording id", "recording mbid", "recording_mbid", "mbid", "musicbrainz id"),
    "own": ("segue id",),
    "location": ("location", "path", "file", "filename", "file name", "file path", "dateipfad", "chemin"),
    "list": ("playlist name", "playlist", "playlist title", "list"),
    "comment": ("comment", "note", "notes"),
}  # fmt: skip
"""What headers mean, the likeliest first."""
_MEANING = {spelling: meaning for meaning, spellings in COLUMNS.items() for spelling in spellings}
_LIST_META = {"playlist id", "channel id"}
WRITTEN = (
    "Title", "Artist", "Album", "Album artist", "Duration (ms)", "Disc number", "Track number", "ISRC",
    "MusicBrainz recording ID", "Spotify URI", "Video ID", "Segue ID", "Location", "Note", "Added at",
)  # fmt: skip
SAMPLE_LINES = 20


def read(file: BinaryIO, name: str, encoding: str | None = None) -> Iterator[Event]:
    """The lists in a table."""
    csv.field_size_limit(MAX_LINE * 2)
    delimiter = _delimiter(file, encoding)
    columns: dict[str, int] | None = None
    lists: dict[str, int] = {}
    meta: list[str] | None = None
    title, width, broken, any_row = name, 0, 0, False
    cut = [0]
    rows = csv.reader(_texts(file, encoding, cut), delimiter=delimiter)
    while True:
        try:
            cells = [cell.strip() for cell in next(rows)]
        except StopIteration:
            break
        except csv.Error:
            broken += 1
            continue
        if not any(cells):
            continue
        if meta is not None:
            title = dict(zip(meta, cells, strict=False)).get("title") or title
            meta = None
            continue
        headers = [cell.casefold().removeprefix("\ufeff") for cell in cells]
        if columns is None or (not any_row and "video id" in headers):
            found = _columns(headers)
            if _LIST_META & set(headers) and "video id" not in headers:
                meta = [header.removesuffix(" (original)").removeprefix("playlist ") for header in headers]
                continue
            if found:
                columns, width = found, len(cells)
                continue
            if columns is None:
                columns, width = _positions(cells), len(cells)
                yield Doubt("no_headers", {"columns": len(cells)})
        any_row = True
        row = {meaning: cells[place] for meaning, place in columns.items() if place < len(cells)}
        listed = short(row.get("list")) or title
        if listed not in lists:
            lists[listed] = len(lists)
            yield ListHead(lists[listed], listed, source=listed if "list" in columns else "")
        yield _entry(lists[listed], row, cells, width)
    if not lists:
        yield ListHead(0, title)
        yield Doubt("no_rows")
    if broken:
        yield Doubt("rows_broken", {"count": broken})
    if cut[0]:
        yield Doubt("lines_cut", {"count": cut[0]})


def write(playlist: OutList, rows: Iterable[OutRow]) -> Iterator[str]:
    """The table for a list, with headers that others know."""
    yield _csv(("Playlist name", *WRITTEN))
    for row in rows:
        ids = row.all_ids()
        spotify = f"spotify:track:{ids['spotify:track']}" if "spotify:track" in ids else ""
        yield _csv(
            (
                playlist.name, row.title, row.artist, row.album, row.album_artist, row.duration_ms or "", row.disc or "",
                row.position or "", ids.get("isrc", ""), ids.get("musicbrainz:recording", ""), spotify,
                ids.get("youtube:video", ""), ids.get(OWN, ""), row.location, row.comment,
                rfc3339(row.added_at) if row.added_at else "",
            )
        )  # fmt: skip


def _entry(place: int, row: dict[str, str], cells: Sequence[str], width: int) -> Entry:
    ids = dict(ids_in(row.get("address", "")))
    raw = row.get("address", "")
    if not ids and len(raw) == 22 and raw.isalnum():
        ids["spotify:track"] = raw
    if isrc := row.get("isrc"):
        ids["isrc"] = short(isrc, 20)
    if recording := row.get("recording"):
        ids["musicbrainz:recording"] = short(recording.lower(), 40)
    if own := row.get("own"):
        ids[OWN] = short(own, 20)
    if video := row.get("video"):
        ids["youtube:video"] = short(video, 20)
    location = short(row.get("location"), MAX_LOCATION)
    if not location and "youtube:video" in ids and not row.get("title"):
        location = f"https://www.youtube.com/watch?v={ids['youtube:video']}"
    title = short(row.get("title"))
    artist = short(row.get("artist")).removesuffix(" - Topic")
    if not title and not location and not ids:
        return Entry(place, title=short(" · ".join(cell for cell in cells if cell)), problem=("empty_row", {}))
    return Entry(
        place,
        title=title,
        artist=artist.replace(";", ", ") if ";" in artist else artist,
        album=short(row.get("album")),
        album_artist=short(row.get("album_artist")),
        duration_ms=milliseconds(row.get("milliseconds")) or _length(row.get("seconds")),
        disc=number(row.get("disc")),
        position=number(row.get("position")),
        external_ids=ids,
        location=location,
        comment=short(row.get("comment")),
        problem=("too_few_columns", {"columns": len(cells), "wanted": width}) if len(cells) < min(width, 2) else None,
    )


def _length(text: str | None) -> int | None:
    """A length without a unit: `3:45`, seconds, or milliseconds where it could be no song's seconds."""
    if not text:
        return None
    found = milliseconds(text, seconds=True)
    return milliseconds(text) if found and ":" not in text and found > 20_000_000 else found


def _columns(headers: Sequence[str]) -> dict[str, int]:
    """Which column holds what; empty where the line is no line of headers."""
    found: dict[str, tuple[int, int]] = {}
    for place, header in enumerate(headers):
        plain = header.strip("\"' ").replace("_", " ") if header not in _MEANING else header
        plain = plain.removesuffix(" 1") if plain.startswith(("artist name", "song", "album")) else plain
        meaning = _MEANING.get(plain)
        if meaning is None:
            continue
        rank = COLUMNS[meaning].index(plain)
        if meaning not in found or rank < found[meaning][0]:
            found[meaning] = (rank, place)
    return {meaning: place for meaning, (_, place) in found.items()} if found.keys() - {"list", "comment"} else {}


def _positions(cells: Sequence[str]) -> dict[str, int]:
    return {meaning: place for place, meaning in enumerate(("title", "artist", "album")[: len(cells)])}


def _delimiter(file: BinaryIO, encoding: str | None) -> str:
    lines = []
    for line in lines_of(file, encoding):
        lines.append(line.text)
        if len(lines) >= SAMPLE_LINES:
            break
    counts = {mark: sum(1 for line in lines if mark in line) for mark in ",;\t|"}
    best = max(counts, key=lambda mark: (counts[mark], lines[0].count(mark) if lines else 0))
    return best if counts[best] else ","


def _texts(file: BinaryIO, encoding: str | None, cut: list[int]) -> Iterator[str]:
    for line in lines_of(file, encoding):
        cut[0] += line.is_cut
        yield line.text + "\n"


def _csv(cells: Sequence[object]) -> str:
    """One line. A cell that a spreadsheet would take for a formula keeps its text: it is quoted, not changed."""
    made = StringIO()
    csv.writer(made, lineterminator="\r\n").writerow(cells)
    return made.getvalue()
