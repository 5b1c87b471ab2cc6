"""What one transaction of a scan has done so far, for whoever has to follow: albums, counts, search."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from segue.library.scan.facts import TrackTags
from segue.library.scan.grouping import AlbumKey
from segue.library.scan.write.counts import LibraryDelta

if TYPE_CHECKING:
    from segue.library.scan.write.large import Share


class MemberRow(NamedTuple):
    """A track as far as its album needs it."""

    track_id: int
    album_id: int
    file_id: int
    disc: int | None
    position: int | None
    duration_ms: int
    size_bytes: int
    missing: bool
    artwork_id: int | None
    folder_id: int
    start_ms: int | None = None
    """Where it begins in its file, where that holds several tracks."""

    def order(self) -> tuple[int, int, int]:
        return (self.disc or 0, self.position or 1 << 30, self.track_id)


@dataclass(slots=True)
class Written:
    """What one transaction has done to tracks so far, as far as albums care."""

    now: datetime
    tags: dict[int, TrackTags] = field(default_factory=dict)
    """By track, what was read or remembered in this transaction."""
    members: dict[int, list[MemberRow]] = field(default_factory=dict)
    """All tracks of albums that were made in this transaction, of tracks made in it: nothing need be asked of those."""
    credits: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    genres: dict[int, list[int]] = field(default_factory=dict)
    words: dict[int, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """What tracks are found by: the title, and other texts."""
    album_of: dict[int, int] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    moved: dict[int, Counter[int]] = field(default_factory=dict)
    """Where tracks of an album went: old to new."""
    keys: dict[int, AlbumKey] = field(default_factory=dict)
    """Albums and why they are one, where that was decided here."""
    made: dict[int, int] = field(default_factory=dict)
    """Albums made here, and their library."""
    libraries: dict[int, LibraryDelta] = field(default_factory=dict)
    titles: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Title and artists of every album that was touched."""
    renamed: set[int] = field(default_factory=set)
    """Albums that were there before and are now called otherwise, so that their tracks are found by other words."""
    reworded: set[int] = field(default_factory=set)
    """Albums that were there before and are by others now, on other labels, or have other numbers."""
    ended: set[int] = field(default_factory=set)
    shares: dict[int, Share] = field(default_factory=dict)
    """Large albums of which more is to come, and what the tracks of `followed` added to them before."""
    followed: set[int] = field(default_factory=set)

    def library(self, library_id: int) -> LibraryDelta:
        return self.libraries.setdefault(library_id, LibraryDelta())
