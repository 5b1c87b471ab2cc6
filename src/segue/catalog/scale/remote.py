"""A shard on another machine: asked over HTTP, in MessagePack, with the shared token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from segue.catalog.records import Kind
from segue.catalog.scale.errors import ShardDown
from segue.catalog.scale.lines import Lines
from segue.catalog.scale.searching import Placed, Question
from segue.catalog.scale.shard import About
from segue.catalog.search.errors import BadQuery

T = TypeVar("T")

PATH = "/internal/catalog"
ID_HEADER = "x-catalog-id"
TIMEOUT_S = 5.0
CONNECT_S = 1.0
GRACE_S = 1.0
"""A search keeps its own deadline; so much later the router goes on without it."""
DOWN_S = 1.0
"""So long a shard that did not answer is not asked again: who waits for it would wait in vain."""
CONNECTIONS = 64
OTHER_CATALOGUE = 409

Hit = tuple[Kind, int] | None


class Refused(msgspec.Struct, frozen=True):
    """What a shard says where it does not answer."""

    code: str
    message: str
    hint: str | None = None


class RemoteShard:
    """The shard that `segue catalog serve` serves at `url` (http://host:port)."""

    def __init__(self, url: str, token: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.name = url.rstrip("/")
        self.id = ""
        """Of what it served when it was asked `about`; the shard answers for nothing else."""
        self._timeout_s = timeout_s
        self._down_until = 0.0
        self._why = ""
        self._token = token
        self._lines = Lines(url, CONNECTIONS, CONNECT_S)

    async def about(self) -> About:
        """Of what it serves now; from then on only that is asked."""
        self.id = ""
        self._down_until = 0.0
        about = await self._ask("about", (), About)
        self.id = about.id
        return about

    async def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]:
        return await self._ask("ranks", (kind, ids), list[int | None])

    async def isrcs(self, codes: Sequence[str]) -> list[list[int]]:
        return await self._ask("isrcs", (codes,), list[list[int]])

    async def upcs(self, codes: Sequence[str]) -> list[list[int]]:
        return await self._ask("upcs", (codes,), list[list[int]])

    async def external(self, ids: Sequence[str]) -> list[Hit]:
        return await self._ask("external", (ids,), list[Hit])

    async def documents(self, kind: Kind, ranks: Sequence[int], album: bool) -> list[bytes]:
        return await self._ask("documents", (kind, ranks, album), list[bytes])

    async def album_tracks(self, rank: int) -> list[int]:
        return await self._ask("album_tracks", (rank,), list[int])

    async def artist_albums(self, rank: int) -> list[int]:
        return await self._ask("artist_albums", (rank,), list[int])

    async def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]:
        return await self._ask("more", (kind, ranks), list[dict[str, Any]])

    async def placed(self, question: Question) -> Placed:
        return await self._ask("placed", (question,), Placed, question.deadline_s + GRACE_S)

    async def close(self) -> None:
        await self._lines.close()

    async def _ask(self, verb: str, arguments: Sequence[Any], type_: type[T], timeout_s: float | None = None) -> T:
        if time.monotonic() < self._down_until:
            raise ShardDown(self.name, self._why)
        headers = (
            f"authorization: Bearer {self._token}\r\ncontent-type: application/msgpack\r\n{ID_HEADER}: {self.id}\r\n"
        )
        try:
            async with asyncio.timeout(timeout_s or self._timeout_s):
                status, body = await self._lines.post(f"{PATH}/{verb}", headers, msgspec.msgpack.encode(arguments))
            if status == 200:
                return msgspec.msgpack.decode(body, type=type_)
        except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
            raise self._down(str(error) or type(error).__name__) from error
        if status == OTHER_CATALOGUE:
            raise self._down("it serves another catalogue now")
        try:
            refused = msgspec.msgpack.decode(body, type=Refused)
        except msgspec.MsgspecError:
            raise self._down(f"status {status}") from None
        if status == 400:
            raise BadQuery(refused.code, refused.message, hint=refused.hint)
        raise ShardDown(self.name, refused.message)

    def _down(self, why: str) -> ShardDown:
        self._down_until = time.monotonic() + DOWN_S
        self._why = why
        return ShardDown(self.name, why)
