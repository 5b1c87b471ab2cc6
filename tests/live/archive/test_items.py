"""From what the archive says to an item: on its recorded answers, and on everything it has been seen to get wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.emulator.archive import Archive
from segue.emulator.world import World
from segue.live.archive import ItemDocument, info_file, item_of_listed, item_of_metadata
from segue.live.archive.checksums import fingerprints_of, md5s_of
from segue.live.archive.shapes import as_count, as_last, as_list, as_ms, as_number, as_one, as_text

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FILES = st.lists(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("name", "source", "original", "size", "length", "title", "track", "private"), JSONS),
    ),
    max_size=5,
)


def recorded(reference: Path, name: str) -> Any:
    return json.loads((reference / "live" / "raw_ia" / name).read_text("utf-8"))


def a_file(name: str, **said: Any) -> dict[str, Any]:
    return {"name": name, "source": "original", "format": "Flac", **said}


def item(*files: dict[str, Any], **metadata: Any) -> Any:
    return item_of_metadata({"metadata": {"identifier": "x", **metadata}, "files": list(files)})


def test_a_scalar_may_be_a_list_and_a_list_a_scalar() -> None:
    assert as_text(["a", None, " b "]) == "a; b" and as_text({"what": 1}) == "" and as_text(7) == "7"
    assert as_one(["", "a", "b"]) == "a" and as_last(["a", "b", ""]) == "b"
    assert (
        as_list("a") == ("a",)
        and as_list(["a", "a", ""]) == ("a",)
        and as_list("a; b;;c", split=";") == ("a", "b", "c")
    )
    assert as_number("4.5 stars") == 4.5 and as_number(["1,234"]) == 1234 and as_number("x") is None
    assert as_count("-3") is None and as_count(float("nan")) is None and as_count("9" * 40) is None


@pytest.mark.parametrize(
    ("said", "milliseconds"),
    [("108.81", 108_810), ("06:21", 381_000), ("2:39:54.8", 9_594_800), (["412"], 412_000), ("0", None), ("1:2:3:4", None),
     ("-5", None), ("9" * 9, None), ("", None), (None, None), ({"a": 1}, None)],
)  # fmt: skip
def test_a_length_is_read_in_every_way_it_is_written(said: Any, milliseconds: int | None) -> None:
    assert as_ms(said) == milliseconds


def test_the_length_of_shorten_is_not_believed(reference: Path) -> None:
    found = item_of_metadata(recorded(reference, "trimmed.gd89-07-07.7855.shn-length-bug.json"))
    first = found.tracks[0]
    assert [file.name.rpartition(".")[2] for file in first.files] == ["shn", "mp3", "ogg"]
    assert first.files[0].length_ms == 309_660 and first.duration_ms == 468_000
    assert found.updated_at == "2010-02-24T02:05:28Z" and found.creators == ("Grateful Dead",)


def test_the_title_of_the_original_comes_first_and_the_derivative_s_is_kept_beside_it(reference: Path) -> None:
    found = item_of_metadata(recorded(reference, "trimmed.gd1967-11-10.116368.title-conflict.json"))
    assert found.stream_only and found.tracks[0].title == "Viola Lee Blues"
    assert found.tracks[0].other_titles == ("It Hurts Me Too (reel #2 side A; 8-track 15 ips)",)
    assert found.tracks[0].files[0].private and not found.tracks[0].files[1].private
    assert [one.name for one in found.sidecars] == ["ffp.ffp"]


def test_a_whole_recorded_document_becomes_tracks_in_order_with_their_derivatives(reference: Path) -> None:
    found = item_of_metadata(recorded(reference, "metadata.gd1990-04-03.158672.stream_only.json"))
    assert len(found.tracks) == 22 and [track.number for track in found.tracks] == list(range(1, 23))
    assert {tuple(file.format for file in track.files) for track in found.tracks} == {("Flac", "VBR MP3")}
    assert {one.format for one in found.sidecars} == {"Flac FingerPrint", "Checksums", "Text"}
    info = info_file(found)
    assert info is not None and info.name == "gd1990-04-03.158672.txt"
    assert all(track.duration_ms for track in found.tracks)


def test_recorded_lists_are_read(reference: Path) -> None:
    docs = recorded(reference, "ia-tests.advanced_search_response.json")["response"]["docs"]
    items = [item_of_listed(doc) for doc in docs]
    assert len(items) == 50 and all(one.identifier and not one.tracks for one in items)
    assert items[0].creators == ("NASA/JPL-Caltech",) and items[0].downloads == 2


def test_tracks_follow_their_numbers_where_each_has_its_own_and_else_their_names() -> None:
    numbered = item(a_file("b.flac", track="1/2"), a_file("a.flac", track="2/2"))
    assert [track.files[0].name for track in numbered.tracks] == ["b.flac", "a.flac"]
    per_disc = item(*(a_file(f"d{disc}t{n}.flac", track=str(n)) for disc in (2, 1) for n in (10, 9)))
    names = [track.files[0].name for track in per_disc.tracks]
    assert names == ["d1t9.flac", "d1t10.flac", "d2t9.flac", "d2t10.flac"]


def test_a_derivative_of_a_derivative_belongs_to_its_original_and_what_lost_its_original_is_a_track_still() -> None:
    found = item(
        a_file("t1.flac"),
        a_file("t1.mp3", source="derivative", original="t1.flac"),
        a_file("t1.ogg", source="derivative", original="t1.mp3"),
        a_file("t1.png", source="derivative", original="t1.mp3", format="PNG"),
        a_file("t2.mp3", source="derivative", original="t2.flac", length="10"),
        a_file("loop.mp3", source="derivative", original="loop.mp3"),
    )
    tracks = {track.files[0].name: [file.name for file in track.files] for track in found.tracks}
    assert tracks == {"t1.flac": ["t1.flac", "t1.mp3", "t1.ogg"], "t2.mp3": ["t2.mp3"], "loop.mp3": ["loop.mp3"]}


def test_two_originals_of_one_name_are_one_track() -> None:
    found = item(a_file("t1.flac"), a_file("t1.mp3"), a_file("t2.flac"))
    assert [len(track.files) for track in found.tracks] == [2, 1]


def test_broken_values_are_left_out() -> None:
    found = item(
        a_file(["t1.flac"], size="many", md5=["AB"], length=["1:00"], private=True),
        {"size": "1"},
        creator=["The Band", "A Guest"],
        collection="etree",
        date=["1977-05-08"],
        subject="a; b",
        transferer="R. Moore",
        venue={"what": "this"},
        downloads="x",
    )
    assert found.creators == ("The Band", "A Guest") and found.collections == ("etree",) and found.date == "1977-05-08"
    assert (
        found.subjects == ("a", "b") and found.transferrer == "R. Moore" and found.venue == "" and found.downloads == 0
    )
    (track,) = found.tracks
    assert (track.files[0].size, track.files[0].md5, track.files[0].private, track.duration_ms) == (
        None,
        "ab",
        True,
        60_000,
    )


def test_the_day_of_the_index_loses_its_midnight_and_a_broken_one_stays_as_it_is() -> None:
    assert item_of_listed({"identifier": "x", "date": "1977-05-08T00:00:00Z"}).date == "1977-05-08"
    for broken in ("2011-16-07", "1969-00-00", "T::Z", "0000-01-01"):
        assert item_of_listed({"identifier": "x", "date": [broken]}).date == broken


@given(
    st.dictionaries(
        st.sampled_from(["metadata", "files", "reviews", "is_dark", "item_size"]), JSONS | FILES, max_size=5
    )
)
def test_nothing_the_archive_could_say_is_too_strange(said: dict[str, Any]) -> None:
    found = item_of_metadata(ItemDocument("x", said))
    assert len({track.number for track in found.tracks}) == len(found.tracks)
    item_of_listed(said)


def test_ratings_are_means_of_stars() -> None:
    document = {"metadata": {"identifier": "x"}, "reviews": [{"stars": "5"}, {"stars": "4"}, {"stars": None}, "what"]}
    found = item_of_metadata(document)
    assert (found.rating, found.review_count) == (4.5, 3)
    assert item_of_listed({"identifier": "x", "avg_rating": 0, "num_reviews": "2"}).rating is None


def test_checksums_are_read_as_tapers_write_them() -> None:
    one, two = "a" * 32, "B" * 32
    lines = f"; made by some tool\r\n{one} *t 1.flac\r\n{two}  t2.flac\r\n"
    assert md5s_of(lines) == {"t 1.flac": one, "t2.flac": two.lower()}
    assert md5s_of(f"{one} *t1.flac {two} *t2.flac") == {"t1.flac": one, "t2.flac": two.lower()}
    assert fingerprints_of(f"t1.flac:{one}\nt2.flac: {two}\nt3.flac:{'0' * 32}") == {
        "t1.flac": one,
        "t2.flac": two.lower(),
    }
    assert md5s_of("nothing\n of the kind") == {} and md5s_of("") == {}


def test_the_checksums_beside_the_emulator_s_tapes_are_those_of_its_document(tmp_path: Path) -> None:
    archive = Archive(World())
    held = next(one for name, one in archive.items.items() if name.startswith(("on2018", "on18")))
    found = item_of_metadata(held.document())
    sums = {file.name: file.md5 for track in found.tracks for file in track.files}
    sidecars = {one.format: held.files[one.name].read().decode() for one in found.sidecars}
    assert md5s_of(sidecars["Checksums"]).items() <= sums.items()
    assert md5s_of(held.metadata["md5s"]) == md5s_of(sidecars["Checksums"])
    assert fingerprints_of(sidecars["Flac FingerPrint"]).keys() == md5s_of(sidecars["Checksums"]).keys()
