"""Putting things right in the browser: edits, many at once, artists, pictures, albums, files, rules, words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.collection import collecting
from tests.e2e.running import Running, wait_until
from tests.e2e.window import CLOCK, Window
from tests.library.media import png

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with collecting(tmp_path_factory.mktemp("edited")) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Any, collector: Running) -> dict[str, Any]:
    """The browser's memory after signing in, so that each test does not."""
    context = browser.new_context()
    Window(context, collector.url).sign_in()
    state: dict[str, Any] = context.storage_state()
    context.close()
    return state


@pytest.fixture
def window(browser: Any, collector: Running, signed_in: dict[str, Any]) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=signed_in)
    made = Window(context, collector.url, collector.client)
    yield made
    assert made.errors == []
    assert made.hosts == {collector.url.removeprefix("http://")}
    context.close()


def albums(running: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = running.client.get("/api/v1/albums", params={"limit": 200}).json()["items"]
    return found


def titles(running: Running) -> list[str]:
    return sorted(one["title"] for one in albums(running))


def artists(running: Running) -> list[str]:
    items = running.client.get("/api/v1/artists", params={"limit": 200}).json()["items"]
    return sorted(one["name"] for one in items)


def library_page(window: Window) -> None:
    window.open("/libraries/li-1")
    window.heading("Decisions about albums")


def test_an_edited_album_reads_so_everywhere_and_a_click_goes_back_to_what_the_files_say(window: Window) -> None:
    window.album("Home Tapse")
    window.choose("Home Tapse", "Edit the album…")
    window.sheet("Edit “Home Tapse”").get_by_label("Title", exact=True).fill("Home Tapes")
    window.press("Save")
    window.heading("Home Tapes")
    for path in ("/albums", "/tracks?q=kitchen", "/search?q=home+tapes"):
        window.open(path)
        window.sees("Home Tapes")
    window.album("Home Tapes")
    window.choose("Home Tapes", "Edit the album…")
    sheet = window.sheet("Edit “Home Tapes”")
    sheet.get_by_text("File: Home Tapse").wait_for()
    window.press("Title: back to what the file says")
    assert sheet.get_by_label("Title", exact=True).input_value() == "Home Tapse"
    window.press("Save")
    window.heading("Home Tapse")


def test_a_track_is_edited_from_its_menu_and_undo_is_a_click(window: Window) -> None:
    window.album("Home Tapse")
    window.choose("Kitchen", "Edit…")
    sheet = window.sheet("Edit “Kitchen”")
    sheet.get_by_label("Title", exact=True).fill("Scullery")
    sheet.get_by_role("tab", name="People").click()
    sheet.get_by_label("Performer", exact=True).fill("Ann Other (spoons)")
    window.press("Save")
    window.sees("Scullery")
    window.sees("Ann Other")
    window.press("Undo")
    window.sees("Kitchen")
    window.sees_no("Scullery")


def test_a_value_the_server_refuses_is_shown_at_its_field(window: Window) -> None:
    window.album("Home Tapse")
    window.choose("Home Tapse", "Edit the album…")
    sheet = window.sheet("Edit “Home Tapse”")
    sheet.get_by_role("tab", name="Dates and release").click()
    sheet.get_by_label("First released", exact=True).fill("last summer")
    sheet.get_by_role("tab", name="Basics").click()
    window.press("Save")
    field = sheet.get_by_label("First released", exact=True)
    field.wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert sheet.get_by_role("alert").count() >= 1


def test_many_are_edited_at_once_after_one_has_seen_what_changes(window: Window) -> None:
    window.album("Loose Ends")
    window.choose("Loose Ends", "Edit its tracks…")
    sheet = window.sheet("Edit 4 of “Loose Ends”")
    window.press("+ Genres")
    sheet.get_by_label("Genres", exact=True).fill("Noise")
    window.press("Show what would change")
    window.heading("This changes 4 of them")
    sheet.get_by_text("Three", exact=True).wait_for()
    window.press("Change 4")
    main = window.page.get_by_role("main")
    main.get_by_role("link", name="Noise").wait_for()
    window.press("Undo")
    main.get_by_role("link", name="Rock").wait_for()
    main.get_by_role("link", name="Noise").wait_for(state="hidden")


def test_tracks_are_chosen_with_ctrl_and_shift_and_edited_together(window: Window) -> None:
    window.album("Loose Ends")
    rows = window.page.get_by_role("main").locator("[data-row]")
    rows.filter(has_text="One").get_by_role("cell").nth(1).click(modifiers=["Control"])
    rows.filter(has_text="Three").get_by_role("cell").nth(1).click(modifiers=["Shift"])
    bar = window.page.get_by_role("toolbar", name="3 chosen")
    bar.wait_for()
    rows.filter(has_text="Two").get_by_role("cell").nth(1).click(modifiers=["Control"])
    window.page.get_by_role("toolbar", name="2 chosen").get_by_role("button", name="Edit…").click()
    sheet = window.sheet("Edit 2 of “chosen tracks”")
    window.press("+ BPM")
    sheet.get_by_label("BPM", exact=True).fill("123")
    window.press("Show what would change")
    window.press("Change 2")
    wait_until(lambda: rows.filter(has_text="123").count() == 2)
    window.press("Choose none")
    window.page.get_by_role("toolbar").wait_for(state="detached")


def test_two_spellings_become_one_artist(window: Window, collector: Running) -> None:
    window.thing("artists", "name", "Björk Gud")
    window.choose("Björk Gud", "Same as another…")
    window.sheet("Who else is Björk Gud?").get_by_role("textbox").fill("bjørk")
    window.press("Bjørk Gudd")
    window.sheet("Same as another…")
    window.press("Merge")
    window.sees("Cold Two")
    assert "Bjørk Gudd" not in artists(collector)
    window.sees("They are one now.")
    window.open("/edits")
    merged = window.page.get_by_role("main").get_by_role("listitem").filter(has_text="Merged artists").first
    merged.wait_for()
    assert merged.get_by_role("button", name="Undo").count() == 0


def test_two_bands_of_one_name_are_parted(window: Window, collector: Running) -> None:
    window.thing("artists", "name", "Nova")
    window.choose("Nova", "These are two…")
    sheet = window.sheet("Two called Nova")
    sheet.get_by_label("Loud Nova").check()
    sheet.get_by_label("Not to be confused with").fill("the loud one")
    window.press("Part them")
    window.sees("the loud one")
    window.sees("Loud Nova")
    window.sees_no("Quiet Nova")
    assert artists(collector).count("Nova") == 2


def test_a_picture_is_chosen_uploaded_and_left_to_the_rules_again(
    window: Window, collector: Running, tmp_path: Path
) -> None:
    def shown() -> str:
        one = next(one for one in albums(collector) if one["title"] == "Pictured")
        return str(one["artwork"]["id"])

    by_rule = shown()
    window.album("Pictured")
    window.choose("Pictured", "Picture…")
    sheet = window.sheet("Pictures of “Pictured”")
    sheet.get_by_role("button", name="back.png").click()
    wait_until(lambda: shown() != by_rule)
    chosen = shown()
    own = tmp_path / "own.png"
    own.write_bytes(png(300, 300, (20, 160, 60)))
    sheet.get_by_label("Upload a picture").set_input_files(own)
    sheet.get_by_text("Uploaded").first.wait_for()
    wait_until(lambda: shown() not in (by_rule, chosen))
    uploaded = shown()
    window.press("Let the rules choose")
    wait_until(lambda: shown() == by_rule)
    sheet.get_by_role("button", name="Let the rules choose").wait_for(state="detached")
    window.press("Close")
    cover = window.page.get_by_role("main").get_by_role("img", name="Cover of Pictured")
    wait_until(lambda: uploaded not in (cover.get_attribute("src") or ""))


def test_what_is_no_picture_is_refused_with_a_sentence(window: Window, tmp_path: Path) -> None:
    window.album("Pictured")
    window.choose("Pictured", "Picture…")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"this is no picture")
    window.sheet("Pictures of “Pictured”").get_by_label("Upload a picture").set_input_files(broken)
    window.page.get_by_role("alert").wait_for()


