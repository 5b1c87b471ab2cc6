"""What was heard is kept: the sound's row, its document, its embedding, what its tracks show, and who is told, in one
transaction; the waveform goes to the storage before."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segue.analysis import documents, drawings, repository
from segue.analysis.ground import Ground
from segue.analysis.loudness import album as gated_as_one
from segue.analysis.sounds import UNHEARD, Packed, linear
from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.library.measures.records import AlbumLoudness, Measure


@dataclass(frozen=True, slots=True)
class Kept:
    """One sound that was heard: `mark` is that of what was known (`knowing.mark`)."""

    sound: int
    key: bytes
    packed: Packed
    mark: bytes | None


async def draw(ground: Ground, kept: Kept) -> None:
    """Put the waveform into the storage. To be done before `keep`: whoever finds a row done finds its waveform."""
    if kept.packed.waveform is not None:
        await ground.storage.put(drawings.storage_key(kept.key), kept.packed.waveform)


async def keep(ground: Ground, tx: Transaction, some: Sequence[Kept]) -> list[int]:
    """Keep what was heard of these sounds, and show it on their tracks, which are returned."""
    now = ground.now()
    for one in some:
        heard = one.packed
        await repository.set_state(
            tx, [one.sound], state="done", error=None, job_id=None, attempts=0, priority=0, analyzed_at=now,
            engine=heard.engine, version=heard.version, seconds=heard.seconds, knowledge=one.mark, **heard.columns,
        )  # fmt: skip
        await repository.put_document(tx, one.sound, heard.document)
        await repository.put_vector(tx, one.sound, heard.vector_version, heard.vector)
    tracks = await repository.tracks_of(tx.conn, [one.sound for one in some])
    measures: dict[int, Measure] = {}
    for one in some:
        measure = measure_of(one.packed.columns, one.packed.version, now)
        measures |= {row.id: measure for row in tracks[one.sound]}
        announce(tx, tracks[one.sound])
    await ground.measures.take(tx, measures)
    for one in some:
        for follow in ground.on_heard:
            await follow(tx, one.sound, [row.id for row in tracks[one.sound]])
    return sorted(measures)


def announce(tx: Transaction, tracks: Sequence[Any]) -> None:
    """Say in the change feed that something else is known of these tracks (rows with id and library_id)."""
    for row in tracks:
        tx.changed("analysis", format_id("tr", row.id), library_id=row.library_id)


def measure_of(columns: Mapping[str, Any], version: int, at: datetime) -> Measure:
    """What the library shows of a sound."""
    return Measure(
        version=version,
        measured_at=at,
        bpm=columns["bpm"],
        bpm_confidence=columns["bpm_confidence"],
        tonic=columns["tonic"],
        mode=columns["mode"],
        key_confidence=columns["key_confidence"],
        energy=columns["energy"],
        danceability=columns["danceability"],
        loudness_lufs=columns["integrated_lufs"],
        loudness_range_lu=columns["range_lu"],
        true_peak=linear(columns["true_peak_dbtp"]),
    )


async def show_known(ground: Ground, tx: Transaction, sounds: Mapping[int, int]) -> None:
    """Show what is known already on tracks that turned out to be sounds that were heard, by track."""
    rows = await repository.rows_of(tx.conn, set(sounds.values()))
    measures = {
        track: measure_of({name: getattr(rows[sound], name) for name in UNHEARD}, rows[sound].version, rows[sound].analyzed_at)
        for track, sound in sounds.items()
        if sound in rows and rows[sound].analyzed_at is not None
    }  # fmt: skip
    await ground.measures.take(tx, measures)


async def level_albums(ground: Ground, tracks: Collection[int] = (), albums: Collection[int] = ()) -> None:
    """Work out how loud the albums of these tracks are, each gated as one, where all their tracks are heard."""
    async with ground.db.read() as conn:
        wanted = await ground.measures.albums_of(conn, tracks, albums)
        whole = await repository.heard_whole(conn, wanted)
        members = {track for album in whole for track in wanted[album] or ()}
        sounds = {track: row.id for track, row in (await repository.sounds_of(conn, members)).items()}
        held = await repository.documents_of(conn, set(sounds.values()))
    found: dict[int, AlbumLoudness | None] = dict.fromkeys(wanted)
    for album in whole:
        inside = [sounds.get(track) for track in wanted[album] or ()]
        if inside and all(sound in held for sound in inside):
            found[album] = await asyncio.to_thread(_loudness_of, [held[sound] for sound in inside if sound is not None])
    if found:
        async with ground.db.write() as tx:
            await ground.measures.take_albums(tx, found)


def _loudness_of(held: Sequence[bytes]) -> AlbumLoudness:
    parts = [part for part in (documents.unpacked(document).loudness for document in held) if part is not None]
    peaks = [part.true_peak for part in parts if part.true_peak is not None]
    return AlbumLoudness(gated_as_one(part.histogram for part in parts), linear(max(peaks)) if peaks else None)
