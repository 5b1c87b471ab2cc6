"""Rows as they are, to be kept and put back: files with their tracks and documents, albums with who is in them."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from zstandard import ZstdCompressor, ZstdDecompressor

from segue.library.lyrics.models import LyricsRow
from segue.library.models import Album, ExternalIdRow, File, Folder, RawTags, Track, TrackCredit, TrackGenre
from segue.library.scan.write.names import slices

Image = dict[str, Any]
"""{files: [{row, document, tracks: [{row, credits, genres, ids, words}]}], albums: [{row, tracks}], folders: [row],
made: {files, albums}}."""

OF_TRACKS: tuple[tuple[str, Any, Any], ...] = (
    ("credits", TrackCredit, None),
    ("genres", TrackGenre, None),
    ("words", LyricsRow, LyricsRow.source == "sidecar"),
)
"""What hangs on tracks and comes from files, by the name it has in an image, and which rows of a table that is."""
_LARGEST = 256 * 1024 * 1024


def empty() -> Image:
    """An image of nothing."""
    return {"files": [], "albums": [], "folders": [], "made": {"files": [], "albums": []}}


def pack(image: Image) -> bytes:
    """An image as compressed JSON."""
    text = json.dumps(image, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return ZstdCompressor(level=3).compress(text.encode("utf-8", "backslashreplace"))


def unpack(document: bytes) -> Image:
    """The inverse of `pack`."""
    text = ZstdDecompressor().decompress(document, max_output_size=_LARGEST)
    image: Image = json.loads(text, object_hook=_whole)
    return image


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$t": value.isoformat()}
    if isinstance(value, bytes):
        return {"$b": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _whole(members: dict[str, Any]) -> Any:
    if len(members) == 1:
        if "$t" in members:
            return datetime.fromisoformat(members["$t"])
        if "$b" in members:
            return base64.b64decode(members["$b"])
    return members


def columns_of(model: Any, row: Mapping[str, Any], *leave_out: str) -> dict[str, Any]:
    """The members of an image that are still columns of its table."""
    known = model.__table__.c.keys()
    return {name: value for name, value in row.items() if name in known and name not in leave_out}


async def files(conn: AsyncConnection, numbers: Collection[int]) -> list[dict[str, Any]]:
    """Files with what they said, and their tracks with all that hangs on them."""
    rows = await _by(conn, File, File.id, numbers)
    said = {row["file_id"]: row for row in await _by(conn, RawTags, RawTags.file_id, numbers)}
    tracks: dict[int, list[dict[str, Any]]] = {}
    found: dict[int, dict[str, Any]] = {
        row["id"]: {"row": row} for row in await _by(conn, Track, Track.file_id, numbers)
    }
    for name, model, only in OF_TRACKS:
        for row in await _by(conn, model, model.track_id, found, *(() if only is None else (only,))):
            found[row["track_id"]].setdefault(name, []).append(row)
    for row in await _by(conn, ExternalIdRow, ExternalIdRow.entity_id, found, ExternalIdRow.kind == "track"):
        found[row["entity_id"]].setdefault("ids", []).append(row)
    for track in found.values():
        tracks.setdefault(track["row"]["file_id"], []).append(track)
    return [{"row": row, "document": said.get(row["id"]), "tracks": tracks.get(row["id"], [])} for row in rows]


async def albums(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, dict[str, Any]]:
    """Albums with the numbers of their tracks, by number."""
    found: dict[int, dict[str, Any]] = {
        row["id"]: {"row": row, "tracks": []} for row in await _by(conn, Album, Album.id, numbers)
    }
    for part in slices(sorted(found)):
        statement = select(Track.album_id, Track.id).where(Track.album_id.in_(part)).order_by(Track.id)
        for album, track in await conn.execute(statement):
            found[album]["tracks"].append(track)
    return found


async def folders(conn: AsyncConnection, numbers: Collection[int]) -> list[dict[str, Any]]:
    """Folders, of which only the picture is put back."""
    return await _by(conn, Folder, Folder.id, numbers)


async def _by(
    conn: AsyncConnection, model: Any, column: Any, values: Iterable[int], *where: Any
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in slices(sorted(set(values))):
        rows = await conn.execute(select(model.__table__).where(column.in_(part), *where))
        found.extend(dict(row._mapping) for row in rows)
    return found
