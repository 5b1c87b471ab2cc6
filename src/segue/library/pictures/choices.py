"""What people chose: queries. A choice is above every rule and every scan, and goes where its album goes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.models import Album, Artwork, Track
from segue.library.pictures.models import ArtworkChoice
from segue.library.scan.write import statements

_SLICE = 1_000


async def pictures_of(conn: AsyncConnection, kind: str, ids: Collection[int]) -> dict[int, int]:
    """The pictures chosen for whole albums, artists or tracks, by entity."""
    found: dict[int, int] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _SLICE):
        statement = select(ArtworkChoice.entity_id, ArtworkChoice.artwork_id).where(
            ArtworkChoice.kind == kind,
            ArtworkChoice.entity_id.in_(ordered[start : start + _SLICE]),
            ArtworkChoice.disc == 0,
        )
        found.update((row[0], row[1]) for row in await conn.execute(statement))
    return found


async def discs_of(conn: AsyncConnection, album_id: int) -> dict[int, int]:
    """The pictures chosen for discs of an album, by disc."""
    statement = select(ArtworkChoice.disc, ArtworkChoice.artwork_id).where(
        ArtworkChoice.kind == "album", ArtworkChoice.entity_id == album_id, ArtworkChoice.disc > 0
    )
    return {row[0]: row[1] for row in await conn.execute(statement)}


async def put(
    tx: Transaction, kind: str, entity_id: int, disc: int, artwork_id: int, source: str, by: int | None, now: datetime
) -> None:
    """Keep a choice, in place of the one before."""
    said = ("artwork_id", "source", "chosen_by", "chosen_at")
    row = {
        "kind": kind, "entity_id": entity_id, "disc": disc, "artwork_id": artwork_id, "source": source,
        "chosen_by": by, "chosen_at": now,
    }  # fmt: skip
    await tx.execute(statements.put_or_replace(tx.dialect, ArtworkChoice, ("kind", "entity_id", "disc"), said), [row])


async def drop(tx: Transaction, kind: str, entity_id: int, disc: int) -> bool:
    """Forget a choice; says whether there was one."""
    statement = (
        delete(ArtworkChoice)
        .where(ArtworkChoice.kind == kind, ArtworkChoice.entity_id == entity_id, ArtworkChoice.disc == disc)
        .returning(ArtworkChoice.artwork_id)
    )
    return (await tx.execute(statement)).first() is not None


async def keep_tracks(tx: Transaction, tracks: Collection[int]) -> None:
    """Give tracks that were written anew the pictures that people chose for them."""
    for track, artwork in (await pictures_of(tx.conn, "track", tracks)).items():
        await tx.execute(update(Track).where(Track.id == track).values(artwork_id=artwork))


async def show(tx: Transaction, kind: str, number: int, artwork_id: int | None, now: datetime) -> None:
    """Let an album or a track show a picture, or none of its own."""
    model: type[Album] | type[Track] = Album if kind == "album" else Track
    await tx.execute(update(model).where(model.id == number).values(artwork_id=artwork_id, updated_at=now))


async def artwork_row(tx: Transaction, row: dict[str, Any]) -> int:
    """The number of the picture with this content; its row is made where there is none."""
    await tx.execute(statements.insert(tx.dialect, Artwork).values(row).on_conflict_do_nothing())
    number: int = await tx.scalar(select(Artwork.id).where(Artwork.sha256 == row["sha256"]))
    return number


async def follow(tx: Transaction, kind: str, old: int, new: int) -> None:
    """What was chosen for `old`, which goes up in `new`, holds for `new` where nothing was chosen for that."""
    taken = select(ArtworkChoice.disc).where(ArtworkChoice.kind == kind, ArtworkChoice.entity_id == new)
    discs = set((await tx.execute(taken)).scalars())
    mine = select(ArtworkChoice.disc).where(ArtworkChoice.kind == kind, ArtworkChoice.entity_id == old)
    for disc in list((await tx.execute(mine)).scalars()):
        of_old = (ArtworkChoice.kind == kind, ArtworkChoice.entity_id == old, ArtworkChoice.disc == disc)
        if disc in discs:
            await tx.execute(delete(ArtworkChoice).where(*of_old))
        else:
            await tx.execute(update(ArtworkChoice).where(*of_old).values(entity_id=new))
