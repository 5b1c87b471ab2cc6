"""The verbs of inboxes: look, check, complete, approve, reject, undo."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segue.core.access import SYSTEM, Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.core.path_templates import PathTemplate
from segue.core.pool import ProcessPool
from segue.core.safe_names import NameRules
from segue.jobs import Cancelled, JobContext, JobService
from segue.library.edits.fields import checked as checked_edits
from segue.library.edits.service import EditService
from segue.library.inbox import repository
from segue.library.inbox.checks import Check, is_sound, sentence
from segue.library.inbox.errors import ItemNotFound, NoInbox, NoSuchFile, NotReady, WrongState
from segue.library.inbox.gathering import Gathered, gather, incoming, incoming_files
from segue.library.inbox.looking import Album, albums_in, read_one
from segue.library.inbox.mover import Mover
from segue.library.inbox.places import has_changed, missing_folders, targets_in, trouble
from segue.library.inbox.targets import Target
from segue.library.options import InboxOptions, LibraryOptions, options_of
from segue.library.scan import repository as scan_rows
from segue.library.scan.again import mark_gone
from segue.library.scan.service import ScanService
from segue.library.scan.tags.rules import Rules
from segue.library.scan.walk import displayed, parent_of
from segue.library.writing.reasons import Refused

LOOK, MOVE, WATCH = "library.inbox_look", "library.inbox_move", "library.inbox_watch"
OFTEN = "*/5 * * * *"
"""When an inbox is looked into by itself."""
READ_DEADLINE_S = 60.0
DECIDABLE = ("checked", "rejected", "problem", "undone")


@dataclass(frozen=True, slots=True)
class Inbox:
    """The inbox of a library; `problem` says why it cannot be used, if so."""

    library_id: int
    library: str
    options: InboxOptions
    example: str
    problem: Check | None


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One album of an inbox with everything about it: files with what they will say and where they will go."""

    item: Any
    files: Sequence[Any]
    wanted: dict[int, Any]
    """What each file's tags will say, by file."""
    targets: dict[int, Target]
    checks: list[Check]
    template: str


