"""The verbs of deciding about albums: folders, merging, splitting, moving tracks. They act at once and hold from then on.

No file is touched. What a decision is about is written again from what is stored, in the same transaction where that is
little, else by a job. With `dry_run` everything is done and then taken back, so what it says is what would be.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.jobs import JobContext, JobService
from segue.library.overrides import effect, repository
from segue.library.overrides.decisions import FOLDER_DECISIONS, SPLIT_BY, Decision, split_value
from segue.library.overrides.effect import Effect
from segue.library.overrides.errors import (
    NothingToGroup,
    NothingToSplit,
    OverrideNotFound,
    SeveralLibraries,
    TooLargeToTry,
    WrongDecision,
)
from segue.library.scan import again
from segue.library.scan import repository as scans
from segue.library.scan.documents import tags_of
from segue.library.scan.grouping import GroupedFile, album_folder
from segue.library.scan.paths import parent_of

REGROUP = "library.regroup"
AT_ONCE = 500
"""Files that are regrouped while the person waits; more than that a job does, in batches."""
BATCH = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a decision: its number (None of a dry run), what it did, or the job that is doing it."""

    override: int | None
    effect: Effect | None
    job: int | None = None


class _TakenBack(Exception):
    """Ends the transaction of a dry run."""


class OverrideService:
    """A person's decisions about what is one album."""

    def __init__(self, db: Database, jobs: JobService) -> None:
        self._db = db
        self._jobs = jobs

    async def page(self, actor: Actor, after: int = 0, limit: int = 50) -> tuple[list[Decision], int]:
        """Decisions of the libraries that `actor` may see, the latest first; and how many there are."""
        async with self._db.read() as conn:
            return await repository.page(conn, actor.libraries, after, limit)

    async def decide_folder(
        self, actor: Actor, folder: int, decision: str, *, subfolders: bool = True, dry_run: bool = False
    ) -> Outcome:
        """Decide about a folder, in place of what was decided about it. Raises NothingToGroup, WrongDecision."""
        if decision not in FOLDER_DECISIONS:
            raise WrongDecision(f"A folder is one of: {', '.join(FOLDER_DECISIONS)}.", "decision")
        async with self._db.read() as conn:
            row = await repository.folder(conn, folder)
            if row is None:
                raise NothingToGroup(f"folder {format_id('fo', folder)}")
            files = await repository.files_below(conn, row.library_id, row.path)
            same = [
                one.id
                for one in await repository.decisions(conn, row.library_id)
                if one.scope == "folder" and one.folder == row.path
            ]

        async def write(tx: Transaction) -> int:
            for number in same:
                await repository.remove(tx, number, row.library_id)
            params = {"subfolders": subfolders}
            return await self._add(tx, actor, row.library_id, "folder", decision, params, folder=row.path)

        return await self._act(actor, row.library_id, files, write, dry_run, row.path)

    async def merge(self, actor: Actor, album: int, others: Collection[int], *, dry_run: bool = False) -> Outcome:
        """Make `others` part of an album. Raises NothingToGroup, SeveralLibraries, WrongDecision."""
        wanted = {album, *others}
        if len(wanted) < 2:
            raise WrongDecision("Name at least one other album.", "from")
        rows, members = await self._albums(wanted)
        library = rows[album].library_id
        params = {"groups": sorted(row.group_key for row in rows.values()), "title": rows[album].title}

        async def write(tx: Transaction) -> int:
            number = await self._add(tx, actor, library, "album", "merge", params)
            await repository.pin(tx, number, [one.track for one in members], True)
            return number

        return await self._act(actor, library, [one.file for one in members], write, dry_run)

    async def split(self, actor: Actor, album: int, by: str, *, dry_run: bool = False) -> Outcome:
        """Make several albums of one, by what its tracks say. Raises NothingToGroup, NothingToSplit, WrongDecision."""
        if by not in SPLIT_BY:
            raise WrongDecision(f"An album is split by one of: {', '.join(SPLIT_BY)}, or by tracks.", "by")
        rows, members = await self._albums({album})
        if len(await self._values([one.file for one in members], by)) < 2:
            raise NothingToSplit(by)
        row = rows[album]
        params = {"groups": [row.group_key], "by": by, "title": row.title}

        async def write(tx: Transaction) -> int:
            number = await self._add(tx, actor, row.library_id, "album", "split", params)
            await repository.pin(tx, number, [one.track for one in members], True)
            return number

        return await self._act(actor, row.library_id, [one.file for one in members], write, dry_run)

    async def take_out(self, actor: Actor, album: int, tracks: Collection[int], *, dry_run: bool = False) -> Outcome:
        """Make an album of their own of some tracks of an album. Raises NothingToGroup, WrongDecision."""
        _, members = await self._albums({album})
        if not set(tracks) < {one.track for one in members}:
            raise WrongDecision("Name some tracks of the album, and not all of them.", "tracks")
        return await self.move(actor, tracks, dry_run=dry_run)

    async def move(
        self, actor: Actor, tracks: Collection[int], album: int | None = None, *, dry_run: bool = False
    ) -> Outcome:
        """Put tracks into another album, or into one of their own. Raises NothingToGroup, SeveralLibraries."""
        async with self._db.read() as conn:
            moving = await repository.members(conn, tracks=tracks)
        known = {one.track for one in moving}
        for track in tracks:
            if track not in known:
                raise NothingToGroup(f"track {format_id('tr', track)}")
        rows, members = await self._albums({album} if album is not None else set())
        library = moving[0].library
        if {one.library for one in moving} | {row.library_id for row in rows.values()} != {library}:
            raise SeveralLibraries
        row = rows.get(album) if album is not None else None
        decision = "separate" if row is None else "move"
        params: dict[str, Any] = {"title": row.title, "groups": [row.group_key]} if row else {}
        files = {one.file for one in (*moving, *members)}

        async def write(tx: Transaction) -> int:
            number = await self._add(tx, actor, library, "tracks", decision, params)
            await repository.pin(tx, number, [one.track for one in members if one.track not in known], True)
            await repository.pin(tx, number, known, False)
            return number

        return await self._act(actor, library, files, write, dry_run)

    async def remove(self, actor: Actor, number: int, *, dry_run: bool = False) -> Outcome:
        """Take a decision back; albums are what the rules and other decisions make of them. Raises OverrideNotFound."""
        async with self._db.read() as conn:
            decision = await repository.decision(conn, number)
            if decision is None or not actor.may_see_library(decision.library_id):
                raise OverrideNotFound(number)
            if decision.folder is not None:
                files = set(await repository.files_below(conn, decision.library_id, decision.folder))
            else:
                tracks = await repository.pinned(conn, number)
                files = {one.file for one in await repository.members(conn, tracks=tracks)}
                albums = await repository.albums_made(conn, decision.library_id, decision.own_group)
                files |= {one.file for one in await repository.members(conn, albums=albums)}

        async def write(tx: Transaction) -> int:
            await repository.remove(tx, number, decision.library_id)
            return number

        return await self._act(actor, decision.library_id, files, write, dry_run, decision.folder)

    async def regroup(self, job: JobContext, library: int, folder: bytes) -> dict[str, Any]:
        """The work of a large decision's job: all files of a folder and below it, in batches."""
        async with self._db.read() as conn:
            stored = await scans.files_by_id(conn, await repository.files_below(conn, library, folder))
        bases: dict[bytes, list[int]] = {}
        for file in stored:
            bases.setdefault(album_folder(parent_of(file.path)), []).append(file.id)
        todo = sorted(base for base in bases if base.hex() > job.checkpoint.get("after", ""))
        done = 0
        while todo:
            job.check()
            part: list[int] = []
            while todo and len(part) < BATCH:
                last = todo.pop(0)
                part += bases[last]
            async with self._db.write() as tx:
                await job.guard(tx)
                await again.write_again(tx, part, regroup=True, rewrite=False)
                await job.save({"after": last.hex()}, tx=tx)
            done += len(part)
            job.progress(done, len(stored), unit="files", phase="regroup")
        return {"files": done}

    # --- what they share ----------------------------------------------------------------------------------------------

    async def _albums(self, numbers: Collection[int]) -> tuple[dict[int, Any], list[repository.Member]]:
        """The albums and their tracks. Raises NothingToGroup, SeveralLibraries."""
        async with self._db.read() as conn:
            rows = await repository.albums(conn, numbers)
            members = await repository.members(conn, albums=numbers)
        for number in numbers:
            if number not in rows:
                raise NothingToGroup(f"album {format_id('al', number)}")
        if len({row.library_id for row in rows.values()}) > 1:
            raise SeveralLibraries
        return rows, members

    async def _values(self, files: Collection[int], by: str) -> set[str]:
        async with self._db.read() as conn:
            said = await scans.documents(conn, files)
            stored = {file.id: file for file in await scans.files_by_id(conn, files)}
        values = set()
        for number, document in said.items():
            folder = parent_of(stored[number].path)
            values.add(split_value(GroupedFile(album_folder(folder), tags_of(document), folder), by))
        return values

    async def _add(
        self,
        tx: Transaction,
        actor: Actor,
        library: int,
        scope: str,
        decision: str,
        params: dict[str, Any],
        folder: bytes | None = None,
    ) -> int:
        row = {
            "library_id": library,
            "scope": scope,
            "decision": decision,
            "folder": folder,
            "params": params,
            "created_by": actor.user_id,
            "created_by_name": actor.name,
            "created_at": utc_now(),
        }
        return await repository.add(tx, row)

    async def _act(
        self,
        actor: Actor,
        library: int,
        files: Collection[int],
        write: Callable[[Transaction], Awaitable[int]],
        dry_run: bool,
        folder: bytes | None = None,
    ) -> Outcome:
        """Write a decision down with all that follows; or, of a dry run, find out what that would be.

        Raises TooLargeToTry where the dry run of a folder would keep everybody else waiting.
        """
        wanted = sorted(set(files))
        large = len(wanted) > AT_ONCE and folder is not None
        if large and dry_run:
            raise TooLargeToTry(len(wanted), AT_ONCE)
        found: Effect | None = None
        number: int | None = None
        job: int | None = None
        try:
            async with self._db.write() as tx:
                await scans.lock_library(tx, library)
                number = await write(tx)
                if large:
                    params = {"library": library, "folder": (folder or b"").hex()}
                    job = (await self._jobs.enqueue(tx, REGROUP, params, created_by=actor.user_id)).id
                else:
                    was = await effect.before(tx.conn, wanted)
                    await again.write_again(tx, wanted, regroup=True, rewrite=False)
                    await self._take_missing_along(tx, number)
                    found = await effect.effect(tx.conn, was)
                if dry_run:
                    raise _TakenBack
        except _TakenBack:
            return Outcome(None, found)
        return Outcome(number, found, job)

    async def _take_missing_along(self, tx: Transaction, number: int) -> None:
        """What is missing is not grouped anew: where all the rest of its album became part of another, so does it."""
        decision = await repository.decision(tx.conn, number)
        if decision is None or decision.decision != "merge":
            return
        album, held = await repository.missing_outside(tx.conn, decision)
        if album is not None and held:
            old = {number for _, number in held}
            await repository.put_into(tx, [track for track, _ in held], album, decision.library_id)
            await again.refresh_albums(tx, {album, *old})
            await repository.redirect(tx, old, album, utc_now())
