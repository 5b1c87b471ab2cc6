"""What titles of tracks mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from segue.live.records import Heard, ItemTrack
from segue.live.titles import Night, Vocabulary, heard_of
from tests.live.titles.band import NIGHTS, SONGS, recording, setlist, vocabulary

KNOWN = vocabulary()


def hear(title: str) -> list[Heard]:
    return KNOWN.hear(title)


def songs(title: str) -> list[str | None]:
    return [one.song for one in hear(title)]


@pytest.mark.parametrize("name", SONGS)
def test_every_song_is_heard_from_its_own_name(name: str) -> None:
    assert [(one.song, one.kind, one.segue) for one in hear(name)] == [(name, "song", False)]


@pytest.mark.parametrize(
    ("title", "song"),
    [
        ("Copper Lantern", "Copper Lantern"), ("copper lantern", "Copper Lantern"), ("COPPER LANTERN*", "Copper Lantern"),
        ("Cop per Lan tern", "Copper Lantern"), ("CopperLantern", "Copper Lantern"), ("Cópper Lantérn", "Copper Lantern"),
        ("Copper // Lantern", "Copper Lantern"), ("Copper Lan/tern", "Copper Lantern"), ("Copper Lantern #2", "Copper Lantern"),
        ("Copper Lantern (4:59)", "Copper Lantern"), ("[4:59] Copper Lantern", "Copper Lantern"),
        ("04:59] ...Copper Lantern", "Copper Lantern"), ("Copper Lantern reprise", "Copper Lantern"),
        ("Copper Lantern, take 4", "Copper Lantern"), ("Copper Lantern Jam", "Copper Lantern"),
        ("Copper Lanturn", "Copper Lantern"), ("Coper Lantern", "Copper Lantern"),
        ("Copper Lantern w/ Anna on vocals", "Copper Lantern"), ("Copper Lantern (with Anna)", "Copper Lantern"),
        ("03 Copper Lantern", "Copper Lantern"), ("03. Copper Lantern", "Copper Lantern"),
        ("t03 Copper Lantern", "Copper Lantern"),
        ("pk91-04-01d1t03 Copper Lantern", "Copper Lantern"), ("pk1991-04-01 s2t03 Copper Lantern", "Copper Lantern"),
        ("pk91-04-01 tCopper Lantern", "Copper Lantern"), ("pk91-04-01.d1.t03.Copper Lantern.flac", "Copper Lantern"),
        ("The Paper Kites Club - Copper Lantern", "Copper Lantern"), ("Copper Lantern &gt;", "Copper Lantern"),
        ("Long Way Down", "The Long Way Down"), ("Walking on the Water", "Walkin' On The Water"),
        ("Walkin\u2019 On The Waters", "Walkin' On The Water"), ("WOTW", "Walkin' On The Water"), ("St. Agnes", "Saint Agnes"),
        ("Rain and Thunder", "Rain & Thunder"), ("Harbor Light", "Harbor Light (Don't Look Back)"),
        ("Harbour Light", "Harbor Light (Don't Look Back)"), ("Don't Look Back", "Harbor Light (Don't Look Back)"),
        ("Up The Hill", "Up The Hill Behind The Mill"), ("UTHBTM", "Up The Hill Behind The Mill"),
        ("Mr. Finch", "Mister Finch"), ("River Suite pt. II", "River Suite Part 2"),
        ("River Suite Part One", "River Suite Part 1"),
        ("Dru ms", "Drums"), ("Drumz", "Drums"), ("Ashes Ashes Ashes", "Ashes, Ashes, Ashes"), ("Jam (4)", "Jam"),
    ],
)  # fmt: skip
def test_a_song_is_heard_however_it_is_written(title: str, song: str) -> None:
    assert songs(title) == [song]


@pytest.mark.parametrize(
    "arrow", [">", " >", "->", " ->", "-->", " >>", " → ", " ~", "=>", " ->*", " -> (2)", " > [5:01]"]
)
def test_a_mark_of_a_segue_is_no_part_of_the_title(arrow: str) -> None:
    assert [(one.song, one.segue) for one in hear(f"Saint Agnes{arrow}")] == [("Saint Agnes", True)]


@pytest.mark.parametrize(
    "mark", ["E: ", "E2: ", "Encore: ", "Encore - ", "Encore 2: ", "(encore) ", "Encore) ", "2nd Encore: "]
)
def test_a_mark_of_an_encore_is_no_part_of_the_title(mark: str) -> None:
    (one,) = hear(f"{mark}Tumbledown")
    assert (one.song, one.encore, one.set_name) == ("Tumbledown", True, "Encore")


@pytest.mark.parametrize(
    "title", ["//Saint Agnes", "Saint Agnes//", "Saint // Agnes", "Saint Agnes (cut)", "Saint Agnes [cuts in]"]
)
def test_a_cut_is_told(title: str) -> None:
    assert [(one.song, one.cut) for one in hear(title)] == [("Saint Agnes", True)]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Drums > Jam -> Saint Agnes", ["Drums", "Jam", "Saint Agnes"]),
        ("Saint Agnes / Tumbledown", ["Saint Agnes", "Tumbledown"]),
        ("Saint Agnes, Tumbledown", ["Saint Agnes", "Tumbledown"]),
        ("Saint Agnes and Tumbledown", ["Saint Agnes", "Tumbledown"]),
        ("Saint Agnes - Tumbledown", ["Saint Agnes", "Tumbledown"]),
        ("Saint Agnes + Mister Finch >", ["Saint Agnes", "Mister Finch"]),
        ("Tuning > Hello", [None, "Hello"]),
        ("Hello/crowd noises", ["Hello", None]),
        ("River Suite", ["River Suite Part 1", "River Suite Part 2"]),
    ],
)
def test_a_medley_gives_each_of_its_songs(title: str, expected: list[str | None]) -> None:
    assert songs(title) == expected


def test_pieces_of_a_medley_run_into_the_next_and_the_last_where_it_says_so() -> None:
    assert [one.segue for one in hear("Drums > Jam -> Saint Agnes")] == [True, True, False]
    assert [one.segue for one in hear("Drums > Saint Agnes >")] == [True, True]


@pytest.mark.parametrize(
    "title",
    [
        "Tuning", "tuning / banter", "Crowd", "Stage Announcements", "Dead Air", "Set Break", "Encore Break",
        "Intro by the mayor",
        "Band introductions", "Applause & tuning", '"Can you hear me up there?"', "Anna: \"Move back!\"", "Equipment trouble",
        "Interview", "Broken string", "Saint Agnes tuning", "Hello tease", "baanter", "t01 tuning", "E: crowd",
        "Technical difficulties",
    ],
)  # fmt: skip
def test_what_is_no_song_is_told_from_one(title: str) -> None:
    assert [(one.kind, one.song) for one in hear(title)] == [("nonsong", None)]


@pytest.mark.parametrize(
    "title", ["", " ", "Track 05", "07", "unknown", "untitled", "pk91-04-01d1t05.flac", "Blue Moon", "???", "-"]
)
def test_what_nobody_can_tell_stays_unknown(title: str) -> None:
    assert [one.kind for one in hear(title)] == ["unknown"]


def test_jams_and_drums_are_songs_only_on_nights_whose_setlist_has_them() -> None:
    with_drums, without = KNOWN.songs_of(NIGHTS[0]), KNOWN.songs_of(NIGHTS[1])
    assert KNOWN.hear("Drums", show=with_drums)[0].kind == "song"
    assert KNOWN.hear("Drums", show=without)[0].kind == "nonsong"
    assert Vocabulary.learn([]).hear("Jam")[0].kind == "nonsong"


def test_the_setlist_of_the_night_decides_between_songs_that_may_be_meant() -> None:
    lists = [setlist("1990-01-01", "Set 1: Silver Birch|Gold"), setlist("1990-01-02", "Set 1: Silver Road|Gold")]
    both = Vocabulary.learn(lists)
    assert both.hear("Silver")[0].kind == "unknown"
    assert both.hear("Silver", show=both.songs_of(lists[0]))[0].song == "Silver Birch"
    assert both.hear("Silver", show=both.songs_of(lists[1]))[0].song == "Silver Road"


def test_a_word_out_of_a_longer_name_counts_on_nights_that_have_the_song() -> None:
    assert KNOWN.hear("Crows")[0].kind == "unknown"
    assert KNOWN.hear("Crows", show=KNOWN.songs_of(NIGHTS[2]))[0].song == "Seventeen Crows"


def test_a_clear_title_is_not_bent_to_fit_the_setlist() -> None:
    assert KNOWN.hear("Tumbledown", show=KNOWN.songs_of(NIGHTS[1]))[0].song == "Tumbledown"


def test_spellings_of_one_song_have_its_usual_name() -> None:
    assert "Walking on the Water" not in KNOWN.songs
    assert KNOWN.name_of("Walking on the Water") == "Walkin' On The Water"
    assert KNOWN.name_of("Copper Lantern*") == "Copper Lantern"
    assert KNOWN.songs["Copper Lantern"] == 3


def test_remarks_of_the_page_that_a_setlist_was_copied_from_are_no_songs() -> None:
    odd = setlist("1990-01-01", "Set 1: Gold|Learn more about cookies.|Unknown Title")
    known = Vocabulary.learn([odd])
    assert set(known.songs) == {"Gold"}
    assert [song.name for song in known.settled(odd).songs] == ["Gold"]


# --- what people said, and what is learnt ----------------------------------------------------------------------------


def test_what_people_said_wins() -> None:
    told = vocabulary(
        **{"The Lamp": "Copper Lantern", "Tumbledown": "Saint Agnes", "Hello": None, "New One": "Brand New"}
    )
    assert told.hear("The Lamp >")[0].song == "Copper Lantern"
    assert told.hear("Tumbledown")[0].song == "Saint Agnes"
    assert told.hear("hello")[0].kind == "nonsong"
    assert told.hear("New One")[0].song == "Brand New"


def test_a_short_name_is_learnt_where_it_stands_in_a_songs_place_on_several_nights() -> None:
    nights = [
        Night(["Copper Lantern", "The Wet One", "Hello", "River Suite", "Mister Finch"], NIGHTS[1]),
        Night(["Harbor Light", "Ashes Ashes Ashes", "The Wet One >", "Rain & Thunder", "Hello"], NIGHTS[4]),
    ]
    one = vocabulary(*nights).hear("The Wet One")[0]
    assert (one.song, one.how) == ("Walkin' On The Water", "learnt")
    assert vocabulary(nights[0]).hear("The Wet One")[0].kind == "unknown", "one night alone may be anything"
    assert vocabulary(*nights, **{"The Wet One": "Tumbledown"}).hear("The Wet One")[0].song == "Tumbledown"


def test_what_is_said_between_songs_is_not_taken_for_a_song() -> None:
    nights = [
        Night(["Copper Lantern", "A Word On Ducks", "The Long Way Down", "Hello"], NIGHTS[0]),
        Night(["Copper Lantern", "A Word On Ducks", "Walkin' On The Water", "Hello"], NIGHTS[1]),
        Night(["Rain & Thunder", "A Word On Ducks", "Copper Lantern"], NIGHTS[2]),
    ]
    assert vocabulary(*nights).hear("A Word On Ducks")[0].kind == "unknown"


def test_a_band_without_setlists_has_the_songs_that_several_recordings_have() -> None:
    tapes = [
        ["Tuning", "Green Door", "Night Train >", "Old Mill Road", "Only Here"],
        ["Green Door", "NIGHT TRAIN", "The Old Mill Road", "Bill introduces the band"],
        ["crowd", "green door", "Night Train", "Green Dor", "Old Mill Road"],
        ["Green Door", "Green Door", "Night Train ->", "Old Mill Road"],
        ["Green Door Reprise", "Green Door", "Nite Train"],
    ]
    known = Vocabulary.learn([], tapes)
    assert set(known.songs) == {"Green Door", "Night Train", "Old Mill Road"}
    assert [known.hear(title)[0].song for title in ("Green Dor >", "nite train", "The Old Mill Road*")] == [
        "Green Door", "Night Train", "Old Mill Road",
    ]  # fmt: skip
    assert known.hear("Only Here")[0].kind == "unknown"
    assert known.hear("Tuning")[0].kind == "nonsong"


# --- recordings ------------------------------------------------------------------------------------------------------


def test_every_track_of_a_recording_is_told_with_its_number() -> None:
    heard = heard_of(recording("Tuning", "Drums > Jam >", "Saint Agnes"), KNOWN, setlist=NIGHTS[0])
    assert [(one.track, one.song) for one in heard] == [(1, None), (2, "Drums"), (2, "Jam"), (3, "Saint Agnes")]


def test_sets_hold_until_another_is_told() -> None:
    heard = heard_of(
        recording("Set 1: Copper Lantern", "Hello", "set break", "Saint Agnes", "E: Tumbledown", "Hello"), KNOWN
    )
    assert [one.set_name for one in heard] == ["Set 1", "Set 1", "Set 2", "Set 2", "Encore", "Encore"]
    assert [one.encore for one in heard] == [False, False, False, False, True, True]


def test_names_of_files_tell_sets() -> None:
    item = recording("Hello", "Saint Agnes", _1="pk91-04-01s1t01.flac", _2="pk91-04-01s2t01.flac")
    assert [one.set_name for one in heard_of(item, KNOWN)] == ["Set 1", "Set 2"]


def test_the_titles_that_fit_the_setlist_best_are_taken() -> None:
    item = recording("Mister Finch", "Tumbledown", "Hello")
    better = ("Copper Lantern", "The Long Way Down", "Hello")
    tracks = tuple(replace(track, other_titles=(other,)) for track, other in zip(item.tracks, better, strict=True))
    heard = heard_of(replace(item, tracks=tracks), KNOWN, setlist=NIGHTS[0])
    assert [one.song for one in heard] == list(better)
    assert [one.song for one in heard_of(item, KNOWN, setlist=NIGHTS[0])] == ["Mister Finch", "Tumbledown", "Hello"]


def test_the_info_file_gives_titles_where_tracks_have_none() -> None:
    item = replace(
        recording("pk91-04-01d1t01", "pk91-04-01d1t02"), info_text="Someplace\n\n1. Copper Lantern\n2. Hello [3:10]\n"
    )
    assert [one.song for one in heard_of(item, KNOWN, setlist=NIGHTS[0])] == ["Copper Lantern", "Hello"]


def test_the_description_gives_titles_where_tracks_have_none() -> None:
    said = "<p>Set 1: Copper Lantern &gt; The Long Way Down<br>Encore: Hello</p>"
    item = replace(recording("Track 01", "Track 02", "Track 03"), description=said)
    heard = heard_of(item, KNOWN, setlist=NIGHTS[0])
    assert [(one.song, one.segue) for one in heard] == [
        ("Copper Lantern", True),
        ("The Long Way Down", False),
        ("Hello", False),
    ]


def test_titles_that_tell_enough_are_not_overruled_by_a_text() -> None:
    item = replace(recording("Copper Lantern", "Hello", "Saint Agnes"), description="1. Tumbledown\n2. Drums\n3. Jam")
    assert [one.song for one in heard_of(item, KNOWN, setlist=NIGHTS[0])] == ["Copper Lantern", "Hello", "Saint Agnes"]


def test_a_recording_without_tracks_holds_nothing() -> None:
    assert heard_of(recording(), KNOWN, setlist=NIGHTS[0]) == []


def test_pieces_that_are_shared_between_recordings_keep_their_own_numbers() -> None:
    first = heard_of(recording("Hello", "Saint Agnes"), KNOWN)
    second = heard_of(recording("Saint Agnes", "Hello"), KNOWN)
    assert [(one.song, one.track) for one in first] == [("Hello", 1), ("Saint Agnes", 2)]
    assert [(one.song, one.track) for one in second] == [("Saint Agnes", 1), ("Hello", 2)]


def test_a_track_without_files_or_duration_is_heard_too() -> None:
    assert heard_of(replace(recording(), tracks=(ItemTrack(7, "Hello"),)), KNOWN)[0].track == 7
