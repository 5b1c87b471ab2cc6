"""What is there twice, as somebody with two copies of an album would come to ask."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.e2e.running import wait_until


def steps(ask: Any, music: Path) -> None:
    """Find, merge, part, dismiss: with a second copy of some music, which goes again in the end."""
    shutil.copytree(music / "Far", music / "Far, again")
    _scan(ask)
    job = ask("duplicates_find", {"anew": True})["job"]
    wait_until(lambda: ask.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
    group = ask("duplicates_list", limit=1)["items"][0]
    ask("duplicates_get", id=group["id"])
    keep, other = (member["track"]["id"] for member in group["members"][:2])
    ask("tracks_merge", {"keep": keep, "others": [other]})
    ask("tracks_merged_list", id=keep)
    ask("tracks_part", id=other)
    job = ask.client.post("/api/v1/duplicates/find").json()["job"]
    wait_until(lambda: ask.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
    again = ask.client.get("/api/v1/duplicates").json()["items"]
    same = next(one for one in again if {keep, other} <= {member["track"]["id"] for member in one["members"]})
    ask("duplicates_dismiss", {"tracks": [other]}, id=same["id"])
    ask("duplicates_dismissed_list")
    ask("duplicates_dismissed_delete", first=keep, second=other)
    shutil.rmtree(music / "Far, again")
    ask.client.post("/api/v1/scan", json={"accept_missing": True})
    wait_until(lambda: not ask.client.get("/api/v1/scan").json()["scanning"])


def _scan(ask: Any) -> None:
    ask.client.post("/api/v1/scan", json={})
    wait_until(lambda: not ask.client.get("/api/v1/scan").json()["scanning"])
