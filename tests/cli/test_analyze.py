"""`segue analyze`: a line for every file in the order of the files, whatever befalls one of them."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from segue.cli.analyze_files import audio_files
from tests.analysis.engines.test_ours import music
from tests.analysis.files import coded, tone, wav
from tests.waiting import PATIENCE_S

MEMBERS = {
    "path", "duration_ms", "bpm", "tempo_candidates", "tempo_confidence", "beats_ms", "key", "key_confidence", "loudness",
    "energy", "version", "seconds", "error",
}  # fmt: skip


def analyzed(*words: str | Path | bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "segue", "analyze", *words]
    return subprocess.run(
        command, capture_output=True, timeout=PATIENCE_S, env={**os.environ, **environment}, check=False
    )


def lines(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(row) for row in done.stdout.decode("utf-8").split("\n") if row]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song, text that is called a song, a folder in it with another, what is no music, and a name that is no text."""
    root = tmp_path_factory.mktemp("music")
    wav(root / "b song \u2028 one.wav", music(5))
    (root / "a words.mp3").write_text("words " * 200)
    (root / "notes.txt").write_text("words")
    (root / "disc 2").mkdir()
    coded(root / "disc 2" / "c.flac", tone(0.2))
    os.rename(wav(root / "d.wav", tone(0.2)), os.fsencode(root) + b"/d\xff.wav")
    return root


@pytest.fixture(scope="module")
def told(folder: Path) -> list[dict[str, Any]]:
    return lines(analyzed("--json", folder, folder / "nothing.wav", "--jobs", "2"))


def test_every_file_has_its_line_in_order(folder: Path, told: list[dict[str, Any]]) -> None:
    names = [os.path.basename(row["path"]) for row in told]
    assert names == ["a words.mp3", "b song \u2028 one.wav", "d\ufffd.wav", "c.flac", "nothing.wav"]
    assert all(MEMBERS <= row.keys() for row in told)
    assert base64.b64decode(told[2]["path_base64"]) == os.fsencode(folder) + b"/d\xff.wav"


def test_a_line_says_what_was_heard(told: list[dict[str, Any]]) -> None:
    song = told[1]
    assert song["error"] is None
    assert song["duration_ms"] == 5000
    assert song["bpm"] > 0
    assert all(set(one) == {"bpm", "score"} for one in song["tempo_candidates"])
    assert 0 <= song["tempo_confidence"] <= 1
    assert song["beats_ms"] == sorted(song["beats_ms"])
    assert all(isinstance(beat, int) for beat in song["beats_ms"])
    key = song["key"]
    assert (key["tonic"], key["mode"], key["camelot"], key["open_key"]) in (
        (9, "minor", "8A", "1m"),
        (0, "major", "8B", "1d"),
    )
    assert set(song["loudness"]) == {"integrated", "range", "true_peak"}
    assert song["loudness"]["integrated"] < 0
    assert 0 <= song["energy"] <= 1
    assert isinstance(song["version"], int)
    assert song["seconds"] > 0


def test_what_cannot_be_heard_has_its_line_with_the_reason(told: list[dict[str, Any]]) -> None:
    words, nothing = told[0], told[-1]
    assert words["error"]["code"] == "not_audio"
    assert words["error"]["message"]
    assert nothing["error"]["code"] == "no_such_file"
    for row in (words, nothing):
        assert row["bpm"] is row["key"] is row["loudness"] is row["duration_ms"] is None
        assert row["beats_ms"] == row["tempo_candidates"] == []


def test_names_come_from_stdin_by_lines_or_by_nul(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    flac = os.fsencode(folder / "disc 2" / "c.flac")
    for given in (flac + b"\n\n" + os.fsencode(folder / "disc 2"), flac + b"\0" + flac + b"\0"):
        (tmp_path / "names").write_bytes(given)
        with (tmp_path / "names").open() as names:
            monkeypatch.setattr("sys.stdin", names)
            assert list(audio_files(["-"])) == [flac, flac]


def test_the_page_is_readable_in_80_columns_without_colours(folder: Path) -> None:
    done = analyzed(folder / "b song \u2028 one.wav", folder / "a words.mp3")
    page = done.stdout.decode()
    assert done.returncode == 0
    assert "\x1b" not in page
    assert max(map(len, re.split("[\n\u2028]", page))) <= 80
    for word in ("Tempo", "BPM", "% sure", "Key", "Loudness", "LUFS", "Energy", "█", "8A", "This is no audio"):
        assert word in page, word


def test_several_engines_stand_side_by_side(folder: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport json, sys\nif sys.argv[1] == '-c': sys.exit(0)\nsys.stdin.buffer.read()\n"
        "print(json.dumps({'bpm': 119.5, 'key': {'tonic': 4, 'mode': 'major'}}))\n"
    )
    python.chmod(0o755)
    song = folder / "b song \u2028 one.wav"
    (row,) = lines(analyzed("--json", "--compare", "--essentia-python", python, song))
    assert set(row["engines"]) == {"segue", "essentia"}
    assert row["engines"]["segue"]["bpm"] == row["bpm"]
    assert row["engines"]["essentia"]["bpm"] == 119.5
    assert row["engines"]["essentia"]["key"]["camelot"] == "12B"
    page = analyzed("--compare", song, SEGUE_ANALYSIS__ESSENTIA_PYTHON=str(python)).stdout.decode()
    assert "119.50 BPM" in page
    assert "12B" in page


def test_an_engine_that_is_not_there_is_the_reason_on_every_line(folder: Path) -> None:
    (row,) = lines(analyzed("--json", "--engine", "service", folder / "disc 2" / "c.flac"))
    assert row["error"]["code"] == "engine_absent"
    assert analyzed("--engine", "guess", folder).returncode == 2


def test_a_killed_child_loses_no_file(tmp_path: Path) -> None:
    """kill -9 of every child that is there, while files are heard: each is heard by another."""
    paths = [wav(tmp_path / f"{number}.wav", music(6)) for number in range(4)]
    command = [sys.executable, "-m", "segue", "analyze", "--json", "--jobs", "1", *map(str, paths)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        rows = [running.stdout.readline()]
        ended = time.monotonic() + PATIENCE_S
        killed = False
        while not killed and time.monotonic() < ended and running.poll() is None:
            for child in _children(running.pid):
                os.kill(child, signal.SIGKILL)
                killed = True
        rows += running.stdout.readlines()
        assert running.wait(PATIENCE_S) == 0
    told = [json.loads(row) for row in rows]
    assert killed
    assert [Path(row["path"]) for row in told] == paths
    assert [row["error"] for row in told] == [None] * 4


def _children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
