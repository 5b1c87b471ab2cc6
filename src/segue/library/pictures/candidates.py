"""What there is to choose from: queries. Embedded pictures come from what was kept of files' tags, others from rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import anyio.to_thread
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.library.models import Album, Artwork, File, Folder, Library, Track
from segue.library.options import options_of
from segue.library.pictures import rules
from segue.library.pictures.models import ArtworkChoice, ArtworkRefusal, FolderPicture
from segue.library.pictures.views import Candidate, Pictured
from segue.library.scan import documents, repository
from segue.library.scan.paths import displayed, join

MOST_FILES = 300
"""Files of one album whose embedded pictures are listed."""


@dataclass(slots=True)
class _Embedded:
    """A picture inside files, by its content."""

    kind: str
    mime: str
    width: int
    height: int
    size: int
    place: tuple[bytes, bytes]
    tracks: set[int] = field(default_factory=set)


async def of_album(conn: AsyncConnection, album_id: int, disc: int) -> Pictured | None:
    """What there is for an album, or one disc of it; None where there is no such album."""
    statement = select(Album.library_id, Album.artwork_id, Album.folder_id, Library.options, Library.root).join(
        Library, Library.id == Album.library_id
    )
    album = (await conn.execute(statement.where(Album.id == album_id))).first()
    if album is None:
        return None
    columns = (
        Track.id, Track.file_id, Track.artwork_id, Track.missing_since, Track.disc, Track.position, File.folder_id,
        File.path,
    )  # fmt: skip
    rows = list(
        await conn.execute(select(*columns).join(File, File.id == Track.file_id).where(Track.album_id == album_id))
    )
    rows.sort(key=lambda row: (row.disc or 0, row.position or 1 << 30, row.id))
    shown = [row for row in rows if row.missing_since is None] or rows
    if disc:
        shown = [row for row in shown if (row.disc or 1) == disc]
        if not shown:
            return None
    order = rules.order_for(options_of(album.options).artwork_order)
    home, covers = album.folder_id, await _folder_covers(conn, {row.folder_id for row in shown} | {album.folder_id})
    inside = next((covers[row.folder_id] for row in shown if row.folder_id in covers and row.folder_id != home), None)
    found = await _embedded(conn, {row.file_id: (album.root, row.path) for row in shown[:MOST_FILES]})
    found += await _files(conn, FolderPicture.folder_id, {row.folder_id for row in shown} | {home}, ("cover", "disc"))
    if disc:
        decided = _disc_decision(disc, home, found, inside, {row.folder_id for row in shown})
    else:
        best = Counter(row.artwork_id for row in shown[:500] if row.artwork_id is not None)
        embedded = max(best, key=best.__getitem__) if best else None
        decided = rules.cover_of(order, embedded, covers.get(home), inside)
    return await _pictured(conn, "album", album_id, album.library_id, disc, decided, found)


def _disc_decision(
    disc: int, home: int | None, found: list[Candidate], inside: rules.FolderCover | None, folders: Collection[int]
) -> rules.Decision:
    named = next((one.artwork_id for one in found if one.role == f"disc {disc}" and one.artwork_id), None)
    if named is not None:
        return rules.Decision(named, "disc_name")
    if inside is not None and home not in folders:
        return rules.Decision(inside.artwork, "disc_folder")
    return rules.Decision(None, "none")


async def of_track(conn: AsyncConnection, track_id: int) -> Pictured | None:
    """What there is for a track."""
    statement = (
        select(Track.file_id, Track.library_id, Track.album_id, Album.artwork_id, File.path, Library.root)
        .join(File, File.id == Track.file_id)
        .join(Album, Album.id == Track.album_id)
        .join(Library, Library.id == Track.library_id)
    )
    track = (await conn.execute(statement.where(Track.id == track_id))).first()
    if track is None:
        return None
    found = await _embedded(conn, {track.file_id: (track.root, track.path)})
    best = await best_embedded(conn, track.file_id)
    if best is not None:
        decided = rules.Decision(best, "own")
    else:
        decided = rules.Decision(track.artwork_id, "of_album" if track.artwork_id else "none")
    if track.artwork_id is not None and all(one.artwork_id != track.artwork_id for one in found):
        found += await _artworks(conn, [track.artwork_id], "album")
    return await _pictured(conn, "track", track_id, track.library_id, 0, decided, found)


async def of_artist(conn: AsyncConnection, artist_id: int, actor: Actor) -> Pictured:
    """What there is for an artist, in the libraries that `actor` may see."""
    found = await _files(conn, FolderPicture.artist_id, {artist_id}, ("artist", "artists"), actor)
    found.sort(key=lambda one: one.role != "artist")
    first = next((one for one in found if one.artwork_id is not None), None)
    decided = rules.Decision(None, "none")
    if first is not None:
        decided = rules.Decision(first.artwork_id, "artist_folder" if first.role == "artist" else "artist_images")
    return await _pictured(conn, "artist", artist_id, None, 0, decided, found)


async def own_picture(conn: AsyncConnection, track_id: int) -> int | None:
    """The picture of its own that a track has by the rules."""
    file_id = await conn.scalar(select(Track.file_id).where(Track.id == track_id))
    return None if file_id is None else await best_embedded(conn, file_id)


async def best_embedded(conn: AsyncConnection, file_id: int) -> int | None:
    """The picture of its own that a file has by the rules, from what was kept of its tags."""
    document = (await repository.documents(conn, [file_id])).get(file_id)
    if document is None:
        return None
    pictures = documents.decode(document).get("pictures") or []
    best = next((row[4] for row in pictures if row[6]), None)
    number: int | None = await conn.scalar(select(Artwork.id).where(Artwork.sha256 == best)) if best else None
    return number


async def disc_pictures(conn: AsyncConnection, album_id: int, folder_id: int | None) -> dict[int, int]:
    """The pictures of an album's discs that have one of their own, by disc: chosen, by name, or of the disc's folder."""
    found: dict[int, int] = {}
    of_discs = (
        select(Track.disc, File.folder_id, Folder.artwork_id)
        .join(File, File.id == Track.file_id)
        .join(Folder, Folder.id == File.folder_id)
        .where(Track.album_id == album_id)
        .distinct()
    )
    folders: dict[int, set[tuple[int, int | None]]] = {}
    for row in await conn.execute(of_discs):
        folders.setdefault(row[0] or 1, set()).add((row[1], row[2]))
    if len(folders) > 1:
        for disc, inside in folders.items():
            of_others = {place for other, places in folders.items() if other != disc for place, _ in places}
            own = next((art for place, art in sorted(inside, key=str) if art and place not in of_others), None)
            if own is not None and folder_id not in {place for place, _ in inside}:
                found[disc] = own
    named = select(FolderPicture.disc, FolderPicture.artwork_id).where(
        FolderPicture.folder_id == folder_id, FolderPicture.role == "disc", FolderPicture.artwork_id.is_not(None)
    )
    for at, artwork in await conn.execute(named.order_by(FolderPicture.id.desc())):
        if at is not None and artwork is not None:
            found[at] = artwork
    chosen = select(ArtworkChoice.disc, ArtworkChoice.artwork_id).where(
        ArtworkChoice.kind == "album", ArtworkChoice.entity_id == album_id, ArtworkChoice.disc > 0
    )
    return found | {row[0]: row[1] for row in await conn.execute(chosen)}


# --- parts ------------------------------------------------------------------------------------------------------------


async def _pictured(
    conn: AsyncConnection,
    kind: str,
    entity_id: int,
    library_id: int | None,
    disc: int,
    decided: rules.Decision,
    found: list[Candidate],
) -> Pictured:
    statement = select(ArtworkChoice.artwork_id, ArtworkChoice.source).where(
        ArtworkChoice.kind == kind, ArtworkChoice.entity_id == entity_id, ArtworkChoice.disc == disc
    )
    choice = (await conn.execute(statement)).first()
    winner, reason = decided.artwork, (decided.code, decided.params)
    if choice is not None:
        winner, reason = choice.artwork_id, ("chosen", {})
        if all(one.artwork_id != winner for one in found):
            found = await _artworks(conn, [winner], choice.source) + found
    for one in found:
        one.won = winner is not None and one.artwork_id == winner
    return Pictured(kind, entity_id, library_id, disc, winner, choice is not None, reason, found)


async def _folder_covers(conn: AsyncConnection, folders: Collection[int | None]) -> dict[int, rules.FolderCover]:
    wanted = [number for number in folders if number is not None]
    statement = select(Folder.id, Folder.artwork_id, Folder.artwork_rank).where(
        Folder.id.in_(wanted), Folder.artwork_id.is_not(None)
    )
    rows = await conn.execute(statement)
    return {row[0]: rules.FolderCover(row[1], row[2] or 0) for row in rows if row[1] is not None}


async def _embedded(conn: AsyncConnection, files: dict[int, tuple[bytes, bytes]]) -> list[Candidate]:
    """The different pictures inside files, those in most of them first."""
    said = await repository.documents(conn, files)
    pictures = await anyio.to_thread.run_sync(_pictures_of, said)
    met: dict[str, _Embedded] = {}
    for file_id, rows in pictures.items():
        for kind, mime, width, height, sha256, size, *_ in rows:
            one = met.setdefault(sha256, _Embedded(kind, mime, width, height, size, files[file_id]))
            one.tracks.add(file_id)
    known = {row.sha256: row for row in await _by_content(conn, list(met))}
    refused = {
        row.sha256: (row.problem_code, row.problem_params)
        for row in await conn.execute(select(ArtworkRefusal.__table__).where(ArtworkRefusal.sha256.in_(list(met))))
    }
    found = []
    for sha256, one in met.items():
        row = known.get(sha256)
        found.append(
            Candidate(
                f"embedded-{sha256}", "embedded", one.kind, one.kind, row.id if row else None,
                row.mime if row else one.mime, row.width if row else one.width or None,
                row.height if row else one.height or None, one.size, row.color if row else None,
                row.blurhash if row else None, len(one.tracks), refused.get(sha256), sha256=sha256, place=one.place,
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (-(each.tracks or 0), each.role != "front"))


def _pictures_of(said: dict[int, bytes]) -> dict[int, list[list[Any]]]:
    return {file_id: documents.decode(document).get("pictures") or [] for file_id, document in said.items()}


async def _files(
    conn: AsyncConnection, column: Any, values: Iterable[int | None], roles: Collection[str], actor: Actor | None = None
) -> list[Candidate]:
    """The picture files whose `column` is one of `values` and that have one of these roles, by folder and name."""
    table = FolderPicture
    statement = (
        select(
            table.id, table.name, table.role, table.disc, table.size_bytes, table.problem_code, table.problem_params,
            Folder.path, Library.root, Artwork.id.label("artwork_id"), Artwork.mime, Artwork.width, Artwork.height,
            Artwork.color, Artwork.blurhash, Artwork.sha256,
        )
        .join(Folder, Folder.id == table.folder_id)
        .join(Library, Library.id == table.library_id)
        .outerjoin(Artwork, Artwork.id == table.artwork_id)
        .where(column.in_([value for value in values if value is not None]), table.role.in_(roles))
        .order_by(Folder.path, table.name)
        .limit(1_000)
    )  # fmt: skip
    if actor is not None and actor.libraries is not None:
        statement = statement.where(table.library_id.in_(actor.libraries))
    return [
        Candidate(
            f"folder-{row.id}", "folder", displayed(row.name), row.role if row.disc is None else f"disc {row.disc}",
            row.artwork_id, row.mime, row.width, row.height, row.size_bytes, row.color, row.blurhash,
            problem=(row.problem_code, row.problem_params or {}) if row.problem_code else None, sha256=row.sha256,
            place=(row.root, join(row.path, row.name)),
        )
        for row in await conn.execute(statement)
    ]  # fmt: skip


async def _artworks(conn: AsyncConnection, numbers: list[int], source: str) -> list[Candidate]:
    rows = await conn.execute(select(Artwork.__table__).where(Artwork.id.in_(numbers)))
    return [
        Candidate(
            f"artwork-{row.id}", source, "", "cover", row.id, row.mime, row.width, row.height, row.size_bytes,
            row.color, row.blurhash, sha256=row.sha256,
        )
        for row in rows
    ]  # fmt: skip


async def _by_content(conn: AsyncConnection, contents: list[str]) -> list[Any]:
    return list(await conn.execute(select(Artwork.__table__).where(Artwork.sha256.in_(contents))))