def test_an_album_is_parted_by_disc_and_the_decision_is_taken_back_on_the_librarys_page(
    window: Window, collector: Running
) -> None:
    window.album("Pair")
    window.choose("Pair", "Why one album?")
    sheet = window.sheet("Why “Pair” is one album")
    sheet.get_by_text("CD1/01 Disc 1 Song.flac").wait_for()
    window.press("Split by disc")
    wait_until(lambda: titles(collector).count("Pair") == 2)
    library_page(window)
    remove = window.page.get_by_role("button", name="Remove ").first
    remove.click()
    wait_until(lambda: titles(collector).count("Pair") == 1)
    remove.wait_for(state="detached")


def test_two_albums_are_made_one_and_the_decision_is_listed(window: Window, collector: Running) -> None:
    window.album("Pictured")
    window.choose("Pictured", "Why one album?")
    window.sheet("Why “Pictured” is one album")
    window.press("Make one with another album…")
    window.sheet("One album with “Pictured”").get_by_role("textbox").fill("sung")
    window.press("Sung Aloud – The Voices")
    wait_until(lambda: "Sung Aloud" not in titles(collector))
    library_page(window)
    window.page.get_by_role("button", name="Remove ").first.click()
    wait_until(lambda: {"Sung Aloud", "Pictured"} <= set(titles(collector)))


