"""The dumps of MusicBrainz as a source of records: JSON where `release.tar.xz` (or its like) is there, tables else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from segue.catalog.records import Counts, Damage
from segue.catalog.snapshot.layout import WS2
from segue.catalog.sources.archives import Lines, tell
from segue.catalog.sources.errors import NoSource
from segue.catalog.sources.gathering import Gathered, Gathering
from segue.catalog.sources.musicbrainz import making, shapes
from segue.catalog.sources.musicbrainz.documents import decoded, dump_of

BYTES_OF_A_RELEASE = 3_500
"""Of release.tar.xz, about; its 5 million releases with 10 tracks each take some 18 GB."""
BYTES_OF_AN_ARTIST = 900


class MusicBrainzDocuments(Gathered):
    """The JSON dumps in a folder: releases, and artists where their dump is there.

    Where it is not, artists are made of what releases say of those they credit. `derived` takes in genres and ratings.
    """

    name = "musicbrainz"
    namespace = making.NAMESPACE
    licence = making.CORE
    beside = (WS2,)

    def __init__(self, folder: Path, scratch: Path | None = None, *, derived: bool = False) -> None:
        super().__init__(scratch)
        releases = dump_of(folder, "release")
        if releases is None:
            raise NoSource(folder, "dump of releases", hint="release.tar.xz of MusicBrainz's JSON dumps is enough.")
        self._folder = folder
        self._releases = releases
        self._artist_dump = dump_of(folder, "artist")
        self._derived = derived

    def write_beside(self, folder: Path, told: Callable[[int, int, str], None]) -> None:
        """The documents themselves, for the ws/2 API; of every dump that is there."""
        from segue.catalog.ws2.redirects import redirects_in
        from segue.catalog.ws2.writing import dumps_in, write_ws2

        documents = dumps_in(self._folder, self.damage, told=("artist", "release"))
        redirects = redirects_in(self._folder, folder / f"{WS2}.redirects", self.damage, told)
        write_ws2(documents, folder, derived=self._derived, redirects=redirects, told=told)

    def _files(self) -> list[Path]:
        return [self._releases[0], *([self._artist_dump[0]] if self._artist_dump else [])]

    def _options(self) -> str:
        return "derived" if self._derived else ""

    def _guess(self) -> Counts:
        albums = max(1, self._releases[0].stat().st_size // BYTES_OF_A_RELEASE)
        dump = self._artist_dump
        artists = dump[0].stat().st_size // BYTES_OF_AN_ARTIST if dump else albums // 2
        return Counts(tracks=albums * 10, albums=albums, artists=max(1, artists))

    def _gather(self, to: Gathering, place: str) -> None:
        stage, _, offset = place.partition(":")
        if self._artist_dump is not None and stage in ("", "artists"):
            self._take_artists(to, Lines(*self._artist_dump, int(offset or 0), self.damage))
            offset = ""
        lines = Lines(*self._releases, int(offset or 0), self.damage)
        for release in decoded(lines, msgspec.json.Decoder(shapes.Release, strict=False)):
            take_release(to, release, self._derived, self.damage, lines)
            to.came_to(f"releases:{lines.position}", lines.done, lines.size, "reading releases")

    def _take_artists(self, to: Gathering, lines: Lines) -> None:
        for artist in decoded(lines, msgspec.json.Decoder(shapes.Artist, strict=False)):
            try:
                record = making.artist_of(artist, self._derived)
            except ValueError as error:
                tell(lines.damage, Damage(str(lines.path), lines.place, str(error)))
                continue
            if not to.knows_artist(record.key):
                to.artist(record)
            to.came_to(f"artists:{lines.position}", lines.done, lines.size, "reading artists")


class Place(Protocol):
    """Where a dump is being read, for a report of damage."""

    path: Path

    @property
    def place(self) -> str: ...


def take_release(to: Gathering, release: shapes.Release, derived: bool, damage: list[Damage], at: Place) -> None:
    """Hand on the album of a release, its tracks, and the artists that have not come before.

    A release or a track whose id is none is a damage; the rest of it is taken.
    """
    try:
        album = making.album_of(release, derived)
        group = making.key_of(release.release_group.id) if release.release_group else album.key
    except ValueError as error:
        tell(damage, Damage(str(at.path), at.place, f"a release is left out: {error}"))
        return
    tracks = []
    for number, medium in enumerate(release.media, 1):
        for track in making.tracks_of(medium):
            try:
                record = making.track_of(track, release, album, medium.position or number, derived)
                key = making.key_of(track.recording.id) if track.recording else record.key
            except ValueError as error:
                tell(damage, Damage(str(at.path), at.place, f"a track of {release.id} is left out: {error}"))
                continue
            tracks.append((key, record))
    for credited in making.credited_of(release):
        try:
            key = making.key_of(credited.id)
        except ValueError:
            continue  # whoever credits it was left out above
        if not to.knows_artist(key):
            to.artist(making.credited_artist(credited))
    own = set(album.artists)
    album.appears = tuple(dict.fromkeys(key for _, track in tracks for key in track.artists if key not in own))
    to.album(group, album)
    for key, record in tracks:
        to.track(key, record)
