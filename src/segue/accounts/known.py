"""Who is known in this process: people with what they may do, so that a request costs no query.

Every change of who may do what raises a version in the database, in the same transaction. What was read under an older
version is not used again: at once in the process that wrote, within `recheck_s` in the others.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.accounts import repository
from segue.core.access import Actor
from segue.core.db import Database

T = TypeVar("T")
KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Person:
    """A user as the service gives it out. `libraries` are those they may see, through their groups or because a library was
    opened to them (`own_libraries`); None means all. `disabled_at` None means the person may sign in."""

    id: int
    username: str
    email: str | None
    display_name: str
    roles: tuple[str, ...]
    time_zone: str | None
    settings: dict[str, Any]
    disabled_at: datetime | None
    created_at: datetime
    groups: tuple[int, ...]
    own_libraries: tuple[int, ...]
    libraries: frozenset[int] | None

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles


@dataclass(frozen=True, slots=True)
class StoredAppPassword:
    """An app password as sign-in needs it. `lookup` is its keyed hash, `encrypted` the secret under the server's key."""

    id: int
    encrypted: str
    lookup: str | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """A person and what their credentials are checked against. `actor` is None while they are disabled."""

    person: Person
    actor: Actor | None
    password_hash: str = field(repr=False)
    password_changed_at: datetime
    app_passwords: tuple[StoredAppPassword, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A live session: whose, and until when."""

    id: int
    key: str
    user_id: int
    kind: str
    remembered: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    version: int
    value: T


class Versioned(Generic[T]):
    """At most KEPT values read from the database, each good for the version it was read under."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Any, _Entry[T]] = OrderedDict()

    def get(self, key: Any, version: int) -> T | None:
        entry = self._entries.get(key)
        return entry.value if entry and entry.version == version else None

    def put(self, key: Any, version: int, value: T) -> None:
        self._entries[key] = _Entry(version, value)
        self._entries.move_to_end(key)
        if len(self._entries) > KEPT:
            self._entries.popitem(last=False)

    def drop(self, key: Any) -> None:
        self._entries.pop(key, None)

    def clear(self) -> None:
        self._entries.clear()


class KnownPeople:
    """Reads people and sessions through memory."""

    def __init__(self, db: Database, server_time_zone: str, monotonic: Callable[[], float], recheck_s: float) -> None:
        self._db = db
        self._server_time_zone = server_time_zone
        self._monotonic = monotonic
        self._recheck_s = recheck_s
        self._version: int | None = None
        self._checked_s = 0.0
        self._people: Versioned[Known] = Versioned()
        self._logins: Versioned[int] = Versioned()
        self._sessions: Versioned[KnownSession] = Versioned()
        self._keys: Versioned[tuple[int, int]] = Versioned()

    def forget(self) -> None:
        """Ask the database for its version before anything is believed again."""
        self._version = None

    async def version(self) -> int:
        """The version of who may do what, at most `recheck_s` old."""
        if self._version is None or self._monotonic() - self._checked_s >= self._recheck_s:
            asked_s = self._monotonic()
            async with self._db.read() as conn:
                version = await repository.get_version(conn)
            self._version, self._checked_s = version, asked_s
            return version
        return self._version

    async def person(self, user_id: int) -> Known | None:
        """The person with this id, or None."""
        version = await self.version()
        known = self._people.get(user_id, version)
        if known is None:
            known = await self._read(user_id, lambda conn: repository.get_user(conn, user_id))
        return known

    async def by_login(self, login_key: str) -> Known | None:
        """The person with this username or e-mail address, case folded, or None."""
        version = await self.version()
        user_id = self._logins.get(login_key, version)
        known = self._people.get(user_id, version) if user_id is not None else None
        if known is None:
            known = await self._read(login_key, lambda conn: repository.get_user_by_login(conn, login_key))
        return known

    async def session(self, key: str, now: datetime) -> KnownSession | None:
        """The live session with this public key, or None."""
        return await self._session(("key", key), now, lambda conn: repository.get_session(conn, key))

    async def session_by_secret(self, secret_hash: str, now: datetime) -> KnownSession | None:
        """The live session with this hashed cookie, or None."""
        return await self._session(
            ("secret", secret_hash), now, lambda conn: repository.get_session_by_secret(conn, secret_hash)
        )

    async def app_password_owner(self, lookups: list[str]) -> tuple[int, int] | None:
        """(user, app password) of the one live app password with one of these keyed hashes; None for none or two."""
        version = await self.version()
        found = self._keys.get(lookups[0], version)
        if found is None:
            async with self._db.read() as conn:
                version = await repository.get_version(conn)
                rows = await repository.get_app_passwords_by_lookup(conn, lookups)
            if len(rows) != 1:
                return None
            found = (rows[0].user_id, rows[0].id)
            self._keys.put(lookups[0], version, found)
        return found

    async def _session(
        self, name: tuple[str, str], now: datetime, read: Callable[[AsyncConnection], Awaitable[Any]]
    ) -> KnownSession | None:
        version = await self.version()
        session = self._sessions.get(name, version)
        if session is None or session.expires_at <= now:
            async with self._db.read() as conn:
                version = await repository.get_version(conn)
                row = await read(conn)
            if row is None or row.revoked_at is not None or row.expires_at <= now:
                return None
            session = KnownSession(row.id, row.key, row.user_id, row.kind, row.remembered, row.expires_at)
            self._sessions.put(name, version, session)
        return session

    async def _read(self, name: int | str, read: Callable[[AsyncConnection], Awaitable[Any]]) -> Known | None:
        async with self._db.read() as conn:
            version = await repository.get_version(conn)
            row = await read(conn)
            if row is None:
                return None
            person = (await people_of(conn, [row]))[0]
            secrets = await repository.get_app_passwords(conn, row.id)
        known = Known(
            person,
            self._actor(person),
            row.password_hash,
            row.password_changed_at,
            tuple(StoredAppPassword(s.id, s.secret_encrypted, s.lookup, frozenset(s.scopes)) for s in secrets),
        )
        self._people.put(row.id, version, known)
        if isinstance(name, str):
            self._logins.put(name, version, row.id)
        return known

    def _actor(self, person: Person) -> Actor | None:
        if person.disabled_at is not None:
            return None
        return Actor(
            user_id=person.id,
            name=person.username,
            roles=frozenset(person.roles),
            libraries=person.libraries,
            time_zone=person.time_zone or self._server_time_zone,
        )


async def people_of(conn: AsyncConnection, rows: list[Any]) -> list[Person]:
    """The people of these user rows, with their groups and the libraries open to those or to themselves."""
    ids = [row.id for row in rows]
    groups_of = await repository.get_groups_of(conn, ids)
    own = await repository.get_own_libraries(conn, ids)
    groups = await repository.get_groups(conn)
    access = await repository.get_library_access(conn, [group.id for group in groups])
    for_all = {group.id for group in groups if group.builtin}
    unlimited = {group.id for group in groups if group.all_libraries}
    people = []
    for row in rows:
        mine = for_all | set(groups_of[row.id])
        sees_all = "admin" in row.roles or bool(mine & unlimited)
        through_groups = (library for group in mine for library in access.get(group, ()))
        libraries = None if sees_all else frozenset((*own[row.id], *through_groups))
        people.append(
            Person(
                id=row.id,
                username=row.username,
                email=row.email,
                display_name=row.display_name,
                roles=tuple(row.roles),
                time_zone=row.time_zone,
                settings=row.settings,
                disabled_at=row.disabled_at,
                created_at=row.created_at,
                groups=tuple(groups_of[row.id]),
                own_libraries=tuple(own[row.id]),
                libraries=libraries,
            )
        )
    return people
