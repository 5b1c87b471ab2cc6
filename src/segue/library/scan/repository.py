"""Queries of the scan that only read, and the small writes around it: libraries, folders, requests.

What the scan writes in bulk is in `writer` and `albumbook`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.journal import repository as journals
from segue.library.models import Album, File, Folder, Library, RawTags, ScanRequest, Track
from segue.library.scan.plan import StoredFile
from segue.library.scan.write.names import slices


class StoredFolder(NamedTuple):
    id: int
    path: bytes
    fingerprint: bytes | None
    scanned_at: datetime | None
    missing: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the requests that a scan took ask for, put together. `folders` is None for the whole library."""

    requests: tuple[int, ...]
    full: bool
    accept_missing: bool
    folders: tuple[bytes, ...] | None


STORED = (
    File.id, File.library_id, File.folder_id, File.path, File.size_bytes, File.mtime_ns, File.audio_key, File.tag_hash,
    File.problem_code, File.missing_since, File.read_at, Track.id, Track.album_id, Track.missing_since,
    Track.artwork_id, Track.duration_ms, Track.disc, Track.position, Track.sort_key, Track.musicbrainz_recording_id,
    Track.start_ms, Track.end_ms, Track.has_lyrics, Track.merged_into_id,
    File.device, File.ctime_ns,
)  # fmt: skip


SOME_FOLDERS = 5_000
_FOLDER = (Folder.id, Folder.path, Folder.fingerprint, Folder.scanned_at, Folder.missing_since.is_not(None))


def stored_files() -> Select[*tuple[Any, ...]]:
    """Files with their tracks, as rows for `StoredFile`."""
    return select(*STORED).outerjoin(Track, Track.file_id == File.id)


async def library(conn: AsyncConnection, library_id: int) -> Row[Any] | None:
    """The library's row, or None."""
    return (await conn.execute(select(Library.__table__).where(Library.id == library_id))).first()


async def libraries(conn: AsyncConnection) -> Sequence[Row[Any]]:
    """All libraries by name."""
    return (await conn.execute(select(Library.__table__).order_by(Library.name, Library.id))).all()


async def folders(conn: AsyncConnection, library_id: int, base: bytes = b"") -> AsyncIterator[StoredFolder]:
    """Every folder of a library that has a row, at or inside `base`; some thousands at a time, as there may be very many."""
    after = base
    below = and_(Folder.path > base + b"/", Folder.path < base + b"0")
    inside = or_(Folder.path == base, below) if base else true()
    while True:
        following = select(*_FOLDER).where(Folder.library_id == library_id, Folder.path >= after, inside)
        rows = (await conn.execute(following.order_by(Folder.path).limit(SOME_FOLDERS))).all()
        for row in rows:
            yield StoredFolder(*row)
        if len(rows) < SOME_FOLDERS:
            return
        after = rows[-1][1] + b"\x00"


async def files_of_folders(conn: AsyncConnection, folder_ids: Collection[int]) -> list[StoredFile]:
    """The files of folders, missing ones too, each with its track."""
    found: list[StoredFile] = []
    for part in slices(sorted(folder_ids)):
        rows = await conn.execute(stored_files().where(File.folder_id.in_(part)).order_by(File.id))
        found.extend(StoredFile(*row) for row in rows)
    return found


async def files_at(conn: AsyncConnection, library_id: int, paths: Collection[bytes]) -> list[StoredFile]:
    """The files of a library at exactly these paths."""
    found: list[StoredFile] = []
    for part in slices(sorted(paths)):
        statement = stored_files().where(File.library_id == library_id, File.path.in_(part))
        found.extend(StoredFile(*row) for row in await conn.execute(statement))
    return found


async def files_by_id(conn: AsyncConnection, file_ids: Collection[int]) -> list[StoredFile]:
    """These files, each with its track."""
    found: list[StoredFile] = []
    for part in slices(sorted(file_ids)):
        found.extend(StoredFile(*row) for row in await conn.execute(stored_files().where(File.id.in_(part))))
    return found


async def file_ids_of_folders(conn: AsyncConnection, folder_ids: Collection[int]) -> list[int]:
    """The files of folders, missing ones too."""
    found: list[int] = []
    for part in slices(sorted(folder_ids)):
        found.extend(await conn.scalars(select(File.id).where(File.folder_id.in_(part)).order_by(File.id)))
    return found


