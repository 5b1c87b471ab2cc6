"""A history from elsewhere, brought in and taken back, as somebody who moves here would come to ask."""

from __future__ import annotations

import json
from typing import Any

from segue.emulator.lastfm import API_KEY, SECRET
from segue.emulator.serving import running
from segue.metadata.providers.lastfm import LastfmKeys
from segue.metadata.service import MetadataService
from tests.api.in_process import House
from tests.e2e.running import wait_until


def steps(ask: Any, house: House) -> None:
    """Upload listens of a track that is here and of one that is not, with a row that is broken."""
    track = ask.client.get("/api/v1/tracks?limit=1").json()["items"][0]
    known = {
        "track_name": track["title"],
        "artist_name": track["artist_display"],
        "release_name": track["album"]["title"],
    }
    unknown = {"track_name": "Far Away", "artist_name": "Nobody Here", "release_name": "Elsewhere"}
    rows = [
        {"listened_at": 1_588_334_400 + 3_600 * n, "track_metadata": meta} for n, meta in enumerate((known, unknown))
    ]
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows) + b"{broken\n"
    number = ask("imports_upload", data, name="listens.jsonl")["id"]
    _wait(ask, number, "ready")
    ask("imports_get", id=number)
    ask("imports_start", {}, id=number)
    _wait(ask, number, "done")
    ask("imports_list", limit=2)
    ask("imports_unmatched", id=number, limit=2)
    ask("imports_problems", id=number, limit=2)
    ask("imports_undo", id=number)
    _wait(ask, number, "undone")
    metadata = house.segue.services.get(MetadataService)
    with running() as (emulator, url):
        emulator.lastfm.limit.count = 0
        keys = metadata.lastfm._keys
        given = LastfmKeys(API_KEY, SECRET, f"{url}/lastfm/2.0/", f"{url}/lastfm/api/auth/")
        metadata.lastfm._keys = lambda: given
        try:
            fetched = ask("imports_lastfm", {"account": "ann"})["id"]
            ask("imports_stop", id=fetched)
            _wait(ask, fetched, "failed")
        finally:
            metadata.lastfm._keys = keys
    ask("imports_delete", id=number)


def _wait(ask: Any, number: str, state: str) -> None:
    wait_until(lambda: ask.client.get(f"/api/v1/imports/{number}").json()["state"] == state)
