"""Pictures, lyrics and chapters, as somebody who is particular about their music would come to ask for them."""

from __future__ import annotations

from typing import Any

from tests.library.media import png

SONG = "[00:01.00]<00:01.00>Far <00:01.50>away\n[00:03.00]<00:03.00>and <00:03.40>back"


def steps(ask: Any) -> None:
    """Look at what there is, choose, upload, give back; write lyrics and forget them."""
    album = ask.client.get("/api/v1/albums", params={"has": "artwork", "limit": 1}).json()["items"]
    album = album or ask.client.get("/api/v1/albums", params={"limit": 1}).json()["items"]
    page = ask.client.get(f"/api/v1/albums/{album[0]['id']}").json()
    things = {
        "albums": page["id"],
        "artists": page["artists"][0]["artist"]["id"],
        "tracks": page["discs"][0]["tracks"][0]["id"],
    }
    for plural, thing in things.items():
        ask(f"{plural}_artwork_upload", png(96, 96, (30, 120, 200)), id=thing)
        found = ask(f"{plural}_artwork_get", id=thing)
        mine = next(one["candidate"] for one in found["candidates"] if one["won"])
        ask(f"{plural}_artwork_preview", id=thing, candidate=mine, size=128)
        ask(f"{plural}_artwork_choose", {"candidate": mine}, id=thing)
        ask(f"{plural}_artwork_delete", id=thing)
    ask("tracks_lyrics_write", {"text": SONG, "format": "lrc", "language": "en"}, id=things["tracks"])
    ask("tracks_lyrics_get", id=things["tracks"])
    ask("tracks_lyrics_forget", id=things["tracks"], language="en")
    ask("tracks_chapters_get", id=things["tracks"])
