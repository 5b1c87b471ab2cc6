"""A band with a few evenings, and the service of its songs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from segue.core.db import Database
from segue.jobs import JobService, Registry
from segue.live import tasks
from segue.live.fields import ENTITIES
from segue.live.songs.service import SongService
from segue.query import Entities
from tests.live.songs.ground import Show, play, songs_of

SHOWS = (
    Show("1976-06-01", ("Bertha > Ripple, Althea", "Dark Star > Space > Dark Star", "E:Ripple")),
    Show("1977-05-07", ("Bertha, Ripple", "Althea > Dark Star")),
    Show("1977-05-08", ("S:Space", "Ripple > Bertha", "Dark Star")),
    Show("1977-05-09", ("Bertha > Ripple",)),
    Show("1978-01-01", ("Althea", "Space", "E:Bertha")),
)


@dataclass
class Band:
    db: Database
    service: SongService
    artist: int
    concerts: dict[Show, int]

    async def song(self, name: str) -> int:
        return int((await songs_of(self.db, self.artist))[name].id)


@pytest.fixture
async def band(db: Database) -> Band:
    artist, concerts = await play(db, SHOWS)
    service = SongService(db, Entities(ENTITIES), JobService(db, Registry().add(tasks)))
    return Band(db, service, artist, concerts)
