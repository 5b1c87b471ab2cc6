"""A small collection in two libraries, and people who may see both, one or none."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bench.collection import Collection, fill
from segue.core.access import Actor
from segue.core.db import Database
from segue.library.fields import ENTITIES
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS
from segue.query import Entities

ANN = Actor(1, "ann", libraries=None)
BOB = Actor(2, "bob", libraries=frozenset({1}))
NOBODY = Actor(3, "nobody", libraries=frozenset())


@dataclass
class House:
    db: Database
    library: LibraryService
    collection: Collection


@pytest.fixture
async def house(db: Database) -> House:
    """60 albums of 4 tracks by 15 artists, written by a fixed seed; Ann (user 1) has stars, ratings and plays."""
    collection = await fill(db, albums=60, tracks_per_album=4, libraries=2, marked=0.4, seed=7)
    return House(db, LibraryService(db, Entities(ENTITIES).extended(FIELDS)), collection)
