"""Every query about maps and groups of sounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis.similar.models import SoundCluster, SoundLayout
from segue.analysis.similar.repository import HEARD
from segue.core.clock import utc_now
from segue.core.db import Transaction, upsert_into
from segue.library.tables import GENRES, TRACK_GENRES, TRACKS

LAYOUTS: Table = SoundLayout.__table__  # type: ignore[assignment]
CLUSTERS: Table = SoundCluster.__table__  # type: ignore[assignment]
MAP, MAKING, GROUPS = "map", "map.making", "clusters"


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """A layout as it is kept: int64 sounds and their places as bytes."""

    kind: str
    space_id: int
    revision: int
    state: str
    sounds: bytes
    places: bytes
    step: int


async def layout(conn: AsyncConnection, kind: str) -> LayoutRow | None:
    c = LAYOUTS.c
    asked = select(c.kind, c.space_id, c.revision, c.state, c.sounds, c.places, c.step).where(c.kind == kind)
    row = (await conn.execute(asked)).one_or_none()
    return None if row is None else LayoutRow(*row[:4], bytes(row.sounds), bytes(row.places), row.step)


async def sounds_on(conn: AsyncConnection, kind: str) -> int:
    """How many sounds a layout has; 0 for none."""
    length = await conn.scalar(select(func.length(LAYOUTS.c.sounds)).where(LAYOUTS.c.kind == kind))
    return int(length or 0) // 8


async def revisions(conn: AsyncConnection) -> dict[str, tuple[int, str]]:
    """(revision, state) of each layout there is."""
    rows = await conn.execute(select(LAYOUTS.c.kind, LAYOUTS.c.revision, LAYOUTS.c.state))
    return {row.kind: (row.revision, row.state) for row in rows}


async def keep_layout(
    tx: Transaction, kind: str, space: int, sounds: bytes, places: bytes, *, state: str = "done", step: int = 0
) -> int:
    """Keep a layout in place of the one there was; its revision."""
    before = await tx.scalar(select(LAYOUTS.c.revision).where(LAYOUTS.c.kind == kind))
    revision = int(before or 0) + 1
    values = {
        "kind": kind, "space_id": space, "revision": revision, "state": state, "sounds": sounds,
        "places": places, "step": step, "made_at": utc_now(),
    }  # fmt: skip
    statement = upsert_into(tx.dialect, LAYOUTS).values(**values)
    rest = {name: statement.excluded[name] for name in values if name != "kind"}
    await tx.execute(statement.on_conflict_do_update(index_elements=["kind"], set_=rest))
    return revision


async def drop_layout(tx: Transaction, kind: str) -> None:
    await tx.execute(delete(LAYOUTS).where(LAYOUTS.c.kind == kind))


async def clusters(conn: AsyncConnection) -> list[Any]:
    """All groups: id, space_id, size, tightness, genres; the largest first."""
    c = CLUSTERS.c
    asked = select(c.id, c.space_id, c.size, c.tightness, c.genres).order_by(c.size.desc(), c.id)
    return list((await conn.execute(asked)).all())


async def cluster_middle(conn: AsyncConnection, number: int) -> tuple[int, bytes] | None:
    """The space and the middle of a group."""
    row = (
        await conn.execute(select(CLUSTERS.c.space_id, CLUSTERS.c.middle).where(CLUSTERS.c.id == number))
    ).one_or_none()
    return None if row is None else (row.space_id, bytes(row.middle))


async def keep_clusters(tx: Transaction, found: Collection[Mapping[str, Any]]) -> list[int]:
    """Keep these groups in place of all there were: those with an `id` under it; the numbers of all, in order."""
    now = utc_now()
    kept = [one["id"] for one in found if one.get("id") is not None]
    there = set((await tx.conn.scalars(select(CLUSTERS.c.id))).all())
    gone = there - set(kept)
    if gone:
        await tx.execute(delete(CLUSTERS).where(CLUSTERS.c.id.in_(gone)))
    numbers = []
    for one in found:
        values = {**one, "made_at": now}
        number = values.pop("id", None)
        if number in there:
            await tx.execute(CLUSTERS.update().where(CLUSTERS.c.id == number).values(**values))
        else:
            number = int(await tx.scalar(insert(CLUSTERS).values(**values).returning(CLUSTERS.c.id)))
        numbers.append(number)
    return numbers


async def heard(conn: AsyncConnection) -> list[tuple[int, int, int]]:
    """(sound, track, library) of all tracks that are there and were heard, by sound and track."""
    asked = select(HEARD.c.sound_id, TRACKS.c.id, TRACKS.c.library_id)
    asked = asked.join(TRACKS, TRACKS.c.id == HEARD.c.track_id).where(TRACKS.c.missing_since.is_(None))
    statement = asked.order_by(HEARD.c.sound_id, TRACKS.c.id)
    return [(row[0], row[1], row[2]) for row in (await conn.execute(statement)).all()]


async def genre_counts(conn: AsyncConnection, group_of: Mapping[int, int]) -> dict[int, dict[str, list[Any]]]:
    """By group and library (as text): [tracks with any genre, {genre's number as text: tracks}], of tracks that are there."""
    found: dict[int, dict[str, list[Any]]] = defaultdict(dict)
    joined = HEARD.join(TRACKS, TRACKS.c.id == HEARD.c.track_id).join(
        TRACK_GENRES, TRACK_GENRES.c.track_id == TRACKS.c.id
    )
    asked = select(HEARD.c.sound_id, TRACKS.c.library_id, TRACKS.c.id, TRACK_GENRES.c.genre_id)
    asked = asked.select_from(joined).where(TRACKS.c.missing_since.is_(None)).order_by(TRACKS.c.id)
    last = None
    for sound, library, track, genre in (await conn.execute(asked)).all():
        group = group_of.get(sound)
        if group is None:
            continue
        counts = found[group].setdefault(str(library), [0, {}])
        if track != last:
            counts[0] += 1
            last = track
        counts[1][str(genre)] = counts[1].get(str(genre), 0) + 1
    return found


async def genre_names(conn: AsyncConnection, numbers: Collection[int]) -> dict[int, str]:
    asked = select(GENRES.c.id, GENRES.c.name).where(GENRES.c.id.in_(list(numbers)))
    return {row.id: row.name for row in await conn.execute(asked)}
