"""A house whose library is linked to a catalogue."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from segue.core.db import Database
from tests.metadata.links.ground import House, Release, Song, house, make_catalog

HARBOUR = Release(
    1,
    "Harbour Lights",
    "The Tide",
    [
        Song("Anchor", 181, isrc="GBAAA0100001"),
        Song("Buoy", 202),
        Song("Current", 243),
        Song("Drift (Live)", 264),
    ],
    upc="0602445790098",
    year=2001,
)
LIVE = Release(
    2, "Harbour Lights (Live)", "The Tide", [Song("Anchor (Live)", 190), Song("Buoy (Live)", 230)], year=2005
)
SAMPLER = Release(
    3,
    "Best of the Sea",
    "Various Artists",
    [Song("Anchor", 181, isrc="GBAAA0100001", artist="The Tide"), Song("Whale", 300, artist="Orca")],
)
OTHERS = Release(4, "Anchor", "Other Tide", [Song("Anchor", 181)], popularity=90)
RELEASES = [HARBOUR, LIVE, SAMPLER, OTHERS]


once = pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
"""For what asks the database nothing of its own: one kind of it is enough."""


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of RELEASES, made once and copied from then on."""
    return make_catalog(tmp_path_factory.mktemp("made") / "catalog", RELEASES)


@pytest.fixture
async def home(db: Database, tmp_path: Path, snapshot: Path) -> AsyncIterator[House]:
    made = await house(db, Path(shutil.copytree(snapshot, tmp_path / "catalog")))
    yield made
    await made.catalog.close()
