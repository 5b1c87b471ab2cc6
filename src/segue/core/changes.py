"""The change feed: what a client that keeps a copy must fetch again, and what it must forget.

One row for each (kind, entity, person) is kept, always with the newest cursor, so that a scan of a million tracks does not
grow it without end. What goes from one library to another leaves one more row, a tombstone for those who see the library it
left (`user_id` is minus the library's number), always before the row that says what it is now: who sees both hears the
newer word last. Tombstones are pruned after a while; a client whose cursor is older than that starts afresh (410).
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Index, Integer, Select, Text, and_, delete, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Base, Database, UtcDateTime
from segue.core.errors import Gone
from segue.core.idempotency import IdempotentAnswer
from segue.core.ids import PREFIX_OF_KIND

if TYPE_CHECKING:
    from segue.core.db import Transaction


class Change(Base):
    """The newest change of one entity, for everybody (`user_id` 0), for one person, or for a library it left (below 0)."""

    __tablename__ = "changes"
    __table_args__ = (
        Index("uq_changes_entity", "kind", "entity", "user_id", unique=True),
        {"sqlite_autoincrement": True},
    )

    cursor: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    entity: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BigInteger, default=0)
    library_id: Mapped[int | None] = mapped_column(BigInteger)
    op: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    transaction_id: Mapped[int] = mapped_column(BigInteger, default=0)


class Fact(Base):
    """Single facts about this database: the feed's epoch, how far it was pruned."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class CursorTooOld(Gone):
    def __init__(self) -> None:
        super().__init__(
            "cursor_too_old",
            "Changes that far back are no longer kept.",
            hint="Fetch everything afresh and go on from the cursor that /api/v1/changes gives without `since`.",
        )


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """One entry of the feed. `id` is the typed id (`tr-81`), or the bare name of what has none (a setting)."""

    kind: str
    id: str
    op: str
    cursor: int


@dataclass(frozen=True, slots=True)
class ChangePage:
    """What came after a cursor. `cursor` is where to go on; `more` says that this page was full."""

    epoch: str
    cursor: int
    items: list[ChangeItem]
    more: bool


Following = Callable[[AsyncConnection, Actor, int, int], Awaitable[Iterable[ChangeItem]]]


async def append_changes(tx: Transaction, changes: Mapping[tuple[str, str, int], tuple[str, int | None]]) -> None:
    """Write what a transaction changed; called once, right before its commit."""
    from segue.core.inline import run_many

    now = utc_now()
    if tx.dialect == "sqlite":
        # REPLACE deletes the old row and takes a new, higher cursor; tuples, since a scan announces every track
        at = now.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        said = [
            (kind, entity, user_id, library_id, op, at)
            for (kind, entity, user_id), (op, library_id) in sorted(changes.items())
        ]
        await run_many(
            tx.conn,
            "INSERT OR REPLACE INTO changes (kind, entity, user_id, library_id, op, at, transaction_id) "
            "VALUES (?, ?, ?, ?, ?, ?, 0)",
            said,
        )
        return
    entries = sorted(changes.items())
    columns = {
        "kinds": [key[0] for key, _ in entries],
        "entities": [key[1] for key, _ in entries],
        "people": [key[2] for key, _ in entries],
        "libraries": [library_id for _, (_, library_id) in entries],
        "ops": [op for _, (op, _) in entries],
        "now": now,
    }
    await tx.conn.execute(_SAY, columns)


_SAY = text(
    "INSERT INTO changes (kind, entity, user_id, library_id, op, at, transaction_id) "
    "SELECT said.kind, said.entity, said.user_id, said.library_id, said.op, CAST(:now AS timestamptz), "
    "pg_current_xact_id()::text::bigint FROM unnest(CAST(:kinds AS text[]), CAST(:entities AS text[]), "
    "CAST(:people AS bigint[]), CAST(:libraries AS bigint[]), CAST(:ops AS text[])) "
    "AS said(kind, entity, user_id, library_id, op) ON CONFLICT (kind, entity, user_id) DO UPDATE SET "
    "cursor = nextval(pg_get_serial_sequence('changes', 'cursor')), library_id = excluded.library_id, "
    "op = excluded.op, at = excluded.at, transaction_id = excluded.transaction_id"
)
"""All of a transaction's changes as one statement of PostgreSQL, in the order given."""


