"""What every process that serves HTTP needs: a socket that says what is wrong, uvicorn without its own way of ending, a limit
for the end."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
import uvicorn

from segue.core.errors import SegueError

log = structlog.get_logger("segue")

BACKLOG = 2048
ACCEPTED_AT_ONCE = 64
ACCEPT_AGAIN_S = 1.0


class PortTaken(SegueError):
    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            "port_taken",
            f"Segue cannot listen on {host}:{port}: {why}.",
            hint="Perhaps it is running already. `--port` chooses another port.",
        )


class Server(uvicorn.Server):
    """uvicorn without its own signal handling, which would end the process by the signal instead of with 0; and which takes
    all connections that wait at once.

    uvloop takes one a turn of its loop. Where 512 clients come together and each turn answers hundreds of requests, the
    last of them waited 5 seconds and more.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        self._opening: set[asyncio.Task[Any]] = set()
        loop = asyncio.get_running_loop()
        for listener in sockets or []:
            loop.add_reader(listener.fileno(), self._accept, listener)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in sockets or []:
            asyncio.get_running_loop().remove_reader(listener.fileno())
        await super().shutdown(sockets)

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                connection, _address = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                # no file descriptor is left: those that wait are taken when some are free again
                log.error("cannot_accept", why=error.strerror, hint="Allow more open files, or fewer connections.")
                loop.remove_reader(listener.fileno())
                loop.call_later(ACCEPT_AGAIN_S, self._accept_again, listener)
                return
            connection.setblocking(False)
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opening = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
            self._opening.add(opening)
            opening.add_done_callback(self._opened)

    def _accept_again(self, listener: socket.socket) -> None:
        if not self.should_exit and listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener.fileno(), self._accept, listener)

    def _opened(self, opening: asyncio.Task[Any]) -> None:
        self._opening.discard(opening)
        if not opening.cancelled() and (error := opening.exception()) is not None:
            log.info("connection_lost_at_once", why=str(error))

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg, assignment]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


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
