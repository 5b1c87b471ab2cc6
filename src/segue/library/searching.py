"""Searching the library by words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.library import repository, search
from segue.library.ground import LibraryGround
from segue.library.views import (
    Found,
)
from segue.query import (
    EVERYTHING,
    BadCursor,
    Compare,
    Node,
    Question,
    Scope,
    Window,
    find,
    parse_sort,
    read_offset,
    write_offset,
)
from segue.query.compile import condition

SEARCHED = ("artists", "albums", "tracks", "labels", "genres")
"""What is searched, in the order it is shown."""


class Searching(LibraryGround):
    """The verbs about search."""

    async def search(
        self,
        typed: str,
        actor: Actor,
        *,
        artists: Window | None = None,
        albums: Window | None = None,
        tracks: Window | None = None,
        labels: Window | None = None,
        genres: Window | None = None,
        library_id: int | None = None,
    ) -> Found:
        """What was typed, the last word perhaps only begun: exact titles first, then titles that begin so, then all else.

        In each of these, what is played most here comes first. Each kind has its own window (limit and offset; none asks
        for nothing). Without words it is everything, in the order it came, so that the whole library can be paged while
        it grows.
        """
        windows = {"artists": artists, "albums": albums, "tracks": tracks, "labels": labels, "genres": genres}
        found = Found()
        shared: dict[Any, Any] = {}
        async with self.db.read() as conn:
            for kind, window in windows.items():
                if window is None or window.limit <= 0:
                    continue
                ids = await self._search(conn, kind, typed, window, actor, library_id, shared)
                views = await self._load(conn, kind, ids, actor)
                setattr(found, kind, [views[number] for number in ids if number in views])
        return found

    async def find(
        self,
        typed: str,
        actor: Actor,
        *,
        kinds: Sequence[str] = SEARCHED,
        limit: int = 10,
        cursor: str | None = None,
        library_id: int | None = None,
    ) -> Found:
        """Like `search`, with why each was found, and where each kind goes on. Raises BadCursor.

        `cursor` is the `next` of one kind; `kinds` names that one alone.
        """
        offset = 0
        if cursor is not None:
            if len(kinds) != 1:
                raise BadCursor("A cursor goes on with one kind; `kinds` must name it alone.")
            offset = read_offset(cursor, f"{kinds[0]} {library_id} {typed}")
        window = Window(limit + 1, offset=offset)
        found = await self.search(typed, actor, library_id=library_id, **dict.fromkeys(kinds, window))  # type: ignore[arg-type]
        async with self.db.read() as conn:
            for kind in kinds:
                views = getattr(found, kind)
                if len(views) > limit:
                    found.next[kind] = write_offset(offset + limit, f"{kind} {library_id} {typed}")
                    del views[limit:]
                more = await repository.search_texts(conn, kind, [view.id for view in views])
                found.matched[kind] = {view.id: search.why(kind, typed, view, more) for view in views}
        return found

    async def _search(
        self,
        conn: AsyncConnection,
        kind: str,
        typed: str,
        window: Window,
        actor: Actor,
        library_id: int | None,
        shared: dict[Any, Any],
    ) -> list[int]:
        entity = self.entities[kind]
        scope = self._scope(actor)
        where: Node = EVERYTHING if library_id is None else Compare("library", "=", library_id)
        order = "added" if "added" in entity.fields else "name"
        question = Question(entity, where, parse_sort(entity, order), actor.libraries)
        if not search.terms_of(typed):
            return (await find(conn, question, window, scope, self._deep)).ids
        singular: search.Kind = kind[:-1]  # type: ignore[assignment]
        libraries = actor.libraries
        if library_id is not None:
            libraries = frozenset({library_id}) if libraries is None else libraries & {library_id}
        return await search.search(
            conn,
            singular,
            typed,
            _visible(question, scope),
            limit=window.limit,
            offset=window.offset,
            dialect=self.db.dialect,
            libraries=libraries,
            shared=shared,
        )


def _visible(question: Question, scope: Scope) -> ColumnElement[bool]:
    where = condition(question.entity, question.filter(), scope)
    return where if question.libraries is None else and_(where, question.entity.visible(question.libraries))
