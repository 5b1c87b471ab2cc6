"""Playlists as faces are given them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from segue.core.access import Actor
from segue.library.finding.wanted import Wanted

Visibility = Literal["private", "shared", "public"]
Role = Literal["owner", "editor", "viewer"]


class People(Protocol):
    """Who is who in this house: accounts' knowledge, handed in by app.py."""

    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]:
        """Those of these people who may sign in, as who they are when they act."""
        ...

    async def actor_called(self, name: str) -> Actor | None:
        """The person with this username or e-mail address."""
        ...


class Nobody:
    """A house in which nobody is known by name."""

    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]:
        return {}

    async def actor_called(self, name: str) -> Actor | None:
        return None


class Catalogued(Protocol):
    """Who knows what texts mean in the catalogue that mean nothing here: metadata's service, handed in by app.py."""

    async def of(self, texts: Sequence[Wanted]) -> Sequence[Any]:
        """For each text a track of the catalogue, or None."""
        ...


@dataclass(frozen=True, slots=True)
class PlaylistView:
    """A playlist without its rows. `editable`: whether the asking person may change its rows.

    `more` says that a smart list holds more than `track_count`, which is then as far as it was counted. `role` is the
    asking person's; None for a public list that is no business of theirs. `folder_id` is where that person keeps it.
    """

    id: int
    name: str
    comment: str
    owner_id: int
    visibility: Visibility
    kind: str
    track_count: int
    duration_ms: int
    artwork_id: int | None
    revision: int
    created_at: datetime
    changed_at: datetime
    editable: bool
    owner_name: str = ""
    role: Role | None = None
    query: str | None = None
    normalized: str | None = None
    personal: bool = False
    more: bool = False
    cover: str = "contents"
    cover_album_id: int | None = None
    first_tracks: tuple[int, ...] = ()
    """The first tracks of a smart list, for its cover."""
    folder_id: int | None = None
    problem: tuple[str, str] | None = None
    """Why a smart list cannot be filled now: code and sentence."""


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: its key (None in a smart list), its track (None where it is gone or may not be seen), and what it was
    called when added."""

    id: int | None
    track_id: int | None
    title: str
    artist: str
    album: str
    duration_ms: int | None
    added_at: datetime
    comment: str = ""
    added_by: int | None = None
    external_ids: dict[str, Any] | None = None
    location: str | None = None
    match_score: float | None = None
    match_reasons: Sequence[Any] | None = None
    match_state: str | None = None
    missing: bool = False
    """Its track is known no more, or not yet, or may not be seen."""
    catalog: Any | None = None
    """What a row without a track means in the catalogue."""


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Some rows of a list in order, and what to go on with; `total` is None where there are more than were counted."""

    rows: list[RowView]
    next: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to add: a track that is there, or the words of one that is not (yet)."""

    track_id: int | None = None
    title: str = ""
    artist: str = ""
    album: str = ""
    duration_ms: int | None = None
    external_ids: dict[str, str] | None = None
    comment: str = ""
    location: str | None = None
    match_score: float | None = None
    match_reasons: list[Any] | None = None
    match_state: str | None = None
    match_method: str | None = None
    match_track_id: int | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows go: before or behind a row, at the start, or (nothing said) at the end."""

    before: int | None = None
    after: int | None = None
    start: bool = False


@dataclass(frozen=True, slots=True)
class RevisionView:
    """One change of a list. `can_undo` where it is not taken back already and can be."""

    revision: int
    at: datetime
    user_id: int | None
    user_name: str
    action: str
    params: dict[str, Any]
    undone_by: int | None
    can_undo: bool


@dataclass(frozen=True, slots=True)
class Collaborator:
    user_id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class FolderView:
    """A folder of one person's: how many lists lie in it, not counting those of folders inside."""

    id: int
    name: str
    parent_id: int | None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a query would fill a smart list with right now."""

    count: int
    more: bool
    duration_ms: int
    normalized: str
    personal: bool
    rows: list[RowView] = field(default_factory=list)
    warnings: list[Any] = field(default_factory=list)
