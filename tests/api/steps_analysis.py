"""What music sounds like, as somebody would come to ask for it: one track and one file are listened to for this."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from segue.analysis.service import AnalysisService
from tests.api.in_process import House
from tests.e2e.running import wait_until


def steps(ask: Any, house: House) -> None:
    """Ask for a track, look at what was heard, say it better, send a file, see how far it all is."""
    with listening(house):
        track = steps_tracks(ask)
        steps_requests(ask, track)
        steps_all(ask)


@contextmanager
def listening(house: House) -> Iterator[None]:
    """Has this Segue listen while the block runs."""
    ground = house.segue.services.get(AnalysisService).ground
    usual = ground.settings
    settings = usual()
    changed = settings.model_copy(update={"analysis": settings.analysis.model_copy(update={"enabled": True})})
    ground.settings = lambda: changed
    try:
        yield
    finally:
        ground.settings = usual


def steps_tracks(ask: Any) -> str:
    """What is known of a track, and what a person makes of it."""
    track = ask.client.get("/api/v1/tracks?sort=-duration&limit=1").json()["items"][0]["id"]
    request = ask("analysis_ask", {"track": track})
    wait_until(lambda: _state(ask, request["id"]) in ("done", "failed"))
    found = ask("analysis_tracks_get", id=track)
    assert found["state"] == "done", found["reason"]
    ask("analysis_tracks_list", ids=track)
    ask("analysis_tracks_waveform", id=track, pixels=24)
    ask("analysis_tracks_loudness", id=track)
    said = ask("analysis_tracks_update", {"bpm": 96.0, "key": "8A", "intro_end_ms": 100}, id=track)
    ask("analysis_tracks_undo", id=track)
    ask("analysis_tracks_beats", id=track)
    ask.client.post(f"/api/v1/edits/{said['edit']}/undo").raise_for_status()
    ask("analysis_tracks_again", id=track)
    wait_until(lambda: ask.client.get(f"/api/v1/analysis/tracks/{track}").json()["state"] == "done")
    return str(track)


def steps_requests(ask: Any, track: str) -> None:
    """A file that is in no library."""
    data = ask.client.get(f"/api/v1/tracks/{track}/stream").content
    sent = ask.client.post("/api/v1/analysis?name=song", content=data[: len(data) // 2]).json()
    wait_until(lambda: _state(ask, sent["id"]) in ("done", "failed"))
    ask("analysis_requests_list", limit=2)
    ask("analysis_requests_get", id=sent["id"])
    ask("analysis_requests_delete", id=sent["id"])


def steps_all(ask: Any) -> None:
    """How far it is, over everything."""
    ask("analysis_look")
    ask("analysis_status")
    ask("analysis_failed_list")
    ask("analysis_failed_again")
    ask("analysis_again", {"which": "outdated"})
    ask("analysis_export", q="analysis:done")


def _state(ask: Any, request: str) -> str:
    return str(ask.client.get(f"/api/v1/analysis/requests/{request}").json()["state"])
