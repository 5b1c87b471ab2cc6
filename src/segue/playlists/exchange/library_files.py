"""Playlist files that lie among the music: found by scans, made into lists, kept in step, and written back where wanted.

Which side wins: as long as only the file changed since both were last alike, the list follows it; as long as only the list
changed, the list stays (and, with `write_back`, the file follows). Where both changed nothing is done to either: the file
is marked as in conflict, and a person says which one holds. A list that somebody deleted is not made again, and a file that
is gone takes no list with it.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH118

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, Literal

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import SegueError
from segue.core.ids import parse_id
from segue.core.storage import ObjectNotFound, Storage
from segue.jobs import JobContext, JobService
from segue.library.finding import FindingService
from segue.library.found_lists import FoundLists
from segue.library.options import PlaylistFileOptions
from segue.playlists import playlist_rows, repository
from segue.playlists.exchange import rows
from segue.playlists.exchange.errors import (
    FileChangedSince,
    FileNotInConflict,
    NeverWritten,
    PlaylistFileNotFound,
)
from segue.playlists.exchange.events import Doubt, Entry, ListHead
from segue.playlists.exchange.exporting import PlaylistExportService
from segue.playlists.exchange.file_writing import FileChanged, replace_file
from segue.playlists.exchange.formats import read
from segue.playlists.exchange.keeping import Keeping
from segue.playlists.exchange.outgoing import OutList
from segue.playlists.exchange.smart_files import lists_called, query_of
from segue.playlists.exchange.wanting import new_row, reasons_of, state_of, wanted_of
from segue.playlists.exchange.writing import OUT, OutFormat, encoded
from segue.playlists.ground import MAX_ROWS
from segue.playlists.service import PlaylistService
from segue.playlists.views import NewRow
from segue.query import Entity

FILES, WRITE = "playlists.library_files", "playlists.write_back"
MAX_BYTES = 64 * 2**20
"""How large a playlist file in a library may be."""
STEP = 400
SETTLED = timedelta(seconds=20)
"""How long after a change a list is written back, so that many changes become one."""
WRITABLE: dict[str, OutFormat] = {".m3u8": "m3u8", ".m3u": "m3u8", ".pls": "pls", ".xspf": "xspf", ".jspf": "jspf"}
PENDING = ("new", "changed")
MOST_DOUBTS = 20
Libraries = Callable[[], Awaitable[dict[int, tuple[bytes, PlaylistFileOptions]]]]
"""Every library's root and what is chosen for its playlist files."""


