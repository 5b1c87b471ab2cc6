"""What the search index is made of: names in order of rank, with the names of their artists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from segue.catalog.build.names import Names
from segue.catalog.build.ranking import Ranked, unpack_artist
from segue.catalog.build.staging import PACKED, unpack_track
from segue.catalog.build.writing import unpack_album
from segue.catalog.search.writing import AlbumRow, ArtistRow, SearchWriter, TrackRow

Told = Callable[[int], None]


def write_search(
    folder: Path, work: Path, artists: Ranked, albums: Ranked, tracks: Ranked, *, trigram: bool, told: Told
) -> None:
    """search.db, and trigram.db where it is wanted, in `folder`."""
    names = Names(work, "artist")
    writer = SearchWriter(folder, trigram=trigram)
    try:
        writer.artists(_artists(artists, told))
        writer.albums(_albums(albums, names, told))
        writer.tracks(_tracks(tracks, names, told))
        writer.finish()
    finally:
        writer.close()


def _artists(artists: Ranked, told: Told) -> Iterator[ArtistRow]:
    for chunk in artists.chunks():
        for rank, rest in enumerate(chunk.parts("rest"), chunk.first_rank):
            name, aliases, genres, _ = unpack_artist(rest)
            yield rank, name, aliases, genres
        told(len(chunk))


def _albums(albums: Ranked, names: Names, told: Told) -> Iterator[AlbumRow]:
    for chunk in albums.chunks():
        credits = names.of(chunk.parts("refs"))
        for rank, (rest, artists) in enumerate(zip(chunk.parts("rest"), credits, strict=True), chunk.first_rank):
            name, label, year, genres, _, _ = unpack_album(rest)
            yield rank, name, artists, label, int(year) if year.isascii() and year.isdigit() else 0, genres
        told(len(chunk))


def _tracks(tracks: Ranked, names: Names, told: Told) -> Iterator[TrackRow]:
    for chunk in tracks.chunks():
        own = [unpack_track(rest)[0] if rest[:1] == PACKED else rest.decode() for rest in chunk.parts("rest")]
        yield from zip(
            range(chunk.first_rank, chunk.first_rank + len(chunk)), own, names.of(chunk.parts("refs")), strict=True
        )
        told(len(chunk))
