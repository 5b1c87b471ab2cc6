"""The catalogue inside the full server: which one is open, changing it while it runs, and the one door to it.

What the settings name is opened when it is first asked for, and looked at once a second from then on: another folder, or a
new manifest in it, is opened beside the one that is served; that one is closed when its last request is done. What cannot
be opened is told as a problem, and what was served before is served on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from segue.catalog.records import Counts
from segue.catalog.snapshot.layout import MANIFEST, TRIGRAM, WS2
from segue.catalog.snapshot.manifest import Manifest, previous, read_manifest
from segue.catalog.store import Backend
from segue.core.errors import NotFound, SegueError
from segue.core.health import Finding
from segue.settings import Settings

if TYPE_CHECKING:
    from segue.catalog.local import LocalBackend

log = structlog.get_logger("segue.catalog")

FOLDER = "catalog"
"""In the data folder, where the settings name no other."""
LOOK_EVERY_S = 1.0
SETTINGS_EVERY_S = 10.0
"""How often settings are read again, which another process may have changed."""
TRY_AGAIN_S = 60.0
"""After this long what could not be opened is tried again, though its manifest is the same."""

Open = Callable[[Path], "LocalBackend"]
Changed = Callable[[str], Awaitable[None]]


class NoCatalogue(NotFound):
    def __init__(self) -> None:
        super().__init__(
            "no_catalog",
            "There is no catalogue here.",
            hint="An administrator can have one built, or name the folder of one in the setting catalog.snapshot.",
        )


class NotInCatalogue(NotFound):
    """`kind` is track, album or artist."""

    def __init__(self, kind: str, text: str) -> None:
        shown = text if len(text) <= 100 else text[:99] + "…"
        super().__init__("not_in_catalog", f"The catalogue has no {kind} {shown!r}.", id=shown)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is served: `folder` is where it lies, which is an earlier snapshot's where the present one is damaged."""

    folder: Path
    manifest: Manifest
    substring: bool

    @property
    def counts(self) -> Counts:
        return self.manifest.counts

    @property
    def size_bytes(self) -> int:
        return sum(part.bytes for part in self.manifest.parts.values())

    @property
    def ws2(self) -> Path | None:
        """The MusicBrainz documents, where the snapshot has them."""
        return self.folder / WS2 if WS2 in self.manifest.parts else None


class _Opened:
    """A catalogue and how many are asking it."""

    def __init__(self, backend: LocalBackend, facts: Facts) -> None:
        self.backend = backend
        self.facts = facts
        self.users = 0
        self.retired = False


def _open_snapshot(folder: Path) -> LocalBackend:
    from segue.catalog.snapshot.opening import open_snapshot

    return open_snapshot(folder)


