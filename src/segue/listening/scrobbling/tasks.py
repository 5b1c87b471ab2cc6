"""What scrobbling does in the background."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from segue.jobs import JobContext, Queue, RetryPolicy, Schedule, job
from segue.listening.scrobbling.loves import IMPORT_LOVES
from segue.listening.scrobbling.outbox import SEND
from segue.listening.scrobbling.service import ScrobblingService

QUEUE = Queue("scrobbling", concurrency=4)


class OneAccount(BaseModel):
    """Which linked account."""

    account: int


@job(
    SEND,
    queue=QUEUE.name,
    max_attempts=20,
    retry=RetryPolicy(base_s=30.0, cap_s=3600.0),
    timeout=timedelta(hours=2),
    params=OneAccount,
)
async def send(context: JobContext, params: OneAccount) -> None:
    """Tell one account what it is still to be told."""
    await context.service(ScrobblingService).send(context, params.account)


@job(IMPORT_LOVES, queue=QUEUE.name, max_attempts=5, params=OneAccount)
async def import_loves(context: JobContext, params: OneAccount) -> dict[str, Any]:
    """Make stars of what is loved at one account."""
    return await context.service(ScrobblingService).import_loves(context, params.account)


@job("scrobbling.sweep")
async def sweep(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Have queues sent that nobody sends."""
    return {"accounts": await context.service(ScrobblingService).sweep()}


@job("scrobbling.loves_round")
async def loves_round(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Have the loves imported of those who want it."""
    return {"accounts": await context.service(ScrobblingService).import_all_loves()}


every_quarter = Schedule(name="scrobbling.sweep", kind="scrobbling.sweep", cron="*/15 * * * *")
nightly = Schedule(name="scrobbling.loves_round", kind="scrobbling.loves_round", cron="5 5 * * *")
