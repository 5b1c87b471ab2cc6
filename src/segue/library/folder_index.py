"""The folders directly inside libraries by letter, kept written: there may be one for every artist.

An answer is kept as long as the same folders are there: how many, and the sum and the largest of their numbers, are asked
each time, of one index. A folder's name never changes: one that was renamed is another row.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Database
from segue.core.text import letter_of
from segue.library.models import Folder

MOST_KEPT = 8
"""Answers that are kept; the one asked for least recently is dropped."""
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class FolderSpelling:
    """How an answer is written: `name` tells it from others, `folder` writes one by number and name, `letter` a letter."""

    name: str
    folder: Callable[[int, str], str]
    letter: Callable[[str, Sequence[str]], str]


class FolderIndexes:
    """The answers this process keeps."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: OrderedDict[tuple[object, ...], tuple[object, list[str]]] = OrderedDict()

    async def letters(self, roots: Sequence[int], spelling: FolderSpelling) -> list[str]:
        """Each letter of the folders inside `roots` as it is written, `#` first."""
        key = (tuple(sorted(roots)), spelling.name)
        async with self._db.read() as conn:
            state = await _state(conn, roots)
            kept = self._kept.get(key)
            if kept is not None and kept[0] == state:
                self._kept.move_to_end(key)
                return kept[1]
            rows = await _inside(conn, roots)
        letters = await _written(rows, spelling)
        self._kept[key] = (state, letters)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return letters


async def _written(rows: Sequence[Any], spelling: FolderSpelling) -> list[str]:
    by_letter: dict[str, list[str]] = {}
    for place, row in enumerate(rows):
        by_letter.setdefault(letter_of(row.sort_key), []).append(spelling.folder(row.id, row.name))
        if place % AT_ONCE == 0:
            await asyncio.sleep(0)  # somebody else's turn
    order = sorted(by_letter, key=lambda letter: letter != "#")  # as the first of each comes, and `#` before them
    return [spelling.letter(letter, by_letter[letter]) for letter in order]


async def _state(conn: AsyncConnection, roots: Sequence[int]) -> tuple[int, ...]:
    figures = select(func.count(), func.coalesce(func.sum(Folder.id), 0), func.coalesce(func.max(Folder.id), 0))
    row = (await conn.execute(figures.where(Folder.parent_id.in_(roots), Folder.missing_since.is_(None)))).one()
    return tuple(int(value) for value in row)


async def _inside(conn: AsyncConnection, roots: Sequence[int]) -> Sequence[Any]:
    here = (Folder.parent_id.in_(roots), Folder.missing_since.is_(None))
    statement = select(Folder.id, Folder.name, Folder.sort_key).where(*here).order_by(Folder.sort_key, Folder.id)
    return (await conn.execute(statement)).all()
