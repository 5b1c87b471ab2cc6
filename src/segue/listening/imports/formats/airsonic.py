"""Airsonic's (and Subsonic's) database: stars, ratings, playlists, bookmarks of each person, and how often each track was
played on the whole server, which is all that it keeps of that; these counts are of the person `EVERYBODY`.

It usually lies in an HSQLDB file (`airsonic.script`), which is text: its tables are copied into an SQLite file first.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from segue.listening.imports.formats.sqlite_files import BrokenDatabase, Tables
from segue.listening.imports.items import (
    Bookmarked,
    Item,
    Listed,
    Opined,
    Thing,
    from_epoch,
    from_iso,
    ids,
    length_ms,
    maybe,
    since,
    text,
    whole_number,
)

NAME = "airsonic"
EVERYBODY = "*"
"""The person whose plays a server counts that does not tell its people apart."""
_TRACK = [
    f"m.{name}"
    for name in ("title", "artist", "album", "album_artist", "duration", "duration_seconds", "path", "track_number",
                 "disc_number", "mb_recording_id", "musicbrainz_recording_id")
]  # fmt: skip
WANTED = {
    "media_file", "starred_media_file", "starred_album", "starred_artist", "album", "artist", "user_rating", "playlist",
    "playlist_file", "bookmark",
}  # fmt: skip
_CREATE = re.compile(r"CREATE (?:MEMORY |CACHED )?TABLE (?:PUBLIC\.)?\"?(\w+)\"?\((.*)\)", re.IGNORECASE)
_INSERT = re.compile(r"INSERT INTO (?:PUBLIC\.)?\"?(\w+)\"? VALUES\((.*)\)$", re.IGNORECASE)
_VALUE = re.compile(r"\s*(?:'((?:[^']|'')*)'|([^,']+))\s*(?:,|$)")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_IS_MUSIC = "WHERE upper(coalesce(m.type, 'MUSIC')) IN ('MUSIC', 'AUDIOBOOK')"


def knows(tables: Tables) -> bool:
    """Whether this is a database of Airsonic."""
    return tables.has("media_file", "id", "path") and tables.has("starred_media_file", "media_file_id", "username")


def read(tables: Tables) -> Iterator[Item]:
    """Everything the database says of people's listening. Raises BrokenDatabase."""
    yield from _counts(tables)
    yield from _stars(tables)
    yield from _ratings(tables)
    yield from _bookmarks(tables)
    yield from _playlists(tables)


def copy_script(script: Path, target: Path) -> None:
    """The tables of an HSQLDB script that are of use here, in a new SQLite file. Raises BrokenDatabase."""
    target.unlink(missing_ok=True)
    columns: dict[str, int] = {}
    conn = sqlite3.connect(target)
    try:
        with script.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            for line in lines:
                if (made := _CREATE.match(line)) and made[1].lower() in WANTED:
                    names = _columns(made[2])
                    columns[made[1].lower()] = len(names)
                    listed = ", ".join(f'"{name}"' for name in names)
                    conn.execute(f'CREATE TABLE IF NOT EXISTS "{made[1].lower()}" ({listed})')
                elif (row := _INSERT.match(line.rstrip("\r\n"))) and row[1].lower() in columns:
                    values = _values(row[2])
                    if len(values) == columns[row[1].lower()]:
                        places = ", ".join("?" * len(values))
                        conn.execute(f'INSERT INTO "{row[1].lower()}" VALUES ({places})', values)
        conn.commit()
    except sqlite3.Error as error:
        raise BrokenDatabase(str(error)) from None
    finally:
        conn.close()


def _columns(inside: str) -> list[str]:
    """The names of columns in the body of CREATE TABLE."""
    depth, part, parts = 0, "", []
    for char in inside:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
    parts.append(part)
    names = [re.match(r'\s*"?(\w+)"?', part) for part in parts]
    words = [found[1].lower() for found in names if found]
    return [
        word for word in dict.fromkeys(words) if word not in ("constraint", "primary", "foreign", "unique", "check")
    ]


def _values(inside: str) -> list[Any]:
    """The values of one row, as SQLite takes them."""
    found: list[Any] = []
    for quoted, bare in _VALUE.findall(inside):
        if not bare:
            plain = quoted.replace("''", "'")
            found.append(_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), plain) if "\\u" in plain else plain)
        elif bare.strip().upper() == "NULL":
            found.append(None)
        elif bare.strip().upper() in ("TRUE", "FALSE"):
            found.append(int(bare.strip().upper() == "TRUE"))
        else:
            found.append(bare.strip())
    return found[:-1] if found and found[-1] == "" and inside.endswith(",") else found


