"""One round of updating: the newest dumps are looked up, fetched and built from, and what is not needed any more removed."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.catalog.snapshot.layout import TRIGRAM
from segue.catalog.snapshot.manifest import read_manifest
from segue.core.clock import utc_now
from segue.core.errors import SegueError
from segue.core.outside.faults import Transient

if TYPE_CHECKING:
    from segue.catalog.build.building import Built
    from segue.catalog.updating.fetching import Fetcher
    from segue.catalog.updating.sites import Dumps
    from segue.settings import Settings

DUMPS = "catalog-dumps"
"""Folder for dumps in the data folder, where the settings name none."""
LAST = "built.json"
"""In the folder for dumps: what the snapshot was built of."""

Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Updated:
    """What came of a round. `version` is that of the dumps; `built` is None where the snapshot was of these already."""

    source: str
    version: str
    built: Built | None


class Round:
    """An update by these settings, into the snapshot `out`. `told` hears how far it is, `check` is called between two
    pieces of work and ends it by raising; what was fetched and built so far is used by the next round."""

    def __init__(
        self,
        settings: Settings,
        out: Path,
        told: Told = lambda done, total, what: None,
        check: Callable[[], None] = lambda: None,
        *,
        today: date | None = None,
    ) -> None:
        self._settings = settings
        self._update = settings.catalog.update
        self._out = out
        self._told = told
        self._check = check
        self._today = today or utc_now().date()
        self._folder = self._update.directory or settings.data_dir / DUMPS

    async def run(self, *, again: bool = False) -> Updated:
        """Fetch and build, unless the snapshot is of the newest dumps already (`again`: even then).

        Raises NoSuchDump, NoRoomForDump, WrongChecksum, a Fault of the place that is fetched from, and what `build` raises.
        """
        from segue.catalog.updating.fetching import Fetcher, place_of

        if not self._settings.outside.enabled:
            raise Transient("The place of the dumps", reason="off")
        source = self._update.source
        title = place_of(self._update.url) if self._update.url else _TITLES[source]
        async with Fetcher(
            title,
            contact=self._settings.outside.contact,
            floor=self._update.free_gb << 30,
            told=self._told,
            check=self._check,
        ) as fetcher:
            self._told(0, 0, "looking for the newest dump")
            dumps = await self._newest(fetcher)
            made_of = {
                "source": source,
                "dumps": self._update.dumps,
                "derived": self._update.derived,
                "version": dumps.version,
            }
            if not again and await asyncio.to_thread(self._is_of, made_of):
                return Updated(source, dumps.version, None)
            folder = self._folder / f"{source}-{dumps.version}"
            await asyncio.to_thread(self._remove_others, folder)
            for wanted in dumps.files:
                self._check()
                await fetcher.fetch(wanted, folder)
        built = await self._in_a_thread(lambda cancelled: self._build(folder, cancelled, again))
        await asyncio.to_thread(self._remember, made_of, folder)
        return Updated(source, dumps.version, built)

    async def _newest(self, fetcher: Fetcher) -> Dumps:
        from segue.catalog.updating import sites

        match self._update.source:
            case "musicbrainz":
                return await sites.musicbrainz(fetcher, self._update.dumps, self._update.url, self._update.derived)
            case "discogs":
                return await sites.discogs(fetcher, self._update.url, self._today)
            case _:
                return await sites.two_file(fetcher, self._update.files)

    async def _in_a_thread(self, work: Callable[[Callable[[], bool]], Built | None]) -> Built | None:
        """Run `work` beside the loop. Where this is cancelled, or `check` raises, it is told to stop, and waited for."""
        stop = False

        def cancelled() -> bool:
            if stop:
                return True
            try:
                self._check()
            except BaseException:  # a job's interruption is no Exception; it is raised once more below
                return True
            return False

        building = asyncio.get_running_loop().run_in_executor(None, work, cancelled)
        try:
            return await asyncio.shield(building)
        except asyncio.CancelledError:
            stop = True
            await asyncio.wait([building])
            raise
        except Exception:
            self._check()
            raise

    def _build(self, folder: Path, cancelled: Callable[[], bool], again: bool) -> Built | None:
        """Build from what was fetched; None where a round that was interrupted at its very end has built just this."""
        from segue.catalog.build.building import Options, build
        from segue.catalog.sources import Prepared, open_source
        from segue.catalog.updating.sites import TWO_FILES

        main, files, features = (path if (path := folder / name).exists() else None for name in TWO_FILES)
        source = open_source(
            main=main,
            files=files,
            features=features,
            musicbrainz=folder if self._update.source == "musicbrainz" else None,
            discogs=folder if self._update.source == "discogs" else None,
            derived=self._update.derived and self._update.source == "musicbrainz",
            scratch=self._out.parent / f"{self._out.name}.gathered",
        )
        if not again and self._identity() == source.identity():
            return None
        options = Options(trigram=(self._out / TRIGRAM).exists(), keep=self._settings.catalog.keep)
        built = build(source, self._out, options, self._told, cancelled)
        if isinstance(source, Prepared):
            source.close()
        return built

    def _is_of(self, made_of: dict[str, Any]) -> bool:
        """Whether the snapshot that is there was built of just this."""
        try:
            last = json.loads((self._folder / LAST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(last == made_of | {"identity": self._identity()})

    def _identity(self) -> str:
        """Of what the snapshot was built of; empty where there is none."""
        try:
            return read_manifest(self._out).identity
        except (OSError, SegueError):
            return ""

    def _remember(self, made_of: dict[str, Any], folder: Path) -> None:
        """Write down what the snapshot is of; the dumps go, unless they are to be kept."""
        made_of = made_of | {"identity": self._identity()}
        beside = self._folder / f"{LAST}.new"
        beside.write_text(json.dumps(made_of), encoding="utf-8")
        beside.replace(self._folder / LAST)
        if not self._update.keep_dumps:
            shutil.rmtree(folder, ignore_errors=True)

    def _remove_others(self, folder: Path) -> None:
        """Dumps of other versions that this has fetched before go, so that there is room."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.glob(f"{self._update.source}-*"):
            if path != folder and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)


_TITLES = {"musicbrainz": "MusicBrainz", "discogs": "Discogs", "two-file": "The place of the two files"}
