"""Finding what somebody typed: exact ids, then exact titles, then titles that begin so, then all that has the words,
then all that has them inside other words; and in each of these, what is played most here comes first.

A query that few rows answer is read whole and ordered here. One that very many answer is asked for by parts, each served
in its order by an index: marks among the words say roughly how often a row was played, so that the most played of a
hundred thousand rows are found without looking at the others.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.ids import BadId, parse_id
from segue.core.text import SearchTerm, search_query
from segue.library.models import Album, Artist, ExternalIdRow, Track
from segue.library.search import tops, vocabulary
from segue.library.search.index import MODELS
from segue.library.search.keys import PLAYED_MARKS, library_mark, title_key
from segue.library.search.tables import TABLES, TOPS, Kind

MOST_TERMS = 24
"""Words of a query that count; nobody types more, and programs shall not make us look for a thousand."""
FEW = 200
"""Rows that are read whole and ordered here."""
_LAST = "\U0010ffff"
_PREFIXES: dict[Kind, str] = {"track": "tr", "album": "al", "artist": "ar", "label": "lb", "genre": "ge"}
_ISRC = re.compile(r"([A-Z]{2})[- ]?([A-Z0-9]{3})[- ]?([0-9]{2})[- ]?([0-9]{5})\Z")
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_MUSICBRAINZ: dict[Kind, Any] = {
    "track": Track.musicbrainz_recording_id,
    "album": Album.musicbrainz_release_id,
    "artist": Artist.musicbrainz_id,
}


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for, as words: each group must be met by one of its tokens (True: as a beginning)."""

    groups: tuple[tuple[SearchTerm, ...], ...]
    without: tuple[tuple[SearchTerm, ...], ...] = ()
    """All groups of what must not be met as well."""

    def and_one_of(self, tokens: Iterable[str]) -> Sought:
        group = tuple(SearchTerm(token) for token in tokens)
        return Sought((*self.groups, group), self.without) if group else self

    def spelled(self, dialect: str) -> str:
        """As FTS5's MATCH, or as a tsquery."""
        found = _spelled(self.groups, dialect)
        if not self.without:
            return found
        unwanted = _spelled(self.without, dialect)
        return f"({found}) NOT ({unwanted})" if dialect == "sqlite" else f"({found}) & !({unwanted})"


def _spelled(groups: Sequence[Sequence[SearchTerm]], dialect: str) -> str:
    if dialect == "sqlite":
        each = (" OR ".join(f'"{term.token}"{"*" if term.prefix else ""}' for term in group) for group in groups)
        return " AND ".join(f"({group})" for group in each)
    each = (" | ".join(f"'{term.token}'{':*' if term.prefix else ''}" for term in group) for group in groups)
    return " & ".join(f"({group})" for group in each)


def terms_of(typed: str) -> list[SearchTerm]:
    """The words of what was typed, as far as they count; none asks for everything."""
    terms = search_query(typed)
    if len(terms) > MOST_TERMS:
        terms = terms[:MOST_TERMS]
    return terms


def has_words(kind: Kind, row_id: ColumnElement[int], typed: str, dialect: str) -> ColumnElement[bool]:
    """The condition that a row has all the words of what was typed, the last one perhaps only begun."""
    return row_id.in_(rows_with(kind, typed, dialect)) if terms_of(typed) else true()


def rows_with(kind: Kind, typed: str, dialect: str) -> Select[Any]:
    """The ids of all rows that have these words; every row where there are none."""
    terms = terms_of(typed)
    if not terms:
        return select(TABLES[kind].c.id)
    sought = Sought(tuple((term,) for term in terms)).spelled(dialect)
    number = _fts(kind).c.rowid if dialect == "sqlite" else TABLES[kind].c.id
    return select(number).where(_matches(kind, sought, dialect))


def row_has_words(kind: Kind, row_id: ColumnElement[int], typed: str, dialect: str) -> ColumnElement[bool]:
    """Like `has_words`, asked of each row's own words: for words that very many rows have."""
    terms = terms_of(typed)
    if not terms:
        return true()
    words = TABLES[kind].alias()
    same = select(words.c.id).where(words.c.id == row_id)
    if dialect != "sqlite":
        sought = Sought(tuple((term,) for term in terms)).spelled(dialect)
        return exists(same.where(words.c.tokens.bool_op("@@")(cast(literal(sought, Text), postgresql.TSQUERY))))
    spaced = literal(" ", Text) + words.c.tokens
    for term in terms:
        same = same.where(func.instr(spaced, f" {term.token}" + ("" if term.prefix else " ")) > 0)
    return exists(same)


def _fts(kind: Kind) -> Any:
    return table(f"{TABLES[kind].name}_fts", column("rowid", Integer))


def _matches(kind: Kind, sought: str, dialect: str) -> ColumnElement[bool]:
    if dialect == "sqlite":
        return literal_column(f"{TABLES[kind].name}_fts").op("MATCH")(literal(sought, Text))
    return TABLES[kind].c.tokens.bool_op("@@")(cast(literal(sought, Text), postgresql.TSQUERY))


