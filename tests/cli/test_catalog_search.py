"""`segue catalog search` and `lookup`: on a snapshot's folder, or on what the settings name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from segue.cli import app
from tests.catalog.tiny import TRACKS, write_snapshot


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_snapshot(folder / "catalog")
    return folder


def run(*arguments: object, code: int = 0) -> str:
    found = CliRunner().invoke(app, ["catalog", *map(str, arguments)])
    assert found.exit_code == code, (found.output, found.exception)
    return found.stdout


def test_a_search_lists_what_there_is(data: Path) -> None:
    text = run("search", "joga", "--snapshot", data / "catalog")
    assert f"spotify:track:{TRACKS[0].id}" in text and "Björk – Jóga  (Homogenic, 1997-09-22)" in text
    lines = [json.loads(line) for line in run("search", "joga", "--data-dir", data, "--json").splitlines()]
    assert [line["item"]["title"] for line in lines if line["kind"] == "track"] == ["Jóga", "Jóga (Remastered)"]
    (only,) = run("search", "joga", "--type", "tracks", "--limit", 1, "--data-dir", data, "--json").splitlines()
    assert json.loads(only)["item"]["duration_ms"] == 305_000


def test_ids_are_looked_up_and_a_miss_is_one(data: Path) -> None:
    found = run("lookup", "isrc:GBAYE9700001", "upc:16861402327", "--data-dir", data)
    assert [line.split()[0] for line in found.splitlines()] == ["track", "track", "album"]
    run("lookup", "isrc:XXAAA0000000", "--data-dir", data, code=1)
    lines = run("lookup", "isrc:XXAAA0000000", "isrc:GBAYE9700002", "--data-dir", data, "--json").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == [None, "track"]


def test_without_a_catalogue_it_says_where_it_looked(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["catalog", "search", "x", "--data-dir", str(tmp_path)])
    assert found.exit_code != 0 and str(tmp_path / "catalog") in str(found.exception)
