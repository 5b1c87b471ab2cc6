"""Queries over what was measured of tracks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.changes import fact, set_fact
from segue.core.db import Transaction
from segue.library.measures.models import TrackMeasure
from segue.library.measures.records import AlbumLoudness, From, Measure, Said
from segue.library.measures.shown import COLUMNS, shown
from segue.library.models import Track
from segue.library.scan.write import statements
from segue.library.scan.write.names import slices

_NAMES = tuple(each.name for each in fields(Measure))
_OF_ALBUM = ("album_loudness_lufs", "album_true_peak")
_FACT = "tempo_and_key_from"


async def of_tracks(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, Measure]:
    """What was measured of these tracks; those of which nothing was are left out."""
    found: dict[int, Measure] = {}
    for part in slices(sorted(tracks)):
        for row in await conn.execute(select(TrackMeasure.__table__).where(TrackMeasure.track_id.in_(part))):
            found[row.track_id] = Measure(**{name: getattr(row, name) for name in _NAMES})
    return found


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of some tracks, and by which choice it is shown."""

    measures: Mapping[int, Measure]
    prefer: From

    def shown(self, track: int, said: Said) -> dict[str, Any]:
        """The measured columns of a track whose tags and edits say this."""
        return shown(said, self.measures.get(track), self.prefer)


NOTHING_MEASURED = Measured({}, "tags")


async def measured(conn: AsyncConnection, tracks: Collection[int]) -> Measured:
    """What is to be shown of these tracks, whatever their tags say: one statement where nothing of them was measured."""
    measures = await of_tracks(conn, tracks)
    return Measured(measures, await prefer(conn)) if measures else NOTHING_MEASURED


async def put(tx: Transaction, measures: Mapping[int, Measure]) -> None:
    """Keep what was measured. What is known of a track's album stays where the new measure says nothing of it."""
    rows = [{"track_id": track, **asdict(measure)} for track, measure in sorted(measures.items())]
    with_album = [row for row in rows if any(row[name] is not None for name in _OF_ALBUM)]
    alone = [{k: v for k, v in row.items() if k not in _OF_ALBUM} for row in rows if row not in with_album]
    for some in (with_album, alone):
        if some:
            columns = tuple(name for name in some[0] if name != "track_id")
            await tx.execute(statements.put_or_replace(tx.dialect, TrackMeasure, ("track_id",), columns), some)


async def put_albums(tx: Transaction, tracks: Mapping[int, AlbumLoudness]) -> None:
    """Keep how loud the albums of these tracks are."""
    rows = [{"track": track, "lufs": one[0], "peak": one[1]} for track, one in sorted(tracks.items())]
    if rows:
        values: dict[str, Any] = {"album_loudness_lufs": bindparam("lufs"), "album_true_peak": bindparam("peak")}
        await tx.conn.execute(
            update(TrackMeasure).where(TrackMeasure.track_id == bindparam("track")).values(values), rows
        )


async def forget(tx: Transaction, tracks: Collection[int]) -> None:
    """Nothing was measured of these tracks any more."""
    for part in slices(sorted(tracks)):
        await tx.execute(delete(TrackMeasure).where(TrackMeasure.track_id.in_(part)))


async def existing(conn: AsyncConnection, tracks: Collection[int]) -> set[int]:
    """Which of these tracks there are."""
    found: set[int] = set()
    for part in slices(sorted(tracks)):
        found.update(await conn.scalars(select(Track.id).where(Track.id.in_(part))))
    return found


async def rows(conn: AsyncConnection, tracks: Collection[int]) -> list[Row[Any]]:
    """What these tracks show: id, library_id and `COLUMNS`."""
    columns = [getattr(Track, name) for name in ("id", "library_id", *COLUMNS)]
    found: list[Row[Any]] = []
    for part in slices(sorted(tracks)):
        found.extend(await conn.execute(select(*columns).where(Track.id.in_(part)).order_by(Track.id)))
    return found


async def show(tx: Transaction, values: Mapping[int, Mapping[str, Any]]) -> None:
    """Set `COLUMNS` of tracks."""
    parameters = [
        {"track": track} | {f"v_{name}": value for name, value in row.items()} for track, row in sorted(values.items())
    ]
    if parameters:
        await tx.execute(statements.put(Track, COLUMNS, "track"), parameters)


async def members(conn: AsyncConnection, albums: Collection[int]) -> dict[int, dict[int, bool]]:
    """The present tracks of albums, by album and track, and whether each was measured."""
    found: dict[int, dict[int, bool]] = {}
    measured = exists().where(TrackMeasure.track_id == Track.id)
    for part in slices(sorted(albums)):
        statement = select(Track.album_id, Track.id, measured).where(
            Track.album_id.in_(part), Track.missing_since.is_(None)
        )
        for album, track, known in await conn.execute(statement.order_by(Track.id)):
            found.setdefault(album, {})[track] = bool(known)
    return found


async def albums_of(conn: AsyncConnection, tracks: Collection[int]) -> set[int]:
    """The albums that tracks are in."""
    found: set[int] = set()
    for part in slices(sorted(tracks)):
        found.update(await conn.scalars(select(Track.album_id).where(Track.id.in_(part)).distinct()))
    return found


async def measured_after(conn: AsyncConnection, after: int, limit: int) -> Sequence[int]:
    """The next tracks of which something was measured."""
    statement = select(TrackMeasure.track_id).where(TrackMeasure.track_id > after).order_by(TrackMeasure.track_id)
    return list(await conn.scalars(statement.limit(limit)))


async def prefer(conn: AsyncConnection) -> From:
    """By which choice tracks are shown in this database; it follows the setting in one transaction."""
    return "analysis" if await fact(conn, _FACT) == "analysis" else "tags"


async def set_prefer(tx: Transaction, chosen: From) -> None:
    await set_fact(tx, _FACT, chosen)
