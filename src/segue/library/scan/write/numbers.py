"""Ids in bulk, before the rows are written, so that many rows and those that point at them go in as one statement each."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Table, text

from segue.core.db import Transaction

_ALL = text("SELECT name, seq FROM main.sqlite_sequence")
_SOME = text(
    "SELECT wanted.name, nextval(pg_get_serial_sequence(wanted.name, 'id')) "
    "FROM unnest(CAST(:tables AS text[]), CAST(:counts AS bigint[])) AS wanted(name, count), "
    "generate_series(1, wanted.count)"
)
_highest: WeakKeyDictionary[Transaction, dict[str, int]] = WeakKeyDictionary()
_ahead: WeakKeyDictionary[Transaction, dict[str, list[int]]] = WeakKeyDictionary()


async def reserve(tx: Transaction, wanted: dict[str, int]) -> None:
    """Have so many ids at hand for each of these tables, as one question instead of one for each."""
    if tx.dialect == "sqlite":
        return
    ahead = _ahead.setdefault(tx, {})
    missing = {name: more for name, count in wanted.items() if (more := count - len(ahead.get(name, ()))) > 0}
    if missing:
        values = {"tables": list(missing), "counts": list(missing.values())}
        for name, number in await tx.execute(_SOME, values):
            ahead.setdefault(name, []).append(int(number))


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
    await reserve(tx, {table.name: count})
    stock = sorted(_ahead[tx][table.name])
    _ahead[tx][table.name] = stock[count:]
    return stock[:count]
