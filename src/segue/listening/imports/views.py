"""What imports show of themselves, and what they need of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from segue.core.access import Actor


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import. `state` is reading, ready, running, stopped (cancelled or failed midway: it can go on), done, failed,
    undoing or undone. `job` is the one that works on it or did."""

    id: int
    user_id: int
    made_by: int | None
    source: str
    state: str
    name: str
    size_bytes: int
    account: str | None
    has_upload: bool
    people: dict[str, int]
    preview: dict[str, Any] | None
    result: dict[str, Any] | None
    code: str | None
    params: dict[str, Any]
    job: int | None
    progress: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class ThingView:
    """A thing that matched nothing for sure; `found_later` says that its plays belong to a track by now."""

    row: Any
    found_later: bool


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a playlist that comes with an import: a track where it was found, and its words anyway."""

    track_id: int | None
    title: str
    artist: str
    album: str
    duration_ms: int | None
    external_ids: dict[str, str] = field(default_factory=dict)
    path: str = ""
    score: float | None = None
    reasons: list[Any] | None = None


class People(Protocol):
    """Who knows people: accounts."""

    async def actor_for(self, user: int | str) -> Actor:
        """Who acts when this person does."""
        ...


class PlaylistKeeper(Protocol):
    """Who keeps playlists."""

    async def keep(self, actor: Actor, name: str, comment: str, public: bool, rows: Sequence[ListRow]) -> int:
        """A new playlist; its number."""
        ...

    async def forget(self, actor: Actor, playlist_id: int) -> None:
        """Take it away, where it is still there."""
        ...
