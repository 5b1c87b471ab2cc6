"""Starting and stopping: alive at once, ready when it is true, one line for what is wrong, and a clean end."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.conformance.house import USERNAME
from tests.e2e.running import environment, free_port, serving, wait_until
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.e2e


def segue(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "segue", *arguments],
        capture_output=True,
        text=True,
        env=environment(**env),
        timeout=PATIENCE_S,
        check=False,
    )


def test_a_first_start_makes_an_administrator_and_says_the_password_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(tmp_path / "first", ["--data-dir", str(data)]) as running:
        said = wait_until(lambda: re.search(r"Sign in as (\S+) with the password (\S+)", running.out.read_text()))
        running.sign_in(said[1], said[2])  # type: ignore[index]
        assert running.client.get("/api/v1/auth/me").json()["roles"]
        assert said[2] not in running.err.read_text()  # type: ignore[index]
        assert running.stop() == 0
    assert stat.S_IMODE((data / "secret.key").stat().st_mode) == 0o600
    with serving(tmp_path / "second", ["--data-dir", str(data)]) as running:
        assert "password" not in running.out.read_text()


def test_the_administrator_of_the_environment_can_sign_in(tmp_path: Path) -> None:
    chosen = {
        "SEGUE_ADMIN__USERNAME": "mia",
        "SEGUE_ADMIN__PASSWORD": "a good long one",
        "SEGUE_ADMIN__APP_PASSWORD": "apps",
    }
    with serving(tmp_path, ["--role", "web"], SEGUE_DATA_DIR=str(tmp_path / "data"), **chosen) as running:
        running.sign_in("mia", "a good long one")
        answer = running.client.get(
            "/rest/ping", params={"u": "mia", "p": "apps", "v": "1.16.1", "c": "t", "f": "json"}
        )
        assert answer.json()["subsonic-response"]["status"] == "ok"
        assert "a good long one" not in running.out.read_text() + running.err.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_zero_and_leaves_no_process(data: Path, tmp_path: Path, number: int) -> None:
    with serving(tmp_path / "run", ["--data-dir", str(data)]) as running:
        children = wait_until(lambda: psutil.Process(running.process.pid).children(recursive=True))
        running.process.send_signal(number)
        assert running.process.wait(PATIENCE_S) == 0
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]  # type: ignore[attr-defined]


def test_a_stream_of_events_does_not_keep_it_from_stopping(data: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "run", ["--data-dir", str(data), "--role", "web"]) as running:
        running.sign_in()
        with running.client.stream("GET", "/api/v1/events") as events:
            assert next(events.iter_lines()) == "event: changes"
            running.process.terminate()
            assert running.process.wait(PATIENCE_S) == 0


def test_a_lock_that_another_program_holds_does_not_keep_it_from_stopping(data: Path, tmp_path: Path) -> None:
    patient = {"SEGUE_SERVER__SHUTDOWN_S": "1", "SEGUE_DATABASE__LOCK_LIMIT_S": "600"}
    with (
        serving(tmp_path / "run", ["--data-dir", str(data), "--role", "web"], **patient) as running,
        closing(sqlite3.connect(data / "segue.db", isolation_level=None)) as other,
        ThreadPoolExecutor() as threads,
    ):
        running.sign_in()
        other.execute("BEGIN EXCLUSIVE")
        waiting = threads.submit(running.client.put, "/api/v1/stars/tr-1")
        wait_until(lambda: running.client.get("/api/v1/tracks/tr-1").status_code == 200)
        running.process.terminate()
        assert running.process.wait(PATIENCE_S) == 0
        assert isinstance(waiting.exception(), httpx2.TransportError) or waiting.result().status_code >= 500


def test_a_killed_worker_is_started_again(data: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "run", ["--data-dir", str(data)]) as running:
        web = psutil.Process(running.process.pid)
        first = wait_until(lambda: [child for child in web.children() if "worker" in child.cmdline()])[0]  # type: ignore[index]
        first.kill()
        wait_until(lambda: [c for c in web.children() if c.pid != first.pid and "worker" in c.cmdline()])
        assert running.is_ready()


def test_the_worker_does_not_outlive_a_killed_web_process(data: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "run", ["--data-dir", str(data)]) as running:
        web = psutil.Process(running.process.pid)
        workers = wait_until(lambda: [child for child in web.children() if "worker" in child.cmdline()])
        running.process.kill()
        running.process.wait()
        wait_until(lambda: not [w for w in workers if w.is_running() and w.status() != psutil.STATUS_ZOMBIE])  # type: ignore[attr-defined]


def test_health_says_alive_before_it_says_ready(data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(f"{data}/segue.db")) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with serving(tmp_path / "run", ["--data-dir", str(data), "--role", "web"], ready=False) as running:

        def answers(path: str) -> int:
            try:
                return int(running.client.get(path).status_code)
            except Exception:
                return 0

        wait_until(lambda: answers("/health/live") == 200)
        assert answers("/health/ready") in (200, 503)
        wait_until(running.is_ready)
        report = running.client.get("/health").json()
        assert {part["name"] for part in report["components"]} >= {"database", "storage", "cache", "disk", "worker"}
        assert all(part["checked_at"] and part["message"] for part in report["components"])


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 2, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert lines
    assert len(lines) <= 2, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


def test_a_folder_that_does_not_exist_is_one_line_and_exit_2(tmp_path: Path) -> None:
    said = one_line(segue("serve", str(tmp_path / "nowhere"), "--data-dir", str(tmp_path / "data")))
    assert "nowhere" in said
    assert not (tmp_path / "data").exists()


def test_a_port_in_use_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert str(port) in one_line(segue("serve", "--data-dir", str(tmp_path), "--port", str(port)))


def test_a_data_folder_that_cannot_be_used_is_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "file" in one_line(segue("serve", "--data-dir", str(tmp_path / "file"), "--port", str(free_port())))


def test_a_database_newer_than_the_program_is_one_line_and_exit_2(data: Path) -> None:
    with closing(sqlite3.connect(data / "segue.db")) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.commit()
    result = segue("serve", "--data-dir", str(data), "--port", str(free_port()))
    assert result.returncode == 2
    assert "newer" in result.stderr.splitlines()[-2]
    assert result.stderr.count("newer") == 1
    assert "Traceback" not in result.stderr


def test_what_is_no_database_is_said_in_one_sentence_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "segue.db").write_bytes(bytes(range(256)) * 40)
    result = segue("serve", "--data-dir", str(tmp_path), "--port", str(free_port()))
    assert result.returncode == 2
    assert [line.strip() for line in result.stderr.splitlines()[-2:]] == [
        f"segue: The database at {tmp_path / 'segue.db'} does not answer: file is not a database",
        "`segue doctor` says what to do.",
    ]


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"SEGUE_SCAN__WORKER": "2"}, "SEGUE_SCAN__WORKERS"),
        ({"SEGUE_PORT": "many"}, "SEGUE_PORT"),
        ({"SEGUE_DATABASE__URL": "mysql://x/y"}, "database URL"),
        ({"SEGUE_TIME_ZONE": "Europe/Berlim"}, "Europe/Berlin"),
    ],
)
def test_a_wrong_setting_names_itself_and_the_nearest_right_one(tmp_path: Path, env: dict[str, str], says: str) -> None:
    assert says in one_line(segue("serve", "--data-dir", str(tmp_path), **env))


def test_a_database_that_is_away_is_one_line_and_exit_2(tmp_path: Path) -> None:
    url = f"postgresql://segue@127.0.0.1:{free_port()}/segue"
    result = segue("db", "history", "--data-dir", str(tmp_path), SEGUE_DATABASE__URL=url)
    assert "does not answer" in one_line(result)


def test_the_folder_becomes_a_library_once_and_is_scanned_at_start(golden: Path, tmp_path: Path) -> None:
    arguments = [str(golden / "music"), "--data-dir", str(tmp_path / "data")]
    chosen = {"SEGUE_ADMIN__USERNAME": USERNAME, "SEGUE_ADMIN__PASSWORD": "a good long one"}
    for attempt in (1, 2):
        with serving(tmp_path / str(attempt), arguments, **chosen) as running:
            running.sign_in(USERNAME, "a good long one")
            wait_until(lambda: not running.client.get("/api/v1/scan").json()["scanning"])
            assert running.client.get("/api/v1/scan").json()["count"] > 10
            assert len(running.client.get("/api/v1/libraries").json()["items"]) == 1


def test_help_names_every_command_and_a_wrong_one_is_exit_2() -> None:
    help_text = segue("--help").stdout
    for command in ("serve", "worker", "demo", "scan", "user", "db", "settings", "doctor", "openapi"):
        assert command in help_text
    assert segue("sevre").returncode == 2
    assert os.linesep.join(segue("--version").stdout.split()).startswith("segue")
