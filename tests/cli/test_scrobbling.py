"""`segue scrobbling`: linked accounts and queues of one person, as text and as JSON lines; an emulator is the service."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from segue.accounts.service import AccountService
from segue.cli import app
from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.emulator import Emulator
from segue.emulator.serving import running
from segue.listening.scrobbling.service import ScrobblingService
from tests.conftest import fill_template, open_database
from tests.listening.scrobbling.ground import ground

ANNA = Actor(1, "anna", libraries=None)


class People:
    async def actor_for(self, user: str) -> Actor:
        assert user == "anna"
        return ANNA


@pytest.fixture
def emulated() -> Iterator[tuple[Emulator, str]]:
    with running() as (emulator, url):
        yield emulator, url


@pytest.fixture
def typed(tmp_path: Path, emulated: tuple[Emulator, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command; each time it was asked something, a listen more waits."""
    database = f"sqlite:///{tmp_path / 'segue.db'}"

    @asynccontextmanager
    async def opened(_settings: Any) -> AsyncIterator[Any]:
        if not (tmp_path / "segue.db").exists():
            await fill_template(database)
        db = open_database(database, readers=1, writers=1)
        house = await ground(db, emulated[1], ANNA)
        by_type: dict[type, Any] = {AccountService: People(), ScrobblingService: house.scrobbling}
        try:
            yield SimpleNamespace(services=SimpleNamespace(get=by_type.__getitem__))
            await house.play(1, utc_now())
        finally:
            await house.close()
            await db.close()

    monkeypatch.setattr("segue.cli.scrobbling.opened", opened)

    def run(*words: str, says: str | None = None) -> Any:
        return CliRunner().invoke(app, ["scrobbling", *words], input=says)

    return run


def test_an_account_is_linked_looked_at_tested_and_unlinked(typed: Any, emulated: tuple[Emulator, str]) -> None:
    token = emulated[0].listenbrainz.token_of("anna")
    assert typed("link", "anna", "listenbrainz", "--token", token).output.startswith(
        "Linked anna at listenbrainz as sc-1."
    )
    told = json.loads(typed("list", "anna", "--json").stdout)
    assert (told["id"], told["state"], told["waiting"]) == ("sc-1", "active", 1)
    assert "waiting 1" in typed("list", "anna").output
    (row,) = typed("queue", "anna", "--json").stdout.splitlines()
    assert json.loads(row)["title"] == "Song 1"
    assert "Ann - Song 1" in typed("queue", "anna").output
    assert typed("queue", "anna", "--refused").stdout == ""
    assert "knows you as anna" in typed("test", "anna", "sc-1").output
    assert typed("retry", "anna", "sc-1").exit_code == 0
    emulated[0].listenbrainz.revoke("anna")
    dead = typed("test", "anna", "sc-1")
    assert (dead.exit_code, "no longer accepts" in dead.output) == (1, True)
    assert "Sign in again" in typed("list", "anna").output
    assert typed("unlink", "anna", "sc-1").exit_code == 0
    assert typed("list", "anna", "--json").stdout == ""


def test_last_fm_is_linked_on_its_page(
    typed: Any, emulated: tuple[Emulator, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*_args: Any, **_options: Any) -> str:
        (token,) = emulated[0].lastfm.tokens
        emulated[0].lastfm.approve(token, "anna")
        return ""

    monkeypatch.setattr("typer.prompt", pressed)
    done = typed("link", "anna", "lastfm", "--json")
    assert json.loads(done.stdout.splitlines()[-1]) == {"id": "sc-1", "kind": "lastfm", "name": "anna"}


def test_what_is_no_service_is_said(typed: Any) -> None:
    answer = typed("link", "anna", "myspace")
    assert answer.exit_code == 2
