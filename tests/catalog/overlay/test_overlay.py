"""What is added between two builds is found by everything a catalogue is found by, and is in the next build."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from segue.catalog.build.building import build
from segue.catalog.current import Current
from segue.catalog.overlay.additions import Additions
from segue.catalog.overlay.reading import ADDED, compiled
from segue.catalog.records import Album, Artist, Track
from segue.catalog.snapshot.layout import CATALOG
from segue.catalog.snapshot.opening import SnapshotBackend, Watcher, open_snapshot
from tests.catalog.build.given import Given
from tests.waiting import PATIENCE_S

BAND = Artist(key=1, id="A" * 22, name="The Known", followers=500, popularity=50)
RECORD = Album(key=1, id="B" * 22, name="Old Record", release_date="1999", artists=(1,), popularity=40)
ONE = ("USAAA0000001",)
SOURCE = Given(
    [BAND, Artist(key=2, id="a" * 22, name="Somebody", followers=9)],
    [RECORD],
    [
        Track(key=1, id="C" * 22, name="First Song", album=1, track_number=1, popularity=60, isrcs=ONE, artists=(1,)),
        Track(key=2, id="D" * 22, name="Third Song", album=1, track_number=3, popularity=10, artists=(1,)),
    ],
)  # fmt: skip


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    build(SOURCE, tmp_path / "snapshot")
    return tmp_path / "snapshot"


@pytest.fixture
def additions(snapshot: Path) -> Additions:
    return Additions(snapshot, "spotify", "unknown")


def song(key: int, letter: str, name: str, popularity: int, **said: object) -> Track:
    return msgspec.structs.replace(
        Track(key=key, id=letter * 22, name=name, album=7, track_number=key, popularity=popularity, artists=(5,)),
        **said,
    )


def add_songs(additions: Additions) -> None:
    """Two more of the old record, whose ISRC another has already, and an artist of their own."""
    band, record = msgspec.structs.replace(BAND, key=5), msgspec.structs.replace(RECORD, key=7, artists=(5,))
    additions.add(
        [band, Artist(key=6, id="E" * 22, name="Newcomer", followers=100)],
        [
            record,
            Album(key=8, id="F" * 22, name="New Record", release_date="2026-01", artists=(5, 6), upc="0012345678905"),
        ],
        [
            song(2, "G", "Second Song", 30, isrcs=ONE, ids=("musicbrainz:recording:2",)),
            song(1, "H", "Newest Song", 99, album=8, isrcs=("USAAA0000009",), artists=(6,)),
        ],
    )


def names(backend: SnapshotBackend, ranks: object) -> list[str]:
    return [msgspec.json.decode(one)["name"] for one in backend.store.tracks(ranks)]  # type: ignore[arg-type]


async def test_what_was_added_is_found_by_every_id_and_shown_whole(snapshot: Path, additions: Additions) -> None:
    add_songs(additions)
    backend = open_snapshot(snapshot)
    store = backend.store
    (rank,) = store.ranks("track", ["H" * 22])
    assert rank is not None and rank > ADDED
    shown = msgspec.json.decode(store.tracks([rank])[0])
    assert (shown["album"]["name"], shown["artists"][0]["name"]) == ("New Record", "Newcomer")
    assert names(backend, store.isrcs(["us-aaa-00-00001"])[0]) == ["First Song", "Second Song"]
    assert store.external(["musicbrainz:recording:2"]) == [("track", store.ranks("track", ["G" * 22])[0])]
    assert store.upcs(["12345678905"])[0] == store.ranks("album", ["F" * 22])
    assert store.ranks("track", ["C" * 22, "Z" * 22]) == [1, None]
    counts = store.counts()
    assert (counts.tracks, counts.albums, counts.artists) == (4, 2, 3)
    await backend.close()


async def test_an_album_and_an_artist_of_the_snapshot_have_what_was_added_to_them(
    snapshot: Path, additions: Additions
) -> None:
    add_songs(additions)
    backend = open_snapshot(snapshot)
    store = backend.store
    for (album,) in (store.ranks("album", ["B" * 22]), [1]):
        assert album is not None
        assert names(backend, store.album_tracks(album)) == ["First Song", "Second Song", "Third Song"]
    (artist,) = store.ranks("artist", ["A" * 22])
    assert artist is not None
    albums = [msgspec.json.decode(one)["name"] for one in store.albums(store.artist_albums(artist))]
    assert albums == ["New Record", "Old Record"]
    await backend.close()


async def test_searches_find_both_in_the_order_of_popularity(snapshot: Path, additions: Additions) -> None:
    add_songs(additions)
    backend = open_snapshot(snapshot)
    found = await backend.search("track", "song")
    assert names(backend, found.ranks) == ["Newest Song", "First Song", "Second Song", "Third Song"]
    assert names(backend, (await backend.search("track", "song", limit=3)).ranks) == [
        "Newest Song",
        "First Song",
        "Second Song",
    ]
    artists = (await backend.search("artist", "newcomer")).ranks
    assert [msgspec.json.decode(one)["name"] for one in backend.store.artists(artists)] == ["Newcomer"]
    assert names(backend, (await backend.search("track", "third")).ranks) == ["Third Song"]
    await backend.close()


async def test_what_has_the_id_of_a_row_takes_its_place(snapshot: Path, additions: Additions) -> None:
    additions.add(tracks=[song(1, "C", "First Song, Mended", 61, isrcs=ONE)])
    additions.add(tracks=[song(1, "C", "First Song, Mended Again", 62, isrcs=ONE)])
    backend = open_snapshot(snapshot)
    store = backend.store
    assert names(backend, [1]) == ["First Song, Mended Again"]
    assert names(backend, store.isrcs(["USAAA0000001"])[0]) == ["First Song, Mended Again"]
    assert names(backend, (await backend.search("track", "first song")).ranks) == ["First Song, Mended Again"]
    assert store.counts().tracks == 2
    await backend.close()


async def test_the_next_build_folds_them_in(snapshot: Path, additions: Additions) -> None:
    add_songs(additions)
    built = build(SOURCE, snapshot)
    assert (built.counts.tracks, built.counts.albums, built.counts.artists) == (4, 2, 3)
    assert additions.source().counts().tracks == 0
    backend = open_snapshot(snapshot)
    (rank,) = backend.store.ranks("track", ["G" * 22])
    assert rank is not None and rank < ADDED
    (album,) = backend.store.ranks("album", ["B" * 22])
    assert album is not None
    assert names(backend, backend.store.album_tracks(album)) == ["First Song", "Second Song", "Third Song"]
    await backend.close()


async def test_a_running_catalogue_takes_up_what_is_added(snapshot: Path, additions: Additions) -> None:
    current = Current(open_snapshot(snapshot))
    before = current.now.id
    stop = asyncio.Event()
    watching = asyncio.create_task(Watcher(snapshot, current).run(stop))
    await asyncio.to_thread(add_songs, additions)
    async with asyncio.timeout(PATIENCE_S):
        while current.now.id == before:
            await asyncio.sleep(0.05)
    assert (await current.now.ranks("track", ["G" * 22]))[0]
    stop.set()
    await watching
    await current.now.close()


async def test_damaged_additions_are_left_out(snapshot: Path, additions: Additions) -> None:
    add_songs(additions)
    with (compiled(snapshot) / CATALOG).open("r+b") as file:
        file.truncate(100)
    backend = open_snapshot(snapshot)
    assert backend.store.counts().tracks == 2
    await backend.close()
    additions.add(tracks=[song(9, "I", "One More", 1)])
    backend = open_snapshot(snapshot)
    assert backend.store.counts().tracks == 5
    await backend.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


pytestmark = pytest.mark.anyio
