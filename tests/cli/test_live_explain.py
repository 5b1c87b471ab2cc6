"""`segue live explain`: JSON lines for machines, and reasons for people."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from segue.cli import app

SONGS = ("Amber Waltz", "Birch Street", "Cedar Bend", "Daisy Chain")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    rows = [
        {
            "identifier": f"xy1990-05-06.{source}.1234",
            "title": "Xylophones Live at Caf\u00e9 \u2028 Nord on 1990-05-06",
            "date": "1990-05-06",
            "venue": "Caf\u00e9 Nord",
            "tracks": [{"title": song, "duration": 60.0, "formats": []} for song in songs],
        }
        for source, songs in (("sbd", SONGS[:2]), ("aud", SONGS))
    ]
    (tmp_path / "items.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    show = {
        "band": "Xylophones",
        "date": "1990-05-06",
        "venue": "Caf\u00e9 Nord",
        "setlist": [
            {"set_name": "Set 1", "songs": [{"name": song, "segue_into_next": song == SONGS[0]} for song in SONGS]}
        ],
    }
    (tmp_path / "shows.jsonl").write_text(json.dumps(show), "utf-8")
    return ["live", "explain", "--items", str(tmp_path / "items.jsonl"), "--setlists", str(tmp_path / "shows.jsonl")]


def test_a_machine_gets_one_line_a_recording(files: list[str]) -> None:
    answer = subprocess.run([sys.executable, "-m", "segue", *files, "--json"], capture_output=True, check=True)
    lines = answer.stdout.decode().splitlines()
    assert [json.loads(line)["identifier"] for line in lines] == ["xy1990-05-06.sbd.1234", "xy1990-05-06.aud.1234"]
    assert [json.loads(line)["rank"] for line in lines] == [2, 1]
    assert answer.stderr == b""


def test_neither_database_nor_network_is_loaded_for_it(files: list[str]) -> None:
    program = (
        "import sys; from segue.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('sqlalchemy', 'httpx', 'segue.app') if name in sys.modules], file=sys.stderr)"
    )
    answer = subprocess.run([sys.executable, "-c", program, *files, "--json"], capture_output=True, check=True)
    assert answer.stderr.decode().strip() == "[]"


def test_a_person_gets_the_concert_its_recordings_and_the_reasons(files: list[str]) -> None:
    result = CliRunner().invoke(app, files)
    assert result.exit_code == 0
    text = result.stdout
    assert "Xylophones · 1990-05-06 · Café Nord   [xylophones|1990-05-06|1]" in text
    assert "Set 1: Amber Waltz > Birch Street, Cedar Bend, Daisy Chain" in text
    assert "1. xy1990-05-06.aud.1234: AUD, 100% of the setlist" in text
    assert "lacks Cedar Bend, Daisy Chain" in text
    assert "date.identifier 1990-05-06" in text


def test_only_shows_what_is_asked_for(files: list[str]) -> None:
    assert CliRunner().invoke(app, [*files, "--only", "1991-01-01"]).stdout == ""
    assert "xy1990-05-06.sbd" in CliRunner().invoke(app, [*files, "--only", "xylophones|1990"]).stdout


def test_a_file_that_is_no_json_is_said_in_a_sentence(files: list[str]) -> None:
    Path(files[3]).write_text('{"identifier": "a"}\nnonsense', "utf-8")
    answer = subprocess.run([sys.executable, "-m", "segue", *files, "--json"], capture_output=True, check=False)
    assert answer.returncode == 2
    assert b"line 2 of items.jsonl cannot be read" in answer.stderr
    assert answer.stdout == b""
