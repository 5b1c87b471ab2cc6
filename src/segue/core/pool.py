"""A small supervised pool of child processes, for work that is heavy, or that a hostile file could turn against us.

Reading tags, decoding and resizing run here. Every task has a deadline and a memory limit; a child that crashes fails only
the one item it was at, one that is stuck is killed at the deadline, one that has grown is replaced, and all of them die
with their parent. (The standard ProcessPoolExecutor fails every waiting task when one child dies and cannot end a stuck one.)

    async with ProcessPool(2) as pool:
        size = await pool.run(measure, path, deadline_s=30)
        async for outcome in pool.map_chunks(read_file, paths):
            ...outcome.item, outcome.value or outcome.error

Children are spawned, never forked, so functions must be importable by name, and arguments and results must pickle.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import mmap
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, TypeVarTuple, Unpack

from segue.core.errors import SegueError
from segue.core.pool_child import BOARD_BYTES, ITEM, LENGTH, NO_ITEM, SINCE_NS, TASK, call

Item = TypeVar("Item")
Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

START_DEADLINE_S = 60.0
"""A child that is not ready after this long, on the slowest machine, will never be."""
FAILED_STARTS = 3
BLAMELESS_RETRIES = 3
ABANDON_AFTER_S = 1.0
"""How long a task nobody waits for any more may go on before its child is killed; most end sooner than a child starts."""


class PoolError(SegueError):
    """Something that befell a task from outside: its own exceptions come back as they are."""


class ChildCrashed(PoolError):
    def __init__(self, exit_code: int | None) -> None:
        cause = _signal_name(exit_code)
        super().__init__("child_crashed", f"The process working on it died ({cause}).", cause=cause)


class DeadlineExceeded(PoolError):
    def __init__(self, deadline_s: float) -> None:
        super().__init__("deadline_exceeded", f"It was not done after {deadline_s:g} seconds.", deadline_s=deadline_s)


class MemoryExceeded(PoolError):
    def __init__(self) -> None:
        super().__init__("memory_exceeded", "It needed more memory than one task may have.")


class TaskFailed(PoolError):
    """The task raised something that cannot travel between processes; `trace` is its traceback as text."""

    def __init__(self, error_type: str, words: str, trace: str) -> None:
        super().__init__("task_failed", f"{error_type}: {words}", error_type=error_type)
        self.trace = trace


class PoolBroken(PoolError):
    def __init__(self, trace: str) -> None:
        last = trace.strip().rsplit("\n", 1)[-1] or "they end at once"
        super().__init__(
            "pool_broken", f"Child processes cannot be started: {last}", hint="`segue doctor` may say more."
        )
        self.trace = trace


class PoolClosed(PoolError):
    def __init__(self) -> None:
        super().__init__("pool_closed", "Segue is stopping.")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Item, Result]):
    """What became of one item: `error` is None and `value` the result, or `error` says why there is none."""

    item: Item
    value: Result | None
    error: Exception | None


@dataclass(frozen=True, slots=True)
class PoolStats:
    """For metrics: children alive, tasks waiting and running, and how many children died or were killed so far."""

    children: int
    waiting: int
    running: int
    crashes: int
    deadlines: int


@dataclass(eq=False)
class _Task:
    """Some items for one child, and which of them are still open."""

    number: int
    function: bytes
    items: list[bytes]
    deadline_s: float
    chances: int
    prefetch: bool
    settle: Callable[[_Task, list[tuple[int, Any, Exception | None]]], None]
    open: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    crashes: dict[int, int] = field(default_factory=dict)
    blameless: int = 0

    def settled(self, results: list[tuple[int, Any, Exception | None]]) -> None:
        gone = {index for index, _, _ in results}
        self.open = [index for index in self.open if index not in gone]
        self.settle(self, results)


class ProcessPool:
    """At most `workers` children, started when there is work and ended after `idle_s` without any.

    `initializer` runs once in every child. `memory_mb` is how far a child's own data may grow before allocations fail;
    one that has done `recycle_after` items, or is larger than `recycle_mb` after a task, is replaced. `nice` lowers the
    children's priority, so that a scan leaves the processor to whoever is listening.
    """

    def __init__(
        self,
        workers: int,
        initializer: Callable[[], object] | None = None,
        *,
        memory_mb: int | None = 512,
        recycle_after: int = 20_000,
        recycle_mb: int = 200,
        idle_s: float = 60.0,
        nice: int = 5,
    ) -> None:
        self.workers = max(1, workers)
        self._set_up = pickle.dumps(
            {
                "initializer": pickle.dumps(initializer) if initializer else None,
                "memory_bytes": memory_mb * 2**20 if memory_mb else None,
                "nice": nice,
            }
        )
        self._recycle_after = recycle_after
        self._recycle_bytes = recycle_mb * 2**20
        self._idle_s = idle_s
        self._pending: deque[_Task] = deque()
        self._children: set[_Child] = set()
        self._numbers = 0
        self._failed_starts = 0
        self._closed = False
        self._crashes = self._deadlines = 0

    async def __aenter__(self) -> ProcessPool:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def run(
        self, function: Callable[[Unpack[Arguments]], Result], *args: Unpack[Arguments], deadline_s: float = 30.0
    ) -> Result:
        """`function(*args)`, done in a child. Its exceptions are raised here.

        Raises ChildCrashed, DeadlineExceeded, MemoryExceeded, TaskFailed, PoolBroken, PoolClosed. Cancelling the call
        frees the child within about a second.
        """
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

        def settle(_task: _Task, results: list[tuple[int, Any, Exception | None]]) -> None:
            for _, value, error in results:
                if answer.done():
                    return
                if error is None:
                    answer.set_result(value)
                else:
                    answer.set_exception(error)

        call = pickle.dumps(functools.partial(function, *args))
        task = self._task(_CALL, [call], deadline_s, chances=1, prefetch=False, settle=settle)
        self._start(task)
        try:
            return await answer
        finally:
            self._abandon(task)

    async def map_chunks(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item] | AsyncIterable[Item],
        *,
        chunk: int = 64,
        deadline_s: float = 30.0,
    ) -> AsyncGenerator[Outcome[Item, Result], None]:
        """`function` of every item, as outcomes in the order they are done; `items` is read only as fast as they are taken.

        Items travel `chunk` at a time; each has `deadline_s` for itself. When a child dies, the item it was at is tried
        once more (something else may have killed the child) and then comes back as ChildCrashed; its neighbours are done
        by another child. An item may therefore be worked on twice, but has exactly one outcome.
        """
        packed = pickle.dumps(function)
        arrived: asyncio.Queue[tuple[_Task | None, list[Outcome[Item, Result]]] | None] = asyncio.Queue()
        room = asyncio.Semaphore(self.workers * 3)
        underway: dict[_Task, list[Item]] = {}
        to_come: dict[_Task, int] = {}

        def settle(task: _Task, results: list[tuple[int, Any, Exception | None]]) -> None:
            mine = underway[task]
            arrived.put_nowait((task, [Outcome(mine[index], value, error) for index, value, error in results]))

        async def feed() -> None:
            try:
                async for batch in _batches(items, chunk):
                    sound, wire, unsound = _pickled(batch)
                    if unsound:
                        arrived.put_nowait((None, [Outcome(item, None, error) for item, error in unsound]))
                    if sound:
                        await room.acquire()
                        task = self._task(packed, wire, deadline_s, chances=2, prefetch=True, settle=settle)
                        underway[task], to_come[task] = sound, len(sound)
                        self._start(task)
            finally:
                arrived.put_nowait(None)

        feeder = asyncio.create_task(feed())
        feeding = True
        try:
            while feeding or underway:
                entry = await arrived.get()
                if entry is None:
                    feeding = False
                    await feeder
                    continue
                task, outcomes = entry
                for outcome in outcomes:
                    yield outcome
                if task is not None:
                    to_come[task] -= len(outcomes)
                    if not to_come[task]:
                        del underway[task], to_come[task]
                        room.release()
        finally:
            feeder.cancel()
            await asyncio.wait([feeder])
            for task in underway:
                self._abandon(task)

    def stats(self) -> PoolStats:
        return PoolStats(
            children=len(self._children),
            waiting=sum(len(task.open) for task in self._pending),
            running=sum(len(child.load) for child in self._children),
            crashes=self._crashes,
            deadlines=self._deadlines,
        )

    async def close(self, grace_s: float = 5.0) -> None:
        """Take no more tasks, let running ones finish for `grace_s`, end every child and wait until it is gone."""
        self._closed = True
        self._fail_pending(PoolClosed())
        lives = [child.life for child in self._children]
        for child in self._children:
            if not child.load:
                child.kill()
        if lives:
            _, stubborn = await asyncio.wait(lives, timeout=grace_s)
            if stubborn:
                for child in self._children:
                    child.kill()
                await asyncio.wait(stubborn)

    # --- tasks ------------------------------------------------------------------------------------------------------

    def _task(
        self,
        function: bytes,
        items: list[bytes],
        deadline_s: float,
        *,
        chances: int,
        prefetch: bool,
        settle: Callable[[_Task, list[tuple[int, Any, Exception | None]]], None],
    ) -> _Task:
        self._numbers += 1
        return _Task(self._numbers, function, items, deadline_s, chances, prefetch, settle, list(range(len(items))))

    def _start(self, task: _Task) -> None:
        if self._closed:
            raise PoolClosed
        self._pending.append(task)
        self._pump()

    def _pump(self) -> None:
        """Hand waiting tasks to children: an idle one, else a new one, else (chunks only) behind what one is doing."""
        while self._pending:
            task = self._pending[0]
            usable = [child for child in self._children if not child.ending]
            child = next((child for child in usable if not child.load), None)
            if child is None and len(self._children) < self.workers:
                child = _Child(self)
                self._children.add(child)
            if child is None and task.prefetch:
                child = next((child for child in usable if len(child.load) < 2 and child.prefetches), None)
            if child is None:
                return
            self._pending.popleft()
            child.give(task)

    def _abandon(self, task: _Task) -> None:
        """Nobody waits for this task any more."""
        if not task.open:
            return
        task.settle = _nobody
        if task in self._pending:
            self._pending.remove(task)
        for child in self._children:
            if task.number in child.load:
                asyncio.get_running_loop().call_later(ABANDON_AFTER_S, child.give_up, task)

    def _fail_pending(self, error: PoolError) -> None:
        while self._pending:
            task = self._pending.popleft()
            task.settled([(index, None, error) for index in task.open])

    # --- what children report ---------------------------------------------------------------------------------------

    def _ready(self) -> None:
        self._failed_starts = 0

    def _finished(self, child: _Child, resident: int) -> None:
        if self._closed or child.items_done >= self._recycle_after or resident > self._recycle_bytes:
            child.ending = True
        if not child.load:
            if child.ending:
                child.kill()
            else:
                child.idle(self._idle_s)
        self._pump()

    def _gone(self, child: _Child, exit_code: int | None, at: tuple[int, int], trace: str | None) -> None:
        """A child ended: blame the item it was at, and give everything else to another."""
        self._children.discard(child)
        if not child.ready:
            self._failed_starts += 1
        if child.load and child.late_at is None:
            self._crashes += 1
        for task in reversed(child.load.values()):
            if task.settle is _nobody:
                continue
            if self._closed:
                task.settled([(index, None, PoolClosed()) for index in task.open])
                continue
            number, item = child.late_at or at
            if number == task.number and item != NO_ITEM and task.sent[item] in task.open:
                self._blame(task, task.sent[item], child.late_at is not None, exit_code)
            else:
                task.blameless += 1
            if task.blameless > BLAMELESS_RETRIES:
                task.settled([(index, None, ChildCrashed(exit_code)) for index in task.open])
            elif task.open:
                self._pending.appendleft(task)
        child.load.clear()
        if self._failed_starts >= FAILED_STARTS:
            self._failed_starts = 0
            self._fail_pending(PoolBroken(trace or ""))
        self._pump()

    def _blame(self, task: _Task, index: int, late: bool, exit_code: int | None) -> None:
        if late:
            self._deadlines += 1
            task.settled([(index, None, DeadlineExceeded(task.deadline_s))])
            return
        task.crashes[index] = task.crashes.get(index, 0) + 1
        if task.crashes[index] >= task.chances:
            task.settled([(index, None, ChildCrashed(exit_code))])
        else:
            # last, so that what is sound is done and reported before the suspect is tried again
            task.open.remove(index)
            task.open.append(index)


class _Child:
    """One child process as its parent sees it."""

    def __init__(self, pool: ProcessPool) -> None:
        self._pool = pool
        self.load: dict[int, _Task] = {}
        self.ready = False
        self.ending = False
        self.late_at: tuple[int, int] | None = None
        self._over = False
        self.items_done = 0
        self._writer: asyncio.StreamWriter | None = None
        self._unsent: list[bytes] = [pool._set_up]
        self._timer: asyncio.TimerHandle | None = None
        self._born = time.monotonic()
        self._trace: str | None = None
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs, tempfile.TemporaryFile() as shared:
            shared.truncate(BOARD_BYTES)
            self._map = mmap.mmap(shared.fileno(), BOARD_BYTES)
            self._board = memoryview(self._map).cast("q")
            self._board[ITEM] = NO_ITEM
            path = [entry or os.getcwd() for entry in sys.path]
            program = (
                f"import sys; sys.path[:] = {path!r}; from segue.core.pool_child import main; "
                f"main({theirs.fileno()}, {shared.fileno()}, {os.getpid()})"
            )
            self._process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.PIPE,
                pass_fds=(theirs.fileno(), shared.fileno()),
                start_new_session=True,
                env=os.environ | _CHILD_ENVIRONMENT,
            )
        self.life = asyncio.create_task(self._live(ours))
        self._watch()

    @property
    def prefetches(self) -> bool:
        return all(task.prefetch for task in self.load.values())

    def give(self, task: _Task) -> None:
        task.sent = list(task.open)
        self.load[task.number] = task
        self._send(pickle.dumps((task.number, task.function, [task.items[index] for index in task.sent]), protocol=5))
        if self.ready:
            self._check()

    def idle(self, idle_s: float) -> None:
        self._set_timer(idle_s, self.kill)

    def give_up(self, task: _Task) -> None:
        if task.number in self.load:
            self.kill()

    def kill(self) -> None:
        """End the child and whatever it started; its other tasks go to the next one."""
        self.ending = True
        if not self._over:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _send(self, body: bytes) -> None:
        if self._writer is None:
            self._unsent.append(body)
        else:
            self._writer.write(LENGTH.pack(len(body)) + body)

    async def _live(self, ours: socket.socket) -> None:
        """Listen to the child until its end of the socket is closed, which the kernel does however it dies."""
        reader, self._writer = await asyncio.open_connection(sock=ours)
        for body in self._unsent:
            self._send(body)
        try:
            while True:
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                kind, message = pickle.loads(await reader.readexactly(length))
                self._heard(kind, message)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            await self._end()

    async def _end(self) -> None:
        self.kill()
        self._over = True
        self._set_timer(0, None)
        exit_code = await asyncio.to_thread(self._process.wait)
        at = (self._board[TASK], self._board[ITEM])
        self._board.release()
        self._map.close()
        if self._writer:
            self._writer.close()
        if self._process.stdin:
            self._process.stdin.close()
        self._pool._gone(self, exit_code, at, self._trace)

    def _heard(self, kind: str, message: Any) -> None:
        if kind == "results":
            number, results = message
            task = self.load[number]
            self.items_done += len(results)
            task.settled([(task.sent[index], *_unpack(good, packed)) for index, good, packed in results])
        elif kind == "done":
            number, resident, results = message
            self._heard("results", (number, results))
            del self.load[number]
            self._watch()
            self._pool._finished(self, resident)
        elif kind == "ready":
            self.ready = True
            self._pool._ready()
            self._watch()
        elif kind == "failed":
            self._trace = message
            self.kill()

    # --- deadlines --------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Look again when the item under way would be late; looking is all that a quick item costs."""
        if not self.ready:
            self._set_timer(max(0.0, self._born + START_DEADLINE_S - time.monotonic()), self._late_start)
        elif self.load:
            self._set_timer(min(task.deadline_s for task in self.load.values()), self._check)

    def _check(self) -> None:
        number, item = self._board[TASK], self._board[ITEM]
        task = self.load.get(number)
        if task is None or item == NO_ITEM:
            self._watch()
            return
        left = self._board[SINCE_NS] / 1e9 + task.deadline_s - time.monotonic()
        if left > 0 or (number, item) != (self._board[TASK], self._board[ITEM]):
            self._set_timer(max(left, 0.01), self._check)
            return
        self.late_at = (number, item)
        self.kill()

    def _late_start(self) -> None:
        self._trace = f"a child was not ready after {START_DEADLINE_S:g} seconds"
        self.kill()

    def _set_timer(self, delay_s: float, action: Callable[[], None] | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay_s, action) if action else None


