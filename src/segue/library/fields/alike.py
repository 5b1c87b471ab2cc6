"""Fields that several lists have alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, Table, cast, exists, func, not_, select

from segue.library.found_by import is_article
from segue.library.search import TABLES, has_words, may_contain, row_has_words, rows_with
from segue.library.tables import ALBUM_LABELS, LIBRARIES
from segue.query import Field, Many, Named, Scope, Type, Value, sorted_by
from segue.query.expressions import ascii_lower, date_number, plain


def held_in(texts: Table) -> Callable[[Scope, str], ColumnElement[bool] | None]:
    """What `Many.held` is for the folded texts of a table of search."""
    return lambda scope, part: may_contain(texts, part, scope.dialect)


def words_of(kind: Any, key: ColumnElement[Any]) -> Many:
    """The folded title of a row, from the table of what can be searched."""
    table = TABLES[kind]
    return Many(table.c.id, table.c.title_key, key=key, held=held_in(table))


def written_so(
    owner: ColumnElement[Any],
    written: ColumnElement[Any],
    key: ColumnElement[Any],
    source: FromClause | None = None,
    where: ColumnElement[bool] | None = None,
) -> Callable[[Scope, str], ColumnElement[bool] | None]:
    """What `Field.begins` is for texts folded by `title_key`: the rows whose `key` owns a text that begins with the article
    which somebody typed alone."""

    def begins(_scope: Scope, typed: str) -> ColumnElement[bool] | None:
        if not is_article(typed):
            return None
        owners = select(owner) if source is None else select(owner).select_from(source)
        if where is not None:
            owners = owners.where(where)
        length = len(typed.strip()) + 1
        return key.in_(owners.where(func.substr(ascii_lower(written), 1, length) == plain(typed.strip()) + " "))

    return begins


def search_field(kind: Any, row_id: ColumnElement[Any]) -> Field:
    return Field(
        "search",
        Type.TEXT,
        "Has all the words, the last one perhaps only begun; in titles and names.",
        words=lambda scope, typed: has_words(kind, row_id, typed, scope.dialect),
        words_found=lambda scope, typed: rows_with(kind, typed, scope.dialect),
        words_in=lambda scope, typed: row_has_words(kind, row_id, typed, scope.dialect),
    )


def text_field(name: str, meaning: str, column: ColumnElement[Any], *aliases: str) -> Field:
    """A text that is asked for without regard to the case of A to Z."""
    return Field(name, Type.TEXT, meaning, ascii_lower(column), fold=plain, aliases=aliases)


def sparse_text_field(name: str, meaning: str, column: ColumnElement[Any]) -> Field:
    """The same, of a text that many rows have none of; an index holds the others (`models._of_those_with`)."""
    text = text_field(name, meaning, column)
    return replace(text, indexed=True, present=column.is_not(None))


def flag_field(name: str, meaning: str, row_id: ColumnElement[Any], ids: Select[Any]) -> Field:
    """Whether a row is one of those."""
    return Field(name, Type.BOOLEAN, meaning, row_id.in_(ids), nullable=False)


def named(kind: Any) -> tuple[Named, ...]:
    """The folded names of genres, labels …"""
    words = TABLES[kind]
    return (Named(words.c.id, words.c.title_key, held_in(words)),)


def genre_names(owner: ColumnElement[Any], genre: ColumnElement[Any], source: FromClause) -> Many:
    """The folded names of genres."""
    return Many(owner, genre, source=source, names=named("genre"))


def label_names(owner: ColumnElement[Any], key: ColumnElement[Any] | None = None) -> Many:
    """The folded names of the labels of albums."""
    return Many(owner, ALBUM_LABELS.c.label_id, key=key, names=named("label"))


def library_name_field(table: FromClause) -> Field:
    return Field(
        "library.name",
        Type.TEXT,
        "The name of the library it is in.",
        many=Many(LIBRARIES.c.id, ascii_lower(LIBRARIES.c.name), key=table.c.library_id),
        fold=plain,
    )


def missing_field(table: FromClause, meaning: str) -> Field:
    return Field("missing", Type.BOOLEAN, meaning, table.c.missing_since.is_not(None), nullable=False)


def date_field(
    name: str, meaning: str, key: ColumnElement[Any], index: str | None = None, aliases: tuple[str, ...] = ()
) -> Field:
    sort = sorted_by(key, nulls="last", index=index)
    return Field(name, Type.DATE, meaning, key, indexed=index is not None, sort=sort, aliases=aliases)


def partial_date_field(name: str, meaning: str, text: ColumnElement[Any], *aliases: str) -> Field:
    """A partial date that is kept as text alone."""
    return Field(name, Type.DATE, meaning, date_number(text), aliases=aliases)


def library_field(table: FromClause, *, by_name: bool = False) -> Field:
    return Field(
        "library",
        Type.ID,
        "The library it is in.",
        table.c.library_id,
        nullable=False,
        prefix="li",
        text="library.name" if by_name else None,
        aliases=("library_id",) if by_name else (),
    )


def id_field(prefix: str, table: FromClause, *, external: bool = False) -> Field:
    """Its own id; with `external`, what others call it is asked where a value is none."""
    text = "external" if external else None
    return Field("id", Type.ID, "Its own id.", table.c.id, indexed=True, nullable=False, prefix=prefix, text=text)


def counted(counts: FromClause, owner: str, value: str, row_id: ColumnElement[Any], role: str | None = None) -> Any:
    """What a row has in all libraries together."""
    total = select(func.coalesce(func.sum(counts.c[value]), 0)).where(counts.c[owner] == row_id)
    if role is not None:
        total = total.where(counts.c.role == role)
    return cast(total.scalar_subquery(), Integer)


def empty_field(row_id: ColumnElement[Any], owner: ColumnElement[Any]) -> Field:
    return Field(
        "empty",
        Type.BOOLEAN,
        "Nothing present belongs to it.",
        not_(exists(select(owner).where(owner == row_id))),
        nullable=False,
    )


def kept_total(count: ColumnElement[Any]) -> Callable[[frozenset[int] | None], Select[Any]]:
    """What the libraries together have of something that they keep a count of."""

    def total(libraries: frozenset[int] | None) -> Select[Any]:
        statement = select(func.coalesce(func.sum(count), 0))
        return statement if libraries is None else statement.where(LIBRARIES.c.id.in_(libraries))

    return total


def counted_total(
    counts: Table, owner: str, count: str, role: str | None = None
) -> Callable[[Value, frozenset[int] | None], Select[Any]]:
    """How many there are of one genre, label or artist, from the table of counts by library."""

    def total(value: Value, libraries: frozenset[int] | None) -> Select[Any]:
        statement = select(func.coalesce(func.sum(counts.c[count]), 0)).where(counts.c[owner] == int(value))
        if role is not None:
            statement = statement.where(counts.c.role == role)
        return statement if libraries is None else statement.where(counts.c.library_id.in_(libraries))

    return total


def seen_in(
    row_id: ColumnElement[Any], owner: ColumnElement[Any], library: ColumnElement[Any]
) -> Callable[[frozenset[int]], ColumnElement[bool]]:
    """Whether one of these libraries has something of a row that belongs to none alone: asked row by row, by key."""
    return lambda libraries: exists(select(owner).where(owner == row_id, library.in_(libraries)))
