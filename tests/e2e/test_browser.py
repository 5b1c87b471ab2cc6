"""The web app in a real browser: sign in, look, play, and see what is new without asking."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.house import PASSWORD, USERNAME
from tests.e2e.running import Running, serving, wait_until
from tests.e2e.window import CLOCK, Window
from tests.library.media import make_audio

pytestmark = pytest.mark.e2e


@pytest.fixture
def window(browser: Any, server: Running) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    made = Window(context, server.url)
    made.sign_in()
    yield made
    assert made.errors == []
    assert made.hosts == {server.url.removeprefix("http://")}
    context.close()


def test_a_wrong_password_says_so_where_it_was_typed(browser: Any, server: Running) -> None:
    context = browser.new_context()
    window = Window(context, server.url)
    window.open()
    window.page.locator("input[autocomplete=username]").fill(USERNAME)
    window.page.locator("input[type=password]").fill("wrong wrong wrong")
    window.page.keyboard.press("Enter")
    window.page.get_by_role("alert").wait_for()
    assert window.errors == []
    context.close()


def test_the_wall_shows_every_album_and_an_albums_page_its_tracks(window: Window) -> None:
    window.open("/albums")
    for title in ("First Light", "Two Discs", "All of Us", "Symphony", "!!!", "Far"):
        window.sees(title)
    window.page.get_by_role("link", name="Two Discs").first.click()
    window.sees("Disc 2 Track 1")
    assert "Part 2" in window.page.get_by_role("main").inner_text()


def test_a_track_really_plays_and_space_pauses_it(window: Window) -> None:
    window.play_album("Far")
    first = window.page.evaluate(CLOCK)
    wait_until(lambda: window.page.evaluate(CLOCK) > first + 0.5)
    window.page.keyboard.press("Space")
    wait_until(lambda: window.page.evaluate(CLOCK) == 0)
    window.page.keyboard.press("Space")
    wait_until(lambda: window.page.evaluate(CLOCK) > 0)
    title = window.page.evaluate("navigator.mediaSession.metadata?.title")
    assert title == "Long Way 1"


def test_music_goes_on_from_page_to_page_and_survives_a_reload_in_place(window: Window) -> None:
    window.play_album("Far")
    before = window.page.evaluate(CLOCK)
    window.page.get_by_role("link", name="Artists").first.click()
    window.sees("The Walkers")
    assert window.page.evaluate(CLOCK) >= before
    window.page.reload()
    window.sees("Long Way 1")


def test_search_finds_as_one_types(window: Window) -> None:
    window.sees("Far")
    window.page.keyboard.press("/")
    window.page.get_by_role("combobox").press_sequentially("long w", delay=30)
    window.sees("Long Way 2")


def test_it_fits_a_phone(browser: Any, server: Running) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    window = Window(context, server.url)
    window.sign_in()
    for path in ("/", "/albums", "/artists", "/tracks", "/playlists", "/settings", "/jobs"):
        window.open(path)
        wide = window.width()
        assert wide <= 390, f"{path} is {wide} px wide"
    assert window.errors == []
    context.close()


def test_a_file_dropped_into_the_folder_appears_without_a_reload(browser: Any, golden: Path, tmp_path: Path) -> None:
    music = tmp_path / "music"
    shutil.copytree(golden / "music" / "Far", music / "Far")
    chosen = {"SEGUE_ADMIN__USERNAME": USERNAME, "SEGUE_ADMIN__PASSWORD": PASSWORD, "SEGUE_SCAN__BATCH_WINDOW_S": "0.3"}
    with serving(tmp_path / "run", [str(music), "--data-dir", str(tmp_path / "data")], **chosen) as running:
        context = browser.new_context()
        window = Window(context, running.url)
        window.sign_in()
        window.open("/albums")
        window.sees("Far")
        tags = {"title": "Dropped", "artist": "Someone New", "album": "Out of Nowhere"}
        make_audio(music / "new" / "dropped.flac", tags=tags, seed=777)
        window.sees("Out of Nowhere")
        assert window.errors == []
        context.close()
