"""The edge: who really asks, where we are mounted, what is logged and counted, what a browser is told."""

import gzip
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_network
from typing import Any

import httpx2
import pytest
import zstandard
from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from segue.core.access import Actor
from segue.core.edge import Metrics, with_edge
from segue.core.edge.metrics import MetricsPage
from segue.core.edge.metrics import router as metrics_router
from segue.core.rest import Access, Router, Services, install_problem_handlers

pytestmark = pytest.mark.anyio

ADMIN = Actor(1, "ana", frozenset({"admin"}))
PROXY = [ip_network("10.0.0.0/8")]


def seen(request: Request) -> Response:
    return JSONResponse(
        {
            "url": str(request.url),
            "client": request.client.host if request.client else None,
            "forwarded": [name for name in request.headers if "forwarded" in name],
            "root_path": request.scope["root_path"],
            "via_proxy": request.state.via_proxy,
            "id": request.state.request_id,
            "link": str(request.url_for("one", id="7")),
        }
    )


def page(_request: Request) -> Response:
    return HTMLResponse("<p>" + "long " * 1000)


def svg(_request: Request) -> Response:
    return Response(b"<svg/>" + b" " * 3000, media_type="image/svg+xml")


def cover(_request: Request) -> Response:
    return Response(b"\0" * 5000, media_type="image/jpeg")


def sound(_request: Request) -> Response:
    return Response(b"\0" * 5000, media_type="audio/flac")


def events(_request: Request) -> Response:
    async def lines() -> AsyncIterator[str]:
        yield "data: 1\n\n" * 500

    return StreamingResponse(lines(), media_type="text/event-stream")


def crash(_request: Request) -> Response:
    raise ValueError("oh")


def site() -> Starlette:
    return Starlette(
        routes=[
            Route("/", page),
            Route("/seen", seen),
            Route("/albums/{id}", seen, name="one"),
            Route("/svg", svg),
            Route("/cover", cover),
            Route("/sound", sound),
            Route("/events", events),
            Route("/crash", crash),
            Mount("/inner", routes=[Route("/deep/{id}", page)]),
        ]
    )


def client(app: ASGIApp, address: str = "192.0.2.9", **options: Any) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app, client=(address, 5), raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://segue.test", **options)


async def ask(
    path: str, headers: dict[str, str] | None = None, *, peer: str = "10.0.0.1", **edge: Any
) -> dict[str, Any]:
    async with client(with_edge(site(), trusted_proxies=PROXY, **edge), peer) as http:
        answer: dict[str, Any] = (await http.get(path, headers=headers)).json()
        return answer


# --- proxies --------------------------------------------------------------------------------------------------------


async def test_a_trusted_proxy_says_who_asks_and_how() -> None:
    answer = await ask(
        "/seen",
        {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "music.example"},
    )
    assert answer["client"] == "203.0.113.7"
    assert answer["url"] == "https://music.example/seen"
    assert answer["via_proxy"] is True


async def test_anybody_elses_forwarded_headers_are_removed_unread() -> None:
    answer = await ask(
        "/seen",
        {
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Prefix": "/x",
            "Forwarded": "for=1",
        },
        peer="192.0.2.9",
    )
    assert answer["client"] == "192.0.2.9"
    assert answer["url"] == "http://segue.test/seen"
    assert (answer["forwarded"], answer["via_proxy"], answer["root_path"]) == ([], False, "")


