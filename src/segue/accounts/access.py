"""Who may see which library: opening one to single people, and telling those who gain or lose one.

A person sees the libraries of their groups and those opened to them alone. Where that changes, by whichever verb, the
change feed says to that person alone which libraries came (`library`, upsert) and which went (`library`, delete): a program
that keeps a copy fetches the one and forgets the other with all that is in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.accounts import repository
from segue.accounts.errors import UserNotFound
from segue.accounts.ground import Ground, needs_admin, user_name
from segue.accounts.known import Person, people_of
from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.ids import format_id

AllLibraries = Callable[[], Awaitable[Collection[int]]]
"""The numbers of all libraries there are, which another domain knows."""


@dataclass(frozen=True, slots=True)
class LibraryAccessView:
    """Who sees a library: `groups` that do, with those that see all; `people` it is opened to themselves; and `seen_by`,
    everybody who sees it in the end, administrators too."""

    library: int
    groups: tuple[tuple[int, str], ...]
    people: tuple[Person, ...]
    seen_by: tuple[Person, ...]


class LibraryGrants(Ground):
    """The verbs about who sees a library. `all_libraries` tells which libraries there are."""

    all_libraries: AllLibraries | None = None

    async def library_access(self, actor: Actor, library_id: int) -> LibraryAccessView:
        """Who sees a library, and through what. Raises AdminOnly."""
        needs_admin(actor)
        async with self._db.read() as conn:
            return await self._access(conn, library_id)

    async def open_library(
        self, actor: Actor, library_id: int, people: Collection[int], *, address: str = ""
    ) -> LibraryAccessView:
        """Open a library to exactly these people, besides those whose groups see it. Raises AdminOnly, UserNotFound."""
        needs_admin(actor)
        async with self._change() as tx:
            there = await repository.get_existing_users(tx.conn, people)
            for user_id in people:
                if user_id not in there:
                    raise UserNotFound(user_name(user_id))
            before = await repository.get_guests(tx.conn, library_id)
            async with self._telling(tx, before | there):
                await repository.set_guests(tx, library_id, people)
            named = [user_name(user_id) for user_id in sorted(there)]
            await self._record(tx, actor, "library.opened", format_id("li", library_id), address, people=named)
            return await self._access(tx.conn, library_id)

    @asynccontextmanager
    async def _telling(self, tx: Transaction, people: Collection[int] | None) -> AsyncIterator[None]:
        """Around a change of access: these people, or everybody, hear which libraries they gained and lost by it."""
        before = await _seen(tx, people)
        yield
        after = await _seen(tx, people)
        changed = [user for user, libraries in before.items() if user in after and after[user] != libraries]
        if not changed:
            return
        everything = frozenset(await self.all_libraries()) if self.all_libraries else frozenset()
        for user in changed:
            old = everything if (libraries := before[user]) is None else libraries
            new = everything if (libraries := after[user]) is None else libraries
            tx.changed("user", user, user_id=user)
            for library in old - new:
                tx.changed("library", library, "delete", user_id=user)
            for library in new - old:
                tx.changed("library", library, user_id=user)

    async def _access(self, conn: AsyncConnection, library_id: int) -> LibraryAccessView:
        groups = await repository.get_groups(conn)
        opened = await repository.get_library_access(conn, [group.id for group in groups])
        seeing = tuple(
            (group.id, group.name) for group in groups if group.all_libraries or library_id in opened[group.id]
        )
        everybody = await people_of(conn, list(await repository.get_all_users(conn)))
        return LibraryAccessView(
            library_id,
            seeing,
            tuple(person for person in everybody if library_id in person.own_libraries),
            tuple(person for person in everybody if person.libraries is None or library_id in person.libraries),
        )


async def _seen(tx: Transaction, people: Collection[int] | None) -> dict[int, frozenset[int] | None]:
    rows = await repository.get_all_users(tx.conn, people)
    return {person.id: person.libraries for person in await people_of(tx.conn, list(rows))}
