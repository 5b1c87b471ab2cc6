"""Scrobbling in the browser and through a whole Segue with its worker: the login on Last.fm's page and back, what is sent,
refused, asked for again; and a player that reports with a password made for it. An emulator is the outside world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from segue.core.clock import utc_now
from segue.emulator import Emulator
from segue.emulator.lastfm import API_KEY, SECRET
from segue.emulator.serving import running
from tests.e2e.running import Running, serving, wait_until
from tests.e2e.window import Window
from tests.golden import copy_data

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Emulator, str]]:
    with running() as (emulator, url):
        yield emulator, url


@pytest.fixture(scope="module")
def server(world: tuple[Emulator, str], golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("scrobbling")
    copy = copy_data(golden, folder / "data")
    url = world[1]
    settings = {
        "SEGUE_LASTFM__API_KEY": API_KEY,
        "SEGUE_LASTFM__SECRET": SECRET,
        "SEGUE_LASTFM__BASE_URL": f"{url}/lastfm/2.0/",
        "SEGUE_LASTFM__APPROVAL_URL": f"{url}/lastfm/api/auth/",
        "SEGUE_LISTENBRAINZ__BASE_URL": f"{url}/listenbrainz",
    }
    with serving(folder, ["--data-dir", str(copy)], **settings) as started:
        started.sign_in()
        yield started


@pytest.fixture
def window(browser: Any, server: Running) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    made = Window(context, server.url, server.client)
    made.sign_in()
    yield made
    assert made.errors == []
    context.close()


def accounts(server: Running) -> dict[str, dict[str, Any]]:
    found = server.client.get("/api/v1/scrobbling/accounts").json()["items"]
    return {one["kind"]: one for one in found}


def play(server: Running, number: int) -> str:
    """Play the `number`th track; what it is called."""
    track = server.client.get("/api/v1/tracks", params={"limit": 20}).json()["items"][number]
    answer = server.client.post("/api/v1/plays", json={"track": track["id"], "client": "Desk"})
    answer.raise_for_status()
    return str(track["title"])


def test_accounts_are_linked_and_looked_after(window: Window, server: Running, world: tuple[Emulator, str]) -> None:
    emulator = world[0]
    window.open("/account")
    window.press("Link Last.fm")
    window.page.wait_for_url("**/lastfm/api/auth/**")
    window.page.locator("input[name=user]").fill("ann")
    window.page.locator("#allow").click()
    window.page.wait_for_url(f"{server.url}/account")
    window.reads("Linked to ann.")
    window.press("Link ListenBrainz or another")
    window.page.get_by_label("User token").fill(emulator.listenbrainz.token_of("ann"))
    window.press("Link")
    wait_until(lambda: set(accounts(server)) == {"lastfm", "listenbrainz"})

    window.page.get_by_role("button", name="What is sent", exact=True).first.click()
    sheet = window.sheet("What is sent")
    sheet.get_by_label("Nothing shorter than (seconds)").fill("0")
    window.press("Save", within=sheet)
    wait_until(lambda: accounts(server)["lastfm"]["choices"]["minimum_s"] == 0)
    server.client.patch(
        f"/api/v1/scrobbling/accounts/{accounts(server)['listenbrainz']['id']}", json={"choices": {"minimum_s": 0}}
    ).raise_for_status()

    emulator.world.faults.add("refuse", service="lastfm", code=2)
    title = play(server, 0)
    window.reads("1 refused")
    window.page.get_by_role("button", name="1 refused").click()
    window.sheet("Refused").get_by_text(title, exact=True).wait_for()
    window.reads("The service ignores this track.")
    emulator.world.faults.clear()
    window.press("Send again")
    wait_until(lambda: len(emulator.lastfm.person("ann").heard) == 1)
    window.sees("Nothing is refused.")
    window.page.keyboard.press("Escape")
    assert [one.track for one in emulator.listenbrainz.person("ann").newest_first()] == [title]

    emulator.lastfm.revoke("ann")
    play(server, 1)
    window.reads("Sign in again; nothing is lost meanwhile.")
    window.press("Sign in again")
    window.page.wait_for_url("**/lastfm/api/auth/**")
    window.page.locator("input[name=user]").fill("ann")
    window.page.locator("#allow").click()
    window.page.wait_for_url(f"{server.url}/account")
    wait_until(lambda: len(emulator.lastfm.person("ann").heard) == 2)
    assert accounts(server)["lastfm"]["state"] == "active"


def test_a_player_reports_with_a_password_made_for_it(window: Window, server: Running) -> None:
    window.open("/account")
    window.sees("Other players")
    window.page.get_by_text("Other players", exact=True).click()
    window.page.get_by_label("Which player").fill("Pano Scrobbler")
    window.press("Make an app password for it")
    secret = window.page.locator("#scrobbling dd code").last.inner_text()
    address = window.page.locator("#scrobbling dd.mono").first.inner_text()
    about = {"artist_name": "Nobody", "track_name": "Unheard", "additional_info": {"media_player": "Phone"}}
    body = {"listen_type": "single", "payload": [{"listened_at": int(utc_now().timestamp()), "track_metadata": about}]}
    headers = {"Authorization": f"Token {secret}"}
    answer = httpx2.post(f"{address}/1/submit-listens", json=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    plays = server.client.get("/api/v1/plays", params={"limit": 5}).json()["items"]
    assert "Unheard" in [one["title"] for one in plays]
    refused = httpx2.get(f"{server.url}/api/v1/tracks", headers={"Authorization": f"Bearer {secret}"})
    assert refused.status_code == 403, "it is good for reporting alone"


def test_the_page_fits_a_phone(browser: Any, server: Running) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    window = Window(context, server.url, server.client)
    window.sign_in()
    window.open("/account")
    window.sees("Scrobbling")
    assert window.width() <= 320
    assert window.errors == []
    context.close()
