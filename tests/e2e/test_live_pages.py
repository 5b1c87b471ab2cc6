"""Concerts in a browser: from a band's name to the best recording of a night playing offline, seeing why at each step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from segue.cli.demo_live import fill
from segue.cli.given import read_settings
from segue.emulator import Emulator
from segue.emulator.archive_setlists import nights
from segue.emulator.serving import running
from tests.e2e.running import Running, serving, wait_until
from tests.e2e.window import Window
from tests.golden import copy_data

pytestmark = pytest.mark.e2e

BAND = "The Lantern Parade"


@pytest.fixture(scope="module")
def archive() -> Iterator[tuple[Emulator, str]]:
    """With one recording whose date and name contradict one another."""
    with running() as (emulator, url):
        emulator.archive.say(next(name for name in nights() if "1977-09-03" in name), date="1978-07-08")
        yield emulator, url


@pytest.fixture(scope="module")
def server(archive: tuple[Emulator, str], golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Segue beside an archive of our own, whose lists it keeps."""
    folder = tmp_path_factory.mktemp("live")
    copy = copy_data(golden, folder / "data")
    settings = {
        "SEGUE_LIVE__BASE_URL": f"{archive[1]}/archive",
        "SEGUE_LIVE__REQUESTS_PER_SECOND": "5",
        "SEGUE_OUTSIDE__CONTACT": "somebody@example.org",
    }
    anyio.run(fill, read_settings(data_dir=copy))
    with serving(folder, ["--data-dir", str(copy)], **settings) as made:
        made.sign_in()
        wait_until(lambda: _is_whole(made))
        yield made


def _is_whole(server: Running) -> bool:
    status = server.client.get("/api/v1/live/status").json()
    return bool(status["concerts"]) and not status["waiting"] and status["mirrors"][0]["state"] == "whole"


@pytest.fixture
def window(browser: Any, server: Running) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    made = Window(context, server.url, server.client)
    made.sign_in()
    yield made
    assert made.errors == []
    context.close()


def _night(server: Running, **asked: Any) -> dict[str, Any]:
    """The concert of the band with the most recordings."""
    found = server.client.get("/api/v1/live/concerts", params={"sort": "-recordings", "limit": 50, **asked}).json()
    return next(one for one in found["items"] if one["artist"]["name"] == BAND)


def test_one_goes_from_a_band_to_a_night_and_sees_what_was_played_and_why_a_tape_is_first(
    server: Running, window: Window
) -> None:
    night = _night(server)
    window.open("/live")
    window.page.get_by_role("link", name=re.compile(f"^{BAND}.*concerts")).first.click()
    window.heading(BAND)
    window.page.get_by_role("button", name=night["date"][:4]).click()
    window.page.get_by_role("group", name="day by day").get_by_role("link").first.wait_for()
    window.open(f"/live/concerts/{night['id']}")
    window.page.get_by_role("heading", name="Recordings").wait_for()
    window.sees("Complete")
    window.sees("Source")
    window.page.get_by_role("region", name="Set 1").get_by_role("listitem").first.wait_for()


def test_the_best_tape_plays_from_the_archive_and_then_from_here(server: Running, window: Window) -> None:
    found = server.client.get("/api/v1/live/recordings", params={"sort": "-reviews", "limit": 100}).json()["items"]
    tape = next(one for one in found if not one["stream_only"] and one["status"] == "there" and not one["kept"])
    window.open(f"/live/recordings/{tape['id']}")
    window.page.get_by_role("button", name="Play this tape").click()
    window.page.get_by_role("button", name="Pause", exact=True).first.wait_for()
    window.page.get_by_role("button", name="Keep offline").click()
    window.open("/live/downloads")
    wait_until(lambda: _state(server, tape["id"]) == "done")
    window.open("/live/downloads?room=history")
    window.page.get_by_label("Every file is as the archive has it").first.wait_for()
    wait_until(lambda: server.client.get(f"/api/v1/live/recordings/{tape['id']}").json()["kept"])
    window.open(f"/live/recordings/{tape['id']}")
    window.sees("On this server")


def _state(server: Running, recording: str) -> str:
    items = server.client.get("/api/v1/live/downloads", params={"recording": recording}).json()["items"]
    return str(items[0]["status"]) if items else ""


def test_a_tape_that_only_streams_is_never_offered_for_keeping(server: Running, window: Window) -> None:
    found = server.client.get("/api/v1/live/recordings", params={"limit": 200}).json()["items"]
    tape = next(one for one in found if one["stream_only"])
    window.open(f"/live/recordings/{tape['id']}")
    window.sees("Streams only")
    assert not window.page.get_by_role("button", name="Keep offline").count()


def test_a_doubt_is_shown_with_its_evidence_and_decided(server: Running, window: Window) -> None:
    wait_until(lambda: server.client.get("/api/v1/live/status").json()["doubts"]["open"])
    before = server.client.get("/api/v1/live/status").json()["doubts"]["open"]
    window.open("/live/doubts")
    window.page.get_by_role("button", name="Leave it").first.click()
    wait_until(lambda: server.client.get("/api/v1/live/status").json()["doubts"]["open"] < before)
    window.page.get_by_role("tab", name="Left as it was").click()
    window.page.get_by_role("main").get_by_text("Left as it was").nth(1).wait_for()


def test_a_rule_says_what_it_would_do_before_it_does_it(window: Window) -> None:
    window.open("/live/rules")
    window.page.get_by_role("button", name="New rule").first.click()
    window.page.get_by_label("Name").fill("Every night of 1977")
    asked = window.page.get_by_role("dialog").get_by_role("combobox")
    asked.fill("year:1977")
    asked.press("Enter")
    window.page.get_by_role("button", name="What would it do?").click()
    window.page.get_by_role("dialog").get_by_text("to fetch").first.wait_for()
    window.page.get_by_role("button", name="Save").click()
    window.sees("Every night of 1977")


def test_somebody_was_there_and_the_songs_are_counted(server: Running, window: Window) -> None:
    night = _night(server)
    window.open(f"/live/concerts/{night['id']}")
    window.page.get_by_role("button", name="I was there").click()
    wait_until(lambda: server.client.get("/api/v1/live/me/shows").json()["items"])
    window.open("/live/shows")
    window.sees(BAND)
    window.page.get_by_role("tab", name="Songs heard").click()
    window.page.get_by_role("main").get_by_role("listitem").first.wait_for()


def test_venues_are_on_a_map_and_lead_to_their_concerts(window: Window) -> None:
    window.open("/live/venues")
    window.page.get_by_role("img", name="Where they played").wait_for()
    window.page.get_by_role("listitem").get_by_role("link", name="Barton Hall").click()
    window.heading("Barton Hall")
    window.sees(BAND)


def test_what_is_typed_is_looked_for_among_bands_nights_and_venues(window: Window) -> None:
    window.open("/live")
    window.page.get_by_role("searchbox").fill("lantern")
    window.page.wait_for_url("**/live?q=lantern")
    window.page.get_by_role("heading", name="Bands").wait_for()
    window.sees(BAND)


def test_on_a_phone_a_night_has_its_songs_and_tapes(browser: Any, server: Running) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    window = Window(context, server.url, server.client)
    window.sign_in()
    window.open(f"/live/concerts/{_night(server)['id']}")
    window.page.get_by_role("button", name="Play this tape").first.wait_for()
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert window.errors == []
    context.close()
