"""What works in the background makes way for whoever is listening."""

from __future__ import annotations

import os
import sys

import pytest

from segue.core.pool import ProcessPool
from segue.core.priority import BEST_EFFORT, IDLE, disk_class, work_behind

pytestmark = pytest.mark.anyio


def standing(_: int = 0) -> tuple[int, int | None]:
    """How far this process stands behind others: its niceness, and its class for the disk."""
    return os.nice(0), disk_class()


def as_a_worker(niceness: int) -> tuple[int, int | None]:
    work_behind(niceness)
    work_behind(niceness)
    return standing()


async def test_processes_that_read_files_come_last_for_processor_and_disk() -> None:
    async with ProcessPool(1) as pool:
        niceness, disk = await pool.run(standing, 0)
    assert niceness == os.nice(0) + 5
    if sys.platform.startswith("linux"):
        assert disk in (IDLE, None)


async def test_a_worker_stands_behind_those_who_answer_people_and_before_its_readers() -> None:
    async with ProcessPool(1, nice=0) as pool:
        niceness, disk = await pool.run(as_a_worker, 5)
    assert niceness == max(5, os.nice(0))
    if sys.platform.startswith("linux"):
        assert disk in (BEST_EFFORT, None)


async def test_processes_that_answer_people_stand_behind_nobody() -> None:
    async with ProcessPool(1, nice=0) as pool:
        assert (await pool.run(standing, 0))[0] == os.nice(0)
