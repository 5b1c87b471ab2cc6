"""Alembic's door. The program runs migrations itself (segue.core.migrate), on a connection it hands over."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from segue.core.db import Base, SortText, UtcDateTime
from segue.tables import import_models

import_models()


def render_item(kind: str, item: Any, _autogen_context: Any) -> str | bool:
    """Spell our column types by what they are in the database, so that a migration never changes with the program."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, SortText):
        return 'sa.Text().with_variant(sa.Text(collation="C"), "postgresql")'
    if isinstance(item, sa.JSON):
        return 'sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")'
    return False


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """FTS5's own tables are made by statements of segue.library.search; SQLite's are nobody's."""
    return not (
        kind == "table" and name is not None and ("_fts" in name or "_grams" in name or name.startswith("sqlite_"))
    )


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    include_object=include_object,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
