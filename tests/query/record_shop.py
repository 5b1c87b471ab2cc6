"""A small record shop in the library's real tables, and a plain Python answer to every question about its tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from segue.core.db import Base, Database, Transaction
from segue.core.text import sort_key
from segue.library import models as m
from segue.library import search
from segue.library.edits.models import Edit
from segue.library.fields import ENTITIES
from segue.library.genres.models import GenreAncestor
from segue.library.musical_keys import camelot_of
from segue.listening.fields import FIELDS
from segue.listening.models import Annotation
from segue.query import Entities, Entity, Field, Type
from segue.query import ast as tree

ZONE = ZoneInfo("America/New_York")
TRACK: Entity = Entities(ENTITIES).extended(FIELDS)["tracks"]
WHEN = datetime(2024, 5, 1, 12, tzinfo=UTC)
GENRES = ("Rock", "Hard Rock", "Jazz", "愛 Pop")
ABOVE = {0: (0,), 1: (1, 0), 2: (2,), 3: (3,)}
"""Genres by number: themselves and what stands above them."""
LABELS = ("Golden River", "Ænima & Co.")
TAGS = ("mixedby", "place")


@dataclass(frozen=True)
class Person:
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """An album. `by` are people's numbers, `labels` (label, catalogue number)."""

    title: str
    by: tuple[int, ...] = (0,)
    library: int = 1
    labels: tuple[tuple[int, str | None], ...] = ()
    types: tuple[str, ...] = ()
    compilation: bool = False
    country: str | None = None
    barcode: str | None = None
    release_date: str | None = None


@dataclass(frozen=True)
class Credit:
    person: int
    role: str = "artist"
    instrument: str | None = None
    credited_as: str | None = None


@dataclass(frozen=True)
class Song:
    title: str
    record: int = 0
    credits: tuple[Credit, ...] = (Credit(0),)
    genres: tuple[int, ...] = ()
    date: str | None = None
    original_date: str | None = None
    recording_date: str | None = None
    added: datetime = WHEN
    modified: datetime = WHEN
    duration_ms: int = 0
    disc: int | None = None
    position: int | None = None
    bpm: float | None = None
    key: str | None = None
    heard: bool = False
    """Tempo and key were measured."""
    energy: float | None = None
    loudness: float | None = None
    mood: str | None = None
    comment: str | None = None
    path: str = ""
    codec: str | None = None
    lossless: bool | None = None
    bitrate: int | None = None
    explicit: bool | None = None
    lyrics: bool = False
    isrc: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    edited: bool = False
    missing: bool = False
    marks: tuple[tuple[int, int | None, bool, int], ...] = ()
    """(who, rating, starred, plays)"""


@dataclass
class Shop:
    people: Sequence[Person]
    records: Sequence[Record]
    songs: Sequence[Song] = field(default_factory=list)


# --- into the tables --------------------------------------------------------------------------------------------------

_EMPTIED = (
    *("annotations", "edits", "external_ids", "track_fields", "track_genres", "track_credits", "tracks", "files"),
    *("album_labels", "album_credits", "albums", "folders", "genre_ancestors", "genres", "labels", "artist_aliases"),
    *("artists", "libraries"),
)


async def fill(db: Database, shop: Shop) -> None:
    """Put the shop in; nothing else is left. Ids are places, counted from 1."""
    async with db.write() as tx:
        for kind in search.KINDS:
            there = [row[0] for row in await tx.execute(search.TABLES[kind].select())]
            await search.remove_rows(tx, kind, there)
        for name in _EMPTIED:
            await tx.execute(Base.metadata.tables[name].delete())
        await _music(tx, shop)
        for kind in search.KINDS:
            await search.index(tx, kind, await search.ids_after(tx.conn, kind, 0, 1000))


