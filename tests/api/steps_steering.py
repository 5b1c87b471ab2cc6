"""Steps of the journey that steer scans: options, pauses, giving up, purging."""

from __future__ import annotations

from typing import Any


def steps(ask: Any) -> None:
    """Every operation around scans, on the first library."""
    library = ask.client.get("/api/v1/libraries").json()["items"][0]
    options = {"guard_share": 0.2, "schedule": "30 3 * * *"}
    ask.client.patch(f"/api/v1/libraries/{library['id']}", json={"options": options})
    ask("libraries_get", id=library["id"])
    back = dict.fromkeys(options)
    ask.client.patch(f"/api/v1/libraries/{library['id']}", json={"options": back})
    ask("scan_pause", {"library": library["id"]})
    ask.client.post("/api/v1/scan", json={"library": library["id"]})
    ask("scan_resume", {"library": library["id"]})
    ask("scan_cancel", {"library": library["id"]})
    ask("libraries_purge", {"older_than_days": 30, "dry_run": True}, id=library["id"])
