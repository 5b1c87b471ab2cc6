"""Which recording of a concert is first, and that every reason is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.live.ranking import USUAL, Completeness, Weights, completeness_of, rank
from segue.live.ranking.completeness import asked_of
from segue.live.records import Doubt, Facts, Heard, Item, Ranked, Setlist, SetlistSet, SetlistSong, SourceType

SONGS = ("Ash", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper")


def setlist(*songs: str) -> Setlist:
    return Setlist("Band", "1991-04-01", sets=(SetlistSet("Set 1", tuple(SetlistSong(song) for song in songs)),))


def heard(songs: Sequence[str]) -> list[Heard]:
    """What a recording holds; `A//` is cut, `?` is not understood."""
    return [
        Heard(song, None, "unknown")
        if song == "?"
        else Heard(song, song.removesuffix("//"), "song", cut=song.endswith("//"))
        for song in songs
    ]


def tape(
    name: str, kind: SourceType = "AUD", *, rating: float | None = None, reviews: int = 0, **more: str
) -> tuple[Item, Facts]:
    formats = (more.pop("formats"),) if "formats" in more else ("Flac",)
    item = Item(name, rating=rating, review_count=reviews)
    return item, Facts(name, ("band",), ("Band",), "1991-04-01", "day", source_type=kind, formats=formats, **more)


def ranked(
    tapes: Sequence[tuple[Item, Facts]],
    songs: Mapping[str, Sequence[str]] | None = None,
    night: Setlist | None = setlist(*SONGS),
    **more: object,
) -> list[Ranked]:
    """The tapes in order; each holds `songs` by its name, else all."""
    facts = {item.identifier: fact for item, fact in tapes}
    held = {name: heard((songs or {}).get(name, SONGS)) for name in facts}
    return rank([item for item, _ in tapes], facts, held, night, **more)  # type: ignore[arg-type]


def order(*given: object, **more: object) -> list[str]:
    return [one.identifier for one in ranked(*given, **more)]  # type: ignore[arg-type]


def codes(one: Ranked) -> dict[str, float]:
    return {term.code: term.value for term in one.terms}


# --- completeness ----------------------------------------------------------------------------------------------------


def test_completeness_is_the_share_of_songs_that_are_held() -> None:
    found = completeness_of(heard(SONGS[:8]), SONGS)
    assert found is not None
    assert found.share == pytest.approx(0.8)
    assert found.missing == ("Ivy", "Juniper")


def test_a_song_that_is_cut_counts_less_than_a_whole_one() -> None:
    found = completeness_of(heard(["Ash//", *SONGS[1:]]), SONGS)
    assert found is not None
    assert found.share == pytest.approx((10 - USUAL.cut) / 10)
    assert found.cut == ("Ash",)
    assert completeness_of(heard(["Ash//", "Ash", *SONGS[1:]]), SONGS).share == 1  # type: ignore[union-attr]


def test_the_second_time_of_a_song_counts_less_than_the_first() -> None:
    night = ("Ash", "Birch", "Ash")
    once = completeness_of(heard(["Ash", "Birch"]), night)
    assert once is not None
    assert once.share == pytest.approx(2 / (2 + USUAL.repeat))
    assert completeness_of(heard(["Ash", "Birch", "Ash", "Ash"]), night).share == 1  # type: ignore[union-attr]


def test_titles_that_tell_nothing_leave_completeness_open() -> None:
    assert completeness_of(heard(["?"] * 9 + ["Ash"]), SONGS) == Completeness(None)
    assert completeness_of([], SONGS) == Completeness(None)
    assert completeness_of(heard(SONGS), ()) is None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SONGS)), st.lists(st.sampled_from(SONGS), min_size=1))
def test_completeness_never_leaves_its_range_and_grows_with_what_is_held(songs: list[str], night: list[str]) -> None:
    asked = asked_of(night)
    some = completeness_of(heard(songs), asked)
    more = completeness_of(heard([*songs, night[0]]), asked)
    assert some is not None and more is not None and more.share is not None
    assert 0 <= more.share <= 1 + 1e-9
    assert (some.share or 0) <= more.share
    assert completeness_of(heard(night), asked).share == pytest.approx(1)  # type: ignore[union-attr]


# --- order -----------------------------------------------------------------------------------------------------------


def test_a_complete_audience_tape_comes_before_half_a_soundboard() -> None:
    tapes = [tape("half.sbd", "SBD", rating=5.0, reviews=200), tape("whole.aud", "AUD", rating=2.0, reviews=9)]
    first, second = ranked(tapes, {"half.sbd": SONGS[:5]})
    assert (first.identifier, first.rank, first.completeness) == ("whole.aud", 1, 1.0)
    assert (second.rank, second.completeness) == (2, 0.5)
    assert second.missing == SONGS[5:]
    assert "incomplete" in codes(second)


def test_among_complete_ones_the_source_decides_in_the_order_that_was_chosen() -> None:
    tapes = [tape("a", "AUD"), tape("f", "FM"), tape("m", "MTX"), tape("s", "SBD"), tape("u", "UNKNOWN")]
    assert order(tapes) == ["s", "m", "f", "a", "u"]
    assert order(tapes, weights=Weights(source_order=("AUD", "MTX", "SBD", "FM"))) == ["a", "m", "s", "f", "u"]


def test_one_vote_of_five_stars_weighs_less_than_a_hundred_of_nearly_five() -> None:
    tapes = [tape("once", rating=5.0, reviews=1), tape("often", rating=4.8, reviews=100), tape("never")]
    assert order(tapes, mean_rating=4.2) == ["often", "once", "never"]
    assert codes(ranked([tape("never")], mean_rating=4.2)[0])["rating"] == pytest.approx(0.8)


def test_preferred_tapers_come_first_in_their_order() -> None:
    tapes = [tape("a", taper="Bea Sharp"), tape("b", transferrer="Anna Log"), tape("c")]
    assert order(tapes, weights=Weights(preferred_people=("anna log", "bea"))) == ["b", "a", "c"]
    assert "people" not in codes(ranked(tapes)[0])


def test_the_newest_of_a_chain_of_transfers_comes_first() -> None:
    assert order([tape("a.old"), tape("b.new")], supersedes={"b.new": "a.old"}) == ["b.new", "a.old"]


def test_titles_that_tell_more_are_better() -> None:
    assert order([tape("a"), tape("b")], {"a": [*SONGS, "?", "?", "?"]}) == ["b", "a"]


def test_faults_are_taken_off() -> None:
    suspect = {"d": [Doubt("date_suspect", "1991-04-02", 0.9)]}
    bad = [tape("x.sbefail"), tape("n", formats="Real Media"), tape("d"), tape("a")]
    found = ranked(bad, doubts=suspect)
    assert [one.identifier for one in found] == ["a", "x.sbefail", "d", "n"]
    assert [code for one in found for code in codes(one) if code in ("sector_errors", "date_suspect", "unplayable")] == [
        "sector_errors", "date_suspect", "unplayable",
    ]  # fmt: skip


def test_one_that_says_it_is_partial_is_demoted_unless_it_holds_the_night() -> None:
    said = tape("p")
    said = (said[0], replace(said[1], partial=True))
    assert "partial" not in codes(ranked([said])[0])
    assert "partial" in codes(ranked([said], {"p": SONGS[:4]})[0])
    assert "partial" in codes(ranked([said], night=None)[0])


def test_what_a_person_pinned_is_first_whatever_speaks_against_it() -> None:
    tapes = [tape("worst.sbefail", "UNKNOWN", formats="Real Media"), tape("best", "SBD", rating=5.0, reviews=99)]
    found = ranked(tapes, {"worst.sbefail": SONGS[:1]}, pinned="worst.sbefail")
    assert [one.identifier for one in found] == ["worst.sbefail", "best"]
    assert codes(found[0])["pinned"] == 1


def test_without_a_setlist_recordings_are_compared_with_what_most_of_them_hold() -> None:
    tapes = [tape("half", "SBD"), tape("b"), tape("c")]
    found = ranked(tapes, {"half": SONGS[:4]}, None)
    assert [one.identifier for one in found] == ["b", "c", "half"]
    assert [one.completeness for one in found] == [None] * 3
    assert codes(found[0])["completeness_among"] == 1
    assert "completeness_unknown" in codes(ranked([tape("alone")], night=None)[0])


def test_where_none_is_complete_the_fullest_come_first() -> None:
    tapes = [tape("a.sbd", "SBD"), tape("b.aud"), tape("c.sbd", "SBD")]
    assert order(tapes, {"a.sbd": SONGS[:3], "b.aud": SONGS[:8], "c.sbd": SONGS[:7]}) == ["b.aud", "c.sbd", "a.sbd"]


def test_the_score_is_the_sum_of_its_terms_and_the_order_that_of_the_scores() -> None:
    tapes = [tape("a", "SBD"), tape("b", "MTX", rating=4.0, reviews=3), tape("c.sbefail")]
    found = ranked(tapes, {"a": SONGS[:9], "c.sbefail": SONGS[:2]})
    for one in found:
        assert one.score == pytest.approx(sum(term.value * term.weight for term in one.terms), abs=1e-3)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert [one.rank for one in found] == [1, 2, 3]


def test_the_order_does_not_hang_on_how_recordings_are_given() -> None:
    tapes = [tape("a"), tape("b"), tape("c")]
    assert order(tapes) == order(tapes[::-1]) == ["a", "b", "c"]
    assert ranked([]) == []


held = st.lists(st.sampled_from(SONGS), max_size=14)
kinds = st.sampled_from(("SBD", "MTX", "FM", "AUD", "UNKNOWN"))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(held, kinds, st.floats(1, 5), st.integers(0, 300), st.booleans()), min_size=1, max_size=6))
def test_the_first_is_complete_wherever_one_is(given: list[tuple[list[str], SourceType, float, int, bool]]) -> None:
    tapes, songs = [], {}
    for number, (some, kind, stars, votes, fails) in enumerate(given):
        name = f"t{number}{'.sbefail' if fails else ''}"
        tapes.append(tape(name, kind, rating=stars, reviews=votes))
        songs[name] = some
    share = {name: len(set(some)) / len(SONGS) for name, some in songs.items()}
    if max(share.values()) >= USUAL.gate:
        assert share[order(tapes, songs)[0]] >= USUAL.gate
