"""The demonstration's catalogue: what its people recorded, built as any other."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

from segue.catalog.build.building import build
from segue.catalog.records import Album, Artist, Track
from segue.catalog.snapshot.layout import MANIFEST
from segue.catalog.sources.listed import ListedSource
from segue.demo.discography import releases

NAMESPACE = "demo"


def make_catalogue(folder: Path, truth: dict[str, Any]) -> None:
    """Build it at `folder`, where none is there; `truth` is what `segue.demo.library.make` gave."""
    if not (folder / MANIFEST).is_file():
        build(source(truth), folder)


def source(truth: dict[str, Any]) -> ListedSource:
    """The records of the demonstration's world."""
    seconds = {
        (Path(path).parts[1].rpartition(" (")[0], told["title"]): float(told["duration_s"])
        for path, told in truth.items()
    }
    named = {name: key for key, name in enumerate(_names(seconds), 1)}
    genres: dict[str, list[str]] = {}
    albums: list[Album] = []
    tracks: list[Track] = []
    for number, release in enumerate(releases(seconds), 1):
        credited = tuple(named[name] for name in release.artists)
        on_it = dict.fromkeys(named[name] for track in release.tracks for name in track[3])
        for name in release.artists:
            genres.setdefault(name, []).append(release.genre)
        albums.append(
            Album(
                key=number,
                id=f"album-{number}",
                name=release.title,
                type=release.type,
                label=release.label,
                release_date=release.date,
                precision=("year", "month", "day")[release.date.count("-")],
                total_tracks=len(release.tracks),
                popularity=_fame(release.title),
                artists=credited,
                appears=tuple(key for key in on_it if key not in credited),
                genres=(release.genre,),
            )
        )
        place: dict[int, int] = {}
        for title, length, disc, people in release.tracks:
            place[disc] = place.get(disc, 0) + 1
            key = len(tracks) + 1
            tracks.append(
                Track(
                    key=key,
                    id=f"track-{key}",
                    name=title,
                    album=number,
                    duration_ms=length * 1000,
                    track_number=place[disc],
                    disc_number=disc,
                    popularity=_fame(title),
                    isrcs=(f"ZZSEG{int(release.date[2:4]):02}{key:05}",),
                    artists=tuple(named[name] for name in people),
                )
            )
    artists = [
        Artist(
            key=key,
            id=f"artist-{key}",
            name=name,
            followers=_fame(name) * 97,
            popularity=_fame(name),
            genres=tuple(dict.fromkeys(genres.get(name, ()))),
        )
        for name, key in named.items()
    ]
    return ListedSource("demo", NAMESPACE, "CC0-1.0", artists, albums, tracks)


def _names(seconds: dict[tuple[str, str], float]) -> dict[str, None]:
    found = releases(seconds)
    return dict.fromkeys(
        name for one in found for name in (*one.artists, *(who for track in one.tracks for who in track[3]))
    )


def _fame(name: str) -> int:
    """A popularity from 10 to 80 that stays the same."""
    return 10 + zlib.crc32(name.encode()) % 71
