"""Small calls to a child of the process pool, some at a time: the way there and back costs more than what they ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from segue.core.pool import PoolError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

WAIT_S = 0.005
"""How long a call waits for company."""


class Together(Generic[Item, Answer]):
    """Calls `ask` with at most `most` items. Where a child dies over them, each is asked about alone."""

    def __init__(
        self, ask: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]], most: int = 16
    ) -> None:
        self._ask = ask
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, item: Item) -> Answer:
        """The answer for one item; what was answered with an exception is raised. Raises PoolError."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((item, future))
        if len(self._waiting) >= self._most:
            self._go()
        elif self._timer is None:
            self._timer = loop.call_later(WAIT_S, self._go)
        return await future

    async def close(self) -> None:
        """End what is under way."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        task = asyncio.create_task(self._answer(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, batch: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        answers = await self._answers([item for item, _ in batch])
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    async def _answers(self, items: list[Item]) -> Sequence[Answer | Exception]:
        try:
            return await self._ask(items)
        except PoolError as error:
            if len(items) == 1:
                return [error]
        return [answer for item in items for answer in await self._answers([item])]
