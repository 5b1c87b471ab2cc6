"""MusicBrainz's table dumps as a source of records: mbdump.tar.bz2, and mbdump-derived.tar.bz2 where it is asked for.

Tables name one another by numbers, so they go to a scratch database first (about 330 bytes a track); from there on it
is as with the JSON dumps. Beyond those, tables know the ids of things that were merged into others.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from segue.catalog.records import Counts
from segue.catalog.sources.errors import NoSource
from segue.catalog.sources.gathering import TABLES, Gathered, Gathering
from segue.catalog.sources.musicbrainz import making
from segue.catalog.sources.musicbrainz.source import take_release
from segue.catalog.sources.musicbrainz.tables.joining import Joined
from segue.catalog.sources.musicbrainz.tables.layout import CORE, DERIVED
from segue.catalog.sources.musicbrainz.tables.scratch import Scratch

BYTES_OF_A_RELEASE = 1_400
"""Of mbdump.tar.bz2, about."""
_ENDINGS = ("", ".xz", ".zst", ".gz", ".bz2")
_ARCHIVES = (".tar.bz2", ".tar.xz", ".tar.zst", ".tar.gz", ".tar")


def has_tables(folder: Path) -> bool:
    """Whether a folder has MusicBrainz's tables."""
    return bool(_files_of(folder, "mbdump", ("release",)))


class MusicBrainzTables(Gathered):
    """The table dumps in a folder: archives, or the unpacked `mbdump/TABLE`."""

    name = "musicbrainz"
    namespace = making.NAMESPACE
    licence = making.CORE

    def __init__(self, folder: Path, scratch: Path | None = None, *, derived: bool = False) -> None:
        super().__init__(scratch)
        self._core = _files_of(folder, "mbdump", CORE)
        self._derived_files = _files_of(folder, "mbdump-derived", DERIVED) if derived else []
        if derived and not self._derived_files:
            raise NoSource(folder, "mbdump-derived", hint="Genres and ratings are in mbdump-derived.tar.bz2.")
        self._derived = derived

    def _files(self) -> list[Path]:
        return [path for path, _ in (*self._core, *self._derived_files)]

    def _options(self) -> str:
        return "derived" if self._derived else ""

    def _guess(self) -> Counts:
        albums = max(1, sum(path.stat().st_size for path, _ in self._core) // BYTES_OF_A_RELEASE)
        return Counts(tracks=albums * 10, albums=albums, artists=max(1, albums // 2))

    def _gather(self, to: Gathering, place: str) -> None:
        stage, _, number = place.partition(":")
        wanted = CORE | (DERIVED if self._derived else {})
        scratch = Scratch(self._scratch / TABLES, self.damage)
        try:
            scratch.fill((*self._core, *self._derived_files), wanted, to.say)
            joined = Joined(scratch.db, self._derived)
            if stage != "releases":
                self._take_artists(to, joined, scratch, int(number or 0))
                number = ""
            total = scratch.highest("release")
            at = _Row(self._core[0][0])
            for at.number, release in joined.releases(int(number or 0)):
                take_release(to, release, self._derived, self.damage, at)
                to.came_to(f"releases:{at.number}", at.number, total, "putting releases together")
        finally:
            scratch.close()

    def _take_artists(self, to: Gathering, joined: Joined, scratch: Scratch, after: int) -> None:
        total = scratch.highest("artist")
        for number, artist in joined.artists(after):
            record = making.artist_of(artist, self._derived)
            if not to.knows_artist(record.key):
                to.artist(record)
            to.came_to(f"artists:{number}", number, total, "putting artists together")


class _Row:
    """A row of the table of releases, for a report of damage."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0

    @property
    def place(self) -> str:
        return f"release {self.number}"


def _files_of(folder: Path, archive: str, tables: Iterable[str]) -> list[tuple[Path, str | None]]:
    """The archive with the tables, or each table's own file with its name."""
    for ending in _ARCHIVES:
        if (path := folder / f"{archive}{ending}").is_file():
            return [(path, None)]
    places = [folder / "mbdump", folder / archive / "mbdump", folder / archive]
    return [
        (found[0], table)
        for table in tables
        if (found := [path for place in places for end in _ENDINGS if (path := place / f"{table}{end}").is_file()])
    ]
