"""Reading a database that is damaged in places: row by row, around what cannot be read, with every such place named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

Row = tuple[Any, ...]
Hurt = Callable[[str, str], None]
"""Told the place and what is wrong there."""
Types = Sequence[frozenset[type]]
"""What each column of a row may be."""

_BEYOND = 1 << 62
"""No rowid is looked for behind this."""

NUMBER: frozenset[type] = frozenset((int,))
TEXT: frozenset[type] = frozenset((str,))
TEXT_OR_NONE: frozenset[type] = frozenset((str, type(None)))
NUMBER_OR_NONE: frozenset[type] = frozenset((int, type(None)))
ANY: frozenset[type] = frozenset((int, float, str, type(None)))


def sound(rows: Sequence[Row], types: Types) -> bool:
    """Whether every value of these rows is what its column should hold."""
    columns = zip(*rows, strict=True)
    return all(set(map(type, column)) <= allowed for column, allowed in zip(columns, types, strict=True))


def mended(row: Row, types: Types, columns: Sequence[str], hurt: Hurt) -> Row | None:
    """`row` with what its columns should hold: numbers from text, text from numbers and bytes, empty text for none.

    None where that cannot be; `hurt` is told the column and its value in every case.
    """
    made = list(row)
    for place, (value, allowed) in enumerate(zip(row, types, strict=True)):
        if type(value) in allowed:
            continue
        better = _as(value, allowed)
        if better is None and type(None) not in allowed:
            hurt(f"rowid {row[0]}", f"{columns[place]} is {value!a}; the row is left out")
            return None
        hurt(f"rowid {row[0]}", f"{columns[place]} is {value!a}, read as {better!a}")
        made[place] = better
    return tuple(made)


def _as(value: Any, allowed: frozenset[type]) -> Any:
    if str in allowed:
        if value is None:
            return ""
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


class Careful:
    """Reads through a connection of its own, whose text need not be UTF-8."""

    def __init__(self, database: sqlite3.Connection, hurt: Hurt) -> None:
        self._database = database
        self._hurt = hurt
        self._garbled = False
        database.text_factory = self._text

    def ask(self, question: str, parameters: tuple[Any, ...], place: str, hurt: Hurt | None = None) -> list[Row]:
        """Rows, as far as they can be read; `hurt` is told instead of the usual one."""
        found: list[Row] = []
        self._garbled = False
        try:
            found.extend(self._database.execute(question, parameters))
        except sqlite3.DatabaseError as error:
            (hurt or self._hurt)(place, str(error))
        if self._garbled:
            (hurt or self._hurt)(place, "text is not UTF-8")
        return found

    def next(self, question: str, last: int, table: str) -> Row | None:
        """The first row behind rowid `last` that can be read; None at the end. `question` takes the rowid to begin at."""
        self._garbled = False
        try:
            row = self._at(question, last + 1)
        except sqlite3.DatabaseError as error:
            row = self._behind_damage(question, last + 1, table, str(error))
        if row is not None and self._garbled:
            self._hurt(f"{table} rowid {row[0]}", "text is not UTF-8")
        return row

    def close(self) -> None:
        self._database.close()

    def _behind_damage(self, question: str, first: int, table: str, why: str) -> Row | None:
        """Looks ever further ahead until something can be read, then back for where that begins."""
        bad, step = first, 1
        while True:
            good = bad + step
            if good > _BEYOND:
                self._hurt(f"{table} rowid {first} and all behind it", why)
                return None
            try:
                row = self._at(question, good)
                break
            except sqlite3.DatabaseError:
                bad, step = good, step * 2
        while good - bad > 1:
            middle = (good + bad) // 2
            try:
                row = self._at(question, middle)
                good = middle
            except sqlite3.DatabaseError:
                bad = middle
        end = f"to {row[0] - 1}" if row is not None else "and all behind it"
        self._hurt(f"{table} rowid {first} {end}", why)
        return row

    def _at(self, question: str, rowid: int) -> Row | None:
        row: Row | None = self._database.execute(question, (rowid,)).fetchone()
        return row

    def _text(self, data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            self._garbled = True
            return data.decode("utf-8", "replace")