async def search(
    conn: AsyncConnection,
    kind: Kind,
    typed: str,
    visible: ColumnElement[bool],
    *,
    limit: int,
    offset: int = 0,
    dialect: str,
    libraries: frozenset[int] | None = None,
    shared: dict[Any, Any] | None = None,
) -> list[int]:
    """The ids of what was typed, best first; see the head of this module. Needs a word (see `terms_of`).

    `visible` is a condition on the kind's own table; `libraries` are those it is limited to (None: all), which are then
    looked for first and so are found quickly among many that may not be seen. `shared` is a dict that searches for the same words
    but another kind of thing share, so that the words are looked up once.
    """
    shared = {} if shared is None else shared
    if dialect == "postgresql" and "planned" not in shared:
        # It takes comparing a row with 64 words for as cheap as with one, and so would rather read the whole table.
        await conn.execute(text("SET LOCAL enable_seqscan = off"))
        shared["planned"] = True
    finder = _Finder(conn, kind, typed, visible, dialect, libraries, shared)
    wanted = offset + limit
    found: list[int] = []
    seen: set[int] = set()
    async for ids in finder.parts(wanted):
        found += (number for number in ids if not (number in seen or seen.add(number)))  # type: ignore[func-returns-value]
        if len(found) >= wanted:
            break
        finder.missing = wanted - len(found)
    return found[offset:wanted]


