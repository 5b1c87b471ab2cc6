"""`segue import-history`: shown, brought in and taken back from a shell, as text and as JSON lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from segue.accounts.service import AccountService
from segue.cli import app
from segue.jobs import JobService
from segue.jobs.worker import run_worker
from segue.listening.imports.service import ImportService
from tests.conftest import fill_template, open_database
from tests.jobs.ground import QUICK
from tests.listening.imports import exports, ground
from tests.listening.imports.ground import SAID, UNKNOWN


class People:
    async def find_user(self, _actor: Any, name: str) -> Any:
        return SimpleNamespace(id={"anna": 1, "ben": 2}[name])


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command over one small library."""
    database = f"sqlite:///{tmp_path / 'segue.db'}"

    @asynccontextmanager
    async def opened(_settings: Any) -> AsyncIterator[Any]:
        fresh = not (tmp_path / "segue.db").exists()
        if fresh:
            await fill_template(database)
        db = open_database(database, readers=2, writers=1)
        house = await ground.ground(db, tmp_path, songs=ground.SONGS if fresh else ())
        by_type: dict[type, Any] = {AccountService: People(), ImportService: house.imports, JobService: house.jobs}
        try:
            yield SimpleNamespace(db=db, services=SimpleNamespace(get=by_type.__getitem__))
        finally:
            await db.close()

    def quickly(*args: Any, **options: Any) -> Any:
        return run_worker(*args, settings=QUICK, **options)

    monkeypatch.setattr("segue.cli.imports.opened", opened)
    monkeypatch.setattr("segue.jobs.worker.run_worker", quickly)

    def run(*words: str, says: str | None = None) -> Any:
        return CliRunner().invoke(app, ["import-history", *words], input=says)

    return run


def test_a_history_is_shown_asked_about_brought_in_and_taken_back(typed: Any, tmp_path: Path) -> None:
    file = tmp_path / "ann.zip"
    file.write_bytes(exports.listenbrainz([SAID[0], SAID[1], UNKNOWN]))
    shown = typed(str(file), "--user", "anna", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "listenbrainz, 3 listens, 2020-05-01 to 2020-05-01" in shown.output
    assert "2 are of tracks that are here, 1 are kept by their words" in shown.output
    assert typed(str(file), "--user", "anna", says="n\n").exit_code == 1
    done = typed(str(file), "--user", "anna", says="y\n")
    assert "im-3: 3 new plays, 0 were there already." in done.output
    lines = typed(str(file), "--user", "anna", "--json").stdout.splitlines()
    preview, result = (json.loads(line) for line in lines if line.startswith("{"))
    assert (preview["source"], result["state"], result["result"]["added"]) == ("listenbrainz", "done", 0)
    assert "im-3 was taken back." in typed("--undo", "im-3").output


def test_a_servers_people_are_named_on_the_command_line(typed: Any, tmp_path: Path) -> None:
    file = tmp_path / "navidrome.db"
    file.write_bytes(exports.navidrome(tmp_path / "n.db", SAID))
    done = typed(str(file), "--user", "anna", "--person", "ann=anna", "--person", "ben=ben", "--yes")
    assert done.exit_code == 0, done.output
    assert "ben: 3 plays without time" in done.output


def test_what_cannot_be_is_said(typed: Any, tmp_path: Path) -> None:
    strange = tmp_path / "holiday.png"
    strange.write_bytes(b"\x89PNG no history")
    failed = typed(str(strange), "--user", "anna")
    assert (failed.exit_code, "is no history that is known" in failed.output) == (1, True)
    assert typed(str(tmp_path / "nothing.zip"), "--user", "anna").exit_code == 2
    assert typed(str(strange)).exit_code == 2
    assert typed("--user", "anna").exit_code == 2
    assert typed(str(strange), "--user", "anna", "--person", "x").exit_code == 2
