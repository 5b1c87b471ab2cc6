"""Every query that gives sounds their work: which track is which sound, who listens to it, what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, Table, and_, delete, exists, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis.ground import LOWEST, TRIED, WAITING
from segue.analysis.models import Sound, SoundDocument, SoundOfTrack, SoundVector
from segue.analysis.sounds import UNHEARD
from segue.core.db import Transaction, upsert_into
from segue.library.tables import FILES, LIBRARIES, TRACKS

SOUNDS = cast(Table, Sound.__table__)
MEMBERS = cast(Table, SoundOfTrack.__table__)
DOCUMENTS = cast(Table, SoundDocument.__table__)
VECTORS = cast(Table, SoundVector.__table__)
SLICE = 500
TURN = 0x5E607
"""The advisory lock of PostgreSQL that `turn` takes."""

_present = exists(
    select(TRACKS.c.id)
    .join(MEMBERS, MEMBERS.c.track_id == TRACKS.c.id)
    .where(MEMBERS.c.sound_id == SOUNDS.c.id, TRACKS.c.missing_since.is_(None))
)


def slices(numbers: Iterable[int]) -> Iterable[list[int]]:
    """The numbers in order, as many at a time as one statement takes."""
    ordered = sorted(set(numbers))
    return (ordered[at : at + SLICE] for at in range(0, len(ordered), SLICE))


async def turn(tx: Transaction) -> None:
    """Wait for others who give or take work: on SQLite there is one writer anyway. Whoever ends a job because nothing waits
    must not do so while another adds something."""
    if tx.dialect == "postgresql":
        await tx.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))


# --- which track is which sound ---------------------------------------------------------------------------------------


async def present_after(conn: AsyncConnection, after: int, limit: int) -> list[int]:
    """The next tracks, whether their files are there or not."""
    statement = select(TRACKS.c.id).where(TRACKS.c.id > after).order_by(TRACKS.c.id).limit(limit)
    return list(await conn.scalars(statement))


async def files_of(conn: AsyncConnection, tracks: Collection[int]) -> list[Any]:
    """Of each of these tracks that is there: its file's audio key, its slice, its library, its album, and whether it is
    missing."""
    t, f = TRACKS.c, FILES.c
    columns = (
        t.id, t.library_id, t.album_id, t.start_ms, t.end_ms, t.missing_since, f.audio_key, f.audio_key_kind, f.path,
        f.size_bytes, f.mtime_ns,
    )  # fmt: skip
    found: list[Any] = []
    for some in slices(tracks):
        found += await conn.execute(select(*columns).join(FILES, f.id == t.file_id).where(t.id.in_(some)))
    return found


async def sounds_of(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, Any]:
    """The sounds that these tracks are: rows with id, key, state, priority, analyzed_at, knowledge, by track."""
    s = SOUNDS.c
    columns = (MEMBERS.c.track_id, s.id, s.key, s.state, s.priority, s.analyzed_at, s.knowledge)
    found: dict[int, Any] = {}
    for some in slices(tracks):
        statement = select(*columns).join(SOUNDS, s.id == MEMBERS.c.sound_id).where(MEMBERS.c.track_id.in_(some))
        found |= {row.track_id: row for row in await conn.execute(statement)}
    return found


async def with_keys(tx: Transaction, keys: Collection[bytes], now: datetime, priority: int = 0) -> dict[bytes, Any]:
    """The sounds with these keys, made where they are new: rows with id, key, state, priority, analyzed_at, by key."""
    found: dict[bytes, Any] = {}
    ordered = sorted(set(keys))
    for at in range(0, len(ordered), SLICE):
        some = ordered[at : at + SLICE]
        rows = [
            {"key": key, "asked_at": now, "state": "pending", "priority": priority, "attempts": 0, "version": 0}
            for key in some
        ]
        await tx.execute(upsert_into(tx.dialect, SOUNDS).on_conflict_do_nothing(), rows)
        s = SOUNDS.c
        columns = (s.id, s.key, s.state, s.priority, s.analyzed_at)
        found |= {bytes(row.key): row for row in await tx.execute(select(*columns).where(s.key.in_(some)))}
    return found


async def put_members(tx: Transaction, sounds: Mapping[int, int]) -> None:
    """Say which sound each of these tracks is."""
    rows = [{"track_id": track, "sound_id": sound} for track, sound in sorted(sounds.items())]
    if rows:
        insert = upsert_into(tx.dialect, MEMBERS)
        await tx.execute(
            insert.on_conflict_do_update(
                index_elements=[MEMBERS.c.track_id], set_={"sound_id": insert.excluded.sound_id}
            ),
            rows,
        )


async def tracks_of(conn: AsyncConnection, sounds: Collection[int]) -> dict[int, list[Any]]:
    """The tracks that are these sounds, missing ones too: rows with id, library_id, album_id, missing_since, by sound."""
    t = TRACKS.c
    found: dict[int, list[Any]] = {sound: [] for sound in sounds}
    for some in slices(sounds):
        statement = (
            select(MEMBERS.c.sound_id, t.id, t.library_id, t.album_id, t.missing_since)
            .join(MEMBERS, MEMBERS.c.track_id == t.id)
            .where(MEMBERS.c.sound_id.in_(some))
            .order_by(t.id)
        )
        for row in await conn.execute(statement):
            found[row.sound_id].append(row)
    return found


async def place_of(conn: AsyncConnection, sounds: Collection[int]) -> dict[int, Any]:
    """Where each sound can be listened to: a present track with root, path, size_bytes, start_ms, end_ms, duration_ms, by
    sound."""
    t, f = TRACKS.c, FILES.c
    found: dict[int, Any] = {}
    for some in slices(sounds):
        statement = (
            select(
                MEMBERS.c.sound_id,
                t.id.label("track_id"),
                LIBRARIES.c.root,
                f.path,
                f.size_bytes,
                t.start_ms,
                t.end_ms,
                t.duration_ms,
            )
            .join(MEMBERS, MEMBERS.c.track_id == t.id)
            .join(FILES, f.id == t.file_id)
            .join(LIBRARIES, LIBRARIES.c.id == f.library_id)
            .where(MEMBERS.c.sound_id.in_(some), t.missing_since.is_(None), f.missing_since.is_(None))
            .order_by(t.id.desc())
        )
        found |= {row.sound_id: row for row in await conn.execute(statement)}
    return found


# --- who listens ------------------------------------------------------------------------------------------------------


def _waiting(least: int) -> Select[Any]:
    return select(SOUNDS.c.id).where(SOUNDS.c.state == "pending", SOUNDS.c.priority >= least, _present)


async def claim(tx: Transaction, job_id: int, count: int, least: int = LOWEST) -> list[int]:
    """Give a job up to `count` sounds to listen to, the most urgent first, the newest among equals."""
    wanted = (
        _waiting(least)
        .order_by(SOUNDS.c.priority.desc(), SOUNDS.c.id.desc())
        .limit(count)
        .with_for_update(skip_locked=True, of=SOUNDS)
    )
    ids = list((await tx.execute(wanted)).scalars())
    if ids:
        await tx.execute(update(SOUNDS).where(SOUNDS.c.id.in_(ids)).values(state="running", job_id=job_id))
    return ids


async def claim_one(tx: Transaction, sound: int, job_id: int) -> bool:
    """Give a job this one sound, where nobody listens to it and it was not heard."""
    claimed = (
        update(SOUNDS)
        .where(SOUNDS.c.id == sound, or_(SOUNDS.c.state.in_(("pending", "failed")), SOUNDS.c.job_id == job_id))
        .where(SOUNDS.c.state != "done")
        .values(state="running", job_id=job_id)
    )
    return bool((await tx.execute(claimed)).rowcount)


async def held_by(conn: AsyncConnection, sounds: Collection[int], job_id: int) -> set[int]:
    """Those of these sounds that are this job's."""
    s = SOUNDS.c
    held: set[int] = set()
    for some in slices(sounds):
        held.update(await conn.scalars(select(s.id).where(s.id.in_(some), s.state == "running", s.job_id == job_id)))
    return held


