"""What a snapshot must say about given records: worked out plainly, in memory, by another way than the build's."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec

from segue.catalog.records import Album, Artist, Track
from segue.catalog.snapshot.layout import gtin, isrc_code
from segue.catalog.snapshot.manifest import read_manifest
from segue.catalog.snapshot.store import SnapshotStore
from tests.catalog.build.given import Given
from tests.catalog.tiny import album_document, artist_document, track_document

LATE = (9999, 99, 99)


def when(album: Album | None) -> tuple[int, int, int]:
    """The earliest first; no date last."""
    year, month, day = (
        (*(int(part) for part in album.release_date.split("-") if part), 0, 0, 0)[:3] if album else (0, 0, 0)
    )
    return (year, month or 1, day or 1) if year else LATE


class Wanted:
    """The order and the documents that follow from records, of which each id comes once."""

    def __init__(self, source: Given) -> None:
        artists = {one.key: one for one in source.given_artists}
        albums = {one.key: one for one in source.given_albums}

        def followers(keys: tuple[int, ...]) -> int:
            known = [key for key in keys if key in artists]
            return artists[known[0]].followers if known else 0

        def track_order(track: Track) -> Any:
            album = albums.get(track.album)
            of_album = album.popularity if album else 0
            return -track.popularity, -of_album, -followers(track.artists), when(album), track.key

        self.artists: list[Artist] = sorted(
            source.given_artists, key=lambda one: (-one.followers, -one.popularity, one.key)
        )
        self.albums: list[Album] = sorted(
            source.given_albums, key=lambda one: (-one.popularity, -followers(one.artists), when(one), one.key)
        )
        self.tracks: list[Track] = sorted(source.given_tracks, key=track_order)
        self._artist_of, self._album_of = artists, albums
        self.artist_rank = {one.key: rank for rank, one in enumerate(self.artists, 1)}
        self.album_rank = {one.key: rank for rank, one in enumerate(self.albums, 1)}

    def album(self, album: Album) -> dict[str, Any]:
        return album_document(album) | self._credits(album.artists)

    def track(self, track: Track) -> dict[str, Any]:
        found = track_document(track) | self._credits(track.artists)
        if track.album in self._album_of:
            found["album"] = self.album(self._album_of[track.album])
        return found

    def album_tracks(self) -> dict[int, list[int]]:
        found = defaultdict(list)
        for rank, track in enumerate(self.tracks, 1):
            found[self.album_rank.get(track.album, 0)].append((track.disc_number, track.track_number, rank))
        return {album: [rank for _, _, rank in sorted(tracks)] for album, tracks in found.items()}

    def artist_albums(self) -> dict[int, list[int]]:
        found = defaultdict(list)
        for rank, album in enumerate(self.albums, 1):
            year, month, day = when(album)
            newest = (1, 0, 0, 0) if (year, month, day) == LATE else (0, -year, -month, -day)
            for appears, keys in ((0, album.artists), (1, album.appears)):
                for key in keys:
                    found[self.artist_rank.get(key, 0)].append((appears, newest, rank))
        return {artist: [rank for _, _, rank in sorted(albums)] for artist, albums in found.items()}

    def _credits(self, keys: tuple[int, ...]) -> dict[str, Any]:
        known = [artist_document(self._artist_of[key]) for key in keys if key in self._artist_of]
        return {"artists": known} if known else {}


def compare(folder: Path, source: Given) -> None:
    """Assert that everything in the snapshot is what the records say."""
    wanted = Wanted(source)
    store = SnapshotStore(folder, read_manifest(folder))
    try:
        _compare(store, wanted)
    finally:
        store.close()


def _compare(store: SnapshotStore, wanted: Wanted) -> None:
    decode = msgspec.json.decode
    counts = store.counts()
    assert (counts.artists, counts.albums, counts.tracks) == tuple(
        map(len, (wanted.artists, wanted.albums, wanted.tracks))
    )
    everything: tuple[tuple[Any, list[Any], Any, Any], ...] = (
        ("artist", wanted.artists, store.artists, artist_document),
        ("album", wanted.albums, store.albums, wanted.album),
        ("track", wanted.tracks, store.tracks, wanted.track),
    )
    for kind, records, read, document in everything:
        ranks = list(range(1, len(records) + 1))
        assert [decode(one) for one in read(ranks)] == [document(one) for one in records]
        assert store.ranks(kind, [one.id for one in records]) == ranks
        for one, more in zip(records, store.more(kind, ranks), strict=True):
            assert more.get("ids", []) == list(one.ids) and more.get("licence") == one.licence
            assert {name: more.get(name) for name in one.more or {}} == (one.more or {})
        for rank, one in enumerate(records, 1):
            assert store.external(one.ids) == [(kind, rank)] * len(one.ids)
    tracks_of, albums_of = wanted.album_tracks(), wanted.artist_albums()
    for rank in range(1, len(wanted.albums) + 1):
        assert store.album_tracks(rank) == tracks_of.get(rank, [])
    for rank in range(1, len(wanted.artists) + 1):
        assert store.artist_albums(rank) == albums_of.get(rank, [])
    _compare_codes(store, wanted)


def _compare_codes(store: SnapshotStore, wanted: Wanted) -> None:
    isrcs, upcs = defaultdict(list), defaultdict(list)
    for rank, track in enumerate(wanted.tracks, 1):
        for code in dict.fromkeys(isrc_code(isrc) for isrc in track.isrcs):
            if code:
                isrcs[code].append(rank)
    for rank, album in enumerate(wanted.albums, 1):
        if album.upc and gtin(album.upc):
            upcs[gtin(album.upc)].append(rank)
    for track in wanted.tracks:
        for isrc in track.isrcs:
            assert store.isrcs([isrc]) == [isrcs.get(isrc_code(isrc), [])]
    for album in wanted.albums:
        if album.upc:
            assert store.upcs([album.upc]) == [upcs.get(gtin(album.upc), [])]
