"""What mixes with what, as somebody who puts a set together would come to ask."""

from __future__ import annotations

from typing import Any


def steps(ask: Any) -> None:
    """Say tempo and key of two tracks, look how they go together, have a set made of everything; take it back."""
    first, second = (track["id"] for track in ask.client.get("/api/v1/tracks", params={"limit": 2}).json()["items"])
    edits = [
        ask.client.patch(f"/api/v1/tracks/{id}", json={"set": {"bpm": bpm, "key": key}}).json()["edit"]
        for id, bpm, key in ((first, 124, "Am"), (second, 126, "Em"))
    ]
    ask("analysis_transition", **{"from": first, "to": second})
    ask("analysis_tracks_mixes_with", id=first, limit=2)
    ask("analysis_tracks_cues", id=first)
    pool = {"tracks": [first, second], "q": "duration:>0"}
    ask("analysis_sets_make", {"pool": pool, "length": 3, "curve": "build", "start": first, "key_lock": False})
    for edit in reversed(edits):
        ask.client.post(f"/api/v1/edits/{edit}/undo")
