"""The library's verbs for reading: lists, pages, the index of artists, search. The one door for faces and other domains.

Nobody sees rows of a library they may not see: such a row is not found, like one that does not exist. Missing music is
left out of lists until it is asked for, and found by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.errors import Invalid, NotFound
from segue.core.ids import format_id
from segue.core.remembered import Remembered
from segue.core.text import letter_of
from segue.library import detail_rows, fields, remembered, repository, search, track_rows
from segue.library.artist_index import ArtistIndexes, Spelling
from segue.library.chapters import track_chapters
from segue.library.folder_index import FolderIndexes, FolderSpelling
from segue.library.lyrics.repository import problems_of, track_called, words_of
from segue.library.lyrics.song_words import SongWords
from segue.library.overrides import grouping
from segue.library.pictures.candidates import disc_pictures
from segue.library.scan.facts import Chapter
from segue.library.views import (
    AlbumPage,
    AlbumView,
    ArtistPage,
    ArtistView,
    Credit,
    DiscView,
    FileView,
    FolderPage,
    FolderView,
    Found,
    GenreView,
    Grouping,
    LabelPage,
    LabelView,
    Letter,
    LibraryView,
    Listing,
    TrackDetails,
    TrackView,
)
from segue.query import (
    EVERYTHING,
    BadCursor,
    Compare,
    Deep,
    Entities,
    Has,
    In,
    Node,
    Not,
    Question,
    Range,
    Scope,
    Window,
    both,
    count,
    find,
    parse_filters,
    parse_sort,
    read_offset,
    write_offset,
)
from segue.query.compile import condition

PREFIXES = {
    "tracks": "tr",
    "albums": "al",
    "artists": "ar",
    "genres": "ge",
    "labels": "lb",
    "files": "fi",
    "folders": "fo",
}
SEARCHED = ("artists", "albums", "tracks", "labels", "genres")
"""What is searched, in the order it is shown."""
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


class NotInLibrary(NotFound):
    """No such row, or none that this person may see. `id` is its typed id."""

    def __init__(self, kind: str, number: int) -> None:
        typed = format_id(PREFIXES[kind], number)
        super().__init__("not_found", f"There is no {kind[:-1]} {typed}.", id=typed)


class NotAsked(Invalid):
    """An album list that needs a parameter it was not given, or does not exist."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__("bad_album_list", message, parameter=parameter)


