"""Tracks, albums and artists of the library find their rows of the catalogue: by ids, then by words; what changed, no more."""

from __future__ import annotations

from typing import Any

import pytest

from segue.core.access import SYSTEM, Actor
from segue.metadata.links import linking
from tests.metadata.links.conftest import HARBOUR, LIVE, OTHERS, RELEASES, SAMPLER, once
from tests.metadata.links.ground import House, Release, Song, artist_id

pytestmark = pytest.mark.anyio


async def linked(home: House, kind: str, number: int) -> tuple[str, str | None, str | None]:
    row = (await home.links.link(SYSTEM, kind, number)).row  # type: ignore[arg-type]
    return (row.state, row.value, row.method) if row is not None else ("", None, None)


async def test_an_album_and_its_tracks_find_their_release_by_words(home: House) -> None:
    album, tracks = await home.shelf.album(
        "Harbour Lights", "Tide", [Song("Anchor", 181.4), Song("Buoy", 201), Song("Current", 243)], year=2001
    )
    result = await home.look()
    assert result["tracks"] == 3
    assert await linked(home, "album", album) == ("linked", HARBOUR.id, "text") or (await linked(home, "album", album))[
        :2
    ] == ("review", HARBOUR.id)
    assert [(await linked(home, "track", track))[:2] for track in tracks] == [
        ("linked", HARBOUR.track(1)),
        ("linked", HARBOUR.track(2)),
        ("linked", HARBOUR.track(3)),
    ]
    assert await linked(home, "artist", home.shelf.artists["Tide"]) == (
        "linked",
        artist_id("The Tide"),
        "common_work",
    ) or (await linked(home, "artist", home.shelf.artists["Tide"]))[:2] == ("linked", artist_id("The Tide"))


@once
async def test_ids_decide_before_words(home: House) -> None:
    album, (by_isrc, by_id) = await home.shelf.album(
        "Mixtape",
        "Somebody",
        [
            Song("Ankor", 181, isrc="GBAAA0100001", artist="Tyde"),
            Song("Unlike", 400, ids=(("spotify:track", OTHERS.track(1).rpartition(":")[2]),)),
        ],
    )
    await home.look()
    assert await linked(home, "track", by_isrc) in (
        ("linked", HARBOUR.track(1), "isrc"),
        ("linked", SAMPLER.track(1), "isrc"),
    )
    assert await linked(home, "track", by_id) == ("linked", OTHERS.track(1), "external_id")
    assert (await linked(home, "album", album))[0] == "none"


@once
async def test_an_isrc_whose_length_differs_is_in_doubt(home: House) -> None:
    _, (track,) = await home.shelf.album("Box", "The Tide", [Song("Anchor", 300, isrc="GBAAA0100001")])
    await home.look()
    assert (await linked(home, "track", track))[0] == "review"
    page, following = await home.links.page(SYSTEM, kinds=("track",), states=("review",))
    assert [one.row.entity_id for one in page] == [track] and following is None
    assert page[0].item is not None and page[0].title == "Anchor"


@once
async def test_a_barcode_with_another_title_is_the_release(home: House) -> None:
    album, _ = await home.shelf.album(
        "HL (CD, Japan)",
        "The Tide",
        [Song("Anchor", 181), Song("Buoy", 202), Song("Current", 243), Song("Drift (Live)", 264)],
        barcode="602445790098",
    )
    await home.look()
    assert await linked(home, "album", album) == ("linked", HARBOUR.id, "barcode")


@once
async def test_a_live_version_is_never_the_studio_one(home: House) -> None:
    _, (live, drift) = await home.shelf.album("Tapes", "The Tide", [Song("Buoy (Live)", 202), Song("Drift", 264)])
    await home.look()
    assert (await linked(home, "track", live))[1] in (LIVE.track(2), None)
    assert (await linked(home, "track", drift))[1] is None


async def test_what_is_not_there_says_so_and_is_looked_for_again_in_another_catalogue(home: House) -> None:
    album, (track,) = await home.shelf.album("Nowhere", "Nobody Known", [Song("Silence", 60)])
    await home.look()
    assert (await linked(home, "track", track))[0] == "none"
    assert (await linked(home, "album", album))[0] == "none"
    await home.rebuild([*RELEASES, Release(9, "Nowhere", "Nobody Known", [Song("Silence", 60)])], id="two")
    await home.look()
    assert (await linked(home, "track", track))[1].startswith("spotify:track:")  # type: ignore[union-attr]
    assert (await linked(home, "album", album))[0] == "linked"


