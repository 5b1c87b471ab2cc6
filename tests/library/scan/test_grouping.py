"""Which files are one album, by their tags and folders alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.core.setting_types import GROUPING_RULES, checked_grouping_rules
from segue.library.overrides.grouping import sentence
from segue.library.scan.errors import UnknownRule
from segue.library.scan.facts import Credit, TrackTags
from segue.library.scan.grouping import GroupedFile, Neighbours, album_folder
from segue.library.scan.rules import RULES, album_keys, rules_of

R1, R2 = "6f3ac2fd-8c8c-4ee6-8a2e-1a0d5b1cde01", "7a3ac2fd-8c8c-4ee6-8a2e-1a0d5b1cde02"


def song(number: int | None = None, /, folder: str = "Band/First", by: str | None = None, **tags: Any) -> GroupedFile:
    """A file; `by` is its album artist (several with `; `), `artist` its track artist."""
    if by:
        tags["album_artists"] = tuple(Credit(name, "album_artist") for name in by.split("; "))
        tags["album_artist_display"] = by.replace("; ", " & ")
    if artist := tags.pop("artist", None):
        tags["artists"], tags["artist_display"] = (Credit(artist),), artist
    path = folder.encode()
    return GroupedFile(album_folder(path), TrackTags(track_number=number, **tags), path)


def grouped(*files: GroupedFile) -> list[str]:
    """A letter for the album of each file, in the order in which they come up, and the rules as (letter, rule) checked."""
    keys = album_keys(files, Neighbours.of(files))
    letters: dict[str, str] = {}
    for key in keys:
        assert sentence(key.rule, key.params).endswith((".", "”."))
        assert "{" not in sentence(key.rule, key.params)
        letters.setdefault(key.group, chr(ord("a") + len(letters)))
    return [letters[key.group] for key in keys]


def rule(*files: GroupedFile) -> str:
    """The rule that decided about the first."""
    return album_keys(files, Neighbours.of(files))[0].rule


def test_guests_in_some_album_artists_do_not_tear_an_album_apart() -> None:
    files = [song(1, album="First", by="Ann"), song(2, album="First", by="Ann feat. Bob"),
             song(3, album="First", by="Ann & Carl"), song(3, album="First", by="Ann; Dora")]  # fmt: skip
    assert grouped(*files) == ["a"] * 4
    assert rule(*files) == "folder_first_artist"
    assert grouped(song(1, album="First", by="Ann"), song(1, album="First", by="Annabel")) == ["a", "b"]


def test_one_album_artist_written_in_two_ways_is_one_album() -> None:
    one, other = song(1, album="First", by="Ann; Bob"), song(1, album="First", by="Ann & Bob")
    assert grouped(one, other) == ["a", "a"]


def test_featured_guests_among_track_artists_without_an_album_artist_stay_in_the_album() -> None:
    files = [song(n, album="First", artist=artist) for n, artist in enumerate(("Ann", "Ann feat. Bob", "Carl"), 1)]
    assert grouped(*files) == ["a"] * 3


def test_a_compilation_is_one_album_whoever_it_is_by() -> None:
    files = [song(n, album="Hits", by=by, compilation=True) for n, by in ((1, "Ann"), (2, "Bob"), (5, "Carl"))]
    assert grouped(*files) == ["a"] * 3
    assert rule(*files) == "folder_compilation"
    assert grouped(song(1, album="Hits", by="Various Artists"), song(7, album="Hits", by="Bob")) == ["a", "a"]


def test_track_numbers_that_complete_each_other_make_one_album_of_different_album_artists() -> None:
    files = [song(n, album="Hits", by=by) for n, by in ((1, "Ann"), (2, "Bob"), (3, "Carl"), (4, "Ann"))]
    assert grouped(*files) == ["a"] * 4
    assert rule(*files) == "folder_numbers"


def test_two_albums_of_one_title_in_one_folder_stay_two() -> None:
    files = [song(n, album="Greatest Hits", by=by) for by in ("Ann", "Bob") for n in (1, 2, 3)]
    assert grouped(*files) == ["a"] * 3 + ["b"] * 3
    loose = [song(n, album="Greatest Hits", artist=by) for by in ("Ann", "Bob") for n in (1, 2, 3)]
    assert grouped(*loose) == ["a"] * 3 + ["b"] * 3
    assert rule(*loose) == "folder_artist_numbers"


def test_several_albums_loose_in_one_folder_are_told_by_title() -> None:
    files = [song(n, folder="Downloads", album=title, by="Ann") for title in ("One", "Two") for n in (1, 2)]
    assert grouped(*files) == ["a", "a", "b", "b"]


def test_singles_in_one_folder_are_an_album_each() -> None:
    assert grouped(*[song(1, folder="Singles", album=title, artist="Ann") for title in ("A", "B", "C")]) == [
        "a",
        "b",
        "c",
    ]
    assert grouped(*[song(folder="Singles", artist=name) for name in ("Ann", "Bob")]) == ["a", "a"]


def test_one_title_in_two_folders_is_two_albums() -> None:
    assert grouped(song(1, folder="A", album="Live", by="Ann"), song(1, folder="B", album="Live", by="Ann")) == [
        "a",
        "b",
    ]


def test_different_dates_do_not_tear_an_album_apart() -> None:
    assert (
        grouped(song(1, album="First", by="Ann", date="1977"), song(2, album="First", by="Ann", date="2001"))
        == ["a"] * 2
    )


def test_half_the_files_without_an_album_follow_the_other_half() -> None:
    files = [song(1, album="First", by="Ann"), song(2), song(3, album="First"), song(4)]
    assert grouped(*files) == ["a"] * 4
    mixed = [song(1, album="First", by="Ann", release_mbid=R1), song(2, album="First", by="Ann"), song(3)]
    assert grouped(*mixed) == ["a"] * 3
    assert grouped(song(1, album="One", by="Ann"), song(1, album="Two", by="Ann"), song(2)) == ["a", "b", "c"]


def test_a_file_without_album_artist_goes_to_the_album_of_its_own_artist() -> None:
    files = [song(1, album="Hits", by="Ann"), song(1, album="Hits", by="Bob"), song(2, album="Hits", artist="Bob")]
    assert grouped(*files) == ["a", "b", "b"]


def test_disc_folders_are_one_album() -> None:
    files = [song(1, folder=f"Band/Long/CD{n}", album="Long", by="Ann") for n in (1, 2)]
    assert grouped(*files) == ["a", "a"]
    assert grouped(song(1, album="Long CD1", by="Ann"), song(1, album="Long (Disc 2)", by="Ann")) == ["a", "a"]


def test_a_box_whose_discs_have_titles_of_their_own_is_one_album_where_it_numbers_its_discs() -> None:
    def disc(number: int, title: str, **more: Any) -> GroupedFile:
        return song(1, folder=f"Box/CD{number}", album=title, by="Ann", disc_number=number, **more)

    assert grouped(disc(1, "Dusk", disc_total=2), disc(2, "Dawn", disc_total=2)) == ["a", "a"]
    assert grouped(disc(1, "Dusk"), disc(2, "Dawn")) == ["a", "b"]


def test_mixed_release_ids_in_one_folder_are_told_by_their_numbers() -> None:
    stray = [song(n, album="First", by="Ann", release_mbid=R2 if n == 3 else R1) for n in (1, 2, 3, 4)]
    assert grouped(*stray) == ["a"] * 4
    editions = [song(n, album="First", by="Ann", release_mbid=release) for release in (R1, R2) for n in (1, 2)]
    assert grouped(*editions) == ["a", "a", "b", "b"]
    assert grouped(song(1, release_mbid=R1, album="X"), song(2, folder="Other", release_mbid=R1, album="X")) == [
        "a",
        "a",
    ]


def test_the_order_of_rules_is_chosen_and_an_unknown_one_is_refused() -> None:
    files = [song(n, album="First", by="Ann", release_mbid=release) for n, release in ((1, R1), (5, R2))]
    chosen = rules_of(["folder_album_artist"])
    assert [rule.name for rule in chosen] == ["folder_album_artist", "folder"]
    assert len({key.group for key in album_keys(files, Neighbours.of(files), chosen)}) == 1
    with pytest.raises(UnknownRule, match="There is no grouping rule 'nonsense'"):
        rules_of(["nonsense"])
    with pytest.raises(ValueError, match="did you mean folder_numbers"):
        checked_grouping_rules(("folder_number",))
    assert tuple(rule.name for rule in RULES) == GROUPING_RULES


titles = st.sampled_from([None, "First", "Second", "First (Disc 2)", "!!!"])
names = st.sampled_from([None, "Ann", "Ann feat. Bob", "Ann; Bob", "Bob", "Various Artists"])
songs = st.builds(
    song,
    st.one_of(st.none(), st.integers(1, 4)),
    folder=st.sampled_from(["Box", "Box/CD1", "Box/CD2"]),
    by=names,
    artist=names,
    album=titles,
    compilation=st.booleans(),
    release_mbid=st.sampled_from([None, None, R1, R2]),
    disc_number=st.sampled_from([None, 1, 2]),
    disc_total=st.sampled_from([None, 2]),
)


@given(st.lists(songs, max_size=9).flatmap(lambda files: st.tuples(st.just(files), st.permutations(files))))
def test_grouping_does_not_depend_on_the_order_in_which_files_are_met(both: tuple[list[Any], list[Any]]) -> None:
    one, other = both
    keys = dict(zip(map(id, one), album_keys(one, Neighbours.of(one)), strict=True))
    again = dict(zip(map(id, other), album_keys(other, Neighbours.of(other)), strict=True))
    assert {number: (key.group, key.rule) for number, key in keys.items()} == {
        number: (key.group, key.rule) for number, key in again.items()
    }


@given(st.lists(songs, max_size=9), st.lists(st.sampled_from(GROUPING_RULES)))
def test_every_track_is_in_exactly_one_album(files: list[Any], names: list[str]) -> None:
    keys = album_keys(files, Neighbours.of(files), rules_of(names))
    assert len(keys) == len(files)
    assert all(key.group and key.rule in GROUPING_RULES for key in keys)
    assert sum(Counter(key.group for key in keys).values()) == len(files)
