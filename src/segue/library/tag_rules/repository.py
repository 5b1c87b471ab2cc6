"""Queries of the rules for tags: a person's own, the files that other rules made, and samples of what files said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.models import Artist, File, Folder, Genre, RawTags, Track
from segue.library.scan.write.names import slices
from segue.library.scan.write.statements import put
from segue.library.tag_rules.models import ONLY, TagRules

PRODUCED = (
    "format", "codec", "content_type", "lossless", "duration_ms", "bitrate_kbps", "sample_rate_hz", "bit_depth",
    "channels", "audio_key", "audio_key_kind", "problem_code", "problem_params", "doubts",
)  # fmt: skip
"""Columns of a file that reading it gave."""


async def kept(conn: AsyncConnection) -> Row[Any] | None:
    """The row of a person's rules; None where nobody ever wrote any."""
    return (await conn.execute(select(TagRules.__table__).where(TagRules.id == ONLY))).first()


async def keep(tx: Transaction, **values: Any) -> None:
    """Change columns of that row."""
    result = await tx.execute(update(TagRules).where(TagRules.id == ONLY).values(values))
    if not result.rowcount:
        await tx.execute(insert(TagRules).values(id=ONLY, **values))


async def keep_text(tx: Transaction, text: str | None, changed_by: int | None, now: datetime) -> None:
    """A person's rules are these from now on; None: there are none."""
    await keep(tx, text=text, changed_by=changed_by, changed_at=now)
    tx.changed("setting", "tags.rules", "upsert" if text else "delete")


def _other(digest: bytes) -> Any:
    """Files that are tracks, and whose tracks other rules made."""
    is_track = exists().where(Track.file_id == File.id)
    return and_(or_(File.rules_hash.is_(None), File.rules_hash != digest), is_track)


async def count_behind(conn: AsyncConnection, digest: bytes) -> int:
    """How many files were made by other rules."""
    return int(await conn.scalar(select(func.count()).select_from(File).where(_other(digest))) or 0)


async def behind(conn: AsyncConnection, digest: bytes, after: tuple[int, int], limit: int) -> Sequence[tuple[int, int]]:
    """(folder, file) of files that other rules made, in the order of folders, behind `after`."""
    beyond = and_(File.folder_id >= after[0], or_(File.folder_id > after[0], File.id > after[1]))
    statement = select(File.folder_id, File.id).where(beyond, _other(digest)).order_by(File.folder_id, File.id)
    return [(row[0], row[1]) for row in await conn.execute(statement.limit(limit))]


async def said(conn: AsyncConnection, files: Collection[int]) -> list[Row[Any]]:
    """What reading these files gave, with their documents where they have one: id, library_id, tag_hash, document …"""
    columns = [File.id, File.library_id, File.folder_id, File.missing_since, File.tag_hash, File.rules_hash]
    columns += [getattr(File, name) for name in PRODUCED]
    found: list[Row[Any]] = []
    for part in slices(sorted(files), 500):
        statement = (
            select(*columns, RawTags.document, RawTags.reader_version)
            .outerjoin(RawTags, RawTags.file_id == File.id)
            .where(File.id.in_(part))
        )
        found.extend(await conn.execute(statement.order_by(File.id)))
    return found


async def unchanged(tx: Transaction, hashes: dict[int, bytes | None]) -> set[int]:
    """Those of these files that nobody has written since their `tag_hash` was this."""
    found: set[int] = set()
    for part in slices(sorted(hashes)):
        for row in await tx.execute(select(File.id, File.tag_hash).where(File.id.in_(part))):
            if row[1] == hashes[row[0]]:
                found.add(row[0])
    return found


async def mark_made(tx: Transaction, digest: bytes, files: Collection[int]) -> None:
    """These files are as these rules make them."""
    for part in slices(sorted(files)):
        await tx.execute(update(File).where(File.id.in_(part)).values(rules_hash=digest))


async def put_made(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Files that the rules changed: file, v_rules_hash, v_tag_hash, v_doubts."""
    if rows:
        await tx.execute(put(File, ("rules_hash", "tag_hash", "doubts"), "file"), rows)


async def read_again(tx: Transaction, files: Collection[int]) -> None:
    """Let the next scan read these files, and look into their folders."""
    for part in slices(sorted(files)):
        folders = select(File.folder_id).where(File.id.in_(part))
        await tx.execute(update(Folder).where(Folder.id.in_(folders)).values(fingerprint=None))
        await tx.execute(update(File).where(File.id.in_(part)).values(tag_hash=None))


async def sample(
    conn: AsyncConnection, size: int, libraries: frozenset[int] | None
) -> tuple[list[tuple[int, str, bytes, str]], int]:
    """(track, format, document, title) of tracks all over the library, at most `size`; and how many tracks there are."""
    present = select(func.count(), func.min(Track.id), func.max(Track.id)).where(Track.missing_since.is_(None))
    if libraries is not None:
        present = present.where(Track.library_id.in_(sorted(libraries)))
    total, first, last = (await conn.execute(present)).one()
    if not total:
        return [], 0
    statement = (
        select(Track.id, File.format, RawTags.document, Track.title)
        .join(File, File.id == Track.file_id)
        .join(RawTags, RawTags.file_id == File.id)
        .where(Track.missing_since.is_(None), or_(Track.start_ms.is_(None), Track.start_ms == 0))
    )
    if libraries is not None:
        statement = statement.where(Track.library_id.in_(sorted(libraries)))
    found: list[tuple[int, str, bytes, str]] = []
    if total <= size:
        found.extend(_sampled(row) for row in await conn.execute(statement.order_by(Track.id)))
        return found, int(total)
    stretches = min(100, size)
    each = -(-size // stretches)
    width = max(1, (last - first + 1) // stretches)
    for number in range(stretches):
        start = first + number * width
        part = statement.where(Track.id >= start, Track.id < start + width).order_by(Track.id).limit(each)
        found.extend(_sampled(row) for row in await conn.execute(part))
    return found, int(total)


def _sampled(row: Any) -> tuple[int, str, bytes, str]:
    return (row[0], row[1] or "", row[2], row[3])


async def known_names(conn: AsyncConnection, model: type[Artist] | type[Genre], keys: Collection[str]) -> set[str]:
    """Those of these names (as they are looked up) that somebody, or a genre, has already."""
    found: set[str] = set()
    for part in slices(sorted(keys)):
        found.update(await conn.scalars(select(model.name_key).where(model.name_key.in_(part))))
    return found
