"""Where recordings come from, as far as a download needs it: what an item is, and the bytes of one of its files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from segue.live.archive import ArchiveClient
from segue.live.archive.items import item_of_metadata
from segue.live.archive.opening import OpenFile
from segue.live.records import Item


class Opened(Protocol):
    """The answer to a question for a file's bytes, before they are read. Header names are in lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises core.outside's faults, and OSError where the connection breaks."""


class Source(Protocol):
    """The archive, or what stands in for it."""

    async def item(self, identifier: str, *, fresh: bool = False) -> Item | None:
        """The item with its files; None where there is none. `fresh`: not from what is kept. Raises core.outside's faults."""

    def open(
        self, identifier: str, name: str, *, offset: int = 0, if_range: str = ""
    ) -> AbstractAsyncContextManager[Opened]:
        """Ask for a file's bytes from `offset`, on condition that it is still the one `if_range` names. Raises core.outside's
        faults."""


class ArchiveSource:
    """The archive itself."""

    def __init__(self, archive: ArchiveClient) -> None:
        self._archive = archive

    async def item(self, identifier: str, *, fresh: bool = False) -> Item | None:
        document = await self._archive.metadata(identifier, fresh=fresh)
        return None if document is None else item_of_metadata(document)

    @asynccontextmanager
    async def open(self, identifier: str, name: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Opened]:
        async with self._archive.open_file(identifier, name, offset=offset, if_range=if_range) as file:
            yield _Absent() if file is None else _Present(file)


@dataclass(frozen=True, slots=True)
class _Present:
    file: OpenFile

    @property
    def status(self) -> int:
        return self.file.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self.file.headers

    def pieces(self) -> AsyncIterator[bytes]:
        return self.file.chunks()


class _Absent:
    """There is no such file."""

    status = 404
    headers: Mapping[str, str] = {}

    async def pieces(self) -> AsyncIterator[bytes]:
        return
        yield b""
