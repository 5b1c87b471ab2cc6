"""Decisions about albums, previews of scans, journals and undo, as a person would come to ask for them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.api.quiet import is_quiet
from tests.waiting import wait_until


def steps(ask: Any, music: Path, scratch: Path) -> None:
    """Over a library of their own, so that nothing of this shows elsewhere."""

    shelf = scratch / "shelf to sort"
    shutil.copytree(music / "Far", shelf / "Far")
    library = ask.client.post("/api/v1/libraries", json={"name": "To sort", "path": str(shelf)}).json()["id"]
    wait_until(lambda: is_quiet(ask))
    ask("grouping_rules_list")
    albums = ask.client.get("/api/v1/albums", params={"library": library}).json()["items"]
    album = max(albums, key=lambda one: one["track_count"])["id"]
    tracks = [row["id"] for row in ask.client.get("/api/v1/tracks", params={"album": album}).json()["items"]]
    taken = ask("albums_split", {"tracks": tracks[:1]}, id=album)
    made = next(one["id"] for one in taken["effect"]["albums"] if one["id"] != album)
    ask("albums_move_tracks", {"tracks": tracks[1:2], "dry_run": True}, id=made)
    ask("albums_merge", {"from": [made], "dry_run": True}, id=album)
    ask("grouping_overrides_list", limit=2)
    ask("grouping_overrides_delete", id=taken["override"])
    root = ask.client.get("/api/v1/folders", params={"library": library, "has": "-parent"}).json()["items"][0]["id"]
    ask("grouping_overrides_create", {"folder": root, "decision": "each_folder", "dry_run": True})
    extra = next(
        path for path in shelf.rglob("*") if path.is_file() and path.suffix in (".flac", ".mp3", ".ogg", ".m4a")
    )
    shutil.copy(extra, extra.with_name(f"again {extra.name}"))
    preview = ask("scan_previews_create", {"library": library})["id"]
    wait_until(lambda: is_quiet(ask))
    ask("scan_previews_get", id=preview)
    ask("scan_previews_changes", id=preview, kind="new", limit=2)
    ask.client.post("/api/v1/scan", json={"library": library})
    wait_until(lambda: is_quiet(ask))
    journals = ask("scan_journals_list", limit=2)["items"]
    ask("scan_journals_undo", id=next(row["id"] for row in journals if row["library"] == library))
    wait_until(lambda: is_quiet(ask))
    ask("libraries_go_on", id=library)
    ask.client.delete(f"/api/v1/libraries/{library}", params={"confirm": "To sort"})
    wait_until(lambda: is_quiet(ask))
