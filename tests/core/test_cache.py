"""The cache: the same promises in memory and in Redis, and a lost Redis fails nobody."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.core.cache import Cache, CacheUnavailable, MemoryBackend, open_cache
from tests.conftest import needs
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    needs("redis-server", binary is not None, "install Redis or Valkey")
    assert binary
    port = free_port()
    folder: Path = tmp_path_factory.mktemp("redis")
    process = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait()


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    if request.param == "memory":
        cache = open_cache(None)
    else:
        url = request.getfixturevalue("redis_url")
        from redis.asyncio import Redis

        client: Any = Redis.from_url(url)
        await client.flushall()
        await client.aclose()
        cache = open_cache(url)
    yield cache
    await cache.close()


async def test_what_is_remembered_comes_back_as_json_or_bytes(cache: Cache) -> None:
    assert await cache.get("album") is None
    await cache.set("album", {"title": "Björk", "tracks": [1, None, 2.5]}, ttl_s=60)
    await cache.set("cover", b"\x00\nRIFF", ttl_s=60)
    assert await cache.get("album") == {"title": "Björk", "tracks": [1, None, 2.5]}
    assert await cache.get("cover") == b"\x00\nRIFF"
    await cache.delete("album", "cover")
    assert await cache.get("album") is None


async def test_what_one_caller_does_to_a_value_no_other_sees(cache: Cache) -> None:
    await cache.set("list", [1], ttl_s=60)
    (await cache.get("list") or []).append(2)
    assert await cache.get("list") == [1]


async def test_forgetting_a_tag_forgets_everything_with_it_and_nothing_else(cache: Cache) -> None:
    await cache.set("a", 1, ttl_s=60, tags=["album:7"])
    await cache.set("b", 2, ttl_s=60, tags=["album:7", "artist:1"])
    await cache.set("c", 3, ttl_s=60, tags=["artist:1"])
    await cache.forget("album:7")
    assert [await cache.get(key) for key in "abc"] == [None, None, 3]
    await cache.set("a", 4, ttl_s=60, tags=["album:7"])
    assert await cache.get("a") == 4


async def test_of_many_who_ask_at_once_one_computes(cache: Cache) -> None:
    started = 0
    go = asyncio.Event()

    async def compute() -> int:
        nonlocal started
        started += 1
        await go.wait()
        return 42

    asking = [asyncio.create_task(cache.get_or_set("slow", compute, ttl_s=60)) for _ in range(50)]
    while not started:
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
    go.set()
    assert await asyncio.gather(*asking) == [42] * 50
    assert started == 1
    assert await cache.get_or_set("slow", compute, ttl_s=60) == 42
    assert started == 1


async def test_an_error_reaches_everybody_who_waited_and_is_not_remembered(cache: Cache) -> None:
    async def fail() -> int:
        await asyncio.sleep(0)
        raise ValueError("no")

    answers = await asyncio.gather(*(cache.get_or_set("k", fail, ttl_s=60) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(answer, ValueError) for answer in answers)

    async def succeed() -> int:
        return 1

    assert await cache.get_or_set("k", succeed, ttl_s=60) == 1


async def test_when_the_one_who_computes_is_cancelled_another_takes_over(cache: Cache) -> None:
    started = asyncio.Event()

    async def forever() -> int:
        started.set()
        await asyncio.Event().wait()
        return 0

    async def quick() -> int:
        return 7

    first = asyncio.create_task(cache.get_or_set("k", forever, ttl_s=60))
    await started.wait()
    second = asyncio.create_task(cache.get_or_set("k", quick, ttl_s=60))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 7


async def test_what_is_forgotten_while_it_is_computed_stays_forgotten(cache: Cache) -> None:
    async def compute() -> str:
        await cache.forget("album:7")
        return "stale"

    assert await cache.get_or_set("k", compute, ttl_s=60, tags=["album:7"]) == "stale"
    assert await cache.get("k") is None


async def test_in_memory_entries_end_on_time_and_the_least_used_go_first() -> None:
    now = 0.0
    cache = Cache(MemoryBackend(items=3, clock=lambda: now))
    await cache.set("short", 1, ttl_s=5)
    await cache.set("long", 2, ttl_s=50)
    now = 5.0
    assert [await cache.get("short"), await cache.get("long")] == [None, 2]
    for key in "abc":
        await cache.set(key, key, ttl_s=50)
    assert [await cache.get(key) for key in ("long", *"abc")] == [None, "a", "b", "c"]


async def test_a_tag_that_was_pushed_out_matches_nothing() -> None:
    cache = Cache(MemoryBackend(items=2))
    await cache.set("k", 1, ttl_s=50, tags=["t"])
    await cache.forget("t")
    await cache.get("k")
    await cache.set("other", 1, ttl_s=50)
    assert await cache.get("k") is None


async def test_in_redis_entries_end_by_themselves(redis_url: str) -> None:
    cache = open_cache(redis_url)
    await cache.set("brief", 1, ttl_s=0.001)
    async with asyncio.timeout(PATIENCE_S):
        while await cache.get("brief") is not None:
            await asyncio.sleep(0.005)
    await cache.close()


async def test_two_processes_compute_once(redis_url: str) -> None:
    one, two = open_cache(redis_url), open_cache(redis_url)
    started = 0
    go = asyncio.Event()

    async def compute() -> int:
        nonlocal started
        started += 1
        await go.wait()
        return 5

    await one.delete("shared")
    asking = [asyncio.create_task(cache.get_or_set("shared", compute, ttl_s=60)) for cache in (one, two)]
    while not started:
        await asyncio.sleep(0.001)
    go.set()
    assert await asyncio.gather(*asking) == [5, 5]
    assert started == 1
    await one.close()
    await two.close()


async def test_a_redis_that_is_away_remembers_nothing_and_fails_nobody() -> None:
    cache = open_cache(f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    await cache.set("k", 1, ttl_s=60, tags=["t"])
    assert await cache.get("k") is None
    await cache.forget("t")

    async def compute() -> int:
        return 3

    assert await cache.get_or_set("k", compute, ttl_s=60) == 3
    with pytest.raises(CacheUnavailable) as caught:
        await cache.check()
    assert "hunter2" not in str(caught.value)
    await cache.close()
