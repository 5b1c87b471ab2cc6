"""What a scan makes of the words beside its tracks: the plan for one track, and its writing with the track's own rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segue.core.db import Transaction
    from segue.library.scan.plan import FilePlan


@dataclass(slots=True)
class WordsPlan:
    """What becomes of the words of one track: rows to remove and to add, and whether words remain besides embedded ones."""

    remain: bool = False
    gone: list[int] = field(default_factory=list)
    fresh: list[dict[str, Any]] = field(default_factory=list)


def has_words(file: FilePlan) -> bool:
    """Whether there are words for a track: inside the file, beside it, or a person's."""
    if file.tags is not None and file.tags.lyrics:
        return True
    if file.facts is None:
        return bool(file.stored and file.stored.has_lyrics)
    return file.words is not None and file.words.remain


class WordsBatch:
    """The words of one batch of tracks."""

    def __init__(self) -> None:
        self._gone: list[int] = []
        self._fresh: list[dict[str, Any]] = []
        self._has: dict[bool, list[int]] = {True: [], False: []}
        self.changed: list[int] = []

    def add(self, track_id: int, file: FilePlan) -> None:
        """Take over the plan of a track that is written in this batch."""
        plan = file.words
        if plan is None or not (plan.gone or plan.fresh):
            return
        self._gone += plan.gone
        self._fresh += [{"track_id": track_id, **row} for row in plan.fresh]
        embedded = file.tags is not None and bool(file.tags.lyrics)
        self._has[plan.remain or embedded].append(track_id)
        self.changed.append(track_id)

    async def write(self, tx: Transaction, library_id: int, now: Any) -> None:
        """After the tracks themselves."""
        if not self.changed:
            return
        from segue.library.lyrics import repository

        rows = [{**row, "created_at": now, "created_by": None} for row in self._fresh]
        await repository.replace_words(tx, self._gone, rows)
        for has, tracks in self._has.items():
            await repository.set_has_lyrics(tx, tracks, has)
        for track in self.changed:
            tx.changed("track", track, library_id=library_id)
