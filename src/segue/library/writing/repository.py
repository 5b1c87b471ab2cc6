"""Every query of the journal of tag writing, and of what it needs to know of files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.models import Artwork, File, Library, RawTags, Track, TrackCredit
from segue.library.options import options_of
from segue.library.scan.write.names import slices
from segue.library.writing.models import TagBlock, TagWrite, TagWriteBatch

UNDER_WAY = ("writing", "ready")
OPEN = ("planned", *UNDER_WAY)


class WritableFile(NamedTuple):
    """A file as the tables have it, with the one track that is the whole of it."""

    id: int
    library_id: int
    root: bytes
    options: dict[str, Any] | None
    path: bytes
    display_path: str
    size: int
    mtime_ns: int
    format: str | None
    missing: bool
    track_id: int | None
    album_id: int | None
    is_slice: bool
    codec: str | None


# --- files ------------------------------------------------------------------------------------------------------------


async def files(conn: AsyncConnection, file_ids: Collection[int]) -> dict[int, WritableFile]:
    """What is known of these files, by id."""
    found: dict[int, WritableFile] = {}
    for part in slices(sorted(file_ids)):
        statement = (
            select(
                File.id, File.library_id, Library.root, Library.options, File.path, File.display_path, File.size_bytes,
                File.mtime_ns, File.format, File.missing_since.is_not(None), func.min(Track.id), func.min(Track.album_id),
                func.max(func.coalesce(Track.start_ms, -1)) >= 0, File.codec,
            )
            .join(Library, Library.id == File.library_id)
            .outerjoin(Track, and_(Track.file_id == File.id, Track.missing_since.is_(None)))
            .where(File.id.in_(part))
            .group_by(File.id, Library.id)
        )  # fmt: skip
        for row in await conn.execute(statement):
            found[row[0]] = WritableFile(*[*row[:12], bool(row[12]), row[13]])
    return found


async def files_of_tracks(conn: AsyncConnection, track_ids: Collection[int]) -> list[int]:
    """The files of these tracks."""
    found: set[int] = set()
    for part in slices(sorted(track_ids)):
        found.update(await conn.scalars(select(Track.file_id).where(Track.id.in_(part))))
    return sorted(found)


async def files_of_albums(conn: AsyncConnection, album_ids: Collection[int]) -> list[int]:
    """The files of the tracks of these albums."""
    found: set[int] = set()
    for part in slices(sorted(album_ids)):
        found.update(await conn.scalars(select(Track.file_id).where(Track.album_id.in_(part))))
    return sorted(found)


async def files_of_artists(conn: AsyncConnection, artist_ids: Collection[int]) -> list[int]:
    """The files of tracks that credit one of these artists."""
    found: set[int] = set()
    for part in slices(sorted(artist_ids)):
        statement = select(Track.file_id).join(TrackCredit, TrackCredit.track_id == Track.id)
        found.update(await conn.scalars(statement.where(TrackCredit.artist_id.in_(part)).distinct()))
    return sorted(found)


async def edited_files_of_libraries(conn: AsyncConnection, library_ids: Collection[int]) -> list[int]:
    """The files of these libraries about whose tracks or albums there are edits."""
    from segue.library.edits.models import Edit

    found: set[int] = set()
    for kind, column in (("track", Track.id), ("album", Track.album_id)):
        edited = select(Edit.entity_id).where(Edit.kind == kind)
        statement = select(Track.file_id).where(Track.library_id.in_(library_ids), column.in_(edited))
        found.update(await conn.scalars(statement))
    return sorted(found)


async def measured_files_of_libraries(conn: AsyncConnection, library_ids: Collection[int]) -> list[int]:
    """The files of these libraries whose tracks show anything that was measured and that tags can say."""
    shown = or_(Track.bpm_measured, Track.key_measured, Track.gain_measured)
    statement = select(Track.file_id).where(Track.library_id.in_(library_ids), Track.missing_since.is_(None), shown)
    return sorted(set(await conn.scalars(statement)))


async def any_library_writes(conn: AsyncConnection) -> bool:
    """Whether any library's option `write_tags` is on."""
    options = await conn.scalars(select(Library.options).where(Library.options.is_not(None)))
    return any(options_of(each).write_tags for each in options)


