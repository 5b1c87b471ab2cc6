"""Things worth remembering for a while: in memory for one process, in Redis or Valkey for many; one interface.

Values are JSON (or bytes) in both, so that nobody changes what another one got and nothing that Redis holds can run. A tag
is a name for many entries at once: `forget("album:7")` drops everything that was remembered with that tag. A cache that
cannot be reached is a cache that remembers nothing: it is said once a minute and never fails a request.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import structlog
from pydantic_core import from_json, to_json

from segue.core.errors import Unavailable
from segue.core.layers import masked_url

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger("segue.cache")
T = TypeVar("T")

MAX_TTL_S = 30 * 86_400.0
"""Nothing is remembered longer: a tag's own record is kept as long, and must outlive what carries the tag."""
LOCK_S = 30.0
"""How long another process may take to compute a value before we compute it ourselves."""


class CacheUnavailable(Unavailable):
    def __init__(self, where: str, reason: str) -> None:
        super().__init__("cache_unavailable", f"The cache at {where} cannot be reached: {reason}", retry_after_s=10)


class Backend(Protocol):
    """Bytes under keys, with an end. What is not there (any more) is None."""

    where: str

    async def read(self, keys: Sequence[str]) -> list[bytes | None]: ...
    async def write(self, key: str, value: bytes, ttl_s: float) -> None: ...
    async def delete(self, keys: Sequence[str]) -> None: ...
    async def claim(self, key: str, ttl_s: float) -> bool:
        """Whether nobody else holds `key`; it is then held for `ttl_s` or until deleted."""
        ...

    async def check(self) -> None:
        """Raises CacheUnavailable."""
        ...

    async def close(self) -> None: ...


class Cache:
    """The interface. Make it with `open_cache`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._under_way: dict[str, asyncio.Future[Any]] = {}

    async def get(self, key: str) -> Any | None:
        """What was remembered under `key`, None where there is nothing or one of its tags was forgotten since."""
        (packed,) = await self._backend.read([key])
        if packed is None:
            return None
        header, _, body = packed.partition(b"\n")
        marks: dict[str, str] = json.loads(header)
        if marks:
            now = await self._backend.read([f"tag:{tag}" for tag in marks])
            if [mark and mark.decode() for mark in now] != list(marks.values()):
                return None
        return bytes(body[1:]) if body[:1] == b"b" else from_json(body[1:])

    async def set(self, key: str, value: Any, *, ttl_s: float, tags: Iterable[str] = ()) -> None:
        """Remember `value` (JSON, models and dataclasses come back as dicts; or bytes) for `ttl_s`, at most 30 days."""
        await self._store(key, value, ttl_s, await self._marks(tags))

    async def get_or_set(
        self, key: str, load: Callable[[], Awaitable[T]], *, ttl_s: float, tags: Iterable[str] = ()
    ) -> T:
        """What is remembered, or what `load` gives, which is then remembered.

        Of many who ask at once, one loads and the others get its answer, or its exception; None is not remembered.
        What is forgotten while `load` runs stays forgotten.
        """
        while (running := self._under_way.get(key)) is not None:
            try:
                return await asyncio.shield(running)  # type: ignore[no-any-return]
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not running.cancelled() or (task is not None and task.cancelling()):
                    raise
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._under_way[key] = answer
        try:
            value = await self._load(key, load, ttl_s, tags)
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                answer.cancel()
            else:
                answer.set_exception(error)
                answer.exception()
            raise
        else:
            answer.set_result(value)
            return value
        finally:
            del self._under_way[key]

    async def delete(self, *keys: str) -> None:
        if keys:
            await self._backend.delete(keys)

    async def forget(self, *tags: str) -> None:
        """Drop everything that was remembered with any of these tags."""
        for tag in tags:
            await self._new_mark(tag)

    async def check(self) -> None:
        """Raises CacheUnavailable where the cache cannot be reached."""
        await self._backend.check()

    async def close(self) -> None:
        await self._backend.close()

    async def _load(self, key: str, load: Callable[[], Awaitable[T]], ttl_s: float, tags: Iterable[str]) -> T:
        tags = tuple(tags)
        end = time.monotonic() + LOCK_S
        claim = f"claim:{key}"
        while True:
            held: T | None = await self.get(key)
            if held is not None:
                return held
            if await self._backend.claim(claim, LOCK_S) or time.monotonic() > end:
                break
            await asyncio.sleep(0.02)
        try:
            marks = await self._marks(tags)
            value = await load()
            if value is not None:
                await self._store(key, value, ttl_s, marks)
            return value
        finally:
            await self._backend.delete([claim])

    async def _marks(self, tags: Iterable[str]) -> dict[str, str]:
        names = list(dict.fromkeys(tags))
        if not names:
            return {}
        found = await self._backend.read([f"tag:{name}" for name in names])
        return {
            name: mark.decode() if mark else await self._new_mark(name) for name, mark in zip(names, found, strict=True)
        }

    async def _new_mark(self, tag: str) -> str:
        """A tag's record: entries carry it as it was, and count only while it is so. One that is lost matches nothing."""
        mark = secrets.token_hex(8)
        await self._backend.write(f"tag:{tag}", mark.encode(), MAX_TTL_S)
        return mark

    async def _store(self, key: str, value: Any, ttl_s: float, marks: dict[str, str]) -> None:
        body = b"b" + value if isinstance(value, bytes) else b"j" + to_json(value)
        packed = json.dumps(marks, separators=(",", ":")).encode() + b"\n" + body
        await self._backend.write(key, packed, min(ttl_s, MAX_TTL_S))


