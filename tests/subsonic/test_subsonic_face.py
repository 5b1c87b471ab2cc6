"""The face as an ASGI application, with a handful of methods of its own and somebody who checks credentials."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from lxml import etree
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount

from segue import __version__
from segue.core.access import Actor
from segue.core.edge import with_edge
from segue.core.errors import NotFound, TooMany
from segue.core.rest import Services
from segue.subsonic.app import MAX_FORM_BYTES, SubsonicApp
from segue.subsonic.call import Call, Method
from segue.subsonic.credentials import Credentials
from segue.subsonic.envelope import Reply
from segue.subsonic.faults import Code, Fault
from segue.subsonic.handlers import absent, system

pytestmark = pytest.mark.anyio

SIGNED_IN = "u=ann&p=sesame&v=1.16.1&c=test"


async def authenticate(credentials: Credentials, _address: str) -> Actor:
    if credentials.password != "sesame":
        raise Fault(Code.WRONG_CREDENTIALS, "Wrong username or password.")
    return Actor(1, credentials.username or "")


async def echo(call: Call) -> Reply:
    return Reply("lyrics", {"value": "\n".join(call.parameters.many("line")), "title": call.client})


async def crash(_call: Call) -> Reply:
    raise RuntimeError("the disk is on fire")


async def lost(_call: Call) -> Reply:
    raise NotFound("no_such_track", "There is no track tr-9.", hint="It may have been deleted.")


async def busy(_call: Call) -> Reply:
    raise TooMany("slow_down", "Too many attempts.", retry_after_s=30)


async def raw(_call: Call) -> Response:
    return Response(b"bytes", media_type="audio/flac")


METHODS = {
    **system.METHODS,
    **absent.METHODS,
    "echo": Method(echo),
    "crash": Method(crash),
    "lost": Method(lost),
    "busy": Method(busy),
    "raw": Method(raw),
}


async def nobody(_request: object) -> None:
    return None


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    face = SubsonicApp(Services(nobody), METHODS, authenticate)
    app = Starlette(routes=[Mount("/base/rest", face)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue/base/rest") as made:
        yield made


async def failed(response: httpx2.Response) -> dict[str, object]:
    body = response.json()["subsonic-response"]
    assert body["status"] == "failed"
    return dict(body["error"])


async def test_every_answer_says_who_speaks(client: httpx2.AsyncClient) -> None:
    for query in (SIGNED_IN, "u=ann&p=wrong", ""):
        said = (await client.get(f"/ping?f=json&{query}")).json()["subsonic-response"]
        assert {key: said[key] for key in ("version", "type", "serverVersion", "openSubsonic")} == {
            "version": "1.16.1", "type": "segue", "serverVersion": __version__, "openSubsonic": True,
        }  # fmt: skip
        root = etree.fromstring((await client.get(f"/ping?{query}")).content)
        assert dict(root.attrib) == {
            "status": said["status"], "version": "1.16.1", "type": "segue",
            "serverVersion": __version__, "openSubsonic": "true",
        }  # fmt: skip


async def test_get_and_post_with_and_without_view_answer_alike(client: httpx2.AsyncClient) -> None:
    answers = {
        (await client.get(f"/echo?{SIGNED_IN}&line=a&line=b")).text,
        (await client.get(f"/echo.view?{SIGNED_IN}&line=a&line=b")).text,
        (await client.post("/echo", content=f"{SIGNED_IN}&line=a&line=b", headers=FORM)).text,
        (await client.post("/echo.view", content=f"{SIGNED_IN}&line=a&line=b", headers=FORM)).text,
        (await client.post(f"/echo?{SIGNED_IN}&line=b", content="line=a", headers=FORM)).text,
    }
    assert len(answers) == 1
    assert "a&#10;b" in answers.pop()


FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


async def test_jsonp_is_javascript_and_nothing_else(client: httpx2.AsyncClient) -> None:
    response = await client.get(f"/echo?{SIGNED_IN}&f=jsonp&callback=app.done&line=%E2%80%A8")
    assert response.headers["content-type"].startswith("application/javascript")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text.startswith("/**/app.done({")
    assert "\u2028" not in response.text
    inner = response.text.removeprefix("/**/app.done(").removesuffix(");")
    assert json.loads(inner)["subsonic-response"]["lyrics"]["value"] == "\u2028"


async def test_jsonp_without_a_usable_callback_is_refused_in_json(client: httpx2.AsyncClient) -> None:
    for query in (f"{SIGNED_IN}&f=jsonp", f"{SIGNED_IN}&f=jsonp&callback=alert(1)"):
        response = await client.get(f"/ping?{query}")
        assert response.headers["content-type"] == "application/json"
        assert "callback" in str((await failed(response))["message"])
    posted = await client.post("/ping", content=f"{SIGNED_IN}&f=jsonp", headers=FORM)
    assert (await failed(posted))["code"] == Code.MISSING_PARAMETER


async def test_extensions_are_told_to_anyone(client: httpx2.AsyncClient) -> None:
    said = (await client.get("/getOpenSubsonicExtensions?f=json")).json()["subsonic-response"]
    assert {"name": "formPost", "versions": [1]} in said["openSubsonicExtensions"]


async def test_nothing_else_is_told_to_anyone(client: httpx2.AsyncClient) -> None:
    for name, method in METHODS.items():
        if not method.public:
            assert (await failed(await client.get(f"/{name}?f=json")))["code"] == Code.MISSING_PARAMETER, name


async def test_a_method_nobody_knows_is_a_failed_answer(client: httpx2.AsyncClient) -> None:
    for path in ("/makeCoffee", "/makeCoffee.view", "/", "", "/ping/extra"):
        response = await client.get(f"{path}?{SIGNED_IN}&f=json")
        assert response.status_code == 200
        assert (await failed(response))["code"] == Code.GENERIC


async def test_the_services_errors_become_the_protocols(client: httpx2.AsyncClient) -> None:
    error = await failed(await client.get(f"/lost?{SIGNED_IN}&f=json"))
    assert error == {"code": 70, "message": "There is no track tr-9. It may have been deleted."}
    response = await client.get(f"/busy?{SIGNED_IN}&f=json")
    assert (response.status_code, response.headers["retry-after"]) == (429, "30")
    assert (await failed(response))["code"] == Code.GENERIC


async def test_a_fault_of_ours_is_an_envelope_without_its_inside(client: httpx2.AsyncClient) -> None:
    response = await client.get(f"/crash?{SIGNED_IN}")
    assert response.status_code == 500
    assert b'status="failed"' in response.content
    assert b"fire" not in response.content


async def test_bytes_pass_through(client: httpx2.AsyncClient) -> None:
    response = await client.get(f"/raw?{SIGNED_IN}&f=json")
    assert (response.content, response.headers["content-type"]) == (b"bytes", "audio/flac")
    assert response.headers["access-control-allow-origin"] == "*"


async def test_a_page_of_another_origin_may_ask_before_it_calls(client: httpx2.AsyncClient) -> None:
    response = await client.options(
        "/ping", headers={"access-control-request-headers": "range", "origin": "https://app"}
    )
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["access-control-allow-headers"] == "range"
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in response.headers


async def test_the_origins_of_the_api_do_not_narrow_this_face() -> None:
    face = SubsonicApp(Services(nobody), METHODS, authenticate)
    app = with_edge(Starlette(routes=[Mount("/rest", face)]), base_path="/music", cors_origins=["https://other"])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue/music/rest") as client:
        origin = {"origin": "https://app", "access-control-request-method": "POST"}
        assert (await client.options("/ping", headers=origin)).status_code == 204
        answer = await client.get(f"/ping?{SIGNED_IN}", headers={"origin": "https://app"})
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert "access-control-allow-credentials" not in answer.headers


async def test_other_http_methods_are_refused(client: httpx2.AsyncClient) -> None:
    assert (await client.delete(f"/ping?{SIGNED_IN}")).status_code == 405


async def test_a_form_without_end_is_refused_before_it_is_read(client: httpx2.AsyncClient) -> None:
    response = await client.post(f"/ping?{SIGNED_IN}&f=json", content=b"a" * (MAX_FORM_BYTES + 1), headers=FORM)
    assert response.status_code == 413
    assert (await failed(response))["code"] == Code.GENERIC


async def test_what_segue_does_not_have_is_an_empty_result_or_a_sentence(client: httpx2.AsyncClient) -> None:
    said = (await client.get(f"/getPodcasts?{SIGNED_IN}&f=json")).json()["subsonic-response"]
    assert said["podcasts"] == {"channel": []}
    assert (await failed(await client.get(f"/deleteShare?{SIGNED_IN}&f=json&id=7")))["code"] == Code.NOT_FOUND
    assert (await failed(await client.get(f"/deleteShare?{SIGNED_IN}&f=json")))["code"] == Code.MISSING_PARAMETER
    error = await failed(await client.get(f"/jukeboxControl?{SIGNED_IN}&f=json&action=get"))
    assert str(error["message"]).endswith(".")
