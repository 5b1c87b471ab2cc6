"""Queries over edits: what holds now, the log of what was changed, and what a scan asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.edits.models import Edit, EditBatch, EditLog
from segue.library.models import Album, Artist, Genre, Label, Track
from segue.library.scan.write import statements

Values = dict[str, Any]
MOST_PARAMETERS = 5_000
_NAMES: dict[str, tuple[Any, Any]] = {
    "track": (Track.id, Track.title),
    "album": (Album.id, Album.title),
    "artist": (Artist.id, Artist.name),
    "label": (Label.id, Label.name),
    "genre": (Genre.id, Genre.name),
}


def in_parts(values: Sequence[Any], size: int = MOST_PARAMETERS) -> Iterable[Sequence[Any]]:
    """`values` in parts that one statement takes."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


async def values_of(
    conn: AsyncConnection, kind: str, ids: Collection[int], fields: Collection[str] | None = None
) -> dict[int, Values]:
    """The edited values of things by id and field; things without edits are left out."""
    found: dict[int, Values] = defaultdict(dict)
    for part in in_parts(sorted(ids)):
        statement = select(Edit.entity_id, Edit.field, Edit.value).where(Edit.kind == kind, Edit.entity_id.in_(part))
        if fields is not None:
            statement = statement.where(Edit.field.in_(sorted(fields)))
        for row in await conn.execute(statement):
            found[row[0]][row[1]] = row[2]["is"]
    return dict(found)


async def names_of(conn: AsyncConnection, kind: str, ids: Collection[int]) -> dict[int, str]:
    """What things of a kind are called now; those that are gone are left out."""
    found: dict[int, str] = {}
    number, name = _NAMES[kind]
    for part in in_parts(sorted(set(ids))):
        found.update((row[0], row[1]) for row in await conn.execute(select(number, name).where(number.in_(part))))
    return found


async def rows_of(conn: AsyncConnection, kind: str, entity_id: int) -> dict[str, Row[Any]]:
    """The edits of one thing by field: value, own, edited_by, edited_at."""
    statement = select(Edit.__table__).where(Edit.kind == kind, Edit.entity_id == entity_id)
    return {row.field: row for row in await conn.execute(statement)}


async def revision(conn: AsyncConnection, kind: str, ids: Collection[int]) -> int:
    """A number that grows whenever one of these things is edited; 0 where none ever was."""
    newest = 0
    for part in in_parts(sorted(ids)):
        statement = select(func.max(EditLog.id)).where(EditLog.kind == kind, EditLog.entity_id.in_(part))
        newest = max(newest, int(await conn.scalar(statement) or 0))
    return newest


async def edited_after(
    conn: AsyncConnection, kind: str, ids: Collection[int], seen: int, but: int | None = None
) -> list[int]:
    """Which of these things were edited after revision `seen`, by other batches than `but`."""
    found: list[int] = []
    for part in in_parts(sorted(ids)):
        statement = select(EditLog.entity_id).where(
            EditLog.kind == kind, EditLog.entity_id.in_(part), EditLog.id > seen
        )
        if but is not None:
            statement = statement.where(EditLog.batch_id != but)
        found.extend(await conn.scalars(statement.distinct()))
    return found


async def newest_revision(conn: AsyncConnection) -> int:
    """The revision of everything."""
    return int(await conn.scalar(select(func.max(EditLog.id))) or 0)


# --- writing ----------------------------------------------------------------------------------------------------------


async def add_batch(tx: Transaction, action: str, params: Values | None, made_by: int | None, now: datetime) -> int:
    """A new act of editing."""
    statement = insert(EditBatch).values(action=action, params=params, made_by=made_by, made_at=now)
    number = int((await tx.execute(statement.returning(EditBatch.id))).scalar_one())
    tx.changed("edit", number)
    return number


async def set_batch(tx: Transaction, batch: int, **values: Any) -> None:
    await tx.execute(update(EditBatch).where(EditBatch.id == batch).values(values))
    tx.changed("edit", batch)


async def put(tx: Transaction, rows: Sequence[Values]) -> None:
    """Write edits: kind, entity_id, field, value, own, file_key, edited_by, edited_at. `own` stays what it was first."""
    if rows:
        changed = ("value", "file_key", "edited_by", "edited_at")
        keys = ("kind", "entity_id", "field")
        await tx.execute(statements.put_or_replace(tx.dialect, Edit, keys, changed), rows)


async def set_file_key(tx: Transaction, track: int, field: str, key: str | None) -> None:
    """Keep with the edit of a track's field, if there is one, what its file says."""
    mine = (Edit.kind == "track") & (Edit.entity_id == track) & (Edit.field == field)
    await tx.execute(update(Edit).where(mine).values(file_key=key))


async def drop(tx: Transaction, keys: Iterable[tuple[str, int, str]]) -> None:
    """Take edits back: (kind, id, field)."""
    for part in in_parts(sorted(keys), 500):
        await tx.execute(delete(Edit).where(tuple_(Edit.kind, Edit.entity_id, Edit.field).in_(part)))


async def log(tx: Transaction, rows: Sequence[Values]) -> None:
    """Note changes: batch_id, kind, entity_id, field, before, after."""
    if rows:
        await tx.execute(insert(EditLog), rows)


async def move(tx: Transaction, kind: str, old: int, new: int) -> None:
    """The edits of `old` become those of `new`, where it has none of the field."""
    taken = select(Edit.field).where(Edit.kind == kind, Edit.entity_id == new)
    await tx.execute(
        update(Edit)
        .where(Edit.kind == kind, Edit.entity_id == old, Edit.field.not_in(taken.scalar_subquery()))
        .values(entity_id=new)
    )


# --- batches ----------------------------------------------------------------------------------------------------------


async def batch(conn: AsyncConnection, number: int) -> Row[Any] | None:
    return (await conn.execute(select(EditBatch.__table__).where(EditBatch.id == number))).first()


async def batches(conn: AsyncConnection, *, before: int | None, limit: int, made_by: int | None) -> Sequence[Row[Any]]:
    """Acts of editing, the newest first; of one person, or of everybody (None)."""
    statement = select(EditBatch.__table__).order_by(EditBatch.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(EditBatch.id < before)
    if made_by is not None:
        statement = statement.where(EditBatch.made_by == made_by)
    return (await conn.execute(statement)).all()


async def batch_counts(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, int]:
    """How many fields of things each batch changed."""
    statement = select(EditLog.batch_id, func.count()).where(EditLog.batch_id.in_(sorted(numbers)))
    return {row[0]: int(row[1]) for row in await conn.execute(statement.group_by(EditLog.batch_id))}


async def logged(conn: AsyncConnection, number: int, *, after: int = 0, limit: int = 1_000) -> Sequence[Row[Any]]:
    """What a batch changed, in order."""
    statement = select(EditLog.__table__).where(EditLog.batch_id == number, EditLog.id > after)
    return (await conn.execute(statement.order_by(EditLog.id).limit(limit))).all()


# --- what a scan asks -------------------------------------------------------------------------------------------------


async def titles_known(conn: AsyncConnection, titles: Collection[str]) -> list[int]:
    """The tracks whose title was edited and whose file says one of `titles` (as sort keys)."""
    found: list[int] = []
    for part in in_parts(sorted(titles)):
        statement = select(Edit.entity_id).where(Edit.file_key.in_(part), Edit.kind == "track")
        found.extend(await conn.scalars(statement))
    return found


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields in which two sets of edited values differ."""
    names = before.keys() | after.keys()
    return sorted(name for name in names if (name in before, before.get(name)) != (name in after, after.get(name)))
