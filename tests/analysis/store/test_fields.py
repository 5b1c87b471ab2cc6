"""How listening went, and what it measured, can be asked in the query language, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.core.access import Actor
from segue.core.db import Database
from tests.analysis.store.ground import Studio, studio

pytestmark = pytest.mark.anyio
ANN = Actor(7, "ann", frozenset({"editor"}), libraries=None)


async def titles(here: Studio, q: str) -> list[str]:
    return [track.title for track in (await here.library.list_tracks(ANN, q=q)).items]


async def test_every_field_is_answered(db: Database, tmp_path: Path):
    async with studio(db, tmp_path) as here:
        here.home.song("a.flac", title="Good", album="A", seed=1)
        here.home.song("b.flac", title="Bad", album="A", seed=2)
        here.plan(**{"b.flac": "refuse"})
        await here.scan()
        await here.listen()
        here.home.song("c.flac", title="New", album="A", seed=3)
        await here.home.scan()
        for q in (
            "analysis:done", "bpm.confidence:>0.7", "key.confidence:0.6-0.8", "steadiness:>0.8", "tuning:3", "lra:>=6",
            "truepeak:>-1", "quality:lossy_source", "cutoff:<17000", "clipped:>0", "analyzed:today", "bpm.measured:>1",
        ):  # fmt: skip
            assert await titles(here, q) == ["Good"], q
        assert await titles(here, "analysis:failed analysis.reason:encrypted") == ["Bad"]
        assert await titles(here, "analysis:none") == ["New"]
        assert await titles(here, "-analysis:done sort:title") == ["Bad", "New"]
        assert await titles(here, "truepeak:>-0.4") == []
        assert (await titles(here, "sort:-bpm.confidence"))[0] == "Good"
        failed = (await here.library.list_tracks(ANN, q="bpm:>90 energy:>0.6 camelot:~8A")).items
        assert [track.title for track in failed] == ["Good"]
