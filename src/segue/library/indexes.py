"""What there is by letter: artists, and folders as they lie on disk."""

from __future__ import annotations

from collections.abc import Sequence

from segue.core.access import Actor
from segue.core.text import letter_of
from segue.library import repository
from segue.library.artist_index import Spelling
from segue.library.folder_index import FolderSpelling
from segue.library.ground import LibraryGround
from segue.library.views import (
    ArtistView,
    FolderView,
    Letter,
    TrackView,
)
from segue.query import (
    Compare,
    Has,
    In,
    Node,
    Not,
    Question,
    Window,
    both,
    find,
    parse_sort,
)


class Indexes(LibraryGround):
    """The verbs about indexes."""

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
