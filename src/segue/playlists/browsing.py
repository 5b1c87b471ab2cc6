"""Reading lists: which there are, what is in them, how much a smart one holds."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.errors import SegueError
from segue.core.remembered import Remembered
from segue.core.rest import BadCursor
from segue.playlists import playlist_rows, repository
from segue.playlists.covers import LOOKED_AT, Covers
from segue.playlists.exchange.wanting import wanted_of_row
from segue.playlists.fields import PLAYLIST
from segue.playlists.smart.measure import COUNTED, Figures
from segue.playlists.smart.remembered import FiguresKept
from segue.playlists.views import PlaylistView, RowsPage, RowView
from segue.query import EVERYTHING, Node, Question, Scope, Window, count, find, parse_sort
from segue.query.language import parse
from segue.query.patience import answering

COUNTING_S = 0.5
"""Seconds that counting smart lists may take for one list of lists."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of lists, and how many there are in all."""

    items: list[PlaylistView]
    next: str | None
    total: int


class Browsing(Covers):
    """The verbs for reading."""

    _kept: FiguresKept

    async def playlists(
        self, actor: Actor, *, after: tuple[str, int] | None = None, limit: int | None = None
    ) -> list[tuple[str, PlaylistView]]:
        """What `actor` may see, by name, each with its sort key: one's own, shared with one, and public ones."""
        async with answering(self._db) as conn:
            rows = await repository.playlists_of(conn, actor.person, after=after, limit=limit)
            views = await self._with_figures(conn, actor, rows)
        return [(row.sort_key, view) for row, view in zip(rows, views, strict=True)]

    async def page(
        self,
        actor: Actor,
        *,
        q: str | None = None,
        sort: str | None = None,
        window: Window | None = None,
    ) -> Listed:
        """A page of the lists that `actor` may see, those that the query `q` leaves. Raises BadQuery."""
        scope = Scope.of(actor, self._db.dialect)
        asked: Node = EVERYTHING
        order = parse_sort(PLAYLIST, sort)
        if q is not None and q.strip():
            parsed = parse(PLAYLIST, q, scope.zone, scope.now)
            asked = parsed.where
            order = parsed.order if parsed.order is not None and not sort else order
        question = Question(PLAYLIST, asked, order, None)
        async with answering(self._db) as conn:
            found = await find(conn, question, window or Window(), scope)
            total = await count(conn, question, Scope.of(actor, self._db.dialect)) or 0
            rows = await repository.playlists_by_id(conn, found.ids)
            views = await self._with_figures(conn, actor, [rows[number] for number in found.ids if number in rows])
        return Listed(views, found.next, total)

    async def view(self, actor: Actor, playlist_id: int) -> PlaylistView:
        """A list without its rows. Raises PlaylistNotFound, also where it may not be seen."""
        async with answering(self._db) as conn:
            row = await self.visible(conn, actor, playlist_id)
            return (await self._with_figures(conn, actor, [row], fresh=True))[0]

    async def playlist(self, actor: Actor, playlist_id: int) -> tuple[PlaylistView, list[RowView]]:
        """One playlist and all its rows in order (of a smart list the first 10,000). Raises PlaylistNotFound, and for a
        smart list whose query can no longer be asked BadQuery."""
        async with answering(self._db) as conn:
            row = await self.visible(conn, actor, playlist_id)
            if row.kind == "smart":
                asked = await self.smart.asked(actor, row)
                ids = await self.smart.ids(conn, asked, COUNTED)
                views = await self._smart_rows(conn, actor, row, ids)
            else:
                views = await self._row_views(conn, actor, await playlist_rows.rows_of(conn, playlist_id))
            return (await self._with_figures(conn, actor, [row], fresh=True))[0], views

    async def track_ids(self, actor: Actor, playlist_id: int) -> list[int]:
        """The tracks of a list in its order (of a smart list the first 10,000), whether one may see them or not. Raises
        PlaylistNotFound, BadQuery."""
        _, rows = await self.playlist(actor, playlist_id)
        return [row.track_id for row in rows if row.track_id is not None]

    async def rows(
        self, actor: Actor, playlist_id: int, *, limit: int = 100, cursor: str | None = None
    ) -> tuple[PlaylistView, RowsPage]:
        """A list with one page of its rows. Raises PlaylistNotFound, BadCursor.

        Of a smart list that cannot be filled (a circle, a field that is no more) the view says why, and it has no rows.
        """
        async with answering(self._db) as conn:
            row = await self.visible(conn, actor, playlist_id)
            (view,) = await self.views(conn, actor, [row])
            if row.kind != "smart":
                found = await playlist_rows.rows_of(conn, playlist_id, after=_after(cursor), limit=limit + 1)
                more = len(found) > limit
                following = json.dumps([found[limit - 1].rank, found[limit - 1].id]) if more and limit else None
                views = await self._row_views(conn, actor, found[:limit])
                return view, RowsPage(await self._catalogued(views), following, row.track_count)
            try:
                asked = await self.smart.asked(actor, row)
                ids, following, held = await self.smart.opened(conn, asked, max(limit, 1), cursor)
            except SegueError as error:
                if cursor is not None:
                    raise
                return _unfilled(view, error), RowsPage([], None, 0)
            first = ids if cursor is None else await self.smart.ids(conn, asked, LOOKED_AT)
            views = await self._smart_rows(conn, actor, row, ids[:limit])
            held = replace(held, first=tuple(first[:LOOKED_AT]))
            await self._kept.look(conn)
            self._kept.keep(actor, row, held)
        return _filled(view, held), RowsPage(views, following, None if held.more else held.count)

    async def _with_figures(
        self, conn: AsyncConnection, actor: Actor, rows: Sequence[Any], *, fresh: bool = False
    ) -> list[PlaylistView]:
        """Rows of lists as views, smart ones with what they hold now. In lists of lists that is remembered until music, or
        what their owner did, changes; where that concerns so many that counting would take longer than `COUNTING_S`, the
        others are told as they were last counted, and it is their turn the next time. `fresh` asks anew."""
        begun = time.monotonic()
        views = await self.views(conn, actor, rows)
        if any(row.kind == "smart" for row in rows):
            await self._kept.look(conn)
        counted = []
        for row, view in zip(rows, views, strict=True):
            known = None if fresh or row.kind != "smart" else self._kept.get(actor, row)
            if row.kind != "smart":
                counted.append(view)
            elif known is None and not fresh and time.monotonic() - begun > COUNTING_S:
                counted.append(_filled(view, self._kept.older(actor, row)))
            else:
                counted.append(await self._counted(conn, actor, row, view, known))
        return counted

    async def _counted(
        self, conn: AsyncConnection, actor: Actor, row: Any, view: PlaylistView, kept: Figures | None
    ) -> PlaylistView:
        if kept is None:
            try:
                asked = await self.smart.asked(actor, row)
                first = await self.smart.ids(conn, asked, LOOKED_AT)
                kept = replace(await self.smart.figures(conn, asked), first=tuple(first))
            except SegueError as error:
                return _unfilled(view, error)
            self._kept.keep(actor, row, kept)
        return _filled(view, kept)

    async def _row_views(self, conn: AsyncConnection, actor: Actor, rows: Sequence[Any]) -> list[RowView]:
        ids = list(dict.fromkeys(one.track_id for one in rows if one.track_id is not None))
        there = await self._music.remembered(conn, actor, "track", ids)
        return [
            RowView(
                one.id,
                one.track_id if one.track_id in there else None,
                one.title,
                one.artist,
                one.album,
                one.duration_ms,
                one.added_at,
                comment=one.comment,
                added_by=one.added_by or None,
                external_ids=one.external_ids,
                location=one.location,
                match_score=one.match_score,
                match_reasons=one.match_reasons,
                match_state=one.match_state,
                missing=one.track_id not in there,
            )
            for one in rows
        ]

    async def _catalogued(self, rows: list[RowView]) -> list[RowView]:
        """The rows, those that never had a track with what they mean in the catalogue."""
        places = [place for place, row in enumerate(rows) if row.track_id is None]
        if self.catalog is None or not places:
            return rows
        meant = await self.catalog.of([wanted_of_row(rows[place]) for place in places])
        for place, one in zip(places, meant, strict=True):
            rows[place] = replace(rows[place], catalog=one)
        return rows

    async def _smart_rows(self, conn: AsyncConnection, actor: Actor, row: Any, ids: Sequence[int]) -> list[RowView]:
        there = await self._music.remembered(conn, actor, "track", list(ids))
        return [_smart_row(there[number], row) for number in ids if number in there]


def _filled(view: PlaylistView, held: Figures) -> PlaylistView:
    """A smart list as it is filled now."""
    return replace(view, track_count=held.count, duration_ms=held.duration_ms, more=held.more, first_tracks=held.first)


def _unfilled(view: PlaylistView, error: SegueError) -> PlaylistView:
    """A smart list that can no longer be asked is shown with the reason."""
    return replace(view, track_count=0, duration_ms=0, problem=(error.code, error.message))


def _smart_row(track: Remembered, row: Any) -> RowView:
    return RowView(
        None,
        track.id,
        track.title,
        track.artist,
        track.album,
        track.duration_ms,
        row.changed_at if row is not None else utc_now(),
        external_ids=track.external_ids or None,
    )


smart_row = _smart_row


def _after(cursor: str | None) -> tuple[str, int] | None:
    if cursor is None:
        return None
    try:
        rank, number = json.loads(cursor)
        return str(rank), int(number)
    except (ValueError, TypeError):
        raise BadCursor from None
