"""What sounds alike is found, for whoever may see it, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.analysis.similar.errors import NothingHeard
from segue.core.db import Database
from tests.analysis.similar.ground import ANN, planted, similar_in

pytestmark = pytest.mark.anyio


async def test_neighbours_of_a_track_are_of_its_kind(db: Database, tmp_path: Path) -> None:
    music = await planted(db)
    similar = similar_in(db, tmp_path)
    seed = music.tracks["jazz"][0]
    found = await similar.tracks(ANN, seed, 11, per_artist=0)
    assert {one.track_id for one in found} == set(music.tracks["jazz"]) - {seed}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert set(found[0].groups) == {"timbre", "rhythm", "harmony", "level"}


async def test_without_anything_heard_nothing_is_claimed(db: Database, tmp_path: Path) -> None:
    music = await planted(db, per_kind=4, vectors=False)
    with pytest.raises(NothingHeard):
        await similar_in(db, tmp_path).tracks(ANN, music.tracks["jazz"][0])
