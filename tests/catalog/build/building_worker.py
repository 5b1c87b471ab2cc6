"""A build in a process of its own that ends itself with SIGKILL at one of its steps, or has no more room on its disk."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

from segue.catalog.build import building, pairs, runs
from segue.catalog.build.building import build
from segue.core.errors import SegueError
from tests.catalog.build.given import Given, made_up

STEPS = frozenset(
    {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree", "sqlite3.connect"}
)
"""What counts as a step beside progress: every time a file is opened, made, cut or moved."""


def in_small_pieces() -> None:
    building.BLOCK = 37
    runs.RUN_BYTES, runs.CHUNK_RECORDS, runs.SAMPLE_EVERY = 20_000, 50, 8
    pairs.RUN_PAIRS, pairs.CHUNK_PAIRS, pairs.SAMPLE_EVERY = 70, 40, 4


def source(version: int) -> Given:
    found = made_up(200, version)
    found.version = str(version)
    return found


def work(out: str, version: int, last_step: int, said: str) -> None:
    """Build; be killed at that step. How many steps there were is written to `said`, where it comes so far."""
    in_small_pieces()
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    given = source(version)
    sys.addaudithook(lambda event, args: step() if event in STEPS else None)
    build(given, Path(out), progress=lambda done, total, what: step())
    Path(said).write_text(str(steps))


def work_with_little_room(out: str, version: int, most_bytes: int, said: str) -> None:
    """Build where no file can have more bytes; the code of the error is written to `said`."""
    in_small_pieces()
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))
    code = "none"
    try:
        build(source(version), Path(out))
    except SegueError as error:
        code = f"{error.code} {error.message}"
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    Path(said).write_text(code)
