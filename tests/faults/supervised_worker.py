"""A worker process as `segue serve` starts it, for the supervisor's tests. Arguments: database URL, search path or ""."""

from __future__ import annotations

import asyncio
import sys

from segue.jobs.child import stop_when_told, supervised_worker_id
from segue.jobs.worker import WorkerSettings, run_worker
from tests.faults import jobs_nursery as nursery


async def main() -> None:
    url, search_path = sys.argv[1:3]
    db, registry, stop = nursery.open_database(url, search_path or None), nursery.registry(), asyncio.Event()
    stop_when_told(stop, registry.wakeups)
    settings = WorkerSettings(lease_s=600, poll_s=3600 if "slow" in sys.argv else 0.1, stop_grace_s=2)
    await run_worker(db, registry, stop=stop, settings=settings, worker_id=supervised_worker_id())
    await db.close()


asyncio.run(main())
