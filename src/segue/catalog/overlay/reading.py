"""A snapshot with additions before it, read as one catalogue: a Store and a Searcher that wrap those of the snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from segue.catalog.documents import read_album, read_artist, read_track
from segue.catalog.records import Counts, Kind
from segue.catalog.snapshot.layout import KINDS, SEARCH
from segue.catalog.snapshot.manifest import NoSnapshot, OtherFormat, SnapshotDamaged, read_manifest
from segue.catalog.snapshot.store import SnapshotStore
from segue.catalog.store import Found, Match, Searcher, Store

log = structlog.get_logger("segue.catalog")

COMPILED = "snapshot"
ADDED = 1 << 40
"""Ranks of additions are their rank among themselves above this: no snapshot has so many rows."""

OpenStore = Callable[[], Store]
OpenSearcher = Callable[[], Searcher]


def overlay_of(snapshot: Path) -> Path:
    """The folder of what was added to a snapshot."""
    return snapshot.with_name(f"{snapshot.name}.overlay")


def compiled(snapshot: Path) -> Path:
    """The small snapshot of what was added."""
    return overlay_of(snapshot) / COMPILED


def over(
    snapshot: Path, open_store: OpenStore, open_searcher: OpenSearcher | None
) -> tuple[OpenStore, OpenSearcher | None]:
    """What opens a snapshot's store and searcher, with additions before them where there are some.

    Additions that are damaged are left out, and the log says so: they can be compiled again from what was given.
    """
    folder = compiled(snapshot)
    try:
        manifest = read_manifest(folder)
        SnapshotStore(folder, manifest).close()
        of_same = manifest.namespace == read_manifest(snapshot).namespace
    except NoSnapshot:
        return open_store, open_searcher
    except (SnapshotDamaged, OtherFormat) as error:
        log.error("additions_not_opened", why=error.message, hint="Adding anything compiles them again.")
        return open_store, open_searcher
    if not of_same or not any((manifest.counts.tracks, manifest.counts.albums, manifest.counts.artists)):
        return open_store, open_searcher

    def both() -> OverlaidStore:
        return OverlaidStore(open_store(), SnapshotStore(folder, manifest))

    if open_searcher is None or SEARCH not in manifest.parts:
        return both, open_searcher
    return both, partial(_both_searchers, both, open_searcher, folder)


def _both_searchers(both: Callable[[], OverlaidStore], open_searcher: OpenSearcher, folder: Path) -> Searcher:
    from segue.catalog.search.searcher import SnapshotSearcher

    return OverlaidSearcher(open_searcher(), SnapshotSearcher(folder), both())


class OverlaidStore:
    """A Store over two: rows of `added` come before those of `base` that are as popular, and instead of those with their id.

    What a row of the base shows of others (its album, its artists) is as the base has it until the next build.
    """

    def __init__(self, base: Store, added: Store) -> None:
        self._base = base
        self._added = added
        self.id = f"{base.id}-{added.id}"
        self.namespace = base.namespace
        self.licence = base.licence
        self._instead: dict[Kind, dict[int, int]] = {}
        self._beneath: dict[Kind, dict[int, int]] = {}
        counts = added.counts()
        for kind, many in zip(KINDS, (counts.tracks, counts.albums, counts.artists), strict=True):
            ranks = list(range(1, many + 1))
            ids = [_READ[kind](document).id for document in _documents(added, kind, ranks)]
            pairs = [(rank, old) for rank, old in zip(ranks, base.ranks(kind, ids), strict=True) if old]
            self._instead[kind] = {old: ADDED + rank for rank, old in pairs}
            self._beneath[kind] = {ADDED + rank: old for rank, old in pairs}

    def counts(self) -> Counts:
        own, added = self._base.counts(), self._added.counts()
        return Counts(
            own.tracks + added.tracks - len(self._instead["track"]),
            own.albums + added.albums - len(self._instead["album"]),
            own.artists + added.artists - len(self._instead["artist"]),
        )

    def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]:
        found = [rank and ADDED + rank for rank in self._added.ranks(kind, ids)]
        missing = [place for place, rank in enumerate(found) if rank is None]
        for place, rank in zip(missing, self._base.ranks(kind, [ids[place] for place in missing]), strict=True):
            found[place] = rank
        return found

    def isrcs(self, codes: Sequence[str]) -> list[list[int]]:
        return self._each("track", self._base.isrcs(codes), self._added.isrcs(codes))

    def upcs(self, codes: Sequence[str]) -> list[list[int]]:
        return self._each("album", self._base.upcs(codes), self._added.upcs(codes))

    def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]:
        found: list[tuple[Kind, int] | None] = []
        for old, new in zip(self._base.external(ids), self._added.external(ids), strict=True):
            if new is not None:
                found.append((new[0], ADDED + new[1]))
            else:
                found.append((old[0], self._instead[old[0]].get(old[1], old[1])) if old is not None else None)
        return found

    def tracks(self, ranks: Sequence[int], *, album: bool = True) -> list[bytes]:
        return self._split("track", ranks, lambda store, some: store.tracks(some, album=album))

    def albums(self, ranks: Sequence[int]) -> list[bytes]:
        return self._split("album", ranks, lambda store, some: store.albums(some))

    def artists(self, ranks: Sequence[int]) -> list[bytes]:
        return self._split("artist", ranks, lambda store, some: store.artists(some))

    def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]:
        return self._split(kind, ranks, lambda store, some: store.more(kind, some))

    def album_tracks(self, rank: int) -> list[int]:
        old, new = self._both("album", rank)
        base = self._base.album_tracks(old) if old else []
        added = [ADDED + one for one in self._added.album_tracks(new)] if new else []
        if not added:
            return self._without("track", base)
        together = [*added, *self._without("track", base)]
        read = [read_track(document) for document in self.tracks(together, album=False)]
        places = {one: (track.disc_number, track.track_number) for one, track in zip(together, read, strict=True)}
        return sorted(together, key=places.__getitem__)

    def artist_albums(self, rank: int) -> list[int]:
        old, new = self._both("artist", rank)
        base = self._base.artist_albums(old) if old else []
        added = [ADDED + one for one in self._added.artist_albums(new)] if new else []
        if not added:
            return self._without("album", base)
        together = [*added, *self._without("album", base)]
        (artist,) = self.artists([rank])
        id = read_artist(artist).id
        places = {}
        for one, document in zip(together, self.albums(together), strict=True):
            album = read_album(document)
            places[one] = (any(credited.id == id for credited in album.artists), album.release_date)
        return sorted(together, key=places.__getitem__, reverse=True)

    def close(self) -> None:
        self._base.close()
        self._added.close()

    def merged(self, kind: Kind, base: Sequence[int], added: Sequence[int]) -> list[int]:
        """Ranks of the base in their order, and before the first that is not more popular each one that was added.

        `added` as the additions have them.
        """
        kept = self._without(kind, base)
        new = [ADDED + rank for rank in added]
        if not new or not kept or kind == "album":  # an album's document does not say how popular it is
            return new + kept
        weights = dict(zip((*new, *kept), map(_WEIGHT[kind], self._weighed(kind, [*new, *kept])), strict=True))
        together: list[int] = []
        for rank in kept:
            while new and weights[new[0]] >= weights[rank]:
                together.append(new.pop(0))
            together.append(rank)
        return together + new

    def _each(self, kind: Kind, base: list[list[int]], added: list[list[int]]) -> list[list[int]]:
        return [self.merged(kind, own, new) for own, new in zip(base, added, strict=True)]

    def _weighed(self, kind: Kind, ranks: Sequence[int]) -> list[bytes]:
        return self.tracks(ranks, album=False) if kind == "track" else self.artists(ranks)

    def _without(self, kind: Kind, ranks: Sequence[int]) -> list[int]:
        """Those of the base that nothing was added instead of."""
        instead = self._instead[kind]
        return [rank for rank in ranks if rank not in instead]

    def _both(self, kind: Kind, rank: int) -> tuple[int, int]:
        """The rank in the base and the one among additions; 0 where it is not there."""
        if rank > ADDED:
            return self._beneath[kind].get(rank, 0), rank - ADDED
        return rank, self._instead[kind].get(rank, ADDED) - ADDED

    def _split(self, kind: Kind, ranks: Sequence[int], read: Callable[[Store, list[int]], list[Any]]) -> list[Any]:
        instead = self._instead[kind]
        wanted = [instead.get(rank, rank) for rank in ranks]
        base = iter(read(self._base, [rank for rank in wanted if rank < ADDED]))
        added = iter(read(self._added, [rank - ADDED for rank in wanted if rank > ADDED]))
        return [next(base) if rank < ADDED else next(added) for rank in wanted]


class OverlaidSearcher:
    """A Searcher over two: what was added and fits is on the first page, among what is as popular."""

    def __init__(self, base: Searcher, added: Searcher, store: OverlaidStore) -> None:
        self._base = base
        self._added = added
        self._store = store

    def search(
        self,
        kind: Kind,
        text: str,
        *,
        limit: int = 20,
        after: str | None = None,
        match: Match = "words",
        deadline_s: float = 10.0,
        count: bool = False,
    ) -> Found:
        """Raises BadQuery where `text` cannot be asked."""
        new = Found(())
        if after is None:
            new = self._added.search(kind, text, limit=limit, match=match, deadline_s=deadline_s / 4, count=count)
        many = max(limit - len(new.ranks), 1)
        old = self._base.search(kind, text, limit=many, after=after, match=match, deadline_s=deadline_s, count=count)
        if new.ranks and new.corrected is not None and old.ranks:
            new = Found(())
        if old.corrected is not None and new.ranks and new.corrected is None:
            old = Found(())
        total = None if old.total is None else old.total + (new.total or 0)
        return Found(
            ranks=tuple(self._store.merged(kind, old.ranks, new.ranks)[:limit]),
            partial=old.partial or new.partial,
            total=total,
            capped=old.capped or new.capped,
            corrected=old.corrected if old.ranks else new.corrected,
            next=old.next,
        )

    def close(self) -> None:
        self._base.close()
        self._added.close()
        self._store.close()


_READ: dict[Kind, Callable[[bytes], Any]] = {"track": read_track, "album": read_album, "artist": read_artist}


def _documents(store: Store, kind: Kind, ranks: Sequence[int]) -> list[bytes]:
    if kind == "track":
        return store.tracks(ranks, album=False)
    return store.albums(ranks) if kind == "album" else store.artists(ranks)


def _popularity_of_track(document: bytes) -> tuple[int, int]:
    return read_track(document).popularity, 0


def _popularity_of_artist(document: bytes) -> tuple[int, int]:
    artist = read_artist(document)
    return artist.followers, artist.popularity


_WEIGHT: dict[Kind, Callable[[bytes], tuple[int, int]]] = {
    "track": _popularity_of_track,
    "artist": _popularity_of_artist,
}
