"""The catalogue inside the full server: which one is open, changing it while it runs, and the one door to it.

What the settings name is opened when it is first asked for and watched from then on: another folder, or a new manifest in
it, is opened beside the one that is served, which is closed when its last request is done. What cannot be opened is told
as a problem, and what was served before is served on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from segue.catalog.current import Current
from segue.catalog.errors import NoCatalogue, NotInCatalogue
from segue.catalog.records import Counts
from segue.catalog.snapshot.layout import TRIGRAM, WS2
from segue.catalog.snapshot.manifest import Manifest, SnapshotDamaged, previous
from segue.catalog.store import Backend
from segue.core.errors import SegueError
from segue.core.health import Finding
from segue.settings import Settings

if TYPE_CHECKING:
    from segue.catalog.overlay.given import GivenAlbum, GivenArtist, GivenTrack
    from segue.catalog.overlay.taking import Taken
    from segue.catalog.snapshot.opening import SnapshotBackend, Watcher

log = structlog.get_logger("segue.catalog")

FOLDER = "catalog"
"""In the data folder, where the settings name no other."""
LOOK_EVERY_S = 1.0
SETTINGS_EVERY_S = 10.0
"""How often settings are read again, which another process may have changed."""
TRY_AGAIN_S = 60.0
"""After this long what could not be opened is tried again, though nothing is different to be seen."""

Changed = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is served: `folder` is where it lies, which is an earlier snapshot's where the present one is damaged."""

    folder: Path
    manifest: Manifest

    @property
    def counts(self) -> Counts:
        return self.manifest.counts

    @property
    def size_bytes(self) -> int:
        return sum(part.bytes for part in self.manifest.parts.values())

    @property
    def substring(self) -> bool:
        """Whether any part of a word can be searched for."""
        return TRIGRAM in self.manifest.parts

    @property
    def ws2(self) -> Path | None:
        """The MusicBrainz documents, where the snapshot has them."""
        return self.folder / WS2 if WS2 in self.manifest.parts else None


