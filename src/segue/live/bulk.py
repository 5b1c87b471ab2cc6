"""Many rows in one statement, from plain tuples: what a mirror of hundreds of thousands of items is written with.

SQLAlchemy prepares every value of every row by itself, which takes longer than either database needs to store it. Here rows
go to SQLite's driver as they are, and to PostgreSQL as one array a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    any_,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import RAW_SCHEMA, DialectName, Transaction, UtcDateTime
from segue.core.inline import run_many

Row = tuple[Any, ...]

_encode = msgspec.json.Encoder().encode


def packed(value: Any) -> str | None:
    """A value as the JSON text that a column keeps; None for none."""
    return None if value is None else _encode(value).decode()


def moment(at: datetime) -> str:
    """An aware moment as SQLite keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def name_of(table: Table, dialect: DialectName) -> str:
    """The table as a statement spells it: its schema exists on SQLite alone."""
    return f"{RAW_SCHEMA}.{table.name}" if table.schema == RAW_SCHEMA and dialect == "sqlite" else table.name


@cache
def _kinds(table: Table, columns: tuple[str, ...]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """Which columns need a value of another form on SQLite, and how it is made."""
    made: list[tuple[int, Callable[[Any], Any]]] = []
    for at, name in enumerate(columns):
        kind = table.c[name].type
        if isinstance(kind, JSON):
            made.append((at, packed))
        elif isinstance(kind, UtcDateTime):
            made.append((at, lambda value: None if value is None else moment(value)))
    return tuple(made)


@cache
def _array(column: Column[Any]) -> tuple[str, str]:
    """PostgreSQL's type of a column's array, and what its members are cast to afterwards."""
    kind = column.type
    if isinstance(kind, JSON):
        return "text", "::jsonb"
    if isinstance(kind, UtcDateTime):
        return "timestamptz", ""
    if isinstance(kind, Boolean):
        return "boolean", ""
    if isinstance(kind, BigInteger | Integer | SmallInteger):
        return "bigint", ""
    if isinstance(kind, Double):
        return "double precision", ""
    if isinstance(kind, LargeBinary):
        return "bytea", ""
    if isinstance(kind.dialect_impl(_postgresql()), TSVECTOR):
        return "text", "::tsvector"
    return "text", ""


@cache
def _postgresql() -> Any:
    from sqlalchemy.dialects import postgresql

    return postgresql.dialect()  # type: ignore[no-untyped-call]


async def put(
    tx: Transaction,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Row],
    *,
    key: tuple[str, ...] = (),
    changes: tuple[str, ...] | None = None,
    raw_changes: str = "",
) -> None:
    """Insert rows (values in the order of `columns`). With a `key`, a row that is there has its `changes` (None: every other
    column of `columns`; empty: nothing) set anew; or what `raw_changes` says in SQL."""
    if not rows:
        return
    if key:
        changed = tuple(name for name in columns if name not in key) if changes is None else changes
        said = raw_changes or ", ".join(f"{name} = excluded.{name}" for name in changed)
        conflict = f" ON CONFLICT ({', '.join(key)}) DO " + (f"UPDATE SET {said}" if said else "NOTHING")
    else:
        conflict = ""
    into = f"INSERT INTO {name_of(table, tx.dialect)} ({', '.join(columns)})"
    if tx.dialect == "sqlite":
        marks = ", ".join("?" * len(columns))
        await run_many(tx.conn, f"{into} VALUES ({marks}){conflict}", _prepared(table, columns, rows))
        return
    chosen = ", ".join(f"n.{name}{_array(table.c[name])[1]}" for name in columns)
    select = f"SELECT {chosen} FROM {_source(table, columns)}"
    await tx.execute(text(f"{into} {select}{conflict}"), _arrays(table, columns, rows))


