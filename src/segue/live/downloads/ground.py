"""What every part of a download stands on, and what is known in this process of transfers under way."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.jobs import JobService
from segue.live.downloads.limits import Bandwidth
from segue.live.downloads.pace import Pace
from segue.live.downloads.source import Source
from segue.live.downloads.token import Token, Why
from segue.settings import LiveDownloadSettings, Settings

PORTER = "live.download"
GIB = 2**30

Know = Callable[[str], Awaitable[int | None]]
"""Sees to it that a recording with its tracks is known here, by its identifier; its number, or None where there is none."""
Finished = Callable[[Any], Awaitable[None]]
"""Told of a download that is done: its row."""


class Shelf(Protocol):
    """Where downloads lie, and how they come into the library."""

    async def place_for(self, target: str | None) -> tuple[int | None, bytes]:
        """(library, folder) that a download goes into; the library is None where it is made once something is there.

        Raises NoSuchTarget, FolderUnusable."""

    async def enter(self, download: Any) -> None:
        """Have the library look at a download's folder."""

    async def leave(self, download: Any) -> None:
        """The same, where its files were taken away."""


@dataclass(slots=True)
class Flow:
    """One file that is being fetched in this process: how many bytes of it are there."""

    download: int
    file: int
    user: int
    name: str
    size: int | None
    came: int = 0
    written: int = 0
    written_at: float = 0.0


@dataclass(slots=True)
class UnderWay:
    """Transfers of this process: their tokens, and how far they are."""

    tokens: dict[int, dict[int, Token]] = field(default_factory=dict)
    """By download and file; 0 stands for what is no file: resolving and finishing."""
    flows: dict[int, Flow] = field(default_factory=dict)
    """By file."""

    def begin(self, download: int, file: int = 0) -> Token:
        token = Token()
        self.tokens.setdefault(download, {})[file] = token
        return token

    def end(self, download: int, file: int = 0) -> None:
        held = self.tokens.get(download, {})
        held.pop(file, None)
        if not held:
            self.tokens.pop(download, None)
        self.flows.pop(file, None)

    def is_stopping(self, download: int) -> bool:
        """Whether something is still in hand for a download that was told to stop."""
        return any(token.why is not None for token in self.tokens.get(download, {}).values())

    def stop(self, download: int, why: Why) -> None:
        """Stop what is done for a download in this process, at its next piece."""
        for token in self.tokens.get(download, {}).values():
            token.stop(why)

    def stop_all(self, why: Why) -> None:
        for download in list(self.tokens):
            self.stop(download, why)


class Ground:
    """What the parts share. `on_finished` are told when a download is done."""

    def __init__(
        self,
        db: Database,
        jobs: JobService,
        source: Source,
        shelf: Shelf,
        settings: Callable[[], Settings],
        *,
        pace: Pace | None = None,
        seed: int | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.db = db
        self.jobs = jobs
        self.source = source
        self.shelf = shelf
        self.settings = settings
        self.pace = pace or Pace()
        self.rng = random.Random(seed)
        self.now = now
        self.under_way = UnderWay()
        self.bandwidth = Bandwidth(lambda: self.chosen.kib_s * 1024.0)
        self.on_finished: list[Finished] = []
        self.file_with_audio: Callable[[str], Awaitable[bytes | None]] | None = None
        """Where a file lies whose FLAC header has this MD5 of its audio; set by who puts the program together."""
        self.know: Know | None = None
        """Set by who puts the program together; without it only what is mirrored is known."""

    @property
    def chosen(self) -> LiveDownloadSettings:
        """The settings of downloads as they are now."""
        return self.settings().live.downloads
