"""The catalogue in a browser: asked, walked through from one thing to the next, and where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.tiny import base62, write_snapshot
from tests.e2e.running import Running, serving
from tests.e2e.window import Window
from tests.golden import copy_data

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def server(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Segue that serves a catalogue of five tracks."""
    folder = tmp_path_factory.mktemp("catalog")
    copy = copy_data(golden, folder / "data")
    write_snapshot(copy / "catalog")
    with serving(folder, ["--data-dir", str(copy), "--role", "web"]) as running:
        running.sign_in()
        yield running


@pytest.fixture
def window(browser: Any, server: Running) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    made = Window(context, server.url, server.client)
    made.sign_in()
    yield made
    assert made.errors == []
    context.close()


def test_one_goes_from_words_to_an_artist_an_album_a_track_and_the_same_recording_elsewhere(window: Window) -> None:
    window.open("/catalog")
    window.heading("Everything recorded")
    window.sees("5 tracks on 3 albums by 3 artists, on this server's own disk.")
    window.page.get_by_role("searchbox").fill("bjork")
    window.page.get_by_role("link", name="Björk").first.click()
    window.heading("Björk")
    window.page.get_by_role("link", name="Homogenic").click()
    window.heading("Homogenic")
    rows = window.page.get_by_role("list", name="Tracks").get_by_role("listitem")
    assert [row.split("\n")[0] for row in rows.all_inner_texts() if row.strip().startswith("Disc")] == [
        "Disc 1",
        "Disc 2",
    ]
    window.page.get_by_role("link", name="Jóga", exact=True).click()
    window.heading("Jóga")
    window.sees("GBAYE9700001")
    window.page.get_by_role("link", name="Jóga (Remastered)").click()
    window.heading("Jóga (Remastered)")


def test_a_search_can_be_for_one_kind_and_is_kept_in_the_address(window: Window) -> None:
    window.open("/catalog?q=j%C3%B3ga")
    window.page.get_by_role("tab", name="Tracks").click()
    window.page.wait_for_url("**/catalog?q=j%C3%B3ga&type=tracks")
    window.sees("Jóga (Remastered)")
    window.page.get_by_role("searchbox").fill("nothing is called so")
    window.sees("Nothing found for “nothing is called so”")


def test_what_there_is_not_is_said(server: Running, window: Window) -> None:
    window.open(f"/catalog/albums/spotify:album:{base62(99)}")
    window.reads("The catalogue has no album")
