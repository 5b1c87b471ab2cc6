"""The command line: it does what the server does, on the same tables, and speaks JSON lines when asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.house import APP_PASSWORD
from tests.e2e.running import serving
from tests.e2e.test_processes import segue
from tests.library.media import make_audio
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.e2e


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_scan_works_without_a_server_and_makes_the_folder_a_library(tmp_path: Path) -> None:
    make_audio(tmp_path / "music" / "one.flac", tags={"title": "One"})
    first = segue("scan", str(tmp_path / "music"), "--data-dir", str(tmp_path / "data"), "--json")
    assert first.returncode == 0, first.stderr
    (row,) = lines(first.stdout)
    assert row["state"] == "done"
    assert row["result"]["files_read"] == 1  # type: ignore[index]
    again = segue("scan", "--data-dir", str(tmp_path / "data"), "--json")
    assert lines(again.stdout)[0]["result"]["files_read"] == 0  # type: ignore[index]


def test_a_scan_is_tried_first_and_undone_afterwards(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    make_audio(tmp_path / "music" / "one.flac", tags={"title": "One", "album": "First"}, seed=1)
    assert segue("scan", str(tmp_path / "music"), *data).returncode == 0
    make_audio(tmp_path / "music" / "two.flac", tags={"title": "Two", "album": "Second"}, seed=2)
    tried = segue("scan", "--dry-run", *data)
    assert tried.returncode == 0, tried.stderr
    assert "1 new file" in tried.stdout
    assert "“Second”" in tried.stdout
    (row,) = lines(segue("scan", "--dry-run", "--json", *data).stdout)
    assert row["counts"]["added"] == 1  # type: ignore[index]
    assert segue("scan", "--undo", *data).returncode == 1
    assert segue("scan", *data).returncode == 0
    undone = segue("scan", "--undo", "--json", *data)
    assert lines(undone.stdout)[0]["result"]["files"] == 0, undone.stderr  # type: ignore[index]
    (row,) = lines(segue("scan", "--dry-run", "--json", *data).stdout)
    assert (row["counts"]["came_back"], row["counts"]["new"]) == (1, 0)  # type: ignore[index]


def test_scan_without_a_library_says_what_to_do(tmp_path: Path) -> None:
    result = segue("scan", "--data-dir", str(tmp_path / "data"))
    assert result.returncode == 1
    assert "serve FOLDER" in result.stderr


def test_a_person_added_on_the_command_line_signs_in_and_a_removed_one_does_not(data: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    from tests.e2e.running import environment

    added = subprocess.run(
        [sys.executable, "-m", "segue", "user", "add", "noor", "--password-stdin", "--data-dir", str(data)],
        input="a good long one\n",
        text=True,
        capture_output=True,
        env=environment(),
        check=False,
        timeout=PATIENCE_S,
    )
    assert added.returncode == 0, added.stderr
    names = [row["username"] for row in lines(segue("user", "list", "--json", "--data-dir", str(data)).stdout)]
    assert "noor" in names
    with serving(tmp_path / "run", ["--data-dir", str(data), "--role", "web"]) as running:
        running.sign_in("noor", "a good long one")
    assert segue("user", "remove", "noor", "--yes", "--data-dir", str(data)).returncode == 0
    assert segue("user", "remove", "noor", "--yes", "--data-dir", str(data)).returncode == 2


def test_doctor_finds_nothing_wrong_with_a_whole_installation(data: Path) -> None:
    result = segue("doctor", "--json", "--data-dir", str(data))
    found = {str(row["subject"]): row for row in lines(result.stdout)}
    assert found["database"]["verdict"] == "ok"
    assert found["library"]["verdict"] == "ok"
    assert found["secret key"]["verdict"] == "ok"
    assert APP_PASSWORD not in result.stdout


def test_doctor_names_what_is_wrong_and_what_to_do(data: Path, tmp_path: Path) -> None:
    (data / "secret.key").chmod(0o644)
    with (data / "segue.db").open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 8192)
    result = segue("doctor", "--json", "--data-dir", str(data))
    assert result.returncode == 1
    bad = {str(row["subject"]): row for row in lines(result.stdout) if row["verdict"] == "bad"}
    assert "chmod 600" in str(bad["secret key"]["advice"])
    assert "backups" in str(bad["database"]["advice"])


def test_history_lists_the_migrations_that_are_applied(data: Path) -> None:
    rows = lines(segue("db", "history", "--json", "--data-dir", str(data)).stdout)
    assert rows
    assert all(row["applied"] for row in rows)


def test_settings_say_where_each_value_came_from(tmp_path: Path) -> None:
    result = segue("settings", "port", "--json", "--data-dir", str(tmp_path), SEGUE_PORT="4800")
    (row,) = [row for row in lines(result.stdout) if row["key"] == "server.port"]
    assert (row["value"], row["layer"]) == (4800, "environment")


def test_a_restored_database_sends_those_who_keep_a_copy_back_to_the_beginning(data: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "before", ["--data-dir", str(data), "--role", "web"]) as running:
        running.sign_in()
        known = running.client.get("/api/v1/changes").json()
    assert segue("db", "restored", "--data-dir", str(data)).returncode == 0
    with serving(tmp_path / "after", ["--data-dir", str(data), "--role", "web"]) as running:
        running.sign_in()
        asked = {"since": known["cursor"], "epoch": known["epoch"]}
        assert running.client.get("/api/v1/changes", params=asked).status_code == 410


def test_scans_are_held_back_given_up_and_asked_of_one_folder_on_the_command_line(tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path / "data"), "--json"]
    music = tmp_path / "music"
    make_audio(music / "A" / "one.flac", tags={"title": "One"}, seed=1)
    assert segue("scan", str(music), *data).returncode == 0
    assert lines(segue("scan", "pause", *data).stdout) == [{"pause": [1]}]
    make_audio(music / "A" / "two.flac", tags={"title": "Two"}, seed=2)
    make_audio(music / "B" / "three.flac", tags={"title": "Three"}, seed=3)
    held = segue("scan", "--data-dir", str(tmp_path / "data"))
    assert (held.returncode, "segue scan resume" in held.stderr) == (1, True)
    (told,) = lines(segue("scan", "status", *data).stdout)
    assert (told["state"], told["files"]) == ("paused", 1)
    assert lines(segue("scan", "cancel", "music", *data).stdout)[0]["cancel"]
    assert lines(segue("scan", "resume", *data).stdout) == [{"resume": []}]
    (row,) = lines(segue("scan", str(music / "A"), *data).stdout)
    assert row["result"]["files_read"] == 1  # type: ignore[index]
    assert segue("scan", "pause", "nowhere", *data).returncode == 2
    plain = segue("scan", "status", "--data-dir", str(tmp_path / "data"))
    assert "music: idle, 2 files" in plain.stdout


def test_what_is_missing_is_purged_on_the_command_line(tmp_path: Path) -> None:
    data = ["--data-dir", str(tmp_path / "data"), "--json"]
    music = tmp_path / "music"
    for number in (1, 2):
        make_audio(music / f"{number}.flac", tags={"title": str(number)}, seed=number)
    assert segue("scan", str(music), *data).returncode == 0
    (music / "1.flac").unlink()
    assert segue("scan", *data).returncode == 0
    (counted,) = lines(segue("purge", "music", "--dry-run", *data).stdout)
    assert (counted["files"], counted["job"]) == (1, None)
    (purged,) = lines(segue("purge", "music", "--yes", *data).stdout)
    assert purged["result"] == {"files": 1, "tracks": 1}
    assert lines(segue("purge", "music", "--older-than", "3", *data).stdout)[0]["files"] == 0
