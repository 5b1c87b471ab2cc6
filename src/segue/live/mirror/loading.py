"""Everything that putting some dates of some bands into concerts needs, read in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import JSON, ColumnElement, Table, Text, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.live.bulk import among
from segue.live.mirror import rows
from segue.live.models import (
    LiveArtist,
    LiveBill,
    LiveConcert,
    LiveConcertRecording,
    LiveFile,
    LiveOverride,
    LivePin,
    LiveRecording,
    LiveSetlist,
    LiveTrack,
)
from segue.live.records import Facts, Item, ItemFile, ItemTrack, Setlist, SetlistSet, SetlistSong
from segue.live.songs.rows import aliases_of, played_songs

Wanted = Mapping[int, frozenset[str] | None]
"""Artists by number, and the dates of each that are wanted; None: all."""
RECORDINGS = cast(Table, LiveRecording.__table__).c
CONCERTS = cast(Table, LiveConcert.__table__).c
HELD = cast(Table, LiveConcertRecording.__table__).c
_READ = [
    type_coerce(RECORDINGS[name], Text).label(name) if isinstance(RECORDINGS[name].type, JSON) else RECORDINGS[name]
    for name in rows.READ
]
"""JSON is read as text, and only of those rows decoded whose values are looked at."""
_WIDTH = len(_READ)


@dataclass(slots=True)
class Loaded:
    """What there is of the wanted artists and dates."""

    artists: dict[int, Any] = field(default_factory=dict)
    by_key: dict[str, int] = field(default_factory=dict)
    recordings: dict[str, Any] = field(default_factory=dict)
    """Rows by identifier."""
    items: dict[str, Item] = field(default_factory=dict)
    facts: dict[str, Facts] = field(default_factory=dict)
    setlists: list[Setlist] = field(default_factory=list)
    said: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    """Rows of setlists by artist key and date."""
    words: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What people said, by identifier or by the uid of a concert."""
    concerts: dict[int, Any] = field(default_factory=dict)
    held: dict[int, dict[int, Any]] = field(default_factory=dict)
    """Recordings of those concerts: by concert and by recording."""
    titles: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """What titles mean by people's word, by artist key: their song, or None for no song."""
    songs: dict[str, dict[str, int]] = field(default_factory=dict)
    """How often songs were played, by artist key, of artists that were loaded in part: the rest tells of them."""
    pins: dict[int, int] = field(default_factory=dict)
    """What the house pinned: concert to recording."""


async def load(conn: AsyncConnection, wanted: Wanted) -> Loaded:
    """Read what is there of `wanted`."""
    loaded = Loaded()
    dialect = conn.dialect.name
    await _recordings(conn, wanted, loaded, dialect)
    await _setlists(conn, loaded, dialect)
    await _concerts(conn, wanted, loaded, dialect)
    said = await aliases_of(conn, list(loaded.artists))
    loaded.titles = {loaded.artists[number].key: titles for number, titles in said.items()}
    in_part = [number for number in loaded.artists if wanted.get(number) is not None]
    loaded.songs = {loaded.artists[number].key: songs for number, songs in (await played_songs(conn, in_part)).items()}
    o = LiveOverride
    for scope, subject, name, value in await conn.execute(
        select(o.scope, o.subject, o.field, o.value).where(o.scope.in_(("recording", "concert")))
    ):
        if scope == "concert" or subject in loaded.items:
            loaded.words.setdefault(subject, {})[name] = value
    return loaded


