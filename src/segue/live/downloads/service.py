"""The verbs of downloads, and the only door for others: want, look, pause, go on, reorder, cancel, remove, try again, verify.

A person sees and steers their own; an administrator everybody's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.jobs import JobContext
from segue.library.deliveries import DeliveryService
from segue.live.downloads import receipt_rows, repository, states
from segue.live.downloads.errors import (
    BadIdentifier,
    DownloadNotFound,
    NotAllowedToDownload,
    NothingWanted,
    WrongState,
)
from segue.live.downloads.ground import GIB, Ground
from segue.live.downloads.known import known_recording, recording_numbered
from segue.live.downloads.plan import MOST_FILES
from segue.live.downloads.porter import Porter, ring
from segue.live.downloads.removing import take_away
from segue.live.downloads.verifying import Verifier
from segue.live.downloads.watching import Watching
from segue.live.service import LiveService
from segue.settings import LiveDownloadSettings, LiveSettings

RING, VERIFY = "live.downloads_ring", "live.verify"
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
LONGEST_NAME = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking for a recording came to: its download, and whether it is a new one."""

    row: Any
    created: bool


@dataclass(frozen=True, slots=True)
class Quota:
    """Bytes that a person's downloads take up or will, and how many they may; None: no limit. `free` is what the disk has
    beyond the floor, None where the folder cannot be looked at."""

    used: int
    limit: int | None
    free: int | None
    reserved: int


