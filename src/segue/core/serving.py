"""What every process that serves HTTP needs: a socket that says what is wrong, uvicorn without its own way of ending, a limit
for the end."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn

from segue.core.errors import SegueError

log = structlog.get_logger("segue")

BACKLOG = 2048


class PortTaken(SegueError):
    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            "port_taken",
            f"Segue cannot listen on {host}:{port}: {why}.",
            hint="Perhaps it is running already. `--port` chooses another port.",
        )


class Server(uvicorn.Server):
    """uvicorn without its own signal handling, which would end the process by the signal instead of with 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(main: Coroutine[Any, Any, int]) -> int:
    """What `main` gives, on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


def listen(host: str, port: int) -> socket.socket:
    """Raises PortTaken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise PortTaken(host, port, error.strerror or str(error)) from None
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def address_of(listener: socket.socket) -> str:
    """As a browser takes it: `http://127.0.0.1:4747`."""
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def end_anyway(after_s: float) -> None:
    """End this process after that time, whatever a thread of it may be stuck in: a read from a drive that is away, a
    lock that another program holds. What was answered is committed; what was not, was not promised."""

    def end() -> None:
        log.warning("ended_while_stuck", after_s=after_s, hint="A drive or a lock on the database did not answer.")
        os._exit(0)

    watchdog = threading.Timer(after_s, end)
    watchdog.daemon = True
    watchdog.start()