def test_a_file_says_its_tags_and_what_became_of_each(window: Window) -> None:
    window.open("/files?show=all")
    window.page.get_by_role("button", name="Best Of (copy)/twice.flac").click()
    sheet = window.sheet("What “twice.flac” says")
    sheet.get_by_text("Somebody").wait_for()
    sheet.get_by_role("tab", name="Tags in the file").click()
    sheet.get_by_text("the same again").wait_for()
    sheet.get_by_role("tab", name="Known again by").click()
    sheet.get_by_text("Key of its audio").wait_for()


def test_every_edit_is_on_record_and_can_be_taken_back_from_there(window: Window, collector: Running) -> None:
    album = next(one for one in albums(collector) if one["title"] == "Cold One")
    collector.client.patch(f"/api/v1/albums/{album['id']}", json={"set": {"title": "Colder One"}})
    window.open("/edits")
    first = window.page.get_by_role("main").get_by_role("listitem").filter(has_text="Edited").first
    first.get_by_role("button", name="Edited").click()
    first.get_by_text("Colder One").first.wait_for()
    window.press("Undo", within=first)
    window.sees("Taken back.")
    wait_until(lambda: "Cold One" in titles(collector))


def test_rules_for_tags_say_the_line_of_a_mistake_and_what_they_would_change(
    window: Window, collector: Running
) -> None:
    window.open("/tag-rules")
    rules = window.page.get_by_role("textbox", name="Rules for tags")
    rules.fill('split:\n  artist: ["; "]\nbroken\n')
    window.press("Try them")
    window.page.get_by_role("alert").filter(has_text="Line 3").wait_for()
    rules.fill('split:\n  artist: [" Walk"]\n')
    window.press("Try them")
    window.heading("7 of 17 tracks would change")
    assert "ers" not in artists(collector)
    window.press("Let them hold")
    wait_until(lambda: "ers" in artists(collector))
    window.press("Forget my rules")
    window.press("Forget my rules", within=window.sheet("Forget my rules"))
    wait_until(lambda: "ers" not in artists(collector))


def test_lyrics_follow_the_music_and_a_click_goes_there(window: Window) -> None:
    window.play_album("Sung Aloud")
    window.page.keyboard.press("w")
    drawer = window.page.get_by_role("complementary", name="Lyrics")
    now = drawer.locator("[aria-current]")
    now.filter(has_text="The first line").wait_for()
    drawer.get_by_role("button", name="The third line").click()
    wait_until(lambda: window.page.evaluate(CLOCK) >= 12)
    now.filter(has_text="The third line").wait_for()
    drawer.get_by_role("button", name="The second line").click()
    now.filter(has_text="The second line").wait_for()
    assert window.page.evaluate(CLOCK) < 12


def test_editing_fits_a_phone(browser: Any, collector: Running, signed_in: dict[str, Any]) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, storage_state=signed_in
    )
    window = Window(context, collector.url, collector.client)
    for item, name in (
        ("Edit the album…", "Edit “Loose Ends”"), ("Edit its tracks…", "Edit 4 of “Loose Ends”"),
        ("Picture…", "Pictures of “Loose Ends”"), ("Why one album?", "Why “Loose Ends” is one album"),
    ):  # fmt: skip
        window.album("Loose Ends")
        window.choose("Loose Ends", item)
        sheet = window.sheet(name)
        sheet.get_by_role("button").nth(1).wait_for()
        assert window.width() <= 390
        assert sheet.evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth"), item
    window.album("Loose Ends")
    window.choose("One", "Choose")
    window.choose("Two", "Choose")
    window.page.get_by_role("toolbar", name="2 chosen").wait_for()
    assert window.width() <= 390
    assert window.errors == []
    context.close()
