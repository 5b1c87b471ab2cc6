"""What links are good for, over REST: an album beside its release, discographies, suggestions, decisions, texts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import insert

from segue.core.access import SYSTEM, Actor
from segue.core.db import Database
from segue.core.rest import Page, install_problem_handlers
from segue.library.edits.fields import checked
from segue.library.finding import wanted_of
from segue.library.models import AlbumLabel, Label
from segue.metadata.links import schemas as s
from segue.metadata.links.mentions import key_of
from segue.metadata.links.routes import router
from tests.metadata.links.conftest import HARBOUR, LIVE, OTHERS, RELEASES, once
from tests.metadata.links.ground import EDITOR, House, Release, Song, artist_id

pytestmark = pytest.mark.anyio


@dataclass
class Asking:
    """A person who asks over REST."""

    client: httpx2.AsyncClient

    async def __call__(self, method: str, path: str, status: int = 200, who: str = "editor", **options: Any) -> Any:
        answer = await self.client.request(method, path, headers={"Authorization": f"Bearer {who}"}, **options)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
async def ask(home: House) -> AsyncIterator[Asking]:
    people = {"editor": EDITOR, "admin": Actor(1, "ana", frozenset({"admin"}), libraries=None)}

    async def authenticate(request: Request) -> Actor | None:
        name = request.headers.get("authorization", "").removeprefix("Bearer ")
        if name.startswith("sees:"):
            library = home.shelf.libraries.get(name.removeprefix("sees:"), (0, 0))[0]
            return Actor(9, "bo", libraries=frozenset({library}))
        return people.get(name)

    app = FastAPI()
    home.services.authenticate = authenticate
    app.state.segue = home.services
    app.include_router(router)
    install_problem_handlers(app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue.test") as client:
        yield Asking(client)


async def harbour(home: House) -> tuple[int, list[int]]:
    """The album, with two of its four tracks and one that is not on it."""
    return await home.shelf.album(
        "Harbour Lights",
        "The Tide",
        [Song("Anchor", 181), Song("Current", 244, position=3), Song("Hidden Song", 99, position=9)],
        year=2001,
    )


async def test_an_album_says_what_is_missing_and_what_is_only_here(home: House, ask: Asking) -> None:
    album, tracks = await harbour(home)
    _, (elsewhere,) = await home.shelf.album("A Mixtape", "Various Artists", [Song("Buoy", 202, artist="The Tide")])
    before = s.AlbumCatalogAnswer.model_validate(await ask("GET", f"/albums/al-{album}/catalog"))
    assert before.link is None and before.album is None and before.tracks == []
    await home.look()
    await home.links.decide(EDITOR, "album", album, HARBOUR.id)
    found = s.AlbumCatalogAnswer.model_validate(await ask("GET", f"/albums/al-{album}/catalog"))
    assert found.link is not None and found.link.state == "confirmed"
    assert found.album is not None and found.album.title == "Harbour Lights"
    assert found.counts.model_dump() == {"have": 2, "lack": 2, "extra": 1}
    said = [(one.state, (one.catalog or one.track).title) for one in found.tracks]  # type: ignore[union-attr]
    assert said == [
        ("have", "Anchor"),
        ("lack", "Buoy"),
        ("have", "Current"),
        ("lack", "Drift (Live)"),
        ("extra", "Hidden Song"),
    ]
    assert found.tracks[0].track is not None and found.tracks[0].track.id == f"tr-{tracks[0]}"
    assert found.tracks[0].reasons and found.tracks[0].reasons[0].sentence
    assert found.tracks[1].elsewhere == [f"tr-{elsewhere}"]


async def test_a_discography_says_what_one_has_and_lacks(home: House, ask: Asking) -> None:
    album, _ = await home.shelf.album(
        "Harbour Lights",
        "The Tide",
        [Song("Anchor", 181), Song("Buoy", 202), Song("Current", 243), Song("Drift (Live)", 264)],
        year=2001,
    )
    await home.look()
    artist = home.shelf.artists["The Tide"]
    found = s.DiscographyAnswer.model_validate(await ask("GET", f"/artists/ar-{artist}/discography"))
    assert found.artist is not None and found.artist.id == artist_id("The Tide")
    assert [(one.catalog and one.catalog.title, one.year, one.have) for one in found.items] == [
        ("Harbour Lights (Live)", 2005, False),
        ("Harbour Lights", 2001, True),
    ]
    assert [one.id for one in found.items[1].albums] == [f"al-{album}"] and found.total == 2
    lacking = await ask("GET", f"/artists/ar-{artist}/discography?have=false")
    assert [one["catalog"]["title"] for one in lacking["items"]] == ["Harbour Lights (Live)"]
    assert (await ask("GET", f"/artists/ar-{artist}/discography?type=single"))["items"] == []
    first = await ask("GET", f"/artists/ar-{artist}/discography?limit=1")
    second = await ask("GET", f"/artists/ar-{artist}/discography?limit=1&cursor={first['next']}")
    assert second["items"][0]["catalog"]["title"] == "Harbour Lights" and second["next"] is None
    assert (await ask("GET", f"/artists/ar-{artist}/discography?cursor=x", 422))["code"] == "bad_cursor"


async def test_what_the_catalogue_lacks_is_in_the_discography_as_only_here(home: House, ask: Asking) -> None:
    await home.shelf.album(
        "Harbour Lights",
        "The Tide",
        [Song("Anchor", 181), Song("Buoy", 202), Song("Current", 243), Song("Drift (Live)", 264)],
        year=2001,
    )
    between, _ = await home.shelf.album("Rehearsal Tapes", "The Tide", [Song("Hum", 99)], year=2003)
    undated, _ = await home.shelf.album("Found in a Drawer", "The Tide", [Song("Creak", 98)])
    await home.look()
    artist = home.shelf.artists["The Tide"]
    found = s.DiscographyAnswer.model_validate(await ask("GET", f"/artists/ar-{artist}/discography"))
    assert [
        (one.catalog and one.catalog.title, one.albums and one.albums[0].title, one.year) for one in found.items
    ] == [
        ("Harbour Lights (Live)", [], 2005),
        (None, "Rehearsal Tapes", 2003),
        ("Harbour Lights", "Harbour Lights", 2001),
        (None, "Found in a Drawer", None),
    ]
    assert found.total == 4 and [one.id for one in found.items[1].albums] == [f"al-{between}"]
    has = await ask("GET", f"/artists/ar-{artist}/discography?have=true")
    assert [one["albums"][0]["title"] for one in has["items"]] == [
        "Rehearsal Tapes",
        "Harbour Lights",
        "Found in a Drawer",
    ]
    seen, cursor = [], ""
    while True:
        page = await ask("GET", f"/artists/ar-{artist}/discography?limit=1{cursor}")
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == 4 and seen[3]["albums"][0]["id"] == f"al-{undated}"


@once
async def test_what_is_linked_to_somebody_elses_album_is_only_here(home: House, ask: Asking) -> None:
    album, _ = await home.shelf.album("Anchor (Demo)", "The Tide", [Song("Anchor", 181)], year=2000)
    await home.look()
    await home.links.decide(EDITOR, "album", album, OTHERS.id)
    artist = home.shelf.artists["The Tide"]
    await home.links.decide(EDITOR, "artist", artist, artist_id("The Tide"))
    found = (await ask("GET", f"/artists/ar-{artist}/discography"))["items"]
    assert [one["catalog"] and one["catalog"]["title"] for one in found] == [
        "Harbour Lights (Live)",
        "Harbour Lights",
        None,
    ]


@once
async def test_suggestions_are_what_editing_takes(home: House, ask: Asking) -> None:
    album, tracks = await home.shelf.album(
        "Harbour Lights", "The Tide", [Song("Anchor", 181, recording="5d5ab8ae-7d83-4d45-8a3a-52c1a1b1a001")], year=2001
    )
    await home.look()
    await home.links.decide(EDITOR, "album", album, HARBOUR.id)
    said = s.SuggestionsAnswer.model_validate(await ask("GET", f"/albums/al-{album}/suggestions"))
    by_field = {one.field: one for one in said.items}
    assert by_field["barcode"].suggested == "0602445790098" and by_field["date"].suggested == "2001-03-01"
    assert by_field["release_types"].suggested == ["album"]
    assert by_field["external_ids"].suggested == [["spotify:album", HARBOUR.id.rpartition(":")[2]]]
    for one in said.items:
        assert one.patch == {"set": {one.field: one.suggested}} and one.source == "two-file"
        assert checked("album", one.patch["set"])[one.field] == one.suggested
    said = s.SuggestionsAnswer.model_validate(await ask("GET", f"/tracks/tr-{tracks[0]}/suggestions"))
    by_field = {one.field: one for one in said.items}
    assert by_field["isrcs"].suggested == ["GBAAA0100001"] and by_field["isrcs"].current in (None, [])
    assert "musicbrainz_recording_id" not in by_field


@once
async def test_nothing_is_suggested_for_what_is_in_doubt(home: House, ask: Asking) -> None:
    _, (track,) = await home.shelf.album("Box", "The Tide", [Song("Anchor", 300, isrc="GBAAA0100001")])
    await home.look()
    said = await ask("GET", f"/tracks/tr-{track}/suggestions")
    assert said["link"]["state"] == "review" and said["items"] == []


@once
async def test_a_persons_word_wins_over_every_later_look(home: House, ask: Asking) -> None:
    _, (track, other) = await home.shelf.album(
        "Harbour Lights", "The Tide", [Song("Anchor", 181, isrc="GBAAA0100001"), Song("Buoy", 202)]
    )
    await home.look()
    chosen = await ask("PUT", f"/tracks/tr-{track}/catalog", json={"id": OTHERS.track(1)})
    assert (chosen["state"], chosen["catalog_id"], chosen["decided_by"]) == ("confirmed", OTHERS.track(1), "us-7")
    nothing = await ask("PUT", f"/tracks/tr-{other}/catalog", json={"id": None})
    assert (nothing["state"], nothing["catalog_id"]) == ("rejected", None)
    await home.rebuild(RELEASES, "two")
    await home.look(anew=True)
    assert (await ask("GET", f"/tracks/tr-{track}/catalog"))["link"]["catalog_id"] == OTHERS.track(1)
    assert (await ask("GET", f"/tracks/tr-{other}/catalog"))["link"]["state"] == "rejected"
    back = await ask("DELETE", f"/tracks/tr-{track}/catalog")
    assert back["state"] == "linked" and back["method"] == "isrc" and back["decided_by"] is None


@once
async def test_what_was_refused_is_not_offered_again(home: House, ask: Asking) -> None:
    album, (track, *_) = await home.shelf.album("Harbour Lights", "The Tide", [Song("Anchor", 181), Song("Buoy", 202)])
    await home.look()
    first = (await ask("GET", f"/tracks/tr-{track}/catalog"))["link"]["catalog_id"]
    then = await ask("POST", f"/tracks/tr-{track}/catalog/refuse", json={"id": first})
    assert then["refused"] == [first] and then["catalog_id"] != first
    await home.look(anew=True)
    again = (await ask("GET", f"/tracks/tr-{track}/catalog"))["link"]
    assert again["refused"] == [first] and again["catalog_id"] != first
    assert (await ask("POST", f"/albums/al-{album}/catalog/refuse", json={"id": HARBOUR.id}))[
        "catalog_id"
    ] != HARBOUR.id


@once
async def test_only_editors_decide_and_only_of_what_is_there(home: House, ask: Asking) -> None:
    album, (track,) = await home.shelf.album("Harbour Lights", "The Tide", [Song("Anchor", 181)], library="Mine")
    await home.look()
    who = "sees:Mine"
    for method, path, body in (
        ("PUT", f"/tracks/tr-{track}/catalog", {"id": None}),
        ("POST", f"/albums/al-{album}/catalog/refuse", {"id": "x"}),
        ("DELETE", f"/tracks/tr-{track}/catalog", None),
    ):
        assert (await ask(method, path, 403, who=who, json=body))["code"] == "may_not_edit"
    await ask("POST", "/catalog/links/look", 403, who=who)
    assert (await ask("PUT", f"/tracks/tr-{track}/catalog", 422, json={"id": LIVE.id}))["code"] == "bad_choice"
    await ask("PUT", "/tracks/tr-9999/catalog", 404, json={"id": None})
    assert (await ask("POST", "/catalog/links/look", 202, who="admin"))["job"].startswith("jo-")


async def test_nobody_sees_links_of_libraries_they_do_not_see(home: House, ask: Asking) -> None:
    album, (track,) = await home.shelf.album(
        "Harbour Lights", "The Tide", [Song("Anchor", 300, isrc="GBAAA0100001")], library="Mine"
    )
    await home.shelf.album("Zeros", "Somebody", [Song("One", 1)], library="Theirs")
    await home.look()
    for path in (f"/albums/al-{album}/catalog", f"/tracks/tr-{track}/catalog", f"/tracks/tr-{track}/suggestions",
                 f"/artists/ar-{home.shelf.artists['The Tide']}/discography"):  # fmt: skip
        await ask("GET", path, 404, who="sees:Theirs")
        await ask("GET", path, who="sees:Mine")
    mine = Page[s.WaitingItem].model_validate(await ask("GET", "/catalog/links", who="sees:Mine"))
    assert f"tr-{track}" in [one.link.of for one in mine.items]
    assert (await ask("GET", "/catalog/links", who="sees:Theirs"))["items"] == []
    counts = s.LinkCountsAnswer.model_validate(await ask("GET", "/catalog/links/counts", who="sees:Theirs"))
    assert counts.track["review"] == 0 and counts.track["none"] == 1


@once
async def test_the_queue_of_doubts_comes_in_pages(home: House, ask: Asking) -> None:
    songs = [Song("Anchor", 300 + n, isrc="GBAAA0100001") for n in range(5)]
    await home.shelf.album("Box", "The Tide", songs)
    await home.look()
    seen: list[str] = []
    cursor = ""
    while True:
        page = await ask("GET", f"/catalog/links?kind=track&limit=2{cursor}")
        seen += [one["link"]["of"] for one in page["items"]]
        assert all(one["catalog"]["title"] == "Anchor" for one in page["items"])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 5
    assert (await ask("GET", "/catalog/links?cursor=-1", 422))["code"] == "bad_cursor"


@once
async def test_texts_that_mean_nothing_here_mean_something_there(home: House) -> None:
    texts = [
        wanted_of("Anchor", "The Tide", "Harbour Lights", 181_000),
        wanted_of("Anchor", "The Tide"),
        wanted_of("Silence", "Nobody Known"),
        wanted_of("", external_ids={"isrc": "GBAAA0100001"}),
    ]
    found = await home.links.mentions.of(texts)
    assert found[0] is not None and found[0].value == HARBOUR.track(1) and found[0].state == "linked"
    assert found[0].artists == [[artist_id("The Tide"), "The Tide"]] and found[0].album_value == HARBOUR.id
    assert found[1] is not None and found[2] is None and found[3] is not None
    shown = s.MentionItem.of(found[0])
    assert shown is not None and shown.sure and shown.reasons


async def test_the_job_looks_for_texts_once_and_again_in_another_catalogue(home: House) -> None:
    texts = [(n, wanted_of(f"Song {n}", "Nobody")) for n in range(1, 250)] + [(250, wanted_of("Buoy", "The Tide"))]
    asked: list[int] = []

    async def after(_conn: Any, number: int, limit: int) -> list[Any]:
        some = [one for one in texts if one[0] > number][:limit]
        asked.extend(one[0] for one in some)
        return some

    home.links.mentions.sources = {"tests": after}
    assert (await home.look())["mentions"] == 250
    assert (await home.look())["mentions"] == 0
    texts.append((251, wanted_of("Current", "The Tide")))
    asked.clear()
    assert (await home.look())["mentions"] == 1 and asked == [251]
    (found,) = await home.links.mentions.of([wanted_of("Buoy", "The Tide")])
    assert found is not None and found.value in (HARBOUR.track(2),)
    await home.rebuild([*RELEASES, Release(60, "New", "Nobody", [Song("Song 7")])], "two")
    assert (await home.look())["mentions"] == 249
    (found,) = await home.links.mentions.of([wanted_of("Song 7", "Nobody")])
    assert found is not None and found.title == "Song 7"


def test_texts_that_say_the_same_have_one_key() -> None:
    assert key_of(wanted_of("Jóga", "BJÖRK", "", 305_400)) == key_of(wanted_of("joga", "Björk", "", 305_000))
    assert key_of(wanted_of("Jóga", "Björk")) != key_of(wanted_of("Jóga", "Björk", "Homogenic"))


async def test_what_was_merged_or_removed_takes_its_links_along(home: House) -> None:
    _, (one, two) = await home.shelf.album("Harbour Lights", "The Tide", [Song("Anchor", 181), Song("Nothing", 5)])
    await home.look()
    await home.links.decide(EDITOR, "track", one, OTHERS.track(1))
    async with home.db.write() as tx:
        await home.links.on_track_merged(tx, one, two)
        await home.links.on_user_erased(tx, 7)
    row = (await home.links.link(SYSTEM, "track", two)).row
    assert (row.state, row.value, row.decided_by) == ("confirmed", OTHERS.track(1), None)
    async with home.db.write() as tx:
        await home.links.library_removed(tx, home.shelf.libraries["Shelf"][0])
    assert (await home.links.link(SYSTEM, "track", two)).row is None


async def test_the_library_itself_makes_a_catalogue(db: Database, home: House, tmp_path: Path) -> None:
    import asyncio

    from segue.catalog.build.building import build
    from segue.catalog.snapshot.opening import open_snapshot
    from segue.metadata.links.own_library import OwnLibrary

    album, tracks = await home.shelf.album(
        "Harbour Lights",
        "The Tide",
        [Song("Anchor", 181, isrc="GBAAA0100001"), Song("Buoy", 202)],
        barcode="602445790098",
    )
    async with db.write() as tx:
        label = await tx.scalar(insert(Label).values(name="Sea", name_key="sea", sort_key="sea").returning(Label.id))
        await tx.execute(insert(AlbumLabel).values(album_id=album, position=0, label_id=label))

    async def plays(_conn: Any, kind: str, _ids: Any) -> dict[int, int]:
        return {tracks[1]: 50} if kind == "track" else {}

    def work() -> None:
        build(OwnLibrary(db, plays)(), tmp_path / "own")

    await asyncio.to_thread(work)
    backend = open_snapshot(tmp_path / "own")
    try:
        assert await backend.isrcs(["GBAAA0100001"]) == [[2]]
        found = await backend.external([f"segue:album:al-{album}", f"segue:track:tr-{tracks[1]}"])
        assert found == [("album", 1), ("track", 1)]
        (document,) = await backend.albums([1])
        assert b'"name":"Harbour Lights"' in document and b'"label":"Sea"' in document and b"The Tide" in document
        assert (await backend.search("track", "buoy tide")).ranks == (1,)
    finally:
        await backend.close()