class InboxService:
    """`tag_rules` gives the rules by which files are read."""

    def __init__(
        self,
        db: Database,
        jobs: JobService,
        scans: ScanService,
        edits: EditService,
        tag_rules: Callable[[], Awaitable[Rules | None]],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._scans = scans
        self._edits = edits
        self._rules = tag_rules

    # --- looking ------------------------------------------------------------------------------------------------------

    async def inboxes(self, actor: Actor) -> list[Inbox]:
        """The inbox of every library that has one and that `actor` may see."""
        async with self._db.read() as conn:
            rows = await repository.libraries(conn)
        found = []
        for row in rows:
            options = options_of(row.options).inbox
            if options is not None and actor.may_see_library(row.id):
                problem = await asyncio.to_thread(trouble, options, [(each.root, each.display_root) for each in rows])
                example = PathTemplate(options.template).preview(NameRules(options.names))
                found.append(Inbox(row.id, row.name, options, example, problem))
        return found

    async def request_look(self, library_id: int | None = None, created_by: int | None = None) -> list[int]:
        """Ask for a look into one inbox or all; returns the jobs. Raises NoInbox."""
        wanted = [each.library_id for each in await self.inboxes(SYSTEM)]
        if library_id is not None:
            if library_id not in wanted:
                raise NoInbox(library_id)
            wanted = [library_id]
        async with self._db.write() as tx:
            return [
                (
                    await self._jobs.enqueue(
                        tx, LOOK, {"library": number}, dedup_key=f"{LOOK}:{number}", created_by=created_by
                    )
                ).id
                for number in wanted
            ]

    async def look(self, job: JobContext, library_id: int) -> dict[str, Any]:
        """The work of a look: what is new or has changed is read and checked; what is gone is forgotten."""
        inbox = next((each for each in await self.inboxes(SYSTEM) if each.library_id == library_id), None)
        if inbox is None or inbox.problem is not None:
            return {"albums": 0, "problem": inbox.problem.code if inbox and inbox.problem else None}
        root = os.fsencode(inbox.options.path)
        albums = await asyncio.to_thread(albums_in, root)
        async with self._db.read() as conn:
            known = await repository.waiting(conn, library_id)
        job.progress(0, len(albums), unit="albums", phase="read")
        read = approved = 0
        async with ProcessPool(1) as pool:
            for album in albums:
                job.check()
                row = known.pop(album.folder, None)
                if row is None or row.state not in repository.UNDER_WAY:
                    number = await self._look_at(job, pool, inbox, root, album, row)
                    read += number is not None
                    if number is not None and inbox.options.auto:
                        approved += await self._approve_if_sound(number)
                job.advance()
        for row in known.values():
            if row.state not in repository.UNDER_WAY:
                async with self._db.write() as tx:
                    await job.guard(tx)
                    await repository.drop_item(tx, row.id, library_id)
        return {"albums": len(albums), "read": read, "approved": approved}

    async def _look_at(
        self, job: JobContext, pool: ProcessPool, inbox: Inbox, root: bytes, album: Album, row: Any
    ) -> int | None:
        """Bring one album's item up to date; its number where it was read."""
        same = row is not None and (bytes(row.root), bytes(row.fingerprint)) == (root, album.fingerprint)
        if same and row.state != "new":
            return None
        values: dict[str, Any] = {
            "root": root, "fingerprint": album.fingerprint, "changed_at": utc_now(), "code": None, "params": None,
            "state": "new",
        }  # fmt: skip
        settled = time.time_ns() - album.newest_ns >= inbox.options.settle_s * 1_000_000_000
        if not settled:
            if not same:
                await self._keep(job, inbox.library_id, album, row, values, None)
            return None
        rules = await self._rules()
        readings = {}
        for file in album.files:
            if file.audio:
                readings[file.path] = await pool.run(read_one, root, file.path, rules, deadline_s=READ_DEADLINE_S)
                job.check()
        gathered = gather(album, readings)
        return await self._keep(job, inbox.library_id, album, row, values | {"state": "checked"}, gathered)

    async def _keep(
        self,
        job: JobContext,
        library_id: int,
        album: Album,
        row: Any,
        values: dict[str, Any],
        gathered: Gathered | None,
    ) -> int:
        values |= {
            "summary": gathered.summary if gathered else {},
            "checks": [list(c) for c in gathered.checks] if gathered else [],
        }
        async with self._db.write() as tx:
            await job.guard(tx)
            if row is None:
                number = await repository.add_item(
                    tx, library_id=library_id, folder=album.folder,
                    display_folder=displayed(album.folder), edits={}, found_at=utc_now(), **values,
                )  # fmt: skip
            else:
                number = row.id
                await repository.set_item(tx, number, library_id, **values)
            if gathered is not None:
                await repository.put_files(tx, number, gathered.rows)
        if gathered is not None:
            await self._check_again(number)
        return number

    # --- one item -----------------------------------------------------------------------------------------------------

    async def page(
        self,
        actor: Actor,
        *,
        library_id: int | None = None,
        states: Collection[str] | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[list[Any], dict[str, int]]:
        """Items, the newest first, and how many there are in each state."""
        async with self._db.read() as conn:
            rows = await repository.items(
                conn, library_id=library_id, states=states, libraries=actor.libraries, before=before, limit=limit
            )
            return list(rows), await repository.counts(conn, actor.libraries)

    async def item(self, actor: Actor, number: int) -> ItemPage:
        """Everything about one item. Raises ItemNotFound."""
        async with self._db.read() as conn:
            item = await self._find(conn, actor, number)
            files = await repository.files(conn, number)
            library = await repository.library(conn, item.library_id)
        assert library is not None
        options = options_of(library.options).inbox
        template = item.template or (options.template if options else "")
        files_in = incoming_files(item, files)
        checks = [Check(*each) for each in item.checks]
        targets: dict[int, Target] = {}
        if item.state in ("moved", "moving", "returning"):
            targets = {
                row.id: Target(row.id, displayed(bytes(row.target)[len(library.root) + 1 :]))
                for row in files
                if row.target
            }
        elif options is not None:
            made = await asyncio.to_thread(targets_in, files_in, template, options, library.root)
            if isinstance(made, Check):
                checks.append(made)
            else:
                targets = {target.id: target for target in made}
                if options.taken == "refuse":
                    checks += [Check("taken", "stop", {"path": each.taken}) for each in made if each.taken]
        else:
            checks.append(Check("switched_off", "stop", {}))
        wanted = {file.id: file.tags for file in files_in if file.tags is not None}
        return ItemPage(item, files, wanted, targets, checks, template)

    async def change(
        self,
        actor: Actor,
        number: int,
        *,
        album: Mapping[str, Any] | None = None,
        tracks: Mapping[str, Mapping[str, Any]] | None = None,
        template: str | None = None,
        usual_template: bool = False,
    ) -> ItemPage:
        """Complete an item: `album` and the `tracks` given are what is edited of them from now on, {} takes all back;
        `template` is for this album alone. Raises ItemNotFound, WrongState, BadEdit, BadTemplate, NoSuchFile."""
        if template is not None:
            PathTemplate(template)
        async with self._db.write() as tx:
            item = await self._find(tx.conn, actor, number)
            if item.state not in DECIDABLE:
                raise WrongState(item.state, "changed")
            known = {str(row.id) for row in await repository.files(tx.conn, number) if row.kind == "audio"}
            edits = {"album": dict(item.edits.get("album", {})), "tracks": dict(item.edits.get("tracks", {}))}
            if album is not None:
                edits["album"] = checked_edits("album", album)
            for name, values in (tracks or {}).items():
                if name not in known:
                    raise NoSuchFile(name)
                edits["tracks"][name] = checked_edits("track", values)
            edits["tracks"] = {name: values for name, values in edits["tracks"].items() if values}
            values = {"edits": edits, "changed_at": utc_now()}
            if template is not None or usual_template:
                values["template"] = template
            await repository.set_item(tx, number, item.library_id, **values)
        await self._check_again(number)
        return await self.item(actor, number)

    async def _check_again(self, number: int) -> None:
        """Check an item as it is now, with its edits, and against what the library has."""
        async with self._db.read() as conn:
            item = await repository.item(conn, number)
            if item is None:
                return
            files = await repository.files(conn, number)
            summary, checks = await incoming(conn, item, files)
        async with self._db.write() as tx:
            await repository.set_item(
                tx, number, item.library_id, checks=[list(check) for check in checks], summary=summary
            )

    async def _find(self, conn: Any, actor: Actor, number: int) -> Any:
        item = await repository.item(conn, number)
        if item is None or not actor.may_see_library(item.library_id):
            raise ItemNotFound(number)
        return item

    # --- deciding -----------------------------------------------------------------------------------------------------

    async def approve(self, actor: Actor, number: int) -> int:
        """Let an album into the library; returns the job that moves it. Raises ItemNotFound, WrongState, NotReady."""
        page = await self.item(actor, number)
        if page.item.state not in DECIDABLE:
            raise WrongState(page.item.state, "approved")
        for check in page.checks:
            if check.severity == "stop":
                raise NotReady(check.code, sentence(check.code, check.params) or check.code, **check.params)
        return await self._start(number, page.item.library_id, "approved", actor.user_id)

    async def _approve_if_sound(self, number: int) -> bool:
        page = await self.item(SYSTEM, number)
        if page.item.state != "checked" or not is_sound(page.checks) or any(t.taken for t in page.targets.values()):
            return False
        await self._start(number, page.item.library_id, "approved", None)
        return True

    async def reject(self, actor: Actor, number: int) -> None:
        """Leave an album where it is, and do not ask again until it changes. Raises ItemNotFound, WrongState."""
        async with self._db.write() as tx:
            item = await self._find(tx.conn, actor, number)
            if item.state not in (*DECIDABLE, "new"):
                raise WrongState(item.state, "rejected")
            await repository.set_item(
                tx, number, item.library_id, state="rejected", decided_by=actor.user_id, changed_at=utc_now()
            )

    async def undo(self, actor: Actor, number: int) -> int:
        """Put an album's files back where they were; returns the job. Raises ItemNotFound, WrongState."""
        async with self._db.read() as conn:
            item = await self._find(conn, actor, number)
        if item.state != "moved":
            raise WrongState(item.state, "undone")
        return await self._start(number, item.library_id, "returning", actor.user_id, after="undone")

    async def recheck(self, actor: Actor, number: int) -> int:
        """Read an album again; returns the job. Raises ItemNotFound, WrongState, NoInbox."""
        async with self._db.write() as tx:
            item = await self._find(tx.conn, actor, number)
            if item.state not in (*DECIDABLE, "new"):
                raise WrongState(item.state, "looked at")
            await repository.set_item(tx, number, item.library_id, state="new", fingerprint=b"")
        return (await self.request_look(item.library_id, actor.user_id))[0]

    async def _start(
        self, number: int, library_id: int, state: str, by: int | None, *, keep_reason: bool = False, **values: Any
    ) -> int:
        if not keep_reason:
            values |= {"code": None, "params": None}
        async with self._db.write() as tx:
            ticket = await self._jobs.enqueue(tx, MOVE, {"item": number}, dedup_key=f"{MOVE}:{number}", created_by=by)
            await repository.set_item(
                tx, number, library_id, state=state, job_id=ticket.id, decided_by=by, changed_at=utc_now(), **values
            )
        return ticket.id

    # --- moving -------------------------------------------------------------------------------------------------------

    async def move(self, job: JobContext, number: int) -> dict[str, Any] | None:
        """The work of moving an item, or of putting it back."""
        async with self._db.read() as conn:
            item = await repository.item(conn, number)
            library = None if item is None else await repository.library(conn, item.library_id)
            files = await repository.files(conn, number)
        if item is None or library is None or item.state not in ("approved", *repository.UNDER_WAY):
            return None
        places = [bytes(row.target) for row in files if row.target]
        options = options_of(library.options).inbox
        keep = options is not None and options.mode == "copy"
        suffix = options is None or options.taken == "suffix"
        job.progress(0, len(files), unit="files", phase="move")
        if item.state == "approved":
            reason = await self._plan(job, item, files, library, options)
            if reason is not None:
                return await self._end(job, item, library, "problem", reason, places)
            async with self._db.read() as conn:
                item = await repository.item(conn, number)
        assert item is not None
        mover = Mover(self._db, job, item, library.root, keep=keep, suffix=suffix)
        after, reason = item.after or "moved", Refused(item.code, item.params or {}) if item.code else None
        if item.state == "moving":
            try:
                reason = await mover.forth()
            except Cancelled:
                reason = Refused("cancelled")
            if reason is None:
                return await self._end(job, item, library, "moved", None, places)
            async with self._db.write() as tx:
                await repository.set_item(
                    tx, number, item.library_id, state="returning", after="problem", code=reason.code,
                    params=dict(reason.params), changed_at=utc_now(),
                )  # fmt: skip
            after = "problem"
        left = await mover.back()
        if left:
            after, reason = "problem", Refused("not_back", {"count": left})
        return await self._end(job, item, library, after, reason, places)

    async def watch(self, library_id: int) -> dict[str, Any]:
        """The work of an inbox's schedule."""
        resumed = await self.recover()
        try:
            return {"resumed": resumed, "jobs": len(await self.request_look(library_id))}
        except NoInbox:
            return {"resumed": resumed, "jobs": 0}

    async def options_changed(self, tx: Transaction, library_id: int, options: LibraryOptions) -> None:
        """Called in the transaction in which a library's options change: an inbox is looked into often, none is not."""
        name = f"library.inbox:{format_id('li', library_id)}"
        if options.inbox is None:
            await self._jobs.drop_schedule(tx, name)
        else:
            await self._jobs.put_schedule(tx, name, WATCH, OFTEN, {"library": library_id})

    async def library_removed(self, tx: Transaction, library_id: int) -> None:
        """Called in the transaction in which a library goes."""
        await self.options_changed(tx, library_id, options_of(None))

    async def recover(self) -> int:
        """Let what was left under way without a job be gone on with. Returns how many albums that were."""
        async with self._db.read() as conn:
            items = await repository.items(conn, states=("approved", *repository.UNDER_WAY), limit=1000)
        count = 0
        for item in items:
            if await self._jobs.active_with_key(f"{MOVE}:{item.id}") is None:
                await self._start(item.id, item.library_id, item.state, item.decided_by, keep_reason=True)
                count += 1
        return count

    async def _plan(
        self, job: JobContext, item: Any, files: Sequence[Any], library: Any, options: InboxOptions | None
    ) -> Refused | None:
        """Decide every file's place, and note it before anything is moved."""
        if options is None:
            return Refused("switched_off")
        template = item.template or options.template
        made = await asyncio.to_thread(targets_in, incoming_files(item, files), template, options, library.root)
        if isinstance(made, Check):
            return Refused(made.code, made.params)
        if options.taken == "refuse" and (other := next((each for each in made if each.taken), None)):
            return Refused("taken", {"path": other.taken})
        if await asyncio.to_thread(has_changed, item, files):
            return Refused("changed")
        places = {each.id: library.root.rstrip(b"/") + b"/" + os.fsencode(each.path) for each in made}
        folders = sorted({place.rpartition(b"/")[0] for place in places.values()})
        missing = await asyncio.to_thread(missing_folders, folders, library.root)
        async with self._db.write() as tx:
            await job.guard(tx)
            for number, place in places.items():
                await repository.set_file(tx, number, target=place, state="found", code=None, params=None)
            await repository.set_item(
                tx, item.id, item.library_id, state="moving", after=None, made_folders=[each.hex() for each in missing],
                edits_applied_at=None, changed_at=utc_now(),
            )  # fmt: skip
        return None

    async def _end(
        self, job: JobContext, item: Any, library: Any, state: str, reason: Refused | None, places: Sequence[bytes]
    ) -> dict[str, Any]:
        async with self._db.read() as conn:
            files = await repository.files(conn, item.id)
        await self._tell_library(library, item, {*places, *(bytes(row.target) for row in files if row.target)})
        result = {"item": format_id("in", item.id), "state": state, "code": reason.code if reason else None}
        edited = bool(item.edits.get("album") or item.edits.get("tracks"))
        async with self._db.write() as tx:
            await repository.set_item(
                tx, item.id, item.library_id, state=state, after=None, changed_at=utc_now(),
                code=reason.code if reason else None, params=dict(reason.params) if reason else None,
                edits_applied_at=None if edited and state == "moved" else utc_now(),
            )  # fmt: skip
            for row in files:
                if row.state == "found":
                    await repository.set_file(tx, row.id, target=None)
            await job.complete(tx, result)
        return result

    async def _tell_library(self, library: Any, item: Any, places: Collection[bytes]) -> None:
        """Let the library look at the folders where files came or went. What we took away ourselves is marked missing here,
        so that no guard has to wonder where it went."""
        made = [bytes.fromhex(each) for each in item.made_folders or ()]
        root = bytes(library.root).rstrip(b"/") + b"/"
        folders = {parent_of(place[len(root) :]) for place in places if place.startswith(root)}
        away = await asyncio.to_thread(
            lambda: [place[len(root) :] for place in places if place.startswith(root) and not os.path.lexists(place)]
        )
        async with self._db.read() as conn:
            left = await scan_rows.files_at(conn, library.id, away)
        if left:
            async with self._db.write() as tx:
                await mark_gone(tx, {file.id for file in left})
        gone = {folder[len(root) :] for folder in made if folder.startswith(root)}
        await self._scans.request_folders(library.id, folders | gone or {b""})

    async def after_scan(self) -> None:
        """What was edited in an inbox becomes edits of the tracks, once a scan has found them."""
        async with self._db.read() as conn:
            items = await repository.with_edits_to_apply(conn)
        for item in items:
            await self._apply_edits(item)

    async def _apply_edits(self, item: Any) -> None:
        async with self._db.read() as conn:
            library = await repository.library(conn, item.library_id)
            files = [row for row in await repository.files(conn, item.id) if row.kind == "audio" and row.target]
            assert library is not None
            relative = {row.id: bytes(row.target)[len(library.root.rstrip(b"/")) + 1 :] for row in files}
            tracks = await repository.tracks_at(conn, item.library_id, relative.values())
        if not files or any(path not in tracks for path in relative.values()):
            return
        for number, values in item.edits.get("tracks", {}).items():
            path = relative.get(int(number))
            if path is not None:
                await self._edits.edit(SYSTEM, "track", tracks[path][0], set=values)
        if of_album := item.edits.get("album"):
            for album in sorted({album for _, album in tracks.values()}):
                await self._edits.edit(SYSTEM, "album", album, set=of_album)
        async with self._db.write() as tx:
            await repository.set_item(tx, item.id, item.library_id, edits_applied_at=utc_now())
