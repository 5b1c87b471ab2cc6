"""Looking after a library in the browser: the tree of genres, copies, previews, scans, choices, the inbox."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.collection import album, collecting
from tests.e2e.running import PATIENCE_S, Running, wait_until
from tests.e2e.window import Window
from tests.library.media import tagged

pytestmark = pytest.mark.e2e
NAMES = ("Rock", "Metal")
ENOUGH = 1_500
"""Files that a scan is not through with before a person has pressed a button."""


@dataclass
class House:
    """A running server, where its music lies, and what it says."""

    running: Running
    folder: Path

    @property
    def music(self) -> Path:
        return self.folder / "music"

    def get(self, path: str, **query: Any) -> Any:
        return self.running.client.get(f"/api/v1/{path}", params=query).json()

    def titles(self, **query: Any) -> list[str]:
        return sorted(one["title"] for one in self.get("albums", limit=200, **query)["items"])

    def is_idle(self) -> bool:
        jobs = self.get("jobs", limit=20)["items"]
        return not self.get("scan")["scanning"] and all(job["state"] not in ("queued", "running") for job in jobs)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Nothing is watched: what is new waits until somebody asks for a scan."""
    folder = tmp_path_factory.mktemp("looked_after")
    with collecting(folder, SEGUE_SCAN__WATCH="false") as running:
        yield House(running, folder)


@pytest.fixture(scope="module")
def signed_in(browser: Any, house: House) -> dict[str, Any]:
    """The browser's memory after signing in, so that each test does not."""
    context = browser.new_context()
    Window(context, house.running.url).sign_in()
    state: dict[str, Any] = context.storage_state()
    context.close()
    return state


@pytest.fixture
def window(browser: Any, house: House, signed_in: dict[str, Any]) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=signed_in)
    made = Window(context, house.running.url, house.running.client)
    yield made
    assert made.errors == []
    context.close()


def test_a_genre_is_put_below_another_and_the_wider_one_shows_its_albums(window: Window, house: House) -> None:
    window.open("/genres")
    window.sees("Bebop")
    window.choose("Metal", "Put below another genre…")
    window.sheet("Put Metal below").get_by_role("textbox").fill("rock")
    window.press("Rock")
    window.reads("1 narrower")
    window.page.get_by_role("main").get_by_role("link", name="Rock", exact=True).click()
    window.heading("Rock")
    window.sees("Loud Nova")
    window.open("/genres")
    window.choose("Metal", "Make it a root")
    window.sees("Saved.")
    rock, metal = (next(one["id"] for one in house.get("genres")["items"] if one["name"] == name) for name in NAMES)
    window.open(f"/genres/{rock}")
    window.sees("Home Tapse")
    window.sees_no("Loud Nova")
    for parent in (rock, None):  # somebody else puts it there, and takes it away again, while the page is open
        house.running.client.put(f"/api/v1/genres/{metal}/parent", json={"parent": parent}).raise_for_status()
        (window.sees if parent else window.sees_no)("Loud Nova")


def test_of_two_copies_one_is_kept_and_they_are_parted_again_from_the_details(window: Window, house: House) -> None:
    def twice() -> int:
        return len(house.get("tracks", search="twice")["items"])

    window.open("/duplicates")
    window.heading("Twice")
    window.sees("better")
    window.press("Keep this")
    window.sheet("Make them one track?")
    window.press("Merge")
    window.heading("Nothing twice")
    assert twice() == 1
    window.open("/tracks?q=twice")
    window.choose("Twice", "Details")
    window.sheet("Twice")
    window.press("Part")
    wait_until(lambda: twice() == 2)
    window.page.get_by_role("dialog").wait_for(state="detached")
    wait_until(lambda: window.page.get_by_role("main").locator("[data-row]").count() == 2)


def test_copies_that_are_none_are_said_to_be_two_and_not_shown_again(window: Window, house: House) -> None:
    window.open("/duplicates")
    window.press("Look now")
    window.heading("Twice")
    window.press("Not the same")
    window.heading("Nothing twice")
    window.press("Look now")
    wait_until(house.is_idle)
    window.page.reload()
    window.heading("Nothing twice")


def test_a_preview_lists_what_a_scan_would_do_and_the_scan_can_be_undone(window: Window, house: House) -> None:
    album(house.music / "Fresh", "Fresh Paint", "The Painters", ["Wet"], seed=900)
    window.open("/libraries/li-1")
    window.press("What would a scan do?")
    window.sees("Fresh/01 Wet.flac")
    assert "Fresh Paint" not in house.titles()
    window.page.get_by_role("tab", name="New albums").click()
    window.reads("Fresh Paint")
    window.press("Scan now")
    window.heading("What scans did")
    window.reads("1 new file, 1 new album")
    wait_until(lambda: "Fresh Paint" in house.titles())
    window.press("Undo this scan")
    window.press("Undo this scan", within=window.sheet("Undo this scan"))
    window.page.get_by_role("button", name="Let it go on").wait_for()
    wait_until(lambda: "Fresh Paint" not in house.titles(missing="false"))
    window.press("Let it go on")
    window.page.get_by_role("button", name="Let it go on").wait_for(state="detached")
    window.press("Scan")
    wait_until(lambda: "Fresh Paint" in house.titles(missing="false"))


