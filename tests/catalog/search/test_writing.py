"""The files of search, as they are written."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from zlib import crc32

import pytest

from segue.catalog.search import filling
from segue.catalog.search.buckets import Buckets
from segue.catalog.search.filling import Pairs, fill
from segue.catalog.search.searcher import SnapshotSearcher
from segue.catalog.search.writing import SearchWriter
from segue.catalog.snapshot.layout import SEARCH, TRIGRAM
from tests.catalog.tiny import write_snapshot


@pytest.mark.parametrize("in_memory", [10, 1 << 20])
def test_packed_maps_give_back_what_was_put_in_however_often_they_were_spilled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int
) -> None:
    monkeypatch.setattr(filling, "IN_MEMORY", in_memory)
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE map (bucket INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    pairs = Pairs(tmp_path)
    given = {crc32(str(number).encode()): [number, number + 7] for number in range(3_000)}
    for hash32, numbers in given.items():
        for number in numbers:
            pairs.put(hash32 << 32 | number)
        if hash32 % 100 == 0:
            pairs.made_room()
    assert len(pairs) == 6_000
    there = Buckets(db, "map", fill(db, "map", pairs, most=100))
    for hash32, numbers in given.items():
        assert set(numbers) <= set(there.numbers(hash32))
    assert there.numbers(12_345) == []
    assert list(tmp_path.iterdir()) == []


def test_of_one_hash_the_lowest_numbers_are_kept(tmp_path: Path) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE map (bucket INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    pairs = Pairs(tmp_path)
    for number in range(50, 0, -1):
        pairs.put(77 << 32 | number)
    assert Buckets(db, "map", fill(db, "map", pairs, most=3)).numbers(77) == [1, 2, 3]


def _write(folder: Path) -> dict[str, bytes]:
    writer = SearchWriter(folder, trigram=True)
    writer.artists([(1, "Queen", ("The Queen",), ("rock",))])
    writer.albums([(1, "A Night at the Opera", ("Queen",), "EMI", 1975, ())])
    writer.tracks([(number, f"Song {number}", ("Queen",)) for number in range(1, 200)])
    writer.finish()
    return {name: (folder / name).read_bytes() for name in (SEARCH, TRIGRAM)}


def test_a_stage_that_was_killed_is_done_again_from_its_beginning(tmp_path: Path) -> None:
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
    killed = SearchWriter(tmp_path / "again", trigram=True)
    killed.tracks([(1, "Something else", ("Nobody",))])
    killed.close()
    for name in (SEARCH, TRIGRAM):
        (tmp_path / "again" / f"{name}-journal").write_bytes(b"left behind")
    assert _write(tmp_path / "again") == _write(tmp_path / "once")
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == [SEARCH, TRIGRAM]


def test_a_file_that_was_not_finished_is_never_searched(tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path / "snapshot")
    writer = SearchWriter(folder, trigram=False)
    writer.tracks([(1, "Something else", ("Nobody",))])
    writer.close()
    with pytest.raises(Exception, match="damaged") as raised:
        SnapshotSearcher(folder)
    assert type(raised.value).__name__ == "SnapshotDamaged"
    assert not (folder / TRIGRAM).exists()


def test_a_catalogue_without_rows_can_be_searched(tmp_path: Path) -> None:
    searcher = SnapshotSearcher(write_snapshot(tmp_path / "snapshot", artists=(), albums=(), tracks=()))
    for text in ("love", "l", "lo ve", '"love me"', "year:1977", "genre:pop", "isrc:GBUM71029604"):
        for kind in ("track", "album"):
            assert searcher.search(kind, text, count=True).ranks == ()  # type: ignore[arg-type]
    assert searcher.search("track", "love", match="substring").ranks == ()
    searcher.close()


def test_names_that_are_not_text_are_indexed_as_far_as_they_are(tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path / "snapshot")
    writer = SearchWriter(folder, trigram=True)
    writer.artists([(1, "a\ud800b", (), ())])
    writer.albums([(1, "nul\0nul", ("a\ud800b",), "\ud800", 0, ())])
    writer.tracks([(1, "x" * 100_000, ("",)), (2, "", ()), (3, "\0", ("a" * 300,))])
    writer.finish()
    searcher = SnapshotSearcher(folder)
    assert searcher.search("album", "nul").ranks == (1,)
    assert searcher.search("track", "x" * 70).ranks == (1,)
    searcher.close()
