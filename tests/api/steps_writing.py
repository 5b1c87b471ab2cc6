"""Edits into files, and an album through the inbox, as somebody who keeps files in order would come to ask."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.e2e.running import wait_until


def steps(ask: Any, music: Path, scratch: Path) -> None:
    """Write an edit into its files and take it back; let an album in and out again."""
    library = ask.client.get("/api/v1/libraries").json()["items"][0]["id"]
    _write(ask, library)
    _let_in(ask, library, music, scratch)
    ask.client.patch(f"/api/v1/libraries/{library}", json={"options": {"write_tags": None, "inbox": None}})


def _write(ask: Any, library: str) -> None:
    track = ask.client.get("/api/v1/tracks?format=flac&limit=1").json()["items"][0]["id"]
    edit = ask.client.patch(f"/api/v1/tracks/{track}", json={"set": {"comment": "Bought in Prague"}}).json()["edit"]
    ask.client.patch(f"/api/v1/libraries/{library}", json={"options": {"write_tags": True}}).raise_for_status()
    ask.client.post("/api/v1/tag-writes", json={"targets": [track], "dry_run": True}).raise_for_status()
    started = ask("tag_writes_create", {"targets": [track]})
    _done(ask, started["job"])
    ask("tag_writes_get", id=started["id"])
    ask("tag_writes_files_list", id=started["id"])
    ask("tag_writes_list", limit=2)
    _done(ask, ask("tag_writes_undo", id=started["id"])["job"])
    ask.client.patch(f"/api/v1/libraries/{library}", json={"options": {"write_tags": False}}).raise_for_status()
    ask.client.post(f"/api/v1/edits/{edit}/undo").raise_for_status()


def _let_in(ask: Any, library: str, music: Path, scratch: Path) -> None:
    inbox = scratch / "inbox"
    source = next(path for path in sorted(music.rglob("*.flac")))
    (inbox / "New").mkdir(parents=True)
    shutil.copy(source, inbox / "New" / source.name)
    options = {"inbox": {"path": str(inbox), "settle_s": 0}}
    ask.client.patch(f"/api/v1/libraries/{library}", json={"options": options}).raise_for_status()
    ask("path_templates_fields")
    ask("path_templates_preview", template="{album_artist}/{album}/{track:02} {title}")
    ask("inboxes_list")
    _done(ask, ask("inbox_look", {"library": library})["job"])
    item = ask("inbox_list", library=library)["items"][0]["id"]
    ask("inbox_get", id=item)
    ask("inbox_update", {"album": {"title": "Found again"}, "template": "{album}/{track:02} {title}"}, id=item)
    ask("inbox_reject", id=item)
    _done(ask, ask("inbox_recheck", id=item)["job"])
    _done(ask, ask("inbox_approve", id=item)["job"])
    _scanned(ask)
    _done(ask, ask("inbox_undo", id=item)["job"])
    _scanned(ask)


def _done(ask: Any, job: str) -> None:
    wait_until(lambda: ask.client.get(f"/api/v1/jobs/{job}").json()["state"] in ("done", "failed"))
    found = ask.client.get(f"/api/v1/jobs/{job}").json()
    assert found["state"] == "done", found


def _scanned(ask: Any) -> None:
    wait_until(lambda: not ask.client.get("/api/v1/scan").json()["scanning"])
