"""A person at a page of the web app: signs in, opens, presses, sees. Remembers what went wrong and whom the page called."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.conformance.house import PASSWORD, USERNAME
from tests.e2e.running import PATIENCE_S, wait_until

REMEMBER_PLAYERS = """
window.players = [];
const Made = window.Audio;
window.Audio = function (...given) { const made = new Made(...given); window.players.push(made); return made; };
"""
CLOCK = "Math.max(0, ...window.players.filter(player => !player.paused).map(player => player.currentTime))"
"""Where the sound is, in seconds; 0 while nothing plays."""


class Window:
    """A page of the app. `client` asks the server for addresses, where walking there is not the point."""

    def __init__(self, context: Any, url: str, client: httpx2.Client | None = None) -> None:
        self.url = url
        self.client = client
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_S * 1000)
        self.page.add_init_script(REMEMBER_PLAYERS)
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))

    def open(self, path: str = "/") -> None:
        self.page.goto(self.url + path)

    def sign_in(self) -> None:
        self.open()
        self.page.locator("input[autocomplete=username]").fill(USERNAME)
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.get_by_role("main").wait_for()
        self.page.locator("input[type=password]").wait_for(state="detached")

    def sees(self, text: str) -> None:
        self.page.get_by_text(text, exact=True).first.wait_for()

    def sees_no(self, text: str) -> None:
        self.page.get_by_text(text, exact=True).first.wait_for(state="hidden")

    def reads(self, words: str) -> None:
        """Somewhere on the page, perhaps within a longer sentence, these words can be read."""
        self.page.get_by_text(words).first.wait_for()

    def heading(self, name: str) -> None:
        self.page.get_by_role("heading", name=name, exact=True).first.wait_for()

    def press(self, name: str, within: Any = None) -> None:
        """Press the button of this name; in a dialog if one is open."""
        (within or self.front()).get_by_role("button", name=name, exact=True).first.click()

    def front(self) -> Any:
        """The dialog that is open, or the page."""
        dialog = self.page.get_by_role("dialog")
        return dialog.last if dialog.count() else self.page

    def sheet(self, name: str) -> Any:
        """The dialog of this name, once it is there."""
        dialog = self.page.get_by_role("dialog", name=name)
        dialog.wait_for()
        return dialog

    def choose(self, of: str, item: str) -> None:
        """Open the menu of something by its name and choose from it."""
        self.page.get_by_role("button", name=f"More for {of}", exact=True).first.click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def album(self, title: str) -> None:
        """Go to an album's page, from the wall."""
        if self.client:
            self.thing("albums", "title", title)
            return
        self.open("/albums")
        self.page.get_by_role("link", name=title).first.click()
        self.heading(title)

    def thing(self, kind: str, field: str, name: str) -> None:
        """Go to the page of the first of these that is called so."""
        assert self.client
        found = self.client.get(f"/api/v1/{kind}", params={"limit": 200}).json()["items"]
        self.open(f"/{kind}/{next(one['id'] for one in found if one[field] == name)}")
        self.heading(name)

    def width(self) -> int:
        """How wide the page became, in pixels, once it has settled."""
        self.page.get_by_role("main").wait_for()
        self.page.wait_for_load_state("networkidle")
        return int(self.page.evaluate("document.documentElement.scrollWidth"))

    def play_album(self, title: str) -> None:
        self.album(title)
        self.page.get_by_role("main").get_by_role("button", name="Play", exact=True).first.click()
        wait_until(lambda: self.page.evaluate(CLOCK) > 0.5)
