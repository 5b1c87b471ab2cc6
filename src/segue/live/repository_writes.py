"""Writing what people say (words, pins, decisions about doubts), mirrors, and what became of recordings."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Transaction, upsert_into
from segue.core.text import sort_key
from segue.live.bulk import among
from segue.live.models import (
    LiveArtist,
    LiveConcert,
    LiveConcertRecording,
    LiveDoubt,
    LiveMirror,
    LiveOverride,
    LivePin,
    LiveRecording,
    LiveRegroup,
    LiveVenue,
)
from segue.live.places import find
from segue.live.search.index import index_artists, index_venues

WORDS = cast(Table, LiveOverride.__table__)
PINS = cast(Table, LivePin.__table__)
DOUBTS = cast(Table, LiveDoubt.__table__)
MIRRORS = cast(Table, LiveMirror.__table__)
RECORDINGS = cast(Table, LiveRecording.__table__)


async def say(tx: Transaction, scope: str, subject: str, field: str, value: Any, user_id: int | None) -> int:
    """Keep a person's word, in place of what was said before; its number."""
    put = upsert_into(tx.dialect, WORDS).values(
        scope=scope, subject=subject, field=field, value=value, user_id=user_id, at=utc_now()
    )
    changes = {name: put.excluded[name] for name in ("value", "user_id", "at")}
    return cast(
        int,
        await tx.scalar(
            put.on_conflict_do_update(index_elements=["scope", "subject", "field"], set_=changes).returning(WORDS.c.id)
        ),
    )


async def unsay(tx: Transaction, scope: str, subject: str, field: str) -> bool:
    """Take a word back; False where nothing was said."""
    same = (WORDS.c.scope == scope, WORDS.c.subject == subject, WORDS.c.field == field)
    return bool((await tx.execute(delete(WORDS).where(*same))).rowcount)


async def pin(tx: Transaction, concert_id: int, person: int, recording_id: int) -> None:
    put = upsert_into(tx.dialect, PINS).values(
        concert_id=concert_id, user_id=person, recording_id=recording_id, at=utc_now()
    )
    changes = {name: put.excluded[name] for name in ("recording_id", "at")}
    await tx.execute(put.on_conflict_do_update(index_elements=["concert_id", "user_id"], set_=changes))


async def unpin(tx: Transaction, concert_id: int, person: int) -> bool:
    same = (PINS.c.concert_id == concert_id, PINS.c.user_id == person)
    return bool((await tx.execute(delete(PINS).where(*same))).rowcount)


async def is_of(conn: AsyncConnection, concert_id: int, recording_id: int) -> bool:
    """Whether a recording is one of a concert's."""
    h = LiveConcertRecording
    asked = select(h.recording_id).where(h.concert_id == concert_id, h.recording_id == recording_id)
    return await conn.scalar(asked) is not None


async def decide(tx: Transaction, number: int, state: str, user_id: int | None) -> None:
    values = {"state": state, "decided_by": user_id, "decided_at": utc_now() if state != "open" else None}
    await tx.execute(update(DOUBTS).where(DOUBTS.c.id == number).values(**values))


async def mark_gone(tx: Transaction, ids: Collection[int]) -> None:
    """The archive no longer has these recordings; they stay here, marked so."""
    gone = update(RECORDINGS).where(among(RECORDINGS.c.id, ids, tx.dialect)).values(status="gone")
    await tx.execute(gone)
    tx.all_changed("recording", ids)


async def add_mirror(tx: Transaction, collection: str, title: str = "") -> int | None:
    """The number of a new mirror; None where the collection is mirrored already (one that was given up is taken up again)."""
    found = (await tx.execute(select(MIRRORS.c.id, MIRRORS.c.wanted).where(MIRRORS.c.collection == collection))).first()
    if found is not None:
        if found.wanted:
            return None
        await tx.execute(update(MIRRORS).where(MIRRORS.c.id == found.id).values(wanted=True, state="new", error=None))
        return cast(int, found.id)
    made = insert(MIRRORS).values(collection=collection, title=title).returning(MIRRORS.c.id)
    return cast(int, await tx.scalar(made))


async def change_mirror(tx: Transaction, number: int, **values: Any) -> None:
    await tx.execute(update(MIRRORS).where(MIRRORS.c.id == number).values(**values))


async def waiting(conn: AsyncConnection) -> int:
    """Dates that are yet to be put into concerts."""
    return int(await conn.scalar(select(func.count()).select_from(LiveRegroup)) or 0)


async def dates_of_venue(conn: AsyncConnection, venue_id: int) -> list[tuple[int, str]]:
    c = LiveConcert
    return [(row[0], row[1]) for row in await conn.execute(select(c.artist_id, c.date).where(c.venue_id == venue_id))]


async def on_user_erased(tx: Transaction, user_id: int) -> None:
    """A person goes: their pins with them; what they said of the music stays, without their name."""
    await tx.execute(delete(PINS).where(PINS.c.user_id == user_id))
    await tx.execute(update(WORDS).where(WORDS.c.user_id == user_id).values(user_id=None))
    await tx.execute(update(DOUBTS).where(DOUBTS.c.decided_by == user_id).values(decided_by=None))


async def title_concert(tx: Transaction, view: Any) -> None:
    """Give a concert the title that people say it has."""
    asked = select(WORDS.c.value).where(
        WORDS.c.scope == "concert", WORDS.c.subject == view.uid, WORDS.c.field == "title"
    )
    title = await tx.scalar(asked)
    await tx.execute(
        update(LiveConcert).where(LiveConcert.id == view.id).values(title=title or "", changed_at=utc_now())
    )


async def name_artist(tx: Transaction, key: str) -> None:
    """Give a band the name and the collection that people say; its key stays."""
    said = {
        row.field: row.value
        for row in await tx.execute(
            select(WORDS.c.field, WORDS.c.value).where(WORDS.c.scope == "artist", WORDS.c.subject == key)
        )
    }
    values: dict[str, Any] = {}
    if "name" in said:
        values |= {"name": said["name"], "sort_name": sort_key(said["name"])}
    if "collection" in said:
        values["collection"] = said["collection"]
    number = await tx.scalar(select(LiveArtist.id).where(LiveArtist.key == key))
    if values:
        await tx.execute(update(LiveArtist).where(LiveArtist.id == number).values(**values))
    await index_artists(tx, [number])
    tx.changed("live_artist", number)


async def place_venue(tx: Transaction, key: str) -> None:
    """Give a venue the name and the position that people say."""
    asked = select(WORDS.c.field, WORDS.c.value).where(WORDS.c.scope == "venue", WORDS.c.subject == key)
    said = {row.field: row.value for row in await tx.execute(asked)}
    values: dict[str, Any] = {}
    if "name" in said:
        values |= {"name": said["name"], "sort_name": sort_key(said["name"])}
    if "position" in said:
        values |= {"latitude": said["position"][0], "longitude": said["position"][1], "placed_by": "person"}
    columns = (LiveVenue.id, LiveVenue.city, LiveVenue.region, LiveVenue.country, LiveVenue.placed_by)
    number, *where, placed_by = (await tx.execute(select(*columns).where(LiveVenue.key == key))).one()
    if "position" not in said and placed_by == "person":
        city = find(", ".join(part for part in where if part))
        values |= {"latitude": None, "longitude": None, "placed_by": ""}
        if city is not None:
            values |= {"latitude": city.latitude, "longitude": city.longitude, "placed_by": "city"}
    if values:
        await tx.execute(update(LiveVenue).where(LiveVenue.id == number).values(**values))
    await index_venues(tx, [number])
    tx.changed("venue", number)
