"""The verbs of imports: send a file or name an account, look at what it would bring, bring it in, take it back.

An upload is stored as it came, read by a job (state reading), and shown (ready): nothing of a person's history is touched
before they have seen it and said go.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from segue.core.access import SYSTEM, Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.core.remembered import Memory
from segue.core.storage import Storage
from segue.jobs import JobService
from segue.library.finding import FindingService
from segue.listening.imports import repository
from segue.listening.imports.errors import (
    EmptyImport,
    ImportNotFound,
    ImportTooLarge,
    NotYourPerson,
    UnknownPerson,
    UploadGone,
    WrongImportState,
)
from segue.listening.imports.views import ImportView, ListRow, People, PlaylistKeeper, ThingView
from segue.listening.names import names_of
from segue.listening.plays import Listen
from segue.listening.service import ListeningService
from segue.metadata.service import MetadataService

READ, BRING, UNDO = "listening.import_read", "listening.import_bring", "listening.import_undo"
MOST_BYTES = 8 * 1024**3
"""Bytes of an upload."""
KEPT = timedelta(days=30)
"""How long an upload is stored after the last thing that happened to its import."""
BUSY = ("reading", "running", "undoing")
LASTFM = "lastfm"


class ImportService:
    """The door to imports of history. `work` is a folder of this machine's own for what is made anew when it is gone."""

    def __init__(
        self,
        db: Database,
        jobs: JobService,
        listening: ListeningService,
        music: Memory,
        finding: FindingService,
        storage: Storage,
        metadata: MetadataService,
        work: Path,
    ) -> None:
        self.db = db
        self.listening = listening
        self.music = music
        self.finding = finding
        self.storage = storage
        self.metadata = metadata
        self.work = work
        self.people: People | None = None
        self.playlists: PlaylistKeeper | None = None
        self._jobs = jobs

    async def upload(
        self, actor: Actor, name: str, parts: AsyncIterator[bytes], *, for_user: int | None = None
    ) -> ImportView:
        """Store a file of somebody's history and have it read. Raises EmptyImport, ImportTooLarge, NotYourPerson."""
        user_id = self._whose(actor, for_user)
        key = f"imports/{secrets.token_hex(12)}"
        size = 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for part in parts:
                size += len(part)
                if size > MOST_BYTES:
                    raise ImportTooLarge(MOST_BYTES)
                if part:
                    yield bytes(part)

        try:
            await self.storage.put(key, counted())
            if not size:
                raise EmptyImport
            return await self._begin(actor, user_id, {"name": _called(name), "key": key, "size_bytes": size})
        except BaseException:
            await self.storage.delete(key)
            raise

    async def fetch_lastfm(self, actor: Actor, account: str, *, for_user: int | None = None) -> ImportView:
        """Read all that Last.fm has kept of an account. Raises LastfmNotSetUp, NotYourPerson."""
        user_id = self._whose(actor, for_user)
        self.metadata.lastfm.check_keys()
        return await self._begin(actor, user_id, {"name": account, "account": account, "source": LASTFM})

    async def page(self, actor: Actor, before: int = 0, limit: int = 50) -> tuple[list[ImportView], int]:
        """One's own imports (an administrator's are everybody's), the newest first; how many there are."""
        async with self.db.read() as conn:
            rows, total = await repository.page(conn, None if actor.is_admin else actor.person, before, limit)
        return [await self._view(row) for row in rows], total

    async def get(self, actor: Actor, number: int) -> ImportView:
        """One import. Raises ImportNotFound, also for another person's."""
        return await self._view(await self._find(actor, number))

    async def things(
        self, actor: Actor, number: int, after: tuple[int, int] | None = None, limit: int = 50
    ) -> tuple[list[ThingView], int]:
        """What matched nothing for sure, heard most first; how many there are. Raises ImportNotFound."""
        row = await self._find(actor, number)
        async with self.db.read() as conn:
            rows, total = await repository.things(conn, number, after, limit)
            keys = {one.number: _name_key(one) for one in rows}
            names = await repository.still_names(conn, row.user_id, set(keys.values()))
        done = row.state == "done"
        return [ThingView(one, done and one.kind == "track" and keys[one.number] not in names) for one in rows], total

    async def problems(self, actor: Actor, number: int, after: int = 0, limit: int = 50) -> tuple[Sequence[Any], int]:
        """Rows that could not be taken, the first thousand; how many are kept. Raises ImportNotFound."""
        await self._find(actor, number)
        async with self.db.read() as conn:
            return await repository.problems(conn, number, after, limit)

    async def start(self, actor: Actor, number: int, people: Mapping[str, int] | None = None) -> ImportView:
        """Bring it in, or go on with it. `people` says who of the upload's people is who here; without it, an upload of one
        person is its owner's. Raises ImportNotFound, WrongImportState, UnknownPerson, NotYourPerson, UploadGone."""
        row = await self._find(actor, number)
        view = await self._view(row)
        if view.state not in ("ready", "stopped", "done", "undone") or row.preview is None:
            raise WrongImportState(view.state, "brought in")
        if row.key is None:
            raise UploadGone(number)
        names = {person["name"] for person in row.preview.get("people", ())}
        chosen = dict(people) if people is not None else row.people or dict.fromkeys(names & {""}, row.user_id)
        if people is None and not chosen and len(names) == 1:
            chosen = dict.fromkeys(names, row.user_id)
        for name, user_id in chosen.items():
            if name not in names:
                raise UnknownPerson(name)
            self._whose(actor, user_id)
            if self.people is not None:
                await self.people.actor_for(user_id)
        values: dict[str, Any] = {"state": "running", "people": chosen, "code": None, "params": None}
        if view.state == "undone":
            values |= {"first_play_id": None, "undone_at": None}
        await self._work(actor, row, BRING, values)
        return await self.get(actor, number)

    async def undo(self, actor: Actor, number: int) -> ImportView:
        """Take all of it back: plays, stars, ratings, counts, bookmarks and playlists. Raises ImportNotFound,
        WrongImportState."""
        row = await self._find(actor, number)
        view = await self._view(row)
        if row.first_play_id is None or view.state not in ("done", "stopped"):
            raise WrongImportState(view.state, "taken back")
        await self._work(actor, row, UNDO, {"state": "undoing"})
        return await self.get(actor, number)

    async def stop(self, actor: Actor, number: int) -> ImportView:
        """Stop what works on it at its next step; what is there stays. Raises ImportNotFound, WrongImportState."""
        row = await self._find(actor, number)
        view = await self._view(row)
        if view.state not in BUSY or row.job_id is None:
            raise WrongImportState(view.state, "stopped")
        await self._jobs.cancel(SYSTEM, row.job_id)
        return await self.get(actor, number)

    async def forget(self, actor: Actor, number: int) -> None:
        """Forget an import and its upload; what it brought stays, and can no longer be taken back as a whole.
        Raises ImportNotFound, WrongImportState."""
        row = await self._find(actor, number)
        view = await self._view(row)
        if view.state in BUSY:
            raise WrongImportState(view.state, "forgotten")
        async with self.db.write() as tx:
            await repository.drop(tx, [number])
            tx.changed("history_import", number, "delete", user_id=row.user_id)
        await self._forget_files(number, row.key)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        rows = await repository.of_person(tx.conn, user_id)
        await repository.forget_person(tx, user_id, [row.id for row in rows])
        for row in rows:
            self.stage_of(row.id).unlink(missing_ok=True)
            if row.key is not None:
                await self.storage.delete(row.key)

    async def housekeeping(self) -> int:
        """Forget uploads that nobody has come back to; how many."""
        states = ("ready", "done", "failed", "undone", "running")
        async with self.db.read() as conn:
            rows = await repository.stored_before(conn, utc_now() - KEPT, states)
        for row in rows:
            await self._forget_files(row.id, row.key)
            async with self.db.write() as tx:
                await repository.change(tx, row.id, {"key": None})
        return len(rows)

    # --- for the jobs ----------------------------------------------------------------------------------------------------

    def stage_of(self, number: int) -> Path:
        """Where the rows of an import are gathered on this machine."""
        return self.work / f"{format_id('im', number)}.db"

    async def actor_of(self, user_id: int) -> Actor:
        """Who acts when this person does. Raises UserNotFound for one who is gone."""
        if self.people is None:
            return Actor(user_id, "", libraries=None)
        return await self.people.actor_for(user_id)

    # --- inside ----------------------------------------------------------------------------------------------------------

    def _whose(self, actor: Actor, for_user: int | None) -> int:
        if for_user is None:
            return actor.person
        if for_user != actor.user_id and not actor.is_admin:
            raise NotYourPerson
        return for_user

    async def _begin(self, actor: Actor, user_id: int, values: Mapping[str, Any]) -> ImportView:
        now = utc_now()
        async with self.db.write() as tx:
            whole = {"user_id": user_id, "made_by": actor.user_id, "state": "reading", "created_at": now, **values}
            number = await repository.add(tx, {**whole, "changed_at": now})
            ticket = await self._jobs.enqueue(
                tx, READ, {"import": number}, dedup_key=f"{READ}:{number}", created_by=actor.user_id
            )
            await repository.change(tx, number, {"job_id": ticket.id})
            tx.changed("history_import", number, user_id=user_id)
        return await self.get(actor, number)

    async def _work(self, actor: Actor, row: Any, kind: str, values: Mapping[str, Any]) -> None:
        async with self.db.write() as tx:
            ticket = await self._jobs.enqueue(
                tx, kind, {"import": row.id}, dedup_key=f"{kind}:{row.id}", created_by=actor.user_id
            )
            await repository.change(tx, row.id, {**values, "job_id": ticket.id, "changed_at": utc_now()})
            tx.changed("history_import", row.id, user_id=row.user_id)

    async def _find(self, actor: Actor, number: int) -> Any:
        async with self.db.read() as conn:
            row = await repository.get(conn, number)
        if row is None or (row.user_id != actor.user_id and not actor.is_admin):
            raise ImportNotFound(number)
        return row

    async def _view(self, row: Any) -> ImportView:
        job = await self._jobs.get(SYSTEM, row.job_id) if row.state in BUSY and row.job_id is not None else None
        if job is not None and not job.active:  # it may have ended well since the row was read
            async with self.db.read() as conn:
                row = await repository.get(conn, row.id) or row
        state, progress, code, params = row.state, None, row.code, row.params or {}
        if job is not None and state in BUSY:
            progress = job.progress
            if not job.active:
                state = "failed" if row.state == "reading" else "stopped"
                code = code or (job.error or {}).get("code") or "cancelled"
        return ImportView(
            row.id, row.user_id, row.made_by, row.source, state, row.name, row.size_bytes, row.account,
            row.key is not None, row.people or {}, row.preview, row.result, code, params, row.job_id, progress,
            row.created_at, row.finished_at, row.undone_at,
        )  # fmt: skip

    async def _forget_files(self, number: int, key: str | None) -> None:
        self.stage_of(number).unlink(missing_ok=True)
        if key is not None:
            await self.storage.delete(key)


def _name_key(row: Any) -> str:
    """How the plays of a thing that matched nothing are called; see `names.names_of`."""
    return names_of(Listen(utc_now(), row.title, row.artist, row.album))[0].key


def _called(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:200] or "history"


__all__ = [
    "BRING",
    "READ",
    "UNDO",
    "ImportService",
    "ImportView",
    "ListRow",
    "People",
    "PlaylistKeeper",
    "ThingView",
]
