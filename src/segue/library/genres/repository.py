"""Every query about the tree of genres."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.changes import Fact
from segue.core.db import Transaction
from segue.core.text import sort_key
from segue.library.genres.models import GenreAncestor
from segue.library.models import Album, AlbumGenre, Genre, GenreCount, Track, TrackGenre
from segue.library.scan.grouping import name_key

PLACED = "genre_tree"


async def all_genres(conn: AsyncConnection) -> list[Any]:
    """Rows (id, name, name_key, parent_id, placed_by), by name."""
    columns = (Genre.id, Genre.name, Genre.name_key, Genre.parent_id, Genre.placed_by)
    return list((await conn.execute(select(*columns).order_by(Genre.sort_key, Genre.id))).all())


async def counts(conn: AsyncConnection, libraries: frozenset[int] | None) -> dict[int, tuple[int, int]]:
    """How many tracks and albums each genre has in these libraries (None: all)."""
    owner = GenreCount.genre_id
    statement = select(owner, func.sum(GenreCount.track_count), func.sum(GenreCount.album_count)).group_by(owner)
    if libraries is not None:
        statement = statement.where(GenreCount.library_id.in_(libraries))
    return {row[0]: (int(row[1]), int(row[2])) for row in await conn.execute(statement)}


async def counts_within(conn: AsyncConnection, genre_id: int, libraries: frozenset[int] | None) -> tuple[int, int]:
    """How many tracks and albums have a genre or one below it; each is counted once."""
    below = select(GenreAncestor.genre_id).where(GenreAncestor.ancestor_id == genre_id)
    tracks = (
        select(func.count(TrackGenre.track_id.distinct()))
        .join(Track, Track.id == TrackGenre.track_id)
        .where(TrackGenre.genre_id.in_(below), Track.missing_since.is_(None))
    )
    albums = (
        select(func.count(AlbumGenre.album_id.distinct()))
        .join(Album, Album.id == AlbumGenre.album_id)
        .where(AlbumGenre.genre_id.in_(below), Album.missing_since.is_(None))
    )
    if libraries is not None:
        tracks = tracks.where(Track.library_id.in_(libraries))
        albums = albums.where(Album.library_id.in_(libraries))
    return int(await conn.scalar(tracks) or 0), int(await conn.scalar(albums) or 0)


async def add(tx: Transaction, names: Iterable[str]) -> dict[str, int]:
    """New genres without music, by name."""
    made: dict[str, int] = {}
    for name in names:
        values = {"name": name, "name_key": name_key(name), "sort_key": sort_key(name)}
        number: int = (await tx.execute(insert(Genre).values(values).returning(Genre.id))).scalar_one()
        made[name] = number
        tx.changed("genre", number)
    return made


async def place(tx: Transaction, genre_id: int, parent_id: int | None, placed_by: str | None) -> None:
    """Put a genre below another, or at the root."""
    values = {"parent_id": parent_id, "placed_by": placed_by}
    await tx.execute(update(Genre).where(Genre.id == genre_id).values(values))
    tx.changed("genre", genre_id)


async def spell_out(tx: Transaction) -> None:
    """Make the table of ancestors anew from the parents; a few thousand rows at most."""
    parents = {row[0]: row[1] for row in await tx.execute(select(Genre.id, Genre.parent_id))}
    rows = []
    for genre in parents:
        above: int | None = genre
        seen: set[int] = set()
        while above is not None and above not in seen:
            seen.add(above)
            rows.append({"genre_id": genre, "ancestor_id": above})
            above = parents.get(above)
    await tx.execute(delete(GenreAncestor))
    if rows:
        await tx.execute(insert(GenreAncestor), rows)


async def add_lines(tx: Transaction, lines: Mapping[int, Iterable[int]]) -> None:
    """Spell out new genres: each with itself and all above it."""
    rows = [{"genre_id": genre, "ancestor_id": above} for genre, line in lines.items() for above in line]
    if rows:
        await tx.execute(insert(GenreAncestor), rows)


async def remove_empty(tx: Transaction, ids: Collection[int]) -> None:
    """Delete those of `ids` that have neither music nor anything below them."""
    used = select(TrackGenre.genre_id).where(TrackGenre.genre_id.in_(ids)).distinct()
    above = select(Genre.parent_id).where(Genre.parent_id.in_(ids)).distinct()
    kept = set(await tx.conn.scalars(used)) | set(await tx.conn.scalars(above))
    for number in sorted(set(ids) - kept):
        await tx.execute(delete(GenreAncestor).where(GenreAncestor.genre_id == number))
        await tx.execute(delete(Genre).where(Genre.id == number))
        tx.changed("genre", number, "delete")


async def placed_version(conn: AsyncConnection) -> int:
    """The version of the file's tree that all genres were last placed by; 0 for none."""
    return int(await conn.scalar(select(Fact.value).where(Fact.name == PLACED)) or 0)
