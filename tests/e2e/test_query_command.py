"""`segue query` asks the library as the search box does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_processes import segue
from tests.library.media import make_audio

pytestmark = pytest.mark.e2e


def test_a_query_is_asked_explained_and_refused_on_the_command_line(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    make_audio(tmp_path / "music" / "one.flac", tags={"title": "One", "artist": "Ann", "date": "1970"}, seed=1)
    make_audio(tmp_path / "music" / "two.flac", tags={"title": "Two", "artist": "Bob", "date": "1980"}, seed=2)
    assert segue("scan", str(tmp_path / "music"), *data).returncode == 0
    found = segue("query", "year:1975.. plays:0", "--json", *data)
    assert found.returncode == 0, found.stderr
    assert [json.loads(line)["title"] for line in found.stdout.splitlines()] == ["Two"]
    artists = segue("query", "name:ann", "--entity", "artists", *data)
    assert "Ann" in artists.stdout
    told = segue("query", "year:1975.. OR artist:Ann", "--explain", *data)
    assert "year is at least 1975." not in told.stderr
    assert "year:1975.." in told.stdout
    assert "Rows: 2." in told.stderr
    wrong = segue("query", "title:x yaer:1970", *data)
    assert wrong.returncode == 2
    assert "        ^^^^" in wrong.stderr
    assert "Did you mean year?" in wrong.stderr
