"""A listen as services are told of it, and what they say to it. The same for all services; each spells it in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Listened:
    """One listen, love or playing-now. `at` is when it began, in whole seconds since 1970; None for what has no moment.

    Kept as JSON until a service has taken it, so that what is sent again is the same to the letter.
    """

    artist: str
    title: str
    album: str = ""
    album_artist: str = ""
    duration_ms: int | None = None
    at: int | None = None
    recording_mbid: str = ""
    isrc: str = ""
    player: str = ""
    """The program it was heard in."""
    version: str = ""
    """Ours, when the listen was put down."""

    def as_json(self) -> dict[str, Any]:
        """Without what is empty."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) not in ("", None)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Listened:
        known = {f.name for f in fields(cls)}
        return cls(**{"artist": "", "title": "", **{name: value for name, value in kept.items() if name in known}})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a service says to one listen: taken, or not, with a code and its own words. `later`: it may be sent again."""

    accepted: bool
    code: str = ""
    said: str = ""
    later: bool = False


ACCEPTED = Verdict(True)


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in at a service: the name there, and the key that stands for it."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Past:
    """One listen that a service has kept of somebody; for importing. Ids are by namespace (`musicbrainz:recording`)."""

    at: datetime
    title: str
    artist: str
    album: str
    duration_ms: int | None
    external_ids: dict[str, Any]
    player: str = ""


@dataclass(frozen=True, slots=True)
class PastPage:
    """One page of listens, newest first. `pages` and `total` are None where the service does not say."""

    listens: list[Past]
    page: int = 1
    pages: int | None = None
    total: int | None = None
    oldest_at: int | None = None


@dataclass(frozen=True, slots=True)
class Loved:
    """One loved recording at a service; `at` since when. A service may know only its MusicBrainz id."""

    title: str = ""
    artist: str = ""
    recording_mbid: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LovedPage:
    """One page of loves. `next` is the page after it, None at the end."""

    loves: list[Loved]
    next: int | None
    total: int
