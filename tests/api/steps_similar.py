"""What sounds alike, as somebody asks for it once their music was listened to."""

from __future__ import annotations

import random
import sqlite3
import struct
from pathlib import Path
from typing import Any

from segue.analysis.timbre.layout import SIZE
from tests.waiting import wait_until


def steps(ask: Any, data: Path) -> None:
    """Ask what is like a track, for a way, a map and groups, once everything in the data folder `data` was heard."""
    tracks = ask.client.get("/api/v1/tracks", params={"limit": 60, "has": "artist"}).json()["items"]
    tracks.sort(key=lambda track: int(track["id"][3:]))
    _hear(data / "segue.db", [int(track["id"][3:]) for track in tracks])
    ask("similar_space")
    first = tracks[0]
    last = next(track for track in reversed(tracks) if track["album"]["id"] != first["album"]["id"])
    wait_until(lambda: ask.client.get("/api/v1/analysis/similar/tracks", params={"id": first["id"]}).status_code == 200)
    ask("similar_tracks", id=first["id"], limit=2)
    ask("similar_albums", id=first["album"]["id"], limit=2)
    ask("similar_artists", id=first["artists"][0]["artist"]["id"], limit=2)
    ask("similar_path", **{"from": first["id"], "to": last["id"], "length": 3})
    ask("similar_blend", {"more": [first["id"]], "less": [last["id"]], "amount": 0.3, "limit": 2})
    ask("similar_votes", id=first["id"])
    ask.client.post("/api/v1/plays", json={"track": first["id"], "client": "Web player"})
    ask("similar_profile", limit=2)
    job = ask("similar_map_make")["job"]
    wait_until(lambda: ask.client.get(f"/api/v1/jobs/{job}").json()["state"] in ("done", "failed"))
    view = ask("similar_map", most=4)
    ask("similar_map_near", x=view["x"][0], y=view["y"][0], limit=2)
    group = ask("similar_clusters")["items"][0]["id"]
    ask("similar_cluster_tracks", number=group, limit=2)


def _hear(database: Path, tracks: list[int]) -> None:
    """Give tracks that were not heard an embedding by chance: what the golden library plays is too short to differ."""
    chance = random.Random(7)
    with sqlite3.connect(database, timeout=60) as db:
        for track in tracks:
            found = db.execute("SELECT sound_id FROM analysis_tracks WHERE track_id = ?", (track,)).fetchone()
            sound = found[0] if found else None
            if sound is None:
                key = f"planted {track}".encode()
                values = (key, "done", "2026-01-02 03:04:05")
                made = db.execute("INSERT INTO analysis_sounds (key, state, asked_at) VALUES (?, ?, ?)", values)
                sound = made.lastrowid
                db.execute("INSERT INTO analysis_tracks (track_id, sound_id) VALUES (?, ?)", (track, sound))
            kind = random.Random(track % 3)
            vector = struct.pack(f"<{SIZE}f", *(chance.gauss(0, 1) + kind.gauss(0, 2) for _ in range(SIZE)))
            db.execute("INSERT OR REPLACE INTO analysis_vectors VALUES (?, 1, ?)", (sound, vector))
    db.close()
