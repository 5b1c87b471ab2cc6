"""Accounts over HTTP: statuses, cookies, who may call what, and that secrets are answered once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from segue.accounts import routes
from segue.accounts.service import COOKIE, AccountService
from segue.core.db import Database
from segue.core.rest import Services, install_problem_handlers
from tests.accounts.conftest import Make

pytestmark = pytest.mark.anyio

ORIGIN = "http://segue.lan"


@pytest.fixture
def db_kind() -> str:
    """These are the same on both databases."""
    return "sqlite"


def app_of(accounts: AccountService, db: Database) -> FastAPI:
    app = FastAPI()
    services = Services(accounts.authenticate)
    services.add(accounts)
    services.add(db)
    app.state.segue = services
    app.include_router(routes.router, prefix="/api/v1")
    install_problem_handlers(app)
    return app


Client = httpx2.AsyncClient


@pytest.fixture
async def http(accounts: AccountService, db: Database) -> AsyncIterator[Client]:
    transport = httpx2.ASGITransport(app_of(accounts, db), client=("192.0.2.1", 1234))
    async with Client(transport=transport, base_url=f"{ORIGIN}/api/v1") as client:
        yield client


@pytest.fixture
async def root(http: Client) -> dict[str, str]:
    """Headers of the administrator `root`, signed in by set-up."""
    answer = await http.post("/setup", json={"username": "root", "password": "correct horse"})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
async def ann(http: Client, root: dict[str, str]) -> dict[str, str]:
    body = {"username": "ann", "password": "battery staple", "email": "ann@example.org"}
    assert (await http.post("/users", json=body, headers=root)).status_code == 201
    answer = await http.post("/auth/login", json={"username": "ann", "password": "battery staple"})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def code(answer: httpx2.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# set-up


async def test_set_up_happens_once_and_signs_in(http: Client) -> None:
    before = (await http.get("/setup")).json()
    assert before["needed"] is True
    words = before["suggested_app_password"]
    body = {"username": "root", "password": "correct horse", "app_password": words, "cookie": True}
    answer = await http.post("/setup", json=body)
    assert answer.status_code == 201
    assert answer.json()["user"]["roles"] == ["admin", "user"]
    assert (await http.get("/auth/me")).json()["username"] == "root"
    assert (await http.get("/setup")).json() == {"needed": False, "suggested_app_password": None}
    assert code(await http.post("/setup", json=body)) == (409, "setup_done")
    assert (await http.get("/auth/me", headers={"Authorization": f"Bearer {words}"})).status_code == 200


async def test_another_sites_page_cannot_set_up(http: Client) -> None:
    body = {"username": "evil", "password": "correct horse"}
    assert code(await http.post("/setup", json=body, headers={"Origin": "http://evil.example"}))[0] == 403
    assert (await http.get("/setup")).json()["needed"] is True


async def test_a_weak_password_is_named_and_never_repeated(http: Client) -> None:
    answer = await http.post("/setup", json={"username": "root", "password": "hunter2"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "password"
    assert "hunter2" not in answer.text


# signing in and out


async def test_login_answers_as_the_contract_says(http: Client, ann: dict[str, str]) -> None:
    for name in ("ann", "ANN@example.org"):
        answer = await http.post("/auth/login", json={"username": name, "password": "battery staple"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        said = answer.json()
        assert set(said) == {"access_token", "refresh_token", "expires_in", "token_type", "user"}
        assert (said["expires_in"], said["token_type"]) == (900, "Bearer")
        assert said["user"]["id"] == "us-2"
        assert said["user"]["libraries"] is None


async def test_wrong_credentials_are_401_with_a_sentence(http: Client, ann: dict[str, str]) -> None:
    for body in ({"username": "ann", "password": "x"}, {"username": "nobody", "password": "x"}):
        answer = await http.post("/auth/login", json=body)
        assert code(answer) == (401, "wrong_credentials")
        assert answer.json()["detail"] == "Wrong username or password."


async def test_guessing_is_429_with_retry_after(http: Client, ann: dict[str, str]) -> None:
    for number in range(6):
        await http.post("/auth/login", json={"username": "ann", "password": f"guess {number}"})
    answer = await http.post("/auth/login", json={"username": "ann", "password": "battery staple"})
    assert code(answer) == (429, "too_many_attempts")
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "ann"}, "password"),
        ({"username": "ann", "password": "x", "pasword": "y"}, "pasword"),
        ([], "body"),
    ],
)
async def test_a_wrong_body_is_422_that_says_which(http: Client, body: Any, field: str) -> None:
    answer = await http.post("/auth/login", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_refresh_turns_and_logout_ends(http: Client, ann: dict[str, str]) -> None:
    first = (await http.post("/auth/login", json={"username": "ann", "password": "battery staple"})).json()
    second = await http.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    out = await http.post("/auth/logout", json={"refresh_token": second.json()["refresh_token"]})
    assert out.status_code == 204
    again = await http.post("/auth/refresh", json={"refresh_token": second.json()["refresh_token"]})
    assert code(again) == (401, "invalid_refresh_token")
    me = await http.get("/auth/me", headers={"Authorization": f"Bearer {second.json()['access_token']}"})
    assert code(me) == (401, "invalid_token")


async def test_logout_with_the_access_token_alone_ends_its_session(http: Client, ann: dict[str, str]) -> None:
    assert (await http.post("/auth/logout", headers=ann)).status_code == 204
    assert (await http.get("/auth/me", headers=ann)).status_code == 401
    assert (await http.post("/auth/logout", headers=ann)).status_code == 204


async def test_nobody_is_401_and_a_listener_is_403(http: Client, ann: dict[str, str]) -> None:
    for path in ("/auth/me", "/app-passwords", "/sessions", "/users", "/groups", "/audit"):
        assert code(await http.get(path)) == (401, "not_signed_in")
    for path in ("/users", "/groups", "/audit", "/users/us-1"):
        assert code(await http.get(path, headers=ann)) == (403, "not_allowed")


# the browser


async def test_a_browser_gets_an_httponly_cookie_and_no_refresh_token(http: Client, ann: dict[str, str]) -> None:
    body = {"username": "ann", "password": "battery staple", "cookie": True}
    answer = await http.post("/auth/login", json=body, headers={"Origin": ORIGIN})
    cookie = answer.headers["set-cookie"]
    assert answer.json()["refresh_token"] is None
    assert cookie.startswith(f"{COOKIE}=segue_c_")
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=2592000"):
        assert attribute in cookie
    assert "Secure" not in cookie
    me = await http.get("/auth/me")
    assert me.json()["signed_in_by"] == "cookie"
    assert "Max-Age=2592000" in me.headers["set-cookie"]


async def test_over_https_the_cookie_is_secure_and_below_a_base_path_it_stays_there(
    make: Make, db: Database, root: dict[str, str]
) -> None:
    transport = httpx2.ASGITransport(app_of(make(base_path="/music"), db), client=("192.0.2.1", 1))
    async with Client(transport=transport, base_url="https://segue.lan/api/v1") as client:
        body = {"username": "root", "password": "correct horse", "cookie": True, "remember": False}
        cookie = (await client.post("/auth/login", json=body)).headers["set-cookie"]
    assert "Secure" in cookie
    assert "Path=/music" in cookie
    assert "Max-Age" not in cookie


async def test_of_two_session_cookies_the_one_of_the_longer_path_counts(http: Client, ann: dict[str, str]) -> None:
    body = {"username": "ann", "password": "battery staple", "cookie": True}
    ours = (await http.post("/auth/login", json=body)).headers["set-cookie"].partition(";")[0]
    http.cookies.clear()
    answer = await http.get("/auth/me", headers={"Cookie": f"{ours}; {COOKIE}=segue_c_of-another-segue-on-this-host"})
    assert (answer.status_code, answer.json()["username"]) == (200, "ann")
    assert answer.headers["set-cookie"].startswith(ours)


async def test_a_cookie_works_from_our_pages_and_not_from_anothers(http: Client, ann: dict[str, str]) -> None:
    await http.post("/auth/login", json={"username": "ann", "password": "battery staple", "cookie": True})
    change = {"display_name": "Ann S."}
    assert (await http.patch("/auth/me", json=change, headers={"Origin": ORIGIN})).status_code == 200
    assert (await http.patch("/auth/me", json=change, headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        assert code(await http.patch("/auth/me", json=change, headers=headers)) == (403, "cross_site_request")
    assert (await http.get("/auth/me", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


async def test_another_site_can_sign_a_browser_neither_in_nor_out(http: Client, ann: dict[str, str]) -> None:
    evil = {"Origin": "http://evil.example"}
    body = {"username": "ann", "password": "battery staple", "cookie": True}
    assert code(await http.post("/auth/login", json=body, headers=evil)) == (403, "cross_site_request")
    await http.post("/auth/login", json=body)
    assert code(await http.post("/auth/logout", headers=evil)) == (403, "cross_site_request")
    assert (await http.get("/auth/me")).status_code == 200
    out = await http.post("/auth/logout", headers={"Origin": ORIGIN})
    assert out.status_code == 204
    assert f'{COOKIE}=""' in out.headers["set-cookie"]
    assert (await http.get("/auth/me")).status_code == 401


# one's own account


async def test_one_changes_ones_own_account(http: Client, ann: dict[str, str]) -> None:
    body = {"display_name": "Ann S.", "time_zone": "Europe/Berlin", "settings": {"theme": "dark"}}
    answer = await http.patch("/auth/me", json=body, headers=ann)
    assert answer.status_code == 200
    me = (await http.get("/auth/me", headers=ann)).json()
    assert {name: me[name] for name in body} == body
    refused = await http.patch("/auth/me", json={"email": "x@example.org"}, headers=ann)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "current_password")
    assert (await http.patch("/auth/me", json={"roles": ["admin"]}, headers=ann)).status_code == 422


async def test_a_new_password_keeps_this_session_and_ends_the_others(http: Client, ann: dict[str, str]) -> None:
    login = {"username": "ann", "password": "battery staple"}
    other = {"Authorization": f"Bearer {(await http.post('/auth/login', json=login)).json()['access_token']}"}
    body = {"password": "another staple", "current_password": "battery staple"}
    assert (await http.patch("/auth/me", json=body, headers=ann)).status_code == 200
    assert (await http.get("/auth/me", headers=ann)).status_code == 200
    assert (await http.get("/auth/me", headers=other)).status_code == 401
    assert (await http.post("/auth/login", json=login)).status_code == 401


async def test_an_app_password_is_shown_once_and_works_until_revoked(http: Client, ann: dict[str, str]) -> None:
    made = await http.post("/app-passwords", json={"name": "Phone"}, headers=ann)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    secret, id = made.json()["secret"], made.json()["id"]
    key = {"Authorization": f"Bearer {secret}"}
    assert (await http.get("/auth/me", headers=key)).json()["signed_in_by"] == "app_password"
    listed = await http.get("/app-passwords", headers=ann)
    assert [item["name"] for item in listed.json()["items"]] == ["Phone"]
    assert secret not in listed.text
    assert (await http.delete(f"/app-passwords/{id}", headers=ann)).status_code == 204
    assert code(await http.get("/auth/me", headers=key)) == (401, "invalid_api_key")
    assert code(await http.delete(f"/app-passwords/{id}", headers=ann)) == (404, "app_password_not_found")


async def test_an_app_cannot_make_itself_further_ways_in(http: Client, root: dict[str, str]) -> None:
    made = await http.post("/app-passwords", json={"name": "Script", "kind": "key"}, headers=root)
    key = {"Authorization": f"Bearer {made.json()['secret']}"}
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/app-passwords", {"name": "Another"}),
        ("DELETE", f"/app-passwords/{made.json()['id']}", None),
        ("PATCH", "/auth/me", {"password": "another horse", "current_password": "correct horse"}),
        ("PATCH", "/auth/me", {"email": "x@example.org"}),
        ("POST", "/users", {"username": "evil", "password": "correct horse"}),
        ("PATCH", "/users/us-1", {"password": "another horse"}),
        ("DELETE", "/users/us-1", None),
        ("POST", "/groups", {"name": "x"}),
    ]
    for method, path, body in calls:
        assert code(await http.request(method, path, json=body, headers=key)) == (403, "needs_sign_in")
    assert (await http.get("/users", headers=key)).status_code == 200


async def test_answers_with_secrets_are_not_kept_for_an_idempotency_key(
    http: Client, ann: dict[str, str], db: Database
) -> None:
    headers = {**ann, "Idempotency-Key": "once"}
    made = await http.post("/app-passwords", json={"name": "Phone", "secret": "my own four words"}, headers=headers)
    assert made.status_code == 201
    again = await http.post("/app-passwords", json={"name": "Phone", "secret": "my own four words"}, headers=headers)
    assert code(again) == (409, "name_taken")
    async with db.read() as conn:
        assert (await conn.exec_driver_sql("SELECT count(*) FROM idempotent_answers")).scalar() == 0


async def test_sessions_are_listed_and_ended(http: Client, ann: dict[str, str]) -> None:
    login = {"username": "ann", "password": "battery staple"}
    await http.post("/auth/login", json=login, headers={"User-Agent": "Phone/1"})
    items = (await http.get("/sessions", headers=ann)).json()["items"]
    assert sorted(item["current"] for item in items) == [False, True]
    other = next(item for item in items if not item["current"])
    assert (other["address"], other["user_agent"]) == ("192.0.2.1", "Phone/1")
    assert (await http.delete(f"/sessions/{other['id']}", headers=ann)).status_code == 204
    assert len((await http.get("/sessions", headers=ann)).json()["items"]) == 1


# people and groups


async def test_an_administrator_makes_changes_and_erases_people(http: Client, root: dict[str, str]) -> None:
    group = (await http.post("/groups", json={"name": "Jazz", "libraries": ["li-2"]}, headers=root)).json()
    body = {"username": "ben", "password": "battery staple", "groups": [group["id"]], "email": "ben@example.org"}
    ben = (await http.post("/users", json=body, headers=root)).json()
    assert ben["groups"] == [group["id"]]
    everyone = (await http.get("/groups", headers=root)).json()["items"][0]
    assert everyone["builtin"] is True
    await http.patch(f"/groups/{everyone['id']}", json={"all_libraries": False}, headers=root)
    path = f"/users/{ben['id']}"
    assert (await http.get(path, headers=root)).json()["libraries"] == ["li-2"]
    changed = await http.patch(path, json={"email": None, "disabled": True, "display_name": None}, headers=root)
    assert (changed.json()["email"], changed.json()["disabled"], changed.json()["display_name"]) == (None, True, "ben")
    assert (await http.patch(path, json={"password": "new staple", "disabled": False}, headers=root)).status_code == 200
    assert (await http.post("/auth/login", json={"username": "ben", "password": "new staple"})).status_code == 200
    assert (await http.delete(path, headers=root)).status_code == 204
    assert code(await http.get(path, headers=root)) == (404, "user_not_found")
    assert code(await http.delete("/users/us-1", headers=root)) == (409, "last_admin")
    assert code(await http.post("/users", json=body | {"username": "ROOT"}, headers=root)) == (409, "username_taken")
    actions = [item["action"] for item in (await http.get("/audit", headers=root)).json()["items"]]
    assert actions[0] == "user.erased"


async def test_a_library_is_opened_to_a_person_from_either_side(http: Client, root: dict[str, str]) -> None:
    body = {"username": "ben", "password": "battery staple", "own_libraries": ["li-4"]}
    ben = (await http.post("/users", json=body, headers=root)).json()
    assert ben["own_libraries"] == ["li-4"]
    path = f"/users/{ben['id']}"
    changed = await http.patch(path, json={"own_libraries": ["li-2", "li-3"]}, headers=root)
    assert changed.json()["own_libraries"] == ["li-2", "li-3"]
    access = (await http.get("/libraries/li-3/access", headers=root)).json()
    assert [person["username"] for person in access["people"]] == ["ben"]
    assert [group["name"] for group in access["groups"]] == ["Everyone"]
    assert {person["username"] for person in access["seen_by"]} == {"root", "ben"}
    access = (await http.put("/libraries/li-3/access", json={"people": []}, headers=root)).json()
    assert access["people"] == []
    assert (await http.get(path, headers=root)).json()["own_libraries"] == ["li-2"]
    missing = await http.put("/libraries/li-3/access", json={"people": ["us-99"]}, headers=root)
    assert code(missing) == (404, "user_not_found")


async def test_people_and_the_audit_come_in_pages(http: Client, root: dict[str, str]) -> None:
    for name in ("Cyd", "ann", "ben"):
        await http.post("/users", json={"username": name, "password": "battery staple"}, headers=root)
    seen, cursor = [], None
    while True:
        page = (
            await http.get("/users", params={"limit": 2} | ({"cursor": cursor} if cursor else {}), headers=root)
        ).json()
        seen += [item["username"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ["ann", "ben", "Cyd", "root"]
    assert page["total"] == 4
    first = (await http.get("/audit", params={"limit": 1}, headers=root)).json()
    second = (await http.get("/audit", params={"limit": 1, "cursor": first["next"]}, headers=root)).json()
    assert first["items"] != second["items"]
    assert (await http.get("/audit", params={"cursor": "x"}, headers=root)).status_code == 422


@pytest.mark.parametrize("path", ["/users/1", "/users/tr-1", "/users/us-x", "/users/us-99999999999999999999"])
async def test_a_bad_id_is_422(http: Client, root: dict[str, str], path: str) -> None:
    assert code(await http.get(path, headers=root)) == (422, "bad_id")