class LibraryFilesService:
    """The door to playlist files in libraries."""

    def __init__(
        self, db: Database, playlists: PlaylistService, keeping: Keeping, finding: FindingService, jobs: JobService,
        storage: Storage, exports: PlaylistExportService, tracks: Entity, libraries: Libraries,
        first_admin: Callable[[], Awaitable[Actor | None]],
    ) -> None:  # fmt: skip
        self._db = db
        self._playlists = playlists
        self._keeping = keeping
        self._finding = finding
        self._jobs = jobs
        self._storage = storage
        self._exports = exports
        self._tracks = tracks
        self._libraries = libraries
        self._first_admin = first_admin

    # --- what scans tell ---------------------------------------------------------------------------------------------

    async def found(self, found: FoundLists) -> None:
        """Note which playlist files a scan saw; those that are new or changed are read by a job."""
        if not found.options.playlists.read:
            return
        async with self._db.read() as conn:
            known = await rows.files_of(conn, found.library_id)
        new = {path: seen for path, seen in found.lists.items() if path not in known}
        changed = {
            known[path].id: seen
            for path, seen in found.lists.items()
            if path in known
            and (seen != (known[path].size_bytes, known[path].mtime_ns) or known[path].state in (*PENDING, "gone"))
        }
        gone = [
            row.id
            for path, row in known.items()
            if path not in found.lists and row.state != "gone" and _was_looked_at(path, found)
        ]
        if not (new or changed or gone):
            return
        now = utc_now()
        async with self._db.write() as tx:
            for path in sorted(new):
                shown = path.decode("utf-8", "replace")
                await rows.add_source(
                    tx,
                    {"owner_id": 0, "source_key": f"file:{found.library_id}:{shown}"[:500], "state": "new", "path": path,
                     "library_id": found.library_id, "display_path": shown, "seen_at": now},
                )  # fmt: skip
            for number in changed:
                await rows.change_source(tx, number, {"state": "changed", "seen_at": now})
            for number in gone:
                await rows.change_source(tx, number, {"state": "gone", "seen_at": now})
            if new or changed:
                await self._jobs.enqueue(
                    tx, FILES, {"library": found.library_id}, dedup_key=f"{FILES}:{found.library_id}"
                )

    async def library_removed(self, tx: Transaction, library_id: int) -> None:
        """Called inside the transaction that removes a library: its lists stay, with rows that await their tracks."""
        await rows.forget_sources(tx, library_id=library_id)

    # --- reading -----------------------------------------------------------------------------------------------------

    async def run(self, job: JobContext, library_id: int) -> dict[str, int]:
        """Read every file of a library that is new or changed; how many there were."""
        done = 0
        root, options = (await self._libraries()).get(library_id, (b"", None))
        if options is None or not options.read:
            return {"files": 0}
        owner = await self._owner(options)
        while owner is not None:
            job.check()
            async with self._db.read() as conn:
                pending = await rows.pending_files(conn, library_id, PENDING, 50)
            if not pending:
                break
            for source in pending:
                job.check()
                await self._bring(job, owner, root, options, source)
                done += 1
                job.progress(done, phase="read", unit="files")
        return {"files": done}

    async def _bring(
        self, job: JobContext | None, owner: Actor, root: bytes, options: PlaylistFileOptions, source: Any,
        *, force: bool = False,
    ) -> None:  # fmt: skip
        """Bring one file into its list, or say why not."""
        path = os.path.join(root, source.path)
        values: dict[str, Any] = {"owner_id": owner.person, "seen_at": utc_now()}
        try:
            found = await asyncio.to_thread(_look, path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            await self._settle(
                job, source.id, {**values, "state": "refused", "doubts": [["file_unreadable", {"reason": reason}]]}
            )
            return
        values |= {"size_bytes": found.size, "mtime_ns": found.mtime_ns}
        if found.problem is not None:
            await self._settle(job, source.id, {**values, "state": "refused", "doubts": [list(found.problem)]})
            return
        async with self._db.read() as conn:
            playlist = await repository.any_playlist(conn, source.playlist_id) if source.playlist_id else None
            now = await self.hash_of(conn, playlist) if playlist is not None else None
        if source.playlist_id and playlist is None:
            await self._settle(job, source.id, {**values, "state": "dropped", "file_hash": found.digest})
            return
        if playlist is not None and not force:
            if found.digest == source.file_hash:
                state = "conflict" if source.state == "conflict" else "in_step"
                await self._settle(job, source.id, {**values, "state": state})
                return
            if now != source.kept:
                await self._settle(job, source.id, {**values, "state": "conflict"})
                return
        head, new, doubts = await self._read(owner, path, source)
        async with self._db.write() as tx:
            if job is not None:
                await job.guard(tx)
            number = await self._write_list(tx, owner, options, source, playlist, head, new)
            if number is not None:
                row = await repository.any_playlist(tx.conn, number)
                kept = await self.hash_of(tx.conn, row)
                done = {"playlist_id": number, "kept": kept, "state": "in_step", "file_hash": found.digest}
                await rows.change_source(tx, source.id, {**values, **done, "doubts": doubts or None})
                return
        number = await self._smart(owner, options, source, playlist, head, doubts)
        async with self._db.read() as conn:
            made = await repository.any_playlist(conn, number) if number else None
            kept_now = await self.hash_of(conn, made) if made is not None else None
        state = "in_step" if number else "refused"
        done = {
            "playlist_id": number,
            "kept": kept_now,
            "state": state,
            "file_hash": found.digest,
            "doubts": doubts or None,
        }
        await self._settle(job, source.id, {**values, **done})

    async def _read(self, owner: Actor, path: bytes, source: Any) -> tuple[ListHead, list[NewRow], list[list[Any]]]:
        """The first list of a file, with its rows matched, and what is to be told of it."""
        name = source.display_path.rpartition("/")[2]
        folder = os.path.dirname(path).decode("utf-8", "surrogateescape")  # noqa: PTH120
        head: ListHead | None = None
        new: list[NewRow] = []
        doubts: list[list[Any]] = []
        with open(path, "rb") as file:  # noqa: ASYNC230 - read in a thread below
            events = read(file, name)
            while step := await asyncio.to_thread(lambda: list(islice(events, STEP))):
                entries: list[Entry] = []
                for event in step:
                    if isinstance(event, ListHead):
                        head = event if head is None or event.number == head.number else head
                    elif isinstance(event, Doubt):
                        doubts.append([event.code, dict(event.params)])
                    elif head is not None and event.list_number == head.number:
                        entries.append(event)
                room = MAX_ROWS - len(new)
                if len(entries) > room:
                    doubts.append(["list_too_long", {"name": name, "most": MAX_ROWS}])
                    entries = entries[:room]
                async with self._db.read() as conn:
                    wanted = [wanted_of(entry, folder) for entry in entries]
                    found = await self._finding.find(conn, wanted, owner.libraries)
                for entry, one in zip(entries, found, strict=True):
                    track, score, method = (one.track_id, one.score, one.method) if one else (None, None, None)
                    new.append(new_row(entry, state_of(one), track, score, method, reasons_of(entry, one), False))
                if len(new) >= MAX_ROWS:
                    break
        return head or ListHead(0, name), new, doubts[:MOST_DOUBTS]

    async def _write_list(
        self, tx: Transaction, owner: Actor, options: PlaylistFileOptions, source: Any, playlist: Any | None,
        head: ListHead, new: Sequence[NewRow],
    ) -> int | None:  # fmt: skip
        """The list a file became; None for a smart one, which is made otherwise."""
        if head.kind == "smart" or (playlist is not None and playlist.kind == "smart"):
            return None
        if playlist is not None:
            await self._keeping.bring_up_to_date(tx, owner, playlist.id, new, name=head.name)
            return int(playlist.id)
        visibility: Literal["public", "private"] = "public" if options.public else "private"
        number = await self._keeping.begin(tx, owner, head.name, comment=head.comment, visibility=visibility)
        await self._keeping.append(tx, owner, number, new)
        return number

    async def _smart(
        self, owner: Actor, options: PlaylistFileOptions, source: Any, playlist: Any | None, head: ListHead,
        doubts: list[list[Any]],
    ) -> int | None:  # fmt: skip
        async with self._db.read() as conn:
            seen = await rows.lists_seen_by(conn, owner.person)
        query, said = query_of(self._tracks, head, lists=lists_called(seen))
        doubts += said
        if query is None:
            return None
        try:
            if playlist is not None:
                await self._playlists.set_query(owner, playlist.id, query)
                return int(playlist.id)
            visibility: Literal["public", "private"] = "public" if options.public else "private"
            return await self._playlists.create(
                owner, head.name, comment=head.comment, visibility=visibility, query=query
            )
        except SegueError as error:
            doubts.append(["smart_not_understood", {"message": error.message}])
            return None

    # --- writing back ------------------------------------------------------------------------------------------------

    async def list_changed(self, tx: Transaction, playlist_id: int) -> None:
        """Called inside the transaction in which a person changed a list: its file follows, where that is wanted."""
        for source in await rows.sources_of_playlist(tx.conn, playlist_id):
            if source.library_id is not None and source.state == "in_step":
                await self._jobs.enqueue(
                    tx, WRITE, {"file": source.id}, dedup_key=f"{WRITE}:{source.id}", run_at=utc_now() + SETTLED
                )

    async def write_back(self, source_id: int, *, force: bool = False) -> str:
        """Write a list into its file, where that is wanted and the file is as it was read; what came of it: written, alike,
        unwanted, conflict or refused."""
        async with self._db.read() as conn:
            source = await rows.a_source(conn, source_id)
            playlist = (
                await repository.any_playlist(conn, source.playlist_id) if source and source.playlist_id else None
            )
            now = await self.hash_of(conn, playlist) if playlist is not None else None
        if source is None or playlist is None or source.library_id is None:
            return "unwanted"
        root, options = (await self._libraries()).get(source.library_id, (b"", None))
        format = WRITABLE.get(os.path.splitext(source.display_path)[1].lower())  # noqa: PTH122 - a name
        if options is None or not options.write_back or format is None or playlist.kind != "manual":
            return "unwanted"
        if now == source.kept and not force:
            return "alike"
        owner = (await self._keeping.people.actors([playlist.owner_id])).get(playlist.owner_id)
        if owner is None:
            return "unwanted"
        data = await self._as_file(owner, playlist, format, os.path.dirname(source.path))  # noqa: PTH120
        path = os.path.join(root, source.path)
        expected = None if force else (source.size_bytes, source.mtime_ns)
        try:
            before, size, mtime_ns = await asyncio.to_thread(replace_file, path, data, expected)
        except FileChanged:
            await self._settle(None, source.id, {"state": "conflict"})
            return "conflict"
        except OSError as error:
            reason = error.strerror or type(error).__name__
            await self._settle(None, source.id, {"doubts": [["file_not_written", {"reason": reason}]]})
            return "refused"
        await self._storage.put(f"playlists/before/{source.id}", before)
        digest = hashlib.sha256(data).digest()
        values = {"size_bytes": size, "mtime_ns": mtime_ns, "file_hash": digest, "kept": now, "state": "in_step"}
        await self._settle(None, source.id, {**values, "doubts": None, "seen_at": utc_now()})
        return "written"

    async def _as_file(self, owner: Actor, playlist: Any, format: OutFormat, folder: bytes) -> bytes:
        """The list as its file is to be: paths are relative to the folder the file lies in."""
        _, views = await self._playlists.playlist(owner, playlist.id)
        async with self._db.read() as conn:
            out = await self._exports.out_rows(conn, owner, views, "relative", "", beside=folder)
        head = OutList(playlist.name, playlist.comment, owner.name)
        return b"".join(encoded(OUT[format].pieces(head, out)))

    # --- what a person sees and says -----------------------------------------------------------------------------------

    async def files(self, actor: Actor) -> list[Any]:
        """The playlist files among the music that `actor` may see: an administrator all, others those of their lists."""
        async with self._db.read() as conn:
            owner = None if actor.is_admin else actor.person
            return list(await rows.file_sources(conn, actor.libraries, owner))

    async def settle(self, actor: Actor, source_id: int, keep: Literal["file", "list"]) -> None:
        """End a conflict: the file holds, or the list (which is written back, where that is wanted). Raises
        PlaylistFileNotFound, FileNotInConflict."""
        async with self._db.read() as conn:
            source = await rows.a_source(conn, source_id)
        if source is None or source.library_id is None or not (actor.is_admin or source.owner_id == actor.person):
            raise PlaylistFileNotFound(source_id)
        if source.state not in ("conflict", "dropped"):
            raise FileNotInConflict(source.display_path)
        root, options = (await self._libraries()).get(source.library_id, (b"", PlaylistFileOptions.model_validate({})))
        owner = await self._owner(options)
        if keep == "file" and owner is not None:
            if source.state == "dropped":
                await self._settle(None, source.id, {"playlist_id": None})
                async with self._db.read() as conn:
                    source = await rows.a_source(conn, source_id)
            await self._bring(None, owner, root, options, source, force=True)
            return
        if await self.write_back(source_id, force=True) == "written":
            return
        try:
            found = await asyncio.to_thread(_look, os.path.join(root, source.path))
        except OSError:
            found = None
        async with self._db.read() as conn:
            playlist = await repository.any_playlist(conn, source.playlist_id) if source.playlist_id else None
            kept = await self.hash_of(conn, playlist) if playlist is not None else None
        state = "in_step" if playlist is not None else "dropped"
        values: dict[str, Any] = {"state": state, "kept": kept}
        if found is not None:
            values |= {"file_hash": found.digest, "size_bytes": found.size, "mtime_ns": found.mtime_ns}
        await self._settle(None, source_id, values)

    async def restore(self, actor: Actor, source_id: int) -> None:
        """Bring back the file that writing a list replaced. The list stays as it is, and is written again when somebody
        changes it.

        What stands there now is kept in its place, so that doing this twice changes nothing. Raises PlaylistFileNotFound,
        NeverWritten, FileChangedSince.
        """
        async with self._db.read() as conn:
            source = await rows.a_source(conn, source_id)
        if source is None or source.library_id is None or not (actor.is_admin or source.owner_id == actor.person):
            raise PlaylistFileNotFound(source_id)
        kept = f"playlists/before/{source.id}"
        try:
            before = await self._storage.get(kept)
        except ObjectNotFound:
            raise NeverWritten(source.display_path) from None
        async with self._db.read() as conn:
            playlist = await repository.any_playlist(conn, source.playlist_id) if source.playlist_id else None
            same = await self.hash_of(conn, playlist) if playlist is not None else None
        root, _ = (await self._libraries()).get(source.library_id, (b"", None))
        expected = (source.size_bytes, source.mtime_ns)
        try:
            now, size, mtime_ns = await asyncio.to_thread(
                replace_file, os.path.join(root, source.path), before, expected
            )
        except (FileChanged, FileNotFoundError):
            raise FileChangedSince(source.display_path) from None
        await self._storage.put(kept, now)
        digest = hashlib.sha256(before).digest()
        values = {"size_bytes": size, "mtime_ns": mtime_ns, "file_hash": digest, "kept": same}
        await self._settle(None, source.id, values)

    # --- inside ------------------------------------------------------------------------------------------------------

    async def hash_of(self, conn: Any, playlist: Any) -> bytes:
        """What a list is as far as its file says it: its name, and its rows in order or its query."""
        if playlist.kind == "smart":
            return hashlib.sha256(f"{playlist.name}\x1f{playlist.query}".encode()).digest()
        ids = await playlist_rows.row_ids(conn, playlist.id)
        return hashlib.sha256(f"{playlist.name}\x1f{','.join(map(str, ids))}".encode()).digest()

    async def _owner(self, options: PlaylistFileOptions) -> Actor | None:
        if options.owner is not None:
            number = parse_id(options.owner, "us")
            return (await self._keeping.people.actors([number])).get(number)
        return await self._first_admin()

    async def _settle(self, job: JobContext | None, source_id: int, values: dict[str, Any]) -> None:
        async with self._db.write() as tx:
            if job is not None:
                await job.guard(tx)
            await rows.change_source(tx, source_id, values)


class _Seen:
    """A file on disk: its size, its time, and a hash over it, or why it is not read."""

    def __init__(self, size: int, mtime_ns: int, digest: bytes, problem: tuple[str, dict[str, Any]] | None) -> None:
        self.size = size
        self.mtime_ns = mtime_ns
        self.digest = digest
        self.problem = problem


def _look(path: bytes) -> _Seen:
    with open(path, "rb") as file:
        itself = os.fstat(file.fileno())
        if not stat.S_ISREG(itself.st_mode):
            return _Seen(0, itself.st_mtime_ns, b"", ("file_unreadable", {"reason": "it is no plain file"}))
        if itself.st_size > MAX_BYTES:
            params = {"bytes": itself.st_size, "most": MAX_BYTES}
            return _Seen(itself.st_size, itself.st_mtime_ns, b"", ("file_too_large", params))
        digest = hashlib.sha256()
        while piece := file.read(256 * 1024):
            digest.update(piece)
        return _Seen(itself.st_size, itself.st_mtime_ns, digest.digest(), None)


def _was_looked_at(path: bytes, found: FoundLists) -> bool:
    """Whether the scan could have seen this file: it lies below a folder it walked, and not in one it could not list."""

    def below(folder: bytes) -> bool:
        return not folder or path.startswith(folder + b"/")

    return any(below(folder) for folder in found.looked) and not any(below(folder) for folder in found.blind)
