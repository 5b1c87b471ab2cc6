"""Make way for whoever is listening: a process that works in the background takes the processor and the disk last.

Niceness works everywhere. The disk's part is Linux's `ioprio_set` (ioprio_set(2)), which schedulers such as BFQ obey;
elsewhere, and where it is refused, nothing happens.
"""

from __future__ import annotations

import ctypes
import os
import sys

_CALLS = {"x86_64": 251, "aarch64": 30, "riscv64": 30, "armv7l": 314, "i686": 289, "ppc64le": 273, "s390x": 282}
"""Numbers of the system call `ioprio_set`; the next one (or the one after) reads."""
_READS = {"x86_64": 252, "aarch64": 31, "riscv64": 31, "armv7l": 315, "i686": 290, "ppc64le": 274, "s390x": 283}
_WHO_PROCESS = 1
_CLASS_SHIFT = 13
BEST_EFFORT, IDLE = 2, 3
LOWEST = 7


def yield_disk(*, idle: bool) -> bool:
    """Let others have the disk first, from now on in this thread and what it starts; whether that is so.

    `idle` waits for a disk that nobody else wants; else it comes last among those who want it.
    """
    wanted = (IDLE << _CLASS_SHIFT) if idle else (BEST_EFFORT << _CLASS_SHIFT) | LOWEST
    return _call(_CALLS, _WHO_PROCESS, 0, wanted) == 0


def disk_class(pid: int = 0) -> int | None:
    """The class in which a process asks for the disk (BEST_EFFORT, IDLE; 0 for none of its own); None where that is not
    known."""
    found = _call(_READS, _WHO_PROCESS, pid)
    return None if found is None or found < 0 else found >> _CLASS_SHIFT


def work_behind(niceness: int) -> None:
    """Make this process one that works behind those who answer people."""
    if os.nice(0) < niceness:
        os.nice(niceness - os.nice(0))
    yield_disk(idle=False)


def _call(numbers: dict[str, int], *args: int) -> int | None:
    number = numbers.get(os.uname().machine)
    if number is None or not sys.platform.startswith("linux"):
        return None
    return int(ctypes.CDLL(None, use_errno=True).syscall(number, *args))