class LibraryService:
    """Reads the library for somebody. `entities` are what can be asked, with the fields other domains added."""

    def __init__(self, db: Database, entities: Entities | None = None) -> None:
        self.db = db
        self.entities = entities or Entities(fields.ENTITIES)
        self._deep = Deep()
        self._indexes = ArtistIndexes(ChangeFeed(db))
        self._folder_indexes = FolderIndexes(db)

    # --- lists -------------------------------------------------------------------------------------------------------

    def filters(self, kind: str, parameters: Iterable[tuple[str, str]]) -> Node:
        """The tree for filters as REST writes them. Raises BadQuery."""
        return parse_filters(self.entities[kind], parameters)

    async def page(
        self,
        kind: str,
        actor: Actor,
        where: Node = EVERYTHING,
        *,
        sort: str | None = None,
        window: Window | None = None,
        with_total: bool = False,
        most: int | None = None,
    ) -> Listing[Any]:
        """A page of `kind` (tracks, albums, artists, genres, labels, files, folders). Raises BadQuery.

        With `most`, a total that must be counted is only told where it is not larger.
        """
        entity = self.entities[kind]
        question = Question(entity, where, parse_sort(entity, sort), actor.libraries)
        async with self.db.read() as conn:
            scope = self._scope(actor)
            page = await find(conn, question, window or Window(), scope, self._deep)
            total = await count(conn, question, scope, most) if with_total else None
            items = await self._load(conn, kind, page.ids, actor)
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

    async def artist_index(
        self, actor: Actor, *, library_ids: Sequence[int] | None = None, role: str | None = "album_artist"
    ) -> list[Letter]:
        """Artists by the letter they are filed under, `#` first; leading articles do not count.

        Those who are credited as `role` somewhere (None: in any role), in these libraries or all that may be seen.
        """
        seen = actor.libraries
        where: list[Node] = [] if role is None else [Compare("role", "=", role)]
        if library_ids is not None:
            seen = frozenset(library_ids) if seen is None else seen & frozenset(library_ids)
            where.append(In("library", tuple(library_ids)))
        entity = self.entities["artists"]
        question = Question(entity, both(*where), parse_sort(entity, "name"), seen)
        letters: dict[str, Letter] = {}
        async with self.db.read() as conn:
            page = await find(conn, question, Window(10_000_000), self._scope(actor))
            artists = await self._load(conn, "artists", page.ids, actor, libraries=seen)
        for number in page.ids:
            artist = artists[number]
            if role is not None and role not in artist.roles:
                continue  # not in these libraries
            letter = letter_of(artist.sort_key)
            letters.setdefault(letter, Letter(letter, [])).artists.append(artist)
        return sorted(letters.values(), key=lambda each: (each.letter != "#", each.artists[0].sort_key))

    async def written_index(
        self,
        actor: Actor,
        spelling: Spelling,
        *,
        library_ids: Sequence[int] | None = None,
        role: str | None = "album_artist",
    ) -> tuple[list[str], str]:
        """Like `artist_index`, each letter written by `spelling`, and a tag that changes with the answer.

        Kept from call to call and brought up to date by the change feed, so that it costs what has changed.
        """
        seen = actor.libraries
        if library_ids is not None:
            seen = frozenset(library_ids) if seen is None else seen & frozenset(library_ids)

        async def everyone() -> list[int]:
            async with self.db.read() as conn:
                return await repository.artists_with(conn, seen, role)

        async def load(ids: Sequence[int]) -> dict[int, ArtistView]:
            async with self.db.read() as conn:
                return await self._load(conn, "artists", ids, actor, libraries=seen)

        def belongs(view: ArtistView) -> bool:
            return role in view.roles if role is not None else view.album_count > 0 or view.track_count > 0

        return await self._indexes.letters(actor, (seen, role), spelling, everyone, load, belongs)

    # --- batches in a given order ------------------------------------------------------------------------------------

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

    # --- one thing and its page --------------------------------------------------------------------------------------

    async def track(self, track_id: int, actor: Actor) -> TrackView:
        """A track, also a missing one. Raises NotInLibrary; so do the others below."""
        async with self.db.read() as conn:
            track: TrackView = await self._one(conn, "tracks", track_id, actor)
        return track

    async def track_page(self, track_id: int, actor: Actor) -> tuple[TrackView, TrackDetails]:
        """A track with what only its own page shows. Raises NotInLibrary."""
        async with self.db.read() as conn:
            track: TrackView = await self._one(conn, "tracks", track_id, actor)
            details = await track_rows.details(conn, track.id)
        if details is None:
            raise NotInLibrary("tracks", track_id)
        return track, details

    async def words(self, track_id: int, actor: Actor) -> list[SongWords]:
        """Every set of words (lyrics) of a track, best first; none where it has none or may not be seen."""
        async with self.db.read() as conn:
            return await words_of(conn, actor, track_id)

    async def word_problems(self, track_id: int) -> list[tuple[str, dict[str, Any]]]:
        """Files of words beside a track that could not be read: (code, params) of why."""
        async with self.db.read() as conn:
            return await problems_of(conn, track_id)

    async def chapters(self, track_id: int, actor: Actor) -> list[Chapter]:
        """The chapters of a track in order, every one with its end. Raises NotInLibrary."""
        track = await self.track(track_id, actor)
        async with self.db.read() as conn:
            return await track_chapters(conn, track.id)

    async def track_with_words(self, artist: str, title: str, actor: Actor) -> int | None:
        """The track with lyrics that is called `title` and is by `artist`; None where there is none."""
        async with self.db.read() as conn:
            return await track_called(conn, actor, artist, title)

    async def file(self, file_id: int, actor: Actor) -> FileView:
        async with self.db.read() as conn:
            file: FileView = await self._one(conn, "files", file_id, actor)
        return file

    async def genre(self, genre_id: int, actor: Actor) -> GenreView:
        async with self.db.read() as conn:
            genre: GenreView = await self._one(conn, "genres", genre_id, actor)
        return genre

    async def label(self, label_id: int, actor: Actor) -> LabelView:
        async with self.db.read() as conn:
            label: LabelView = await self._one(conn, "labels", label_id, actor)
        return label

    async def label_page(self, label_id: int, actor: Actor) -> LabelPage:
        """A label with who it is."""
        async with self.db.read() as conn:
            label: LabelView = await self._one(conn, "labels", label_id, actor)
            external = await repository.external_ids(conn, "label", label.id)
            return LabelPage(label, external, await detail_rows.of_label(conn, label.id))

    async def album(self, album_id: int, actor: Actor) -> AlbumPage:
        """An album with its discs, tracks, labels, people, outside ids and the reason it is one album."""
        async with self.db.read() as conn:
            album: AlbumView = await self._one(conn, "albums", album_id, actor)
            ids = await repository.album_track_ids(conn, [album.id])
            found = await self._load(conn, "tracks", ids, actor)
            labels = await repository.album_labels(conn, album.id)
            external = await repository.external_ids(conn, "album", album.id)
            rule, params = await repository.album_rule(conn, album.id)
            details = await detail_rows.of_album(conn, album.id)
            by_disc = await disc_pictures(conn, album.id, album.folder_id) if album.disc_count > 1 else {}
            pictures = await repository.pictures(conn, by_disc.values())
        tracks = [found[number] for number in ids if number in found]
        discs = _discs(tracks)
        for disc in discs:
            disc.artwork = pictures.get(by_disc.get(disc.number, 0))
        why = Grouping(rule, params, grouping.sentence(rule, params))
        return AlbumPage(album, discs, labels, _people(tracks), external, why, details)

    async def album_tracks(self, album_id: int, actor: Actor) -> list[TrackView]:
        """The tracks of an album in order. Raises NotInLibrary."""
        async with self.db.read() as conn:
            album: AlbumView = await self._one(conn, "albums", album_id, actor)
            ids = await repository.album_track_ids(conn, [album.id])
            found = await self._load(conn, "tracks", ids, actor)
        return [found[number] for number in ids if number in found]

    async def artist(self, artist_id: int, actor: Actor) -> ArtistPage:
        """An artist with the albums they take part in, by role."""
        async with self.db.read() as conn:
            artist: ArtistView = await self._one(conn, "artists", artist_id, actor)
            parts = await repository.artist_albums(conn, artist.id)
            albums = await self._load(conn, "albums", {album_id for _, album_id in parts}, actor)
            aliases = await repository.artist_aliases(conn, artist.id)
            external = await repository.external_ids(conn, "artist", artist.id)
            details = await detail_rows.of_artist(conn, artist.id)
        own = {album_id for role, album_id in parts if role == "album_artist"}
        by_role: dict[str, list[AlbumView]] = {}
        for role, album_id in parts:
            # An artist is credited on the tracks of their own albums; saying so again would only double the page.
            if album_id in albums and not (role == "artist" and album_id in own):
                by_role.setdefault(role, []).append(albums[album_id])
        ordered = sorted(by_role.items(), key=lambda item: fields.ROLE_ORDER.get(item[0], len(fields.ROLE_ORDER)))
        return ArtistPage(artist, ordered, aliases, external, details)

    async def folder(self, folder_id: int, actor: Actor, *, limit: int = 100_000) -> FolderPage:
        """A folder with its parents, how much is in it and below, and what is directly inside: the first `limit` folders by
        name and tracks by album, disc and position."""
        async with self.db.read() as conn:
            folder: FolderView = await self._one(conn, "folders", folder_id, actor)
            parents: list[FolderView] = []
            above = folder.parent_id
            while above is not None and len(parents) < 100:
                parents.insert(0, (await repository.folders(conn, [above]))[above])
                above = parents[0].parent_id
            inside = await self._everything(conn, "folders", Compare("parent", "=", folder.id), "name", actor, limit)
            tracks = await self._everything(
                conn, "tracks", Compare("folder", "=", folder.id), "album,position", actor, limit
            )
            below = await repository.folder_totals(conn, folder.id)
        return FolderPage(folder, parents, inside, tracks, *below)

    async def root_folders(self, actor: Actor) -> list[FolderView]:
        """The root of each library that may be seen."""
        async with self.db.read() as conn:
            return await self._everything(conn, "folders", Not(Has("parent")), "name", actor)

    async def written_folder_index(
        self, actor: Actor, spelling: FolderSpelling, *, library_id: int | None = None
    ) -> tuple[list[str], list[TrackView]]:
        """What lies directly in the libraries that may be seen, or in one of them: the folders by letter, each letter
        written by `spelling`, and the tracks."""
        roots = [root for root in await self.root_folders(actor) if library_id in (None, root.library_id)]
        letters = await self._folder_indexes.letters([root.id for root in roots], spelling) if roots else []
        tracks: list[TrackView] = []
        async with self.db.read() as conn:
            for root in roots:
                if root.track_count:
                    inside = Compare("folder", "=", root.id)
                    tracks += await self._everything(conn, "tracks", inside, "album,position", actor)
        return letters, tracks

    # --- search ------------------------------------------------------------------------------------------------------

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

    # --- inside ------------------------------------------------------------------------------------------------------

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


def _visible(question: Question, scope: Scope) -> ColumnElement[bool]:
    where = condition(question.entity, question.filter(), scope)
    return where if question.libraries is None else and_(where, question.entity.visible(question.libraries))


def _discs(tracks: Sequence[TrackView]) -> list[DiscView]:
    discs: dict[int, DiscView] = {}
    for track in tracks:
        number = track.disc or 1
        disc = discs.setdefault(number, DiscView(number, None, None, []))
        disc.subtitle = disc.subtitle or track.disc_subtitle
        disc.media = disc.media or track.media
        disc.tracks.append(track)
    return [discs[number] for number in sorted(discs)]


def _people(tracks: Sequence[TrackView]) -> list[Credit]:
    """Who takes part in these tracks beside the artists, each once a role and instrument."""
    met: dict[tuple[int, str, str | None], Credit] = {}
    for track in tracks:
        for credit in track.credits:
            met.setdefault((credit.artist_id, credit.role, credit.instrument), credit)
    return sorted(met.values(), key=lambda credit: fields.ROLE_ORDER.get(credit.role, len(fields.ROLE_ORDER)))