_CHILD_ENVIRONMENT = {
    # one thread and one heap a child: the pool is the parallelism, and idle arenas count as memory
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


_CALL = pickle.dumps(call)


def _nobody(_task: _Task, _results: list[tuple[int, Any, Exception | None]]) -> None:
    """Results of an abandoned task go nowhere."""


def _unpack(good: bool, packed: bytes) -> tuple[Any, Exception | None]:
    try:
        value = pickle.loads(packed)
    except Exception as error:
        return None, TaskFailed(type(error).__qualname__, f"its result could not be read: {error}", "")
    if good:
        return value, None
    if isinstance(value, Exception):
        return None, value
    name, words, trace = value
    return None, MemoryExceeded() if name == "MemoryError" else TaskFailed(name, words, trace)


def _pickled(batch: list[Item]) -> tuple[list[Item], list[bytes], list[tuple[Item, Exception]]]:
    """The items that can travel, their pickles, and the items that cannot, with the reason."""
    sound: list[Item] = []
    wire: list[bytes] = []
    unsound: list[tuple[Item, Exception]] = []
    for item in batch:
        try:
            wire.append(pickle.dumps(item, protocol=5))
        except Exception as error:
            unsound.append((item, error))
        else:
            sound.append(item)
    return sound, wire, unsound


def _signal_name(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"


async def _batches(items: Iterable[Item] | AsyncIterable[Item], size: int) -> AsyncIterator[list[Item]]:
    batch: list[Item] = []
    if isinstance(items, AsyncIterable):
        async for item in items:
            batch.append(item)
            if len(batch) >= size:
                yield batch
                batch = []
    else:
        for item in items:
            batch.append(item)
            if len(batch) >= size:
                yield batch
                batch = []
    if batch:
        yield batch
