"""Recordings of performances that were never given: rendered once a process, and what a library would say of their files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segue.core.access import Actor
from segue.core.pool import Outcome


class Here:
    """Works in this process: what children are good for is asked of real ones by a test of each kind."""

    async def __aenter__(self) -> Here:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def run(self, function: Any, *args: Any, **_: Any) -> Any:
        return function(*args)

    async def map_chunks(self, function: Any, items: Any, **_: Any) -> AsyncIterator[Outcome[Any, Any]]:
        for item in items:
            yield Outcome(item, function(item), None)


@dataclass
class Offered:
    """Bytes as streaming offers them."""

    path: bytes
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass
class Shelf:
    """Which file a track of the library is, and for whom: stands for the library's scanning service."""

    files: dict[int, Path] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)

    async def playable(self, actor: Actor, number: int) -> Any | None:
        if number not in self.files or (number in self.hidden and actor.user_id is not None):
            return None
        return Offered(bytes(self.files[number]))
