"""Navidrome's database: stars, ratings, how often each track was played and when last, playlists, bookmarks; and, from the
versions on that keep them, every play with its time (`scrobbles`).

A count is taken as what it is, a count: it holds the plays that have a time too, which are not counted twice (`bringing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from segue.listening.imports.formats.sqlite_files import Tables
from segue.listening.imports.items import (
    Bookmarked,
    Heard,
    Item,
    Listed,
    Opined,
    Thing,
    Trouble,
    Unreadable,
    from_epoch,
    from_iso,
    ids,
    length_ms,
    maybe,
    since,
    text,
    whole_number,
)

NAME = "navidrome"
_TRACK = [
    f"m.{name}"
    for name in (
        "title", "artist", "album", "album_artist", "duration", "path", "track_number", "disc_number",
        "mbz_recording_id", "mbz_track_id", "mbz_release_track_id",
    )
]  # fmt: skip
_OPINION = [
    f"a.{name}" for name in ("user_id", "play_count", "play_date", "rating", "rated_at", "starred", "starred_at")
]


def knows(tables: Tables) -> bool:
    """Whether this is a database of Navidrome."""
    return tables.has("media_file", "id", "path") and tables.has("annotation", "item_id", "item_type", "user_id")


def read(tables: Tables) -> Iterator[Item]:
    """Everything the database says of people's listening. Raises BrokenDatabase."""
    people = {row["u.id"]: _called(row) for row in tables.rows([("user", "u")], ["u.id", "u.user_name", "u.name"])}
    yield from _plays(tables, people)
    yield from _tracks(tables, people)
    yield from _albums(tables, people)
    yield from _artists(tables, people)
    yield from _bookmarks(tables, people)
    yield from _playlists(tables, people)


def _plays(tables: Tables, people: Mapping[Any, str]) -> Iterator[Item]:
    columns = ["s.user_id", "s.media_file_id", "s.submission_time", *_TRACK]
    joined = "JOIN media_file m ON m.id = s.media_file_id ORDER BY s.submission_time"
    for row in tables.rows([("scrobbles", "s"), ("media_file", "m")], columns, joined):
        person = people.get(row["s.user_id"], "")
        try:
            yield Heard(_thing(row), from_epoch(row["s.submission_time"]), person=person)
        except Unreadable as error:
            yield Trouble(error.code, error.params)


def _tracks(tables: Tables, people: Mapping[Any, str]) -> Iterator[Item]:
    joined = "JOIN media_file m ON m.id = a.item_id WHERE a.item_type = 'media_file'"
    for row in tables.rows([("annotation", "a"), ("media_file", "m")], [*_OPINION, *_TRACK], joined):
        opinion = _opinion(row, _thing(row), people, max(whole_number(row["a.play_count"]) or 0, 0))
        if opinion is not None:
            yield opinion


def _albums(tables: Tables, people: Mapping[Any, str]) -> Iterator[Item]:
    """Stars and ratings of albums; which one is meant, one of its tracks tells."""
    joined = "JOIN media_file m ON m.id = (SELECT min(id) FROM media_file WHERE album_id = a.item_id) WHERE a.item_type = 'album'"
    for row in tables.rows([("annotation", "a"), ("media_file", "m")], [*_OPINION, *_TRACK], joined):
        opinion = _opinion(row, _thing(row)._replace(kind="album"), people, 0)
        if opinion is not None:
            yield opinion


def _artists(tables: Tables, people: Mapping[Any, str]) -> Iterator[Item]:
    """The same of artists, by one of their tracks."""
    columns = [name for name in ("artist_id", "album_artist_id") if tables.has("media_file", name)]
    if tables.has("media_file_artists", "media_file_id", "artist_id"):
        one_of = "SELECT min(media_file_id) FROM media_file_artists WHERE artist_id = r.id"
    elif columns:
        one_of = f"SELECT min(id) FROM media_file WHERE {' OR '.join(f'{name} = r.id' for name in columns)}"
    else:
        return
    joined = f"JOIN artist r ON r.id = a.item_id JOIN media_file m ON m.id = ({one_of}) WHERE a.item_type = 'artist'"
    for row in tables.rows(
        [("annotation", "a"), ("artist", "r"), ("media_file", "m")], ["r.name", *_OPINION, *_TRACK], joined
    ):
        thing = _thing(row)._replace(kind="artist", album_artist=text(row["r.name"]))
        opinion = _opinion(row, thing, people, 0)
        if opinion is not None:
            yield opinion


def _bookmarks(tables: Tables, people: Mapping[Any, str]) -> Iterator[Item]:
    columns = ["b.user_id", "b.position", "b.comment", *_TRACK]
    joined = "JOIN media_file m ON m.id = b.item_id"
    for row in tables.rows([("bookmark", "b"), ("media_file", "m")], columns, joined):
        position = whole_number(row["b.position"])
        if position is not None and position >= 0:
            yield Bookmarked(_thing(row), position, text(row["b.comment"]), people.get(row["b.user_id"], ""))


def _playlists(tables: Tables, people: Mapping[Any, str]) -> Iterator[Item]:
    columns = [f"p.{name}" for name in ("id", "name", "comment", "public", "owner_id", "owner", "rules")]
    names = set(people.values())
    for row in list(tables.rows([("playlist", "p")], columns)):
        if row["p.rules"]:
            continue  # a smart playlist; its rules are a file of their own (.nsp)
        inside = tables.rows(
            [("playlist_tracks", "t"), ("media_file", "m")],
            _TRACK,
            "JOIN media_file m ON m.id = t.media_file_id WHERE t.playlist_id = ? ORDER BY t.id + 0",
            [row["p.id"]],
        )
        owner = people.get(row["p.owner_id"]) or (row["p.owner"] if row["p.owner"] in names else "")
        yield Listed(
            text(row["p.name"]) or "Navidrome",
            tuple(map(_thing, inside)),
            text(row["p.comment"]),
            bool(row["p.public"]),
            owner,
        )


def _thing(row: Mapping[str, Any]) -> Thing:
    return Thing(
        text(row["m.title"]),
        text(row["m.artist"]),
        text(row["m.album"]),
        text(row["m.album_artist"]),
        length_ms(row["m.duration"], 1000),
        ids(
            ("musicbrainz:recording", row["m.mbz_recording_id"] or row["m.mbz_track_id"]),
            ("musicbrainz:track", row["m.mbz_release_track_id"]),
        ),
        text(row["m.path"], 4_000),
        whole_number(row["m.disc_number"]),
        whole_number(row["m.track_number"]),
    )


def _opinion(row: Mapping[str, Any], thing: Thing, people: Mapping[Any, str], plays: int) -> Opined | None:
    rating = whole_number(row["a.rating"]) or 0
    starred = bool(row["a.starred"])
    last = maybe(from_iso, row["a.play_date"])
    if not plays and not starred and not 1 <= rating <= 5:
        return None
    return Opined(
        thing,
        people.get(row["a.user_id"], ""),
        since(maybe(from_iso, row["a.starred_at"])) if starred else None,
        rating if 1 <= rating <= 5 else None,
        since(maybe(from_iso, row["a.rated_at"]) or last) if 1 <= rating <= 5 else None,
        None,
        plays or None,
        last if plays else None,
    )


def _called(row: Mapping[str, Any]) -> str:
    return text(row["u.user_name"] or row["u.name"], 200)
