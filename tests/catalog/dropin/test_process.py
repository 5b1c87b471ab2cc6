"""`segue catalog serve` as a real process: what it says, how it ends, and that nobody notices when its snapshot changes."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from segue.catalog.snapshot.manifest import previous
from segue.catalog.synth import tables
from tests.catalog.tiny import ALBUMS, ARTISTS, TRACKS, write_snapshot
from tests.e2e.running import environment, free_port, wait_until
from tests.waiting import PATIENCE_S

TRACK = f"/lookup/track/{TRACKS[0].id}"


class Serving:
    def __init__(self, arguments: list[str], out: Path) -> None:
        self.port = free_port()
        self.out = out
        self.process = subprocess.Popen(
            [sys.executable, "-m", "segue", "catalog", "serve", *arguments, "--port", str(self.port)],
            stdout=out.open("wb"),
            stderr=subprocess.STDOUT,
            env=environment(),
        )
        self.http = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_S)

    def ready(self) -> bool:
        assert self.process.poll() is None, self.out.read_text()
        try:
            return self.http.get("/ready").status_code == 200
        except httpx2.TransportError:
            return False

    def served(self) -> str:
        found: str = self.http.get("/health").json()["catalog"]
        return found

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)


@contextmanager
def serving(out: Path, *arguments: str | Path) -> Iterator[Serving]:
    running = Serving([str(one) for one in arguments], out)
    try:
        wait_until(running.ready)
        yield running
    finally:
        running.http.close()
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait()


def swap(folder: Path, id: str) -> None:
    """As a build does it: made beside, then two renames."""
    beside = write_snapshot(folder.with_name(f"{folder.name}.building"), id=id)
    shutil.rmtree(previous(folder), ignore_errors=True)
    folder.rename(previous(folder))
    beside.rename(folder)


def answered(connection: socket.socket) -> bytes:
    """One whole answer that has a length, as it comes."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def test_the_shortest_way_says_what_the_routes_say(tmp_path: Path) -> None:
    """A request with If-None-Match takes the usual way, so both can be compared."""
    with serving(tmp_path / "out", write_snapshot(tmp_path / "snapshot"), "--rate-limit", "0.01/20") as running:
        for path in (TRACK, f"/lookup/album/{ALBUMS[0].id}", f"/lookup/artist/{ARTISTS[0].id}", "/lookup/track/none"):
            with running.connected() as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                head, _, body = answered(connection).partition(b"\r\n\r\n")
            usual = running.http.get(path, headers={"if-none-match": '"none"'})
            assert head.startswith(b"HTTP/1.1 %d " % usual.status_code)
            assert {line for line in head.split(b"\r\n")[1:] if not line.startswith(b"date")} == {
                f"{name}: {value}".encode() for name, value in usual.headers.items() if name != "date"
            }
            assert body == usual.content
        with running.connected() as connection:
            connection.sendall(f"GET {TRACK} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 16)
            data = b""
            while data.count(b"HTTP/1.1 ") < 16 or not data.endswith(b"}"):
                data += connection.recv(65536)
        assert data.count(b"HTTP/1.1 200 OK") == 12
        assert data.count(b"HTTP/1.1 429 Too Many Requests") == 4
        assert running.http.get(TRACK).status_code == 429


def test_a_head_without_an_end_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path / "out", write_snapshot(tmp_path / "snapshot")) as running, running.connected() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        while not _readable(connection):
            connection.sendall(b"X-Long: " + b"x" * 4000 + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 431")


def _readable(connection: socket.socket) -> bool:
    return bool(select.select([connection], [], [], 0.01)[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_requests_end_and_then_ends_it_with_zero(tmp_path: Path, number: int) -> None:
    with serving(tmp_path / "out", write_snapshot(tmp_path / "snapshot")) as running:
        body = json.dumps({"tracks": [TRACKS[0].id]}).encode()
        with running.connected() as connection, running.connected() as idle:
            connection.sendall(b"POST /batch/lookup HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body))
            connection.sendall(body[:5])
            idle.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"200" in answered(idle)
            running.process.send_signal(number)
            assert idle.recv(100) == b"", "who only keeps a connection is let go"
            connection.sendall(body[5:])
            answer = answered(connection)
        assert answer.startswith(b"HTTP/1.1 200")
        assert TRACKS[0].id.encode() in answer
        assert running.process.wait(PATIENCE_S) == 0
        with pytest.raises(OSError):
            running.connected()


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path / "out", write_snapshot(tmp_path / "snapshot")) as running, running.connected() as connection:
        connection.sendall(b"POST /batch/lookup HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        running.process.terminate()
        wait_until(lambda: not _open(running))
        assert running.process.poll() is None
        running.process.terminate()
        assert running.process.wait(5) == 0


def _open(running: Serving) -> bool:
    try:
        running.connected().close()
    except OSError:
        return False
    return True


def test_a_new_snapshot_is_served_without_one_failed_request(tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path / "snapshot", id="first")
    with serving(tmp_path / "out", folder, "--rate-limit", "off") as running:
        failed: list[str] = []
        seen: set[str] = set()
        stop = threading.Event()

        def ask() -> None:
            with httpx2.Client(base_url=running.http.base_url, timeout=PATIENCE_S) as http:
                while not stop.is_set():
                    for answer in (
                        http.get(TRACK),
                        http.get("/search/track?q=joga"),
                        http.post("/batch/lookup", json={"tracks": [TRACKS[0].id, *map(str, range(60))]}),
                    ):
                        if answer.status_code != 200 or TRACKS[0].id not in answer.text:
                            failed.append(answer.text)
                        seen.add(answer.headers.get("etag", "").partition(".")[0])

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for id in ("second", "third"):
                swap(folder, id)
                wait_until(lambda id=id: running.served() == id)  # type: ignore[misc]
            wait_until(lambda: 'W/"third' in seen or failed)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert not failed
        assert 'W/"first' in seen
        opened = {os.readlink(one) for one in Path(f"/proc/{running.process.pid}/fd").iterdir() if one.exists()}
        assert not [one for one in opened if "previous" in one], "what nobody reads any more is closed"


def test_a_damaged_new_snapshot_changes_nothing_and_a_damaged_old_one_is_passed_over(tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path / "snapshot", id="good")
    with serving(tmp_path / "out", folder) as running:
        beside = write_snapshot(folder.with_name("snapshot.building"), id="cut")
        os.truncate(beside / "catalog.db", 20_000)
        folder.rename(previous(folder))
        beside.rename(folder)
        wait_until(lambda: "previous_snapshot_served" in running.out.read_text())
        assert running.served() == "good"
    with serving(tmp_path / "again", folder) as running:
        assert running.served() == "good"
        assert "previous_snapshot_served" in running.out.read_text()
        assert running.http.get(TRACK).status_code == 200


def test_workers_share_the_port_the_rate_and_the_end(tmp_path: Path) -> None:
    arguments = (write_snapshot(tmp_path / "snapshot"), "--workers", "2", "--rate-limit", "0.01/5")
    with serving(tmp_path / "out", *arguments) as running:
        statuses = []
        for _ in range(7):
            with httpx2.Client(base_url=running.http.base_url) as http:
                statuses.append(http.get(TRACK).status_code)
        assert sorted(statuses) == [200] * 5 + [429] * 2
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
        assert len(children) == 2
        os.kill(int(children[0]), signal.SIGKILL)
        wait_until(lambda: "worker_ended" in running.out.read_text() and running.ready())
        running.process.terminate()
        assert running.process.wait(PATIENCE_S) == 0


def test_what_keeps_it_from_starting_is_said_in_a_line(tmp_path: Path, two_files: Path) -> None:
    def said(*arguments: str | Path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "segue", "catalog", "serve", *map(str, arguments)],
            capture_output=True, text=True, env=environment(), timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "no catalogue" in said(tmp_path / "nothing")
    assert "Name one" in said()
    assert "no rate" in said(tmp_path, "--rate-limit", "fast")
    assert "track_files" in said("--main", two_files / tables.FILES)


def test_two_files_are_served_as_they_are(tmp_path: Path, two_files: Path) -> None:
    main = two_files / tables.MAIN
    before = main.read_bytes()
    database = sqlite3.connect(main)
    (id,) = database.execute("SELECT id FROM tracks LIMIT 1").fetchone()
    database.close()
    with serving(tmp_path / "out", "--main", main, "--files", two_files / tables.FILES, "--strict-compat") as running:
        assert running.http.get(f"/lookup/track/{id}").json()["id"] == id
        assert running.http.get("/lookup/isrc/NOPE").json() is None
    assert main.read_bytes() == before
    assert not [*two_files.glob("*-wal"), *two_files.glob("*-journal")]
