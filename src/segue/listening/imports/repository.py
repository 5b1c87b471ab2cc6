"""Every query over imports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.listening.imports.models import (
    HistoryImport,
    HistoryImportMark,
    HistoryImportProblem,
    HistoryImportThing,
)
from segue.listening.models import Annotation, Bookmark, HeardName, Play
from segue.listening.names import slices

IMPORT: Any = HistoryImport.__table__
THING: Any = HistoryImportThing.__table__
PROBLEM: Any = HistoryImportProblem.__table__
MARK: Any = HistoryImportMark.__table__
PLAY: Any = Play.__table__
ANNOTATION: Any = Annotation.__table__
NAME: Any = HeardName.__table__
BOOKMARK: Any = Bookmark.__table__


async def add(tx: Transaction, values: Mapping[str, Any]) -> int:
    """A new import; its number."""
    return int(await tx.scalar(insert(HistoryImport).values(**values).returning(HistoryImport.id)))


async def get(conn: AsyncConnection, number: int) -> Any | None:
    return (await conn.execute(select(IMPORT).where(IMPORT.c.id == number))).first()


async def page(conn: AsyncConnection, user_id: int | None, before: int, limit: int) -> tuple[Sequence[Any], int]:
    """Imports of one person (None: of everybody), the newest first, from before `before` (0: the newest); how many
    there are."""
    mine = () if user_id is None else (IMPORT.c.user_id == user_id,)
    rows = select(IMPORT).where(*mine).order_by(IMPORT.c.id.desc()).limit(limit)
    if before:
        rows = rows.where(IMPORT.c.id < before)
    total = await conn.scalar(select(func.count()).select_from(IMPORT).where(*mine))
    return (await conn.execute(rows)).all(), int(total or 0)


async def change(tx: Transaction, number: int, values: Mapping[str, Any]) -> None:
    await tx.execute(update(IMPORT).where(IMPORT.c.id == number).values(**values))


async def drop(tx: Transaction, numbers: Collection[int]) -> None:
    for model in (THING, PROBLEM, MARK):
        await tx.execute(delete(model).where(model.c.import_id.in_(numbers)))
    await tx.execute(delete(IMPORT).where(IMPORT.c.id.in_(numbers)))


async def of_person(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    """Number and stored upload of each import of a person."""
    return (await conn.execute(select(IMPORT.c.id, IMPORT.c.key).where(IMPORT.c.user_id == user_id))).all()


async def forget_person(tx: Transaction, user_id: int, numbers: Collection[int]) -> None:
    """A person is erased: their imports, and what others' imports changed of theirs."""
    await drop(tx, numbers)
    await tx.execute(delete(MARK).where(MARK.c.user_id == user_id))


async def stored_before(conn: AsyncConnection, moment: Any, states: Collection[str]) -> Sequence[Any]:
    """Imports in one of these states whose upload is still stored although nothing happened since `moment`."""
    old = (IMPORT.c.key.is_not(None), IMPORT.c.changed_at < moment, IMPORT.c.state.in_(states))
    return (await conn.execute(select(IMPORT.c.id, IMPORT.c.key).where(*old).limit(1000))).all()


async def newest_play(conn: AsyncConnection) -> int:
    return int(await conn.scalar(select(func.max(PLAY.c.id))) or 0)


async def plays_between(conn: AsyncConnection, user_id: int, first: Any, last: Any) -> int:
    """How many plays of a person began in this span."""
    mine = (PLAY.c.user_id == user_id, PLAY.c.played_at.between(first, last))
    return int(await conn.scalar(select(func.count()).select_from(PLAY).where(*mine)) or 0)


# what matched nothing, and what could not be taken


async def clear_told(tx: Transaction, number: int) -> None:
    for model in (THING, PROBLEM):
        await tx.execute(delete(model).where(model.c.import_id == number))


