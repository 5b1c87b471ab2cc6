"""The verbs of taking playlists along: one list in any format, or all of them in a ZIP.

A file is written into a temporary one and sent from there, so that a mistake becomes an error and not half a file.
"""

from __future__ import annotations

import asyncio
import posixpath
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import IO, Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis.mixing.cues import Cue
from segue.analysis.mixing.records import Manner, Mixable
from segue.analysis.mixing.service import MixingService
from segue.analysis.mixing.transition import plan
from segue.core.access import Actor
from segue.core.db import Database
from segue.core.errors import Forbidden
from segue.core.safe_names import free_name
from segue.library.finding import FindingService
from segue.library.finding.whereabouts import Whereabouts
from segue.playlists.exchange.errors import NotWritten
from segue.playlists.exchange.mixes import mix_of
from segue.playlists.exchange.outgoing import OutList, OutRow, Paths
from segue.playlists.exchange.smart_files import document_of
from segue.playlists.exchange.writing import MIXED, OUT, OutFormat, encoded, file_name
from segue.playlists.service import PlaylistService
from segue.playlists.views import PlaylistView, RowView
from segue.query import Entity

PAGE = 1_000
IN_MEMORY = 4 * 2**20
MOST_LISTS = 5_000


class ServerPaths(Forbidden):
    def __init__(self) -> None:
        super().__init__(
            "server_paths", "Where files lie on the server is told to administrators alone.",
            hint="Ask for relative paths or addresses.",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exported:
    """A file to send: its name, its type, and its bytes piece by piece, which are to be read once."""

    name: str
    content_type: str
    pieces: AsyncIterator[bytes]


class PlaylistExportService:
    """The door to exports of playlists."""

    def __init__(self, db: Database, playlists: PlaylistService, finding: FindingService, tracks: Entity) -> None:
        self._db = db
        self._playlists = playlists
        self._finding = finding
        self._tracks = tracks
        self.mixing: MixingService | None = None
        """Who knows beats, keys and points."""

    async def export(
        self,
        actor: Actor,
        playlist_id: int,
        format: OutFormat,
        *,
        paths: Paths = "relative",
        address: str = "",
        folder: str = "",
    ) -> Exported:
        """One list as a file. `address` is where this server is reached, for `paths="url"`; `folder` is put before relative
        paths: where the library's folder is for whoever reads the file. Raises PlaylistNotFound, NotWritten where the format
        cannot hold it, ServerPaths."""
        _check(actor, paths)
        view = await self._playlists.view(actor, playlist_id)
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, prefix="segue-playlist-")  # noqa: SIM115 - closed when sent
        try:
            await self._write(file, actor, view, format, paths, address, folder)
        except BaseException:
            file.close()
            raise
        written = OUT[format]
        return Exported(file_name(view.name, written.extension), written.content_type, _sent(file))

    async def export_all(
        self, actor: Actor, format: OutFormat, *, paths: Paths = "relative", address: str = ""
    ) -> Exported:
        """All of `actor`'s own lists as a ZIP, in their folders; a list that the format cannot hold as M3U8 instead.
        Raises ServerPaths."""
        _check(actor, paths)
        views = [view for _, view in await self._playlists.playlists(actor, limit=MOST_LISTS)]
        folders = {one.id: one for one in await self._playlists.folders(actor)}
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, prefix="segue-playlists-")  # noqa: SIM115 - closed when sent
        try:
            taken: set[str] = set()
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
                for view in views:
                    if view.owner_id != actor.person:
                        continue
                    chosen: OutFormat = format if format != "nsp" or view.kind == "smart" else "m3u8"
                    folder = _folder(folders, view.folder_id)
                    name = free_name(
                        folder + file_name(view.name, OUT[chosen].extension), lambda n: n.casefold() in taken
                    )
                    taken.add(name.casefold())
                    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as one:
                        await self._write(one, actor, view, chosen, paths, address)
                        await asyncio.to_thread(_pack, packed, name, one)
        except BaseException:
            file.close()
            raise
        return Exported("playlists.zip", "application/zip", _sent(file))

    async def out_rows(
        self,
        conn: AsyncConnection,
        actor: Actor,
        rows: Iterable[RowView],
        paths: Paths,
        address: str,
        *,
        beside: bytes | None = None,
    ) -> list[OutRow]:
        """Rows as they go out, with where their files lie. `beside` is the folder inside the library from which relative
        paths lead, where that is not the library's own."""
        rows = list(rows)
        known = await self._finding.whereabouts(conn, [row.track_id for row in rows if row.track_id is not None])
        made = [_out(row, known.get(row.track_id or 0), paths, address) for row in rows]
        if not beside:
            return made
        start = beside.decode("utf-8", "surrogateescape")
        return [
            replace(row, location=posixpath.relpath(row.location, start)) if row.track_id in known else row
            for row in made
        ]

    async def _write(
        self,
        file: IO[bytes],
        actor: Actor,
        view: PlaylistView,
        format: OutFormat,
        paths: Paths,
        address: str,
        folder: str = "",
    ) -> None:
        document: dict[str, Any] | None = None
        if format == "nsp":
            if view.kind != "smart" or view.query is None:
                raise NotWritten(f"{view.name!r} is put together by hand; only smart playlists can be written as .nsp.")
            document, _ = document_of(
                self._tracks, view.query, name=view.name, comment=view.comment, public=view.visibility == "public",
                zone=actor.time_zone,
            )  # fmt: skip
        rows: list[OutRow] = []
        cursor: str | None = None
        while document is None:
            _, page = await self._playlists.rows(actor, view.id, limit=PAGE, cursor=cursor)
            async with self._db.read() as conn:
                rows += await self.out_rows(conn, actor, page.rows, paths, address)
            cursor = page.next
            if cursor is None:
                break
        if folder and paths == "relative":
            rows = [_within(row, folder) for row in rows]
        if format in MIXED:
            rows = await self._mixed(actor, rows)
        out = OutList(view.name, view.comment, view.owner_name, view.kind, view.query, view.changed_at, document)
        await asyncio.to_thread(_write, file, out, rows, format)

    async def _mixed(self, actor: Actor, rows: list[OutRow]) -> list[OutRow]:
        """Rows with beats, key and points of their tracks, and where each is mixed in and out beside its neighbours."""
        if self.mixing is None:
            return rows
        numbers = [row.track_id for row in rows if row.track_id is not None]
        known = {
            id: one
            for at in range(0, len(numbers), PAGE)
            for id, one in (await self.mixing.cues_of(actor, numbers[at : at + PAGE])).items()
        }
        return await asyncio.to_thread(_with_mixes, rows, known)


