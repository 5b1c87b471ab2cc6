"""Rows of live music that asking the archive needs: what is mirrored of it, and the files behind a track."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.live.archive.queries import Wanted
from segue.live.facts import artist_key
from segue.live.models import LiveArtist, LiveConcertRecording, LiveFile, LiveMirror, LiveRecording, LiveTrack
from segue.live.search.find import has_words

R = cast(Table, LiveRecording.__table__).c
A = cast(Table, LiveArtist.__table__).c
H = cast(Table, LiveConcertRecording.__table__).c
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class TrackFile:
    """A file that holds a track."""

    name: str
    format: str
    size: int | None
    md5: str
    private: bool


@dataclass(frozen=True, slots=True)
class TrackPlace:
    """A track of a recording: its item, what it may be played from, and the library's track where it is on this server."""

    number: int
    title: str
    recording: int
    provider: str
    identifier: str
    stream_only: bool
    status: str
    track_id: int | None
    files: tuple[TrackFile, ...]


async def mirrored_since(conn: AsyncConnection, collections: Collection[str]) -> datetime | None:
    """When all of these collections were last read to their end, the oldest; None where one of them never was."""
    columns = cast(Table, LiveMirror.__table__).c
    asked = select(columns.collection, columns.listed_at).where(columns.collection.in_(collections), columns.wanted)
    found = {row[0]: row[1] for row in await conn.execute(asked) if row[1] is not None}
    return min(found.values()) if found.keys() >= set(collections) and found else None


async def collections_of(conn: AsyncConnection, artist: str) -> list[str]:
    """The archive's collections in which a band has recordings that are known here, its own among them."""
    known = cast(Table, LiveRecording.__table__).join(cast(Table, LiveArtist.__table__), A.id == R.artist_id)
    asked = (
        select(R.collections).select_from(known).where(A.key == artist_key(artist), R.provider == "archive").limit(1)
    )
    return str(await conn.scalar(asked) or "").split()


async def search_mirrored(conn: AsyncConnection, wanted: Wanted) -> tuple[int, Sequence[Any]]:
    """Recordings of the mirror, as many as there are and one page of them: the columns of recordings, and `artist`."""
    where = [R.provider == "archive", R.status == "there"]
    if wanted.artist:
        where.append(A.key == artist_key(wanted.artist))
    if wanted.collection:
        where.append(R.collections.contains(f" {wanted.collection} ", autoescape=True))
    if wanted.year is not None:
        where.append(R.date.between(f"{wanted.year:04}", f"{wanted.year:04}-99"))
    if wanted.date:
        where.append(R.date.startswith(wanted.date, autoescape=True))
    if wanted.venue:
        where.append(func.lower(R.venue).contains(wanted.venue.lower(), autoescape=True))
    if wanted.text.strip():
        held = select(H.recording_id).where(has_words("concert", H.concert_id, wanted.text, conn.dialect.name))
        named = func.lower(R.identifier) == wanted.text.strip().lower()
        where.append(or_(R.id.in_(held), named))
    joined = cast(Table, LiveRecording.__table__).outerjoin(cast(Table, LiveArtist.__table__), A.id == R.artist_id)
    total = await conn.scalar(select(func.count()).select_from(joined).where(*where))
    order = {
        "date": (R.date_sort, R.id),
        "-date": (R.date_sort.desc(), R.id),
        "rating": (R.rating.desc().nulls_last(), R.id),
        "downloads": (R.downloads.desc(), R.id),
        "added": (R.added_at.desc(), R.id.desc()),
        "title": (R.title, R.id),
    }[wanted.sort]
    asked = select(*R, A.name.label("artist")).select_from(joined).where(*where).order_by(*order)
    rows = await conn.execute(asked.offset((wanted.page - 1) * wanted.limit).limit(wanted.limit))
    return total or 0, rows.all()


async def known_here(conn: AsyncConnection, identifiers: Collection[str]) -> dict[str, int]:
    """Numbers of the recordings among these items that are known here."""
    asked = select(R.identifier, R.id).where(R.provider == "archive", R.identifier.in_(identifiers))
    return {row[0]: row[1] for row in await conn.execute(asked)}


async def track_place(conn: AsyncConnection, number: int) -> TrackPlace | None:
    """A track by its row's number; None where there is none."""
    t = cast(Table, LiveTrack.__table__).c
    asked = (
        select(t.number, t.title, t.track_id, R.id, R.provider, R.identifier, R.stream_only, R.status)
        .join_from(LiveTrack, LiveRecording, R.id == t.recording_id)
        .where(t.id == number)
    )
    row = (await conn.execute(asked)).first()
    if row is None:
        return None
    f = cast(Table, LiveFile.__table__).c
    files = select(f.name, f.format, f.size, f.md5, f.private).where(f.recording_id == row[3], f.number == row[0])
    held = tuple(TrackFile(*one) for one in await conn.execute(files.order_by(f.id)))
    return TrackPlace(row[0], row[1], row[3], row[4], row[5], row[6], row[7], row[2], held)