class ChangeFeed:
    """Reading the feed, each person only what they may know of."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._shared: dict[str, Callable[[frozenset[int]], Select[str]]] = {}
        self._followers: list[Following] = []

    def follow(self, following: Following) -> None:
        """Things that follow from others (a list that fills itself) have no row of their own here: `following(conn, actor,
        since, until)` tells those that the changes after one cursor, up to another, touched."""
        self._followers.append(following)

    def limit(self, kind: str, seen: Callable[[frozenset[int]], Select[str]]) -> None:
        """Things of `kind` belong to several libraries: those whose id is in `seen(libraries)` may be heard of."""
        self._shared[kind] = seen

    async def head(self, actor: Actor) -> ChangePage:
        """The present end of the feed, with no items: where a client that has just fetched everything goes on."""
        async with self._db.read() as conn:
            return ChangePage(await fact(conn, "epoch") or "", await self._newest(conn), [], False)

    async def since(
        self, cursor: int, actor: Actor, *, kinds: Collection[str] = (), limit: int = 500, epoch: str | None = None
    ) -> ChangePage:
        """At most `limit` changes after `cursor` that `actor` may see, oldest first.

        Raises CursorTooOld when tombstones after `cursor` were pruned, or when the database was restored since
        (`epoch` is not the present one).
        """
        async with self._db.read() as conn:
            now_epoch = await fact(conn, "epoch") or ""
            if cursor < int(await fact(conn, "changes_floor") or 0) or (epoch is not None and epoch != now_epoch):
                raise CursorTooOld
            newest = await self._newest(conn)
            if cursor > newest:
                raise CursorTooOld
            left = [-library for library in actor.libraries or ()]
            conditions: list[Any] = [
                Change.cursor > cursor,
                Change.cursor <= newest,
                Change.user_id.in_((0, actor.person, *left)),
            ]
            if self._db.dialect == "postgresql":
                conditions.append(
                    text("changes.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
                )
            if actor.libraries is not None:
                conditions.append(or_(Change.library_id.is_(None), Change.library_id.in_(actor.libraries)))
                for kind, seen in self._shared.items():
                    conditions.append(
                        or_(Change.kind != kind, Change.user_id < 0, Change.entity.in_(seen(actor.libraries)))
                    )
            if kinds:
                conditions.append(Change.kind.in_(kinds))
            rows = (
                await conn.execute(
                    select(Change.kind, Change.entity, Change.op, Change.cursor)
                    .where(and_(*conditions))
                    .order_by(Change.cursor)
                    .limit(limit + 1)
                )
            ).all()
            until = rows[limit - 1].cursor if len(rows) > limit else newest
            following = [item for follow in self._followers for item in await follow(conn, actor, cursor, until)]
        last_word = {(row.kind, row.entity): row for row in rows[:limit]}
        items = [
            ChangeItem(row.kind, _outside(row.kind, row.entity), row.op, row.cursor)
            for row in sorted(last_word.values(), key=lambda row: row.cursor)
        ]
        said = {(item.kind, item.id) for item in items}
        items += [item for item in following if (not kinds or item.kind in kinds) and (item.kind, item.id) not in said]
        items.sort(key=lambda item: item.cursor)
        return ChangePage(now_epoch, until, items, len(rows) > limit)

    async def newest(self) -> int:
        """The cursor of the newest change that may be served."""
        async with self._db.read() as conn:
            return await self._newest(conn)

    async def prune(self, keep: timedelta) -> int:
        """Forget tombstones older than `keep`; the number forgotten. Clients further behind than that get a 410."""
        async with self._db.write() as tx:
            old = and_(Change.op == "delete", Change.at < utc_now() - keep)
            floor = await tx.scalar(select(func.max(Change.cursor)).where(old))
            if floor is None:
                return 0
            count = (await tx.execute(delete(Change).where(old))).rowcount
            await set_fact(tx, "changes_floor", str(floor))
            return count

    async def _newest(self, conn: AsyncConnection) -> int:
        newest = select(func.coalesce(func.max(Change.cursor), 0))
        if self._db.dialect == "postgresql":
            # a running transaction may still commit a lower cursor: nothing at or above its first one is served yet
            waiting = select(func.min(Change.cursor)).where(
                text("changes.transaction_id >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            )
            first_waiting = await conn.scalar(waiting)
            if first_waiting is not None:
                newest = newest.where(Change.cursor < first_waiting)
        floor = int(await fact(conn, "changes_floor") or 0)
        return max(int(await conn.scalar(newest) or 0), floor)


async def forget_person(tx: Transaction, user_id: int) -> None:
    """Drop the feed's rows that were one person's own; called inside the transaction that erases them."""
    await tx.execute(delete(Change).where(Change.user_id == user_id))
    await tx.execute(delete(IdempotentAnswer).where(IdempotentAnswer.user_id == user_id))


async def start_epoch(tx: Transaction) -> str:
    """Begin a new epoch, as at the first start and after a restore; every client then starts afresh."""
    epoch = secrets.token_hex(8)
    await set_fact(tx, "epoch", epoch)
    return epoch


async def ensure_epoch(db: Database) -> None:
    """Give a new database its epoch."""
    async with db.read() as conn:
        if await fact(conn, "epoch"):
            return
    async with db.write() as tx:
        if not await fact(tx.conn, "epoch"):
            await start_epoch(tx)


async def set_fact(tx: Transaction, name: str, value: str) -> None:
    await tx.execute(delete(Fact).where(Fact.name == name))
    await tx.execute(insert(Fact).values(name=name, value=value))


async def fact(conn: AsyncConnection, name: str) -> str | None:
    """One fact about this database; None where it was never set."""
    return await conn.scalar(select(Fact.value).where(Fact.name == name))


def _outside(kind: str, entity: str) -> str:
    prefix = PREFIX_OF_KIND.get(kind)
    return f"{prefix}-{entity}" if prefix and entity.isdigit() else entity


__all__ = [
    "Change",
    "ChangeFeed",
    "ChangeItem",
    "ChangePage",
    "CursorTooOld",
    "Fact",
    "append_changes",
    "ensure_epoch",
    "fact",
    "forget_person",
    "set_fact",
    "start_epoch",
]
