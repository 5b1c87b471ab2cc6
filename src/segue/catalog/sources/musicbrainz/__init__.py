"""MusicBrainz: its JSON dumps (one archive an entity) and its table dumps (mbdump.tar.bz2 and its companions)."""

from __future__ import annotations

from pathlib import Path

from segue.catalog.records import Source
from segue.catalog.sources.errors import NoSource


def open_dumps(folder: Path, scratch: Path | None = None, *, derived: bool = False) -> Source:
    """The dumps in a folder: the JSON documents where they are there, the tables else. Raises NoSource."""
    from segue.catalog.sources.musicbrainz.documents import dump_of

    if dump_of(folder, "release") is not None:
        from segue.catalog.sources.musicbrainz.source import MusicBrainzDocuments

        return MusicBrainzDocuments(folder, scratch, derived=derived)
    from segue.catalog.sources.musicbrainz.tables import MusicBrainzTables, has_tables

    if has_tables(folder):
        return MusicBrainzTables(folder, scratch, derived=derived)
    raise NoSource(folder, "dump of MusicBrainz", hint="release.tar.xz (JSON) or mbdump.tar.bz2 (tables) is enough.")
