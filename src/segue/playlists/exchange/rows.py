"""Every query over imports, their rows, where lists came from, and the keys of rows that await a track."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.playlists.exchange.models import (
    PlaylistImport,
    PlaylistImportList,
    PlaylistImportRow,
    PlaylistRowKey,
    PlaylistSource,
)
from segue.playlists.models import Playlist, PlaylistRevision, PlaylistRow
from segue.playlists.repository import slices, visible_to

ROWS = cast(Table, PlaylistRow.__table__)
STATES = ("sure", "review", "none", "chosen", "unlinked")


# --- imports ---------------------------------------------------------------------------------------------------------


async def add_import(tx: Transaction, values: dict[str, Any]) -> int:
    return int(await tx.scalar(insert(PlaylistImport).values(values).returning(PlaylistImport.id)))


async def change_import(tx: Transaction, import_id: int, values: dict[str, Any]) -> None:
    await tx.execute(update(PlaylistImport).where(PlaylistImport.id == import_id).values(values))


async def an_import(
    conn: AsyncConnection, import_id: int, owner_id: int | None = None, lock: bool = False
) -> Any | None:
    statement = select(PlaylistImport.__table__).where(PlaylistImport.id == import_id)
    if owner_id is not None:
        statement = statement.where(PlaylistImport.owner_id == owner_id)
    return (await conn.execute(statement.with_for_update() if lock else statement)).first()


async def imports_of(conn: AsyncConnection, owner_id: int, limit: int) -> Sequence[Any]:
    """A person's imports, the newest first."""
    mine = select(PlaylistImport.__table__).where(PlaylistImport.owner_id == owner_id)
    return (await conn.execute(mine.order_by(PlaylistImport.id.desc()).limit(limit))).all()


async def delete_imports(tx: Transaction, ids: Collection[int]) -> None:
    for some in slices(ids):
        for model in (PlaylistImportRow, PlaylistImportList):
            await tx.execute(delete(model).where(model.import_id.in_(some)))
        await tx.execute(delete(PlaylistImport).where(PlaylistImport.id.in_(some)))


async def imports_before(conn: AsyncConnection, moment: datetime) -> Sequence[Any]:
    """Rows (id, storage_key) of imports that nobody has touched since."""
    old = select(PlaylistImport.id, PlaylistImport.storage_key).where(PlaylistImport.created_at < moment)
    return (await conn.execute(old.limit(200))).all()


async def imports_by(conn: AsyncConnection, owner_id: int) -> list[int]:
    return list((await conn.scalars(select(PlaylistImport.id).where(PlaylistImport.owner_id == owner_id))).all())


# --- lists and rows of imports -----------------------------------------------------------------------------------------


async def put_list(tx: Transaction, values: dict[str, Any]) -> None:
    """A list of an import; its words where it is known already."""
    added = upsert_into(tx.dialect, PlaylistImportList).values(
        {**dict.fromkeys(("sure", "review", "none", "bad"), 0), **values}
    )
    words = {name: added.excluded[name] for name in ("name", "comment", "kind", "query", "folder", "source_key")}
    await tx.execute(added.on_conflict_do_update(index_elements=["import_id", "number"], set_=words))


async def count_list(tx: Transaction, import_id: int, number: int, more: dict[str, int]) -> None:
    """Add to the counts of a list."""
    mine = update(PlaylistImportList).where(
        PlaylistImportList.import_id == import_id, PlaylistImportList.number == number
    )
    await tx.execute(mine.values({name: getattr(PlaylistImportList, name) + count for name, count in more.items()}))


async def lists_of(conn: AsyncConnection, import_id: int) -> Sequence[Any]:
    mine = select(PlaylistImportList.__table__).where(PlaylistImportList.import_id == import_id)
    return (await conn.execute(mine.order_by(PlaylistImportList.number))).all()


async def set_list(tx: Transaction, import_id: int, number: int, values: dict[str, Any]) -> None:
    mine = update(PlaylistImportList).where(
        PlaylistImportList.import_id == import_id, PlaylistImportList.number == number
    )
    await tx.execute(mine.values(values))


