"""Forget what is missing, because a person says so: some files at a time, with everything that follows from them.

Plays, ratings and places in playlists point at tracks without being bound to them, so they keep their words. The change
feed says which tracks and albums are gone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.library import search
from segue.library.models import ExternalIdRow, File, Folder, RawTags, Track
from segue.library.scan import repository
from segue.library.scan.control import Control
from segue.library.scan.errors import FolderNotFound
from segue.library.scan.paths import displayed, is_inside
from segue.library.scan.write import large
from segue.library.scan.write.albumbook import AlbumBook
from segue.library.scan.write.names import NameBook
from segue.library.scan.write.written import Written

AT_ONCE = 50
"""Files of one transaction."""


async def count(conn: AsyncConnection, library_id: int, before: datetime) -> tuple[int, int, int]:
    """(files, tracks, bytes) that are missing since `before` or longer."""
    gone = _gone(library_id, before)
    files, size = (
        await conn.execute(select(func.count(), func.coalesce(func.sum(File.size_bytes), 0)).where(*gone))
    ).one()
    tracks = await conn.scalar(
        select(func.count()).select_from(Track).join(File, File.id == Track.file_id).where(*gone)
    )
    return int(files), int(tracks or 0), int(size)


def _gone(library_id: int, before: datetime) -> tuple[Any, ...]:
    return (File.library_id == library_id, File.missing_since.is_not(None), File.missing_since <= before)


async def run(db: Database, library_id: int, before: datetime, control: Control) -> dict[str, Any]:
    """Forget the files of a library that are missing since `before` or longer; returns how many files and tracks.

    Begun twice, it goes on where it was.
    """
    async with db.read() as conn:
        library = await repository.library(conn, library_id)
        total, _, _ = await count(conn, library_id, before)
    if library is None:
        return {"files": 0, "tracks": 0}
    files = tracks = 0
    book = AlbumBook(library_id, library.name, NameBook(), {})
    while True:
        control.check()
        async with db.write() as tx:
            await repository.lock_library(tx, library_id)
            await control.guard(tx)
            some = select(File.id).where(*_gone(library_id, before)).order_by(File.id).limit(AT_ONCE + 1)
            ids = list((await tx.execute(some)).scalars())
            if not ids:
                await _forget_folders(tx, library_id)
                return {"files": files, "tracks": tracks}
            ids, following = ids[:AT_ONCE], ids[AT_ONCE:]
            tracks += await _forget(tx, library_id, ids, following, book)
        files += len(ids)
        control.progress(files, max(total, files), phase="purge", unit="files")


async def _forget(tx: Transaction, library_id: int, files: list[int], following: list[int], book: AlbumBook) -> int:
    """Forget `files`; the albums of the files `following` come next."""
    rows = (await tx.execute(select(Track.id, Track.album_id).where(Track.file_id.in_(files)))).all()
    tracks = [row.id for row in rows]
    written = Written(utc_now())
    next_albums = set((await tx.execute(select(Track.album_id).where(Track.file_id.in_(following)))).scalars())
    await large.begin(tx, written, await large.large_ones(tx, next_albums), tracks)
    written.touched |= {row.album_id for row in rows}
    await search.remove_rows(tx, "track", tracks)
    await tx.execute(delete(ExternalIdRow).where(ExternalIdRow.kind == "track", ExternalIdRow.entity_id.in_(tracks)))
    await tx.execute(delete(Track).where(Track.id.in_(tracks)))
    await tx.execute(delete(RawTags).where(RawTags.file_id.in_(files)))
    await tx.execute(delete(File).where(File.id.in_(files)))
    written.library(library_id).missing_count -= len(files)
    await book.refresh(tx, written)
    await search.index(tx, "album", sorted(written.renamed - written.ended))
    await search.remove_rows(tx, "album", sorted(written.ended))
    for track in tracks:
        tx.changed("track", track, "delete", library_id=library_id)
    return len(tracks)


async def _forget_folders(tx: Transaction, library_id: int) -> None:
    """Folders that are gone and hold nothing any more, from the innermost outwards."""
    inner = Folder.__table__.alias()
    while True:
        empty = select(Folder.id).where(
            Folder.library_id == library_id,
            Folder.missing_since.is_not(None),
            ~exists().where(File.folder_id == Folder.id),
            ~exists().where(inner.c.parent_id == Folder.id),
        )
        ids = list((await tx.execute(empty.limit(500))).scalars())
        if not ids:
            return
        await tx.execute(delete(Folder).where(Folder.id.in_(ids)))


def place(path: bytes, library_id: int | None, roots: Mapping[int, bytes]) -> tuple[int, bytes]:
    """(library, path relative to its root) of a full path, or of one relative to the root of `library_id`. Raises
    FolderNotFound where it lies in no library, or would lie outside of one."""
    wanted: Collection[int] = roots if library_id is None else [library_id]
    clean = path.rstrip(b"/") or b"/"
    parts = clean.split(b"/")
    if b".." in parts or b"\x00" in clean:
        raise FolderNotFound(displayed(path))
    for number in wanted:
        if clean.startswith(b"/") and is_inside(clean, roots[number]):
            return number, clean[len(roots[number]) :].strip(b"/")
    if library_id is not None and not clean.startswith(b"/"):
        return library_id, b"/".join(part for part in parts if part not in (b"", b"."))
    raise FolderNotFound(displayed(path))
