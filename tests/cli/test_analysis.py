"""`segue analysis`: how far it is, what failed, what is listened to again, and everything measured as lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from segue.analysis.service import AnalysisService
from segue.cli import app
from segue.jobs import JobService
from tests.analysis.store.ground import over, studio
from tests.conftest import fill_template, open_database


async def fill(folder: Path, url: str) -> None:
    """A library of two songs, one of which cannot be heard."""
    await fill_template(url)
    db = open_database(url, readers=2, writers=2)
    async with studio(db, folder) as here:
        here.home.song("a.flac", title="One", album="First", seed=1)
        here.home.song("b.flac", title="Two", album="First", seed=2)
        here.plan(**{"b.flac": "refuse"})
        await here.scan()
        await here.listen()
    await db.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analysis")
    asyncio.run(fill(folder, f"sqlite:///{folder / 'segue.db'}"))
    return folder


@pytest.fixture
def typed(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    @asynccontextmanager
    async def opened(_settings: Any) -> AsyncIterator[Any]:
        db = open_database(f"sqlite:///{filled / 'segue.db'}", readers=2, writers=2)
        here = over(db, filled, None)  # type: ignore[arg-type]
        services = {AnalysisService: here.analysis, JobService: here.jobs}
        yield SimpleNamespace(services=SimpleNamespace(get=services.__getitem__), db=db)
        await db.close()

    monkeypatch.setattr("segue.cli.analysis.opened", opened)

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["analysis", *words])

    return run


def test_how_far_it_is(typed: Any) -> None:
    told = json.loads(typed("status", "--json").stdout)
    assert told["states"] == {"pending": 0, "running": 0, "done": 1, "failed": 1}
    words = typed("status").stdout
    assert "1 done, 0 being heard, 0 waiting (0 of them for their files), 1 failed." in words and "1 encrypted" in words


def test_what_failed_and_why(typed: Any) -> None:
    (line,) = [json.loads(line) for line in typed("failed", "--json").stdout.splitlines()]
    assert (line["title"], line["reason"]["code"]) == ("Two", "encrypted")
    assert "The sound is encrypted." in typed("failed").stdout
    assert typed("failed", "--code", "not_audio", "--json").stdout == ""


def test_everything_as_lines(typed: Any) -> None:
    lines = [json.loads(line) for line in typed("export").stdout.splitlines()]
    assert [line["title"] for line in lines] == ["One", "Two"]
    assert len(typed("export", "analysis:done", "--format", "csv").stdout.splitlines()) == 2
    assert typed("export", "--format", "xml").exit_code == 2


def test_what_is_listened_to_again(typed: Any) -> None:
    assert typed("again", "some").exit_code == 2
    told = typed("again", "failed")
    assert told.exit_code == 0 and "puts them back in line" in told.stderr
