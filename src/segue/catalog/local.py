"""A catalogue in this process: point reads at once, everything longer in threads, each with connections of its own.

A thread hop costs several times what one lookup does, so what takes microseconds is answered on the loop; more than
`AT_ONCE` rows, and every search, go to a thread so that nobody else waits behind them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from segue.catalog.records import Counts, Kind
from segue.catalog.store import Found, Match, Searcher, Store
from segue.core.errors import Invalid, Unavailable

T = TypeVar("T")

AT_ONCE = 50
"""Rows that are read on the loop; about a millisecond."""
THREADS = 4
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
    """A Backend over a Store and a Searcher of this process.

    `open_store` and `open_searcher` open one more each time they are called: one at once for the loop, one for each thread
    that comes to need it. What they open is used by one thread and closed by another, so connections inside are to be opened
    with `check_same_thread=False`. `substring` says whether the searcher can `match="substring"`.
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
        self._open_store = open_store
        self._open_searcher = open_searcher
        self._read_deadline_s = read_deadline_s
        self._local = threading.local()
        self._opened: list[Store | Searcher] = []
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="catalog")
        self.substring = substring
        self.store: Store = open_store()
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

        def found() -> Found:
            return self._searcher().search(
                kind, text, limit=limit, after=after, match=match, deadline_s=deadline_s, count=count
            )

        return await self._in_thread(found, deadline_s + SEARCH_GRACE_S)

    async def in_thread(self, read: Callable[[Store], T]) -> T:
        """What `read` gives, called in a thread with a store of its own."""
        return await self._in_thread(lambda: read(self._thread_store()), self._read_deadline_s)

    async def close(self) -> None:
        """Once every thread is done with what it has begun."""
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        for one in (self.store, *self._opened):
            one.close()
        self._opened.clear()

    async def _read(self, rows: int, read: Callable[[Store], T]) -> T:
        if rows <= AT_ONCE:
            return read(self.store)
        return await self.in_thread(read)

    async def _in_thread(self, work: Callable[[], T], deadline_s: float) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            async with asyncio.timeout(deadline_s):
                return await running
        except TimeoutError:
            raise CatalogSlow from None

    def _thread_store(self) -> Store:
        store: Store | None = getattr(self._local, "store", None)
        if store is None:
            store = self._local.store = self._open_store()
            self._opened.append(store)
        return store

    def _searcher(self) -> Searcher:
        if self._open_searcher is None:
            raise NothingToSearch
        searcher: Searcher | None = getattr(self._local, "searcher", None)
        if searcher is None:
            searcher = self._local.searcher = self._open_searcher()
            self._opened.append(searcher)
        return searcher
