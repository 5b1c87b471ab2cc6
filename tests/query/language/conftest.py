"""The small library that written queries are asked of."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.core.db import Database
from tests.query.language.shelf import Shelf, a_shelf


@pytest.fixture
async def shelf(db: Database, tmp_path: Path) -> Shelf:
    return await a_shelf(db, tmp_path)
