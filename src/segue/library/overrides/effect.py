"""What a decision about albums comes to: which were split, merged, made or ended, and why each is one now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.models import Album, Track
from segue.library.overrides.grouping import sentence
from segue.library.preview.compare import regrouped
from segue.library.scan.write.names import slices


@dataclass(frozen=True, slots=True)
class AlbumThen:
    """An album as it was, or is; `tracks` are those of it that are meant."""

    id: int
    title: str
    artist: str
    tracks: int
    rule: str
    params: dict[str, Any]

    @property
    def sentence(self) -> str:
        return sentence(self.rule, self.params)


@dataclass(frozen=True, slots=True)
class Moved:
    """An album with those its tracks went to, or came from."""

    album: AlbumThen
    others: list[AlbumThen]


@dataclass(slots=True)
class Effect:
    """`splits` name an old album and where its tracks are now, `merges` a new one and where they come from."""

    files: int = 0
    splits: list[Moved] = field(default_factory=list)
    merges: list[Moved] = field(default_factory=list)
    added: list[AlbumThen] = field(default_factory=list)
    ended: list[AlbumThen] = field(default_factory=list)
    albums: list[AlbumThen] = field(default_factory=list)
    """The albums that the tracks are in afterwards."""


@dataclass(slots=True)
class Before:
    """Who was where."""

    tracks: dict[int, int]
    albums: dict[int, Any]
    newest: int
    """The album made last; those with larger numbers are made by the decision."""


async def before(conn: AsyncConnection, files: Collection[int]) -> Before:
    """Note who is in the albums that the tracks of these files are in."""
    albums: set[int] = set()
    for part in slices(sorted(files)):
        albums.update(await conn.scalars(select(Track.album_id).where(Track.file_id.in_(part)).distinct()))
    tracks: dict[int, int] = {}
    for part in slices(sorted(albums)):
        found = await conn.execute(select(Track.id, Track.album_id).where(Track.album_id.in_(part)))
        tracks.update((row[0], row[1]) for row in found)
    newest = int(await conn.scalar(select(func.max(Album.id))) or 0)
    return Before(tracks, await _albums(conn, albums), newest)


async def effect(conn: AsyncConnection, was: Before) -> Effect:
    """What became of them since."""
    now: dict[int, int] = {}
    for part in slices(sorted(was.tracks)):
        found = await conn.execute(select(Track.id, Track.album_id).where(Track.id.in_(part)))
        now.update((row[0], row[1]) for row in found)
    albums = await _albums(conn, set(now.values()))
    changes = regrouped(was.tracks, now, {album for album in {*was.albums, *albums} if album <= was.newest})
    sizes: dict[int, int] = {}
    for album in now.values():
        sizes[album] = sizes.get(album, 0) + 1

    def old(album: int, tracks: int) -> AlbumThen:
        return _then(was.albums[album], tracks)

    def new(album: int, tracks: int) -> AlbumThen:
        return _then(albums[album], tracks)

    return Effect(
        len(now),
        [
            Moved(old(album, sum(map(len, into.values()))), [new(one, len(some)) for one, some in sorted(into.items())])
            for album, into in sorted(changes.splits.items())
        ],
        [
            Moved(
                new(album, sum(map(len, out_of.values()))),
                [old(one, len(some)) for one, some in sorted(out_of.items())],
            )
            for album, out_of in sorted(changes.merges.items())
        ],
        [new(album, sizes[album]) for album in sorted(changes.added)],
        [old(album, 0) for album in sorted(changes.ended) if album not in albums],
        [new(album, count) for album, count in sorted(sizes.items())],
    )


async def _albums(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, Any]:
    columns = (Album.id, Album.title, Album.artist_display, Album.rule, Album.rule_params)
    found: dict[int, Any] = {}
    for part in slices(sorted(numbers)):
        found.update((row.id, row) for row in await conn.execute(select(*columns).where(Album.id.in_(part))))
    return found


def _then(row: Any, tracks: int) -> AlbumThen:
    return AlbumThen(row.id, row.title, row.artist_display, tracks, row.rule, row.rule_params)