async def visible(conn: AsyncConnection, file_ids: Collection[int], libraries: frozenset[int] | None) -> list[int]:
    """Those of these files that are in one of `libraries` (None: all)."""
    found: list[int] = []
    for part in slices(sorted(file_ids)):
        statement = select(File.id).where(File.id.in_(part))
        if libraries is not None:
            statement = statement.where(File.library_id.in_(libraries))
        found.extend(await conn.scalars(statement.order_by(File.id)))
    return found


async def picture_key(conn: AsyncConnection, artwork_id: int) -> Row[*tuple[Any, ...]] | None:
    """Where a picture is stored, and what it is."""
    columns = (Artwork.storage_key, Artwork.mime, Artwork.width, Artwork.height)
    return (await conn.execute(select(*columns).where(Artwork.id == artwork_id))).first()


async def chosen_pictures(conn: AsyncConnection, album_ids: Collection[int]) -> dict[int, int]:
    """The picture that stands for each of these albums, by album."""
    from segue.library.models import Album

    found: dict[int, int] = {}
    for part in slices(sorted(album_ids)):
        statement = select(Album.id, Album.artwork_id).where(Album.id.in_(part), Album.artwork_id.is_not(None))
        found.update((int(row[0]), int(row[1] or 0)) for row in await conn.execute(statement))
    return found


async def set_stat(
    tx: Transaction, file: WritableFile, stat: Sequence[int], tag_hash: bytes | None, now: datetime
) -> None:
    """Note that a file is as we left it, and what that makes of its library's size. Without `tag_hash` a scan reads it again."""
    size, mtime_ns, device, inode, ctime_ns = stat
    await tx.execute(
        update(File)
        .where(File.id == file.id)
        .values(
            size_bytes=size,
            mtime_ns=mtime_ns,
            ctime_ns=ctime_ns,
            device=device,
            inode=inode,
            tag_hash=tag_hash,
            read_at=now,
        )
    )
    if not file.missing:
        await tx.execute(
            update(Library)
            .where(Library.id == file.library_id)
            .values(size_bytes=Library.size_bytes + (size - file.size))
        )


async def set_document(tx: Transaction, file_id: int, document: bytes, now: datetime) -> None:
    """Keep what a file says now."""
    await tx.execute(update(RawTags).where(RawTags.file_id == file_id).values(document=document, read_at=now))


# --- batches ----------------------------------------------------------------------------------------------------------


async def add_batch(tx: Transaction, **values: Any) -> int:
    """A new act of writing; returns its number."""
    number = int((await tx.execute(insert(TagWriteBatch).values(values).returning(TagWriteBatch.id))).scalar_one())
    tx.changed("tag_write", number)
    return number


async def set_batch(tx: Transaction, batch: int, **values: Any) -> None:
    await tx.execute(update(TagWriteBatch).where(TagWriteBatch.id == batch).values(values))
    tx.changed("tag_write", batch)


_SHOWN = [column for column in TagWriteBatch.__table__.c if column.name != "file_ids"]


async def batch(conn: AsyncConnection, number: int) -> Row[Any] | None:
    """An act, without the list of its files; see `files_of_batch`."""
    return (await conn.execute(select(*_SHOWN).where(TagWriteBatch.id == number))).first()


async def files_of_batch(conn: AsyncConnection, number: int) -> list[int]:
    """The files that an act is about."""
    found: list[int] | None = await conn.scalar(select(TagWriteBatch.file_ids).where(TagWriteBatch.id == number))
    return found or []


