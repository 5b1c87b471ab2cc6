"""Durable background work: jobs are rows, workers lease them, and what a killed worker began goes on elsewhere.

Declare a kind with `@job`, put one in a queue with `JobService.enqueue` inside the transaction that wants it done, and
run `run_worker` anywhere. docs/developers/jobs.md has the whole picture.
"""

from segue.jobs.backoff import RetryPolicy
from segue.jobs.context import JobContext
from segue.jobs.errors import Cancelled, Failed, LeaseLost, Stopping
from segue.jobs.registry import JobKind, Queue, Registry, Schedule, job
from segue.jobs.service import JobService

__all__ = [
    "Cancelled",
    "Failed",
    "JobContext",
    "JobKind",
    "JobService",
    "LeaseLost",
    "Queue",
    "Registry",
    "RetryPolicy",
    "Schedule",
    "Stopping",
    "job",
]
