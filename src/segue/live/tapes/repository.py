"""Every statement about tapes: rows of their own, and what is known here that a tape may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.live.bulk import among
from segue.live.downloads.models import LiveReceipt
from segue.live.mirror.rows import date_number
from segue.live.models import (
    LiveArtist,
    LiveConcert,
    LiveConcertRecording,
    LiveFile,
    LiveFingerprint,
    LivePerformance,
    LiveRaw,
    LiveRecording,
    LiveSong,
    LiveTrack,
)
from segue.live.tapes.models import LiveTape
from segue.live.tapes.proposals import Show

TAPES = cast(Table, LiveTape.__table__)
_A, _C = cast(Table, LiveArtist.__table__).c, cast(Table, LiveConcert.__table__).c
_R, _H = cast(Table, LiveRecording.__table__).c, cast(Table, LiveConcertRecording.__table__).c
_S, _P = cast(Table, LiveSong.__table__).c, cast(Table, LivePerformance.__table__).c
_F, _G = cast(Table, LiveFile.__table__).c, cast(Table, LiveFingerprint.__table__).c
_T, _X = cast(Table, LiveTrack.__table__).c, cast(Table, LiveReceipt.__table__).c
LIKELY_ARTISTS = 3
LIKELY_SHOWS = 8


# --- rows of tapes ------------------------------------------------------------------------------------------------------


async def put(tx: Transaction, values: Mapping[str, Any]) -> int:
    """Keep what was read of a tape; what a person decided about it stays. Its number."""
    statement = upsert_into(tx.dialect, LiveTape).values(dict(values))
    kept = ("identifier", "state", "recording_id", "decided_at", "decided_by")
    rest = {name: statement.excluded[name] for name in values if name not in kept}
    number = await tx.scalar(
        statement.on_conflict_do_update(index_elements=["identifier"], set_=rest).returning(LiveTape.id)
    )
    tx.changed("tape", int(number))
    return int(number)


async def get(conn: AsyncConnection, number: int) -> Any | None:
    return (await conn.execute(select(TAPES).where(TAPES.c.id == number))).first()


async def page(
    conn: AsyncConnection, states: Collection[str], after: tuple[str, int] | None, limit: int
) -> Sequence[Any]:
    """Tapes in these states by their folders."""
    asked = select(TAPES).where(TAPES.c.state.in_(list(states))).order_by(TAPES.c.sort_path, TAPES.c.id).limit(limit)
    if after is not None:
        path, number = after
        asked = asked.where((TAPES.c.sort_path > path) | ((TAPES.c.sort_path == path) & (TAPES.c.id > number)))
    return (await conn.execute(asked)).all()


async def counts(conn: AsyncConnection) -> dict[str, int]:
    return dict((await conn.execute(select(TAPES.c.state, func.count()).group_by(TAPES.c.state))).all())  # type: ignore[arg-type]


async def decide(tx: Transaction, number: int, values: Mapping[str, Any]) -> None:
    await tx.execute(update(LiveTape).where(TAPES.c.id == number).values(dict(values)))
    tx.changed("tape", number)


async def unlinked(conn: AsyncConnection) -> Sequence[Any]:
    """Accepted tapes that have tracks which are no tracks of the library yet."""
    waiting = select(_T.recording_id).where(_T.recording_id == TAPES.c.recording_id, _T.track_id.is_(None))
    return (await conn.execute(select(TAPES).where(TAPES.c.state == "accepted", waiting.exists()))).all()


async def drop_recording(tx: Transaction, number: int) -> list[tuple[int, str]]:
    """Take a tape's recording away; the (artist, date) to be put into concerts anew."""
    row = (await tx.execute(select(_R.artist_id, _R.date).where(_R.id == number, _R.provider == "tape"))).first()
    if row is None:
        return []
    await tx.execute(delete(LiveRaw).where(LiveRaw.recording_id == number))
    await tx.execute(delete(LiveRecording).where(_R.id == number))
    tx.changed("recording", number, "delete")
    return [] if row.artist_id is None else [(row.artist_id, row.date)]


# --- what is known ------------------------------------------------------------------------------------------------------


async def with_audio(conn: AsyncConnection, values: Collection[str]) -> dict[int, int]:
    """By recording of the archive: how many of these fingerprints its files have."""
    found: dict[int, set[str]] = defaultdict(set)
    asked = select(_G.recording_id, _G.value).where(among(_G.value, values, conn.dialect.name))
    for number, value in await conn.execute(asked):
        found[number].add(value)
    fetched = (
        select(_R.id, _X.audio_md5)
        .join_from(LiveReceipt, LiveRecording, _R.identifier == _X.identifier)
        .where(among(_X.audio_md5, values, conn.dialect.name))
    )
    for number, value in await conn.execute(fetched):
        found[number].add(value)
    return {number: len(matched) for number, matched in found.items()}


