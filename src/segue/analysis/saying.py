"""What a person says better than the machine heard it: halve, double, tap, lock, set the key, shift the downbeat, move the
grid, set the points where a mix comes in and goes out.

Tempo and key become edits of the library, with its history and its undo. What is said of the beats is kept here, each word
with the one before it, so that the last one can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segue.analysis import repository_reads
from segue.analysis import words as person
from segue.analysis.ground import Ground
from segue.analysis.key import names
from segue.analysis.reading import Reading
from segue.analysis.refusals import BadWord, MayNotSay, NoTempoToScale, NotHeardYet, NothingSaid
from segue.analysis.views import TrackAnalysis, Word
from segue.analysis.words import Factor
from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.library.edits.service import EDITOR, EditService
from segue.library.musical_keys import key_of


@dataclass(frozen=True, slots=True)
class Words:
    """What a person says at once; `given` are the members that they said at all, for None takes a word back."""

    tempo: Factor | None = None
    bpm: float | None = None
    key: str | None = None
    locked: bool | None = None
    downbeat_shift: int | None = None
    grid_offset_ms: float | None = None
    intro_end_ms: int | None = None
    outro_start_ms: int | None = None
    given: frozenset[str] = field(default_factory=frozenset)


class Saying(Reading):
    """The verbs by which a person corrects."""

    def __init__(self, ground: Ground, edits: EditService) -> None:
        super().__init__(ground)
        self.edits = edits

    async def say(self, actor: Actor, track_id: int, said: Words) -> tuple[TrackAnalysis, int | None]:
        """Let a person's words hold; the track's analysis as it is then, and the edit that tempo or key became, by which
        they are undone. Raises MayNotSay, NotInLibrary, BadWord, NoTempoToScale, NotHeardYet."""
        now = await self.of_track(actor, track_id)
        may_say(actor)
        beats = self._beats(now, said)
        batch = await self._edit(actor, now, said)
        if beats:
            at = self.ground.now()
            async with self.ground.db.write() as tx:
                for name, value in beats.items():
                    was = now.words[name].value if name in now.words else None
                    await _put(tx, now.track_id, name, Word(value, was, actor.user_id, at))
                await self._announce(tx, now.track_id)
        return await self.of_track(actor, track_id), batch

    async def unsay(self, actor: Actor, track_id: int) -> TrackAnalysis:
        """Take back what was said last of a track's beats. Raises MayNotSay, NotInLibrary, NothingSaid."""
        now = await self.of_track(actor, track_id)
        may_say(actor)
        if not now.words:
            raise NothingSaid(now.track_id)
        newest = max(word.said_at for word in now.words.values())
        at = self.ground.now()
        async with self.ground.db.write() as tx:
            for name, word in now.words.items():
                if word.said_at == newest:
                    await _put(tx, now.track_id, name, Word(word.was, None, actor.user_id, at))
            await self._announce(tx, now.track_id)
        return await self.of_track(actor, track_id)

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called inside the transaction that makes one track of two."""
        await repository_reads.move_words(tx, merged, kept)

    # --- tempo and key ------------------------------------------------------------------------------------------------

    async def _edit(self, actor: Actor, now: TrackAnalysis, said: Words) -> int | None:
        values: dict[str, Any] = {}
        clear = []
        if said.tempo is not None:
            if now.bpm.value is None:
                raise NoTempoToScale(now.track_id)
            values["bpm"] = round(float(now.bpm.value) * person.FACTORS[said.tempo], 3)
        if "bpm" in said.given:
            if said.bpm is not None:
                values["bpm"] = round(said.bpm, 3)
            elif now.bpm.source == "edit":
                clear.append("bpm")
        if "key" in said.given:
            if said.key is not None:
                found = key_of(said.key)
                if found is None:
                    raise BadWord("key", f"{said.key[:40]!r} is no key that is known here.")
                values["key"] = names(*found).preferred
            elif now.musical_key.source == "edit":
                clear.append("key")
        if said.locked:
            # what is shown now is said by a person from now on, whatever is heard later
            if "bpm" not in values and now.bpm.value is not None:
                values["bpm"] = now.bpm.value
            if "key" not in values and now.musical_key.value is not None:
                values["key"] = now.musical_key.value
        shown = {"bpm": now.bpm, "key": now.musical_key}
        values = {
            name: value
            for name, value in values.items()
            if not (shown[name].source == "edit" and shown[name].value == value)
        }
        if not values and not clear:
            return None
        made = await self.edits.edit(actor, "track", now.track_id, set=values, clear=clear)
        return made.batch

    # --- beats and points ---------------------------------------------------------------------------------------------

    def _beats(self, now: TrackAnalysis, said: Words) -> dict[str, Any]:
        """The words that are new, by their field; None takes one back."""
        before = {name: word.value for name, word in now.words.items()}
        new: dict[str, Any] = {}
        duration = now.heard.duration_ms if now.heard else None
        for name, value in ((person.INTRO, said.intro_end_ms), (person.OUTRO, said.outro_start_ms)):
            if f"{name}_ms" in said.given:
                if value is not None and duration is not None and value > duration:
                    raise BadWord(f"{name}_ms", f"The track ends at {duration} ms.")
                new[name] = value
        points = self._points(now, new)
        if None not in points and points[0] > points[1]:
            raise BadWord("intro_end_ms", "The intro would end after the outro begins.")
        grid = dict(before.get(person.GRID) or {})
        if "fixed" in grid and (said.tempo is not None or "bpm" in said.given) and not said.locked:
            new[person.GRID] = None
            grid = {}
        if {"downbeat_shift", "grid_offset_ms"} & said.given or said.locked is not None:
            if (now.tempo is None or not now.tempo.beats_ms) and said.locked is None:
                raise NotHeardYet(now.track_id, now.state if now.state != "done" else "done")
            grid = self._grid(now, grid, said)
            new[person.GRID] = grid or None
        if said.locked is not None:
            new[person.LOCKED] = True if said.locked else None
        return {name: value for name, value in new.items() if value != before.get(name)}

    @staticmethod
    def _points(now: TrackAnalysis, new: Mapping[str, Any]) -> tuple[Any, Any]:
        heard = now.shape
        return (
            new.get(person.INTRO, heard and heard.intro_end_ms),
            new.get(person.OUTRO, heard and heard.outro_start_ms),
        )

    @staticmethod
    def _grid(now: TrackAnalysis, grid: dict[str, Any], said: Words) -> dict[str, Any]:
        if "downbeat_shift" in said.given:
            if said.downbeat_shift is None:
                grid.pop("downbeat", None)
            else:
                bar = person.bar_of(now.tempo) if now.tempo else None
                grid["downbeat"] = (int(grid.get("downbeat", 0)) + said.downbeat_shift) % (bar or 4)
        if "grid_offset_ms" in said.given:
            grid["offset_ms"] = said.grid_offset_ms or 0.0
        if said.locked is False:
            grid.pop("fixed", None)
        elif said.locked and now.tempo is not None and now.tempo.grid is not None:
            # the grid as it is shown, all words in it, stands from now on
            held = now.tempo.grid
            return {"fixed": {"first_ms": held.first_ms, "bpm": held.bpm, "beats_a_bar": held.beats_a_bar}}
        return {name: value for name, value in grid.items() if value}

    async def _announce(self, tx: Transaction, track: int) -> None:
        libraries = await repository_reads.libraries_of(tx.conn, [track])
        tx.changed("analysis", format_id("tr", track), library_id=libraries.get(track))


async def _put(tx: Transaction, track: int, name: str, word: Word) -> None:
    if word.value is None and word.was is None:
        await repository_reads.drop_word(tx, track, name)
        return
    value = {"is": word.value, "was": word.was}
    row = {"track_id": track, "field": name, "value": value, "user_id": word.user_id, "said_at": word.said_at}
    await repository_reads.put_word(tx, row)


def may_say(actor: Actor) -> None:
    """Raises MayNotSay for who is neither an administrator nor an editor."""
    if not actor.is_admin and EDITOR not in actor.roles:
        raise MayNotSay
