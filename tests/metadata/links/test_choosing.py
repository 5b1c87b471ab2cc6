"""What is chosen of several candidates, what an album lacks, what a source might correct: pure functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from segue.library.finding.facts import KnownTrack
from segue.match import ArtistFacts, RecordingFacts, ReleaseFacts
from segue.metadata.links.choosing import (
    AlbumCandidate,
    ArtistCandidate,
    TrackCandidate,
    choose_album,
    choose_artist,
    choose_track,
    with_tracks,
)
from segue.metadata.links.missing import beside
from segue.metadata.links.suggestions import for_album, for_track

SONG = RecordingFacts("Anchor", ("The Tide",), 181_000, "Harbour Lights", 1, 1)
ALBUM = ReleaseFacts("Harbour Lights", ("The Tide",), 2001, 4)


def track(value: str, on: str = "x", **facts: Any) -> TrackCandidate:
    return TrackCandidate(value, on, replace(SONG, **facts))


def test_of_one_recording_on_several_releases_the_albums_own_is_taken() -> None:
    some = [track("a", "sampler", album="Best of"), track("b", "own"), track("c", "live", title="Anchor (Live)")]
    assert choose_track(SONG, some, album="own").value == "b"
    assert choose_track(SONG, some, album="sampler").value == "a"
    coded = replace(SONG, isrcs=frozenset({"GBAAA0100001"}))
    bearing = [track("a", "sampler", album="Best of", isrcs=frozenset({"GBAAA0100001"})), track("b", "own")]
    assert choose_track(coded, bearing, album="own").value == "b"
    assert choose_track(coded, bearing).value == "a"


def test_a_refused_value_is_never_chosen() -> None:
    assert choose_track(SONG, [track("a"), track("b")], refused=["a"]).value == "b"
    assert choose_track(SONG, [track("a")], refused=["a"]).state == "none"
    assert choose_album(ALBUM, [AlbumCandidate("a", ALBUM)], refused=["a"]).state == "none"


def test_an_id_of_its_own_decides_even_against_the_album() -> None:
    pair = ("spotify:track", "6fxVffaTuwjgEk5h9QyRjy")
    ours = replace(SONG, external_ids=frozenset({pair}))
    some = [track("a", "other", album="Other", external_ids=frozenset({pair})), track("b", "own")]
    found = choose_track(ours, some, album="own")
    assert (found.value, found.method) == ("a", "external_id")


def test_releases_that_cannot_be_told_apart_are_no_doubt_and_others_are() -> None:
    same = [AlbumCandidate("popular", ALBUM), AlbumCandidate("again", ALBUM)]
    assert (choose_album(ALBUM, same).value, choose_album(ALBUM, same).state) == ("popular", "linked")
    unknown = replace(ALBUM, year=None, track_count=None)
    doubtful = [AlbumCandidate("a", replace(ALBUM, track_count=4)), AlbumCandidate("b", replace(ALBUM, track_count=12))]
    found = choose_album(unknown, doubtful)
    assert found.state == "review" and found.reasons[-1].code == "another_as_good" and found.others


def test_a_release_with_just_the_same_tracks_is_that_release() -> None:
    choice = choose_album(ALBUM, [AlbumCandidate("a", replace(ALBUM, year=2019))])
    assert choice.state == "review"
    assert with_tracks(choice, 3, 4, 4).state == "review"
    assert with_tracks(choice, 4, 4, 5).state == "review"
    sure = with_tracks(choice, 4, 4, 4)
    assert sure.state == "linked" and sure.reasons[-1].code == "same_tracks"


def test_a_name_alone_is_no_artist() -> None:
    ours = ArtistFacts("The Tide", titles=("Anchor",))
    assert choose_artist(ours, [ArtistCandidate("a", ArtistFacts("Tide"))]).state == "review"
    made = ArtistCandidate("b", ArtistFacts("Tide", titles=("Anchor (Remastered)",)))
    found = choose_artist(ours, [ArtistCandidate("a", ArtistFacts("Tide")), made])
    assert (found.value, found.state) == ("b", "linked")


def known(number: int, facts: RecordingFacts) -> KnownTrack:
    return KnownTrack(number, 1, 1, (), None, facts)


def test_every_track_of_both_sides_is_told_once() -> None:
    theirs = [track(str(n), title=f"Song {n}", position=n) for n in range(1, 81)]
    ours = [known(n, replace(SONG, title=f"Song {n}", position=n)) for n in range(1, 81, 2)]
    ours.append(known(500, replace(SONG, title="Only here", position=99)))
    lines = beside(ours, {}, theirs)
    assert sorted(line.theirs for line in lines if line.theirs is not None) == list(range(80))
    assert sorted(line.ours for line in lines if line.ours is not None) == list(range(41))
    assert [line.state for line in lines].count("have") == 40 and lines[-1].state == "extra"


def test_a_link_decides_which_line_a_track_is_on() -> None:
    theirs = [track("a", title="One"), track("b", title="Two")]
    lines = beside([known(1, replace(SONG, title="Strange"))], {1: "b"}, theirs)
    assert [(line.state, line.ours) for line in lines] == [("lack", None), ("have", 0)]
    assert lines[1].sure and lines[1].score is not None and lines[1].score >= 0.9


ITEM: dict[str, Any] = {
    "id": "spotify:track:6fxVffaTuwjgEk5h9QyRjy", "title": "Anchor", "version_title": "Live", "explicit": True,
    "artists": [
        {"artist": {"id": "x", "name": "The Tide"}, "role": "main_artist", "credited_as": None, "join_phrase": " & "},
        {"artist": {"id": "y", "name": "Orca"}, "role": "featured_artist", "credited_as": "ORCA", "join_phrase": ""},
        {"artist": {"id": "z", "name": "A Writer"}, "role": "composer", "credited_as": None, "join_phrase": ""},
    ],
    "album": {"release_date": "2001-03-01"}, "disc": 1, "position": 2, "isrcs": ["GBAAA0100001"], "genres": ["Rock"],
    "languages": ["en"], "features": {"tempo": 92.504, "key": 9, "mode": 0},
    "ids": ["musicbrainz:recording:1b7e0b04-5b5b-4c3b-8a3a-3b2d8e5f9a10", "isrc:GBAAA0100001"],
}  # fmt: skip


def test_what_a_track_might_say() -> None:
    found = {one.field: one.suggested for one in for_track(ITEM, {"title": "Anchor", "isrcs": ["USAAA0000001"]})}
    assert found["title"] == "Anchor (Live)" and found["bpm"] == 92.5 and found["key"] == "Am"
    assert found["artists"] == [{"name": "The Tide", "join_phrase": " & "}, {"name": "Orca", "credited_as": "ORCA"}]
    assert found["isrcs"] == ["USAAA0000001", "GBAAA0100001"] and found["language"] == "en"
    assert found["external_ids"] == [["spotify:track", "6fxVffaTuwjgEk5h9QyRjy"]]
    assert found["musicbrainz_recording_id"].startswith("1b7e0b04") and found["explicit"] is True


def test_what_says_the_same_or_less_is_no_suggestion() -> None:
    now = {
        "title": "Anchor (Live)", "artists": [{"name": "The Tide"}, {"name": "Orca", "credited_as": "ORCA"}], "disc": 1,
        "position": 2, "date": "2001-03-01", "explicit": True, "isrcs": ["GBAAA0100001"], "genres": ["Pop"],
        "language": "de", "bpm": 100.0, "key": "C", "external_ids": [["spotify:track", "6fxVffaTuwjgEk5h9QyRjy"]],
        "musicbrainz_recording_id": "1b7e0b04-5b5b-4c3b-8a3a-3b2d8e5f9a10",
    }  # fmt: skip
    assert for_track(ITEM, now) == []
    less = {**ITEM, "album": {"release_date": "2001"}}
    assert for_track(less, now) == []


@pytest.mark.parametrize("date", ["0000", "2001-13", ""])
def test_what_no_field_can_hold_is_no_suggestion(date: str) -> None:
    album = {
        "id": "spotify:album:6fxVffaTuwjgEk5h9QyRjy", "title": "x" * 3_000, "artists": [], "type": "strange",
        "release_date": date, "label": None, "upc": "12", "genres": [], "ids": [],
        "more": {"country": "Nowhere", "status": "Lost"},
    }  # fmt: skip
    assert [one.field for one in for_album(album, {})] == ["external_ids"]