async def with_files(conn: AsyncConnection, md5s: Collection[str]) -> dict[int, int]:
    """By recording: how many of these whole files it has."""
    asked = (
        select(_F.recording_id, func.count(_F.md5.distinct()))
        .where(among(_F.md5, md5s, conn.dialect.name))
        .group_by(_F.recording_id)
    )
    return {row[0]: int(row[1]) for row in await conn.execute(asked)}


async def recordings(conn: AsyncConnection, ids: Iterable[int]) -> dict[int, tuple[str, tuple[int, ...]]]:
    """Recordings of the archive by number: the identifier and the concerts they hold."""
    wanted = list(ids)
    named = {
        row.id: row.identifier
        for row in await conn.execute(
            select(_R.id, _R.identifier).where(among(_R.id, wanted, conn.dialect.name), _R.provider == "archive")
        )
    }
    held: dict[int, list[int]] = defaultdict(list)
    asked = select(_H.recording_id, _H.concert_id).where(among(_H.recording_id, named, conn.dialect.name))
    for number, concert in await conn.execute(asked.order_by(_H.concert_id)):
        held[number].append(concert)
    return {number: (name, tuple(held[number])) for number, name in named.items()}


async def titles_of(conn: AsyncConnection, recording: int) -> list[str]:
    asked = select(_T.title).where(_T.recording_id == recording).order_by(_T.number)
    return list((await conn.scalars(asked)).all())


async def artists_named(conn: AsyncConnection, keys: Collection[str]) -> dict[int, str]:
    """Bands by number whose key is one of these."""
    rows = await conn.execute(
        select(_A.id, _A.name).where(among(_A.key, [key for key in keys if key], conn.dialect.name))
    )
    return {row.id: row.name for row in rows}


async def artists_playing(conn: AsyncConnection, keys: Collection[str]) -> dict[int, str]:
    """The bands that have the most songs of these keys, two at least."""
    asked = (
        select(_S.artist_id, _A.name, func.count().label("count"))
        .join_from(LiveSong, LiveArtist, _A.id == _S.artist_id)
        .where(among(_S.key, keys, conn.dialect.name))
        .group_by(_S.artist_id, _A.name)
        .having(func.count() >= 2)
        .order_by(func.count().desc(), _S.artist_id)
        .limit(LIKELY_ARTISTS)
    )
    return {row.artist_id: row.name for row in await conn.execute(asked)}


async def song_names(conn: AsyncConnection, artist: int) -> dict[str, tuple[int, str]]:
    """The songs of a band by key: number and name."""
    rows = await conn.execute(select(_S.key, _S.id, _S.name).where(_S.artist_id == artist))
    return {row.key: (row.id, row.name) for row in rows}


async def concerts_on(conn: AsyncConnection, artists: Collection[int], date: str) -> list[int]:
    asked = select(_C.id).where(among(_C.artist_id, artists, conn.dialect.name), _C.date == date, _C.kind == "concert")
    return list((await conn.scalars(asked.order_by(_C.sequence, _C.id))).all())


async def concerts_of_day(conn: AsyncConnection, date: str) -> dict[int, list[str]]:
    """Every concert of a day with the identifiers of its recordings."""
    asked = (
        select(_H.concert_id, _R.identifier)
        .join_from(LiveConcertRecording, LiveRecording, _R.id == _H.recording_id)
        .join(LiveConcert, _C.id == _H.concert_id)
        .where(_C.date_number == date_number(date), _C.kind == "concert")
    )
    found: dict[int, list[str]] = defaultdict(list)
    for number, name in await conn.execute(asked):
        found[number].append(name)
    return dict(found)


async def concerts_with(conn: AsyncConnection, songs: Collection[int]) -> list[int]:
    """The concerts at which the most of these songs were played."""
    played = func.count(_P.song_id.distinct())
    asked = (
        select(_P.concert_id)
        .where(among(_P.song_id, songs, conn.dialect.name))
        .group_by(_P.concert_id)
        .order_by(played.desc(), _P.concert_id)
        .limit(LIKELY_SHOWS * 4)
    )
    return list((await conn.scalars(asked)).all())


async def shows(conn: AsyncConnection, ids: Collection[int]) -> dict[int, tuple[int, Show]]:
    """Concerts by number: whose, and with their songs."""
    songs: dict[int, list[int]] = defaultdict(list)
    asked = select(_P.concert_id, _P.song_id).where(among(_P.concert_id, ids, conn.dialect.name))
    for concert, song in await conn.execute(asked.order_by(_P.concert_id, _P.position)):
        songs[concert].append(song)
    rows = await conn.execute(
        select(_C.id, _C.uid, _C.date, _C.show_time, _C.artist_id, _A.name)
        .join_from(LiveConcert, LiveArtist, _A.id == _C.artist_id)
        .where(among(_C.id, ids, conn.dialect.name))
    )
    return {
        row.id: (row.artist_id, Show(row.id, row.uid, row.date, row.name, tuple(songs[row.id]), row.show_time))
        for row in rows
    }
