"""A snapshot read: ids, codes and barcodes to ranks, ranks to documents that are spliced together."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from segue.catalog.records import Album, Artist, Counts, Track
from segue.catalog.snapshot import store as reading
from segue.catalog.snapshot.manifest import SnapshotDamaged, read_manifest
from segue.catalog.snapshot.store import SnapshotStore
from tests.catalog.tiny import (
    ALBUMS,
    ARTISTS,
    TRACKS,
    album_document,
    artist_document,
    base62,
    track_document,
    write_snapshot,
)

read = msgspec.json.decode


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_snapshot(tmp_path_factory.mktemp("tiny") / "snapshot")


@pytest.fixture
def store(folder: Path) -> Iterator[SnapshotStore]:
    store = SnapshotStore(folder, read_manifest(folder))
    yield store
    store.close()


def whole_album(album: Album, artists: list[Artist]) -> dict[str, Any]:
    document = album_document(album)
    if album.artists:
        document["artists"] = [artist_document(next(one for one in artists if one.key == key)) for key in album.artists]
    return document


def whole_track(track: Track, albums: list[Album], artists: list[Artist]) -> dict[str, Any]:
    document = track_document(track)
    for album in albums:
        if album.key == track.album:
            document["album"] = whole_album(album, artists)
    if track.artists:
        document["artists"] = [artist_document(next(one for one in artists if one.key == key)) for key in track.artists]
    return document


def test_every_document_is_found_by_its_id_and_spliced_whole(store: SnapshotStore) -> None:
    ranks = store.ranks("track", [one.id for one in TRACKS])
    assert ranks == [1, 2, 4, 3, 5]
    assert [read(one) for one in store.tracks([1, 2, 4, 3, 5])] == [whole_track(one, ALBUMS, ARTISTS) for one in TRACKS]
    without = [whole_track(one, [], ARTISTS) for one in TRACKS]
    assert [read(one) for one in store.tracks([1, 2, 4, 3, 5], album=False)] == without
    ranks = store.ranks("album", [one.id for one in ALBUMS])
    assert [read(one) for one in store.albums([rank or 0 for rank in ranks])] == [
        whole_album(one, ARTISTS) for one in ALBUMS
    ]
    ranks = store.ranks("artist", [one.id for one in ARTISTS])
    assert [read(one) for one in store.artists([rank or 0 for rank in ranks])] == [
        artist_document(one) for one in ARTISTS
    ]
    assert store.counts() == Counts(len(TRACKS), len(ALBUMS), len(ARTISTS))


@pytest.mark.parametrize(
    "id", ["", "x", base62(99), TRACKS[0].id[:-1], TRACKS[0].id + "0", '"', "é", "\x00", "a" * 10_000]
)
def test_an_id_that_is_none_is_a_miss(store: SnapshotStore, id: str) -> None:
    assert store.ranks("track", [id, TRACKS[0].id]) == [None, 1]
    assert store.ranks("album", [TRACKS[0].id]) == [None]
    assert store.external([id, f"spotify:track:{id}"]) == [None, None]


def test_an_id_is_verified_where_another_has_the_same_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("segue.catalog.snapshot.layout.hash_of", "segue.catalog.snapshot.store.hash_of"):
        monkeypatch.setattr(module, lambda text: 7)
    folder = write_snapshot(tmp_path / "snapshot")
    store = SnapshotStore(folder, read_manifest(folder))
    assert store.ranks("track", [one.id for one in TRACKS]) == [1, 2, 4, 3, 5]
    assert store.ranks("track", [base62(99)]) == [None]
    assert store.external([ARTISTS[0].ids[0], ALBUMS[1].ids[0], "musicbrainz:artist:none"]) == [
        ("artist", 1), ("album", 2), None
    ]  # fmt: skip
    store.close()


def test_codes_and_barcodes_however_they_are_written(store: SnapshotStore) -> None:
    for code in ("GBAYE9700001", "gbaye9700001", "GB-AYE-97-00001", "gb aye 97 00001"):
        assert store.isrcs([code]) == [[1, 4]]
    assert store.isrcs(["GBAYE9700099", "", "GBAYE970000", "GBAYE97000011", "GBAYE97000é1"]) == [[1], [], [], [], []]
    for code in ("0016861402327", "16861402327", "00016861402327", "0-016861-402327"):
        assert store.upcs([code]) == [[1]]
    assert store.upcs(["", "1", "16861402328", "abc", "1" * 15]) == [[], [], [], [], []]


def test_ids_of_others_and_the_stores_own_by_their_whole_name(store: SnapshotStore) -> None:
    assert store.external(
        [
            TRACKS[0].ids[0],
            ALBUMS[1].ids[0],
            ARTISTS[0].ids[0],
            f"spotify:album:{ALBUMS[0].id}",
            f"spotify:artist:{ARTISTS[1].id}",
        ]
    ) == [("track", 1), ("album", 2), ("artist", 1), ("album", 1), ("artist", 2)]
    assert (
        store.external(["spotify:track", "spotify::", f"deezer:track:{TRACKS[0].id}", "isrc:GBAYE9700001"])
        == [None] * 4
    )


def test_what_the_fuller_api_shows_besides(store: SnapshotStore) -> None:
    assert store.more("track", [1, 2]) == [
        {"ids": list(TRACKS[0].ids), "isrcs": ["GBAYE9700099"], "features": {"tempo": 92.5}},
        {},
    ]
    assert store.more("album", [2])[0]["genres"] == ["rock"]
    assert store.more("artist", [99]) == [{}]


def test_tracks_of_an_album_by_disc_and_number_and_albums_of_an_artist_newest_first(store: SnapshotStore) -> None:
    assert [TRACKS[number].id for number in (1, 0, 2)] == [
        read(one)["id"] for one in store.tracks(store.album_tracks(1))
    ]
    assert store.artist_albums(1) == [1, 2]
    assert store.artist_albums(2) == [2]
    assert store.album_tracks(99) == store.artist_albums(99) == []


def test_a_track_without_an_album_has_none(tmp_path: Path) -> None:
    lost = Track(key=1, id=base62(1), name="Lost", album=77)
    folder = write_snapshot(tmp_path / "snapshot", tracks=[lost])
    store = SnapshotStore(folder, read_manifest(folder))
    assert [read(one) for one in store.tracks([1])] == [track_document(lost)]
    store.close()


def test_what_is_kept_in_memory_is_bounded_and_always_right(
    store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store._albums, "_most", 1)
    monkeypatch.setattr(store._artists, "_most", 1)
    monkeypatch.setattr(reading, "_KEPT_ROWS", 2)
    expected = {one.id: whole_track(one, ALBUMS, ARTISTS) for one in TRACKS}
    random.seed(5)
    for _ in range(200):
        ids = random.choices([*expected], k=3)
        ranks = [rank for rank in store.ranks("track", ids) if rank is not None]
        if random.random() < 0.7:
            assert [read(one) for one in store.tracks(ranks)] == [expected[id] for id in ids]
        assert len(store._albums) <= 1
        assert len(store._rows) <= 2 + 3


@pytest.mark.parametrize(("name", "step"), [("catalog.db", 8192), ("track.bodies", 64)])
def test_bytes_that_cannot_be_so_are_told_as_damage_of_the_file(tmp_path: Path, name: str, step: int) -> None:
    folder = write_snapshot(tmp_path / "snapshot")
    path = folder / name
    whole = path.read_bytes()
    manifest = read_manifest(folder)
    named = set()
    for start in range(step, len(whole), step):
        path.write_bytes((whole[:start] + b"\xa5" * step + whole[start + step :])[: len(whole)])
        try:
            store = SnapshotStore(folder, manifest)
        except SnapshotDamaged as error:
            named.add(error.file)
            continue
        for ask in (
            lambda store=store: store.tracks([1, 2, 3, 4, 5]),
            lambda store=store: store.ranks("track", [one.id for one in TRACKS]),
            lambda store=store: store.isrcs(["GBAYE9700001"]),
            lambda store=store: store.more("track", [1]),
            lambda store=store: store.album_tracks(1),
        ):
            try:
                ask()
            except SnapshotDamaged as error:
                named.add(error.file)
        store.close()
    assert named == {path}
    with pytest.raises(SnapshotDamaged):
        SnapshotStore(tmp_path, manifest)
