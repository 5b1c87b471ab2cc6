"""Write tracks again from what is stored, without a look at the disk: after an edit, a changed rule, another grouping.

What a track shows is a pure function of what its file said, the rules and the person's edits. When one of these changes
without the file, its rows are worked out anew from the kept document, and written by the same writer as in a scan, so
that albums, counts, search and the change feed follow in the same transaction. What is missing stays marked so.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.library.options import options_of
from segue.library.overrides.grouping import Grouping
from segue.library.overrides.grouping import load as load_grouping
from segue.library.pictures.rules import order_for
from segue.library.scan import documents, repository
from segue.library.scan.control import Control
from segue.library.scan.grouping import AlbumKey, album_folder, disc_of_folder
from segue.library.scan.paths import name_of, parent_of
from segue.library.scan.plan import LARGE_FOLDER, FilePlan, FolderPlan, StoredFile, Unit
from segue.library.scan.walk import Entry, Listing
from segue.library.scan.write.writer import Part, Writer

TRANSACTION_S = 0.020
"""How long a batch of a job should hold the write lock; see `pipeline`."""
FEWEST, MOST = 8, 128
"""Files of one batch; their number follows the time they take."""

Remake = Callable[[dict[int, bytes]], Awaitable[Mapping[int, bytes]]]
"""From the documents of some files, by file, to those that are to be kept in their place; others stay as they are."""


async def write_again(
    tx: Transaction,
    file_ids: Collection[int],
    *,
    regroup: bool = False,
    rewrite: bool = True,
    remade: Mapping[int, bytes] | None = None,
    now: datetime | None = None,
    coming: Collection[int] = (),
) -> int:
    """Write the tracks of these files again in `tx`; returns how many files took part. Without `rewrite` only their albums
    may become others.

    Each track keeps its album, unless `regroup` says that albums are to be decided anew: then the other files of the same
    album folders take part, as in a scan. `remade` are new documents, by file, which are kept from now on. Files may be of
    several libraries; those that are no track, or were never read, are left alone. `coming` are files that are surely to be
    written next: very large albums are put together when none of theirs is among these.
    """
    stored = [file for file in await repository.files_by_id(tx.conn, file_ids) if file.track_id is not None]
    by_library: dict[int, list[StoredFile]] = defaultdict(list)
    for file in stored:
        by_library[file.library_id].append(file)
    later: set[int] = set()
    if coming and not regroup:
        surely = await repository.with_documents(tx.conn, coming)
        later = {file.album_id for file in await repository.files_by_id(tx.conn, surely) if file.album_id is not None}
    count = 0
    for library_id in sorted(by_library):
        files = by_library[library_id]
        again = {file.id for file in files} if rewrite else set()
        count += await _write_library(tx, library_id, files, regroup, again, remade or {}, now or utc_now(), later)
    return count


async def refresh_albums(tx: Transaction, album_ids: Collection[int], *, now: datetime | None = None) -> None:
    """Put albums together anew in `tx` from what their tracks say; the tracks themselves stay as they are."""
    for library_id, albums in sorted((await repository.albums_by_library(tx.conn, album_ids)).items()):
        writer = await _writer(tx, library_id)
        await know_folders(tx, writer, await repository.folders_of_albums(tx.conn, albums))
        await writer.refresh(tx, albums, now or utc_now())


async def mark_gone(tx: Transaction, file_ids: Collection[int], *, now: datetime | None = None) -> None:
    """Mark files as missing in `tx` of which we know that they are, since we moved them away ourselves."""
    by_library: dict[int, list[StoredFile]] = defaultdict(list)
    for file in await repository.files_by_id(tx.conn, file_ids):
        if file.missing_since is None:
            by_library[file.library_id].append(file)
    for library_id, stored in sorted(by_library.items()):
        writer = await _writer(tx, library_id)
        albums = {file.album_id for file in stored if file.album_id}
        await know_folders(tx, writer, await repository.folders_of_albums(tx.conn, albums))
        await writer.mark_missing(tx, stored, now or utc_now())


async def write_all_again(
    db: Database,
    control: Control,
    *,
    after: int = 0,
    libraries: Collection[int] | None = None,
    regroup: bool = False,
    remake: Remake | None = None,
    save: Callable[[Transaction, int], Awaitable[None]],
) -> int:
    """`write_again` for every file of `libraries` (None: all) in batches; returns how many files took part.

    The work of a job: `save` is called in each transaction with the number to go on `after`, should the job be
    interrupted: a file's, or with `regroup` a folder's, since those are decided as one.
    """
    following_ids = repository.folders_after if regroup else repository.files_after
    limit, count = FEWEST, 0
    while True:
        control.check()
        async with db.read() as conn:
            ids = await following_ids(conn, libraries, after, limit)
        if not ids:
            return count
        began = time.thread_time()
        async with db.write() as tx:
            await control.guard(tx)
            files = await repository.file_ids_of_folders(tx.conn, ids) if regroup else ids
            said = await repository.documents(tx.conn, files) if remake else {}
            remade = await remake(said) if remake and said else None
            after = ids[-1]
            coming = [] if regroup else await following_ids(tx.conn, libraries, after, 1)
            count += await write_again(tx, files, regroup=regroup, remade=remade, coming=coming)
            await save(tx, after)
        limit = following(limit, time.thread_time() - began)


def following(batch: int, took_s: float) -> int:
    """How much the next batch should hold, when one of `batch` took so long."""
    return max(FEWEST, min(MOST, int(batch * max(0.5, min(1.5, TRANSACTION_S / max(took_s, 0.001))))))


async def _write_library(
    tx: Transaction,
    library_id: int,
    stored: Sequence[StoredFile],
    regroup: bool,
    again: Collection[int],
    remade: Mapping[int, bytes],
    now: datetime,
    later: Collection[int],
) -> int:
    writer = await _writer(tx, library_id)
    kept = [file for file in stored if not regroup or file.missing_since is not None]
    files = await _plans(tx, kept, again, remade)
    units = _kept(files, later)
    if regroup:
        units += await regrouped(tx, [file for file in stored if file.missing_since is None], again, remade)
    albums = {file.stored.album_id for unit in units for file in unit.files if file.stored and file.stored.album_id}
    keys = {file.key.group for unit in units if not unit.begun for file in unit.files if file.key}
    albums |= await repository.albums_with_keys(tx.conn, library_id, keys)
    await know_folders(tx, writer, await repository.folders_of_albums(tx.conn, albums))
    parts = [Part(unit, unit.files, last=False) for unit in units]
    if parts:
        await writer.write(tx, parts, now)
    return sum(len(unit.files) for unit in units)


async def _writer(tx: Transaction, library_id: int) -> Writer:
    await repository.lock_library(tx, library_id)
    library = await repository.library(tx.conn, library_id)
    assert library is not None
    writer = Writer(library_id, library.name)
    writer.albums.order = order_for(options_of(library.options).artwork_order)
    return writer


async def know_folders(tx: Transaction, writer: Writer, folders: Iterable[repository.StoredFolder]) -> None:
    """Tell the writer where folders are, and those that stand for the albums of disc folders among them."""
    known = list(folders)
    paths = {folder.path for folder in known}
    bases = {album_folder(folder.path) for folder in known} - paths
    for folder in (*known, *await repository.folders_at(tx.conn, writer.library_id, bases)):
        writer.know_folder(folder.id, folder.path)


async def _plans(
    tx: Transaction, stored: Sequence[StoredFile], again: Collection[int], remade: Mapping[int, bytes]
) -> list[FilePlan]:
    """The files as a scan would have them that found nothing changed; those in `again` are to be written anyway."""
    remade = dict(remade)
    said = await repository.documents(tx.conn, [file.id for file in stored]) | remade
    plans = []
    for file in stored:
        document = said.get(file.id)
        body = documents.decode(document) if document is not None else {}
        if file.track_id is None or "tags" not in body:
            continue
        listing = Listing(parent_of(file.path), 0)
        folder = FolderPlan(listing.path, listing, file.folder_id)
        plan = FilePlan(folder, file.path, Entry(name_of(file.path), file.size, file.mtime_ns, 0, 0), file)
        plan.tags = documents.tags_for(body, file.start_ms)
        plan.document = remade.pop(file.id, None)
        plan.rewrite = file.id in again
        plan.missing = file.missing_since is not None or file.track_missing_since is not None
        plans.append(plan)
    return plans


def _kept(files: list[FilePlan], later: Collection[int]) -> list[Unit]:
    """Files that all stay in the albums they have; apart from the others those of albums that come again `later`."""
    units: dict[bool, Unit] = {}
    for file in files:
        assert file.stored is not None
        assert file.stored.album_id is not None
        divided = file.stored.album_id in later
        empty = Unit(b"", [], [], last=False, whole=False, begun=True, divided=divided)
        unit = units.setdefault(divided, empty)
        unit.files.append(file)
        file.key = AlbumKey(f"kept:{file.stored.album_id}", "folder", {})
        unit.prior_albums[file.key.group] = file.stored.album_id
    return list(units.values())


async def regrouped(
    tx: Transaction,
    stored: Sequence[StoredFile],
    again: Collection[int],
    remade: Mapping[int, bytes],
    grouping: Grouping | None = None,
) -> list[Unit]:
    """All present files of the album folders that `stored` lie in, grouped anew; by `grouping`, where other rules and
    decisions than the library's are to be tried."""
    if not stored:
        return []
    library_id = stored[0].library_id
    bases = {album_folder(parent_of(file.path)) for file in stored}
    homes = await repository.folders_at(tx.conn, library_id, bases)
    inside = await repository.folders_inside(tx.conn, [folder.id for folder in homes])
    discs = [
        folder
        for folder in inside
        if disc_of_folder(name_of(folder.path)) is not None and album_folder(folder.path) in bases
    ]
    found = await repository.files_of_folders(tx.conn, [folder.id for folder in (*homes, *discs)])
    present = [file for file in found if file.missing_since is None]
    by_base: dict[bytes, list[FilePlan]] = defaultdict(list)
    for plan in await _plans(tx, present, again, remade):
        by_base[album_folder(plan.folder.path)].append(plan)
    units = []
    chosen = grouping or await load_grouping(tx.conn, library_id)
    for base, files in sorted(by_base.items()):
        files.sort(key=lambda file: file.path)
        whole = len(files) <= LARGE_FOLDER
        for start in range(0, len(files), LARGE_FOLDER):
            unit = Unit(base, [], files[start : start + LARGE_FOLDER], last=False, whole=whole)
            await chosen.group(lambda: nullcontext(tx.conn), unit)
            units.append(unit)
    if grouping is None:
        await chosen.keep(tx)
    return units
