"""Queries of decisions about albums."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.library.models import Album, File, Folder, Library, Redirect, Track
from segue.library.options import options_of
from segue.library.overrides.decisions import Decision
from segue.library.overrides.models import GroupingOverride, GroupingPin

SLICE = 2_000


class Pin(NamedTuple):
    """The decision that holds a track, and whether its album is meant as a whole."""

    override: int
    whole: bool


class Member(NamedTuple):
    """A track of an album, as far as deciding about it needs."""

    track: int
    file: int
    album: int
    library: int
    missing: bool


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        row.id, row.library_id, row.scope, row.decision, row.folder, dict(row.params or {}), row.created_by_name,
        row.created_at,
    )  # fmt: skip


async def decisions(conn: AsyncConnection, library_id: int) -> list[Decision]:
    """Those of a library, the earliest first."""
    table = GroupingOverride.__table__
    rows = await conn.execute(select(table).where(table.c.library_id == library_id).order_by(table.c.id))
    return [_decision(row) for row in rows]


async def page(
    conn: AsyncConnection, libraries: Collection[int] | None, after: int, limit: int
) -> tuple[list[Decision], int]:
    """Those of some libraries (None: all), the latest first, from before `after` (0: the first); and how many there are."""
    table = GroupingOverride.__table__
    statement, count = select(table), select(func.count()).select_from(table)
    if libraries is not None:
        statement = statement.where(table.c.library_id.in_(sorted(libraries)))
        count = count.where(table.c.library_id.in_(sorted(libraries)))
    if after:
        statement = statement.where(table.c.id < after)
    rows = await conn.execute(statement.order_by(table.c.id.desc()).limit(limit))
    return [_decision(row) for row in rows], int(await conn.scalar(count) or 0)


async def decision(conn: AsyncConnection, number: int) -> Decision | None:
    """One of them, or None."""
    table = GroupingOverride.__table__
    row = (await conn.execute(select(table).where(table.c.id == number))).first()
    return None if row is None else _decision(row)


async def add(tx: Transaction, values: Mapping[str, Any]) -> int:
    """Keep a new decision; returns its number."""
    result = await tx.execute(insert(GroupingOverride).values(**values).returning(GroupingOverride.id))
    number = int(result.scalar_one())
    tx.changed("grouping_override", number, library_id=values["library_id"])
    return number


async def remove(tx: Transaction, number: int, library_id: int) -> None:
    """Forget a decision and the tracks it holds."""
    await tx.execute(delete(GroupingPin).where(GroupingPin.override_id == number))
    await tx.execute(delete(GroupingOverride).where(GroupingOverride.id == number))
    tx.changed("grouping_override", number, "delete", library_id=library_id)


async def pins(conn: AsyncConnection, tracks: Sequence[int]) -> dict[int, Pin]:
    """The decision that holds each of these tracks, where one does."""
    found: dict[int, Pin] = {}
    for start in range(0, len(tracks), SLICE):
        part = tracks[start : start + SLICE]
        columns = (GroupingPin.track_id, GroupingPin.override_id, GroupingPin.whole)
        for row in await conn.execute(select(*columns).where(GroupingPin.track_id.in_(part))):
            found[row[0]] = Pin(row[1], row[2])
    return found


async def pin(tx: Transaction, override: int, tracks: Collection[int], whole: bool) -> None:
    """From now on this decision holds these tracks."""
    if tracks:
        statement = upsert_into(tx.dialect, GroupingPin.__table__)
        values = {"override_id": statement.excluded.override_id, "whole": statement.excluded.whole}
        await tx.execute(
            statement.on_conflict_do_update(index_elements=["track_id"], set_=values),
            [{"track_id": track, "override_id": override, "whole": whole} for track in sorted(tracks)],
        )


async def pinned(conn: AsyncConnection, override: int) -> list[int]:
    """The tracks that a decision holds."""
    statement = select(GroupingPin.track_id).where(GroupingPin.override_id == override)
    return list(await conn.scalars(statement.order_by(GroupingPin.track_id)))


async def keep(tx: Transaction, moved: Mapping[int, bytes], learned: Mapping[int, Collection[str]]) -> None:
    """Note where folders went, and which keys albums have now."""
    for number, folder in sorted(moved.items()):
        await tx.execute(update(GroupingOverride).where(GroupingOverride.id == number).values(folder=folder))
    for number, groups in sorted(learned.items()):
        found = await decision(tx.conn, number)
        if found is not None:
            params = {**found.params, "groups": sorted({*found.groups, *groups})}
            await tx.execute(update(GroupingOverride).where(GroupingOverride.id == number).values(params=params))


async def chosen_rules(conn: AsyncConnection, library_id: int) -> list[str]:
    """The grouping rules that were chosen for a library alone."""
    options = await conn.scalar(select(Library.options).where(Library.id == library_id))
    return list(options_of(options).grouping_rules)


async def members(conn: AsyncConnection, albums: Collection[int] = (), tracks: Collection[int] = ()) -> list[Member]:
    """The tracks of albums, and these tracks."""
    columns = (Track.id, Track.file_id, Track.album_id, Track.library_id, Track.missing_since.is_not(None))
    found: dict[int, Member] = {}
    for column, values in ((Track.album_id, sorted(albums)), (Track.id, sorted(tracks))):
        for start in range(0, len(values), SLICE):
            part = values[start : start + SLICE]
            for row in await conn.execute(select(*columns).where(column.in_(part)).order_by(Track.id)):
                found[row[0]] = Member(*row)
    return list(found.values())


async def albums(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, Any]:
    """Rows (id, library_id, group_key, title) of albums, by number."""
    columns = (Album.id, Album.library_id, Album.group_key, Album.title)
    rows = await conn.execute(select(*columns).where(Album.id.in_(sorted(numbers))))
    return {row.id: row for row in rows}


async def files_below(conn: AsyncConnection, library_id: int, folder: bytes) -> list[int]:
    """The files in a folder and everything below it."""
    below = File.path > folder + b"/", File.path < folder + b"0"
    statement = select(File.id).where(File.library_id == library_id, *(below if folder else ()))
    return list(await conn.scalars(statement.order_by(File.path)))


async def albums_made(conn: AsyncConnection, library_id: int, group: str) -> list[int]:
    """The albums that a decision made: those with its key, or a key that begins so."""
    key = Album.group_key
    statement = select(Album.id).where(
        Album.library_id == library_id, or_(key == group, and_(key > f"{group}:", key < f"{group};"))
    )
    return list(await conn.scalars(statement))


async def missing_outside(conn: AsyncConnection, found: Decision) -> tuple[int | None, list[tuple[int, int]]]:
    """The one album that a decision made, and (track, album) of the missing tracks it holds that are in others still."""
    statement = select(Album.id).where(Album.library_id == found.library_id, Album.group_key == found.own_group)
    album = await conn.scalar(statement)
    held = (
        select(Track.id, Track.album_id)
        .join(GroupingPin, GroupingPin.track_id == Track.id)
        .where(GroupingPin.override_id == found.id, Track.missing_since.is_not(None), Track.album_id != album)
    )
    return album, [(row[0], row[1]) for row in await conn.execute(held)] if album is not None else []


async def put_into(tx: Transaction, tracks: Collection[int], album: int, library_id: int) -> None:
    """Let tracks be of this album; the albums themselves are to be put together anew."""
    for start in range(0, len(ordered := sorted(tracks)), SLICE):
        await tx.execute(update(Track).where(Track.id.in_(ordered[start : start + SLICE])).values(album_id=album))
    for track in ordered:
        tx.changed("track", track, library_id=library_id)


async def redirect(tx: Transaction, gone: Collection[int], album: int, now: datetime) -> None:
    """Leave word where albums went, as far as they are gone."""
    left = set(await tx.conn.scalars(select(Album.id).where(Album.id.in_(sorted(gone)))))
    rows = [
        {"kind": "album", "old_id": number, "new_id": album, "created_at": now} for number in sorted(set(gone) - left)
    ]
    if rows:
        await tx.execute(upsert_into(tx.dialect, Redirect.__table__).on_conflict_do_nothing(), rows)


async def folder(conn: AsyncConnection, number: int) -> Any | None:
    """The row (id, library_id, path) of a folder, or None."""
    columns = (Folder.id, Folder.library_id, Folder.path)
    return (await conn.execute(select(*columns).where(Folder.id == number))).first()
