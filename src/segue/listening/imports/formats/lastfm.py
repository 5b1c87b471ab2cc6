"""Last.fm: pages of its API (as they are, or as the exporters in use write them), and the tables that exporters make.

- pages: {"artist": {"#text" or "name"}, "name", "album": {"#text"}, "date": {"uts"}, "mbid"}; what is playing has no date
- lastfmstats.com: {"track", "artist", "album", "date": milliseconds}, or `Artist;Album;AlbumId;Track;Date#name`
- lastfm.ghan.nl: the pages, or `uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid`
- lastfm-to-csv (benjaminbenben.com): no heading, `artist,album,track,"31 Dec 2020 23:59"`
- Rockbox and other players: `.scrobbler.log`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from segue.listening.imports.items import (
    Heard,
    Item,
    Opined,
    Passed,
    Thing,
    Trouble,
    Unreadable,
    from_epoch,
    from_iso,
    from_pattern,
    ids,
    length_ms,
    maybe,
    since,
    text,
    whole_number,
)

NAME = "lastfm"
PATTERNS = (
    "%d %b %Y %H:%M",
    "%d %b %Y, %H:%M",
    "%d %b %Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%m/%d/%Y %H:%M",
)
COLUMNS = {
    "artist": ("artist", "artist name", "artist_name"),
    "album": ("album", "album name", "album_name", "release"),
    "title": ("track", "title", "track name", "track_name", "song", "name"),
    "time": ("uts", "timestamp", "date", "utc_time", "time", "played_at", "datetime"),
    "mbid": ("track_mbid", "mbid"),
    "album_artist": ("albumartist", "album artist", "album_artist"),
}


def knows(value: Mapping[str, Any]) -> bool:
    """Whether this is a row of Last.fm or of one of the exporters, or a page of rows."""
    if isinstance(value.get("track"), list):
        return True
    if isinstance(value.get("recenttracks"), Mapping) or isinstance(value.get("lovedtracks"), Mapping):
        return True
    if "artist" not in value:
        return False
    named = isinstance(value["artist"], Mapping) and "name" in value
    return named or ("track" in value and ("date" in value or "uts" in value or "timestamp" in value))


def read(value: Mapping[str, Any]) -> Iterator[Item]:
    """What one row, or a page of rows, says. Raises Unreadable."""
    page = value.get("recenttracks") or value.get("lovedtracks") or value
    tracks = page.get("track") if isinstance(page, Mapping) else None
    if isinstance(tracks, Mapping):  # one row alone is no list
        tracks = [tracks]
    if isinstance(tracks, list):
        for track in tracks:
            try:
                if isinstance(track, Mapping):
                    yield from _row(track, loved="lovedtracks" in value)
            except Unreadable as error:
                yield Trouble(error.code, error.params)
        return
    yield from _row(value)


def knows_table(head: Sequence[str]) -> bool:
    """Whether this first row is the heading of a table of scrobbles, or a scrobble itself."""
    places = _places(head)
    return {"artist", "title", "time"} <= places.keys() or _is_bare(head)


def read_table(rows: Iterable[tuple[int, Sequence[str] | Trouble]], head: Sequence[str]) -> Iterator[tuple[int, Item]]:
    """(line, item) of each row of a table, the first of which is `head`."""
    bare = _is_bare(head)
    places = {"artist": 0, "album": 1, "title": 2, "time": 3} if bare else _places(head)
    for line, row in rows:
        if isinstance(row, Trouble):
            yield line, row
            continue
        if not bare and row == head:
            continue
        try:
            yield line, _cells(row, places)
        except Unreadable as error:
            yield line, Trouble(error.code, error.params)


def read_rockbox(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, Item]]:
    """(line, item) of each line of a `.scrobbler.log`: artist, album, title, number, seconds, L or S, time, id."""
    for number, line in lines:
        if line.startswith("#") or not line.strip():
            continue
        cells = line.rstrip("\r\n").split("\t")
        try:
            if len(cells) < 7:
                raise Unreadable("broken_row")
            artist, album, title, place, seconds, rating, at = cells[:7]
            if not title:
                raise Unreadable("no_title")
            if rating != "L":
                yield number, Passed("too_short")
                continue
            mbid = cells[7] if len(cells) > 7 else ""
            thing = Thing(text(title), text(artist), text(album), "", length_ms(seconds, 1000),
                          ids(("musicbrainz:recording", mbid)), position=whole_number(place))  # fmt: skip
            yield number, Heard(thing, from_epoch(at))
        except Unreadable as error:
            yield number, Trouble(error.code, error.params)


def _row(value: Mapping[str, Any], *, loved: bool = False) -> Iterator[Item]:
    attributes = value.get("@attr")
    if isinstance(attributes, Mapping) and attributes.get("nowplaying"):
        yield Passed("now_playing")
        return
    title = text(value.get("name") or value.get("track"))
    if not title:
        raise Unreadable("no_title")
    thing = Thing(
        title,
        _named(value.get("artist")),
        _named(value.get("album")),
        _named(value.get("albumArtist")),
        external_ids=ids(("musicbrainz:recording", value.get("mbid"))),
    )
    date = value.get("date") if value.get("date") is not None else value.get("uts", value.get("timestamp"))
    if isinstance(date, Mapping):
        date = date.get("uts") or date.get("#text")
    if loved:
        yield Opined(thing, starred_at=since(maybe(_moment, date)))
        return
    yield Heard(thing, _moment(date))
    if value.get("loved") in ("1", 1, True):
        yield Opined(thing, starred_at=since(maybe(_moment, date)))


def _cells(row: Sequence[str], places: Mapping[str, int]) -> Heard:
    if len(row) <= max(places["artist"], places["title"], places["time"]):
        raise Unreadable("broken_row")
    cell = {name: row[place] for name, place in places.items() if place < len(row)}
    title = text(cell["title"])
    if not title:
        raise Unreadable("no_title")
    thing = Thing(
        title,
        text(cell["artist"]),
        text(cell.get("album")),
        text(cell.get("album_artist")),
        external_ids=ids(("musicbrainz:recording", cell.get("mbid"))),
    )
    return Heard(thing, _moment(cell["time"]))


def _moment(value: Any) -> datetime:
    """A time as any of them writes it: seconds, milliseconds, or words."""
    if value in (None, ""):
        raise Unreadable("no_time")
    number = whole_number(value)
    if number is not None:
        return from_epoch(number, 1000 if number > 100_000_000_000 else 1)
    try:
        return from_pattern(value, *PATTERNS)
    except Unreadable as error:
        if error.code != "bad_time":
            raise
        return from_iso(value)


def _places(head: Sequence[str]) -> dict[str, int]:
    names = {text(name).lower().partition("#")[0].strip(): place for place, name in reversed(list(enumerate(head)))}
    found = {}
    for field, spellings in COLUMNS.items():
        place = next((names[name] for name in spellings if name in names), None)
        if place is not None:
            found[field] = place
    return found


def _is_bare(head: Sequence[str]) -> bool:
    """A first row that is a scrobble: its fourth cell is a time."""
    if not 4 <= len(head) <= 6:
        return False
    try:
        _moment(head[3])
    except Unreadable:
        return False
    return True


def _named(value: Any) -> str:
    return text(value.get("#text") or value.get("name")) if isinstance(value, Mapping) else text(value)