class DownloadService(Watching):
    """Downloads of the whole house."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self.on_finished = ground.on_finished
        """Told of a download that is done and verified: its row."""

    def deliver_by(self, deliveries: DeliveryService) -> None:
        """Have what is fetched enter the library, and what the library has not fetched again."""
        self.deliveries = deliveries
        self._ground.file_with_audio = deliveries.file_with_audio

    def know_by(self, live: LiveService) -> None:
        """Have recordings that are downloaded taken in with their tracks, where they were not yet."""

        async def know(identifier: str) -> int | None:
            number = await live.known(identifier)
            if number is not None:
                await live.details(number)
            return number

        self._ground.know = know

    @property
    def chosen(self) -> LiveDownloadSettings:
        """The settings of downloads as they are now."""
        return self._ground.chosen

    @property
    def live(self) -> LiveSettings:
        """The settings of live music as they are now."""
        return self._ground.settings().live

    # --- want ---------------------------------------------------------------------------------------------------------

    async def enqueue(
        self,
        actor: Actor,
        recording: int | str,
        *,
        files: Sequence[str] | None = None,
        formats: Sequence[str] | None = None,
        target: str | None = None,
        rule_id: int | None = None,
    ) -> Asked:
        """Want a recording, by its number or its identifier, or only `files` of it. What is wanted already, or is here, is
        not wanted twice. `formats` come before those of the house; `target` is a library.

        Raises NothingWanted, BadIdentifier, NotAllowedToDownload, NoSuchTarget, FolderUnusable.
        """
        identifier = await self._identifier(recording)
        wanted = _names(files)
        order = [text for text in dict.fromkeys(map(str.strip, formats or ())) if text] or None
        if target is not None:
            await self._ground.shelf.place_for(target)
        async with self._ground.db.write() as tx:
            known = await known_recording(tx.conn, identifier)
            if known is not None and (known.stream_only or known.status == "dark"):
                raise NotAllowedToDownload("stream_only" if known.stream_only else "dark", identifier)
            await repository.lock_queue(tx)
            for row in await repository.same_active(tx.conn, actor.person, identifier):
                if row.wanted == wanted and (row.formats == order or row.state == states.DONE) and row.target == target:
                    return Asked(row, False)
            values: dict[str, Any] = {
                "user_id": actor.person, "rule_id": rule_id, "identifier": identifier, "wanted": wanted,
                "formats": order, "target": target,
            }  # fmt: skip
            if known is not None:
                values |= {
                    "recording_id": known.recording_id, "title": known.title, "artist": known.artist,
                    "date": known.date, "venue": known.venue,
                }  # fmt: skip
            number = await repository.add(tx, values)
            await ring(self._ground, tx)
            return Asked(await repository.get(tx.conn, number), True)

    async def _identifier(self, recording: int | str) -> str:
        if isinstance(recording, int):
            async with self._ground.db.read() as conn:
                found = await recording_numbered(conn, recording)
            if found is None or found[0] != "archive":
                raise NothingWanted
            return found[1]
        if not _IDENTIFIER.fullmatch(recording):
            raise BadIdentifier(recording)
        return recording

    # --- look ---------------------------------------------------------------------------------------------------------

    async def get(self, actor: Actor, number: int) -> Any:
        """A download's row. Raises DownloadNotFound, also for another person's."""
        async with self._ground.db.read() as conn:
            return _visible(actor, await repository.get(conn, number), number)

    async def files(self, actor: Actor, number: int) -> tuple[Any, Sequence[Any]]:
        """A download with its files. Raises DownloadNotFound."""
        async with self._ground.db.read() as conn:
            row = _visible(actor, await repository.get(conn, number), number)
            return row, await repository.files(conn, number)

    async def page(
        self,
        actor: Actor,
        *,
        wanted: Collection[str] = (),
        identifier: str | None = None,
        recording: int | None = None,
        everybody: bool = False,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Sequence[Any], int]:
        """Downloads, the newest first, and how many there are: one's own, or with `everybody` all for an administrator."""
        async with self._ground.db.read() as conn:
            return await repository.page(
                conn, user_id=None if everybody and actor.is_admin else actor.person, wanted=wanted,
                identifier=identifier, recording_id=recording, before=before, limit=limit,
            )  # fmt: skip

    async def queue(self, actor: Actor) -> Sequence[Any]:
        """What a person still waits for, in the order in which it is fetched."""
        async with self._ground.db.read() as conn:
            return await repository.queue(conn, actor.person)

    async def quota(self, actor: Actor) -> Quota:
        """How much room a person's downloads take, and how much there is."""
        chosen = self._ground.chosen
        async with self._ground.db.read() as conn:
            used = await repository.used_bytes(conn, actor.person)
            reserved = await repository.still_to_come(conn)
        return Quota(used, int(chosen.quota_gb * GIB) or None, await self._free(), reserved)

    async def receipt_counts(self) -> dict[str, int]:
        """How many files that were downloaded are good, unverified, damaged or missing."""
        async with self._ground.db.read() as conn:
            return await receipt_rows.receipt_counts(conn)

    # --- steer --------------------------------------------------------------------------------------------------------

    async def pause(self, actor: Actor, number: int) -> Any:
        """Hold a download back; what came of it stays. Raises DownloadNotFound, WrongState."""
        return await self._move(actor, number, states.WORKING, states.PAUSED, "paused", stop=True)

    async def resume(self, actor: Actor, number: int) -> Any:
        """Let a paused download go on where it stopped. Raises DownloadNotFound, WrongState."""
        return await self._move(actor, number, (states.PAUSED,), states.QUEUED, "resumed", ring_=True, not_before=None)

    async def _move(
        self,
        actor: Actor,
        number: int,
        from_states: Collection[str],
        to: str,
        verb: str,
        *,
        stop: bool = False,
        ring_: bool = False,
        **values: Any,
    ) -> Any:
        async with self._ground.db.write() as tx:
            row = _visible(actor, await repository.get_for_update(tx, number), number)
            if row.state == to:
                return row
            if not await repository.move(tx, row, from_states, to, **values):
                raise WrongState(number, row.state, verb)
            if ring_:
                await ring(self._ground, tx)
            if stop:
                tx.after_commit(lambda: self._ground.under_way.stop(number, "paused"))
            return await repository.get(tx.conn, number)

    async def reorder(self, actor: Actor, number: int, index: int) -> Any:
        """Give a download the place `index` (from 0) in its person's queue. Raises DownloadNotFound, WrongState."""
        async with self._ground.db.write() as tx:
            row = _visible(actor, await repository.get_for_update(tx, number), number)
            if row.state not in states.ACTIVE:
                raise WrongState(number, row.state, "moved in the queue")
            await repository.set_place(tx, row, index)
            return await repository.get(tx.conn, number)

    async def retry(self, actor: Actor, number: int) -> Any:
        """Try again what failed, was cancelled or removed; what is here already is not fetched again.

        Raises DownloadNotFound, WrongState."""
        async with self._ground.db.write() as tx:
            row = _visible(actor, await repository.get_for_update(tx, number), number)
            if row.state in states.ACTIVE:
                return row
            if row.state == states.DONE and row.removed_at is None:
                raise WrongState(number, row.state, "tried again")
            fresh = {
                "not_before": None, "tries": 0, "starts": 0, "asked_again": False, "changed": False, "error": None,
                "ended_at": None,
            }  # fmt: skip
            values: dict[str, Any] = {"error": None, "waiting": None, "not_before": None, "tries": 0, "ended_at": None}
            if row.removed_at is not None or row.state == states.BLOCKED:
                await repository.drop_files(tx, number)
                values |= {"file_count": 0, "done_count": 0, "done_bytes": 0, "entered_at": None, "removed_at": None}
            else:
                ended = (states.FAILED, states.CANCELLED)
                await repository.move_files(tx, number, ended, states.QUEUED, **fresh)
            await repository.move(tx, row, states.ENDED, states.QUEUED, **values)
            await ring(self._ground, tx)
            return await repository.get(tx.conn, number)

    async def cancel(self, actor: Actor, number: int, *, keep_files: bool = False) -> Any:
        """Stop a download for good and take away what came of it, or `keep_files` that are whole.

        Raises DownloadNotFound, WrongState for one that has ended.
        """
        now = self._ground.now()
        async with self._ground.db.write() as tx:
            row = _visible(actor, await repository.get_for_update(tx, number), number)
            if not await repository.move(tx, row, states.ACTIVE, states.CANCELLED, ended_at=now, waiting=None):
                raise WrongState(number, row.state, "cancelled")
            open_ = (states.QUEUED, states.DOWNLOADING, states.VERIFYING)
            await repository.move_files(tx, number, open_, states.CANCELLED, ended_at=now)
            tx.after_commit(lambda: self._ground.under_way.stop(number, "cancelled"))
        return await self._take_away(row, whole=not keep_files)

    async def remove(self, actor: Actor, number: int, *, keep_files: bool = False) -> Any:
        """Cancel a download that has not ended; take the files of one that has away. It stays as history.

        Raises DownloadNotFound."""
        row = await self.get(actor, number)
        if row.state in states.ACTIVE:
            return await self.cancel(actor, number, keep_files=keep_files)
        return row if row.removed_at is not None or keep_files else await self._take_away(row, whole=True)

    async def _take_away(self, row: Any, *, whole: bool) -> Any:
        async with self._ground.db.read() as conn:
            files = await repository.files(conn, row.id)
            there = [file for file in files if file.state in states.FILE_THERE]
            shared = await repository.other_users_of(
                conn, bytes(row.root or b""), [bytes(file.path) for file in files], row.id
            )
        paths: list[bytes] = []
        if row.root is not None:
            paths = await asyncio.to_thread(take_away, row, files, shared, whole=whole)
        gone = bool(there) and whole
        async with self._ground.db.write() as tx:
            await receipt_rows.drop_receipts(tx, paths)
            if gone or not there:
                await repository.change(tx, row, removed_at=self._ground.now(), done_bytes=0)
                await self.forget_tracks(tx, row)
            after = await repository.get(tx.conn, row.id)
        if gone:
            await self._ground.shelf.leave(row)
        return after

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called in the transaction that erases a person: what is here stays and belongs to nobody, the rest is given up."""
        for number in await repository.erase_person(tx, user_id):
            tx.changed("download", number, "delete", user_id=user_id)

    # --- background ---------------------------------------------------------------------------------------------------

    async def work(self, job: JobContext) -> dict[str, Any] | None:
        """The porter's job."""
        return await Porter(self._ground, job).run()

    async def verify(
        self, job: JobContext, *, download: int | None = None, deep: bool = False, repair: bool = True
    ) -> dict[str, Any]:
        """The job that looks at what is here."""
        return await Verifier(self._ground, job).run(download, deep=deep, repair=repair)

    async def request_verify(
        self, actor: Actor, number: int | None = None, *, deep: bool = False, repair: bool = True
    ) -> int:
        """Ask for a look at one download's files, or at all that are here; returns the job. Raises DownloadNotFound."""
        async with self._ground.db.write() as tx:
            if number is not None:
                _visible(actor, await repository.get(tx.conn, number), number)
            params = {"download": number, "deep": deep, "repair": repair}
            key = f"{VERIFY}:{number or 'all'}:{int(deep)}"
            ticket = await self._ground.jobs.enqueue(tx, VERIFY, params, dedup_key=key, created_by=actor.user_id)
        return ticket.id

    async def ring_if_waiting(self) -> bool:
        """Have the porter go on where something waits for it; whether something does."""
        async with self._ground.db.write() as tx:
            count, _ = await repository.waits(tx.conn, self._ground.now())
            if count:
                await ring(self._ground, tx)
        await self.arrive()
        return bool(count)


def _visible(actor: Actor, row: Any, number: int) -> Any:
    if row is None or not (actor.is_admin or row.user_id == actor.person):
        raise DownloadNotFound(number)
    return row


def _names(files: Sequence[str] | None) -> list[str] | None:
    """The names as they are kept. Raises NothingWanted where there is none among them."""
    if files is None:
        return None
    names = [name for name in dict.fromkeys(files) if name and len(name) <= LONGEST_NAME and "\0" not in name]
    if not names or len(names) > MOST_FILES:
        raise NothingWanted
    return sorted(names)
