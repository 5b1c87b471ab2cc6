"""What every part of the inbox service stands on: which inboxes there are, one album of them, and starting its move."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.path_templates import PathTemplate
from segue.core.safe_names import NameRules
from segue.jobs import JobService
from segue.library.edits.service import EditService
from segue.library.inbox import repository
from segue.library.inbox.checks import Check
from segue.library.inbox.errors import ItemNotFound
from segue.library.inbox.gathering import incoming, incoming_files
from segue.library.inbox.places import targets_in, trouble
from segue.library.inbox.targets import Target
from segue.library.options import InboxOptions, options_of
from segue.library.scan.paths import displayed
from segue.library.scan.service import ScanService
from segue.library.scan.tags.rules import Rules

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


class InboxGround:
    """What the parts share. `tag_rules` gives the rules by which files are read."""

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

    async def _find(self, conn: Any, actor: Actor, number: int) -> Any:
        item = await repository.item(conn, number)
        if item is None or not actor.may_see_library(item.library_id):
            raise ItemNotFound(number)
        return item

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
