"""A server that holds nothing itself: it asks shards, and notices when they serve another catalogue."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog

from segue.catalog.current import Current
from segue.catalog.dropin.app import Recover
from segue.catalog.dropin.asked import ASGI
from segue.catalog.dropin.running import Mounts, musicbrainz
from segue.catalog.scale.inside import Inside
from segue.catalog.scale.remote import PATH, RemoteShard
from segue.catalog.scale.sharded import ShardedBackend
from segue.catalog.store import Backend
from segue.core.errors import SegueError

log = structlog.get_logger("segue.catalog")

LOOKS_EVERY_S = 1.0


class Router:
    """The shards at these addresses (http://host:port), which all know the token."""

    def __init__(self, urls: Sequence[str], token: str) -> None:
        self._urls = urls
        self._token = token

    async def open(self) -> Backend:
        """Raises ShardDown, ShardsDiffer."""
        shards = [RemoteShard(url, self._token) for url in self._urls]
        try:
            return await ShardedBackend.open(shards)
        except SegueError:
            await asyncio.gather(*(shard.close() for shard in shards))
            raise

    async def watch(self, current: Current, stop: asyncio.Event) -> None:
        """Until `stop`: as soon as all shards serve another catalogue, ask that. Until all do, those that differ are down."""
        looking = [RemoteShard(url, self._token) for url in self._urls]
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOKS_EVERY_S)
                break
            try:
                found = await ShardedBackend.open(looking)
                if found.id == current.now.id:
                    continue
                backend = await self.open()
            except SegueError as error:
                log.warning("shards_not_whole", why=error.message)
                continue
            log.info("shards_changed", id=backend.id)
            current.change(backend)
        await asyncio.gather(*(shard.close() for shard in looking))


def answering_routers(token: str) -> Mounts:
    """What a shard mounts, so that routers may ask it."""

    def mounts(current: Current, recover: Recover | None) -> Mapping[str, ASGI]:
        return {**musicbrainz(current, recover), PATH: Inside(current, token, recover)}

    return mounts
