"""A record shop of a few shelves, in which every kind of name stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from segue.catalog.records import Album, Artist, Kind, Track
from segue.catalog.search.searcher import SnapshotSearcher
from tests.catalog.tiny import base62, write_snapshot

ARTISTS = [
    Artist(key=1, id=base62(1), name="Queen", followers=900, popularity=80, genres=("rock", "glam rock")),
    Artist(key=2, id=base62(2), name="Beyoncé", followers=900, popularity=90, genres=("pop", "r&b")),
    Artist(key=3, id=base62(3), name="AC/DC", followers=500, popularity=70, genres=("hard rock",)),
    Artist(key=4, id=base62(4), name="Кино", followers=300, popularity=60, genres=("post-punk",)),
    Artist(key=5, id=base62(5), name="きゃりーぱみゅぱみゅ", followers=250, popularity=50, genres=("art pop",)),
    Artist(key=6, id=base62(6), name="!!!", followers=200, popularity=40),
    Artist(key=7, id=base62(7), name="blink-182", followers=190, popularity=30),
    Artist(key=8, id=base62(8), name="The Queen Tribute", followers=180, popularity=20),
    Artist(key=9, id=base62(9), name="Sheena Ringo", followers=170, popularity=20, aliases=("椎名林檎",)),
    Artist(key=10, id=base62(10), name="P!nk", followers=160, popularity=10),
    Artist(key=11, id=base62(11), name="The Beatles", followers=150, popularity=10),
    Artist(key=12, id=base62(12), name="Μίκης Θεοδωράκης", followers=140, popularity=10),
]


def _album(key: int, name: str, label: str, date: str, popularity: int, artists: tuple[int, ...]) -> Album:
    appears = (1,) if key == 2 else ()
    upc = "602547202307" if key == 1 else None
    return Album(
        key=key,
        id=base62(20 + key),
        name=name,
        label=label,
        release_date=date,
        popularity=popularity,
        artists=artists,
        appears=appears,
        upc=upc,
    )


ALBUMS = [
    _album(1, "A Night at the Opera", "EMI", "1975-11-21", 90, (1,)),
    _album(2, "Lemonade", "Parkwood Columbia", "2016", 85, (2,)),
    _album(3, "Back in Black", "Atlantic", "1980-07-25", 80, (3,)),
    _album(4, "Группа крови", "Мороз Рекордс", "1988", 70, (4,)),
    _album(5, "Odds and Ends", "Blue Note", "1999", 10, (5, 6, 7, 8, 9, 10, 11, 12)),
]
TRACKS = [
    Track(key=1, id=base62(31), name="Bohemian Rhapsody", album=1, popularity=90, artists=(1,), isrcs=("GBUM71029604",)),
    Track(key=2, id=base62(32), name="Love of My Life", album=1, popularity=80, artists=(1,)),
    Track(key=3, id=base62(33), name="Crazy in Love (feat. Queen)", album=2, popularity=79, artists=(2, 1)),
    Track(key=4, id=base62(34), name="Love Drought", album=2, popularity=60, artists=(2,)),
    Track(key=5, id=base62(35), name="You Shook Me All Night Long", album=3, popularity=75, artists=(3,)),
    Track(key=6, id=base62(36), name="Группа крови", album=4, popularity=70, artists=(4,)),
    Track(key=7, id=base62(37), name="にんじゃりばんばん", album=5, popularity=50, artists=(5,)),
    Track(key=8, id=base62(38), name="Must Be the Moon", album=5, popularity=45, artists=(6,)),
    Track(key=9, id=base62(39), name="All the Small Things", album=5, popularity=74, artists=(7,)),
    Track(key=10, id=base62(40), name="Bohemian Rhapsody - Live", album=5, popularity=95, artists=(8,)),
    Track(key=11, id=base62(41), name="Love", album=5, popularity=5, artists=(9,)),
    Track(key=12, id=base62(42), name="Lovers Rock", album=5, popularity=99, artists=(10,)),
    Track(key=13, id=base62(43), name="Don't Stop Me Now", album=5, popularity=73, artists=(1,)),
    Track(key=14, id=base62(44), name="100% Pure_Love", album=5, popularity=4, artists=(6,)),
    Track(key=15, id=base62(45), name="愛の讃歌", album=5, popularity=3, artists=(9,)),
    Track(key=16, id=base62(46), name="Ζορμπάς", album=5, popularity=2, artists=(12,)),
    Track(key=17, id=base62(47), name="사랑", album=5, popularity=1, artists=(12,)),
]  # fmt: skip

Find = Callable[..., list[str]]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_snapshot(
        tmp_path_factory.mktemp("shop") / "snapshot", artists=ARTISTS, albums=ALBUMS, tracks=TRACKS, trigram=True
    )


@pytest.fixture(scope="session")
def searcher(shop: Path) -> Iterator[SnapshotSearcher]:
    opened = SnapshotSearcher(shop)
    yield opened
    opened.close()


def names(kind: Kind, ranks: Sequence[int]) -> list[str]:
    """What these ranks are called."""
    rows: dict[Kind, Sequence[Artist | Album | Track]] = {
        "artist": sorted(ARTISTS, key=lambda one: (-one.followers, -one.popularity, one.key)),
        "album": sorted(ALBUMS, key=lambda one: (-one.popularity, one.key)),
        "track": sorted(TRACKS, key=lambda one: (-one.popularity, one.key)),
    }
    return [rows[kind][rank - 1].name for rank in ranks]


@pytest.fixture(scope="session")
def find(searcher: SnapshotSearcher) -> Find:
    def found(text: str, kind: Kind = "track", **asked: object) -> list[str]:
        return names(kind, searcher.search(kind, text, **asked).ranks)  # type: ignore[arg-type]

    return found