async def change(
    tx: Transaction, table: Table, columns: tuple[str, ...], rows: Sequence[Row], *, key: str = "id"
) -> None:
    """Set columns of the rows whose `key` is the first value of each tuple; the others are those of `columns`."""
    if not rows:
        return
    named = (key, *columns)
    if tx.dialect == "sqlite":
        said = ", ".join(f"{name} = ?" for name in columns)
        statement = f"UPDATE {name_of(table, 'sqlite')} SET {said} WHERE {key} = ?"
        await run_many(tx.conn, statement, [(*row[1:], row[0]) for row in _prepared(table, named, rows)])
        return
    said = ", ".join(f"{name} = n.{name}{_array(table.c[name])[1]}" for name in columns)
    statement = f"UPDATE {table.name} SET {said} FROM {_source(table, named)} WHERE {table.name}.{key} = n.{key}"
    await tx.execute(text(statement), _arrays(table, named, rows))


async def drop(tx: Transaction, table: Table, ids: Sequence[int], *, key: str = "id") -> None:
    """Delete the rows whose `key` is among `ids`."""
    if ids:
        statement = f"DELETE FROM {name_of(table, tx.dialect)} WHERE {listed(key, tx.dialect)}"
        await tx.execute(text(statement), given(ids, tx.dialect))


async def drop_rows(tx: Transaction, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Delete the rows whose `columns` have the values of one of `rows`."""
    if not rows:
        return
    name = name_of(table, tx.dialect)
    if tx.dialect == "sqlite":
        said = " AND ".join(f"{column} = ?" for column in columns)
        await run_many(tx.conn, f"DELETE FROM {name} WHERE {said}", _prepared(table, columns, rows))
        return
    same = " AND ".join(f"{table.name}.{column} = n.{column}" for column in columns)
    statement = f"DELETE FROM {table.name} USING {_source(table, columns)} WHERE {same}"
    await tx.execute(text(statement), _arrays(table, columns, rows))


def listed(column: str, dialect: DialectName, *, texts: bool = False) -> str:
    """The condition that a column is one of those that `given` names, however many."""
    if dialect == "sqlite":
        return f"{column} IN (SELECT value FROM json_each(:among))"
    return f"{column} = ANY(CAST(:among AS {'text' if texts else 'bigint'}[]))"


def given(values: Sequence[Any], dialect: DialectName) -> dict[str, Any]:
    """The parameter of `listed`."""
    return {"among": packed(list(values)) if dialect == "sqlite" else list(values)}


def among(column: ColumnElement[Any], values: Iterable[Any], dialect: str) -> ColumnElement[bool]:
    """The same as an expression."""
    wanted = list(values)
    if dialect == "sqlite":
        each = func.json_each(packed(wanted)).table_valued("value")
        return column.in_(select(each.c.value))
    kind = BigInteger if isinstance(column.type, Integer) else Text
    return column == any_(literal(wanted, ARRAY(kind)))


async def rows_of(conn: AsyncConnection, statement: str, values: Sequence[Any], **more: Any) -> list[Any]:
    """All rows of a statement with `listed` in it."""
    dialect: DialectName = "sqlite" if conn.dialect.name == "sqlite" else "postgresql"
    return list((await conn.execute(text(statement), {**given(values, dialect), **more})).all())


def _prepared(table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> Sequence[Row]:
    kinds = _kinds(table, columns)
    if not kinds:
        return rows
    made = []
    for row in rows:
        values = list(row)
        for at, kind in kinds:
            values[at] = kind(values[at])
        made.append(tuple(values))
    return made


def _source(table: Table, columns: tuple[str, ...]) -> str:
    """PostgreSQL's table of arrays that stand side by side."""
    arrays = ", ".join(f"CAST(:{name} AS {_array(table.c[name])[0]}[])" for name in columns)
    return f"unnest({arrays}) AS n({', '.join(columns)})"


def _arrays(table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> dict[str, Any]:
    arrays = zip(*rows, strict=True)
    made: dict[str, Any] = {}
    for name, values in zip(columns, arrays, strict=True):
        is_json = isinstance(table.c[name].type, JSON)
        made[name] = [packed(value) for value in values] if is_json else list(values)
    return made
