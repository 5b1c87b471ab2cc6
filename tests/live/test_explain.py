"""From recordings and setlists to concerts in order, on real and on made-up data; and how right the answers are."""

from __future__ import annotations

import gzip
import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from segue.live.explain import Explained, explain, line_of, lines
from segue.live.reading import NotJsonLines, item_of, read_items, read_setlists, setlist_of
from segue.live.records import Setlist, SetlistSet, SetlistSong

Row = dict[str, Any]
LABELS = {"SBD": "SBD", "AUD": "AUD", "MATRIX": "MTX", "FM": "FM"}


class Real:
    """The real recordings of 1965–1976, explained once; labels and lists of recordings are kept away from the command."""

    def __init__(self, folder: Path) -> None:
        self.rows = _rows(folder / "recordings-1965-1976.jsonl.gz")
        self.shows = _rows(folder / "shows-1965-1976.jsonl.gz")
        self.explained = explain(
            read_items(folder / "recordings-1965-1976.jsonl.gz"), read_setlists(folder / "shows-1965-1976.jsonl.gz")
        )
        self.lines = {line["identifier"]: line for line in lines(self.explained)}


@pytest.fixture(scope="module")
def real(reference: Path) -> Real:
    return Real(reference / "live")


def pairs(groups: Iterable[Sequence[str]], of: set[str]) -> set[tuple[str, str]]:
    return {pair for group in groups for pair in itertools.combinations(sorted(of.intersection(group)), 2)}


def test_recordings_of_one_show_are_together_and_others_apart(real: Real) -> None:
    listed = {identifier for show in real.shows for identifier in show["recordings"]}
    true = pairs([show["recordings"] for show in real.shows], listed)
    made = pairs([concert.recordings for concert in real.explained.concerts.values()], listed)
    assert len(true & made) / len(made) >= 0.999
    assert len(true & made) / len(true) >= 0.999


def test_the_shows_of_one_day_are_told_apart(real: Real) -> None:
    """Every recording that the list puts apart from its list's words: one of the late show only, which bears no marker and
    is listed with both, and one song of a late show, likewise."""
    days: dict[str, int] = defaultdict(int)
    for show in real.shows:
        days[show["date"]] += 1
    shows = [show for show in real.shows if days[show["date"]] > 1]
    listed = {identifier for show in shows for identifier in show["recordings"]}
    true = pairs([show["recordings"] for show in shows], listed)
    made = pairs([concert.recordings for concert in real.explained.concerts.values()], listed)
    assert len(true & made) / len(made) >= 0.99
    late_only = {"gd1970-02-13.123814.aud.cooper.flac16", "gd1970-10-30.152644.aud.1-song.flac1644"}
    assert all(late_only & set(pair) for pair in true - made)


def test_source_types_agree_with_labels_that_the_items_do_not_deny(real: Real) -> None:
    """Labels made from single words call soundboards audience recordings because of a Sony deck or Adobe Audition, and
    matrices of both what they name first; those are not counted."""
    right = counted = 0
    for row in real.rows:
        label, said = LABELS.get(row["source_type"]), real.lines[row["identifier"]]["source_type"]
        words = row["identifier"].lower().replace("-", ".").split(".")
        mixed = {"mtx", "matrix", "dts"} & set(words) or "5-1" in row["identifier"]
        board_only = "sbd" in words and "aud" not in words
        if label is None or (label in ("SBD", "AUD") and mixed) or (label == "AUD" and board_only):
            continue
        counted += 1
        right += said == label
    assert counted > 2_500
    assert right / counted >= 0.97


def test_titles_become_songs_of_the_vocabulary(real: Real) -> None:
    songs = [song for line in real.lines.values() for song in line["songs"]]
    assert sum(song["kind"] != "unknown" for song in songs) / len(songs) >= 0.95


def test_the_first_recording_is_complete_where_one_is(real: Real) -> None:
    for key, ranked in real.explained.ranked.items():
        shares = [one.completeness for one in ranked if one.completeness is not None]
        if shares and max(shares) >= 0.9:
            assert (ranked[0].completeness or 0) >= 0.9, key


def test_nothing_of_the_truth_is_looked_at(real: Real) -> None:
    row = dict(real.rows[0])
    lied = row | {"source_type": "AUD", "confidence": 0, "concert": "x"}
    assert item_of(row) == item_of(lied)
    show = next(show for show in real.shows if show["recordings"])
    assert setlist_of(show) == setlist_of(show | {"recordings": ["nothing"], "best_recording": "nothing"})


# --- made up ---------------------------------------------------------------------------------------------------------

SONGS = ("Amber Waltz", "Birch Street", "Cedar Bend", "Daisy Chain", "Elder Song", "Fern Hill")


def recording(identifier: str, titles: Sequence[str] = SONGS, **more: Any) -> Row:
    return {
        "identifier": identifier,
        "title": "The Xylophones Live at Town Hall on 1990-05-06",
        "date": "1990-05-06",
        "venue": "Town Hall",
        "source": "Soundboard",
        "tracks": [
            {"title": title, "duration": 200.5, "formats": [{"format": "Flac", "filename": f"{number}.flac"}]}
            for number, title in enumerate(titles, 1)
        ],
    } | more  # fmt: skip


def explained(*rows: Row, setlists: Sequence[Setlist] = ()) -> Explained:
    items = [item for row in rows if (item := item_of(row)) is not None]
    return explain(items, setlists)