class CatalogService:
    """Holds the catalogue of this process. `settings` gives the present ones; `follow` reads them again where another
    process changed them."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        *,
        follow: Callable[[], Awaitable[None]] | None = None,
        open_snapshot: Open = _open_snapshot,
    ) -> None:
        self._settings = settings
        self._follow = follow
        self._open = open_snapshot
        self._opened: _Opened | None = None
        self._seen: tuple[object, ...] | None = None
        self._looked = False
        self._try_again_at = 0.0
        self._follow_at = 0.0
        self._turn = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self.problem: SegueError | None = None
        """Why what the settings name is not what is served."""
        self.on_changed: list[Changed] = []
        """Called with the id of a snapshot that is served from now on."""

    @property
    def folder(self) -> Path:
        """Where the settings say that the snapshot lies."""
        settings = self._settings()
        return settings.catalog.snapshot or settings.data_dir / FOLDER

    @property
    def facts(self) -> Facts | None:
        """What is served; None where nothing is."""
        return self._opened.facts if self._opened is not None else None

    def watch(self) -> None:
        """Look once a second from now on whether there is another one; call it on the loop that serves."""
        if self._watching is None:
            self._watching = asyncio.create_task(self._look_on(), name="catalog")

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Backend]:
        """The catalogue, which stays open for the block, whatever is put in its place meanwhile. Raises NoCatalogue."""
        if not self._looked:
            await self.refresh()
        opened = self._opened
        if opened is None:
            raise self.problem if self.problem is not None else NoCatalogue()
        opened.users += 1
        try:
            yield opened.backend
        finally:
            opened.users -= 1
            self._let_go(opened)

    async def refresh(self) -> None:
        """Open what the settings name, where that is not what is served already."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if self._follow is not None and now >= self._follow_at:
                self._follow_at = now + SETTINGS_EVERY_S
                await self._follow()
            folder = self.folder
            seen = await asyncio.to_thread(_mark, folder)
            if self._looked and seen == self._seen and (self.problem is None or now < self._try_again_at):
                return
            self._seen, self._try_again_at = seen, now + TRY_AGAIN_S
            changed = await self._take(folder, seen)
            self._looked = True
        if changed is not None:
            for hook in self.on_changed:
                await hook(changed)

    async def _take(self, folder: Path, seen: tuple[object, ...]) -> str | None:
        """Serve what lies in `folder`; its id where that is another than before."""
        chosen = self._settings().catalog.snapshot is not None
        if len(seen) == 1 and not chosen and not previous(folder).exists():
            self.problem = None
            self._replace(None)
            return None
        try:
            fresh = await asyncio.to_thread(self._opened_at, folder)
        except SegueError as error:
            if self.problem is None or self.problem.message != error.message:
                log.warning("catalog_not_opened", folder=str(folder), code=error.code, reason=error.message)
            self.problem = error
            return None
        self.problem = None
        before = self._opened.facts.manifest.id if self._opened is not None else None
        self._replace(fresh)
        counts = fresh.facts.counts
        log.info("catalog_opened", folder=str(fresh.facts.folder), id=fresh.backend.id, tracks=counts.tracks)
        return fresh.facts.manifest.id if fresh.facts.manifest.id != before else None

    def _opened_at(self, folder: Path) -> _Opened:
        backend = self._open(folder)
        served: Path = getattr(backend, "folder", folder)
        manifest = read_manifest(served)
        return _Opened(backend, Facts(served, manifest, TRIGRAM in manifest.parts))

    def _replace(self, fresh: _Opened | None) -> None:
        old, self._opened = self._opened, fresh
        if old is not None:
            old.retired = True
            self._let_go(old)

    def _let_go(self, opened: _Opened) -> None:
        if opened.retired and opened.users == 0:
            task = asyncio.create_task(opened.backend.close(), name="catalog-close")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.refresh()
            except (SegueError, OSError) as error:
                log.warning("catalog_not_looked_at", reason=str(error))

    async def check(self) -> Finding:
        """How it is, for /health."""
        await self.refresh()
        facts = self.facts
        if self.problem is not None:
            said = "The catalogue could not be opened" + ("; an earlier one is served." if facts else ".")
            return Finding("degraded", said, self.problem.message)
        if facts is None:
            return Finding("ok", "There is no catalogue.")
        if facts.folder != self.folder:
            return Finding("degraded", "The catalogue is damaged; an earlier one is served.", str(facts.folder))
        return Finding("ok", f"The catalogue has {facts.counts.tracks:,} tracks.", str(facts.folder))

    async def close(self) -> None:
        """Once those who ask are done."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None
        self._replace(None)
        while self._closing:
            await asyncio.wait(self._closing)


def _mark(folder: Path) -> tuple[object, ...]:
    """What tells one snapshot from another without reading it; the folder alone where there is none."""
    try:
        stat = (folder / MANIFEST).stat()
    except OSError:
        return (folder,)
    return (folder, stat.st_ino, stat.st_mtime_ns, stat.st_size)


__all__ = ["CatalogService", "Facts", "NoCatalogue", "NotInCatalogue"]
