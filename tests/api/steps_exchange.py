"""Playlists in and out, as somebody who comes from another program asks for them."""

from __future__ import annotations

from typing import Any


def steps(ask: Any) -> None:
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
    ask("playlists_match", {}, id=made)
    ask("playlists_row_choose", {"track_id": track["id"]}, row=row)
    ask("playlists_export", id=made, format="m3u8")
    ask("playlists_export_all", format="xspf")
    ask("playlists_imports_discard", id=sent["id"])
    ask.client.delete(f"/api/v1/playlists/{made}")