class MemoryBackend:
    """At most `items` entries; the one unused for longest goes first."""

    where = "memory"

    def __init__(self, items: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._items = items
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        now = self._clock()
        found: list[bytes | None] = []
        for key in keys:
            entry = self._entries.get(key)
            if entry is not None and entry[0] <= now:
                del self._entries[key]
                entry = None
            if entry is not None:
                self._entries.move_to_end(key)
            found.append(None if entry is None else entry[1])
        return found

    async def write(self, key: str, value: bytes, ttl_s: float) -> None:
        self._entries[key] = (self._clock() + ttl_s, value)
        self._entries.move_to_end(key)
        while len(self._entries) > self._items:
            self._entries.popitem(last=False)

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._entries.pop(key, None)

    async def claim(self, key: str, ttl_s: float) -> bool:
        return True  # in one process, `get_or_set` itself lets only one load

    async def check(self) -> None:
        return None

    async def close(self) -> None:
        self._entries.clear()


class RedisBackend:
    """Redis or Valkey. When it cannot be reached, everything is a miss and writes are dropped."""

    def __init__(self, url: str, prefix: str = "segue:cache:") -> None:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        self.where = masked_url(url)
        self._prefix = prefix
        self._complained_at = -60.0
        client_url = url.replace("valkeys://", "rediss://", 1).replace("valkey://", "redis://", 1)
        self._redis: Redis = Redis.from_url(
            client_url, socket_timeout=2.0, socket_connect_timeout=2.0, retry=Retry(NoBackoff(), 1)
        )

    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        found = await self._safely(lambda redis: redis.mget([self._prefix + key for key in keys]))
        return [None] * len(keys) if found is None else list(found)

    async def write(self, key: str, value: bytes, ttl_s: float) -> None:
        await self._safely(lambda redis: redis.set(self._prefix + key, value, px=max(1, round(ttl_s * 1000))))

    async def delete(self, keys: Sequence[str]) -> None:
        await self._safely(lambda redis: redis.delete(*(self._prefix + key for key in keys)))

    async def claim(self, key: str, ttl_s: float) -> bool:
        name = self._prefix + key
        taken = await self._safely(lambda redis: redis.set(name, b"1", px=round(ttl_s * 1000), nx=True), lost=True)
        return bool(taken)

    async def check(self) -> None:
        from redis.exceptions import RedisError

        try:
            await self._redis.get(f"{self._prefix}ping")
        except (RedisError, OSError, TimeoutError) as error:
            raise CacheUnavailable(self.where, f"{error}.") from error

    async def close(self) -> None:
        await self._redis.aclose()

    async def _safely(self, command: Callable[[Redis], Any], lost: Any = None) -> Any:
        from redis.exceptions import RedisError

        try:
            return await command(self._redis)
        except (RedisError, OSError, TimeoutError) as error:
            if time.monotonic() - self._complained_at >= 60:
                self._complained_at = time.monotonic()
                log.warning("cache_unreachable", where=self.where, problem=str(error))
            return lost


def open_cache(redis_url: str | None, *, items: int = 10_000) -> Cache:
    """The cache in Redis at `redis_url`; without one, in memory with at most `items` entries. Connects when first used."""
    return Cache(RedisBackend(redis_url) if redis_url else MemoryBackend(items))
