"""Every statement about downloads, their files and receipts. Each change of a state says from which one: what was cancelled
meanwhile is never overwritten.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.live.downloads import states
from segue.live.downloads.models import LiveDownload, LiveDownloadFile

MANY = 500
_D, _F = LiveDownload.__table__, LiveDownloadFile.__table__
_ONE_QUEUE = text("SELECT pg_advisory_xact_lock(7316837)")


class Ref(NamedTuple):
    """A download by its number, and whose it is: enough to change it."""

    id: int
    user_id: int


async def lock_queue(tx: Transaction) -> None:
    """Until `tx` ends, nobody else wants more, or finds that there is nothing more to do."""
    if tx.dialect == "postgresql":
        await tx.execute(_ONE_QUEUE)


# --- downloads --------------------------------------------------------------------------------------------------------


async def add(tx: Transaction, values: Mapping[str, Any]) -> int:
    """A new download at the end of its person's queue; returns its number."""
    last = await tx.scalar(
        select(func.max(LiveDownload.place)).where(
            LiveDownload.user_id == values["user_id"], LiveDownload.state.in_(states.ACTIVE)
        )
    )
    now = utc_now()
    row = {"state": states.QUEUED, "place": (last or 0.0) + 1.0, "created_at": now, "changed_at": now, **values}
    number = int(await tx.scalar(insert(LiveDownload).values(row).returning(LiveDownload.id)))
    tx.changed("download", number, user_id=values["user_id"] or None)
    return number


async def get(conn: AsyncConnection, number: int) -> Any | None:
    return (await conn.execute(select(_D).where(_D.c.id == number))).first()


async def get_for_update(tx: Transaction, number: int) -> Any | None:
    return (await tx.execute(select(_D).where(_D.c.id == number).with_for_update())).first()


async def same_active(conn: AsyncConnection, user_id: int, identifier: str) -> Sequence[Any]:
    """This person's downloads of an item that have not ended, or are done and still here; the newest first."""
    there = and_(_D.c.state == states.DONE, _D.c.removed_at.is_(None))
    wanted = or_(_D.c.state.in_(states.ACTIVE), there)
    statement = select(_D).where(_D.c.user_id == user_id, _D.c.identifier == identifier, wanted)
    return (await conn.execute(statement.order_by(_D.c.id.desc()))).all()


async def move(
    tx: Transaction, download: Any, from_states: Collection[str], to: str | None = None, **values: Any
) -> bool:
    """Change a download where its state is one of `from_states`; whether it was. `download` is its row, or anything with its
    `id` and `user_id`."""
    if to is not None:
        values["state"] = to
    statement = update(LiveDownload).where(LiveDownload.id == download.id, LiveDownload.state.in_(from_states))
    result = await tx.execute(statement.values(changed_at=utc_now(), **values))
    if result.rowcount:
        tx.changed("download", download.id, user_id=download.user_id or None)
    return bool(result.rowcount)


async def change(tx: Transaction, download: Any, **values: Any) -> None:
    """Change what is no state."""
    await move(tx, download, states.STATES, **values)


async def set_place(tx: Transaction, download: Any, index: int) -> None:
    """Give a download the place `index` (from 0) among its person's that have not ended; the others keep their order."""
    statement = (
        select(_D.c.id, _D.c.user_id, _D.c.place)
        .where(_D.c.user_id == download.user_id, _D.c.state.in_(states.ACTIVE), _D.c.id != download.id)
        .order_by(_D.c.place, _D.c.id)
    )
    others = (await tx.execute(statement)).all()
    index = max(0, min(index, len(others)))
    before = others[index - 1].place if index else None
    after = others[index].place if index < len(others) else None
    if before is None:
        place = (after or 1.0) - 1.0
    elif after is None:
        place = before + 1.0
    else:
        place = (before + after) / 2
        if not before < place < after:  # no number is left between the two
            for number, other in enumerate(others):
                await change(tx, other, place=float(number + (number >= index) + 1))
            place = float(index + 1)
    await change(tx, download, place=place)


