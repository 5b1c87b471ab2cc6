"""The verbs of the tree of genres: show it, move a genre in it, add one, take one away, place all by the file again."""

from __future__ import annotations

from dataclasses import dataclass, field

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.errors import Conflict, Forbidden, Invalid, NotFound
from segue.core.ids import format_id
from segue.core.text import clean_text
from segue.library.genres import repository
from segue.library.genres.placing import place_all
from segue.library.genres.seed import VERSION, genre_key

MAX_NAME = 200


class GenreNotFound(NotFound):
    def __init__(self, genre_id: int) -> None:
        typed = format_id("ge", genre_id)
        super().__init__("not_found", f"There is no genre {typed}.", id=typed)


class WouldCircle(Invalid):
    def __init__(self, name: str, parent: str) -> None:
        super().__init__("genre_circle", f"{parent} is below {name}, so {name} cannot be put below it.")


class GenreInUse(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(
            "genre_in_use",
            f"{name} has music or narrower genres.",
            hint="Only a genre with nothing in it can be taken away; music is moved by editing its genres.",
        )


class GenreThere(Conflict):
    def __init__(self, name: str, genre_id: int) -> None:
        super().__init__("genre_there", f"There is a genre {name} already.", id=format_id("ge", genre_id))


class MayNotPlace(Forbidden):
    def __init__(self) -> None:
        super().__init__("admin_only", "The tree of genres is everybody's, so only an administrator may change it.")


@dataclass(slots=True)
class Branch:
    """A genre with what is below it. `placed_by`: seed, person, or None where nobody placed it. The counts are of what has
    this very genre."""

    id: int
    name: str
    track_count: int
    album_count: int
    placed_by: str | None
    children: list[Branch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a genre stands: the path from the root (without itself), what is directly below, and how much music it has
    together with everything below; each track and album is counted once."""

    id: int
    path: list[tuple[int, str]]
    children: list[Branch]
    placed_by: str | None
    tracks_within: int
    albums_within: int


class GenreService:
    """The tree of genres, for somebody."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def tree(self, actor: Actor, *, everything: bool = False) -> list[Branch]:
        """The roots, each with its branches, by name: those with music that `actor` may see, or `everything`."""
        async with self._db.read() as conn:
            rows = await repository.all_genres(conn)
            counts = await repository.counts(conn, actor.libraries)
        branches = {row.id: Branch(row.id, row.name, *counts.get(row.id, (0, 0)), row.placed_by) for row in rows}
        roots: list[Branch] = []
        for row in rows:
            above = branches.get(row.parent_id) if row.parent_id is not None else None
            (above.children if above is not None else roots).append(branches[row.id])
        return roots if everything else _pruned(roots)

    async def place(self, genre_id: int, actor: Actor) -> Place:
        """Where a genre stands. Raises GenreNotFound."""
        async with self._db.read() as conn:
            rows = {row.id: row for row in await repository.all_genres(conn)}
            if genre_id not in rows:
                raise GenreNotFound(genre_id)
            counts = await repository.counts(conn, actor.libraries)
            tracks, albums = await repository.counts_within(conn, genre_id, actor.libraries)
        path: list[tuple[int, str]] = []
        above = rows[genre_id].parent_id
        while above is not None and len(path) < len(rows):
            path.insert(0, (above, rows[above].name))
            above = rows[above].parent_id
        children = [
            Branch(row.id, row.name, *counts.get(row.id, (0, 0)), row.placed_by)
            for row in rows.values()
            if row.parent_id == genre_id
        ]
        return Place(genre_id, path, children, rows[genre_id].placed_by, tracks, albums)

    async def move(self, actor: Actor, genre_id: int, parent_id: int | None) -> None:
        """Put a genre below another (None: at the root). Raises MayNotPlace, GenreNotFound, WouldCircle."""
        _only_admins(actor)
        async with self._db.write() as tx:
            rows = {row.id: row for row in await repository.all_genres(tx.conn)}
            for number in (genre_id, parent_id):
                if number is not None and number not in rows:
                    raise GenreNotFound(number)
            above = parent_id
            while above is not None:
                if above == genre_id:
                    raise WouldCircle(rows[genre_id].name, rows[parent_id].name)
                above = rows[above].parent_id
            await repository.place(tx, genre_id, parent_id, "person")
            await repository.spell_out(tx)

    async def add(self, actor: Actor, name: str, parent_id: int | None) -> int:
        """A genre that no music has yet, to put others below; its id. Raises MayNotPlace, GenreThere, GenreNotFound."""
        _only_admins(actor)
        name = clean_text(name)
        if not name or len(name) > MAX_NAME:
            raise Invalid("bad_name", f"A genre needs a name of at most {MAX_NAME} characters.")
        async with self._db.write() as tx:
            rows = {row.id: row for row in await repository.all_genres(tx.conn)}
            if parent_id is not None and parent_id not in rows:
                raise GenreNotFound(parent_id)
            same = next((row for row in rows.values() if genre_key(row.name) == genre_key(name)), None)
            if same is not None:
                raise GenreThere(same.name, same.id)
            number = (await repository.add(tx, [name]))[name]
            await repository.place(tx, number, parent_id, "person")
            await repository.spell_out(tx)
        return number

    async def remove(self, actor: Actor, genre_id: int) -> None:
        """Take away a genre with nothing in it. Raises MayNotPlace, GenreNotFound, GenreInUse."""
        _only_admins(actor)
        async with self._db.write() as tx:
            rows = {row.id: row for row in await repository.all_genres(tx.conn)}
            if genre_id not in rows:
                raise GenreNotFound(genre_id)
            await repository.remove_empty(tx, [genre_id])
            if genre_id in {row.id for row in await repository.all_genres(tx.conn)}:
                raise GenreInUse(rows[genre_id].name)

    async def place_by_file(self, actor: Actor, *, also_persons: bool = False) -> None:
        """Place all genres as our own file says; with `also_persons` those too that a person has placed.

        Raises MayNotPlace.
        """
        _only_admins(actor)
        async with self._db.write() as tx:
            if also_persons:
                for row in await repository.all_genres(tx.conn):
                    if row.placed_by == "person":
                        await repository.place(tx, row.id, None, None)
            await place_all(tx)

    async def bring_up_to_date(self) -> None:
        """Place all genres where the file is newer than the last time; called at the start."""
        async with self._db.read() as conn:
            if await repository.placed_version(conn) >= VERSION:
                return
        async with self._db.write() as tx:
            await place_all(tx)


def _only_admins(actor: Actor) -> None:
    if not actor.is_admin:
        raise MayNotPlace


def _pruned(branches: list[Branch]) -> list[Branch]:
    kept = []
    for branch in branches:
        branch.children = _pruned(branch.children)
        if branch.children or branch.track_count or branch.album_count:
            kept.append(branch)
    return kept
