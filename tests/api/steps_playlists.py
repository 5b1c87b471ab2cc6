"""Playlists of every kind, as somebody who makes many of them would come to ask for them."""

from __future__ import annotations

from typing import Any

from tests.library.media import png


def steps(ask: Any) -> None:
    """Put a list together, change it and take it back, share it, fill one by a query, keep a mix."""
    tracks = [track["id"] for track in ask.client.get("/api/v1/tracks", params={"limit": 4}).json()["items"]]
    folder = ask("playlists_folders_create", {"name": "Evenings"})["id"]
    ask("playlists_folders_update", {"name": "Late evenings", "parent_id": None}, id=folder)
    made = ask.client.post("/api/v1/playlists", json={"name": "By the window", "tracks": tracks[:3]}).json()
    id = made["id"]
    rows = [row["id"] for row in made["rows"]]
    ask("playlists_folder_set", {"folder_id": folder}, id=id)
    ask("playlists_folders_list")
    ask("playlists_rows_list", id=id, limit=2)
    ask("playlists_rows_move", {"rows": [rows[2]], "before": rows[0]}, id=id)
    ask("playlists_rows_update", {"comment": "Starts with rain."}, id=id, row=rows[1])
    ask("playlists_rows_remove", {"rows": [rows[0]]}, id=id)
    ask("playlists_undo", {}, id=id)
    ask("playlists_rows_replace", {"tracks": tracks[:2]}, id=id)
    ask("playlists_history_list", id=id, limit=3)
    ask("playlists_cover_upload", png(96, 96, (120, 30, 60)), id=id)
    ask("playlists_cover_get", id=id, size=64)
    ask("playlists_cover_choose", {"kind": "contents"}, id=id)
    _share(ask, id)
    _fill(ask)
    ask("playlists_folders_delete", id=folder)
    ask.client.delete(f"/api/v1/playlists/{id}")


def _share(ask: Any, id: str) -> None:
    person = {"username": "mira", "password": "a long enough password"}
    user = ask.client.post("/api/v1/users", json=person).json()["id"]
    ask("playlists_collaborators_set", {"people": [{"person": "mira", "role": "editor"}]}, id=id)
    ask("playlists_collaborators_list", id=id)
    given = ask.client.post("/api/v1/playlists", json={"name": "For mira"}).json()["id"]
    ask("playlists_owner_set", {"person": "mira", "keep_editing": False}, id=given)
    ask.client.delete(f"/api/v1/users/{user}")


def _fill(ask: Any) -> None:
    query = "year:1970.. sort:-added limit:100"
    ask("playlists_preview", {"query": query, "limit": 2})
    smart = ask.client.post("/api/v1/playlists", json={"name": "Newest", "query": query}).json()["id"]
    ask("playlists_freeze", {}, id=smart)
    ask.client.delete(f"/api/v1/playlists/{smart}")
    mixes = ask("mixes_list")["items"]
    full = next(mix["kind"] for mix in mixes if mix["available"])
    ask("mixes_get", kind=full)
    kept = ask("mixes_save", {"name": "Kept from today"}, kind=full)
    ask.client.delete(f"/api/v1/playlists/{kept['id']}")
