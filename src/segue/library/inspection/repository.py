"""Queries of inspection: a file with everything known of it, an album's files, an artist's names and history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.edits.models import Edit, EditBatch, EditLog
from segue.library.models import (
    Album,
    AlbumCredit,
    Artist,
    ArtistAlias,
    File,
    Folder,
    Library,
    RawTags,
    Redirect,
    Track,
    TrackCredit,
)


async def file_of_track(conn: AsyncConnection, track_id: int) -> int | None:
    """The file that a track is in."""
    found: int | None = await conn.scalar(select(Track.file_id).where(Track.id == track_id))
    return found


async def file_at(conn: AsyncConnection, path: bytes) -> int | None:
    """The file at an absolute path, if it lies in a library and is known."""
    for row in await conn.execute(select(Library.id, Library.root)):
        if path.startswith(row.root.rstrip(b"/") + b"/"):
            inside = path[len(row.root.rstrip(b"/")) + 1 :]
            found = await conn.scalar(select(File.id).where(File.library_id == row.id, File.path == inside))
            if found is not None:
                return int(found)
    return None


async def file(conn: AsyncConnection, file_id: int) -> Row[Any] | None:
    """Everything that is stored of a file, with its document."""
    statement = (
        select(File.__table__, RawTags.document)
        .outerjoin(RawTags, RawTags.file_id == File.id)
        .where(File.id == file_id)
    )
    return (await conn.execute(statement)).first()


async def tracks_of_file(conn: AsyncConnection, file_id: int) -> Sequence[Any]:
    """(id, title, album_id, start_ms, bpm_measured, key_measured, gain_measured) of the tracks in a file."""
    statement = select(
        Track.id,
        Track.title,
        Track.album_id,
        Track.start_ms,
        Track.bpm_measured,
        Track.key_measured,
        Track.gain_measured,
    ).where(Track.file_id == file_id)
    return (await conn.execute(statement.order_by(func.coalesce(Track.start_ms, 0), Track.id))).all()


async def album(conn: AsyncConnection, album_id: int) -> Row[Any] | None:
    """(id, library_id, title, artist_display, rule, rule_params, group_key)."""
    columns = (
        Album.id,
        Album.library_id,
        Album.title,
        Album.artist_display,
        Album.rule,
        Album.rule_params,
        Album.group_key,
    )
    return (await conn.execute(select(*columns).where(Album.id == album_id))).first()


async def files_of_album(conn: AsyncConnection, album_id: int, limit: int) -> Sequence[Any]:
    """(track, title, start_ms, file, display_path, folder, document) of an album's tracks in order."""
    statement = (
        select(
            Track.id, Track.title, Track.start_ms, Track.missing_since, File.id.label("file_id"), File.display_path,
            Folder.path.label("folder"), RawTags.document,
        )
        .join(File, File.id == Track.file_id)
        .join(Folder, Folder.id == File.folder_id)
        .outerjoin(RawTags, RawTags.file_id == File.id)
        .where(Track.album_id == album_id)
        .order_by(func.coalesce(Track.disc, 0), func.coalesce(Track.position, 0), Track.id)
        .limit(limit)
    )  # fmt: skip
    return (await conn.execute(statement)).all()


async def count_tracks(conn: AsyncConnection, album_id: int) -> int:
    statement = select(func.count()).select_from(Track).where(Track.album_id == album_id)
    return int(await conn.scalar(statement) or 0)


async def artist(conn: AsyncConnection, artist_id: int) -> Row[Any] | None:
    return (await conn.execute(select(Artist.__table__).where(Artist.id == artist_id))).first()


async def aliases(conn: AsyncConnection, artist_id: int) -> Sequence[Any]:
    """(name, locale, source) of an artist's other names."""
    statement = select(ArtistAlias.name, ArtistAlias.locale, ArtistAlias.source)
    return (
        await conn.execute(statement.where(ArtistAlias.artist_id == artist_id).order_by(ArtistAlias.sort_key))
    ).all()


async def spellings(conn: AsyncConnection, artist_id: int, limit: int) -> list[tuple[str, str, int]]:
    """(name as written, role, how often) of an artist's credits on tracks and albums, the most frequent first."""
    found: dict[tuple[str, str], int] = {}
    for credits in (TrackCredit, AlbumCredit):
        statement = (
            select(credits.credited_as, credits.role, func.count())
            .where(credits.artist_id == artist_id)
            .group_by(credits.credited_as, credits.role)
        )
        for name, role, count in await conn.execute(statement):
            found[(name or "", role)] = found.get((name or "", role), 0) + int(count)
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [(name, role, count) for (name, role), count in ordered[:limit]]


async def namesakes(conn: AsyncConnection, artist_id: int, name_key: str) -> Sequence[Any]:
    """(id, name, disambiguation, musicbrainz_id) of other artists of that name."""
    columns = (Artist.id, Artist.name, Artist.disambiguation, Artist.musicbrainz_id)
    statement = (
        select(*columns).where(Artist.name_key == name_key, Artist.id != artist_id).order_by(Artist.id).limit(50)
    )
    return (await conn.execute(statement)).all()


async def merged_into(conn: AsyncConnection, kind: str, number: int) -> Sequence[Any]:
    """(old_id, created_at) of the rows that became this one."""
    statement = select(Redirect.old_id, Redirect.created_at).where(Redirect.kind == kind, Redirect.new_id == number)
    return (await conn.execute(statement.order_by(Redirect.created_at, Redirect.old_id).limit(200))).all()


async def edits(conn: AsyncConnection, kind: str, ids: Collection[int]) -> Sequence[Any]:
    """The edits that hold of these things: entity_id, field, value, edited_by, edited_at."""
    statement = select(Edit.entity_id, Edit.field, Edit.value, Edit.edited_by, Edit.edited_at).where(
        Edit.kind == kind, Edit.entity_id.in_(sorted(ids))
    )
    return (await conn.execute(statement.order_by(Edit.entity_id, Edit.field))).all()


async def history(conn: AsyncConnection, kind: str, number: int, others: Collection[int] = ()) -> Sequence[Any]:
    """(id, action, params, made_by, made_at, undone_by) of the acts that changed this thing, the newest first.

    `others` are what was merged into it: their acts are its own.
    """
    ids = sorted({number, *others})
    touched = select(EditLog.batch_id).where(EditLog.kind == kind, EditLog.entity_id.in_(ids))
    columns = (
        EditBatch.id, EditBatch.action, EditBatch.params, EditBatch.made_by, EditBatch.made_at, EditBatch.undone_by,
    )  # fmt: skip
    statement = select(*columns).where(EditBatch.id.in_(touched)).order_by(EditBatch.id.desc()).limit(200)
    return (await conn.execute(statement)).all()
