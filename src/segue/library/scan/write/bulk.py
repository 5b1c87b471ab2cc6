"""Many new rows at once, as plain tuples handed to the driver: what SQLAlchemy does for each row costs more than the row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from segue.core.db import DialectName, Transaction
from segue.core.inline import run_many


def moment(now: datetime, dialect: DialectName) -> str | datetime:
    """A moment as the driver takes it: on SQLite the text that SQLAlchemy stores."""
    return now.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds") if dialect == "sqlite" else now


async def insert_rows(tx: Transaction, model: Any, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows that are not there yet. Values as the driver takes them: JSON as text, moments by `moment`."""
    if not rows:
        return
    table: Table = model.__table__
    if tx.dialect == "sqlite":
        await run_many(tx.conn, _insert(table, columns), rows)
        return
    driver: Any = (await tx.conn.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(table.name, records=rows, columns=columns)


@lru_cache(maxsize=64)
def _insert(table: Table, columns: tuple[str, ...]) -> str:
    name = f"{table.schema}.{table.name}" if table.schema else table.name
    return f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


async def run_rows(tx: Transaction, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement, written with `?` for its values, for each of `rows`."""
    if rows:
        await run_many(tx.conn, statement if tx.dialect == "sqlite" else _numbered(statement), rows)


@lru_cache(maxsize=64)
def _numbered(statement: str) -> str:
    """`?` as PostgreSQL's `$1`, `$2` …"""
    first, *rest = statement.split("?")
    return first + "".join(f"${place}{part}" for place, part in enumerate(rest, 1))
