"""The documents of one snapshot, opened for a process: for its loop and for threads.

Lookups are answered on the loop, they take about as long as a hop to a thread and back; lists and searches go to threads,
each with a connection of its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec
import zstandard

from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.ws2.answering import Answer, Format, answered
from segue.catalog.ws2.asked import Asked
from segue.catalog.ws2.reading import Ws2

THREADS = 2


class Ws2Pool:
    """All connections are opened at once, so that a file that takes this one's place is never mixed with it.

    Raises SnapshotDamaged where it cannot be opened.
    """

    def __init__(self, path: Path, threads: int = THREADS) -> None:
        self.path = path
        self._here = Ws2(path)
        self._free = [Ws2(path) for _ in range(threads)]
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ws2")

    async def answer(self, what: Asked, format: Format) -> Answer:
        """Raises SnapshotDamaged."""
        if what.id is not None:
            return self._read(self._here, what, format)
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(self._in_thread, what, format))

    def close(self) -> None:
        """Once the threads are done."""
        self._threads.shutdown()
        self._here.close()
        for one in self._free:
            one.close()

    def _in_thread(self, what: Asked, format: Format) -> Answer:
        one = self._free.pop()
        try:
            return self._read(one, what, format)
        finally:
            self._free.append(one)

    def _read(self, ws2: Ws2, what: Asked, format: Format) -> Answer:
        try:
            return answered(ws2, what, format)
        except (sqlite3.DatabaseError, zstandard.ZstdError, msgspec.DecodeError) as error:
            raise SnapshotDamaged(self.path, str(error)) from error
