"""Lists of the library: pages by filter and order, Subsonic's album lists, and batches in a given order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.errors import Invalid
from segue.core.remembered import Remembered
from segue.library import remembered, repository
from segue.library.ground import LibraryGround
from segue.library.views import (
    AlbumView,
    ArtistView,
    FileView,
    FolderView,
    GenreView,
    LabelView,
    LibraryView,
    Listing,
    TrackView,
)
from segue.query import (
    EVERYTHING,
    Compare,
    Has,
    Node,
    Question,
    Range,
    Window,
    both,
    count,
    find,
    parse_filters,
    parse_sort,
)
from segue.query.bounded import Part, page_of
from segue.query.language import parse
from segue.query.patience import answering

AlbumListType = Literal[
    "random",
    "newest",
    "highest",
    "frequent",
    "recent",
    "alphabeticalByName",
    "alphabeticalByArtist",
    "starred",
    "byYear",
    "byGenre",
]


class NotAsked(Invalid):
    """An album list that needs a parameter it was not given, or does not exist."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__("bad_album_list", message, parameter=parameter)


class Lists(LibraryGround):
    """The verbs about lists."""

    def filters(self, kind: str, parameters: Iterable[tuple[str, str]]) -> Node:
        """The tree for filters as REST writes them. Raises BadQuery."""
        return parse_filters(self.entities[kind], parameters)

    async def page(
        self,
        kind: str,
        actor: Actor,
        where: Node = EVERYTHING,
        *,
        q: str | None = None,
        sort: str | None = None,
        window: Window | None = None,
        with_total: bool = False,
        most: int | None = None,
    ) -> Listing[Any]:
        """A page of `kind` (tracks, albums, artists, genres, labels, files, folders). Raises BadQuery.

        `q` is a query in the language, which must hold beside `where`; a `sort` given here goes before its own. With `most`,
        a total that must be counted is only told where it is not larger. Raises QuerySyntax and QueryTooSlow for `q`.
        """
        entity = self.entities[kind]
        if q is not None and q.strip():
            return await self._asked(kind, actor, where, q, sort, window or Window(), most, with_total=with_total)
        question = Question(entity, where, parse_sort(entity, sort), actor.libraries)
        async with self.db.read() as conn:
            scope = self._scope(actor)
            page = await find(conn, question, window or Window(), scope, self._deep)
            total = await count(conn, question, scope, most) if with_total else None
            items = await self._load(conn, kind, page.ids, actor)
        return Listing([items[number] for number in page.ids if number in items], page.next, total)

    async def _asked(
        self,
        kind: str,
        actor: Actor,
        where: Node,
        q: str,
        sort: str | None,
        window: Window,
        most: int | None,
        *,
        with_total: bool,
    ) -> Listing[Any]:
        """A page of what a query asks for, within the time that a question may take."""
        entity = self.entities[kind]
        parsed = parse(entity, q, ZoneInfo(actor.time_zone))
        order = parse_sort(entity, sort) if sort or parsed.order is None else parsed.order
        bounded = parsed.limit is not None or parsed.offset > 0
        if bounded and order.drawn:
            order = parse_sort(entity, f"random:{utc_now().date()}")  # the same on every page
        question = Question(entity, both(where, parsed.where), order, actor.libraries)
        total: int | None = None
        async with answering(self.db) as conn:
            if bounded:
                part = Part(question, parsed.limit, parsed.offset, lambda: self._scope(actor))
                page = await page_of(conn, part, window)
            else:
                scope = self._scope(actor)
                page = await find(conn, question, window, scope, self._deep)
                total = await count(conn, question, scope, most) if with_total else None
            items = await self._load(conn, kind, page.ids, actor)
        if bounded and with_total and page.next is None and window.cursor is None:
            total = len(page.ids)
        return Listing([items[number] for number in page.ids if number in items], page.next, total)

    async def list_tracks(self, actor: Actor, where: Node = EVERYTHING, **options: Any) -> Listing[TrackView]:
        """Like `page` for tracks; so are the others below."""
        return await self.page("tracks", actor, where, **options)

    async def list_albums(self, actor: Actor, where: Node = EVERYTHING, **options: Any) -> Listing[AlbumView]:
        return await self.page("albums", actor, where, **options)

    async def list_artists(self, actor: Actor, where: Node = EVERYTHING, **options: Any) -> Listing[ArtistView]:
        return await self.page("artists", actor, where, **options)

    async def list_genres(self, actor: Actor, where: Node = EVERYTHING, **options: Any) -> Listing[GenreView]:
        return await self.page("genres", actor, where, **options)

    async def list_labels(self, actor: Actor, where: Node = EVERYTHING, **options: Any) -> Listing[LabelView]:
        return await self.page("labels", actor, where, **options)

    async def list_files(self, actor: Actor, where: Node = EVERYTHING, **options: Any) -> Listing[FileView]:
        return await self.page("files", actor, where, **options)

    async def list_folders(self, actor: Actor, where: Node = EVERYTHING, **options: Any) -> Listing[FolderView]:
        return await self.page("folders", actor, where, **options)

    async def count(self, kind: str, actor: Actor, where: Node = EVERYTHING) -> int:
        """How many rows of `kind` the filter leaves."""
        entity = self.entities[kind]
        question = Question(entity, where, parse_sort(entity, None), actor.libraries)
        async with self.db.read() as conn:
            return await count(conn, question, self._scope(actor)) or 0

    async def libraries(self, actor: Actor) -> list[LibraryView]:
        """The libraries that `actor` may see, by name."""
        async with self.db.read() as conn:
            return await repository.libraries(conn, actor.libraries)

    async def ids_of_libraries(self) -> list[int]:
        """Every library there is."""
        async with self.db.read() as conn:
            return [library.id for library in await repository.libraries(conn, None)]

    async def album_list(
        self,
        actor: Actor,
        type: AlbumListType | str,
        *,
        size: int = 10,
        offset: int = 0,
        from_year: int | None = None,
        to_year: int | None = None,
        genre_id: int | None = None,
        library_id: int | None = None,
        seed: str | None = None,
    ) -> list[AlbumView]:
        """One of Subsonic's album lists. `from_year` after `to_year` lists backwards. Raises NotAsked.

        `seed` keeps a random list the same over its pages; without one every call is shuffled anew.
        """
        where: Node = EVERYTHING if library_id is None else Compare("library", "=", library_id)
        match type:
            case "random":
                sort = f"random:{seed}" if seed else "random"
            case "newest":
                sort = "-added"
            case "highest":
                sort, where = "-rating,title", both(where, Compare("rating", ">=", 1))
            case "frequent":
                sort, where = "-plays,title", both(where, Has("last_played"), Compare("plays", ">=", 1))
            case "recent":
                sort, where = "-last_played", both(where, Has("last_played"))
            case "alphabeticalByName":
                sort = "title"
            case "alphabeticalByArtist":
                sort = "artist"
            case "starred":
                sort, where = "-starred_at", both(where, Compare("starred", "=", True))
            case "byYear":
                if from_year is None or to_year is None:
                    raise NotAsked("fromYear", "A list by year needs fromYear and toYear.")
                sort = "year" if from_year <= to_year else "-year"
                where = both(where, Range("year", min(from_year, to_year), max(from_year, to_year)))
            case "byGenre":
                if genre_id is None:
                    raise NotAsked("genre", "A list by genre needs the genre.")
                sort, where = "title", both(where, Compare("genre", "=", genre_id))
            case _:
                raise NotAsked("type", f"There is no album list {type!r}.")
        return (await self.list_albums(actor, where, sort=sort, window=Window(size, offset=offset))).items

    async def random_tracks(self, actor: Actor, size: int, where: Node = EVERYTHING) -> list[TrackView]:
        """`size` tracks drawn anew at every call."""
        return (await self.list_tracks(actor, where, sort="random", window=Window(size))).items

    async def tracks_of(self, ids: Sequence[int], actor: Actor) -> list[TrackView]:
        """The tracks of these ids in this order, repeated ones too; what is gone or may not be seen is left out."""
        return await self._in_order("tracks", ids, actor)

    async def albums_of(self, ids: Sequence[int], actor: Actor) -> list[AlbumView]:
        return await self._in_order("albums", ids, actor)

    async def artists_of(self, ids: Sequence[int], actor: Actor) -> list[ArtistView]:
        return await self._in_order("artists", ids, actor)

    async def folders_of(self, ids: Sequence[int], actor: Actor) -> list[FolderView]:
        return await self._in_order("folders", ids, actor)

    async def _in_order(self, kind: str, ids: Sequence[int], actor: Actor) -> list[Any]:
        async with self.db.read() as conn:
            items = await self._load(conn, kind, set(ids), actor)
        return [items[number] for number in ids if number in items]

    async def remembered(
        self, conn: AsyncConnection, actor: Actor, kind: str, ids: Sequence[int]
    ) -> dict[int, Remembered]:
        """What these tracks, albums or artists are called, for those who keep it; see `core.remembered`."""
        return await remembered.remembered(conn, actor, kind, ids)

    async def artists_called(self, conn: AsyncConnection, names: Sequence[str]) -> dict[str, int]:
        """The numbers of artists by those of `names` that exactly one artist here has; see `core.remembered`."""
        return await remembered.artists_called(conn, names)
