"""Every query over links and mentions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.changes import Fact
from segue.core.db import Transaction, upsert_into
from segue.library.models import ArtistCount, Track, TrackCredit
from segue.library.scan.write.names import slices
from segue.metadata.models import CatalogLink, CatalogMention

LINK = cast(Table, CatalogLink.__table__)
MENTION = cast(Table, CatalogMention.__table__)
SLICE = 2_000
WORKS = 25
"""Tracks of one artist that say who it is."""
FOUND = ("state", "value", "score", "method", "reasons", "others", "library_id", "snapshot", "looked_at")
BY_PERSON = ("confirmed", "rejected")
Libraries = frozenset[int] | None


async def links_of(conn: AsyncConnection, kind: str, ids: Collection[int]) -> dict[int, Any]:
    """The links of these tracks, albums or artists, by number."""
    found: dict[int, Any] = {}
    for some in slices(sorted(set(ids)), SLICE):
        rows = await conn.execute(select(LINK).where(LINK.c.kind == kind, LINK.c.entity_id.in_(some)))
        found |= {row.entity_id: row for row in rows}
    return found


async def link(conn: AsyncConnection, number: int) -> Any | None:
    return (await conn.execute(select(LINK).where(LINK.c.id == number))).first()


async def some(conn: AsyncConnection, numbers: Collection[int]) -> list[Any]:
    """The links of these numbers."""
    found: list[Any] = []
    for part in slices(sorted(numbers), SLICE):
        found += (await conn.execute(select(LINK).where(LINK.c.id.in_(part)))).all()
    return found


async def works_of(conn: AsyncConnection, artists: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """(value, title) of tracks that these artists made and that are in the catalogue, by artist; some of each."""
    found: dict[int, list[tuple[str, str]]] = {}
    for part in slices(sorted(set(artists)), SLICE):
        numbered = (
            select(
                TrackCredit.artist_id,
                LINK.c.value,
                Track.title,
                func.row_number()
                .over(partition_by=TrackCredit.artist_id, order_by=TrackCredit.track_id)
                .label("place"),
            )
            .join(Track, Track.id == TrackCredit.track_id)
            .join(LINK, and_(LINK.c.kind == "track", LINK.c.entity_id == TrackCredit.track_id))
            .where(
                TrackCredit.artist_id.in_(part),
                TrackCredit.role == "artist",
                LINK.c.state.in_(("linked", "confirmed")),
            )
            .subquery()
        )
        rows = select(numbered.c.artist_id, numbered.c.value, numbered.c.title).where(numbered.c.place <= WORKS)
        for artist, value, title in await conn.execute(rows.order_by(numbered.c.artist_id, numbered.c.place)):
            found.setdefault(artist, []).append((value, title))
    return found


async def put(tx: Transaction, kind: str, rows: Iterable[Mapping[str, Any]]) -> list[int]:
    """Keep what was found, {entity_id, …FOUND}, but where a person decided; the numbers of links that are different now."""
    wanted = {row["entity_id"]: row for row in rows}
    held = await links_of(tx.conn, kind, wanted)
    fresh = {
        number: row
        for number, row in wanted.items()
        if number not in held or (held[number].decided_at is None and _differs(held[number], row))
    }
    seen = [held[number].id for number in wanted.keys() - fresh.keys() if number in held]
    for some in slices(seen, SLICE):
        looked = next(iter(wanted.values()))
        await tx.execute(
            update(LINK).where(LINK.c.id.in_(some)).values(snapshot=looked["snapshot"], looked_at=looked["looked_at"])
        )
    if fresh:
        insert = upsert_into(tx.dialect, LINK)
        statement = insert.on_conflict_do_update(
            index_elements=["kind", "entity_id"],
            set_={name: insert.excluded[name] for name in FOUND},
            where=LINK.c.decided_at.is_(None),
        )
        for some in slices([{"kind": kind, **row} for row in fresh.values()], 500):
            await tx.execute(statement, list(some))
    now = await links_of(tx.conn, kind, fresh)
    return [row.id for row in now.values()]


def _differs(held: Any, row: Mapping[str, Any]) -> bool:
    return any(getattr(held, name) != row[name] for name in ("state", "value", "score", "method", "library_id"))


async def decide(tx: Transaction, kind: str, entity_id: int, values: Mapping[str, Any]) -> int:
    """Keep a person's word about one thing; the number of its link."""
    insert = upsert_into(tx.dialect, LINK).values({"kind": kind, "entity_id": entity_id, **values})
    statement = insert.on_conflict_do_update(index_elements=["kind", "entity_id"], set_=dict(values))
    return int(await tx.scalar(statement.returning(LINK.c.id)))


async def page(
    conn: AsyncConnection,
    libraries: Libraries,
    *,
    kinds: Collection[str],
    states: Collection[str],
    after: int,
    limit: int,
) -> Sequence[Any]:
    """Links in the order they were made, those that somebody may see: of their libraries, and of artists in them."""
    asked = select(LINK).where(LINK.c.id > after, LINK.c.kind.in_(kinds), LINK.c.state.in_(states))
    if libraries is not None:
        has = select(ArtistCount.artist_id).where(ArtistCount.library_id.in_(sorted(libraries)))
        of_artist = and_(LINK.c.kind == "artist", LINK.c.entity_id.in_(has))
        asked = asked.where(or_(LINK.c.library_id.in_(sorted(libraries)), of_artist))
    return (await conn.execute(asked.order_by(LINK.c.id).limit(limit))).all()


