"""The catalogue that is asked now, and how another takes its place while readers are still in the old one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from segue.catalog.store import Backend


class Current:
    """Holds the backend that answers now. All of it belongs to one event loop.

    `now` may be asked without a lease where nothing is awaited in between; whoever awaits takes a `lease`, so that what it
    reads from stays open, and ranks stay those of one catalogue, until it is done.
    """

    def __init__(self, backend: Backend) -> None:
        self._held = _Held(backend)

    @property
    def now(self) -> Backend:
        return self._held.backend

    @contextmanager
    def lease(self) -> Iterator[Backend]:
        held = self._held
        held.readers += 1
        try:
            yield held.backend
        finally:
            held.readers -= 1
            if not held.readers:
                held.idle.set()

    async def change(self, backend: Backend) -> None:
        """From now on `backend` answers; returns when the last reader of the one before is done and it is closed."""
        old, self._held = self._held, _Held(backend)
        await old.close()

    async def close(self) -> None:
        await self._held.close()


class _Held:
    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.readers = 0
        self.idle = asyncio.Event()

    async def close(self) -> None:
        while self.readers:
            self.idle.clear()
            await self.idle.wait()
        await self.backend.close()