async def add_import_rows(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await tx.execute(insert(PlaylistImportRow), list(rows))


async def import_rows(
    conn: AsyncConnection,
    import_id: int,
    number: int,
    *,
    states: Collection[str] = (),
    after: int = -1,
    limit: int = 100,
) -> Sequence[Any]:
    """Rows of one list in order, behind the place `after`."""
    mine = select(PlaylistImportRow.__table__).where(
        PlaylistImportRow.import_id == import_id,
        PlaylistImportRow.list_number == number,
        PlaylistImportRow.place > after,
    )
    if states:
        mine = mine.where(PlaylistImportRow.state.in_(states))
    return (await conn.execute(mine.order_by(PlaylistImportRow.place).limit(limit))).all()


async def set_import_row(tx: Transaction, import_id: int, number: int, place: int, values: dict[str, Any]) -> int:
    """Write one row; how many there were."""
    mine = update(PlaylistImportRow).where(
        PlaylistImportRow.import_id == import_id,
        PlaylistImportRow.list_number == number,
        PlaylistImportRow.place == place,
    )
    return (await tx.execute(mine.values(values))).rowcount


async def rows_so_far(conn: AsyncConnection, import_id: int) -> dict[int, int]:
    """How many rows of each list are kept."""
    counted = (
        select(PlaylistImportRow.list_number, func.count())
        .where(PlaylistImportRow.import_id == import_id)
        .group_by(PlaylistImportRow.list_number)
    )
    return {row[0]: row[1] for row in await conn.execute(counted)}


# --- where lists came from ---------------------------------------------------------------------------------------------


async def sources_by_key(conn: AsyncConnection, owner_id: int, keys: Collection[str]) -> dict[str, Any]:
    """Where this person's lists came from, by key; only of lists that are still there."""
    found: dict[str, Any] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 1_000):
        statement = (
            select(PlaylistSource.__table__)
            .join(Playlist, Playlist.id == PlaylistSource.playlist_id)
            .where(
                PlaylistSource.owner_id == owner_id,
                Playlist.owner_id == owner_id,
                Playlist.kind == "manual",
                PlaylistSource.library_id.is_(None),
                PlaylistSource.source_key.in_(wanted[start : start + 1_000]),
            )
        )
        found |= {row.source_key: row for row in await conn.execute(statement.order_by(PlaylistSource.id))}
    return found


async def lists_seen_by(conn: AsyncConnection, user_id: int) -> list[tuple[str, int, bool]]:
    """(name, number, whether it is their own) of the lists this person may see; of their own also what the server they were
    brought from calls them (the end of the source's key)."""
    seen = select(Playlist.name, Playlist.id, Playlist.owner_id).where(visible_to(user_id))
    found = [(row.name, row.id, row.owner_id == user_id) for row in await conn.execute(seen)]
    brought = select(PlaylistSource.source_key, PlaylistSource.playlist_id).join(
        Playlist, Playlist.id == PlaylistSource.playlist_id
    )
    for row in await conn.execute(brought.where(Playlist.owner_id == user_id)):
        _, named, key = row.source_key.rpartition(":")
        if named:
            found.append((key, row.playlist_id, True))
    return found


async def add_source(tx: Transaction, values: dict[str, Any]) -> int:
    return int(await tx.scalar(insert(PlaylistSource).values(values).returning(PlaylistSource.id)))


async def change_source(tx: Transaction, source_id: int, values: dict[str, Any]) -> None:
    await tx.execute(update(PlaylistSource).where(PlaylistSource.id == source_id).values(values))


async def a_source(conn: AsyncConnection, source_id: int) -> Any | None:
    return (await conn.execute(select(PlaylistSource.__table__).where(PlaylistSource.id == source_id))).first()


async def files_of(conn: AsyncConnection, library_id: int) -> dict[bytes, Any]:
    """The playlist files of a library that are known, by path."""
    mine = select(PlaylistSource.__table__).where(PlaylistSource.library_id == library_id)
    return {row.path: row for row in await conn.execute(mine)}


async def pending_files(conn: AsyncConnection, library_id: int, states: Collection[str], limit: int) -> Sequence[Any]:
    """Playlist files of a library that are to be read."""
    mine = select(PlaylistSource.__table__).where(
        PlaylistSource.library_id == library_id, PlaylistSource.state.in_(states)
    )
    return (await conn.execute(mine.order_by(PlaylistSource.id).limit(limit))).all()


async def file_sources(conn: AsyncConnection, libraries: frozenset[int] | None, owner_id: int | None) -> Sequence[Any]:
    """Playlist files among the music, by library and path: of one owner, or all."""
    mine = select(PlaylistSource.__table__).where(PlaylistSource.library_id.is_not(None))
    if libraries is not None:
        mine = mine.where(PlaylistSource.library_id.in_(sorted(libraries)))
    if owner_id is not None:
        mine = mine.where(PlaylistSource.owner_id == owner_id)
    return (await conn.execute(mine.order_by(PlaylistSource.library_id, PlaylistSource.display_path))).all()


async def sources_of_playlist(conn: AsyncConnection, playlist_id: int) -> Sequence[Any]:
    mine = select(PlaylistSource.__table__).where(PlaylistSource.playlist_id == playlist_id)
    return (await conn.execute(mine.order_by(PlaylistSource.id))).all()


async def forget_sources(tx: Transaction, *, library_id: int | None = None, owner_id: int | None = None) -> None:
    """Forget where lists came from; the lists stay."""
    if library_id is not None:
        await tx.execute(delete(PlaylistSource).where(PlaylistSource.library_id == library_id))
    if owner_id is not None:
        await tx.execute(delete(PlaylistSource).where(PlaylistSource.owner_id == owner_id))


