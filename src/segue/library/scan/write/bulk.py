"""Many new rows at once, as plain tuples handed to the driver: what SQLAlchemy does for each row costs more than the row.

On PostgreSQL every statement is a way to the server and back, which on a busy machine costs more than what it does. So rows
of many tables go in as one statement there (`Together`): an array for each column, a WITH for each table. What points at
one another is checked at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from segue.core.db import DialectName, Transaction
from segue.core.inline import run_many


def moment(now: datetime, dialect: DialectName) -> str | datetime:
    """A moment as the driver takes it: on SQLite the text that SQLAlchemy stores."""
    return now.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds") if dialect == "sqlite" else now


async def insert_rows(tx: Transaction, model: Any, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows that are not there yet. Values as the driver takes them: JSON as text, moments by `moment`."""
    together = Together(tx)
    together.insert(model.__table__, columns, rows)
    await together.write()


class Together:
    """Rows of several tables that are written as one: in the order given on SQLite, in one statement on PostgreSQL."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._parts: list[tuple[Table, tuple[str, ...], str, Sequence[tuple[Any, ...]]]] = []

    def insert(
        self, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], conflict: str = ""
    ) -> None:
        """Add rows; `conflict` is what follows ON CONFLICT. On PostgreSQL a table may come once."""
        if rows:
            self._parts.append((table, columns, conflict, rows))

    async def write(self) -> None:
        """Write all that was added."""
        parts, self._parts = self._parts, []
        if self._tx.dialect == "sqlite":
            for table, columns, conflict, rows in parts:
                said, rows = _said(table, columns, rows) if len(columns) > _MANY else (columns, rows)
                await run_many(self._tx.conn, _insert(table, said, conflict), rows)
        elif parts:
            statement = _insert_all(tuple(part[:3] for part in parts))
            arrays = tuple(list(column) for part in parts for column in zip(*part[3], strict=True))
            await self._tx.conn.exec_driver_sql(statement, arrays)


_MANY = 20


def _said(
    table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> tuple[tuple[str, ...], Sequence[tuple[Any, ...]]]:
    """The columns in which any of `rows` says anything, and the rows without the others. Of a track's fifty columns thirty
    are mostly empty, and to hand an empty value to the driver costs as much as any."""
    count = len(rows)
    kept = [
        (name, values)
        for name, values in zip(columns, zip(*rows, strict=True), strict=True)
        if values.count(None) < count or table.c[name].server_default is not None
    ]
    return tuple([name for name, _ in kept]), list(zip(*[values for _, values in kept], strict=True))


@lru_cache(maxsize=256)
def _insert(table: Table, columns: tuple[str, ...], conflict: str = "") -> str:
    name = f"{table.schema}.{table.name}" if table.schema else table.name
    end = f" ON CONFLICT {conflict}" if conflict else ""
    return f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}){end}"


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_AS_TEXT = ("JSON", "JSONB", "TSVECTOR")


@lru_cache(maxsize=256)
def _insert_all(parts: tuple[tuple[Table, tuple[str, ...], str], ...]) -> str:
    """One statement of PostgreSQL for all parts; its parameters are the columns of each, as arrays."""
    place = 0
    inserts = []
    for table, columns, conflict in parts:
        arrays, values = [], []
        for column in columns:
            place += 1
            kind = table.c[column].type.compile(_DIALECT).partition(" COLLATE")[0]
            arrays.append(f"${place}::{'TEXT' if kind in _AS_TEXT else kind}[]")
            values.append(f"CAST(new.{column} AS {kind})" if kind in _AS_TEXT else f"new.{column}")
        names = ", ".join(columns)
        inserts.append(
            f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values)} FROM unnest({', '.join(arrays)}) "
            f"AS new({names})" + (f" ON CONFLICT {conflict}" if conflict else "")
        )
    if len(inserts) == 1:
        return inserts[0]
    return "WITH " + ", ".join(f"part_{n} AS ({one})" for n, one in enumerate(inserts)) + " SELECT 1"
