"""Who may do and see what, in the browser: rights, groups, the record of changes; and rules that are tried first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.collection import album, collecting
from tests.e2e.running import Running, wait_until
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two libraries, and a person beside the administrator."""
    folder = tmp_path_factory.mktemp("people")
    album(folder / "family" / "Lullabies", "Lullabies", "The Aunts", ["Sleep"], seed=900)
    with collecting(folder) as running:
        running.client.post("/api/v1/libraries", json={"path": str(folder / "family"), "name": "Family"})
        running.client.post("/api/v1/users", json={"username": "berta", "password": "long enough to be one"})
        wait_until(lambda: len(running.client.get("/api/v1/libraries").json()["items"]) == 2)
        yield running


@pytest.fixture
def window(browser: Any, server: Running) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    made = Window(context, server.url, server.client)
    made.sign_in()
    yield made
    assert made.errors == []
    context.close()


def person(server: Running, name: str) -> dict[str, Any]:
    people = server.client.get("/api/v1/users").json()["items"]
    return next(one for one in people if one["username"] == name)


def test_a_group_gives_its_members_a_library(server: Running, window: Window) -> None:
    window.open("/users")
    window.sees("berta")
    window.page.get_by_role("tab", name="Groups", exact=True).click()
    window.sees("Everyone")
    window.choose("Everyone", "Change the group")
    sheet = window.sheet("Change the group")
    sheet.get_by_label("All libraries, those to come as well").uncheck()
    window.press("Save", within=sheet)
    wait_until(lambda: person(server, "berta")["libraries"] == [])
    window.press("Add a group")
    sheet = window.sheet("Add a group")
    sheet.get_by_label("Name").fill("Relatives")
    sheet.get_by_label("Family", exact=True).check()
    sheet.get_by_label("berta", exact=True).check()
    window.press("Save", within=sheet)
    window.reads("1 member")
    window.reads("sees Family")
    assert len(person(server, "berta")["libraries"]) == 1
    window.page.get_by_role("tab", name="People", exact=True).click()
    window.sees("sees Family")


def test_a_person_is_made_an_editor_and_their_page_says_what_they_see_and_why(server: Running, window: Window) -> None:
    window.open("/users")
    window.sees("berta")
    window.choose("berta", "Rights and groups…")
    sheet = window.sheet("What berta may do and see")
    sheet.get_by_text("through Relatives").wait_for()
    sheet.get_by_label("May edit the music").check()
    window.press("Save", within=sheet)
    wait_until(lambda: person(server, "berta")["roles"] == ["editor", "user"])
    sheet.wait_for(state="hidden")
    window.choose("berta", "Rights and groups…")
    sheet = window.sheet("What berta may do and see")
    sheet.get_by_label("Relatives", exact=True).uncheck()
    sheet.get_by_text("not seen").first.wait_for()
    sheet.get_by_label("Relatives", exact=True).check()
    sheet.get_by_text("through Relatives").wait_for()


def test_what_was_changed_is_in_the_record(window: Window) -> None:
    window.open("/users?show=audit")
    window.sees("made the group")
    window.sees("changed the account")
    window.sees("Relatives")
    window.reads("rights")


def test_the_pages_of_people_fit_a_phone(window: Window) -> None:
    for show in ("people", "groups", "audit"):
        window.page.set_viewport_size({"width": 390, "height": 844})
        window.open(f"/users?show={show}")
        window.heading("People")
        assert window.width() <= 390


def test_grouping_rules_are_tried_before_they_hold(server: Running, window: Window) -> None:
    libraries = server.client.get("/api/v1/libraries").json()["items"]
    library = next(one for one in libraries if one["name"] == "music")
    window.open(f"/libraries/{library['id']}")
    window.heading("music")
    rules = window.page.get_by_label("Order of grouping rules")
    rules.fill("no_such_rule")
    window.press("What would these rules do?")
    window.reads("no_such_rule")
    rules.fill("folder")
    window.press("What would these rules do?")
    window.heading("What a scan would do")
    window.page.get_by_text("Nothing would change").or_(window.page.get_by_role("tab").first).wait_for()
    options = server.client.get(f"/api/v1/libraries/{library['id']}").json()["options"]
    assert not options.get("grouping_rules")


def test_a_group_is_deleted(server: Running, window: Window) -> None:
    window.open("/users?show=groups")
    window.choose("Relatives", "Delete the group")
    window.press("Delete")
    window.sees_no("Relatives")
    assert person(server, "berta")["libraries"] == []
