"""How recordings become concerts: artist, date and sequence; two shows of a day; words of people; keys that stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segue.live.facts import facts_of
from segue.live.grouping import Grouping, concert_uid, concerts_of
from segue.live.records import (
    Concert,
    Doubt,
    Heard,
    Item,
    ItemFile,
    ItemTrack,
    Setlist,
    SetlistSet,
    SetlistSong,
    ShowTime,
)

EARLY = ("Amber", "Birch", "Cedar", "Daisy", "Elder", "Fern")
LATE = ("Garnet", "Hazel", "Iris", "Jade", "Kelp", "Lotus", "Maple")


def item(
    identifier: str, *, date: str = "1970-02-13", venue: str = "Town Hall", creator: str = "Xylophones", **more: Any
) -> Item:
    return Item(identifier, creators=tuple(creator.split("|")), date=date, venue=venue, **more)


def setlist(
    songs: Sequence[str], *, date: str = "1970-02-13", time: ShowTime | None = None, venue: str = "Town Hall"
) -> Setlist:
    sets = (SetlistSet("Set 1", tuple(map(SetlistSong, songs))),) if songs else ()
    return Setlist("The Xylophones", date, f"{date}-{venue}-{time}", time, venue, sets=sets)


def grouped(
    items: Sequence[Item],
    setlists: Sequence[Setlist] = (),
    songs: Mapping[str, Iterable[str]] | None = None,
    **more: Any,
) -> Grouping:
    facts = {one.identifier: facts_of(one) for one in items}
    heard = {name: [Heard(song, song, "song") for song in held] for name, held in (songs or {}).items()}
    return concerts_of(items, facts, setlists, heard, **more)


def together(grouping: Grouping) -> list[set[str]]:
    return [set(concert.recordings) for concert in grouping.concerts]


def doubts_of(grouping: Grouping, identifier: str) -> list[Doubt]:
    return grouping.doubts.get(identifier, [])


def test_a_concert_is_artist_and_date_whatever_the_venue_is_called() -> None:
    grouping = grouped(
        [item("a", venue="Town Hall"), item("b", venue="The Old Town Hall, Springfield"), item("c", venue="")]
    )
    assert together(grouping) == [{"a", "b", "c"}]
    (concert,) = grouping.concerts
    assert (concert.key, concert.artist, concert.sequence) == ("xylophones|1970-02-13|1", "Xylophones", 1)


def test_two_bands_on_one_date_are_two_concerts_and_a_shared_bill_is_in_both() -> None:
    grouping = grouped([item("a"), item("b", creator="Marimbas"), item("c", creator="Xylophones|Marimbas")])
    assert together(grouping) == [{"b", "c"}, {"a", "c"}]
    assert len(grouping.membership["c"]) == 2


def test_listed_shows_are_told_apart_by_markers_and_by_songs() -> None:
    lists = [setlist(LATE, time="late"), setlist(EARLY, time="early")]
    grouping = grouped(
        [item("xy70-02-13.early.sbd"), item("xy70-02-13.late.sbd"), item("xy70-02-13.aud"), item("xy70-02-13.both.aud")],
        lists, {"xy70-02-13.aud": LATE[:5], "xy70-02-13.both.aud": EARLY + LATE},
    )  # fmt: skip
    assert together(grouping) == [
        {"xy70-02-13.early.sbd", "xy70-02-13.both.aud"}, {"xy70-02-13.late.sbd", "xy70-02-13.aud", "xy70-02-13.both.aud"},
    ]  # fmt: skip
    assert [concert.show_time for concert in grouping.concerts] == ["early", "late"]
    assert [role for _, role, _ in grouping.membership["xy70-02-13.both.aud"]] == ["part", "part"]
    assert [one.code for _, _, evidence in grouping.membership["xy70-02-13.aud"] for one in evidence] == [
        "show_time.setlist"
    ]


def test_where_only_one_show_has_a_list_songs_beside_it_mean_the_other_or_both() -> None:
    lists = [setlist((), time="early"), setlist(LATE, time="late")]
    grouping = grouped(
        [item("fits"), item("other"), item("long")], lists, {"fits": LATE, "other": EARLY, "long": (*EARLY, *LATE[:5])}
    )
    assert together(grouping) == [{"other", "long"}, {"fits", "long"}]


def test_a_recording_that_says_nothing_is_kept_with_both_shows_and_is_a_doubt() -> None:
    lists = [setlist(EARLY, time="early"), setlist(LATE, time="late")]
    grouping = grouped(
        [item("xy70-02-13.early"), item("xy70-02-13.late"), item("plain", venue="Town Hall (Late Show)")], lists
    )
    assert together(grouping) == [{"xy70-02-13.early", "plain"}, {"xy70-02-13.late", "plain"}]
    (doubt,) = doubts_of(grouping, "plain")
    assert (doubt.kind, doubt.proposal) == ("show_time_uncertain", "late"), "the venue proposes, it does not decide"


def test_markers_on_both_sides_make_two_shows_without_any_list() -> None:
    grouping = grouped([item("xy70-02-13.early.sbd"), item("xy70-02-13.late.sbd"), item("xy70-02-13.early-late.sbd")])
    assert together(grouping) == [
        {"xy70-02-13.early.sbd", "xy70-02-13.early-late.sbd"}, {"xy70-02-13.late.sbd", "xy70-02-13.early-late.sbd"},
    ]  # fmt: skip
    only_late = grouped([item("xy70-02-13.late.sbd"), item("xy70-02-13.sbd")])
    assert together(only_late) == [{"xy70-02-13.late.sbd", "xy70-02-13.sbd"}]
    assert only_late.concerts[0].show_time == "late"


def test_an_identifier_that_the_songs_contradict_is_believed_and_doubted() -> None:
    lists = [setlist(EARLY, time="early"), setlist(LATE, time="late")]
    grouping = grouped([item("xy70-02-13.early.sbd")], lists, {"xy70-02-13.early.sbd": LATE})
    assert together(grouping) == [{"xy70-02-13.early.sbd"}]
    assert [(doubt.kind, doubt.proposal) for doubt in doubts_of(grouping, "xy70-02-13.early.sbd")] == [
        ("show_time_uncertain", "late")
    ]


def test_two_listed_places_of_a_day_are_told_apart_by_songs_then_by_place() -> None:
    lists = [setlist(EARLY, venue="Town Hall"), setlist(LATE, venue="Golden Park")]
    grouping = grouped(
        [item("a", venue="Somewhere"), item("b", venue="Golden Park, Springfield"), item("c", venue="Town Hall")],
        lists, {"a": LATE},
    )  # fmt: skip
    assert together(grouping) == [{"c"}, {"a", "b"}]


def test_recordings_without_a_common_song_or_venue_split_an_unlisted_day_and_sets_of_one_show_do_not() -> None:
    songs = {"a": EARLY, "b": EARLY[:6], "c": LATE, "d": LATE[:6]}
    two = grouped([item("a"), item("b"), item("c", venue="Golden Park"), item("d", venue="Golden Park")], (), songs)
    assert together(two) == [{"a", "b"}, {"c", "d"}]
    one = grouped([item("a"), item("b"), item("c"), item("d")], (), songs)
    assert together(one) == [{"a", "b", "c", "d"}]
    listed = grouped([item("a"), item("c", venue="Golden Park")], [setlist(EARLY + LATE)], songs)
    assert together(listed) == [{"a", "c"}]


def test_recordings_without_a_day_share_a_concert_only_with_their_own_tape() -> None:
    tracks = tuple(ItemTrack(number, "", 60_000 * number) for number in range(1, 6))
    twin = tuple(ItemTrack(number, "", 60_000 * number + 300) for number in range(1, 6))
    grouping = grouped(
        [
            item("a", date="1970-02-00", tracks=tracks),
            item("b", date="1970-02", tracks=twin),
            item("c", date="1970-02-00"),
            item("d", date=""),
        ]
    )
    assert together(grouping) == [{"d"}, {"a", "b"}, {"c"}]
    assert [concert.precision for concert in grouping.concerts] == ["unknown", "month", "month"]


def test_a_day_that_the_identifier_calls_unknown_stands_where_a_show_is_known() -> None:
    grouping = grouped([item("xy70-02-xx.sbd", date="1970-02-01")], [setlist(EARLY, date="1970-02-01")])
    assert grouping.concerts[0].date == "1970-02-01"
    assert grouping.facts["xy70-02-xx.sbd"].precision == "day"
    assert grouped([item("xy70-02-xx.sbd", date="1970-02-01")]).concerts[0].date == "1970-02"


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_persons_date_artist_and_show_win_over_everything() -> None:
    words = {
        "a": {"date": "1970-02-14"},
        "b": {"artist": "Marimbas"},
        "xy70-02-13.early.sbd": {"show_time": "late"},
    }
    lists = [setlist(EARLY, time="early"), setlist(LATE, time="late")]
    grouping = grouped([item("a"), item("b"), item("xy70-02-13.early.sbd")], lists, words=words)
    assert {concert.key: concert.recordings for concert in grouping.concerts} == {
        "marimbas|1970-02-13|1": ("b",), "xylophones|1970-02-13|2": ("xy70-02-13.early.sbd",), "xylophones|1970-02-14|1": ("a",),
    }  # fmt: skip
    assert ("date.person", "1970-02-14") in {(one.code, one.value) for one in grouping.facts["a"].evidence}


def test_with_and_apart_move_one_recording() -> None:
    items = [item("a"), item("b"), item("c")]
    assert together(grouped(items, words={"c": {"apart": ["a", "b"]}})) == [{"a", "b"}, {"c"}]
    lists = [setlist(EARLY, time="early"), setlist(LATE, time="late")]
    early, late = item("xy70-02-13.early"), item("xy70-02-13.late")
    grouping = grouped([early, late, item("c")], lists, {"c": EARLY}, words={"c": {"with": ["xy70-02-13.late"]}})
    assert together(grouping) == [{"xy70-02-13.early"}, {"xy70-02-13.late", "c"}]


def test_a_persons_kind_and_venue_are_taken() -> None:
    grouping = grouped(
        [item("a")], words={"a": {"kind": "rehearsal"}, "xylophones|1970-02-13|1": {"venue": "The Barn"}}
    )
    assert (grouping.concerts[0].kind, grouping.concerts[0].venue) == ("rehearsal", "The Barn")


# --- keys ------------------------------------------------------------------------------------------------------------


def test_after_a_late_split_the_greater_part_keeps_its_key() -> None:
    items = [item("xy70-02-13.late.a"), item("xy70-02-13.late.b"), item("xy70-02-13.early.c")]
    before = {"xylophones|1970-02-13|1": [one.identifier for one in items]}
    grouping = grouped(items, before=before)
    assert {concert.key: concert.show_time for concert in grouping.concerts} == {
        "xylophones|1970-02-13|1": "late", "xylophones|1970-02-13|2": "early",
    }  # fmt: skip
    fresh: dict[str, ShowTime | None] = {concert.key: concert.show_time for concert in grouped(items).concerts}
    assert fresh == {"xylophones|1970-02-13|1": "early", "xylophones|1970-02-13|2": "late"}


def test_a_uid_is_the_same_on_every_machine() -> None:
    assert concert_uid("xylophones|1970-02-13|1") == concert_uid("xylophones|1970-02-13|1")
    assert concert_uid("xylophones|1970-02-13|1") != concert_uid("xylophones|1970-02-13|2")
    assert concert_uid("xylophones|1970-02-13|1") == "596ee9b3-69b8-5a11-9a7a-2c4b6d0a1701"


def test_one_day_by_itself_comes_out_as_it_does_among_all() -> None:
    items = [
        item(f"xy70-02-{day:02}.{time}", date=f"1970-02-{day:02}")
        for day in range(1, 8)
        for time in ("early", "late", "sbd")
    ]
    whole = {concert.key: _without_setlist(concert) for concert in grouped(items).concerts}
    for day in range(1, 8):
        some = grouped([one for one in items if one.date == f"1970-02-{day:02}"])
        assert all(whole[concert.key] == _without_setlist(concert) for concert in some.concerts)


def _without_setlist(concert: Concert) -> tuple[Any, ...]:
    return (concert.key, concert.recordings, concert.show_time, concert.venue)


# --- doubts ----------------------------------------------------------------------------------------------------------


def test_songs_of_another_night_raise_a_doubt_with_both_scores_and_move_nothing() -> None:
    night = tuple(f"Song {number}" for number in range(12))
    lists = [setlist(EARLY + LATE), setlist(night, date="1970-02-28")]
    grouping = grouped([item("a")], lists, {"a": (*night[:10], EARLY[0])})
    assert grouping.concerts[0].date == "1970-02-13"
    (doubt,) = doubts_of(grouping, "a")
    assert (doubt.kind, doubt.proposal, doubt.score) == ("date_suspect", "1970-02-28", round(10 / 11, 3))
    assert doubt.params["stated_score"] == round(1 / 11, 3)
    assert not doubts_of(grouped([item("a")], lists, {"a": night}, words={"a": {"date": "1970-02-13"}}), "a"), (
        "a person said it"
    )


def test_a_handful_of_songs_a_fitting_night_or_two_nights_alike_raise_none() -> None:
    night = tuple(f"Song {number}" for number in range(12))
    lists = [setlist(EARLY + LATE), setlist(night, date="1970-02-20"), setlist(night, date="1970-02-21")]
    assert not doubts_of(grouped([item("a")], lists[:2], {"a": night[:4]}), "a")
    assert not doubts_of(grouped([item("a")], lists[:2], {"a": (*EARLY, *night[:6])}), "a")
    assert not doubts_of(grouped([item("a")], lists, {"a": night}), "a")


def test_a_second_nights_tape_is_found_where_the_stated_night_has_no_list_but_other_recordings() -> None:
    night = tuple(f"Song {number}" for number in range(12))
    grouping = grouped([item("a"), item("b")], [setlist(night, date="1970-02-20")], {"a": night, "b": EARLY})
    assert [doubt.proposal for doubt in doubts_of(grouping, "a")] == ["1970-02-20"]


def test_where_nobody_knows_the_stated_night_nearly_every_song_must_fit_another() -> None:
    night = tuple(f"Song {number}" for number in range(12))
    lists = [setlist(night, date="1970-02-20")]
    alone = grouped([item("a")], lists, {"a": night})
    assert [(doubt.proposal, doubt.score) for doubt in doubts_of(alone, "a")] == [("1970-02-20", 1.0)]
    nearly = (*night[:10], "Another", "One More")
    assert not doubts_of(grouped([item("a")], lists, {"a": nearly}), "a")


def test_another_place_is_a_note_and_never_a_split() -> None:
    items = [
        item("a"),
        item("b"),
        item("c", venue="Golden Park", location="Elsewhere, CA"),
        item("d", venue="Town Hal"),
    ]
    grouping = grouped(items)
    assert len(grouping.concerts) == 1
    assert [(doubt.kind, doubt.proposal) for doubt in doubts_of(grouping, "c")] == [("venue_conflict", "Town Hall")]
    assert not doubts_of(grouping, "d")


# --- families --------------------------------------------------------------------------------------------------------


def _tracks(*lengths: int, md5: str = "") -> tuple[ItemTrack, ...]:
    return tuple(
        ItemTrack(number, "", length, (), (ItemFile(f"{number}.flac", "Flac", md5=f"{md5}{number}" if md5 else ""),))
        for number, length in enumerate(lengths, 1)
    )


def test_transfers_of_one_tape_are_a_family() -> None:
    lengths = (61_000, 180_000, 240_500, 33_000)
    items = [
        item("xy1970-02-13.111111.sbd.flac16", tracks=_tracks(*lengths)),
        item("xy1970-02-13.222222.sbd.flac24", tracks=_tracks(*(length + 500 for length in lengths))),
        item("xy1970-02-13.333333.sbd.flac16", tracks=_tracks(*(length + 1_300 for length in lengths))),
        item("xy1970-02-13.444444.mtx.flac16", tracks=_tracks(*lengths)),
        item("xy1970-02-13.555555.aud.flac16", tracks=_tracks(1_000, 2_000, md5="x")),
        item("xy1970-02-13.666666.aud.flac16", tracks=_tracks(9_000, 9_000, md5="x")),
        item("xy70-02-13.444444.mtx.shnf"),
    ]
    families = grouped(items).families
    assert families == {
        "xy1970-02-13.111111.sbd.flac16": "xy1970-02-13.111111.sbd.flac16",
        "xy1970-02-13.222222.sbd.flac24": "xy1970-02-13.111111.sbd.flac16",
        "xy1970-02-13.555555.aud.flac16": "xy1970-02-13.555555.aud.flac16",
        "xy1970-02-13.666666.aud.flac16": "xy1970-02-13.555555.aud.flac16",
        "xy1970-02-13.444444.mtx.flac16": "xy1970-02-13.444444.mtx.flac16",
        "xy70-02-13.444444.mtx.shnf": "xy1970-02-13.444444.mtx.flac16",
    }


def test_a_repaired_transfer_supersedes_the_one_it_names_or_the_unrepaired_twin() -> None:
    items = [
        item("xy1970-02-13.97613.sbd"),
        item("xy1970-02-13.sbd.fix-97613.97639"),
        item("xy1970-02-13.141007.sbd.fixed"),
        item("xy1970-02-13.141007.sbd"),
        item("xy1970-02-14.fix-97613.5555", date="1970-02-14"),
    ]
    assert grouped(items).supersedes == {
        "xy1970-02-13.sbd.fix-97613.97639": "xy1970-02-13.97613.sbd",
        "xy1970-02-13.141007.sbd.fixed": "xy1970-02-13.141007.sbd",
    }


def test_transfers_that_name_each_other_make_no_circle() -> None:
    items = [item("xy1970-02-13.fix-2222.1111"), item("xy1970-02-13.fix-1111.2222")]
    assert len(grouped(items).supersedes) == 1
