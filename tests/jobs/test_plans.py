"""Looking for work costs the same with a hundred thousand old jobs as with none: every question of a worker has its index."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import event

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.jobs import leases, repository
from segue.jobs.leases import Room

pytestmark = pytest.mark.anyio


@pytest.fixture
def db_kind() -> str:
    return "sqlite"


@asynccontextmanager
async def plans(db: Database) -> AsyncIterator[list[str]]:
    """The steps of the query plans of all that is asked in the block."""
    found: list[str] = []
    asking = False

    def explain(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        nonlocal asking
        if asking or not statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            return
        asking = True
        try:
            rows = conn.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
            found.extend(row[3] for row in rows)
        finally:
            asking = False

    engine = db._reader.sync_engine
    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", explain)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda conn: leases.any_ready(conn, utc_now()), "ix_jobs_due"),
        (lambda conn: leases.choose(conn, [Room("a", 4), Room("b", 4)], ["x", "y"], 4, utc_now()), "ix_jobs_ready"),
        (lambda conn: leases.rooms(conn, ["a", "b"], 4, utc_now()), "ix_jobs_running"),
        (lambda conn: leases.any_expired(conn, utc_now()), "ix_jobs_running"),
        (lambda conn: repository.active_with_key(conn, "k"), "uq_jobs_dedup_key"),
        (lambda conn: repository.page(conn, states=["failed"]), "ix_jobs_ended"),
        (lambda conn: repository.page(conn, states=["done", "failed"], kinds=["x"]), "ix_jobs_"),
        (lambda conn: repository.page(conn, kinds=["x"]), "ix_jobs_kind"),
        (lambda conn: repository.page(conn, created_by=3), "ix_jobs_created_by"),
        (lambda conn: repository.depths(conn, utc_now()), "ix_jobs_"),
    ],
)
async def test_a_question_uses_its_index(db: Database, ask: Callable[[Any], Awaitable[Any]], index: str) -> None:
    async with plans(db) as found, db.read() as conn:
        await ask(conn)
    on_jobs = [step for step in found if " jobs" in step]
    assert on_jobs
    assert all(f"INDEX {index}" in step for step in on_jobs), on_jobs