async def batches(conn: AsyncConnection, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Newest first."""
    statement = select(*_SHOWN).order_by(TagWriteBatch.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(TagWriteBatch.id < before)
    return (await conn.execute(statement)).all()


async def counts(conn: AsyncConnection, batch_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """How many files of each batch are in which state."""
    found: dict[int, dict[str, int]] = {number: {} for number in batch_ids}
    statement = (
        select(TagWrite.batch_id, TagWrite.state, func.count())
        .where(TagWrite.batch_id.in_(sorted(batch_ids)))
        .group_by(TagWrite.batch_id, TagWrite.state)
    )
    for row in await conn.execute(statement):
        found[row[0]][row[1]] = row[2]
    return found


async def unfinished(conn: AsyncConnection) -> Sequence[Row[Any]]:
    """Batches that have not come to their end."""
    return (await conn.execute(select(*_SHOWN).where(TagWriteBatch.finished_at.is_(None)))).all()


async def give_up(tx: Transaction, batch_id: int, code: str, now: datetime) -> None:
    """End a batch: what was planned is not done any more."""
    await tx.execute(
        update(TagWrite)
        .where(TagWrite.batch_id == batch_id, TagWrite.state == "planned")
        .values(state="failed", code=code, changed_at=now)
    )
    await set_batch(tx, batch_id, finished_at=now)


async def undone_by(conn: AsyncConnection, number: int) -> int | None:
    """The act that undid a batch, if any."""
    statement = select(TagWriteBatch.id).where(TagWriteBatch.undoes == number).limit(1)
    found = await conn.scalar(statement)
    return None if found is None else int(found)


# --- files of a batch -------------------------------------------------------------------------------------------------


async def add_writes(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await tx.execute(insert(TagWrite), list(rows))


async def writes(
    conn: AsyncConnection,
    batch_id: int,
    *,
    states: Collection[str] | None = None,
    after: int = 0,
    limit: int = 100,
    libraries: frozenset[int] | None = None,
) -> Sequence[Row[Any]]:
    """The files of a batch in order."""
    statement = select(TagWrite.__table__).where(TagWrite.batch_id == batch_id, TagWrite.id > after)
    if states is not None:
        statement = statement.where(TagWrite.state.in_(states))
    if libraries is not None:
        statement = statement.where(TagWrite.library_id.in_(libraries))
    return (await conn.execute(statement.order_by(TagWrite.id).limit(limit))).all()


async def writes_by_id(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for part in slices(sorted(numbers)):
        for row in await conn.execute(select(TagWrite.__table__).where(TagWrite.id.in_(part))):
            found[row.id] = row
    return found


async def under_way(conn: AsyncConnection) -> Sequence[Row[Any]]:
    """Files whose writing was begun and neither finished nor taken back, of every batch."""
    statement = select(TagWrite.__table__).where(TagWrite.state.in_(UNDER_WAY)).order_by(TagWrite.id)
    return (await conn.execute(statement)).all()


async def set_write(tx: Transaction, number: int, **values: Any) -> None:
    await tx.execute(update(TagWrite).where(TagWrite.id == number).values(values))


async def journal(conn: AsyncConnection, file_ids: Collection[int]) -> dict[int, list[Row[Any]]]:
    """What stands in these files by our hand: changes and before of every write that holds, the oldest first."""
    found: dict[int, list[Row[Any]]] = {}
    for part in slices(sorted(file_ids)):
        statement = select(TagWrite.file_id, TagWrite.changes, TagWrite.before, TagWrite.params).where(
            TagWrite.file_id.in_(part), TagWrite.state == "written", TagWrite.undoes.is_(None)
        )
        for row in await conn.execute(statement.order_by(TagWrite.id)):
            found.setdefault(row.file_id, []).append(row)
    return found


async def newer_write(conn: AsyncConnection, file_id: int, number: int) -> bool:
    """Whether a file was written by a later act that still holds."""
    statement = select(TagWrite.id).where(
        TagWrite.file_id == file_id, TagWrite.id > number, TagWrite.state == "written"
    )
    return (await conn.execute(statement.limit(1))).first() is not None


async def keep_block(tx: Transaction, number: int, block: bytes) -> None:
    await tx.execute(delete(TagBlock).where(TagBlock.write_id == number))
    await tx.execute(insert(TagBlock).values(write_id=number, block=block))


async def block(conn: AsyncConnection, number: int) -> bytes | None:
    found: bytes | None = await conn.scalar(select(TagBlock.block).where(TagBlock.write_id == number))
    return found
