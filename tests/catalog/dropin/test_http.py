"""What HTTP asks of a server: what a client has already, encodings, methods, pages of other origins, wrong requests."""

from __future__ import annotations

import zlib
from typing import Any

import httpx2
import pytest

from segue.catalog.dropin.app import DropIn
from segue.catalog.dropin.limits import Limiter, Rate
from segue.catalog.local import LocalBackend
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.core.edge.proxies import ForwardedHeaders
from tests.catalog.dropin.conftest import Client
from tests.catalog.tiny import ALBUMS, ARTISTS, TRACKS

pytestmark = pytest.mark.anyio

TRACK = f"/lookup/track/{TRACKS[0].id}"
TAGGED = (
    TRACK,
    f"/lookup/album/{ALBUMS[0].id}",
    f"/lookup/album/{ALBUMS[0].id}/tracks",
    f"/lookup/artist/{ARTISTS[0].id}/albums",
    "/lookup/isrc/GBAYE9700001",
    "/lookup/upc/0016861402327",
    f"/lookup/id/spotify:artist:{ARTISTS[0].id}",
    "/search/track?q=hunter",
    "/search/all?q=hunter",
)


async def test_what_the_client_has_already_is_not_sent_again(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        tags = set()
        for path in TAGGED:
            first = await http.get(path)
            tag = first.headers["etag"]
            tags.add(tag)
            assert "max-age" in first.headers["cache-control"]
            for sent in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
                again = await http.get(path, headers={"if-none-match": sent})
                assert (again.status_code, again.content) == (304, b"")
                assert again.headers["etag"] == tag
            assert (await http.get(path, headers={"if-none-match": '"tiny-0.x"'})).status_code == 200
        assert len(tags) == len(TAGGED)


async def test_only_large_answers_are_compressed(
    client: Client, from_snapshot: LocalBackend, tiny: LocalBackend
) -> None:
    both = {"accept-encoding": "gzip, deflate"}
    async with client(tiny) as http:
        assert "content-encoding" not in (await http.get(TRACK, headers=both)).headers
    async with client(from_snapshot) as http:
        plain = await http.get("/search/track?q=the")
        assert len(plain.content) > 4096
        assert plain.headers["vary"] == "accept-encoding"
        async with http.stream("GET", "/search/track?q=the", headers=both) as answer:
            packed = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) == len(packed)
        assert zlib.decompress(packed, 31) == plain.content
        for none in ("identity", "gzip;q=0, zstd; q=0.0", "br"):
            answer = await http.get("/search/track?q=the", headers={"accept-encoding": none})
            assert "content-encoding" not in answer.headers


async def test_head_says_what_get_would_without_its_body(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        whole, head = await http.get(TRACK), await http.head(TRACK)
        assert head.content == b""
        assert head.headers == whole.headers
        assert (await http.head("/lookup/track/x")).status_code == 404


async def test_a_wrong_method_is_405_and_says_which_are_right(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        for method, path, allowed in (
            ("POST", TRACK, "GET, HEAD, OPTIONS"),
            ("DELETE", "/search/track", "GET, HEAD, OPTIONS"),
            ("GET", "/batch/lookup", "POST, OPTIONS"),
        ):
            answer = await http.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
            assert answer.json()["code"] == "wrong_method"


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/lookup", "/lookup/track/", "/lookup/track/a/b", "/lookup/film/x", "/search/", "/docs/x", "//"],
)
async def test_an_unknown_path_is_404_as_json(client: Client, tiny: LocalBackend, path: str) -> None:
    async with client(tiny) as http:
        answer = await http.get(f"http://catalog.test{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_path")


async def test_pages_of_other_origins_may_ask(client: Client, tiny: LocalBackend) -> None:
    origin = {"origin": "https://player.example"}
    async with client(tiny) as http:
        answer = await http.get(TRACK, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "x-next-cursor" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-origin" not in (await http.get(TRACK)).headers
        before = await http.options("/batch/lookup", headers={**origin, "access-control-request-method": "POST"})
        assert before.status_code == 204
        assert before.headers["access-control-allow-methods"] == "POST, OPTIONS"
        assert "content-type" in before.headers["access-control-allow-headers"]
        assert (await http.get("/lookup/track/x", headers=origin)).headers["access-control-allow-origin"] == "*"


async def test_who_asks_too_often_is_told_when_to_come_again(client: Client, tiny: LocalBackend) -> None:
    now = 0.0
    limiter = Limiter(Rate(2, 3), clock=lambda: now)
    spoofed = iter(f"198.51.100.{number}" for number in range(1, 200))
    async with client(tiny, limiter=limiter) as http, client(tiny, "192.0.2.9", limiter=limiter) as other:
        for _ in range(3):
            assert (await http.get(TRACK, headers={"x-forwarded-for": next(spoofed)})).status_code == 200
        answer = await http.get(TRACK, headers={"x-forwarded-for": next(spoofed), "forwarded": "for=198.51.100.77"})
        assert answer.status_code == 429
        assert answer.json()["code"] == "rate_limited"
        assert answer.headers["retry-after"] == "1"
        assert (await http.get("/health")).status_code == 200
        assert (await http.get("/metrics")).status_code == 200
        assert (await other.get(TRACK)).status_code == 200
        now = 0.5
        assert (await http.get(TRACK)).status_code == 200
        assert (await http.get("/nothing")).status_code == 429


async def test_a_trusted_proxy_says_who_asks(tiny: LocalBackend) -> None:
    from ipaddress import ip_network

    from segue.catalog.current import Current

    limiter = Limiter(Rate(1, 1), clock=lambda: 0.0)
    app: Any = ForwardedHeaders(DropIn(Current(tiny), limiter=limiter), [ip_network("10.0.0.0/8")])  # type: ignore[arg-type]

    async def status(peer: str, forwarded: str) -> int:
        transport = httpx2.ASGITransport(app, client=(peer, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://catalog.test") as http:
            return (await http.get(TRACK, headers={"x-forwarded-for": forwarded})).status_code

    assert await status("10.0.0.1", "203.0.113.1") == 200
    assert await status("10.0.0.2", "203.0.113.1") == 429
    assert await status("10.0.0.1", "198.51.100.99, 203.0.113.1") == 429, "only the nearest hop is believed"
    assert await status("10.0.0.1", "203.0.113.2") == 200
    assert await status("203.0.113.3", "203.0.113.4") == 200
    assert await status("203.0.113.3", "203.0.113.5") == 429, "no proxy of ours, so its word does not count"


async def test_damage_is_told_once_and_the_answer_comes_from_what_is_whole(
    client: Client, tiny: LocalBackend, from_snapshot: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    async def recover(backend: Any, why: SnapshotDamaged) -> bool:
        told.append(why.why)
        monkeypatch.undo()
        return True

    def damaged(*_: Any) -> Any:
        raise SnapshotDamaged(tiny.store.path, "malformed")  # type: ignore[attr-defined]

    async with client(tiny, recover=recover) as http:
        monkeypatch.setattr(tiny.store, "ranks", damaged)
        assert (await http.get(TRACK)).status_code == 200
    assert told == ["malformed"]
    async with client(tiny) as http:
        monkeypatch.setattr(tiny.store, "ranks", damaged)
        answer = await http.get(TRACK)
        assert (answer.status_code, answer.json()["code"]) == (503, "snapshot_damaged")


async def test_what_nobody_foresaw_is_an_answer_without_inner_words(
    client: Client, tiny: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("secret")

    monkeypatch.setattr(tiny.store, "ranks", broken)
    async with client(tiny) as http:
        answer = await http.get(TRACK)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
