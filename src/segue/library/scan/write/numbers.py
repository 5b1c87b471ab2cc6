"""Ids in bulk, before the rows are written, so that many rows and those that point at them go in as one statement each."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Table, text

from segue.core.db import Transaction

_ALL = text("SELECT name, seq FROM main.sqlite_sequence")
_SOME = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
_highest: WeakKeyDictionary[Transaction, dict[str, int]] = WeakKeyDictionary()


async def allocate(tx: Transaction, table: Table, count: int) -> list[int]:
    """`count` ids that no row of `table` has or ever had; they must be used in `tx`.

    On SQLite the highest number ever used is kept in `sqlite_sequence`, which inserting a larger one moves along; the
    write lock keeps everybody else out until then. On PostgreSQL they come from the table's own sequence.
    """
    if count <= 0:
        return []
    if tx.dialect == "sqlite":
        highest = _highest.get(tx)
        if highest is None:
            highest = _highest[tx] = {row[0]: int(row[1]) for row in await tx.execute(_ALL)}
        start = highest.get(table.name, 0) + 1
        highest[table.name] = start + count - 1
        return list(range(start, start + count))
    rows = await tx.execute(_SOME, {"table": table.name, "count": count})
    return sorted(int(row[0]) for row in rows)
