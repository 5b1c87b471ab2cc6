"""What a supervisor does when its worker has died: it says so, and the jobs go on at once."""

from __future__ import annotations

from segue.jobs import JobService


async def all_died(jobs: JobService) -> None:
    """Say of every worker that is listed that it has died. That leases run out where nobody says so, the tests of jobs show."""
    for worker in await jobs.workers():
        await jobs.worker_died(worker.id)
