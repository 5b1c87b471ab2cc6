"""What the pool's tests make children do, good and bad; importable by name, as children need it."""

import ctypes
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from segue.core.errors import NotFound
from segue.core.pool import ProcessPool


class BandNotFound(NotFound):
    def __init__(self, band: str, *, year: int) -> None:
        super().__init__("band_not_found", f"No band called {band} in {year}.", band=band, year=year)


def double(number: int) -> int:
    return number * 2


def add(left: int, right: int) -> int:
    return left + right


def fail(band: str) -> None:
    raise BandNotFound(band, year=1977)


def raise_something_local() -> None:
    class Local(Exception):
        pass

    raise Local("only here")


def return_a_lock() -> object:
    return threading.Lock()


def exit_with_system_exit() -> None:
    sys.exit(3)


def pid() -> int:
    return os.getpid()


def pid_after(number: int) -> tuple[int, int]:
    return number, os.getpid()


def die(code: int) -> None:
    os._exit(code)


def segfault() -> None:
    ctypes.string_at(0)


def hang(marker: str | None = None) -> None:
    if marker:
        Path(marker).write_text(str(os.getpid()))
    threading.Event().wait()


def hold_memory(mebibytes: int) -> int:
    return len(bytearray(mebibytes * 2**20))


def print_noise() -> str:
    print("a library that talks")
    return "quiet"


def niceness() -> int:
    return os.nice(0)


def start_a_grandchild_and_hang(marker: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    Path(marker).write_text(str(process.pid))
    threading.Event().wait()


def read_or_misbehave(item: str) -> str:
    """Files called `die…` kill the child, `hang…` never end, `bad…` raise; `once:PATH` dies the first time only."""
    if item.startswith("die"):
        os._exit(9)
    if item.startswith("hang"):
        threading.Event().wait()
    if item.startswith("bad"):
        raise ValueError(item)
    if item.startswith("once:"):
        marker = Path(item[5:])
        if not marker.exists():
            marker.touch()
            os._exit(9)
    return item.upper()


def slow_upper(item: str) -> str:
    time.sleep(0.002)
    return item.upper()


def fail_to_set_up() -> None:
    raise RuntimeError("no tags library")


started_with: list[str] = []


def set_up() -> None:
    started_with.append("set up")


def what_was_set_up() -> list[str]:
    return started_with


def be_a_parent(marker: str) -> None:
    """Run as a program: start a pool with a hanging child, then wait to be killed."""
    import asyncio

    async def main() -> None:
        pool = ProcessPool(1)
        await pool.run(hang, marker)

    asyncio.run(main())
