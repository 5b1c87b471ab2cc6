"""Nothing is open by oversight: every route says who may call it, and each caller gets as far as it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from segue.app import Segue
from segue.asgi import make_asgi
from segue.core.rest import Access, Router, declares
from segue.settings import load_settings
from segue.subsonic.methods import METHODS as SUBSONIC_METHODS
from tests.api.doors import Door, doors
from tests.api.in_process import House
from tests.api.operations import Operation, operations

OPEN_TO_ALL = {
    ("GET", "/docs"),
    ("GET", "/health"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/openapi.json"),
    ("GET", "/setup"),
    ("POST", "/setup"),
    ("POST", "/auth/login"),
    ("POST", "/auth/logout"),
    ("POST", "/auth/refresh"),
    ("GET", "/{path:path}"),
    ("HEAD", "/{path:path}"),
}
"""What anybody may call. Whoever opens another door says so here."""

PASSWORD_OF_BO = "a lamp in the window"


@pytest.fixture(scope="module")
def every_door(tmp_path_factory: pytest.TempPathFactory) -> list[Door]:
    data = tmp_path_factory.mktemp("data")
    return doors(make_asgi(Segue(load_settings({"data_dir": data}, environ={}))))


def test_every_route_of_the_application_says_who_may_call_it(every_door: list[Door]) -> None:
    assert len(every_door) > 70
    assert [door for door in every_door if door.access is None] == []


def test_only_these_doors_are_open_to_all(every_door: list[Door]) -> None:
    found = {(method, door.path) for door in every_door if door.access == Access.public for method in door.methods}
    assert found == OPEN_TO_ALL


def test_only_metrics_and_the_faces_of_other_protocols_look_at_the_caller_themselves(every_door: list[Door]) -> None:
    assert {door.path for door in every_door if door.access == Access.checked_inside} == {
        "/metrics", "/rest", "/compat/listenbrainz", "/compat/lastfm", "/compat/musicbrainz",
        "/ws/downloads", "/compat/live/ws/downloads/{user_id}",
    }  # fmt: skip


def test_of_subsonic_only_the_list_of_extensions_is_for_everybody() -> None:
    public = {name for name, method in SUBSONIC_METHODS.items() if method.public}
    assert public == {"getOpenSubsonicExtensions"}


def test_a_route_that_says_nothing_is_found() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/forgotten")
    def forgotten() -> str:
        return ""

    @declares(Access.public)
    async def page(_request: Any) -> PlainTextResponse:
        return PlainTextResponse("")

    router = Router()
    router.get("/guarded", access=Access.admin)(forgotten)
    app.include_router(router, prefix="/api")
    app.add_route("/page", page)
    app.routes.append(Mount("/mounted", FastAPI()))
    undeclared = {door.path for door in doors(app) if door.access is None}
    assert {"/forgotten", "/mounted"} <= undeclared
    assert not {"/guarded", "/page"} & undeclared


def test_a_route_cannot_be_made_without_access() -> None:
    with pytest.raises(TypeError, match="access"):
        Router().get("/somewhere")  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def tokens(house: House) -> dict[str, str]:
    """Who calls, and with which token."""
    admin = house.token()
    with house.client(admin) as client:
        made = client.post("/api/v1/users", json={"username": "bo", "password": PASSWORD_OF_BO})
        assert made.status_code == 201, made.text
    return {"nobody": "", "user": house.token("bo", PASSWORD_OF_BO), "admin": admin}


@pytest.fixture(scope="module", params=["nobody", "user", "admin"])
def caller(request: pytest.FixtureRequest, house: House, tokens: dict[str, str]) -> Iterator[tuple[str, httpx2.Client]]:
    with house.client(tokens[request.param]) as client:
        yield request.param, client


FOR_EDITORS = {"live_tapes_list"}
"""Lists that say where things lie on the server: the service tells them to editors alone."""


def test_each_caller_gets_as_far_as_each_operation_says(
    caller: tuple[str, httpx2.Client], description: dict[str, Any]
) -> None:
    name, client = caller
    wrong = []
    for operation in sorted(operations(description), key=lambda one: one.id == "auth_logout"):
        if operation.access == Access.checked_inside.name:
            continue
        with client.stream(operation.method.upper(), _address(operation)) as response:
            status = response.status_code
        access = "editor" if operation.id in FOR_EDITORS else operation.access
        if not _is_right(status, access, name):
            wrong.append((operation.id, operation.access, name, status))
    assert wrong == []


def _address(operation: Operation) -> str:
    """Its path with ids that nothing has."""
    path = operation.path
    for part in ("{id}", "{name}", "{row}"):
        path = path.replace(part, "tr-999999999")
    return path


def _is_right(status: int, access: str, caller: str) -> bool:
    if access == "public":
        return status not in (401, 403)
    if caller == "nobody":
        return status == 401
    if access in ("admin", "editor") and caller == "user":
        return status == 403
    return status not in (401, 403)


def test_a_token_that_is_none_of_ours_opens_nothing(house: House) -> None:
    with house.client("not-a-token") as client:
        assert client.get("/api/v1/albums").status_code == 401
        assert client.get("/api/v1/users").status_code == 401
        assert client.get("/health/live").status_code == 200


def test_metrics_are_for_administrators_and_for_those_who_were_let_in(house: House, tokens: dict[str, str]) -> None:
    with house.client() as nobody, house.client(tokens["user"]) as user:
        assert nobody.get("/metrics").status_code == 403
        assert user.get("/metrics").status_code == 403
    with house.client(house.token()) as admin:
        assert admin.get("/metrics").status_code == 200


def test_the_description_says_of_every_operation_who_may_call_it_and_how_to_sign_in(
    description: dict[str, Any],
) -> None:
    schemes = description["components"]["securitySchemes"]
    assert set(schemes) == {"bearer", "cookie"}
    for operation in operations(description):
        ways = operation.spec["security"]
        assert {way for one in ways for way in one} <= set(schemes)
        assert (ways == []) == (operation.access == "public"), operation.id


def test_the_data_folder_is_not_among_the_web_apps_files(house: House, golden: Path) -> None:
    secret = (golden / "data" / "secret.key").read_bytes()
    with house.client() as client:
        for address in ("/secret.key", "/..%2fsecret.key", "/%2e%2e/data/secret.key", "//secret.key"):
            assert secret not in client.get(address).content
