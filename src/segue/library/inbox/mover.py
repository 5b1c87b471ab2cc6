"""Move one album out of its inbox, or back: a file at a time, the journal before the disk.

Whatever stops it in the middle, nothing is left half done: a full disk, a taken name or a cancel puts everything back; a
killed worker's successor finds by the journal where every file is, and goes on.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Sequence
from typing import Any, Protocol

from segue.core.db import Database, Transaction
from segue.library.inbox import moving, repository
from segue.library.inbox.moving import Move
from segue.library.writing import durable
from segue.library.writing.reasons import Refused
from segue.library.writing.rewriting import TEMPORARY, Stat

MOST_NAMES = 1000
"""Names that are tried for one file when others take them at the same moment."""


class Control(Protocol):
    """What the mover needs of its job."""

    def check(self) -> None: ...
    def advance(self, count: int = 1) -> None: ...
    async def guard(self, tx: Transaction) -> None: ...


class Mover:
    """Moves the files of one item between `source` (the inbox) and `library` (its root)."""

    def __init__(
        self, db: Database, control: Control, item: Any, library_root: bytes, *, keep: bool, suffix: bool
    ) -> None:
        self._db = db
        self._control = control
        self._item = item
        self._library = library_root
        self._keep = keep
        self._suffix = suffix

    async def forth(self) -> Refused | None:
        """Move every file to the place that its row names; the reason where that cannot be done."""
        for row in await self._files():
            if row.state == "moved" or row.target is None:
                continue
            self._control.check()
            reason = await self._one(row, _path(self._item.root, row.path), bytes(row.target), "moving", "moved")
            if reason is not None:
                return reason
            self._control.advance()
        folders = {_path(self._item.root, row.path).rpartition(b"/")[0] for row in await self._files()}
        if not self._keep:
            await asyncio.to_thread(moving.remove_empty, _below(self._item.root, folders))
        return None

    async def back(self) -> int:
        """Put back what was moved; returns how many files could not be: those that were changed since, or whose old place
        is another file's now."""
        left = 0
        for row in reversed(await self._files()):
            if row.state == "moving":
                row = await self._settled(row, "moving", "moved", "found")
            if row.state == "found":
                continue
            if row.state == "moved" and await asyncio.to_thread(self._drop_copy, row):
                async with self._db.write() as tx:
                    await self._control.guard(tx)
                    await repository.set_file(tx, row.id, state="found", placed=None, temporary=None)
                continue
            if row.state == "moved" and (
                row.placed is None or not await asyncio.to_thread(_is_at, row.target, row.placed)
            ):
                left += await self._stays(row, Refused("changed_since"))
                continue
            reason = await self._one(row, bytes(row.target), _path(self._item.root, row.path), "returning", "found")
            if reason is not None:
                left += await self._stays(row, reason)
        made = [bytes.fromhex(folder) for folder in self._item.made_folders or ()]
        await asyncio.to_thread(moving.remove_empty, made)
        return left

    def _drop_copy(self, row: Any) -> bool:
        """Where the file never left the inbox: take the copy away, if it is one still. Whether that settles it."""
        source, target = _path(self._item.root, row.path), bytes(row.target)
        here = moving.regular(source)
        if here is None or (here.size, here.mtime_ns) != (row.size_bytes, row.mtime_ns):
            return False
        there = moving.regular(target)
        if there is None:
            return not os.path.lexists(target)
        if there.size != here.size or moving.digest_of(source) != moving.digest_of(target):
            return False
        durable.remove(target)
        durable.sync_folder(target.rpartition(b"/")[0])
        return True

    async def _stays(self, row: Any, reason: Refused) -> int:
        async with self._db.write() as tx:
            await self._control.guard(tx)
            await repository.set_file(
                tx, row.id, state="moved", code=reason.code, params=dict(reason.params), temporary=None
            )
        return 1

    async def _one(self, row: Any, source: bytes, target: bytes, under_way: str, done: str) -> Refused | None:
        """Take one file from `source` to `target`."""
        if row.state == under_way:
            row = await self._settled(row, under_way, done, "moved" if under_way == "returning" else "found")
            if row.state == done:
                return None
        forth = under_way == "moving"
        for _ in range(MOST_NAMES):
            stat = await asyncio.to_thread(moving.regular, source)
            if stat is None:
                return Refused("gone")
            try:
                await asyncio.to_thread(self._folders, target, forth)
                keep = forth and self._keep
                digest = None
                if await asyncio.to_thread(moving.needs_copy, source, target, keep=keep):
                    digest = await asyncio.to_thread(moving.digest_of, source)
            except OSError as error:
                return moving.why(error)
            new = target.rpartition(b"/")[0] + b"/" + TEMPORARY + b"in%d-%s" % (row.id, secrets.token_hex(6).encode())
            reason = await self._attempt(row, Move(source, target, new, stat, digest, keep), under_way, done, forth)
            if reason is not None and reason.code == "no_link":
                try:
                    digest = await asyncio.to_thread(moving.digest_of, source)
                except OSError as error:
                    return moving.why(error)
                reason = await self._attempt(row, Move(source, target, new, stat, digest, keep), under_way, done, forth)
            if reason is None or reason.code != "taken" or not forth or not self._suffix:
                return reason
            target = await asyncio.to_thread(_other_name, target)
        return Refused("taken")

    async def _attempt(self, row: Any, move: Move, under_way: str, done: str, forth: bool) -> Refused | None:
        async with self._db.write() as tx:
            await self._control.guard(tx)
            values: dict[str, Any] = {"target": move.target} if forth else {}
            await repository.set_file(
                tx, row.id, state=under_way, temporary=move.temporary, stat=list(move.stat), digest=move.digest,
                code=None, params=None, **values,
            )  # fmt: skip
        reason = await asyncio.to_thread(moving.put, move)
        if reason is not None:
            async with self._db.write() as tx:
                await self._control.guard(tx)
                await repository.set_file(tx, row.id, state="found" if forth else "moved", temporary=None)
            return reason
        try:
            await asyncio.to_thread(moving.take_away, move)
        except OSError as error:
            return moving.why(error)
        await self._done(row, move, done, forth)
        return None

    async def _done(self, row: Any, move: Move, done: str, forth: bool) -> None:
        there = await asyncio.to_thread(moving.regular, move.target)
        placed = list(there) if forth and there is not None else None
        values: dict[str, Any] = {"placed": placed}
        async with self._db.write() as tx:
            await self._control.guard(tx)
            await repository.set_file(tx, row.id, state=done, temporary=None, digest=None, stat=None, **values)

    async def _settled(self, row: Any, under_way: str, done: str, before: str) -> Any:
        """After an interruption: find out where the file is, finish its move or take it back, and read its row again."""
        forth = under_way == "moving"
        source, target = _path(self._item.root, row.path), bytes(row.target)
        if not forth:
            source, target = target, source
        move = Move(source, target, bytes(row.temporary or b""), Stat(*row.stat), row.digest, forth and self._keep)
        if move.temporary:
            await asyncio.to_thread(durable.remove, move.temporary)
        came = await asyncio.to_thread(moving.found_in, move)
        if came in ("there", "both"):
            await asyncio.to_thread(moving.take_away, move)
            await self._done(row, move, done, forth)
        else:
            async with self._db.write() as tx:
                await self._control.guard(tx)
                await repository.set_file(tx, row.id, state=before, temporary=None)
        return next(each for each in await self._files() if each.id == row.id)

    def _folders(self, target: bytes, forth: bool) -> None:
        moving.make_folders(target.rpartition(b"/")[0], self._library if forth else bytes(self._item.root))

    async def _files(self) -> Sequence[Any]:
        async with self._db.read() as conn:
            return await repository.files(conn, self._item.id)


def _path(root: bytes, relative: bytes) -> bytes:
    return bytes(root).rstrip(b"/") + b"/" + bytes(relative)


def _below(root: bytes, folders: set[bytes]) -> list[bytes]:
    """The folders and those above them, without the inbox itself."""
    top = bytes(root).rstrip(b"/")
    found = set()
    for folder in folders:
        while len(folder) > len(top) and folder.startswith(top + b"/"):
            found.add(folder)
            folder = folder.rpartition(b"/")[0]
    return sorted(found)


def _is_at(path: bytes, placed: Sequence[int]) -> bool:
    found = moving.regular(bytes(path))
    return found is not None and list(found)[:2] == list(placed)[:2]


def _other_name(target: bytes) -> bytes:
    """A name beside `target` that is free just now."""
    from segue.core.safe_names import free_name

    return os.fsencode(free_name(os.fsdecode(target), lambda path: os.path.lexists(path)))