class CatalogService:
    """Holds the catalogue of this process. `settings` gives the present ones; `follow` reads them again where another
    process changed them."""

    def __init__(
        self, settings: Callable[[], Settings], *, follow: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        self._settings = settings
        self._follow = follow
        self._current: Current | None = None
        self._watcher: Watcher | None = None
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watched: Path | None = None
        self._told = ""
        self._looked = False
        self._tried: tuple[Path, object] | None = None
        self._try_again_at = self._follow_at = 0.0
        self._turn = asyncio.Lock()
        self._adding = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self.problem: SegueError | None = None
        """Why what the settings name is not served."""
        self.on_changed: list[Changed] = []
        """Called with the id of a snapshot that is served from now on."""

    @property
    def folder(self) -> Path:
        """Where the settings say that the snapshot lies."""
        settings = self._settings()
        return settings.catalog.snapshot or settings.data_dir / FOLDER

    @property
    def current(self) -> Current | None:
        """What is asked now, for faces that are handed all of it; None where nothing is served. `use` is for everybody else."""
        return self._current

    @property
    def facts(self) -> Facts | None:
        """What is served; None where nothing is."""
        served = self._served
        return Facts(served.folder, served.manifest) if served is not None else None

    def watch(self) -> None:
        """Look once a second from now on; call it on the loop that serves."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_on(), name="catalog")

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Backend]:
        """The catalogue, which stays open for the block, whatever takes its place meanwhile.

        Raises NoCatalogue, or what keeps it from being opened. Where it turns out to be damaged, the one before is served
        from now on, and SnapshotDamaged says to ask again.
        """
        if not self._looked:
            await self.refresh()
        if self._current is None:
            raise self.problem if self.problem is not None else NoCatalogue()
        with self._current.lease() as backend:
            try:
                yield backend
            except SnapshotDamaged as error:
                if self._watcher is not None:
                    self._later(self._distrust(self._watcher, backend, error))
                raise

    async def add(self, given: Sequence[GivenArtist | GivenAlbum | GivenTrack]) -> tuple[str, Taken]:
        """Add records to what is served; when this returns they are served too, under the id that is told.

        Raises NoCatalogue, and what `overlay.taking.take` raises.
        """
        from segue.catalog.overlay.taking import take

        async with self._adding:
            await self.refresh()
            watcher, folder, current = self._watcher, self._watched, self._current
            if watcher is None or folder is None or current is None:
                raise self.problem if self.problem is not None else NoCatalogue()
            taken = await asyncio.to_thread(take, folder, given)
            await watcher.look()
        await self.refresh()
        return current.now.id, taken

    async def refresh(self) -> None:
        """Open what the settings name, where that is another folder than before, or nothing is served yet."""
        from segue.catalog.snapshot.opening import stamp

        async with self._turn:
            now = asyncio.get_running_loop().time()
            if self._follow is not None and now >= self._follow_at:
                self._follow_at = now + SETTINGS_EVERY_S
                await self._follow()
            folder = self.folder
            if self._current is None or folder != self._watched:
                tried = (folder, await asyncio.to_thread(stamp, folder))
                if tried != self._tried or now >= self._try_again_at:
                    self._tried, self._try_again_at = tried, now + TRY_AGAIN_S
                    await self._take(folder)
            self._looked = True
            served = self._served
            changed = served is not None and served.id != self._told
            self._told = served.id if served is not None else ""
        if changed:
            for hook in self.on_changed:
                await hook(self._told)

    async def _take(self, folder: Path) -> None:
        from segue.catalog.snapshot.opening import Watcher, open_snapshot, stamp

        chosen = self._settings().catalog.snapshot is not None
        if not chosen and stamp(folder) is None and not previous(folder).exists():
            self.problem = None
            await self._end()
            return
        try:
            fresh = await asyncio.to_thread(open_snapshot, folder)
        except SegueError as error:
            if self.problem is None or self.problem.message != error.message:
                log.warning("catalog_not_opened", folder=str(folder), code=error.code, reason=error.message)
            self.problem = error
            return
        self.problem = None
        self._stop.set()
        if self._current is None:
            self._current = Current(fresh)
        else:
            self._current.change(fresh)
        self._stop, self._watched = asyncio.Event(), folder
        self._watcher = Watcher(folder, self._current)
        self._later(self._watcher.run(self._stop))
        log.info("catalog_opened", folder=str(fresh.folder), id=fresh.id, tracks=fresh.manifest.counts.tracks)

    @property
    def _served(self) -> SnapshotBackend | None:
        return self._current.now if self._current is not None else None  # type: ignore[return-value]

    async def _distrust(self, watcher: Watcher, backend: Backend, error: SnapshotDamaged) -> None:
        await watcher.distrust(backend, error)

    async def _end(self) -> None:
        """Serve nothing from now on."""
        self._stop.set()
        current, self._current, self._watcher, self._watched = self._current, None, None, None
        if current is not None:
            self._later(current.close())

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # type: ignore[arg-type]
        task.add_done_callback(self._tasks.discard)  # type: ignore[arg-type]

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.refresh()
            except Exception as error:
                # whatever it is, it must not end the looking: the next look may find everything well
                log.warning("catalog_not_looked_at", reason=str(error) or type(error).__name__)

    async def check(self) -> Finding:
        """How it is, for /health."""
        await self.refresh()
        facts = self.facts
        if self.problem is not None:
            said = "The catalogue cannot be opened" + ("; another one is served." if facts else ".")
            return Finding("degraded", said, self.problem.message)
        if facts is None:
            return Finding("ok", "There is no catalogue.")
        if facts.folder != self._watched:
            return Finding("degraded", "The catalogue is damaged; an earlier one is served.", str(facts.folder))
        return Finding("ok", f"The catalogue has {facts.counts.tracks:,} tracks.", str(facts.folder))

    async def close(self) -> None:
        """Once those who ask are done."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
            self._looking = None
        await self._end()
        while self._tasks:
            await asyncio.wait(self._tasks)


__all__ = ["CatalogService", "Facts", "NoCatalogue", "NotInCatalogue"]