def shown() -> Setlist:
    return Setlist("The Xylophones", "1990-05-06", sets=(SetlistSet("Set 1", tuple(map(SetlistSong, SONGS))),))


def test_a_line_has_the_agreed_members() -> None:
    made = explained(recording("xy1990-05-06.sbd"), setlists=[shown()])
    line = line_of(made, "xy1990-05-06.sbd")
    assert {
        "identifier", "artist", "date", "precision", "sequence", "concerts", "kind", "source_type", "songs", "completeness",
        "rank", "terms", "doubts",
    } <= line.keys()  # fmt: skip
    assert line["concerts"] == ["xylophones|1990-05-06|1"]
    assert (line["artist"], line["date"], line["precision"], line["rank"]) == ("The Xylophones", "1990-05-06", "day", 1)
    assert line["completeness"] == 1.0
    assert line["songs"][0] == {"raw": "Amber Waltz", "song": "Amber Waltz", "kind": "song", "segue": False}
    json.dumps(line)


def test_the_complete_recording_is_first_and_says_why() -> None:
    made = explained(
        recording("xy1990-05-06.sbd.half", SONGS[:3], rating=5.0, review_count=50),
        recording("xy1990-05-06.aud.whole", source="Audience"),
        setlists=[shown()],
    )
    (ranked,) = made.ranked.values()
    assert [one.identifier for one in ranked] == ["xy1990-05-06.aud.whole", "xy1990-05-06.sbd.half"]
    assert ranked[1].missing == SONGS[3:]
    assert {term.code for term in ranked[0].terms} >= {"completeness", "source_type", "rating"}


def test_a_person_pins_what_should_be_first() -> None:
    items = [item for row in (recording("a"), recording("b", SONGS[:3])) if (item := item_of(row))]
    made = explain(items, [shown()], pinned={"xylophones|1990-05-06|1": "b"})
    assert made.concerts["xylophones|1990-05-06|1"].recordings[0] == "b"


def test_identifiers_of_a_band_are_known_by_the_days_of_its_shows_where_nothing_names_it() -> None:
    lists = [Setlist("Xylophones", f"1990-05-{day:02}") for day in range(1, 9)]
    rows = [recording(f"xy1990-05-{day:02}.sbd", title=None, date=None) for day in range(1, 7)]
    made = explained(*rows, setlists=lists)
    assert {line["artist"] for line in lines(made)} == {"Xylophones"}


# --- files -----------------------------------------------------------------------------------------------------------


def test_every_scalar_may_be_a_list_and_the_other_way_round() -> None:
    item = item_of(
        {
            "identifier": ["xy1990-05-06"], "title": ["A", "B"], "creator": "Xylophones", "collection": "stream_only",
            "date": [None, "1990-05-06"], "rating": "4.5", "review_count": ["7"], "runtime": 3, "subject": {"odd": 1},
            "tracks": {"title": ["Amber"], "duration": "02:30", "formats": {"format": ["Flac"], "filename": "a.flac"}},
        }
    )  # fmt: skip
    assert item is not None
    assert (item.identifier, item.title, item.creators, item.date) == (
        "xy1990-05-06",
        "A",
        ("Xylophones",),
        "1990-05-06",
    )
    assert (item.rating, item.review_count, item.runtime, item.stream_only) == (4.5, 7, "3", True)
    (track,) = item.tracks
    assert (track.title, track.duration_ms, track.files[0].format) == ("Amber", 150_000, "Flac")
    bare = item_of({"identifier": "x", "tracks": [None, {"title": None, "duration": -1, "formats": [None]}]})
    assert bare is not None and bare.tracks[0].duration_ms is None
    assert item_of({"title": "no identifier"}) is None
    assert setlist_of({"band": "Xylophones"}) is None
    show = setlist_of(
        {
            "band": "Xylophones",
            "date": "1990-05-06",
            "setlist": {"set_name": "Set 1", "songs": ["Amber", {"name": ["Birch"]}, None]},
        }
    )
    assert show is not None and [song.name for song in show.songs] == ["Amber", "Birch"]


def test_files_are_read_plain_or_gzipped_and_a_line_that_is_no_object_is_named(tmp_path: Path) -> None:
    text = "\ufeff" + json.dumps(recording("a")) + "\n\n" + json.dumps(recording("b")) + "\n"
    (tmp_path / "plain.jsonl").write_text(text, "utf-8")
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    assert read_items(tmp_path / "plain.jsonl") == read_items(tmp_path / "packed.jsonl.gz")
    (tmp_path / "odd.jsonl").write_bytes(
        b'{"identifier": "a", "rating": NaN, "venue": "Caf\xe9"}\n{"identifier": "a", "venue": "later"}\n'
    )
    assert [item.venue for item in read_items(tmp_path / "odd.jsonl")] == ["later"]
    for number, content in enumerate((b'{"identifier": "a"}\nnonsense\n', b'{"identifier": "a"}\n[1]\n')):
        (tmp_path / f"{number}.jsonl").write_bytes(content)
        with pytest.raises(NotJsonLines) as caught:
            read_items(tmp_path / f"{number}.jsonl")
        assert caught.value.params == {"line": 2}
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(text.encode())[:40])
    with pytest.raises(NotJsonLines):
        read_items(tmp_path / "cut.jsonl.gz")


def _rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        return [json.loads(row) for row in rows]
