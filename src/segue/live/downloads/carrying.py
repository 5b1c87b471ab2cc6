"""One file of a download, from its turn to its end: it is here already, or it is fetched and proven, or what becomes of it.

Where what came is not what the archive claims, the archive is asked once more what it should be, for items change. Then an
original is fetched from zero twice more, kept as `.bad` and failed honestly; a derivative whose claims changed is taken if its
size and first bytes are right, and marked unverified.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from segue.core.outside import Fault
from segue.core.safe_names import free_name
from segue.jobs import JobContext
from segue.live.downloads import checks, receipt_rows, repository, states
from segue.live.downloads.errors import Trouble, kept
from segue.live.downloads.formats import extension_of, looks_right
from segue.live.downloads.ground import GIB, Flow, Ground
from segue.live.downloads.limits import room
from segue.live.downloads.part import Part, leavings, remove
from segue.live.downloads.places import LONGEST_NAME_BYTES
from segue.live.downloads.plan import PlannedFile, plan_of
from segue.live.downloads.token import Halted, Token
from segue.live.downloads.transfer import CHUNK_BYTES, Proof, Wanted, fetch, prove, trouble_of

log = structlog.get_logger("segue.live.downloads")

MISMATCHES = frozenset({"wrong_size", "wrong_checksum", "wrong_type"})
UNDER_WAY = (states.DOWNLOADING,)


class Carrier:
    """Carries files for one start of the job `job`."""

    def __init__(self, ground: Ground, job: JobContext) -> None:
        self._ground = ground
        self._db = ground.db
        self._job = job

    async def carry(self, download: Any, file: Any, token: Token) -> None:
        """Bring one file here, or write down why not. Raises LeaseLost, and what the database raises."""
        path = whole_path(download, file)
        flow = Flow(download.id, file.id, download.user_id, file.name, file.size, file.done_bytes, file.done_bytes)
        self._ground.under_way.flows[file.id] = flow
        part = Part(path, file.size, file.md5)
        try:
            if await self._is_here(download, file, path, token):
                return
            file = await self._again(file)
            part = Part(whole_path(download, file), file.size, file.md5)
            self._check_room(download, file)
            await asyncio.to_thread(part.open, token.check)
            await self._fetch(download, file, part, token, flow)
        except Halted as halted:
            await self._halted(download, file, part, halted)
        except Trouble as trouble:  # before there was a part to keep
            await self._later(download, file, trouble, flow.came)
        except OSError as error:
            if token.why is not None:  # who stopped it has taken its folder away already
                await self._halted(download, file, part, Halted(token.why))
            else:
                await self._disk(download, file, error, flow.came)
        finally:
            await asyncio.to_thread(part.close)

    async def _fetch(self, download: Any, file: Any, part: Part, token: Token, flow: Flow) -> None:
        def told(came: int) -> None:
            flow.came = came

        begun = part.length
        wanted = Wanted(download.identifier, file.name, file.size, file.md5, file.sha1, part.path)
        try:
            await fetch(self._ground.source, wanted, part, token, self._ground.bandwidth, told)
            proof = await prove(wanted, part, token)
        except Trouble as trouble:
            try:
                await self._trouble(download, file, part, trouble, part.length - begun)
            except Fault as fault:  # the archive could not be asked again: later
                if trouble.from_zero:
                    part.begin_again()
                await self._later(download, file, trouble_of(fault), part.length)
            return
        await self._keep(download, file, part, proof)

    # --- it came ------------------------------------------------------------------------------------------------------

    async def _keep(self, download: Any, file: Any, part: Part, proof: Proof) -> None:
        """Give a proven file its name and its receipt, unless it was cancelled meanwhile."""
        async with self._db.write() as tx:
            await self._job.guard(tx)
            wanted = await repository.move_file(tx, file.id, UNDER_WAY, states.VERIFYING)
        if not wanted:
            await asyncio.to_thread(part.drop)
            return
        path = await asyncio.to_thread(_placed, part)
        audio = await asyncio.to_thread(checks.audio_md5, path) if extension_of(file.name) == "flac" else ""
        there = await self._write_receipt(download, file, path, proof, audio, states.DONE, (states.VERIFYING,))
        if not there:
            await asyncio.to_thread(remove, path)

    async def _write_receipt(
        self, download: Any, file: Any, path: bytes, proof: Proof, audio: str, to: str, from_states: tuple[str, ...]
    ) -> bool:
        now = self._ground.now()
        found = await asyncio.to_thread(os.stat, path)
        async with self._db.write() as tx:
            await self._job.guard(tx)
            moved = await repository.move_file(
                tx, file.id, from_states, to,
                path=_relative(download, path), done_bytes=proof.size, size=proof.size, verified=proof.verified, error=None,
                ended_at=now, not_before=None, tries=0,
            )  # fmt: skip
            if moved:
                await receipt_rows.keep_receipt(
                    tx,
                    {
                        "identifier": download.identifier, "name": file.name, "path": path, "size": proof.size,
                        "mtime_ns": found.st_mtime_ns, "inode": checks.signed(found.st_ino), "md5": proof.md5,
                        "audio_md5": audio, "verified": proof.verified, "verified_at": now, "checked_at": now,
                        "state": "unverified" if proof.verified == "unverified" else "good",
                    },
                )  # fmt: skip
                await repository.count_one(tx, download)
        return moved

    async def _is_here(self, download: Any, file: Any, path: bytes, token: Token) -> bool:
        """Whether the file is on this server already: under its own name, or elsewhere with a receipt."""
        proof = await self._same_at(path, file, token)
        if proof is None and await asyncio.to_thread(os.path.lexists, path):
            path = await asyncio.to_thread(_free, path)
            async with self._db.write() as tx:
                await self._job.guard(tx)
                await repository.move_file(tx, file.id, UNDER_WAY, path=_relative(download, path))
        if proof is None:
            proof = await self._linked(path, file, token) or await self._same_audio(download, path, file, token)
        if proof is None:
            return False
        await asyncio.to_thread(leavings, path)
        audio = await asyncio.to_thread(checks.audio_md5, path) if extension_of(file.name) == "flac" else ""
        await self._write_receipt(download, file, path, proof, audio, states.HERE, UNDER_WAY)
        return True

    async def _same_at(self, path: bytes, file: Any, token: Token) -> Proof | None:
        """What is at `path`, where it is this very file."""
        try:
            found = await asyncio.to_thread(os.stat, path)
        except OSError:
            return None
        if file.size is not None and found.st_size != file.size:
            return None
        if not file.md5:
            return None
        read = await asyncio.to_thread(checks.measure, path, token.check)
        return Proof(read.size, read.md5, "md5") if read.md5 == file.md5 else None

    async def _same_audio(self, download: Any, path: bytes, file: Any, token: Token) -> Proof | None:
        """A file with the very same audio under a second name, where the item's .ffp says which that is."""
        if self._ground.file_with_audio is None or extension_of(file.name) != "flac":
            return None
        async with self._db.read() as conn:
            lists = [one for one in await repository.sidecars(conn, download.id) if one.kind == "fingerprints"]
        prints = await asyncio.to_thread(_fingerprints, [whole_path(download, one) for one in lists])
        wanted = prints.get(file.name.rpartition("/")[2].casefold())
        if wanted is None:
            return None
        found = await self._ground.file_with_audio(wanted)
        if found is None or await asyncio.to_thread(checks.header_md5, found) != wanted:
            return None
        if not await asyncio.to_thread(_link_or_copy, found, path):
            return None
        read = await asyncio.to_thread(checks.measure, path, token.check)
        return Proof(read.size, read.md5, "audio")

    async def _linked(self, path: bytes, file: Any, token: Token) -> Proof | None:
        """The file under a second name, where another with its MD5 has a receipt that still holds."""
        if not file.md5:
            return None
        async with self._db.read() as conn:
            receipts = await receipt_rows.receipts_with(conn, md5=file.md5)
        for receipt in receipts:
            if bytes(receipt.path) == path or not await asyncio.to_thread(
                checks.is_same_file, bytes(receipt.path), receipt.size, receipt.mtime_ns, receipt.inode
            ):
                continue
            if await asyncio.to_thread(_link_or_copy, bytes(receipt.path), path):
                proof = await self._same_at(path, file, token)
                if proof is not None:
                    return proof
                await asyncio.to_thread(remove, path)
        return None

    # --- it did not come ----------------------------------------------------------------------------------------------

    async def _trouble(self, download: Any, file: Any, part: Part, trouble: Trouble, grew: int) -> None:
        """What becomes of a file after a try that came to nothing. Raises Fault where the archive should be asked again."""
        mismatch = trouble.code in MISMATCHES
        if (mismatch or trouble.code in ("gone", "refused")) and not file.asked_again:
            claims = await self._ask_again(download, file)
            if isinstance(claims, Trouble):
                await self._fail(download, file, part, claims)
                return
            if claims.claims != (file.size, file.md5, file.sha1):
                proof = _fits(claims, file, part) if mismatch else None
                await self._note(
                    file, size=claims.size, md5=claims.md5, sha1=claims.sha1, asked_again=True, changed=True
                )
                if proof is not None:
                    await self._keep(download, file, part, proof)
                    return
                await asyncio.to_thread(part.drop)
                await self._back(download, file, 0, not_before=None)
                return
            await self._note(file, asked_again=True)
        if not mismatch:
            if trouble.from_zero:
                part.begin_again()
            if trouble.lasting:
                await self._fail(download, file, part, trouble)
            else:
                await self._later(download, file, trouble, part.length, grew=grew)
            return
        if file.changed and file.source == "derivative" and trouble.code == "wrong_checksum":
            await self._keep(download, file, part, Proof(part.length, part.md5, "unverified"))
            return
        if file.starts >= self._ground.pace.starts:
            await self._fail(download, file, part, trouble)
            return
        part.begin_again()
        again = self._ground.pace.again_at(self._ground.now(), file.starts + 1, self._ground.rng)
        await self._back(download, file, 0, not_before=again, starts=file.starts + 1, error=trouble.kept())

    async def _ask_again(self, download: Any, file: Any) -> PlannedFile | Trouble:
        """What the archive says of the file now. Raises Fault."""
        item = await self._ground.source.item(download.identifier, fresh=True)
        if item is None:
            return Trouble("gone", lasting=True)
        try:
            return plan_of(item, (), [file.name]).files[0]
        except Trouble as trouble:
            return Trouble("gone", lasting=True) if trouble.code == "no_such_file" else trouble

    async def _fail(self, download: Any, file: Any, part: Part, trouble: Trouble) -> None:
        if trouble.code in MISMATCHES:
            await asyncio.to_thread(part.quarantine)
        elif trouble.lasting:
            await asyncio.to_thread(part.drop)
        now = self._ground.now()
        async with self._db.write() as tx:
            await self._job.guard(tx)
            await repository.move_file(
                tx, file.id, UNDER_WAY, states.FAILED, error=trouble.kept(), ended_at=now, done_bytes=0
            )
            if trouble.code in ("dark", "stream_only"):
                error = kept(trouble.code, identifier=download.identifier)
                if await repository.move(tx, download, states.WORKING, states.BLOCKED, error=error, ended_at=now):
                    await repository.move_files(tx, download.id, (states.QUEUED,), states.CANCELLED, ended_at=now)

    async def _later(self, download: Any, file: Any, trouble: Trouble, came: int, *, grew: int = 0) -> None:
        """Try again later, or fail after too many tries that brought nothing on."""
        pace, now = self._ground.pace, self._ground.now()
        if trouble.everywhere:
            again = pace.again_at(now, download.tries + 1, self._ground.rng, trouble.at)
            waiting = {**trouble.kept(), "until": again.isoformat()}
            await self._back(download, file, came, error=trouble.kept(), wait=(again, waiting))
            return
        tries = 0 if grew >= CHUNK_BYTES else file.tries + 1
        if tries < pace.tries:
            again = pace.again_at(now, max(1, tries), self._ground.rng, trouble.at)
            await self._back(download, file, came, not_before=again, tries=tries, error=trouble.kept())
            return
        async with self._db.write() as tx:
            await self._job.guard(tx)
            await repository.move_file(
                tx, file.id, UNDER_WAY, states.FAILED,
                error=trouble.kept(), ended_at=now, done_bytes=came, tries=0, not_before=None,
            )  # fmt: skip

    async def _back(self, download: Any, file: Any, came: int, *, wait: Any = None, **values: Any) -> None:
        """Put a file back into the queue; with `wait` (until, why) all of its download waits."""
        async with self._db.write() as tx:
            await self._job.guard(tx)
            await repository.move_file(tx, file.id, UNDER_WAY, states.QUEUED, done_bytes=came, **values)
            if wait is not None:
                await repository.move(
                    tx, download, states.WORKING, not_before=wait[0], waiting=wait[1], tries=download.tries + 1
                )

    async def _halted(self, download: Any, file: Any, part: Part, halted: Halted) -> None:
        if halted.why == "lost":
            return
        if halted.why == "cancelled":
            await asyncio.to_thread(part.drop)
        await self._back(download, file, part.length or file.done_bytes)

    async def _disk(self, download: Any, file: Any, error: OSError, came: int) -> None:
        log.warning("download_not_written", download=download.id, name=file.name, reason=str(error))
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            at = self._ground.now() + timedelta(seconds=self._ground.pace.space_s)
            await self._later(download, file, Trouble("no_space", at=at), came)
            return
        await self._later(download, file, Trouble("disk", reason=error.strerror or str(error)), came)

    def _check_room(self, download: Any, file: Any) -> None:
        """Raises Trouble where the disk has no room for the rest of the file."""
        needed = max(0, (file.size or 0) - file.done_bytes)
        free = room(bytes(download.root)) - self._ground.chosen.free_gb * GIB
        if needed > free:
            at = self._ground.now() + timedelta(seconds=self._ground.pace.space_s)
            raise Trouble("no_space", at=at, needed=needed, free=max(0, int(free)))

    async def _note(self, file: Any, **values: Any) -> None:
        async with self._db.write() as tx:
            await self._job.guard(tx)
            await repository.move_file(tx, file.id, UNDER_WAY, **values)

    async def _again(self, file: Any) -> Any:
        """The row as it is now."""
        async with self._db.read() as conn:
            return await repository.file(conn, file.id)


