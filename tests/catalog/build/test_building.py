"""A build says what its source says, whatever its records are; what cannot be taken is counted, and the rest goes on."""

from __future__ import annotations

import random
import sqlite3
import tracemalloc
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from segue.catalog.build import building, pairs, runs
from segue.catalog.build.building import Options, build
from segue.catalog.build.errors import AlreadyBuilding, BuildCancelled, NotASnapshotFolder, NotWhatItSays
from segue.catalog.build.holding import held
from segue.catalog.build.pairs import PairSorter
from segue.catalog.build.runs import HEAD, Runs
from segue.catalog.records import Album, Artist, Damage, Track
from segue.catalog.snapshot.bodies import FILES
from segue.catalog.snapshot.layout import CATALOG, SEARCH, TRIGRAM
from segue.catalog.snapshot.manifest import previous, read_manifest
from segue.catalog.snapshot.opening import open_snapshot
from segue.catalog.sources.two_file import TwoFileSource
from segue.catalog.synth.making import make
from tests.catalog.build.compared import compare
from tests.catalog.build.given import Given, made_up


def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes at which a few hundred records make many runs and many chunks."""
    monkeypatch.setattr(building, "BLOCK", 37)
    monkeypatch.setattr(runs, "RUN_BYTES", 20_000)
    monkeypatch.setattr(runs, "CHUNK_RECORDS", 50)
    monkeypatch.setattr(runs, "SAMPLE_EVERY", 8)
    monkeypatch.setattr(pairs, "RUN_PAIRS", 70)
    monkeypatch.setattr(pairs, "CHUNK_PAIRS", 40)
    monkeypatch.setattr(pairs, "SAMPLE_EVERY", 4)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sparse", [False, True])
def test_a_snapshot_says_what_its_records_say(
    seed: int, sparse: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_pieces(monkeypatch)
    source = made_up(300, seed, sparse=sparse)
    built = build(source, tmp_path / "snapshot")
    assert built.problems == {}
    compare(tmp_path / "snapshot", source)


def test_few_large_pieces_make_the_same_as_many_small_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = made_up(300, 9)
    large = build(source, tmp_path / "large")
    in_small_pieces(monkeypatch)
    small = build(source, tmp_path / "small")
    assert large.id == small.id


@pytest.mark.parametrize("features", [False, True])
def test_the_two_files_make_the_same_as_their_records_by_themselves(features: bool, tmp_path: Path) -> None:
    files = tmp_path / "files"
    make(files, 600, seed=3, features=features)
    third = files / "track_audio_features.sqlite3" if features else None
    source = TwoFileSource(files / "main_database.sqlite3", files / "track_files.sqlite3", third)
    build(source, tmp_path / "snapshot")
    compare(tmp_path / "snapshot", Given(list(source.artists()), list(source.albums()), list(source.tracks())))


def test_nothing_at_all_is_a_snapshot_as_well(tmp_path: Path) -> None:
    built = build(Given(), tmp_path / "snapshot")
    assert (built.counts.tracks, built.counts.albums, built.counts.artists) == (0, 0, 0)
    open_snapshot(tmp_path / "snapshot").close_now()


def test_tracks_without_album_and_credits_of_nobody_are_counted_and_kept(tmp_path: Path) -> None:
    source = Given(
        [Artist(key=1, id="a" * 22, name="A")],
        [Album(key=1, id="b" * 22, name="B", artists=(7, 1), appears=(8,))],
        [
            Track(key=1, id="c" * 22, name="C", album=1, artists=(9, 1, 10)),
            Track(key=2, id="d" * 22, name="D", album=5, popularity=3),
        ],
    )
    built = build(source, tmp_path / "snapshot")
    compare(tmp_path / "snapshot", source)
    assert built.problems["orphan_track"].examples == ("d" * 22,)
    assert built.problems["orphan_artist_of_track"].count == 1
    assert built.problems["orphan_artist_of_album"].count == 2


def test_an_id_that_comes_again_stays_once_and_the_most_popular_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_pieces(monkeypatch)
    source = made_up(200, 4)
    chance = random.Random(5)
    albums, tracks = list(source.given_albums), list(source.given_tracks)
    dearest = max(one.popularity for one in tracks)
    again = [
        msgspec.structs.replace(one, key=10_000 + one.key, popularity=dearest + 1) for one in chance.sample(tracks, 7)
    ]
    lesser = [
        msgspec.structs.replace(one, key=20_000 + one.key, name="lesser", popularity=0)
        for one in chance.sample(albums, 5)
    ]
    albums = [msgspec.structs.replace(one, popularity=one.popularity + 1) for one in albums]
    built = build(replace(source, given_albums=albums + lesser, given_tracks=again + tracks), tmp_path / "snapshot")
    assert built.problems["duplicate_track"].count == 7
    assert built.problems["duplicate_album"].count == 5
    ids = {one.id for one in again}
    compare(
        tmp_path / "snapshot",
        replace(source, given_albums=albums, given_tracks=again + [one for one in tracks if one.id not in ids]),
    )


def test_what_names_a_lesser_copy_of_an_album_is_led_to_the_one_that_stayed(tmp_path: Path) -> None:
    copies = [
        Album(key=1, id="b" * 22, name="B", popularity=1),
        Album(key=2, id="b" * 22, name="B again", popularity=9),
    ]
    source = Given([], copies, [Track(key=1, id="c" * 22, name="C", album=1)])
    build(source, tmp_path / "snapshot")
    backend = open_snapshot(tmp_path / "snapshot")
    assert msgspec.json.decode(backend.store.tracks([1])[0])["album"]["name"] == "B again"
    assert backend.store.album_tracks(1) == [1]
    backend.close_now()


def test_odd_ids_and_codes_are_counted_and_text_that_cannot_be_written_is_left_out(tmp_path: Path) -> None:
    tracks = [
        Track(key=1, id="not base 62!", name="odd", album=1, isrcs=("US-S1Z-99-00001",)),
        Track(key=2, id="c" * 22, name="\ud800 half a character", album=1),
        Track(key=3, id="d" * 22, name="fine\0nul", album=1, isrcs=("nonsense",)),
        Track(key=4, id="e" * 22, name="not ASCII", album=1, isrcs=("USS1Z99０0001",)),
    ]
    source = Given([], [Album(key=1, id="b" * 22, name="", upc="12-34")], tracks)
    built = build(source, tmp_path / "snapshot")
    compare(tmp_path / "snapshot", replace(source, given_tracks=[tracks[0], *tracks[2:]]))
    assert {name: one.count for name, one in built.problems.items()} == {
        "odd_isrc": 2, "odd_track_id": 1, "odd_upc": 1, "unreadable_track": 1,
    }  # fmt: skip
    backend = open_snapshot(tmp_path / "snapshot")
    assert backend.store.isrcs(["uss1z9900001"]) == [[1]]
    backend.close_now()


def test_damage_of_the_source_is_in_the_manifest(tmp_path: Path) -> None:
    source = replace(made_up(20), damage=[Damage("main.sqlite3", "rowid 5", "its page cannot be read")])
    build(source, tmp_path / "snapshot")
    problem = read_manifest(tmp_path / "snapshot").problems["damaged_source"]
    assert problem.examples == ("main.sqlite3 at rowid 5: its page cannot be read",)


def test_previous_snapshots_stay_by_rule(tmp_path: Path) -> None:
    out = tmp_path / "snapshot"
    ids = [build(replace(made_up(20, seed), version=str(seed)), out, Options(keep=2)).id for seed in range(4)]
    assert [read_manifest(folder).id for folder in (out, previous(out), previous(out, 2))] == ids[:0:-1]
    assert not previous(out, 3).exists()
    build(made_up(20, 9), out, Options(keep=0))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["snapshot"]


def test_an_index_for_substrings_is_built_where_it_is_wanted(tmp_path: Path) -> None:
    assert set(build(made_up(20), tmp_path / "with", Options(trigram=True)).bytes) == {CATALOG, *FILES, SEARCH, TRIGRAM}
    assert set(build(made_up(20), tmp_path / "without").bytes) == {CATALOG, *FILES, SEARCH}


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "song.flac").write_bytes(b"mine")
    with pytest.raises(NotASnapshotFolder):
        build(made_up(20), tmp_path / "music")
    assert [path.name for path in tmp_path.iterdir()] == ["music"]
    (tmp_path / "empty").mkdir()
    build(made_up(20), tmp_path / "empty")


def test_the_second_of_two_builds_says_who_holds_it(tmp_path: Path) -> None:
    with held(tmp_path / "snapshot"), pytest.raises(AlreadyBuilding, match=r"process [0-9]+ on .* since 20"):
        build(made_up(20), tmp_path / "snapshot")
    build(made_up(20), tmp_path / "snapshot")
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot"]


def cancelled_at(what: str, done: int, source: Given, out: Path) -> None:
    """Build until so much of something is done."""
    reached = False

    def told(so_many: int, total: int, now: str) -> None:
        nonlocal reached
        reached = reached or (now == what and so_many >= done)

    with pytest.raises(BuildCancelled):
        build(source, out, progress=told, cancelled=lambda: reached)


def test_a_cancelled_build_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_pieces(monkeypatch)
    source = made_up(300)
    cancelled_at("reading tracks", 200, source, tmp_path / "snapshot")
    source.asked.clear()
    built = build(source, tmp_path / "snapshot")
    assert built.resumed and not built.begun_anew
    kind, after = source.asked[0]
    assert kind == "track" and int(after) > 100, "artists and albums are not read again, nor the first tracks"
    compare(tmp_path / "snapshot", source)


@pytest.mark.parametrize("what", ["ranking albums", "writing tracks", "writing artists", "writing the search index"])
def test_stages_that_are_done_are_not_done_again(what: str, tmp_path: Path) -> None:
    source = made_up(100)
    cancelled_at(what, 0, source, tmp_path / "snapshot")
    told = []
    built = build(source, tmp_path / "snapshot", progress=lambda done, total, what: told.append(what))
    assert told[0] == what and built.resumed
    compare(tmp_path / "snapshot", source)


def test_a_changed_source_begins_anew_and_says_so(tmp_path: Path) -> None:
    cancelled_at("writing tracks", 0, made_up(100, 1), tmp_path / "snapshot")
    other = replace(made_up(100, 2), version="2")
    built = build(other, tmp_path / "snapshot")
    assert built.begun_anew and not built.resumed
    compare(tmp_path / "snapshot", other)


def test_what_is_not_as_the_source_says_does_not_take_the_place(tmp_path: Path) -> None:
    out = tmp_path / "snapshot"
    before = build(made_up(50, 1), out).id
    source = replace(made_up(50, 2), version="2")
    renamed = [msgspec.structs.replace(one, name="changed behind the build's back") for one in source.given_tracks]

    def told(done: int, total: int, what: str) -> None:
        if what == "taking checksums":
            source.given_tracks = renamed

    with pytest.raises(NotWhatItSays, match="name differ"):
        build(source, out, progress=told)
    assert read_manifest(out).id == before
    assert not build(source, out).resumed
    compare(out, source)


def test_a_source_whose_files_change_while_they_are_read_does_not_take_the_place(tmp_path: Path) -> None:
    source = made_up(50)

    def told(done: int, total: int, what: str) -> None:
        if what == "taking checksums":
            source.version = "2"

    with pytest.raises(NotWhatItSays, match="others than when the build began"):
        build(source, tmp_path / "snapshot", progress=told)
    assert not (tmp_path / "snapshot").exists()


def test_progress_says_how_many_of_how_many(tmp_path: Path) -> None:
    told = []
    build(made_up(100), tmp_path / "snapshot", progress=lambda done, total, what: told.append((done, total, what)))
    for what, total in (
        ("reading artists", 10),
        ("reading albums", 20),
        ("reading tracks", 100),
        ("writing tracks", 100),
    ):
        assert (0, total, what) in told and (total, total, what) in told


def test_pairs_come_out_by_key_and_in_the_order_they_went_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "RUN_PAIRS", 1_000)
    monkeypatch.setattr(pairs, "CHUNK_PAIRS", 300)
    monkeypatch.setattr(pairs, "SAMPLE_EVERY", 16)
    chance = np.random.default_rng(7)
    keys = chance.integers(0, 2_000, 10_000, dtype=np.uint64) << np.uint64(52)
    values = np.arange(10_000, dtype=np.uint32)
    sorter = PairSorter(tmp_path / "pairs")
    for first in range(0, 10_000, 77):
        sorter.add(keys[first : first + 77], values[first : first + 77])
    found = list(sorter.chunks())
    order = np.argsort(keys, kind="stable")
    assert len(found) > 20 and len(sorter) == 10_000
    assert np.array_equal(np.concatenate([one for one, _ in found]), keys[order])
    assert np.array_equal(np.concatenate([one for _, one in found]), values[order])


def test_memory_does_not_grow_with_what_is_sorted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RUN_BYTES", 1 << 20)
    monkeypatch.setattr(runs, "CHUNK_RECORDS", 2_000)
    chance = np.random.default_rng(7)
    staged = Runs(tmp_path, "track")
    body = b"x" * 200
    tracemalloc.start()
    for first in range(0, 100_000, 1_000):
        heads = np.zeros(1_000, HEAD)
        heads["order"] = chance.integers(0, 50, 1_000)
        heads["key"] = np.arange(first, first + 1_000)
        heads["document"] = 200
        if staged.add(heads, [bytes(bytearray(body)) for _ in range(1_000)]):
            staged.flush()
    staged.flush()
    last = (-1, -1)
    count = 0
    for chunk in staged.chunks():
        ends = [(int(chunk.heads[place]["order"]), int(chunk.heads[place]["key"])) for place in (0, -1)]
        assert last < ends[0] <= ends[1]
        last = ends[1]
        count += len(chunk)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100_000
    assert most < 8 << 20, "of 26 MB that were sorted"


def test_a_snapshot_has_nothing_of_the_build_in_it(tmp_path: Path) -> None:
    build(made_up(50), tmp_path / "snapshot")
    assert sorted(path.name for path in (tmp_path / "snapshot").iterdir()) == sorted(
        [CATALOG, *FILES, "manifest.json", SEARCH]
    )
    database = sqlite3.connect(tmp_path / "snapshot" / CATALOG)
    assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
    database.close()
