"""Who is which number, while ws2.db is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from segue.catalog.ws2.layout import TABLE, Entity, mbid_bytes, mbid_text

Json = dict[str, Any]
_REMEMBERED = 300_000
_ASKED_AT_ONCE = 500


def number(database: sqlite3.Connection, entity: Entity) -> int:
    """Gives everything that was staged its number, those most named first, and tells how many there are.

    Releases go by their group, official ones first, then by date: what is paged by number then comes in a sensible order.
    """
    table = TABLE[entity]
    order = "sum(s.weight) DESC, s.mbid"
    join = ""
    if entity == "release":
        join = "LEFT JOIN release_group_id g ON g.mbid = s.in_group"
        order = "ifnull(min(g.n), 9223372036854775807), min(s.unofficial), min(s.date), s.mbid"
    database.execute(f"CREATE TABLE staging.number_{table} (n INTEGER PRIMARY KEY, mbid BLOB)")
    database.execute(
        f"INSERT INTO staging.number_{table} (mbid) SELECT s.mbid FROM staging.said_{table} s {join}"
        f" GROUP BY s.mbid HAVING count(s.body) > 0 ORDER BY {order}"
    )
    database.execute(f"INSERT INTO {table}_id SELECT mbid, n FROM staging.number_{table} ORDER BY mbid")
    (count,) = database.execute(f"SELECT count(*) FROM {table}_id").fetchone()
    database.execute(f"DROP TABLE staging.number_{table}")
    return int(count)


class Numbers:
    """The numbers of MBIDs; asked for many at once, and remembered."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._known: dict[Entity, dict[str, int]] = {entity: {} for entity in TABLE}

    def of(self, entity: Entity, mbid: str) -> int | None:
        return self._known[entity].get(mbid)

    def resolve_all(self, entity: Entity, bodies: Iterable[Json]) -> None:
        """Learns the numbers of everything that these documents name."""
        wanted: dict[Entity, set[str]] = {other: set() for other in TABLE}
        for body in bodies:
            for other, mbid in named(entity, body):
                wanted[other].add(mbid)
        for other, mbids in wanted.items():
            self._learn(other, mbids)

    def _learn(self, entity: Entity, mbids: set[str]) -> None:
        known = self._known[entity]
        if len(known) > _REMEMBERED:
            known.clear()
        missing = [mbid_bytes(mbid) for mbid in mbids if mbid not in known]
        for start in range(0, len(missing), _ASKED_AT_ONCE):
            some = missing[start : start + _ASKED_AT_ONCE]
            rows = self._database.execute(
                f"SELECT mbid, n FROM {TABLE[entity]}_id WHERE mbid IN ({','.join('?' * len(some))})", some
            )
            known.update((mbid_text(mbid), n) for mbid, n in rows)


def named(entity: Entity, body: Json) -> Iterable[tuple[Entity, str]]:
    """Whom a document names by MBID, in lower case."""
    for ref in body.get("artist-credit") or ():
        yield "artist", ref[0]
    for relation in body.get("relations") or ():
        for other in ("artist", "label"):
            if isinstance(relation.get(other), str):
                yield other, relation[other]  # type: ignore[misc]
    if entity != "release":
        return
    for ref in body.get("label-info") or ():
        if ref[1]:
            yield "label", ref[1]
    if "release-group" in body:
        yield "release-group", body["release-group"]
    for mbid in body.get("performers") or ():
        yield "artist", mbid
    for row in rows_of(body.get("contents") or ()):
        if row[5]:
            yield "recording", row[5]
        if len(row) > 6:
            for ref in row[6] or ():
                yield "artist", ref[0]


def rows_of(contents: Sequence[Json]) -> Iterable[list[Any]]:
    """Every track of a release, whatever it is there."""
    for medium in contents:
        yield from medium.get("tracks") or ()
        yield from medium.get("data-tracks") or ()
        if medium.get("pregap"):
            yield medium["pregap"]


def resolve(entity: Entity, body: Json, numbers: Numbers) -> list[str]:
    """Puts numbers in the place of MBIDs, in the document itself; tells the MBIDs of those who are credited."""
    credited = [ref[0] for ref in body.get("artist-credit") or ()]
    for ref in body.get("artist-credit") or ():
        ref[0] = numbers.of("artist", ref[0])
    for relation in body.get("relations") or ():
        for other in ("artist", "label"):
            if isinstance(relation.get(other), str):
                relation[other] = numbers.of(other, relation[other])  # type: ignore[arg-type]
    if entity != "release":
        return credited
    for ref in body.get("label-info") or ():
        if ref[1]:
            ref[1] = numbers.of("label", ref[1])
    if "release-group" in body:
        body["release-group"] = numbers.of("release-group", body["release-group"])
    if "performers" in body:
        body["performers"] = [numbers.of("artist", mbid) for mbid in body["performers"]]
    for row in rows_of(body.get("contents") or ()):
        if row[5]:
            row[5] = numbers.of("recording", row[5])
        if len(row) > 6:
            for ref in row[6] or ():
                ref[0] = numbers.of("artist", ref[0])
    return credited
