"""One shard as a router asks it, here or elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct

from segue.catalog.records import Counts, Kind
from segue.catalog.scale.errors import NotAShard
from segue.catalog.scale.searching import Placed, Question, ShardSearcher
from segue.catalog.snapshot.manifest import Share
from segue.catalog.snapshot.opening import SnapshotBackend


class About(Struct, frozen=True, kw_only=True):
    """What a shard is. `counts` are those of the whole catalogue."""

    id: str
    namespace: str
    licence: str
    counts: Counts
    share: Share
    searches: bool
    substring: bool


class Shard(Protocol):
    """Where an answer lies elsewhere, every verb may raise ShardDown."""

    name: str

    async def about(self) -> About: ...

    async def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]: ...

    async def isrcs(self, codes: Sequence[str]) -> list[list[int]]: ...

    async def upcs(self, codes: Sequence[str]) -> list[list[int]]: ...

    async def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]: ...

    async def documents(self, kind: Kind, ranks: Sequence[int], album: bool) -> list[bytes]: ...

    async def album_tracks(self, rank: int) -> list[int]: ...

    async def artist_albums(self, rank: int) -> list[int]: ...

    async def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]: ...

    async def placed(self, question: Question) -> Placed: ...

    async def close(self) -> None: ...


class LocalShard:
    """A shard in this process. Raises NotAShard where the snapshot is a whole one."""

    def __init__(self, backend: SnapshotBackend) -> None:
        if backend.manifest.share is None:
            raise NotAShard(str(backend.folder))
        self.name = str(backend.folder)
        self._backend = backend
        self._about = About(
            id=backend.id,
            namespace=backend.namespace,
            licence=backend.licence,
            counts=backend.manifest.counts,
            share=backend.manifest.share,
            searches=backend.searches,
            substring=backend.substring,
        )
        self.ranks = backend.ranks
        self.isrcs = backend.isrcs
        self.upcs = backend.upcs
        self.external = backend.external
        self.album_tracks = backend.album_tracks
        self.artist_albums = backend.artist_albums
        self.more = backend.more
        self.close = backend.close

    async def about(self) -> About:
        return self._about

    async def documents(self, kind: Kind, ranks: Sequence[int], album: bool) -> list[bytes]:
        if kind == "track":
            return await self._backend.tracks(ranks, album=album)
        return await (self._backend.albums(ranks) if kind == "album" else self._backend.artists(ranks))

    async def placed(self, question: Question) -> Placed:
        def ask(searcher: ShardSearcher) -> Placed:
            return searcher.placed(question)

        return await self._backend.in_searcher(ask, question.deadline_s)
