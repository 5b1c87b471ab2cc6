"""A source that gives what a test wrote down, or a made-up catalogue of any size."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from segue.catalog.records import Album, Artist, Counts, Damage, Image, Track

R = TypeVar("R", Artist, Album, Track)


@dataclass
class Given:
    """Records in lists. `asked` are the places that streams were begun behind, by kind."""

    given_artists: Sequence[Artist] = ()
    given_albums: Sequence[Album] = ()
    given_tracks: Sequence[Track] = ()
    namespace: str = "spotify"
    version: str = "1"
    name: str = "two-file"
    licence: str = "unknown"
    damage: list[Damage] = field(default_factory=list)
    position: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    def identity(self) -> str:
        return self.version

    def counts(self) -> Counts:
        return Counts(len(self.given_tracks), len(self.given_albums), len(self.given_artists))

    def artists(self, after: str = "") -> Iterator[Artist]:
        return self._stream("artist", self.given_artists, after)

    def albums(self, after: str = "") -> Iterator[Album]:
        return self._stream("album", self.given_albums, after)

    def tracks(self, after: str = "") -> Iterator[Track]:
        return self._stream("track", self.given_tracks, after)

    def _stream(self, kind: str, records: Sequence[R], after: str) -> Iterator[R]:
        self.asked.append((kind, after))
        first = int(after or 0)
        for place, record in enumerate(islice(records, first, None), first + 1):
            self.position = str(place)
            yield record


BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
WORDS = ("Love", "Night", "Über", "東京", "Don’t", "Blue", "Señor", "Rain", "Ω", "River", "Mix", "Live")


def made_up(tracks: int, seed: int = 1, *, sparse: bool = False) -> Given:
    """A catalogue with all that records may hold. `sparse`: keys are numbers far apart, as outside ids make them."""
    chance = random.Random(seed)

    def id() -> str:
        return "".join(chance.choices(BASE62, k=22))

    def name() -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(1, 3)))

    def keys(count: int) -> list[int]:
        return chance.sample(range(1, 2**63), count) if sparse else chance.sample(range(1, count + 1), count)

    artist_keys, album_keys = keys(max(tracks // 10, 3)), keys(max(tracks // 5, 3))
    artists = [
        Artist(
            key=key, id=id(), name=name(), followers=chance.choice((0, 0, 5, chance.randint(0, 10**8))),
            popularity=chance.choice((0, 0, chance.randint(0, 100))), genres=("pop", "rock")[: chance.randint(0, 2)],
            images=(Image("https://i.example/1", 640, 640),)[: chance.randint(0, 1)],
            aliases=(name(),)[: chance.randint(0, 1)], ids=(f"musicbrainz:artist:{key}",)[: chance.randint(0, 1)],
        )
        for key in artist_keys
    ]  # fmt: skip
    albums = []
    for key in album_keys:
        who = chance.sample(artist_keys, 3)
        credited = chance.randint(0, 2)
        date = chance.choice(("1977", "1977-05", "1977-05-08", "2020-01-01", "", "0000"))
        albums.append(
            Album(
                key=key, id=id(), name=name(), type="album", label=name(), release_date=date, precision="day",
                total_tracks=chance.randint(1, 20), popularity=chance.choice((0, chance.randint(0, 100))),
                upc=chance.choice((None, f"{chance.randint(10**10, 10**12):013}")), copyright=chance.choice((None, "C")),
                images=(Image("https://i.example/2", 64, 64),) * chance.randint(0, 3), artists=tuple(who[:credited]),
                appears=tuple(who[credited:2]), genres=("jazz",)[: chance.randint(0, 1)],
                ids=(f"discogs:release:{key}",)[: chance.randint(0, 1)],
                licence=chance.choice((None, "CC0")), more={"barcode": 1} if chance.random() < 0.1 else None,
            )
        )  # fmt: skip
    shared = f"USAAA{chance.randint(10**6, 10**7 - 1)}"
    made = []
    for key in keys(tracks):
        isrcs = (f"GBXYZ{chance.randint(10**6, 10**7 - 1)}", shared)[:: chance.choice((1, -1))][
            : chance.choice((0, 1, 1, 1, 2))
        ]
        made.append(
            Track(
                key=key, id=id(), name=name(), album=chance.choice(album_keys), duration_ms=chance.randint(1, 10**6),
                track_number=chance.randint(0, 20), disc_number=chance.randint(1, 3), explicit=chance.random() < 0.1,
                popularity=chance.choice((0, 0, chance.randint(0, 100))), isrcs=isrcs,
                preview_url=chance.choice((None, "https://p.example/1")),
                artists=tuple(chance.sample(artist_keys, chance.randint(0, 3))), original_title=chance.choice((None, name())),
                version_title=chance.choice((None, "Live")), has_lyrics=chance.choice((None, True, False)),
                languages=("en", "zxx")[: chance.randint(0, 2)], artist_roles=("main_artist",) * chance.randint(0, 2),
                ids=(f"musicbrainz:recording:{key}",)[: chance.randint(0, 1)], licence=chance.choice((None, "CC0")),
                more={"features": {"tempo": 120.5}} if chance.random() < 0.2 else None,
            )
        )  # fmt: skip
    return Given(artists, albums, made)