async def _music(tx: Transaction, shop: Shop) -> None:
    async def add(model: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            await tx.execute(model.__table__.insert(), rows)

    def named(number: int, name: str) -> dict[str, Any]:
        return {"id": number, "name": name, "name_key": f"{name.casefold()} {number}", "sort_key": sort_key(name)}

    await add(
        m.Library,
        [
            {"id": number, "name": f"Shelf {number}", "root": b"/%d" % number, "display_root": "", "created_at": WHEN}
            for number in (1, 2)
        ],
    )
    await add(
        m.Folder,
        [
            {"id": number, "library_id": number, "path": b"", "name": "", "sort_key": "", "track_count": 0}
            for number in (1, 2)
        ],
    )
    await add(m.Artist, [named(at, each.name) | {"added_at": WHEN} for at, each in enumerate(shop.people, 1)])
    aliases = [(at, alias) for at, each in enumerate(shop.people, 1) for alias in dict.fromkeys(each.aliases)]
    await add(
        m.ArtistAlias,
        [
            {"artist_id": at, "name": alias, "name_key": alias.casefold(), "sort_key": "", "source": "person"}
            for at, alias in aliases
        ],
    )
    await add(m.Genre, [named(at, name) for at, name in enumerate(GENRES, 1)])
    above = [(at + 1, wider + 1) for at, wide in ABOVE.items() for wider in wide]
    await add(GenreAncestor, [{"genre_id": at, "ancestor_id": wider} for at, wider in above])
    await add(m.Label, [named(at, name) for at, name in enumerate(LABELS, 1)])
    await _records(add, shop)
    await _songs(add, shop)


async def _records(add: Any, shop: Shop) -> None:
    for at, record in enumerate(shop.records, 1):
        await add(
            m.Album,
            [
                {
                    "id": at, "library_id": record.library, "group_key": str(at), "rule": "folder", "rule_params": {},
                    "title": record.title, "sort_key": sort_key(record.title), "artist_display": "",
                    "artist_sort_key": "", "release_types": list(record.types), "compilation": record.compilation,
                    "country": record.country, "barcode": record.barcode, "release_date": record.release_date,
                    "disc_count": 1, "track_count": 1, "missing_count": 0, "duration_ms": 0, "size_bytes": 0,
                    "added_at": WHEN, "updated_at": WHEN,
                }
            ],
        )  # fmt: skip
        by = [
            {"album_id": at, "position": place, "artist_id": who + 1, "role": "album_artist", "join_phrase": ""}
            for place, who in enumerate(record.by)
        ]
        await add(m.AlbumCredit, by)
        labels = [
            {"album_id": at, "position": place, "label_id": label + 1, "catalog_number": number}
            for place, (label, number) in enumerate(record.labels)
        ]
        await add(m.AlbumLabel, labels)


async def _songs(add: Any, shop: Shop) -> None:
    for at, song in enumerate(shop.songs, 1):
        library = shop.records[song.record].library
        gone = WHEN if song.missing else None
        nanoseconds = int(song.modified.timestamp()) * 1_000_000_000
        await add(
            m.File,
            [
                {
                    "id": at, "library_id": library, "folder_id": library, "path": b"%d" % at, "size_bytes": at,
                    "display_path": song.path, "mtime_ns": nanoseconds, "format": song.codec, "codec": song.codec,
                    "lossless": song.lossless, "bitrate_kbps": song.bitrate, "added_at": WHEN, "reader_version": 1,
                }
            ],
        )  # fmt: skip
        await add(
            m.Track,
            [
                {
                    "id": at, "library_id": library, "file_id": at, "album_id": song.record + 1, "title": song.title,
                    "sort_key": sort_key(song.title), "artist_display": "", "artist_sort_key": "",
                    "date": song.date, "date_key": _number(song.date), "original_date": song.original_date,
                    "original_date_key": _number(song.original_date), "recording_date": song.recording_date,
                    "year": _year(song), "disc": song.disc, "position": song.position, "bpm": song.bpm,
                    "duration_ms": song.duration_ms, "musical_key": song.key, "camelot": camelot_of(song.key),
                    "bpm_measured": song.heard and song.bpm is not None, "energy": song.energy,
                    "key_measured": song.heard and song.key is not None, "loudness_lufs": song.loudness,
                    "mood": song.mood, "comment": song.comment, "explicit": song.explicit, "has_lyrics": song.lyrics,
                    "gain_from_r128": False, "added_at": song.added, "updated_at": WHEN, "missing_since": gone,
                }
            ],
        )  # fmt: skip
        await add(
            m.TrackCredit,
            [
                {
                    "track_id": at, "position": place, "artist_id": each.person + 1, "role": each.role,
                    "instrument": each.instrument, "credited_as": each.credited_as, "join_phrase": "",
                    "credited_key": None if each.credited_as is None else search.title_key(each.credited_as),
                }
                for place, each in enumerate(song.credits)
            ],
        )  # fmt: skip
        genres = [{"track_id": at, "genre_id": genre + 1, "position": 0} for genre in dict.fromkeys(song.genres)]
        await add(m.TrackGenre, genres)
        tags = [
            {"track_id": at, "position": place, "name": name, "value": value}
            for place, (name, value) in enumerate(song.tags)
        ]
        await add(m.TrackField, tags)
        if song.isrc:
            await add(m.ExternalIdRow, [{"kind": "track", "entity_id": at, "namespace": "isrc", "value": song.isrc}])
        if song.edited:
            edit = {"kind": "track", "entity_id": at, "field": "title", "value": {"is": ""}, "edited_at": WHEN}
            await add(Edit, [edit])
        await add(
            Annotation,
            [
                {
                    "user_id": who, "kind": "track", "entity_id": at, "rating": rating, "play_count": plays,
                    "starred_at": WHEN if starred else None, "last_played_at": WHEN if plays else None, "text": "",
                }
                for who, rating, starred, plays in song.marks
            ],
        )  # fmt: skip


def _number(day: str | None) -> int | None:
    return None if day is None else int((day.replace("-", "") + "0000")[:8])


def _year(song: Song) -> int | None:
    known = song.original_date or song.date
    return int(known[:4]) if known else None


# --- the oracle -------------------------------------------------------------------------------------------------------


def answers(shop: Shop, node: tree.Node, person: int, libraries: frozenset[int] | None) -> set[int]:
    """The ids of the songs that are an answer."""
    fields = tree.fields_of(node)
    node = node if "missing" in fields else tree.both(node, tree.Compare("missing", "=", False))
    seen = range(1, len(shop.songs) + 1)
    return {
        at
        for at in seen
        if (libraries is None or shop.records[shop.songs[at - 1].record].library in libraries)
        and holds(shop, node, at, person)
    }


def holds(shop: Shop, node: tree.Node, at: int, person: int) -> bool:
    match node:
        case tree.And(parts):
            return all(holds(shop, part, at, person) for part in parts)
        case tree.Or(parts):
            return any(holds(shop, part, at, person) for part in parts)
        case tree.Not(part):
            return not holds(shop, part, at, person)
    asked = TRACK.field(node.field)
    if asked.absent:
        return False
    values = [value for value in values_of(shop, asked.name, at, person) if value is not None]
    if isinstance(node, tree.Has):
        if asked.type is Type.BOOLEAN and not asked.nullable:
            return any(values)
        return any(value > 0 for value in values) if asked.positive is not None else bool(values)
    return any(_meets(asked, node, value) for value in values)


def values_of(shop: Shop, name: str, at: int, person: int) -> list[Any]:
    """What a field of a song says, as plain values; texts as they are written."""
    song = shop.songs[at - 1]
    record = shop.records[song.record]
    if name.startswith("tag."):
        return [value for tag, value in song.tags if tag == name[4:]]
    if name.startswith("role."):
        role, _, by_name = name[5:].partition(".")
        credits = [each for each in song.credits if role in (each.role, (each.instrument or "").lower())]
        return _spelled(shop, credits) if by_name else [each.person + 1 for each in credits]
    artists = [each for each in song.credits if each.role == "artist"]
    composers = [each for each in song.credits if each.role == "composer"]
    by = [Credit(who) for who in record.by]
    mine = next((mark for mark in song.marks if mark[0] == person), (person, None, False, 0))
    wider = [wide for genre in song.genres for wide in ABOVE[genre]]
    known: dict[str, list[Any]] = {
        "id": [at],
        "title": [song.title],
        "artist": [each.person + 1 for each in artists],
        "artist.name": _spelled(shop, artists),
        "artist_name": _spelled(shop, song.credits),
        "credited": [each.person + 1 for each in song.credits],
        "composer": [each.person + 1 for each in composers],
        "composer.name": _spelled(shop, composers),
        "role": [each.role for each in song.credits],
        "instrument": [each.instrument for each in song.credits],
        "album_artist": [who + 1 for who in record.by],
        "album_artist.name": _spelled(shop, by),
        "album": [song.record + 1],
        "album_name": [record.title],
        "genre": [genre + 1 for genre in song.genres],
        "genre.name": [GENRES[genre] for genre in song.genres],
        "genre_within": [wide + 1 for wide in wider],
        "genre_within.name": [GENRES[wide] for wide in wider],
        "label": [label + 1 for label, _ in record.labels],
        "label.name": [LABELS[label] for label, _ in record.labels],
        "catalog_number": [number for _, number in record.labels],
        "library": [record.library],
        "library.name": [f"Shelf {record.library}"],
        "type": list(record.types),
        "compilation": [record.compilation],
        "country": [record.country],
        "barcode": [record.barcode],
        "release_date": [_number(record.release_date)],
        "release_year": [record.release_date and int(record.release_date[:4])],
        "year": [_year(song)],
        "original_year": [song.original_date and int(song.original_date[:4])],
        "date": [_number(song.date)],
        "original_date": [_number(song.original_date)],
        "recording_date": [_number(song.recording_date)],
        "added": [song.added],
        "modified": [song.modified],
        "duration": [song.duration_ms],
        "key": [song.key],
        "camelot": [camelot_of(song.key)],
        "bpm.source": [None if song.bpm is None else "analysis" if song.heard else "tag"],
        "key.source": [None if song.key is None else "analysis" if song.heard else "tag"],
        "format": [song.codec],
        "size": [at],
        "starred": [mine[2]],
        "rating": [mine[1] or 0],
        "plays": [mine[3]],
        "last_played": [WHEN if mine[3] else None],
    }
    return known[name] if name in known else [getattr(song, name)]


def _spelled(shop: Shop, credits: Sequence[Credit]) -> list[Any]:
    """Every spelling of these people, and as they are credited."""
    spellings: list[Any] = []
    for each in credits:
        person = shop.people[each.person]
        spellings += [person.name, *person.aliases, each.credited_as]
    return spellings


def _meets(asked: Field, node: tree.Node, value: Any) -> bool:
    match node:
        case tree.Text(_, mode, sought):
            fold = asked.fold or str
            value, sought = fold(value), fold(sought)
            if not sought and mode != "is":
                return True
            return {
                "is": value == sought,
                "contains": sought in value,
                "starts": value.startswith(sought),
                "ends": value.endswith(sought),
            }[mode]
        case tree.In(_, wanted):
            return any(_compares(asked, value, "=", each) for each in wanted)
        case tree.Range(_, low, high):
            return (low is None or _compares(asked, value, ">=", low)) and (
                high is None or _compares(asked, value, "<=", high)
            )
        case tree.Compare(_, op, wanted):
            return _compares(asked, value, op, wanted)
    raise AssertionError(node)


def _compares(asked: Field, value: Any, op: str, wanted: Any) -> bool:
    if asked.type is Type.DURATION:
        value = value // 1000
    elif asked.type is Type.DATE and isinstance(value, datetime):
        local = value.astimezone(ZONE)
        value = date(local.year, local.month, local.day).isoformat()[: len(wanted)]
    elif asked.type is Type.DATE:
        wanted = wanted.replace("-", "")
        value = f"{value:08d}"[: len(wanted)]
    return {
        "=": value == wanted,
        "<": value < wanted,
        "<=": value <= wanted,
        ">": value > wanted,
        ">=": value >= wanted,
    }[op]


def some_moments() -> list[datetime]:
    """Moments on both sides of the edges of days and years in ZONE."""
    edges = [datetime(2024, 1, 1, 5, tzinfo=UTC), datetime(2024, 5, 1, 4, tzinfo=UTC)]
    return [edge + step for edge in edges for step in (-timedelta(seconds=1), timedelta(0))]


def without_duplicates(song: Song) -> Song:
    """A song as the tables can hold it."""
    return replace(song, genres=tuple(dict.fromkeys(song.genres)))
