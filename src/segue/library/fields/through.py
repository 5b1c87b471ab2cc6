"""What a track has by way of its file or its album: columns of the row beside it, and values that its album has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, func, select

from segue.library.tables import ALBUMS, FILES, TRACKS
from segue.query import Many, Named, Scope
from segue.query.expressions import unindexed


def of_file(name: str) -> Callable[[Scope], Any]:
    """A column of the track's file."""

    def column(scope: Scope) -> Any:
        return scope.join("file", lambda: FILES, lambda files: files.c.id == TRACKS.c.file_id).c[name]

    return column


def of_album(name: str, *, first: bool = False) -> Callable[[Scope], Any]:
    """A column of the track's album; `first` where the list is walked album by album."""

    def column(scope: Scope) -> Any:
        on_album = scope.join("album", lambda: ALBUMS, lambda albums: albums.c.id == TRACKS.c.album_id, always=first)
        return on_album.c[name]

    return column


def albums_value(column: ColumnElement[Any], value: ColumnElement[Any] | None = None) -> Many:
    """A value of a track's album, found by way of the albums that have it."""
    return Many(ALBUMS.c.id, column if value is None else value, column.is_not(None), key=TRACKS.c.album_id)


def files_value(column: ColumnElement[Any]) -> Many:
    """A value of a track's file, found by way of the files that have it."""
    return Many(FILES.c.id, column, column.is_not(None), key=TRACKS.c.file_id)


def files_word(column: ColumnElement[Any]) -> Many:
    """A word of a track's file of which there are few; they are read from the index that begins with the column."""
    some = unindexed(column).is_not(None)
    return Many(FILES.c.id, column, some, key=TRACKS.c.file_id, names=(_each_value(column),))


def _each_value(column: ColumnElement[Any]) -> Named:
    """Every value of an indexed column once, each found from the one before."""
    first = select(func.min(column).label("value"))
    values = first.cte(f"each_{column.key}", recursive=True)
    following = select(func.min(column)).where(column > values.c.value).scalar_subquery()
    values = values.union_all(select(following).where(values.c.value.is_not(None)))
    return Named(values.c.value, values.c.value)
