"""Plays that come to count for something else: taken away, brought back, given another track, found at last.

What a play counted for is written on it. A thing that ended in another since has taken its plays along (`EntityMove`), so
they are taken from where they went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.remembered import Memory, Remembered
from segue.listening.models import Annotation, EntityMove, HeardName, Play, PlayChange
from segue.listening.names import counted_by_names, slices
from segue.listening.plays import Listen, heard_ms
from segue.listening.rollups import ALBUM, ARTIST, Names, Tally, counted_for, names_from
from segue.listening.statistics.rows import edges

PLAY: Any = Play.__table__
MOVE: Any = EntityMove.__table__


async def where_they_count(conn: AsyncConnection, plays: Sequence[Any]) -> dict[int, list[Any]]:
    """What each of these plays counts for by now, by play; plays that are in no rollup yet are left out."""
    counted = {play.id: play.counted for play in plays if play.counted is not None}
    asked = {(ALBUM, album) for album, *_ in counted.values() if album}
    asked |= {(ARTIST, artist) for _, artists, *_ in counted.values() for artist in artists}
    went: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for some in slices(sorted({number for _, number in asked})):
        moves = select(MOVE).where(MOVE.c.from_id.in_(some)).order_by(MOVE.c.up_to_play)
        for row in await conn.execute(moves):
            went.setdefault((row.kind, row.from_id), []).append((row.up_to_play, row.to_id))

    def now(kind: int, number: int, play: int) -> int:
        return next((to for up_to, to in went.get((kind, number), ()) if up_to >= play), number)

    return {
        play: [
            now(ALBUM, album, play) if album else 0,
            list(dict.fromkeys(now(ARTIST, artist, play) for artist in artists)),
            genres,
            decade,
        ]
        for play, (album, artists, genres, decade) in counted.items()
    }


async def take_out(tx: Transaction, user_id: int, plays: Sequence[Any]) -> Tally:
    """Let these plays count for nothing any more; the rows stay. What they counted for, below zero."""
    less = Tally()
    counted = await where_they_count(tx.conn, plays)
    for play in plays:
        if play.id in counted:
            heard = heard_ms(play.duration_played_ms, play.duration_ms)
            less.add(play.local_hour, -heard, play.played_at, play.subject, counted[play.id], plays=-1)
    await less.write(tx, user_id)
    return less


async def look_at_edges(tx: Transaction, user_id: int, less: Tally) -> None:
    """Say anew when things were first and last played, once the plays that counted for them are gone."""
    for (kind, number), sum in less.things.items():
        if sum.plays >= 0:
            continue
        first, last = await edges(tx.conn, user_id, kind, number)
        if number < 0:
            named = update(HeardName).where(HeardName.user_id == user_id, HeardName.id == -number)
            await tx.execute(named.values(first_played_at=first, last_played_at=last))
            continue
        mine = update(Annotation).where(
            Annotation.user_id == user_id, Annotation.kind == kind, Annotation.entity_id == number
        )
        values: dict[str, datetime | None] = {"first_played_at": first}
        await tx.execute(mine.values(values))
        # what another program counted may have been later than all that is left
        await tx.execute(mine.where(Annotation.plays_elsewhere == 0).values(last_played_at=last))


async def context_of(
    tx: Transaction, music: Memory, actor: Actor, plays: Sequence[Any], track_id: int | None
) -> tuple[dict[int, tuple[int, list[Any]]], Remembered | None, Names]:
    """The subject of each play and what it counts for, were it of this track (None: of its own texts), by play; that track,
    where there is one; and what things are called."""
    if track_id is not None:
        tracks = await music.remembered(tx.conn, actor, "track", [track_id])
        if track_id in tracks:
            track = tracks[track_id]
            counted = {play.id: (track.id, counted_for(track)) for play in plays}
            return counted, track, names_from(tx, music, actor, tracks)
    listens = {play.id: listen_of(play) for play in plays}
    found = await counted_by_names(tx, music, actor.person, listens)
    artists = names_from(tx, music, actor, {})
    return found, None, artists


async def put_in(
    tx: Transaction,
    user_id: int,
    plays: Iterable[Any],
    context: dict[int, tuple[int, list[Any]]],
    names: Names,
    *,
    again: bool = False,
) -> Tally:
    """Let plays count for their context, which is written on them; `again` where things count them already."""
    more = Tally()
    for play in plays:
        subject, counted = context[play.id]
        heard = heard_ms(play.duration_played_ms, play.duration_ms)
        more.add(play.local_hour, heard, play.played_at, subject, counted)
        values = {"subject": subject, "counted": counted}
        await tx.execute(update(PLAY).where(PLAY.c.id == play.id).values(values))
    await more.write(tx, user_id, names, again=again)
    return more


async def drop_silent_names(tx: Transaction, user_id: int, numbers: Collection[int]) -> None:
    """Forget those of these names (below zero) that no play has any more, and none that was taken away."""
    for some in slices(sorted(-number for number in numbers if number < 0)):
        gone = exists().where(PlayChange.user_id == user_id, PlayChange.subject == -HeardName.id)
        silent = delete(HeardName).where(HeardName.user_id == user_id, HeardName.id.in_(some))
        await tx.execute(silent.where(HeardName.play_count <= 0, ~gone))


def listen_of(play: Any) -> Listen:
    """What a play says of itself."""
    return Listen(
        play.played_at,
        play.title,
        play.artist,
        play.album,
        play.album_artist,
        play.duration_ms,
        play.duration_played_ms,
        play.external_ids or {},
        play.track_id,
        play.source,
        play.client,
        play.device,
        play.zone_offset_minutes,
    )


async def plays_from(conn: AsyncConnection, user_id: int, subject: int, limit: int) -> Sequence[Any]:
    """Some plays of one subject."""
    mine = select(PLAY).where(PLAY.c.subject == subject, PLAY.c.user_id == user_id)
    return (await conn.execute(mine.order_by(PLAY.c.played_at).limit(limit))).all()


async def newest_play(conn: AsyncConnection) -> int:
    """The number of the newest play of anybody; 0 where there is none."""
    return int(await conn.scalar(select(func.coalesce(func.max(PLAY.c.id), 0))) or 0)
