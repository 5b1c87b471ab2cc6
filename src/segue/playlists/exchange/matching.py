"""Rows that await their track: looked for again when music arrives, and what a person decides about them, which stays.

The change feed says which tracks arrived. Their keys (title, ids, name of the file) name the rows that may mean one of
them, and only those are looked for, each among the libraries that its list's owner may see: the cost follows what arrived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import SYSTEM, Actor
from segue.core.changes import ChangeFeed, CursorTooOld, fact, set_fact
from segue.core.db import Database, Transaction
from segue.core.ids import parse_id
from segue.core.remembered import Remembered
from segue.jobs import JobContext, JobService
from segue.library.finding import FindingService, Found, Wanted
from segue.library.finding.keys import keys_of
from segue.playlists import playlist_rows, repository
from segue.playlists.errors import RowNotFound, TrackNotFound
from segue.playlists.exchange import metrics, rows
from segue.playlists.exchange.keeping import Keeping
from segue.playlists.exchange.wanting import others_of, state_of, wanted_of_row
from segue.playlists.ground import told
from segue.playlists.history import Steps
from segue.playlists.views import PlaylistView

MATCH = "playlists.match_rows"
CURSOR = "playlist_match_cursor"
STEP = 200
"""Tracks that arrived which are looked at together."""
MOST_LOOKED_AT = 2_000
"""Rows that one step looks for; the rest of them in the next."""


@dataclass(frozen=True, slots=True)
class AwaitingView:
    """A row without a track, what it may mean, and everything else that may be meant as (track, score)."""

    row: Any
    found: Found | None
    others: list[tuple[Remembered, float]]
    track: Remembered | None


class MatchingService:
    """The door to rows without tracks."""

    def __init__(
        self, db: Database, keeping: Keeping, finding: FindingService, feed: ChangeFeed, jobs: JobService
    ) -> None:
        self._db = db
        self._keeping = keeping
        self._finding = finding
        self._feed = feed
        self._jobs = jobs

    # --- when music arrives ------------------------------------------------------------------------------------------

    async def after_scan(self) -> None:
        """Look again, now that a scan has ended; nothing is asked for where no row awaits a track."""
        async with self._db.read() as conn:
            any_row = await rows.awaiting_after(conn, 0, 1)
        if any_row:
            async with self._db.write() as tx:
                await self._jobs.enqueue(tx, MATCH, dedup_key=MATCH, priority=-5)

    async def texts_after(self, conn: AsyncConnection, after: int, limit: int) -> list[tuple[int, Wanted]]:
        """What rows that await a track say, by their numbers, from behind `after` on: for who looks for it elsewhere."""
        some = await rows.awaiting(conn, await rows.awaiting_after(conn, after, limit))
        return sorted(((row.id, wanted_of_row(row)) for row in some), key=lambda pair: pair[0])

    async def run(self, job: JobContext) -> dict[str, Any]:
        """Look for rows among what arrived since last time; how many tracks were looked at, and how many rows found one."""
        async with self._db.read() as conn:
            kept = await fact(conn, CURSOR)
        cursor = int(kept) if kept is not None else None
        await self.mend(job)
        if cursor is None:
            cursor = await self._feed.newest()
            found = await self._everything(job, cursor)
            return {"tracks": 0, "matched": found}
        looked = found = 0
        while True:
            job.check()
            try:
                page = await self._feed.since(cursor, SYSTEM, kinds=("track",), limit=STEP)
            except CursorTooOld:
                return {"tracks": looked, "matched": found + await self._everything(job, await self._feed.newest())}
            ids = [parse_id(item.id, "tr") for item in page.items if item.op == "upsert"]
            if not page.items and page.cursor == cursor:
                return {"tracks": looked, "matched": found}
            async with self._db.read() as conn:
                keys = await self._finding.keys_arrived(conn, ids)
                wanted = await rows.rows_with_keys(conn, {key for some in keys.values() for key in some})
            found += await self._look_for(sorted(wanted), job)
            looked, cursor = looked + len(ids), page.cursor
            async with self._db.write() as tx:
                await job.guard(tx)
                await set_fact(tx, CURSOR, str(cursor))
            job.progress(looked, phase="match", unit="tracks")
            if not page.more:
                return {"tracks": looked, "matched": found}

    async def mend(self, job: JobContext) -> None:
        """Give keys to rows that await a track and have none (undoing brought them back, or they came with somebody's
        history), and look for them."""
        after = 0
        while True:
            job.check()
            async with self._db.read() as conn:
                some = await rows.without_keys(conn, after, STEP)
            if not some:
                return
            after = some[-1].id
            async with self._db.write() as tx:
                await job.guard(tx)
                await rows.put_keys(tx, ((row.id, key) for row in some for key in keys_of(wanted_of_row(row))))
            await self._look_for([row.id for row in some], job)

    async def _everything(self, job: JobContext, cursor: int) -> int:
        """Look for every row that awaits a track: the first time, and where the feed no longer says what arrived."""
        found = after = 0
        while True:
            job.check()
            async with self._db.read() as conn:
                some = await rows.awaiting_after(conn, after, MOST_LOOKED_AT)
            if not some:
                break
            found += await self._look_for(some, job)
            after = some[-1]
        async with self._db.write() as tx:
            await job.guard(tx)
            await set_fact(tx, CURSOR, str(cursor))
        return found

    async def _look_for(self, row_ids: Sequence[int], job: JobContext | None) -> int:
        """Look for the tracks of rows, each among what its list's owner may see; how many were linked."""
        linked = 0
        for start in range(0, len(row_ids), MOST_LOOKED_AT):
            async with self._db.read() as conn:
                awaiting = await rows.awaiting(conn, row_ids[start : start + MOST_LOOKED_AT])
            by_owner: dict[int, list[Any]] = defaultdict(list)
            for row in awaiting:
                by_owner[row.owner_id].append(row)
            people = await self._keeping.people.actors(set(by_owner)) if by_owner else {}
            for owner, theirs in by_owner.items():
                actor = people.get(owner)
                if actor is None:
                    continue
                async with self._db.read() as conn:
                    found = await self._finding.find(conn, [wanted_of_row(row) for row in theirs], actor.libraries)
                by_list: dict[int, list[tuple[Any, Found | None]]] = defaultdict(list)
                for row, one in zip(theirs, found, strict=True):
                    by_list[row.playlist_id].append((row, one))
                for playlist_id, pairs in by_list.items():
                    async with self._db.write() as tx:
                        if job is not None:
                            await job.guard(tx)
                        linked += await self._note(tx, actor, playlist_id, pairs)
        return linked

    async def _note(
        self, tx: Transaction, actor: Actor, playlist_id: int, pairs: Sequence[tuple[Any, Found | None]]
    ) -> int:
        """Link what is sure, keep what is not as a suggestion; how many rows were linked."""
        present = await playlist_rows.some_rows(tx.conn, playlist_id, [row.id for row, _ in pairs])
        still = {number for number, row in present.items() if row["track_id"] is None}
        sure = [(row, one) for row, one in pairs if one is not None and one.sure and row.id in still]
        unsure = [
            (row, one)
            for row, one in pairs
            if one is not None and not one.sure and row.id in still and row.match_track_id != one.track_id
        ]
        await rows.write_matches(tx, [_suggestion(row.id, one) for row, one in unsure])
        await self.link(tx, actor, playlist_id, [(row.id, one) for row, one in sure], action="matched")
        if unsure and not sure:
            await self._keeping.announce(tx, playlist_id)
        return len(sure)

    async def link(
        self, tx: Transaction, actor: Actor | None, playlist_id: int, found: Sequence[tuple[int, Found]], *, action: str
    ) -> None:
        """Give rows their tracks, with the reasons."""
        if not found:
            return
        altered: dict[int, dict[str, Any]] = {}
        for row_id, one in found:
            altered[row_id] = {
                "track_id": one.track_id,
                "match_score": one.score if one.method != "chosen" else None,
                "match_reasons": one.reasons_as_json() or None,
                "match_state": "chosen" if one.method == "chosen" else "sure",
                "match_method": one.method,
                "match_track_id": None,
            }
        await self._alter(tx, actor, playlist_id, altered, action)
        await rows.drop_keys(tx, list(altered))
        for _, one in found:
            await metrics.count(tx, one.method)

    async def _alter(
        self, tx: Transaction, actor: Actor | None, playlist_id: int, altered: dict[int, dict[str, Any]], action: str
    ) -> None:
        row = await repository.any_playlist(tx.conn, playlist_id)
        if row is None:
            return
        touched = await playlist_rows.some_rows(tx.conn, playlist_id, altered)
        await self._keeping.alter(tx, actor or SYSTEM, row, Steps(alter=altered), action, told(list(touched.values())))

    # --- what a person decides -----------------------------------------------------------------------------------------

    async def awaiting(
        self, actor: Actor, playlist_id: int, *, after: int = 0, limit: int = 50
    ) -> tuple[PlaylistView, list[AwaitingView], int]:
        """The rows of a list that have no track, each with what it may mean now; and how many there are in all."""
        async with self._db.read() as conn:
            playlist = await self._keeping.visible(conn, actor, playlist_id)
            (view,) = await self._keeping.views(conn, actor, [playlist])
            some = await rows.unmatched(conn, playlist_id, after, limit)
            total = await rows.unmatched_count(conn, playlist_id)
            return view, await self._views(conn, actor, some), total

    async def candidates(self, actor: Actor, row_id: int) -> AwaitingView:
        """What one row may mean now. Raises RowNotFound."""
        async with self._db.read() as conn:
            row = await rows.row_with_list(conn, row_id)
            if row is None or await repository.playlist(conn, row.playlist_id, actor.person) is None:
                raise RowNotFound(row_id)
            return (await self._views(conn, actor, [row]))[0]

    async def decide(self, actor: Actor, row_id: int, track_id: int | None) -> int:
        """Say which track a row means (None: none), for good; returns its list. Raises RowNotFound, TrackNotFound,
        NotYourPlaylist, BadPlaylist."""
        async with self._db.write() as tx:
            row = await rows.row_with_list(tx.conn, row_id)
            if row is None or await repository.playlist(tx.conn, row.playlist_id, actor.person) is None:
                raise RowNotFound(row_id)
            await self._keeping.editable(tx, actor, row.playlist_id)
            if track_id is not None and not await self._keeping.may_see(tx.conn, actor, track_id):
                raise TrackNotFound(track_id)
            state = "chosen" if track_id is not None else "unlinked"
            altered = {
                "track_id": track_id, "match_score": None, "match_reasons": [["chosen", {}, 1.0]] if track_id else None,
                "match_state": state, "match_method": "chosen", "match_track_id": None,
            }  # fmt: skip
            await self._alter(tx, actor, row.playlist_id, {row_id: altered}, "chose")
            await rows.drop_keys(tx, [row_id])
            if track_id is not None:
                await metrics.count(tx, "chosen")
            return int(row.playlist_id)

    async def look_again(self, actor: Actor, playlist_id: int) -> int:
        """Look for the tracks of a list's rows now, also of those that a person unlinked before; how many found one."""
        async with self._db.write() as tx:
            await self._keeping.editable(tx, actor, playlist_id)
            await rows.await_again(tx, playlist_id)
        async with self._db.read() as conn:
            some = await rows.unmatched(conn, playlist_id, 0, 100_000)
        return await self._look_for([row.id for row in some], None)

    async def _views(self, conn: AsyncConnection, actor: Actor, some: Sequence[Any]) -> list[AwaitingView]:
        found = await self._finding.find(conn, [wanted_of_row(row) for row in some], actor.libraries)
        ids = [one.track_id for one in found if one] + [int(o[0]) for one in found for o in others_of(one)]
        there = await self._keeping.remembered(conn, actor, list(dict.fromkeys(ids)))
        return [
            AwaitingView(
                row,
                one,
                [(there[number], score) for number, score in others_of(one) if number in there],
                there.get(one.track_id) if one is not None else None,
            )
            for row, one in zip(some, found, strict=True)
        ]


def _suggestion(row_id: int, found: Found) -> dict[str, Any]:
    return {
        "row_id": row_id,
        "state": state_of(found),
        "score": found.score,
        "method": found.method,
        "reasons": found.reasons_as_json() or None,
        "suggested": found.track_id,
    }
