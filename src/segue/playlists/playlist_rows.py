"""Every query over the rows of playlists. All writing goes through `take`, which says what leads back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.playlists.history import Steps
from segue.playlists.models import PlaylistRow
from segue.playlists.repository import slices

TABLE = cast(Table, PlaylistRow.__table__)
KEPT = tuple(column.name for column in TABLE.columns if column.name != "playlist_id")
"""The columns that make a row."""
IN_ORDER = (TABLE.c.rank, TABLE.c.id)


async def rows_of(
    conn: AsyncConnection, playlist_id: int, *, after: tuple[str, int] | None = None, limit: int | None = None
) -> Sequence[Any]:
    """The rows of one playlist in order, after the one with this rank and id."""
    mine = select(TABLE).where(TABLE.c.playlist_id == playlist_id)
    if after is not None:
        rank, number = after
        mine = mine.where(or_(TABLE.c.rank > rank, and_(TABLE.c.rank == rank, TABLE.c.id > number)))
        mine = mine.where(TABLE.c.rank >= rank)
    return (await conn.execute(mine.order_by(*IN_ORDER).limit(limit))).all()


async def row_ids(conn: AsyncConnection, playlist_id: int) -> list[int]:
    """The ids of all rows in order."""
    mine = select(TABLE.c.id).where(TABLE.c.playlist_id == playlist_id)
    return list((await conn.scalars(mine.order_by(*IN_ORDER))).all())


async def ranks_of(conn: AsyncConnection, playlist_id: int) -> dict[int, str]:
    """The rank of every row by its id, in order."""
    mine = select(TABLE.c.id, TABLE.c.rank).where(TABLE.c.playlist_id == playlist_id)
    return {row[0]: row[1] for row in await conn.execute(mine.order_by(*IN_ORDER))}


async def some_rows(conn: AsyncConnection, playlist_id: int, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Those of these rows that are in the list, whole, in order of their ids."""
    found: dict[int, dict[str, Any]] = {}
    for some in slices(ids):
        rows = await conn.execute(
            select(*(TABLE.c[name] for name in KEPT)).where(TABLE.c.playlist_id == playlist_id, TABLE.c.id.in_(some))
        )
        found.update((row.id, row._asdict()) for row in rows)
    return found


async def first_tracks(conn: AsyncConnection, playlist_id: int, count: int) -> list[int]:
    """The first `count` tracks of a list that are known."""
    mine = select(TABLE.c.track_id).where(TABLE.c.playlist_id == playlist_id, TABLE.c.track_id.is_not(None))
    return list((await conn.scalars(mine.order_by(*IN_ORDER).limit(count))).all())


async def neighbour(
    conn: AsyncConnection, playlist_id: int, at: tuple[str, int] | None, skip: Collection[int], *, forwards: bool
) -> str | None:
    """The rank of the row next to the one with this rank and id (None: of the first or last row), not one of `skip`."""
    rank, number = IN_ORDER
    mine = select(number, rank).where(TABLE.c.playlist_id == playlist_id)
    if at is not None:
        beyond = or_(rank > at[0], and_(rank == at[0], number > at[1]))
        before = or_(rank < at[0], and_(rank == at[0], number < at[1]))
        mine = mine.where(beyond if forwards else before)
    order = (rank, number) if forwards else (rank.desc(), number.desc())
    wanted = set(skip)
    for row in await conn.execute(mine.order_by(*order).limit(len(wanted) + 1)):
        if row[0] not in wanted:
            return str(row[1])
    return None


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking steps did: the steps back, the rows that were put new, and by how much count and length changed."""

    back: Steps
    put: list[int]
    count: int
    duration_ms: int


async def take(tx: Transaction, playlist_id: int, steps: Steps) -> Taken:
    """Write what `steps` say of the rows; their `values` are the list's, and not for here."""
    touched = await some_rows(tx.conn, playlist_id, {*steps.drop, *steps.move, *steps.alter})
    back = Steps()
    dropped = [touched[number] for number in dict.fromkeys(steps.drop) if number in touched]
    for some in slices([row["id"] for row in dropped]):
        await tx.execute(delete(TABLE).where(TABLE.c.playlist_id == playlist_id, TABLE.c.id.in_(some)))
    back.put = dropped
    back.move = {number: touched[number]["rank"] for number in steps.move if number in touched}
    await _write(tx, [{"row_id": number, "rank": steps.move[number]} for number in back.move], ("rank",))
    for number, columns in steps.alter.items():
        if number in touched:
            back.alter[number] = {name: touched[number].get(name) for name in columns}
            await _write(tx, [{"row_id": number, **columns}], tuple(columns))
    known = [row for row in steps.put if "id" in row]
    fresh = [row for row in steps.put if "id" not in row]
    if known:
        empty = dict.fromkeys(KEPT)
        await tx.execute(insert(TABLE), [{**empty, "comment": "", **row, "playlist_id": playlist_id} for row in known])
    new = await _add(tx, playlist_id, fresh)
    back.drop = [*(row["id"] for row in known), *new]
    return Taken(
        back,
        new,
        len(steps.put) - len(dropped),
        sum(row.get("duration_ms") or 0 for row in steps.put) - sum(row["duration_ms"] or 0 for row in dropped),
    )


async def _add(tx: Transaction, playlist_id: int, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows; their ids in the order given. Ranks are distinct, so that the ids can be told by them."""
    if not rows:
        return []
    highest = int(await tx.scalar(select(func.coalesce(func.max(TABLE.c.id), 0))))
    await tx.execute(insert(TABLE), [{"comment": "", **row, "playlist_id": playlist_id} for row in rows])
    mine = select(TABLE.c.id, TABLE.c.rank).where(TABLE.c.playlist_id == playlist_id, TABLE.c.id > highest)
    by_rank = {row[1]: row[0] for row in await tx.execute(mine)}
    return [by_rank[row["rank"]] for row in rows]


async def _write(tx: Transaction, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    statement = update(TABLE).where(TABLE.c.id == bindparam("row_id"))
    if rows:
        await tx.execute(statement.values({name: bindparam(name) for name in columns}), list(rows))


async def lists_with(conn: AsyncConnection, track_id: int) -> list[int]:
    """The playlists in which a track stands."""
    having = select(TABLE.c.playlist_id).where(TABLE.c.track_id == track_id).distinct()
    return list((await conn.scalars(having)).all())


async def replace_track(tx: Transaction, old: int, new: int) -> list[int]:
    """Put `new` wherever a playlist has `old`; the playlists that had it."""
    playlists = await lists_with(tx.conn, old)
    await tx.execute(update(TABLE).where(TABLE.c.track_id == old).values(track_id=new))
    return playlists
