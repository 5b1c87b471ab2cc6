"""Records that are already in memory, as a source: for a catalogue small enough to write down."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from segue.catalog.records import Album, Artist, Counts, Damage, Track

Record = TypeVar("Record", Artist, Album, Track)


class ListedSource:
    """Gives the records it was made with, in their order."""

    def __init__(
        self,
        name: str,
        namespace: str,
        licence: str,
        artists: Sequence[Artist],
        albums: Sequence[Album],
        tracks: Sequence[Track],
    ) -> None:
        self.name, self.namespace, self.licence = name, namespace, licence
        self.damage: list[Damage] = []
        self.position = ""
        self._artists, self._albums, self._tracks = artists, albums, tracks

    def identity(self) -> str:
        said = msgspec.json.encode([self._artists, self._albums, self._tracks])
        return f"{self.name}:{hashlib.blake2b(said, digest_size=16).hexdigest()}"

    def counts(self) -> Counts:
        return Counts(len(self._tracks), len(self._albums), len(self._artists))

    def artists(self, after: str = "") -> Iterator[Artist]:
        return self._behind(self._artists, after)

    def albums(self, after: str = "") -> Iterator[Album]:
        return self._behind(self._albums, after)

    def tracks(self, after: str = "") -> Iterator[Track]:
        return self._behind(self._tracks, after)

    def _behind(self, records: Sequence[Record], after: str) -> Iterator[Record]:
        for place in range(int(after or -1) + 1, len(records)):
            self.position = str(place)
            yield records[place]
