"""What every catalogue can do, however it is kept: a compiled snapshot, two mounted files, shards, PostgreSQL.

A `rank` is the number of a row within one kind: 1 is the most popular track or album, or the artist with most followers (in a
mounted source it is the row's own number). It is meaningful only together with `Store.id`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct

from segue.catalog.records import Counts, Kind

Match = Literal["words", "substring"]

MOST_IN_A_BATCH = 1_000
"""Ids of one batch, of all kinds together."""


class Found(Struct, frozen=True):
    """What a search gives: ranks, best first. `partial`: the deadline came first, and better ones may be missing.

    `total` counts the hits where that was cheap, up to `capped`; `corrected` is what was searched for instead, where nothing
    was found for what was typed.
    """

    ranks: tuple[int, ...]
    partial: bool = False
    total: int | None = None
    capped: bool = False
    corrected: str | None = None
    next: str | None = None


class Store(Protocol):
    """A catalogue in this process. Not for two threads at once; a point read takes microseconds, so ask on the loop.

    A miss is None or an empty list. JSON is that of the drop-in (docs/catalog.md), as bytes ready to send.
    """

    id: str
    namespace: str
    licence: str

    def counts(self) -> Counts: ...

    def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]:
        """Of the source's own ids."""

    def isrcs(self, codes: Sequence[str]) -> list[list[int]]:
        """Tracks of each code (any case, hyphens allowed), most popular first."""

    def upcs(self, codes: Sequence[str]) -> list[list[int]]:
        """Albums of each UPC, EAN or GTIN (leading zeros do not count), most popular first."""

    def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]:
        """Of ids as `platform:type:native`; the store's own namespace among them."""

    def tracks(self, ranks: Sequence[int], *, album: bool = True) -> list[bytes]: ...

    def albums(self, ranks: Sequence[int]) -> list[bytes]: ...

    def artists(self, ranks: Sequence[int]) -> list[bytes]: ...

    def album_tracks(self, rank: int) -> list[int]:
        """By disc and number."""

    def artist_albums(self, rank: int) -> list[int]:
        """Newest first; those it only appears on come after its own."""

    def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]:
        """What the fuller API shows besides, `ids` and `licence` among it; {} where there is nothing."""

    def close(self) -> None: ...


class Searcher(Protocol):
    """Finds ranks by what a person types."""

    def search(
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
        """Raises BadQuery (an Invalid) where `text` cannot be asked."""

    def close(self) -> None: ...


class Backend(Protocol):
    """The same verbs for those who may have to wait: shards over the network, PostgreSQL. Faces ask this.

    `store` is set where the answer lies in this process: then a face may ask it at once, without awaiting.
    """

    id: str
    namespace: str
    licence: str

    @property
    def store(self) -> Store | None: ...

    async def counts(self) -> Counts: ...

    async def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]: ...

    async def isrcs(self, codes: Sequence[str]) -> list[list[int]]: ...

    async def upcs(self, codes: Sequence[str]) -> list[list[int]]: ...

    async def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]: ...

    async def tracks(self, ranks: Sequence[int], *, album: bool = True) -> list[bytes]: ...

    async def albums(self, ranks: Sequence[int]) -> list[bytes]: ...

    async def artists(self, ranks: Sequence[int]) -> list[bytes]: ...

    async def album_tracks(self, rank: int) -> list[int]: ...

    async def artist_albums(self, rank: int) -> list[int]: ...

    async def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]: ...

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
    ) -> Found: ...

    async def close(self) -> None: ...
