"""The box above a list takes the query language; what was played is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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


def tracks(server: Running, q: str) -> list[dict[str, Any]]:
    return list(server.client.get("/api/v1/tracks", params={"q": q, "limit": 100}).json()["items"])


def test_a_query_is_completed_from_ones_own_music_and_its_parts_can_be_taken_out(
    server: Running, window: Window
) -> None:
    genre = next(track["genres"][0]["name"] for track in tracks(server, "has:genre"))
    window.open("/tracks")
    box = window.page.locator("input[data-filter]")
    box.click()
    box.press_sequentially(f"genre:{genre[:3]}", delay=15)
    window.page.get_by_role("option", name=genre).first.wait_for()
    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("Enter")
    wait_until(lambda: genre in box.input_value())
    box.press_sequentially("year:1900..2100", delay=15)
    asked = window.page.get_by_role("button", name="Take “year:1900..2100” out")
    asked.wait_for()
    wanted = tracks(server, box.input_value())
    window.reads(f"{len(wanted)} track")
    asked.click()
    wait_until(lambda: "year" not in box.input_value())


def test_a_wrong_query_is_told_where_it_stands_and_mended_with_a_click(window: Window) -> None:
    window.open("/tracks")
    box = window.page.locator("input[data-filter]")
    box.fill("gnre:Jazz")
    box.press("Enter")
    window.page.get_by_role("button", name="genre", exact=True).click()
    wait_until(lambda: box.input_value() == "genre:Jazz")


def test_what_was_played_is_drawn_by_week_year_and_thing(server: Running, window: Window) -> None:
    track = tracks(server, "has:genre")[0]
    now = datetime.now(UTC)
    for hours in (2, 3, 30):
        at = (now - timedelta(hours=hours)).isoformat()
        body = {"track": track["id"], "played_at": at, "client": "test", "duration_played_ms": 200_000}
        assert server.client.post("/api/v1/plays", json=body).status_code == 200
    window.open("/statistics?period=all")
    window.sees("Over time")
    window.page.get_by_role("tab", name="Tracks").click()
    window.page.get_by_role("link", name=track["title"], exact=True).first.wait_for()
    window.open(f"/statistics/{(now - timedelta(hours=2)).year}")
    window.sees("Month by month")
    window.open(f"/albums/{track['album']['id']}")
    window.sees("Your listening")
