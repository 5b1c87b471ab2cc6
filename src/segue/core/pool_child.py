"""What runs inside one child of the process pool: take a task, do its items one by one, hand results back.

The child says which item it is at in a few bytes of shared memory rather than in a message, so that a quick item costs no
system call and the parent still knows whom to blame when the child dies. Results travel in batches. The child ends when
its parent does: the kernel is asked to kill it (Linux), and a thread watches a pipe that only the parent holds open.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import mmap
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from segue.core.priority import yield_disk

BOARD_BYTES = 24
"""The shared memory: three 64-bit numbers, TASK, ITEM and SINCE_NS."""
TASK, ITEM, SINCE_NS = range(3)
NO_ITEM = -1

LENGTH = struct.Struct("<I")
"""Every message is its length in 4 bytes, then a pickle."""

FLUSH_BYTES = 64 * 1024
FLUSH_AFTER_NS = 20_000_000
"""Finished results wait at most about 20 ms for company, and never longer than the item after them."""

_GC_THRESHOLD = (50_000, 20, 100)
"""Items make many small objects and hardly a circle of them: looking for circles as often as usual takes a twentieth of a
child's time."""

_PR_SET_PDEATHSIG = 1


def main(fd: int, board_fd: int, parent: int) -> None:
    """Serve the parent over the socket `fd` until it closes it. Never returns."""
    for handle in (fd, board_fd):
        os.set_inheritable(handle, False)
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = socket.socket(fileno=fd)
    connection.setblocking(True)
    with contextlib.suppress(OSError):
        os.dup2(2, 1)  # what a library prints must not end in somebody's JSON
    board = memoryview(mmap.mmap(board_fd, BOARD_BYTES)).cast("q")
    try:
        _serve(connection, board)
    except (ConnectionError, EOFError):
        pass
    except KeyboardInterrupt:
        pass
    os._exit(0)


def _serve(connection: socket.socket, board: memoryview) -> None:
    set_up = pickle.loads(_receive(connection))
    try:
        os.nice(set_up["nice"])
        if set_up["nice"]:
            yield_disk(idle=True)
        if set_up["initializer"] is not None:
            pickle.loads(set_up["initializer"])()
        _limit_memory(set_up["memory_bytes"])
    except BaseException:
        _send(connection, ("failed", traceback.format_exc()))
        return
    _send(connection, ("ready", None))
    gc.set_threshold(*_GC_THRESHOLD)
    while True:
        number, function, items = pickle.loads(_receive(connection))
        _do(connection, board, number, function, items)


def _do(connection: socket.socket, board: memoryview, number: int, packed: bytes, items: list[bytes]) -> None:
    results: list[tuple[int, bool, bytes]] = []
    size = 0
    flushed_ns = time.monotonic_ns()
    function: Callable[[Any], Any] | None = None
    for index, item in enumerate(items):
        now_ns = time.monotonic_ns()
        if results and (size > FLUSH_BYTES or now_ns - flushed_ns > FLUSH_AFTER_NS):
            _send(connection, ("results", (number, results)))
            results, size, flushed_ns = [], 0, now_ns
        board[SINCE_NS] = now_ns
        board[TASK] = number
        board[ITEM] = index
        try:
            if function is None:
                function = pickle.loads(packed)
            result = (index, True, pickle.dumps(function(pickle.loads(item)), protocol=5))
        except BaseException as error:
            result = (index, False, _pack_error(error))
        board[ITEM] = NO_ITEM
        results.append(result)
        size += len(result[2])
    _send(connection, ("done", (number, _resident_bytes(), results)))


def call(bound: Callable[[], Any]) -> Any:
    """What a task of one call does."""
    return bound()


def _pack_error(error: BaseException) -> bytes:
    """The exception with the child's traceback as a note; where it does not survive pickling, its name and words."""
    error.__traceback__, trace = None, "".join(traceback.format_exception(error))
    if isinstance(error, Exception) and not isinstance(error, MemoryError):
        with contextlib.suppress(Exception):
            error.add_note(f"In a child process:\n{trace}")
        for form in (error, _Rebuilt(error)):
            with contextlib.suppress(Exception):
                packed = pickle.dumps(form, protocol=5)
                if isinstance(pickle.loads(packed), Exception):
                    return packed
    return pickle.dumps((type(error).__qualname__, str(error), trace), protocol=5)


class _Rebuilt:
    """Pickles an exception by what it holds: our errors compose their message, so calling the class again would fail."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self._error), self._error.args, self._error.__dict__)


def _rebuild(error_type: type[Exception], args: tuple[Any, ...], state: dict[str, Any]) -> Exception:
    error = error_type.__new__(error_type, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
            score.write("500")  # when memory runs out, a child goes first: its one file is marked and work goes on
    if os.getppid() != parent:
        os._exit(0)

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                pass
        os._exit(0)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def _limit_memory(limit: int | None) -> None:
    """Let the child's own data grow to `limit` bytes above what it holds now.

    RLIMIT_DATA counts private writable memory only; RLIMIT_AS would count every library mapped and numpy's reservations.
    """
    if limit is None or sys.platform != "linux":
        return
    held = 0
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(("VmData:", "VmStk:")):
                held += int(line.split()[1]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (held + limit, held + limit))


def _resident_bytes() -> int:
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * mmap.PAGESIZE
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def _send(connection: socket.socket, message: tuple[str, Any]) -> None:
    body = pickle.dumps(message, protocol=5)
    connection.sendall(LENGTH.pack(len(body)) + body)


def _receive(connection: socket.socket) -> bytearray:
    (length,) = LENGTH.unpack(_exactly(connection, LENGTH.size))
    return _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytearray:
    body = bytearray(length)
    view = memoryview(body)
    while view:
        count = connection.recv_into(view)
        if not count:
            raise EOFError
        view = view[count:]
    return body
