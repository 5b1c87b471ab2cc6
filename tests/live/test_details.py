"""The tracks and files of a recording: asked for when somebody looks, kept, and shown stale while the archive is away."""

from __future__ import annotations

from typing import Any

import pytest

from segue.core.db import Database
from segue.live import spelling
from segue.live.records import Setlist, SetlistSet, SetlistSong
from segue.live.service import LiveService
from tests.live.house import ANN, BEN, LANTERNS, TAPES, Archive, fill, live_in

pytestmark = pytest.mark.anyio
NAME = "pl1999-05-08.aud.birch.102.flac16"
SONGS = ("Open Sky", "Long Road", "Kites", "Home")


def document(titles: tuple[str, ...] = SONGS, **more: Any) -> dict[str, Any]:
    """What the archive says of NAME: originals with their derivatives."""
    files: list[dict[str, Any]] = []
    for number, title in enumerate(titles, 1):
        stem = f"pl1999-05-08t{number:02}"
        files.append(
            {"name": f"{stem}.flac", "source": "original", "format": "Flac", "title": title, "track": f"{number:02}",
             "length": "181.5", "size": "20000000", "md5": f"{number:032}"}
        )  # fmt: skip
        files.append({"name": f"{stem}.mp3", "source": "derivative", "format": "VBR MP3", "original": f"{stem}.flac"})
    files.append({"name": "pl1999-05-08.ffp", "source": "original", "format": "Flac FingerPrint"})
    metadata = {
        "identifier": NAME, "creator": LANTERNS, "title": f"{LANTERNS} Live at Harbour Hall on 1999-05-08",
        "date": "1999-05-08", "venue": "Harbour Hall", "source": "AKG 414 > DAT", "taper": "Tom Birch",
        "collection": ["PaperLanterns", "etree"], **more,
    }  # fmt: skip
    return {"metadata": metadata, "files": files, "reviews": []}


async def number_of(live: LiveService, identifier: str) -> int:
    found = await live.page("recordings", BEN, live.filters("recordings", [("identifier", f'"{identifier}"')]))
    return int(found.items[0].id)


async def test_details_are_asked_for_once_and_kept(db: Database) -> None:
    await fill(db)
    archive = Archive({NAME: document()}, {})
    live = live_in(db, archive)
    number = await number_of(live, NAME)
    first = await live.recording(BEN, number)
    assert (first.fetched, [track.title for track in first.tracks]) == ("fresh", list(SONGS))
    assert {file.format for file in first.files} == {"Flac", "VBR MP3", "Flac FingerPrint"}
    assert first.tracks[0].duration_ms == 181_500
    again = await live.recording(BEN, number)
    assert (again.fetched, archive.asked) == ("kept", 1)
    body = spelling.whole_recording(again)
    assert [len(track["files"]) for track in body["track_list"]] == [2, 2, 2, 2]
    assert [file["name"] for file in body["sidecars"]] == ["pl1999-05-08.ffp"]
    assert [one["date"] for one in body["concerts"]] == ["1999-05-08"]


async def test_the_archive_being_away_is_no_error(db: Database) -> None:
    await fill(db)
    archive = Archive({NAME: document()}, {}, away=True)
    live = live_in(db, archive)
    number = await number_of(live, NAME)
    nothing = await live.recording(BEN, number)
    assert (nothing.fetched, nothing.tracks) == ("none", [])
    assert nothing.away is not None
    archive.away = False
    await live.recording(BEN, number)
    archive.away = True
    live.details_days = lambda: 0.0
    stale = await live.recording(BEN, number)
    assert (stale.fetched, len(stale.tracks)) == ("stale", 4)
    assert (await live.concert(BEN, stale.concerts[0][0].id)).concert.recording_count == 2


async def test_tracks_keep_their_numbers_when_an_item_is_uploaded_again(db: Database) -> None:
    await fill(db)
    archive = Archive({NAME: document()}, {})
    live = live_in(db, archive)
    number = await number_of(live, NAME)
    before = {track.number: track.id for track in (await live.recording(BEN, number)).tracks}
    archive.documents[NAME] = document(("Open Sky", "Long Road (jam)", "Kites"), notes="retracked")
    after = await live.recording(BEN, number, fresh=True)
    assert {track.number: track.id for track in after.tracks} == {n: before[n] for n in (1, 2, 3)}
    assert after.tracks[1].title == "Long Road (jam)"
    listed = await live.page("recordings", BEN, live.filters("recordings", [("identifier", f'"{NAME}"')]))
    assert listed.items[0].track_count == 3


async def test_titles_become_songs_of_the_setlist_and_a_recording_of_all_of_it_comes_first(db: Database) -> None:
    await fill(db)
    other = TAPES[0].identifier
    archive = Archive(
        {
            NAME: document(),
            other: {**document(("Open Sky",)), "metadata": {**document()["metadata"], "identifier": other}},
        },
        {},
    )
    live = live_in(db, archive)
    played = tuple(SetlistSong(name, segue=name == "Open Sky") for name in SONGS)
    show = Setlist(LANTERNS, "1999-05-08", sets=(SetlistSet("Set 1", played[:3]), SetlistSet("Encore", played[3:])))
    await live.bring_setlists(ANN, [show])
    for name in (NAME, other):
        await live.recording(BEN, await number_of(live, name))
    holding = (await live.recording(BEN, await number_of(live, NAME), fetch=False)).concerts
    found = await live.concert(BEN, holding[0][0].id)
    assert found.concert.setlist_source == "reference"
    assert [one.recording.identifier for one in found.held] == [NAME, other]
    assert found.held[0].completeness == 1.0
    assert set(found.held[1].missing) == {"Long Road", "Kites", "Home"}
    assert [(song.name, song.play.number if song.play else None, len(song.recordings)) for song in found.songs] == [
        ("Open Sky", 1, 2),
        ("Long Road", 2, 1),
        ("Kites", 3, 1),
        ("Home", 4, 1),
    ]
    assert found.songs[0].segue


async def test_a_recording_that_is_not_mirrored_is_taken_in_when_it_is_asked_for(db: Database) -> None:
    live = live_in(db, Archive({NAME: document()}, {}))
    number = await live.known(NAME)
    assert number is not None
    found = await live.recording(BEN, number)
    assert [view.artist for view, _ in found.concerts] == [LANTERNS]
    assert await live.known("nothing-of-that-name") is None


async def test_an_item_that_the_archive_withdrew_stays_and_is_marked(db: Database) -> None:
    await fill(db)
    live = live_in(db, Archive({NAME: {"metadata": {"identifier": NAME}, "is_dark": True}}, {}))
    dark = await live.recording(BEN, await number_of(live, NAME))
    assert dark.recording.status == "dark"
    gone = await live.recording(BEN, await number_of(live, TAPES[0].identifier))
    assert gone.recording.status == "gone"
    assert len(gone.concerts) == 1


async def test_an_evening_that_nobody_recorded_is_a_concert_by_its_setlist(db: Database) -> None:
    await fill(db)
    live = live_in(db)
    show = Setlist(
        LANTERNS,
        "1999-05-20",
        venue="Corn Exchange",
        city="Milton",
        sets=(SetlistSet("Set 1", (SetlistSong("Home"),)),),
    )
    brought = await live.bring_setlists(ANN, [show])
    assert (brought.new, (await live.bring_setlists(ANN, [show])).same) == (1, 1)
    await fill(db, [])
    found = await live.page("concerts", BEN, live.filters("concerts", [("date", "1999-05-20")]))
    assert [(view.recording_count, view.song_count, view.venue.name) for view in found.items] == [
        (0, 1, "Corn Exchange")
    ]
