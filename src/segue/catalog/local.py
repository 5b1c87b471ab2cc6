"""A catalogue in this process: point reads at once, everything longer in threads, with connections of their own.

A thread hop costs several times what one lookup does, so what takes microseconds is answered on the loop; more than
`AT_ONCE` rows, and every search, go to a thread so that nobody else waits behind them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from segue.catalog.records import Counts, Kind
from segue.catalog.store import Backend, Found, Match, Searcher, Store
from segue.core.errors import Invalid, Unavailable

T = TypeVar("T")
One = TypeVar("One")

AT_ONCE = 50
"""Rows that are read on the loop; about a millisecond."""
THREADS = 4
TURN_S = 0.03
"""How long a thread has the processor to itself. Reading is a few microseconds of SQLite, then of Python, and so on: threads
that do so together spend their time on passing the interpreter's lock to each other (a batch of 400 took 63 ms instead of 9).
Whoever needs longer waits for a disk, or is in a long search, and then others may run beside it."""
WAIT_S = 50.0
"""How long anybody waits for a turn where many ask at once."""
READ_DEADLINE_S = 10.0
"""How long a read of many rows may take before the caller is told to come again."""
SEARCH_GRACE_S = 2.0
"""A searcher keeps its deadline itself; this much later the caller goes on without it."""


class CatalogSlow(Unavailable):
    def __init__(self) -> None:
        super().__init__("catalog_slow", "The catalogue did not answer in time.", retry_after_s=5)


class NothingToSearch(Invalid):
    def __init__(self) -> None:
        super().__init__(
            "no_search", "This catalogue was opened without a search index.", hint="`segue catalog build` makes one."
        )


class LocalBackend:
    """A Backend over Stores and Searchers of this process.

    `open_store` and `open_searcher` open one more each time they are called: one store for the loop, and one of each for
    every thread, all of them at once, so that a file that is put in their place later is never mixed with them. What they
    open is used by one thread at a time but not always by the same, so connections inside are to be opened with
    `check_same_thread=False`. `substring` says whether the searcher can `match="substring"`.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        open_searcher: Callable[[], Searcher] | None = None,
        *,
        substring: bool = False,
        threads: int = THREADS,
        read_deadline_s: float = READ_DEADLINE_S,
    ) -> None:
        self._read_deadline_s = read_deadline_s
        self._stores: list[Store] = []
        self._searchers: list[Searcher] = []
        try:
            for _ in range(threads + 1):
                self._stores.append(open_store())
            for _ in range(threads if open_searcher else 0):
                self._searchers.append(open_searcher())  # type: ignore[misc]
        except BaseException:
            self._close_all()
            raise
        self.store: Store = self._stores.pop()
        self._turns_of: asyncio.AbstractEventLoop | None = None
        self._turns = asyncio.Lock()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="catalog")
        self.searches = open_searcher is not None
        self.substring = substring
        self.id = self.store.id
        self.namespace = self.store.namespace
        self.licence = self.store.licence

    async def counts(self) -> Counts:
        return self.store.counts()

    async def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]:
        return await self._read(len(ids), lambda store: store.ranks(kind, ids))

    async def isrcs(self, codes: Sequence[str]) -> list[list[int]]:
        return await self._read(len(codes), lambda store: store.isrcs(codes))

    async def upcs(self, codes: Sequence[str]) -> list[list[int]]:
        return await self._read(len(codes), lambda store: store.upcs(codes))

    async def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]:
        return await self._read(len(ids), lambda store: store.external(ids))

    async def tracks(self, ranks: Sequence[int], *, album: bool = True) -> list[bytes]:
        return await self._read(len(ranks), lambda store: store.tracks(ranks, album=album))

    async def albums(self, ranks: Sequence[int]) -> list[bytes]:
        return await self._read(len(ranks), lambda store: store.albums(ranks))

    async def artists(self, ranks: Sequence[int]) -> list[bytes]:
        return await self._read(len(ranks), lambda store: store.artists(ranks))

    async def album_tracks(self, rank: int) -> list[int]:
        return self.store.album_tracks(rank)

    async def artist_albums(self, rank: int) -> list[int]:
        return self.store.artist_albums(rank)

    async def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]:
        return await self._read(len(ranks), lambda store: store.more(kind, ranks))

    async def search(
        self,
        kind: Kind,
        text: str,
        *,
        limit: int = 20,
        after: str | None = None,
        match: Match = "words",
        deadline_s: float = 10.0,
        count: bool = False,
    ) -> Found:
        """Raises NothingToSearch where there is no searcher, and what the searcher raises."""

        def found(searcher: Searcher) -> Found:
            return searcher.search(
                kind, text, limit=limit, after=after, match=match, deadline_s=deadline_s, count=count
            )

        return await self.in_searcher(found, deadline_s)

    async def in_searcher(self, ask: Callable[[Any], T], deadline_s: float) -> T:
        """What `ask` gives, called in a thread with a searcher of its own, which keeps that deadline. Raises NothingToSearch."""
        if not self.searches:
            raise NothingToSearch
        return await self._in_thread(self._searchers, ask, deadline_s + SEARCH_GRACE_S)

    async def in_thread(self, read: Callable[[Store], T]) -> T:
        """What `read` gives, called in a thread with a store of its own."""
        return await self._in_thread(self._stores, read, self._read_deadline_s)

    async def together(self, rows: int, work: Callable[[Backend], Coroutine[Any, Any, T]]) -> T:
        """What `work` gives, called with this catalogue: for many rows as a whole in one thread, where nothing waits."""
        if rows <= AT_ONCE:
            return await work(self)
        return await self.in_thread(lambda store: _finished(work(_AtOnce(store))))

    async def close(self) -> None:
        """Once every thread is done with what it has begun."""
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self.close_now()

    def close_now(self) -> None:
        """Where nobody has asked anything of it yet, or any more."""
        self._threads.shutdown()
        self.store.close()
        self._close_all()

    async def _read(self, rows: int, read: Callable[[Store], T]) -> T:
        if rows <= AT_ONCE:
            return read(self.store)
        return await self.in_thread(read)

    async def _in_thread(self, free: list[One], work: Callable[[One], T], deadline_s: float) -> T:
        def with_one() -> T:
            one = free.pop()  # as many as there are threads, so one is always free
            try:
                return work(one)
            finally:
                free.append(one)

        loop = asyncio.get_running_loop()
        if self._turns_of is not loop:
            self._turns_of, self._turns = loop, asyncio.Lock()
        turns = self._turns
        try:
            async with asyncio.timeout(WAIT_S) as patience:
                async with turns:
                    patience.reschedule(loop.time() + deadline_s)
                    running = loop.run_in_executor(self._threads, with_one)
                    await asyncio.wait((running,), timeout=TURN_S)
                return await running
        except TimeoutError:
            raise CatalogSlow from None

    def _close_all(self) -> None:
        for store in self._stores:
            store.close()
        for searcher in self._searchers:
            searcher.close()
        self._stores.clear()
        self._searchers.clear()


