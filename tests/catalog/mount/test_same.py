"""Two files mounted, and the snapshot built from them, say the same of everything: only ranks, and ties among them, differ."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from segue.catalog.build.building import Options, build
from segue.catalog.mount.store import MountStore
from segue.catalog.records import Kind
from segue.catalog.snapshot.manifest import read_manifest
from segue.catalog.snapshot.store import SnapshotStore
from segue.catalog.sources import open_source
from segue.catalog.store import Store
from segue.catalog.synth import tables
from segue.catalog.synth.making import make

KINDS: tuple[Kind, ...] = ("track", "album", "artist")
read = msgspec.json.decode


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    folder = tmp_path_factory.mktemp("both")
    make(folder, 1_500, features=True)
    main, files, features = (folder / name for name in (tables.MAIN, tables.FILES, tables.FEATURES))
    snapshot = folder / "snapshot"
    build(open_source(main=main, files=files, features=features), snapshot, Options())
    mounted, built = MountStore(main, files, features), SnapshotStore(snapshot, read_manifest(snapshot))
    yield mounted, built
    mounted.close()
    built.close()


def every(store: Store, kind: Kind, question: str) -> list[str]:
    assert isinstance(store, MountStore)
    database = sqlite3.connect(store.path)
    found = [value for (value,) in database.execute(question.format(table=f"{kind}s"))]
    database.close()
    return found


def documents(store: Store, kind: Kind, ids: list[str]) -> list[Any]:
    ranks = [rank for rank in store.ranks(kind, ids) if rank is not None]
    assert len(ranks) == len(ids)
    bodies = {"track": store.tracks, "album": store.albums, "artist": store.artists}[kind](ranks)
    return list(zip(map(read, bodies), store.more(kind, ranks), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_every_document_is_the_same(both: tuple[Store, Store], kind: Kind) -> None:
    mounted, built = both
    ids = every(mounted, kind, "SELECT id FROM {table}")
    assert documents(mounted, kind, ids) == documents(built, kind, ids)
    assert mounted.counts() == built.counts()


def test_codes_albums_and_discographies_lead_to_the_same(both: tuple[Store, Store]) -> None:
    mounted, built = both
    codes = every(mounted, "track", "SELECT DISTINCT external_id_isrc FROM {table} WHERE external_id_isrc NOT NULL")
    for one, other in zip(mounted.isrcs(codes), built.isrcs(codes), strict=True):
        first, second = (
            [read(body) for body in store.tracks(ranks)] for store, ranks in ((mounted, one), (built, other))
        )
        assert [track["popularity"] for track in first] == [track["popularity"] for track in second]
        assert {track["id"] for track in first} == {track["id"] for track in second} != set()
    albums = every(mounted, "album", "SELECT id FROM {table}")
    for one, other in zip(mounted.ranks("album", albums), built.ranks("album", albums), strict=True):
        assert one is not None
        assert other is not None
        assert mounted.tracks(mounted.album_tracks(one), album=False) == built.tracks(
            built.album_tracks(other), album=False
        )
    artists = every(mounted, "artist", "SELECT id FROM {table}")
    for one, other in zip(mounted.ranks("artist", artists), built.ranks("artist", artists), strict=True):
        assert one is not None
        assert other is not None
        first, second = (
            [read(body) for body in store.albums(ranks)]
            for store, ranks in ((mounted, mounted.artist_albums(one)), (built, built.artist_albums(other)))
        )
        assert {album["id"] for album in first} == {album["id"] for album in second}
        assert [album["release_date"][:4] for album in first] == [album["release_date"][:4] for album in second]
