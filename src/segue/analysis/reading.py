"""What is known of tracks, as far as somebody may see them: the reading verbs of the service."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis import documents, drawings, repository, repository_reads
from segue.analysis import words as person
from segue.analysis.ground import Ground, listen_key
from segue.analysis.records import Heard, Waveform
from segue.analysis.refusals import NotHeardYet
from segue.analysis.sounds import vector_of
from segue.analysis.views import Failure, Shown, State, Status, TrackAnalysis, TrackSummary, Word
from segue.core.access import Actor
from segue.core.storage import ObjectNotFound


class Reading:
    """Asks who asks, and reads."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    async def of_track(self, actor: Actor, track_id: int) -> TrackAnalysis:
        """All that is known of a track, without waveform and embedding. Raises NotInLibrary."""
        track = await self.ground.library.track(track_id, actor)
        async with self.ground.db.read() as conn:
            sound = (await repository.sounds_of(conn, [track.id])).get(track.id)
            row = None if sound is None else (await repository.rows_of(conn, [sound.id])).get(sound.id)
            held = {} if sound is None else await repository.documents_of(conn, [sound.id])
            edited = (await repository_reads.edited(conn, [track.id])).get(track.id, set())
            said = (await repository_reads.words_of(conn, [track.id])).get(track.id, {})
        heard = documents.unpacked(held[row.id]) if row is not None and row.id in held else None
        bpm, key = shown_of(track, edited)
        words = {
            name: Word(one.value.get("is"), one.value.get("was"), one.user_id, one.said_at)
            for name, one in said.items()
        }
        plain = {name: word.value for name, word in words.items() if word.value is not None}
        tempo = heard.tempo if heard else None
        if heard is not None and tempo is not None:
            by_hand = bpm.value if bpm.source == "edit" else None
            tempo = person.tempo_by(tempo, by_hand, plain, heard.duration_ms)
        return TrackAnalysis(
            track_id=track.id,
            state=self.state_of(row),
            reason=None if row is None else row.error,
            sound_id=None if row is None else row.id,
            key=None if row is None else bytes(row.key),
            analyzed_at=None if row is None else row.analyzed_at,
            heard=heard,
            tempo=tempo,
            shape=person.shape_by(heard.shape if heard else None, plain),
            bpm=bpm,
            musical_key=key,
            words=words,
            drawing=drawing_name(row) if row is not None and row.analyzed_at is not None else None,
        )

    async def of_tracks(self, actor: Actor, ids: Sequence[int]) -> list[TrackSummary]:
        """What a list shows of those of these tracks that `actor` may see, in their order."""
        tracks = await self.ground.library.tracks_of(ids, actor)
        return await self.summaries(tracks)

    async def summaries(self, tracks: Sequence[Any]) -> list[TrackSummary]:
        """The same, of tracks of the library that were read already."""
        numbers = [track.id for track in tracks]
        async with self.ground.db.read() as conn:
            sounds = {track: row.id for track, row in (await repository.sounds_of(conn, numbers)).items()}
            rows = await repository.rows_of(conn, set(sounds.values()))
            edited = await repository_reads.edited(conn, numbers)
        found = []
        for track in tracks:
            row = rows.get(sounds.get(track.id, 0))
            bpm, key = shown_of(track, edited.get(track.id, ()))
            reason = None if row is None else row.error
            heard = row if row is not None and row.analyzed_at is not None else None
            found.append(TrackSummary(track.id, self.state_of(row), reason, heard, bpm, key))
        return found

    async def waveform(self, actor: Actor, track_id: int) -> tuple[Waveform, str]:
        """The peaks of a track as they are kept, and a name of them that changes when they do.

        Raises NotInLibrary, NotHeardYet."""
        row = await self._row(actor, track_id)
        try:
            data = await self.ground.storage.get(drawings.storage_key(bytes(row.key)))
        except ObjectNotFound:
            raise NotHeardYet(track_id, "done") from None
        return drawings.drawn(data), drawing_name(row)

    async def waveform_name(self, actor: Actor, track_id: int) -> str:
        """The name alone. Raises NotInLibrary, NotHeardYet."""
        return drawing_name(await self._row(actor, track_id))

    async def heard(self, sound_id: int) -> Heard | None:
        """Everything that was heard of a sound, with waveform and embedding; None where nothing was."""
        async with self.ground.db.read() as conn:
            row = (await repository.rows_of(conn, [sound_id])).get(sound_id)
            held = await repository.documents_of(conn, [sound_id])
            vector = await repository.vector_of(conn, sound_id)
        if row is None or sound_id not in held:
            return None
        try:
            waveform = drawings.drawn(await self.ground.storage.get(drawings.storage_key(bytes(row.key))))
        except ObjectNotFound:
            waveform = None
        embedding = None if vector is None else vector_of(vector)
        return documents.unpacked(held[sound_id], waveform=waveform, embedding=embedding)

    async def failures(
        self, actor: Actor, *, code: str | None = None, after: int = 0, limit: int = 50
    ) -> list[Failure]:
        """Tracks that could not be heard and that `actor` may see, by number; for one reason only, where it is named."""
        async with self.ground.db.read() as conn:
            rows = await repository_reads.failures(conn, actor.libraries, code=code, after=after, limit=limit)
        return [
            Failure(row.id, row.title, row.artist_display, row.album, row.display_path, row.error, row.asked_at)
            for row in rows
        ]

    async def status(self) -> Status:
        """How far listening is, over all libraries."""
        ground = self.ground
        engine = ground.engine(ground.pool())
        async with ground.db.read() as conn:
            states = await repository_reads.states(conn)
            away = await repository_reads.count_away(conn)
            outdated = await repository_reads.count_outdated(conn, engine.name, engine.version)
            failed = await repository_reads.failed_codes(conn)
            seconds, duration_ms = await repository_reads.spent(conn)
        job = await ground.jobs.active_with_key(listen_key(0))
        progress: Mapping[str, Any] = (job.progress or {}) if job is not None and job.state == "running" else {}
        rate = progress.get("rate")
        waiting = states.get("pending", 0) - away + states.get("running", 0)
        return Status(
            enabled=ground.chosen.enabled,
            engine=engine.name,
            version=engine.version,
            missing=engine.missing(),
            states={name: states.get(name, 0) for name in ("pending", "running", "done", "failed")},
            waiting_for_files=away,
            outdated=outdated,
            failed=failed,
            seconds=seconds,
            duration_ms=duration_ms,
            job=None if job is None else job.id,
            rate=None if not rate else rate * 60,
            eta_s=waiting / rate if rate else None,
            quiet_until=ground.quiet(),
        )

    def state_of(self, row: Any | None) -> State:
        """What is said of a track whose sound has this row, or of one that has none yet."""
        off = not self.ground.chosen.enabled
        if row is None:
            return "off" if off else "none"
        if row.state == "pending" and off and row.analyzed_at is None:
            return "off"
        state: State = row.state
        return state

    async def _row(self, actor: Actor, track_id: int) -> Any:
        """The row of a track's sound, which was heard. Raises NotInLibrary, NotHeardYet."""
        track = await self.ground.library.track(track_id, actor)
        async with self.ground.db.read() as conn:
            sound = (await repository.sounds_of(conn, [track.id])).get(track.id)
            row = None if sound is None else (await repository.rows_of(conn, [sound.id])).get(sound.id)
        if row is None or row.analyzed_at is None:
            raise NotHeardYet(track_id, self.state_of(row))
        return row


def shown_of(track: Any, edited: Collection[str]) -> tuple[Shown, Shown]:
    """Tempo and key as everybody sees them on a track, and who says so."""
    return (
        _shown(track.bpm, "bpm" in edited, track.bpm_measured),
        _shown(track.key, "key" in edited, track.key_measured),
    )


def _shown(value: Any, edited: bool, measured: bool) -> Shown:
    if edited:
        return Shown(value, "edit")
    if value is None:
        return Shown(None, None)
    return Shown(value, "analysis" if measured else "tag")


def drawing_name(row: Any) -> str:
    return f"{bytes(row.key).hex()}-{row.analyzed_at:%Y%m%d%H%M%S%f}"


async def known_to(conn: AsyncConnection, sounds: Collection[int]) -> dict[int, Heard]:
    """What was heard of these sounds, without waveform and embedding."""
    held = await repository.documents_of(conn, sounds)
    return await asyncio.to_thread(lambda: {sound: documents.unpacked(one) for sound, one in held.items()})
