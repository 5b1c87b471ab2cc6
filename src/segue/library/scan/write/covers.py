"""Pictures met by a scan: looked at in the process pool, put into object storage once, and given a row.

A picture is known by the SHA-256 of its bytes, so the cover that twelve tracks carry is looked at once. One that cannot be
decoded, or is too large to be decoded safely, is refused: its tracks have no picture, and the scan goes on.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH108, PTH118

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.core.pool import PoolError, ProcessPool
from segue.core.storage import Storage
from segue.library.artwork import BadImage, Look
from segue.library.models import Artwork
from segue.library.pictures.models import ArtworkRefusal
from segue.library.scan.child import fetch_some, look_at_some
from segue.library.scan.packing import Met
from segue.library.scan.together import Together
from segue.library.scan.write import statements
from segue.library.scan.write.names import Recent, slices
from segue.library.scan.write.numbers import allocate

log = structlog.get_logger("segue.scan")
LOOK_DEADLINE_S = 30.0
_BY_HASH = select(Artwork.sha256, Artwork.id).where(Artwork.sha256.in_(bindparam("hashes", expanding=True)))


def refusal(error: Exception) -> BadImage:
    """Why a picture cannot be shown, whatever went wrong with it."""
    if isinstance(error, BadImage):
        return error
    made = BadImage(str(error), "image_too_much" if isinstance(error, PoolError) else "image_unreadable")
    made.params = {"error": type(error).__name__}
    return made


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture turned out to be."""

    look: Look
    size: int
    source: str


def storage_key(sha256: str) -> str:
    """Where the original bytes of a picture are in object storage."""
    return f"artwork/original/{sha256[:2]}/{sha256}"