def _of(wanted: Wanted, artist: ColumnElement[Any], date: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
    whole = [number for number, dates in wanted.items() if dates is None]
    some = {number: dates for number, dates in wanted.items() if dates is not None}
    parts = [among(artist, whole, dialect)] if whole else []
    if some:
        every = sorted({day for dates in some.values() for day in dates})
        parts.append(among(artist, some, dialect) & among(date, every, dialect))
    return or_(*parts)


def _is_wanted(wanted: Wanted, artist: int | None, date: str) -> bool:
    if artist is None or artist not in wanted:
        return False
    dates = wanted[artist]
    return dates is None or date in dates


async def _recordings(conn: AsyncConnection, wanted: Wanted, loaded: Loaded, dialect: str) -> None:
    own = select(*_READ).where(_of(wanted, RECORDINGS.artist_id, RECORDINGS.date, dialect))
    found = [row for row in await conn.execute(own) if _is_wanted(wanted, row.artist_id, row.date)]
    bill = cast(Table, LiveBill.__table__).c
    there = {row.id for row in found}
    if any(dates is not None for dates in wanted.values()):
        found += await _held_there(conn, wanted, there, dialect)
        there = {row.id for row in found}
    guests = select(*_READ, bill.artist_id.label("guest_id")).join_from(
        LiveRecording, LiveBill, bill.recording_id == RECORDINGS.id
    )
    for row in await conn.execute(guests.where(_of(wanted, bill.artist_id, RECORDINGS.date, dialect))):
        if row.id not in there and _is_wanted(wanted, row.guest_id, row.date):
            there.add(row.id)
            found.append(row)
    bills: dict[int, list[int]] = defaultdict(list)
    if there:
        for recording, artist in await conn.execute(
            select(bill.recording_id, bill.artist_id).where(among(bill.recording_id, there, dialect))
        ):
            bills[recording].append(artist)
    numbers = {*wanted, *(row.artist_id for row in found if row.artist_id is not None)}
    numbers.update(artist for listed in bills.values() for artist in listed)
    artists = cast(Table, LiveArtist.__table__)
    for row in await conn.execute(select(artists).where(among(artists.c.id, numbers, dialect))):
        loaded.artists[row.id] = row
        loaded.by_key[row.key] = row.id
    for row in found:
        names = [
            (loaded.artists[number].key, loaded.artists[number].name)
            for number in (row.artist_id, *sorted(bills.get(row.id, ())))
            if number is not None
        ]
        if not names:
            continue
        loaded.recordings[row.identifier] = row
        loaded.items[row.identifier], loaded.facts[row.identifier] = rows.item_and_facts(row[:_WIDTH], names)
    detailed = {row.id: row.identifier for row in found if row.details_at is not None}
    for number, tracks in (await tracks_of(conn, detailed, dialect)).items():
        name = detailed[number]
        loaded.items[name] = _with_tracks(loaded.items[name], tracks)


async def _held_there(conn: AsyncConnection, wanted: Wanted, there: set[int], dialect: str) -> list[Any]:
    """Recordings of concerts of the wanted dates whose own date is another: grouping knew better."""
    some = {number: dates for number, dates in wanted.items() if dates is not None}
    every = sorted({day for dates in some.values() for day in dates})
    ids = (
        select(HELD.recording_id, CONCERTS.artist_id, CONCERTS.date)
        .join_from(LiveConcertRecording, LiveConcert, CONCERTS.id == HELD.concert_id)
        .where(among(CONCERTS.artist_id, some, dialect), among(CONCERTS.date, every, dialect))
    )
    others = {row[0] for row in await conn.execute(ids) if row[2] in some[row[1]] and row[0] not in there}
    if not others:
        return []
    return list(await conn.execute(select(*_READ).where(among(RECORDINGS.id, others, dialect))))


def _with_tracks(item: Item, tracks: tuple[ItemTrack, ...]) -> Item:
    from dataclasses import replace

    return replace(item, tracks=tracks)


async def tracks_of(conn: AsyncConnection, ids: Iterable[int], dialect: str) -> dict[int, tuple[ItemTrack, ...]]:
    """The tracks of recordings whose details were fetched, with the files that hold them."""
    wanted = list(ids)
    if not wanted:
        return {}
    t, f = cast(Table, LiveTrack.__table__).c, cast(Table, LiveFile.__table__).c
    files: dict[tuple[int, int], list[ItemFile]] = defaultdict(list)
    chosen = (
        f.recording_id, f.number, f.name, f.format, f.source, f.original, f.size, f.md5, f.sha1, f.crc32, f.length_ms, f.private,
    )  # fmt: skip
    for row in await conn.execute(
        select(*chosen).where(among(f.recording_id, wanted, dialect), f.number.is_not(None)).order_by(f.id)
    ):
        files[row.recording_id, row.number].append(
            ItemFile(
                row.name,
                row.format,
                row.source,
                row.original,
                row.size,
                row.md5,
                row.sha1,
                row.crc32,
                row.length_ms,
                private=row.private,
            )
        )
    found: dict[int, list[ItemTrack]] = defaultdict(list)
    asked = select(t.recording_id, t.number, t.title, t.duration_ms, t.other_titles)
    in_order = asked.where(among(t.recording_id, wanted, dialect)).order_by(t.recording_id, t.number)
    for recording, number, title, length, others in await conn.execute(in_order):
        held = tuple(files.get((recording, number), ()))
        found[recording].append(ItemTrack(number, title, length, tuple(others or ()), held))
    return {number: tuple(tracks) for number, tracks in found.items()}


async def _setlists(conn: AsyncConnection, loaded: Loaded, dialect: str) -> None:
    s = cast(Table, LiveSetlist.__table__)
    keys = [artist.key for artist in loaded.artists.values()]
    for row in await conn.execute(select(s).where(among(s.c.artist_key, keys, dialect)).order_by(s.c.date, s.c.id)):
        artist = loaded.artists[loaded.by_key[row.artist_key]]
        loaded.setlists.append(setlist_of(row, artist.name))


def setlist_of(row: Any, artist: str) -> Setlist:
    """A setlist as it was said, from its row."""
    return Setlist(
        artist=artist, date=row.date, show_id=row.show_id, show_time=row.show_time, venue=row.venue, city=row.city,
        state=row.region, country=row.country, sets=sets_of(row.sets), source=row.source,
    )  # fmt: skip


def sets_of(said: Sequence[Any]) -> tuple[SetlistSet, ...]:
    """Sets from [name, [[song, segue, note] …]] each."""
    return tuple(SetlistSet(name, tuple(SetlistSong(*song) for song in songs)) for name, songs in said)


async def _concerts(conn: AsyncConnection, wanted: Wanted, loaded: Loaded, dialect: str) -> None:
    found = list(
        await conn.execute(
            select(cast(Table, LiveConcert.__table__)).where(_of(wanted, CONCERTS.artist_id, CONCERTS.date, dialect))
        )
    )
    loaded.concerts = {row.id: row for row in found if _is_wanted(wanted, row.artist_id, row.date)}
    if loaded.recordings:
        ids = [row.id for row in loaded.recordings.values()]
        others = select(cast(Table, LiveConcert.__table__)).where(
            CONCERTS.id.in_(select(HELD.concert_id).where(among(HELD.recording_id, ids, dialect)))
        )
        for row in await conn.execute(others):
            if row.artist_id in wanted:
                loaded.concerts.setdefault(row.id, row)
    loaded.held = {number: {} for number in loaded.concerts}
    if loaded.concerts:
        held = cast(Table, LiveConcertRecording.__table__)
        for row in await conn.execute(select(held).where(among(HELD.concert_id, loaded.concerts, dialect))):
            loaded.held[row.concert_id][row.recording_id] = row
        p = cast(Table, LivePin.__table__).c
        pinned = select(p.concert_id, p.recording_id).where(
            p.user_id == 0, among(p.concert_id, loaded.concerts, dialect)
        )
        loaded.pins = {row.concert_id: row.recording_id for row in await conn.execute(pinned)}


__all__ = ["Loaded", "Wanted", "load", "setlist_of", "sets_of", "tracks_of"]
