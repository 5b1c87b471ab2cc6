"""Playlists in and out, as somebody who comes from another program asks for them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.api.quiet import is_quiet
from tests.waiting import wait_until


def steps(ask: Any, music: Path, scratch: Path) -> None:
    """Look at a file, choose, make a list of it, find what was not there, take everything along again."""
    track = ask.client.get("/api/v1/tracks", params={"limit": 1}).json()["items"][0]
    known = f"#EXTINF:{round(track['duration_ms'] / 1000)},{track['artist_display']} - {track['title']}\na.mp3\n"
    text = f"#EXTM3U\n#PLAYLIST:From elsewhere\n{known}#EXTINF:200,Nobody Known - Never Heard\nb.mp3\n".encode()
    sent = ask("playlists_import", text, name="elsewhere.m3u8", preview=True)
    ask("playlists_imports_list")
    ask("playlists_imports_get", id=sent["id"])
    ask("playlists_imports_rows", id=sent["id"], number=0)
    ask("playlists_imports_choose", {"track_id": None}, id=sent["id"], number=0, place=1)
    made = ask("playlists_imports_apply", {"again": "new"}, id=sent["id"])["lists"][0]["playlist_id"]
    row = ask("playlists_unmatched", id=made)["items"][0]["row_id"]
    ask("playlists_row_candidates", row=row)
    ask("playlists_match", id=made)
    ask("playlists_row_choose", {"track_id": track["id"]}, row=row)
    ask("playlists_export", id=made, format="m3u8")
    ask("playlists_export_all", format="xspf")
    ask("playlists_imports_discard", id=sent["id"])
    ask.client.delete(f"/api/v1/playlists/{made}")
    _among_the_music(ask, music, scratch)


def _among_the_music(ask: Any, music: Path, scratch: Path) -> None:
    """A playlist file in a library of its own, whose list somebody deletes."""

    shelf = scratch / "shelf with lists"
    shutil.copytree(music / "Far", shelf / "Far")
    file = shelf / "Far away.m3u8"
    file.write_text("#EXTM3U\nFar/nowhere.mp3\n", "utf-8")
    library = ask.client.post("/api/v1/libraries", json={"name": "With lists", "path": str(shelf)}).json()["id"]
    wait_until(lambda: is_quiet(ask))
    found = ask("playlists_files_list")["items"][0]
    ask.client.delete(f"/api/v1/playlists/{found['playlist_id']}")
    file.write_text("#EXTM3U\nFar/elsewhere.mp3\n", "utf-8")
    ask.client.post("/api/v1/scan", json={"library": library})
    wait_until(lambda: is_quiet(ask))
    ask("playlists_files_settle", {"keep": "list"}, file=found["id"])
    _written_over(ask, shelf, library)
    ask.client.delete(f"/api/v1/libraries/{library}", params={"confirm": "With lists"})
    wait_until(lambda: is_quiet(ask))


def _written_over(ask: Any, shelf: Path, library: str) -> None:
    """A playlist file that its list is written into, and that comes back."""
    ask.client.patch(f"/api/v1/libraries/{library}", json={"options": {"playlists": {"write_back": True}}})
    file = shelf / "Near.m3u8"
    for text in ("#EXTM3U\nFar/nowhere.mp3\n", "#EXTM3U\nFar/elsewhere.mp3\n"):
        file.write_text(text, "utf-8")
        ask.client.post("/api/v1/scan", json={"library": library})
        wait_until(lambda: is_quiet(ask))
        items = ask.client.get("/api/v1/playlists/files").json()["items"]
        found = next(one for one in items if one["path"] == file.name)
        if found["state"] == "in_step":
            ask.client.patch(f"/api/v1/playlists/{found['playlist_id']}", json={"name": "Nearer"})
    ask.client.post(f"/api/v1/playlists/files/{found['id']}/settle", json={"keep": "list"})
    assert file.read_text("utf-8") != text
    ask("playlists_files_restore", file=found["id"])
    assert file.read_text("utf-8") == text
