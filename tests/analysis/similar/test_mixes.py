"""Mixes of what sounds alike are made from what was analysed, and say so where nothing was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from segue.analysis.similar.keeper import SpaceKeeper
from segue.analysis.similar.service import SimilarService
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.library.fields import ENTITIES
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS as LISTENING_FIELDS
from segue.listening.service import ListeningService
from segue.listening.statistics.service import StatisticsService
from segue.playlists.generators.service import MixService
from segue.playlists.models import PlaylistMix
from segue.query import Entities
from tests.analysis.similar.ground import ANN, planted
from tests.playlists.ground import playlists_of

pytestmark = pytest.mark.anyio


async def test_a_mix_sounds_like_what_was_played_and_a_way_leads_on(db: Database, tmp_path: Path) -> None:
    music = await planted(db)
    library = LibraryService(db, Entities(ENTITIES).extended(LISTENING_FIELDS))
    listening = ListeningService(db, library)
    for track in (music.tracks["jazz"][0], music.tracks["techno"][0]):
        await listening.play(ANN, track, played_at=utc_now() - timedelta(days=2), client="test")
    mixes = MixService(db, library, StatisticsService(db, library), playlists_of(db, ANN))
    assert (await mixes.mix(ANN, "similar"))[0].reason[0] == "analysis_missing"

    again = MixService(db, library, StatisticsService(db, library), playlists_of(db, ANN))
    again.similar = SimilarService(db, library, SpaceKeeper(db, tmp_path))
    async with db.write() as tx:  # as on the day after
        await tx.execute(delete(PlaylistMix))
    view, rows = await again.mix(ANN, "similar")
    seed = view.reason[1]["title"].split()[0]
    assert seed in ("jazz", "techno")
    assert view.title == f"Sounds like {seed} song 0"
    assert {music.kind_of(row.track.id) for row in rows[:6]} == {seed}
    assert rows[0].reason[0] == "sounds_like"
    way, steps = await again.mix(ANN, "sonic-path")
    assert {steps[0].track.id, steps[-1].track.id} == {music.tracks["jazz"][0], music.tracks["techno"][0]}
    assert len(steps) > 2
    assert way.title.startswith("From ")
