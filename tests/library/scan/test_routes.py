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
from segue.library.steering_routes import router as steering_router
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
    app.state.segue.add(place.steering)
    install_problem_handlers(app)
    for one in (router, steering_router):
        app.include_router(one, prefix="/api/v1")
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


async def test_scans_are_paused_resumed_and_given_up_over_rest(web: httpx2.AsyncClient, place: Place) -> None:
    place.song("A/1.flac", title="T", artist="A", album="X")
    await web.post("/libraries", json={"path": str(place.music), "name": "Mine"})
    assert (await web.post("/scan/pause")).json() == {"libraries": ["li-1"]}
    assert (await web.post("/scan/pause", json={"library": "li-1"})).json() == {"libraries": []}
    async with place.worker():

        async def held() -> bool:
            return bool((await web.get("/scan")).json()["paused"])

        await until(held)
        now = (await web.get("/scan")).json()
        assert (now["scanning"], now["count"]) == (False, 0)
        assert (await web.get("/libraries/li-1")).json()["paused_at"].endswith("Z")
        assert (await web.post("/scan/resume", json={"library": "li-1"})).json() == {"libraries": ["li-1"]}
        await until(lambda: place.idle())
    assert (await web.get("/scan")).json()["count"] == 1
    asked = (await web.post("/scan")).json()
    assert (await web.post("/scan/cancel")).json() == {"jobs": asked["jobs"]}
    assert not (await web.get("/scan")).json()["scanning"]
    assert (await web.post("/scan/cancel", json={"library": "li-9"})).status_code == 404
    for verb in ("pause", "resume", "cancel"):
        assert (await web.post(f"/scan/{verb}", headers={"who": "bob"})).status_code == 403


async def test_one_folder_is_scanned_by_its_id_or_its_path(web: httpx2.AsyncClient, place: Place) -> None:
    place.song("A/1.flac", title="T", artist="A", album="X")
    await web.post("/libraries", json={"path": str(place.music), "name": "Mine"})
    async with place.worker():
        await until(lambda: place.idle())
        for number, folder in enumerate(("fo-2", str(place.music / "A"), "A", "A/"), 2):
            place.song(f"A/{number:0{number}}.flac", title=f"T{number}", artist="A", album="X")
            asked = await web.post("/scan", json={"folder": folder, "library": "li-1"})
            assert asked.status_code == 202, asked.text
            await until(lambda: place.idle())
            assert (await web.get("/scan")).json()["count"] == number
    for folder in ("fo-99", "/nowhere", str(place.music.parent), f"{place.music}/../etc", "../etc"):
        refused = await web.post("/scan", json={"folder": folder, "library": "li-1"})
        assert (refused.status_code, refused.json()["code"]) == (404, "folder_not_found"), folder


async def test_a_librarys_options_are_chosen_checked_and_shown(web: httpx2.AsyncClient, place: Place) -> None:
    await web.post("/libraries", json={"path": str(place.music), "name": "Mine"})
    given = {"guard_share": 0.5, "watch": False, "schedule": "30 3 * * *", "full_schedule": "0 2 1 * *"}
    assert (await web.patch("/libraries/li-1", json={"options": given})).status_code == 200
    page = (await web.get("/libraries/li-1")).json()
    assert {name: page["options"][name] for name in given} == given
    assert page["chosen"] == sorted(given)
    assert page["next_scan_at"] != page["next_full_scan_at"]
    for wrong in ({"guard_share": 3}, {"schedule": "whenever"}, {"colour": "red"}):
        refused = await web.patch("/libraries/li-1", json={"options": wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_library_options"), wrong
        assert next(iter(wrong)) in refused.text
    back = {"guard_share": None, "schedule": "never", "full_schedule": None}
    await web.patch("/libraries/li-1", json={"options": back})
    page = (await web.get("/libraries/li-1")).json()
    assert (page["chosen"], page["options"]["guard_share"]) == (["schedule", "watch"], 0.1)
    assert (page["next_scan_at"], page["next_full_scan_at"]) == (None, None)
    assert (await web.get("/libraries/li-1", headers={"who": "bob"})).status_code == 403
    assert (await web.get("/libraries/li-9")).status_code == 404


async def test_what_is_missing_is_counted_confirmed_and_forgotten(web: httpx2.AsyncClient, place: Place) -> None:
    for number in (1, 2):
        place.song(f"A/{number:0{number}}.flac", title=f"T{number}", artist="A", album="X")
    await web.post("/libraries", json={"path": str(place.music), "name": "Mine"})
    async with place.worker():
        await until(lambda: place.idle())
        (place.music / "A/1.flac").unlink()
        await web.post("/scan")
        await until(lambda: place.idle())
        counted = await web.post("/libraries/li-1/purge", json={"dry_run": True})
        assert (counted.status_code, counted.json()["files"], counted.json()["job"]) == (202, 1, None)
        old = await web.post("/libraries/li-1/purge", json={"dry_run": True, "older_than_days": 1})
        assert old.json()["files"] == 0
        refused = await web.post("/libraries/li-1/purge", json={})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_confirmed")
        done = (await web.post("/libraries/li-1/purge", json={"confirm": "Mine"})).json()
        job = await ended(place.jobs, parse_id(done["job"], "jo"))
        assert job.result == {"files": 1, "tracks": 1}
    page = (await web.get("/libraries/li-1")).json()
    assert (page["file_count"], page["missing_count"], page["last_scan"]["state"]) == (1, 0, "done")
