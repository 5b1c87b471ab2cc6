"""A library of a few albums and a catalogue that has them, for tests of links."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from segue.catalog.records import Album as CatalogAlbum
from segue.catalog.records import Artist as CatalogArtist
from segue.catalog.records import Track as CatalogTrack
from segue.catalog.service import CatalogService
from segue.core.access import SYSTEM, Actor
from segue.core.changes import ChangeFeed
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.rest import Services
from segue.core.text import sort_key
from segue.jobs import JobService, Registry
from segue.jobs.worker import run_worker
from segue.library.edits.service import EditService
from segue.library.models import (
    Album,
    AlbumCredit,
    Artist,
    ArtistCount,
    ExternalIdRow,
    File,
    Folder,
    Library,
    Track,
    TrackCredit,
)
from segue.library.scan.grouping import name_key
from segue.library.service import LibraryService
from segue.metadata.links import tasks
from segue.metadata.links.service import LinkService
from segue.settings import load_settings
from tests.catalog.tiny import base62, write_snapshot
from tests.waiting import PATIENCE_S

EDITOR = Actor(7, "ed", roles=frozenset({"editor"}), libraries=None)


@dataclass(frozen=True)
class Song:
    """A track of ours."""

    title: str
    seconds: float = 200.0
    isrc: str = ""
    recording: str = ""
    ids: tuple[tuple[str, str], ...] = ()
    artist: str = ""
    position: int = 0


@dataclass
class Shelf:
    """Writes albums straight into the tables, announcing them as a scan does."""

    db: Database
    libraries: dict[str, tuple[int, int]] = field(default_factory=dict)
    artists: dict[str, int] = field(default_factory=dict)
    made: list[int] = field(default_factory=list)

    async def album(
        self,
        title: str,
        artist: str,
        songs: Sequence[Song],
        *,
        library: str = "Shelf",
        year: int | None = None,
        **values: Any,
    ) -> tuple[int, list[int]]:
        """The numbers of a new album and of its tracks."""
        now = utc_now()
        async with self.db.write() as tx:

            async def add(table: Any, **row: Any) -> int:
                return int(await tx.scalar(insert(table).values(**row).returning(table.id)))

            if library not in self.libraries:
                number = await add(Library, name=library, root=library.encode(), display_root=library, created_at=now)
                folder = await add(Folder, library_id=number, path=b"", name=library, sort_key=sort_key(library))
                self.libraries[library] = (number, folder)
            number, folder = self.libraries[library]

            async def person(name: str) -> int:
                if name not in self.artists:
                    self.artists[name] = await add(
                        Artist, name=name, name_key=name_key(name), sort_key=sort_key(name), added_at=now
                    )
                return self.artists[name]

            by = await person(artist)
            album = await add(
                Album, library_id=number, group_key=f"{len(self.made)}", rule="folder", rule_params={}, title=title,
                sort_key=sort_key(title), artist_display=artist, artist_sort_key=sort_key(artist), release_types=[],
                track_count=len(songs), duration_ms=0, year=year, date=str(year) if year else None, added_at=now,
                updated_at=now, **values,
            )  # fmt: skip
            await tx.execute(insert(AlbumCredit).values(album_id=album, position=0, artist_id=by, role="album_artist"))
            tracks = []
            for place, song in enumerate(songs, 1):
                path = f"{album}-{place}.flac"
                file = await add(
                    File, library_id=number, folder_id=folder, path=path.encode(), display_path=path, size_bytes=1, mtime_ns=1,
                    added_at=now,
                )  # fmt: skip
                track = await add(
                    Track, library_id=number, file_id=file, album_id=album, title=song.title, sort_key=sort_key(song.title),
                    artist_display=song.artist or artist, artist_sort_key=sort_key(song.artist or artist),
                    position=song.position or place, disc=1, duration_ms=round(song.seconds * 1000),
                    musicbrainz_recording_id=song.recording or None, added_at=now, updated_at=now,
                )  # fmt: skip
                who = await person(song.artist or artist)
                await tx.execute(insert(TrackCredit).values(track_id=track, position=0, artist_id=who, role="artist"))
                for namespace, value in (*song.ids, *([("isrc", song.isrc)] if song.isrc else ())):
                    await tx.execute(
                        insert(ExternalIdRow).values(kind="track", entity_id=track, namespace=namespace, value=value)
                    )
                tx.changed("track", track, library_id=number)
                tracks.append(track)
            tx.changed("album", album, library_id=number)
            self.made.append(album)
            for who in {by}:
                key = {"artist_id": who, "library_id": number, "role": "any"}
                await tx.execute(delete(ArtistCount).filter_by(**key))
                await tx.execute(insert(ArtistCount).values(**key, track_count=len(songs), album_count=1))
        return album, tracks

    async def touch(self, track: int, **values: Any) -> None:
        """Change a track, as a rescan does."""
        async with self.db.write() as tx:
            await tx.execute(update(Track).where(Track.id == track).values(**values))
            library = await tx.scalar(select(Track.library_id).where(Track.id == track))
            tx.changed("track", track, library_id=library)


@dataclass
class House:
    """Everything that links need, around one database and one folder for the snapshot."""

    db: Database
    folder: Path
    shelf: Shelf
    catalog: CatalogService
    links: LinkService
    jobs: JobService
    feed: ChangeFeed
    services: Services

    async def look(self, *, anew: bool = False) -> dict[str, Any]:
        """Run the job to its end; its result."""
        ticket = await self.links.request(SYSTEM, anew=anew)
        stop = asyncio.Event()
        working = asyncio.create_task(
            run_worker(self.db, self.jobs.registry, stop=stop, resolve=self.services.get, service=self.jobs)
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    found = await self.jobs.get(SYSTEM, ticket.id)
                    if found.state in ("done", "failed", "cancelled"):
                        assert found.state == "done", (found.error, found.traceback)
                        return found.result or {}
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
            await working

    async def rebuild(self, albums: Sequence[Release], id: str) -> None:
        """Put another catalogue in place of the one that is served."""
        fresh = make_catalog(self.folder.with_name(f"fresh-{id}"), albums, id=id)
        self.folder.rename(self.folder.with_name(f"old-{id}"))
        fresh.rename(self.folder)
        async with asyncio.timeout(PATIENCE_S):
            while self.catalog.facts is None or self.catalog.facts.manifest.id != id:
                await self.catalog.refresh()
                await asyncio.sleep(0.01)


async def nobody(_request: Any) -> Actor | None:
    return None


async def house(db: Database, folder: Path) -> House:
    settings = load_settings({"data_dir": folder.parent, "catalog.snapshot": folder}, environ={})
    services = Services(nobody)
    services.add(db)
    feed = services.add(ChangeFeed(db))
    jobs = services.add(JobService(db, Registry().add(tasks)))
    await jobs.declare()
    library = services.add(LibraryService(db))
    edits = services.add(EditService(db, library, jobs))
    catalog = services.add(CatalogService(lambda: settings))
    links = services.add(LinkService(db, catalog, library, edits, jobs))
    return House(db, folder, Shelf(db), catalog, links, jobs, feed, services)


@dataclass(frozen=True)
class Release:
    """A release of the catalogue, by its number: its ids follow from it, and stay the same in every build."""

    number: int
    title: str
    artist: str
    songs: Sequence[Song]
    year: int = 1999
    upc: str | None = None
    type: str = "album"
    popularity: int = 10
    ids: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"spotify:album:{base62(self.number)}"

    def track(self, place: int) -> str:
        """The id of its track at `place`, counted from 1."""
        return f"spotify:track:{base62(self.number * 100 + place)}"


def artist_id(name: str) -> str:
    return f"spotify:artist:{base62(10_000_000 + sum(ord(letter) * 7**place for place, letter in enumerate(name)))}"


def make_catalog(
    folder: Path, releases: Sequence[Release], *, id: str = "one", more_artists: Sequence[str] = ()
) -> Path:
    names = dict.fromkeys(
        [
            *more_artists,
            *(name for one in releases for name in (one.artist, *(s.artist for s in one.songs if s.artist))),
        ]
    )
    keys = {name: place for place, name in enumerate(names, 1)}
    artists = [
        CatalogArtist(key=key, id=artist_id(name).rpartition(":")[2], name=name, followers=1000 - key)
        for name, key in keys.items()
    ]
    albums = [
        CatalogAlbum(
            key=one.number,
            id=base62(one.number),
            name=one.title,
            type=one.type,
            release_date=f"{one.year}-03-01",
            precision="day",
            total_tracks=len(one.songs),
            popularity=one.popularity,
            upc=one.upc,
            artists=(keys[one.artist],),
            ids=one.ids,
        )
        for one in releases
    ]
    tracks = [
        CatalogTrack(
            key=one.number * 100 + place,
            id=base62(one.number * 100 + place),
            name=song.title,
            album=one.number,
            duration_ms=round(song.seconds * 1000),
            track_number=place,
            popularity=one.popularity,
            isrcs=(song.isrc,) if song.isrc else (),
            artists=(keys[song.artist or one.artist],),
            ids=(f"musicbrainz:recording:{song.recording}",) if song.recording else (),
        )
        for one in releases
        for place, song in enumerate(one.songs, 1)
    ]
    return write_snapshot(folder, artists=artists, albums=albums, tracks=tracks, id=id, trigram=False)
