"""Shows of a made-up band as plain data, the rows they become, and what they add up to in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.text import sort_key
from segue.live.facts import artist_key
from segue.live.mirror.rows import date_number, date_sort, day_of_year
from segue.live.models import (
    LiveArtist,
    LiveConcert,
    LiveConcertRecording,
    LivePerformance,
    LiveRecording,
    LiveSong,
    LiveTrack,
)
from segue.live.records import SetlistSet, SetlistSong
from segue.live.songs.writing import NewSetlist, write_setlists

ANN = Actor(1, "ann", libraries=None)
EDITOR = Actor(2, "bob", libraries=None, roles=frozenset({"editor"}))


@dataclass(frozen=True)
class Show:
    """An evening: its sets as text, `Bertha > Ripple, Althea` with `E:` and `S:` before encores and soundchecks."""

    date: str
    sets: tuple[str, ...] = ()
    sequence: int = 1
    kind: str = "concert"
    year: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "year", int(self.date[:4]))


def setlist(sets: Sequence[str]) -> tuple[SetlistSet, ...]:
    """Sets as records."""
    made = []
    for number, text in enumerate(sets, 1):
        name, _, rest = text.partition(":") if text[:2] in ("E:", "S:") else ("", "", text)
        songs = []
        for piece in rest.split(","):
            runs = [one.strip() for one in piece.split(">")]
            songs += [SetlistSong(song, segue=at < len(runs) - 1) for at, song in enumerate(runs) if song]
        called = {"E": "Encore", "S": "Soundcheck"}.get(name, f"Set {number}")
        made.append(SetlistSet(called, tuple(songs)))
    return tuple(made)


async def a_band(tx: Transaction, name: str = "The Wharf Rats") -> int:
    statement = insert(LiveArtist).values(key=artist_key(name), name=name, sort_name=sort_key(name))
    await tx.execute(statement)
    return int(await tx.scalar(select(LiveArtist.id).where(LiveArtist.key == artist_key(name))))


async def an_evening(tx: Transaction, artist: int, show: Show) -> int:
    uid = f"{artist}|{show.date}|{show.sequence}"
    parts = show.date.split("-")
    await tx.execute(
        insert(LiveConcert).values(
            uid=uid, artist_id=artist, date=show.date, date_sort=date_sort(show.date), date_number=date_number(show.date),
            day_of_year=day_of_year(show.date), precision=("year", "month", "day")[len(parts) - 1], sequence=show.sequence,
            kind=show.kind, changed_at=utc_now(),
        )
    )  # fmt: skip
    return int(await tx.scalar(select(LiveConcert.id).where(LiveConcert.uid == uid)))


async def play(db: Database, shows: Sequence[Show], name: str = "The Wharf Rats") -> tuple[int, dict[Show, int]]:
    """The band and its evenings, written together; the band's number and those of the concerts."""
    async with db.write() as tx:
        artist = await a_band(tx, name)
        concerts = {show: await an_evening(tx, artist, show) for show in shows}
        given = [NewSetlist(concerts[show], setlist(show.sets), "reference") for show in shows if show.sets]
        await write_setlists(tx, artist, given)
    return artist, concerts


async def a_tape(
    db: Database, concert: int, tracks: Sequence[list[list[Any]]], *, rank: int = 1, name: str = "", **values: Any
) -> int:
    """A recording of a concert with what its tracks were heard to be; its number."""
    async with db.write() as tx:
        identifier = name or f"tape{concert}-{rank}"
        row = {"details_at": utc_now(), "rating": 4.5, **values}
        await tx.execute(
            insert(LiveRecording).values(
                identifier=identifier, precision="day", kind="concert", source_type="SBD", seen_at=utc_now(), **row
            )
        )
        number = int(await tx.scalar(select(LiveRecording.id).where(LiveRecording.identifier == identifier)))
        await tx.execute(
            insert(LiveConcertRecording).values(
                concert_id=concert, recording_id=number, rank=rank, score=1.0 / rank, completeness=1.0
            )
        )
        for at, heard in enumerate(tracks, 1):
            title = " / ".join(said[1] for said in heard)
            await tx.execute(
                insert(LiveTrack).values(
                    recording_id=number, number=at, title=title, duration_ms=at * 60_000, heard=heard
                )
            )
    return number


async def songs_of(db: Database, artist: int) -> dict[str, Any]:
    """Rows of songs by name."""
    async with db.read() as conn:
        rows = await conn.execute(select(LiveSong.__table__).where(LiveSong.artist_id == artist))
        return {row.name: row for row in rows}


async def performances_of(db: Database, concert: int) -> list[Any]:
    """Rows of a setlist with the names of songs, in order."""
    async with db.read() as conn:
        asked = (
            select(LivePerformance.__table__, LiveSong.name)
            .join_from(LivePerformance, LiveSong, LiveSong.id == LivePerformance.song_id)
            .where(LivePerformance.concert_id == concert)
            .order_by(LivePerformance.position)
        )
        return list(await conn.execute(asked))


# --- in plain Python ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Played:
    """A song of an evening, as it should be kept."""

    name: str
    set_number: int
    encore: bool
    place: str
    segue: bool
    gap: int | None
    position: int


def worked_out(shows: Sequence[Show]) -> dict[Show, list[Played]]:
    """What should be kept of every evening, by walking through them all."""
    last: dict[str, int] = {}
    found: dict[Show, list[Played]] = {}
    counting = 0
    for show in sorted(shows, key=lambda one: (one.date + "-99" * ((10 - len(one.date)) // 3), one.sequence)):
        sets = setlist(show.sets)
        counts = show.kind == "concert" and any(s.name != "Soundcheck" and s.songs for s in sets)
        counting += counts
        rows: list[Played] = []
        number = 0
        for one in sets:
            number += one.name != "Soundcheck" and bool(one.songs)
            for at, song in enumerate(one.songs):
                first, final = at == 0, at == len(one.songs) - 1
                place = "both" if first and final else "opener" if first else "closer" if final else ""
                checked = one.name == "Soundcheck"
                gap = None
                if counts and not checked:
                    gap = counting - last[song.name] if song.name in last else None
                    last[song.name] = counting
                rows.append(
                    Played(
                        song.name, 0 if checked else number, one.name == "Encore", "" if checked else place, song.segue,
                        gap, len(rows) + 1,
                    )
                )  # fmt: skip
        found[show] = rows
    return found
