"""Stored sort keys, made anew some rows at a time when other leading words are to be left out.

A key that was made from the row's own title or name is made again by the new lists. One that was not (a file's sort tag, a
person's edit) stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core import articles
from segue.core.db import Transaction
from segue.core.text import sort_key
from segue.library.models import Album, Artist, ArtistAlias, Folder, Genre, Label, Track

Lists = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A table with stored sort keys: by key, the columns whose first text it was made from."""

    model: Any
    kind: str | None
    """What the change feed calls its rows; None for rows that it does not tell of."""
    keys: Mapping[str, tuple[str, ...]]
    language: str | None = None


TABLES: tuple[Sorted, ...] = (
    Sorted(Artist, "artist", {"sort_key": ("sort_name", "name")}),
    Sorted(ArtistAlias, None, {"sort_key": ("name",)}),
    Sorted(Genre, "genre", {"sort_key": ("name",)}),
    Sorted(Label, "label", {"sort_key": ("name",)}),
    Sorted(Folder, None, {"sort_key": ("name",)}),
    Sorted(Album, "album", {"sort_key": ("sort_title", "title"), "artist_sort_key": ("artist_display",)}),
    Sorted(Track, "track", {"sort_key": ("sort_title", "title"), "artist_sort_key": ("artist_display",)}, "language"),
)
"""In the order in which they are sorted again."""


async def ids_after(conn: AsyncConnection, table: Sorted, after: int, limit: int) -> list[int]:
    """The next rows of a table."""
    number = table.model.id
    return list((await conn.scalars(select(number).where(number > after).order_by(number).limit(limit))).all())


async def sort_again(tx: Transaction, table: Sorted, ids: list[int], old: Lists, new: Lists) -> int:
    """Make the keys of these rows by the new lists; how many rows have got another."""
    model = table.model
    columns = [column.key for column in model.__table__.columns]
    wanted = dict.fromkeys((*table.keys, *(name for names in table.keys.values() for name in names)))
    names = [name for name in (*wanted, *([table.language] if table.language else []), "library_id") if name in columns]
    found = await tx.execute(select(model.id, *(getattr(model, name) for name in names)).where(model.id.in_(ids)))
    rows = [dict(zip(("id", *names), row, strict=True)) for row in found]
    changed = 0
    for row in rows:
        language = row.get(table.language) if table.language else None
        keys = {key: _key(row, key, table.keys[key], language, old, new) for key in table.keys}
        values = {key: value for key, value in keys.items() if value != row[key]}
        if values:
            changed += 1
            statement = update(model).where(model.id == bindparam("row")).values({k: bindparam(k) for k in values})
            await tx.conn.execute(statement, {"row": row["id"], **values})
            if table.kind:
                tx.changed(table.kind, row["id"], library_id=row.get("library_id"))
    return changed


def _key(
    row: Mapping[str, Any], key: str, texts: tuple[str, ...], language: str | None, old: Lists, new: Lists
) -> str | None:
    text = next((row[name] for name in texts if row.get(name)), None)
    stored: str | None = row[key]
    if text is None:
        return stored
    made_by_old = sort_key(text, articles.chosen(old, language))
    return sort_key(text, articles.chosen(new, language)) if stored == made_by_old else stored
