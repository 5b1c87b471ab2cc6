"""The process pool: a hostile file harms nobody but itself, and no child outlives what it is for."""

import asyncio
import contextlib
import functools
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from segue.core.pool import (
    ChildCrashed,
    DeadlineExceeded,
    MemoryExceeded,
    PoolBroken,
    PoolClosed,
    ProcessPool,
    TaskFailed,
)
from tests.core import pool_tasks
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pool() -> AsyncIterator[ProcessPool]:
    async with ProcessPool(2) as pool:
        yield pool


async def until(condition: Callable[[], object], limit_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.01)


def is_busy(pool: ProcessPool) -> bool:
    return pool.stats().running == 1


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_task_runs_in_another_process_and_its_result_comes_back(pool: ProcessPool) -> None:
    assert await pool.run(pool_tasks.add, 40, 2) == 42
    assert await pool.run(pool_tasks.pid) != os.getpid()


async def test_a_tasks_own_error_comes_back_as_it_was_with_the_childs_traceback(pool: ProcessPool) -> None:
    with pytest.raises(pool_tasks.BandNotFound, match="No band called Segue in 1977") as caught:
        await pool.run(pool_tasks.fail, "Segue")
    assert caught.value.params == {"band": "Segue", "year": 1977}
    assert any("pool_tasks.py" in note for note in caught.value.__notes__)


async def test_an_error_that_cannot_travel_keeps_its_name_and_words(pool: ProcessPool) -> None:
    with pytest.raises(TaskFailed, match="Local: only here"):
        await pool.run(pool_tasks.raise_something_local)


async def test_a_result_that_cannot_travel_fails_only_its_task(pool: ProcessPool) -> None:
    with pytest.raises(TypeError, match="cannot pickle"):
        await pool.run(pool_tasks.return_a_lock)
    assert await pool.run(pool_tasks.double, 4) == 8


async def test_a_task_that_calls_sys_exit_fails_and_its_child_goes_on() -> None:
    async with ProcessPool(1) as alone:
        before = await alone.run(pool_tasks.pid)
        with pytest.raises(TaskFailed, match="SystemExit"):
            await alone.run(pool_tasks.exit_with_system_exit)
        assert await alone.run(pool_tasks.pid) == before


@pytest.mark.parametrize(
    ("misdeed", "cause"), [((pool_tasks.die, 3), "exit code 3"), ((pool_tasks.segfault,), "SIGSEGV")]
)
async def test_a_crash_fails_its_own_task_and_no_other(
    pool: ProcessPool, misdeed: tuple[Callable[..., None], int], cause: str
) -> None:
    others = [asyncio.create_task(pool.run(pool_tasks.double, n)) for n in range(20)]
    with pytest.raises(ChildCrashed, match=cause):
        await pool.run(*misdeed)
    assert await asyncio.gather(*others) == [n * 2 for n in range(20)]


async def test_a_child_killed_from_outside_fails_its_task_by_the_signals_name(
    pool: ProcessPool, tmp_path: Path
) -> None:
    marker = tmp_path / "pid"
    task = asyncio.create_task(pool.run(pool_tasks.hang, str(marker)))
    await until(lambda: marker.exists() and marker.read_text())
    os.kill(int(marker.read_text()), signal.SIGKILL)
    with pytest.raises(ChildCrashed, match="SIGKILL"):
        await task


async def test_an_idle_child_that_is_killed_is_replaced_without_a_word(pool: ProcessPool) -> None:
    first = await pool.run(pool_tasks.pid)
    os.kill(first, signal.SIGKILL)
    await until(lambda: gone(first) and not pool.stats().children)
    assert await pool.run(pool_tasks.pid) != first


async def test_a_stuck_task_is_ended_at_its_deadline_with_everything_it_started(
    pool: ProcessPool, tmp_path: Path
) -> None:
    marker = tmp_path / "pid"
    for deadline_s in (1.0, 10.0, PATIENCE_S):  # it must have come to starting one
        with pytest.raises(DeadlineExceeded):
            await pool.run(pool_tasks.start_a_grandchild_and_hang, str(marker), deadline_s=deadline_s)
        if marker.exists() and marker.read_text():
            break
    await until(lambda: gone(int(marker.read_text())))


@pytest.mark.skipif(sys.platform != "linux", reason="the memory limit is the kernel's, and only Linux keeps it")
async def test_a_task_that_wants_too_much_memory_is_refused_it() -> None:
    async with ProcessPool(1, memory_mb=64) as pool:
        with pytest.raises(MemoryExceeded):
            await pool.run(pool_tasks.hold_memory, 256)
        assert await pool.run(pool_tasks.hold_memory, 16) == 16 * 2**20


async def test_what_a_library_prints_does_not_disturb_the_talk_with_the_child(pool: ProcessPool) -> None:
    assert await pool.run(pool_tasks.print_noise) == "quiet"


async def test_children_are_nicer_than_their_parent() -> None:
    async with ProcessPool(1, nice=7) as pool:
        assert await pool.run(pool_tasks.niceness) == min(19, os.nice(0) + 7)


async def test_the_initializer_runs_once_in_every_child() -> None:
    async with ProcessPool(1, pool_tasks.set_up) as pool:
        assert await pool.run(pool_tasks.what_was_set_up) == ["set up"]
        assert await pool.run(pool_tasks.what_was_set_up) == ["set up"]


async def test_children_that_cannot_start_fail_what_waits_and_say_why() -> None:
    async with ProcessPool(1, pool_tasks.fail_to_set_up) as pool:
        with pytest.raises(PoolBroken, match="no tags library"):
            await pool.run(pool_tasks.pid)


