"""Editing over REST: what is asked, what is answered, and what a wrong request is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.rest import Services, install_problem_handlers
from segue.library.edits.routes import router
from segue.library.routes import router as library_router
from tests.library.edits.ground import EDITOR, LISTENER, Desk, desk
from tests.library.edits.test_edits import two_albums

pytestmark = pytest.mark.anyio
SONG, PERSON = "4iV5W9uYEdYUVa79Axb7Rh", "4gzpq5DPGxSnKTe4SA8HAU"
SCOPED = Actor(user_id=7, name="ed", roles=frozenset({"editor"}), scopes=frozenset({"play"}), libraries=None)


@pytest.fixture
async def at(db: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(db, tmp_path) as made:
        await two_albums(made)
        yield made


@pytest.fixture
async def web(at: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    """A client; the header `who` says who asks, the editor where it says nothing."""

    async def authenticate(request: Request) -> Actor | None:
        who = request.headers.get("who", "ed")
        return {"ed": EDITOR, "lis": LISTENER, "scoped": SCOPED}.get(who)

    app = FastAPI()
    app.state.segue = Services(authenticate)
    for service in (at.library, at.edits, at.db):
        app.state.segue.add(service)
    install_problem_handlers(app)
    app.include_router(router, prefix="/api/v1")
    app.include_router(library_router, prefix="/api/v1")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue/api/v1") as client:
        yield client


async def test_a_track_is_edited_looked_at_and_undone(at: Desk, web: httpx2.AsyncClient) -> None:
    track = f"tr-{await at.track('One 1')}"
    made = await web.patch(f"/tracks/{track}", json={"set": {"title": "X", "genres": "Jazz"}})
    assert made.status_code == 200, made.text
    assert made.json()["count"] == 1
    state = (await web.get(f"/tracks/{track}/edits")).json()
    assert state["fields"]["title"] | {"edited_at": None} == {
        "value": "X", "own": "One 1", "edited": True, "edited_by": "us-7", "edited_at": None,
    }  # fmt: skip
    assert state["revision"] == made.json()["revision"]
    assert (await web.get(f"/tracks/{track}")).json()["title"] == "X"
    batch = (await web.get(f"/edits/{made.json()['edit']}")).json()
    assert {change["field"]: (change["after"], change["was_edited"]) for change in batch["changes"]} == {
        "genres": (["Jazz"], False), "title": ("X", False),
    }  # fmt: skip
    assert (await web.post(f"/edits/{made.json()['edit']}/undo")).status_code == 200
    assert (await web.post(f"/edits/{made.json()['edit']}/undo")).json()["code"] == "undone_already"
    assert (await web.get(f"/tracks/{track}")).json()["title"] == "One 1"
    listed = (await web.get("/edits", params={"limit": 1})).json()
    assert listed["items"][0]["action"] == "undo"
    assert (await web.get("/edits", params={"cursor": listed["next"]})).json()["items"][0]["action"] == "edit"


async def test_wrong_requests_are_told_what_is_wrong(at: Desk, web: httpx2.AsyncClient) -> None:
    track = f"tr-{await at.track('One 1')}"

    async def refused(status: int, code: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        answer = await web.patch(f"/tracks/{track}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        found: dict[str, Any] = answer.json()
        return found

    told = await refused(422, "bad_month", {"set": {"date": "1999-16"}})
    assert told["errors"] == [{"field": "date", "code": "bad_month", "message": "There is no month 16: a year has 12."}]
    told = await refused(422, "unknown_field", {"set": {"titel": "x"}})
    assert "title" in told["detail"]
    await refused(422, "nothing_to_do", {})
    await refused(403, "may_not_edit", {"set": {"title": "x"}}, who="lis")
    await refused(403, "not_allowed", {"set": {"title": "x"}}, who="scoped")
    await refused(412, "edited_meanwhile", {"set": {"title": "x"}, "revision": 99})
    await refused(412, "edited_meanwhile", {"set": {"title": "x"}}, **{"if-match": '"99"'})
    assert (await web.patch("/tracks/tr-999", json={"set": {"title": "x"}})).status_code == 404


async def test_many_are_edited_by_ids_or_by_a_filter(at: Desk, web: httpx2.AsyncClient) -> None:
    album = await at.album("One")
    ask = {"filter": {"album": f"al-{album}"}, "add": {"genres": ["Live"]}, "set": {"comment": "c"}}
    would = (await web.post("/edits", json={**ask, "dry_run": True})).json()
    assert (would["count"], would["edit"], would["is_job"]) == (2, None, False)
    assert would["first"][0]["fields"]["genres"] == {"before": ["Rock"], "after": ["Rock", "Live"]}
    made = (await web.post("/edits", json={**ask, "revision": would["revision"]})).json()
    assert made["count"] == 2
    ids = [f"tr-{await at.track('One 1')}"]
    assert (await web.post("/edits", json={"targets": ids, "clear": ["comment"]})).json()["count"] == 1
    for wrong in ({}, {"targets": ["tr-1", "al-1"]}, {"targets": ["ar-1"]}, {"filter": {"nothing": "x"}}):
        assert (await web.post("/edits", json={**wrong, "clear": ["title"]})).status_code == 422, wrong
    told = await web.post("/edits", json={"targets": ids, "add": {"title": "x"}})
    assert told.json()["code"] == "one_value"


async def test_artists_are_merged_and_split(at: Desk, web: httpx2.AsyncClient) -> None:
    ann, bob = f"ar-{await at.artist('Ann')}", f"ar-{await at.artist('Bob')}"
    split = await web.post(
        f"/artists/{ann}/split", json={"albums": [f"al-{await at.album('One')}"], "disambiguation": "two"}
    )
    assert split.status_code == 200, split.text
    assert (await web.get(f"/artists/{split.json()['artist']}")).json()["track_count"] == 2
    merged = await web.post(f"/artists/{bob}/merge", json={"from": [split.json()["artist"], ann]})
    assert merged.status_code == 200, merged.text
    page = (await web.get(f"/artists/{ann}")).json()
    assert (page["id"], page["track_count"], page["aliases"]) == (bob, 3, ["Ann"])
    assert (await web.post(f"/artists/{bob}/merge", json={"from": [bob]})).json()["code"] == "bad_merge"


async def test_anything_is_found_by_what_others_call_it(at: Desk, web: httpx2.AsyncClient) -> None:
    track, album = f"tr-{await at.track('One 1')}", f"al-{await at.album('One')}"
    artist = f"ar-{await at.artist('Ann')}"
    mbid = "11111111-1111-4111-8111-111111111111"
    sets: dict[str, dict[str, Any]] = {
        f"/tracks/{track}": {"isrcs": ["GBAYE0601498"], "external_ids": [f"spotify:track:{SONG}"]},
        f"/albums/{album}": {
            "external_ids": ["discogs:release:249504"],
            "barcode": "5099902894225",
            "labels": ["Warp"],
            "musicbrainz_release_group_id": mbid,
        },
        f"/artists/{artist}": {
            "external_ids": [{"namespace": "spotify:artist", "value": PERSON}],
            "musicbrainz_id": mbid,
        },
    }
    for path, values in sets.items():
        answer = await web.patch(path, json={"set": values})
        assert answer.status_code == 200, answer.text
    label = (await web.get("/labels")).json()["items"][0]["id"]
    await web.patch(f"/labels/{label}", json={"set": {"external_ids": ["discogs:label:23528"], "country": "GB"}})
    asked = [
        ("tracks", track, ("isrc:GBAYE0601498", "isrc:gb-aye-06-01498", f"spotify:track:{SONG}", f"spotify:{SONG}")),
        (
            "albums",
            album,
            (
                "discogs:249504",
                "discogs:release:249504",
                "upc:5099902894225",
                "barcode:5099902894225",
                f"musicbrainz:{mbid}",
                f"musicbrainz:release-group:{mbid}",
            ),
        ),
        ("artists", artist, (f"spotify:artist:{PERSON}", f"spotify:{PERSON}", f"musicbrainz:artist:{mbid}")),
        ("labels", label, ("discogs:label:23528", "discogs:23528")),
    ]
    for kind, number, ids in asked:
        for one in ids:
            answer = await web.get(f"/{kind}", params={"external": one})
            assert [item["id"] for item in answer.json().get("items", ())] == [number], (kind, one, answer.text)
    assert (await web.get("/artists", params={"external": "spotify:artist:nobody"})).json()["items"] == []
    assert (await web.get("/artists", params={"external": "nothing"})).status_code == 422
    page = (await web.get(f"/labels/{label}")).json()
    assert (page["country"], page["external_ids"]) == ("GB", [{"namespace": "discogs:label", "value": "23528"}])
    fields = (await web.get("/edits/fields")).json()
    assert {"title", "artists", "composer"} <= {field["name"] for field in fields["track"]}
