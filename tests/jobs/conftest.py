"""Tests of jobs need the tables of jobs only, which are made much sooner than all of Segue's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from segue.core.db import Database
from tests.jobs.ground import jobs_database


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    async with jobs_database(db_url) as database:
        yield database
