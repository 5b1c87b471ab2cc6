"""The catalogue in a browser: asked, walked through from one thing to the next, and beside one's own music."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.catalog.records import Album, Artist, Track
from tests.catalog.tiny import base62, write_snapshot
from tests.conformance.house import PASSWORD, USERNAME
from tests.e2e.collection import album
from tests.e2e.running import Running, serving, wait_until
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


OWN = ["One", "Two"]
WHOLE = [*OWN, "Three"]


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Segue with two of an album's three tracks, and a catalogue that knows the third and another album."""
    folder = tmp_path_factory.mktemp("collector")
    music = folder / "music"
    album(music / "Loose", "Loose Ends", "The Walkers", OWN, seed=200)
    names = [("Loose Ends", WHOLE), ("Long Way Home", ["Gravel", "Gate"])]
    titles = [(place, at, title) for place, (_, songs) in enumerate(names, 1) for at, title in enumerate(songs, 1)]
    write_snapshot(
        folder / "data" / "catalog",
        artists=[Artist(key=1, id=base62(1), name="The Walkers", followers=9)],
        albums=[
            Album(
                key=at,
                id=base62(10 + at),
                name=name,
                type="album",
                release_date="1999",
                precision="year",
                label="Shoe",
                total_tracks=len(songs),
                popularity=9 - at,
                artists=(1,),
            )
            for at, (name, songs) in enumerate(names, 1)
        ],
        tracks=[
            Track(
                key=10 * place + at,
                id=base62(100 * place + at),
                name=title,
                album=place,
                duration_ms=2_000,
                track_number=at,
                popularity=5,
                artists=(1,),
            )
            for place, at, title in titles
        ],
    )
    known = {"SEGUE_ADMIN__USERNAME": USERNAME, "SEGUE_ADMIN__PASSWORD": PASSWORD}
    with serving(folder, [str(music), "--data-dir", str(folder / "data")], **known) as running:
        running.sign_in()
        wait_until(lambda: running.client.get("/api/v1/catalog/links/counts").json()["artist"]["linked"] == 1)
        yield running


def test_an_album_says_what_it_lacks_and_an_artist_what_they_made_besides(browser: Any, collector: Running) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    window = Window(context, collector.url, collector.client)
    window.sign_in()
    window.album("Loose Ends")
    window.heading("Missing from this album 2 of 3 here")
    lacking = window.page.get_by_role("main").get_by_role("link", name="Three", exact=True)
    lacking.wait_for()
    window.thing("artists", "name", "The Walkers")
    window.heading("Everything they made 1 of 2 here Only what is not here Catalogue")
    window.press("Only what is not here")
    window.page.get_by_role("link", name="Long Way Home").click()
    window.sees("Gravel")
    assert window.errors == []
    context.close()


def test_a_link_in_doubt_is_settled_by_a_person_and_stays_so(browser: Any, collector: Running) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    window = Window(context, collector.url, collector.client)
    window.sign_in()
    window.open("/catalog/links?state=linked")
    window.heading("Your music in the catalogue")
    row = window.page.get_by_role("listitem").filter(has_text="Loose Ends").first
    before = collector.client.get("/api/v1/catalog/links/counts").json()
    row.get_by_role("button", name="That is it").first.click()
    wait_until(lambda: collector.client.get("/api/v1/catalog/links/counts").json() != before)
    counts = collector.client.get("/api/v1/catalog/links/counts").json()
    assert sum(kind["confirmed"] for kind in counts.values()) == 1
    assert window.width() == 390
    assert window.errors == []
    context.close()