class _AtOnce:
    """A Backend over one store, whose verbs never wait; it does not search."""

    def __init__(self, store: Store) -> None:
        self.store: Store = store
        self.id = store.id
        self.namespace = store.namespace
        self.licence = store.licence

    async def counts(self) -> Counts:
        return self.store.counts()

    async def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]:
        return self.store.ranks(kind, ids)

    async def isrcs(self, codes: Sequence[str]) -> list[list[int]]:
        return self.store.isrcs(codes)

    async def upcs(self, codes: Sequence[str]) -> list[list[int]]:
        return self.store.upcs(codes)

    async def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]:
        return self.store.external(ids)

    async def tracks(self, ranks: Sequence[int], *, album: bool = True) -> list[bytes]:
        return self.store.tracks(ranks, album=album)

    async def albums(self, ranks: Sequence[int]) -> list[bytes]:
        return self.store.albums(ranks)

    async def artists(self, ranks: Sequence[int]) -> list[bytes]:
        return self.store.artists(ranks)

    async def album_tracks(self, rank: int) -> list[int]:
        return self.store.album_tracks(rank)

    async def artist_albums(self, rank: int) -> list[int]:
        return self.store.artist_albums(rank)

    async def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]:
        return self.store.more(kind, ranks)

    async def search(
        self,
        kind: Kind,
        text: str,
        *,
        limit: int = 20,
        after: str | None = None,
        match: Match = "words",
        deadline_s: float = 10.0,
        count: bool = False,
    ) -> Found:
        raise NothingToSearch

    async def close(self) -> None:
        """Whoever opened the store closes it."""


def _finished(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end that never waits for anything."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    work.close()
    raise RuntimeError("a catalogue in a thread cannot wait")