def _counts(tables: Tables) -> Iterator[Item]:
    for row in tables.rows([("media_file", "m")], ["m.play_count", "m.last_played", *_TRACK], _of_music(tables)):
        plays = whole_number(row["m.play_count"]) or 0
        if plays > 0:
            yield Opined(_thing(row), EVERYBODY, plays=plays, last_played_at=_when(row["m.last_played"]))


def _stars(tables: Tables) -> Iterator[Item]:
    columns = ["s.username", "s.created", *_TRACK]
    ways: tuple[tuple[str, str, list[tuple[str, str]], str], ...] = (
        ("starred_media_file", "JOIN media_file m ON m.id = s.media_file_id", [], "track"),
        ("starred_album", "JOIN album o ON o.id = s.album_id JOIN media_file m ON m.id = "
         "(SELECT min(id) FROM media_file WHERE album = o.name AND title IS NOT NULL)", [("album", "o")], "album"),
        ("starred_artist", "JOIN artist o ON o.id = s.artist_id JOIN media_file m ON m.id = "
         "(SELECT min(id) FROM media_file WHERE artist = o.name AND title IS NOT NULL)", [("artist", "o")], "artist"),
    )  # fmt: skip
    for table, joined, others, kind in ways:
        for row in tables.rows([(table, "s"), *others, ("media_file", "m")], columns, joined):
            thing = _thing(row)._replace(kind=kind)
            if kind == "artist":
                thing = thing._replace(album_artist=thing.artist)
            yield Opined(thing, text(row["s.username"], 200), starred_at=since(_when(row["s.created"])))


def _ratings(tables: Tables) -> Iterator[Item]:
    by_id = tables.has("user_rating", "media_file_id")
    joined = f"JOIN media_file m ON {'m.id = r.media_file_id' if by_id else 'm.path = r.path'}"
    for row in tables.rows([("user_rating", "r"), ("media_file", "m")], ["r.username", "r.rating", *_TRACK], joined):
        try:
            rating = round(float(row["r.rating"] or 0))
        except (TypeError, ValueError):
            continue
        if 1 <= rating <= 5 and row["m.title"]:
            yield Opined(_thing(row), text(row["r.username"], 200), rating=rating, rated_at=since(None))


def _bookmarks(tables: Tables) -> Iterator[Item]:
    columns = ["b.username", "b.position_millis", "b.comment", *_TRACK]
    joined = "JOIN media_file m ON m.id = b.media_file_id"
    for row in tables.rows([("bookmark", "b"), ("media_file", "m")], columns, joined):
        position = whole_number(row["b.position_millis"])
        if position is not None and position >= 0:
            yield Bookmarked(_thing(row), position, text(row["b.comment"]), text(row["b.username"], 200))


def _playlists(tables: Tables) -> Iterator[Item]:
    columns = [f"p.{name}" for name in ("id", "username", "is_public", "name", "comment")]
    for row in list(tables.rows([("playlist", "p")], columns)):
        inside = tables.rows(
            [("playlist_file", "f"), ("media_file", "m")],
            _TRACK,
            "JOIN media_file m ON m.id = f.media_file_id WHERE f.playlist_id = ? ORDER BY f.id + 0",
            [row["p.id"]],
        )
        public = str(row["p.is_public"]).lower() in ("1", "true")
        name = text(row["p.name"]) or "Airsonic"
        yield Listed(name, tuple(map(_thing, inside)), text(row["p.comment"]), public, text(row["p.username"], 200))


def _of_music(tables: Tables) -> str:
    return _IS_MUSIC if tables.has("media_file", "type") else ""


def _thing(row: Mapping[str, Any]) -> Thing:
    return Thing(
        text(row["m.title"]),
        text(row["m.artist"]),
        text(row["m.album"]),
        text(row["m.album_artist"]),
        length_ms(row["m.duration_seconds"] or row["m.duration"], 1000),
        ids(("musicbrainz:recording", row["m.mb_recording_id"] or row["m.musicbrainz_recording_id"])),
        text(row["m.path"], 4_000),
        whole_number(row["m.disc_number"]),
        whole_number(row["m.track_number"]),
    )


def _when(value: Any) -> Any:
    """A time as SQLite files have it: words, or milliseconds."""
    number = whole_number(value) if value not in (None, "") else None
    return maybe(from_epoch, number, 1000) if number is not None and number > 10**10 else maybe(from_iso, value)
