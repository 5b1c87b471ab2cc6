"""What was heard, in a browser: a track's tempo and key are seen, corrected and taken back; music is drawn, mixed, found on a
map; a file that is in no library is listened to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutagen.flac
import pytest

from segue.demo.files import encode
from segue.demo.plan import Piece
from segue.demo.render import render
from segue.demo.score import compose
from tests.conformance.house import PASSWORD, USERNAME
from tests.e2e.running import Running, serving, wait_until
from tests.e2e.window import CLOCK, Window

pytestmark = pytest.mark.e2e

PIECES = (
    Piece("Glass Lift", "house", 122, "B minor", 14),
    Piece("Second Lift", "house", 124, "E minor", 14),
    Piece("Warehouse Fern", "dub", 126, "B minor", 14),
    Piece("Paper Kite", "indie", 118, "D major", 12),
    Piece("Night Ferry", "nu_jazz", 120, "A minor", 12),
)


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pieces that were composed for this, whose tags say nothing of tempo and key."""
    folder = tmp_path_factory.mktemp("sound") / "music"
    folder.mkdir()
    for number, piece in enumerate(PIECES, 1):
        path = folder / f"{number}.flac"
        encode(render(compose(piece, number), number), path, "flac")
        tags = mutagen.flac.FLAC(path)
        tags.update(
            {"title": piece.title, "artist": f"Band {number % 3}", "album": "Lifts", "tracknumber": str(number)}
        )
        tags.save()
    return folder