async def give_back(tx: Transaction, job_id: int) -> list[int]:
    """What a job has and did not end waits again; which sounds."""
    s = SOUNDS.c
    ids = list((await tx.execute(select(s.id).where(s.state == "running", s.job_id == job_id))).scalars())
    if ids:
        await tx.execute(update(SOUNDS).where(s.id.in_(ids)).values(state="pending", job_id=None))
    return ids


async def jobs_at_work(conn: AsyncConnection) -> set[int]:
    """The jobs that have sounds."""
    s = SOUNDS.c
    return set(await conn.scalars(select(s.job_id).where(s.state == "running", s.job_id.is_not(None)).distinct()))


async def waiting(conn: AsyncConnection, least: int = LOWEST) -> bool:
    """Whether there is anything that a job could take now."""
    return (await conn.execute(_waiting(least).limit(1))).first() is not None


async def count_waiting(conn: AsyncConnection) -> int:
    """About how many sounds wait for somebody to listen: those whose file is away are not counted."""
    s = SOUNDS.c
    statement = select(func.count()).select_from(SOUNDS).where(s.state == "pending", s.priority >= LOWEST)
    return int(await conn.scalar(statement) or 0)


async def set_state(tx: Transaction, sounds: Collection[int], **values: Any) -> None:
    for some in slices(sounds):
        await tx.execute(update(SOUNDS).where(SOUNDS.c.id.in_(some)).values(**values))


