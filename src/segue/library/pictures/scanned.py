"""The picture files that a scan meets: which of them are looked at, and their rows.

Every picture file of a folder has a row, so that a person can choose it; only those that stand for something are opened:
the folder's cover (the next one where the best cannot be shown), pictures of discs, and of artists. A file whose size and
time are those of its row is not opened again.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH118

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.artwork import BadImage
from segue.library.models import Artwork, Folder
from segue.library.pictures import rules
from segue.library.pictures.models import ArtworkOrder, FolderPicture
from segue.library.pictures.plan import FolderPictures, PictureFile
from segue.library.scan.walk import Listing

if TYPE_CHECKING:
    from segue.library.scan.plan import FolderPlan
    from segue.library.scan.write.covers import PictureBook

MOST_FILES = 500
"""Picture files of one folder that get a row, but in a folder of artists' pictures."""
MOST_DISCS = 60
_SLICE = 1_000


async def look_at_folders(
    conn: AsyncConnection | None, book: PictureBook, root: bytes, order: Sequence[str], folders: Iterable[FolderPlan]
) -> None:
    """Find out what the pictures of `folders` are; `conn` reads what is known of those that have rows."""
    wanted = [folder for folder in folders if not folder.looked_at]
    for folder in wanted:
        folder.looked_at = True
    ids = [folder.id for folder in wanted if folder.id is not None]
    known = await _known(conn, ids, book) if conn is not None and ids else {}
    for folder in wanted:
        rows = known.get(folder.id, {}) if folder.id is not None else {}
        if folder.listing.images or rows:
            folder.pictures = await _look(book, root, order, folder.listing, rows)


async def _known(conn: AsyncConnection, ids: list[int], book: PictureBook) -> dict[int, dict[bytes, Any]]:
    table = FolderPicture.__table__
    found: dict[int, dict[bytes, Any]] = {}
    for start in range(0, len(ids), _SLICE):
        statement = (
            select(*table.c, Artwork.sha256)
            .outerjoin(Artwork, Artwork.id == FolderPicture.artwork_id)
            .where(FolderPicture.folder_id.in_(ids[start : start + _SLICE]))
        )
        for row in await conn.execute(statement):
            found.setdefault(row.folder_id, {})[row.name] = row
            if row.sha256 is not None:
                book.recall(row.sha256, row.artwork_id)
    return found


async def _look(
    book: PictureBook, root: bytes, order: Sequence[str], listing: Listing, known: Mapping[bytes, Any]
) -> FolderPictures:
    of_artists = rules.is_images_folder(listing.path)
    entries = listing.images if of_artists else listing.images[:MOST_FILES]
    files: dict[bytes, PictureFile] = {}
    for entry in entries:
        role = rules.role_of(entry.name, images_folder=of_artists)
        file = files[entry.name] = PictureFile(entry.name, entry.size, entry.mtime_ns, *role)
        row = known.get(entry.name)
        if row is not None:
            file.id = row.id
            if (row.size_bytes, row.mtime_ns, row.role) == (entry.size, entry.mtime_ns, role.role):
                file.changed = False
                file.sha256 = row.sha256
                file.problem = (row.problem_code, row.problem_params) if row.problem_code else None
    folder = os.path.join(root, listing.path) if listing.path else root

    async def shown(name: bytes) -> bool:
        """Whether this picture can be shown; looked at where that is not known."""
        file = files[name]
        if file.sha256 is None and file.problem is None:
            answer = await book.bring(os.path.join(folder, name), "folder")
            file.changed = True
            if isinstance(answer, BadImage):
                file.problem = (answer.code, answer.params)
            else:
                file.sha256 = answer
        return file.sha256 is not None

    found = FolderPictures(list(files.values()))
    if of_artists:
        for name in files:
            await shown(name)
    else:
        for rank, name in rules.in_order((n for n, file in files.items() if file.role != "artist"), order):
            if await shown(name):
                found.cover, found.rank = files[name].sha256, rank
                break
        for name in [name for name, file in files.items() if file.role == "disc"][:MOST_DISCS]:
            await shown(name)
        left = {name for name, file in files.items() if file.role == "artist"}
        while (name_or_none := rules.artists_name(left)) is not None and not await shown(name_or_none):
            left.discard(name_or_none)
    gone = [row for name, row in known.items() if name not in files]
    found.gone = [row.id for row in gone]
    found.gone_artists = {row.artist_id for row in gone if row.artist_id is not None}
    found.roles_changed = {file.role for file in files.values() if file.changed} | {row.role for row in gone}
    return found


