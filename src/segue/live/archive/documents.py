"""What the archive answers, with when it said so: an item's own document, a page of a list, a band's collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from segue.core.clock import utc_now
from segue.live.archive.shapes import as_list, as_one, as_true


@dataclass(frozen=True, slots=True)
class ItemDocument:
    """`/metadata/{identifier}` as it came. `at` is when the archive said it, which may be a while ago."""

    identifier: str
    said: Mapping[str, Any]
    at: datetime = field(default_factory=utc_now)

    @property
    def age_s(self) -> int:
        return max(0, int((utc_now() - self.at).total_seconds()))

    @property
    def metadata(self) -> Mapping[str, Any]:
        found = self.said.get("metadata")
        return found if isinstance(found, Mapping) else {}

    @property
    def files(self) -> Sequence[Mapping[str, Any]]:
        found = self.said.get("files")
        return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []

    @property
    def reviews(self) -> Sequence[Mapping[str, Any]]:
        found = self.said.get("reviews")
        return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []

    @property
    def dark(self) -> bool:
        """Withdrawn: it has a name and nothing else."""
        return as_true(self.said.get("is_dark"))

    @property
    def stream_only(self) -> bool:
        """It may be listened to, and not be downloaded."""
        collections = {name.casefold() for name in as_list(self.metadata.get("collection"))}
        return "stream_only" in collections or as_true(self.metadata.get("access-restricted-item"))


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, without what came before it. `total` is what the archive says there are."""

    docs: Sequence[Mapping[str, Any]]
    total: int
    seen: int
    """Items so far, this page with it."""
    how: Literal["cursor", "dates"] = "cursor"
    cursor: str = ""
    """Where the next page begins; empty where one cannot go on from here."""
    last: bool = False
    missing: int = 0
    """On the last page: how many of `total` never came."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page of a search. `at` is when the archive said it."""

    docs: Sequence[Mapping[str, Any]]
    total: int
    at: datetime = field(default_factory=utc_now)

    @property
    def age_s(self) -> int:
        return max(0, int((utc_now() - self.at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Band:
    """A collection of one band's recordings."""

    identifier: str
    title: str
    item_count: int | None = None
    size_bytes: int | None = None
    downloads: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand between the archive and this server. Moments are None where nothing is known."""

    at: str
    """Host that is asked."""
    contact: bool
    """Whether a contact is set, without which nothing is asked."""
    enabled: bool
    breaker: Literal["closed", "open", "half_open"]
    open_until: datetime | None
    blocked_until: datetime | None
    blocked_by: str
    rate: float
    """Questions a second that are allowed just now."""
    full_rate: float
    """The same when the archive is content."""
    asked_at: datetime | None
    answered_at: datetime | None
    last_fault: Mapping[str, Any] | None
    downloads: int = 0
    """Files that this process has open."""
    downloads_at_once: int = 2


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What is kept of the archive's answers, and how often that saved asking. Counted since the database exists."""

    hits: int
    stale_hits: int
    """Answers given although they were old, because the archive could not be asked."""
    misses: int
    entries: int
    size_bytes: int
    """As kept: compressed."""
    oldest: datetime | None
    newest: datetime | None
    by_kind: Mapping[str, int]


def identifier_of(doc: Mapping[str, Any]) -> str:
    """The identifier of a listed item; empty where it has none."""
    return as_one(doc.get("identifier"))
