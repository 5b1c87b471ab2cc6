"""What is said of each tag of a file: what it became, by which rule, and why another was not heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.library.scan.read import read_file
from segue.library.scan.tags.explain import SENTENCES, Explanation, explain
from segue.library.scan.tags.rules_file import rules_of
from tests.library.media import FORMATS, tagged

ONE = "0b0d0f6e-0000-4000-8000-000000000001"
TWO = "0b0d0f6e-0000-4000-8000-000000000002"


def explained(folder: Path, fmt: str = "flac", rules: str | None = None, **values: str | list[str]) -> Explanation:
    file = folder / f"x.{FORMATS[fmt]}"
    file.write_bytes(tagged(fmt, tags=values))
    facts = read_file(bytes(folder), file.name.encode(), rules=rules_of(rules))
    found = explain(facts.format or "", facts.raw or {}, rules_of(rules))
    assert found.tags == facts.tags
    return found


def why(found: Explanation, member: str) -> list[str]:
    return [reason.sentence for made in found.made if made.member == member for reason in made.reasons]


def said(found: Explanation, name: str) -> tuple[str | None, bool, str]:
    one = next(one for one in found.said if one.name.lower() == name.lower())
    return one.field, one.heard, one.reason.sentence


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_tag_and_every_field_of_every_format_has_its_reason(tmp_path: Path, fmt: str) -> None:
    found = explained(
        tmp_path, fmt, title="T", artist="AC/DC feat. X", album="Al", albumartist="AC/DC", genre=["Rock; Pop"], date="1977-16",
        composer="A; B", tracknumber="3", tracktotal="9", label="L", comment="C", seen="never", compilation="1", bpm="72",
        isrc="DEA123456789", musicbrainz_trackid=ONE,
    )  # fmt: skip
    for one in found.said:
        assert one.reason.sentence.endswith(".")
        assert one.heard == (one.field is not None), one
    for made in found.made:
        assert made.reasons, made
        assert made.tags, made
        for reason in made.reasons:
            assert reason.sentence.endswith(".")
    assert [one.reason.code for one in found.said if one.values == ("never",)] == ["no_field"]
    assert {made.member for made in found.made} >= {"title", "artists", "album_artists", "genres", "date", "credits"}


def test_a_name_that_another_comes_before_is_not_heard_and_says_so(tmp_path: Path) -> None:
    found = explained(tmp_path, date="1977", year="1999")
    assert said(found, "date") == ("date", True, "Heard as date.")
    assert said(found, "year") == ("date", False, "Not heard: DATE says date too, and comes before it in the rules.")


def test_a_split_says_where_and_what_was_left_whole(tmp_path: Path) -> None:
    found = explained(tmp_path, artist="Yusuf / Cat Stevens feat. X", genre="Rock; Singer/Songwriter")
    assert why(found, "artists") == [
        "“Yusuf / Cat Stevens feat. X” was taken apart at “ feat. ”.",
        "“Yusuf / Cat Stevens” was left whole: it is among the names that are never taken apart.",
    ]
    assert why(found, "genres") == [
        "“Rock; Singer/Songwriter” was taken apart at “; ”.",
        "“Singer/Songwriter” was left whole: it is among the names that are never taken apart.",
    ]


def test_artists_say_how_they_were_told_apart(tmp_path: Path) -> None:
    by_ids = explained(tmp_path, artist="One & Two", musicbrainz_artistid=[ONE, TWO])
    assert why(by_ids, "artists") == [
        "“One & Two” was taken apart into 2 names, since the file gives 2 MusicBrainz ids."
    ]
    one_id = explained(tmp_path, artist="One feat. Two", musicbrainz_artistid=ONE)
    assert why(one_id, "artists") == ["“One feat. Two” is one name, since the file gives one MusicBrainz id for it."]
    named = explained(tmp_path, artist="One & Two", artists=["One", "Two"])
    assert why(named, "artists") == ["The names stand in artists; the line “One & Two” gives what stands between them."]
    assert why(explained(tmp_path, artist=["One", "Two"]), "artists") == ["Each value is a name."]
    assert why(explained(tmp_path, artist="One"), "artists") == ["“One” is one name."]


def test_what_was_not_taken_as_it_is_written_says_what_was_made_of_it(tmp_path: Path) -> None:
    found = explained(tmp_path, date="1977-16", tracknumber="03", title=["A", "B"], r128_track_gain="-1280")
    assert why(found, "date") == ["“1977-16” was read as 1977."]
    assert why(found, "track_number") == ["“03” was read as 3."]
    assert why(found, "title") == ["The first of 2 values."]
    assert why(found, "replay_gain") == ["R128 gains were turned into ReplayGain by adding 5 dB."]
    assert [doubt.code for doubt in found.doubts] == ["date_doubtful"]
    fallen = explained(tmp_path, releasedate="1980")
    assert why(fallen, "date") == ["There is no date, so releasedate stands in for it.", "As it is written."]


def test_a_field_of_ones_own_is_explained_like_any_other(tmp_path: Path) -> None:
    found = explained(tmp_path, rules="own: {taper: TAPER}", taper="Tom")
    assert said(found, "taper") == ("taper", True, "Heard as taper.")
    assert [made.value for made in found.made if made.member == "own"] == [(("taper", "Tom"),)]


def test_every_sentence_can_be_made() -> None:
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")
