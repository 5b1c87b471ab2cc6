"""How long a question may take: a read that ends in QueryTooSlow instead of holding a reader for minutes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Database
from segue.core.reading import TookTooLong
from segue.query.errors import QueryTooSlow

PATIENCE_S = 20.0
"""Seconds that somebody's own question may take. Pages of lists take thousandths of it; on a million tracks a pattern that
no index helps takes one or two."""


@asynccontextmanager
async def answering(db: Database, within_s: float = PATIENCE_S) -> AsyncIterator[AsyncConnection]:
    """A reader for a question that a person wrote. Raises QueryTooSlow where it takes longer."""
    try:
        async with db.read(within_s) as conn:
            yield conn
    except TookTooLong as error:
        raise QueryTooSlow(error.seconds) from error
