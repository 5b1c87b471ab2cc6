"""What a list is when it goes out: its own words and its rows, with everything a format may have a place for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from segue.playlists.exchange.locations import OWN
from segue.playlists.exchange.mixes import OutMix

Paths = Literal["relative", "absolute", "url"]
"""How files are named: by their path inside the library, by their whole path, or by an address of this server."""


@dataclass(frozen=True, slots=True)
class OutList:
    """A list to write."""

    name: str
    comment: str = ""
    owner: str = ""
    kind: str = "manual"
    query: str | None = None
    changed_at: datetime | None = None
    document: Mapping[str, Any] | None = None
    """A smart list as `.nsp`, where it can be said in that."""


@dataclass(frozen=True, slots=True)
class OutRow:
    """A row to write. `location` is as the asked kind of paths has it; empty where there is no file."""

    title: str
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    duration_ms: int | None = None
    disc: int | None = None
    position: int | None = None
    track_id: int | None = None
    external_ids: Mapping[str, str] = field(default_factory=dict)
    location: str = ""
    comment: str = ""
    added_at: datetime | None = None
    mix: OutMix | None = None
    """Beats, key and points, for formats that have a place for them."""

    def all_ids(self) -> dict[str, str]:
        """Its ids by namespace, our own among them."""
        own = {OWN: f"tr-{self.track_id}"} if self.track_id is not None else {}
        return {**{name: str(value) for name, value in self.external_ids.items()}, **own}
