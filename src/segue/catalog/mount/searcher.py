"""Searching the two files as they are: what their indexes allow, most popular first, until the time is up.

Artists and albums whose name is, or begins with, what was typed are found at once. Everything else is found by walking from
the most popular row down and comparing names, which over millions of rows ends at the deadline: then what was found so far
is the answer, and it says that it is partial. Names are compared without regard to case in ASCII only, marks count, and a
track is found by its title alone: a snapshot does all of this better.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from segue.catalog.mount.errors import FieldsNeedABuild, MountDamaged
from segue.catalog.records import Kind
from segue.catalog.search.errors import NothingAsked, QueryTooLong, TooManyWords, WrongCursor
from segue.catalog.sources import two_file_rows as layout
from segue.catalog.sources.columns import Indexed, check
from segue.catalog.store import Found, Match

LONGEST = 1_000
"""Characters of a query."""
MOST_WORDS = 32
MOST_BY_NAME = 1_000
"""Names that are, or begin with, what was typed: the first so many of each spelling are looked at."""
STEPS_BETWEEN_LOOKS = 2_000
"""Of SQLite's machine, between two looks at the clock: some tens of microseconds."""
PAGE_CACHE_KIB = 16_384

SEARCHED_BY: Indexed = (
    ("tracks", "popularity"),
    ("albums", "popularity"),
    ("artists", "followers_total"),
    ("albums", "name"),
    ("artists", "name"),
)
_TABLES = {
    "track": ("tracks", "popularity"),
    "album": ("albums", "popularity"),
    "artist": ("artists", "followers_total"),
}
_FIELD = re.compile(r"(?:^|\s)-?(artist|album|track|title|isrc|upc|year|genre|label):", re.IGNORECASE)
_WILDCARD, _ESCAPED = re.compile(r"([%_\\])"), r"\\\1"


class MountSearcher:
    """A Searcher over `main`. For one thread at a time. Raises NotADatabase and WrongSchema."""

    def __init__(self, main: Path) -> None:
        self._path = main
        self._database = layout.opened(main, None, None, cache_kib=PAGE_CACHE_KIB)
        self._database.text_factory = layout.as_far_as_it_is_text
        try:
            check(self._database, "main", main, layout.MAIN_COLUMNS, SEARCHED_BY)
        except BaseException:
            self._database.close()
            raise

    def search(
        self,
        kind: Kind,
        text: str,
        *,
        limit: int = 20,
        after: str | None = None,
        match: Match = "words",
        deadline_s: float = 10.0,
        count: bool = False,
    ) -> Found:
        """Raises BadQuery where `text` cannot be asked. There is never a total: counting would mean to read all names."""
        patterns = _patterns(text, match)
        start = _Place.read(after)
        found: list[int] = []
        partial = False
        last = start
        try:
            with self._until(time.monotonic() + deadline_s):
                named = [] if kind == "track" else self._by_name(kind, text.strip(), patterns)
                known = set(named)
                if start.walked is None:
                    for place in range(start.named, min(len(named), start.named + limit + 1)):
                        found.append(named[place])
                        last = _Place(place + 1) if len(found) <= limit else last
                for rowid, number in self._walk(kind, patterns, start.walked) if len(found) <= limit else ():
                    if rowid in known:
                        continue
                    found.append(rowid)
                    if len(found) > limit:
                        break
                    last = _Place(len(named), (number, rowid))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise MountDamaged(self._path, str(error)) from error
            partial = True
        except sqlite3.DatabaseError as error:
            raise MountDamaged(self._path, str(error)) from error
        more = len(found) > limit or (partial and bool(found))
        return Found(tuple(found[:limit]), partial=partial, next=str(last) if more else None)

    def close(self) -> None:
        self._database.close()

    def _by_name(self, kind: Kind, text: str, patterns: list[str]) -> list[int]:
        """Those called so, then those whose name begins so, each with the most followed or popular first."""
        table, by = _TABLES[kind]
        spellings = list(dict.fromkeys((text, text.lower(), text.upper(), text.title(), text.capitalize())))
        rows = self._database.execute(
            f"SELECT o.rowid, o.name, o.{by} FROM json_each(?) j CROSS JOIN main.{table} o "
            f"ON o.name >= j.value AND o.name < j.value || char(1114111) LIMIT ?",
            (msgspec.json.encode(spellings), MOST_BY_NAME),
        ).fetchall()
        wanted = text.casefold()
        ranked = sorted({(name.casefold() != wanted, -number, rowid) for rowid, name, number in rows})
        return [rowid for _, _, rowid in ranked]

    def _walk(self, kind: Kind, patterns: list[str], behind: tuple[int, int] | None) -> Iterator[tuple[int, int]]:
        """Rowid and popularity (of artists, followers) of those whose name has all patterns, from the top down."""
        table, by = _TABLES[kind]
        names = " AND ".join("name LIKE ? ESCAPE '\\'" for _ in patterns)
        parameters: list[Any] = [*patterns]
        if behind is not None:
            names += f" AND {by} <= ? AND ({by}, rowid) < (?, ?)"
            parameters += [behind[0], *behind]
        question = f"SELECT rowid, {by} FROM main.{table} WHERE {names} ORDER BY {by} DESC, rowid DESC"
        return self._database.execute(question, parameters)

    @contextmanager
    def _until(self, deadline: float) -> Iterator[None]:
        self._database.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_BETWEEN_LOOKS)
        try:
            yield
        finally:
            self._database.set_progress_handler(None, 0)


class _Place(msgspec.Struct, frozen=True):
    """Where a page of hits ended: among those found by name, or behind a row of the walk."""

    named: int = 0
    walked: tuple[int, int] | None = None

    @staticmethod
    def read(text: str | None) -> _Place:
        if text is None:
            return _Place()
        parts = text.split(".")
        if len(parts) not in (1, 3) or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
            raise WrongCursor
        numbers = [int(part) for part in parts]
        return _Place(numbers[0], (numbers[1], numbers[2]) if len(numbers) == 3 else None)

    def __str__(self) -> str:
        return str(self.named) if self.walked is None else f"{self.named}.{self.walked[0]}.{self.walked[1]}"


def _patterns(text: str, match: Match) -> list[str]:
    """For LIKE: one for each word, or for the whole text as it is. What would be a wildcard stands for itself."""
    if len(text) > LONGEST:
        raise QueryTooLong(LONGEST)
    text = text.replace("\0", " ").encode("utf-8", "replace").decode()
    field = _FIELD.search(text)
    if field is not None and match == "words":
        raise FieldsNeedABuild(field[1].lower())
    words = text.split() if match == "words" else [text.strip()]
    words = list(dict.fromkeys(word for word in words if word))
    if not words:
        raise NothingAsked
    if len(words) > MOST_WORDS:
        raise TooManyWords(MOST_WORDS)
    return [f"%{_WILDCARD.sub(_ESCAPED, word)}%" for word in words]
