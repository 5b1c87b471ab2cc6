"""Bring what tracks show of tempo, key and loudness in step with what is said and measured of them, in one transaction.

A scan and an edit do this for the tracks that they write anyway; here it is done for tracks of which only a measure, or the
choice between tag and measure, has changed. Each track that shows something else afterwards is told to the change feed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.edits import music, overlay
from segue.library.edits import repository as edits
from segue.library.measures import repository
from segue.library.measures.records import Said
from segue.library.measures.shown import MEASURED_TOO, said_by
from segue.library.scan.facts import ReplayGain, TrackTags


async def said_of(conn: AsyncConnection, rows: Sequence[Row[Any]]) -> dict[int, Said]:
    """What the tags and the edits of tracks say. Where the tags are not kept any more, what the row shows and nobody
    measured is taken for them."""
    numbers = [row.id for row in rows]
    kept = await music.tags_of_tracks(conn, numbers)
    edited = await edits.values_of(conn, "track", numbers, MEASURED_TOO)
    found = {}
    for row in rows:
        tags = kept[row.id].tags if row.id in kept else _tags_shown(row)
        mine = edited.get(row.id, {})
        found[row.id] = said_by(overlay.edited_tags(tags, mine), mine)
    return found


async def settle(tx: Transaction, tracks: Collection[int]) -> int:
    """Make tracks show what they should; returns how many showed something else."""
    rows = await repository.rows(tx.conn, tracks)
    if not rows:
        return 0
    measured = await repository.measured(tx.conn, [row.id for row in rows])
    said = await said_of(tx.conn, rows)
    changed: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        values = measured.shown(row.id, said[row.id])
        if any(getattr(row, name) != value for name, value in values.items()):
            changed[row.id] = values
            tx.changed("track", row.id, library_id=row.library_id)
    await repository.show(tx, changed)
    return len(changed)


def _tags_shown(row: Row[Any]) -> TrackTags:
    gain = ReplayGain(
        None if row.gain_measured else row.replaygain_track_gain_db,
        None if row.gain_measured else row.replaygain_track_peak,
        None if row.gain_measured else row.replaygain_album_gain_db,
        None if row.gain_measured else row.replaygain_album_peak,
        row.gain_from_r128,
    )
    return TrackTags(
        bpm=None if row.bpm_measured else row.bpm,
        key=None if row.key_measured else row.musical_key,
        replay_gain=gain if any(value is not None for value in gain[:4]) else None,
    )
