"""A house whose library is linked to a catalogue."""

from __future__ import annotations

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


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    made = await house(db, make_catalog(tmp_path / "catalog", RELEASES))
    yield made
    await made.catalog.close()