async def write_folders(
    tx: Transaction, library_id: int, folders: Sequence[FolderPlan], book: PictureBook, *, new: bool = False
) -> set[int]:
    """Bring the rows of folders' pictures up to date, and say which folders have got another cover. `new` where the
    folders have just been made, with their covers."""
    once = dict.fromkeys(folders)
    looked_at = [
        (folder, folder.pictures) for folder in once if folder.pictures is not None and not folder.pictures.written
    ]
    if not looked_at:
        return set()
    for _, pictures in looked_at:
        pictures.written = True
    gone = [number for _, pictures in looked_at for number in pictures.gone]
    for start in range(0, len(gone), _SLICE):
        await tx.execute(delete(FolderPicture).where(FolderPicture.id.in_(gone[start : start + _SLICE])))
    fresh, changed = [], []
    for folder, pictures in looked_at:
        for file in pictures.files:
            if not file.changed:
                continue
            row: dict[str, Any] = {
                "role": file.role, "disc": file.disc, "key": file.key, "size_bytes": file.size,
                "mtime_ns": file.mtime_ns, "artwork_id": book.id_of(file.sha256),
                "problem_code": file.problem and file.problem[0], "problem_params": file.problem and file.problem[1],
            }  # fmt: skip
            if file.id is None:
                fresh.append({"library_id": library_id, "folder_id": folder.id, "name": file.name, **row})
            else:
                changed.append({"picture": file.id, **{f"v_{name}": value for name, value in row.items()}})
    if fresh:
        await tx.execute(insert(FolderPicture), fresh)
    if changed:
        columns = [name.removeprefix("v_") for name in changed[0] if name != "picture"]
        statement = update(FolderPicture).where(FolderPicture.id == bindparam("picture"))
        await tx.execute(statement.values({name: bindparam(f"v_{name}") for name in columns}), changed)
    return set() if new else await _write_covers(tx, looked_at, book)


async def _write_covers(
    tx: Transaction, looked_at: Sequence[tuple[FolderPlan, FolderPictures]], book: PictureBook
) -> set[int]:
    now = {folder.id: (book.id_of(pictures.cover), pictures.rank) for folder, pictures in looked_at}
    ids = sorted(number for number in now if number is not None)
    changed = []
    for start in range(0, len(ids), _SLICE):
        statement = select(Folder.id, Folder.artwork_id, Folder.artwork_rank).where(
            Folder.id.in_(ids[start : start + _SLICE])
        )
        for row in await tx.execute(statement):
            if now[row.id] != (row.artwork_id, row.artwork_rank):
                changed.append({"folder": row.id, "artwork": now[row.id][0], "rank": now[row.id][1]})
    if changed:
        values: dict[str, Any] = {"artwork_id": bindparam("artwork"), "artwork_rank": bindparam("rank")}
        await tx.execute(update(Folder).where(Folder.id == bindparam("folder")).values(values), changed)
    ids_changed = {row["folder"] for row in changed}
    for folder, pictures in looked_at:
        pictures.cover_changed = folder.id in ids_changed
    return ids_changed


async def order_kept(conn: AsyncConnection, library_id: int) -> str | None:
    """The order of sources that decided a library's pictures so far, as `order_changed` keeps it."""
    kept: str | None = await conn.scalar(select(ArtworkOrder.sources).where(ArtworkOrder.library_id == library_id))
    return kept


async def order_changed(tx: Transaction, library_id: int, order: Sequence[str]) -> None:
    """The order of sources is not the one that decided a library's pictures so far: have every folder that may be decided
    otherwise looked at again, and remember the order."""
    now = "\n".join(order)
    kept = await order_kept(tx.conn, library_id)
    if kept is None:
        await tx.execute(insert(ArtworkOrder), [{"library_id": library_id, "sources": now}])
    else:
        await tx.execute(update(ArtworkOrder).where(ArtworkOrder.library_id == library_id).values(sources=now))
    if kept is not None or now != "\n".join(rules.USUAL_ORDER):
        pictured = select(FolderPicture.folder_id).where(FolderPicture.library_id == library_id)
        await tx.execute(update(Folder).where(Folder.id.in_(pictured)).values(fingerprint=None))


def contents_of(folders: Collection[FolderPlan]) -> set[str]:
    """The SHA-256 of every picture of these folders that was looked at."""
    return {sha for folder in folders if folder.pictures is not None for sha in folder.pictures.contents}
