"""The octave of a tempo is chosen again where something else is known than before: a tag, a genre, the tracks beside it.

Nothing is listened to: `tempo.again` works on what was kept. The beats follow, and what tracks show follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from segue.analysis import documents, keeping, knowing, repository
from segue.analysis.ground import Ground
from segue.analysis.records import Knowledge
from segue.analysis.sounds import TEMPO_COLUMNS, columns_of
from segue.analysis.tempo import again
from segue.core.db import Transaction

STEP = 20
Guard = Callable[[Transaction], Awaitable[None]]


async def conclude_again(ground: Ground, sounds: Collection[int], guard: Guard | None = None) -> int:
    """Conclude the tempo of sounds that were heard again, with what is known now; how many have another tempo.

    `guard(tx)` is awaited in each transaction, and may end it."""
    changed = 0
    ordered = sorted(set(sounds))
    for at in range(0, len(ordered), STEP):
        changed += await _some(ground, ordered[at : at + STEP], guard)
    return changed


async def _some(ground: Ground, sounds: list[int], guard: Guard | None) -> int:
    async with ground.db.read() as conn:
        tracks = await repository.tracks_of(conn, sounds)
        first = {sound: _first(rows) for sound, rows in tracks.items() if rows}
        known = await knowing.of_tracks(conn, ground.measures, list(first.values()), ground.chosen)
        held = await repository.documents_of(conn, first)
        before = await repository.rows_of(conn, held)
    found = await asyncio.to_thread(
        _concluded, {sound: (held[sound], known[row.id]) for sound, row in first.items() if sound in held}
    )
    async with ground.db.write() as tx:
        if guard is not None:
            await guard(tx)
        rows = await repository.rows_of(tx.conn, [sound for sound, one in found.items() if one])
        for sound, row in first.items():
            if sound in held:
                await repository.set_state(tx, [sound], knowledge=knowing.mark(known[row.id]))
        changed = {
            sound: one for sound, one in found.items() if one and rows[sound].analyzed_at == before[sound].analyzed_at
        }
        for sound, (document, columns) in changed.items():
            await repository.set_state(tx, [sound], **columns)
            await repository.put_document(tx, sound, document)
            keeping.announce(tx, tracks[sound])
        await _show(ground, tx, changed, tracks)
    return len(changed)


async def _show(ground: Ground, tx: Transaction, changed: Mapping[int, Any], tracks: Mapping[int, list[Any]]) -> None:
    await keeping.show_known(ground, tx, {row.id: sound for sound in changed for row in tracks[sound]})


def _first(rows: list[Any]) -> Any:
    """The track whose knowledge counts for a sound: the first that is there."""
    return next((row for row in rows if row.missing_since is None), rows[0])


def _concluded(asked: Mapping[int, tuple[bytes, Knowledge]]) -> dict[int, tuple[bytes, dict[str, Any]] | None]:
    """The document and the columns of each sound that has another tempo now; None where it is the same."""
    found: dict[int, tuple[bytes, dict[str, Any]] | None] = {}
    for sound, (document, knowledge) in asked.items():
        heard = documents.unpacked(document)
        found[sound] = None
        if heard.tempo is not None:
            tempo = again(heard.tempo, knowledge)
            if tempo != heard.tempo:
                other = replace(heard, tempo=tempo)
                columns = columns_of(other)
                found[sound] = (documents.packed(other), {name: columns[name] for name in TEMPO_COLUMNS})
    return found
