"""What counts how much is a setting, and a change of it puts recordings in another order."""

from __future__ import annotations

from dataclasses import fields

import pytest
from sqlalchemy import select

from segue.core.db import Database
from segue.live.mirror import regroup_marked
from segue.live.models import LiveConcertRecording, LiveRecording, LiveRegroup
from segue.live.ranking import USUAL, Weights
from segue.settings import LiveRankingSettings
from tests.live.house import TAPES, fill, live_in

pytestmark = pytest.mark.anyio


def test_the_settings_are_the_usual_weights_as_they_come() -> None:
    given = LiveRankingSettings().model_dump()
    assert set(given) <= {field.name for field in fields(Weights)}
    assert Weights(**given) == USUAL


async def order(db: Database) -> list[str]:
    """The types of sources of the one concert there is, best first."""
    asked = select(LiveRecording.source_type).join(LiveConcertRecording).order_by(LiveConcertRecording.rank)
    async with db.read() as conn:
        return [row[0] for row in await conn.execute(asked)]


async def test_other_weights_put_recordings_in_another_order(db: Database) -> None:
    live = live_in(db)
    await fill(db, TAPES[:2])
    assert await order(db) == ["SBD", "AUD"]
    live.weights = lambda: Weights(source_order=("AUD", "SBD"), rating=0)
    await live.rank_anew()
    async with db.read() as conn:
        assert [row[0] for row in await conn.execute(select(LiveRegroup.date))] == [""]
    await regroup_marked(db, weights=live.weights())
    assert await order(db) == ["AUD", "SBD"]