class _Finder:
    """One search for one kind of thing."""

    def __init__(
        self,
        conn: AsyncConnection,
        kind: Kind,
        typed: str,
        visible: ColumnElement[bool],
        dialect: str,
        libraries: frozenset[int] | None,
        shared: dict[Any, Any],
    ) -> None:
        self.shared = shared
        self.conn, self.kind, self.typed, self.visible, self.dialect = conn, kind, typed, visible, dialect
        self.words = TABLES[kind]
        self.model = MODELS[kind].__table__
        self.counted = kind not in ("label", "genre")
        """Whether anybody counts how often such a thing is played."""
        self.terms = terms_of(typed)
        self.wanted = title_key(typed)
        self.missing = 0
        self.repeated = 0
        """Rows given that a later part may give again."""
        self.libraries = libraries if kind in ("track", "album") else None
        self.marks = [] if self.libraries is None else [library_mark(number) for number in sorted(self.libraries)]
        key = self.words.c.title_key
        self.begins = and_(key >= self.wanted, key < self.wanted + _LAST) if self.wanted else false()

    async def parts(self, wanted: int) -> AsyncIterator[list[int]]:
        """Ids, a part after another, best first; a part may repeat what was in one before."""
        self.missing = wanted
        by_id = await self._by_id()
        self.repeated = len(by_id)
        yield by_id
        async for ids in self._begun():
            yield ids
        sought = await self._worded()
        found = await self._few(sought)
        if found is not None:
            yield found
        else:
            async for ids in self._many(sought):
                yield ids
        inside = await self._inside(sought if found is None else None)
        if inside is None:
            return
        self.repeated += len(found or ())
        found = await self._few(inside)
        if found is not None:
            yield found
        else:
            async for ids in self._many(inside):
                yield ids

    # --- titles -------------------------------------------------------------------------------------------------------

    async def _begun(self) -> AsyncIterator[list[int]]:
        """Exact titles, then those that begin so: the played ones by plays, then the others by title."""
        words = self.words.c
        if not self.wanted:
            return
        ordered = (words.plays.desc(), words.id)
        exact = self._seen(select(words.id)).where(words.title_key == self.wanted)
        longer = self._seen(select(words.id)).where(self.begins, words.title_key != self.wanted)
        played, never = words.plays > literal_column("0"), words.plays == literal_column("0")
        loved = await self._ids(exact.where(played).order_by(*ordered)) if self.counted else []
        yield loved
        yield await self._ids(exact.where(never).order_by(words.id))
        if len(self.wanted) <= tops.LONGEST:
            self.repeated += len(loved)
            top = await self._ids(self._tops()) if self.counted else []
            yield top
            self.repeated += len(top)
            yield await self._ids(longer.order_by(words.title_key, words.id))
        else:
            if self.counted:
                yield await self._ids(longer.where(played).order_by(*ordered))
            yield await self._ids(longer.where(never).order_by(words.title_key, words.id))

    def _tops(self) -> Select[Any]:
        here = TOPS.c
        libraries = {0} if self.kind not in ("track", "album") else self.libraries
        statement = self._seen(select(here.id), TOPS, here.id)
        statement = statement.where(here.kind == self.kind, here.prefix == self.wanted)
        if libraries is not None:
            statement = statement.where(here.library_id.in_(libraries))
        return statement.order_by(here.plays.desc(), here.id)

    # --- words --------------------------------------------------------------------------------------------------------

    async def _worded(self) -> Sought:
        """The words as they were typed. One that was only begun is spelled out where few words begin so, which is faster."""
        groups: list[tuple[SearchTerm, ...]] = []
        for term in self.terms:
            begun = await self._looked_up(vocabulary.words_from, term.token) if term.prefix else None
            groups.append((term,) if begun is None else (SearchTerm(term.token), *begun))
        return Sought(tuple(groups)).and_one_of(self.marks)

    async def _few(self, sought: Sought) -> list[int] | None:
        """All that match and may be seen, the most played first; None where they are many."""
        plays = self.words.c.plays
        rows = (await self.conn.execute(self._matching(sought, plays).limit(FEW + 1))).all()
        return None if len(rows) > FEW else [row[0] for row in sorted(rows, key=lambda row: (-row[1], row[0]))]

    async def _many(self, sought: Sought) -> AsyncIterator[list[int]]:
        """All that match and do not begin so: the played ones by plays, then the others as they came."""
        number, plays = self._number, self.words.c.plays
        *played, once, never = PLAYED_MARKS
        listened = [mark for marks in (*played, once) for mark in marks]
        few = await self._few(sought.and_one_of(listened))
        if few is not None:
            yield few
            self.repeated += len(few)
        else:
            for marks in played:
                statement = self._matching(sought.and_one_of(marks)).where(not_(self.begins))
                yield await self._ids(statement.order_by(plays.desc(), number))
            yield await self._ids(self._matching(sought.and_one_of(once)).where(not_(self.begins)).order_by(number))
        yield await self._ids(self._matching(sought.and_one_of(never)).where(not_(self.begins)).order_by(number))

    @property
    def _number(self) -> Any:
        return _fts(self.kind).c.rowid if self.dialect == "sqlite" else self.words.c.id

    # --- statements ---------------------------------------------------------------------------------------------------

    async def _ids(self, statement: Select[Any]) -> list[int]:
        return [row[0] for row in await self.conn.execute(statement.limit(self.missing + self.repeated))]

    def _seen(self, statement: Select[Any], source: Any = None, number: Any = None) -> Select[Any]:
        """The statement over rows that are there and may be seen."""
        source = self.words if source is None else source
        number = self.words.c.id if number is None else number
        return statement.select_from(source.join(self.model, self.model.c.id == number)).where(self.visible)

    def _matching(self, sought: Sought, *columns: Any) -> Select[Any]:
        """The rows that have the words, and may be seen."""
        condition = _matches(self.kind, sought.spelled(self.dialect), self.dialect)
        if self.dialect == "sqlite":
            fts = _fts(self.kind)
            source = fts.join(self.words, self.words.c.id == fts.c.rowid)
            return self._seen(select(fts.c.rowid, *columns), source, fts.c.rowid).where(condition)
        return self._seen(select(self.words.c.id, *columns)).where(condition)

    async def _looked_up(self, look: Any, token: str) -> Any:
        """What the vocabulary says, asked once for all kinds of things."""
        key = (look.__name__, token)
        if key not in self.shared:
            self.shared[key] = await look(self.conn, token)
        return self.shared[key]

    # --- inside words, and ids ------------------------------------------------------------------------------------------

    async def _inside(self, without: Sought | None) -> Sought | None:
        """The same words, each perhaps inside another; None: there are no such words."""
        groups: list[tuple[SearchTerm, ...]] = []
        widened = False
        for term in self.terms:
            inside = await self._looked_up(vocabulary.words_with, term.token)
            begun = term.prefix and len(self.terms) > 1 and len(inside) >= vocabulary.MOST_WORDS
            group = (
                SearchTerm(term.token, prefix=begun),
                *(each for each in inside if each.token != term.token or each.prefix),
            )
            widened = widened or len(group) > 1
            groups.append(group)
        if not widened:
            return None
        return Sought(tuple(groups), without.groups if without else ()).and_one_of(self.marks)

    async def _by_id(self) -> list[int]:
        """What is called exactly this: our own id, MusicBrainz', ISRC, or any outside id as `namespace:value`."""
        typed = self.typed.strip()
        model = self.model.c
        condition: ColumnElement[bool]
        namespace, colon, value = typed.rpartition(":")
        isrc = _ISRC.match(typed.upper())
        if typed.startswith(f"{_PREFIXES[self.kind]}-"):
            try:
                condition = model.id == parse_id(typed, _PREFIXES[self.kind])
            except BadId:
                return []
        elif _MBID.match(typed.lower()) and self.kind in _MUSICBRAINZ:
            condition = _MUSICBRAINZ[self.kind] == typed.lower()
        elif self.kind == "track" and isrc:
            condition = model.id.in_(self._called("isrc", "".join(isrc.groups())))
        elif colon and namespace and value and not any(char.isspace() or char == "\0" for char in typed):
            condition = model.id.in_(self._called(namespace.lower(), value))
        else:
            return []
        statement = select(model.id).select_from(self.model).where(condition, self.visible)
        return await self._ids(statement.order_by(model.id))

    def _called(self, namespace: str, value: str) -> Select[Any]:
        named = select(ExternalIdRow.entity_id).where(
            ExternalIdRow.namespace == namespace, ExternalIdRow.value == value
        )
        return named.where(ExternalIdRow.kind == self.kind)
