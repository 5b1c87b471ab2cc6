"""The rows of one upload, in an SQLite file of the import's own: each track once, and listens in turn.

Their turn is by artist, album and track, and by time only then: what some hundred listens of a few tracks count for is
written once for all of them (measured: 40 % less than in order of time).

It is made anew from the upload wherever it is not there whole (another machine goes on, a crash, an upgrade), always with
the same numbers; so what was brought in already is known by where in the order it stands.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from segue.core.text import fold
from segue.listening.imports.items import Bookmarked, Heard, Item, Listed, Opined, Passed, Thing, Trouble

VERSION = 2
AT_ONCE = 5_000
MOST_PROBLEMS = 1_000
"""Rows that could not be taken and are kept one by one; of more only the number is."""
MOST_AS_SAID = 100_000
"""Things whose words to the letter are remembered, so that they need not be folded again for each listen."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE things (id INTEGER PRIMARY KEY, kind TEXT, title TEXT, artist TEXT, album TEXT, album_artist TEXT,
    duration_ms INTEGER, external_ids TEXT, path TEXT, disc INTEGER, position INTEGER, times INTEGER DEFAULT 0,
    first_ms INTEGER, last_ms INTEGER, whole_ms INTEGER, looked INTEGER DEFAULT 0, track_id INTEGER, length_ms INTEGER,
    sure INTEGER DEFAULT 0, score REAL, method TEXT, reasons TEXT);
CREATE TABLE listens (id INTEGER PRIMARY KEY, at_ms INTEGER, thing INTEGER, person INTEGER, heard_ms INTEGER,
    counted INTEGER, zone_offset INTEGER, client TEXT);
CREATE TABLE turns (turn INTEGER PRIMARY KEY, listen INTEGER);
CREATE TABLE opinions (id INTEGER PRIMARY KEY, thing INTEGER, person INTEGER, starred_ms INTEGER, rating INTEGER,
    rated_ms INTEGER, hated_ms INTEGER, plays INTEGER, last_ms INTEGER);
CREATE TABLE bookmarks (id INTEGER PRIMARY KEY, thing INTEGER, person INTEGER, position_ms INTEGER, comment TEXT);
CREATE TABLE lists (id INTEGER PRIMARY KEY, person INTEGER, name TEXT, comment TEXT, public INTEGER, things TEXT);
CREATE TABLE problems (id INTEGER PRIMARY KEY, member TEXT, line INTEGER, code TEXT, params TEXT);
"""
_INDEXES = """
INSERT INTO turns (listen) SELECT l.id FROM listens l JOIN things t ON t.id = l.thing
    ORDER BY t.artist, t.album, t.id, l.at_ms, l.id;
