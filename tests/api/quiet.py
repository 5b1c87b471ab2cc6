"""Whether a Segue has done what it was asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def is_quiet(ask: Any) -> bool:
    """Whether no scan is wanted and no job runs or is due; one that is put off, such as a file that is written once its list
    has been left alone for a while, is not waited for."""
    active = ask.client.get("/api/v1/jobs", params={"state": "queued,running", "limit": 200}).json()["items"]
    now = datetime.now(UTC)
    due = [job for job in active if job["state"] == "running" or datetime.fromisoformat(job["run_at"]) <= now]
    return not due and not ask.client.get("/api/v1/scan").json()["scanning"]
