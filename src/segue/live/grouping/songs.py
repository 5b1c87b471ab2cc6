"""Songs as grouping compares them: the set that a recording holds, the set that a show's list names, how they overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segue.live.records import Heard, Setlist
from segue.live.titles.keys import song_key

Songs = frozenset[str]
NONE: Songs = frozenset()


def songs_of_recording(heard: Sequence[Heard] | None) -> Songs:
    """The songs that its titles name, each once."""
    if not heard:
        return NONE
    return frozenset([song_key(one.song) for one in heard if one.song is not None and one.kind == "song"])


def songs_of_setlist(setlist: Setlist) -> Songs:
    """The songs of all its sets, each once."""
    return frozenset([song_key(song.name) for one in setlist.sets for song in one.songs])


def share_in(songs: Songs, show: Songs) -> float:
    """Which share of `songs` belongs to `show`: 1 for a recording of a part of it, 0 without songs."""
    return len(songs & show) / len(songs) if songs else 0.0


def held_of(show: Songs, songs: Songs) -> float:
    """Which share of `show` is among `songs`."""
    return len(songs & show) / len(show) if show else 0.0


def united(sets: Iterable[Songs]) -> Songs:
    return frozenset().union(*sets)