async def hasten(tx: Transaction, sound: int, priority: int) -> None:
    """Have a sound that waits listened to sooner."""
    s = SOUNDS.c
    await tx.execute(
        update(SOUNDS).where(s.id == sound, s.state == "pending", s.priority < priority).values(priority=priority)
    )


async def wake(tx: Transaction, before: datetime) -> int:
    """Have what waited for its file tried again, where a track of it is said to be there; how many."""
    s = SOUNDS.c
    statement = (
        update(SOUNDS)
        .where(s.state == "pending", s.priority <= WAITING, s.asked_at < before, _present)
        .values(priority=TRIED)
    )
    return int((await tx.execute(statement)).rowcount)


async def attempts_of(conn: AsyncConnection, sound: int) -> int:
    return int(await conn.scalar(select(SOUNDS.c.attempts).where(SOUNDS.c.id == sound)) or 0)


# --- what came of it --------------------------------------------------------------------------------------------------


async def put_document(tx: Transaction, sound: int, document: bytes) -> None:
    insert = upsert_into(tx.dialect, DOCUMENTS).values(sound_id=sound, document=document)
    await tx.execute(
        insert.on_conflict_do_update(index_elements=[DOCUMENTS.c.sound_id], set_={"document": insert.excluded.document})
    )


async def put_vector(tx: Transaction, sound: int, version: int, vector: bytes | None) -> None:
    """Keep an embedding; None forgets what there was."""
    if vector is None:
        await tx.execute(delete(VECTORS).where(VECTORS.c.sound_id == sound))
        return
    insert = upsert_into(tx.dialect, VECTORS).values(sound_id=sound, version=version, vector=vector)
    values = {"version": insert.excluded.version, "vector": insert.excluded.vector}
    await tx.execute(insert.on_conflict_do_update(index_elements=[VECTORS.c.sound_id], set_=values))


async def documents_of(conn: AsyncConnection, sounds: Collection[int]) -> dict[int, bytes]:
    """What is kept of these sounds, compressed, by sound."""
    found: dict[int, bytes] = {}
    for some in slices(sounds):
        rows = await conn.execute(
            select(DOCUMENTS.c.sound_id, DOCUMENTS.c.document).where(DOCUMENTS.c.sound_id.in_(some))
        )
        found |= {row.sound_id: bytes(row.document) for row in rows}
    return found


