"""`segue listening`: one person's own plays, as text and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from segue.accounts.service import AccountService
from segue.cli import app
from segue.core.access import Actor
from segue.listening.service import ListeningService
from segue.listening.statistics.service import StatisticsService
from tests.conftest import fill_template, open_database
from tests.rows import LibraryMemory, some_music

ANNA = Actor(1, "anna", libraries=None)


class People:
    async def actor_for(self, user: str) -> Actor:
        assert user == "anna"
        return ANNA


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command over two plays of two tracks, one of them of last year."""
    url = f"sqlite:///{tmp_path / 'segue.db'}"

    @asynccontextmanager
    async def opened(_settings: Any) -> AsyncIterator[Any]:
        there = (tmp_path / "segue.db").exists()
        if not there:
            await fill_template(url)
        db = open_database(url, readers=1, writers=1)
        listening = ListeningService(db, LibraryMemory())
        if not there:
            music = await some_music(db)
            for year, track in ((2025, music.tracks[0][0]), (2026, music.tracks[1][1])):
                await listening.play(ANNA, track, played_at=datetime(year, 3, 29, 12, tzinfo=UTC), client="web")
        by_type = {
            AccountService: People(),
            ListeningService: listening,
            StatisticsService: StatisticsService(db, LibraryMemory()),
        }
        try:
            yield SimpleNamespace(services=SimpleNamespace(get=by_type.__getitem__))
        finally:
            await db.close()

    monkeypatch.setattr("segue.cli.listening.opened", opened)

    def run(*words: str) -> Any:
        whole = ["listening", *words, "--user", "anna", "--data-dir", str(tmp_path)]
        return CliRunner().invoke(app, whole)

    return run


def lines(result: Any) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_tops_history_and_totals_of_a_year(typed: Any) -> None:
    year = ("--period", "year", "--at", "2026-06-01")
    (top,) = lines(typed("top", "tracks", *year, "--json"))
    assert (top["title"], top["plays"], top["place"]) == ("Song 2", 1, 1)
    assert "Orchard Band – Song 2" in typed("top", "tracks", *year).stdout
    assert len(lines(typed("top", "artists", "--by-time", "--json"))) == 2
    assert [play["title"] for play in lines(typed("history", "--json"))] == ["Song 2", "Song 1"]
    assert [play["title"] for play in lines(typed("history", "harbour", "--json"))] == ["Song 1"]
    (totals,) = lines(typed("stats", *year, "--json"))
    assert (totals["plays"], totals["new_tracks"], totals["range"]["first"]) == (1, 1, "2026-01-01")
    assert "1 play," in typed("stats", *year).stdout


def test_everything_is_written_to_a_file_or_to_stdout(typed: Any, tmp_path: Path) -> None:
    assert [thing["type"] for thing in lines(typed("export"))][:2] == ["play", "play"]
    assert typed("export", str(tmp_path / "plays.csv"), "--format", "csv").exit_code == 0
    assert len((tmp_path / "plays.csv").read_text("utf-8").splitlines()) == 3


def test_what_makes_no_sense_is_told(typed: Any) -> None:
    for words in (("top", "songs"), ("top", "--period", "fortnight"), ("export", "--format", "xml")):
        assert typed(*words).exit_code == 2, words