@pytest.fixture(scope="module")
def server(music: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Segue that has listened to all of it."""
    folder = tmp_path_factory.mktemp("heard")
    settings = {
        "SEGUE_ANALYSIS__ENABLED": "true",
        "SEGUE_ADMIN__USERNAME": USERNAME,
        "SEGUE_ADMIN__PASSWORD": PASSWORD,
    }
    with serving(folder, [str(music), "--data-dir", str(folder / "data")], **settings) as made:
        made.sign_in()
        wait_until(lambda: heard(made) == len(PIECES))
        yield made


def heard(server: Running) -> int:
    return int(server.client.get("/api/v1/analysis/status").json()["states"].get("done", 0))


def number_of(server: Running, title: str) -> str:
    found = server.client.get("/api/v1/tracks", params={"limit": 50}).json()["items"]
    return str(next(track["id"] for track in found if track["title"] == title))


def known(server: Running, title: str) -> dict[str, Any]:
    return dict(server.client.get(f"/api/v1/analysis/tracks/{number_of(server, title)}").json())


@pytest.fixture
def window(browser: Any, server: Running) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    made = Window(context, server.url, server.client)
    made.sign_in()
    yield made
    assert made.errors == []
    context.close()


def test_tempo_is_halved_by_ear_and_measured_again(server: Running, window: Window) -> None:
    title = "Glass Lift"
    measured = known(server, title)["tempo"]["measured"]
    window.thing("tracks", "title", title)
    window.page.get_by_role("application", name="Sound").wait_for()
    window.press("Half")
    wait_until(lambda: abs(known(server, title)["tempo"]["bpm"] - measured / 2) < 0.1)
    window.reads("a person said so")
    assert known(server, title)["tempo"]["source"] == "edit"
    window.press("Back to what was measured")
    wait_until(lambda: known(server, title)["tempo"]["bpm"] == measured)


def test_a_key_is_chosen_on_the_wheel(server: Running, window: Window) -> None:
    title = "Paper Kite"
    window.thing("tracks", "title", title)
    window.page.get_by_role("group", name="Key").get_by_role("button", name="5A, C minor", exact=True).click()
    wait_until(lambda: known(server, title)["key"]["value"] == "Cm")
    window.reads("5A · 10m")


def test_what_was_heard_can_be_searched_with_three_conditions_at_once(server: Running, window: Window) -> None:
    window.open("/tracks")
    asked = window.page.get_by_role("main").get_by_role("combobox").first
    asked.fill("bpm:120-126 camelot:~10A energy:>0.05")
    asked.press("Enter")
    window.page.get_by_role("row").filter(has_text="Warehouse Fern").first.wait_for()
    assert not window.page.get_by_role("row").filter(has_text="Night Ferry").count()


def test_the_seek_bar_of_what_plays_is_its_waveform_at_an_even_loudness(window: Window) -> None:
    window.open("/account")
    window.press("Each track alike")
    window.thing("tracks", "title", "Night Ferry")
    window.page.get_by_role("main").get_by_role("button", name="Play", exact=True).first.click()
    window.page.get_by_role("slider", name="Position").locator("canvas").first.wait_for()
    wait_until(lambda: window.page.evaluate(CLOCK) > 0.5)


def test_tracks_are_put_into_an_order_and_kept(server: Running, window: Window) -> None:
    window.open("/mixing?n=4&q=duration:>0:10")
    window.press("Put it in order")
    table = window.page.get_by_role("table", name="Mixing")
    table.get_by_text("BPM,").first.wait_for()
    window.press("Keep as a playlist")
    window.page.get_by_role("dialog").get_by_role("textbox").fill("A small set")
    window.press("Save")
    window.heading("A small set")
    kept = server.client.get("/api/v1/playlists").json()["items"]
    assert next(one["track_count"] for one in kept if one["name"] == "A small set") == 4


def test_what_goes_well_after_a_track_is_told_with_the_way_there(window: Window) -> None:
    window.thing("tracks", "title", "Glass Lift")
    window.page.get_by_role("link", name="Mixes with it").click()
    window.page.get_by_role("table", name="Mixes with it").get_by_text("BPM,").first.wait_for()


def test_the_map_is_drawn_and_a_place_on_it_plays(server: Running, window: Window) -> None:
    if server.client.get("/api/v1/analysis/similar/map").status_code != 200:
        server.client.post("/api/v1/analysis/similar/map")
        wait_until(lambda: server.client.get("/api/v1/analysis/similar/map").status_code == 200)
    window.open("/map")
    field = window.page.get_by_role("application", name="Map of the music")
    field.focus()
    window.page.keyboard.press("Enter")
    window.press("Play what is around here")
    wait_until(lambda: window.page.evaluate(CLOCK) > 0.2)


def test_a_file_from_outside_is_listened_to(server: Running, music: Path, window: Window) -> None:
    window.open("/analysis")
    window.page.locator("input[type=file]").set_input_files(str(music / "2.flac"))
    window.page.get_by_role("link", name="2.flac").wait_for()
    wait_until(lambda: server.client.get("/api/v1/analysis/requests").json()["items"][0]["state"] == "done")
    window.page.get_by_role("link", name="2.flac").click()
    window.page.get_by_text("LUFS").first.wait_for()
    assert len(server.client.get("/api/v1/tracks", params={"limit": 50}).json()["items"]) == len(PIECES)


def test_the_pages_fit_a_phone(browser: Any, server: Running) -> None:
    emptied = server.client.put("/api/v1/queue", json={"tracks": []})  # else a track goes on loading beside the page
    assert emptied.status_code < 300, emptied.text
    context = browser.new_context(viewport={"width": 390, "height": 800})
    window = Window(context, server.url, server.client)
    window.sign_in()
    for path in (f"/tracks/{number_of(server, 'Glass Lift')}", "/map", "/mixing", "/analysis"):
        window.open(path)
        assert window.width() <= 390, path
    context.close()


def test_one_track_goes_over_into_the_next_while_both_are_heard(window: Window) -> None:
    window.open("/account")
    window.press("Fade over")
    window.open("/tracks?sort=title")
    window.page.get_by_role("row").filter(has_text="Glass Lift").first.dblclick()
    bar = window.page.get_by_role("contentinfo")
    bar.get_by_text("Glass Lift").first.wait_for()
    wait_until(lambda: window.page.evaluate(CLOCK) > 0.3)
    window.page.get_by_role("slider", name="Position").focus()
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        window.page.keyboard.press(key)
    both = "window.players.filter(player => !player.paused && player.currentTime > 0).length"
    wait_until(lambda: window.page.evaluate(both) == 2)
    bar.get_by_text("Glass Lift").first.wait_for(state="hidden")
    wait_until(lambda: window.page.evaluate(both) == 1)
    assert window.page.evaluate(CLOCK) > 0.3
