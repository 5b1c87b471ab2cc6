"""Setlists that recordings agree on."""

from __future__ import annotations

import random
from collections.abc import Sequence

from segue.live.records import Heard, SetlistSet
from segue.live.titles import consensus
from tests.live.titles.band import SONGS


def tape(*songs: str, sets: Sequence[str] = (), cut: Sequence[str] = ()) -> list[Heard]:
    """What a recording holds; `A >` runs on, `-` is no song."""
    found: list[Heard] = []
    for place, name in enumerate(songs):
        segue, song = name.endswith(" >"), name.removesuffix(" >")
        kind = "nonsong" if song == "-" else "song"
        found.append(
            Heard(name, None if song == "-" else song, kind, segue=segue, set_name=sets[place] if sets else "")
        )
    return found


def names(sets: Sequence[SetlistSet]) -> list[str]:
    return [song.name for one in sets for song in one.songs]


def test_songs_that_one_tape_lacks_are_put_in_where_others_have_them() -> None:
    sets = consensus(
        [tape("A", "B", "C", "D", "E"), tape("A", "X", "C", "D"), tape("B", "X", "C", "D"), tape("X", "C", "D", "E")]
    )
    assert names(sets) == ["A", "B", "X", "C", "D", "E"]


def test_what_a_single_tape_of_many_says_is_left_out() -> None:
    assert names(consensus([tape("A", "B", "C"), tape("A", "B", "C"), tape("A", "B", "C", "Z")])) == ["A", "B", "C"]


def test_a_song_that_is_played_twice_stands_twice() -> None:
    assert names(consensus([tape("A", "B", "A", "C"), tape("A", "B", "A", "C"), tape("A", "B", "C")])) == [
        "A",
        "B",
        "A",
        "C",
    ]


def test_a_song_in_two_tracks_is_played_once() -> None:
    assert names(consensus([tape("A", "A", "-", "A", "B", "C")])) == ["A", "B", "C"]


def test_segues_and_sets_are_what_most_say() -> None:
    said = ["Set 1", "Set 1", "Set 2", "Encore"]
    sets = consensus(
        [tape("A >", "B", "C >", "D", sets=said), tape("A >", "B", "C", "D", sets=said), tape("A", "B", "C", "D")]
    )
    assert [(one.name, [(song.name, song.segue) for song in one.songs]) for one in sets] == [
        ("Set 1", [("A", True), ("B", False)]), ("Set 2", [("C", False)]), ("Encore", [("D", False)]),
    ]  # fmt: skip


def test_nothing_agrees_on_nothing() -> None:
    assert consensus([]) == ()
    assert consensus([tape("-"), []]) == ()


def test_tapes_with_holes_give_the_whole_night_together() -> None:
    draw = random.Random(7)
    for _ in range(50):
        night = draw.sample(SONGS, 12)
        tapes = [[song for song in night if draw.random() > 0.15] for _ in range(6)]
        held = [sum(song in one for one in tapes) for song in night]
        if min(held) < 3:
            continue
        assert names(consensus([tape(*one) for one in tapes])) == night
