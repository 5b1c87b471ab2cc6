"""Ids in bulk, before the rows are written, so that many rows and those that point at them go in as one statement each."""

from __future__ import annotations

from sqlalchemy import Table, text

from segue.core.db import Transaction


async def allocate(tx: Transaction, table: Table, count: int) -> list[int]:
    """`count` ids that no row of `table` has or ever had.

    On SQLite the highest number ever used is kept in `sqlite_sequence`, which inserting a larger one moves along; the
    write lock keeps everybody else out until then. On PostgreSQL they come from the table's own sequence.
    """
    if count <= 0:
        return []
    if tx.dialect == "sqlite":
        last = await tx.scalar(text("SELECT seq FROM main.sqlite_sequence WHERE name = :table"), {"table": table.name})
        start = int(last or 0) + 1
        return list(range(start, start + count))
    rows = await tx.execute(
        text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"),
        {"table": table.name, "count": count},
    )
    return sorted(int(row[0]) for row in rows)
