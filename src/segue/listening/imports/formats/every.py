"""From an upload to items: which format each member is in is known by its first rows, whoever named it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from segue.core.plain_text import lines_of
from segue.listening.imports.formats import airsonic, apple, itunes, jellyfin, lastfm, listenbrainz, navidrome, spotify
from segue.listening.imports.formats.reading import Budget, Member, json_values, members, names_in, table
from segue.listening.imports.formats.sqlite_files import BrokenDatabase, opened
from segue.listening.imports.items import Item, Passed, Trouble, Unreadable

ROWS: tuple[Any, ...] = (listenbrainz, spotify, lastfm)
SERVERS: tuple[Any, ...] = (navidrome, jellyfin, airsonic)
SOURCES = (*(each.NAME for each in (*ROWS, apple, itunes)), *(each.NAME for each in SERVERS))
"""Every source that is understood, by name."""
FROM_SERVERS = frozenset(each.NAME for each in SERVERS)
"""Those that hold the listening of several people."""
_ALONE = 50
"""Rows of a member that are looked at before it is said to be no history."""


class Reading:
    """One walk through an upload. `source` is the first format that was recognised, empty until then."""

    def __init__(self, path: Path, name: str, work: Path, budget: Budget | None = None) -> None:
        self._path, self._name, self._work, self._budget = path, name, work, budget
        self._names = apple.Names()
        self.source = ""
        self.bytes_read = 0

    def __iter__(self) -> Iterator[Item]:
        if self._learn():
            self.source = apple.NAME
        with members(self._path, self._name, self._work, self._budget) as found:
            for member in found:
                if isinstance(member, Trouble):
                    yield member
                    continue
                inside = "" if member.path == self._path else member.name
                for item in self._member(member):
                    yield item._replace(member=inside) if isinstance(item, Trouble) else item
                self.bytes_read += member.path.stat().st_size

    def _learn(self) -> bool:
        """Where there is a table of Apple's plays, first learn who plays what."""
        if not any("apple" in name.lower() for name in names_in(self._path, self._name)):
            return False
        has_plays = False
        with members(self._path, self._name, self._work) as found:
            for member in found:
                if isinstance(member, Trouble):
                    continue
                if member.shape == "json":
                    with member.path.open("rb") as file:
                        for _, value in json_values(file):
                            if isinstance(value, Mapping) and apple.knows(value):
                                self._names.learn_library(value)
                elif member.shape == "table":
                    with member.path.open("rb") as file:
                        rows = table(file)
                        head = next((row for _, row in rows if not isinstance(row, Trouble)), [])
                        has_plays = has_plays or apple.knows_table(head)
                        if apple.knows_daily(head):
                            place = head.index("Track Description")
                            for _, row in rows:
                                if not isinstance(row, Trouble) and len(row) > place:
                                    self._names.learn_daily(row[place])
        return has_plays

    def _member(self, member: Member) -> Iterator[Item]:
        match member.shape:
            case "json":
                yield from self._json(member)
            case "table":
                yield from self._table(member)
            case "plist":
                self._is(itunes.NAME)
                with member.path.open("rb") as file:
                    yield from itunes.read(file)
            case "sqlite":
                yield from self._database(member.path, member.name)
            case "script":
                copied = member.path.with_name("script.db")
                airsonic.copy_script(member.path, copied)
                yield from self._database(copied, member.name)
                copied.unlink(missing_ok=True)
            case "rockbox":
                self._is(lastfm.NAME)
                with member.path.open("rb") as file:
                    yield from _placed(lastfm.read_rockbox((line.number, line.text) for line in lines_of(file)))
            case "zip" | "gzip":
                yield Trouble("suspicious", {"name": member.name, "ratio": "many"})
            case _:
                return

    def _json(self, member: Member) -> Iterator[Item]:
        strange = known = 0
        chosen: Any = None
        with member.path.open("rb") as file:
            for line, value in json_values(file):
                if isinstance(value, Trouble):
                    yield value._replace(line=line)
                    continue
                if not isinstance(value, Mapping):
                    strange += 1
                    continue
                if chosen is None or not chosen.knows(value):
                    chosen = next((each for each in ROWS if each.knows(value)), chosen)
                    if chosen is None or not chosen.knows(value):
                        strange += 1
                        if strange >= _ALONE and not known:
                            break
                        continue
                    self._is(chosen.NAME)
                known += 1
                try:
                    yield from chosen.read(value)
                except Unreadable as error:
                    yield Trouble(error.code, error.params, line=line)
        if strange and not known:
            yield from self._strange(member)
        elif strange:
            yield from (Passed("other") for _ in range(strange))

    def _table(self, member: Member) -> Iterator[Item]:
        with member.path.open("rb") as file:
            rows = table(file)
            first = next(rows, None)
            while first is not None and isinstance(first[1], Trouble):
                first = next(rows, None)
            head = first[1] if first is not None and not isinstance(first[1], Trouble) else []
            if first is None or not head:
                yield from self._strange(member)
            elif apple.knows_table(head):
                self._is(apple.NAME)
                yield from _placed(apple.read_table(rows, head, self._names))
            elif lastfm.knows_table(head) and not apple.knows_daily(head):
                self._is(lastfm.NAME)
                yield from _placed(lastfm.read_table(chain([first], rows), head))
            else:
                yield from self._strange(member)

    def _database(self, path: Path, name: str) -> Iterator[Item]:
        try:
            with opened(path) as tables:
                server = next((each for each in SERVERS if each.knows(tables)), None)
                if server is None:
                    yield Trouble("not_understood", {"name": name})
                    return
                self._is(server.NAME)
                yield from server.read(tables)
        except BrokenDatabase as error:
            yield Trouble("database_broken", {"reason": error.reason})

    def _strange(self, member: Member) -> Iterator[Item]:
        """A member that is no history: told where it is the whole upload, only counted beside others."""
        if member.path == self._path:
            yield Trouble("not_understood", {"name": member.name})
        else:
            yield Passed("other")

    def _is(self, name: str) -> None:
        self.source = self.source or name


def _placed(items: Iterator[tuple[int, Item]]) -> Iterator[Item]:
    return (item._replace(line=line) if isinstance(item, Trouble) else item for line, item in items)
