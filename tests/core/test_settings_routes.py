"""Settings over REST: administrators see every setting and where it came from, and change those that may be changed."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.api.settings_routes import router
from segue.core.access import Actor
from segue.core.db import Database
from segue.core.rest import Services, install_problem_handlers
from segue.core.settings_store import SettingsService
from segue.settings import leaves, load_settings

pytestmark = pytest.mark.anyio

ACTORS = {"admin": Actor(1, "ana", frozenset({"admin"})), "guest": Actor(2, "ben")}


@pytest.fixture
async def http(db: Database) -> AsyncIterator[httpx2.AsyncClient]:
    async def authenticate(request: Request) -> Actor | None:
        return ACTORS.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    app = FastAPI()
    app.state.segue = Services(authenticate)
    app.state.segue.add(db)
    app.state.segue.add(SettingsService(db, load_settings(environ={"SEGUE_ADMIN__PASSWORD": "hunter2"})))
    app.include_router(router)
    install_problem_handlers(app)
    transport = httpx2.ASGITransport(app)
    headers = {"Authorization": "Bearer admin"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://segue.test", headers=headers) as client:
        yield client


async def test_every_setting_is_listed_with_its_layer_and_no_secret(http: httpx2.AsyncClient) -> None:
    answer = await http.get("/settings")
    body = answer.json()
    assert [item["key"] for item in body["items"]] == list(leaves())
    assert body["next"] is None
    by_key = {item["key"]: item for item in body["items"]}
    assert by_key["admin.password"]["layer"] == "environment"
    assert by_key["server.port"]["editable"] is False
    assert by_key["log.level"]["choices"] == ["debug", "info", "warning", "error"]
    assert "hunter2" not in answer.text


async def test_a_setting_is_changed_and_goes_back_with_null(http: httpx2.AsyncClient) -> None:
    async def level() -> tuple[str, str]:
        items = (await http.get("/settings")).json()["items"]
        return next((item["value"], item["layer"]) for item in items if item["key"] == "log.level")

    assert (await http.patch("/settings", json={"log.level": "debug"})).status_code == 200
    assert await level() == ("debug", "settings table")
    assert (await http.patch("/settings", json={"log.level": None})).status_code == 200
    assert await level() == ("info", "default")


async def test_what_is_wrong_is_named(http: httpx2.AsyncClient) -> None:
    answer = await http.patch("/settings", json={"log.levle": "debug", "auth.access_minutes": "soon"})
    assert (answer.status_code, answer.json()["code"]) == (422, "settings_refused")
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("log.levle", "unknown_setting"),
        ("auth.access_minutes", "wrong_value"),
    ]
    assert (await http.patch("/settings", json=["log.level"])).status_code == 422


async def test_a_body_that_is_no_json_is_called_the_body(http: httpx2.AsyncClient) -> None:
    answer = await http.patch("/settings", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["body"])


async def test_only_administrators_see_settings(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/settings", headers={"Authorization": "Bearer guest"})).status_code == 403
    assert (await http.get("/settings", headers={"Authorization": ""})).status_code == 401
