"""Segues that recordings mark: `Scarlet Begonias ->` in the title of a track, where the setlist says nothing of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any, cast

from sqlalchemy import Table, select

from segue.core.db import Transaction
from segue.live import bulk
from segue.live.models import LiveConcertRecording, LiveTrack
from segue.live.songs.rows import PERFORMANCE, batches

TRACK = cast(Table, LiveTrack.__table__)
HELD = cast(Table, LiveConcertRecording.__table__)


async def mark_segues(tx: Transaction, concerts: Collection[int]) -> int:
    """Keep which performances of these concerts run into the next one by the word of any recording; how many changed."""
    changed: list[tuple[int, bool]] = []
    for some in batches(concerts):
        said = await _said(tx, some)
        asked = select(PERFORMANCE.c.id, PERFORMANCE.c.concert_id, PERFORMANCE.c.song_id, PERFORMANCE.c.segue_heard)
        order = (PERFORMANCE.c.concert_id, PERFORMANCE.c.position)
        rows = (await tx.execute(asked.where(PERFORMANCE.c.concert_id.in_(some)).order_by(*order))).all()
        for at, row in enumerate(rows):
            after = rows[at + 1] if at + 1 < len(rows) and rows[at + 1].concert_id == row.concert_id else None
            marked = after is not None and (row.song_id, after.song_id) in said[row.concert_id]
            if marked != row.segue_heard:
                changed.append((row.id, marked))
                tx.changed("concert", row.concert_id)
    await bulk.change(tx, PERFORMANCE, ("segue_heard",), changed)
    return len(changed)


def runs_into(heard: Iterable[Any]) -> set[tuple[int, int]]:
    """The pairs of songs of which the first is marked to run into the second: `heard` is [song id or null, name, kind, segue,
    …] each, of all tracks of a recording in order. What is no song (a tuning, a crowd) lies between without parting them."""
    songs = [(said[0], bool(said[3])) for said in heard if said and len(said) > 3 and said[2] != "nonsong"]
    return {
        (before[0], after[0])
        for before, after in pairwise(songs)
        if before[1] and before[0] is not None and after[0] is not None
    }


async def _said(tx: Transaction, concerts: Collection[int]) -> dict[int, set[tuple[int, int]]]:
    asked = (
        select(HELD.c.concert_id, TRACK.c.recording_id, TRACK.c.heard)
        .join_from(HELD, TRACK, TRACK.c.recording_id == HELD.c.recording_id)
        .where(HELD.c.concert_id.in_(concerts), TRACK.c.heard.is_not(None))
        .order_by(HELD.c.concert_id, TRACK.c.recording_id, TRACK.c.number)
    )
    tapes: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in await tx.execute(asked):
        tapes[row.concert_id, row.recording_id] += row.heard
    said: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for (concert, _), heard in tapes.items():
        said[concert] |= runs_into(heard)
    return said
