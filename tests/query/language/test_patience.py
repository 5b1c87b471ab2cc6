"""A question that takes too long ends, and says so, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from segue.core.db import Database
from segue.query.errors import QueryTooSlow
from segue.query.patience import answering, patience_with

pytestmark = pytest.mark.anyio

ENDLESS = text(
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT (x + 1) % 1000 FROM n) SELECT count(*) FROM n WHERE x < 0"
)


async def test_a_question_that_takes_too_long_ends_and_says_so(db: Database) -> None:
    with pytest.raises(QueryTooSlow) as told:
        async with answering(db, 0.2) as conn:
            await conn.scalar(ENDLESS)
    assert told.value.code == "query_too_slow"
    assert told.value.params == {"seconds": 0.2}
    async with db.read() as conn:
        assert await conn.scalar(text("SELECT 1")) == 1


async def test_a_question_that_is_answered_in_time_is_not_disturbed(db: Database) -> None:
    async with answering(db, 30) as conn:
        assert await conn.scalar(text("SELECT 41 + 1")) == 42


async def test_the_limit_is_as_set_and_what_questions_took_is_counted(db: Database) -> None:
    patience = patience_with(db)
    patience.limit_s = 600
    async with answering(db) as conn:
        assert await conn.scalar(text("SELECT 41 + 1")) == 42
    patience.limit_s = 0.2
    with pytest.raises(QueryTooSlow):
        async with answering(db) as conn:
            await conn.scalar(ENDLESS)
    assert (patience.asked, patience.refused) == (2, 1)
    told = {sample.name: sample.value for metric in await patience.metrics() for sample in metric.samples}
    assert told["segue_query_seconds_count"] == 2
    assert told["segue_queries_refused_total"] == 1
