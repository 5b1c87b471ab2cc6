"""What a preview found, put into words that can be stored: exact counts, and as many examples as one can look through."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from segue.core.ids import format_id_or_none
from segue.library.overrides.grouping import sentence
from segue.library.scan.paths import displayed

FILES = ("new", "changed", "moved", "format_changed", "came_back", "missing")
ALBUMS = ("split", "merged", "added", "album_changed", "lost", "ended")
KINDS = (*FILES, *ALBUMS)
EXAMPLES = 2_000
"""Changes of one kind that are kept to look at; all are counted."""
TRACKS_TOLD = 50
"""Tracks that are named where an album is split or merged."""


@dataclass(frozen=True, slots=True)
class AlbumSide:
    """An album before or after: `id` is negative for one that is to be made; `tracks` are present, `total` with missing."""

    id: int
    title: str
    artist: str
    tracks: int
    total: int
    rule: str
    params: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": format_id_or_none("al", self.id if self.id > 0 else None),
            "title": self.title,
            "artist": self.artist,
            "tracks": self.tracks,
            "reason": {"code": self.rule, "params": self.params, "sentence": sentence(self.rule, self.params)},
        }


class Report:
    """Collects what would be, and says at the end what becomes of each album."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
        self.stopped: dict[str, Any] | None = None
        """Why the scan would stop by itself: {code, message, params}."""
        self._was: dict[int, AlbumSide] = {}
        self._is: dict[int, AlbumSide] = {}
        self._changes: dict[int, dict[str, Any]] = {}
        self._gone: set[int] = set()
        self._before: dict[int, int] = {}
        self._after: dict[int, int] = {}
        self._paths: dict[int, str] = {}

    def file(self, kind: str, **facts: Any) -> None:
        """A file of this kind."""
        self._add(kind, facts)

    def track_of(self, track: int, path: bytes) -> None:
        """Remember what a track is called here, as long as there is room."""
        if len(self._paths) < EXAMPLES * 10:
            self._paths[track] = displayed(path)

    def moved(self, track: int, old: int | None, new: int) -> None:
        """A track is in the album `new`, after `old` (None: it is new)."""
        if old is not None:
            self._before.setdefault(track, old)
            self._after[track] = new

    def album(self, now: AlbumSide, was: AlbumSide | None, changes: dict[str, Any]) -> None:
        """What an album would be, what it is in the tables, and in which fields that differs; the last word counts."""
        self._is[now.id] = now
        self._gone.discard(now.id)
        if was is not None:
            self._was[now.id] = was
        self._changes[now.id] = changes

    def ended(self, album: int, was: AlbumSide | None) -> None:
        """Nothing would be left in an album."""
        self._gone.add(album)
        self._is.pop(album, None)
        if was is not None:
            self._was[album] = was

    def _add(self, kind: str, facts: dict[str, Any]) -> None:
        self.counts[kind] += 1
        if len(self.examples[kind]) < EXAMPLES:
            self.examples[kind].append(facts)

    def finish(self) -> None:
        """Say what becomes of each album: once, when everything has been noted."""
        went: dict[int, dict[int, list[int]]] = {}
        came: dict[int, dict[int, list[int]]] = {}
        for track, album in self._after.items():
            old = self._before[track]
            if old != album:
                went.setdefault(old, {}).setdefault(album, []).append(track)
                came.setdefault(album, {}).setdefault(old, []).append(track)
        stay = {album: side.total - sum(map(len, went.get(album, {}).values())) for album, side in self._was.items()}
        for album, into in sorted(went.items()):
            if len(into) + (stay.get(album, 0) > 0) > 1:
                self._add("split", {"album": self._old(album), "into": self._parts(album, into, stay, self._new)})
        for album, out_of in sorted(came.items()):
            if len(out_of) + (stay.get(album, 0) > 0) > 1:
                self._add("merged", {"album": self._new(album), "from": self._parts(album, out_of, stay, self._old)})
        for album, side in sorted(self._is.items()):
            was = self._was.get(album)
            if album < 0:
                self._add("added", {"album": side.as_json()})
            elif was is not None and was.tracks and not side.tracks:
                self._add("lost", {"album": was.as_json()})
            elif self._changes.get(album):
                self._add("album_changed", {"album": side.as_json(), "fields": self._changes[album]})
        for album in sorted(self._gone):
            if album > 0 and album in self._was:
                into = went.get(album, {})
                heir = max(sorted(into), key=lambda one: len(into[one]), default=None)
                self._add("ended", {"album": self._old(album), "into": None if heir is None else self._new(heir)})

    def _parts(self, album: int, others: dict[int, list[int]], stay: dict[int, int], side: Any) -> list[dict[str, Any]]:
        parts = [
            {
                "album": side(other),
                "tracks": len(tracks),
                "paths": [self._paths[track] for track in tracks[:TRACKS_TOLD] if track in self._paths],
            }
            for other, tracks in sorted(others.items())
        ]
        if stay.get(album, 0) > 0:
            parts.append({"album": side(album), "tracks": stay[album], "paths": []})
        return parts

    def _old(self, album: int) -> dict[str, Any] | None:
        side = self._was.get(album) or self._is.get(album)
        return side.as_json() if side else None

    def _new(self, album: int) -> dict[str, Any] | None:
        side = self._is.get(album) or self._was.get(album)
        return side.as_json() if side else None