CREATE INDEX things_by_times ON things (times, id);
"""


@dataclass(slots=True)
class Counts:
    """What the rows of an upload come to."""

    listens: int = 0
    opinions: int = 0
    bookmarks: int = 0
    playlists: int = 0
    things: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class _Known:
    """What the listens of a thing add up to while they are gathered."""

    number: int
    times: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    whole_ms: int | None = None


class Stage:
    """One import's rows. Make it with `gather`, and come back to it with `find`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.conn = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.conn.row_factory = sqlite3.Row
        self.conn.execute("PRAGMA journal_mode = OFF")
        self.conn.execute("PRAGMA synchronous = OFF")

    def close(self) -> None:
        self.conn.close()

    @classmethod
    def find(cls, path: Path) -> Stage | None:
        """The stage at `path`, where there is a whole one."""
        if not path.exists():
            return None
        stage = cls(path)
        try:
            if stage.fact("complete") == str(VERSION):
                return stage
        except sqlite3.Error:
            stage.close()
            return None
        stage.close()
        return None

    @classmethod
    def gather(cls, path: Path, items: Iterable[Item], told: Callable[[int], None]) -> Stage:
        """Write all `items` to a new stage at `path`; `told` hears from time to time how many rows were read, and may
        raise to end it."""
        path.unlink(missing_ok=True)
        stage = cls(path)
        try:
            stage.conn.executescript(_TABLES)
            gathering = _Gathering(stage.conn)
            for rows, item in enumerate(items, 1):
                gathering.take(item)
                if rows % AT_ONCE == 0:
                    gathering.flush()
                    told(rows)
            gathering.finish()
            stage.conn.executescript(_INDEXES)
            stage.set_fact("counts", json.dumps(gathering.counts.as_json()))
            stage.set_fact("complete", str(VERSION))
        except BaseException:
            stage.close()
            path.unlink(missing_ok=True)
            raise
        return stage

    def fact(self, name: str) -> str | None:
        row = self.conn.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        self.conn.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    @property
    def counts(self) -> dict[str, Any]:
        """See Counts."""
        found: dict[str, Any] = json.loads(self.fact("counts") or "{}")
        return found

    def people(self) -> dict[int, str]:
        """Whose listening it is, by number; one without a name is the owner of the upload."""
        return {row[0]: row[1] for row in self.conn.execute("SELECT id, name FROM people ORDER BY id")}

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.conn.execute(statement, values).fetchall()

    def unlooked(self, limit: int) -> list[sqlite3.Row]:
        """Things that have not been looked for in the library."""
        return self.rows("SELECT * FROM things WHERE looked = 0 ORDER BY id LIMIT ?", limit)

    def put_found(self, found: Sequence[tuple[Any, ...]]) -> None:
        """Keep what was found: (track, its length, sure, score, method, reasons as JSON, thing)."""
        self.conn.execute("BEGIN")
        self.conn.executemany(
            "UPDATE things SET looked = 1, track_id = ?, length_ms = ?, sure = ?, score = ?, method = ?, reasons = ? "
            "WHERE id = ?",
            found,
        )
        self.conn.execute("COMMIT")

    def listens_after(self, after: int, limit: int) -> list[sqlite3.Row]:
        """The listens whose turn comes after that one, each with its thing."""
        return self.rows(
            "SELECT n.turn, l.*, t.title, t.artist, t.album, t.album_artist, t.duration_ms, t.external_ids, t.whole_ms, "
            "t.length_ms, CASE WHEN t.sure THEN t.track_id END AS track_id FROM turns n JOIN listens l ON l.id = n.listen "
            "JOIN things t ON t.id = l.thing WHERE n.turn > ? ORDER BY n.turn LIMIT ?",
            after,
            limit,
        )


