"""The catalogue, as somebody would come to it who has one made of their own music."""

from __future__ import annotations

from typing import Any

from tests.e2e.running import wait_until

ISRC, BARCODE = "GBAYE0601498", "5099902894225"


def steps(ask: Any) -> None:
    """Have a catalogue built, look things up in it, search it, and see what the library is in it."""
    _look_up(ask, _built(ask))
    _follow_links(ask)
    _add(ask)
    _update(ask)


def _built(ask: Any) -> str:
    track = _track(ask)
    ask.client.patch(f"/api/v1/tracks/{track['id']}", json={"set": {"isrcs": [ISRC]}})
    ask.client.patch(f"/api/v1/albums/{track['album']['id']}", json={"set": {"barcode": BARCODE}})
    job = ask("catalog_build", {"source": "library", "trigram": True})["job"]
    _done(ask, job)
    wait_until(lambda: ask.client.get("/api/v1/catalog/status").json()["snapshot"] is not None)
    return str(ask("catalog_status_get")["snapshot"]["namespace"])


def _look_up(ask: Any, namespace: str) -> None:
    track = _track(ask)
    album, artist = track["album"]["id"], track["artists"][0]["artist"]["id"]
    ask("catalog_tracks_get", id=f"{namespace}:track:{track['id']}")
    ask("catalog_albums_get", id=f"{namespace}:album:{album}")
    ask("catalog_albums_tracks_list", id=f"{namespace}:album:{album}")
    ask("catalog_artists_get", id=f"{namespace}:artist:{artist}")
    ask("catalog_artists_albums_list", id=f"{namespace}:artist:{artist}", limit=2)
    ask("catalog_isrc_get", isrc=ISRC)
    ask("catalog_upc_get", upc=BARCODE)
    ask("catalog_lookup", id=f"isrc:{ISRC}")
    ask("catalog_batch", {"ids": [f"isrc:{ISRC}", f"upc:{BARCODE}", "isrc:XXAAA0000000"]})
    assert ask("catalog_search", q=track["title"], limit=2)["tracks"]["items"]


def _follow_links(ask: Any) -> None:
    _done(ask, ask("catalog_links_look", {"anew": True})["job"])
    ask("catalog_links_counts_get")
    track = _track(ask)
    album, artist = track["album"]["id"], track["artists"][0]["artist"]["id"]
    link = ask("tracks_catalog_get", id=track["id"])["link"]
    assert link["catalog_id"] and link["reasons"]
    assert ask("albums_catalog_get", id=album)["counts"]["have"]
    who = ask("artists_catalog_get", id=artist)["link"]
    assert ask("artists_discography_list", id=artist, limit=2)["total"]
    ask("tracks_suggestions_list", id=track["id"])
    ask("albums_suggestions_list", id=album)
    for kind, id, value in (
        ("tracks", track["id"], link["catalog_id"]),
        ("albums", album, ask.client.get(f"/api/v1/albums/{album}/catalog").json()["link"]["catalog_id"]),
        ("artists", artist, who["catalog_id"]),
    ):
        ask(f"{kind}_catalog_set", {"id": value}, id=id)
        ask(f"{kind}_catalog_refuse", {"id": value}, id=id)
        ask(f"{kind}_catalog_delete", id=id)
    ask("catalog_links_list", state="linked", kind="album", limit=2)


def _add(ask: Any) -> None:
    """Between two builds; found when it answers."""
    song = {"kind": "track", "id": "new-song", "name": "New Song", "album": "new-record", "artists": ["newcomer"]}
    record = {"kind": "album", "id": "new-record", "name": "New Record", "artists": ["newcomer"]}
    artist = {"kind": "artist", "id": "newcomer", "name": "Newcomer"}
    assert ask("catalog_additions_create", {"records": [artist, record, song]})["added"]["tracks"] == 1
    assert ask.client.get("/api/v1/catalog/search", params={"q": "new song"}).json()["tracks"]["items"]


def _update(ask: Any) -> None:
    """Asked for, and not let begin: it would fetch dumps."""
    ask.client.patch("/api/v1/jobs/queues/catalog", json={"paused": True})
    ask.client.patch("/api/v1/settings", json={"catalog.update.source": "discogs"})
    job = ask("catalog_update")["job"]
    ask.client.post(f"/api/v1/jobs/{job}/cancel")
    ask.client.patch("/api/v1/settings", json={"catalog.update.source": None})
    ask.client.patch("/api/v1/jobs/queues/catalog", json={"paused": False})


def _done(ask: Any, job: str) -> None:
    wait_until(lambda: ask.client.get(f"/api/v1/jobs/{job}").json()["state"] in ("done", "failed"))
    found = ask.client.get(f"/api/v1/jobs/{job}").json()
    assert found["state"] == "done", found


def _track(ask: Any) -> dict[str, Any]:
    """A track of the artist with the most albums."""
    artist = ask.client.get("/api/v1/artists", params={"sort": "-albums", "limit": 1}).json()["items"][0]["id"]
    found = ask.client.get("/api/v1/tracks", params={"artist": artist, "limit": 1}).json()["items"]
    return dict(found[0])
