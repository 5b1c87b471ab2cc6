"""The rules for tags and inspection, as somebody who wonders about a name would come to ask."""

from __future__ import annotations

from typing import Any

from tests.e2e.running import wait_until

OWN = "split:\n  artist: {add: [' & ']}\nown:\n  taper: TAPER\n"


def steps(ask: Any) -> None:
    """See why a track, its file, its album and its artist are what they are; try rules, keep them, and go back."""
    track = ask.client.get("/api/v1/tracks?sort=title&limit=1").json()["items"][0]
    ask("tracks_inspect_get", id=track["id"])
    ask("files_inspect_get", id=track["file"]["id"])
    ask("albums_inspect_get", id=track["album"]["id"])
    ask("artists_inspect_get", id=track["artists"][0]["artist"]["id"])
    ask("tag_rules_preview", {"rules": OWN, "sample": 100})
    _settled(ask, ask("tag_rules_put", {"rules": OWN}))
    ask("tag_rules_get")
    ask("tag_rules_apply")
    _settled(ask, ask("tag_rules_delete"))


def _settled(ask: Any, answer: dict[str, Any]) -> None:
    if answer["job"] is not None:
        wait_until(lambda: ask.client.get(f"/api/v1/jobs/{answer['job']}").json()["state"] == "done")