class _Gathering:
    """Rows on their way into a stage, some thousand at a time."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._known: dict[Any, _Known] = {}
        self._as_said: dict[Thing, _Known] = {}
        self._people: dict[str, int] = {}
        self._things: list[tuple[Any, ...]] = []
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _INSERTS}
        self.counts = Counts()

    def take(self, item: Item) -> None:
        match item:
            case Heard():
                self._heard(item)
            case Opined():
                self.counts.opinions += 1
                known = self._thing(item.thing)
                moments = (ms(item.starred_at), item.rating, ms(item.rated_at), ms(item.hated_at), item.plays)
                self._rows["opinions"].append(
                    (known.number, self._person(item.person), *moments, ms(item.last_played_at))
                )
            case Bookmarked():
                self.counts.bookmarks += 1
                place = (self._thing(item.thing).number, self._person(item.person), item.position_ms, item.comment)
                self._rows["bookmarks"].append(place)
            case Listed():
                self.counts.playlists += 1
                inside = json.dumps([self._thing(thing).number for thing in item.rows])
                self._rows["lists"].append((self._person(item.person), item.name, item.comment, item.public, inside))
            case Trouble():
                self._trouble(item)
            case Passed():
                self.counts.passed[item.what] = self.counts.passed.get(item.what, 0) + 1

    def _heard(self, item: Heard) -> None:
        known = self._thing(item.thing)
        at = (item.at - _EPOCH) // timedelta(milliseconds=1)
        known.times += 1
        known.first_ms = at if known.first_ms is None or at < known.first_ms else known.first_ms
        known.last_ms = at if known.last_ms is None or at > known.last_ms else known.last_ms
        if item.whole and item.heard_ms and item.heard_ms > (known.whole_ms or 0):
            known.whole_ms = item.heard_ms
        self.counts.listens += 1
        self._rows["listens"].append(
            (
                at,
                known.number,
                self._person(item.person),
                item.heard_ms,
                item.counted,
                item.zone_offset_minutes,
                item.client,
            )
        )

    def _thing(self, thing: Thing) -> _Known:
        if (same := self._as_said.get(thing)) is not None:
            return same
        key = (fold(thing.title), fold(thing.artist), fold(thing.album), thing.external_ids, thing.path, thing.kind)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Known(len(self._known) + 1)
            external = json.dumps(dict(thing.external_ids)) if thing.external_ids else None
            self._things.append(
                (known.number, thing.kind, thing.title, thing.artist, thing.album, thing.album_artist, thing.duration_ms,
                 external, thing.path, thing.disc, thing.position)
            )  # fmt: skip
        if len(self._as_said) >= MOST_AS_SAID:
            self._as_said.clear()
        self._as_said[thing] = known
        return known

    def _person(self, name: str) -> int:
        return self._people.setdefault(name, len(self._people) + 1)

    def _trouble(self, item: Trouble) -> None:
        self.counts.problems[item.code] = self.counts.problems.get(item.code, 0) + 1
        if sum(self.counts.problems.values()) <= MOST_PROBLEMS:
            self._rows["problems"].append((item.member, item.line, item.code, json.dumps(item.params, default=str)))

    def flush(self) -> None:
        self._conn.execute("BEGIN")
        self._conn.executemany(_THING, self._things)
        self._things.clear()
        for name, statement in _INSERTS.items():
            if self._rows[name]:
                self._conn.executemany(statement, self._rows[name])
                self._rows[name].clear()
        self._conn.execute("COMMIT")

    def finish(self) -> None:
        self.flush()
        self.counts.things = len(self._known)
        self._conn.execute("BEGIN")
        self._conn.executemany(
            "UPDATE things SET times = ?, first_ms = ?, last_ms = ?, whole_ms = ? WHERE id = ?",
            (
                (known.times, known.first_ms, known.last_ms, known.whole_ms, known.number)
                for known in self._known.values()
                if known.times
            ),
        )
        self._conn.executemany(
            "INSERT INTO people VALUES (?, ?)", ((number, name) for name, number in self._people.items())
        )
        self._conn.execute("COMMIT")


def ms(moment: datetime | None) -> int | None:
    """Milliseconds from 1970 to `moment`."""
    return None if moment is None else (moment - _EPOCH) // timedelta(milliseconds=1)


def moment(value: int | None) -> datetime | None:
    """The inverse of `ms`."""
    return None if value is None else _EPOCH + timedelta(milliseconds=value)


def lists_of(stage: Stage) -> Iterator[tuple[sqlite3.Row, list[int]]]:
    """Each playlist with the numbers of its rows' things."""
    for row in stage.rows("SELECT * FROM lists ORDER BY id"):
        yield row, json.loads(row["things"])


_THING = (
    "INSERT INTO things (id, kind, title, artist, album, album_artist, duration_ms, external_ids, path, disc, position) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERTS = {
    "listens": "INSERT INTO listens (at_ms, thing, person, heard_ms, counted, zone_offset, client) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "opinions": "INSERT INTO opinions (thing, person, starred_ms, rating, rated_ms, hated_ms, plays, last_ms) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "bookmarks": "INSERT INTO bookmarks (thing, person, position_ms, comment) VALUES (?, ?, ?, ?)",
    "lists": "INSERT INTO lists (person, name, comment, public, things) VALUES (?, ?, ?, ?, ?)",
    "problems": "INSERT INTO problems (member, line, code, params) VALUES (?, ?, ?, ?)",
}