def whole_path(download: Any, file: Any) -> bytes:
    """Where a file is, or will be."""
    return bytes(download.root) + b"/" + bytes(file.path)


def _relative(download: Any, path: bytes) -> bytes:
    return path[len(bytes(download.root)) + 1 :]


def _fits(claims: PlannedFile, file: Any, part: Part) -> Proof | None:
    """Whether what came is what the archive says now."""
    whole = claims.size is None or part.length == claims.size
    if not whole or not looks_right(file.name, part.start):
        return None
    if claims.md5 and part.md5 == claims.md5:
        return Proof(part.length, part.md5, "md5")
    return Proof(part.length, part.md5, "unverified") if file.source == "derivative" else None


def _placed(part: Part) -> bytes:
    """The path under which the part now is: its own, or one beside it where that was taken meanwhile."""
    for _ in range(100):
        try:
            part.place()
            return part.path
        except FileExistsError:
            part.move_to(_free(part.path))
    raise OSError(errno.EEXIST, "every name is taken")


def _fingerprints(lists: Sequence[bytes]) -> dict[str, str]:
    """What .ffp files say, by name."""
    found: dict[str, str] = {}
    for path in lists:
        with contextlib.suppress(OSError), open(path, "rb") as file:
            found |= checks.listed_sums(file.read(checks.LARGEST_LIST))
    return found


def _free(path: bytes) -> bytes:
    """A name beside `path` that nobody has."""
    return os.fsencode(free_name(os.fsdecode(path), os.path.lexists, longest=LONGEST_NAME_BYTES))


def _link_or_copy(source: bytes, target: bytes) -> bool:
    os.makedirs(target.rpartition(b"/")[0], exist_ok=True)  # noqa: PTH103 - bytes
    try:
        os.link(source, target)
        return True
    except FileExistsError:
        return False
    except OSError:
        return _copied(source, target)


def _copied(source: bytes, target: bytes) -> bool:
    try:
        with open(source, "rb") as old, open(target, "xb") as new:
            shutil.copyfileobj(old, new, 1024 * 1024)
            os.fsync(new.fileno())
    except OSError:
        remove(target)
        return False
    return True
