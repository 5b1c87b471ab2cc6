"""The ranks of a kind, once all its records are staged: what others name it by, and what their own order needs of it.

Of records with the same id the most popular stays; keys of the others lead to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from segue.catalog.build import keys
from segue.catalog.build.names import NameWriter
from segue.catalog.build.pairs import PairSorter
from segue.catalog.build.problems import Problems
from segue.catalog.build.runs import Chunk, Runs
from segue.catalog.records import Kind
from segue.catalog.snapshot.layout import decompressor

Told = Callable[[int], None]
"""Called with how many records are done; may raise to end the work."""

ArtistRest = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""name, aliases, genres, ids"""
unpack_artist = msgspec.msgpack.Decoder(ArtistRest).decode


class _Id(msgspec.Struct):
    id: str


_read_id = msgspec.json.Decoder(_Id).decode


class Ranked:
    """A kind's records in order of rank, each id once."""

    def __init__(self, work: Path, kind: Kind, runs: Runs, dictionary: bytes) -> None:
        self._runs = runs
        self._kind = kind
        self._dictionary = dictionary
        self._suspects = suspects(work, kind)
        self.dropped: dict[str, int] = {}
        """How often an id came again, once all chunks have been read."""

    def chunks(self, *, bodies: bool = True) -> Iterator[Chunk]:
        for chunk, _, _ in self.chunks_and_dropped(bodies=bodies):
            yield chunk

    def chunks_and_dropped(
        self, *, bodies: bool = True
    ) -> Iterator[tuple[Chunk, NDArray[np.uint64], NDArray[np.uint32]]]:
        """With the keys of records that were left out for their id, and the ranks of those that stayed instead."""
        none = np.empty(0, np.uint64), np.empty(0, np.uint32)
        if not len(self._suspects):
            for chunk in self._runs.chunks(bodies=bodies):
                yield chunk, *none
            return
        plain = decompressor(self._dictionary).decompress
        seen: dict[str, int] = {}
        self.dropped.clear()
        rank = 1
        for chunk in self._runs.chunks():
            chunk.first_rank = rank
            suspected = np.flatnonzero(np.isin(chunk.heads["hash"], self._suspects))
            out = np.zeros(len(chunk), bool)
            documents = chunk.parts("document") if len(suspected) else []
            kept_ranks = []
            for place in suspected.tolist():
                id = _read_id(plain(documents[place])).id
                if id in seen:
                    out[place] = True
                    kept_ranks.append(seen[id])
                    self.dropped[id] = self.dropped.get(id, 0) + 1
                else:
                    seen[id] = rank + place - int(out[:place].sum())
            lost = chunk.heads["key"][out]
            if len(lost):
                chunk = chunk.without(out)
            rank += len(chunk)
            yield chunk, lost, np.array(kept_ranks, np.uint32)


def find_suspects(work: Path, kind: Kind, runs: Runs) -> None:
    """Keep which hashes of ids come more than once: their records have to be looked at."""
    sorter = PairSorter(work / f"{kind}.hashes", value="<u1")
    for hashes in runs.hashes():
        sorter.add(hashes, np.zeros(len(hashes), np.uint8))
    again = [np.unique(ordered[1:][ordered[1:] == ordered[:-1]]) for ordered, _ in sorter.chunks()]
    sorter.close()
    np.save(_suspects(work, kind), np.concatenate(again) if again else np.empty(0, np.uint64))


def suspects(work: Path, kind: Kind) -> NDArray[np.uint64]:
    """The hashes that `find_suspects` kept."""
    found: NDArray[np.uint64] = np.load(_suspects(work, kind))
    return found


def rank_artists(work: Path, ranked: Ranked, count: int, highest: int, told: Told) -> int:
    """Keep artists' ranks by key, and followers and names by rank. How many artists there are."""
    total = 0

    def pairs() -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint32]]]:
        nonlocal total
        with NameWriter(work, "artist") as names, (work / "artist.followers").open("wb") as followers:
            followers.write(bytes(4))
            for chunk, lost, instead in ranked.chunks_and_dropped():
                followers.write(chunk.heads["place"].tobytes())
                names.add([unpack_artist(rest)[0] for rest in chunk.parts("rest")])
                total += len(chunk)
                yield chunk.heads["key"], chunk.ranks()
                yield lost, instead
                told(total)

    keys.write(work, "artist", pairs(), count, highest)
    return total


def rank_albums(work: Path, ranked: Ranked, count: int, highest: int, told: Told) -> int:
    """Keep albums' ranks by key, and dates and popularity by rank. How many albums there are."""
    total = 0

    def pairs() -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint32]]]:
        nonlocal total
        with (work / "album.places").open("wb") as places:
            places.write(bytes(4))
            for chunk, lost, instead in ranked.chunks_and_dropped(bodies=False):
                places.write(chunk.heads["place"].tobytes())
                total += len(chunk)
                yield chunk.heads["key"], chunk.ranks()
                yield lost, instead
                told(total)

    keys.write(work, "album", pairs(), count, highest)
    return total


def count_tracks(ranked: Ranked, count: int) -> int:
    """How many tracks there are."""
    if not len(ranked._suspects):
        return count
    return sum(len(chunk) for chunk in ranked.chunks())


def tell_dropped(problems: Problems, kind: Kind, ranked: Ranked) -> None:
    problems.add(f"duplicate_{kind}", list(ranked.dropped)[:10], sum(ranked.dropped.values()))


def followers(work: Path) -> NDArray[np.uint32]:
    """Of artists, by rank."""
    return np.memmap(work / "artist.followers", "<u4", "r")


def album_places(work: Path) -> NDArray[np.uint32]:
    """Of albums, by rank: the day of release above seven bits of popularity."""
    return np.memmap(work / "album.places", "<u4", "r")


def _suspects(work: Path, kind: Kind) -> Path:
    return work / f"{kind}.suspects.npy"