def test_a_librarys_choices_are_checked_and_kept(window: Window) -> None:
    window.open("/libraries/li-1")
    schedule = window.page.get_by_label("Scan at (cron)")
    schedule.fill("sometimes")
    window.press("Save")
    window.page.get_by_role("alert").filter(has_text="cron").wait_for()
    assert schedule.get_attribute("aria-invalid") == "true"
    schedule.fill("30 3 * * *")
    window.page.get_by_label("Stop when this much is gone").fill("25")
    window.press("Save")
    window.sees("Saved.")
    window.page.reload()
    wait_until(lambda: schedule.input_value() == "30 3 * * *")
    assert window.page.get_by_label("Stop when this much is gone").input_value() == "25"


def test_what_is_missing_is_forgotten_only_after_a_person_said_so_twice(window: Window, house: House) -> None:
    (house.music / "Loose" / "04 Four.flac").unlink()
    window.open("/libraries/li-1")
    window.press("Scan")
    window.press("Forget what is missing")
    assert house.get("tracks", search="four", missing="true")["items"]
    sheet = window.sheet("Forget what is missing")
    sheet.get_by_text("1 missing file of “music”").wait_for()
    window.press("Forget what is missing", within=sheet)
    wait_until(lambda: not house.get("tracks", search="four")["items"])
    window.page.get_by_role("heading", name="Forget what is missing").wait_for(state="detached")


def test_an_album_in_the_inbox_is_checked_completed_approved_and_can_be_taken_back(
    window: Window, house: House
) -> None:
    inbox = house.folder / "inbox"
    album(inbox / "Incoming", "Unnamed", "The Painters", ["First", "Second"], seed=950)
    window.open("/inbox")
    window.heading("No inbox")
    window.open("/libraries/li-1")
    window.page.get_by_label("Inbox").check()
    window.page.get_by_label("Folder on the server").fill(str(inbox))
    window.press("Save")
    window.sees("Saved.")
    at_once = {"options": {"inbox": {"path": str(inbox), "settle_s": 0}}}
    assert house.running.client.patch("/api/v1/libraries/li-1", json=at_once).status_code == 200
    window.open("/inbox")
    window.press("Look now")
    item = window.page.get_by_role("main").get_by_role("listitem").filter(has_text="The Painters").first
    item.get_by_role("heading", name="Unnamed").click()
    item.get_by_label("Album").fill("Named at Last")
    window.press("Save", within=item)
    item.get_by_role("heading", name="Named at Last").wait_for()
    item.get_by_text("The Painters/1999 - Named at Last/01 First.flac").wait_for()
    window.press("Approve", within=item)
    window.press("Undo", within=item)
    item.get_by_text("Taken back", exact=True).wait_for()
    assert (inbox / "Incoming" / "01 First.flac").is_file()


def test_an_approved_album_appears_in_the_library_by_itself(window: Window, house: House) -> None:
    window.open("/inbox")
    item = window.page.get_by_role("main").get_by_role("listitem").filter(has_text="The Painters").first
    window.press("Check again", within=item)
    item.get_by_text("Waits for you", exact=True).wait_for()
    window.press("Approve", within=item)
    wait_until(lambda: "Named at Last" in house.titles(missing="false"))
    window.open("/albums")
    window.sees("Named at Last")
    assert (house.music / "The Painters" / "1999 - Named at Last" / "02 Second.flac").is_file()


def test_it_fits_a_phone(browser: Any, house: House, signed_in: dict[str, Any]) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, storage_state=signed_in
    )
    window = Window(context, house.running.url)
    for path in ("/libraries/li-1", "/duplicates", "/inbox", "/genres", "/edits", "/tag-rules", "/files?show=all"):
        window.open(path)
        wide = window.width()
        assert wide <= 390, f"{path} is {wide} px wide"
        assert window.page.get_by_role("main").evaluate("main => main.scrollWidth <= main.clientWidth"), path
    window.open("/")
    window.page.get_by_role("navigation").get_by_role("button", name="More").click()
    for place in ("Inbox", "Duplicates", "Edits", "Libraries"):
        window.front().get_by_role("link", name=place, exact=True).wait_for()
    assert window.errors == []
    context.close()


def test_a_scan_is_paused_and_goes_on_from_there(window: Window, house: House) -> None:
    big = house.folder / "big"
    big.mkdir()
    sound = tagged("mp3", seconds=0.1, tags={"artist": "The Many", "album": "Very Many"})
    for number in range(ENOUGH):
        (big / f"{number:04}.mp3").write_bytes(sound[:-4] + number.to_bytes(4, "big"))
    window.open("/libraries")
    window.page.get_by_label("Folder on the server").fill(str(big))
    window.press("Add a library")
    window.page.get_by_role("link", name="big", exact=True).click()
    window.press("Pause")
    window.sees("The scan is paused")
    read = house.get("libraries/li-2")["file_count"]
    assert read < ENOUGH
    window.press("Go on")
    wait_until(lambda: house.get("libraries/li-2")["file_count"] == ENOUGH, 2 * PATIENCE_S)
    window.sees_no("The scan is paused")
    window.page.get_by_text(re.compile(r"[\d,]+ files? read")).first.wait_for()
    shutil.rmtree(big)
