"""The process that serves a catalogue: opens it, listens, takes a new snapshot while it runs, and drains when told to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Protocol

import structlog
import uvicorn

from segue.catalog.current import Current
from segue.catalog.dropin.app import DropIn, Recover
from segue.catalog.dropin.asked import ASGI
from segue.catalog.dropin.connections import IDLE_S, Connection, sweep
from segue.catalog.dropin.fast import Fast
from segue.catalog.dropin.limits import Limiter, Limits, Rate
from segue.catalog.dropin.shapes import Shape
from segue.catalog.local import LocalBackend
from segue.catalog.snapshot.opening import Watcher, open_snapshot
from segue.catalog.store import Backend
from segue.core import heap
from segue.core.serving import Server, address_of, end_anyway, listen, run

log = structlog.get_logger("segue.catalog")

DRAIN_S = 9
"""What running requests get to end in; with what comes before and after it the process is gone within 10 seconds."""
LAST_MOMENT_S = 0.9
SWITCH_S = 0.001
"""How long a thread that searches may keep the interpreter from the loop (Python's own is five times that)."""

DEFAULT_RATE = Rate(100, 200)

Mounts = Callable[[Current, Recover | None], Mapping[str, ASGI]]


def musicbrainz(current: Current, recover: Recover | None) -> Mapping[str, ASGI]:
    """MusicBrainz's own API; it says so itself where the catalogue was not built from MusicBrainz."""
    from segue.catalog.ws2.app import Ws2App

    return {"/ws/2": Ws2App(current, recover)}


class Elsewhere(Protocol):
    """A catalogue that does not lie on this machine: shards, PostgreSQL."""

    async def open(self) -> Backend:
        """In the loop that will ask it. Raises SegueError."""

    async def watch(self, current: Current, stop: asyncio.Event) -> None:
        """Until `stop`: put what takes its place there into `current`."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is served (`snapshot`, the files of the two-file layout, or what lies `elsewhere`) and how. `rate` is per address,
    None for no limit."""

    snapshot: Path | None = None
    main: Path | None = None
    files: Path | None = None
    features: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    rate: Rate | None = DEFAULT_RATE
    trusted_proxies: Sequence[IPv4Network | IPv6Network] = ()
    shape: Shape = Shape.plain
    workers: int = 1
    check: bool = True
    mounts: Mounts = musicbrainz
    elsewhere: Elsewhere | None = None
    greet: Callable[[str], None] = field(default=lambda _: None)
    """Is told where the catalogue is, once it answers there."""


def serve(options: Options) -> int:
    """Until told to stop; the exit code. Raises SegueError where the catalogue or the port cannot be used."""
    _raise_open_files()
    if options.workers == 1:
        backend = open_catalog(options) if options.elsewhere is None else None
        listener = listen(options.host, options.port)
        limiter = Limiter(options.rate) if options.rate is not None else None
        return run(Process(options, backend, listener, limiter).run())
    from segue.catalog.dropin.workers import serve_with_workers

    return serve_with_workers(options)


def open_catalog(options: Options) -> LocalBackend:
    """What `options` name. Raises SegueError."""
    if options.snapshot is not None:
        return open_snapshot(options.snapshot, check=options.check)
    from segue.catalog.mount.opening import open_mount

    assert options.main is not None
    return open_mount(options.main, options.files, options.features)


class Process:
    """One that serves; `parent` is whom it ends with, where it is one of several workers."""

    def __init__(
        self, options: Options, backend: LocalBackend | None, listener: socket.socket, limiter: Limits | None
    ) -> None:
        self._options = options
        self._backend = backend
        self._listener = listener
        self._limiter = limiter
        self._stop = asyncio.Event()

    async def run(self, *, told_by: Sequence[int] = (signal.SIGTERM, signal.SIGINT), parent: int | None = None) -> int:
        options = self._options
        elsewhere = options.elsewhere
        backend: Backend
        if elsewhere is None:
            assert self._backend is not None
            backend = self._backend
        else:
            backend = await elsewhere.open()
        current = Current(backend)
        watcher = Watcher(options.snapshot, current, check=options.check) if options.snapshot is not None else None
        recover = watcher.distrust if watcher is not None else None
        self._app = DropIn(
            current,
            shape=options.shape,
            limiter=self._limiter,
            recover=recover,
            mounts=options.mounts(current, recover),
        )
        self._server = Server(self._config(current))
        loop = asyncio.get_running_loop()
        for number in told_by:
            loop.add_signal_handler(number, self._begin_stop)
        beside = [asyncio.create_task(sweep(self._server.server_state.connections, self._stop), name="sweep")]
        if watcher is not None:
            beside.append(asyncio.create_task(watcher.run(self._stop), name="watch"))
        if elsewhere is not None:
            beside.append(asyncio.create_task(elsewhere.watch(current, self._stop), name="watch"))
        if parent is not None:
            beside.append(asyncio.create_task(self._end_with(parent), name="parent"))
        sys.setswitchinterval(SWITCH_S)
        heap.settle()
        counts = await backend.counts()
        if parent is None:
            options.greet(f"Segue's catalogue is at {address_of(self._listener)}/ ({counts.tracks:,} tracks)")
        await self._server.serve(sockets=[self._listener])
        self._stop.set()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_MOMENT_S):
                await current.close()
        return 0

    def _config(self, current: Current) -> uvicorn.Config:
        app: ASGI = self._app
        connection: type[Connection] = Connection
        if self._options.shape is Shape.plain and not self._options.trusted_proxies:
            fast = Fast(current, self._limiter, self._app.counting)
            connection = type("FastConnection", (Connection,), {"fast": fast})
        if self._options.trusted_proxies:
            # brings the whole of REST with it, which a server without a proxy need not load
            from segue.core.edge.proxies import ForwardedHeaders

            app = ForwardedHeaders(app, self._options.trusted_proxies)  # type: ignore[arg-type]
        return uvicorn.Config(
            app,  # type: ignore[arg-type]
            http=connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=DRAIN_S,
            timeout_keep_alive=round(IDLE_S),
        )

    def _begin_stop(self) -> None:
        """The first time: take no more, let what runs end. The second time: end at once."""
        if self._app.draining:
            os._exit(0)
        self._app.draining = True
        end_anyway(DRAIN_S + LAST_MOMENT_S)
        self._server.should_exit = True

    async def _end_with(self, parent: int) -> None:
        while os.getppid() == parent:
            await asyncio.sleep(1)
        self._begin_stop()


def _raise_open_files() -> None:
    """As many connections as the system allows us."""
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (ImportError, OSError, ValueError):
        log.info("open_files_unchanged", hint="The system's own limit to open connections stays.")
