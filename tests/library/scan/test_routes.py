"""Scans, libraries and pictures over REST: who may ask, what is answered, and what a wrong request is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.ids import parse_id
from segue.core.rest import Services, install_problem_handlers
from segue.library.scan_routes import router
from tests.jobs.ground import ended, until
from tests.library.media import jpeg
from tests.library.scan.ground import Place

pytestmark = pytest.mark.anyio
ADMIN = Actor(1, "ann", roles=frozenset({"admin"}), libraries=None)
MEMBER = Actor(2, "bob", libraries=frozenset({1}))


@pytest.fixture
async def web(place: Place) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the scan's routes; the header `who` says who asks."""

    async def authenticate(request: Request) -> Actor | None:
        return {"ann": ADMIN, "bob": MEMBER}.get(request.headers.get("who", "ann"))

    app = FastAPI()
    app.state.segue = Services(authenticate)
    app.state.segue.add(place.db)
    app.state.segue.add(place.scans)
    install_problem_handlers(app)
    app.include_router(router, prefix="/api/v1")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue/api/v1") as client:
        yield client


async def test_a_library_is_added_scanned_and_forgotten_over_rest(web: httpx2.AsyncClient, place: Place) -> None:
    place.song("A/1.flac", title="T", artist="A", album="X", cover="yes")
    made = await web.post("/libraries", json={"path": str(place.music), "name": "Mine"})
    assert (made.status_code, made.json()) == (201, {"id": "li-1"})
    now = (await web.get("/scan")).json()
    assert (now["scanning"], now["count"]) == (True, 0)
    asked = await web.post("/scan", json={"library": "li-1", "full": True})
    assert asked.status_code == 202
    assert asked.json()["job"] == now["job"]
    async with place.worker():
        await until(lambda: place.idle())
        now = (await web.get("/scan", headers={"who": "bob"})).json()
        assert (now["scanning"], now["count"], now["folders"], now["problems"], now["job"]) == (False, 1, 2, 0, None)
        assert now["finished_at"].endswith("Z")
        refused = await web.delete("/libraries/li-1")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_confirmed")
        assert (await web.patch("/libraries/li-1", json={"name": "Other"})).status_code == 200
        forgotten = await web.delete("/libraries/li-1", params={"confirm": "Other"})
        assert forgotten.status_code == 202
        await ended(place.jobs, parse_id(forgotten.json()["job"], "jo"))
    assert (await web.get("/scan")).json()["count"] == 0


async def test_wrong_requests_are_told_what_is_wrong(web: httpx2.AsyncClient, tmp_path: Path) -> None:
    for path, body, status, code in (
        ("/libraries", {"path": str(tmp_path / "nowhere")}, 422, "no_such_folder"),
        ("/libraries", {}, 422, None),
        ("/scan", {"library": "li-99"}, 404, "library_not_found"),
        ("/scan", {"library": "tr-1"}, 422, "bad_id"),
    ):
        answer = await web.post(path, json=body)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"].startswith("application/problem+json")
        if code:
            assert answer.json()["code"] == code


async def test_only_an_administrator_starts_scans_and_changes_libraries(web: httpx2.AsyncClient, place: Place) -> None:
    for method, path in (("POST", "/scan"), ("POST", "/libraries"), ("PATCH", "/libraries/li-1")):
        body = {"path": str(place.music)}
        assert (await web.request(method, path, json=body, headers={"who": "bob"})).status_code == 403
        assert (await web.request(method, path, json=body, headers={"who": "nobody"})).status_code == 401
    assert (await web.get("/scan", headers={"who": "nobody"})).status_code == 401


async def test_a_picture_comes_in_any_size_and_is_kept_by_the_browser(
    web: httpx2.AsyncClient, place: Place, db: Database
) -> None:
    place.song("A/1.flac", title="T", artist="A", album="X", cover="yes")
    await web.post("/libraries", json={"path": str(place.music)})
    async with place.worker():
        await until(lambda: place.idle())
    whole = await web.get("/artwork/aw-1")
    assert (whole.status_code, whole.content) == (200, jpeg(600, 400))
    assert "immutable" in whole.headers["cache-control"]
    small = await web.get("/artwork/aw-1", params={"size": 100}, headers={"accept": "image/webp,*/*"})
    assert (small.headers["content-type"], small.headers["vary"]) == ("image/webp", "Accept")
    plain = await web.get("/artwork/aw-1", params={"size": 100}, headers={"accept": "image/jpeg"})
    assert plain.headers["content-type"] == "image/jpeg"
    again = await web.get("/artwork/aw-1", params={"size": 100}, headers={"if-none-match": small.headers["etag"]})
    assert again.status_code == 304
    assert (await web.get("/artwork/aw-1", params={"size": 1})).status_code == 422
    assert (await web.get("/artwork/aw-99")).status_code == 404
