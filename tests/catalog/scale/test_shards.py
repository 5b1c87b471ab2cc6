"""Four shards, each a server process of its own, and a router in front: what they say is what the whole snapshot says."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import jsonschema
import pytest

from segue.catalog.build.verifying import verify
from segue.catalog.current import Current
from segue.catalog.dropin.app import DropIn
from segue.catalog.dropin.description import description
from segue.catalog.dropin.shapes import Shape
from segue.catalog.local import LocalBackend
from segue.catalog.scale.errors import ShardDown, ShardsDiffer, WrongNumber
from segue.catalog.scale.remote import RemoteShard
from segue.catalog.scale.shard import LocalShard
from segue.catalog.scale.sharded import ShardedBackend
from segue.catalog.scale.shares import of_id
from segue.catalog.scale.splitting import split
from segue.catalog.snapshot.opening import open_snapshot
from tests.catalog.dropin.test_process import Serving, serving
from tests.catalog.scale.asking import everything, ids_of, queries
from tests.catalog.scale.conftest import SHARDS
from tests.e2e.running import wait_until

pytestmark = pytest.mark.anyio

TOKEN = "between-shards"


@pytest.fixture(scope="module")
def servers(shards: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Serving]]:
    out = tmp_path_factory.mktemp("said")
    with ExitStack() as stack:
        yield [
            stack.enter_context(serving(out / f"{number}", folder, "--token", TOKEN))
            for number, folder in enumerate(shards, 1)
        ]


@pytest.fixture(scope="module")
def router(servers: list[Serving], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    addresses = [part for server in reversed(servers) for part in ("--shard", url_of(server))]
    with serving(tmp_path_factory.mktemp("router") / "out", *addresses, "--token", TOKEN, "--rate-limit", "off") as one:
        yield one


def url_of(server: Serving) -> str:
    return f"http://127.0.0.1:{server.port}"


@asynccontextmanager
async def routed(servers: list[Serving]) -> AsyncIterator[ShardedBackend]:
    backend = await ShardedBackend.open([RemoteShard(url_of(server), TOKEN) for server in servers])
    yield backend
    await backend.close()


async def test_four_shards_answer_everything_as_the_whole_snapshot_does(
    servers: list[Serving], whole: LocalBackend
) -> None:
    texts = queries(whole.store)
    async with routed(servers) as backend:
        assert (backend.id, backend.namespace, backend.licence) == (whole.id, whole.namespace, whole.licence)
        said = await everything(backend, whole.store, texts)
        for (what, here), (_, there) in zip(await everything(whole, whole.store, texts), said, strict=True):
            assert there == here, what


async def test_the_router_answers_over_http_byte_for_byte(router: Serving, whole: LocalBackend) -> None:
    store = whole.store
    tracks, albums, artists = (ids_of(store, kind) for kind in ("track", "album", "artist"))
    codes = [one["isrc"] for one in map(json.loads, store.tracks(range(1, 101))) if "isrc" in one]
    batch = {"tracks": [*tracks[:198], "none"], "albums": albums[:80], "artists": artists[:60], "isrcs": codes[:60]}
    paths = [f"/lookup/track/{id}" for id in tracks[::150]] + [f"/lookup/album/{albums[0]}/tracks"]
    paths += [
        f"/lookup/artist/{artists[0]}/albums",
        f"/lookup/isrc/{codes[0]}",
        "/lookup/track/none",
        "/search/all?q=lo",
    ]
    paths += [f"/search/track?q={text}&limit=5" for text in ("love", "a", "loev", "ve")]
    transport = httpx2.ASGITransport(DropIn(Current(whole)), client=("192.0.2.1", 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://whole.test") as unsplit:
        for path in paths:
            here, there = await unsplit.get(path), router.http.get(path)
            assert (there.status_code, there.content) == (here.status_code, here.content), path
            told = ("etag", "x-total-count", "x-next-cursor", "x-corrected-query", "link", "cache-control")
            assert [there.headers.get(name) for name in told] == [here.headers.get(name) for name in told], path
        here, there = await unsplit.post("/batch/lookup", json=batch), router.http.post("/batch/lookup", json=batch)
        assert there.content == here.content
    assert router.served() == whole.id


async def test_without_one_shard_its_ids_are_unavailable_and_a_search_says_partial(
    shards: list[Path], whole: LocalBackend, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        servers = [
            stack.enter_context(serving(tmp_path / f"{number}", folder, "--token", TOKEN))
            for number, folder in enumerate(shards[2:])
        ]
        here = [LocalShard(open_snapshot(folder, threads=1)) for folder in shards[:2]]
        backend = await ShardedBackend.open([*here, *(RemoteShard(url_of(server), TOKEN) for server in servers)])
        try:
            servers[0].process.kill()
            servers[0].process.wait()
            ids = ids_of(whole.store, "track")
            lost = [id for id in ids if of_id(id, SHARDS) == 2]
            kept = [id for id in ids if of_id(id, SHARDS) != 2]
            transport = httpx2.ASGITransport(DropIn(Current(backend)), client=("192.0.2.1", 1))
            async with httpx2.AsyncClient(transport=transport, base_url="http://router.test") as http:
                refused = await http.get(f"/lookup/track/{lost[0]}")
                assert (refused.status_code, refused.json()["code"]) == (503, "shard_down")
                assert refused.headers["retry-after"]
                for id in kept[::40]:
                    assert (await http.get(f"/lookup/track/{id}")).status_code == 200
                for kind in ("album", "artist"):
                    for id in ids_of(whole.store, kind):  # type: ignore[arg-type]
                        assert (await http.get(f"/lookup/{kind}/{id}")).status_code == 200
                        break
                batch = {"tracks": [*lost[:20], *kept[:20]]}
                some = (await http.post("/batch/lookup", json=batch)).json()
                assert sorted(some["tracks"]) == sorted(kept[:20])
                assert some["errors"]["tracks"].endswith(", ".join(lost[:20]))
                lines = await http.post("/batch/lookup", json=batch, headers={"accept": "application/x-ndjson"})
                told = [json.loads(line) for line in lines.text.splitlines()]
                assert [one["ids"] for one in told if one["kind"] == "error"] == [lost[:20]]
                assert sorted(one["id"] for one in told if one["kind"] == "track") == sorted(kept[:20])
                _fits_the_description(refused, "/lookup/track/{id}", "get")
                _fits_the_description(lines, "/batch/lookup", "post")
                none = await http.post("/batch/lookup", json={"tracks": lost[:3]})
                assert none.status_code == 503
                _fits_the_description(none, "/batch/lookup", "post")
                (first,) = map(json.loads, whole.store.tracks((1,)))
                found = await http.get("/search/track", params={"q": first["name"]})
                assert (found.status_code, found.headers["x-partial"]) == (200, "true")
                assert found.json()
                assert "x-partial" not in (await http.get("/search/album?q=love")).headers
        finally:
            await backend.close()


def _fits_the_description(answer: httpx2.Response, path: str, method: str) -> None:
    """Each line of it, where it is lines."""
    said = description(Shape.plain)
    response = said["paths"][path][method]["responses"][str(answer.status_code)]
    if "$ref" in response:
        response = said["components"]["responses"][response["$ref"].rpartition("/")[2]]
    media = answer.headers["content-type"].partition(";")[0]
    for header in response.get("headers", ()):
        assert header in answer.headers
    schema = {**response["content"][media]["schema"], "components": said["components"]}
    for line in answer.text.splitlines():
        jsonschema.Draft202012Validator(schema).validate(json.loads(line))


async def test_another_catalogue_is_asked_once_all_shards_serve_it_and_nobody_is_refused_meanwhile(
    built: Path, tmp_path: Path
) -> None:
    split(built, 2, tmp_path / "shards")
    other = tmp_path / "other"
    shutil.copytree(built, other)
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps({**manifest, "id": "the-next-one"}))
    with ExitStack() as stack:
        servers = [
            stack.enter_context(serving(tmp_path / f"{number}", tmp_path / f"shards/shard-{number}", "--token", TOKEN))
            for number in (1, 2)
        ]
        addresses = [part for server in servers for part in ("--shard", url_of(server))]
        router = stack.enter_context(serving(tmp_path / "router", *addresses, "--token", TOKEN))
        async with routed(servers) as before:
            assert router.served() == manifest["id"]
            split(other, 2, tmp_path / "shards")
            await asyncio.to_thread(wait_until, lambda: router.served() == "the-next-one")
            assert await before.tracks((1,)), "a router that has not noticed yet goes on with the one before"
        stranger = RemoteShard(url_of(servers[0]), TOKEN)
        stranger.id = "of long ago"
        with pytest.raises(ShardDown, match="another catalogue"):
            await stranger.documents("track", (1,), True)
        await stranger.close()


async def test_shards_of_different_splits_or_a_missing_one_are_refused(shards: list[Path]) -> None:
    some = [LocalShard(open_snapshot(folder, threads=1)) for folder in shards[:3]]
    with pytest.raises(ShardsDiffer, match="1, 2, 3"):
        await ShardedBackend.open(some)
    with pytest.raises(ShardsDiffer):
        await ShardedBackend.open([*some, some[0]])
    for shard in some:
        await shard.close()


def test_nobody_without_the_token_is_answered(servers: list[Serving], router: Serving) -> None:
    http = servers[0].http
    for headers in ({}, {"authorization": "Bearer wrong"}):
        assert http.post("/internal/catalog/about", content=b"\x90", headers=headers).status_code == 401
    good = {"authorization": f"Bearer {TOKEN}"}
    assert http.post("/internal/catalog/about", content=b"\x90", headers=good).status_code == 200
    assert http.post("/internal/catalog/close", content=b"\x90", headers=good).status_code == 400
    assert http.post("/internal/catalog/ranks", content=b"\x91\x01", headers=good).status_code == 400
    assert router.http.post("/internal/catalog/about", content=b"\x90", headers=good).status_code == 404


def test_a_shard_is_a_snapshot_that_can_be_verified(shards: list[Path]) -> None:
    for folder in shards:
        found = verify(folder)
        assert not found.damaged
        assert found.rows > 200


def test_too_many_shards_or_one_alone_are_refused(built: Path, tmp_path: Path) -> None:
    for number in (1, 65):
        with pytest.raises(WrongNumber):
            split(built, number, tmp_path / "shards")
