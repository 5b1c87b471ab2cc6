"""Playlists in a real browser: put together, taken back, shared, filled by a query that is a form and a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.running import Running, wait_until
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e


@pytest.fixture
def window(browser: Any, server: Running) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    made = Window(context, server.url, server.client)
    made.sign_in()
    yield made
    assert made.errors == []
    context.close()


def make(server: Running, name: str, **body: Any) -> str:
    """A playlist, over REST; its id."""
    made = server.client.post("/api/v1/playlists", json={"name": name, **body})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def tracks(server: Running, count: int) -> list[dict[str, Any]]:
    return list(server.client.get("/api/v1/tracks", params={"limit": count, "sort": "title"}).json()["items"])


def titles(window: Window) -> list[str]:
    return [text.strip() for text in window.page.locator("[data-place] .name").all_inner_texts()]


def test_rows_are_moved_from_the_keyboard_noted_removed_and_all_of_it_taken_back(
    server: Running, window: Window
) -> None:
    music = tracks(server, 4)
    id = make(server, "By the window", tracks=[track["id"] for track in music])
    window.open(f"/playlists/{id}")
    names = [track["title"] for track in music]
    wait_until(lambda: titles(window) == names)
    window.page.get_by_role("button", name=f"Move {names[3]}").focus()
    window.page.keyboard.press("Alt+Home")
    moved = [names[3], *names[:3]]
    wait_until(lambda: titles(window) == moved)
    window.sees("Moved.")
    window.page.reload()
    wait_until(lambda: titles(window) == moved)
    window.page.get_by_role("button", name=f"More for {names[0]}").first.click()
    window.page.get_by_role("menuitem", name="Note").click()
    window.page.get_by_role("textbox", name="A few words").fill("Starts with rain")
    window.page.keyboard.press("Enter")
    window.sees("Starts with rain")
    window.page.get_by_role("button", name=f"More for {names[1]}").first.click()
    window.page.get_by_role("menuitem", name="Remove from the playlist").click()
    wait_until(lambda: titles(window) == [names[3], names[0], names[2]])
    window.page.get_by_role("button", name="More for By the window").click()
    window.page.get_by_role("menuitem", name="What was changed").click()
    window.sees("Made with 4 tracks")
    window.page.get_by_role("button", name="Back to this").last.click()
    wait_until(lambda: titles(window) == names)
    assert "Starts with rain" not in window.page.get_by_role("main").inner_text()


def test_a_query_is_written_as_a_form_and_as_text_and_fills_a_list_that_is_frozen(window: Window) -> None:
    window.open("/playlists/new")
    window.page.get_by_role("textbox", name="Name of the playlist").fill("Walkers only")
    window.page.get_by_role("button", name="Condition").click()
    window.page.get_by_label("Value").fill("walkers")
    window.reads("tracks")
    window.page.get_by_role("tab", name="Text").click()
    box = window.page.get_by_role("textbox", name="Query")
    wait_until(lambda: "walkers" in box.input_value())
    box.fill('artist:"The Walkers" sort:-title limit:2')
    window.sees("2 tracks")
    window.page.get_by_role("tab", name="Form").click()
    wait_until(lambda: window.page.get_by_role("combobox", name="Sorted by").input_value() == "title")
    window.page.get_by_role("tab", name="Text").click()
    box.fill("artist:")
    window.page.get_by_role("alert").wait_for()
    assert window.page.get_by_role("button", name="Create").is_disabled()
    box.fill('artist:"The Walkers" sort:-title limit:2')
    window.sees("2 tracks")
    window.page.get_by_role("button", name="Create").click()
    window.sees("Smart playlist")
    wait_until(lambda: len(titles(window)) == 2)
    window.page.get_by_role("button", name="More for Walkers only").click()
    window.page.get_by_role("menuitem", name="Freeze it").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Freeze it").click()
    window.sees("Frozen. It is a playlist like any other now.")
    assert "Smart playlist" not in window.page.get_by_role("main").inner_text()


def test_lists_lie_in_folders_and_pages_fit_a_phone(browser: Any, server: Running, window: Window) -> None:
    id = make(server, "For the kitchen", tracks=[track["id"] for track in tracks(server, 2)])
    window.open("/playlists")
    window.page.get_by_role("button", name="New folder").click()
    window.page.get_by_role("textbox", name="Name").fill("Rooms")
    window.page.keyboard.press("Enter")
    window.sees("Rooms")
    window.page.get_by_role("button", name="More for For the kitchen").click()
    window.page.get_by_role("menuitem", name="Move to a folder").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Rooms").click()
    wait_until(lambda: "For the kitchen" not in window.page.get_by_role("main").inner_text())
    window.page.get_by_role("link", name="Rooms").click()
    window.sees("For the kitchen")
    context = browser.new_context(viewport={"width": 360, "height": 780}, has_touch=True, is_mobile=True)
    phone = Window(context, server.url)
    phone.sign_in()
    for path in (
        "/playlists",
        f"/playlists/{id}",
        "/playlists/new?q=genre:Jazz%20year:1970..1979",
        "/mixes/new-unheard",
    ):
        phone.open(path)
        wide = phone.width()
        assert wide <= 360, f"{path} is {wide} px wide"
    assert phone.errors == []
    context.close()
