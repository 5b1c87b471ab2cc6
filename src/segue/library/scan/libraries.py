"""Add, rename and remove libraries. Removing one is explicit, and done a few albums at a time."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.library import search
from segue.library.models import Album, ExternalIdRow, File, Folder, Library, RawTags, Track
from segue.library.scan import repository
from segue.library.scan.control import Control
from segue.library.scan.errors import LibraryNotFound, LibraryOverlaps, NoSuchFolder
from segue.library.scan.paths import displayed, is_inside
from segue.library.scan.write import counts, large
from segue.library.scan.write.albumbook import AlbumBook
from segue.library.scan.write.names import NameBook, slices
from segue.library.scan.write.written import Written

Removed = Callable[[Transaction, int], Awaitable[None]]
"""Called with the transaction in which a library goes and its number: who else keeps something about it lets go of it."""

ALBUMS_AT_ONCE = 10
FILES_AT_ONCE = 200


async def checked_folder(path: str | bytes) -> bytes:
    """The absolute form of a folder that exists and can be read. Raises NoSuchFolder."""
    return await asyncio.to_thread(_checked_folder, os.fsencode(path))


def _checked_folder(path: bytes) -> bytes:
    path = os.path.expanduser(path)  # noqa: PTH111 - bytes
    shown = displayed(path)
    if not path or b"\x00" in path or not os.path.isabs(path):  # noqa: PTH117 - bytes
        raise NoSuchFolder(shown, "is not a full path")
    path = os.path.normpath(path)
    try:
        found = os.stat(path)  # noqa: PTH116 - bytes
        if not stat.S_ISDIR(found.st_mode):
            raise NoSuchFolder(shown, "is not a folder")
        with os.scandir(path):
            return path
    except (FileNotFoundError, NotADirectoryError):
        raise NoSuchFolder(shown, "does not exist") from None
    except OSError as error:
        raise NoSuchFolder(shown, f"cannot be read ({error.strerror})") from error


async def add(tx: Transaction, name: str, root: bytes) -> int:
    """A new library over `root`. Raises LibraryOverlaps where another library has it, or is inside it, or around it."""
    await _no_overlap(tx, root, None)
    row = {"name": name, "root": root, "display_root": displayed(root), "created_at": utc_now()}
    result = await tx.execute(insert(Library).values(row).returning(Library.id))
    library_id = int(result.scalar_one())
    tx.changed("library", library_id, library_id=library_id)
    return library_id


async def change(tx: Transaction, library_id: int, name: str | None, root: bytes | None) -> None:
    """Another name, another place, or both; at another place its files are found again by their relative paths."""
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = name
    if root is not None:
        await _no_overlap(tx, root, library_id)
        values |= {"root": root, "display_root": displayed(root), "device": None}
    if not values:
        return
    result = await tx.execute(update(Library).where(Library.id == library_id).values(values))
    if not result.rowcount:
        raise LibraryNotFound(library_id)
    tx.changed("library", library_id, library_id=library_id)


async def _no_overlap(tx: Transaction, root: bytes, except_id: int | None) -> None:
    for other in await repository.libraries(tx.conn):
        if other.id != except_id and (is_inside(root, other.root) or is_inside(other.root, root)):
            raise LibraryOverlaps(displayed(root), other.name, other.display_root)


async def remove(db: Database, library_id: int, control: Control, removed_hooks: Sequence[Removed] = ()) -> int:
    """Forget a library and everything in it, some albums at a time; returns how many tracks that were.

    Begun twice, it goes on where it was. The files on disk are not touched. `removed_hooks` are called in the transaction
    in which the library itself goes.
    """
    removed = 0
    while True:
        control.check()
        async with db.write() as tx:
            await repository.lock_library(tx, library_id)
            await control.guard(tx)
            albums = (
                await tx.execute(
                    select(Album.id).where(Album.library_id == library_id).order_by(Album.id).limit(ALBUMS_AT_ONCE)
                )
            ).scalars()
            ids = list(albums)
            if ids:
                very_large = await large.large_ones(tx, ids)
                if very_large:
                    removed += await _remove_tracks_of(tx, library_id, min(very_large))
                else:
                    removed += await _remove_albums(tx, library_id, ids)
                control.progress(removed, phase="remove", unit="tracks")
        if not ids:
            break
    while True:
        control.check()
        async with db.write() as tx:
            await control.guard(tx)
            some = select(File.id).where(File.library_id == library_id).limit(FILES_AT_ONCE)
            files = list((await tx.execute(some)).scalars())
            if not files:
                await tx.execute(update(Folder).where(Folder.library_id == library_id).values(parent_id=None))
                await tx.execute(delete(Folder).where(Folder.library_id == library_id))
                await tx.execute(delete(Library).where(Library.id == library_id))
                for hook in removed_hooks:
                    await hook(tx, library_id)
                tx.changed("library", library_id, "delete", library_id=library_id)
                return removed
            await _remove_files(tx, library_id, files)


async def _remove_files(tx: Transaction, library_id: int, files: list[int]) -> None:
    present = select(func.count()).select_from(File).where(File.id.in_(files), File.missing_since.is_(None))
    count = int(await tx.scalar(present) or 0)
    await tx.execute(delete(RawTags).where(RawTags.file_id.in_(files)))
    await tx.execute(delete(File).where(File.id.in_(files)))
    await tx.execute(
        update(Library)
        .where(Library.id == library_id)
        .values(file_count=Library.file_count - count, missing_count=Library.missing_count - len(files) + count)
    )


async def _remove_albums(tx: Transaction, library_id: int, albums: list[int]) -> int:
    before = await counts.stored_tallies(tx, albums)
    tracks = list((await tx.execute(select(Track.id).where(Track.album_id.in_(albums)))).scalars())
    await search.remove_rows(tx, "album", albums)
    await tx.execute(delete(ExternalIdRow).where(ExternalIdRow.kind == "album", ExternalIdRow.entity_id.in_(albums)))
    await counts.apply(tx, before, {}, {})
    await _remove_tracks(tx, library_id, tracks)
    await tx.execute(delete(Album).where(Album.id.in_(albums)))
    for album in albums:
        tx.changed("album", album, "delete", library_id=library_id)
    return len(tracks)


async def _remove_tracks_of(tx: Transaction, library_id: int, album: int) -> int:
    """Some tracks of a very large album, which follows by what these added to it."""
    some = select(Track.id).where(Track.album_id == album).order_by(Track.id).limit(FILES_AT_ONCE)
    tracks = list((await tx.execute(some)).scalars())
    written = Written(utc_now())
    await large.begin(tx, written, {album}, tracks)
    await _remove_tracks(tx, library_id, tracks)
    await AlbumBook(library_id, "", NameBook(), {}).refresh(tx, written)
    return len(tracks)


async def _remove_tracks(tx: Transaction, library_id: int, tracks: Sequence[int]) -> None:
    """Delete tracks and what hangs on them; the counts of their folders follow."""
    for part in slices(tracks):
        await search.remove_rows(tx, "track", part)
        await tx.execute(delete(ExternalIdRow).where(ExternalIdRow.kind == "track", ExternalIdRow.entity_id.in_(part)))
        inside = (
            select(File.folder_id, func.count())
            .join(Track, Track.file_id == File.id)
            .where(Track.id.in_(part), Track.missing_since.is_(None))
            .group_by(File.folder_id)
        )
        for folder, count in (await tx.execute(inside)).all():
            await tx.execute(update(Folder).where(Folder.id == folder).values(track_count=Folder.track_count - count))
        await tx.execute(delete(Track).where(Track.id.in_(part)))
        for track in part:
            tx.changed("track", track, "delete", library_id=library_id)
