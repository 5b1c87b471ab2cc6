"""`segue mix`: what goes with a track, the way to another, and sets that are kept."""

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

from segue.accounts.service import AccountService
from segue.analysis.mixing.service import MixingService
from segue.cli import app
from segue.core.access import Actor
from segue.playlists.service import PlaylistService
from tests.analysis.store.ground import over, studio
from tests.conftest import fill_template, open_database


async def fill(folder: Path, url: str) -> None:
    await fill_template(url)
    db = open_database(url, readers=2, writers=2)
    async with studio(db, folder) as here:
        for number in range(4):
            here.home.song(
                f"{number}.flac", title=f"Song {number}", artist=f"Band {number}", album="First", seed=number
            )
        await here.scan()
        await here.listen()
    await db.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mix")
    asyncio.run(fill(folder, f"sqlite:///{folder / 'segue.db'}"))
    return folder


class Accounts:
    async def actor_for(self, name: str) -> Actor | None:
        return Actor(1, "ann", libraries=None) if name == "ann" else None


class Playlists:
    def __init__(self) -> None:
        self.made: list[tuple[str, list[int]]] = []

    async def create(self, _actor: Actor, name: str, tracks: list[int]) -> int:
        self.made.append((name, tracks))
        return 7


@pytest.fixture
def typed(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    kept = Playlists()

    @asynccontextmanager
    async def opened(_settings: Any) -> AsyncIterator[Any]:
        db = open_database(f"sqlite:///{filled / 'segue.db'}", readers=2, writers=2)
        here = over(db, filled, None)  # type: ignore[arg-type]
        services: dict[type, Any] = {
            MixingService: MixingService(here.analysis), AccountService: Accounts(), PlaylistService: kept,
        }  # fmt: skip
        yield SimpleNamespace(services=SimpleNamespace(get=services.__getitem__), db=db)
        await db.close()

    monkeypatch.setattr("segue.cli.mix.opened", opened)

    def type_(*words: str) -> Any:
        return CliRunner().invoke(app, ["mix", *words, "--data-dir", str(filled)])

    type_.kept = kept  # type: ignore[attr-defined]
    return type_


def lines(result: Any) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_what_goes_with_a_track_and_the_way_to_another_are_told(typed: Any) -> None:
    found = lines(typed("tr-1", "--pitch", "50", "--json"))
    assert {one["id"] for one in found} == {"tr-2", "tr-3", "tr-4"}
    assert all(one["transition"]["from"] == "tr-1" and one["transition"]["to"] == one["id"] for one in found)
    (way,) = lines(typed("tr-1", "--to", "tr-3", "--pitch", "50", "--json"))
    assert way["transition"]["kind"] == "beats" and way["transition"]["key_relation"] == "same"
    shown = typed("tr-1", "--to", "tr-3", "--pitch", "50")
    assert "beats" in shown.stdout and "key same" in shown.stdout


def test_a_set_is_made_and_kept(typed: Any) -> None:
    made = typed(
        "tr-2", "--tracks", "3", "--pitch", "50", "--query", "title:song", "--save", "Tonight", "--user", "ann"
    )
    assert made.exit_code == 0, made.output
    ((name, tracks),) = typed.kept.made
    assert name == "Tonight" and tracks[0] == 2 and len(set(tracks)) == 3
    assert made.stdout.startswith("tr-2") and made.stdout.count("tr-") == 3
    assert len(lines(typed("--minutes", "1", "--json"))) == 4


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("tr-1", "--tracks", "3", "--minutes", "9"),
        ("tr-1", "--curve", "steep"),
        ("tr-1", "--profile", "loose"),
        ("--tracks", "3", "--save", "x"),
        ("tr-1", "--user", "nobody"),
    ],
)
def test_what_makes_no_sense_is_said(typed: Any, words: tuple[str, ...]) -> None:
    assert typed(*words).exit_code == 2


def test_a_track_that_is_not_there_is_said(typed: Any) -> None:
    assert typed("tr-99").exit_code not in (0, 2)
