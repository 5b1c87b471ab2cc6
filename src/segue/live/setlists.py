"""Setlists that somebody brings: kept as they were said, and matched to concerts by artist, date and show time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, select

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.live import bulk
from segue.live.bulk import among
from segue.live.facts import artist_key
from segue.live.ground import LiveGround, check_right
from segue.live.mirror.known import KnownArtists
from segue.live.mirror.taking_in import mark
from segue.live.mirrors import REGROUP
from segue.live.models import LiveSetlist
from segue.live.records import Setlist

SETLISTS = cast(Table, LiveSetlist.__table__)
COLUMNS = (
    "source", "artist_key", "date", "show_id", "show_time", "venue", "city", "region", "country", "tour", "sets", "user_id", "at",
)  # fmt: skip
_SAID = ("show_time", "venue", "city", "region", "country", "sets")
AT_ONCE = 500
REFERENCE = "reference"


@dataclass(slots=True)
class Brought:
    """What came: setlists that are new, those that are different now, those that were here."""

    new: int = 0
    changed: int = 0
    same: int = 0


class Setlists(LiveGround):
    """The verbs about setlists."""

    async def bring_setlists(
        self, actor: Actor, setlists: Iterable[Setlist], *, source: str = "", user_id: int | None = None
    ) -> Brought:
        """Keep setlists, and have the concerts of their dates put together anew in the background. `source` names who says so
        where a setlist does not. For editors: raises MayNotDecide."""
        check_right(actor)
        brought = Brought()
        wanted = list(setlists)
        artists = KnownArtists()
        for start in range(0, len(wanted), AT_ONCE):
            some = {
                (_source(one, source), artist_key(one.artist), one.date, one.show_id): one
                for one in wanted[start : start + AT_ONCE]
            }
            async with self.db.write() as tx:
                there = {
                    (row.source, row.artist_key, row.date, row.show_id): row
                    for row in await tx.execute(
                        select(SETLISTS).where(among(SETLISTS.c.date, {key[2] for key in some}, tx.dialect))
                    )
                }
                numbers = await artists.ids(tx, {artist_key(one.artist): one.artist for one in some.values()})
                rows: list[tuple[Any, ...]] = []
                marks: list[tuple[int, str]] = []
                for key, one in some.items():
                    values = (one.show_time, one.venue, one.city, one.state, one.country, _sets(one))
                    before = there.get(key)
                    if before is not None and tuple(getattr(before, name) for name in _SAID) == values:
                        brought.same += 1
                        continue
                    brought.new += before is None
                    brought.changed += before is not None
                    rows.append((*key, *values[:5], "", values[5], user_id, utc_now()))
                    marks.append((numbers[key[1]], one.date))
                await bulk.put(tx, SETLISTS, COLUMNS, rows, key=("source", "artist_key", "date", "show_id"))
                await mark(tx, marks)
                if marks:
                    await self.jobs.enqueue(tx, REGROUP, dedup_key=REGROUP, created_by=actor.user_id)
        return brought


def _source(setlist: Setlist, usual: str) -> str:
    return setlist.source or usual or REFERENCE


def _sets(setlist: Setlist) -> list[Any]:
    """Sets as they are kept: [name, [[song, segue, note] …]] each."""
    return [[one.name, [[song.name, song.segue, song.note] for song in one.songs]] for one in setlist.sets]
