"""The verbs of mixes: which there are today, what is in one and why, keeping one as a playlist.

A mix is made when it is first asked for on a day (in the person's zone), kept, and stays the same until the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from segue.analysis.similar.service import SimilarService
from segue.core.access import Actor
from segue.core.clock import utc_now, zone
from segue.core.db import Database
from segue.core.errors import Conflict, NotFound
from segue.core.remembered import Remembered
from segue.library.service import LibraryService
from segue.listening.statistics.service import StatisticsService
from segue.playlists.generators import mix_rows
from segue.playlists.generators.kinds import DAILY, KINDS, Made, Picked, sentence, title_of
from segue.playlists.generators.making import Making
from segue.playlists.service import PlaylistService
from segue.playlists.views import NewRow

TILES = 4
LOOKED_AT = 40
ANOTHER_TRY = timedelta(minutes=15)
"""After this, mixes that had no tracks are made anew; those that had some stay as they are all day."""


class MixNotFound(NotFound):
    def __init__(self, kind: str) -> None:
        shown = kind[:60]
        super().__init__(
            "mix_not_found", f"There is no mix {shown!r}.", hint=f"There are: {', '.join(KINDS)}.", kind=shown
        )


class MixEmpty(Conflict):
    def __init__(self, code: str) -> None:
        super().__init__("mix_empty", f"This mix has no tracks to keep: {sentence(code, {})}")


@dataclass(frozen=True, slots=True)
class MixView:
    """A mix of today. Without tracks, its reason says why; `tiles` are pictures for its cover."""

    kind: str
    title: str
    reason: tuple[str, dict[str, Any]]
    day: date
    made_at: datetime
    track_count: int
    duration_ms: int
    tiles: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class MixRow:
    """A track in a mix, and why it is in."""

    track: Remembered
    reason: tuple[str, dict[str, Any]]


class MixService:
    """The door to mixes."""

    def __init__(
        self, db: Database, library: LibraryService, statistics: StatisticsService, playlists: PlaylistService
    ) -> None:
        self._db = db
        self._library = library
        self._statistics = statistics
        self._playlists = playlists
        self.similar: SimilarService | None = None
        self._turns: dict[int, asyncio.Lock] = {}

    async def mixes(self, actor: Actor) -> list[MixView]:
        """All mixes of today, in order, also those without tracks, which say why."""
        made_at, made = await self._today(actor)
        there = await self._there(actor, [one for mix in made for one in mix.tracks])
        tiles = await self._tiles(actor, made)
        return [self._view(mix, actor, made_at, there, tiles[mix.kind]) for mix in made]

    async def mix(self, actor: Actor, kind: str) -> tuple[MixView, list[MixRow]]:
        """One mix of today with its tracks. Raises MixNotFound."""
        made_at, found = await self._today(actor)
        mix = next((one for one in found if one.kind == kind), None)
        if mix is None:
            raise MixNotFound(kind)
        there = await self._there(actor, mix.tracks)
        tiles = await self._tiles(actor, [mix])
        rows = [MixRow(there[one.track_id], (one.code, one.params)) for one in mix.tracks if one.track_id in there]
        return self._view(mix, actor, made_at, there, tiles[kind]), rows

    async def save(self, actor: Actor, kind: str, name: str | None = None) -> int:
        """Keep a mix of today as a manual playlist; its number. Raises MixNotFound, MixEmpty."""
        view, rows = await self.mix(actor, kind)
        if not rows:
            raise MixEmpty(view.reason[0])
        new = [NewRow(row.track.id) for row in rows]
        comment = f"{sentence(*view.reason)} {view.day.isoformat()}"
        return await self._playlists.create_with_rows(actor, name or view.title, new, comment=comment)

    # --- inside --------------------------------------------------------------------------------------------------------

    async def _today(self, actor: Actor) -> tuple[datetime, list[Made]]:
        """Today's mixes, made where this is the first time that they are asked for."""
        day = utc_now().astimezone(zone(actor.time_zone)).date()
        turn = self._turns.setdefault(actor.person, asyncio.Lock())
        async with turn:
            kept = await self._kept(actor, day)
            now = utc_now()
            if kept is not None and (
                now - kept[0] < ANOTHER_TRY or all(mix.tracks for mix in kept[1] if mix.code != "analysis_missing")
            ):
                return kept
            made = await Making(self._library, self._statistics, actor, day, self.similar).everything()
            if kept is not None:
                made = _filled_up(kept[1], made)
            async with self._db.write() as tx:
                content = {mix.kind: mix.content() for mix in made}
                await mix_rows.keep(tx, actor.person, day.isoformat(), now, content)
                tx.changed("mix", "today", user_id=actor.person)
        return now, made

    async def _kept(self, actor: Actor, day: date) -> tuple[datetime, list[Made]] | None:
        async with self._db.read() as conn:
            rows = await mix_rows.mixes_of(conn, actor.person, day.isoformat())
        if not rows:
            return None
        made = {row.kind: Made.of(row.kind, row.content) for row in rows}
        return rows[0].made_at, [made[kind] for kind in KINDS if kind in made]

    async def _there(self, actor: Actor, tracks: Sequence[Picked]) -> dict[int, Remembered]:
        async with self._db.read() as conn:
            return await self._library.remembered(conn, actor, "track", list({one.track_id for one in tracks}))

    async def _tiles(self, actor: Actor, made: Sequence[Made]) -> dict[str, tuple[Any, ...]]:
        pictures = self._playlists.pictures
        if pictures is None:
            return {mix.kind: () for mix in made}
        first = {mix.kind: [one.track_id for one in mix.tracks[:LOOKED_AT]] for mix in made}
        async with self._db.read() as conn:
            known = await pictures.of_tracks(conn, actor, {one for some in first.values() for one in some})
        found = {}
        for kind, tracks in first.items():
            tiles = tuple({known[track].id: known[track] for track in tracks if track in known}.values())
            found[kind] = tiles[:TILES] if len(tiles) >= TILES else tiles[:1]
        return found

    @staticmethod
    def _view(
        mix: Made, actor: Actor, made_at: datetime, there: dict[int, Remembered], tiles: tuple[Any, ...]
    ) -> MixView:
        seen = [there[one.track_id] for one in mix.tracks if one.track_id in there]
        return MixView(
            mix.kind,
            title_of(mix),
            (mix.code, mix.params),
            made_at.astimezone(zone(actor.time_zone)).date(),
            made_at,
            len(seen),
            sum(track.duration_ms or 0 for track in seen),
            tiles,
        )


def _filled_up(kept: Sequence[Made], made: Sequence[Made]) -> list[Made]:
    """The mixes of today as they were, those without tracks as they are made now; the daily ones belong together."""
    full = {mix.kind: mix for mix in kept if mix.tracks}
    daily = any(kind in full for kind in DAILY)
    fresh = {mix.kind: mix for mix in made if mix.kind not in DAILY or not daily}
    together = fresh | full
    return [together[kind] for kind in KINDS if kind in together]