async def folders_at(conn: AsyncConnection, library_id: int, paths: Collection[bytes]) -> list[StoredFolder]:
    """The folders of a library at exactly these paths."""
    return await _some_folders(conn, Folder.path, paths, Folder.library_id == library_id)


async def folders_by_id(conn: AsyncConnection, library_id: int, folder_ids: Collection[int]) -> list[StoredFolder]:
    """Those of these folders that are in a library."""
    return await _some_folders(conn, Folder.id, folder_ids, Folder.library_id == library_id)


async def folders_inside(conn: AsyncConnection, folder_ids: Collection[int]) -> list[StoredFolder]:
    """The folders directly inside these."""
    return await _some_folders(conn, Folder.parent_id, folder_ids, true())


async def folders_of_albums(conn: AsyncConnection, albums: Collection[int]) -> list[StoredFolder]:
    """The folders that the files of albums lie in."""
    found: dict[int, None] = {}
    for part in slices(sorted(albums)):
        statement = select(File.folder_id).join(Track, Track.file_id == File.id).where(Track.album_id.in_(part))
        found.update(dict.fromkeys(await conn.scalars(statement.distinct())))
    return await _some_folders(conn, Folder.id, found, true())


async def files_after(
    conn: AsyncConnection, libraries: Collection[int] | None, after: int, limit: int
) -> Sequence[int]:
    """Files by number, from the one after `after`."""
    return await _following(conn, File, libraries, after, limit)


async def folders_after(
    conn: AsyncConnection, libraries: Collection[int] | None, after: int, limit: int
) -> Sequence[int]:
    """Folders by number, from the one after `after`."""
    return await _following(conn, Folder, libraries, after, limit)


async def _following(
    conn: AsyncConnection, model: Any, libraries: Collection[int] | None, after: int, limit: int
) -> Sequence[int]:
    statement = select(model.id).where(model.id > after).order_by(model.id).limit(limit)
    if libraries is not None:
        statement = statement.where(model.library_id.in_(sorted(libraries)))
    return (await conn.scalars(statement)).all()


async def _some_folders(
    conn: AsyncConnection, column: Any, values: Collection[Any], where: ColumnElement[bool]
) -> list[StoredFolder]:
    found: list[StoredFolder] = []
    for part in slices(sorted(values)):
        statement = select(*_FOLDER).where(column.in_(part), where).order_by(Folder.id)
        found.extend(StoredFolder(*row) for row in await conn.execute(statement))
    return found


async def albums_by_library(conn: AsyncConnection, albums: Collection[int]) -> dict[int, list[int]]:
    """These albums, as far as they exist, by library."""
    found: dict[int, list[int]] = {}
    for part in slices(sorted(albums)):
        for row in await conn.execute(select(Album.id, Album.library_id).where(Album.id.in_(part))):
            found.setdefault(row.library_id, []).append(row.id)
    return found


async def albums_with_keys(conn: AsyncConnection, library_id: int, keys: Collection[str]) -> set[int]:
    """The albums of a library that have these group keys."""
    found: set[int] = set()
    for part in slices(sorted(keys)):
        statement = select(Album.id).where(Album.library_id == library_id, Album.group_key.in_(part))
        found.update(await conn.scalars(statement))
    return found


_GROUPS_TAKEN = select(Album.group_key).where(
    Album.library_id == bindparam("library"), Album.group_key.in_(bindparam("keys", expanding=True))
)


async def groups_taken(conn: AsyncConnection, library_id: int, keys: Collection[str]) -> set[str]:
    """Those of these group keys that albums of a library have."""
    found: set[str] = set()
    for part in slices(sorted(keys)):
        found.update(await conn.scalars(_GROUPS_TAKEN, {"library": library_id, "keys": part}))
    return found


async def present_paths(conn: AsyncConnection, folder_ids: Collection[int]) -> list[tuple[int, int, bytes]]:
    """(folder, file, path) of the files of folders that are not marked missing."""
    found: list[tuple[int, int, bytes]] = []
    for part in slices(sorted(folder_ids)):
        statement = select(File.folder_id, File.id, File.path).where(
            File.folder_id.in_(part), File.missing_since.is_(None)
        )
        found.extend((row[0], row[1], row[2]) for row in await conn.execute(statement))
    return found