def _with_mixes(rows: list[OutRow], known: Mapping[int, tuple[Mixable, list[Cue]]]) -> list[OutRow]:
    found = [known.get(row.track_id or 0) for row in rows]
    ways = [
        plan(one[0], two[0], Manner()) if one is not None and two is not None and one[0].id != two[0].id else None
        for one, two in pairwise(found)
    ]
    return [
        row
        if (one := found[place]) is None
        else replace(
            row, mix=mix_of(*one, ways[place - 1] if place else None, ways[place] if place < len(ways) else None)
        )
        for place, row in enumerate(rows)
    ]


def _within(row: OutRow, folder: str) -> OutRow:
    if row.track_id is None or not row.location:
        return row
    sign = "\\" if "\\" in folder else "/"
    return replace(row, location=folder.rstrip("/\\") + sign + row.location.replace("/", sign))


def _write(file: IO[bytes], out: OutList, rows: list[OutRow], format: OutFormat) -> None:
    for piece in encoded(OUT[format].pieces(out, rows)):
        file.write(piece)


def _pack(packed: zipfile.ZipFile, name: str, one: IO[bytes]) -> None:
    one.seek(0)
    with packed.open(name, "w") as inside:
        while piece := one.read(256 * 1024):
            inside.write(piece)


async def _sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, 256 * 1024):
            yield piece
    finally:
        file.close()


def _out(row: RowView, where: Whereabouts | None, paths: Paths, address: str) -> OutRow:
    location = row.location or ""
    if where is not None and row.track_id is not None:
        if paths == "url":
            location = f"{address.rstrip('/')}/rest/stream?id=tr-{row.track_id}"
        else:
            location = where.absolute if paths == "absolute" else where.relative
    return OutRow(
        title=row.title,
        artist=row.artist,
        album=row.album,
        album_artist=where.album_artist if where else "",
        duration_ms=row.duration_ms,
        disc=where.disc if where else None,
        position=where.position if where else None,
        track_id=row.track_id,
        external_ids={name: value for name, value in (row.external_ids or {}).items() if isinstance(value, str)},
        location=location,
        comment=row.comment,
        added_at=row.added_at,
    )


def _folder(folders: dict[int, Any], folder_id: int | None) -> str:
    names: list[str] = []
    while folder_id in folders and len(names) < 20:
        names.append(file_name(folders[folder_id].name, ""))
        folder_id = folders[folder_id].parent_id
    return "".join(f"{name}/" for name in reversed(names))


def _check(actor: Actor, paths: Paths) -> None:
    if paths == "absolute" and not actor.is_admin:
        raise ServerPaths