async def test_a_cancelled_call_frees_its_child(tmp_path: Path) -> None:
    async with ProcessPool(1) as pool:
        marker = tmp_path / "pid"
        task = asyncio.create_task(pool.run(pool_tasks.hang, str(marker), deadline_s=600))
        await until(lambda: marker.exists() and marker.read_text())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pool.run(pool_tasks.double, 3) == 6


async def test_of_a_chunk_only_the_guilty_item_is_blamed() -> None:
    items = [f"track {n}" for n in range(200)]
    items[20:20] = ["die here", "bad tag"]
    items[130:130] = ["hang here"]
    async with ProcessPool(2) as pool:
        outcomes = {
            o.item: o async for o in pool.map_chunks(pool_tasks.read_or_misbehave, items, chunk=50, deadline_s=2)
        }
    assert len(outcomes) == len(items)
    assert isinstance(outcomes["die here"].error, ChildCrashed)
    assert isinstance(outcomes["hang here"].error, DeadlineExceeded)
    assert isinstance(outcomes["bad tag"].error, ValueError)
    assert all(o.value == item.upper() and o.error is None for item, o in outcomes.items() if item.startswith("track"))


async def test_an_item_whose_child_was_killed_once_is_tried_again(tmp_path: Path) -> None:
    async with ProcessPool(1) as pool:
        item = f"once:{tmp_path / 'died'}"
        outcomes = [o async for o in pool.map_chunks(pool_tasks.read_or_misbehave, ["a", item, "b"])]
    assert {o.item: o.error for o in outcomes} == {"a": None, item: None, "b": None}
    assert len(outcomes) == 3


async def test_every_item_has_one_outcome_though_children_are_killed_at_random() -> None:
    items = [f"track {n}" for n in range(1500)]
    seen: list[str] = []
    others = children()
    async with ProcessPool(2) as pool:
        async for outcome in pool.map_chunks(pool_tasks.slow_upper, items, chunk=40):
            seen.append(outcome.item)
            assert outcome.value == outcome.item.upper()
            if len(seen) % 300 == 0:
                for victim in sorted(children() - others)[:1]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(victim, signal.SIGKILL)
    assert sorted(seen) == sorted(items)


async def test_items_are_taken_only_as_fast_as_outcomes_are(pool: ProcessPool) -> None:
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield number

    outcomes = pool.map_chunks(pool_tasks.double, source(), chunk=10)
    await anext(outcomes)
    await until(lambda: not pool.stats().running and not pool.stats().waiting)
    assert taken <= 10 * (pool.workers * 3 + 2)
    await outcomes.aclose()  # type: ignore[attr-defined]


async def test_items_may_come_from_an_asynchronous_source_whose_error_is_raised(pool: ProcessPool) -> None:
    async def source() -> AsyncIterator[int]:
        yield 1
        yield 2
        raise OSError("the folder went away")

    seen = []
    with pytest.raises(OSError, match="went away"):
        async for outcome in pool.map_chunks(pool_tasks.double, source(), chunk=1):
            seen.append(outcome.value)
    assert set(seen) <= {2, 4}


async def test_an_item_that_cannot_be_sent_fails_alone(pool: ProcessPool) -> None:
    lock = pool_tasks.return_a_lock()
    outcomes = [o async for o in pool.map_chunks(pool_tasks.double, [1, lock, 3])]  # type: ignore[list-item]
    assert sorted(o.value for o in outcomes if o.value) == [2, 6]
    assert [type(o.error) for o in outcomes if o.error] == [TypeError]


async def test_a_child_is_replaced_after_enough_items() -> None:
    async with ProcessPool(1, recycle_after=10) as pool:
        pids = [o.value[1] async for o in pool.map_chunks(pool_tasks.pid_after, range(50), chunk=10) if o.value]
    assert len(pids) == 50
    assert 3 <= len(set(pids)) <= 5


async def test_a_child_without_work_ends_after_a_while() -> None:
    async with ProcessPool(1, idle_s=0.05) as pool:
        first = await pool.run(pool_tasks.pid)
        await until(lambda: pool.stats().children == 0)
        assert gone(first)
        assert await pool.run(pool_tasks.double, 1) == 2


async def test_closing_ends_every_child_leaves_no_zombie_and_no_open_file() -> None:
    others = children()
    files = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for _ in range(3):
        pool = ProcessPool(2)
        pids = await asyncio.gather(*(pool.run(pool_tasks.pid) for _ in range(8)))
        stuck = asyncio.create_task(pool.run(pool_tasks.hang))
        await until(functools.partial(is_busy, pool))
        await pool.close(grace_s=0.1)
        with pytest.raises(PoolClosed):
            await stuck
        with pytest.raises(PoolClosed):
            await pool.run(pool_tasks.pid)
        for pid in pids:
            with pytest.raises(psutil.NoSuchProcess):
                psutil.Process(pid)
    assert children() == others
    if files:
        assert len(os.listdir("/proc/self/fd")) <= files + 2


async def test_children_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    path = [entry or os.getcwd() for entry in sys.path]
    program = (
        f"import sys; sys.path[:] = {path!r}; from tests.core.pool_tasks import be_a_parent; be_a_parent(sys.argv[1])"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(marker)])
    await until(lambda: marker.exists() and marker.read_text())
    parent.kill()
    parent.wait()
    await until(lambda: gone(int(marker.read_text())))
