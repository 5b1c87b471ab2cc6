"""Writing what was read into lists: new ones, and old ones brought up to date with the same file.

Everything goes through the same steps as a person's own changes, so that history shows it and can take it back. A list is
written some hundred rows at a time; how far it came can be told by its rows, so that a killed job goes on behind the last.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.core.remembered import Remembered
from segue.core.text import clean_text, sort_key
from segue.library.finding.keys import keys_of
from segue.playlists import playlist_rows, ranks, repository, revision_rows
from segue.playlists.editing import END
from segue.playlists.exchange import metrics
from segue.playlists.exchange import rows as exchange_rows
from segue.playlists.exchange.wanting import wanted_of_row
from segue.playlists.ground import MAX_COMMENT, MAX_NAME, Ground, check_length
from segue.playlists.history import Steps
from segue.playlists.views import NewRow, Visibility

AWAITING = ("none", "review")


class Keeping(Ground):
    """The writing part of the exchange."""

    async def begin(
        self, tx: Transaction, actor: Actor, name: str, *, comment: str = "", visibility: Visibility = "private"
    ) -> int:
        """A new, empty list of `actor`'s; its id."""
        name = clean_text(name)[:MAX_NAME].strip() or "Playlist"
        now = utc_now()
        number = await repository.add_playlist(
            tx,
            {
                "owner_id": actor.person, "name": name, "sort_key": sort_key(name),
                "comment": clean_text(comment)[:MAX_COMMENT], "visibility": visibility, "kind": "manual", "track_count": 0,
                "duration_ms": 0, "revision": 1, "created_at": now, "changed_at": now,
            },
        )  # fmt: skip
        first = {"revision": 1, "user_id": actor.user_id, "at": now, "action": "imported", "back": None}
        await revision_rows.keep(tx, number, {**first, "params": {"count": 0}})
        await self._announce(tx, number)
        return number

    async def append(self, tx: Transaction, actor: Actor, playlist_id: int, new: Sequence[NewRow]) -> list[int]:
        """Add rows behind the last of a list that is being imported; their ids. Those without a track are kept to be matched
        later. All that is added so is one change in the list's history, its first."""
        row = await repository.any_playlist(tx.conn, playlist_id)
        if row is None or not new:
            return []
        check_length(row.track_count + len(new))
        written = await self._written(tx, actor, new)
        room, moved = await self._room(tx, playlist_id, len(written), END)
        put = [{**one, "rank": rank} for one, rank in zip(written, room, strict=True)]
        taken = await playlist_rows.take(tx, playlist_id, Steps(put=put, move=moved))
        await exchange_rows.grow(tx, playlist_id, taken.count, taken.duration_ms, utc_now())
        await self._announce(tx, playlist_id)
        await self.await_tracks(tx, taken.put)
        await _count(tx, written)
        return taken.put

    async def bring_up_to_date(
        self, tx: Transaction, actor: Actor, playlist_id: int, new: Sequence[NewRow], *, name: str | None = None
    ) -> bool:
        """Make a list what its file says now; whether anything changed.

        A row that the file still has stays the row it was, with its id, its note and what a person decided about its track;
        one that is no longer in it goes; rows that somebody added here stay, behind those of the file.
        """
        check_length(len(new))
        row = await repository.any_playlist(tx.conn, playlist_id)
        if row is None:
            return False
        present = await playlist_rows.rows_of(tx.conn, playlist_id)
        by_origin: dict[str, list[Any]] = defaultdict(list)
        for one in reversed(present):
            if one.origin is not None:
                by_origin[one.origin].append(one)
        order: list[Any] = []
        for wanted in new:
            same = by_origin.get(wanted.origin or "")
            order.append(same.pop() if same else wanted)
        gone = [one.id for left in by_origin.values() for one in left]
        order += [one for one in present if one.origin is None]
        fresh = [one for one in order if isinstance(one, NewRow)]
        kept_order = [one.id for one in order if not isinstance(one, NewRow)]
        named = {"name": name, "sort_key": sort_key(name)} if name and name != row.name else {}
        if not fresh and not gone and not named and kept_order == [one.id for one in present]:
            return False
        written = iter(await self._written(tx, actor, fresh))
        steps = Steps(drop=gone, values=dict(named))
        present_ranks = {one.id: one.rank for one in present}
        for one, rank in zip(order, ranks.spread(len(order)), strict=True):
            if isinstance(one, NewRow):
                steps.put.append({**next(written), "rank": rank})
            elif present_ranks[one.id] != rank:
                steps.move[one.id] = rank
        _, ids = await self._change(tx, actor, row, steps, "updated", {"count": len(order)})
        await self.await_tracks(tx, ids)
        await _count(tx, steps.put)
        return True

    async def await_tracks(self, tx: Transaction, row_ids: Sequence[int]) -> None:
        """Keep the keys of those of these rows that have no track yet."""
        found = await exchange_rows.awaiting(tx.conn, row_ids)
        await exchange_rows.put_keys(tx, ((one.id, key) for one in found for key in keys_of(wanted_of_row(one))))
        for follow in self.on_awaiting if found else ():
            await follow(tx)

    async def may_see(self, conn: AsyncConnection, actor: Actor, track_id: int) -> bool:
        """Whether there is this track, and `actor` may see it."""
        return track_id in await self._music.remembered(conn, actor, "track", [track_id])

    async def remembered(self, conn: AsyncConnection, actor: Actor, ids: Sequence[int]) -> dict[int, Remembered]:
        """What these tracks are called, those that `actor` may see."""
        return await self._music.remembered(conn, actor, "track", ids)

    async def alter(
        self, tx: Transaction, actor: Actor, row: Any, steps: Steps, action: str, params: dict[str, Any]
    ) -> None:
        """Change rows of a list, as its history is to tell it."""
        await self._change(tx, actor, row, steps, action, params)

    async def announce(self, tx: Transaction, playlist_id: int) -> None:
        """Say in the change feed that a list is different."""
        await self._announce(tx, playlist_id)

    async def hash_of(self, conn: AsyncConnection, playlist_id: int) -> bytes | None:
        """`kept_hash` of a list as it is now; None where there is none."""
        row = await repository.any_playlist(conn, playlist_id)
        return kept_hash(row.name, await playlist_rows.row_ids(conn, playlist_id)) if row is not None else None

    async def _written(self, tx: Transaction, actor: Actor, new: Sequence[NewRow]) -> list[dict[str, Any]]:
        """`_new_rows` for what may have vanished since it was found: such a row goes back to awaiting its track."""
        wanted = list({row.track_id for row in new if row.track_id is not None})
        there = await self._music.remembered(tx.conn, actor, "track", wanted)
        checked = [row if row.track_id is None or row.track_id in there else _without_track(row) for row in new]
        return await self._new_rows(tx, actor, checked)


def _without_track(row: NewRow) -> NewRow:
    values = {slot: getattr(row, slot) for slot in NewRow.__slots__}
    return NewRow(**{**values, "track_id": None, "match_state": "none", "match_score": None, "match_track_id": None})


async def _count(tx: Transaction, written: Sequence[dict[str, Any]]) -> None:
    linked = Counter(row["match_method"] for row in written if row["track_id"] is not None and row["match_method"])
    for method, more in linked.items():
        await metrics.count(tx, method, more)


def kept_hash(name: str, row_ids: Sequence[int]) -> bytes:
    """What a list is, as far as a file can say it: its name and its rows in order."""
    return hashlib.sha256(f"{name}\x1f{','.join(map(str, row_ids))}".encode()).digest()