async def counts(conn: AsyncConnection, libraries: Libraries) -> dict[tuple[str, str], int]:
    """How many links there are, by kind and state; of artists all."""
    counted = select(LINK.c.kind, LINK.c.state, func.count()).group_by(LINK.c.kind, LINK.c.state)
    if libraries is not None:
        counted = counted.where(or_(LINK.c.library_id.in_(sorted(libraries)), LINK.c.library_id.is_(None)))
    return {(row[0], row[1]): int(row[2]) for row in await conn.execute(counted)}


async def with_values(
    conn: AsyncConnection, kind: str, values: Collection[str], libraries: Libraries
) -> dict[str, list[int]]:
    """What somebody has of these rows of the catalogue: numbers by value."""
    found: dict[str, list[int]] = {}
    for some in slices(sorted(set(values)), SLICE):
        has = select(LINK.c.value, LINK.c.entity_id).where(
            LINK.c.value.in_(some), LINK.c.kind == kind, LINK.c.state.in_(("linked", "confirmed"))
        )
        if libraries is not None:
            has = has.where(LINK.c.library_id.in_(sorted(libraries)))
        for value, number in await conn.execute(has.order_by(LINK.c.entity_id)):
            found.setdefault(value, []).append(number)
    return found


async def looked_for_elsewhere(conn: AsyncConnection, snapshot: str, after: int, limit: int) -> Sequence[Any]:
    """Links that were last looked for in another catalogue than this one, and that no person decided."""
    old = select(LINK).where(LINK.c.id > after, LINK.c.snapshot != snapshot, LINK.c.decided_at.is_(None))
    return (await conn.execute(old.order_by(LINK.c.id).limit(limit))).all()


async def seen_again(tx: Transaction, ids: Collection[int], snapshot: str, now: datetime) -> None:
    """These are in the catalogue of today as they were in an earlier one."""
    for some in slices(sorted(ids), SLICE):
        await tx.execute(update(LINK).where(LINK.c.id.in_(some)).values(snapshot=snapshot, looked_at=now))


async def drop(tx: Transaction, kind: str, ids: Collection[int]) -> list[tuple[int, int | None]]:
    """Forget the links of what is gone; (number, library) of each that there was."""
    gone: list[tuple[int, int | None]] = []
    for some in slices(sorted(set(ids)), SLICE):
        mine = delete(LINK).where(LINK.c.kind == kind, LINK.c.entity_id.in_(some))
        gone += [(row[0], row[1]) for row in await tx.execute(mine.returning(LINK.c.id, LINK.c.library_id))]
    return gone


async def drop_library(tx: Transaction, library: int) -> None:
    await tx.execute(delete(LINK).where(LINK.c.library_id == library))


async def move(tx: Transaction, kind: str, ended: int, kept: int) -> None:
    """What ended in another leaves it its link where that has none, or none that a person chose."""
    held = await links_of(tx.conn, kind, [ended, kept])
    old, new = held.get(ended), held.get(kept)
    if old is None:
        return
    if new is None or (old.decided_at is not None and new.decided_at is None):
        if new is not None:
            await tx.execute(delete(LINK).where(LINK.c.id == new.id))
        await tx.execute(update(LINK).where(LINK.c.id == old.id).values(entity_id=kept))
        return
    await tx.execute(delete(LINK).where(LINK.c.id == old.id))


async def forget_person(tx: Transaction, user_id: int) -> None:
    """Who decided is not told of somebody who is gone; what was decided stays."""
    await tx.execute(update(LINK).where(LINK.c.decided_by == user_id).values(decided_by=None))


# --- mentions ---------------------------------------------------------------------------------------------------------


async def mentions(conn: AsyncConnection, keys: Collection[str]) -> dict[str, Any]:
    """What texts mean, by their keys."""
    found: dict[str, Any] = {}
    for some in slices(sorted(set(keys)), SLICE):
        found |= {row.key: row for row in await conn.execute(select(MENTION).where(MENTION.c.key.in_(some)))}
    return found


async def put_mentions(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    insert = upsert_into(tx.dialect, MENTION)
    names = [column.name for column in MENTION.c if column.name != "key"]
    statement = insert.on_conflict_do_update(
        index_elements=["key"], set_={name: insert.excluded[name] for name in names}
    )
    for some in slices(rows, 500):
        await tx.execute(statement, list(some))


# --- facts ------------------------------------------------------------------------------------------------------------


async def set_or_forget(tx: Transaction, name: str, value: int | str | None) -> None:
    """Keep a fact, or that there is none."""
    await tx.execute(delete(Fact).where(Fact.name == name))
    if value is not None:
        await tx.execute(upsert_into(tx.dialect, cast(Table, Fact.__table__)).values(name=name, value=str(value)))
