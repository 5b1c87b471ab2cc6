"""Statements of many rows, built once: building one anew costs as much as running it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from segue.core.db import DialectName


@lru_cache(maxsize=64)
def put(model: Any, columns: tuple[str, ...], key: str) -> Any:
    """Set `columns` from parameters `v_…` in the row whose id is the parameter `key`."""
    values: dict[str, Any] = {name: bindparam(f"v_{name}") for name in columns}
    return update(model).where(model.id == bindparam(key)).values(values)


@lru_cache(maxsize=64)
def put_or_replace(dialect: DialectName, model: Any, keys: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    """Insert a row, or set `columns` of the one that has the same `keys`."""
    statement = insert(dialect, model)
    values = {name: getattr(statement.excluded, name) for name in columns}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=values)


@lru_cache(maxsize=64)
def add_to(dialect: DialectName, model: Any, keys: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    """Insert a row, or add its `columns` to those of the one that has the same `keys`."""
    statement = insert(dialect, model)
    table = model.__table__
    values = {name: table.c[name] + getattr(statement.excluded, name) for name in columns}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=values)


def insert(dialect: DialectName, model: Any) -> Any:
    """An INSERT that knows ON CONFLICT."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(model.__table__)
