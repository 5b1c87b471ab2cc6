"""What accounts do in the background: forget sessions that ended and audit entries past their time, every night."""

from __future__ import annotations

from typing import Any

from segue.accounts.service import AccountService
from segue.jobs import JobContext, Schedule, job


@job("accounts.housekeeping")
async def housekeeping(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Delete what is past its time; how many sessions and audit entries went."""
    return dict(await context.service(AccountService).purge())


nightly = Schedule(name="accounts.housekeeping", kind="accounts.housekeeping", cron="17 4 * * *")
