"""Telling open pages that there is something new, without telling anyone more than they may know.

Writers may be in another process, so while somebody listens the feed's end is looked at several times a second; in this
process a commit wakes the listeners at once. Progress of running work comes from registered sources, asked once a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.errors import SegueError

log = structlog.get_logger("segue.events")

LOOK_EVERY_S = 0.5
HEARTBEAT_S = 15.0
LONGEST_STREAM_S = 900.0
"""After that the client connects anew, so that a revoked session does not listen for ever."""

Progress = Callable[[Actor], Awaitable[dict[str, Any]]]


@dataclass(eq=False)
class _Listener:
    actor: Actor
    cursor: int
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(100))
    told: dict[str, str] = field(default_factory=dict)

    def tell(self, event: str, data: Any, *, cursor: int | None = None) -> None:
        lines = [f"event: {event}"]
        if cursor is not None:
            lines.append(f"id: {cursor}")
        lines.append(f"data: {json.dumps(data, separators=(',', ':'))}")
        with contextlib.suppress(asyncio.QueueFull):  # a reader that is 100 messages behind asks the feed anyway
            self.queue.put_nowait(("\n".join(lines) + "\n\n").encode())


class Events:
    """The open event streams of this process."""

    def __init__(self, db: Database, feed: ChangeFeed) -> None:
        self._feed = feed
        self._listeners: set[_Listener] = set()
        self._sources: dict[str, Progress] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        db.on_change(self._wake.set)

    def add_progress(self, event: str, source: Progress) -> None:
        """`source(actor)` is asked about once a second for what `actor` may know; sent as `event` whenever it differs."""
        self._sources[event] = source

    async def stream(self, actor: Actor) -> AsyncIterator[bytes]:
        """Server-sent events for one person: `changes` with the feed's cursor, progress events, and heartbeats."""
        if self._closed:
            return
        listener = _Listener(actor, (await self._feed.head(actor)).cursor)
        listener.tell("changes", {"cursor": listener.cursor}, cursor=listener.cursor)
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch(), name="events")
        end = asyncio.get_running_loop().time() + LONGEST_STREAM_S
        try:
            while asyncio.get_running_loop().time() < end:
                try:
                    message = await asyncio.wait_for(listener.queue.get(), HEARTBEAT_S)
                except TimeoutError:
                    message = b": still here\n\n"
                if message is None:
                    return
                yield message
        finally:
            self._listeners.discard(listener)

    async def close(self) -> None:
        """End every stream."""
        self._closed = True
        for listener in self._listeners:
            with contextlib.suppress(asyncio.QueueFull):
                listener.queue.put_nowait(None)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    async def _watch(self) -> None:
        looks = 0
        while self._listeners:
            try:
                await self._tell_changes()
                if looks % 2 == 0:
                    await self._tell_progress()
            except SegueError as error:
                log.warning("events_delayed", reason=error.code)
            except Exception:
                log.exception("events_failed")
            looks += 1
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY_S)

    async def _tell_changes(self) -> None:
        by_view: dict[tuple[Any, ...], list[_Listener]] = {}
        for listener in self._listeners:
            key = (listener.cursor, listener.actor.person, listener.actor.libraries)
            by_view.setdefault(key, []).append(listener)
        newest = await self._feed.newest() if by_view else 0
        for (cursor, _person, _libraries), listeners in by_view.items():
            if newest <= cursor:
                continue
            page = await self._feed.since(cursor, listeners[0].actor, limit=1)
            for listener in listeners:
                listener.cursor = newest
                if page.items:
                    listener.tell("changes", {"cursor": newest}, cursor=newest)

    async def _tell_progress(self) -> None:
        for event, source in self._sources.items():
            known: dict[tuple[int, frozenset[str], frozenset[int] | None], dict[str, Any]] = {}
            for listener in list(self._listeners):
                key = (listener.actor.person, listener.actor.roles, listener.actor.libraries)
                if key not in known:
                    known[key] = await source(listener.actor)
                said = json.dumps(known[key], sort_keys=True)
                if listener.told.get(event) != said:
                    listener.told[event] = said
                    listener.tell(event, known[key])
