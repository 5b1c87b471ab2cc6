"""Is this database the one it is taken for? Tables, columns and indexes are looked at before anything is read from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from segue.core.errors import Invalid

Columns = Mapping[str, Sequence[str]]
"""Table → the columns that are read."""
Indexed = Sequence[tuple[str, str]]
"""Table and column: one asks by it, so an index must begin with it."""


class NotADatabase(Invalid):
    """There is no SQLite database in this file: it is missing, empty, something else, or its first page is damaged."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__("not_a_database", f"{file} is not an SQLite database that can be read: {why}.", file=str(file))


class CutOff(Invalid):
    """The file ends before the database in it does: a download or a copy that was interrupted."""

    def __init__(self, file: Path, size: int, whole: int) -> None:
        super().__init__(
            "cut_off",
            f"{file} ends at byte {size:,}, but the database in it has {whole:,} bytes.",
            hint="Get it again; or build with --rest from what is there.",
            file=str(file),
            offset=size,
            expected=whole,
        )


class WrongSchema(Invalid):
    """Tables, columns or indexes that are read are not there; all of them are named."""

    def __init__(self, file: Path, missing: Sequence[str]) -> None:
        super().__init__(
            "wrong_schema",
            f"{file} is not in the layout that is expected; it has no {', no '.join(missing)}.",
            hint="docs/catalog.md (Sources) says which tables, columns and indexes are read.",
            file=str(file),
            missing=list(missing),
        )
        self.missing = tuple(missing)


def check(connection: sqlite3.Connection, schema: str, file: Path, columns: Columns, indexed: Indexed = ()) -> None:
    """See that database `schema` of `connection`, which is `file`, has them. Raises WrongSchema, NotADatabase."""
    missing: list[str] = []
    try:
        for table, wanted in columns.items():
            there = {row[1].lower() for row in connection.execute(f"PRAGMA {schema}.table_info({table})")}
            if not there:
                missing.append(f"table {table}")
                continue
            missing += [f"column {table}.{name}" for name in wanted if name != "rowid" and name not in there]
        absent = {name.removeprefix("table ") for name in missing if name.startswith("table ")}
        for table, column in indexed:
            readable = table not in absent and f"column {table}.{column}" not in missing
            if readable and not has_index(connection, schema, table, column):
                missing.append(f"index on {table}({column})")
    except sqlite3.DatabaseError as error:
        raise NotADatabase(file, str(error)) from error
    if missing:
        raise WrongSchema(file, missing)


def has_index(connection: sqlite3.Connection, schema: str, table: str, column: str) -> bool:
    """Whether rows of a table are found by this column: an index of all rows begins with it."""
    for row in connection.execute(f"PRAGMA {schema}.index_list({table})").fetchall():
        name, partial = row[1], row[4]
        first = connection.execute(f"PRAGMA {schema}.index_info('{name}')").fetchone()
        if not partial and first is not None and (first[2] or "").lower() == column:
            return True
    return False
