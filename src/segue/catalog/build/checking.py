"""Before a snapshot takes its place: are all rows there, and does it say what the source says now?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from segue.catalog.build import ranking
from segue.catalog.build.keys import RankOf
from segue.catalog.records import Album, Artist, Kind, Source, Track
from segue.catalog.snapshot.layout import KINDS, hash_of, isrc_code
from segue.catalog.snapshot.manifest import Manifest
from segue.catalog.snapshot.store import SnapshotStore

AT_THE_START = 50
"""Records of each kind that are read again from the source's beginning."""
AT_A_PLACE = 3
"""And behind every place that the build remembers, as long as `PLACES_CPU_S` last: some sources read everything to get there."""
PLACES_CPU_S = 4.0

_RENAMED = {"precision": "release_date_precision"}
_OUTSIDE = {"key", "ids", "licence", "more", "aliases", "artists", "appears", "album", "isrcs"}
"""Members of records that the document does not have under their own name."""
_ALWAYS = {
    *("id", "name", "duration_ms", "explicit", "track_number", "disc_number", "popularity", "followers", "type"),
    *("label", "release_date", "release_date_precision", "total_tracks"),
}
"""Members that are never left out."""


def differences(
    folder: Path, work: Path, manifest: Manifest, source: Source, places: dict[Kind, Sequence[str]]
) -> list[str]:
    """What in the snapshot is not as the source says; empty where all that was looked at agrees.

    A record whose id comes more than once is passed over: it need not be the one that stayed.
    """
    store = SnapshotStore(folder, manifest)
    try:
        check = _Check(store, work, manifest.namespace)
        return list(islice(check.all(source, places), 20))
    finally:
        store.close()


class _Check:
    def __init__(self, store: SnapshotStore, work: Path, namespace: str) -> None:
        self._store = store
        self._ranks: dict[str, RankOf] = {kind: RankOf(work, kind) for kind in ("artist", "album")}
        self._namespace = namespace
        self._again = {kind: frozenset(ranking.suspects(work, kind).tolist()) for kind in KINDS}

    def all(self, source: Source, places: dict[Kind, Sequence[str]]) -> Iterator[str]:
        until = time.process_time() + PLACES_CPU_S
        streams: dict[Kind, Callable[..., Iterator[Any]]] = {
            "artist": source.artists,
            "album": source.albums,
            "track": source.tracks,
        }
        for kind, stream in streams.items():
            for place, many in (("", AT_THE_START), *((one, AT_A_PLACE) for one in places.get(kind, ()))):
                if place and time.process_time() > until:
                    break
                records = stream(place)
                for record in islice(records, many):
                    if _readable(record) and hash_of(record.id) not in self._again[kind]:
                        wrong = self._wrong(kind, record)
                        if wrong:
                            yield f"{kind} {record.id}: {wrong}"
                close = getattr(records, "close", None)
                if close:
                    close()

    def _wrong(self, kind: Kind, record: Any) -> str | None:
        store = self._store
        rank = store.ranks(kind, [record.id])[0]
        if rank is None:
            return "it is not there"
        if kind == "artist":
            whole = store.artists([rank])[0]
        elif kind == "album":
            whole = store.albums([rank])[0]
        else:
            whole = store.tracks([rank])[0]
        found = msgspec.json.decode(whole)
        wanted = expected(record)
        artists = [one for one in self._rank_of("artist", getattr(record, "artists", ())) if one]
        if artists:
            wanted["artists"] = [msgspec.json.decode(document) for document in store.artists(artists)]
        if isinstance(record, Track):
            (album,) = self._rank_of("album", (record.album,))
            if album:
                wanted["album"] = msgspec.json.decode(store.albums([album])[0])
                if rank not in store.album_tracks(album):
                    return "its album does not lead to it"
            if any(rank not in found_ranks for found_ranks in store.isrcs(_codes(record.isrcs))):
                return "its ISRC does not lead to it"
        elif self._rank_of(kind, (record.key,)) != [rank]:
            return "it has another rank than those that name it say"
        if isinstance(record, Album) and any(rank not in store.artist_albums(artist) for artist in artists):
            return "its artist does not lead to it"
        if found != wanted:
            names = [name for name in {*found, *wanted} if found.get(name) != wanted.get(name)]
            return f"{', '.join(sorted(names))} differ"
        if any(store.external([id]) == [None] for id in record.ids):
            return "an id of others does not lead anywhere"
        return None

    def _rank_of(self, kind: str, keys: Sequence[int]) -> list[int]:
        found: list[int] = self._ranks[kind].ranks(np.array(keys, np.int64).view(np.uint64)).tolist() if keys else []
        return found


def expected(record: Artist | Album | Track) -> dict[str, Any]:
    """The document that a record makes, without its album and artists, by a way of its own."""
    said = {
        _RENAMED.get(name, name): value for name, value in msgspec.to_builtins(record).items() if name not in _OUTSIDE
    }
    if isinstance(record, Track):
        said["isrc"] = record.isrcs[0] if record.isrcs else None
    else:
        said.pop("popularity" if isinstance(record, Album) else "", None)
    if isinstance(record, Album):
        said.pop("genres")
    kept = {}
    for name, value in said.items():
        if name in _ALWAYS or value or (name == "has_lyrics" and value is not None):
            kept[name] = list(value) if isinstance(value, tuple) else value
    return kept


def _codes(isrcs: Sequence[str]) -> list[str]:
    return [code for code in isrcs if isrc_code(code)]


def _readable(record: Any) -> bool:
    try:
        msgspec.json.encode(record)
        record.id.encode()
    except (ValueError, TypeError, OverflowError):
        return False
    return True