async def add_things(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await tx.execute(upsert_into(tx.dialect, HistoryImportThing).on_conflict_do_nothing(), list(rows))


async def add_problems(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await tx.execute(upsert_into(tx.dialect, HistoryImportProblem).on_conflict_do_nothing(), list(rows))


async def things(
    conn: AsyncConnection, number: int, after: tuple[int, int] | None, limit: int
) -> tuple[Sequence[Any], int]:
    """Things that matched nothing, those heard most first, from behind (times, number); how many there are."""
    mine = THING.c.import_id == number
    rows = select(THING).where(mine).order_by(THING.c.times.desc(), THING.c.number).limit(limit)
    if after is not None:
        times, last = after
        rows = rows.where((THING.c.times < times) | ((THING.c.times == times) & (THING.c.number > last)))
    total = await conn.scalar(select(func.count()).select_from(THING).where(mine))
    return (await conn.execute(rows)).all(), int(total or 0)


async def problems(conn: AsyncConnection, number: int, after: int, limit: int) -> tuple[Sequence[Any], int]:
    """Rows that could not be taken, in their order, from behind `after`; how many are kept."""
    mine = PROBLEM.c.import_id == number
    rows = select(PROBLEM).where(mine, PROBLEM.c.number > after).order_by(PROBLEM.c.number).limit(limit)
    total = await conn.scalar(select(func.count()).select_from(PROBLEM).where(mine))
    return (await conn.execute(rows)).all(), int(total or 0)


async def still_names(conn: AsyncConnection, user_id: int, keys: Collection[str]) -> set[str]:
    """Those of these keys of tracks that are still names without music."""
    found: set[str] = set()
    for some in slices(sorted(keys)):
        names = select(NAME.c.key).where(
            NAME.c.user_id == user_id, NAME.c.kind == "track", NAME.c.key.in_(some), NAME.c.play_count > 0
        )
        found.update(await conn.scalars(names))
    return found


# what an import changed beside plays


async def add_marks(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep how things were before; what the same import changed already keeps its first `before`."""
    if not rows:
        return
    statement = upsert_into(tx.dialect, HistoryImportMark)
    kept = statement.on_conflict_do_update(
        index_elements=["import_id", "user_id", "kind", "entity_id"], set_={"after": statement.excluded.after}
    )
    await tx.execute(kept, list(rows))


async def marks(conn: AsyncConnection, number: int, limit: int) -> Sequence[Any]:
    """Some of what an import changed."""
    mine = select(MARK).where(MARK.c.import_id == number).order_by(MARK.c.user_id, MARK.c.kind, MARK.c.entity_id)
    return (await conn.execute(mine.limit(limit))).all()


async def drop_marks(tx: Transaction, rows: Sequence[Any]) -> None:
    for row in rows:
        await tx.execute(
            delete(MARK).where(
                MARK.c.import_id == row.import_id,
                MARK.c.user_id == row.user_id,
                MARK.c.kind == row.kind,
                MARK.c.entity_id == row.entity_id,
            )
        )


async def has_playlist(conn: AsyncConnection, user_id: int, digest: str) -> bool:
    """Whether an import made this very playlist for this person already."""
    mine = (MARK.c.user_id == user_id, MARK.c.kind == "playlist")
    found = (await conn.execute(select(MARK.c.after).where(*mine))).scalars()
    return any(after and after.get("digest") == digest for after in found)


async def bookmarks_of(conn: AsyncConnection, user_id: int, tracks: Collection[int]) -> dict[int, int]:
    """The place of each bookmark of a person in one of these tracks, by track."""
    found: dict[int, int] = {}
    for some in slices(sorted(tracks)):
        mine = select(BOOKMARK.c.track_id, BOOKMARK.c.position_ms).where(
            BOOKMARK.c.user_id == user_id, BOOKMARK.c.track_id.in_(some)
        )
        found |= {row.track_id: row.position_ms for row in await conn.execute(mine)}
    return found


async def timed_plays(conn: AsyncConnection, user_id: int, tracks: Collection[int]) -> list[tuple[int, Any]]:
    """(track, when) of every play of these tracks by a person."""
    found: list[tuple[int, Any]] = []
    for some in slices(sorted(tracks)):
        mine = select(PLAY.c.subject, PLAY.c.played_at).where(PLAY.c.user_id == user_id, PLAY.c.subject.in_(some))
        found += [(row.subject, row.played_at) for row in await conn.execute(mine)]
    return found


# taking plays back


async def plays_of_import(
    conn: AsyncConnection, source: str, above: int, below: int | None, limit: int
) -> Sequence[Any]:
    """Some plays that came with an import, numbered between these, the newest numbers first; all of one person."""
    mine = select(PLAY).where(PLAY.c.id > above, PLAY.c.source == source).order_by(PLAY.c.id.desc()).limit(limit)
    if below is not None:
        mine = mine.where(PLAY.c.id < below)
    rows = (await conn.execute(mine)).all()
    return [row for row in rows if row.user_id == rows[0].user_id]


async def count_plays(conn: AsyncConnection, source: str, above: int) -> int:
    """How many plays that came with an import are still there."""
    mine = select(func.count()).select_from(PLAY).where(PLAY.c.id > above, PLAY.c.source == source)
    return int(await conn.scalar(mine) or 0)


async def drop_plays(tx: Transaction, numbers: Sequence[int]) -> None:
    for some in slices(numbers):
        await tx.execute(delete(PLAY).where(PLAY.c.id.in_(some)))


async def plays_after(conn: AsyncConnection, user_id: int, after: int, limit: int) -> Sequence[Any]:
    """Plays of a person by number, only what is needed to say when things were first and last heard."""
    columns = (PLAY.c.id, PLAY.c.subject, PLAY.c.played_at, PLAY.c.counted)
    mine = (PLAY.c.user_id == user_id, PLAY.c.id > after)
    return (await conn.execute(select(*columns).where(*mine).order_by(PLAY.c.id).limit(limit))).all()


async def heard_after(conn: AsyncConnection, user_id: int, after: tuple[str, int], limit: int) -> Sequence[Any]:
    """Annotations of things that were ever heard, from behind (kind, number)."""
    c = ANNOTATION.c
    heard = c.first_played_at.is_not(None) | c.last_played_at.is_not(None)
    behind = (c.kind > after[0]) | ((c.kind == after[0]) & (c.entity_id > after[1]))
    mine = select(c.kind, c.entity_id, c.first_played_at, c.last_played_at, c.plays_elsewhere).where(
        c.user_id == user_id, heard, behind
    )
    return (await conn.execute(mine.order_by(c.kind, c.entity_id).limit(limit))).all()


async def set_edges(tx: Transaction, user_id: int, rows: Sequence[tuple[str, int, dict[str, Any]]]) -> None:
    c = ANNOTATION.c
    for kind, number, values in rows:
        mine = (c.user_id == user_id, c.kind == kind, c.entity_id == number)
        await tx.execute(update(ANNOTATION).where(*mine).values(**values))


async def names_after(conn: AsyncConnection, user_id: int, after: int, limit: int) -> Sequence[Any]:
    """What a person heard that is in no library here, from behind a number."""
    columns = (NAME.c.id, NAME.c.kind, NAME.c.first_played_at, NAME.c.last_played_at)
    mine = select(*columns).where(NAME.c.user_id == user_id, NAME.c.id > after)
    return (await conn.execute(mine.order_by(NAME.c.id).limit(limit))).all()


async def set_name_edges(tx: Transaction, rows: Sequence[tuple[int, Any, Any]]) -> None:
    for number, first, last in rows:
        values = {"first_played_at": first, "last_played_at": last}
        await tx.execute(update(NAME).where(NAME.c.id == number).values(values))