class PictureBook:
    """The pictures of one scan. `spool` is a folder that the readers put picture bytes into, named by their SHA-256."""

    def __init__(self, pool: ProcessPool, storage: Storage, spool: Path) -> None:
        self._pool = pool
        self._storage = storage
        self.spool = os.fsencode(spool)
        self._ids: Recent[str, int] = Recent()
        self._seen: dict[str, Seen] = {}
        self._unstored: dict[str, None] = {}
        """Of those seen, the ones that are still in the spool."""
        self._refused: Recent[str, BadImage] = Recent()
        self._fresh_refusals: dict[str, BadImage] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._fetching: Together[bytes, Met] = Together(self._fetch_some)
        self._lookers: Together[bytes, tuple[Look, int]] = Together(self._look_at_some)

    def id_of(self, sha256: str | None) -> int | None:
        """The row of a picture that `ensure` was called with; None for one that was refused."""
        return None if sha256 is None else self._ids.get(sha256)

    def meet(self, met: Met, source: str) -> None:
        """Take in a picture that a reader has put into the spool and looked at."""
        sha256 = met.sha256
        if sha256 in self._ids:
            self._drop(sha256)
        elif sha256 in self._seen or sha256 in self._refused:
            return
        elif met.look is not None:
            self._seen[sha256] = Seen(met.look, met.size, source)
            self._unstored[sha256] = None
        elif met.refused is not None:
            message, code, params = met.refused
            self._refuse(sha256, BadImage(message, code, **params))

    def expect(self, sha256: str, source: str) -> None:
        """Begin to look at a picture in the spool, unless it is known."""
        if sha256 in self._ids or sha256 in self._seen or sha256 in self._refused or sha256 in self._looking:
            return
        self._looking[sha256] = asyncio.create_task(self._look(sha256, source))

    async def bring(self, path: bytes, source: str) -> str | BadImage:
        """Have the picture in the file `path` looked at: its SHA-256, or why it cannot be shown."""
        try:
            met = await self._fetching.call(path)
        except (BadImage, OSError, PoolError) as error:
            log.warning("picture_refused", path=os.fsdecode(path), reason=str(error))
            return refusal(error)
        self.meet(met, source)
        return self._refused.get(met.sha256) or met.sha256

    def recall(self, sha256: str, number: int) -> None:
        """Learn of a picture that has a row."""
        self._ids.remember(sha256, number)

    async def know(self, conn: AsyncConnection, wanted: Iterable[str]) -> None:
        """Look up which of `wanted` have rows already, so that they need not be looked at."""
        unknown = [sha256 for sha256 in wanted if sha256 not in self._ids]
        for part in slices(unknown):
            for row in await conn.execute(_BY_HASH, {"hashes": part}):
                self._ids.remember(row.sha256, row.id)

    async def settle(self, wanted: Collection[str]) -> None:
        """Wait until every one of `wanted` has been looked at, and put those that can be shown into storage. Raises
        StorageUnavailable where that is not possible: the scan ends, and goes on where it was."""
        waiting = [task for sha256 in wanted if (task := self._looking.get(sha256)) is not None]
        if waiting:
            await asyncio.gather(*waiting)
        fresh = [sha256 for sha256 in wanted if sha256 in self._unstored]
        if fresh:
            await self._storage.take({storage_key(sha256): self._spooled(sha256) for sha256 in fresh})
            for sha256 in fresh:
                del self._unstored[sha256]

    async def ensure(self, tx: Transaction, wanted: Collection[str]) -> None:
        """Give every one of `wanted` a row, where it has none and was not refused; `settle` them first."""
        now: datetime = utc_now()
        await self.know(tx.conn, wanted)
        await self._keep_refusals(tx, wanted, now)
        fresh = sorted(sha256 for sha256 in wanted if sha256 not in self._ids and sha256 in self._seen)
        if not fresh:
            return
        rows = []
        for number, sha256 in zip(await allocate(tx, Artwork.__table__, len(fresh)), fresh, strict=True):  # type: ignore[arg-type]
            seen = self._seen[sha256]
            rows.append(
                {
                    "id": number, "sha256": sha256, "mime": seen.look.mime, "width": seen.look.width,
                    "height": seen.look.height, "size_bytes": seen.size, "color": seen.look.color,
                    "hue": None if seen.look.hue is None else round(seen.look.hue) % 360,
                    "blurhash": seen.look.blurhash, "storage_key": storage_key(sha256), "source": seen.source,
                    "created_at": now,
                }
            )  # fmt: skip
            self._ids.remember(sha256, number)
        await tx.execute(insert(Artwork), rows)

    async def _keep_refusals(self, tx: Transaction, wanted: Collection[str], now: datetime) -> None:
        rows = [
            {"sha256": sha256, "problem_code": why.code, "problem_params": why.params, "created_at": now}
            for sha256 in sorted(wanted)
            if (why := self._fresh_refusals.pop(sha256, None)) is not None
        ]
        if rows:
            said = ("problem_code", "problem_params", "created_at")
            await tx.execute(statements.put_or_replace(tx.dialect, ArtworkRefusal, ("sha256",), said), rows)

    def forget_written(self) -> None:
        """After a commit: what has a row need not be remembered in full, nor stay in the spool."""
        for sha256 in [sha256 for sha256 in self._seen if sha256 in self._ids]:
            del self._seen[sha256]
            self._drop(sha256)

    async def close(self) -> None:
        """End what is still being looked at."""
        for task in self._looking.values():
            task.cancel()
        await asyncio.gather(*self._looking.values(), return_exceptions=True)
        await self._fetching.close()
        await self._lookers.close()

    async def _fetch_some(self, paths: Sequence[bytes]) -> list[Met | Exception]:
        return await self._pool.run(fetch_some, tuple(paths), self.spool, deadline_s=LOOK_DEADLINE_S)

    async def _look_at_some(self, paths: Sequence[bytes]) -> list[tuple[Look, int] | Exception]:
        return await self._pool.run(look_at_some, tuple(paths), deadline_s=LOOK_DEADLINE_S)

    async def _look(self, sha256: str, source: str) -> None:
        try:
            seen, size = await self._lookers.call(self._spooled(sha256))
        except (BadImage, OSError, PoolError) as error:
            self._refuse(sha256, refusal(error))
        else:
            self._seen[sha256] = Seen(seen, size, source)
            self._unstored[sha256] = None
        finally:
            self._looking.pop(sha256, None)

    def _refuse(self, sha256: str, why: BadImage) -> None:
        log.warning("picture_refused", sha256=sha256, reason=str(why))
        self._refused.remember(sha256, why)
        self._fresh_refusals[sha256] = why
        self._drop(sha256)

    def _spooled(self, sha256: str) -> bytes:
        return os.path.join(self.spool, sha256.encode())

    def _drop(self, sha256: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._spooled(sha256))
