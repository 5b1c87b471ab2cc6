"""The titles of real recordings beside the setlists of their shows."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from segue.live.reading import read_items, read_setlists
from segue.live.records import Item, Setlist
from segue.live.titles import Night, Vocabulary, heard_of


@pytest.fixture(scope="module")
def live(reference: Path) -> tuple[list[Item], list[Setlist], dict[str, Setlist]]:
    """Recordings, setlists, and the setlist of dates on which there was one show."""
    folder = reference / "live"
    items = read_items(folder / "recordings-1965-1976.jsonl.gz")
    setlists = read_setlists(folder / "shows-1965-1976.jsonl.gz")
    of_day: dict[str, list[Setlist]] = defaultdict(list)
    for one in setlists:
        of_day[one.date].append(one)
    return items, setlists, {date: one[0] for date, one in of_day.items() if len(one) == 1 and one[0].sets}


def nights(items: list[Item], of_day: dict[str, Setlist], wanted: tuple[str, ...]) -> list[Night]:
    return [
        Night([track.title for track in item.tracks], of_day[item.date])
        for item in items
        if item.date in of_day and item.date[:4] in wanted
    ]


EARLY = tuple(str(year) for year in range(1965, 1971))
LATE = tuple(str(year) for year in range(1971, 1977))


def test_titles_become_songs_of_their_own_nights(
    live: tuple[list[Item], list[Setlist], dict[str, Setlist]],
) -> None:
    items, setlists, of_day = live
    vocabulary = Vocabulary.learn(setlists, nights=nights(items, of_day, EARLY + LATE))
    resolved = pieces = inside = songs = 0
    for item in items:
        night = of_day.get(item.date)
        own = vocabulary.songs_of(night) if night else frozenset()
        for one in heard_of(item, vocabulary, setlist=night):
            pieces += 1
            resolved += one.kind != "unknown"
            if one.song is not None:
                assert one.song in vocabulary.songs
                if night:
                    songs += 1
                    inside += one.song in own
    assert resolved / pieces >= 0.97
    assert inside / songs >= 0.98


def test_what_is_learnt_from_some_years_holds_in_others(
    live: tuple[list[Item], list[Setlist], dict[str, Setlist]],
) -> None:
    items, setlists, of_day = live
    vocabulary = Vocabulary.learn(setlists, nights=nights(items, of_day, EARLY))
    heard = [
        one
        for item in items
        if item.date[:4] in LATE
        for one in heard_of(item, vocabulary, setlist=of_day.get(item.date))
    ]
    assert sum(one.kind != "unknown" for one in heard) / len(heard) >= 0.97


def test_without_any_setlist_most_songs_are_found_all_the_same(
    live: tuple[list[Item], list[Setlist], dict[str, Setlist]],
) -> None:
    items, setlists, _ = live
    late = [item for item in items if item.date[:4] in LATE[:2]]
    known = Vocabulary.learn([one for one in setlists if one.date[:4] in LATE[:2]])
    alone = Vocabulary.learn([], [[track.title for track in item.tracks] for item in late])
    same = told = 0
    for item in late:
        for track in item.tracks:
            truth, found = known.heard(track.title), alone.heard(track.title)
            if len(truth) == len(found) == 1 and truth[0].song:
                told += 1
                same += found[0].song is not None and known.name_of(found[0].song) == truth[0].song
    assert same / told >= 0.95
