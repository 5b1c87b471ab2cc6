"""A small library, two people, and the services that bring playlists in and out."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.core.db import Database
from tests.playlists.exchange.ground import Ground, make_ground


@pytest.fixture
async def ground(db: Database, tmp_path: Path) -> Ground:
    return await make_ground(db, tmp_path)