@pytest.mark.parametrize(
    ("chain", "client_address"),
    [
        ("203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("nonsense", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
async def test_the_client_is_the_first_before_our_own_proxies(chain: str, client_address: str) -> None:
    assert (await ask("/seen", {"X-Forwarded-For": chain}))["client"] == client_address


async def test_each_hops_scheme_belongs_to_its_hop() -> None:
    headers = {"X-Forwarded-For": "203.0.113.7, 10.0.0.2", "X-Forwarded-Proto": "https, http"}
    assert (await ask("/seen", headers))["url"].startswith("https://")


@pytest.mark.parametrize("host", ["evil/path", "a b", "<script>", "a@b"])
async def test_a_forwarded_host_that_is_none_is_ignored(host: str) -> None:
    assert (await ask("/seen", {"X-Forwarded-Host": host}))["url"] == "http://segue.test/seen"


# --- base path ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/music/seen", "/seen"])
async def test_under_a_base_path_both_spellings_arrive_and_links_carry_it(path: str) -> None:
    answer = await ask(path, base_path="/music")
    assert answer["url"] == "http://segue.test/music/seen"
    assert answer["link"] == "http://segue.test/music/albums/7"
    assert answer["root_path"] == "/music"


async def test_a_trusted_proxys_prefix_is_the_base_path() -> None:
    answer = await ask("/seen", {"X-Forwarded-Prefix": "/a/b/"})
    assert (answer["root_path"], answer["link"]) == ("/a/b", "http://segue.test/a/b/albums/7")
    assert (await ask("/seen", {"X-Forwarded-Prefix": "/../x"}))["root_path"] == ""


async def test_the_bare_base_path_leads_to_its_page() -> None:
    async with client(with_edge(site(), base_path="/music")) as http:
        answer = await http.get("/music?x=1")
        assert (answer.status_code, answer.headers["location"]) == (308, "/music/?x=1")
        assert (await http.get("/music/")).status_code == 200
        assert (await http.get("/musical")).status_code == 404


# --- compression and headers ----------------------------------------------------------------------------------------


async def test_text_is_compressed_as_the_client_likes_it() -> None:
    async with client(with_edge(site())) as http:
        async with http.stream("GET", "/", headers={"Accept-Encoding": "gzip"}) as answer:
            body = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(body).startswith(b"<p>long")
        async with http.stream("GET", "/", headers={"Accept-Encoding": "gzip, zstd"}) as answer:
            body = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "zstd"
        assert zstandard.ZstdDecompressor().decompressobj().decompress(body).startswith(b"<p>long")


@pytest.mark.parametrize("path", ["/cover", "/sound", "/events"])
async def test_pictures_sound_and_event_streams_are_left_as_they_are(path: str) -> None:
    async with client(with_edge(site())) as http:
        answer = await http.get(path, headers={"Accept-Encoding": "gzip, zstd"})
        assert "content-encoding" not in answer.headers


async def test_a_page_may_load_nothing_from_foreign_hosts() -> None:
    async with client(with_edge(site())) as http:
        headers = (await http.get("/")).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy
        assert "unsafe-eval" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "sandbox" in (await http.get("/svg")).headers["content-security-policy"]
        assert "content-security-policy" not in (await http.get("/cover")).headers


async def test_other_origins_may_ask_only_where_they_are_set() -> None:
    origin = {"Origin": "https://app.example"}
    async with client(with_edge(site())) as http:
        assert "access-control-allow-origin" not in (await http.get("/seen", headers=origin)).headers
    async with client(with_edge(site(), cors_origins=["https://app.example"])) as http:
        answer = await http.get("/seen", headers=origin)
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        other = await http.get("/seen", headers={"Origin": "https://other.example"})
        assert "access-control-allow-origin" not in other.headers


# --- the access line ------------------------------------------------------------------------------------------------


async def test_a_request_is_one_line_without_its_query() -> None:
    async with client(with_edge(site(), base_path="/music")) as http:
        with capture_logs() as lines:
            answer = await http.get("/albums/7?u=ana&p=hunter2&t=tok3n&s=s4lt&apiKey=k3y&token=x")
    (line,) = lines
    assert line["event"] == "request"
    assert (line["method"], line["route"], line["status"], line["client"]) == ("GET", "/albums/{id}", 200, "192.0.2.9")
    assert line["id"] == answer.headers["x-request-id"] == answer.json()["id"]
    assert line["ms"] >= 0
    assert line["bytes"] == len(answer.content)
    assert not any(secret in str(line) for secret in ("hunter2", "tok3n", "s4lt", "k3y"))


async def test_a_mounted_route_carries_where_it_is_mounted() -> None:
    async with client(with_edge(site(), base_path="/music")) as http:
        with capture_logs() as lines:
            await http.get("/music/inner/deep/3")
            await http.get("/nowhere/secret")
    assert [line["route"] for line in lines] == ["/inner/deep/{id}", "unmatched"]


async def test_only_a_trusted_proxy_may_name_a_request() -> None:
    edge = with_edge(site(), trusted_proxies=PROXY)
    headers = {"X-Request-ID": "abc-1", "X-Forwarded-For": "203.0.113.7"}
    async with client(edge, "10.0.0.1") as http:
        assert (await http.get("/seen", headers=headers)).headers["x-request-id"] == "abc-1"
        strange = headers | {"X-Request-ID": "a b"}
        assert (await http.get("/seen", headers=strange)).headers["x-request-id"] != "a b"
    async with client(edge) as http:
        assert (await http.get("/seen", headers=headers)).headers["x-request-id"] != "abc-1"


async def test_a_crash_is_a_line_too() -> None:
    async with client(with_edge(site())) as http:
        with capture_logs() as lines:
            await http.get("/crash")
    assert [line["status"] for line in lines if line["event"] == "request"] == [500]


async def test_access_lines_can_be_switched_off_while_running() -> None:
    wanted = True
    async with client(with_edge(site(), access_lines=lambda: wanted)) as http:
        with capture_logs() as lines:
            await http.get("/seen")
            wanted = False
            await http.get("/seen")
    assert len(lines) == 1


# --- metrics --------------------------------------------------------------------------------------------------------


def measured(allowed: Sequence[str] = (), token: str | None = None) -> ASGIApp:
    app = FastAPI()
    router = Router(prefix="/albums")

    @router.get("/{id}", access=Access.signed_in)
    async def album(id: str) -> dict[str, str]:
        return {"id": id}

    async def authenticate(request: Request) -> Actor | None:
        name = request.headers.get("authorization", "").removeprefix("Bearer ")
        return {"admin": ADMIN, "guest": Actor(2, "guest")}.get(name)

    numbers = Metrics()
    numbers.gauge("segue_answer", "The answer.", lambda: 42)
    app.state.segue = Services(authenticate)
    app.state.segue.add(MetricsPage(numbers, lambda: ([ip_network(network) for network in allowed], token)))
    app.include_router(router, prefix="/api/v1")
    app.include_router(metrics_router)
    install_problem_handlers(app)
    return with_edge(app, metrics=numbers, trusted_proxies=PROXY)


async def test_requests_are_counted_by_the_template_of_their_route() -> None:
    async with client(measured()) as http:
        await http.get("/api/v1/albums/al-1", headers={"Authorization": "Bearer guest"})
        await http.get("/api/v1/albums/al-2", headers={"Authorization": "Bearer guest"})
        await http.get("/made/up")
        answer = await http.get("/metrics", headers={"Authorization": "Bearer admin"})
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.text
    assert 'segue_http_requests_total{method="GET",route="/api/v1/albums/{id}",status="200"} 2.0' in text
    assert 'segue_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert 'segue_http_request_seconds_count{method="GET",route="/api/v1/albums/{id}"} 2.0' in text
    assert "segue_answer 42.0" in text


async def test_the_access_line_names_the_user() -> None:
    async with client(measured()) as http:
        with capture_logs() as lines:
            await http.get("/api/v1/albums/al-1", headers={"Authorization": "Bearer guest"})
    assert [(line["user"], line["route"]) for line in lines] == [("guest", "/api/v1/albums/{id}")]


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("192.0.2.9", {}, 403),
        ("192.0.2.9", {"Authorization": "Bearer guest"}, 403),
        ("192.0.2.9", {"Authorization": "Bearer admin"}, 200),
        ("192.0.2.9", {"Authorization": "Bearer scraper"}, 200),
        ("192.0.2.9", {"Authorization": "Bearer scrape"}, 403),
        ("127.0.0.1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.9"}, 403),
        ("192.0.2.9", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("10.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 200),
        ("10.0.0.1", {"X-Forwarded-For": "192.0.2.9"}, 403),
    ],
)
async def test_metrics_are_for_admins_the_token_and_allowed_addresses(
    address: str, headers: dict[str, str], status: int
) -> None:
    async with client(measured(["127.0.0.0/8"], "scraper"), address) as http:
        assert (await http.get("/metrics", headers=headers)).status_code == status
