"""Names of live music complete what somebody writes."""

from __future__ import annotations

import pytest

from segue.core.db import Database
from segue.live.fields import ENTITIES
from segue.live.names import LiveNames
from segue.query import Entities
from segue.query.service import QueryService
from tests.live.house import ANN, LANTERNS, OWLS, fill
from tests.live.songs.ground import Show, play

pytestmark = pytest.mark.anyio


@pytest.fixture
async def service(db: Database) -> QueryService:
    await fill(db)
    await play(db, [Show("1977-05-07", ("Bertha, Ripple, Dark Star",)), Show("1977-05-08", ("Ripple",))])
    return QueryService(db, Entities(ENTITIES), LiveNames(db))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("artist:lan", [f'"{LANTERNS}"']),
        ("artist:the ni", []),
        ('artist:"the ni', [f'"{OWLS}"']),
        ("venue:mill", ['"Mill Theatre"']),
        ("taper:tom", ['"Tom Birch"']),
        ("taper:zz", []),
        ("song:r", ['"Ripple"', '"Bertha"', '"Dark Star"']),
        ('"Dark Star" > rip', ['"Ripple"']),
        ("song:dark", ['"Dark Star"']),
    ],
)
async def test_bands_venues_tapers_and_songs_are_completed(service: QueryService, text: str, found: list[str]) -> None:
    values = [one.text for one in await service.suggest("concerts", text, None, ANN) if one.kind == "value"]
    assert values == found
