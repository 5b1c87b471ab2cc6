"""Live music for `segue demo --live`: an archive of our own on this machine, whose bands and setlists are here from the start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segue.settings import Settings

CONTACT = "demo@segue.example"
COLLECTION = "etree"
SOURCE = "demo"


@contextmanager
def an_archive(tapes: Path) -> Iterator[None]:
    """An archive that answers while the block runs, and that this process and its worker ask: the environment says where it is.
    Its recordings are made in `tapes` and kept."""
    from segue.emulator import Emulator
    from segue.emulator.serving import running

    with running(Emulator(tapes)) as (_, url):
        said = {"LIVE__BASE_URL": f"{url}/archive", "LIVE__REQUESTS_PER_SECOND": "5", "OUTSIDE__CONTACT": CONTACT}
        said = {f"SEGUE_{name}": value for name, value in said.items()}
        before = {name: os.environ.get(name) for name in said}
        os.environ.update(said)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


async def fill(settings: Settings) -> None:
    """Bring the setlists of the archive's bands, and have its lists read as soon as somebody works."""
    from segue.cli.given import opened
    from segue.core.access import SYSTEM
    from segue.emulator.archive_setlists import setlists
    from segue.live.errors import AlreadyMirrored
    from segue.live.reading import setlist_of
    from segue.live.service import LiveService

    async with opened(settings) as segue:
        live = segue.services.get(LiveService)
        told = [one for one in map(setlist_of, setlists()) if one is not None]
        await live.bring_setlists(SYSTEM, told, source=SOURCE)
        try:
            await live.add_mirror(SYSTEM, COLLECTION)
        except AlreadyMirrored:
            await live.start_mirror(SYSTEM)
