"""A library of planted sounds: tracks in kinds, each kind somewhere else in the space, written straight to the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert

from segue.analysis.models import Sound, SoundOfTrack, SoundVector
from segue.analysis.similar.keeper import SpaceKeeper
from segue.analysis.similar.service import SimilarService
from segue.analysis.timbre.layout import SIZE
from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.text import sort_key
from segue.library.fields import ENTITIES
from segue.library.models import Album, Artist, File, Folder, Genre, Library, Track, TrackCredit, TrackGenre
from segue.library.search import rebuild
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS as LISTENING_FIELDS
from segue.listening.unwanted import NOT_HATED
from segue.query import Entities

ANN = Actor(1, "ann", libraries=None)
KINDS = ("jazz", "techno", "choir")
VERSION = 1


@dataclass
class Planted:
    """Ids of what was written: tracks, sounds, albums and artists by kind."""

    libraries: list[int] = field(default_factory=list)
    tracks: dict[str, list[int]] = field(default_factory=dict)
    sounds: dict[str, list[int]] = field(default_factory=dict)
    albums: dict[str, list[int]] = field(default_factory=dict)
    artists: dict[str, list[int]] = field(default_factory=dict)
    genres: dict[str, int] = field(default_factory=dict)

    def kind_of(self, track: int) -> str:
        return next(kind for kind, ids in self.tracks.items() if track in ids)


def middles(kinds: int, seed: int = 3) -> np.ndarray:
    """Where kinds are, far apart."""
    return np.random.default_rng(seed).normal(size=(kinds, SIZE)).astype(np.float32) * 2


def embeddings(kind: int, count: int, seed: int = 5) -> np.ndarray:
    """Raw embeddings of one kind: around its middle."""
    random = np.random.default_rng(seed + 100 * kind)
    return (middles(8)[kind] + random.normal(size=(count, SIZE)) * 0.7).astype(np.float32)


async def planted(
    db: Database, kinds: Sequence[str] = KINDS, per_kind: int = 12, per_album: int = 4, vectors: bool = True
) -> Planted:
    """A library of `kinds`, each with `per_kind` tracks on albums of `per_album`, every album by another artist."""
    found = Planted()
    now = utc_now()
    async with db.write() as tx:

        async def add(table: Any, **values: Any) -> int:
            return int(await tx.scalar(insert(table).values(**values).returning(table.id)))

        library = await add(Library, name="Music", root=b"/music", display_root="/music", created_at=now)
        folder = await add(Folder, library_id=library, path=b"", name="", sort_key="")
        found.libraries.append(library)
        for number, kind in enumerate(kinds):
            genre = await add(Genre, name=kind.title(), name_key=kind, sort_key=sort_key(kind))
            found.genres[kind] = genre
            for name in (found.tracks, found.sounds, found.albums, found.artists):
                name[kind] = []
            raw = embeddings(number, per_kind)
            for at in range(per_kind):
                if at % per_album == 0:
                    who = f"{kind} band {at // per_album}"
                    artist = await add(Artist, name=who, name_key=who, sort_key=sort_key(who), added_at=now)
                    album = await add(
                        Album, library_id=library, group_key=f"{kind}{at}", rule="folder", rule_params={},
                        title=f"{kind} {at}", sort_key=sort_key(f"{kind} {at}"), artist_display=who,
                        artist_sort_key=sort_key(who), release_types=[], added_at=now, updated_at=now,
                    )  # fmt: skip
                    found.albums[kind].append(album)
                    found.artists[kind].append(artist)
                path = f"{kind}-{at}.flac"
                file = await add(
                    File, library_id=library, folder_id=folder, path=path.encode(), display_path=path, size_bytes=1000,
                    mtime_ns=1, added_at=now,
                )  # fmt: skip
                track = await add(
                    Track, library_id=library, file_id=file, album_id=album, title=f"{kind} song {at}",
                    sort_key=sort_key(f"{kind} song {at}"), artist_display=who, artist_sort_key=sort_key(who),
                    position=at, duration_ms=1000, added_at=now, updated_at=now,
                )  # fmt: skip
                await tx.execute(
                    insert(TrackCredit).values(track_id=track, position=0, artist_id=artist, role="artist")
                )
                await tx.execute(insert(TrackGenre).values(track_id=track, genre_id=genre, position=0))
                sound = await add(Sound, key=path.encode(), state="done", asked_at=now, engine="ours", version=1)
                await tx.execute(insert(SoundOfTrack).values(track_id=track, sound_id=sound))
                if vectors:
                    await tx.execute(
                        insert(SoundVector).values(
                            sound_id=sound, version=VERSION, vector=raw[at].astype("<f4").tobytes()
                        )
                    )
                found.tracks[kind].append(track)
                found.sounds[kind].append(sound)
        await rebuild(tx)
    return found


def similar_in(db: Database, folder: Path) -> SimilarService:
    """The service over a database, always up to date."""
    entities = Entities(ENTITIES).extended(LISTENING_FIELDS)
    keeper = SpaceKeeper(db, folder)
    keeper.fresh_s = 0
    service = SimilarService(db, LibraryService(db, entities), keeper)
    service.passed_over = NOT_HATED
    return service
