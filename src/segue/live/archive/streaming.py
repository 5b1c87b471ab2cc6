"""Playing a track of a recording: from this server where it is here, else from the archive, passed on as it comes.

Nothing of what is passed on is kept; what a setting may add to that is a download like any other. What may only be streamed
may be streamed; a file that the archive keeps to itself is not asked for.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.errors import NotFound, SegueError
from segue.core.ids import format_id
from segue.live.archive import repository
from segue.live.archive.client import ArchiveClient
from segue.live.archive.faults import Restricted
from segue.live.archive.opening import OpenFile
from segue.live.archive.repository import TrackFile, TrackPlace

log = structlog.get_logger("segue.live")
Prefer = Literal["lossy", "lossless"]
PLAYS = {"mp3": "audio/mpeg", "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "m4a": "audio/mp4",
         "aac": "audio/aac", "flac": "audio/flac", "wav": "audio/wav"}  # fmt: skip
"""Endings of files that a browser or a phone plays, with their types; the first is the safest."""
_LOSSLESS = frozenset(("flac", "wav"))
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class NoSuchTrack(NotFound):
    def __init__(self, id: str) -> None:
        super().__init__("not_found", f"There is no track {id} of a recording.", id=id)


class NotPlayable(NotFound):
    """The archive has this track, and no file of it that may be played. `reason`: no_file, private, gone."""

    def __init__(self, id: str, reason: str) -> None:
        why = {
            "no_file": "there is no file of it in a format that can be played",
            "private": "the archive keeps its files to itself",
            "gone": "its recording is no longer there",
        }[reason]
        super().__init__("not_playable", f"The track {id} cannot be played: {why}.", id=id, reason=reason)


class Offered(Protocol):
    """Bytes on this server, as streaming wants them."""

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


class LibraryFiles(Protocol):
    """Where the bytes of a library's tracks are; None where `actor` may not hear one."""

    async def playable(self, actor: Actor, number: int) -> Offered | None: ...


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `start` to before `end`; no `end`: to the last."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The file that a track is played from."""

    id: str
    place: TrackPlace
    file: TrackFile

    @property
    def content_type(self) -> str:
        return PLAYS[_ending(self.file)]

    @property
    def etag(self) -> str:
        """The same as long as the file is; empty where the archive says nothing that tells."""
        return f'"{self.file.md5}"' if self.file.md5 else ""


class Passing:
    """A file of the archive on its way to a listener; whoever has it closes it."""

    def __init__(
        self, chosen: Chosen, file: OpenFile, closing: AsyncExitStack, done: Callable[[], Awaitable[None]]
    ) -> None:
        self.chosen = chosen
        self.file = file
        self._closing = closing
        self._done = done

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes as they come. Raises a Fault where they end too early."""
        sent = 0
        async for chunk in self.file.chunks():
            sent += len(chunk)
            yield chunk
        if self.file.size is not None and sent == self.file.size:
            await self._done()

    async def close(self) -> None:
        await self._closing.aclose()


class TrackStreaming:
    """Finds what a track is played from. `files` gives bytes on this server; `heard_whole` is told of a file that was passed
    on from its first byte to its last."""

    def __init__(self, db: Database, archive: ArchiveClient) -> None:
        self._db = db
        self._archive = archive
        self.files: LibraryFiles | None = None
        self.heard_whole: list[Callable[[Actor, TrackPlace, TrackFile], Awaitable[None]]] = []

    async def playable(self, actor: Actor, number: int) -> Offered | None:
        """The bytes of a track that is on this server, for streaming; None where it is not, or not for `actor`."""
        async with self._db.read() as conn:
            place = await repository.track_place(conn, number)
        if place is None or place.track_id is None or self.files is None:
            return None
        return await self.files.playable(actor, place.track_id)

    async def choose(self, number: int, prefer: Prefer = "lossy") -> Chosen:
        """The file of the archive that a track is played from. Raises NoSuchTrack, NotPlayable."""
        id = format_id("lt", number)
        async with self._db.read() as conn:
            place = await repository.track_place(conn, number)
        if place is None:
            raise NoSuchTrack(id)
        if place.provider != "archive" or place.status != "there":
            raise NotPlayable(id, "gone" if place.provider == "archive" else "no_file")
        file = best_file(place.files, prefer)
        if file is None:
            raise NotPlayable(id, "private" if any(_plays(one) for one in place.files) else "no_file")
        return Chosen(id, place, file)

    async def open(self, actor: Actor, chosen: Chosen, span: Span | None) -> Passing:
        """Ask the archive for the file, or a part of it. Raises NotPlayable, Faults."""
        closing = AsyncExitStack()
        start, end = (span.start, span.end) if span else (0, None)

        async def done() -> None:
            for follow in self.heard_whole:
                await follow(actor, chosen.place, chosen.file)

        try:
            opening = self._archive.open_file(
                chosen.place.identifier, chosen.file.name, offset=start, end=end, listener=True
            )
            file = await closing.enter_async_context(opening)
        except Restricted:
            raise NotPlayable(chosen.id, "private") from None
        if file is None:
            await closing.aclose()
            raise NotPlayable(chosen.id, "gone")
        return Passing(chosen, file, closing, done)


class KeepHeard:
    """Downloads what was heard whole, where the settings want that and it may be. `download` wants a file of a recording by
    its number and name; what refuses is noted and no matter of the listener's."""

    def __init__(self, wanted: Callable[[], bool], download: Callable[[Actor, int, str], Awaitable[object]]) -> None:
        self._wanted = wanted
        self._download = download

    async def heard_whole(self, actor: Actor, place: TrackPlace, file: TrackFile) -> None:
        if not self._wanted() or place.stream_only:
            return
        try:
            await self._download(actor, place.recording, file.name)
        except SegueError as error:
            log.info("live_stream_not_kept", identifier=place.identifier, code=error.code)


def best_file(files: Sequence[TrackFile], prefer: Prefer) -> TrackFile | None:
    """The file to play: one that may be, in a format that plays; of those the preferred kind, then the safest format."""
    order = list(PLAYS)

    def place(file: TrackFile) -> tuple[bool, int, str]:
        return ((_ending(file) in _LOSSLESS) != (prefer == "lossless"), order.index(_ending(file)), file.name)

    return min((file for file in files if _plays(file) and not file.private), key=place, default=None)


def span_of(header: str | None, size: int | None) -> Span | None:
    """What a Range header asks for; None for everything: also where it makes no sense or asks for several parts.

    The last bytes can be meant only where the size is known.
    """
    found = _RANGE.fullmatch((header or "").replace(" ", ""))
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return None if size is None else Span(max(0, size - int(found[2])), None)
    start, end = int(found[1]), int(found[2]) + 1 if found[2] else None
    return None if end is not None and end <= start else Span(start, end)


def _ending(file: TrackFile) -> str:
    return file.name.rpartition(".")[2].casefold()


def _plays(file: TrackFile) -> bool:
    return _ending(file) in PLAYS