async def some_present_paths(conn: AsyncConnection, library_id: int, count: int) -> list[bytes]:
    """About `count` paths that should be there, spread over the whole library."""
    there = select(File.id).where(File.library_id == library_id, File.missing_since.is_(None)).limit(1)
    lowest = await conn.scalar(there.order_by(File.id))
    highest = await conn.scalar(there.order_by(File.id.desc()))
    if lowest is None or highest is None:
        return []
    step = max(1, (highest - lowest + 1) // count)
    paths: list[bytes] = []
    for start in range(lowest, highest + 1, step):
        statement = (
            select(File.path)
            .where(File.library_id == library_id, File.missing_since.is_(None), File.id >= start)
            .order_by(File.id)
            .limit(1)
        )
        path = (await conn.execute(statement)).scalar()
        if path is not None and path not in paths[-1:]:
            paths.append(path)
    return paths[:count]


async def has_missing(conn: AsyncConnection) -> bool:
    """Whether any file of any library is marked missing, so that a new file may be one of them."""
    statement = select(Library.id).where(Library.missing_count > 0).limit(1)
    return (await conn.execute(statement)).first() is not None


async def with_documents(conn: AsyncConnection, file_ids: Collection[int]) -> set[int]:
    """Those of these files of which it is kept what they said."""
    found: set[int] = set()
    for part in slices(sorted(file_ids)):
        found.update(await conn.scalars(select(RawTags.file_id).where(RawTags.file_id.in_(part))))
    return found


async def documents(conn: AsyncConnection, file_ids: Collection[int]) -> dict[int, bytes]:
    """What files said when they were read, compressed; see `documents.decode`."""
    found: dict[int, bytes] = {}
    for part in slices(sorted(file_ids), 500):
        statement = select(RawTags.file_id, RawTags.document).where(RawTags.file_id.in_(part))
        found.update((row[0], row[1]) for row in await conn.execute(statement))
    return found


async def mark_folders(
    tx: Transaction, library_id: int, vanished: Sequence[int], unreadable: Sequence[tuple[bytes, str]], now: datetime
) -> None:
    """Note which folders are not there any more, and which could not be looked into and why."""
    for part in slices(vanished):
        await tx.execute(update(Folder).where(Folder.id.in_(part)).values(missing_since=now, fingerprint=None))
    for path, reason in unreadable:
        await tx.execute(
            update(Folder)
            .where(Folder.library_id == library_id, Folder.path == path)
            .values(problem_code="folder_unreadable", problem_params={"error": reason}, fingerprint=None)
        )


_LOCK = text(
    "WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(7316835) AS ours), "
    "library AS MATERIALIZED (SELECT libraries.id FROM libraries JOIN turn ON turn.ours "
    "WHERE libraries.id = :library FOR UPDATE OF libraries) "
    "SELECT turn.ours, (SELECT count(*) FROM library) FROM turn"
)
"""Both locks at once, the library's only after the other, so that nobody waits in a circle."""


async def lock_library(tx: Transaction, library_id: int) -> bool:
    """Keep other writers of libraries waiting until this transaction ends; SQLite has only one writer anyway.

    False where another one had to be waited for. A job takes this lock before it guards its own row: who asks for a scan
    has the lock when it looks for the job that is there already.
    """
    if tx.dialect == "sqlite" or (await tx.execute(_LOCK, {"library": library_id})).one()[0]:
        return True
    await tx.execute(text("SELECT pg_advisory_xact_lock(7316835)"))
    await tx.execute(select(Library.id).where(Library.id == library_id).with_for_update())
    return False


async def finish_library(
    tx: Transaction, library_id: int, device: int | None, started: datetime, now: datetime, result: dict[str, Any]
) -> None:
    """Note with the library how its scan ended; `device` is where its root is, None where that is to stay as it was."""
    values: dict[str, Any] = {"scan_started_at": started, "scan_finished_at": now, "scan_result": result}
    if device is not None:
        values["device"] = device
    await tx.execute(update(Library).where(Library.id == library_id).values(values))
    tx.changed("library", library_id, library_id=library_id)
    await journals.close(tx, library_id, now)


# --- requests ---------------------------------------------------------------------------------------------------------


async def add_request(
    tx: Transaction, library_id: int, *, folder: bytes | None, full: bool, accept_missing: bool, now: datetime
) -> None:
    """Note that somebody asked for a scan. Equal requests that wait are one."""
    same = select(ScanRequest.id).where(
        ScanRequest.library_id == library_id,
        ScanRequest.job_id.is_(None),
        ScanRequest.folder.is_(None) if folder is None else ScanRequest.folder == folder,
        ScanRequest.full == full,
        ScanRequest.accept_missing == accept_missing,
    )
    if (await tx.execute(same.limit(1))).first() is None:
        await tx.execute(
            insert(ScanRequest),
            {
                "library_id": library_id,
                "folder": folder,
                "full": full,
                "accept_missing": accept_missing,
                "requested_at": now,
            },
        )


async def take_requests(tx: Transaction, library_id: int, job_id: int) -> Wanted | None:
    """The requests that wait, taken by a job; with those it had taken before it was interrupted. None where none wait."""
    await tx.execute(
        update(ScanRequest)
        .where(ScanRequest.library_id == library_id, or_(ScanRequest.job_id.is_(None), ScanRequest.job_id != job_id))
        .values(job_id=job_id)
    )
    columns = (ScanRequest.id, ScanRequest.folder, ScanRequest.full, ScanRequest.accept_missing)
    rows = (await tx.execute(select(*columns).where(ScanRequest.library_id == library_id))).all()
    if not rows:
        return None
    everything = any(row.folder is None for row in rows)
    return Wanted(
        requests=tuple(row.id for row in rows),
        full=any(row.full for row in rows),
        accept_missing=any(row.accept_missing for row in rows),
        folders=None if everything else tuple(sorted({row.folder for row in rows})),
    )


async def drop_requests(tx: Transaction, requests: Iterable[int]) -> None:
    """Forget requests that have been answered."""
    for part in slices(list(requests)):
        await tx.execute(delete(ScanRequest).where(ScanRequest.id.in_(part)))


async def has_requests(tx: Transaction, library_id: int) -> bool:
    """Whether anybody waits for a scan of this library."""
    statement = select(ScanRequest.id).where(ScanRequest.library_id == library_id).limit(1)
    return (await tx.execute(statement)).first() is not None


async def scan_summary(
    conn: AsyncConnection, libraries: frozenset[int] | None
) -> tuple[int, datetime | None, datetime | None]:
    """Tracks present, and when a scan last began and ended, in `libraries` (None: all)."""
    columns = (
        func.coalesce(func.sum(Library.track_count), 0),
        func.max(Library.scan_started_at),
        func.max(Library.scan_finished_at),
    )
    count, started, finished = (await conn.execute(_within(select(*columns), Library.id, libraries))).one()
    return int(count), started, finished


async def last_results(conn: AsyncConnection, libraries: frozenset[int] | None) -> Sequence[Row[Any]]:
    """Rows (id, scan_result): what the last scan of each library came to, the latest first."""
    scanned = select(Library.id, Library.scan_result).where(Library.scan_result.is_not(None))
    latest_first = _within(scanned, Library.id, libraries).order_by(Library.scan_finished_at.desc())
    return (await conn.execute(latest_first)).all()


async def totals(conn: AsyncConnection, libraries: frozenset[int] | None) -> tuple[int, int]:
    """How many folders are present, and how many present files have a problem."""
    folders = select(func.count()).select_from(Folder).where(Folder.missing_since.is_(None))
    problems = (
        select(func.count()).select_from(File).where(File.problem_code.is_not(None), File.missing_since.is_(None))
    )
    return (
        int(await conn.scalar(_within(folders, Folder.library_id, libraries)) or 0),
        int(await conn.scalar(_within(problems, File.library_id, libraries)) or 0),
    )


def _within(statement: Any, library_id: Any, libraries: frozenset[int] | None) -> Any:
    return statement if libraries is None else statement.where(library_id.in_(sorted(libraries)))
