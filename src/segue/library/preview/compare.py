"""What became of albums: which were split, merged, added or ended between two moments. Pure functions over who is where."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Track = TypeVar("Track", bound=Hashable)
Album = TypeVar("Album", bound=Hashable)


@dataclass(slots=True)
class Regrouped(Generic[Track, Album]):
    """Albums by what became of them. A track that changed its album splits the one and is merged into the other."""

    splits: dict[Album, dict[Album, list[Track]]] = field(default_factory=dict)
    """An album that was, and the several albums its tracks are in now."""
    merges: dict[Album, dict[Album, list[Track]]] = field(default_factory=dict)
    """An album that is, and the several albums its tracks come from."""
    added: set[Album] = field(default_factory=set)
    """Albums that were not there."""
    ended: dict[Album, Album] = field(default_factory=dict)
    """Albums that have no tracks any more, and where most of them went."""


def regrouped(
    before: Mapping[Track, Album], after: Mapping[Track, Album], existed: Collection[Album]
) -> Regrouped[Track, Album]:
    """Compare the album of every track that took part; `existed` are the albums there were. A track that is only in `after`
    is new. An album in `before` all of whose tracks took part and left has ended."""
    found: Regrouped[Track, Album] = Regrouped()
    went: dict[Album, dict[Album, list[Track]]] = {}
    came: dict[Album, dict[Album, list[Track]]] = {}
    for track, album in after.items():
        if album not in existed:
            found.added.add(album)
        old = before.get(track)
        if old is not None:
            went.setdefault(old, {}).setdefault(album, []).append(track)
            came.setdefault(album, {}).setdefault(old, []).append(track)
    found.splits = {album: into for album, into in went.items() if len(into) > 1}
    found.merges = {album: out_of for album, out_of in came.items() if len(out_of) > 1}
    stay = set(after.values())
    found.ended = {
        album: max(into, key=lambda one: len(into[one])) for album, into in went.items() if album not in stay
    }
    return found
