"""Scrobbling over REST: link, look after queues, choose, unlink; each person only their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.core.access import Actor
from segue.core.outside import Outside
from segue.core.rest import Services, install_problem_handlers
from segue.emulator import Emulator
from segue.listening.scrobbling.routes import router
from tests.listening.scrobbling.ground import Ground, linked_lastfm

pytestmark = pytest.mark.anyio
BEN = Actor(2, "ben", libraries=None)
ONLY_REPORTS = Actor(1, "anna", scopes=frozenset({"scrobble"}), libraries=None)


@pytest.fixture
async def web(house: Ground) -> AsyncIterator[httpx2.AsyncClient]:
    async def authenticate(request: Request) -> Actor | None:
        people = {"anna": house.anna, "ben": BEN, "reports": ONLY_REPORTS}
        return people.get(request.headers.get("who", "anna"))

    app = FastAPI()
    app.state.segue = Services(authenticate)
    app.state.segue.add(house.scrobbling)
    install_problem_handlers(app)
    app.include_router(router, prefix="/api/v1")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue/api/v1") as client:
        yield client


async def test_what_can_be_linked_and_where_others_report_to(web: httpx2.AsyncClient) -> None:
    told = (await web.get("/scrobbling")).json()
    assert [(one["kind"], one["set_up"]) for one in told["services"]] == [("lastfm", True), ("listenbrainz", True)]
    assert [one["enter_url"] for one in told["incoming"]] == [
        "http://segue/compat/listenbrainz", "http://segue/compat/lastfm/2.0/",
    ]  # fmt: skip


async def test_a_browser_goes_to_last_fm_and_comes_back_linked(
    web: httpx2.AsyncClient, house: Ground, emulator: Emulator
) -> None:
    login = (await web.post("/scrobbling/lastfm/login", json={"return_here": True})).json()
    async with httpx2.AsyncClient() as browser:
        answer = await browser.post(login["approval_url"], data={"user": "anna"})
    back = answer.headers["location"]
    assert back.startswith("http://segue/api/v1/scrobbling/lastfm/callback?")
    stolen = await web.get(back, headers={"who": "ben"})
    assert stolen.headers["location"] == "http://segue/account?problem=link_expired"
    done = await web.get(back)
    assert (done.status_code, done.headers["location"]) == (303, "http://segue/account?linked=sc-1")
    (account,) = (await web.get("/scrobbling/accounts")).json()["items"]
    assert (account["kind"], account["name"], account["state"]) == ("lastfm", "anna", "active")
    assert (await web.get(back)).headers["location"] == "http://segue/account?problem=link_expired", "only once"


async def test_without_a_browser_one_finishes_by_hand(web: httpx2.AsyncClient, emulator: Emulator) -> None:
    login = (await web.post("/scrobbling/lastfm/login", json={})).json()
    early = await web.post("/scrobbling/lastfm/session", json={"ticket": login["ticket"]})
    assert (early.status_code, early.json()["code"]) == (409, "not_approved")
    emulator.lastfm.approve(login["approval_url"].rpartition("token=")[2], "anna")
    made = await web.post("/scrobbling/lastfm/session", json={"ticket": login["ticket"], "label": "Mine"})
    assert (made.status_code, made.json()["label"]) == (201, "Mine")


async def test_an_account_is_linked_named_paused_tested_and_unlinked(
    web: httpx2.AsyncClient, emulator: Emulator
) -> None:
    wrong = await web.post("/scrobbling/accounts", json={"token": "wrong"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "token")
    private = await web.post("/scrobbling/accounts", json={"token": "x", "base_url": "http://127.0.0.1:9"})
    assert (private.status_code, private.json()["code"]) == (403, "private_address")
    token = emulator.listenbrainz.token_of("anna")
    made = await web.post("/scrobbling/accounts", json={"token": token, "label": "Mine"})
    assert made.status_code == 201
    assert token not in made.text
    one = f"/scrobbling/accounts/{made.json()['id']}"
    changed = (await web.patch(one, json={"label": "Ours", "paused": True, "choices": {"minimum_s": 10}})).json()
    assert (changed["label"], changed["state"], changed["choices"]["minimum_s"]) == ("Ours", "paused", 10)
    assert changed["choices"]["plays"] is True
    assert (await web.post(f"{one}/test")).json() == {"ok": True, "name": "anna"}
    emulator.listenbrainz.revoke("anna")
    dead = await web.post(f"{one}/test")
    assert (dead.status_code, dead.json()["code"]) == (409, "outside_auth")
    shown = (await web.get(one)).json()
    assert shown["state"] == "needs_login"
    assert "Sign in again" in shown["error"]["sentence"]
    assert (await web.get(one, headers={"who": "ben"})).status_code == 404
    assert (await web.delete(one)).status_code == 204
    assert (await web.get(one)).status_code == 404


async def test_refused_rows_are_shown_with_reasons_page_by_page(
    web: httpx2.AsyncClient, house: Ground, emulator: Emulator
) -> None:
    account = await linked_lastfm(house, emulator)
    emulator.world.faults.add("refuse", service="lastfm", code=1)
    await house.plays(5)
    waiting = (await web.get("/scrobbling/queue")).json()
    assert [row["title"] for row in waiting["items"]] == [f"Song {n}" for n in range(5)]
    async with house.working():
        await house.emptied()
    seen, cursor = [], None
    while True:
        query = {"state": "refused", "limit": 2, "account": f"sc-{account}"} | ({"cursor": cursor} if cursor else {})
        page = (await web.get("/scrobbling/queue", params=query)).json()
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert [row["title"] for row in seen] == [f"Song {n}" for n in range(5)]
    assert seen[0]["reason"] == "The service ignores this artist."
    again = await web.post(f"/scrobbling/queue/{seen[0]['id']}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "waiting")
    assert (await web.post(f"/scrobbling/queue/{seen[0]['id']}/retry")).status_code == 409
    assert (await web.delete(f"/scrobbling/queue/{seen[1]['id']}")).status_code == 204
    assert (await web.delete(f"/scrobbling/queue/{seen[2]['id']}", headers={"who": "ben"})).status_code == 404
    assert (await web.post(f"/scrobbling/accounts/sc-{account}/retry")).json() == {"count": 3}
    assert (await web.post(f"/scrobbling/accounts/sc-{account}/dismiss")).json() == {"count": 0}


async def test_a_service_that_is_away_is_a_problem_that_says_so(
    web: httpx2.AsyncClient, house: Ground, emulator: Emulator
) -> None:
    emulator.world.faults.add("reset")
    answer = await web.post("/scrobbling/lastfm/login", json={})
    assert (answer.status_code, answer.json()["code"]) == (502, "outside_transient")
    answer = await web.post("/scrobbling/accounts", json={"token": "x"})
    assert (answer.status_code, answer.json()["code"]) == (502, "outside_transient")
    assert isinstance(house.outside, Outside)


@pytest.mark.parametrize("cursor", ["x", "1", "1.", ".1", "9" * 30 + ".1", "-5.1x"])
async def test_a_wrong_cursor_is_said(web: httpx2.AsyncClient, cursor: str) -> None:
    answer = await web.get("/scrobbling/queue", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


async def test_who_may_only_report_may_not_look_after_accounts(web: httpx2.AsyncClient) -> None:
    answer = await web.get("/scrobbling/accounts", headers={"who": "reports"})
    assert answer.status_code == 403
