"""Recognise a file that was somewhere else, or something else, before: so that a move or a retag keeps its row.

In order: the same audio; the same MusicBrainz recording with the same duration; the same title, artist and album with the
same duration. Only rows whose file is gone are ever given to another file, and each of them once: two files that are
present together are two tracks, however alike they are.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.text import sort_key
from segue.library.scan import repository
from segue.library.scan.plan import FilePlan, StoredFile
from segue.library.scan.walk import name_of

DURATION_TOLERANCE_MS = 2_000
"""Two encodings of one recording differ by their padding, rarely by more than two seconds."""


@dataclass(slots=True)
class Identity:
    """Finds former rows. `gone` are files whose path no longer exists though they are not marked missing yet."""

    gone: set[int]
    any_missing: bool
    claimed: set[int] = field(default_factory=set)

    async def reattach(self, conn: AsyncConnection, files: Collection[FilePlan]) -> None:
        """Give each new file among `files` the row it had before, where one is found.

        A row that is missing keeps its path only until other music lies there.
        """
        for file in files:
            if file.stored is not None and file.stored.missing_since is not None and file.stored.is_other_music(file):
                file.replaces, file.stored = file.stored.id, None
        self._untangle(files)
        fresh = [file for file in files if file.stored is None and file.facts is not None]
        if not fresh or not (self.gone or self.any_missing):
            return
        rows = await repository.candidates(
            conn,
            audio_keys={file.facts.audio_key for file in fresh if file.facts and file.facts.audio_key},
            recordings={file.tags.recording_mbid for file in fresh if file.tags and file.tags.recording_mbid},
            titles={
                sort_key(file.tags.title_sort or file.tags.title) for file in fresh if file.tags and file.tags.title
            },
        )
        free = [row for row in rows if self._is_free(row[0])]
        by_audio: dict[bytes, list[StoredFile]] = {}
        by_recording: dict[str, list[StoredFile]] = {}
        by_tags: dict[tuple[str, str, str], list[StoredFile]] = {}
        for stored, recording, title, artist, album in free:
            if stored.audio_key:
                by_audio.setdefault(stored.audio_key, []).append(stored)
            if recording:
                by_recording.setdefault(recording, []).append(stored)
            if title and artist is not None:
                by_tags.setdefault((title, artist, album or ""), []).append(stored)
        for file in fresh:
            if file.facts and file.facts.audio_key:
                self._claim(file, by_audio.get(file.facts.audio_key, []), self.claimed, any_duration=True)
        for file in fresh:
            if file.stored is None and file.tags and file.tags.recording_mbid:
                self._claim(file, by_recording.get(file.tags.recording_mbid, []), self.claimed)
        for file in fresh:
            tags = file.tags
            if file.stored is None and tags and tags.title and tags.artists and tags.album:
                key = (
                    sort_key(tags.title_sort or tags.title),
                    sort_key(tags.artist_display or tags.artists[0].name),
                    sort_key(tags.album_sort or tags.album),
                )
                self._claim(file, by_tags.get(key, []), self.claimed)

    def _is_free(self, stored: StoredFile) -> bool:
        if stored.id in self.claimed:
            return False
        return stored.missing_since is not None or stored.id in self.gone

    def _claim(
        self, file: FilePlan, rows: list[StoredFile], claimed: Container[int], *, any_duration: bool = False
    ) -> None:
        """Take the likeliest of `rows`: the one with the same name, else the first that was there."""
        assert file.facts is not None
        possible = [
            row
            for row in rows
            if row.id not in claimed
            and (
                any_duration
                or row.duration_ms is None
                or abs(row.duration_ms - file.facts.duration_ms) <= DURATION_TOLERANCE_MS
            )
        ]
        if not possible:
            return
        name = name_of(file.path)
        best = min(possible, key=lambda row: (name_of(row.path) != name, row.id))
        file.stored = best
        self.claimed.add(best.id)
        self.gone.discard(best.id)

    @staticmethod
    def _untangle(files: Collection[FilePlan]) -> None:
        """Files of a folder that exchanged their names (a renumbered album): rows follow the audio, not the name.

        Every row stays with some file: one whose audio is nowhere stays with what stands at its path, if that has found
        no row of its own, else it goes to another file that has none.
        """
        losers = [
            file
            for file in files
            if file.stored and file.stored.audio_key and file.facts and file.facts.audio_key != file.stored.audio_key
        ]
        own = {file: file.stored for file in losers}
        rows = {row.audio_key: row for row in own.values() if row}
        takers: set[FilePlan] = set()
        for file in files:
            key = file.facts.audio_key if file.facts else None
            if key in rows and (file.stored is None or file in own):
                file.stored = rows.pop(key)
                takers.add(file)
        if not takers:
            return
        free = {row.id: row for row in rows.values()}
        homeless = [file for file in losers if file not in takers]
        for file in homeless:
            row = own[file]
            file.stored = free.pop(row.id, None) if row else None
        for file in homeless:
            if file.stored is None and free:
                file.stored = free.pop(next(iter(free)))
