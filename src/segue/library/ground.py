"""What every part of the library service stands on: the database, what can be asked, and loading rows that may be seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.errors import NotFound
from segue.core.ids import format_id
from segue.library import fields, repository, track_rows
from segue.library.artist_index import ArtistIndexes
from segue.library.folder_index import FolderIndexes
from segue.library.views import (
    ArtistView,
    GenreView,
    LabelView,
)
from segue.query import (
    Deep,
    Entities,
    Node,
    Question,
    Scope,
    Window,
    find,
    parse_sort,
)

PREFIXES = {
    "tracks": "tr",
    "albums": "al",
    "artists": "ar",
    "genres": "ge",
    "labels": "lb",
    "files": "fi",
    "folders": "fo",
}


class NotInLibrary(NotFound):
    """No such row, or none that this person may see. `id` is its typed id."""

    def __init__(self, kind: str, number: int) -> None:
        typed = format_id(PREFIXES[kind], number)
        super().__init__("not_found", f"There is no {kind[:-1]} {typed}.", id=typed)


class LibraryGround:
    """The state of the service, and how its parts load things. `entities` are what can be asked, with the fields other domains
    added."""

    def __init__(self, db: Database, entities: Entities | None = None) -> None:
        self.db = db
        self.entities = entities or Entities(fields.ENTITIES)
        self._deep = Deep()
        self._indexes = ArtistIndexes(ChangeFeed(db))
        self._folder_indexes = FolderIndexes(db)

    def _scope(self, actor: Actor) -> Scope:
        return Scope.of(actor, self.db.dialect)

    async def _everything(
        self, conn: AsyncConnection, kind: str, where: Node, sort: str, actor: Actor, limit: int = 10_000
    ) -> list[Any]:
        entity = self.entities[kind]
        question = Question(entity, where, parse_sort(entity, sort), actor.libraries)
        page = await find(conn, question, Window(limit), self._scope(actor))
        items = await self._load(conn, kind, page.ids, actor)
        return [items[number] for number in page.ids if number in items]

    async def _one(self, conn: AsyncConnection, kind: str, number: int, actor: Actor) -> Any:
        """The row of this id, or the one it was merged into. Raises NotInLibrary."""
        for _ in range(2):
            found = await self._load(conn, kind, [number], actor)
            if number in found:
                return found[number]
            merged = await repository.redirected(conn, kind[:-1], number)
            if merged is None:
                break
            number = merged
        raise NotInLibrary(kind, number)

    async def _load(
        self,
        conn: AsyncConnection,
        kind: str,
        ids: Iterable[int],
        actor: Actor,
        *,
        libraries: frozenset[int] | None = None,
    ) -> dict[int, Any]:
        """The views of these ids that `actor` may see, with what other domains add to them."""
        wanted = list(dict.fromkeys(ids))
        seen = actor.libraries if libraries is None else libraries
        found: dict[int, Any]
        match kind:
            case "tracks":
                found = dict(await track_rows.tracks(conn, wanted))
            case "albums":
                found = dict(await repository.albums(conn, wanted))
            case "files":
                found = dict(await repository.files(conn, wanted))
            case "folders":
                found = dict(await repository.folders(conn, wanted))
            case "artists":
                found = dict(await repository.artists(conn, wanted, seen))
            case "genres":
                found = dict(await repository.genres(conn, wanted, seen))
            case _:
                found = dict(await repository.labels(conn, wanted, seen))
        if seen is not None:
            found = {number: view for number, view in found.items() if _seen(view, seen)}
        if kind in ("tracks", "albums", "artists"):
            for number, known in (
                await repository.personal(conn, self.entities[kind], list(found), actor.person)
            ).items():
                found[number].personal = known
        return found


def _seen(view: Any, libraries: frozenset[int]) -> bool:
    if isinstance(view, ArtistView | GenreView | LabelView):
        return view.album_count > 0 or getattr(view, "track_count", 0) > 0
    return view.library_id in libraries
