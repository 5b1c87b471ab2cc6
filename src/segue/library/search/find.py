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
    false,
    literal,
    literal_column,
    not_,
    select,
    table,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.ids import BadId, parse_id
from segue.core.text import SearchTerm, search_query, search_tokens
from segue.library.models import Album, Artist, ExternalIdRow, Track
from segue.library.search import tops, vocabulary
from segue.library.search.index import MODELS
from segue.library.search.keys import PLAYED_MARKS, library_mark, title_key
from segue.library.search.tables import TABLES, TOPS, Kind

MOST_TERMS = 24
"""Words of a query that count; nobody types more, and programs shall not make us look for a thousand."""
FEW = 400
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
    terms = terms_of(typed)
    if not terms:
        return true()
    sought = Sought(tuple((term,) for term in terms)).spelled(dialect)
    if dialect == "sqlite":
        fts = _fts(kind)
        return row_id.in_(select(fts.c.rowid).where(_matches(kind, sought, dialect)))
    words = TABLES[kind]
    return row_id.in_(select(words.c.id).where(_matches(kind, sought, dialect)))


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
) -> list[int]:
    """The ids of what was typed, best first; see the head of this module. Needs a word (see `terms_of`).

    `visible` is a condition on the kind's own table; `libraries` are those it is limited to (None: all), which are then
    looked for first and so are found quickly among many that may not be seen.
    """
    finder = _Finder(conn, kind, typed, visible, dialect, libraries)
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
    ) -> None:
        self.conn, self.kind, self.typed, self.visible, self.dialect = conn, kind, typed, visible, dialect
        self.words = TABLES[kind]
        self.model = MODELS[kind].__table__
        self.terms = terms_of(typed)
        self.wanted = title_key(typed)
        self.missing = 0
        self.repeated = 0
        """Rows given that a later part may give again."""
        self.libraries = libraries if kind in ("track", "album") else None
        marks = [] if self.libraries is None else [library_mark(number) for number in sorted(self.libraries)]
        self.with_words = Sought(tuple((term,) for term in self.terms)).and_one_of(marks)
        key = self.words.c.title_key
        self.begins = and_(key >= self.wanted, key < self.wanted + _LAST) if self.wanted else false()

    async def parts(self, wanted: int) -> AsyncIterator[list[int]]:
        """Ids, a part after another, best first; a part may repeat what was in one before."""
        self.missing = wanted
        by_id = await self._by_id()
        self.repeated = len(by_id)
        yield by_id
        short = len(self.wanted) <= tops.LONGEST and len(self.terms) == 1
        few = None if short else await self._few(self.with_words)
        if few is not None:
            begun = await self._begun(FEW + 1)
            if len(begun) <= FEW:
                yield self._ordered({**few, **begun})
            else:
                async for ids in self._many_begin(short):
                    yield ids
                yield self._ordered(few)
        else:
            async for ids in self._many_begin(short):
                yield ids
            async for ids in self._many(self.with_words):
                yield ids
        inside = await self._inside()
        if inside is None:
            return
        few = await self._few(inside)
        if few is not None:
            yield self._ordered(few)
        else:
            async for ids in self._many(inside):
                yield ids

    # --- few: read whole ----------------------------------------------------------------------------------------------

    async def _few(self, sought: Sought) -> dict[int, tuple[str, int]] | None:
        """(title key, plays) by id of all that match and may be seen; None where they are many."""
        statement = self._matching(sought, self.words.c.title_key, self.words.c.plays).limit(FEW + 1)
        rows = (await self.conn.execute(statement)).all()
        return None if len(rows) > FEW else {row[0]: (row[1], row[2]) for row in rows}

    async def _begun(self, limit: int) -> dict[int, tuple[str, int]]:
        columns = (self.words.c.id, self.words.c.title_key, self.words.c.plays)
        statement = self._seen(select(*columns)).where(self.begins).limit(limit)
        return {row[0]: (row[1], row[2]) for row in await self.conn.execute(statement)}

    def _ordered(self, rows: dict[int, tuple[str, int]]) -> list[int]:
        def rank(number: int) -> tuple[int, int, str, int]:
            key, plays = rows[number]
            if self.wanted and key.startswith(self.wanted):
                if key == self.wanted:
                    return 0, -plays, "", number
                return 1, -plays, "" if plays else key, number
            return 2, -plays, "", number

        return sorted(rows, key=rank)

    # --- many: part by part -------------------------------------------------------------------------------------------

    async def _many_begin(self, short: bool) -> AsyncIterator[list[int]]:
        """Exact titles, then those that begin so: the played ones by plays, then the others by title."""
        words = self.words.c
        if not self.wanted:
            return
        exact = self._seen(select(words.id)).where(words.title_key == self.wanted)
        same = await self._ids(exact.order_by(words.plays.desc(), words.id))
        yield same
        self.repeated += len(same) if short else 0
        longer = self._seen(select(words.id)).where(self.begins, words.title_key != self.wanted)
        if short:
            top = await self._ids(self._tops())
            yield top
            self.repeated += len(top)
        else:
            played = longer.where(words.plays > literal_column("0"))
            yield await self._ids(played.order_by(words.plays.desc(), words.id))
            longer = longer.where(words.plays == literal_column("0"))
        yield await self._ids(longer.order_by(words.title_key, words.id))

    def _tops(self) -> Select[Any]:
        here = TOPS.c
        libraries = {0} if self.kind not in ("track", "album") else self.libraries
        statement = self._seen(select(here.id), TOPS, here.id).where(here.kind == self.kind, here.prefix == self.wanted)
        if libraries is not None:
            statement = statement.where(here.library_id.in_(libraries))
        return statement.order_by(here.plays.desc(), here.id)

    async def _many(self, sought: Sought) -> AsyncIterator[list[int]]:
        """All that match, beginning with those played most."""
        for at, marks in enumerate(PLAYED_MARKS):
            statement = self._matching(sought.and_one_of(marks)).where(not_(self.begins))
            number = self._number
            if at + 2 >= len(PLAYED_MARKS):
                yield await self._ids(statement.order_by(number))
            else:
                yield await self._ids(statement.order_by(self.words.c.plays.desc(), number))

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

    # --- inside words, and ids ------------------------------------------------------------------------------------------

    async def _inside(self) -> Sought | None:
        """The same words, each perhaps inside another; without what has them as they are. None: nothing to look for."""
        groups: list[tuple[SearchTerm, ...]] = []
        widened = False
        for term in self.terms:
            inside = await vocabulary.words_with(self.conn, term.token)
            begun = SearchTerm(term.token, prefix=term.prefix or len(term.token) >= vocabulary.SHORTEST)
            groups.append((begun, *(SearchTerm(word) for word in inside if not word.startswith(term.token))))
            widened = widened or len(groups[-1]) > 1 or begun != term
        if not widened:
            return None
        return Sought((*groups, *self.with_words.groups[len(self.terms) :]), self.with_words.groups)

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


def matched(typed: str, texts: Iterable[tuple[str, str]]) -> list[str]:
    """Which of these fields (name, text) hold a word of what was typed, as a whole, its beginning or inside it; each once.

    Those that hold all the words come first and alone.
    """
    terms = terms_of(typed)
    some: dict[str, None] = {}
    whole: dict[str, None] = {}
    for name, text in texts:
        tokens = search_tokens(text)
        met = [any(_is_in(term.token, token) for token in tokens) for term in terms]
        if any(met):
            some[name] = None
        if terms and all(met):
            whole[name] = None
    return list(whole or some)


def _is_in(part: str, token: str) -> bool:
    return token.startswith(part) or (len(part) >= vocabulary.SHORTEST and part in token)
