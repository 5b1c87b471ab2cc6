"""Expressions that mean the same on SQLite and PostgreSQL, for fields whose columns are not stored as they are asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, Integer, Text, type_coerce, types
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def plain(text: str) -> str:
    """`text` with the letters A to Z in lower case, as `ascii_lower` has it."""
    return text.translate(_CAPITALS)


class ascii_lower(FunctionElement[str]):
    """A text with the letters A to Z in lower case and all others as they are."""

    type = Text()
    inherit_cache = True


@compiles(ascii_lower, "sqlite")
def _lower_on_sqlite(element: ascii_lower, compiler: Any, **options: Any) -> str:
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(ascii_lower, "postgresql")
def _lower_on_postgresql(element: ascii_lower, compiler: Any, **options: Any) -> str:
    return f'lower({compiler.process(element.clauses, **options)} COLLATE "C")'


class date_number(FunctionElement[int]):
    """A partial date kept as text (`1977`, `1977-05`, `1977-05-08`) as a number yyyymmdd with zeros for what is unknown;
    null for a text that is none."""

    type = Integer()
    inherit_cache = True


_DIGITS = "[0-9]"
_FORMS = tuple("-".join(_DIGITS * length for length in part) for part in ((4,), (4, 2), (4, 2, 2)))


@compiles(date_number, "sqlite")
def _date_on_sqlite(element: date_number, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    known = " OR ".join(f"{text} GLOB '{form}'" for form in _FORMS)
    return f"CASE WHEN {known} THEN CAST(replace(substr({text} || '-00-00', 1, 10), '-', '') AS INTEGER) END"


@compiles(date_number, "postgresql")
def _date_on_postgresql(element: date_number, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    known = f"{text} ~ '^[0-9]{{4}}(-[0-9]{{2}}){{0,2}}$'"
    return f"CASE WHEN {known} THEN CAST(replace(substr({text} || '-00-00', 1, 10), '-', '') AS INTEGER) END"


class unindexed(FunctionElement[Any]):
    """A value that SQLite takes from the row and never looks up in an index: what is asked row by row stays so."""

    inherit_cache = True

    def __init__(self, value: ColumnElement[Any]) -> None:
        super().__init__(value)
        self.type = value.type


@compiles(unindexed, "sqlite")
def _unindexed_on_sqlite(element: unindexed, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(unindexed, "postgresql")
def _unindexed_on_postgresql(element: unindexed, compiler: Any, **options: Any) -> str:
    text: str = compiler.process(element.clauses, **options)
    return text


class of_each(FunctionElement[Any]):
    """A value of a table that is joined (outer), asked of each row in turn: SQLite takes a plain comparison with it for a
    reason to begin with that table."""

    inherit_cache = True

    def __init__(self, value: ColumnElement[Any]) -> None:
        super().__init__(value)
        self.type = value.type


@compiles(of_each, "sqlite")
def _of_each_on_sqlite(element: of_each, compiler: Any, **options: Any) -> str:
    return f"ifnull({compiler.process(element.clauses, **options)}, NULL)"


@compiles(of_each, "postgresql")
def _of_each_on_postgresql(element: of_each, compiler: Any, **options: Any) -> str:
    text: str = compiler.process(element.clauses, **options)
    return text


class Nanoseconds(types.TypeDecorator[datetime]):
    """A moment kept as nanoseconds since 1970, as file systems say it."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        since = value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value // 1_000_000_000, UTC)


def moment_of(nanoseconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of nanoseconds since 1970, asked as a moment."""
    return type_coerce(nanoseconds, Nanoseconds())


def is_moment(expression: ColumnElement[Any]) -> bool:
    """Whether an expression is a moment of time (and not a partial date kept as a number yyyymmdd)."""
    of_type: types.TypeEngine[Any] = expression.type
    if isinstance(of_type, Nanoseconds):
        return True
    return isinstance(of_type.impl_instance if isinstance(of_type, types.TypeDecorator) else of_type, DateTime)
