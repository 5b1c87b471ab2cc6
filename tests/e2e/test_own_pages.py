"""What is one's own in a browser: a history put right, tags, what one does not want to hear, queues of other players."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from segue.core.clock import utc_now
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


def tracks(server: Running, count: int) -> list[dict[str, Any]]:
    return list(server.client.get("/api/v1/tracks", params={"limit": count, "sort": "title"}).json()["items"])


def plays(server: Running) -> list[str]:
    return [play["title"] for play in server.client.get("/api/v1/plays").json()["items"]]


def queued(window: Window) -> list[str]:
    rows = window.page.get_by_role("complementary", name="Queue").locator("[data-place] .words > span:first-child")
    return [text.strip() for text in rows.all_inner_texts()]


def open_queue(window: Window) -> Any:
    window.page.get_by_role("contentinfo").get_by_role("button", name="Queue").click()
    drawer = window.page.get_by_role("complementary", name="Queue")
    drawer.get_by_role("button", name="Shared by all your players").click()
    return drawer


def test_a_play_is_deleted_taken_back_and_given_another_track(server: Running, window: Window) -> None:
    first, second, third = tracks(server, 3)
    for track, hours in ((first, 1), (second, 30)):
        played = (utc_now() - timedelta(hours=hours)).isoformat()
        body = {"track": track["id"], "played_at": played, "client": "Kitchen radio"}
        assert server.client.post("/api/v1/plays", json=body).json()["counted"]
    window.open("/history")
    window.heading("History")
    window.choose(first["title"], "Delete this play")
    window.sees_no(first["title"])
    wait_until(lambda: plays(server) == [second["title"]])
    window.press("Undo")
    wait_until(lambda: plays(server) == [first["title"], second["title"]])
    window.sees(first["title"])
    window.choose(first["title"], "It was another track…")
    sheet = window.sheet("It was another track")
    sheet.get_by_role("searchbox").fill(third["title"])
    sheet.locator("li").filter(has_text=third["title"]).get_by_role("button", name="Choose").first.click()
    window.sees("It counts for the other track now.")
    wait_until(lambda: plays(server) == [third["title"], second["title"]])
    window.page.get_by_role("searchbox").fill(second["title"])
    window.sees_no(third["title"])
    window.page.get_by_role("searchbox").fill("nothing is called so")
    window.sees("Nothing played fits")
    window.page.get_by_role("button", name="Show everything").click()
    window.choose("History", "What you changed…")
    window.press("Undo", window.sheet("What you changed in your history"))
    wait_until(lambda: plays(server) == [first["title"], second["title"]])


def test_tags_are_put_on_things_found_renamed_and_made_one(server: Running, window: Window) -> None:
    first, second = tracks(server, 2)
    window.open("/tracks?sort=title")
    for track, name in ((first, "for the car"), (second, "by car")):
        window.choose(track["title"], "Tags…")
        sheet = window.sheet(f"Your tags on “{track['title']}”")
        sheet.get_by_role("textbox", name="Add a tag").fill(name)
        window.page.keyboard.press("Enter")
        sheet.get_by_role("link", name=name).wait_for()
        window.press("Close")
    window.page.get_by_role("link", name="Your tags").click()
    window.choose("by car", "Rename…")
    window.page.get_by_role("textbox", name="Name").fill("For The Car")
    window.page.keyboard.press("Enter")
    window.press("Make one", window.sheet("Rename…"))
    window.page.get_by_role("link", name="2 tracks").click()
    wait_until(lambda: "tagged" in window.page.url)
    for track in (first, second):
        window.sees(track["title"])


def test_what_one_does_not_want_to_hear_is_left_out_and_let_in_again(server: Running, window: Window) -> None:
    album = server.client.get("/api/v1/albums", params={"limit": 20, "sort": "title"}).json()["items"]
    id = next(one["id"] for one in album if one["track_count"] > 1)
    found = [track for disc in server.client.get(f"/api/v1/albums/{id}").json()["discs"] for track in disc["tracks"]]
    window.open(f"/albums/{id}")
    window.choose(found[0]["title"], "Don’t play this")
    hated = f"/api/v1/tracks/{found[0]['id']}"
    wait_until(lambda: server.client.get(hated).json()["hated_at"])
    window.page.get_by_role("img", name="You do not want to hear this").wait_for()
    window.page.get_by_role("main").get_by_role("button", name="Play", exact=True).first.click()
    open_queue(window)
    wait_until(lambda: queued(window) == [track["title"] for track in found[1:]])
    window.press("Undo")
    wait_until(lambda: not server.client.get(hated).json()["hated_at"])


def test_one_goes_on_where_another_player_was_and_brings_back_what_was_replaced(
    server: Running, window: Window
) -> None:
    music = tracks(server, 6)
    names = [track["title"] for track in music]
    ids = [track["id"] for track in music]
    for device, some in (("", ids[:2]), ("Phone", ids[2:6])):
        body = {"tracks": some, "current_index": 1, "position_ms": 0, "client": "Phone"}
        assert server.client.put("/api/v1/queue", params={"device": device}, json=body).status_code == 204
    window.open("/history")
    drawer = open_queue(window)
    wait_until(lambda: queued(window) == names[:2])
    drawer.get_by_role("listitem").filter(has_text="4 tracks").get_by_role("button", name="Go on here").click()
    wait_until(lambda: queued(window) == names[2:6])
    window.sees("You go on where Phone was.")
    drawer.get_by_role("button", name="Shared by all your players").click()
    drawer.get_by_role("button", name="Bring it back").click()
    wait_until(lambda: queued(window) == names[:2])
    wait_until(lambda: server.client.get("/api/v1/queue").json()["tracks"] == ids[:2])


def test_searches_are_kept_only_if_one_wants_and_the_pages_fit_a_phone(
    browser: Any, server: Running, window: Window
) -> None:
    server.client.post("/api/v1/search-history", json={"box": "tracks", "query": "rain"})
    window.open("/account")
    window.page.get_by_role("checkbox", name="Keep my searches").uncheck()
    wait_until(lambda: server.client.get("/api/v1/search-history").json() == {"items": [], "next": None, "kept": False})
    context = browser.new_context(viewport={"width": 360, "height": 780}, has_touch=True, is_mobile=True)
    phone = Window(context, server.url)
    phone.sign_in()
    for path in ("/history", "/tags", "/account"):
        phone.open(path)
        wide = phone.width()
        assert wide <= 360, f"{path} is {wide} px wide"
    assert phone.errors == []
    context.close()
