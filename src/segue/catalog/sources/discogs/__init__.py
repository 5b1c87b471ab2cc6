"""The XML dumps of Discogs: releases, and where they are there artists and masters. Labels say nothing that releases do not.

The files are those of data.discogs.com, `discogs_20261101_releases.xml.gz` and its like, in one folder; of several months the
last is taken.
"""

from __future__ import annotations

import re
from array import array
from pathlib import Path

from segue.catalog.records import Counts, Damage
from segue.catalog.sources.archives import tell
from segue.catalog.sources.discogs import making
from segue.catalog.sources.discogs.elements import Elements
from segue.catalog.sources.errors import NoSource
from segue.catalog.sources.gathering import Gathered, Gathering

BYTES_OF_A_RELEASE = 750
"""Of releases.xml.gz, about."""
BYTES_OF_AN_ARTIST = 75
_WITHOUT_MASTER = 1 << 40
"""Added to the id of a release that has no master, so that it is counted by itself."""
_MASTER = re.compile(rb'<master id="(\d+)"')
_YEAR = re.compile(rb"<year>(\d{4})</year>")
_ENDINGS = (".xml.gz", ".xml.xz", ".xml.zst", ".xml.bz2", ".xml")


class DiscogsDumps(Gathered):
    """The dumps in a folder. Artists are made of what releases say of those they credit where artists.xml.gz is not there."""

    name = "discogs"
    namespace = making.NAMESPACE
    licence = making.LICENCE
    tracks_are_counted_by_album = True

    def __init__(self, folder: Path, scratch: Path | None = None) -> None:
        super().__init__(scratch)
        releases = dump_of(folder, "releases")
        if releases is None:
            raise NoSource(folder, "dump of releases", hint="discogs_…_releases.xml.gz of data.discogs.com is enough.")
        self._releases = releases
        self._artist_dump = dump_of(folder, "artists")
        self._masters = dump_of(folder, "masters")

    def _files(self) -> list[Path]:
        return [path for path in (self._releases, self._artist_dump, self._masters) if path is not None]

    def _guess(self) -> Counts:
        albums = max(1, self._releases.stat().st_size // BYTES_OF_A_RELEASE)
        artists = self._artist_dump.stat().st_size // BYTES_OF_AN_ARTIST if self._artist_dump else albums // 2
        return Counts(tracks=albums * 9, albums=albums, artists=max(1, artists))

    def _gather(self, to: Gathering, place: str) -> None:
        stage, _, offset = place.partition(":")
        if self._artist_dump is not None and stage in ("", "artists"):
            self._take_artists(to, Elements(self._artist_dump, "artist", int(offset or 0), self.damage))
            offset = ""
        years = self._years(to)
        elements = Elements(self._releases, "release", int(offset or 0), self.damage)
        for element in elements.parsed():
            try:
                made = making.release_of(element)
            except ValueError as error:
                tell(self.damage, Damage(str(elements.path), elements.place, f"a release is left out: {error}"))
                continue
            for key, name in made.artists.items():
                if not to.knows_artist(key):
                    to.artist(making.credited_artist(key, name))
            if made.master and made.master < len(years) and years[made.master] and made.album.more:
                made.album.more["master"]["year"] = years[made.master]
            group = made.master or made.album.key | _WITHOUT_MASTER
            to.album(group, made.album)
            for track in made.tracks:
                to.track(group, track)
            to.came_to(f"releases:{elements.position}", elements.done, elements.size, "reading releases")

    def _take_artists(self, to: Gathering, elements: Elements) -> None:
        for element in elements.parsed():
            try:
                record = making.artist_of(element)
            except ValueError as error:
                tell(self.damage, Damage(str(elements.path), elements.place, f"an artist is left out: {error}"))
                continue
            if not to.knows_artist(record.key):
                to.artist(record)
            to.came_to(f"artists:{elements.position}", elements.done, elements.size, "reading artists")

    def _years(self, to: Gathering) -> array[int]:
        """The year of each master by its id; 0 where it is not known."""
        years = array("H", [0])
        if self._masters is None:
            return years
        elements = Elements(self._masters, "master", damage=self.damage)
        for number, text in enumerate(elements):
            master, year = _MASTER.match(text), _YEAR.search(text)
            if master is not None and year is not None and int(master[1]) < 1 << 28:
                key = int(master[1])
                if key >= len(years):
                    years.frombytes(bytes(2 * (key + (key >> 2) - len(years) + 1)))
                years[key] = int(year[1])
            if number % 1_000 == 0:
                to.say(elements.done, elements.size, "reading masters")
        return years


def dump_of(folder: Path, kind: str) -> Path | None:
    """The dump of `releases`, `artists` … in a folder, the last where there are several; None where there is none."""
    for ending in _ENDINGS:
        found = sorted(folder.glob(f"*{kind}{ending}"))
        if found:
            return found[-1]
    return None