async def vector_of(conn: AsyncConnection, sound: int) -> bytes | None:
    return await conn.scalar(select(VECTORS.c.vector).where(VECTORS.c.sound_id == sound))


MEASURED = (
    *("id", "key", "state", "error", "engine", "version", "analyzed_at", "seconds", "priority", "asked_at"),
    *(name for name in UNHEARD),
)


async def rows_of(conn: AsyncConnection, sounds: Collection[int]) -> dict[int, Any]:
    """The rows of these sounds without their documents, by number."""
    columns = [SOUNDS.c[name] for name in MEASURED]
    found: dict[int, Any] = {}
    for some in slices(sounds):
        found |= {row.id: row for row in await conn.execute(select(*columns).where(SOUNDS.c.id.in_(some)))}
    return found


async def tempos_beside(conn: AsyncConnection, albums: Collection[int]) -> dict[int, list[Any]]:
    """The tempos of the tracks of albums that were heard: rows with track_id, sound_id, bpm, bpm_confidence, by album."""
    s, t = SOUNDS.c, TRACKS.c
    found: dict[int, list[Any]] = {}
    for some in slices(albums):
        statement = (
            select(t.album_id, t.id.label("track_id"), s.id.label("sound_id"), s.bpm, s.bpm_confidence)
            .join(MEMBERS, MEMBERS.c.track_id == t.id)
            .join(SOUNDS, s.id == MEMBERS.c.sound_id)
            .where(t.album_id.in_(some), t.missing_since.is_(None), s.bpm.is_not(None))
        )
        for row in await conn.execute(statement):
            found.setdefault(row.album_id, []).append(row)
    return found


async def heard_whole(conn: AsyncConnection, albums: Collection[int]) -> set[int]:
    """Those of these albums of which no present track waits or is listened to."""
    s, t = SOUNDS.c, TRACKS.c
    open_ones: set[int] = set()
    for some in slices(albums):
        statement = (
            select(t.album_id)
            .join(MEMBERS, MEMBERS.c.track_id == t.id)
            .join(SOUNDS, s.id == MEMBERS.c.sound_id)
            .where(t.album_id.in_(some), t.missing_since.is_(None))
            .where(or_(s.state == "running", and_(s.state == "pending", s.priority >= LOWEST)))
            .distinct()
        )
        open_ones.update(await conn.scalars(statement))
    return set(albums) - open_ones


# --- what nobody has any more -----------------------------------------------------------------------------------------


async def forsaken(conn: AsyncConnection, before: datetime, limit: int) -> Sequence[Any]:
    """Sounds that no track and no request has, and that were asked for or heard before then: rows with id and key."""
    from segue.analysis.models import AnalysisRequest

    s = SOUNDS.c
    asked = cast(Table, AnalysisRequest.__table__).c
    statement = (
        select(s.id, s.key)
        .where(func.coalesce(s.analyzed_at, s.asked_at) < before, s.state != "running")
        .where(~exists(select(MEMBERS.c.track_id).where(MEMBERS.c.sound_id == s.id)))
        .where(~exists(select(asked.id).where(asked.sound_id == s.id)))
        .order_by(s.id)
        .limit(limit)
    )
    return (await conn.execute(statement)).all()


async def drop(tx: Transaction, sounds: Collection[int]) -> None:
    """Forget sounds and all that was heard of them."""
    for some in slices(sounds):
        await tx.execute(delete(DOCUMENTS).where(DOCUMENTS.c.sound_id.in_(some)))
        await tx.execute(delete(VECTORS).where(VECTORS.c.sound_id.in_(some)))
        await tx.execute(delete(SOUNDS).where(SOUNDS.c.id.in_(some)))
