"""Which of the nearest are shown: one track of a sound, no near copies of what is there already, not all of one artist."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segue.analysis.similar.repository import TrackRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAME_SOUND = 0.985
"""A cosine from which on two tracks of one title are taken to be one recording twice: another edition, another codec."""
OF_ONE_ARTIST = 3
"""Tracks of one artist where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Near:
    """A track, the row of its vector, and how like the question it is (a cosine)."""

    track: TrackRow
    place: int
    likeness: float


class Choosing:
    """Takes tracks one after another, the nearest first, until there are `wanted`. `per_artist` 0 is no limit."""

    def __init__(self, wanted: int, per_artist: int = OF_ONE_ARTIST) -> None:
        self.taken: list[Near] = []
        self._wanted = wanted
        self._per_artist = per_artist
        self._artists: Counter[str] = Counter()
        self._titles: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
        self._sounds: set[int] = set()

    @property
    def full(self) -> bool:
        return len(self.taken) >= self._wanted

    def leave_out(self, track: TrackRow, vector: Any) -> None:
        """Neither this track nor a copy of it."""
        self._sounds.add(track.sound_id)
        self._titles[track.title].append(vector)

    def take(self, near: Near, vector: Any) -> bool:
        """Whether the track is taken."""
        track = near.track
        if self.full or track.sound_id in self._sounds:
            return False
        if self._per_artist and self._artists[track.artist] >= self._per_artist:
            return False
        if any(float(vector @ other) >= SAME_SOUND for other in self._titles[track.title]):
            return False
        self._sounds.add(track.sound_id)
        self._titles[track.title].append(vector)
        self._artists[track.artist] += 1
        self.taken.append(near)
        return True
