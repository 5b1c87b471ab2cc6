"""Put genres where our own file says, making the wider ones that are not there yet."""

from __future__ import annotations

from collections.abc import Mapping

from segue.core.changes import set_fact
from segue.core.db import Transaction
from segue.library.genres import repository
from segue.library.genres.seed import VERSION, genre_key, seed


async def place_new(tx: Transaction, fresh: Mapping[int, str]) -> None:
    """Place genres that were just made, by id and name; in the transaction that made them.

    Costs one look at the genres where the file knows one of them, and nothing more than their own rows where it does not.
    """
    if not fresh:
        return
    known = {number: name for number, name in fresh.items() if seed().called(name) is not None}
    lines = {number: [number] for number in fresh}
    if known:
        tree = await _Tree.of(tx)
        for number, name in known.items():
            await tree.place(number, name)
        lines |= {number: tree.line(number) for number in (*tree.made, *known)}
    await repository.add_lines(tx, lines)


async def place_all(tx: Transaction) -> None:
    """Place every genre that no person has placed; after the file has changed, or for a database from before the tree."""
    tree = await _Tree.of(tx)
    for number, (name, placed_by) in list(tree.rows.items()):
        if placed_by != "person":
            await tree.place(number, name)
    await repository.spell_out(tx)
    await set_fact(tx, repository.PLACED, str(VERSION))


class _Tree:
    """The genres as they are, while some of them are placed."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.rows: dict[int, tuple[str, str | None]] = {}
        self.made: list[int] = []
        self._parents: dict[int, int | None] = {}
        self._by_key: dict[str, int] = {}

    @classmethod
    async def of(cls, tx: Transaction) -> _Tree:
        tree = cls(tx)
        for row in await repository.all_genres(tx.conn):
            tree.rows[row.id] = (row.name, row.placed_by)
            tree._parents[row.id] = row.parent_id
            tree._by_key.setdefault(genre_key(row.name), row.id)
        return tree

    async def place(self, number: int, name: str) -> None:
        """Put a genre below the narrowest of the wider ones that the file names."""
        below: int | None = None
        for wider in seed().path(name):
            place = self._by_key.get(genre_key(wider))
            if place is None:
                place = (await repository.add(self._tx, [wider]))[wider]
                self._by_key[genre_key(wider)] = place
                self.made.append(place)
                self._parents[place], self.rows[place] = None, (wider, None)
                await self._put(place, below, "seed")
            below = place
        if number not in self.line(below):
            await self._put(number, below, "seed" if seed().called(name) is not None else None)

    def line(self, number: int | None) -> list[int]:
        """A genre and all above it, nearest first."""
        found: list[int] = []
        while number is not None and number not in found:
            found.append(number)
            number = self._parents.get(number)
        return found

    async def _put(self, number: int, below: int | None, placed_by: str | None) -> None:
        name, formerly = self.rows[number]
        if self._parents[number] != below or formerly != placed_by:
            await repository.place(self._tx, number, below, placed_by)
            self._parents[number], self.rows[number] = below, (name, placed_by)