async def grow(tx: Transaction, playlist_id: int, rows: int, duration_ms: int, now: datetime) -> None:
    """Count rows that were added to a list in its first change, and say there how many it has."""
    counted = (
        update(Playlist)
        .where(Playlist.id == playlist_id)
        .values(track_count=Playlist.track_count + rows, duration_ms=Playlist.duration_ms + duration_ms, changed_at=now)
        .returning(Playlist.track_count)
    )
    count = int((await tx.execute(counted)).scalar_one())
    first = update(PlaylistRevision).where(PlaylistRevision.playlist_id == playlist_id, PlaylistRevision.revision == 1)
    await tx.execute(first.values(params={"count": count}))


async def forget_orphans(tx: Transaction) -> None:
    """Forget where lists came from that are no more; playlist files in libraries keep that somebody deleted theirs."""
    gone = ~select(Playlist.id).where(Playlist.id == PlaylistSource.playlist_id).exists()
    await tx.execute(delete(PlaylistSource).where(PlaylistSource.library_id.is_(None), gone))


# --- rows that await a track -------------------------------------------------------------------------------------------


async def put_keys(tx: Transaction, keys: Iterable[tuple[int, str]]) -> None:
    """(row, key) pairs; rows that have none yet."""
    rows = [{"row_id": row, "key": key} for row, key in dict.fromkeys(keys)]
    if rows:
        await tx.execute(insert(PlaylistRowKey), rows)


async def drop_keys(tx: Transaction, rows: Collection[int]) -> None:
    for some in slices(rows):
        await tx.execute(delete(PlaylistRowKey).where(PlaylistRowKey.row_id.in_(some)))


async def rows_with_keys(conn: AsyncConnection, keys: Collection[str]) -> set[int]:
    """The rows that may be found by one of these keys."""
    found: set[int] = set()
    wanted = sorted(keys)
    for start in range(0, len(wanted), 2_000):
        mine = select(PlaylistRowKey.row_id).where(PlaylistRowKey.key.in_(wanted[start : start + 2_000]))
        found.update(await conn.scalars(mine.distinct()))
    return found


async def awaiting(conn: AsyncConnection, ids: Collection[int]) -> list[Any]:
    """Those of these rows that still await a track, each with `owner_id` of its list, by list."""
    found: list[Any] = []
    for some in slices(ids):
        statement = (
            select(ROWS, Playlist.owner_id)
            .join(Playlist, Playlist.id == ROWS.c.playlist_id)
            .where(ROWS.c.id.in_(some), ROWS.c.track_id.is_(None), ROWS.c.match_state.in_(("none", "review")))
        )
        found += (await conn.execute(statement.order_by(ROWS.c.playlist_id, ROWS.c.id))).all()
    return found


async def awaiting_after(conn: AsyncConnection, after: int, limit: int) -> list[int]:
    """Ids of rows that await a track, of any list, beyond `after`."""
    mine = select(ROWS.c.id).where(
        ROWS.c.track_id.is_(None), ROWS.c.match_state.in_(("none", "review")), ROWS.c.id > after
    )
    return list((await conn.scalars(mine.order_by(ROWS.c.id).limit(limit))).all())


async def await_again(tx: Transaction, playlist_id: int) -> None:
    """Let every row of a list without a track await one, whatever a person said before."""
    mine = update(ROWS).where(ROWS.c.playlist_id == playlist_id, ROWS.c.track_id.is_(None))
    await tx.execute(mine.values(match_state="none"))


async def unmatched(conn: AsyncConnection, playlist_id: int, after: int, limit: int) -> Sequence[Any]:
    """Rows of one list without a track, by id."""
    mine = select(ROWS).where(ROWS.c.playlist_id == playlist_id, ROWS.c.track_id.is_(None), ROWS.c.id > after)
    return (await conn.execute(mine.order_by(ROWS.c.id).limit(limit))).all()


async def unmatched_count(conn: AsyncConnection, playlist_id: int) -> int:
    mine = select(func.count()).where(ROWS.c.playlist_id == playlist_id, ROWS.c.track_id.is_(None))
    return int(await conn.scalar(mine) or 0)


async def without_keys(conn: AsyncConnection, after: int, limit: int) -> Sequence[Any]:
    """Rows that await a track and have no keys: those that came back by undoing."""
    keyless = ~select(PlaylistRowKey.row_id).where(PlaylistRowKey.row_id == ROWS.c.id).exists()
    mine = select(ROWS).where(
        ROWS.c.track_id.is_(None), ROWS.c.match_state.in_(("none", "review")), ROWS.c.id > after, keyless
    )
    return (await conn.execute(mine.order_by(ROWS.c.id).limit(limit))).all()


async def row_with_list(conn: AsyncConnection, row_id: int) -> Any | None:
    return (await conn.execute(select(ROWS).where(ROWS.c.id == row_id))).first()


async def write_matches(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Write what was found of rows outside of their lists' history: suggestions."""
    statement = (
        update(ROWS)
        .where(ROWS.c.id == bindparam("row_id"))
        .values(
            match_state=bindparam("state"),
            match_score=bindparam("score"),
            match_method=bindparam("method"),
            match_reasons=bindparam("reasons"),
            match_track_id=bindparam("suggested"),
        )
    )
    if rows:
        await tx.execute(statement, list(rows))
