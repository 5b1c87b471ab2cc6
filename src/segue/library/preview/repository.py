"""Queries of previews: what the tables say about albums that would change, and the reports that are kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from zstandard import ZstdCompressor, ZstdDecompressor

from segue.core.db import Transaction
from segue.library.models import Album, File, Folder, Track
from segue.library.preview.models import ScanPreview, ScanPreviewChange
from segue.library.scan.write.names import slices
from segue.library.scan.write.written import MemberRow

_LARGEST = 4 * 1024 * 1024


async def codecs(conn: AsyncConnection, files: Collection[int]) -> dict[int, str | None]:
    """The codec of files, by number."""
    found: dict[int, str | None] = {}
    for part in slices(sorted(set(files))):
        found.update(
            (row[0], row[1]) for row in await conn.execute(select(File.id, File.codec).where(File.id.in_(part)))
        )
    return found


async def formats(conn: AsyncConnection, files: Collection[int]) -> dict[int, str | None]:
    """The format of files, by number."""
    found: dict[int, str | None] = {}
    for part in slices(sorted(set(files))):
        rows = await conn.execute(select(File.id, File.format).where(File.id.in_(part)))
        found.update((row[0], row[1]) for row in rows)
    return found


async def holders(conn: AsyncConnection, library_id: int, groups: Collection[str]) -> list[tuple[int, str, str, Any]]:
    """(album, key, rule, params) of the albums of a library that have these keys."""
    found: list[tuple[int, str, str, Any]] = []
    columns = (Album.id, Album.group_key, Album.rule, Album.rule_params)
    for part in slices(sorted(groups)):
        rows = await conn.execute(select(*columns).where(Album.library_id == library_id, Album.group_key.in_(part)))
        found.extend((row[0], row[1], row[2], row[3]) for row in rows)
    return found


async def sizes(conn: AsyncConnection, library_id: int, albums: Collection[int]) -> list[Row[Any]]:
    """Rows (id, group_key, rule, rule_params, track_count, missing_count) of these albums of a library."""
    columns = (
        Album.id, Album.group_key, Album.rule, Album.rule_params, Album.track_count, Album.missing_count,
    )  # fmt: skip
    found: list[Row[Any]] = []
    for part in slices(sorted(albums)):
        rows = await conn.execute(select(*columns).where(Album.library_id == library_id, Album.id.in_(part)))
        found.extend(rows.all())
    return found


async def albums(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, Any]:
    """Albums as mappings, by number."""
    found: dict[int, Any] = {}
    for part in slices(sorted(numbers)):
        rows = await conn.execute(select(Album.__table__).where(Album.id.in_(part)))
        found.update((row.id, row._mapping) for row in rows)
    return found


async def members(conn: AsyncConnection, albums: Collection[int]) -> list[MemberRow]:
    """The tracks of albums."""
    columns = (
        Track.id, Track.album_id, Track.file_id, Track.disc, Track.position, Track.duration_ms, File.size_bytes,
        Track.missing_since.is_not(None), Track.artwork_id, File.folder_id, Track.start_ms,
    )  # fmt: skip
    found: list[MemberRow] = []
    for part in slices(sorted(albums)):
        statement = select(*columns).join(File, File.id == Track.file_id).where(Track.album_id.in_(part))
        found.extend(MemberRow(*row) for row in await conn.execute(statement))
    return found


async def folder_path(conn: AsyncConnection, number: int) -> tuple[int, bytes] | None:
    """The library and path of a folder, or None."""
    row = (await conn.execute(select(Folder.library_id, Folder.path).where(Folder.id == number))).first()
    return None if row is None else (row[0], row[1])


# --- reports ----------------------------------------------------------------------------------------------------------


async def add(tx: Transaction, values: dict[str, Any]) -> int:
    """Keep that somebody asked for a preview; returns its number."""
    result = await tx.execute(insert(ScanPreview).values(**values).returning(ScanPreview.id))
    return int(result.scalar_one())


async def preview(conn: AsyncConnection, number: int, now: datetime) -> Row[Any] | None:
    """One preview that has not expired, or None."""
    table = ScanPreview.__table__
    return (await conn.execute(select(table).where(table.c.id == number, table.c.expires_at > now))).first()


async def set_values(tx: Transaction, number: int, **values: Any) -> None:
    """Change the row of a preview."""
    await tx.execute(update(ScanPreview).where(ScanPreview.id == number).values(**values))


async def drop_changes(tx: Transaction, number: int, limit: int) -> int:
    """Forget some of the changes a preview found; returns how many."""
    some = select(ScanPreviewChange.id).where(ScanPreviewChange.preview_id == number).limit(limit)
    ids = list((await tx.execute(some)).scalars())
    if ids:
        await tx.execute(delete(ScanPreviewChange).where(ScanPreviewChange.id.in_(ids)))
    return len(ids)


async def add_changes(tx: Transaction, number: int, kind: str, start: int, documents: Sequence[dict[str, Any]]) -> None:
    """Keep changes of one kind, the first of them as number `start` of it."""
    pack = ZstdCompressor(level=3)
    rows = [
        {
            "preview_id": number,
            "kind": kind,
            "place": start + place,
            "document": pack.compress(json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")),
        }
        for place, document in enumerate(documents)
    ]
    await tx.execute(insert(ScanPreviewChange), rows)


async def changes(
    conn: AsyncConnection, number: int, kind: str, after: int, limit: int
) -> list[tuple[int, dict[str, Any]]]:
    """(place, document) of the changes of one kind, from the one after `after`."""
    statement = (
        select(ScanPreviewChange.place, ScanPreviewChange.document)
        .where(
            ScanPreviewChange.preview_id == number,
            ScanPreviewChange.kind == kind,
            ScanPreviewChange.place > after,
        )
        .order_by(ScanPreviewChange.place)
        .limit(limit)
    )
    unpack = ZstdDecompressor()
    return [
        (row[0], json.loads(unpack.decompress(row[1], max_output_size=_LARGEST)))
        for row in await conn.execute(statement)
    ]


async def expired(conn: AsyncConnection, now: datetime) -> list[int]:
    """Previews that nobody may see any more."""
    return list(await conn.scalars(select(ScanPreview.id).where(ScanPreview.expires_at <= now)))


async def left_behind(conn: AsyncConnection) -> list[int]:
    """Numbers of previews that are gone with their library, of which changes are still kept."""
    known = select(ScanPreview.id).where(ScanPreview.id == ScanPreviewChange.preview_id)
    return list(await conn.scalars(select(ScanPreviewChange.preview_id).where(~known.exists()).distinct()))


async def remove(tx: Transaction, number: int) -> None:
    """Forget a preview whose changes are gone."""
    await tx.execute(delete(ScanPreview).where(ScanPreview.id == number))


async def known_folders(conn: AsyncConnection, library_id: int) -> list[tuple[int, bytes]]:
    """(id, path) of all folders of a library."""
    rows = await conn.execute(select(Folder.id, Folder.path).where(Folder.library_id == library_id))
    return [(row[0], row[1]) for row in rows]


async def count_files(conn: AsyncConnection, library_id: int) -> int:
    """Files of a library, missing ones too."""
    return int(await conn.scalar(select(func.count()).select_from(File).where(File.library_id == library_id)) or 0)
