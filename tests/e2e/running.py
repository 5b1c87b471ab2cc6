"""A real `segue serve`, as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.conformance.house import PASSWORD, USERNAME
from tests.waiting import PATIENCE_S, wait_until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """This environment without any setting of Segue's, and with `more`. Nothing is listened to in the background unless
    `more` says so."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SEGUE_", "DATABASE_URL", "REDIS_"))
    }
    return {**kept, "PYTHONUNBUFFERED": "1", "SEGUE_ANALYSIS__ENABLED": "false", **more}


@dataclass
class Running:
    """A server that runs. `out` and `err` are files with what it said."""

    process: subprocess.Popen[bytes]
    url: str
    out: Path
    err: Path
    client: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx2.Client(base_url=self.url, timeout=PATIENCE_S)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.err.read_text()
        try:
            return self.client.get("/health/ready").status_code == 200
        except httpx2.TransportError:
            return False

    def sign_in(self, username: str = USERNAME, password: str = PASSWORD) -> None:
        """Send this person's token with every request from now on."""
        answer = self.client.post("/api/v1/auth/login", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def stop(self, patience_s: float = PATIENCE_S) -> int:
        """Ask it to stop; its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(patience_s)
        finally:
            self.client.close()


@contextmanager
def serving(
    folder: Path, arguments: Sequence[str] = (), *, port: int | None = None, ready: bool = True, **env: str
) -> Iterator[Running]:
    """`segue serve` with `arguments`, its output in `folder`."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    out, err = folder / "out.txt", folder / "err.txt"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "segue", "serve", "--port", str(port), *arguments],
            stdout=stdout,
            stderr=stderr,
            env=environment(**env),
        )
    running = Running(process, f"http://127.0.0.1:{port}", out, err)
    try:
        if ready:
            wait_until(running.is_ready)
        yield running
    finally:
        if process.poll() is None:
            running.stop()
        process.wait()
