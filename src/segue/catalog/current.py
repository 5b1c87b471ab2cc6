"""The catalogue that is asked now, and how another takes its place while readers are still in the old one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType

from segue.catalog.store import Backend


class Current:
    """Holds the backend that answers now. All of it belongs to one event loop.

    `now` may be asked without a lease where nothing is awaited in between; whoever awaits takes a `lease`, so that what it
    reads from stays open, and ranks stay those of one catalogue, until it is done.
    """

    def __init__(self, backend: Backend) -> None:
        self.now = backend
        self.keep_s = 0.0
        """How long the one before can still be asked with `lease_of`."""
        self._lease = Lease(backend)
        self._before: Lease | None = None
        self._ending = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()

    def lease(self) -> Lease:
        """`with current.lease() as backend:`"""
        return self._lease

    def lease_of(self, id: str) -> Lease | None:
        """Of the backend with that id: the one that answers now, or for a while the one before. None for another."""
        for lease in (self._lease, self._before):
            if lease is not None and lease.id == id:
                return lease
        return None

    def change(self, backend: Backend) -> None:
        """From now on `backend` answers; the one before is closed when its last reader is done."""
        old, self._lease, self.now = self._lease, Lease(backend), backend
        self._before = old
        closing = asyncio.create_task(self._close(old), name="close catalogue")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Once nobody reads any more."""
        self._ending.set()
        await asyncio.gather(self._lease.close(), *self._closing)

    async def _close(self, old: Lease) -> None:
        if self.keep_s:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), self.keep_s)
        if self._before is old:
            self._before = None
        await old.close()


class Lease:
    """Counts who reads from one backend; any number of readers at once."""

    def __init__(self, backend: Backend) -> None:
        self.id = backend.id
        self._backend = backend
        self._readers = 0
        self._idle = asyncio.Event()

    def __enter__(self) -> Backend:
        self._readers += 1
        return self._backend

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._readers -= 1
        if not self._readers:
            self._idle.set()

    async def close(self) -> None:
        while self._readers:
            self._idle.clear()
            await self._idle.wait()
        await self._backend.close()
