"""The emulator as a real server: in a thread for tests, in the foreground for `segue emulate`."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from segue.emulator.app import TRANSPORT, Emulator

STARTS_WITHIN_S = 20.0


class _WithTransport(HttpToolsProtocol):
    """Gives the application a request's connection, so that it can be reset."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]


def server_of(emulator: Emulator, host: str, port: int) -> uvicorn.Server:
    """A server that has not been started yet; port 0 takes a free one."""
    config = uvicorn.Config(
        emulator,
        host=host,
        port=port,
        http=_WithTransport,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


@contextmanager
def running(emulator: Emulator | None = None, port: int = 0) -> Iterator[tuple[Emulator, str]]:
    """An emulator that answers while the block runs, and its URL (without a slash at the end)."""
    emulator = emulator or Emulator()
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
        server = server_of(emulator, "127.0.0.1", port)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            end = time.monotonic() + STARTS_WITHIN_S
            while not server.started:
                if time.monotonic() > end:
                    raise TimeoutError("the emulator did not start")
                time.sleep(0.01)
            yield emulator, f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            server.force_exit = True
            with contextlib.suppress(RuntimeError):
                thread.join(10)
