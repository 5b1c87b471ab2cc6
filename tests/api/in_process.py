"""A whole Segue in this process: its ASGI application behind a socket of its own, and its worker, on a loop in a thread.

So one Segue serves a whole module, and tests ask it as any client does, without knowing of its loop.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import uvicorn

from segue.app import Segue
from segue.asgi import make_asgi
from segue.jobs import JobService
from segue.jobs.worker import run_worker
from segue.settings import load_settings
from tests.conformance.house import PASSWORD, USERNAME
from tests.waiting import PATIENCE_S


@dataclass(frozen=True)
class House:
    """A Segue that runs: where, and a client that is not signed in."""

    url: str
    segue: Segue

    def client(self, token: str | None = None) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(base_url=self.url, timeout=PATIENCE_S, headers=headers)

    def token(self, username: str = USERNAME, password: str = PASSWORD) -> str:
        """An access token of this person."""
        with self.client() as client:
            answer = client.post("/api/v1/auth/login", json={"username": username, "password": password})
            assert answer.status_code == 200, answer.text
            return str(answer.json()["access_token"])


@contextmanager
def running(data: Path, **given: object) -> Iterator[House]:
    """Segue over the data folder `data`. Nothing is listened to unless `given` says so."""
    usual = {"data_dir": data, "log.access": False, "scan.workers": 1, "analysis.enabled": False}
    settings = load_settings({**usual, **given}, environ={})
    listener = socket.create_server(("127.0.0.1", 0))
    ready, ends = threading.Event(), threading.Event()
    made: list[Segue] = []
    failures: list[BaseException] = []

    def live() -> None:
        try:
            asyncio.run(_live(settings, listener, made, ready, ends))
        except BaseException as error:
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=live, name="segue", daemon=True)
    thread.start()
    try:
        assert ready.wait(PATIENCE_S), "Segue did not start"
        assert not failures, failures
        base = settings.server.base_path
        yield House(f"http://127.0.0.1:{listener.getsockname()[1]}{base}", made[0])
    finally:
        ends.set()
        thread.join(PATIENCE_S)
    assert not failures, failures


async def _live(
    settings: object, listener: socket.socket, made: list[Segue], ready: threading.Event, ends: threading.Event
) -> None:
    segue = Segue(settings)  # type: ignore[arg-type]
    made.append(segue)
    opened = asyncio.Event()

    async def started(_segue: Segue) -> None:
        opened.set()

    def failed(error: Exception) -> None:
        raise error

    config = uvicorn.Config(make_asgi(segue, started, failed), log_config=None, lifespan="on", ws="websockets-sansio")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    async with asyncio.timeout(PATIENCE_S):
        await opened.wait()
        while not (segue.is_open and server.started):
            await asyncio.sleep(0.01)
    jobs = segue.services.get(JobService)
    stop = asyncio.Event()
    working = asyncio.create_task(
        run_worker(segue.db, jobs.registry, stop=stop, resolve=segue.services.get, service=jobs)
    )
    ready.set()
    await asyncio.to_thread(ends.wait)
    stop.set()
    await working
    server.should_exit = True
    await serving
