"""Those who listen at an emulated service, and what they are said to have heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Heard:
    """One listen as it was sent. `at` is in seconds since 1970."""

    at: int
    artist: str
    track: str
    album: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    inserted_at: float = 0.0

    @property
    def key(self) -> tuple[int, str, str]:
        return (self.at, self.artist.casefold(), self.track.casefold())


@dataclass
class Listener:
    """An account. Listens with the same moment, artist and track are one; `sent` counts every time one arrived."""

    name: str
    heard: dict[tuple[int, str, str], Heard] = field(default_factory=dict)
    sent: int = 0
    changed: list[tuple[Heard, Heard]] = field(default_factory=list)
    """Listens that arrived again with other fields than the first time, which never should be."""
    playing: Heard | None = None
    playing_until: float = 0.0
    loved: dict[tuple[str, str], float] = field(default_factory=dict)
    """By (artist, track), since when."""
    feedback: dict[str, int] = field(default_factory=dict)
    """By recording MBID: 1 loved, -1 hated."""

    def hear(self, one: Heard) -> bool:
        """Take a listen; False where it was there."""
        self.sent += 1
        before = self.heard.get(one.key)
        if before is None:
            self.heard[one.key] = one
            return True
        if (before.artist, before.track, before.album, before.more) != (one.artist, one.track, one.album, one.more):
            self.changed.append((before, one))
        return False

    def newest_first(self) -> list[Heard]:
        return sorted(self.heard.values(), key=lambda one: (-one.at, one.artist, one.track))
