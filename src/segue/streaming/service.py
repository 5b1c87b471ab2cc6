"""What can be played. Domains register as sources (library files now, live recordings later); a request only names an id."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from segue.core.access import Actor
from segue.core.errors import NotFound, Unavailable
from segue.core.ids import TypedId


class NothingToPlay(NotFound):
    def __init__(self, typed: TypedId) -> None:
        super().__init__("nothing_to_play", f"There is nothing to play under {typed}.", id=str(typed))


class FileIsGone(NotFound):
    def __init__(self, typed: TypedId) -> None:
        super().__init__(
            "file_gone",
            f"The file of {typed} is not where it was.",
            hint="Its drive may not be mounted. Scan the library once the file is back.",
            id=str(typed),
        )


class FileNotReadable(Unavailable):
    def __init__(self, typed: TypedId) -> None:
        super().__init__(
            "file_not_readable",
            f"Segue is not allowed to read the file of {typed}.",
            hint="Let the user that Segue runs as read it.",
            id=str(typed),
        )


@dataclass(frozen=True, slots=True)
class Playable:
    """Bytes that can be sent as they are. `path` comes from a source's own records, never from a request. `start_ms` and
    `end_ms` are set where only a part of the file is meant: a track that a CUE sheet cuts out of it."""

    path: bytes
    content_type: str
    file_name: str
    size_bytes: int
    start_ms: int | None = None
    end_ms: int | None = None


class Offered(Protocol):
    """What a source gives: where the bytes are, and what they are."""

    @property
    def path(self) -> bytes: ...
    @property
    def content_type(self) -> str: ...
    @property
    def file_name(self) -> str: ...
    @property
    def start_ms(self) -> int | None: ...
    @property
    def end_ms(self) -> int | None: ...


class Source(Protocol):
    """A domain whose things can be played."""

    async def playable(self, actor: Actor, number: int) -> Offered | None:
        """What to send for row `number`, or None where it does not exist or `actor` may not hear it."""
        ...


class StreamingService:
    """Finds the bytes behind an id."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}

    def register(self, prefix: str, source: Source) -> None:
        """Ids that begin with `prefix` are played from `source`."""
        self._sources[prefix] = source

    async def playable(self, actor: Actor, typed: TypedId) -> Playable:
        """What to send for an id. Raises NothingToPlay, FileIsGone, FileNotReadable."""
        source = self._sources.get(typed.prefix)
        found = await source.playable(actor, typed.number) if source else None
        if found is None:
            raise NothingToPlay(typed)
        try:
            status = await _stat(found.path)
        except OSError:
            raise FileIsGone(typed) from None
        if not stat.S_ISREG(status.st_mode):
            raise FileIsGone(typed)
        if not await anyio.to_thread.run_sync(os.access, found.path, os.R_OK):
            raise FileNotReadable(typed)
        return Playable(found.path, found.content_type, found.file_name, status.st_size, found.start_ms, found.end_ms)


async def _stat(path: bytes) -> os.stat_result:
    return await anyio.to_thread.run_sync(os.stat, path)


def as_path(path: bytes) -> Path:
    """The path exactly as the operating system gave it, in the form the standard library opens."""
    return Path(os.fsdecode(path))
