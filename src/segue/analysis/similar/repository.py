"""Every query about embeddings, the space, and the tracks behind sounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, func, insert, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis.models import SoundOfTrack, SoundVector
from segue.analysis.similar.models import SoundCluster, SoundSpace
from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.library.tables import GENRES, TRACK_CREDITS, TRACK_GENRES, TRACKS

SLICE = 900
"""Numbers in one statement."""
VECTORS: Table = SoundVector.__table__  # type: ignore[assignment]
HEARD: Table = SoundOfTrack.__table__  # type: ignore[assignment]
SPACES: Table = SoundSpace.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track that is there, and what is needed to choose among tracks. `title` and `artist` are keys to compare by."""

    id: int
    sound_id: int
    library_id: int
    album_id: int
    title: str
    artist: str


def slices(values: Collection[int], size: int = SLICE) -> Iterator[list[int]]:
    """`values` in portions that fit a statement."""
    ordered = list(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


# --- embeddings -------------------------------------------------------------------------------------------------------


async def versions(conn: AsyncConnection) -> dict[int, int]:
    """How many embeddings there are, by their version."""
    rows = await conn.execute(select(VECTORS.c.version, func.count()).group_by(VECTORS.c.version))
    return {int(version): int(count) for version, count in rows}


async def sums(conn: AsyncConnection, version: int, chunk: int) -> dict[int, tuple[int, int]]:
    """By each `chunk` numbers of sounds: how many have an embedding of this version, and what their numbers add up to. Read
    from an index alone."""
    part = VECTORS.c.sound_id.op("/")(literal_column(str(int(chunk))))
    asked = select(part, func.count(), func.sum(VECTORS.c.sound_id)).where(VECTORS.c.version == version).group_by(part)
    return {int(at): (int(count), int(total)) for at, count, total in await conn.execute(asked)}


async def sounds_of_chunk(conn: AsyncConnection, version: int, chunk: int, size: int) -> set[int]:
    within = VECTORS.c.sound_id.between(chunk * size, (chunk + 1) * size - 1)
    asked = select(VECTORS.c.sound_id).where(VECTORS.c.version == version, within)
    return {int(one) for one in await conn.scalars(asked)}


async def some_sounds(conn: AsyncConnection, version: int, most: int) -> list[int]:
    """At most `most` sounds with an embedding of this version, evenly from the first to the last."""
    ids = [int(one) for one in await conn.scalars(_of_version(version))]
    step = max(1, -(-len(ids) // most))
    return ids[::step]


def _of_version(version: int) -> Any:
    return select(VECTORS.c.sound_id).where(VECTORS.c.version == version).order_by(VECTORS.c.sound_id)


async def vectors(conn: AsyncConnection, version: int, sounds: Sequence[int]) -> list[tuple[int, bytes]]:
    """The raw embeddings of these sounds, by rising number."""
    found: list[tuple[int, bytes]] = []
    for some in slices(sorted(sounds)):
        asked = select(VECTORS.c.sound_id, VECTORS.c.vector).where(
            VECTORS.c.sound_id.in_(some), VECTORS.c.version == version
        )
        found += [(int(row[0]), bytes(row[1])) for row in await conn.execute(asked.order_by(VECTORS.c.sound_id))]
    return found


# --- the space --------------------------------------------------------------------------------------------------------


async def space(conn: AsyncConnection, version: int) -> Any | None:
    """The newest space for embeddings of this version."""
    asked = select(SPACES).where(SPACES.c.embedding_version == version).order_by(SPACES.c.id.desc()).limit(1)
    return (await conn.execute(asked)).one_or_none()


async def keep_space(tx: Transaction, version: int, learnt_on: int, dimensions: int, scaling: bytes) -> int:
    """A new space in place of those before; its number."""
    values = {
        "embedding_version": version, "learnt_on": learnt_on, "dimensions": dimensions, "scaling": scaling,
        "made_at": utc_now(),
    }  # fmt: skip
    return int(await tx.scalar(insert(SPACES).values(**values).returning(SPACES.c.id)))


async def forget_spaces(tx: Transaction, before: int) -> None:
    """Remove spaces older than `before`, but for those that groups were made in: these stay until there are new ones."""
    grouped = select(SoundCluster.space_id)
    await tx.execute(delete(SPACES).where(SPACES.c.id < before, SPACES.c.id.not_in(grouped)))


# --- tracks of sounds -------------------------------------------------------------------------------------------------

_TRACK = (
    TRACKS.c.id,
    HEARD.c.sound_id,
    TRACKS.c.library_id,
    TRACKS.c.album_id,
    TRACKS.c.sort_key,
    TRACKS.c.artist_sort_key,
)
_JOINED = TRACKS.join(HEARD, HEARD.c.track_id == TRACKS.c.id)


async def tracks_of_sounds(
    conn: AsyncConnection, sounds: Collection[int], libraries: frozenset[int] | None
) -> dict[int, list[TrackRow]]:
    """The tracks that are there and may be seen, by their sound; the smallest number first."""
    found: dict[int, list[TrackRow]] = defaultdict(list)
    for some in slices(sounds):
        asked = select(*_TRACK).select_from(_JOINED).where(HEARD.c.sound_id.in_(some), TRACKS.c.missing_since.is_(None))
        for row in await conn.execute(_seen(asked, libraries).order_by(TRACKS.c.id)):
            found[row[1]].append(TrackRow(*row))
    return found


async def heard_tracks(
    conn: AsyncConnection, tracks: Collection[int], libraries: frozenset[int] | None
) -> dict[int, TrackRow]:
    """Those of `tracks` that were heard and may be seen, missing ones too, by their numbers."""
    found: dict[int, TrackRow] = {}
    for some in slices(tracks):
        asked = select(*_TRACK).select_from(_JOINED).where(TRACKS.c.id.in_(some))
        for row in await conn.execute(_seen(asked, libraries)):
            found[row[0]] = TrackRow(*row)
    return found


async def tracks_of_albums(
    conn: AsyncConnection, albums: Collection[int], libraries: frozenset[int] | None
) -> dict[int, list[TrackRow]]:
    """The heard tracks of albums that are there, in the albums' order."""
    found: dict[int, list[TrackRow]] = defaultdict(list)
    for some in slices(albums):
        asked = select(*_TRACK).select_from(_JOINED)
        asked = asked.where(TRACKS.c.album_id.in_(some), TRACKS.c.missing_since.is_(None))
        order = (TRACKS.c.album_id, TRACKS.c.disc, TRACKS.c.position, TRACKS.c.id)
        for row in await conn.execute(_seen(asked, libraries).order_by(*order)):
            found[row[3]].append(TrackRow(*row))
    return found


async def tracks_of_artists(
    conn: AsyncConnection, artists: Collection[int], libraries: frozenset[int] | None
) -> dict[int, list[TrackRow]]:
    """The heard tracks by artists (role artist) that are there, by their numbers."""
    found: dict[int, list[TrackRow]] = defaultdict(list)
    joined = _JOINED.join(TRACK_CREDITS, TRACK_CREDITS.c.track_id == TRACKS.c.id)
    for some in slices(artists):
        asked = select(TRACK_CREDITS.c.artist_id, *_TRACK).select_from(joined)
        asked = asked.where(
            TRACK_CREDITS.c.artist_id.in_(some), TRACK_CREDITS.c.role == "artist", TRACKS.c.missing_since.is_(None)
        )
        for artist, *row in await conn.execute(_seen(asked, libraries).order_by(TRACKS.c.id)):
            found[artist].append(TrackRow(*row))
    return found


async def artists_of_tracks(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, list[int]]:
    """Who tracks are by (role artist), in the order of their credits."""
    found: dict[int, list[int]] = defaultdict(list)
    for some in slices(tracks):
        asked = select(TRACK_CREDITS.c.track_id, TRACK_CREDITS.c.artist_id)
        asked = asked.where(TRACK_CREDITS.c.track_id.in_(some), TRACK_CREDITS.c.role == "artist")
        for track, artist in await conn.execute(asked.order_by(TRACK_CREDITS.c.track_id, TRACK_CREDITS.c.position)):
            found[track].append(artist)
    return found


def _seen(asked: Any, libraries: frozenset[int] | None) -> Any:
    return asked if libraries is None else asked.where(TRACKS.c.library_id.in_(libraries))


# --- labels -----------------------------------------------------------------------------------------------------------


async def genres_of(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, list[str]]:
    """The names of tracks' genres in the order of their tags."""
    found: dict[int, list[str]] = defaultdict(list)
    for some in slices(tracks):
        asked = select(TRACK_GENRES.c.track_id, GENRES.c.name).join(GENRES, GENRES.c.id == TRACK_GENRES.c.genre_id)
        asked = asked.where(TRACK_GENRES.c.track_id.in_(some))
        for track, name in await conn.execute(asked.order_by(TRACK_GENRES.c.track_id, TRACK_GENRES.c.position)):
            found[track].append(name)
    return found


async def moods_of(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, list[str]]:
    """The moods that tracks' tags say."""
    found: dict[int, list[str]] = {}
    for some in slices(tracks):
        asked = select(TRACKS.c.id, TRACKS.c.moods, TRACKS.c.mood).where(TRACKS.c.id.in_(some))
        for track, moods, mood in await conn.execute(asked):
            if said := [str(one) for one in moods or ([mood] if mood else [])]:
                found[track] = said
    return found
