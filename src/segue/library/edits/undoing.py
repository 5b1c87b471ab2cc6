"""What takes an act of editing back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.edits import repository
from segue.library.edits.applying import Change, Thing


async def back(conn: AsyncConnection, logged: Sequence[Any]) -> dict[Thing, Change]:
    """What takes logged changes back, those left out that were changed again since."""
    by_kind: dict[str, set[int]] = {}
    for row in logged:
        by_kind.setdefault(row.kind, set()).add(row.entity_id)
    held = {kind: await repository.values_of(conn, kind, ids) for kind, ids in by_kind.items()}
    found: dict[Thing, Change] = {}
    for row in logged:
        values = held[row.kind].get(row.entity_id, {})
        present = {"is": values[row.field]} if row.field in values else None
        if present == row.after:
            found.setdefault(Thing(row.kind, row.entity_id), {})[row.field] = row.before
    return found
