"""What `in:` asks: whether a track stands in a playlist, which may itself be a smart list, filled with its owner's eyes.

A question is compiled without waiting, so what must be read first is learned before (`Field.learn`): which lists are meant,
and what the smart ones among them ask. A smart list without a limit becomes a part of the statement; one with a limit is
read first.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, any_, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.text import fold
from segue.playlists.errors import PlaylistCycle, TooDeep
from segue.playlists.models import Playlist, PlaylistRow
from segue.playlists.repository import slices, visible_to
from segue.playlists.smart.reading import IN_LIST, Asked, ask, lists_named
from segue.playlists.views import People
from segue.query import And, Entity, Node, Scope, Text
from segue.query.compile import among
from segue.query.page import learn, matching

DEEPEST = 8
"""Levels of smart lists that are filled from smart lists."""
MOST_INSIDE = 50
"""Smart lists that one question may be filled from, over all levels."""
MOST_IDS = 100_000
"""Tracks of a limited list that another is filled from."""


@dataclass(slots=True)
class Learned:
    """What is known of the lists a question names, by the nodes that name them."""

    named: dict[Text, list[int]] = field(default_factory=dict)
    manual: set[int] = field(default_factory=set)
    selects: dict[int, Select[Any]] = field(default_factory=dict)
    """Smart lists as a part of the statement."""
    ids: dict[int, list[int]] = field(default_factory=dict)
    """Smart lists with a limit, as they are read."""


@dataclass(slots=True)
class Way:
    """How a question was come to: the lists it is asked for, outermost first, and how many smart ones were met."""

    path: list[tuple[int, str]] = field(default_factory=list)
    met: list[int] = field(default_factory=lambda: [0])
    inner: bool = False
    """Whether this is a part of another question, and counts there."""

    def afresh(self) -> Way:
        """The same way, for another statement."""
        return self if self.inner else Way(list(self.path))


def member(scope: Scope, node: Node) -> ColumnElement[bool]:
    """The condition that a row stands in one of the lists that `node` names."""
    known = scope.learned.get(IN_LIST) or Learned()
    row_id = scope.row_id
    assert row_id is not None
    numbers, names = lists_named(node)
    wanted = set(numbers).union(*(known.named.get(name, ()) for name in names))
    parts: list[ColumnElement[bool]] = []
    manual = sorted(wanted & known.manual)
    if manual:
        standing = select(PlaylistRow.track_id).where(
            PlaylistRow.playlist_id.in_(manual), PlaylistRow.track_id.is_not(None)
        )
        parts.append(among(row_id, standing, scope))
    for number in sorted(wanted):
        if number in known.selects:
            parts.append(row_id.in_(known.selects[number]))
        elif number in known.ids:
            parts.append(_one_of(row_id, known.ids[number], scope))
    return or_(false(), *parts)


def members(scope: Scope, node: Node) -> Select[Any] | None:
    """The ids of the rows that stand in the one list that `node` names; None where it names several."""
    known = scope.learned.get(IN_LIST) or Learned()
    numbers, names = lists_named(node)
    wanted = set(numbers).union(*(known.named.get(name, ()) for name in names))
    if len(wanted) != 1:
        return None
    (number,) = wanted
    if number in known.manual:
        return select(PlaylistRow.track_id).where(PlaylistRow.playlist_id == number, PlaylistRow.track_id.is_not(None))
    return known.selects.get(number)


def _one_of(row_id: ColumnElement[Any], ids: Sequence[int], scope: Scope) -> ColumnElement[bool]:
    if scope.dialect == "sqlite":
        listed = func.json_each("[" + ",".join(map(str, ids)) + "]").table_valued("value")
        return row_id.in_(select(listed.c.value))
    return row_id == any_(literal(list(ids), ARRAY(BigInteger)))


def learner(people: Callable[[], People]) -> Any:
    """What reads the lists that a question names before it is compiled; see `Field.learn`."""

    async def learn_lists(conn: AsyncConnection, entity: Entity, scope: Scope, nodes: Sequence[Node]) -> None:
        numbers, names = lists_named(And(tuple(nodes)))
        known = Learned()
        scope.learned[IN_LIST] = known
        way: Way = scope.learned.setdefault("way", Way())
        rows = await named_lists(conn, scope.person, numbers, names)
        for name in names:
            known.named[name] = [row.id for row in rows if is_called(row.name, name)]
        for row in rows:
            if row.kind != "smart":
                known.manual.add(row.id)
                continue
            _enter(way, row)
            owner = await _owner(people(), scope, row.owner_id)
            asked = ask(entity, row.query or "", owner, None, scope.dialect, scope.now, f"pl-{row.id}.{row.revision}")
            await _fill(conn, known, row, asked, Way([*way.path, (row.id, row.name)], way.met, inner=True))

    return learn_lists


async def _fill(conn: AsyncConnection, known: Learned, row: Any, asked: Asked, way: Way) -> None:
    from segue.playlists.smart.measure import first_ids

    if not asked.is_whole:
        known.ids[row.id] = await first_ids(conn, asked.on(way), MOST_IDS)
        return
    scope = asked.on(way).scope()
    await learn(conn, asked.question, scope)
    known.selects[row.id] = matching(asked.question, scope).correlate(None)


def _enter(way: Way, row: Any) -> None:
    """Raises PlaylistCycle where a list is met inside itself, TooDeep where there is no end in sight."""
    above = [number for number, _ in way.path]
    if row.id in above:
        circle = [name for _, name in way.path[above.index(row.id) :]]
        raise PlaylistCycle([*circle, circle[0]])
    way.met[0] += 1
    if len(way.path) >= DEEPEST or way.met[0] > MOST_INSIDE:
        raise TooDeep(DEEPEST)


async def _owner(people: People, scope: Scope, owner_id: int) -> Actor:
    known = (await people.actors([owner_id])).get(owner_id)
    return known or Actor(owner_id, "", libraries=None, time_zone=str(scope.zone))


async def named_lists(
    conn: AsyncConnection, person: int, numbers: Collection[int], names: Collection[Text]
) -> list[Any]:
    """The lists with these numbers or names that a person may see."""
    rows: dict[int, Any] = {}
    seen = select(Playlist.__table__).where(visible_to(person))
    for some in slices(numbers):
        rows.update((row.id, row) for row in await conn.execute(seen.where(Playlist.id.in_(some))))
    if names:
        called = select(Playlist.id, Playlist.name).where(visible_to(person))
        wanted = [row.id for row in await conn.execute(called) if any(is_called(row.name, name) for name in names)]
        for some in slices(set(wanted) - set(rows)):
            rows.update((row.id, row) for row in await conn.execute(seen.where(Playlist.id.in_(some))))
    return [rows[number] for number in sorted(rows)]


def is_called(name: str, asked: Text) -> bool:
    """Whether a list's name answers what was asked; case and accents do not count."""
    said, wanted = fold(name), fold(asked.value)
    match asked.mode:
        case "is":
            return said == wanted
        case "starts":
            return said.startswith(wanted)
        case "ends":
            return said.endswith(wanted)
        case "wildcard":
            return re.match(fnmatch.translate(wanted.replace("[", "[[]")), said) is not None
        case _:
            return wanted in said