async def page(
    conn: AsyncConnection,
    *,
    user_id: int | None,
    wanted: Collection[str] = (),
    identifier: str | None = None,
    recording_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[Sequence[Any], int]:
    """Downloads, the newest first, of one person or of all (None), and how many there are of them."""
    where: list[ColumnElement[bool]] = [_D.c.id > 0]
    if user_id is not None:
        where.append(_D.c.user_id == user_id)
    if wanted:
        where.append(_D.c.state.in_(wanted))
    if identifier is not None:
        where.append(_D.c.identifier == identifier)
    if recording_id is not None:
        where.append(_D.c.recording_id == recording_id)
    total = int(await conn.scalar(select(func.count()).select_from(_D).where(*where)) or 0)
    if before is not None:
        where.append(_D.c.id < before)
    rows = (await conn.execute(select(_D).where(*where).order_by(_D.c.id.desc()).limit(limit))).all()
    return rows, total


async def queue(conn: AsyncConnection, user_id: int | None = None) -> Sequence[Any]:
    """What has not ended, in the order in which it is worked at, of one person or of everybody."""
    where: list[ColumnElement[bool]] = [_D.c.state.in_(states.ACTIVE)]
    if user_id is not None:
        where.append(_D.c.user_id == user_id)
    return (await conn.execute(select(_D).where(*where).order_by(_D.c.user_id, _D.c.place, _D.c.id))).all()


async def people_waiting(conn: AsyncConnection, now: datetime) -> list[int]:
    """Whose downloads have something that may be done now."""
    return list((await conn.execute(select(_D.c.user_id).where(*_ready(now)).distinct())).scalars())


async def ready(conn: AsyncConnection, user_id: int, now: datetime, limit: int = 20) -> Sequence[Any]:
    """The first of a person's downloads that may be worked at, in their order."""
    where = (_D.c.user_id == user_id, *_ready(now))
    return (await conn.execute(select(_D).where(*where).order_by(_D.c.place, _D.c.id).limit(limit))).all()


def _ready(now: datetime) -> tuple[ColumnElement[bool], ...]:
    wanted = _D.c.state.in_((states.QUEUED, states.DOWNLOADING, states.VERIFYING))
    return wanted, or_(_D.c.not_before.is_(None), _D.c.not_before <= now)


async def waits(conn: AsyncConnection, now: datetime) -> tuple[int, datetime | None]:
    """How many downloads have something left to do, and the first moment at which one of them may go on."""
    working = _D.c.state.in_(states.WORKING)
    count = int(await conn.scalar(select(func.count()).select_from(_D).where(working)) or 0)
    if not count:
        return 0, None
    whole = await conn.scalar(select(func.min(_D.c.not_before)).where(working, _D.c.not_before > now))
    each = await conn.scalar(
        select(func.min(_F.c.not_before))
        .join(_D, _D.c.id == _F.c.download_id)
        .where(_F.c.state == states.QUEUED, _F.c.not_before > now, _D.c.state == states.DOWNLOADING)
    )
    moments = [moment for moment in (whole, each) if moment is not None]
    return count, min(moments, default=None)


async def is_state(tx: Transaction, number: int, state: str) -> bool:
    """Whether a download is in this state, and stays so until `tx` ends."""
    statement = select(_D.c.state).where(_D.c.id == number).with_for_update()
    return bool(await tx.scalar(statement) == state)


async def states_of(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, str]:
    rows = await conn.execute(select(_D.c.id, _D.c.state).where(_D.c.id.in_(numbers)))
    return {row.id: row.state for row in rows}


async def counts_by_state(conn: AsyncConnection) -> dict[str, int]:
    rows = await conn.execute(select(_D.c.state, func.count()).group_by(_D.c.state))
    return {row[0]: row[1] for row in rows}


async def recently_ended(conn: AsyncConnection, user_id: int, since: datetime) -> Sequence[Any]:
    """A person's downloads that ended since then."""
    where = (_D.c.user_id == user_id, _D.c.ended_at >= since, _D.c.state.in_(states.ENDED))
    return (await conn.execute(select(_D).where(*where).order_by(_D.c.id))).all()


async def used_bytes(conn: AsyncConnection, user_id: int, *, without: int | None = None) -> int:
    """Bytes that a person's downloads take up here, or will when they are done."""
    files = (
        select(func.sum(_F.c.size))
        .join(_D, _D.c.id == _F.c.download_id)
        .where(
            _D.c.user_id == user_id, _D.c.removed_at.is_(None),
            or_(_D.c.state.in_(states.ACTIVE), _F.c.state.in_(states.FILE_THERE)),
        )
    )  # fmt: skip
    if without is not None:
        files = files.where(_D.c.id != without)
    return int(await conn.scalar(files) or 0)


async def still_to_come(conn: AsyncConnection, *, without: int | None = None) -> int:
    """Bytes that the downloads under way still need: reserved, so that two of them do not count on the same room."""
    left = select(func.sum(_F.c.size - _F.c.done_bytes)).join(_D, _D.c.id == _F.c.download_id)
    left = left.where(
        _D.c.state.in_((states.DOWNLOADING, states.PAUSED)),
        _F.c.state.in_((states.QUEUED, states.DOWNLOADING)),
        _F.c.size > _F.c.done_bytes,
    )
    if without is not None:
        left = left.where(_D.c.id != without)
    return int(await conn.scalar(left) or 0)


async def to_enter(conn: AsyncConnection, limit: int = MANY) -> Sequence[Any]:
    """Downloads that are done and whose tracks were not yet found in the library."""
    wanted = and_(_D.c.state == states.DONE, _D.c.entered_at.is_(None), _D.c.removed_at.is_(None))
    return (await conn.execute(select(_D).where(wanted).order_by(_D.c.id).limit(limit))).all()


async def entered_in(conn: AsyncConnection, library_id: int) -> Sequence[Any]:
    """Downloads whose tracks are in a library."""
    where = (_D.c.library_id == library_id, _D.c.entered_at.is_not(None))
    return (await conn.execute(select(_D).where(*where))).all()


async def erase_person(tx: Transaction, user_id: int) -> list[int]:
    """What a person wanted belongs to nobody from now on; what is not here yet is given up. Returns the downloads."""
    found = (await tx.execute(select(_D.c.id).where(_D.c.user_id == user_id))).scalars().all()
    now = utc_now()
    await tx.execute(
        update(LiveDownload)
        .where(LiveDownload.user_id == user_id, LiveDownload.state.in_(states.ACTIVE))
        .values(state=states.CANCELLED, ended_at=now)
    )
    await tx.execute(update(LiveDownload).where(LiveDownload.user_id == user_id).values(user_id=0, changed_at=now))
    return list(found)


# --- files ------------------------------------------------------------------------------------------------------------


async def add_files(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    for at in range(0, len(rows), MANY):
        await tx.execute(insert(LiveDownloadFile), list(rows[at : at + MANY]))


async def files(conn: AsyncConnection, number: int) -> Sequence[Any]:
    """The files of a download in the order in which they are fetched."""
    return (await conn.execute(select(_F).where(_F.c.download_id == number).order_by(_F.c.number))).all()


async def sidecars(conn: AsyncConnection, number: int) -> Sequence[Any]:
    """The files of a download that are here and no audio."""
    where = (_F.c.download_id == number, _F.c.kind != "audio", _F.c.state.in_(states.FILE_THERE))
    return (await conn.execute(select(_F).where(*where).order_by(_F.c.number))).all()


async def files_named(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, Any]:
    """Files by their numbers: id, name, size, done_bytes."""
    statement = select(_F.c.id, _F.c.name, _F.c.size, _F.c.done_bytes).where(_F.c.id.in_(list(numbers)))
    return {row.id: row for row in await conn.execute(statement)}


async def files_at(conn: AsyncConnection, identifier: str, name: str) -> list[tuple[Any, Any]]:
    """The downloads that have this file of an item and were not removed, each with the file."""
    statement = (
        select(_F.c.id, _F.c.download_id)
        .join(_D, _D.c.id == _F.c.download_id)
        .where(_D.c.identifier == identifier, _D.c.removed_at.is_(None), _F.c.name == name)
        .where(_F.c.state.in_(states.FILE_THERE))
        .order_by(_D.c.id)
    )
    found = (await conn.execute(statement)).all()
    return [(await get(conn, row.download_id), await file(conn, row.id)) for row in found]


async def file(conn: AsyncConnection, number: int) -> Any | None:
    return (await conn.execute(select(_F).where(_F.c.id == number))).first()


async def next_file(conn: AsyncConnection, number: int, now: datetime) -> Any | None:
    """The first file of a download whose turn it is."""
    ready = or_(_F.c.not_before.is_(None), _F.c.not_before <= now)
    where = (_F.c.download_id == number, _F.c.state == states.QUEUED, ready)
    return (await conn.execute(select(_F).where(*where).order_by(_F.c.number).limit(1))).first()


async def drop_files(tx: Transaction, download: int) -> None:
    """Forget the files of a download, to plan it anew."""
    await tx.execute(delete(LiveDownloadFile).where(LiveDownloadFile.download_id == download))


async def move_file(
    tx: Transaction, number: int, from_states: Collection[str], to: str | None = None, **values: Any
) -> bool:
    """Change a file where its state is one of `from_states`; whether it was."""
    if to is not None:
        values["state"] = to
    statement = update(LiveDownloadFile).where(LiveDownloadFile.id == number, LiveDownloadFile.state.in_(from_states))
    return bool((await tx.execute(statement.values(**values))).rowcount)


async def move_files(tx: Transaction, download: int, from_states: Collection[str], to: str, **values: Any) -> None:
    """The same for every file of a download."""
    where = (LiveDownloadFile.download_id == download, LiveDownloadFile.state.in_(from_states))
    await tx.execute(update(LiveDownloadFile).where(*where).values(state=to, **values))


async def release(tx: Transaction) -> int:
    """What a worker had in hand that is gone: back to the queue, with what came of it. Returns how many files."""
    busy = update(LiveDownloadFile).where(LiveDownloadFile.state.in_((states.DOWNLOADING, states.VERIFYING)))
    count = (await tx.execute(busy.values(state=states.QUEUED))).rowcount
    resolving = update(LiveDownload).where(LiveDownload.state == states.RESOLVING)
    await tx.execute(resolving.values(state=states.QUEUED))
    return count


async def sums(conn: AsyncConnection, number: int) -> Any:
    """Of a download's files: `bytes` that are there, `count`, `there`, `failed`, `open` (not ended) and `waits_until`."""
    ended = _F.c.state.in_(states.FILE_ENDED)
    statement = select(
        func.coalesce(func.sum(_F.c.done_bytes), 0).label("bytes"),
        func.coalesce(func.sum(_F.c.size), 0).label("size"),
        func.count().label("count"),
        func.count().filter(_F.c.state.in_(states.FILE_THERE)).label("there"),
        func.count().filter(_F.c.state == states.FAILED).label("failed"),
        func.count().filter(~ended).label("open"),
        func.min(_F.c.not_before).filter(_F.c.state == states.QUEUED).label("waits_until"),
    ).where(_F.c.download_id == number)
    return (await conn.execute(statement)).one()


async def settle(tx: Transaction, download: Any) -> Any:
    """Write a download's counts anew from its files; returns them (`sums`)."""
    counted = await sums(tx.conn, download.id)
    values = {
        "done_bytes": counted.bytes, "done_count": counted.there, "file_count": counted.count, "size_bytes": counted.size
    }  # fmt: skip
    await change(tx, download, **values)
    return counted


async def count_one(tx: Transaction, download: Any) -> None:
    """One more file of a download is there."""
    statement = update(LiveDownload).where(LiveDownload.id == download.id)
    await tx.execute(
        statement.values(done_count=LiveDownload.done_count + 1, changed_at=utc_now(), waiting=None, tries=0)
    )
    tx.changed("download", download.id, user_id=download.user_id or None)


async def other_users_of(conn: AsyncConnection, root: bytes, paths: Collection[bytes], without: int) -> set[bytes]:
    """Those of `paths` (relative to `root`) that another download, not removed, has or will have."""
    found: set[bytes] = set()
    wanted = list(paths)
    for at in range(0, len(wanted), MANY):
        statement = (
            select(_F.c.path)
            .join(_D, _D.c.id == _F.c.download_id)
            .where(
                _D.c.root == root, _D.c.removed_at.is_(None), _D.c.id != without,
                _F.c.path.in_(wanted[at : at + MANY]), _F.c.state.in_((*states.FILE_THERE, states.DOWNLOADING)),
            )
        )  # fmt: skip
        found.update((await conn.execute(statement)).scalars())
    return found


async def is_under_way(conn: AsyncConnection, root: bytes, path: bytes, without: int) -> bool:
    """Whether another file that is being fetched just now goes to the same place."""
    statement = select(
        exists().where(
            _D.c.id == _F.c.download_id, _D.c.root == root, _F.c.path == path, _F.c.id != without,
            _F.c.state.in_((states.DOWNLOADING, states.VERIFYING)),
        )
    )  # fmt: skip
    return bool(await conn.scalar(statement))
