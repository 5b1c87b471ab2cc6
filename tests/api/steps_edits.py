"""What people say instead of tags, as somebody who tidies up would come to ask."""

from __future__ import annotations

from typing import Any


def steps(ask: Any) -> None:
    """Look, edit one thing of each kind, many at once, undo everything; merge two artists and split one."""
    ask("edits_fields_get")
    artist = ask.client.get("/api/v1/artists?sort=-albums").json()["items"][0]
    album = ask.client.get(f"/api/v1/albums?artist={artist['id']}").json()["items"][0]
    track = ask.client.get(f"/api/v1/tracks?album={album['id']}&sort=position").json()["items"][0]
    label = ask.client.get("/api/v1/labels").json()["items"][0]
    genre = ask.client.get("/api/v1/genres").json()["items"][0]
    revision = ask("tracks_edits_get", id=track["id"])["revision"]
    made = [
        ask("tracks_update", {"set": {"title": "Another", "bpm": 120}, "revision": revision}, id=track["id"])["edit"]
    ]
    ask("albums_edits_get", id=album["id"])
    made.append(ask("albums_update", {"set": {"date": "1977-05", "labels": [label["name"]]}}, id=album["id"])["edit"])
    ask("artists_edits_get", id=artist["id"])
    made.append(
        ask(
            "artists_update",
            {"set": {"country": "SE", "begin_date": "1965", "external_ids": ["discogs:artist:108713"]}},
            id=artist["id"],
        )["edit"]
    )
    ask("labels_edits_get", id=label["id"])
    made.append(ask("labels_update", {"set": {"country": "GB"}}, id=label["id"])["edit"])
    ask("genres_edits_get", id=genre["id"])
    made.append(ask("genres_update", {"set": {"name": f"{genre['name']} music"}}, id=genre["id"])["edit"])
    many = {"filter": {"album": album["id"]}, "add": {"genres": ["Live"]}}
    ask("edits_make", {**many, "dry_run": True})
    made.append(ask.client.post("/api/v1/edits", json=many).json()["edit"])
    ask("edits_list", limit=2)
    ask("edits_get", id=made[0], limit=2)
    split = ask("artists_split", {"albums": [album["id"]], "disambiguation": "another one"}, id=artist["id"])
    ask("artists_merge", {"from": [split["artist"]]}, id=artist["id"])
    for edit in reversed(made):
        ask("edits_undo", id=edit)