async def test_another_build_loses_no_link_though_every_rank_is_another(home: House) -> None:
    _, tracks = await home.shelf.album(
        "Harbour Lights", "The Tide", [Song("Anchor", 181), Song("Buoy", 202)], year=2001
    )
    await home.look()
    before = [await linked(home, "track", track) for track in tracks]
    await home.rebuild(
        [Release(50 + n, f"Filler {n}", "Filler", [Song("Fill", 30)], popularity=99) for n in range(5)] + RELEASES,
        "two",
    )
    async with home.catalog.use() as backend:
        assert (await backend.external([before[0][1]]))[0] != ("track", 1)  # type: ignore[list-item]
    assert (await home.look())["tracks"] == 0
    assert [await linked(home, "track", track) for track in tracks] == before
    view = await home.links.link(SYSTEM, "track", tracks[0])
    assert view.item is not None and view.item["title"] == "Anchor" and view.row.snapshot == "two"


async def test_only_what_changed_is_looked_at(home: House) -> None:
    await home.shelf.album("Harbour Lights", "The Tide", [Song("Anchor", 181), Song("Buoy", 202)], year=2001)
    assert (await home.look())["tracks"] == 2
    assert (await home.look())["tracks"] == 0
    _, (_, two) = await home.shelf.album(
        "Harbour Lights (Live)", "The Tide", [Song("Anchor (Live)", 190), Song("x", 1)]
    )
    assert (await home.look())["tracks"] == 2
    await home.shelf.touch(two, title="Buoy (Live)", duration_ms=230_000)
    assert (await home.look())["tracks"] == 1
    assert (await linked(home, "track", two))[1] == LIVE.track(2)
    assert (await home.look(anew=True))["tracks"] == 4


async def test_links_are_told_in_the_feed_to_those_who_see_the_library(home: House) -> None:
    await home.shelf.album("Harbour Lights", "The Tide", [Song("Anchor", 181)], library="Mine", year=2001)
    await home.shelf.album("Harbour Lights", "The Tide", [Song("Anchor", 181)], library="Theirs", year=2001)
    await home.look()
    mine = Actor(5, "ann", libraries=frozenset({home.shelf.libraries["Mine"][0]}))
    everybody = await home.feed.since(0, SYSTEM, kinds=("catalog_link",))
    seen = await home.feed.since(0, mine, kinds=("catalog_link",))
    assert len(everybody.items) == 4 and len(seen.items) == 2
    assert all(item.id.startswith("cl-") for item in seen.items)


@once
async def test_without_a_catalogue_the_job_does_nothing_and_says_why(home: House) -> None:
    await home.shelf.album("Harbour Lights", "The Tide", [Song("Anchor", 181)])
    home.folder.rename(home.folder.with_name("away"))
    result = await home.look()
    assert result["tracks"] == 0 and result["problem"] == "no_snapshot"


class Killed(Exception):
    pass


class Start:
    """What a job holds in its hand, as far as linking needs it; it is killed at its `at`-th step."""

    def __init__(self, at: int) -> None:
        self.checkpoint: dict[str, Any] = {}
        self._left = at

    def check(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed

    async def guard(self, _tx: Any) -> None:
        return None

    async def save(self, checkpoint: dict[str, Any], *, tx: Any = None) -> None:
        self.checkpoint = checkpoint

    def progress(self, *_: Any, **__: Any) -> None:
        return None


@once
async def test_a_job_that_is_killed_anywhere_goes_on_behind_what_it_wrote(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "ALBUMS_AT_ONCE", 1)
    for number in range(5):
        await home.shelf.album(f"Nowhere {number}", "The Tide", [Song("Anchor", 181)])
    looked = 0
    starts = 0
    while True:
        starts += 1
        work = linking.Linking(home.db, home.catalog, home.feed)
        try:
            await work.run(Start(at=3))  # type: ignore[arg-type]
        except Killed:
            looked += work._looked
            assert starts < 20
            continue
        break
    counts = (await home.links.counts(SYSTEM))["track"]
    assert starts > 2 and counts["linked"] == 5
    assert looked <= 5 + starts
