"""Recognise a file that was somewhere else, or something else, before: so that a move or a retag keeps its row.

In order: the same audio; the same MusicBrainz recording with the same duration; the same title, artist and album with the
same duration; the same place and name but for the extension as a file that went just now, with the same duration; the
same title and artist with the same duration, where only one missing file is called so. Only rows whose file is gone are
ever given to another file, and each of them once: two files that are present together are two tracks, however alike they
are. Where words alone would fit several rows, none is taken.

How a row was recognised is kept with it, so that a person can ask, and how sure that is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.ids import format_id
from segue.core.text import sort_key
from segue.library.edits import identity as edits
from segue.library.scan import identity_rows
from segue.library.scan.identity_reasons import Reason
from segue.library.scan.identity_rows import Former
from segue.library.scan.paths import displayed, name_of, parent_of
from segue.library.scan.plan import FilePlan, StoredFile
from segue.library.scan.whereabouts import Whereabouts

DURATION_TOLERANCE_MS = 2_000
"""Two encodings of one recording differ by their padding, rarely by more than two seconds."""

MOST_NAMES = 1_000
"""Files of a folder up to which a file that changed its format is looked for by its name."""


@dataclass(slots=True)
class Identity:
    """Finds former rows. `gone` are files whose path no longer exists though they are not marked missing yet;
    `elsewhere` answers for those that this scan does not look at itself."""

    gone: set[int]
    any_missing: bool
    library_id: int = 0
    elsewhere: Whereabouts | None = None
    claimed: set[int] = field(default_factory=set)

    @property
    def may_find(self) -> bool:
        """Whether there is anything that a new file could have been."""
        return bool(self.gone) or self.any_missing or self.elsewhere is not None

    async def reattach(self, conn: AsyncConnection, files: Collection[FilePlan]) -> None:
        """Give each new file among `files` the row it had before, where one is found.

        A row that is missing keeps its path only until other music lies there, and so does one whose file was written
        over by a file that was elsewhere before.
        """
        missing = [file.stored for file in files if file.stored is not None and file.stored.missing_since is not None]
        known = await edits.stored_as_files_say(conn, missing) if missing else {}
        for file in files:
            if file.stored is None or file.stored.missing_since is None:
                continue
            if known.get(file.stored.id, file.stored).is_other_music(file):
                file.replaces, file.stored = file.stored.id, None
        self._untangle(files)
        fresh = [file for file in files if file.facts is not None and (file.stored is None or _is_other_audio(file))]
        if not fresh or not self.may_find:
            return
        found = await self._free(await self._former(conn, fresh), {file.path for file in files})
        new = [file for file in fresh if file.stored is None]
        self._match(fresh, found, Reason.SAME_AUDIO, _audio, lambda row: row.stored.audio_key, any_duration=True)
        self._match(new, found, Reason.SAME_RECORDING, _recording, lambda row: row.recording)
        self._match(new, found, Reason.SAME_TAGS, _words, lambda row: _all(row.title, row.artist, row.album), only=True)
        just_gone = [row for row in found if row.stored.missing_since is None]
        self._match(new, just_gone, Reason.SAME_NAME, _name, lambda row: _stem(row.stored.path), only=True)
        self._match(new, found, Reason.SAME_TITLE, _title, lambda row: _all(row.title, row.artist), only=True)

    async def _former(self, conn: AsyncConnection, fresh: Collection[FilePlan]) -> list[Former]:
        """Rows that might be what `fresh` were before, free or not."""
        return await identity_rows.former(
            conn,
            audio_keys={key for file in fresh if (key := _audio(file))},
            recordings={recording for file in fresh if (recording := _recording(file))},
            titles={words[0] for file in fresh if (words := _title(file))},
            folders={
                file.folder.id
                for file in fresh
                if file.folder.id is not None and len(file.folder.listing.audio) <= MOST_NAMES
            },
        )

    async def _free(self, rows: Iterable[Former], here: Collection[bytes]) -> list[Former]:
        """Those of `rows` whose file is gone and that no other file has been given."""
        free: list[Former] = []
        doubtful: list[Former] = []
        for row in rows:
            if row.stored.id in self.claimed:
                continue
            if row.stored.missing_since is not None or row.stored.id in self.gone:
                free.append(row)
            elif self.elsewhere is not None and self.elsewhere.answers_for(row.stored):
                doubtful.append(row)
        if doubtful and self.elsewhere is not None:
            gone = await self.elsewhere.gone([row.stored for row in doubtful])
            free += [row for row in doubtful if row.stored.id in gone]
        return sorted(free, key=lambda row: row.stored.id)

    def _match(
        self,
        files: Iterable[FilePlan],
        rows: Iterable[Former],
        reason: Reason,
        of_file: Callable[[FilePlan], Hashable],
        of_row: Callable[[Former], Hashable],
        *,
        any_duration: bool = False,
        only: bool = False,
    ) -> None:
        """Give files the rows that have the same value; with `only`, where there is one row and one file that fit."""
        by_value: dict[Hashable, list[StoredFile]] = {}
        for row in rows:
            if row.stored.id not in self.claimed and (value := of_row(row)) is not None:
                by_value.setdefault(value, []).append(row.stored)
        wanting: dict[Hashable, list[FilePlan]] = {}
        for file in files:
            if file.recognised is None and (value := of_file(file)) is not None and value in by_value:
                wanting.setdefault(value, []).append(file)
        for value, takers in wanting.items():
            for file in takers:
                fitting = [
                    row
                    for row in by_value[value]
                    if row.id not in self.claimed
                    and row.id != file.replaces
                    and (any_duration or _lasts_as_long(row, file))
                ]
                if only and len(fitting) > 1:
                    fitting = _same_position(fitting, file) or _same_name(fitting, file)
                if not fitting or (only and (len(fitting) > 1 or _is_contested(fitting[0], file, takers))):
                    continue
                name = name_of(file.path)
                self._give(file, min(fitting, key=lambda row: (name_of(row.path) != name, row.id)), reason)

    def _give(self, file: FilePlan, row: StoredFile, reason: Reason) -> None:
        if file.stored is not None:  # what lay here was written over
            file.replaces = file.stored.id
            file.folder.settled = False
            self.gone.add(file.stored.id)
        params: dict[str, Any] = {"was": displayed(row.path)}
        if row.library_id != self.library_id:
            params = {"library": format_id("li", row.library_id)}
        file.stored, file.recognised = row, (reason.value, params)
        self.claimed.add(row.id)
        self.gone.discard(row.id)

    @staticmethod
    def _untangle(files: Collection[FilePlan]) -> None:
        """Files of a folder that exchanged their names (a renumbered album): rows follow the audio, not the name.

        Every row stays with some file: one whose audio is nowhere stays with what stands at its path, if that has found
        no row of its own, else it goes to another file that has none.
        """
        losers = [file for file in files if _is_other_audio(file)]
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


def _is_other_audio(file: FilePlan) -> bool:
    """Whether the file was read and does not hold the audio that its row is about."""
    stored, facts = file.stored, file.facts
    return bool(stored and stored.audio_key and facts and facts.audio_key != stored.audio_key)


def _lasts_as_long(row: StoredFile, file: FilePlan) -> bool:
    assert file.facts is not None
    return row.duration_ms is None or abs(row.duration_ms - file.facts.duration_ms) <= DURATION_TOLERANCE_MS


def _same_position(rows: list[StoredFile], file: FilePlan) -> list[StoredFile]:
    tags = file.tags
    if tags is None or tags.track_number is None:
        return []
    return [row for row in rows if (row.disc or 1, row.position) == (tags.disc_number or 1, tags.track_number)]


def _same_name(rows: list[StoredFile], file: FilePlan) -> list[StoredFile]:
    stem = name_of(_stem(file.path))
    return [row for row in rows if name_of(_stem(row.path)) == stem]


def _is_contested(row: StoredFile, file: FilePlan, takers: Collection[FilePlan]) -> bool:
    """Whether another new file that is called alike would fit the row as well."""
    others = [
        other for other in takers if other is not file and other.recognised is None and _lasts_as_long(row, other)
    ]
    if not others:
        return False
    best = _same_position([row], file) or _same_name([row], file)
    return not best or any(_same_position([row], other) or _same_name([row], other) for other in others)


def _audio(file: FilePlan) -> bytes | None:
    return file.facts.audio_key if file.facts else None


def _recording(file: FilePlan) -> str | None:
    return file.tags.recording_mbid if file.tags else None


def _title(file: FilePlan) -> tuple[str, str] | None:
    tags = file.tags
    if tags is None or not tags.title or not tags.artists:
        return None
    title = sort_key(tags.title_sort or tags.title, language=tags.language)
    return title, sort_key(tags.artist_display or tags.artists[0].name)


def _words(file: FilePlan) -> tuple[str, str, str] | None:
    words, tags = _title(file), file.tags
    return (*words, sort_key(tags.album_sort or tags.album)) if words and tags and tags.album else None


def _name(file: FilePlan) -> bytes | None:
    return _stem(file.path)


def _stem(path: bytes) -> bytes:
    """A path without its extension."""
    folder, name = parent_of(path), name_of(path)
    stem = name.rpartition(b".")[0] or name
    return folder + b"/" + stem if folder else stem


def _all(*words: str | None) -> tuple[str, ...] | None:
    given = tuple(word for word in words if word)
    return given if len(given) == len(words) else None
