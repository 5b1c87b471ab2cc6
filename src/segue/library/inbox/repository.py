"""Every query of inboxes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.inbox.models import InboxFile, InboxItem
from segue.library.models import Album, File, Library, Track
from segue.library.scan.write.names import slices

WAITING = ("new", "checked", "approved", "rejected", "problem", "undone")
"""States of items whose files lie in the inbox."""
UNDER_WAY = ("moving", "returning")
NAMED = 5
"""Albums named in a check."""


async def libraries(conn: AsyncConnection) -> Sequence[Row[Any]]:
    """Every library with its root and options."""
    columns = (Library.id, Library.name, Library.root, Library.display_root, Library.options)
    return (await conn.execute(select(*columns).order_by(Library.id))).all()


async def library(conn: AsyncConnection, number: int) -> Row[Any] | None:
    columns = (Library.id, Library.name, Library.root, Library.display_root, Library.options)
    return (await conn.execute(select(*columns).where(Library.id == number))).first()


async def item(conn: AsyncConnection, number: int) -> Row[Any] | None:
    return (await conn.execute(select(InboxItem.__table__).where(InboxItem.id == number))).first()


async def items(
    conn: AsyncConnection,
    *,
    library_id: int | None = None,
    states: Collection[str] | None = None,
    libraries: frozenset[int] | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Row[Any]]:
    """Items, the newest first."""
    statement = select(InboxItem.__table__).order_by(InboxItem.id.desc()).limit(limit)
    if library_id is not None:
        statement = statement.where(InboxItem.library_id == library_id)
    if libraries is not None:
        statement = statement.where(InboxItem.library_id.in_(libraries))
    if states is not None:
        statement = statement.where(InboxItem.state.in_(states))
    if before is not None:
        statement = statement.where(InboxItem.id < before)
    return (await conn.execute(statement)).all()


async def counts(conn: AsyncConnection, libraries: frozenset[int] | None) -> dict[str, int]:
    """How many items there are in each state."""
    statement = select(InboxItem.state, func.count()).group_by(InboxItem.state)
    if libraries is not None:
        statement = statement.where(InboxItem.library_id.in_(libraries))
    return {row[0]: row[1] for row in await conn.execute(statement)}


async def waiting(conn: AsyncConnection, library_id: int) -> dict[bytes, Row[Any]]:
    """The items of a library's inbox that are not in the library, by folder."""
    states = (*WAITING, *UNDER_WAY)
    statement = select(InboxItem.__table__).where(InboxItem.library_id == library_id, InboxItem.state.in_(states))
    return {row.folder: row for row in await conn.execute(statement)}


async def with_edits_to_apply(conn: AsyncConnection) -> Sequence[Row[Any]]:
    """Items that were moved, whose edits are not yet those of tracks."""
    statement = select(InboxItem.__table__).where(InboxItem.state == "moved", InboxItem.edits_applied_at.is_(None))
    return (await conn.execute(statement.order_by(InboxItem.id))).all()


async def add_item(tx: Transaction, **values: Any) -> int:
    number = int((await tx.execute(insert(InboxItem).values(values).returning(InboxItem.id))).scalar_one())
    tx.changed("inbox_item", number, library_id=values["library_id"])
    return number


async def set_item(tx: Transaction, number: int, library_id: int, **values: Any) -> None:
    await tx.execute(update(InboxItem).where(InboxItem.id == number).values(values))
    tx.changed("inbox_item", number, library_id=library_id)


async def drop_item(tx: Transaction, number: int, library_id: int) -> None:
    await tx.execute(delete(InboxFile).where(InboxFile.item_id == number))
    await tx.execute(delete(InboxItem).where(InboxItem.id == number))
    tx.changed("inbox_item", number, "delete", library_id=library_id)


# --- files ------------------------------------------------------------------------------------------------------------


async def files(conn: AsyncConnection, item_id: int) -> Sequence[Row[Any]]:
    """The files of an item by path."""
    statement = select(InboxFile.__table__).where(InboxFile.item_id == item_id).order_by(InboxFile.path)
    return (await conn.execute(statement)).all()


async def put_files(tx: Transaction, item_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """These are the files of an item; those that it had keep their numbers."""
    known = {row.path: row.id for row in await files(tx.conn, item_id)}
    gone = sorted(known[path] for path in known.keys() - {row["path"] for row in rows})
    for part in slices(gone):
        await tx.execute(delete(InboxFile).where(InboxFile.id.in_(part)))
    fresh = [row | {"item_id": item_id} for row in rows if row["path"] not in known]
    if fresh:
        await tx.execute(insert(InboxFile), fresh)
    for row in rows:
        if row["path"] in known:
            await tx.execute(update(InboxFile).where(InboxFile.id == known[row["path"]]).values(row))


async def set_file(tx: Transaction, number: int, **values: Any) -> None:
    await tx.execute(update(InboxFile).where(InboxFile.id == number).values(values))


async def set_files(tx: Transaction, item_id: int, **values: Any) -> None:
    await tx.execute(update(InboxFile).where(InboxFile.item_id == item_id).values(values))


# --- what the library has ---------------------------------------------------------------------------------------------


async def albums_with_audio(conn: AsyncConnection, library_id: int, keys: Collection[bytes]) -> tuple[int, list[Any]]:
    """How many of these audio keys the library has, and the albums that have most of them: (id, title)."""
    met: set[bytes] = set()
    albums: dict[int, list[Any]] = {}
    for part in slices(sorted(keys)):
        statement = (
            select(File.audio_key, Album.id, Album.title)
            .join(Track, Track.file_id == File.id)
            .join(Album, Album.id == Track.album_id)
            .where(File.audio_key.in_(part), File.library_id == library_id, File.missing_since.is_(None))
        )
        for row in await conn.execute(statement):
            met.add(row[0] or b"")
            albums.setdefault(row[1], [0, row[1], row[2]])[0] += 1
    best = sorted(albums.values(), key=lambda each: (-each[0], each[1]))[:NAMED]
    return len(met), [(each[1], each[2]) for each in best]


async def albums_of_release(conn: AsyncConnection, library_id: int, release: str) -> list[Any]:
    """Present albums of a MusicBrainz release: (id, title)."""
    statement = select(Album.id, Album.title).where(
        Album.musicbrainz_release_id == release, Album.library_id == library_id, Album.missing_since.is_(None)
    )
    return [tuple(row) for row in await conn.execute(statement.limit(NAMED))]


async def albums_called(conn: AsyncConnection, library_id: int, title_key: str, artist_key: str) -> list[Any]:
    """Present albums of this title by this artist: (id, title)."""
    statement = select(Album.id, Album.title).where(
        Album.sort_key == title_key,
        Album.artist_sort_key == artist_key,
        Album.library_id == library_id,
        Album.missing_since.is_(None),
    )
    return [tuple(row) for row in await conn.execute(statement.limit(NAMED))]


async def tracks_at(conn: AsyncConnection, library_id: int, paths: Collection[bytes]) -> dict[bytes, tuple[int, int]]:
    """The track and album of the files at these paths (relative to the library), where they have been scanned."""
    found: dict[bytes, tuple[int, int]] = {}
    for part in slices(sorted(paths)):
        statement = (
            select(File.path, Track.id, Track.album_id)
            .join(Track, Track.file_id == File.id)
            .where(File.library_id == library_id, File.path.in_(part), File.missing_since.is_(None))
        )
        found.update({row[0]: (row[1], row[2]) for row in await conn.execute(statement)})
    return found
